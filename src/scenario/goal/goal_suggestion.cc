// Takes a goal apart at its operator and writes each side anew.
#include "scenario/goal/goal.h"

#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/letters.h"

namespace poolgauge {

namespace {

using Word = std::pair<std::string_view, std::string_view>;  // what others write, and ours

// What begins with p and a number is read apart.
constexpr std::array kStatisticWords{
    Word{"avg", "mean"},   Word{"average", "mean"}, Word{"mean", "mean"},   Word{"median", "p50"},
    Word{"med", "p50"},    Word{"max", "max"},      Word{"maximum", "max"}, Word{"worst", "max"},
    Word{"95th", "p95"},   Word{"99th", "p99"},     Word{"90th", "p90"},    Word{"50th", "p50"},
    Word{"percentile", ""}};

// Joined with _, in small letters.
constexpr std::array kMetricWords{Word{"latency", "latency"},
                                  Word{"duration", "latency"},
                                  Word{"time", "latency"},
                                  Word{"http_req_duration", "latency"},
                                  Word{"request_duration", "latency"},
                                  Word{"request", "latency"},
                                  Word{"", "latency"},
                                  Word{"response", "response"},
                                  Word{"response_time", "response"},
                                  Word{"responsetime", "response"},
                                  Word{"pool_wait", "pool_wait"},
                                  Word{"wait", "pool_wait"},
                                  Word{"wait_time", "pool_wait"},
                                  Word{"queue", "pool_wait"},
                                  Word{"acquire", "pool_wait"},
                                  Word{"checkout", "pool_wait"},
                                  Word{"connect", "connect"},
                                  Word{"connect_time", "connect"},
                                  Word{"connection_time", "connection_time"},
                                  Word{"hold", "connection_time"},
                                  Word{"hold_time", "connection_time"}};

constexpr std::array kRateWords{Word{"error", "error"},
                                Word{"errors", "error"},
                                Word{"failure", "error"},
                                Word{"failures", "error"},
                                Word{"failed", "error"},
                                Word{"http_req_failed", "error"},
                                Word{"timeout", "pool_timeout"},
                                Word{"timeouts", "pool_timeout"},
                                Word{"pool_timeout", "pool_timeout"},
                                Word{"pool_timeouts", "pool_timeout"},
                                Word{"deadline", "deadline"},
                                Word{"deadlines", "deadline"}};

constexpr std::array kThroughputWords{Word{"rps", ""},        Word{"tps", ""},
                                      Word{"qps", ""},        Word{"tput", ""},
                                      Word{"throughput", ""}, Word{"requests", ""}};

template <class Table>
std::optional<std::string> translated(const Table& table, std::string_view word) {
  for (const auto& [theirs, ours] : table) {
    if (theirs == word) return std::string(ours);
  }
  return std::nullopt;
}

/// The words between signs, in small letters: "http_req_duration.P95" as http req duration p95;
/// "p99.9" stays whole.
std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto digit = [&text](std::size_t at) {
      return at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0;
    };
    const bool inside = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                        (c == '.' && i > 0 && digit(i - 1) && digit(i + 1));
    if (inside) {
      words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

/// p95 of "p95", "p95.0" or "95"; the next larger one that exists of p97 or p75.
std::optional<std::string> percentile(std::string_view word, bool after_p) {
  if (word.starts_with('p'))
    word.remove_prefix(1);
  else if (!after_p)
    return std::nullopt;
  const std::string digits(word);
  char* end = nullptr;
  const double number = std::strtod(digits.c_str(), &end);
  if (digits.empty() || *end != '\0' || number <= 0) return std::nullopt;
  if (number <= 50) return "p50";
  if (number <= 90) return "p90";
  if (number <= 95) return "p95";
  if (number <= 99) return "p99";
  return "p999";
}

/// What stands left of the operator.
struct Subject {
  std::string text;       ///< "p95(latency)"
  std::string narrowing;  ///< " for request browse"
  enum class Unit : std::uint8_t { time, share, success, per_second } unit = Unit::time;
};

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, "_"));
}

/// "p95(latency, browse)": what is after the comma.
std::string request_of(std::string_view& left) {
  const std::size_t comma = left.find(',');
  const std::size_t close = left.rfind(')');
  if (comma == std::string_view::npos || close == std::string_view::npos || close < comma)
    return {};
  std::string name(trimmed(left.substr(comma + 1, close - comma - 1)));
  left = left.substr(0, comma);
  return name.empty() ? name : " for request " + name;
}

std::optional<Subject> rate_subject(std::vector<std::string> words) {
  std::erase_if(words, [](const std::string& word) {
    return word == "rate" || word == "ratio" || word == "percent" || word == "percentage";
  });
  const std::string name = joined(words);
  if (const auto failure = translated(kRateWords, name)) {
    return Subject{"rate(" + *failure + ")", "", Subject::Unit::share};
  }
  if (name == "success" || name == "availability" || name == "checks") {
    return Subject{"rate(error)", "", Subject::Unit::success};
  }
  return std::nullopt;
}

