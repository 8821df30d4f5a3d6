// `observe`: what a live server's own statistics say of the pools in front of it, and what size
// follows. Nothing is loaded; what cannot be seen is said.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "poolgauge/recommendation.h"
#include "poolgauge/report.h"

namespace poolgauge {

/// What tells one application's sessions from another's. Empty texts: the client said nothing, or
/// it came over a Unix socket.
struct ObserveKey {
  std::string database, role, application, address;
  bool operator==(const ObserveKey&) const = default;
  friend bool operator<(const ObserveKey& a, const ObserveKey& b) {
    return std::tie(a.database, a.role, a.application, a.address) <
           std::tie(b.database, b.role, b.application, b.address);
  }
};

/// `busy` in all but idle: `active` includes a fastpath call; `hidden` is a session whose state the
/// server does not tell (track_activities off).
enum class ObserveState : std::uint8_t { active, idle_in_transaction, idle, hidden };

/// What an active session waits for: `lock` for another transaction, `internal` for a lock of the
/// server's own (LWLock, BufferPin).
enum class ObserveWait : std::uint8_t { none, lock, io, client, other, internal };
inline constexpr std::size_t kObserveWaits = 6;

inline constexpr double kNoAge = -1;

/// One session in one look. Ages in seconds by the server's clock at the look; kNoAge: none.
struct ObserveSession {
  std::size_t group = 0;
  std::int64_t pid = 0;
  ObserveState state = ObserveState::idle;
  ObserveWait wait = ObserveWait::none;
  double state_age_s = kNoAge;    ///< since the state changed
  double xact_age_s = kNoAge;     ///< since the transaction began
  double backend_age_s = kNoAge;  ///< since the session began
};

/// All sessions at one moment. `t_s`: our monotonic time since the window began.
struct ObserveLook {
  double t_s = 0;
  std::vector<ObserveSession> sessions;
  double took_s = 0;  ///< from asking to the answer
};

/// pg_stat_database of one database; times in seconds. What a version lacks is absent.
struct ObserveCounters {
  std::string database;
  double transactions = 0;
  std::optional<double> active_s, idle_in_transaction_s, sessions;
  std::string reset_at;                 ///< changes when the statistics are reset
  std::optional<double> counted_for_s;  ///< since the last reset
};
struct ObserveCounterLook {
  double t_s = 0;
  std::vector<ObserveCounters> databases;
};

/// One line of PgBouncer's SHOW POOLS.
struct ObservePoolRow {
  std::string database, user, mode;
  double clients_waiting = 0, servers_active = 0, servers_idle = 0, longest_wait_s = 0;
};
/// One line of SHOW STATS: totals since PgBouncer was started, times in seconds.
struct ObserveStatsRow {
  std::string database;
  double transactions = 0, wait_s = 0, transaction_s = 0;
  std::optional<double> assignments;  ///< 1.23 and later
};
struct ObservePoolerLook {
  double t_s = 0;
  std::string version;
  std::vector<ObservePoolRow> pools;
  std::vector<ObserveStatsRow> stats;                            ///< empty: not asked for this time
  std::vector<std::pair<std::string, std::int64_t>> pool_sizes;  ///< by database; once
};

/// Takes what was read, in the order of time.
class ObserveSink {
 public:
  virtual ~ObserveSink() = default;
  /// The number of a group; the same key has the same number forever.
  virtual std::size_t group(const ObserveKey& key) = 0;
  virtual void look(const ObserveLook& look) = 0;
  /// Ends a batch. `own_transactions`: ours since the last time, in this database.
  virtual void counters(const ObserveCounterLook& look, const std::string& own_database,
                        double own_transactions, double own_busy_s) = 0;
  /// PgBouncer's console was looked at.
  virtual void pooler(const ObservePoolerLook& look) = 0;
  /// Nothing was seen from here to the next look: the server restarted, or did not answer.
  virtual void gap(double t_s, const std::string& why) = 0;
  /// The last look was before `t_s`.
  virtual void end(double t_s) = 0;
};

/// The server, as far as it tells.
struct ObserveServer {
  int version_num = 0;
  std::string version, address, role, database;
  std::int64_t max_connections = 0, reserved = 0;
  bool standby = false;         ///< it is in recovery
  bool through_pooler = false;  ///< our own connection goes through one
  bool tracks = true;           ///< track_activities of our own session
  std::int64_t prepared_transactions = 0;
  double connect_s = 0;  ///< how long our connection took
  bool has_times() const { return version_num >= 140'000; }
};

/// What the looking took, as shares of one core.
struct ObserveCost {
  double server = 0, here = 0;
  double interval_s = 0.1;  ///< between two looks, as it was at the end
};

/// A figure with its 95 % confidence interval; without one where the window is too short for it.
struct ObserveFigure {
  double value = 0;
  std::optional<double> low, high;
  /// Half the interval's width in standard errors' terms; 0 without an interval.
  double error = 0;
};

/// Whether the pool's own limit kept requests waiting.
enum class ObserveCut : std::uint8_t {
  no,      ///< the limit was not reached in 1 % of the looks
  likely,  ///< the sessions stayed at their number, and all were in use
  certain  ///< the same against a limit that was told
};

/// The size for one group.
struct ObserveSize {
  std::int64_t per_process = 1, total = 1;
  double demand = 0;            ///< connections in use at a time that it is for, of all processes
  double wait_probability = 0;  ///< predicted at this size
  bool lower_bound = false;     ///< the demand was cut off
};

/// One hour of the day, UTC, of all days of the window.
struct ObserveHour {
  int hour = 0;       ///< 0 to 23
  double in_use = 0;  ///< mean
};

/// How long requests wait for a connection: from a pool's own metrics only.
struct ObservedWaiting {
  std::string library;    ///< whose pool it is
  ObserveFigure waiting;  ///< requests that wait: mean number
  /// How many waited, and of what: "of the requests".
  ObserveFigure share;
  std::string share_of;
  /// Means over all requests; over those that waited; what random arrivals would cause.
  std::optional<double> mean_s, waiters_mean_s, predicted_s;
  std::optional<double> p95_s, p99_s;
  std::optional<double> timeouts_per_s;
  bool from_counters = false;  ///< in use and waiting: of all the time, not of moments
  bool bursts = false;         ///< requests wait so much longer that they must come in bursts
  bool saturated = false;      ///< nearly all connections in use all the time: demand is unknown
};

/// How a group's pool seems to reuse its connections.
struct ObserveGuess {
  std::string kind;     ///< a pool kind that behaves so
  std::string pattern;  ///< what was seen
};

struct ObservedGroup {
  ObserveKey key;
  double sessions_mean = 0;
  std::int64_t sessions_least = 0, sessions_most = 0;
  ObserveFigure in_use;                  ///< mean of sessions in a statement or a transaction
  std::optional<double> in_use_counted;  ///< the same from the server's counters: its share
  double active = 0, idle_in_transaction = 0;
  double in_use_high = 0;  ///< with those that became idle within the gap
  double busiest_minute = 0, busiest_minute_at_s = 0;
  std::vector<ObserveHour> hours;  ///< those that were seen, of a window of 2 h or more
  std::optional<double> in_use_p50, in_use_p95, in_use_p99, in_use_p999;
  std::int64_t in_use_most = 0;
  std::vector<double> in_use_shares;  ///< of the looks, by the number in use
  double peakedness = 1;              ///< variance over mean of the number in use
  double effective_looks = 0;
  std::optional<ObserveFigure> rate_per_s;   ///< transactions
  std::optional<ObserveFigure> hold_s;       ///< of a transaction, mean
  std::optional<ObserveFigure> hold_spread;  ///< squared coefficient of variation
  std::vector<double> hold_quantiles_s;      ///< at (i + 0.5) / n; empty: too few ages
  double hold_p50_s = 0, hold_p95_s = 0;     ///< where there are quantiles
  ObserveFigure all_in_use;                  ///< share of the looks
  std::optional<std::int64_t> limit;         ///< told with --group
  ObserveCut cut = ObserveCut::no;
  double new_sessions_per_s = 0;
  std::array<double, kObserveWaits> waits{};  ///< mean active sessions by ObserveWait
  /// It would need a larger pool only because most of its sessions in use wait for locks.
  bool held_by_locks = false;
  double waiting_for_locks() const { return waits[static_cast<std::size_t>(ObserveWait::lock)]; }
  std::int64_t hidden_most = 0;
  std::int64_t processes = 1;
  bool processes_told = false;
  std::int64_t processes_guessed = 1;
  bool autocommit = false;  ///< hardly any time idle in a transaction: holds may be hidden
  ObserveGuess guess;
  std::optional<ObservedWaiting> waiting;  ///< with --metrics
  ObserveSize size;
  std::optional<ObserveSize> size_now;      ///< for the load as it was, without growth
  std::optional<ObserveSize> size_high;     ///< where in_use_high is much above in_use
  std::optional<ObserveSize> size_guessed;  ///< with the guessed number of processes
  bool named() const { return !key.application.empty(); }
};

/// One piece of the window, for charts and CSV.
struct ObservePoint {
  double t_s = 0, seconds = 0;
  std::vector<double> in_use, idle_in_transaction, sessions;  ///< by group
  std::vector<double> waiting = {};                           ///< the same; empty: not visible
};

/// What the user said.
struct ObserveQuestion {
  std::string profile = "production";
  std::optional<std::int64_t> processes;
  std::vector<std::pair<std::string, std::int64_t>> limits;  ///< by application name or role
  double gap_s = 0.01;
  double asked_for_s = 300;
};

struct ObservedDatabase {
  std::string name;
  double in_use_sampled = 0;
  std::optional<double> in_use_counted;
  double transactions_per_s = 0;
  std::optional<double> usual_transactions_per_s;  ///< since the last reset
  std::optional<double> new_sessions_per_s;
};

/// One pool of PgBouncer: its servers for one database and user.
struct ObservedPool {
  std::string database, user, mode;
  std::optional<std::int64_t> pool_size;  ///< that it has now
  ObserveFigure servers_busy;             ///< of the looks
  double busiest_minute = 0;
  ObserveFigure clients_waiting;
  ObserveFigure waiting_looks;  ///< share of the looks in which a client waited
  double longest_wait_s = 0;
  // From its totals; of the whole database, and absent in session mode.
  std::optional<double> busy_counted;     ///< servers busy: this pool's share
  std::optional<double> waiting_counted;  ///< clients waiting: this pool's share
  std::optional<double> hold_s, transactions_per_s, mean_wait_s;
  std::int64_t size = 1;
  std::optional<double> predicted_wait_s;  ///< mean, by Erlang C at the present size
};
struct ObservedPooler {
  std::string version;
  std::uint64_t looks = 0;
  std::vector<ObservedPool> pools;  ///< the busiest first
  std::vector<std::string> notes;
};

/// The answer.
struct Observed {
  ObserveServer server;
  ObserveCost cost;
  ObserveQuestion question;
  std::string metrics_of;  ///< whose metrics were read; empty: a server's sessions were
  double seconds = 0;      ///< that were watched, without gaps
  std::optional<std::int64_t> started_s;  ///< since 1970, UTC
  std::uint64_t looks = 0;
  bool interrupted = false;
  std::vector<ObservedGroup> groups;  ///< the largest in use first; only those that were seen
  std::vector<ObservedDatabase> databases;
  std::vector<ObservePoint> points;
  double sessions_mean = 0, idle_surplus = 0;
  std::int64_t sessions_most = 0, could_open = 0, needed = 0;
  bool knows_server() const { return server.max_connections > 0; }
  std::int64_t room() const { return server.max_connections - server.reserved; }
  std::optional<Recommendation> recommendation;  ///< for the first group
  std::optional<ObservedPooler> pooler;          ///< with --pgbouncer
  std::vector<std::string> warnings;             ///< what makes figures doubtful
  std::vector<std::string> limits;               ///< what this window cannot show
};

/// What only the caller knows.
struct ObserveRun {
  std::string tool_version, command_line, started_at;
  int exit_code = 0;
};

std::string to_terminal(const Observed& observed, const TerminalStyle& style);
std::string to_markdown(const Observed& observed);
/// scenarios/observe.schema.json.
std::string to_json(const Observed& observed, const ObserveRun& run);
std::string to_html(const Observed& observed, const ObserveRun& run);
std::string to_prometheus(const Observed& observed);
/// A line for each batch and group.
std::string to_csv(const Observed& observed);

}  // namespace poolgauge
