// The transactions of logged sessions, gathered by what they do.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenario/import/server_log.h"
#include "scenario/import/statement_shape.h"

namespace poolgauge {

/// One transaction, or one statement outside of any.
struct LoggedRequest {
  double start_s = 0;
  std::optional<double> end_s;
  std::string begin;  ///< the statement that began it; empty: none
  std::string end;    ///< the one that ended it
  std::vector<const LoggedStatement*> statements;
  ChangingNames names;  ///< all that its statements declare
  /// The client's own time before each statement and before the end, in seconds; none: the log does
  /// not say when the statement before had ended.
  std::vector<std::optional<double>> gaps;
};

struct LoggedRequests {
  std::vector<LoggedRequest> requests;  ///< by start
  std::size_t sessions = 0;
  std::size_t unfinished = 0;    ///< transactions still open at the log's end
  std::size_t unreplayable = 0;  ///< statements that no request can run
  std::size_t failed = 0;        ///< statements
};

/// `sessions` must outlive the result.
LoggedRequests requests_of(const std::vector<LoggedSession>& sessions);

/// What was seen of the constants at one place, and of those that always equal them.
struct SeenValues {
  std::map<std::string, std::size_t> counts;
  bool all_integers = true;
  std::int64_t lowest = INT64_MAX;  ///< while all are integers
  std::int64_t highest = INT64_MIN;
  std::size_t nulls = 0;
};

/// The shapes of a request's statements, in their order.
std::vector<StatementShape> shapes_of(const LoggedRequest& request);

/// Requests of the same statements, their constants apart.
class RequestKind {
 public:
  RequestKind(const LoggedRequest& first, std::vector<StatementShape> shapes);
  void add(const LoggedRequest& request, const std::vector<StatementShape>& shapes);

  std::size_t count() const { return count_; }
  const std::string& begin() const { return begin_; }
  const std::string& end() const { return end_; }
  const std::vector<std::string>& statements() const { return texts_; }
  const std::vector<StatementShape>& shapes() const { return shapes_; }
  /// Idle times before each statement and before the end, in seconds.
  const std::vector<std::vector<double>>& gaps() const { return gaps_; }
  /// The constants of all statements in a row: which values each place shares with others.
  const std::vector<std::size_t>& classes() const { return classes_; }
  const std::vector<SeenValues>& values() const { return values_; }  ///< by place
  /// How most of the requests sent the statement.
  Protocol protocol(std::size_t statement) const;
  const ChangingNames& names() const { return names_; }  ///< of the first request

 private:
  void add_gaps(const LoggedRequest& request);
  std::string begin_, end_;
  std::vector<std::string> texts_;
  std::vector<StatementShape> shapes_;
  std::vector<std::vector<double>> gaps_;
  std::vector<std::size_t> classes_;
  std::vector<SeenValues> values_;
  std::vector<std::array<std::size_t, 3>> protocols_;  // by statement: simple, extended, prepared
  ChangingNames names_;
  std::size_t count_ = 0;
};

}  // namespace poolgauge
