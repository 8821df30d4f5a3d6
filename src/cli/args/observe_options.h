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
  std::optional<double> for_given_s, gap_given_s, every_given_s;
  std::optional<std::int64_t> processes;
  std::vector<std::pair<std::string, std::int64_t>> limits;  ///< --group NAME=LIMIT
  std::string profile = "production";
  std::vector<std::string> metrics;  ///< --metrics: files, or URLs
  std::string listen;                ///< --listen: an address with a port; empty: no
  std::string token_file;            ///< --token-file
  std::string file;                  ///< a recording to report on; empty: a server
  std::string record;                ///< a file to append to while observing; empty: none
  std::string scenario;              ///< a file to write; empty: none
  std::uint64_t seed = 1;
  OutputOptions output;

  double for_s() const { return for_given_s.value_or(300); }
  double gap_s() const { return gap_given_s.value_or(0.01); }
  double every_s() const { return every_given_s.value_or(5); }
};

void add_observe(CLI::App& app, ObserveOptions& options);

}  // namespace poolgauge::cli
