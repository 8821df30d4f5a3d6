// Parsing the command line, and answering what is wrong with it.
#include "cli/args/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <sstream>

#include "base/text.h"
#include "cli/args/live_options.h"
#include "cli/shell/messages.h"
#include "files/report_set.h"
#include "manual/manual.h"
#include "pg/conninfo/conninfo.h"

namespace poolgauge::cli {

using namespace manual;

namespace {

using Words = std::vector<std::string>;

const Words kCommandWords = {"run",   "advise",  "sweep",    "simulate",   "size",
                             "gate",  "compare", "doctor",   "history",    "report",
                             "merge", "observe", "scenario", "completion", "man"};
const Words kScenarioActions = {"list", "show", "check", "schema", "new", "import"};

bool contains(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string joined(const Words& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

struct Options {
  RunOptions run;
  AdviseOptions advise;
  SweepOptions sweep;
  SimulateOptions simulate;
  SizeOptions size;
  GateOptions gate;
  CompareOptions compare;
  DoctorOptions doctor;
  ObserveOptions observe;
  HistoryOptions history;
  ReportOptions report;
  MergeOptions merge;
  ScenarioOptions scenario;
  CompletionOptions completion;
  ManOptions man;
};

/// The whole command line as CLI11 sees it; `options` receives what was typed.
std::unique_ptr<CLI::App> make_app(Options& options) {
  auto app = std::make_unique<CLI::App>(
      "Load tester and connection pool sizing advisor for PostgreSQL: runs a workload through "
      "the\nconnection pools of your deployment and shows where the time goes.",
      "poolgauge");
  app->get_formatter()->column_width(kHelpColumn);
  app->get_formatter()->label("SUBCOMMAND", "COMMAND");
  app->get_formatter()->label("SUBCOMMANDS", "COMMANDS");
  app->get_formatter()->label("REQUIRED", "");
  app->set_version_flag("--version", "poolgauge " + std::string(tool_version()));
  app->require_subcommand(1);
  app->footer("Example:\n  poolgauge run chat-100\n\nEvery command has its own --help.");
  add_run(*app, options.run);
  add_advise(*app, options.advise);
  add_sweep(*app, options.sweep);
  add_simulate(*app, options.simulate);
  add_size(*app, options.size);
  add_gate(*app, options.gate);
  add_compare(*app, options.compare);
  add_doctor(*app, options.doctor);
  add_observe(*app, options.observe);
  add_history(*app, options.history);
  add_report(*app, options.report);
  add_merge(*app, options.merge);
  add_scenario(*app, options.scenario);
  add_completion(*app, options.completion);
  add_man(*app, options.man);
  return app;
}

EarlyExit mistake(std::string message, std::string hint) {
  return {kExitUsage, "", error_text(usage_error(std::move(message), std::move(hint)))};
}

EarlyExit unknown_word(const std::string& word, const std::string& what, const Words& known) {
  const std::string list = (what == "command" ? "commands: " : "actions: ") + joined(known);
  std::optional<std::string> nearest = nearest_name(word, known);
  if (what == "command" && contains(kScenarioActions, word)) nearest = "scenario " + word;
  const std::string guess = nearest ? "; did you mean \"" + *nearest + "\"?" : "";
  return mistake("unknown " + what + " \"" + shown_word(word) + "\"" + guess, list);
}

/// Words that are not understood here: a later version's, or a slip.
std::optional<EarlyExit> check_word(const std::string& word, const std::string& what,
                                    const Words& known) {
  if (word.empty() || word[0] == '-' || contains(known, word)) return std::nullopt;
  return unknown_word(word, what, known);
}

constexpr std::string_view kFirstSteps =
    "poolgauge: no command given; these four answer most questions:\n"
    "\n"
    "  run      measure how a deployment behaves under load\n"
    "           poolgauge run chat-100\n"
    "  advise   find the smallest pools that meet your goals\n"
    "           poolgauge advise chat-100-before --slo 'p95(latency) < 1s'\n"
    "  size     calculate pool sizes from formulas, without a database\n"
    "           poolgauge size --processes 10 --pool-size 20 --max-connections 100\n"
    "  gate     fail a CI job when performance regresses\n"
    "           poolgauge gate reports/new.json --baseline baselines/\n"
    "\n"
    "  poolgauge scenario new my-app.json   describe your own application\n"
    "  poolgauge --help                     list all commands\n";

std::optional<EarlyExit> check_words(const Words& arguments) {
  if (arguments.empty()) return EarlyExit{kExitUsage, "", std::string(kFirstSteps)};
  if (auto wrong = check_word(arguments[0], "command", kCommandWords)) return wrong;
  if (arguments[0] != "scenario") return std::nullopt;
  if (arguments.size() == 1) {
    return mistake("scenario: no action given", "use one of: " + joined(kScenarioActions) +
                                                    "\nfor example: poolgauge scenario list");
  }
  return check_word(arguments[1], "action of scenario", kScenarioActions);
}

/// The (sub)command that was being parsed.
const CLI::App& innermost(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : innermost(*parsed.front());
}

std::string full_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? "poolgauge" : full_name(*parent) + " " + command.get_name();
}

/// "one SCENARIO", "A, B"; of what is no option.
std::string arguments_of(const CLI::App& command) {
  Words names;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional() && !option->get_group().empty())
      names.push_back(option->get_name());
  }
  if (names.empty()) return "options only";
  return names.size() == 1 ? "one " + names.front() : joined(names);
}

EarlyExit unexpected(const CLI::App& app) {
  const CLI::App& command = innermost(app);
  const Words rest = app.remaining(true);
  const std::string word = rest.empty() ? "" : rest.front().substr(0, rest.front().find('='));
  const std::string hint = full_name(command) + " --help lists its arguments and options";
  if (word.empty() || word[0] != '-') {
    return mistake("unexpected argument \"" + shown_word(rest.empty() ? "" : rest.front()) + "\"",
                   full_name(command) + " takes " + arguments_of(command) +
                       "; put a value with spaces in quotes\n" + hint);
  }
  Words known;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  }
  const std::string elsewhere = option_elsewhere(word);
  std::optional<std::string> nearest = nearest_name(word, known);
  if (contains(known, elsewhere)) nearest = elsewhere;
  const std::string guess = nearest ? "; did you mean \"" + *nearest + "\"?" : "";
  return mistake("unknown option \"" + shown_word(word) + "\"" + guess, hint);
}

