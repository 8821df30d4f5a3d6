// Putting a recommendation into words.
#include "report/advice_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "assess/describe.h"
#include "assess/goals.h"
#include "assess/sentences.h"
#include "base/text.h"
#include "report/layout.h"
#include "report/size_words.h"
#include "report/words.h"

namespace poolgauge {
namespace {

/// Libraries with an overflow count it apart; in others the total is all there is.
bool counts_overflow(const Recommendation& r) {
  const bool named = std::any_of(r.options.begin(), r.options.end(),
                                 [](const auto& option) { return option.first == "max_overflow"; });
  return named || r.kind.empty();
}

/// "5+10", or "15".
std::string size_text(const Recommendation& r, std::int64_t pool_size, std::int64_t max_overflow) {
  if (counts_overflow(r)) return fmt::format("{}+{}", pool_size, max_overflow);
  return whole_number(pool_size + max_overflow);
}

std::string goal_figure(const Recommendation& r, const std::optional<double>& value) {
  return value ? goal_value_text(*value, r.search->decides_unit) : "–";
}

/// "100 − 3 reserved − 2 in use"; empty where nothing is taken off.
std::string taken_text(const ConnectionLimit& limit) {
  if (limit.reserved == 0 && limit.others == 0) return "";
  std::string text = " (" + whole_number(limit.present.value_or(0));
  if (limit.reserved > 0) text += fmt::format(" − {} reserved", whole_number(limit.reserved));
  if (limit.others > 0) text += fmt::format(" − {} in use", whole_number(limit.others));
  return text + ")";
}

std::string limit_line(const ConnectionLimit& limit, const std::optional<std::int64_t>& beyond) {
  const std::string whose = limit.of == "server" ? std::string("server")
                            : limit.of == "pooler"
                                ? std::string(limit.name.empty() ? "PgBouncer" : "pooler")
                                : limit.of + (limit.name.empty() ? "" : " \"" + limit.name + "\"");
  if (limit.of == "memory") {
    return fmt::format("memory: enough for {} connections, {} needed ({})",
                       whole_number(limit.available().value_or(0)), whole_number(limit.needed),
                       limit.setting);
  }
  if (!limit.present) {
    return fmt::format("{}: {} must be at least {}; its present value is not known", whose,
                       limit.setting, whole_number(limit.recommended));
  }
  const std::string setting = limit.setting + " " + whole_number(*limit.present);
  const std::string raised =
      fmt::format("raise {} from {} to {}", limit.setting, whole_number(*limit.present),
                  whole_number(limit.recommended));
  if (limit.setting == "default_pool_size") {
    return limit.must_change() ? fmt::format("{}: {}", whose, raised)
                               : fmt::format("{}: {} is enough ({} needed)", whose, setting,
                                             whole_number(limit.needed));
  }
  const std::string use = fmt::format("{} of the {} available slots{}", whole_number(limit.needed),
                                      whole_number(*limit.available()), taken_text(limit));
  if (!limit.must_change()) {
    return fmt::format("{}: {} is enough: uses {}", whose, setting, use);
  }
  // With its share kept free, or for a larger size than this one.
  const std::string why = beyond         ? fmt::format("for {} connections per process, ", *beyond)
                          : limit.fits() ? std::string("to keep enough slots free, ")
                                         : std::string();
  return fmt::format("{}: {}{}; this size uses {}", whose, why, raised, use);
}

std::string rate_text(const std::optional<double>& rate) {
  return rate ? percent(*rate) : "–";
}

}  // namespace

namespace {

/// What the size is that an answer without a size shows.
std::string impossible_words(const Recommendation& r) {
  if (r.beyond_limits) return "the largest size that fits; it does not meet the goals";
  std::set<std::int64_t> sizes;
  for (const SearchRun& run : r.search->runs) sizes.insert(run.pool_size + run.max_overflow);
  return sizes.size() == 1 ? "the only size that was run; it does not meet the goals"
                           : "the best of the sizes that were run; none meets the goals";
}

/// ": none of the 4 runs of this size was usable"
std::string no_run_words(const Recommendation& r) {
  const auto tried = std::count_if(
      r.search->runs.begin(), r.search->runs.end(),
      [&r](const SearchRun& run) { return run.pool_size + run.max_overflow == r.total(); });
  if (tried == 0) return ": no run of this size";
  return tried == 1
             ? ": the only run of this size was not usable or too short"
             : fmt::format(": none of the {} runs of this size was usable and long enough", tried);
}

}  // namespace

std::string no_size_words(const Recommendation& r) {
  return r.beyond_limits ? "no size that fits meets the goals" : "no size meets the goals";
}

std::string advice_title(const Recommendation& r) {
  const std::string outcome = r.search ? r.search->outcome : "";
  if (outcome == "impossible") return "NO SIZE WORKS";
  const bool sure = !r.search || r.search->certainty.empty() || r.search->certainty == "confirmed";
  if (sure || r.search->certainty == "likely") return "RECOMMENDATION";
  return r.snippets.empty() ? "NOT RECOMMENDED" : "NOT CONFIRMED";
}

std::vector<std::string> advice_context(const Report& report) {
  Report whole = report;
  // The size and the length are those of one of the runs.
  if (report.pools.size() == 1) whole.pool_text = report.pools.front().kind;
  if (!report.recommendation->search) return context_parts(whole);
  double longest = 0;
  for (const SearchRun& run : report.recommendation->search->runs) {
    longest = std::max(longest, run.seconds);
  }
  whole.window_s = longest;
  std::vector<std::string> parts = context_parts(whole);
  parts.back() = "runs of " + parts.back();
  return parts;
}

std::string shown_run_words(const Report& report) {
  const Recommendation& r = *report.recommendation;
  if (report.pools.empty() || report.pools.front().measured.capacity < 0) return "Last run";
  const PoolMeasurement& pool = report.pools.front().measured;
  const std::int64_t size = pool.capacity / std::max<std::int64_t>(1, pool.processes);
  if (size == r.total()) return "Last run of this size";
  return fmt::format("The nearest usable run ({} connections per process)", whole_number(size));
}

std::string trust_words(const Recommendation& r) {
  const std::string grade = confidence_name(r.confidence);
  if (!r.search) return grade;
  const SearchRecord& search = *r.search;
  if (search.outcome == "impossible") return impossible_words(r);
  std::string words = grade + ", ";
  if (search.outcome == "interrupted") words += "interrupted, ";
  if (search.certainty.empty()) return words + (r.confirmed ? "confirmed" : "not confirmed");
  words += search.certainty;
  if (search.runs_of == 0) return words + no_run_words(r);
  return words + fmt::format(": {} of {} run{} met the goals", search.runs_met, search.runs_of,
                             search.runs_of == 1 ? "" : "s");
}

std::vector<std::string> own_parts(const Recommendation& r) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : r.options) parts.push_back(name + " " + option_text(value));
  return parts.empty() ? setting_parts(r) : parts;
}

