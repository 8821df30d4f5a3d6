// The options of `scenario` and its actions.
#include <CLI/CLI.hpp>

#include "cli/args/choices.h"
#include "cli/args/options.h"
#include "poolgauge/policies.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kSource = "Source";
constexpr const char* kWritten = "Output";

void add_pgbench_source(CLI::App& command, ImportWishes& wishes) {
  command.add_option("--pgbench", wishes.pgbench, "pgbench scripts, each optionally with @WEIGHT")
      ->type_name("FILE...")
      ->group(kSource);
  command
      .add_option("--builtin,-b", wishes.builtins,
                  "pgbench's built-in scripts (like pgbench -b): tpcb-like, "
                  "simple-update,\nselect-only, each optionally with @WEIGHT")
      ->type_name("NAME...")
      ->group(kSource);
  command
      .add_option("--protocol,-M", wishes.protocol,
                  "protocol for pgbench scripts (like pgbench -M): simple, extended, "
                  "prepared\n(default: simple)")
      ->check(one_of({"simple", "extended", "prepared"}))
      ->type_name("PROTOCOL")
      ->group(kSource);
}

void add_log_source(CLI::App& command, ImportWishes& wishes) {
  command.add_option("--csvlog", wishes.csvlog, "server log, log_destination = csvlog")
      ->type_name("FILE")
      ->group(kSource);
  command.add_option("--jsonlog", wishes.jsonlog, "server log, log_destination = jsonlog")
      ->type_name("FILE")
      ->group(kSource);
  command
      .add_option("--stderrlog", wishes.stderrlog, "server log as text, log_destination = stderr")
      ->type_name("FILE")
      ->group(kSource);
  command
      .add_option("--log-line-prefix", wishes.log_line_prefix,
                  "for --stderrlog: the server's log_line_prefix (default: detected)")
      ->type_name("PREFIX")
      ->group(kSource);
  command
      .add_option("--encoding", wishes.encoding,
                  "PostgreSQL's name for the encoding of the log, such as UTF8, LATIN1, "
                  "LATIN9,\nWIN1252, or SQL_ASCII (default: detected)")
      ->type_name("NAME")
      ->group(kSource);
}

void add_sources(CLI::App& command, ImportWishes& wishes) {
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
  command
      .add_option("--target", wishes.target,
                  "for --pg-stat-statements: libpq URI or keywords; PG* variables "
                  "and\nDATABASE_URL work, too (Env:POOLGAUGE_TARGET)")
      ->type_name("CONNINFO")
      ->group(kSource);
}

void add_import(CLI::App& command, ImportWishes& wishes) {
  constexpr std::uint64_t kMostKinds = 1000;
  add_sources(command, wishes);
  command
      .add_option("--output", wishes.output, "scenario file to write (default: standard output)")
      ->type_name("FILE")
      ->group(kWritten);
  command.add_option("--name", wishes.name, "name of the scenario (default: the file name)")
      ->type_name("NAME")
      ->group(kWritten);
  command
      .add_option("--define,-D", wishes.defines, "variable for pgbench scripts (like pgbench -D)")
      ->type_name("NAME=VALUE")
      ->group(kWritten);
  command
      .add_option("--scale", wishes.scale,
                  "multiply the arrival rate by 0.001 to 1000: 2 is twice as fast (default: 1)")
      ->check(CLI::Range(0.001, 1000.0).description(""))
      ->type_name("FACTOR")
      ->group(kWritten);
  command.add_option("--top", wishes.top, "number of request kinds to keep (default: 20)")
      ->check(whole_number(1, kMostKinds))
      ->type_name("N")
      ->group(kWritten);
}

void add_new(CLI::App& command, NewWishes& wishes) {
  constexpr const char* kAnswers = "Answers (without any, the questions are asked on the terminal)";
  ScenarioAnswers& answers = wishes.answers;
  command.add_option("FILE", wishes.file, "file to write (default: asked for)")->type_name("");
  const auto add = [&command](const char* flag, std::string& to, const char* value,
                              const char* help) {
    return command.add_option(flag, to, help)->type_name(value)->group(kAnswers);
  };
  const auto add_list = [&command](const char* flag, std::vector<std::string>& to,
                                   const char* value, const char* help) {
    command.add_option(flag, to, help)->allow_extra_args(false)->type_name(value)->group(kAnswers);
  };
  add("--pool", answers.pool, "KIND", "pool kind, such as hikari (default: sqlalchemy-async)")
      ->check(offer(pool_kind_names()));
  add("--processes", answers.processes, "N",
      "application processes, each with its own pool (default: 1)");
  add("--users", answers.users, "N", "virtual users (default: 20)");
  add("--rate", answers.rate, "R", "arrival rate in requests per second, instead of --users");
  add("--think", answers.think, "TIME", "think time of a user between two requests (default: 0s)");
  add_list("--statement", answers.statements, "SQL",
           "SQL statement of a request; :name becomes a variable; repeatable");
  add("--hold", answers.hold, "TIME",
      "time of other work in each request, with the connection kept");
  add("--pause", answers.pause, "TIME",
      "time of other work in each request, with the connection released");
  add_list("--goal,--slo", answers.goals, "GOAL",
           "goal, for example 'p95(latency) < 300ms'; repeatable");
  command.add_flag("--force", wishes.force, "replace FILE if it exists")->group(kWritten);
}

void add_scenario_file(CLI::App& command, std::string& file) {
  command.add_option("SCENARIO", file, "scenario file or name of a built-in scenario")
      ->required()
      ->check(offer_scenarios())
      ->type_name("");
}

}  // namespace

void add_scenario(CLI::App& app, ScenarioOptions& options) {
  CLI::App& group = *app.add_subcommand("scenario", "list, show, check, and create scenarios");
  group.group("Commands");
  group.footer("Example:\n  poolgauge scenario list\n  poolgauge scenario check my-scenario.json");
  group.require_subcommand(1);
  const auto add = [&group, &options](const char* name, ScenarioAction action, const char* help,
                                      const char* example) {
    CLI::App& command = *group.add_subcommand(name, help);
    command.group("Actions");
    command.footer(std::string("Example:\n  poolgauge scenario ") + example);
    command.callback([&options, action] { options.action = action; });
    return &command;
  };
  add("list", ScenarioAction::list, "list the built-in scenarios and those in ./scenarios", "list");
  CLI::App& show =
      *add("show", ScenarioAction::show, "show a scenario as it would run, with flags applied",
           "show chat-100 --users 50");
  CLI::App& check =
      *add("check", ScenarioAction::check, "check a scenario and list everything that is wrong",
           "check my-scenario.json");
  CLI::App& schema =
      *add("schema", ScenarioAction::schema, "print the JSON Schema of scenario files",
           "schema > scenario.schema.json");
  add_new(*add("new", ScenarioAction::start, "describe an application and write its scenario",
               "new my-app.json\n"
               "  poolgauge scenario new my-app.json --pool hikari --users 50 \\\n"
               "    --statement 'SELECT 1' --hold 40ms --goal 'p95(latency) < 300ms'"),
          options.start);
  CLI::App& import =
      *add("import", ScenarioAction::import,
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
