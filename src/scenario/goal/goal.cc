// STATISTIC(METRIC) OP VALUE [over TIME] [for request NAME], read from left to right.
#include "scenario/goal/goal.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/text.h"
#include "poolgauge/diagnostic.h"
#include "poolgauge/outcome.h"
#include "scenario/json.h"
#include "scenario/reader.h"

namespace poolgauge {

namespace {

template <class Value>
struct Named {
  const char* name;
  Value value;
};

constexpr std::array kStatistics{Named<GoalStatistic>{"p50", GoalStatistic::p50},
                                 Named<GoalStatistic>{"p90", GoalStatistic::p90},
                                 Named<GoalStatistic>{"p95", GoalStatistic::p95},
                                 Named<GoalStatistic>{"p99", GoalStatistic::p99},
                                 Named<GoalStatistic>{"p999", GoalStatistic::p999},
                                 Named<GoalStatistic>{"max", GoalStatistic::max},
                                 Named<GoalStatistic>{"mean", GoalStatistic::mean},
                                 Named<GoalStatistic>{"rate", GoalStatistic::rate},
                                 Named<GoalStatistic>{"throughput", GoalStatistic::throughput}};

constexpr std::array kMetrics{Named<GoalMetric>{"latency", GoalMetric::latency},
                              Named<GoalMetric>{"response", GoalMetric::response},
                              Named<GoalMetric>{"pool_wait", GoalMetric::pool_wait},
                              Named<GoalMetric>{"connect", GoalMetric::connect},
                              Named<GoalMetric>{"connection_time", GoalMetric::connection_time}};

constexpr std::array kOps{Named<GoalOp>{"<=", GoalOp::less_equal},
                          Named<GoalOp>{">=", GoalOp::greater_equal},
                          Named<GoalOp>{"<", GoalOp::less}, Named<GoalOp>{">", GoalOp::greater}};

template <class Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& entry : table) names.emplace_back(entry.name);
  return names;
}

