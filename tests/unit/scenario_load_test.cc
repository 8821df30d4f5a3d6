// Loads in stages and from a file: what is read, and what is refused before anything starts.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "scenario/read/read_spec.h"
#include "scenario_text.h"

using namespace scenario_test;
using namespace std::chrono_literals;

namespace {

const std::string kLoad = R"({ "users": 5, "think": "1s" })";

std::string loaded_with(const std::string& load) {
  return with(kLoad, load);
}
/// The same without a duration of its own.
std::string timeless(const std::string& load) {
  return with("\"duration\": \"20s\",", "", loaded_with(load));
}

template <class Kind>
Kind read(const std::string& load, const std::vector<Override>& overrides = {}) {
  return std::get<Kind>(good(loaded_with(load), overrides).load);
}

/// "POINTER: MESSAGE, found FOUND" of the only mistake.
std::string only(const std::string& text, const std::string& file = "s.json") {
  const auto found = mistakes(text, {}, file);
  for (const Diagnostic& each : found) UNSCOPED_INFO(each.path << ": " << each.message);
  REQUIRE(found.size() == 1);
  return found[0].path + ": " + found[0].message +
         (found[0].found.empty() ? "" : ", found " + found[0].found);
}

Override flag(const std::string& key, const std::string& value) {
  return {"--" + key, key, value};
}

TEST_CASE("stages of users and of a rate") {
  const auto users = read<UserStages>(
      R"({"stages": [{"for": "10s", "users": 50, "ramp": true}, {"for": "1m", "users": 0}],
          "think": "2s"})");
  REQUIRE(users.stages.size() == 2);
  CHECK(users.stages[0].length == 10s);
  CHECK(users.stages[0].level == 50);
  CHECK(users.stages[0].ramp);
  CHECK_FALSE(users.stages[1].ramp);
  CHECK(std::get<FixedDuration>(users.think).value == 2s);
  CHECK(most_users(users) == 50);
  const auto rate = read<RateStages>(
      R"({"stages": [{"for": "10s", "rate": 0.5}, {"for": "1s", "rate": 0}],
          "arrivals": "constant"})");
  CHECK(rate.stages[0].level == 0.5);
  CHECK_FALSE(rate.poisson);
  CHECK_FALSE(most_users(rate));
}

TEST_CASE("stages and replays read back as they are written") {
  for (const char* load :
       {R"({"stages": [{"for": "10s", "users": 5, "ramp": true}], "think": "1s"})",
        R"({"stages": [{"for": "1s", "rate": 2.5}, {"for": "2s", "rate": 0, "ramp": true}]})"}) {
    const Scenario s = good(loaded_with(load));
    CHECK(good(s.resolved_json).resolved_json == s.resolved_json);
    CHECK(s.duration == 20s);
  }
}

TEST_CASE("stages last as long as they last, warm-up included, unless told otherwise") {
  const std::string load = R"({"stages": [{"for": "10s", "rate": 5}, {"for": "20s", "rate": 9}]})";
  CHECK(good(timeless(load)).duration == 30s);
  const std::string warm = with("\"load\"", "\"warmup\": \"4s\", \"load\"", timeless(load));
  CHECK(good(warm).duration == 26s);
  CHECK(good(warm, {flag("warmup", "0s")}).duration == 30s);
  CHECK(good(loaded_with(load)).duration == 20s);
  CHECK(good(timeless(load), {flag("duration", "5s")}).duration == 5s);
  const std::string hot = with("\"load\"", "\"warmup\": \"30s\", \"load\"", timeless(load));
  CHECK(only(hot) ==
        "/load: expected a load that lasts longer than the warm-up (30s), found 30s; use a shorter "
        "warm-up");
}

