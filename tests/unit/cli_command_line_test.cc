// What is typed becomes options, or an answer that helps.
#include <catch2/catch.hpp>
#include <sstream>

#include "app/load.h"
#include "base/text.h"
#include "cli/args/command_line.h"

using namespace poolgauge;
using namespace poolgauge::cli;

namespace {

EarlyExit refused(const std::vector<std::string>& arguments) {
  const CommandLine parsed = parse_command_line(arguments);
  REQUIRE(std::holds_alternative<EarlyExit>(parsed));
  EarlyExit early = std::get<EarlyExit>(parsed);
  CHECK(early.code == 2);
  CHECK(early.out.empty());
  return early;
}

RunOptions run_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "run");
  const CommandLine parsed = parse_command_line(arguments);
  if (const auto* early = std::get_if<EarlyExit>(&parsed)) FAIL(early->err);
  return std::get<RunOptions>(parsed);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs overrides(const std::vector<std::string>& arguments,
                const std::vector<std::pair<std::string, std::string>>& variables = {}) {
  const RunOptions options = run_of(arguments);
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    for (const auto& [key, value] : variables) {
      if (key == name) return value;
    }
    return std::nullopt;
  };
  const Result<std::vector<Override>> result = overrides_of(options.flags, environment);
  REQUIRE(result.ok());
  Pairs pairs;
  for (const Override& one : result.value()) pairs.emplace_back(one.key, one.value);
  return pairs;
}

bool mentions(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("every flag of the scenario's keys becomes an override") {
  CHECK(overrides({"s.json", "--users", "7", "--think=1s"}) ==
        Pairs{{"users", "7"}, {"think", "1s"}});
  CHECK(overrides({"s.json", "--pool-size", "5", "--max-overflow", "0", "--pool-timeout", "2s",
                   "--pool-recycle", "-1"}) == Pairs{{"pool:pool_size", "5"},
                                                     {"pool:max_overflow", "0"},
                                                     {"pool:pool_timeout", "2s"},
                                                     {"pool:pool_recycle", "-1"}});
  CHECK(overrides({"s.json", "--users", "-5"}) == Pairs{{"users", "-5"}});
}

TEST_CASE("pre-ping is a switch that can be turned off") {
  CHECK(overrides({"s.json"}).empty());
  CHECK(overrides({"--pre-ping", "s.json"}) == Pairs{{"pool:pre_ping", "true"}});
  CHECK(overrides({"s.json", "--pre-ping=false"}) == Pairs{{"pool:pre_ping", "false"}});
  CHECK(overrides({"s.json", "--pre-ping=true"}) == Pairs{{"pool:pre_ping", "true"}});
  // The scenario's rules judge the value, as they do those of all other flags.
  CHECK(overrides({"s.json", "--pre-ping=maybe"}) == Pairs{{"pool:pre_ping", "maybe"}});
}

TEST_CASE("repeatable flags keep their order, and take one value each") {
  CHECK(overrides({"--slo", "p95(latency) < 1s", "s.json", "--slo", "throughput > 5/s"}) ==
        Pairs{{"slo", "p95(latency) < 1s"}, {"slo", "throughput > 5/s"}});
  CHECK(overrides({"s.json", "--pool-option", "a=1", "--pool-option", "b=x=y"}) ==
        Pairs{{"option:a", "1"}, {"option:b", "x=y"}});
}

TEST_CASE("a pool option without a value is refused") {
  const RunOptions options = run_of({"s.json", "--pool-option", "nonsense"});
  const auto result =
      overrides_of(options.flags, [](const std::string&) { return std::optional<std::string>(); });
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().kind == ErrorKind::usage);
  CHECK(mentions(result.error().message, "--pool-option"));
}

TEST_CASE("the environment comes before the flags") {
  const Pairs variables = {{"POOLGAUGE_USERS", "3"}, {"POOLGAUGE_POOL_SIZE", "9"}};
  CHECK(overrides({"s.json", "--users", "7"}, variables) ==
        Pairs{{"users", "3"}, {"pool:pool_size", "9"}, {"users", "7"}});
}

TEST_CASE("all variables are named after their flags") {
  for (const OverrideName& name : override_names()) {
    std::string expected = "POOLGAUGE_";
    for (const char c : std::string(name.flag).substr(2)) {
      expected += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
    }
    CHECK(name.environment == expected);
  }
}

TEST_CASE("the help lists the commands") {
  const CommandLine help = parse_command_line({"--help"});
  const std::string text = std::get<EarlyExit>(help).out;
  CHECK(mentions(text, "simulate"));
  CHECK(mentions(text, "advise"));
  CHECK(mentions(text, "observe"));
}