std::string first_words(const Recommendation& r) {
  for (const Alternative& one : r.alternatives) {
    if (one.first) return "First, " + one.change + ": " + one.effect + ".";
  }
  return "";
}

std::string load_words(const Report& report) {
  const Recommendation& r = *report.recommendation;
  if (!r.search || r.search->certainty.empty()) return "";
  if (r.growth <= 0) return fmt::format("Sized for {}, without growth.", report.load_text);
  return fmt::format("Sized for {}, {} more than in the scenario (--headroom-load).",
                     report.load_text, percent(r.growth));
}

std::vector<std::string> goal_parts(const Report& report) {
  std::vector<std::string> parts;
  for (const GoalResult& goal : report.verdict.goals) {
    parts.push_back(goal.goal + ": " + measured_text(goal));
  }
  return parts;
}

std::string fit_words(const Report& report) {
  const Recommendation& r = *report.recommendation;
  if (r.limits.empty() || r.total() < 1) {  // an older report
    const std::string fleet = report.fleet_text.empty() ? "1 process" : report.fleet_text;
    return fmt::format("{} × {} = {}", fleet, r.total(), budget_text(r.budget));
  }
  const std::int64_t processes = r.capacity / r.total();
  return fmt::format("{} process{} × {} = {} connection{}", whole_number(processes),
                     processes == 1 ? "" : "es", whole_number(r.total()), whole_number(r.capacity),
                     r.capacity == 1 ? "" : "s");
}

std::vector<std::string> limit_lines(const Recommendation& r) {
  std::vector<std::string> lines;
  for (const ConnectionLimit& limit : r.limits) lines.push_back(limit_line(limit, r.beyond_limits));
  return lines;
}

std::vector<std::string> rule_parts(const Recommendation& r) {
  std::vector<std::string> parts;
  for (const FormulaAnswer& rule : r.formulas) {
    if (!rule.latency_p95_ms && !rule.meets_goals) continue;
    const std::int64_t size = rule.pool_size.value_or(0);
    const std::string answer =
        rule.max_overflow.value_or(0) > 0 && counts_overflow(r)
            ? fmt::format("pool_size {}, max_overflow {}", whole_number(size),
                          whole_number(*rule.max_overflow))
            : whole_number(size + rule.max_overflow.value_or(0));
    std::string text = rule.name.substr(0, rule.name.find(',')) + ": " + answer;
    std::string verdict;
    if (rule.meets_goals) verdict = *rule.meets_goals ? "meets the goals" : "misses the goals";
    if (!rule.fits.value_or(true)) {
      verdict += (verdict.empty() ? "" : ", ") + std::string("does not fit");
    }
    parts.push_back(text + (verdict.empty() ? "" : " (" + verdict + ")"));
  }
  return parts;
}

