// What a comparison's figures mean: whose they are, what a change is, and how far to trust it.
#include "report/sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "assess/goals.h"
#include "base/text.h"
#include "gate/gate_words.h"
#include "report/words.h"

namespace poolgauge {
namespace {

/// The test's name in full; in JSON it is the short one.
std::string method_words(const std::string& method) {
  if (method == "signed ranks") return "Wilcoxon signed-rank test";
  if (method == "Mann-Whitney") return "Mann-Whitney test";
  if (method == "Student's t") return "Student's t-test";
  return method == "assumed noise" ? "z-test with the noise given by --noise" : method;
}

/// The change between the medians, of which nothing more may be known.
std::optional<double> plain_change(const GateMetric& m) {
  if (m.change || !m.baseline || !m.candidate) return m.change;
  if (m.difference) return *m.candidate - *m.baseline;
  if (*m.baseline <= 0) return std::nullopt;
  return *m.candidate / *m.baseline - 1;
}

/// The change, as a bound where a side is known only from below; "–" where both are.
std::string bounded_change(const GateMetric& m) {
  const std::optional<double> plain = plain_change(m);
  const std::string change =
      m.method.empty() && plain ? change_text(m, *plain) : change_with_interval(m);
  if (change == "–" || m.candidate_bounded == m.baseline_bounded) {
    return m.candidate_bounded ? "–" : change;
  }
  return (m.candidate_bounded ? "> " : "< ") + change;
}

}  // namespace

std::string gate_whose(const GateResult& gate) {
  const std::uint32_t runs = gate.candidate.runs;
  if (runs + gate.candidate.unusable <= 1 || runs == 0) return "";
  if (runs == 1) return "the candidate's only usable run";
  if (runs == 2) return "the worse of the candidate's 2 runs";
  return runs % 2 == 1
             ? fmt::format("median of the candidate's {} runs", runs)
             : fmt::format("median of the candidate's {} runs (the worse of the two middle ones)",
                           runs);
}

std::string gate_shown_run(const Report& report) {
  if (!report.gate) return "";
  const GateSide& candidate = report.gate->candidate;
  if (candidate.runs + candidate.unusable <= 1) return "";
  const std::string which =
      fmt::format("{}, seed {}", per_second(report.throughput_per_s), report.seed);
  if (candidate.runs == 0) {
    return fmt::format(
        "All {} candidate runs had to be excluded. Everything below describes one of them ({}).",
        candidate.unusable, which);
  }
  if (candidate.runs == 1) {
    return fmt::format("Everything below describes the candidate's only usable run ({}).", which);
  }
  return fmt::format(
      "Everything below describes one of the candidate's {} runs, the one with the "
      "median throughput ({}).",
      candidate.runs, which);
}

std::vector<std::string> gate_cells(const GateMetric& m) {
  const auto value = [&m](const std::optional<double>& v, bool bounded) {
    return v ? (bounded ? "> " : "") + goal_value_text(*v, m.unit) : std::string("–");
  };
  const std::string allowed = !m.gated ? "" : (m.higher_is_better ? "−" : "+") + margin_words(m);
  return {m.metric,
          value(m.baseline, m.baseline_bounded),
          value(m.candidate, m.candidate_bounded),
          bounded_change(m),
          allowed,
          m.note};
}

std::string gate_change_meaning(const GateResult& gate) {
  const bool estimated = std::any_of(
      gate.metrics.begin(), gate.metrics.end(),
      [](const GateMetric& metric) { return !metric.method.empty() && !metric.difference; });
  if (!estimated) return "";
  const std::string of = gate.paired ? "the changes within the pairs" : "all runs of both sides";
  return "The columns baseline and candidate show medians over the runs. The change is estimated "
         "from " +
         of + ", so it can differ from the change between the two medians.";
}

std::vector<std::string> gate_own_reasons(const GateResult& gate) {
  std::vector<std::string> own;
  for (const std::string& reason : gate.reasons) {
    const bool listed = std::any_of(
        gate.differences.begin(), gate.differences.end(), [&reason](const GateDifference& d) {
          return reason == fmt::format("{}: {} → {}", d.field, d.baseline, d.candidate);
        });
    if (!listed) own.push_back(reason);
  }
  return own;
}

std::vector<GateDifference> gate_differences_by_weight(const GateResult& gate) {
  std::vector<GateDifference> differences = gate.differences;
  // These change no figure, and compare does not show them either.
  std::erase_if(differences, [](const GateDifference& d) {
    return d.effect == GateDifference::Effect::noted &&
           (d.field == "name" || d.field == "description" || d.field == "version");
  });
  const auto decides = [](const GateDifference& d) {
    return d.effect == GateDifference::Effect::refused || d.effect == GateDifference::Effect::doubt;
  };
  std::stable_partition(differences.begin(), differences.end(), decides);
  return differences;
}

std::vector<std::string> gate_trust(const Report& report) {
  const GateResult& gate = *report.gate;
  const bool simulated = report.target.kind == "simulated";
  std::vector<std::string> parts;
  if (gate.paired) {
    parts.push_back(
        fmt::format("{} interleaved {}", gate.pairs, gate.pairs == 1 ? "pair" : "pairs"));
  } else if (gate.baseline.runs == 0 || gate.candidate.runs == 0) {
    parts.push_back(fmt::format("no usable {} run: nothing was compared",
                                gate.candidate.runs == 0 ? "candidate" : "baseline"));
  } else {
    const bool one = gate.baseline.runs == 1 && gate.candidate.runs == 1;
    const std::string runs =
        one ? "1 run on each side"
            : fmt::format("{} and {} runs", gate.baseline.runs, gate.candidate.runs);
    parts.push_back(
        simulated ? runs : runs + ", not interleaved: drift of the machine may look like a change");
  }
  for (const GateMetric& m : gate.metrics) {
    if (!m.gated || m.method.empty()) continue;
    std::string text = m.metric + ": " + method_words(m.method);
    if (m.detectable) {
      text += fmt::format(
          ", can detect changes of about {} or more",
          m.difference ? significant(*m.detectable * 100) + " points" : percent(*m.detectable));
    }
    if (m.runs_needed && m.verdict == GateVerdict::inconclusive) {
      text += fmt::format(", {} {} would probably be enough for a verdict", *m.runs_needed,
                          gate.paired ? "usable pairs" : "usable runs on each side");
    }
    parts.push_back(std::move(text));
  }
  return parts;
}

}  // namespace poolgauge