/// "error" (all failures) and every class that counts as a failure.
std::vector<std::string> failure_names() {
  std::vector<std::string> names{"error"};
  for (int i = 0; i <= static_cast<int>(FailureClass::stopped); ++i) {
    const auto failure = static_cast<FailureClass>(i);
    if (failure == FailureClass::none || failure == FailureClass::stopped) continue;
    names.emplace_back(name_of(failure));
  }
  return names;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view trimmed_goal(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

class GoalParser {
 public:
  explicit GoalParser(std::string_view text) : text_(text) { goal_.text = std::string(text); }

  std::variant<Goal, GoalProblem> run() {
    const bool good = statistic() && argument() && op() && value() && narrowings();
    if (!good) return problem_;
    return std::move(goal_);
  }

 private:
  bool statistic() {
    const std::string_view word = take_word();
    for (const auto& entry : kStatistics) {
      if (word != entry.name) continue;
      goal_.statistic = entry.value;
      return true;
    }
    return refuse(word, "expected a statistic: " + listed(names_of(kStatistics)),
                  nearest_or_empty(word, names_of(kStatistics)));
  }

  bool argument() {
    if (goal_.statistic == GoalStatistic::throughput) {
      goal_.metric = GoalMetric::none;
      return true;
    }
    const bool is_rate = goal_.statistic == GoalStatistic::rate;
    if (!take_sign("(")) return refuse_here("expected \"(\" after the statistic");
    if (!(is_rate ? failure() : metric())) return false;
    if (!take_sign(")")) return refuse_here("expected \")\"");
    return true;
  }

  bool failure() {
    goal_.metric = GoalMetric::none;
    const std::vector<std::string> names = failure_names();
    const std::string_view word = take_word();
    for (const std::string& name : names) {
      if (word == name) goal_.failure = name;
    }
    if (!goal_.failure.empty()) return true;
    return refuse(word, "expected a class of failures: " + listed(names),
                  nearest_or_empty(word, names));
  }

  bool metric() {
    const std::string_view word = take_word();
    if (word == "step" && take_sign(":")) return step();
    for (const auto& entry : kMetrics) {
      if (word != entry.name) continue;
      goal_.metric = entry.value;
      return true;
    }
    std::vector<std::string> known = names_of(kMetrics);
    known.emplace_back("step:NAME");
    return refuse(word, "expected a metric: " + listed(known),
                  nearest_or_empty(word, names_of(kMetrics)));
  }

  bool step() {
    skip_blanks();
    const std::size_t close = text_.find(')', at_);
    std::string_view name =
        text_.substr(at_, close == std::string_view::npos ? close : close - at_);
    while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
    if (name.empty()) return refuse_here("expected the name of a step");
    goal_.metric = GoalMetric::step;
    goal_.step = std::string(name);
    at_ += name.size();
    return true;
  }

  bool op() {
    for (const auto& entry : kOps) {
      if (!take_sign(entry.name)) continue;
      goal_.op = entry.value;
      return true;
    }
    return refuse_here("expected <, <=, >, or >=");
  }

  bool value() {
    skip_blanks();
    if (goal_.statistic == GoalStatistic::rate) return percentage();
    if (goal_.statistic == GoalStatistic::throughput) return per_second();
    return time();
  }

  bool time() {
    const std::string_view rest = text_.substr(at_);
    std::size_t length = 0;
    while (length < rest.size() && !is_blank(rest[length])) ++length;
    // "1.5 s": the unit may stand alone.
    const std::string_view number = rest.substr(0, length);
    if (!number.empty() && number.find_first_not_of("0123456789.") == std::string_view::npos) {
      std::size_t unit = length;
      while (unit < rest.size() && is_blank(rest[unit])) ++unit;
      std::size_t unit_end = unit;
      while (unit_end < rest.size() && !is_blank(rest[unit_end])) ++unit_end;
      const std::string joined =
          std::string(number) + std::string(rest.substr(unit, unit_end - unit));
      if (parse_duration(joined).ok()) return take_time(joined, unit_end);
    }
    return take_time(std::string(number), length);
  }

  bool take_time(const std::string& text, std::size_t length) {
    const Result<Duration> parsed = parse_duration(text);
    if (!parsed.ok()) return refuse(text_.substr(at_, length), parsed.error().message);
    goal_.value = to_s(parsed.value());
    at_ += length;
    return true;
  }

  bool percentage() {
    const char* wanted = "expected a percentage such as 0.1%";
    const std::size_t begin = at_;
    const std::optional<double> number = take_number();
    const bool is_percent = take_sign("%");
    if (!number || (!is_percent && *number != 0) || *number > 100) {
      mark_ = begin;
      return refuse(text_.substr(begin), wanted);
    }
    goal_.value = *number / 100;
    return true;
  }

  bool per_second() {
    const std::size_t begin = at_;
    const std::optional<double> number = take_number();
    if (!number || !take_sign("/s")) {
      mark_ = begin;
      return refuse(text_.substr(begin), "expected a rate such as 100/s");
    }
    goal_.value = *number;
    return true;
  }

  /// "over 10s" and "for request NAME", each at most once, up to the end.
  bool narrowings() {
    for (;;) {
      skip_blanks();
      const std::string_view rest = text_.substr(at_);
      if (rest.empty()) return true;
      const std::string_view word = take_word();
      const bool over = word == "over" && goal_.over == Duration{0};
      const bool request = word == "for" && goal_.request.empty();
      if (!over && !request) {
        return refuse(rest, "expected the end of the goal, \"over TIME\", or \"for request NAME\"");
      }
      if (goal_.metric == GoalMetric::connect) {
        return refuse(rest,
                      "connect is measured over the whole run and for all requests, so \"over\" "
                      "and \"for request\" do not apply");
      }
      if (!(over ? window() : request_name())) return false;
    }
  }

  bool window() {
    skip_blanks();
    const std::string_view rest = text_.substr(at_);
    std::size_t length = 0;
    while (length < rest.size() && !is_blank(rest[length])) ++length;
    const std::string_view word = rest.substr(0, length);
    const Result<Duration> parsed = parse_duration(word);
    const bool whole = parsed.ok() && parsed.value() >= std::chrono::seconds(1) &&
                       parsed.value() % std::chrono::seconds(1) == Duration{0};
    if (!whole)
      return refuse(word, "expected a whole number of seconds, such as 10s, after \"over\"");
    goal_.over = parsed.value();
    at_ += length;
    return true;
  }

  /// A request's name may hold blanks: it reaches to the end, or to " over TIME" there.
  bool request_name() {
    if (take_word() != "request") {
      return refuse_here("expected \"for request NAME\"");
    }
    skip_blanks();
    std::string_view name = text_.substr(at_);
    const std::size_t over = name.rfind(" over ");
    if (over != std::string_view::npos &&
        parse_duration(trimmed_goal(name.substr(over + 6))).ok()) {
      name = name.substr(0, over);
    }
    const std::size_t length = name.size();
    name = trimmed_goal(name);
    if (name.empty()) return refuse_here("expected the name of a request");
    goal_.request = std::string(name);
    at_ += length;
    return true;
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    mark_ = at_;
  }

  std::string_view take_word() {
    skip_blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name_letter(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool take_sign(std::string_view sign) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }

  /// Digits with an optional fraction: no sign, no exponent.
  std::optional<double> take_number() {
    skip_blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && (text_[at_] == '.' || (text_[at_] >= '0' && text_[at_] <= '9'))) {
      ++at_;
    }
    const std::string digits(text_.substr(begin, at_ - begin));
    char* after = nullptr;
    const double value = std::strtod(digits.c_str(), &after);
    if (digits.empty() || *after != '\0' || !std::isfinite(value)) return std::nullopt;
    return value;
  }

  bool refuse(std::string_view found, std::string message, std::string nearest = {}) {
    problem_.character = display_width(text_.substr(0, mark_)) + 1;
    problem_.message = std::move(message);
    problem_.found = found.empty() ? "" : shown_text(found);
    problem_.nearest = std::move(nearest);
    return false;
  }

  bool refuse_here(std::string message) {
    skip_blanks();
    const std::string_view rest = text_.substr(at_);
    refuse(rest, std::move(message));
    if (rest.empty()) problem_.found = "the end";
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t mark_ = 0;  // where the part begins that is being read
  Goal goal_;
  GoalProblem problem_;
};

}  // namespace

std::variant<Goal, GoalProblem> read_goal(std::string_view text) {
  return GoalParser(text).run();
}

std::string meant_by(std::string_view text, const GoalProblem& problem) {
  const std::string whole = suggested_goal(text);
  return whole.empty() ? problem.nearest : whole;
}

std::string goal_problem_text(std::string_view goal, const GoalProblem& problem) {
  return fmt::format("at character {} of {}: {}", problem.character, shown_text(goal),
                     problem.message);
}

Result<Goal> parse_goal(std::string_view text) {
  std::variant<Goal, GoalProblem> read = read_goal(text);
  if (Goal* goal = std::get_if<Goal>(&read)) return std::move(*goal);
  const auto& problem = std::get<GoalProblem>(read);
  const std::string meant = meant_by(text, problem);
  Diagnostic d;
  d.message = goal_problem_text(text, problem);
  d.found = problem.found;
  d.nearest = meant;
  return Error{ErrorKind::usage, to_text(d), meant.empty() ? kGoalGrammar : ""};
}

}  // namespace poolgauge
