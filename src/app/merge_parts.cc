// Joining parts, and saying what they are.
#include "app/merge.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "app/part_roll.h"
#include "app/surroundings.h"
#include "base/check.h"
#include "base/text.h"
#include "poolgauge/exit_status.h"

namespace poolgauge::app {

namespace {

const PartFacts& facts_of(const PartReport& part) {
  return *part.report.part;
}

std::uint32_t number_of(const PartReport& part) {
  return facts_of(part).part.number();
}

Error strangers(const PartReport& part, const PartReport& first, const std::string& why) {
  return usage_error(
      fmt::format("{} is not a part of the same run as {}: {}", part.file, first.file, why),
      "merge all parts of one run: each was started with the same scenario, flags, "
      "and --seed, and another --part");
}

/// Why the two do not belong together; empty: they do.
std::string difference(const PartReport& part, const PartReport& first) {
  const Report& a = first.report;
  const Report& b = part.report;
  if (a.tool_version != b.tool_version) {
    return fmt::format("it was measured by version {}, the other by {}", b.tool_version,
                       a.tool_version);
  }
  if (b.part->part.count != a.part->part.count) {
    return fmt::format("it is one of {} parts, the other one of {}", b.part->part.count,
                       a.part->part.count);
  }
  if (a.scenario_sha256 != b.scenario_sha256) {
    return fmt::format("it ran scenario \"{}\" from another file than \"{}\"", b.scenario_name,
                       a.scenario_name);
  }
  if (a.scenario_json != b.scenario_json) return "its scenario was run with other flags";
  if (a.seed != b.seed) return fmt::format("its seed is {}, the other's is {}", b.seed, a.seed);
  if (!a.part->start.empty() && !b.part->start.empty() && a.part->start != b.part->start) {
    return fmt::format("it started at {}, the other at {}", b.part->start, a.part->start);
  }
  return "";
}

std::vector<std::uint32_t> missing_of(const std::vector<PartReport>& parts) {
  std::set<std::uint32_t> there;
  for (const PartReport& part : parts) there.insert(number_of(part));
  std::vector<std::uint32_t> missing;
  for (std::uint32_t number = 1; number <= facts_of(parts.front()).part.count; ++number) {
    if (!there.contains(number)) missing.push_back(number);
  }
  return missing;
}

/// "part 3", "parts 3 and 4", "parts 1, 3, and 4"
std::string named(const std::vector<std::uint32_t>& numbers) {
  std::string text = numbers.size() == 1 ? "part " : "parts ";
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const bool last = i + 1 == numbers.size();
    if (i > 0) text += numbers.size() == 2 ? " and " : last ? ", and " : ", ";
    text += std::to_string(numbers[i]);
  }
  return text;
}

/// Of the whole run's processes, those of these parts.
double process_share(const std::vector<std::uint32_t>& numbers, std::uint32_t count,
                     std::uint32_t fleet) {
  std::uint32_t processes = 0;
  for (const std::uint32_t number : numbers) {
    processes += RunPart{number - 1, count}.processes(fleet);
  }
  return static_cast<double>(processes) / fleet;
}

std::string missing_text(const std::vector<std::uint32_t>& missing, const Scenario& scenario,
                         std::uint32_t count) {
  const double share = process_share(missing, count, scenario.deployment.fleet());
  const bool one = missing.size() == 1;
  return fmt::format(
      "{} of {} {} missing: {} of the processes, with {} users and arrivals, {} in "
      "no figure",
      named(missing), count, one ? "is" : "are", percent(share), one ? "its" : "their", "are");
}

JoinedParts joined_of(const std::vector<PartReport>& parts) {
  JoinedParts joined;
  joined.of = facts_of(parts.front()).part.count;
  for (const PartReport& part : parts) {
    const PartFacts& facts = facts_of(part);
    if (joined.start.empty()) joined.start = facts.start;
    joined.joined.push_back({number_of(part), part.file, part.report.requests.completed,
                             part.report.partial, facts.clock});
  }
  joined.missing = missing_of(parts);
  return joined;
}

/// How far apart the parts started, and how well that is known, in milliseconds. Parts that met
/// start by the server's clock, each with its own error; with --start-at each by its own clock.
struct Skew {
  double apart_ms = 0, error_ms = 0;
};
std::optional<Skew> skew_of(const std::vector<PartReport>& parts) {
  double least = INFINITY, most = -INFINITY;
  Skew skew;
  bool met = true;
  for (const PartReport& part : parts) {
    const PartFacts& facts = facts_of(part);
    if (!facts.clock) return std::nullopt;
    least = std::min(least, facts.clock->ms);
    most = std::max(most, facts.clock->ms);
    skew.error_ms = std::max(skew.error_ms, facts.clock->error_ms);
    met = met && facts.met;
  }
  skew.apart_ms = met ? 0 : most - least;
  return skew;
}

std::string together_text(const std::vector<PartReport>& parts) {
  const JoinedParts joined = joined_of(parts);
  std::string text = fmt::format("Merged from {} of {} parts of one run", parts.size(), joined.of);
  const auto skew = skew_of(parts);
  if (joined.start.empty() || !skew) return text + ".";
  const std::string known = human_duration(from_ms(skew->error_ms));
  if (facts_of(parts.front()).met) {
    return text + fmt::format(", which started at {} on the server's clock, each to within {}.",
                              joined.start, known);
  }
  return text + fmt::format(
                    ", each started at {} by its own machine's clock. These clocks were {} "
                    "apart, compared with the server's to within {}.",
                    joined.start, human_duration(from_ms(skew->apart_ms)), known);
}

/// Of everything that only one of them saw, that of the part which watched for all.
Measurement sum_of(const std::vector<PartReport>& parts) {
  Measurement sum;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Result<Measurement> measured = measurement_of(parts[i].report);
    POOLGAUGE_CHECK(measured.ok(), "a part's report has what it measured");
    std::vector<std::string>& notes = measured.value().notes;
    for (const std::string& lost : facts_of(parts[i]).lost) std::erase(notes, lost_note(lost));
    if (i == 0) {
      sum = std::move(measured).value();
    } else {
      sum.merge(measured.value());
    }
  }
  return sum;
}

