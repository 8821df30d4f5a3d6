// The flags of `observe`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/args/options.h"

namespace poolgauge::cli {

struct ObserveOptions {
  TargetOptions target;
  std::optional<std::string> pgbouncer;  ///< its console; may hold a password
  double for_s = 300;
  double gap_s = 0.01;
  std::optional<std::int64_t> processes;
  std::vector<std::pair<std::string, std::int64_t>> limits;  ///< --group NAME=LIMIT
  std::string profile = "production";
  std::string file;      ///< a recording to report on; empty: a server
  std::string record;    ///< a file to append to while observing; empty: none
  std::string scenario;  ///< a file to write; empty: none
  std::uint64_t seed = 1;
  OutputOptions output;
};

void add_observe(CLI::App& app, ObserveOptions& options);

}  // namespace poolgauge::cli
