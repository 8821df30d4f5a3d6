// Registration with CLI11.
#include "cli/doctor_options.h"

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/choices.h"
#include "cli/size_values.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kDoctorTarget = "Database";
constexpr const char* kDoctorChecks = "Checks";
constexpr const char* kDoctorFleet = "The deployment to judge";
constexpr const char* kDoctorOutput = "Output";

void add_whole(CLI::App& command, const std::string& flag, std::optional<std::int64_t>& slot,
               std::int64_t low, const char* group, const char* help) {
  constexpr std::int64_t kMost = 100'000;
  const auto store = [&slot, flag, low](const std::string& text) {
    const Result<std::int64_t> value = parse_count(text, low, kMost);
    if (!value.ok()) throw CLI::ValidationError(flag, value.error().message);
    slot = value.value();
  };
  command.add_option_function<std::string>(flag, store, help)->type_name("N")->group(group);
}

void add_deployment(CLI::App& command, DoctorOptions& options) {
  add_whole(command, "--instances", options.instances, 1, kDoctorFleet,
            "application instances (default: the scenario's, else 1)");
  add_whole(command, "--processes", options.processes, 1, kDoctorFleet,
            "processes of each instance, each with its own pool");
  add_whole(command, "--pool-size", options.pool_size, 0, kDoctorFleet,
            "connections that a pool keeps");
  add_whole(command, "--max-overflow", options.max_overflow, 0, kDoctorFleet,
            "connections above that");
  const auto surge = [&options](const std::string& text) {
    const Result<double> value = parse_fraction(text, 10);
    if (!value.ok()) throw CLI::ValidationError("--surge", value.error().message);
    options.surge = value.value();
  };
  command
      .add_option_function<std::string>(
          "--surge", surge,
          "instances that start before old ones stop in a deployment\n(default: 25%)")
      ->type_name("SHARE")
      ->group(kDoctorFleet);
  add_whole(command, "--cores", options.cores, 1, kDoctorFleet, "cores of the database server");
  const auto memory = [&options](const std::string& text) {
    const Result<double> value = parse_memory_mib(text, 64);
    if (!value.ok()) throw CLI::ValidationError("--memory", value.error().message);
    options.memory_mib = value.value();
  };
  command.add_option_function<std::string>("--memory", memory, "its memory, for example 16GB")
      ->type_name("SIZE")
      ->group(kDoctorFleet);
}

void add_checks(CLI::App& command, DoctorOptions& options) {
  command
      .add_option("--only", options.only,
                  "only this check or group of checks, for example B1 or B; repeatable")
      ->allow_extra_args(false)
      ->type_name("ID")
      ->group(kDoctorChecks);
  command.add_option("--skip", options.skip, "not this one; repeatable")
      ->allow_extra_args(false)
      ->type_name("ID")
      ->group(kDoctorChecks);
  command.add_flag("--strict", options.strict, "a warning is exit status 10")->group(kDoctorChecks);
  command.add_flag("--sql", options.sql, "print the queries, and connect to nothing")
      ->group(kDoctorChecks);
}

}  // namespace

void add_doctor(CLI::App& app, DoctorOptions& options) {
  CLI::App& command = *app.add_subcommand("doctor", "look at a server before loading it");
  command.group("Commands");
  command.footer(
      "It changes nothing and loads nothing: one connection, read-only transactions, short time\n"
      "limits, a few seconds. What a role may not see is unknown, never fine. Exit status: 0;\n"
      "3 when a finding speaks against a load, or the server cannot be reached; 10 with --strict\n"
      "on a warning.\n\n"
      "Example:\n"
      "  poolgauge doctor --target postgresql://app@db.example/app\n"
      "  poolgauge doctor chat-100 --target service=staging --processes 4 --strict\n"
      "  poolgauge doctor --target service=app --pgbouncer 'host=pooler dbname=pgbouncer'");
  command
      .add_option("SCENARIO", options.scenario,
                  "the load that is planned: a scenario file, or the name of a shipped one")
      ->check(offer_scenarios())
      ->type_name("");
  command
      .add_option("--target", options.target.conninfo,
                  "libpq URI or keywords; PG* variables and .pgpass work as with psql,\n"
                  "then DATABASE_URL (Env:POOLGAUGE_TARGET)")
      ->type_name("CONNINFO")
      ->group(kDoctorTarget);
  command
      .add_option("--pgbouncer", options.pgbouncer,
                  "the admin console of the PgBouncer in front of it (database pgbouncer)")
      ->type_name("CONNINFO")
      ->group(kDoctorTarget);
  add_checks(command, options);
  add_deployment(command, options);
  add_requested_files(command, options.output);
  command.add_option("--junit", options.output.junit, "the same as JUnit XML")
      ->type_name("FILE")
      ->group(kDoctorOutput);
  command
      .add_flag("--quiet", options.output.quiet,
                "print nothing; where the status is not 0, one line on standard error")
      ->group(kDoctorOutput);
  command.add_flag("--no-color", options.output.no_color, "no colours (as does NO_COLOR)")
      ->group(kDoctorOutput);
}

}  // namespace poolgauge::cli
