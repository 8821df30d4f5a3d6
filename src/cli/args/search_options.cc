// The flags of `sweep` and `advise`.
#include <CLI/CLI.hpp>
#include <functional>

#include "cli/args/choices.h"
#include "cli/args/options.h"
#include "cli/args/parsed_option.h"
#include "cli/args/size_values.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kSearch = "Search";
constexpr const char* kSweep = "Sweep";

void add_model(CLI::App& command, const char* group, bool& simulated, unsigned& cores,
               CostOptions& costs) {
  command
      .add_flag("--simulated", simulated, "simulate on a virtual clock against a modeled server")
      ->group(group);
  constexpr std::int64_t kMostCores = 4096;
  add_parsed<std::int64_t>(
      command, group, "--cores", "N", "CPU cores of the modeled server (default: 2)", cores,
      [](const std::string& text) { return parse_count(text, 1, kMostCores); });
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
  command
      .add_option("--snippet,--snippets", snippet,
                  "configuration snippet to show, such as hikari or pgx; all shows every "
                  "one\n(default: the "
                  "pool's)")
      ->check(offer(snippets))
      ->type_name("NAME")
      ->group(kSearch);
}

}  // namespace

void add_costs(CLI::App& command, const char* group, CostOptions& costs) {
  const auto store = [&costs](const std::string& text) {
    const Result<double> seconds = parse_positive_seconds(text);
    if (!seconds.ok()) throw CLI::ValidationError("--statement-cost", seconds.error().message);
    costs.statement_cost = from_s(seconds.value());
  };
  CLI::Option* cost = command.add_option_function<std::string>(
      "--statement-cost", store,
      "simulated: CPU time of each statement that has no \"cost\" in the scenario");
  cost->type_name("TIME");
  CLI::Option* calibrate = command.add_flag(
      "--calibrate", costs.calibrate,
      "simulated: first measure statement costs for a few seconds with one user, on\nthe target or "
      "a throwaway PostgreSQL; cached in poolgauge/costs in\nXDG_CACHE_HOME or ~/.cache");
  const auto lags = [&costs](const std::string& text) {
    const Result<double> seconds = parse_positive_seconds(text);
    if (!seconds.ok()) throw CLI::ValidationError("--replica-lag", seconds.error().message);
    costs.replica_lag = from_s(seconds.value());
  };
  CLI::Option* lag = command.add_option_function<std::string>(
      "--replica-lag", lags, "simulated: replication lag of the replica (default: 0)");
  lag->type_name("TIME");
  if (*group == '\0') return;  // CLI11 hides what is in a group without a name
  cost->group(group);
  calibrate->group(group);
  lag->group(group);
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
  command
      .add_option("--over", options.over,
                  "what to vary: pool (connections per process), users, or rate\n(default: pool)")
      ->check(one_of({"pool", "users", "rate"}))
      ->type_name("WHAT")
      ->group(kSweep);
  command
      .add_option(
          "--sizes", options.sizes,
          "values to measure (pool sizes, users, or rates): a range 5..60 or a list\n5,10,20")
      ->type_name("SIZES")
      ->group(kSweep);
  constexpr std::int64_t kMostPoints = 100;
  add_parsed<std::int64_t>(
      command, kSweep, "--points", "N", "number of points, spaced by equal ratios", options.points,
      [](const std::string& text) { return parse_count(text, 1, kMostPoints); });
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
  add_parsed<double>(command, kSearch, "--time-limit", "TIME",
                     "stop after this time and report the best answer so far", options.time_limit_s,
                     [](const std::string& text) { return parse_positive_seconds(text); });
  constexpr double kMostConfidence = 0.99999;
  add_parsed<double>(command, kSearch, "--confidence", "SHARE",
                     "confidence required for goals on rates such as rate(error), for example "
                     "99%;\nadvise then refuses runs that are too short to reach it. Without this "
                     "option, advise\nassumes 95%, and only prints a note if runs are too short",
                     options.confidence,
                     [](const std::string& text) { return parse_fraction(text, kMostConfidence); });
  add_parsed<std::int64_t>(command, kSearch, "--confirmations", "N",
                           "consecutive runs of the chosen size that must meet the goals before it "
                           "counts as\nconfirmed (default: 3)",
                           options.confirmations,
                           [](const std::string& text) { return parse_count(text, 1, 20); });
  constexpr double kMostGrowth = 10;
  add_parsed<double>(
      command, kSearch, "--headroom-load", "SHARE",
      "growth to size for: every run has this much more load than the scenario\n(default: 25%)",
      options.growth, [](const std::string& text) { return parse_fraction(text, kMostGrowth); });
  constexpr double kLeastMemory_mib = 128;
  add_parsed<double>(
      command, kSearch, "--memory", "SIZE",
      "server memory, for example 16GB; recommendations stay within it", options.memory_mib,
      [](const std::string& text) { return parse_memory_mib(text, kLeastMemory_mib); });
  constexpr double kMostHeadroom = 0.9;
  add_parsed<double>(command, kSearch, "--headroom", "SHARE",
                     "share of the server's connections to keep free (default: 10%)",
                     options.headroom,
                     [](const std::string& text) { return parse_fraction(text, kMostHeadroom); });
  constexpr double kMostSurge = 10;
  add_parsed<double>(
      command, kSearch, "--surge", "SHARE",
      "share of extra instances during a rolling deployment (default: 0; doctor\nassumes 25%)",
      options.surge, [](const std::string& text) { return parse_fraction(text, kMostSurge); });
  add_parsed<std::int64_t>(
      command, kSearch, "--budget", "N", "maximum number of connections for the whole fleet",
      options.budget, [&options](const std::string& text) { return parse_budget(text, options); });
  add_snippet_choice(command, options.snippet);
}

}  // namespace poolgauge::cli