TEST_CASE("bad stages are refused, each at its place") {
  struct Row {
    const char* load;
    const char* complaint;
  };
  const std::vector<Row> rows{
      {R"({"stages": []})", "/load/stages: expected a list of at least one stage, found []"},
      {R"({"stages": [{"for": "0s", "rate": 5}]})",
       "/load/stages/0/for: expected a duration above zero, found \"0s\""},
      {R"({"stages": [{"rate": 5}]})",
       "/load/stages/0/for: missing; expected how long the stage lasts"},
      {R"({"stages": [{"for": "1s"}]})",
       "/load/stages/0/users: missing; expected users (0 for no load), or rate"},
      {R"({"stages": [{"for": "1s", "users": 2.5}]})",
       "/load/stages/0/users: expected a whole number from 0 to 1000000, found 2.5"},
      {R"({"stages": [{"for": "1s", "rate": 1}, {"for": "1s", "rate": -1}]})",
       "/load/stages/1/rate: expected 0, or a number from 0.001 to 1000000, found -1"},
      {R"({"stages": [{"for": "1s", "rate": 1e7}]})",
       "/load/stages/0/rate: expected 0, or a number from 0.001 to 1000000 (higher rates cannot be "
       "timed accurately), found 10000000.0"},
      {R"({"stages": [{"for": "1s", "users": 0}, {"for": "1s", "users": 0}]})",
       "/load/stages: expected at least one stage above zero"},
      {R"({"stages": [{"for": "300d", "rate": 1}, {"for": "66d", "rate": 1}]})",
       "/load/stages/1: expected stages that last at most 365d in total"},
      {R"({"stages": [{"for": "1s", "rate": 1}], "think": "1s"})",
       "/load/think: think applies only to a load with users"},
      {R"({"stages": [{"for": "1s", "users": 1}], "arrivals": "constant"})",
       "/load/arrivals: arrivals applies only to a load with a rate"},
      {R"({"stages": [{"for": "1s", "users": 1}], "speed": 2})",
       "/load/speed: speed applies only to a replayed load"},
      {R"({"rate": 1e7})",
       "/load/rate: expected a number from 0.001 to 1000000 (higher rates cannot be timed "
       "accurately), found "
       "10000000.0"},
      {R"({"rate": 5, "users": 5})",
       "/load: expected exactly one of users, rate, burst, stages, or replay"},
      {R"({})", "/load: expected one of users, rate, burst, stages, or replay in the load"},
  };
  for (const Row& row : rows) CHECK(only(loaded_with(row.load)) == row.complaint);
  const auto mixed =
      mistakes(loaded_with(R"({"stages": [{"for": "1s", "users": 1}, {"for": "1s", "rate": 1}]})"));
  REQUIRE(mixed.size() == 2);
  CHECK(mixed[0].path == "/load/stages/1/users");
  CHECK(mixed[1].message == "the first stage has users, and all stages must use the same key");
}

const std::vector<std::string> kRequests{"chat", "search"};

/// The times in milliseconds and the requests, or the complaint.
std::string arrivals(std::string_view text, double speed = 1) {
  const auto result = read_arrivals(text, speed, kRequests);
  if (!result.ok()) return result.error().message;
  std::string all;
  for (const ReplayLoad::Arrival& arrival : result.value()) {
    all += std::to_string(arrival.at / 1ms);
    if (arrival.request != kAnyRequest) all += kRequests.at(arrival.request);
    all += ' ';
  }
  return all;
}

TEST_CASE("arrivals from a file") {
  CHECK(arrivals("0\n0.5\n0.5\n2\n") == "0 500 500 2000 ");
  CHECK(arrivals("0.25,chat\r\n 1e0 , search\r\n3,\r\n") == "250chat 1000search 3000 ");
  CHECK(arrivals("at\n1\n2") == "1000 2000 ");
  CHECK(arrivals("\xEF\xBB\xBFuser,request,arrival_s\nx,search,1\ny,,2\n") == "1000search 2000 ");
  CHECK(arrivals("0\n\n10\n", 2.5) == "0 4000 ");
}

TEST_CASE("a file that is no schedule is refused with its line") {
  struct Row {
    const char* text;
    const char* complaint;
  };
  const std::vector<Row> rows{
      {"", "the file contains no arrivals"},
      {"at,request\n", "the file contains no arrivals"},
      {"0\n2\n1\n",
       "line 3: expected a time that is not before the previous arrival (2 s); found \"1\"; sort "
       "the file by time"},
      {"0\nsoon\n", "line 2: expected seconds since the start of the load, found \"soon\""},
      {"0\n-1\n", "line 2: expected seconds since the start of the load, found \"-1\""},
      {"0\nnan\n", "line 2: expected seconds since the start of the load, found \"nan\""},
      {"0\n1,chat\n", "line 2: expected 1 columns, found 2"},
      {"0,1,2\n",
       "line 1: expected seconds and optionally the name of a request, or a header line with the "
       "columns \"at\" and \"request\"; found 3 columns"},
      {"time\n1\n",
       "line 1: expected seconds since the start of the load, or a header line that has a "
       "column \"at\" or \"arrival_s\"; found \"time\""},
      {"0,chat\n1,serch\n",
       "line 2: unknown request \"serch\"; did you mean \"search\"? The scenario's requests are "
       "chat or search"},
      {"0\n\"1\n", "line 2: a quoted field is not closed"},
      {"1790000000\n",
       "line 1: expected seconds since the start of the load, at most 365 days; found "
       "\"1790000000\"; subtract the time of the first arrival"},
  };
  for (const Row& row : rows) CHECK(arrivals(row.text) == row.complaint);
}

