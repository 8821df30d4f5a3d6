// By BEGIN and COMMIT where they are in the log; by virtual transaction id where it begins in the
// midst of a transaction.
#include "scenario/log_requests.h"

#include <algorithm>
#include <utility>

#include "scenario/import_parts.h"
#include "scenario/statement.h"

namespace poolgauge {

namespace {

constexpr std::size_t kMostGaps = 10000;   // kept of each place
constexpr std::size_t kMostValues = 1000;  // different ones kept of each place

/// "3/12"; "3/0" is no transaction.
bool is_transaction(const std::string& id) {
  return !id.empty() && !id.ends_with("/0");
}

class Grouper {
 public:
  explicit Grouper(LoggedRequests& result) : result_(result) {}

  void run(const LoggedSession& session) {
    for (const LoggedStatement& statement : session.statements) add(statement);
    if (in_block_) {
      ++result_.unfinished;
      open_.reset();
    }
    close();
  }

 private:
  void add(const LoggedStatement& statement) {
    if (statement.failed) ++result_.failed;
    switch (effect_of(statement.sql)) {
      case TransactionEffect::begins:
        close();
        open(statement);
        open_->begin = statement.sql;
        in_block_ = true;
        return;
      case TransactionEffect::ends:
        // Without its beginning in the log: what shares its id belongs to it.
        if (!open_) return;
        note_gap(statement);
        open_->end = statement.sql;
        open_->end_s = statement.end_s;
        close();
        return;
      case TransactionEffect::none: break;
    }
    const bool joins = in_block_ || (open_ && is_transaction(id_) && statement.transaction == id_);
    if (!joins) {
      close();
      open(statement);
    }
    if (!is_replayable(statement.sql)) {
      ++result_.unreplayable;
      return;
    }
    note_gap(statement);
    open_->statements.push_back(&statement);
    open_->end_s = statement.end_s;
  }

  void open(const LoggedStatement& first) {
    open_.emplace();
    open_->start_s = first.start_s;
    open_->end_s = first.end_s;
    id_ = first.transaction;
  }

  void note_gap(const LoggedStatement& next) {
    const bool is_first = open_->statements.empty() && open_->begin.empty();
    if (is_first || !open_->end_s) {
      open_->gaps.emplace_back();
    } else {
      open_->gaps.emplace_back(std::max(0.0, next.start_s - *open_->end_s));
    }
  }

  void close() {
    in_block_ = false;
    if (open_ && !open_->statements.empty()) result_.requests.push_back(std::move(*open_));
    open_.reset();
  }

  LoggedRequests& result_;
  std::optional<LoggedRequest> open_;
  std::string id_;
  bool in_block_ = false;
};

bool is_integer(const std::string& text) {
  const std::size_t sign = text.starts_with("-") ? 1 : 0;
  constexpr std::size_t kDigits = 15;
  return text.size() > sign && text.size() <= sign + kDigits &&
         text.find_first_not_of("0123456789", sign) == std::string::npos;
}

void see(SeenValues& seen, const std::optional<std::string>& value) {
  if (!value) {
    ++seen.nulls;
    return;
  }
  seen.all_integers = seen.all_integers && is_integer(*value);
  if (seen.all_integers) {
    const std::int64_t number = std::stoll(*value);
    seen.lowest = std::min(seen.lowest, number);
    seen.highest = std::max(seen.highest, number);
  }
  const auto known = seen.counts.find(*value);
  if (known != seen.counts.end()) {
    ++known->second;
  } else if (seen.counts.size() < kMostValues) {
    seen.counts.emplace(*value, 1);
  } else {
    seen.truncated = true;
  }
}

}  // namespace

LoggedRequests requests_of(const std::vector<LoggedSession>& sessions) {
  LoggedRequests result;
  result.sessions = sessions.size();
  for (const LoggedSession& session : sessions) Grouper(result).run(session);
  std::stable_sort(
      result.requests.begin(), result.requests.end(),
      [](const LoggedRequest& a, const LoggedRequest& b) { return a.start_s < b.start_s; });
  return result;
}

RequestKind::RequestKind(const LoggedRequest& first, std::vector<StatementShape> shapes)
    : begin_(first.begin), end_(first.end), shapes_(std::move(shapes)) {
  std::size_t places = 0;
  for (std::size_t i = 0; i < first.statements.size(); ++i) {
    texts_.push_back(first.statements[i]->sql);
    places += shapes_[i].constants.size();
  }
  gaps_.resize(texts_.size() + 1);
  values_.resize(places);
  classes_.assign(places, 0);
}

void RequestKind::add(const LoggedRequest& request, const std::vector<StatementShape>& shapes) {
  ++count_;
  add_gaps(request);
  // Places stay together only while they have the same value in each request.
  std::map<std::pair<std::size_t, std::optional<std::string>>, std::size_t> refined;
  std::size_t place = 0;
  for (const StatementShape& shape : shapes) {
    for (const Constant& constant : shape.constants) {
      see(values_[place], constant.value);
      const auto key = std::pair(classes_[place], constant.value);
      classes_[place] = refined.try_emplace(key, refined.size()).first->second;
      ++place;
    }
  }
}

void RequestKind::add_gaps(const LoggedRequest& request) {
  for (std::size_t i = 0; i < request.gaps.size() && i < gaps_.size(); ++i) {
    if (request.gaps[i] && gaps_[i].size() < kMostGaps) gaps_[i].push_back(*request.gaps[i]);
  }
}

}  // namespace poolgauge
