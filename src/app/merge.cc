// `merge`: the parts of one run that several machines made, as one report.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "app/merge.h"
#include "app/saved.h"
#include "app/surroundings.h"
#include "base/json_layout.h"
#include "files/files.h"
#include "poolgauge/exit_status.h"
#include "poolgauge/report.h"

namespace poolgauge::app {

namespace {

/// One machine's report.
struct Part {
  std::string file;
  std::string text;
  Report report;
  Measurement measured;
};

/// What may differ between machines: how much of the load each makes, with how many processes.
std::string comparable(const Report& report) {
  return without_member(without_member(report.scenario_json, "load"), "deployment");
}

/// A key of the two scenarios that differs.
std::string difference(std::string a, std::string b) {
  for (const char* key : {"version", "description", "server", "data", "variables", "requests",
                          "warmup", "duration", "deadline", "slo", "name"}) {
    a = without_member(a, key);
    b = without_member(b, key);
    if (a == b) return key;
  }
  return "contents";
}

bool same_pools(const Report& a, const Report& b) {
  return std::equal(a.pools.begin(), a.pools.end(), b.pools.begin(), b.pools.end(),
                    [](const PoolSummary& x, const PoolSummary& y) {
                      return x.measured.name == y.measured.name && x.kind == y.kind &&
                             x.options == y.options;
                    });
}

constexpr const char* kWhatMergeJoins =
    "merge joins runs of one scenario, with the same pools and target, from several machines; to "
    "see two runs side by side, use poolgauge report A --beside B";

Error refused(const Part& part, const Part& first, const std::string& why) {
  return usage_error(
      fmt::format("{} does not belong to the same run as {}: {}", part.file, first.file, why),
      kWhatMergeJoins);
}

Status check_part(const Part& part, const Part& first) {
  const Report& a = first.report;
  const Report& b = part.report;
  if (part.text == first.text) {
    return usage_error(part.file == first.file
                           ? part.file + " is given twice"
                           : fmt::format("{} and {} are the same report", first.file, part.file),
                       "give one report of each machine");
  }
  if (a.scenario_sha256 != b.scenario_sha256 && a.scenario_name != b.scenario_name) {
    return usage_error(fmt::format("{} ran scenario \"{}\", but {} ran \"{}\"", part.file,
                                   b.scenario_name, first.file, a.scenario_name),
                       kWhatMergeJoins);
  }
  if (a.scenario_sha256 != b.scenario_sha256) {
    return refused(part, first,
                   fmt::format("both ran a scenario named \"{}\", but from files with different "
                               "contents",
                               b.scenario_name));
  }
  if (comparable(a) != comparable(b)) {
    return refused(part, first,
                   fmt::format("its scenario was run with a different \"{}\"",
                               difference(comparable(a), comparable(b))));
  }
  if (!same_pools(a, b)) return refused(part, first, "its pools are different");
  if (a.target.kind != b.target.kind) {
    return refused(
        part, first,
        fmt::format("its target is of kind {}, the other's is {}", b.target.kind, a.target.kind));
  }
  if (part.measured.steps.size() != first.measured.steps.size()) {
    return refused(part, first, "its steps are different");
  }
  return success();
}

/// Without what they measured.
Result<std::vector<Part>> read_parts(const std::vector<std::string>& files) {
  std::vector<Part> parts;
  for (const std::string& file : files) {
    Result<std::string> text = read_file(file);
    if (!text.ok()) return text.error();
    Result<Report> report = report_from_json(text.value(), file);
    if (!report.ok()) return report.error();
    parts.push_back({file, std::move(text).value(), std::move(report).value(), {}});
  }
  return parts;
}

/// What each of whole runs measured; each is checked against those before it.
Status add_measured(std::vector<Part>& parts) {
  if (parts.size() < 2) {
    return usage_error("merge needs at least two reports",
                       "for example: poolgauge merge A.json B.json");
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Result<Measurement> measured = measurement_of(parts[i].report);
    if (!measured.ok()) {
      return usage_error(parts[i].file + ": " + measured.error().message, measured.error().hint);
    }
    parts[i].measured = std::move(measured).value();
    for (std::size_t k = 0; k < i; ++k) {
      if (const Status fits = check_part(parts[i], parts[k]); !fits.ok()) return fits.error();
    }
  }
  return success();
}

/// Seconds since 1970 of "2026-01-31T12:00:00Z"; nullopt for anything else.
std::optional<std::time_t> time_of(const std::string& iso) {
  std::tm parts{};
  const char* const end = strptime(iso.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return timegm(&parts);
}

/// How long after the first run the last one began, where the first was over by then.
std::optional<double> apart(const std::vector<Part>& parts) {
  std::optional<std::time_t> first, last;
  double shortest = 0;
  for (const Part& part : parts) {
    const auto start = time_of(part.report.started_at);
    if (!start || part.report.target.kind == "simulated") return std::nullopt;
    const double length = part.report.warmup_s + part.report.window_s;
    if (!first || *start < *first) {
      first = start;
      shortest = length;
    }
    if (!last || *start > *last) last = start;
  }
  const double distance = std::difftime(*last, *first);
  return distance > shortest ? std::optional(distance) : std::nullopt;
}

/// Each part saw its own connections only, and a throwaway server is one for each part.
void omit_server(Measurement& merged, const std::vector<Part>& parts, TargetFacts& target) {
  const auto seen = std::count_if(parts.begin(), parts.end(), [](const Part& part) {
    return part.measured.server.samples > 0;
  });
  if (seen > 1) {
    merged.server = ServerView{};
    merged.server.note = "each part's report has the figures of its own connections";
    merged.notes.emplace_back(
        "Figures of the server are omitted, because each part saw only its own connections: see "
        "the reports of the parts.");
  }
  if (target.kind != "embedded") return;
  target.max_connections = target.reserved_connections = 0;  // of none of the servers
  merged.notes.insert(
      merged.notes.begin(),
      "Not one run: each part had a throwaway server of its own. Use --target to load one server "
      "from several machines.");
}

void add_merge_notes(Measurement& merged, const std::vector<Part>& parts) {
  std::string list;
  std::string partial;
  bool same_seed = false;
  std::string earliest = parts[0].report.started_at, latest = earliest;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Report& report = parts[i].report;
    list += fmt::format("{}{} ({}, seed {})", i > 0 ? ", " : "", parts[i].file, report.started_at,
                        report.seed);
    if (report.partial) partial += (partial.empty() ? "" : ", ") + parts[i].file;
    earliest = std::min(earliest, report.started_at);
    latest = std::max(latest, report.started_at);
    for (std::size_t k = 0; k < i; ++k) same_seed |= parts[k].report.seed == report.seed;
  }
  merged.notes.push_back(fmt::format("Merged from {} reports: {}.", parts.size(), list));
  merged.notes.emplace_back(
      "Counts and distributions are added up exactly. Confidence intervals treat all values as "
      "independent, peaks are the sums of the individual peaks, and single seconds and phases have "
      "no percentiles.");
  if (const auto distance = apart(parts)) {
    merged.notes.push_back(fmt::format(
        "The runs did not run at the same time: the last one started {} s after the first, which "
        "was over by then. Rates and gauges are added up all the same, so they describe a load "
        "that never existed.",
        *distance));
  } else if (earliest != latest) {
    merged.notes.push_back(
        fmt::format("The runs started between {} and {}: rates and gauges are added up as if they "
                    "had run at the same time.",
                    earliest, latest));
  }
  if (same_seed) {
    merged.notes.emplace_back(
        "Runs with the same seed drew the same values and arrivals: give each machine a different "
        "--seed.");
  }
  if (!partial.empty()) merged.notes.push_back("Ended early: " + partial + ".");
}

std::vector<std::string> loads_of(const std::vector<Part>& parts) {
  std::vector<std::string> loads;
  for (const Part& part : parts) loads.push_back(part.report.load_text);
  return loads;
}

/// The scenarios as the parts ran them; the files with their data may be on another machine. The
/// failure of the first that cannot be read, or all of them.
OrFailure<std::vector<Scenario>> scenarios_of(const std::vector<Part>& parts) {
  std::vector<Scenario> scenarios;
  for (const Part& part : parts) {
    const std::string text = without_member(part.report.scenario_json, "data");
    OrFailure<Scenario> scenario = scenario_from_text(text, part.file);
    if (!scenario.ok()) return scenario.failure();
    scenarios.push_back(std::move(scenario).value());
  }
  return scenarios;
}

RunFacts merged_facts(const std::vector<Part>& parts, const Scenario& scenario,
                      const Context& context) {
  RunFacts facts;
  facts.tool_version = context.tool_version;
  facts.command = "merge";
  facts.command_line = context.command_line;
  facts.started_at = parts[0].report.started_at;
  for (const Part& part : parts) {
    facts.started_at = std::min(facts.started_at, part.report.started_at);
  }
  facts.seed = parts[0].report.seed;
  facts.target = parts[0].report.target;
  facts.pool_options = options_of_pools(scenario.deployment);
  return facts;
}

/// Exactly what one machine would have measured.
OrFailure<Report> whole_run(std::vector<Part> read, const Context& context) {
  std::vector<PartReport> parts;
  for (Part& part : read) parts.push_back({std::move(part.file), std::move(part.report)});
  if (const Status one_run = check_parts(parts); !one_run.ok()) return one_run.error();
  const PartReport& first = parts.front();
  const OrFailure<Scenario> scenario =
      scenario_from_text(without_member(first.report.scenario_json, "data"), first.file);
  if (!scenario.ok()) return scenario.failure();
  return merge_parts(std::move(parts), scenario.value(), context);
}

/// What was cut short decides nothing, unless it was decided already.
void judge_partial(Report& report) {
  if (!report.partial || report.verdict.status != VerdictStatus::pass) return;
  report.verdict.status = VerdictStatus::inconclusive;
  report.verdict.exit_code = kExitInconclusive;
  report.verdict.reasons.emplace_back("one of the merged runs ended early; measure it again");
}

}  // namespace

OrFailure<Report> merge_reports(const std::vector<std::string>& files, const Context& context) {
  Result<std::vector<Part>> read = read_parts(files);
  if (!read.ok()) return read.error();
  std::vector<Part> parts = std::move(read).value();
  const auto is_part = [](const Part& part) { return part.report.part.has_value(); };
  if (std::any_of(parts.begin(), parts.end(), is_part)) {
    return whole_run(std::move(parts), context);
  }
  if (const Status whole = add_measured(parts); !whole.ok()) return whole.error();
  const auto scenarios = scenarios_of(parts);
  if (!scenarios.ok()) return scenarios.failure();
  const Scenario scenario = merged_scenario(scenarios.value());

  Measurement merged = parts[0].measured;
  bool by_kind = !merged.kinds.empty();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    merged.merge(parts[i].measured);
    by_kind = by_kind && !parts[i].measured.kinds.empty();
  }
  // A part of an earlier version did not count by kind of request: then the whole does not either.
  if (!by_kind) merged.kinds.clear();
  add_merge_notes(merged, parts);
  RunFacts facts = merged_facts(parts, scenario, context);
  omit_server(merged, parts, facts.target);
  Report report = make_report(scenario, merged, facts);
  report.scenario_sha256 = parts[0].report.scenario_sha256;
  report.scenario_file = parts[0].report.scenario_file;
  report.scenario_json = merged_json(parts[0].report.scenario_json, scenario);
  report.load_text = merged_load_text(scenario, loads_of(parts));
  report.seed = parts[0].report.seed;
  judge_partial(report);
  return report;
}

}  // namespace poolgauge::app