TEST_CASE("a replay lies beside the scenario") {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("poolgauge-load-test." + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::string file = (folder / "s.json").string();
  std::ofstream(folder / "a.csv") << "0,chat\n1.5\n4.2\n";
  std::ofstream(folder / "good.csv") << "0,chat\n1.5,\n4.2,\n";
  const Scenario s = good(timeless(R"({"replay": "good.csv", "speed": 2})"), {}, file);
  const auto& load = std::get<ReplayLoad>(s.load);
  REQUIRE(load.arrivals->size() == 3);
  CHECK((*load.arrivals)[2].at == 2100ms);
  CHECK((*load.arrivals)[0].request == 0);
  CHECK(s.duration == 3s);  // to the full second after the last
  CHECK(good(s.resolved_json, {}, file).resolved_json == s.resolved_json);
  CHECK(only(loaded_with(R"({"replay": "a.csv"})"), file) ==
        "/load/replay: \"a.csv\": line 2: expected 2 columns, found 1");
  CHECK(only(loaded_with(R"({"replay": "none.csv"})"), file) ==
        "/load/replay: cannot read \"none.csv\": no such file");
  CHECK(only(loaded_with(R"({"replay": "good.csv", "speed": 0})"), file) ==
        "/load/speed: expected a number from 1e-06 to 1000000, found 0");
  std::filesystem::remove_all(folder);
}

TEST_CASE("stages that replace a load bring their length with them, unless another is given") {
  const auto duration = [](const std::vector<Override>& overrides) {
    const ScenarioResult read = parse_scenario(loaded_with(kLoad), "s.json", overrides);
    REQUIRE(std::holds_alternative<Scenario>(read));
    return std::get<Scenario>(read).duration + std::get<Scenario>(read).warmup;
  };
  const Override stages =
      flag("stages", R"([{"for": "50s", "users": 7}, {"for": "7s", "users": 9}])");
  CHECK(duration({stages}) == 57s);
  CHECK(duration({stages, flag("duration", "9s")}) != 57s);
}

TEST_CASE("two kinds of load are one too many") {
  const Override rate{"--rate", "rate", "10"}, users{"--users", "users", "5"};
  CHECK(complaint(kValid, {users, rate}) ==
        "--rate\n  cannot be used together with --users; use only one of them\n");
  CHECK(complaint(kValid, {{"--burst", "burst", "5"}, users}) ==
        "--users\n  cannot be used together with --burst; use only one of them\n");
  // A flag replaces what a variable says.
  CHECK(read<OpenLoad>(kLoad, {{"POOLGAUGE_USERS", "users", "5"}, rate}).rate_per_s == 10);
}

TEST_CASE("stages as flags") {
  const auto rate = read<RateStages>(kLoad, {flag("stages", R"([{"for": "5s", "rate": 7}])")});
  CHECK(rate.stages[0].level == 7);
  const std::string stages = R"({"stages": [{"for": "5s", "users": 7}]})";
  CHECK(std::get<FixedDuration>(read<UserStages>(stages, {flag("think", "3s")}).think).value == 3s);
  CHECK(read<ClosedLoad>(stages, {flag("users", "3")}).users == 3);
  CHECK(complaint(loaded_with(stages), {flag("arrivals", "constant")}).find("--arrivals\n") == 0);
  CHECK(complaint(kValid, {flag("stages", "many")}) ==
        "--stages\n  expected a list of at least one stage, found \"many\"\n");
  CHECK(complaint(kValid, {flag("stages", R"([{"for": "5s", "users": 7)")})
            .find("--stages\n  not valid JSON; expected a list such as") == 0);
  CHECK(complaint(kValid, {flag("stages", R"([{"for": "5s", "usrs": 7}])")}) ==
        "--stages: /0/usrs\n  unknown key; did you mean \"users\"?\n");
  CHECK(complaint(kValid, {flag("speed", "2")}).find("--speed\n  applies only to a replay") == 0);
}

}  // namespace
