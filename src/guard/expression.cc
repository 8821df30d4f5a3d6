// A parser of three tokens, and the gauges' names.
#include "guard/guard.h"

#include <charconv>
#include <cmath>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "base/letters.h"
#include "base/text.h"

namespace poolgauge::guard {
namespace {

struct GaugeName {
  Gauge gauge;
  std::string_view name;
  bool can_be_typed;
};
constexpr std::array kNames{
    GaugeName{Gauge::free_slots, "free_slots", true},
    GaugeName{Gauge::others_active, "others_active", true},
    GaugeName{Gauge::others_blocked, "others_blocked", true},
    GaugeName{Gauge::others_blocked_s, "others_blocked_s", true},
    GaugeName{Gauge::replay_lag_s, "replay_lag_s", true},
    GaugeName{Gauge::errors_53, "errors_53", true},
    GaugeName{Gauge::others_slowdown, "others_slowdown", true},
    GaugeName{Gauge::query, "guard query", false},
    GaugeName{Gauge::http, "guard URL", false},
    GaugeName{Gauge::stop_file, "stop file", false},
};
static_assert(kNames.size() == kGauges);

std::vector<std::string> names_to_type() {
  std::vector<std::string> names;
  for (const GaugeName& each : kNames) {
    if (each.can_be_typed) names.emplace_back(each.name);
  }
  return names;
}

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& flag) : text_(text), flag_(flag) {}
  Result<GuardRule> parse(GuardAction action);

 private:
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  Error error(std::size_t at, const std::string& what) const;
  Result<Gauge> gauge();
  Result<GuardRule::Op> op();
  Result<double> number(Gauge gauge);

  std::string_view text_;
  const std::string& flag_;
  std::size_t at_ = 0;
};

Error Parser::error(std::size_t at, const std::string& what) const {
  std::string gauges;
  for (const std::string& name : names_to_type()) gauges += (gauges.empty() ? "" : ", ") + name;
  return Error{ErrorKind::usage,
               fmt::format("{}: at character {}: {}\n  {}\n  {}^", flag_, at + 1, what, text_,
                           std::string(at, ' ')),
               "write GAUGE OP NUMBER, for example 'others_active<=4'; gauges: " + gauges};
}

Result<Gauge> Parser::gauge() {
  skip_blanks();
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_name_letter(text_[at_])) ++at_;
  const std::string name = lower_case(text_.substr(begin, at_ - begin));
  if (name.empty()) return error(begin, "expected the name of a gauge");
  for (const GaugeName& each : kNames) {
    if (each.can_be_typed && each.name == name) return each.gauge;
  }
  const auto nearest = nearest_name(name, names_to_type());
  std::string what = fmt::format("there is no gauge \"{}\"", name);
  if (nearest) what += fmt::format("; did you mean \"{}\"?", *nearest);
  return error(begin, what);
}

Result<GuardRule::Op> Parser::op() {
  skip_blanks();
  const std::string_view rest = text_.substr(at_);
  using Op = GuardRule::Op;
  const bool two = rest.size() > 1 && rest[1] == '=';
  if (rest.starts_with("<")) {
    at_ += two ? 2 : 1;
    return two ? Op::at_most : Op::less;
  }
  if (rest.starts_with(">")) {
    at_ += two ? 2 : 1;
    return two ? Op::at_least : Op::more;
  }
  return error(at_, "expected <, <=, >, or >=");
}

Result<double> Parser::number(Gauge gauge) {
  skip_blanks();
  const std::size_t begin = at_;
  const std::string_view rest = trimmed(text_.substr(begin));
  double value = 0;
  const char* const end = rest.data() + rest.size();
  const auto [stop, failed] = std::from_chars(rest.data(), end, value);
  if (failed != std::errc() || !std::isfinite(value)) return error(begin, "expected a number");
  if (stop == end && value >= 0) return value;
  if (value < 0) return error(begin, "expected a number of at least 0");
  if (is_time(gauge)) {
    const Result<Duration> time = parse_duration(rest);
    if (time.ok()) return to_s(time.value());
    return error(begin, "expected a time such as 2s or 500ms");
  }
  return error(begin + static_cast<std::size_t>(stop - rest.data()),
               "expected nothing after the number");
}

Result<GuardRule> Parser::parse(GuardAction action) {
  GuardRule rule;
  rule.action = action;
  rule.text = std::string(trimmed(text_));
  const Result<Gauge> gauge_read = gauge();
  if (!gauge_read.ok()) return gauge_read.error();
  rule.gauge = gauge_read.value();
  const Result<GuardRule::Op> op_read = op();
  if (!op_read.ok()) return op_read.error();
  rule.op = op_read.value();
  const Result<double> limit = number(rule.gauge);
  if (!limit.ok()) return limit.error();
  rule.limit = limit.value();
  return rule;
}

}  // namespace

std::string_view name_of(Gauge gauge) {
  for (const GaugeName& each : kNames) {
    if (each.gauge == gauge) return each.name;
  }
  return "";
}

bool is_time(Gauge gauge) {
  return gauge == Gauge::others_blocked_s || gauge == Gauge::replay_lag_s;
}

Result<GuardRule> parse_guard(std::string_view text, GuardAction action, const std::string& flag) {
  return Parser(text, flag).parse(action);
}

std::string value_text(Gauge gauge, double value) {
  if (is_time(gauge)) return human_duration(from_s(value));
  if (gauge == Gauge::others_slowdown) return fmt::format("{:.3g}×", value);
  return fmt::format("{:.6g}", value);
}

std::string seen_text(Gauge gauge, double value) {
  if (gauge == Gauge::stop_file) return "the file exists";
  if (gauge == Gauge::http && value <= 0) return "the URL did not answer";
  if (gauge == Gauge::http) return fmt::format("the URL answered with status {:.0f}", value);
  if (gauge == Gauge::query) return fmt::format("the query returned {:.6g}", value);
  return fmt::format("{} was {}", name_of(gauge), value_text(gauge, value));
}

}  // namespace poolgauge::guard
