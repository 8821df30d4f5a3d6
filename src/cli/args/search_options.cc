// The flags of `sweep` and `advise`.
#include <CLI/CLI.hpp>
#include <functional>

#include "base/quantities.h"
#include "cli/args/choices.h"
#include "cli/args/option_table.h"
#include "cli/args/options.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kSearch = "Search";
constexpr const char* kSweep = "Sweep";

void add_model(CLI::App& command, const char* group, bool& simulated, unsigned& cores,
               CostOptions& costs) {
  add_switch(command, group, "--simulated", simulated,
             "simulate on a virtual clock against a modeled server");
  constexpr std::int64_t kMostCores = 4096;
  add_count(command, group, "--cores", cores, 1, kMostCores,
            "CPU cores of the modeled server (default: 2)");
  add_costs(command, group, costs);
}

/// The search's own budget binds every run, too.
Result<std::int64_t> parse_budget(const std::string& text, AdviseOptions& options) {
  const Result<std::int64_t> count = parse_count(text, 0, kMostBackends);
  if (count.ok()) options.run.safety.budget = count.value();
  return count;
}

void add_snippet_choice(CLI::App& command, std::string& snippet) {
  std::vector<std::string> snippets = snippet_names();
  snippets.emplace_back("all");
  add_value(command, kSearch, "--snippet,--snippets", snippet, "NAME",
            "configuration snippet to show, such as hikari or pgx; all shows every "
            "one\n(default: the "
            "pool's)")
      ->check(offer(snippets));
}

}  // namespace

void add_costs(CLI::App& command, const char* group, CostOptions& costs) {
  const auto time = [](const std::string& text) {
    const Result<double> seconds = parse_positive_seconds(text);
    return seconds.ok() ? Result<Duration>(from_s(seconds.value())) : seconds.error();
  };
  add_parsed<Duration>(command, group, "--statement-cost", "TIME",
                       "simulated: CPU time of each statement that has no \"cost\" in the scenario",
                       costs.statement_cost, time);
  add_switch(command, group, "--calibrate", costs.calibrate,
             "simulated: first measure statement costs for a few seconds with one user, on\nthe "
             "target or a throwaway PostgreSQL; cached in poolgauge/costs in\nXDG_CACHE_HOME or "
             "~/.cache");
  add_parsed<Duration>(command, group, "--replica-lag", "TIME",
                       "simulated: replication lag of the replica (default: 0)", costs.replica_lag,
                       time);
}

void add_sweep(CLI::App& app, SweepOptions& options) {
  CLI::App& command =
      *app.add_subcommand("sweep", "measure a range of pool sizes and show the curve");
  command.group(kCommands);
  command.footer(
      "Each point is a run of --duration. sweep fits several curves to the measured points.\n"
      "Without --sizes, it measures six points around the scenario's own size; with a range, six "
      "points\nin that range. In both cases it then measures at most two more points, where the "
      "curves differ\nmost. With --points or a list, it measures exactly those points.\n\n"
      "Example:\n"
      "  poolgauge sweep chat-100 --sizes 5..60 --duration 5s\n"
      "  poolgauge sweep chat-100 --over users --sizes 10,50,100,200 --simulated");
  add_measuring(command, options.run);
  add_safety_budget(command, options.run.safety);
  add_value(command, kSweep, "--over", options.over, "WHAT",
            "what to vary: pool (connections per process), users, or rate\n(default: pool)")
      ->check(one_of({"pool", "users", "rate"}));
  add_value(command, kSweep, "--sizes", options.sizes, "SIZES",
            "values to measure (pool sizes, users, or rates): a range 5..60 or a list\n5,10,20");
  constexpr std::int64_t kMostPoints = 100;
  add_count(command, kSweep, "--points", options.points, 1, kMostPoints,
            "number of points, spaced by equal ratios");
  add_model(command, kSweep, options.simulated, options.cores, options.costs);
}

void add_advise(CLI::App& app, AdviseOptions& options) {
  CLI::App& command = *app.add_subcommand(
      "advise", "find, explain, and confirm the smallest pool that meets the goals");
  command.group(kCommands);
  command.footer(
      "Every run of the search takes --warmup plus --duration; five to eight runs are typical. "
      "The\ngoals come from the scenario and --slo. Exit status: 0 if a size was confirmed, 10 if "
      "no "
      "size meets\nthe goals, 12 if a size was found but could not be confirmed.\n\n"
      "Example:\n"
      "  poolgauge advise chat-100-before\n"
      "  poolgauge advise chat-100 --slo 'p95(pool_wait) < 50ms' --duration 10s --time-limit 3m");
  add_measuring(command, options.run);
  add_model(command, kSearch, options.simulated, options.cores, options.costs);
  add_seconds(command, kSearch, "--time-limit", options.time_limit_s,
              "stop after this time and report the best answer so far");
  constexpr double kMostConfidence = 0.99999;
  add_share(command, kSearch, "--confidence", options.confidence, kMostConfidence,
            "confidence required for goals on rates such as rate(error), for example "
            "99%;\nadvise then refuses runs that are too short to reach it. Without this "
            "option, advise\nassumes 95%, and only prints a note if runs are too short");
  add_count(command, kSearch, "--confirmations", options.confirmations, 1, 20,
            "consecutive runs of the chosen size that must meet the goals before it "
            "counts as\nconfirmed (default: 3)");
  constexpr double kMostGrowth = 10;
  add_share(command, kSearch, "--headroom-load", options.growth, kMostGrowth,
            "growth to size for: every run has this much more load than the scenario\n(default: "
            "25%)");
  constexpr double kLeastMemory_mib = 128;
  add_memory(command, kSearch, "--memory", options.memory_mib, kLeastMemory_mib,
             "server memory, for example 16GB; recommendations stay within it");
  constexpr double kMostHeadroom = 0.9;
  add_share(command, kSearch, "--headroom", options.headroom, kMostHeadroom,
            "share of the server's connections to keep free (default: 10%)");
  constexpr double kMostSurge = 10;
  add_share(
      command, kSearch, "--surge", options.surge, kMostSurge,
      "share of extra instances during a rolling deployment (default: 0; doctor\nassumes 25%)");
  add_parsed<std::int64_t>(
      command, kSearch, "--budget", "N", "maximum number of connections for the whole fleet",
      options.budget, [&options](const std::string& text) { return parse_budget(text, options); });
  add_snippet_choice(command, options.snippet);
}

}  // namespace poolgauge::cli
