// The options of `scenario` and its actions.
#include <CLI/CLI.hpp>

#include "cli/args/choices.h"
#include "cli/args/option_table.h"
#include "cli/args/options.h"
#include "poolgauge/policies.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kSource = "Source";
constexpr const char* kWritten = "Output";

void add_pgbench_source(CLI::App& command, ImportRequest& wishes) {
  add_value(command, kSource, "--pgbench", wishes.pgbench, "FILE...",
            "pgbench scripts, each optionally with @WEIGHT");
  add_value(command, kSource, "--builtin,-b", wishes.builtins, "NAME...",
            "pgbench's built-in scripts (like pgbench -b): tpcb-like, "
            "simple-update,\nselect-only, each optionally with @WEIGHT");
  add_value(command, kSource, "--protocol,-M", wishes.protocol, "PROTOCOL",
            "protocol for pgbench scripts (like pgbench -M): simple, extended, "
            "prepared\n(default: simple)")
      ->check(one_of({"simple", "extended", "prepared"}));
}

void add_log_source(CLI::App& command, ImportRequest& wishes) {
  add_value(command, kSource, "--csvlog", wishes.csvlog, "FILE",
            "server log, log_destination = csvlog");
  add_value(command, kSource, "--jsonlog", wishes.jsonlog, "FILE",
            "server log, log_destination = jsonlog");
  add_value(command, kSource, "--stderrlog", wishes.stderrlog, "FILE",
            "server log as text, log_destination = stderr");
  add_value(command, kSource, "--log-line-prefix", wishes.log_line_prefix, "PREFIX",
            "for --stderrlog: the server's log_line_prefix (default: detected)");
  add_value(command, kSource, "--encoding", wishes.encoding, "NAME",
            "PostgreSQL's name for the encoding of the log, such as UTF8, LATIN1, "
            "LATIN9,\nWIN1252, or SQL_ASCII (default: detected)");
}

void add_sources(CLI::App& command, ImportRequest& wishes) {
  add_pgbench_source(command, wishes);
  const auto take_statistics = [&wishes](const std::vector<std::string>& files) {
    wishes.pg_stat_statements = true;
    if (!files.empty()) wishes.statistics = files.front();
  };
  command
      .add_option_function<std::vector<std::string>>(
          "--pg-stat-statements", take_statistics,
          "most frequent statements of the target's database, or of a FILE that contains\nthe view "
          "as CSV or as printed by psql")
      ->expected(0, 1)
      ->type_name("[FILE]")
      ->group(kSource);
  add_log_source(command, wishes);
  add_value(command, kSource, "--target", wishes.target, "CONNINFO",
            "for --pg-stat-statements: libpq URI or keywords; PG* variables "
            "and\nDATABASE_URL work, too (Env:POOLGAUGE_TARGET)");
}

void add_import(CLI::App& command, ImportRequest& wishes) {
  constexpr std::uint64_t kMostKinds = 1000;
  add_sources(command, wishes);
  add_value(command, kWritten, "--output", wishes.output, "FILE",
            "scenario file to write (default: standard output)");
  add_value(command, kWritten, "--name", wishes.name, "NAME",
            "name of the scenario (default: the file name)");
  add_value(command, kWritten, "--define,-D", wishes.defines, "NAME=VALUE",
            "variable for pgbench scripts (like pgbench -D)");
  add_value(command, kWritten, "--scale", wishes.scale, "FACTOR",
            "multiply the arrival rate by 0.001 to 1000: 2 is twice as fast (default: 1)")
      ->check(CLI::Range(0.001, 1000.0).description(""));
  add_value(command, kWritten, "--top", wishes.top, "N",
            "number of request kinds to keep (default: 20)")
      ->check(whole_number(1, kMostKinds));
}

