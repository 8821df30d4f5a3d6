// Arrivals line by line; the first that is wrong ends it.
#include "scenario/read/read_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "scenario/csv.h"
#include "scenario/json.h"
#include "scenario/reader.h"

namespace poolgauge {

namespace {

constexpr std::size_t kMostArrivals = 10'000'000;

Error bad(std::size_t line, const std::string& message) {
  return Error{ErrorKind::usage, fmt::format("line {}: {}", line, message), ""};
}

std::string_view trimmed_field(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::optional<double> number_in(std::string_view field) {
  const std::string_view text = trimmed_field(field);
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

class ArrivalReader {
 public:
  ArrivalReader(double speed, const std::vector<std::string>& request_names)
      : speed_(speed), names_(request_names) {}

  Result<std::vector<ReplayLoad::Arrival>> read(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
      return Error{ErrorKind::usage, "this is not a text file: it contains a NUL byte", ""};
    }
    CsvRecords records(text);
    bool first = true;
    while (!records.at_end()) {
      const std::size_t line = records.line();
      const std::optional<std::vector<std::string>> fields = records.next();
      if (!fields) return bad(line, "a quoted field is not closed");
      if (fields->size() == 1 && trimmed_field((*fields)[0]).empty()) continue;
      const Status taken = first ? take_first(line, *fields) : take(line, *fields);
      if (!taken.ok()) return taken.error();
      first = false;
    }
    if (arrivals_.empty()) return Error{ErrorKind::usage, "the file contains no arrivals", ""};
    return std::move(arrivals_);
  }

 private:
  static constexpr std::size_t kNone = SIZE_MAX;

  /// A heading, or the first arrival.
  Status take_first(std::size_t line, const std::vector<std::string>& fields) {
    columns_ = fields.size();
    if (number_in(fields[0])) {
      if (columns_ > 2) {
        return bad(line, fmt::format("expected seconds and optionally the name of a request, or "
                                     "a header line with the columns \"at\" and \"request\"; "
                                     "found {} columns",
                                     columns_));
      }
      if (columns_ == 2) request_at_ = 1;
      return take(line, fields);
    }
    time_at_ = kNone;
    for (std::size_t i = 0; i < columns_; ++i) {
      const std::string_view name = trimmed_field(fields[i]);
      if (time_at_ == kNone && (name == "at" || name == "arrival_s")) time_at_ = i;
      if (name == "request") request_at_ = i;
    }
    if (time_at_ != kNone) return success();
    return bad(line, fmt::format("expected seconds since the start of the load, or a header line "
                                 "that has a column \"at\" or \"arrival_s\"; found {}",
                                 shown_text(fields[0])));
  }

  Status take(std::size_t line, const std::vector<std::string>& fields) {
    if (fields.size() != columns_) {
      return bad(line, fmt::format("expected {} columns, found {}", columns_, fields.size()));
    }
    if (arrivals_.size() == kMostArrivals) {
      return bad(line, "more than 10,000,000 arrivals; split the file");
    }
    const std::string& written = fields[time_at_];
    const std::optional<double> at_s = number_in(written);
    if (!at_s || *at_s < 0) {
      return bad(line, fmt::format("expected seconds since the start of the load, found {}",
                                   shown_text(written)));
    }
    if (*at_s < last_s_) {
      return bad(line,
                 fmt::format("expected a time that is not before the previous arrival ({} s); "
                             "found {}; sort the file by time",
                             last_s_, shown_text(written)));
    }
    last_s_ = *at_s;
    if (*at_s / speed_ > to_s(kLongestDuration)) {
      return bad(line, fmt::format("expected seconds since the start of the load, at most 365 "
                                   "days; found {}; subtract the time of the first arrival",
                                   shown_text(written)));
    }
    ReplayLoad::Arrival arrival;
    arrival.at = from_s(*at_s / speed_);
    if (request_at_ != kNone) {
      const std::string name(trimmed_field(fields[request_at_]));
      const auto known = std::find(names_.begin(), names_.end(), name);
      if (known == names_.end() && !name.empty()) return unknown_request(line, name);
      if (!name.empty()) arrival.request = static_cast<std::uint32_t>(known - names_.begin());
    }
    if (arrival.request != kAnyRequest) {
      turns_.resize(names_.size());
      arrival.turn = turns_[arrival.request]++;
    }
    arrivals_.push_back(arrival);
    return success();
  }

  Error unknown_request(std::size_t line, const std::string& name) const {
    const std::optional<std::string> nearest = nearest_name(name, names_);
    return bad(line,
               fmt::format("unknown request {}{} requests are {}", shown_text(name),
                           nearest ? "; did you mean " + shown_text(*nearest) + "? The scenario's"
                                   : "; the scenario's",
                           listed(names_)));
  }

  double speed_;
  const std::vector<std::string>& names_;
  std::size_t columns_ = 0;
  std::size_t time_at_ = 0;
  std::size_t request_at_ = kNone;
  double last_s_ = 0;
  std::vector<std::uint32_t> turns_;  // by request: how many came
  std::vector<ReplayLoad::Arrival> arrivals_;
};

}  // namespace

Result<std::vector<ReplayLoad::Arrival>> read_arrivals(
    std::string_view text, double speed, const std::vector<std::string>& request_names) {
  return ArrivalReader(speed, request_names).read(text);
}

}  // namespace poolgauge
