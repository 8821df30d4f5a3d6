// The sentences: what became worse, by how much, how sure, and where to look.
#include "gate/gate_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "assess/goals.h"
#include "base/text.h"

namespace poolgauge {
namespace {

constexpr double kWorthLooking = 0.05;  // a change of what is only shown
constexpr double kSure = 0.05;
constexpr std::size_t kMostLooks = 5;
constexpr double kNoPower = 1;  // a change to twice the figure: less would go unseen

constexpr const char* kImproved = "better by more than ";
constexpr const char* kWithinMargin = "worse, but by less than the allowed ";

using Effect = GateDifference::Effect;

/// "+1.5 %"; a fraction as percent with its sign.
std::string signed_percent(double fraction) {
  const std::string size = percent(std::abs(fraction));
  if (size == "0 %") return size;
  return (fraction < 0 ? "−" : "+") + size;
}

/// "12.4 %" of how much, without the sign.
std::string size_text(const GateMetric& m, double change) {
  if (m.difference) return significant(std::abs(change) * 100) + " points";
  return percent(std::abs(change));
}

std::string runs_text(const GateResult& gate) {
  if (gate.paired) return fmt::format("{} {}", gate.pairs, gate.pairs == 1 ? "pair" : "pairs");
  return fmt::format("{} and {} runs", gate.baseline.runs, gate.candidate.runs);
}

/// "1.20 s"; "> 1.20 s" where it is known only from below.
std::string baseline_text(const GateMetric& m) {
  return (m.baseline_bounded ? "> " : "") + goal_value_text(*m.baseline, m.unit);
}
std::string candidate_text(const GateMetric& m) {
  return (m.candidate_bounded ? "> " : "") + goal_value_text(*m.candidate, m.unit);
}

/// "p95(latency) rose by 12 % (8.1 % to 16 %, 96.8 % confidence, 6 pairs), from 1.20 s to 1.35 s"
std::string worse_sentence(const GateResult& gate, const GateMetric& m) {
  const std::string verb = m.higher_is_better ? "fell by " : "rose by ";
  const double near = std::min(std::abs(*m.low), std::abs(*m.high));
  const double far = std::max(std::abs(*m.low), std::abs(*m.high));
  return fmt::format("{} {}{} ({} to {}, {} confidence, {}), from {} to {}", m.metric, verb,
                     size_text(m, *m.change), size_text(m, near), size_text(m, far),
                     percent(std::floor(m.confidence * 1000) / 1000), runs_text(gate),
                     baseline_text(m), candidate_text(m));
}

std::string power_words(const GateResult& gate, const GateMetric& m) {
  std::string text;
  const std::string runs = gate.paired ? "pairs" : "runs";
  if (m.detectable && !m.difference && *m.detectable >= kNoPower) {
    text = fmt::format("these {} cannot detect any change", runs);
  } else if (m.detectable) {
    text = fmt::format("these {} can detect changes of about {} or more", runs,
                       size_text(m, *m.detectable));
  }
  if (m.runs_needed) {
    text += fmt::format("{}{} {} would probably be enough for a verdict", text.empty() ? "" : "; ",
                        *m.runs_needed, gate.paired ? "usable pairs" : "usable runs on each side");
  }
  return text;
}

/// "throughput, p95(latency), and rate(error)": of which no change is known, and why.
std::string names_with_note(const std::vector<const GateMetric*>& all, const std::string& note) {
  std::vector<std::string> names;
  for (const GateMetric* m : all) {
    if (!m->change && m->note == note) names.push_back(m->metric);
  }
  std::string text = names.front();
  for (std::size_t i = 1; i < names.size(); ++i) {
    const bool last = i + 1 == names.size();
    text += (last ? (names.size() > 2 ? ", and " : " and ") : ", ") + names[i];
  }
  return text;
}

std::string unsure_sentence(const GateResult& gate, const GateMetric& m) {
  std::string text = fmt::format("{} changed by {} and may be worse by more than {}", m.metric,
                                 change_with_interval(m), margin_words(m));
  const bool says_why =
      m.note.starts_with("worse, but") || m.note.starts_with("only a lower bound");
  if (says_why) text = fmt::format("{}: {}", m.metric, m.note);
  const std::string power = power_words(gate, m);
  return power.empty() ? text : text + "; " + power;
}

bool any_unusable(const GateQuestion& q) {
  const auto unusable = [](const GateRun& run) { return !run.unusable.empty(); };
  return std::any_of(q.baseline.begin(), q.baseline.end(), unusable) ||
         std::any_of(q.candidate.begin(), q.candidate.end(), unusable);
}

/// Whether so few pairs cannot be significant, whatever they show.
bool cannot_decide(const GateQuestion& q, const GateMetric& m) {
  return q.paired && m.change && m.confidence < 1 - q.alpha;
}

/// "4 pairs are too few for a verdict; at least 6 are needed (so far: throughput −3 %)"; empty
/// where there are enough.
std::string too_few_pairs(const GateResult& gate, const GateQuestion& q,
                          const std::vector<const GateMetric*>& unsure) {
  std::vector<std::string> names;
  for (const GateMetric* m : unsure) {
    if (!cannot_decide(q, *m)) continue;
    names.push_back(fmt::format("{} {}", m->metric, change_text(*m, *m->change)));
  }
  if (names.empty()) return "";
  // Two looks share the chance of a false alarm, so the second one asks for more.
  const std::uint64_t once = fewest_pairs(1, 2 * q.alpha), needed = fewest_pairs(1, q.alpha);
  const bool extended = q.alpha < kSure;
  std::string text =
      fmt::format("{}{} {} {} too few for a verdict", gate.pairs, any_unusable(q) ? " usable" : "",
                  gate.pairs == 1 ? "pair" : "pairs", gate.pairs == 1 ? "is" : "are");
  text += extended ? fmt::format(
                         " once --pairs was doubled, which takes at least {}; use --pairs {} "
                         "or more (so far: ",
                         needed, once)
                   : fmt::format("; at least {} are needed (so far: ", needed);
  for (std::size_t i = 0; i < names.size(); ++i) text += (i > 0 ? ", " : "") + names[i];
  return text + ")";
}

std::vector<std::string> listed(const GateQuestion& q, Effect effect) {
  std::vector<std::string> all;
  for (const GateDifference& d : q.differences) {
    if (d.effect != effect) continue;
    all.push_back(fmt::format("{}: {} → {}", d.field, d.baseline, d.candidate));
  }
  return all;
}

/// Each reason once, with how many runs it cost.
std::vector<std::string> unusable_words(const GateQuestion& q) {
  std::vector<std::pair<std::string, int>> counts;
  for (const auto* runs : {&q.baseline, &q.candidate}) {
    for (const GateRun& run : *runs) {
      if (run.unusable.empty()) continue;
      const auto known = std::find_if(counts.begin(), counts.end(),
                                      [&run](const auto& c) { return c.first == run.unusable; });
      if (known != counts.end())
        ++known->second;
      else
        counts.emplace_back(run.unusable, 1);
    }
  }
  std::vector<std::string> all;
  for (const auto& [why, count] : counts) {
    all.push_back(
        fmt::format("{} {} excluded: {}", count, count == 1 ? "run was" : "runs were", why));
  }
  return all;
}

/// The first field that makes the sides incomparable; the group of it where others of the group do
/// as well.
std::string to_allow(const GateQuestion& q) {
  std::string first, group;
  for (const GateDifference& d : q.differences) {
    if (d.effect != Effect::refused) continue;
    const std::string field = d.field.substr(0, d.field.find(' '));
    if (first.empty()) {
      first = field;
      group = field.substr(0, field.rfind('.'));
    } else if (field.starts_with(group + ".")) {
      return group;
    }
  }
  return first;
}

void say_invalid(GateResult& gate, const GateQuestion& q) {
  const std::vector<std::string> refused = listed(q, Effect::refused);
  gate.headline =
      refused.size() == 1
          ? fmt::format(
                "the two sides cannot be compared, because {} differs; if that is intended, "
                "use --allow {}",
                to_allow(q), to_allow(q))
          : fmt::format(
                "the two sides cannot be compared: {} settings differ; if that is intended, "
                "use --allow FIELD for each, for example --allow {}",
                refused.size(), to_allow(q));
  gate.reasons.insert(gate.reasons.end(), refused.begin(), refused.end());
}

void say_regression(GateResult& gate) {
  for (const GateMetric& m : gate.metrics) {
    if (!m.gated || m.verdict != GateVerdict::regression) continue;
    (gate.headline.empty() ? gate.headline : gate.reasons.emplace_back()) = worse_sentence(gate, m);
  }
}

void say_inconclusive(GateResult& gate, const GateQuestion& q) {
  if (too_many_unusable(q, gate)) {
    gate.headline = "too many runs had to be excluded";
    return;
  }
  const std::vector<std::string> doubts = listed(q, Effect::doubt);
  if (!doubts.empty()) {
    gate.headline = "measured on different machines or servers, which may explain the difference";
    gate.reasons.insert(gate.reasons.end(), doubts.begin(), doubts.end());
    return;
  }
  std::vector<const GateMetric*> unsure;
  for (const GateMetric& m : gate.metrics) {
    if (m.gated && m.verdict == GateVerdict::inconclusive) unsure.push_back(&m);
  }
  std::vector<std::string> said;
  if (const std::string few = too_few_pairs(gate, q, unsure); !few.empty()) {
    gate.headline = few;
    std::erase_if(unsure, [&q](const GateMetric* m) { return cannot_decide(q, *m); });
  }
  for (const GateMetric* m : unsure) {
    // What holds for several figures is said once of all of them.
    if (!m->change) {
      if (std::find(said.begin(), said.end(), m->note) != said.end()) continue;
      said.push_back(m->note);
    }
    (gate.headline.empty() ? gate.headline : gate.reasons.emplace_back()) =
        m->change ? unsure_sentence(gate, *m) : names_with_note(unsure, m->note) + ": " + m->note;
  }
}

void say_pass(GateResult& gate) {
  std::string figures;
  for (const GateMetric& m : gate.metrics) {
    if (!m.gated) continue;
    figures += (figures.empty() ? "" : ", ") + m.metric + " " +
               (m.change ? change_text(m, *m.change) : "not judged");
    if (m.note.starts_with(kImproved)) {
      gate.reasons.push_back(fmt::format(
          "{} improved by more than {}: save these runs as the new baseline, or a return to the "
          "old level will pass",
          m.metric, margin_words(m)));
    }
  }
  gate.headline =
      fmt::format("no metric is worse by more than allowed ({}): {}", runs_text(gate), figures);
}

/// Whether its whole interval lies on the worse side.
bool surely_worse(const GateMetric& m) {
  if (!m.change || !m.became_worse || m.verdict == GateVerdict::inconclusive) return false;
  return m.p <= kSure && (m.higher_is_better ? *m.high < 0 : *m.low > 0);
}

/// What is only shown, and became worse beyond doubt: the largest changes first.
void add_looks(GateResult& gate) {
  std::vector<const GateMetric*> moved;
  for (const GateMetric& m : gate.metrics) {
    const bool worth =
        !m.gated && surely_worse(m) && (m.difference || std::abs(*m.change) >= kWorthLooking);
    if (worth) moved.push_back(&m);
  }
  std::stable_sort(moved.begin(), moved.end(), [](const GateMetric* a, const GateMetric* b) {
    return std::abs(*a->change) > std::abs(*b->change);
  });
  for (std::size_t i = 0; i < std::min(moved.size(), kMostLooks); ++i) {
    const GateMetric& m = *moved[i];
    gate.look_at.push_back(fmt::format("{} {}: from {} to {}", m.metric, change_text(m, *m.change),
                                       baseline_text(m), candidate_text(m)));
  }
}

/// Of a figure that was 0.
std::string zero_words(const GateMetric& m, std::size_t zeros, bool paired) {
  const std::string floor = m.higher_is_better ? "5%,1/s" : "10%,1ms";
  const std::string cure =
      m.floor ? "" : fmt::format(" (judge the difference: --metric '{}={}')", m.metric, floor);
  return fmt::format("0 in {} of the {}, so there is no relative change{}", with_thousands(zeros),
                     paired ? "pairs" : "runs", cure);
}

}  // namespace

std::string change_text(const GateMetric& m, double change) {
  if (!m.difference) return signed_percent(change);
  if (change == 0) return "0 points";
  return (change < 0 ? "−" : "+") + significant(std::abs(change) * 100) + " points";
}

std::string change_with_interval(const GateMetric& m) {
  if (!m.change || !m.low || !m.high) return "–";
  if (*m.low == *m.high) return change_text(m, *m.change);
  return fmt::format("{} ({} to {})", change_text(m, *m.change), change_text(m, *m.low),
                     change_text(m, *m.high));
}

std::string margin_words(const GateMetric& m) {
  const std::string share =
      m.difference ? fmt::format("{:.4g} points", m.margin * 100) : percent(m.margin);
  return m.floor ? share + " and " + goal_value_text(*m.floor, m.unit) : share;
}

std::string below_floor_words(const GateMetric& m) {
  return "differs by less than " + goal_value_text(*m.floor, m.unit);
}

std::string too_few_words(const GateMetric& m, const LeftOut& left_out, bool paired) {
  const std::string_view unit = paired ? "pairs" : "runs";
  if (left_out.zeros > 0 && left_out.zeros == left_out.all()) {
    return zero_words(m, left_out.zeros, paired);
  }
  if (left_out.small > 0) {
    return fmt::format("the sample is too small in {} of the {}", with_thousands(left_out.small),
                       unit);
  }
  if (left_out.excluded > 0) return fmt::format("too few usable {}", unit);
  const bool one = m.baseline_runs.size() == 1 && m.candidate_runs.size() == 1;
  const std::string runs =
      one ? "1 run on each side says"
          : fmt::format("{} and {} runs say", m.baseline_runs.size(), m.candidate_runs.size());
  return runs +
         " nothing about the noise between runs: use more reports, or a scenario with --pairs 6";
}

void add_note(GateMetric& m) {
  if (!m.note.empty() || !m.change) return;
  const double worse = m.higher_is_better ? -*m.change : *m.change;
  const bool same = *m.low == 0 && *m.high == 0;
  const bool either = *m.low < 0 && *m.high > 0;
  if (m.verdict == GateVerdict::regression) {
    m.note = "worse";
  } else if (!m.gated && m.verdict == GateVerdict::inconclusive) {
    // Nothing shows a limit for it, so the note says only what the interval shows.
    constexpr double kEnough = 0.95;
    m.note = same                     ? "unchanged"
             : either                 ? "no change beyond noise"
             : m.confidence < kEnough ? "too few runs to be sure"
             : worse > 0              ? "worse"
                                      : "better";
  } else if (m.verdict == GateVerdict::inconclusive) {
    m.note = "inconclusive";
  } else if (same) {
    m.note = "unchanged";
  } else if (either) {
    m.note = "no change beyond noise";
  } else if (worse > 0) {
    m.note = m.gated ? kWithinMargin + margin_words(m) : "worse";  // else no limit is shown
  } else {
    // The whole interval must be beyond the margin.
    const bool large = std::min(std::abs(*m.low), std::abs(*m.high)) >= m.margin && m.gated;
    m.note = large ? kImproved + margin_words(m) : "better";
  }
}

void put_into_words(GateResult& gate, const GateQuestion& question) {
  switch (gate.verdict) {
    case GateVerdict::invalid: say_invalid(gate, question); break;
    case GateVerdict::regression: say_regression(gate); break;
    case GateVerdict::inconclusive: say_inconclusive(gate, question); break;
    case GateVerdict::pass: say_pass(gate); break;
  }
  for (std::string& words : unusable_words(question)) gate.reasons.push_back(std::move(words));
  if (gate.verdict != GateVerdict::invalid) add_looks(gate);
}

}  // namespace poolgauge
