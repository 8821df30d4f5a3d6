// Registration with CLI11.
#include "cli/args/live_options.h"

#include <CLI/CLI.hpp>

#include "base/quantities.h"
#include "base/text.h"
#include "cli/args/choices.h"
#include "cli/args/option_table.h"
#include "poolgauge/sizing.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kWindow = "What to observe";
constexpr const char* kAnswer = "Sizing";
constexpr const char* kObserveOutput = "Output";

void add_limits(CLI::App& command, ObserveOptions& options) {
  const auto store = [&options](const std::vector<std::string>& all) {
    options.limits.clear();
    for (const std::string& text : all) {
      const std::size_t equals = text.rfind('=');
      if (equals == std::string::npos || equals == 0) {
        throw CLI::ValidationError("--group", "expected NAME=LIMIT, found \"" + text + "\"");
      }
      const Result<std::int64_t> limit = parse_count(text.substr(equals + 1), 1, kMostBackends);
      if (!limit.ok()) throw CLI::ValidationError("--group", limit.error().message);
      options.limits.emplace_back(text.substr(0, equals), limit.value());
    }
  };
  command
      .add_option_function<std::vector<std::string>>(
          "--group", store,
          "maximum number of connections of this application name or role,\nsummed over all its "
          "processes; repeatable")
      ->allow_extra_args(false)
      ->type_name("NAME=LIMIT")
      ->group(kAnswer);
}

void add_files(CLI::App& command, ObserveOptions& options) {
  command
      .add_option("--scenario", options.scenario,
                  "also write a scenario that reproduces the observed load, for\nsimulate, "
                  "advise, and run")
      ->type_name("FILE")
      ->group(kObserveOutput);
  command
      .add_option("--record", options.record,
                  "also write the totals of each minute to FILE, which must not exist yet;\n"
                  "poolgauge observe FILE makes a report from it at any time. With --for 2h\n"
                  "or more, a recording is always written, by default to a file in --out")
      ->type_name("FILE")
      ->group(kObserveOutput);
  command
      .add_option("--out", options.output.directory,
                  "directory for recordings without --record (default: reports)")
      ->type_name("DIR")
      ->group(kObserveOutput);
  add_requested_files(command, options.output);
  const auto file = [&command](const char* flag, std::string& path, const char* help) {
    command.add_option(flag, path, help)->type_name("FILE")->group(kObserveOutput);
  };
  file("--html", options.output.html, "also write the report as one HTML page with charts");
  file("--prometheus", options.output.prometheus,
       "also write the report in Prometheus text format");
  file("--csv", options.output.csv, "also write the number of sessions in use over time as CSV");
  command
      .add_flag("--quiet", options.output.quiet,
                "print no summary and no progress; if the exit status is not 0,\nprint one line on "
                "standard error that says why")
      ->group(kObserveOutput);
  command.add_flag("--no-color", options.output.no_color, "turn off colors (like NO_COLOR)")
      ->group(kObserveOutput);
  command
      .add_option("--progress", options.output.progress,
                  "auto, plain (one line every five seconds), or none")
      ->check(one_of({"auto", "plain", "none"}))
      ->type_name("WHEN")
      ->group(kObserveOutput);
}

void add_metrics(CLI::App& command, ObserveOptions& options) {
  command
      .add_option("--metrics", options.metrics,
                  "instead of a server, read the metrics that applications export of\ntheir pools: "
                  "a URL, or files with scrapes of one URL at different\ntimes; repeatable")
      ->allow_extra_args(false)
      ->type_name("URL|FILE")
      ->group(kWindow);
  add_parsed<double>(command, kWindow, "--every", "TIME",
                     "time between two scrapes of --metrics (default: 5s; for files,\nfrom the "
                     "timestamps of their samples, otherwise from when each file was\nlast "
                     "modified)",
                     options.every_given_s, [](const std::string& text) {
                       return parse_positive_seconds(text, std::chrono::milliseconds(100));
                     });
  command
      .add_option("--listen", options.listen,
                  "until stopped, serve /metrics for Prometheus and /health for\nprobes, for "
                  "example on 127.0.0.1:9187; pool sizes are calculated from the\n"
                  "most recent samples; --for sets how far back they go")
      ->type_name("ADDRESS:PORT")
      ->group(kWindow);
  command
      .add_option("--token-file", options.token_file,
                  "file with the token that requests must have (Authorization:\nBearer); needed "
                  "for addresses other than loopback")
      ->type_name("FILE")
      ->group(kWindow);
}

}  // namespace

void add_observe(CLI::App& app, ObserveOptions& options) {
  CLI::App& command =
      *app.add_subcommand("observe", "size pools from a live server, with almost no load on it");
  command.group("Commands");
  command.footer(
      "observe samples the sessions of a server up to ten times a second over one connection and\n"
      "changes nothing. The role needs pg_read_all_stats. Ctrl-C ends it early and reports what\n"
      "was observed so far. Exit status: 0; 2 if an option or a file cannot be used; 3 if the "
      "server\n"
      "cannot be reached or the role lacks the rights; 130 after Ctrl-C.\n\n"
      "Example:\n"
      "  poolgauge observe --target postgresql://watcher@db.example/app\n"
      "  poolgauge observe --target service=app --for 1h --processes 8 --html app.html\n"
      "  poolgauge observe --target service=app --scenario app.json\n"
      "  poolgauge observe --target service=app --for 24h --record day.jsonl\n"
      "  poolgauge observe day.jsonl --profile high-traffic\n"
      "  poolgauge observe --metrics http://app.example:8080/actuator/prometheus --for 10m\n"
      "  poolgauge observe --metrics first.prom --metrics second.prom --every 15s");
  command
      .add_option("FILE", options.file, "recording (--record) to report on, instead of a server")
      ->type_name("");
  command
      .add_option("--target", options.target.conninfo,
                  "libpq URI or keywords; PG* variables and .pgpass work as in psql;\n"
                  "if none is set, DATABASE_URL is used (Env:POOLGAUGE_TARGET)")
      ->type_name("CONNINFO")
      ->group(kWindow);
  command
      .add_option(
          "--pgbouncer", options.pgbouncer,
          "admin console of the PgBouncer in front of the server, to show how\nmany clients wait")
      ->type_name("CONNINFO")
      ->group(kWindow);
  add_metrics(command, options);
  add_parsed<double>(command, kWindow, "--for", "TIME",
                     "how long to observe; cover the busiest hour if you can (default: 5m)",
                     options.for_given_s, [](const std::string& text) {
                       return parse_positive_seconds(text, std::chrono::seconds(1));
                     });
  add_parsed<double>(command, kAnswer, "--gap", "TIME",
                     "a session that has been idle outside a transaction for less than this\n"
                     "also counts as in use, because a request may still hold it; this gives a\n"
                     "second, larger pool size (default: 10ms)",
                     options.gap_given_s,
                     [](const std::string& text) { return parse_positive_seconds(text); });
  add_parsed<std::int64_t>(command, kAnswer, "--processes", "N",
                           "number of application processes, each with its own pool (default: 1)",
                           options.processes,
                           [](const std::string& text) { return parse_count(text, 1, 10'000); });
  command
      .add_option("--profile", options.profile,
                  "sets growth and how many requests may wait: dev, staging, "
                  "production,\nhigh-traffic, or container (default: production)")
      ->check(one_of(size_profiles()))
      ->type_name("NAME")
      ->group(kAnswer);
  add_limits(command, options);
  add_files(command, options);
}

}  // namespace poolgauge::cli
