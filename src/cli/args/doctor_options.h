// The flags of `doctor`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/args/options.h"

namespace poolgauge::cli {

struct DoctorOptions {
  std::string scenario;  ///< empty: the server alone
  TargetOptions target;
  std::optional<std::string> pgbouncer;  ///< its console; may hold a password
  std::vector<std::string> only, skip;   ///< ids or groups
  bool strict = false;                   ///< a warning is status 10
  bool shared = false;                   ///< the load will be made with --shared
  bool allow_setup = false;              ///< the same with --allow-setup
  bool sql = false;                      ///< print the queries instead
  std::string format = "text";           ///< or health
  std::string application;               ///< whose sessions are a pool's, for health
  std::optional<Duration> watch;         ///< look again after this time
  // The deployment, where no scenario says it or another is meant.
  std::optional<std::int64_t> instances, processes, pool_size, max_overflow;
  std::optional<double> surge;
  // The server, which does not tell these.
  std::optional<std::int64_t> cores;
  std::optional<double> memory_mib;
  OutputOptions output;
};

void add_doctor(CLI::App& app, DoctorOptions& options);

}  // namespace poolgauge::cli