void add_notes(Measurement& sum, const std::vector<PartReport>& parts, const Scenario& scenario) {
  const std::uint32_t count = facts_of(parts.front()).part.count;
  std::vector<std::string> notes{together_text(parts)};
  if (const auto missing = missing_of(parts); !missing.empty()) {
    std::string text = missing_text(missing, scenario, count) + ".";
    text[0] = 'P';
    notes.push_back(std::move(text));
  }
  // All parts saw it; the first one's time will do.
  std::set<std::string> told;
  for (const PartReport& part : parts) {
    for (const std::string& lost : facts_of(part).lost) {
      const std::string who = lost.substr(0, lost.find(" vanished"));
      if (told.insert(who).second) notes.push_back(lost_note(lost));
    }
  }
  for (const PartReport& part : parts) {
    if (!part.report.partial) continue;
    notes.push_back(fmt::format("Part {} of {} ended after {} of the window.", number_of(part),
                                count, human_duration(from_s(part.report.window_s))));
  }
  sum.notes.insert(sum.notes.begin(), notes.begin(), notes.end());
}

RunFacts run_facts(const std::vector<PartReport>& parts, const Scenario& scenario,
                   const Context& context) {
  const Report& first = parts.front().report;  // the part that watched the server, if it is there
  RunFacts facts;
  facts.tool_version = context.tool_version;
  facts.command = "merge";
  facts.command_line = context.command_line;
  facts.started_at = first.started_at;
  facts.label = first.label;
  facts.commit = first.commit;
  facts.seed = first.seed;
  facts.target = first.target;
  facts.guards = first.guards;
  facts.pool_options = options_of_pools(scenario.deployment);  // with durations, not their texts
  for (const PartReport& part : parts) {
    facts.started_at = std::min(facts.started_at, part.report.started_at);
    const Verdict& verdict = part.report.verdict;
    std::string& stopped_by = facts.guards.stopped_by;
    if (verdict.status != VerdictStatus::guard || !stopped_by.empty()) continue;
    if (!verdict.reasons.empty()) stopped_by = verdict.reasons.front();
  }
  return facts;
}

void make_inconclusive(Report& report, std::string why) {
  report.verdict.status = VerdictStatus::inconclusive;
  report.verdict.exit_code = kExitInconclusive;
  report.verdict.reasons.push_back(std::move(why));
}

/// A share that is missing, or was cut short, may have been what fails a goal. A part that knows
/// that its own figures are unusable spoils those of the sum, as in a run of one machine.
void judge_completeness(Report& report, const std::vector<PartReport>& parts,
                        const std::string& missing) {
  const VerdictStatus before = report.verdict.status;
  if (before == VerdictStatus::guard || before == VerdictStatus::interrupted) return;
  for (const PartReport& part : parts) {
    const Verdict& own = part.report.verdict;
    if (own.status != VerdictStatus::inconclusive || own.reasons.empty()) continue;
    report.client_saturated = report.client_saturated || part.report.client_saturated;
    make_inconclusive(report, fmt::format("part {}: {}", number_of(part), own.reasons.front()));
  }
  if (report.verdict.status == VerdictStatus::slo_missed) return;
  if (!missing.empty()) {
    make_inconclusive(report, missing);
  } else if (report.verdict.status == VerdictStatus::pass && report.partial) {
    make_inconclusive(report, "a part of the run ended early; measure it again");
  }
}

}  // namespace

Status check_parts(const std::vector<PartReport>& parts) {
  const PartReport& first = parts.front();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const PartReport& part = parts[i];
    if (!part.report.part) {
      const auto other = std::find_if(parts.begin(), parts.end(),
                                      [](const PartReport& one) { return one.report.part; });
      return strangers(part, *other, "it is the report of a whole run, not of a part");
    }
    if (!first.report.part) continue;  // refused above
    if (const std::string why = difference(part, first); !why.empty()) {
      return strangers(part, first, why);
    }
    for (std::size_t k = 0; k < i; ++k) {
      if (number_of(parts[k]) != number_of(part)) continue;
      return usage_error(fmt::format("{} and {} are both part {} of {}", parts[k].file, part.file,
                                     number_of(part), facts_of(part).part.count),
                         "give each part once");
    }
  }
  return success();
}

Report merge_parts(std::vector<PartReport> parts, const Scenario& scenario,
                   const Context& context) {
  std::sort(parts.begin(), parts.end(),
            [](const PartReport& a, const PartReport& b) { return number_of(a) < number_of(b); });
  const std::uint32_t count = facts_of(parts.front()).part.count;
  Measurement sum = sum_of(parts);
  add_notes(sum, parts, scenario);
  const Report& first = parts.front().report;
  Report report = make_report(scenario, sum, run_facts(parts, scenario, context));
  report.scenario_file = first.scenario_file;
  report.scenario_sha256 = first.scenario_sha256;
  report.scenario_json = first.scenario_json;
  report.parts = joined_of(parts);
  const auto& missing = report.parts->missing;
  judge_completeness(report, parts, missing.empty() ? "" : missing_text(missing, scenario, count));
  return report;
}

}  // namespace poolgauge::app
