// A scenario: the workload, the deployment, the durations, and the goals.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "poolgauge/diagnostic.h"
#include "poolgauge/distribution.h"
#include "poolgauge/load.h"
#include "poolgauge/outcome.h"
#include "poolgauge/policies.h"
#include "poolgauge/result.h"
#include "poolgauge/script.h"

namespace poolgauge {

enum class StepKind : std::uint8_t { sql, hold, pause };
enum class Protocol : std::uint8_t { simple, extended, prepared };
enum class TransactionMode : std::uint8_t {
  none,
  read_write,
  read_only,
  read_committed,
  repeatable_read,
  repeatable_read_read_only,
  serializable,
  serializable_read_only,
  serializable_deferrable,
  immediate,  ///< SQLite's
  exclusive   ///< the same
};
/// What a scenario says for it, and what is sent.
struct TransactionWords {
  TransactionMode mode;
  std::string_view word;
  const char* begin;
};
inline constexpr std::array kTransactionWords{
    TransactionWords{TransactionMode::read_only, "read only", "BEGIN READ ONLY"},
    TransactionWords{TransactionMode::read_committed, "read committed",
                     "BEGIN ISOLATION LEVEL READ COMMITTED"},
    TransactionWords{TransactionMode::repeatable_read, "repeatable read",
                     "BEGIN ISOLATION LEVEL REPEATABLE READ"},
    TransactionWords{TransactionMode::repeatable_read_read_only, "repeatable read, read only",
                     "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"},
    TransactionWords{TransactionMode::serializable, "serializable",
                     "BEGIN ISOLATION LEVEL SERIALIZABLE"},
    TransactionWords{TransactionMode::serializable_read_only, "serializable, read only",
                     "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY"},
    TransactionWords{TransactionMode::serializable_deferrable,
                     "serializable, read only, deferrable",
                     "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE"},
    TransactionWords{TransactionMode::immediate, "immediate", "BEGIN IMMEDIATE"},
    TransactionWords{TransactionMode::exclusive, "exclusive", "BEGIN EXCLUSIVE"},
};
inline bool is_serializable(TransactionMode mode) {
  return mode == TransactionMode::serializable || mode == TransactionMode::serializable_read_only ||
         mode == TransactionMode::serializable_deferrable;
}

/// An SQL text whose `:name` variables became `$1`, `$2`, ... (one per distinct name).
struct Statement {
  std::string source;                    ///< as written in the scenario
  std::string text;                      ///< as sent
  std::vector<std::uint32_t> variables;  ///< $n's variable: index into Scenario::variables
  /// Maps a 1-based character position in `text` (as PostgreSQL reports it) to one in `source`.
  /// Inline: the scenario's reader and the check on the server both need it.
  std::size_t source_position(std::size_t text_position) const;
  struct Shift {
    std::size_t text_offset = 0;    ///< byte offset in text just after a replaced variable
    std::size_t source_offset = 0;  ///< the same place in source
  };
  std::vector<Shift> shifts;  ///< ascending
};

inline std::size_t Statement::source_position(std::size_t text_position) const {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  // PostgreSQL counts characters, the shifts count bytes.
  std::size_t offset = 0;
  for (std::size_t seen = 1; seen < text_position && offset < text.size(); ++seen) {
    do {
      ++offset;
    } while (offset < text.size() && continues(text[offset]));
  }
  Shift nearest;
  for (const Shift& shift : shifts) {
    if (shift.text_offset <= offset) nearest = shift;
  }
  const std::size_t end = nearest.source_offset + (offset - nearest.text_offset);
  std::size_t position = 1;
  for (std::size_t i = 0; i < end && i < source.size(); ++i) {
    if (!continues(source[i])) ++position;
  }
  return position;
}

/// What an SQL step does to the transaction around it, as its first word says.
enum class TransactionEffect : std::uint8_t { none, begins, ends };

/// A column of a statement's result that becomes a variable.
struct ResultColumn {
  std::string column;
  std::uint32_t variable = 0;
};

struct Step {
  std::string name;  ///< unique within its request
  StepKind kind = StepKind::sql;
  Statement sql;                           ///< for sql; empty: it has one for SQLite alone
  std::optional<Statement> on_sqlite;      ///< for sql: in its place on SQLite
  Protocol protocol = Protocol::prepared;  ///< for sql
  DurationSpec time;                       ///< for hold and pause
  std::uint32_t pool = 0;                  ///< for sql: where it runs, by Deployment::pool_at
  TransactionEffect effect = TransactionEffect::none;  ///< for sql
  /// For simple: values go into the text as they are, without quotes.
  bool verbatim = false;
  /// For sql: the server's CPU time for it in a simulation; nullopt: unknown.
  std::optional<DurationSpec> cost;
  bool wants_row = false;             ///< for sql: of its result exactly one row is expected
  std::vector<ResultColumn> results;  ///< what of that row is kept
  /// For hold: as many units as the variable says, in place of `time`.
  std::optional<std::uint32_t> time_variable;
  Duration time_unit{0};
};

/// A pgbench script that is part of a request.
struct Include {
  std::string file;
  std::string text;
  std::string prefix;  ///< of its steps' names
  Protocol protocol = Protocol::prepared;
  std::uint32_t pool = 0;
  std::size_t first_step = 0;  ///< its place among the request's steps
  std::size_t steps = 0;
};

/// What is done about a failure that may go away: the whole request again, from its checkout.
struct RetrySpec {
  std::vector<SqlState> on;  ///< SQLSTATEs; empty: never
  std::uint32_t max = 3;     ///< retries of one request
  DurationSpec backoff = ExponentialDuration{std::chrono::milliseconds(10)};
  double factor = 2;  ///< by which each further backoff is longer