/// "--users: 1 required N missing" in our words; empty: it says something else.
std::string missing_value(const CLI::ParseError& error) {
  const std::string_view text = error.what();
  constexpr std::string_view kBefore = " required ";
  constexpr std::string_view kAfter = " missing";
  const std::size_t colon = text.find(": ");
  const std::size_t before = text.find(kBefore);
  if (colon == text.npos || before == text.npos || !text.ends_with(kAfter)) return {};
  const std::string_view value =
      text.substr(before + kBefore.size(), text.size() - kAfter.size() - before - kBefore.size());
  const std::string option(text.substr(0, colon));
  return option + ": the value is missing; write " + option + " " + std::string(value);
}

EarlyExit refused(const CLI::App& app, const CLI::ParseError& error) {
  const std::string hint = full_name(innermost(app)) + " --help lists its arguments and options";
  if (const std::string missing = missing_value(error); !missing.empty()) {
    return mistake(missing, hint);
  }
  const std::string_view what = error.what();
  const bool scenario = what.ends_with("SCENARIO is required");
  const bool required = what.ends_with(" is required");
  return mistake(
      (required ? innermost(app).get_name() + ": " : "") + redacted(error.what()),
      (scenario
           ? "give a scenario file or the name of a built-in scenario (poolgauge scenario list)\n"
           : "") +
          hint);
}

/// What CLI11 threw, as text. Help and version are "errors" with status 0.
EarlyExit early_exit(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    std::ostringstream out;
    std::ostringstream ignored;
    app.exit(error, out, ignored);
    return {0, tidied_help(out.str()), ""};
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return unexpected(app);
  return refused(app, error);
}

std::optional<EarlyExit> check_target(const TargetOptions& target) {
  if (!target.embedded || !target.conninfo) return std::nullopt;
  return mistake("--target and --embedded cannot be used together", "use only one of them");
}