std::optional<Subject> time_subject(const std::vector<std::string>& words) {
  std::string statistic;
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto found = translated(kStatisticWords, words[i]);
    if (!found) found = percentile(words[i], i > 0 && words[i - 1] == "p");
    if (found) {
      if (!found->empty()) statistic = *found;
    } else if (words[i] != "p") {
      rest.push_back(words[i]);
    }
  }
  const auto metric = translated(kMetricWords, joined(rest));
  if (!metric) return std::nullopt;
  if (statistic.empty()) statistic = "p95";
  return Subject{statistic + "(" + *metric + ")", ""};
}

std::optional<Subject> subject_of(std::string_view left) {
  const std::string narrowing = request_of(left);
  const std::vector<std::string> words = words_in(left);
  if (words.empty()) return std::nullopt;
  std::optional<Subject> subject = rate_subject(words);
  if (!subject && translated(kThroughputWords, words.front())) {
    subject = Subject{"throughput", "", Subject::Unit::per_second};
  }
  if (!subject) subject = time_subject(words);
  if (subject) subject->narrowing = narrowing;
  return subject;
}

/// The number in front, and what follows it: a unit, and then more.
struct Limit {
  double number = 0;
  std::string digits, unit, rest;
};

std::optional<Limit> limit_of(std::string_view right) {
  Limit limit;
  std::size_t at = 0;
  while (at < right.size() &&
         (std::isdigit(static_cast<unsigned char>(right[at])) != 0 || right[at] == '.')) {
    ++at;
  }
  limit.digits = std::string(right.substr(0, at));
  if (limit.digits.empty()) return std::nullopt;
  limit.number = std::strtod(limit.digits.c_str(), nullptr);
  const std::string_view tail = trimmed(right.substr(at));
  const std::size_t space = std::min(tail.find(' '), tail.size());
  const std::string_view unit = tail.substr(0, space);
  if (unit == "over" || unit == "for") {
    limit.rest = " " + std::string(tail);
  } else {
    limit.unit = std::string(unit);
    limit.rest = std::string(tail.substr(space));
  }
  return limit;
}

std::string limit_text(const Limit& limit, Subject::Unit unit) {
  switch (unit) {
    case Subject::Unit::time: {
      if (limit.unit == "sec" || limit.unit == "secs" || limit.unit == "seconds") {
        return limit.digits + "s";
      }
      const bool thousandths = limit.unit.empty() || limit.unit == "msec" || limit.unit == "millis";
      return limit.digits + (thousandths ? "ms" : limit.unit);
    }
    case Subject::Unit::share:
      // 0.01 may be a share or a percentage.
      return limit.unit == "%" || limit.number >= 1 || limit.number == 0 ? limit.digits + "%" : "";
    case Subject::Unit::success: {
      constexpr double kPercent = 100;
      const double share = limit.unit == "%" ? limit.number : limit.number * kPercent;
      return fmt::format("{:g}%", kPercent - share);
    }
    case Subject::Unit::per_second: return limit.digits + "/s";
  }
  return {};
}

/// Where the operator is, how long, and what it is called here.
struct Operator {
  std::size_t at = 0, length = 0;
  std::string_view text;
};

std::optional<Operator> operator_in(std::string_view text) {
  constexpr std::array kOperators{Word{"≤", "<="},      Word{"≥", ">="},     Word{"=<", "<="},
                                  Word{"=>", ">="},     Word{"<=", "<="},    Word{">=", ">="},
                                  Word{"==", "<="},     Word{"<", "<"},      Word{">", ">"},
                                  Word{"=", "<="},      Word{":", "<"},      Word{" below ", "<"},
                                  Word{" under ", "<"}, Word{" above ", ">"}};
  for (const auto& [theirs, ours] : kOperators) {
    const std::size_t at = text.find(theirs);
    if (at != std::string_view::npos) return Operator{at, theirs.size(), ours};
  }
  return std::nullopt;
}

}  // namespace

std::string suggested_goal(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  if (text.size() > kLongest) return {};
  const std::optional<Operator> op = operator_in(text);
  if (!op) return {};
  const std::optional<Subject> subject = subject_of(trimmed(text.substr(0, op->at)));
  const std::optional<Limit> limit = limit_of(trimmed(text.substr(op->at + op->length)));
  if (!subject || !limit) return {};
  const bool success = subject->unit == Subject::Unit::success;
  const std::string sign(success ? "<=" : op->text);
  const std::string goal =
      fmt::format("{} {} {}{}{}", subject->text, sign, limit_text(*limit, subject->unit),
                  limit->rest, subject->narrowing);
  return std::holds_alternative<Goal>(read_goal(goal)) ? goal : std::string();
}

}  // namespace poolgauge
