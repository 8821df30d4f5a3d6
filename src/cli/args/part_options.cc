// Registration with CLI11.
#include "cli/args/safety_options.h"

#include <CLI/CLI.hpp>

#include "app/part_choice.h"
#include "base/text.h"
#include "cli/args/option_table.h"
#include "cli/args/options.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kParts = "One run on several machines";

}  // namespace

void add_parts(CLI::App& command, app::PartOptions& options) {
  add_parsed<RunPart>(command, kParts, "--part", "K/N",
                      "measure part K of N of the run: a share of its processes, users, "
                      "and\narrivals; auto takes K "
                      "and N from Kubernetes, Slurm, or MPI; auto/N takes only K from there",
                      options.part, [](const std::string& text) {
                        return app::chosen_part(text, process_environment());
                      });
  add_parsed<Duration>(command, kParts, "--join", "TIME",
                       "wait this long for the other parts to join at the database (default: 2m)",
                       options.join, [](const std::string& text) { return parse_duration(text); });
  add_parsed<std::int64_t>(
      command, kParts, "--start-at", "TIME",
      "start all parts at this time, without meeting at the database, for\nexample "
      "2026-01-31T12:00:00Z",
      options.start_at_us, [](const std::string& text) { return app::start_time(text); });
}

Status check_part_options(const app::PartOptions& options) {
  if (!options.part && (options.join || options.start_at_us)) {
    return usage_error(
        std::string(options.join ? "--join" : "--start-at") + " is for runs in parts",
        "add --part K/N, such as --part 1/4");
  }
  if (options.join && options.start_at_us) {
    return usage_error(
        "--join and --start-at exclude each other: with --start-at, the parts "
        "do not wait for each other",
        "use one of them");
  }
  return success();
}

}  // namespace poolgauge::cli
