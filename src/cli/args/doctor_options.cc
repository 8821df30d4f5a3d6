// Registration with CLI11.
#include "cli/args/live_options.h"

#include <CLI/CLI.hpp>
#include <functional>

#include "base/quantities.h"
#include "cli/args/choices.h"
#include "cli/args/option_table.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kDoctorTarget = "Database";
constexpr const char* kDoctorChecks = "Checks";
constexpr const char* kDoctorFleet = "Deployment to check for";
constexpr const char* kDoctorOutput = "Output";

void add_whole(CLI::App& command, const std::string& flag, std::optional<std::int64_t>& slot,
               std::int64_t low, const char* group, const char* help) {
  constexpr std::int64_t kMost = 100'000;
  add_parsed<std::int64_t>(command, group, flag, "N", help, slot, [low](const std::string& text) {
    return parse_count(text, low, kMost);
  });
}

void add_deployment(CLI::App& command, DoctorOptions& options) {
  add_whole(command, "--instances", options.instances, 1, kDoctorFleet,
            "application instances (default: the scenario's, otherwise 1)");
  add_whole(command, "--processes", options.processes, 1, kDoctorFleet,
            "processes per instance, each with its own pool");
  add_whole(command, "--pool-size", options.pool_size, 0, kDoctorFleet,
            "connections that a pool keeps open");
  add_whole(command, "--max-overflow", options.max_overflow, 0, kDoctorFleet,
            "connections above the pool size");
  add_parsed<double>(command, kDoctorFleet, "--surge", "SHARE",
                     "share of extra instances during a rolling deployment\n(default: 25%; size "
                     "and advise assume 0)",
                     options.surge,
                     [](const std::string& text) { return parse_fraction(text, 10); });
  command
      .add_flag("--shared", options.shared,
                "the load will run with --shared, so other users are no reason to refuse it")
      ->group(kDoctorFleet);
  command
      .add_flag("--allow-setup", options.allow_setup,
                "the load will run with --allow-setup, so data.setup may replace objects")
      ->group(kDoctorFleet);
  add_whole(command, "--cores", options.cores, 1, kDoctorFleet, "CPU cores of the database server");
  add_parsed<double>(command, kDoctorFleet, "--memory", "SIZE",
                     "memory of the database server, for example 16GB", options.memory_mib,
                     [](const std::string& text) { return parse_memory_mib(text, 64); });
}

void add_checks(CLI::App& command, DoctorOptions& options) {
  command
      .add_option("--only", options.only,
                  "run only this check or group of checks, for example B1 or B; repeatable")
      ->allow_extra_args(false)
      ->type_name("ID")
      ->group(kDoctorChecks);
  command.add_option("--skip", options.skip, "skip this check or group of checks; repeatable")
      ->allow_extra_args(false)
      ->type_name("ID")
      ->group(kDoctorChecks);
  command.add_flag("--strict", options.strict, "exit with status 10 if there is a warning")
      ->group(kDoctorChecks);
  add_parsed<Duration>(
      command, kDoctorChecks, "--watch", "TIME",
      "repeat the checks until Ctrl-C, waiting this long after each round", options.watch,
      [](const std::string& text) { return parse_positive_time(text, std::chrono::seconds(1)); });
  command.add_flag("--sql", options.sql, "print the queries of the checks without connecting")
      ->group(kDoctorChecks);
}

void add_health(CLI::App& command, DoctorOptions& options) {
  command
      .add_option("--format", options.format,
                  "text, or health: a small JSON object for load balancers and dashboards")
      ->check(one_of({"text", "health"}))
      ->type_name("FORMAT")
      ->group(kDoctorOutput);
  command
      .add_option("--application-name", options.application,
                  "with --format health: count the sessions with this application_name as the pool")
      ->type_name("NAME")
      ->group(kDoctorOutput);
}

}  // namespace

void add_doctor(CLI::App& app, DoctorOptions& options) {
  CLI::App& command = *app.add_subcommand("doctor", "check a server before loading it");
  command.group("Commands");
  command.footer(
      "doctor changes nothing and causes almost no load: for a few seconds it uses at most two\n"
      "connections at a time and read-only transactions with short timeouts. Checks that the role "
      "has\n"
      "no permission for are reported as unknown, not as passed. Exit status: 0; 3 if a finding "
      "means\n"
      "that the server should not be loaded, or the server cannot be reached; 10 with --strict if\n"
      "there is a warning.\n\n"
      "Example:\n"
      "  poolgauge doctor --target postgresql://app@db.example/app\n"
      "  poolgauge doctor chat-100 --target service=staging --processes 4 --strict\n"
      "  poolgauge doctor ping --target service=staging\n"
      "  poolgauge doctor --format health --application-name web --pool-size 20 --target "
      "service=app\n"
      "  poolgauge doctor --target service=app --pgbouncer 'host=pooler dbname=pgbouncer'");
  command
      .add_option("SCENARIO", options.scenario,
                  "scenario that you plan to run (file or name of a built-in scenario), or the "
                  "word ping\nto measure only one connect and one round trip")
      ->check(offer_scenarios())
      ->type_name("");
  command
      .add_option("--target", options.target.conninfo,
                  "libpq URI or keywords; PG* variables and .pgpass work as in psql;\n"
                  "if none is set, DATABASE_URL is used (Env:POOLGAUGE_TARGET)")
      ->type_name("CONNINFO")
      ->group(kDoctorTarget);
  command
      .add_option("--pgbouncer", options.pgbouncer,
                  "admin console of the PgBouncer in front of the server (database pgbouncer)")
      ->type_name("CONNINFO")
      ->group(kDoctorTarget);
  add_checks(command, options);
  add_deployment(command, options);
  add_requested_files(command, options.output);
  add_health(command, options);
  command
      .add_option("--junit", options.output.junit,
                  "also write JUnit XML with a test case for each check")
      ->type_name("FILE")
      ->group(kDoctorOutput);
  command
      .add_flag("--quiet", options.output.quiet,
                "print no summary; if the exit status is not 0, print one line on\nstandard error "
                "that says why")
      ->group(kDoctorOutput);
  command.add_flag("--no-color", options.output.no_color, "turn off colors (like NO_COLOR)")
      ->group(kDoctorOutput);
}

}  // namespace poolgauge::cli