std::optional<EarlyExit> check_costs(const CostOptions& costs, bool simulated) {
  if (costs.calibrate && costs.statement_cost) {
    return mistake("--calibrate and --statement-cost cannot be used together",
                   "use only one of them");
  }
  if (costs.replica_lag && !simulated) {
    return mistake("--replica-lag applies only to simulations; a run sees the replica's real lag",
                   "add --simulated, or remove --replica-lag");
  }
  if (simulated || (!costs.calibrate && !costs.statement_cost)) return std::nullopt;
  return mistake(std::string(costs.calibrate ? "--calibrate" : "--statement-cost") +
                     " applies only to simulations; a run measures the cost of its statements",
                 "add --simulated, or remove the option");
}

/// The same for a command that may also leave the database alone.
std::optional<EarlyExit> check_target(const TargetOptions& target, bool simulated,
                                      const CostOptions& costs) {
  if (simulated && !costs.calibrate && (target.embedded || target.conninfo)) {
    return mistake(
        "--simulated uses no database: --target and --embedded do not apply",
        "remove --simulated or the target, or add --calibrate to measure statement costs there");
  }
  if (auto wrong = check_costs(costs, simulated)) return wrong;
  return check_target(target);
}

std::optional<EarlyExit> check_no_target(const SimulateOptions& simulate) {
  if (auto wrong = check_costs(simulate.costs, true)) return wrong;
  if (simulate.costs.calibrate) return check_target({simulate.target, simulate.embedded, {}});
  if (!simulate.embedded && !simulate.target) return std::nullopt;
  return mistake("simulate uses no database: --target and --embedded do not apply",
                 "use poolgauge run to measure a database, or add --calibrate to measure statement "
                 "costs there");
}

CommandLine chosen(const CLI::App& app, Options options) {
  const std::string name = app.get_subcommands().front()->get_name();
  if (name == "run") {
    if (auto wrong = check_target(options.run.target)) return *wrong;
    return std::move(options.run);
  }
  if (name == "advise") {
    const AdviseOptions& advise = options.advise;
    if (auto wrong = check_target(advise.run.target, advise.simulated, advise.costs)) return *wrong;
    return std::move(options.advise);
  }
  if (name == "sweep") {
    const SweepOptions& sweep = options.sweep;
    if (auto wrong = check_target(sweep.run.target, sweep.simulated, sweep.costs)) return *wrong;
    return std::move(options.sweep);
  }
  if (name == "simulate") {
    if (auto wrong = check_no_target(options.simulate)) return *wrong;
    return std::move(options.simulate);
  }
  if (name == "size") return std::move(options.size);
  if (name == "gate") {
    if (auto wrong = check_costs(options.gate.costs, options.gate.simulated)) return *wrong;
    if (auto wrong = check_target(options.gate.run.target)) return *wrong;
    return std::move(options.gate);
  }
  if (name == "compare") return std::move(options.compare);
  if (name == "doctor") return std::move(options.doctor);
  if (name == "observe") return std::move(options.observe);
  if (name == "history") return std::move(options.history);
  if (name == "report") return std::move(options.report);
  if (name == "merge") return std::move(options.merge);
  if (name == "completion") return std::move(options.completion);
  if (name == "man") return std::move(options.man);
  return std::move(options.scenario);
}

std::string quoted(const std::string& word) {
  const std::string plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@%+";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  if (auto wrong = check_words(arguments)) return *wrong;
  Options options;
  const std::unique_ptr<CLI::App> app = make_app(options);
  try {
    app->parse(Words(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return early_exit(*app, error);
  } catch (const CLI::Error& error) {
    return mistake(redacted(error.what()), "");
  }
  return chosen(*app, std::move(options));
}

CommandEntry program_table() {
  Options options;
  return command_table(*make_app(options));
}

std::string reproducible(const std::vector<std::string>& arguments) {
  std::string line = "poolgauge";
  for (const std::string& argument : arguments) line += " " + quoted(shown_word(argument));
  return line;
}

}  // namespace poolgauge::cli
