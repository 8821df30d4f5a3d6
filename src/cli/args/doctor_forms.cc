// The forms of `doctor` (checks, --sql, --format health, ping), and which options each has.
#include "cli/args/live_options.h"

#include <fmt/format.h>

#include "base/quantities.h"

namespace poolgauge::cli {

namespace {

constexpr unsigned kChecks = 1;
constexpr unsigned kSql = 2;
constexpr unsigned kHealth = 4;
constexpr unsigned kPing = 8;

struct FormName {
  unsigned form;
  const char* name;
};

FormName chosen_form(const DoctorOptions& options) {
  if (options.scenario == "ping") return {kPing, "doctor ping"};
  if (options.format == "health") return {kHealth, "--format health"};
  if (options.sql) return {kSql, "--sql"};
  return {kChecks, "doctor without --format health"};
}

}  // namespace

Status check_form(const DoctorOptions& options) {
  struct Given {
    const char* flag;
    bool given;
    unsigned forms;  ///< that have it
  };
  const FormName form = chosen_form(options);
  const OutputOptions& output = options.output;
  const Given all[] = {{"--sql", options.sql, kSql},
                       {"--format health", options.format == "health", kHealth},
                       {"a scenario", form.form != kPing && !options.scenario.empty(), kChecks},
                       {"--watch", options.watch.has_value(), kChecks},
                       {"--json", !output.json.empty(), kChecks},
                       {"--markdown", !output.markdown.empty(), kChecks},
                       {"--junit", !output.junit.empty(), kChecks},
                       {"--pgbouncer", options.pgbouncer.has_value(), kChecks},
                       {"--only", !options.only.empty(), kChecks | kSql},
                       {"--skip", !options.skip.empty(), kChecks | kSql},
                       {"--strict", options.strict, kChecks | kHealth},
                       {"--application-name", !options.application.empty(), kHealth},
                       {"--pool-size", options.pool_size.has_value(), kChecks | kHealth},
                       {"--max-overflow", options.max_overflow.has_value(), kChecks | kHealth},
                       {"--instances", options.instances.has_value(), kChecks | kHealth},
                       {"--processes", options.processes.has_value(), kChecks | kHealth},
                       {"--surge", options.surge.has_value(), kChecks},
                       {"--cores", options.cores.has_value(), kChecks},
                       {"--memory", options.memory_mib.has_value(), kChecks},
                       {"--shared", options.shared, kChecks},
                       {"--allow-setup", options.allow_setup, kChecks}};
  for (const Given& each : all) {
    if (!each.given || (each.forms & form.form) != 0) continue;
    return usage_error(fmt::format("{} has no effect with {}", each.flag, form.name),
                       "remove one of the two");
  }
  const bool of_scenario = options.shared || options.allow_setup;
  if (form.form == kChecks && of_scenario && options.scenario.empty()) {
    return usage_error(
        fmt::format("{} needs a scenario", options.shared ? "--shared" : "--allow-setup"),
        "give the scenario that you plan to run");
  }
  return success();
}

}  // namespace poolgauge::cli