TEST_CASE("slips are answered with the nearest name") {
  CHECK(mentions(refused({"rum", "x"}).err, "did you mean \"run\"?"));
  CHECK(mentions(refused({"scenario", "chek"}).err, "did you mean \"check\"?"));
  CHECK(mentions(refused({"run", "x", "--user", "3"}).err, "did you mean \"--users\"?"));
  CHECK(mentions(refused({"run", "x", "--pool_size=3"}).err, "did you mean \"--pool-size\"?"));
  CHECK(mentions(refused({}).err, "no command given"));
  CHECK(mentions(refused({"run"}).err, "SCENARIO"));
  CHECK(mentions(refused({"run", "a", "b"}).err, "unexpected argument \"b\""));
}

TEST_CASE("values of options are checked") {
  CHECK(mentions(refused({"run", "x", "--seed", "-1"}).err, "--seed"));
  CHECK(mentions(refused({"run", "x", "--threads", "0"}).err, "--threads"));
  CHECK(mentions(refused({"run", "x", "--progress", "fancy"}).err, "auto, plain, none"));
  CHECK(mentions(refused({"run", "x", "--target", "host=a", "--embedded"}).err,
                 "cannot be used together"));
  CHECK(mentions(refused({"simulate", "x", "--target", "host=a"}).err, "no database"));
  CHECK(mentions(refused({"simulate", "x", "--embedded"}).err, "no database"));
}

TEST_CASE("every help has an example") {
  const std::vector<std::vector<std::string>> commands = {{},
                                                          {"run"},
                                                          {"simulate"},
                                                          {"report"},
                                                          {"scenario"},
                                                          {"scenario", "list"},
                                                          {"scenario", "show"},
                                                          {"scenario", "check"},
                                                          {"scenario", "schema"}};
  for (std::vector<std::string> arguments : commands) {
    arguments.push_back("--help");
    const CommandLine help = parse_command_line(arguments);
    REQUIRE(std::holds_alternative<EarlyExit>(help));
    CHECK(std::get<EarlyExit>(help).code == 0);
    CHECK(mentions(std::get<EarlyExit>(help).out, "Example:\n  poolgauge "));
  }
}

TEST_CASE("secrets do not survive in what is shown") {
  CHECK_FALSE(mentions(refused({"run", "x", "postgresql://u:hunter2@h/d"}).err, "hunter2"));
  CHECK_FALSE(mentions(refused({"run", "x", "--targt=postgresql://u:hunter2@h/d"}).err, "hunter2"));
  CHECK_FALSE(mentions(refused({"postgresql://u:hunter2@h/d"}).err, "hunter2"));
  const std::string line = reproducible(
      {"run", "x", "--target", "postgresql://u:hunter2@h/d", "--slo", "p95(latency) < 1s"});
  CHECK_FALSE(mentions(line, "hunter2"));
  CHECK(mentions(line, "poolgauge run x --target "));
  CHECK(mentions(line, "'p95(latency) < 1s'"));
  CHECK_FALSE(mentions(reproducible({"run", "--target=host=h password=hunter2"}), "hunter2"));
  CHECK(reproducible({"run", "it's"}) == "poolgauge run 'it'\\''s'");
}

TEST_CASE("help is no wider than 100 columns and says what the defaults are") {
  const auto help = [](const std::string& command) {
    const CommandLine parsed = parse_command_line({command, "--help"});
    REQUIRE(std::holds_alternative<EarlyExit>(parsed));
    const EarlyExit& early = std::get<EarlyExit>(parsed);
    CHECK(early.code == 0);
    std::string text;
    for (const char c : early.out) {  // as one line, for words that the width parts
      if (c != ' ' && c != '\n') text += c;
      if ((c == ' ' || c == '\n') && !text.ends_with(' ')) text += ' ';
    }
    return std::pair(early.out, text);
  };
  for (const char* const command :
       {"run", "advise", "sweep", "simulate", "size", "gate", "compare", "history", "report",
        "merge", "doctor", "observe", "completion", "man"}) {
    std::istringstream lines(help(command).first);
    for (std::string line; std::getline(lines, line);) {
      INFO(command << ": " << line);
      const bool example = line.starts_with("  poolgauge ");
      CHECK((example || display_width(line) <= 100));
    }
  }
  CHECK(mentions(help("sweep").second, "with a range, six points in that range"));
  CHECK(mentions(help("gate").second, "the doubled run needs at least seven pairs"));
  CHECK(mentions(help("simulate").second, "except those in the table of where the time goes"));
  CHECK(mentions(help("simulate").second, "goals on latency and other times are not judged. Add "));
  CHECK(mentions(help("advise").second, "(default: 0; doctor assumes 25%)"));
  CHECK(mentions(help("size").second, "(default: 0; with --profile container and in doctor: 25%)"));
  CHECK(mentions(help("doctor").second, "(default: 25%; size and advise assume 0)"));
  CHECK(mentions(help("observe").second, "2 if an option or a file cannot be used"));
}
