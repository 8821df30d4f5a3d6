// By BEGIN and COMMIT where they are in the log; by virtual transaction id where it begins in the
// midst of a transaction.
#include "scenario/import/log_requests.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/letters.h"
#include "scenario/import/import_parts.h"
#include "scenario/read/statement.h"

namespace poolgauge {

namespace {

constexpr std::size_t kMostGaps = 10000;   // kept of each place
constexpr std::size_t kMostValues = 1000;  // different ones counted of each place

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
    const bool joins = in_block_ || !held_.empty() ||
                       (open_ && is_transaction(id_) && statement.transaction == id_);
    if (!joins) {
      close();
      open(statement);
    }
    open_->names.see(statement.sql);
    if (!is_replayable_within(statement.sql, open_->names, in_block_)) {
      ++result_.unreplayable;
      return;
    }
    note_gap(statement);
    open_->statements.push_back(&statement);
    open_->end_s = statement.end_s;
    if (!in_block_) hold(statement.sql);
  }

  /// A cursor WITH HOLD lives until it is closed: what reads it needs the same connection.
  void hold(std::string_view sql) {
    constexpr std::size_t kMost = 300;
    const std::vector<SqlToken> tokens = tokens_of(sql, kMost);
    const auto lower = [&](std::size_t i) {
      return lower_case(sql.substr(tokens[i].begin, tokens[i].end - tokens[i].begin));
    };
    if (tokens.size() < 2) return;
    if (lower(0) == "close") {
      held_.erase(lower(1));
      if (lower(1) == "all") held_.clear();
    }
    if (lower(0) != "declare") return;
    for (std::size_t i = 2; i + 1 < tokens.size(); ++i) {
      if (lower(i) == "with" && lower(i + 1) == "hold") held_.insert(lower(1));
      if (lower(i) == "select") return;
    }
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
    held_.clear();
    if (open_ && !open_->statements.empty()) result_.requests.push_back(std::move(*open_));
    open_.reset();
  }

  LoggedRequests& result_;
  std::optional<LoggedRequest> open_;
  std::string id_;
  bool in_block_ = false;
  std::set<std::string> held_;  // cursors that outlive their statement
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

std::vector<StatementShape> shapes_of(const LoggedRequest& request) {
  std::vector<StatementShape> shapes;
  ChangingNames names;
  for (const LoggedStatement* statement : request.statements) {
    names.see(statement->sql);
    shapes.push_back(shape_of(statement->sql, statement->parameters, &names));
  }
  return shapes;
}

RequestKind::RequestKind(const LoggedRequest& first, std::vector<StatementShape> shapes)
    : begin_(first.begin), end_(first.end), shapes_(std::move(shapes)), names_(first.names) {
  std::size_t places = 0;
  for (std::size_t i = 0; i < first.statements.size(); ++i) {
    texts_.push_back(first.statements[i]->sql);
    places += shapes_[i].constants.size();
  }
  gaps_.resize(texts_.size() + 1);
  values_.resize(places);
  protocols_.resize(texts_.size());
  classes_.assign(places, 0);
}

void RequestKind::add(const LoggedRequest& request, const std::vector<StatementShape>& shapes) {
  ++count_;
  add_gaps(request);
  for (std::size_t i = 0; i < request.statements.size() && i < protocols_.size(); ++i) {
    ++protocols_[i][static_cast<std::size_t>(request.statements[i]->protocol)];
  }
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

Protocol RequestKind::protocol(std::size_t statement) const {
  const auto& counts = protocols_[statement];
  return static_cast<Protocol>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

void RequestKind::add_gaps(const LoggedRequest& request) {
  for (std::size_t i = 0; i < request.gaps.size() && i < gaps_.size(); ++i) {
    if (request.gaps[i] && gaps_[i].size() < kMostGaps) gaps_[i].push_back(*request.gaps[i]);
  }
}

}  // namespace poolgauge
