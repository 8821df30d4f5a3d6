// One verdict from many circumstances: which decides, and with which exit status.
#include <catch2/catch.hpp>

#include "assess/sentences.h"
#include "assess/verdict.h"

namespace poolgauge {
namespace {

JudgedGoal goal(GoalOutcome outcome, bool clearly_missed = false) {
  JudgedGoal judged;
  judged.outcome = outcome;
  judged.result.met = outcome == GoalOutcome::met;
  judged.clearly_missed = clearly_missed;
  if (outcome == GoalOutcome::missed) judged.reason = "missed";
  if (outcome == GoalOutcome::unsupported) judged.reason = "too few values";
  return judged;
}

Circumstances usual() {
  Circumstances c;
  c.completed = c.ended = 1000;
  c.window = std::chrono::seconds(10);
  c.saturation = "busiest thread 99 % busy";
  return c;
}

void check(const Verdict& verdict, VerdictStatus status, int exit_code) {
  CHECK(verdict.status == status);
  CHECK(verdict.exit_code == exit_code);
}

TEST_CASE("goals alone: all met, none, one missed, one without enough values") {
  check(decide({}, usual()), VerdictStatus::pass, 0);
  check(decide({goal(GoalOutcome::met)}, usual()), VerdictStatus::pass, 0);
  const Verdict missed = decide({goal(GoalOutcome::met), goal(GoalOutcome::missed)}, usual());
  check(missed, VerdictStatus::slo_missed, 10);
  CHECK(missed.reasons == std::vector<std::string>{"missed"});
  CHECK(missed.goals.size() == 2);
  const Verdict few = decide({goal(GoalOutcome::met), goal(GoalOutcome::unsupported)}, usual());
  check(few, VerdictStatus::inconclusive, 12);
  CHECK(few.reasons == std::vector<std::string>{"too few values"});
}

TEST_CASE("a missed goal decides over one that cannot be judged") {
  check(decide({goal(GoalOutcome::unsupported), goal(GoalOutcome::missed)}, usual()),
        VerdictStatus::slo_missed, 10);
}

TEST_CASE("what a dead target said last is quoted") {
  Circumstances c = usual();
  c.target_died = true;
  CHECK(decide({}, c).reasons ==
        std::vector<std::string>{"the target died during the run, or stopped responding: check the "
                                 "server's log, then measure again"});
  c.last_words = "PANIC:  no space left";
  CHECK(decide({}, c).reasons ==
        std::vector<std::string>{
            "the target died during the run: its log ends with \"PANIC:  no space left\""});
}

TEST_CASE("a saturated client or a dead target decides over goals") {
  Circumstances c = usual();
  c.saturated = true;
  const Verdict saturated = decide({goal(GoalOutcome::missed)}, c);
  check(saturated, VerdictStatus::inconclusive, 12);
  CHECK(saturated.reasons.at(0).find("busiest thread 99 % busy") != std::string::npos);
  c.saturated = false;
  c.target_died = true;
  check(decide({goal(GoalOutcome::met)}, c), VerdictStatus::inconclusive, 12);
  c.saturated = true;
  CHECK(decide({}, c).reasons.size() == 2);
}

TEST_CASE("an arrival rate that was not reached makes a run inconclusive, goals or not") {
  Circumstances c = usual();
  c.shortfall = "310 of 10,000";
  const Verdict verdict = decide({goal(GoalOutcome::met)}, c);
  check(verdict, VerdictStatus::inconclusive, 12);
  CHECK(verdict.reasons.at(0).find("310 of 10,000") == 0);
  check(decide({goal(GoalOutcome::missed)}, c), VerdictStatus::inconclusive, 12);

  RequestCounts counts;
  counts.completed = 9900;
  counts.shed = 60;
  counts.in_flight = counts.not_started = 40;
  CHECK(arrival_shortfall(counts).empty());  // exactly 1 %
  ++counts.shed;
  CHECK(arrival_shortfall(counts) ==
        "the arrival rate was not reached: 101 of the 10,001 scheduled requests never started");
}

TEST_CASE("a machine that was the limit is told over how many the run would fit") {
  Measurement m;
  m.window = std::chrono::seconds(10);
  m.requests.completed = 9000;
  m.requests.in_flight = m.requests.not_started = 3000;  // a quarter never started
  m.client.threads = 2;
  m.client.cpu_busy_ratio_max = m.client.cpu_busy_ratio_mean = 0.99;
  m.client.machine = {0.1, 0.0, 1.98, 0.0, 2};
  // 1.98 / 0.75 = 2.64 CPUs, of which a machine has 1.4 to spare.
  CHECK(parts_needed(m, 8) == 2);
  m.requests.in_flight = m.requests.not_started = 27000;
  CHECK(parts_needed(m, 8) == 6);  // 1.98 / 0.25 = 7.92
  CHECK(parts_needed(m, 4) == 4);
  CHECK(parts_needed(m, 1) == 0);  // a process and its pools run on one machine
  m.client.cpu_busy_ratio_max = 0.5;
  CHECK(parts_needed(m, 8) == 0);
  CHECK(parts_cure(0).empty());
  Circumstances c = usual();
  c.saturated = true;
  c.parts = 3;
  CHECK(decide({}, c).reasons.at(0).ends_with(
      ", or split the run over 3 machines with --part 1/3 to --part 3/3 (docs/machines.md)"));
}

TEST_CASE("an interrupt is the user's wish whatever else is wrong, and says what else") {
  Circumstances c = usual();
  c.interrupted = true;
  const Verdict alone = decide({goal(GoalOutcome::missed)}, c);
  check(alone, VerdictStatus::interrupted, 130);
  CHECK(alone.reasons == std::vector<std::string>{"interrupted"});
  c.saturated = c.target_died = true;
  c.completed = c.ended = 0;
  const Verdict all = decide({}, c);
  check(all, VerdictStatus::interrupted, 130);
  CHECK(all.reasons.size() == 3);
}

TEST_CASE("a guard decides over everything") {
  Circumstances c = usual();
  c.guard_reason = "the server has 3 slots left";
  c.interrupted = c.saturated = c.target_died = true;
  const Verdict verdict = decide({goal(GoalOutcome::missed)}, c);
  check(verdict, VerdictStatus::guard, 13);
  CHECK(verdict.reasons == std::vector<std::string>{"the server has 3 slots left"});
}

TEST_CASE("nothing completed is inconclusive unless a rate is clearly missed") {
  Circumstances c = usual();
  c.completed = 0;
  c.ended = 0;
  const Verdict nothing = decide({goal(GoalOutcome::unsupported)}, c);
  check(nothing, VerdictStatus::inconclusive, 12);
  CHECK(nothing.reasons.at(0) ==
        "no request finished within the 10.0 s measured: use a longer --duration");
  c.ended = 40;
  const Verdict failed = decide({}, c);
  check(failed, VerdictStatus::inconclusive, 12);
  CHECK(failed.reasons.at(0).find("none of the 40 finished requests") != std::string::npos);
  check(decide({goal(GoalOutcome::missed)}, c), VerdictStatus::inconclusive, 12);
  check(decide({goal(GoalOutcome::missed, true), goal(GoalOutcome::unsupported)}, c),
        VerdictStatus::slo_missed, 10);
}

Measurement with_lag(double latency_ms, double lag_ms) {
  Measurement m;
  m.latency.record_n(from_ms(latency_ms), 1000);
  m.client.schedule_lag.record_n(from_ms(lag_ms), 1000);
  return m;
}

TEST_CASE("the client is saturated when busy or late, beyond 10 ms and 5 % of the median") {
  Measurement m;
  m.client.cpu_busy_ratio_max = 0.95;
  CHECK_FALSE(client_saturated(m));
  m.client.cpu_busy_ratio_max = 0.951;
  CHECK(client_saturated(m));
  m.simulated = true;
  CHECK_FALSE(client_saturated(m));

  CHECK_FALSE(client_saturated(with_lag(10, 9.9)));
  CHECK(client_saturated(with_lag(10, 10.1)));
  CHECK_FALSE(client_saturated(with_lag(1000, 49)));
  CHECK(client_saturated(with_lag(1000, 51)));
  Measurement simulated = with_lag(10, 500);
  simulated.simulated = true;
  CHECK_FALSE(client_saturated(simulated));
}

TEST_CASE("a late start is called a percentile only where the sample has it") {
  CHECK(client_troubles_text(with_lag(10, 20)) == "requests started up to 20.0 ms late (p99)");
  Measurement few;
  few.latency.record_n(from_ms(10), 17);
  few.client.schedule_lag.record_n(from_ms(1), 16);
  few.client.schedule_lag.record_n(from_ms(20), 1);
  CHECK(client_troubles_text(few) == "a request started 20.0 ms late");
}

Measurement with_wait(double run_wait, double others, double databases) {
  Measurement m;
  m.client.by_thread = {{0.1, run_wait}, {0.1, 0.0}};
  m.client.machine = {others, databases, 0.1, 0, 2};
  return m;
}

TEST_CASE("a thread that waits for a processor is starved by others, not by its own database") {
  CHECK(client_troubles(with_wait(0.5, 1.8, 0.1)).size() == 1);
  CHECK(client_troubles(with_wait(0.5, 1.8, 0.1))[0] ==
        "one of its threads waited for a CPU 50 % of the time, 45 % of the time because of other "
        "programs, which used 1.8 of the 2 CPUs");
  CHECK(client_troubles(with_wait(0.5, 0.1, 1.8)).empty());
  CHECK(client_troubles(with_wait(0.15, 1.8, 0.1)).empty());
  CHECK(client_troubles(with_wait(0.5, -1, -1)).empty());  // not seen
  Measurement idle = with_wait(0.085, 1.95, 0.0);
  idle.client.by_thread[0].cpu_busy_ratio = 0.03;  // one user who thinks
  CHECK(client_troubles(idle).size() == 1);
  idle.client.by_thread[0] = {0.06, 0.085};
  CHECK(client_troubles(idle).empty());
  idle.client.by_thread[0] = {0.001, 0.04};
  CHECK(client_troubles(idle).empty());
  Measurement stolen = with_wait(0, 0, 0);
  stolen.client.machine.stolen = 0.21;
  CHECK(client_troubles(stolen).size() == 1);
  stolen.simulated = true;
  CHECK(client_troubles(stolen).empty());
}

TEST_CASE("a window in which nothing completed has no figures that could remain") {
  const std::vector<Stall> whole = {{Duration{0}, std::chrono::seconds(4), 5, true}};
  CHECK(mostly_stalled(whole, std::chrono::seconds(4)) ==
        "no request completed during the whole window (4.0 s), so there are no figures. Look for a "
        "lock or a stopped server, then measure again");
  CHECK(mostly_stalled(whole, std::chrono::seconds(6)).find("only the remaining 2.00 s") !=
        std::string::npos);
}

}  // namespace
}  // namespace poolgauge