void add_new(CLI::App& command, NewWishes& wishes) {
  constexpr const char* kAnswers = "Answers (without any, the questions are asked on the terminal)";
  ScenarioAnswers& answers = wishes.answers;
  add_value(command, kOptions, "FILE", wishes.file, "", "file to write (default: asked for)");
  add_value(command, kAnswers, "--pool", answers.pool, "KIND",
            "pool kind, such as hikari (default: sqlalchemy-async)")
      ->check(offer(pool_kind_names()));
  add_value(command, kAnswers, "--processes", answers.processes, "N",
            "application processes, each with its own pool (default: 1)");
  add_value(command, kAnswers, "--users", answers.users, "N", "virtual users (default: 20)");
  add_value(command, kAnswers, "--rate", answers.rate, "R",
            "arrival rate in requests per second, instead of --users");
  add_value(command, kAnswers, "--think", answers.think, "TIME",
            "think time of a user between two requests (default: 0s)");
  add_list(command, kAnswers, "--statement", answers.statements, "SQL",
           "SQL statement of a request; :name becomes a variable; repeatable");
  add_value(command, kAnswers, "--hold", answers.hold, "TIME",
            "time of other work in each request, with the connection kept");
  add_value(command, kAnswers, "--pause", answers.pause, "TIME",
            "time of other work in each request, with the connection released");
  add_list(command, kAnswers, "--goal,--slo", answers.goals, "GOAL",
           "goal, for example 'p95(latency) < 300ms'; repeatable");
  add_switch(command, kWritten, "--force", wishes.force, "replace FILE if it exists");
}

void add_scenario_file(CLI::App& command, std::string& file) {
  add_value(command, kOptions, "SCENARIO", file, "", "scenario file or name of a built-in scenario")
      ->required()
      ->check(offer_scenarios());
}

}  // namespace

void add_scenario(CLI::App& app, ScenarioOptions& options) {
  CLI::App& group = *app.add_subcommand("scenario", "list, show, check, and create scenarios");
  group.group("Commands");
  group.footer("Example:\n  poolgauge scenario list\n  poolgauge scenario check my-scenario.json");
  group.require_subcommand(1);
  const auto add_action = [&group, &options](const char* name, ScenarioAction action,
                                             const char* help, const char* example) {
    CLI::App& command = *group.add_subcommand(name, help);
    command.group("Actions");
    command.footer(std::string("Example:\n  poolgauge scenario ") + example);
    command.callback([&options, action] { options.action = action; });
    return &command;
  };
  add_action("list", ScenarioAction::list, "list the built-in scenarios and those in ./scenarios",
             "list");
  CLI::App& show = *add_action("show", ScenarioAction::show,
                               "show a scenario as it would run, with flags applied",
                               "show chat-100 --users 50");
  CLI::App& check =
      *add_action("check", ScenarioAction::check,
                  "check a scenario and list everything that is wrong", "check my-scenario.json");
  CLI::App& schema =
      *add_action("schema", ScenarioAction::schema, "print the JSON Schema of scenario files",
                  "schema > scenario.schema.json");
  add_new(
      *add_action("new", ScenarioAction::start, "describe an application and write its scenario",
                  "new my-app.json\n"
                  "  poolgauge scenario new my-app.json --pool hikari --users 50 \\\n"
                  "    --statement 'SELECT 1' --hold 40ms --goal 'p95(latency) < 300ms'"),
      options.start);
  CLI::App& import =
      *add_action("import", ScenarioAction::import,
                  "create a scenario from pgbench scripts, statistics, or a server log",
                  "import --pgbench select.sql@9 update.sql --output mix.json\n"
                  "  poolgauge scenario import --pg-stat-statements --target service=app\n"
                  "  poolgauge scenario import --csvlog postgresql.csv --output replay.json\n"
                  "  poolgauge scenario import --stderrlog postgresql.log --output replay.json");
  add_import(import, options.import);
  add_scenario_file(show, options.scenario);
  add_scenario_file(check, options.scenario);
  add_overrides(show, options.flags);
  schema.add_flag("--report", options.report_schema, "print the JSON Schema of reports instead");
}

}  // namespace poolgauge::cli