  bool covers(const SqlState& state) const {
    return std::find(on.begin(), on.end(), state) != on.end();
  }
};

struct RequestSpec {
  std::string name;  ///< unique
  double weight = 1;
  TransactionMode transaction = TransactionMode::none;
  std::vector<Step> steps;  ///< at least one
  std::uint32_t pool = 0;   ///< its own, by Deployment::pool_at: of its transaction
  /// What to do in which order; empty: the steps, one after the other.
  std::vector<ScriptLine> lines;
  std::vector<Include> includes;  ///< where `lines` come from
  RetrySpec retry;
};

struct UniformVariable {
  std::int64_t low = 0, high = 0;
};
struct ZipfVariable {
  std::int64_t low = 0, high = 0;
  double s = 1.0;
};
/// As pgbench's random_gaussian and random_exponential.
struct GaussianVariable {
  std::int64_t low = 0, high = 0;
  double parameter = 2.5;
};
struct ExponentialVariable {
  std::int64_t low = 0, high = 0;
  double parameter = 5.0;
};
/// Counts up from `start`, shared by all users of a worker thread; `step` apart.
struct SequenceVariable {
  std::int64_t start = 1, step = 1;
};
/// Random lower-case words, `length` characters.
struct TextVariable {
  std::uint32_t length = 0;
};
struct ChoiceVariable {
  std::vector<std::string> values;
  std::vector<double> weights;
};
/// A column of a CSV file, read when the scenario is; values drawn uniformly or in turn.
struct CsvVariable {
  std::string file, column;
  bool in_turn = false;
  /// All variables of the file, the request and the order that say so have, in one request, the
  /// values of the same row.
  bool together = false;
  std::string request;              ///< only rows whose column "request" says this; empty: all
  std::optional<std::string> null;  ///< the text that means NULL
  std::vector<std::string> values;
};

/// What pgbench scripts compute; a user keeps its value from request to request.
struct ScriptVariable {
  enum class Origin : std::uint8_t { script, scale, client_id, random_seed, default_seed };
  Origin origin = Origin::script;
};

struct VariableSpec {
  std::string name;
  std::variant<UniformVariable, ZipfVariable, GaussianVariable, ExponentialVariable,
               SequenceVariable, TextVariable, ChoiceVariable, CsvVariable, ScriptVariable>
      value;
};

/// A pooler of its own process between the pools and the server: one for the whole fleet.
struct Pooler {
  PoolSpec spec;       ///< kind "pgbouncer"; options as in pgbouncer.ini
  bool given = false;  ///< the target itself is one; else one is started for the run
};

/// Which server a pool connects to.
enum class PoolTarget : std::uint8_t { primary, replica };
/// How a pool's connections get their role: by logging in as it, or with SET ROLE.
enum class RoleBy : std::uint8_t { connect, set_role };

/// A pool with its place in the deployment.
struct DeployedPool : PoolSpec {
  std::string name = "primary";
  PoolTarget target = PoolTarget::primary;
  std::string role;  ///< empty: whoever the target's connection string says
  RoleBy role_by = RoleBy::connect;
};

/// instances x processes, each process with its own pool or pools.
struct Deployment {
  std::uint32_t instances = 1;
  std::uint32_t processes = 1;
  DeployedPool pool;                      ///< the one named primary; else the first
  std::vector<DeployedPool> others = {};  ///< further pools of each process
  std::optional<Pooler> pooler = {};      ///< in front of the one pool of each process
  std::uint32_t fleet() const { return instances * processes; }
  std::uint32_t pool_count() const { return 1 + static_cast<std::uint32_t>(others.size()); }
  const DeployedPool& pool_at(std::uint32_t index) const {
    return index == 0 ? pool : others[index - 1];
  }
  bool uses(PoolTarget target) const {
    for (std::uint32_t i = 0; i < pool_count(); ++i) {
      if (pool_at(i).target == target) return true;
    }
    return false;
  }
};

enum class GoalStatistic : std::uint8_t { p50, p90, p95, p99, p999, max, mean, rate, throughput };
enum class GoalMetric : std::uint8_t {
  latency,
  response,
  pool_wait,
  connect,
  connection_time,
  step,
  none
};
enum class GoalOp : std::uint8_t { less, less_equal, greater, greater_equal };

/// One goal, as parsed from an expression such as "p95(latency) < 1s".
struct Goal {
  std::string text;  ///< as written
  GoalStatistic statistic = GoalStatistic::p95;
  GoalMetric metric = GoalMetric::latency;
  std::string step;     ///< for metric step: "name" or "request.name"
  std::string failure;  ///< for rate: "error" (all failures), "deadline", or a class
  GoalOp op = GoalOp::less;
  double value = 0;            ///< seconds, a fraction (rate), or requests per second
  Duration over{0};            ///< whole seconds: every window of this length; zero: the whole run
  std::string request;         ///< only this kind of request; empty: all
  bool abort_on_fail = false;  ///< once certainly missed, it ends the run ...
  Duration grace{0};           ///< ... but not before this much of the window has passed
  /// Needs more than the figures of the whole run.
  bool narrowed() const { return over > Duration{0} || !request.empty(); }
};

/// A file named by the scenario, with its content, read when the scenario was.
struct SqlFile {
  std::string path;
  std::string content;
};

/// A server of kind "sqlite".
struct SqliteServer {
  std::string preset;  ///< whose habits and pragmas; empty: none
  std::vector<std::pair<std::string, std::string>> pragmas;
};

struct Scenario {
  std::string file;    ///< where it came from
  std::string sha256;  ///< of the file's bytes, hex
  std::string name;
  std::string description;
  std::vector<std::pair<std::string, std::string>> server_settings;
  std::optional<SqliteServer> sqlite;  ///< without a target: not an embedded PostgreSQL, but this
  std::vector<SqlFile> setup;
  std::vector<SqlFile> teardown;
  /// Used instead of these on SQLite; nullopt: the same.
  std::optional<std::vector<SqlFile>> setup_on_sqlite, teardown_on_sqlite;
  std::vector<VariableSpec> variables;
  std::vector<RequestSpec> requests;  ///< at least one
  Load load;
  Duration warmup{0};
  bool warmup_auto = false;  ///< as long as it takes until the load is steady; `warmup` is 0
  Duration duration = std::chrono::seconds(10);
  std::optional<Duration> deadline;
  Deployment deployment;
  std::vector<Goal> goals;
  std::string resolved_json;  ///< the scenario as run, overrides applied, compact JSON
  std::string flags_note;  ///< what --pool-size and its like set in this kind of pool; may be empty

