// The gate's statistics against made-up runs whose truth is known: noise, drift, real changes.
#include "gate/gate.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/rng.h"

namespace poolgauge {
namespace {

/// How one run's figures come about: the machine's mood wanders from run to run, and each run has
/// its own noise besides; the tail is noisier than the throughput.
struct Machine {
  double noise = 0.015, drift = 0.015, tail_noise = 0.02;
};

std::vector<GateRule> rules() {
  std::vector<GateRule> usual = usual_rules({}, false);
  usual.resize(3);
  return usual;
}

GateRun run_of(double throughput, double p95, double errors = 0) {
  GateRun run;
  run.source = "run";
  run.values = {throughput, p95, errors};
  return run;
}

/// Runs in the order A B B A: the candidate's times are `slower` times the baseline's.
GateQuestion trial(const Machine& machine, int pairs, double slower, std::uint64_t seed) {
  Rng rng(seed);
  GateQuestion q;
  q.rules = rules();
  q.paired = true;
  double mood = 0;
  const auto next = [&](double factor) {
    mood += machine.drift * rng.normal();
    const double time = std::exp(mood + machine.noise * rng.normal()) * factor;
    return run_of(100 / time, 1.2 * time * std::exp(machine.tail_noise * rng.normal()));
  };
  for (int i = 0; i < pairs; ++i) {
    if (i % 2 == 0) {
      q.baseline.push_back(next(1));
      q.candidate.push_back(next(slower));
    } else {
      q.candidate.push_back(next(slower));
      q.baseline.push_back(next(1));
    }
  }
  return q;
}

int regressions(const Machine& machine, int pairs, double slower, int gates) {
  int count = 0;
  for (int i = 0; i < gates; ++i) {
    const GateQuestion q = trial(machine, pairs, slower, 1000U + static_cast<unsigned>(i));
    count += judge_gate(q).verdict == GateVerdict::regression ? 1 : 0;
  }
  return count;
}

const GateMetric& metric(const GateResult& gate, const std::string& name) {
  for (const GateMetric& m : gate.metrics) {
    if (m.metric == name) return m;
  }
  FAIL("no metric " + name);
  return gate.metrics.front();
}

TEST_CASE("six pairs: no false alarm, a real regression is caught, a small one is let pass") {
  const Machine machine;
  CHECK(regressions(machine, 6, 1.0, 300) <= 3);     // 1 in 30 allowed, 1 in 100 seen at most
  CHECK(regressions(machine, 6, 1.10, 300) >= 270);  // 27 of 30
  CHECK(regressions(machine, 6, 1.03, 300) <= 20);
}

TEST_CASE("a drifting, noisy machine raises no more alarms; it makes the gate unsure") {
  const Machine rough{0.03, 0.03, 0.04};
  CHECK(regressions(rough, 6, 1.0, 300) <= 5);
  CHECK(regressions(rough, 6, 1.25, 300) >= 285);
  int unsure = 0;
  for (unsigned i = 0; i < 100; ++i) {
    const GateResult gate = judge_gate(trial(rough, 6, 1.0, i));
    unsure += gate.verdict == GateVerdict::inconclusive ? 1 : 0;
  }
  CHECK(unsure > 30);
}

TEST_CASE("more pairs make the same machine conclusive") {
  const Machine machine;
  int passes = 0;
  for (unsigned i = 0; i < 100; ++i) {
    passes += judge_gate(trial(machine, 16, 1.0, i)).verdict == GateVerdict::pass ? 1 : 0;
  }
  CHECK(passes >= 95);
}

TEST_CASE("changes are the figure's own, and worse has a direction") {
  GateQuestion q = trial({0.001, 0.001, 0.001}, 6, 1.25, 1);
  const GateResult gate = judge_gate(q);
  CHECK(gate.verdict == GateVerdict::regression);
  CHECK(gate.exit_code == 11);
  CHECK(gate.pairs == 6);
  const GateMetric& throughput = metric(gate, "throughput");
  CHECK(*throughput.change == Approx(-0.2).epsilon(0.02));
  CHECK(*throughput.low < *throughput.change);
  CHECK(*throughput.high > *throughput.change);
  CHECK(throughput.became_worse);
  CHECK(throughput.confidence == Approx(1 - 2.0 / 64));
  CHECK(throughput.p == Approx(1.0 / 64));
  const GateMetric& tail = metric(gate, "p95(latency)");
  CHECK(*tail.change == Approx(0.25).epsilon(0.02));
  CHECK(tail.became_worse);
  CHECK(gate.headline.find("throughput fell by ") != std::string::npos);
  std::swap(q.baseline, q.candidate);
  const GateResult better = judge_gate(q);
  CHECK(better.verdict == GateVerdict::pass);
  CHECK(metric(better, "p95(latency)").note == "better by more than 10 %");
}

TEST_CASE("fewer than six pairs can call nothing worse, and the gate says how many can") {
  CHECK(fewest_pairs(1, 0.05) == 6);
  CHECK(fewest_pairs(3, 0.05) == 6);
  CHECK(fewest_pairs(4, 0.05) == 7);
  CHECK(fewest_pairs(1, 0.025) == 7);
  const GateResult five = judge_gate(trial({0.001, 0.001, 0.001}, 5, 2.0, 1));
  CHECK(five.verdict == GateVerdict::inconclusive);
  CHECK(*metric(five, "throughput").runs_needed >= 6);
}

TEST_CASE("four gated figures are too many for six pairs") {
  GateQuestion q = trial({0.001, 0.001, 0.001}, 6, 1.3, 1);
  q.rules.push_back(q.rules[1]);
  for (auto* runs : {&q.baseline, &q.candidate}) {
    for (GateRun& run : *runs) run.values.push_back(run.values[1]);
  }
  const GateResult gate = judge_gate(q);
  CHECK(gate.verdict == GateVerdict::inconclusive);
  CHECK(metric(gate, "p95(latency)").note ==
        "worse, but not significant with 4 metrics judged at once");
}

TEST_CASE("rates are compared by their difference") {
  GateQuestion q;
  q.rules = rules();
  q.paired = true;
  for (int i = 0; i < 6; ++i) {
    q.baseline.push_back(run_of(100, 1, 0));
    q.candidate.push_back(run_of(100, 1, 0.02 + 0.001 * i));
  }
  const GateResult gate = judge_gate(q);
  CHECK(gate.verdict == GateVerdict::regression);
  const GateMetric& errors = metric(gate, "rate(error)");
  CHECK(errors.difference);
  CHECK(*errors.change == Approx(0.0225));
  CHECK(metric(gate, "throughput").verdict == GateVerdict::pass);
  CHECK(metric(gate, "throughput").note == "unchanged");
}

TEST_CASE("stored runs: ranks from four and four on, Student's t below, nothing for one and one") {
  const auto question = [](int baseline, int candidate, double slower) {
    GateQuestion q;
    q.rules = rules();
    for (int i = 0; i < baseline; ++i) q.baseline.push_back(run_of(100 + 0.2 * i, 1 + 0.002 * i));
    for (int i = 0; i < candidate; ++i) {
      q.candidate.push_back(run_of((100 + 0.2 * i) / slower, (1 + 0.002 * i) * slower));
    }
    return q;
  };
  const GateResult four = judge_gate(question(4, 4, 1.2));
  CHECK(metric(four, "throughput").method == "Mann-Whitney");
  CHECK(four.verdict == GateVerdict::regression);
  const GateResult three = judge_gate(question(3, 1, 1.2));
  CHECK(metric(three, "throughput").method == "Student's t");
  CHECK(three.verdict == GateVerdict::regression);
  CHECK(judge_gate(question(3, 1, 1.0)).verdict == GateVerdict::pass);
  const GateResult one = judge_gate(question(1, 1, 2.0));
  CHECK(one.verdict == GateVerdict::inconclusive);
  CHECK(one.headline.find("says nothing about the noise") != std::string::npos);
}

TEST_CASE("an assumed noise stands in where there are too few runs to show it") {
  GateQuestion q;
  q.rules = rules();
  q.rules.resize(2);
  q.baseline = {run_of(100, 1)};
  q.candidate = {run_of(75, 1.3)};
  q.assumed_noise = 0.03;
  const GateResult gate = judge_gate(q);
  CHECK(gate.verdict == GateVerdict::regression);
  CHECK(metric(gate, "throughput").method == "assumed noise");
  q.candidate = {run_of(97, 1.03)};
  CHECK(judge_gate(q).verdict == GateVerdict::inconclusive);
}

TEST_CASE(
    "runs that say nothing are left out with their pair, and too many of them spoil the gate") {
  GateQuestion q = trial({0.001, 0.001, 0.001}, 9, 1.0, 3);
  q.candidate[4].unusable = "the load generator was saturated";
  const GateResult one = judge_gate(q);
  CHECK(one.verdict == GateVerdict::pass);
  CHECK(one.pairs == 8);
  CHECK(one.candidate.unusable == 1);
  CHECK(one.reasons.back() == "1 run was excluded: the load generator was saturated");
  for (int i : {0, 1, 2}) q.baseline[static_cast<std::size_t>(i)].unusable = "no request finished";
  const GateResult four = judge_gate(q);
  CHECK(four.verdict == GateVerdict::inconclusive);
  CHECK(four.exit_code == 12);
  CHECK(four.headline == "too many runs had to be excluded");
}

TEST_CASE("a percentile that the runs cannot support is never passed") {
  GateQuestion q = trial({0.001, 0.001, 0.001}, 6, 1.0, 3);
  for (GateRun& run : q.candidate) run.values[1] = std::nullopt;
  const GateResult gate = judge_gate(q);
  CHECK(gate.verdict == GateVerdict::inconclusive);
  CHECK(metric(gate, "p95(latency)").note == "the sample is too small in 6 of the pairs");
}

TEST_CASE("a figure of zero has no ratio, and its sample was not too small") {
  GateQuestion q = trial({0.001, 0.001, 0.001}, 6, 1.0, 3);
  for (GateRun& run : q.candidate) run.values[1] = 0;
  for (GateRun& run : q.baseline) run.values[1] = 0;
  CHECK(metric(judge_gate(q), "p95(latency)").note ==
        "0 in 6 of the pairs, so there is no relative change (judge the difference: --metric "
        "'p95(latency)=10%,1ms')");
  q.paired = false;
  CHECK(metric(judge_gate(q), "p95(latency)").note.starts_with("0 in 12 of the runs, so"));
  q.candidate[0].values[1] = std::nullopt;
  CHECK(metric(judge_gate(q), "p95(latency)").note == "the sample is too small in 1 of the runs");
}

TEST_CASE("pairs too few to be significant are said to be so, not suspected to be worse") {
  const GateResult gate = judge_gate(trial({0.001, 0.001, 0.001}, 4, 1.0, 3));
  CHECK(gate.verdict == GateVerdict::inconclusive);
  INFO(gate.headline);
  CHECK(gate.headline.starts_with(
      "4 pairs are too few for a verdict; at least 6 are needed (so far: throughput "));
  CHECK(gate.headline.find("may be worse") == std::string::npos);
}

TEST_CASE("what differs decides: refused is invalid, another machine is doubt, the rest is noted") {
  using Effect = GateDifference::Effect;
  const auto verdict = [](Effect effect) {
    GateQuestion q = trial({0.001, 0.001, 0.001}, 6, 1.3, 3);
    q.differences = {{"machine.cores", "2", "4", effect}};
    return judge_gate(q);
  };
  CHECK(verdict(Effect::refused).verdict == GateVerdict::invalid);
  CHECK(verdict(Effect::refused).reasons.front() == "machine.cores: 2 → 4");
  CHECK(verdict(Effect::doubt).verdict == GateVerdict::inconclusive);
  CHECK(verdict(Effect::noted).verdict == GateVerdict::regression);
  CHECK(verdict(Effect::intended).verdict == GateVerdict::regression);
}

TEST_CASE("what moved beside the gated figures is where to look") {
  GateQuestion q = trial({0.001, 0.001, 0.001}, 6, 1.3, 3);
  q.rules.push_back(q.rules[1]);
  q.rules.back().name = "p50(step:chat.ask)";
  q.rules.back().gated = false;
  for (std::size_t i = 0; i < 6; ++i) {
    q.baseline[i].values.emplace_back(0.001);
    q.candidate[i].values.emplace_back(0.003);
  }
  const GateResult gate = judge_gate(q);
  REQUIRE(gate.look_at.size() == 1);
  CHECK(gate.look_at.front() == "p50(step:chat.ask) +200 %: from 1.00 ms to 3.00 ms");
}

TEST_CASE("the exit status: invalid, regression, goal, inconclusive, pass; strict and advisory") {
  GateResult gate;
  Verdict goals;
  const auto code = [&](GateVerdict verdict, VerdictStatus status, int exit_code) {
    gate.verdict = verdict;
    goals.status = status;
    goals.exit_code = exit_code;
    return gate_exit_code(gate, goals);
  };
  CHECK(code(GateVerdict::pass, VerdictStatus::pass, 0) == 0);
  CHECK(code(GateVerdict::pass, VerdictStatus::slo_missed, 10) == 10);
  CHECK(code(GateVerdict::inconclusive, VerdictStatus::slo_missed, 10) == 10);
  CHECK(code(GateVerdict::regression, VerdictStatus::slo_missed, 10) == 11);
  CHECK(code(GateVerdict::invalid, VerdictStatus::slo_missed, 10) == 2);
  CHECK(code(GateVerdict::inconclusive, VerdictStatus::pass, 0) == 12);
  CHECK(code(GateVerdict::pass, VerdictStatus::inconclusive, 12) == 12);
  CHECK(code(GateVerdict::pass, VerdictStatus::guard, 13) == 13);
  gate.strict = true;
  CHECK(code(GateVerdict::inconclusive, VerdictStatus::pass, 0) == 11);
  gate.advisory = true;
  CHECK(code(GateVerdict::regression, VerdictStatus::slo_missed, 10) == 0);
}

TEST_CASE("runs that could show nothing below a doubling say that they cannot tell any change") {
  GateQuestion q;
  q.rules = rules();
  q.baseline = {run_of(100, 1.0), run_of(30, 9.0)};
  q.candidate = {run_of(100, 1.1), run_of(20, 7.0)};
  const GateResult gate = judge_gate(q);
  REQUIRE(gate.verdict == GateVerdict::inconclusive);
  std::string said = gate.headline;
  for (const std::string& reason : gate.reasons) said += "\n" + reason;
  CAPTURE(said);
  CHECK(said.find("these runs cannot detect any change") != std::string::npos);
  CHECK(said.find("upwards") == std::string::npos);
}

TEST_CASE("what separate runs can detect fits the interval of their change") {
  GateQuestion q;
  q.rules = rules();
  q.baseline = {run_of(100, 1.0), run_of(101, 1.01), run_of(102, 1.0)};
  q.candidate = {run_of(100, 1.0), run_of(102, 1.01)};
  const GateMetric throughput = metric(judge_gate(q), "throughput");
  REQUIRE(throughput.method == "Student's t");
  REQUIRE(throughput.detectable);
  const double half = (*throughput.high - *throughput.low) / 2;
  CAPTURE(half, *throughput.detectable);
  // The interval's half width and the power's share on top: 1 + t(0.2) / t(0.025) of 3.
  CHECK(*throughput.detectable > half);
  CHECK(*throughput.detectable < 1.5 * half);
}

TEST_CASE("after --pairs was doubled, too few pairs say how many would have been enough at first") {
  GateQuestion q = trial({0.001, 0.001, 0.001}, 6, 1.0, 3);
  q.alpha = 0.025;
  const GateResult gate = judge_gate(q);
  INFO(gate.headline);
  CHECK(
      gate.headline.starts_with("6 pairs are too few for a verdict once --pairs was doubled, which "
                                "takes at least 7; use --pairs 6 or more (so far: throughput "));
}

}  // namespace
}  // namespace poolgauge
