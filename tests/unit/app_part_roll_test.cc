// Which part this is, and what parts decide when they look at each other.
#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <vector>

#include "app/part_choice.h"
#include "app/part_roll.h"

using namespace poolgauge;
using namespace poolgauge::app;
using namespace std::chrono_literals;

namespace {

using Variables = std::map<std::string, std::string>;

Result<RunPart> chosen(const std::string& text, const Variables& variables = {}) {
  return chosen_part(text, [variables](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::optional<std::string>() : found->second;
  });
}

constexpr RunPrint kPrint{0x1a2b3c4d, 0x5e6f, 0x7a8b};

PartSeen seen(std::uint32_t number, PartStage stage, RunPrint print = kPrint) {
  return {RunPart{number - 1, 3}, print, stage,
          stage == PartStage::start ? 1'700'000'000'000'001 : 0};
}

PartRoll roll_of(std::uint32_t number) {
  return {RunPart{number - 1, 3}, kPrint, 2min};
}

using What = PartTurn::What;
using Told = PartStage;

}  // namespace

TEST_CASE("a part is K/N, or what the launcher set", "[parts]") {
  CHECK(chosen("2/4").value() == RunPart{1, 4});
  CHECK(chosen("1/1").value() == RunPart{0, 1});
  CHECK(chosen("auto", {{"JOB_COMPLETION_INDEX", "0"}, {"JOB_COMPLETIONS", "3"}}).value() ==
        RunPart{0, 3});
  CHECK(chosen("auto/5", {{"JOB_COMPLETION_INDEX", "4"}}).value() == RunPart{4, 5});
  CHECK(chosen("auto", {{"SLURM_PROCID", "7"}, {"SLURM_NTASKS", "8"}}).value() == RunPart{7, 8});
  CHECK(chosen("auto", {{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "2"}}).value() ==
        RunPart{1, 2});
  CHECK(chosen("auto", {{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}}).value() == RunPart{1, 2});
}

TEST_CASE("what is no part is refused with what was expected", "[parts]") {
  const auto refusal = [](const std::string& text, const Variables& variables = {}) {
    const Result<RunPart> part = chosen(text, variables);
    return part.ok() ? std::string("accepted") : part.error().message;
  };
  CHECK(refusal("0/3") == "expected a part from 1/3 to 3/3, found \"0/3\"");
  CHECK(refusal("4/3") == "expected a part from 1/3 to 3/3, found \"4/3\"");
  CHECK(refusal("1/0") == "expected 1 to 1000 parts, found \"1/0\"");
  CHECK(refusal("1/1001") == "expected 1 to 1000 parts, found \"1/1001\"");
  for (const char* text : {"", "3", "1/", "/3", "a/3", "1/b", "-1/3", "1/3/5", "1 /3", "auto/x"}) {
    CHECK(refusal(text) ==
          "expected K/N such as 2/4, auto, or auto/N, found \"" + std::string(text) + "\"");
  }
  CHECK(refusal("auto").starts_with("auto found none of JOB_COMPLETION_INDEX, SLURM_PROCID"));
  CHECK(refusal("auto", {{"SLURM_PROCID", "1"}}) ==
        "SLURM_PROCID is set, but SLURM_NTASKS is not: set it, or use auto/N");
  CHECK(refusal("auto/3", {{"JOB_COMPLETION_INDEX", "3"}}) ==
        "expected a part from 1/3 to 3/3, found \"JOB_COMPLETION_INDEX=3\"");
  CHECK(refusal("auto", {{"PMI_RANK", "x"}, {"PMI_SIZE", "2"}}) ==
        "expected whole numbers from 0, found PMI_RANK=x, PMI_SIZE=2");
}

TEST_CASE("the time of --start-at is UTC, to the microsecond", "[parts]") {
  CHECK(start_time("2026-01-31T12:00:00Z").value() == 1769860800000000);
  CHECK(start_time("2026-01-31T12:00:00.25Z").value() == 1769860800250000);
  CHECK(start_text(1769860800250001) == "2026-01-31T12:00:00.250001Z");
  for (const char* text : {"", "noon", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z",
                           "2026-02-30T12:00:00Z", "2026-01-31T25:00:00Z", "2026-01-31T12:00:00.Z",
                           "2026-01-31T12:00:00.1234567Z", "1960-01-31T12:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(start_time(text).ok());
  }
}

TEST_CASE("a part has at least one process, and a warm-up that all know", "[parts]") {
  Scenario scenario;
  scenario.deployment.instances = 2;
  scenario.deployment.processes = 2;
  CHECK(app::check_parts(scenario, RunPart{3, 4}).ok());
  const Status many = app::check_parts(scenario, RunPart{0, 5});
  REQUIRE_FALSE(many.ok());
  CHECK(many.error().message ==
        "5 parts need at least 5 processes, but the deployment has 4: a process and its pools run "
        "on one machine");
  scenario.warmup_auto = true;
  CHECK_FALSE(app::check_parts(scenario, RunPart{0, 4}).ok());
}

TEST_CASE("a part's name tells all about it in PostgreSQL's 63 characters", "[parts]") {
  for (const Told stage : {Told::here, Told::ready, Told::start, Told::stopped, Told::done}) {
    const PartSeen one{RunPart{999, 1000}, kPrint, stage,
                       stage == Told::start ? 1'764'530'000'123'456 : 0};
    const std::string name = part_name(one);
    CAPTURE(name);
    CHECK(name.size() <= 63);
    const auto back = part_seen(name);
    REQUIRE(back);
    CHECK(back->part == one.part);
    CHECK(back->print == one.print);
    CHECK(back->stage == stage);
    CHECK(back->start_us == one.start_us);
  }
  for (const char* name : {"", "psql", "poolgauge-part ", "poolgauge-part 4/3 1-2-3 here",
                           "poolgauge-part 0/3 1-2-3 here", "poolgauge-part 1/3 1-2-3 gone",
                           "poolgauge-part 1/3 1-2-3 at", "poolgauge-part 1/3 1-2-3 at 5x",
                           "poolgauge-part 1/3 1-2-fffff here"}) {
    CAPTURE(name);
    CHECK_FALSE(part_seen(name));
  }
}

TEST_CASE("the others wait until the leading part has set up, as long as it is there", "[parts]") {
  PartRoll roll = roll_of(2);
  CHECK(roll.await_setup(1s, {seen(2, Told::here)}).what == What::wait);
  CHECK(roll.await_setup(10min, {seen(1, Told::here), seen(2, Told::here)}).what == What::wait);
  CHECK(roll.await_setup(10min, {seen(1, Told::ready), seen(2, Told::here)}).what == What::go);
  PartRoll alone = roll_of(2);
  const PartTurn late = alone.await_setup(2min, {seen(2, Told::here)});
  REQUIRE(late.what == What::refuse);
  CHECK(late.error.message == "parts 1, 3 of 3 did not join within 2m");
  CHECK(late.error.kind == ErrorKind::target);
}

TEST_CASE("the leading part starts when all are ready, the others when it says so", "[parts]") {
  PartRoll first = roll_of(1);
  const std::vector<PartSeen> two{seen(1, Told::ready), seen(2, Told::ready)};
  CHECK(first.await_start(1s, two).what == What::wait);
  CHECK(first.await_start(1s, {two[0], two[1], seen(3, Told::here)}).what == What::wait);
  CHECK(first.await_start(1s, {two[0], two[1], seen(3, Told::ready)}).what == What::go);
  const PartTurn late = roll_of(1).await_start(2min, two);
  REQUIRE(late.what == What::refuse);
  CHECK(late.error.message == "part 3 of 3 did not join within 2m");

  PartRoll third = roll_of(3);
  CHECK(third.await_start(1s, {two[0], two[1], seen(3, Told::ready)}).what == What::wait);
  const PartTurn go = third.await_start(1s, {seen(1, Told::start), two[1], seen(3, Told::ready)});
  CHECK(go.what == What::go);
  CHECK(go.start_us == 1'700'000'000'000'001);
}

TEST_CASE("who is there under another scenario, seed, or version is no part of the run",
          "[parts]") {
  const auto refusal = [](RunPart leader, RunPrint print) {
    const PartTurn turn =
        roll_of(2).await_setup(1s, {{leader, print, Told::here, 0}, seen(2, Told::here)});
    return turn.what == What::refuse ? turn.error.message : std::string("accepted");
  };
  const std::string start = "part 2 of 3 does not belong to the run of part 1: ";
  CHECK(refusal({0, 3}, kPrint) == "accepted");
  CHECK(refusal({0, 4}, kPrint) == start + "it is part 1 of 4");
  CHECK(refusal({0, 3}, {1, kPrint.seed, kPrint.version}) ==
        start + "it has another scenario, or other flags");
  CHECK(refusal({0, 3}, {kPrint.scenario, 1, kPrint.version}) == start + "it has another --seed");
  CHECK(refusal({0, 3}, {kPrint.scenario, kPrint.seed, 1}) ==
        start + "it runs another version of Poolgauge");
  // The leading part waits for the right one.
  const PartSeen wrong{RunPart{1, 3}, {1, 1, 1}, Told::ready, 0};
  CHECK(roll_of(1).await_start(1s, {seen(1, Told::ready), wrong, seen(3, Told::ready)}).what ==
        What::wait);
  CHECK(print_of("a", "{}", 1, "1") == print_of("a", "{}", 1, "1"));
  CHECK(print_of("a", "{}", 1, "1").scenario != print_of("a", "{1}", 1, "1").scenario);
  CHECK(print_of("a", "{}", 1, "1").seed != print_of("a", "{}", 2, "1").seed);
  CHECK(print_of("a", "{}", 1, "1").version != print_of("a", "{}", 1, "2").version);
}

TEST_CASE("a part that vanishes before the start ends it for all, and one that is late",
          "[parts]") {
  PartRoll roll = roll_of(2);
  const std::vector<PartSeen> all{seen(1, Told::ready), seen(2, Told::ready), seen(3, Told::here)};
  const std::vector<PartSeen> two{all[0], all[1]};
  CHECK(roll.await_start(1s, all).what == What::wait);
  CHECK(roll.await_start(1s, two).what == What::wait);  // a look may miss one
  CHECK(roll.await_start(1s, all).what == What::wait);
  CHECK(roll.await_start(1s, two).what == What::wait);
  const PartTurn gone = roll.await_start(1s, two);
  REQUIRE(gone.what == What::refuse);
  CHECK(gone.error.message == "part 3 of 3 vanished before the start: its own output says why");

  const PartTurn late = roll_of(3).await_setup(1s, {seen(1, Told::start), seen(3, Told::here)});
  REQUIRE(late.what == What::refuse);
  CHECK(late.error.message == "part 3 of 3 came too late: the run has already started");
}

TEST_CASE("during the load it is noticed who vanishes, and who stops for all", "[parts]") {
  PartRoll roll = roll_of(1);
  const std::vector<PartSeen> all{seen(1, Told::start), seen(2, Told::ready), seen(3, Told::ready)};
  const std::vector<PartSeen> two{all[0], all[1]};
  CHECK(roll.vanished(all).empty());
  CHECK(roll.vanished(two).empty());
  CHECK(roll.vanished(two) == std::vector<std::uint32_t>{3});
  CHECK(roll.vanished(two).empty());  // told once
  CHECK(lost_note(lost_text(3, 12100ms)) ==
        "Part 3 vanished 12.1 s after the start. Its share of the load was missing from then on.");
  CHECK_FALSE(roll.all_ended(two));
  CHECK(roll.vanished({all[0], seen(2, Told::done)}).empty());
  CHECK(roll.all_ended({all[0], seen(2, Told::done)}));
  CHECK(roll.vanished({all[0]}).empty());  // it had ended
  CHECK(roll.vanished({all[0]}).empty());
  CHECK_FALSE(roll.is_stopped({seen(1, Told::stopped), all[1]}));  // ourselves
  CHECK(roll.is_stopped({all[0], seen(2, Told::stopped)}));
  // Who does not lead waits for the leading part alone.
  CHECK(roll_of(2).all_ended({seen(1, Told::done), seen(2, Told::done), all[2]}));
  CHECK_FALSE(roll_of(2).all_ended({all[0], seen(2, Told::done), seen(3, Told::done)}));
}

TEST_CASE("who has not joined is named, but no more than fit on a line", "[parts]") {
  const PartRoll roll = roll_of(1);
  CHECK(roll.absent({}) == "parts 2, 3 of 3");
  CHECK(roll.absent({seen(2, Told::here)}) == "part 3 of 3");
  CHECK(roll.absent({seen(2, Told::here, {1, 2, 3})}) == "parts 2, 3 of 3");
  CHECK(roll.absent({seen(2, Told::here), seen(3, Told::ready)}).empty());
  CHECK(PartRoll({0, 200}, kPrint, 2min).absent({}) ==
        "parts 2, 3, 4, 5, 6, 7, 8, 9 and 191 more of 200");
}

TEST_CASE("a run with guards has lost its leading part once two looks in a row miss it",
          "[parts]") {
  PartRoll roll = roll_of(2);
  const std::vector<PartSeen> both{seen(1, Told::start), seen(2, Told::ready)};
  CHECK(roll.vanished(both).empty());
  CHECK_FALSE(roll.has_no_leader(both));
  const std::vector<PartSeen> alone{seen(2, Told::ready)};
  CHECK(roll.vanished(alone).empty());
  CHECK_FALSE(roll.has_no_leader(alone));
  CHECK(roll.vanished(alone) == std::vector<std::uint32_t>{1});
  CHECK(roll.has_no_leader(alone));
  CHECK(roll.vanished(both).empty());  // its session broke, and it is back
  CHECK_FALSE(roll.has_no_leader(both));
  CHECK(roll.has_no_leader({seen(1, Told::done), seen(2, Told::ready)}));
  CHECK_FALSE(PartRoll(RunPart{1, 3}, {1, 2, 3}, 2min).has_no_leader({seen(1, Told::done)}));
}