  std::size_t step_count() const {
    std::size_t count = 0;
    for (const RequestSpec& request : requests) count += request.steps.size();
    return count;
  }
  /// Concurrent clients of the whole deployment, where the load bounds them.
  std::optional<std::int64_t> max_clients() const { return most_users(load); }
};

/// A value that replaces what the file says, from a flag or the environment.
struct Override {
  std::string source;  ///< how to name it in an error: "--users" or "POOLGAUGE_USERS"
  /// users, think, rate, arrivals, burst, every, stages, replay, speed, duration, warmup, deadline,
  /// instances, processes, pool (the kind), slo (adds one), "option:NAME" for an option of the pool
  /// named primary or of the only one, "option:POOL.NAME" for one of another, or "pool:NAME" for
  /// what every kind has under a name of its own, with NAME as in name_of(PoolFlag).
  std::string key;
  std::string value;
};

/// A scenario, or every mistake in it at once, ordered by place.
using ScenarioResult = std::variant<Scenario, std::vector<Diagnostic>>;

/// Reads a scenario from text. `file` names it in diagnostics; files it refers to are looked up
/// in its folder. Overrides are applied in order, later ones win.
ScenarioResult parse_scenario(std::string_view text, const std::string& file,
                              const std::vector<Override>& overrides);
/// The same from a file; an unreadable file is one diagnostic.
ScenarioResult load_scenario(const std::string& file, const std::vector<Override>& overrides);

/// A goal alone, for --slo: the error says what was expected and where in the text.
Result<Goal> parse_goal(std::string_view text);

}  // namespace poolgauge