std::vector<std::vector<std::string>> run_table(const Recommendation& r) {
  const bool goal = !r.search->decides.empty();
  const std::string known = confidence_name(r.confidence);
  std::vector<std::vector<std::string>> rows = {
      {"size", "run", "seconds", goal ? "predicted" : "p95 predicted",
       goal ? known : "p95 " + known, "p95 wait", "timeouts", "throughput", "result"}};
  for (const SearchRun& run : r.search->runs) {
    rows.push_back(
        {size_text(r, run.pool_size, run.max_overflow),
         run.purpose == "neighbour" ? "neighbor" : run.purpose, significant(run.seconds),
         goal ? goal_figure(r, run.goal_predicted) : time_text(run.predicted.latency_p95_ms),
         goal ? goal_figure(r, run.goal_measured) : time_text(run.measured.latency_p95_ms),
         time_text(run.measured.pool_wait_p95_ms), rate_text(run.measured.pool_timeout_rate),
         per_second(run.throughput_per_s),
         !run.usable ? "unusable"
         : run.met   ? "met"
                     : "missed"});
  }
  return rows;
}

std::string run_table_words(const Recommendation& r) {
  if (r.search->decides.empty()) return "";
  return fmt::format("The runs, with {} as predicted and as {}:", goal_subject(r.search->decides),
                     confidence_name(r.confidence));
}

std::string plotted_figure(const Recommendation& r) {
  const bool time = r.search->decides_unit == "s";
  return time ? goal_subject(r.search->decides) : "p95 latency";
}

std::optional<double> plotted_ms(const Recommendation& r, const SearchRun& run) {
  constexpr double kMsPerS = 1e3;
  if (r.search->decides_unit != "s") return run.measured.latency_p95_ms;
  return run.goal_measured ? std::optional(*run.goal_measured * kMsPerS) : std::nullopt;
}

std::optional<double> plotted_expectation_ms(const Recommendation& r, const SearchRun& run) {
  constexpr double kMsPerS = 1e3;
  if (r.search->decides_unit != "s") return run.predicted.latency_p95_ms;
  return run.goal_predicted ? std::optional(*run.goal_predicted * kMsPerS) : std::nullopt;
}

std::string marked_words(const Recommendation& r) {
  const std::string title = advice_title(r);
  return title == "RECOMMENDATION" ? "recommended" : title == "NO SIZE WORKS" ? "best" : "proposed";
}

std::vector<std::string> run_notes(const Recommendation& r) {
  struct Cause {
    std::string start, first, others;
  };
  std::vector<Cause> causes;
  for (const SearchRun& run : r.search->runs) {
    if (run.note.empty()) continue;
    // The figures in parentheses differ from run to run.
    const std::string start = run.note.substr(0, run.note.find(" ("));
    const std::string size = whole_number(run.pool_size + run.max_overflow);
    const auto known = std::find_if(causes.begin(), causes.end(),
                                    [&](const Cause& cause) { return cause.start == start; });
    if (known == causes.end()) {
      causes.push_back({start, size + " per process, unusable: " + run.note, ""});
    } else {
      known->others += (known->others.empty() ? "" : ", ") + size;
    }
  }
  std::vector<std::string> notes;
  for (const Cause& cause : causes) {
    notes.push_back(cause.first);
    if (cause.others.empty()) continue;
    notes.push_back(cause.others + " per process: unusable for the same reason");
  }
  return notes;
}

std::vector<std::string> run_plot(const Recommendation& r, std::size_t width) {
  Plot plot;
  plot.title = plotted_figure(r) + " by connections per process";
  std::set<std::int64_t> sizes;
  double top = 0;
  for (const SearchRun& run : r.search->runs) {
    const auto figure = plotted_ms(r, run);
    if (!figure) continue;
    const std::int64_t size = run.pool_size + run.max_overflow;
    sizes.insert(size);
    plot.points.push_back({static_cast<double>(size), *figure, !run.usable});
    top = std::max(top, *figure);
  }
  constexpr std::size_t kFewest = 3;
  constexpr std::size_t kHeight = 6;
  constexpr double kSpread = 1.5;  // sizes next to each other are better read from the table
  if (sizes.size() < kFewest ||
      static_cast<double>(*sizes.rbegin()) < kSpread * static_cast<double>(*sizes.begin())) {
    return {};
  }
  plot.mark = static_cast<double>(r.total());
  plot.top_label = time_text(top);
  std::vector<std::string> lines = draw(plot, width, kHeight);
  lines.push_back("● usable run   ○ unusable run   │ " + marked_words(r));
  return lines;
}

}  // namespace poolgauge
