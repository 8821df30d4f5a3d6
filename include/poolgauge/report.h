// A report: everything that a run measured, as one value, and pure functions that render it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/curve.h"
#include "poolgauge/gate.h"
#include "poolgauge/guard.h"
#include "poolgauge/latency_summary.h"
#include "poolgauge/measurement.h"
#include "poolgauge/part.h"
#include "poolgauge/recommendation.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/terminal_style.h"

namespace poolgauge {

/// A point of a distribution: `percentile` of 100 values lie at or below `ms`.
struct PercentilePoint {
  double percentile = 0, ms = 0;
};
using Percentiles = std::vector<PercentilePoint>;

enum class VerdictStatus : std::uint8_t {
  pass,
  slo_missed,
  regression,
  inconclusive,
  guard,
  interrupted
};

struct GoalResult {
  std::string goal;
  std::string unit;                 ///< "s", "fraction" or "1/s": of measured, low and high
  std::optional<double> measured;   ///< nullopt: the sample is too small
  std::optional<double> low, high;  ///< 95 % interval
  /// A lower bound where requests in flight leave `measured` unknown. With a margin, the bound
  /// alone is over the limit.
  std::optional<double> at_least;
  bool met = false;
  std::optional<double> limit;   ///< what the goal asks for
  std::optional<double> margin;  ///< headroom to the limit; negative: the limit is exceeded
  /// Decided: by its figure, or by a bound that is over the limit.
  bool judged() const { return measured || (at_least && margin); }
  /// For a goal over sliding windows: how many there were, and when the worst of them began, in
  /// seconds from the start of the window. `measured` is that of the worst.
  std::uint32_t windows = 0;
  std::optional<double> worst_at_s;
  bool ended_the_run = false;  ///< abort_on_fail
  std::string why;             ///< of a goal that could not be judged: the reason
  /// The cause: the sample, or a simulation that only assumes the cost of statements, or that has
  /// no locks where they decide, or a gate none of whose runs could be used.
  enum class OpenBy : std::uint8_t { sample, costs, locks, runs } open_by = OpenBy::sample;
};

struct Verdict {
  VerdictStatus status = VerdictStatus::pass;
  int exit_code = 0;
  std::vector<std::string> reasons;
  std::vector<GoalResult> goals;
  /// Problems beyond the tolerance that no goal covers: one sentence each, with the goal that would
  /// cover it. Such a run never passes.
  std::vector<std::string> unjudged;
};

/// The pooler between pools and server.
struct PoolerFacts {
  std::string kind = "pgbouncer";  ///< or unknown
  std::string version;             ///< "1.18.0"; empty where it was not told
  std::string origin;              ///< started, given, noticed (not named by anyone), or simulated
  std::string pool_mode;
  std::int64_t pool_size = 0;        ///< 0: no limit, or unknown
  std::int64_t max_client_conn = 0;  ///< 0: unknown
  bool tracks_prepared = false;      ///< it tracks prepared statements per client
  bool unprepared = false;           ///< statements were therefore sent unprepared
  std::vector<std::pair<std::string, std::string>> config;  ///< its SHOW CONFIG
};

/// The standby that pools read from. Holds no password.
struct ReplicaFacts {
  std::string address, server_version;  ///< as in TargetFacts
  std::int64_t max_connections = 0, reserved_connections = 0;
};

/// The assumptions of a simulation of a scenario.
struct SimulationFacts {
  std::string costs;    ///< of statements: given, measured, assumed
  std::string assumes;  ///< in words, for the first line
  /// The steps that lock the same rows each time: waits for these locks are not simulated, and no
  /// goal is judged. Empty: none.
  std::string locks = {};
  /// Then goals on time are not judged.
  bool costs_assumed() const { return costs == "assumed"; }
};

/// The database that was measured. Holds no password.
struct TargetFacts {
  std::string kind = "embedded";  ///< embedded, server or simulated
  std::string server_version;     ///< "15.8"
  std::string address;            ///< "localhost:5432/app" or "embedded"; no secrets
  /// The flag or variable that named it: "--target", "DATABASE_URL", "PG*", ...; empty: none did,
  /// or a report of an older version does not say.
  std::string named_by = {};
  std::int64_t max_connections = 0;
  std::int64_t reserved_connections = 0;
  std::vector<std::pair<std::string, std::string>> settings;
  std::optional<PoolerFacts> pooler;
  std::optional<ReplicaFacts> replica;
  std::optional<SimulationFacts> simulation;  ///< nullopt: measured, or replayed from a report
  // For the diagnosis of the run alone; a saved report does not have them.
  /// Connections that the CONNECTION LIMIT of the role or the database leaves us; -1: no limit.
  std::int64_t own_limit = -1;
  bool over_socket = false;  ///< no network between: a Unix socket on this machine
};

/// The machine of the load generator; for an embedded server also that of the server. No names.
struct MachineFacts {
  std::string arch;    ///< "x86_64"
  std::string kernel;  ///< "Linux 6.1.0"
  std::string cpu;     ///< model; empty: unknown
  unsigned cores = 0;  ///< 0: unknown
  std::uint64_t memory_mib = 0;
};

struct Finding {
  /// pool_bound, healthy, ...: docs/diagnosis.md lists them.
  std::string finding;
  std::string evidence;
  std::string advice;
  std::string experiment = {};  ///< what to try, and what it would show if the finding were wrong
  std::string headline = {};    ///< the finding as a sentence; empty: that of its name
};

struct StepSummary {
  std::string request;
  std::string name;
  std::string kind;  ///< sql, hold, pause
  LatencySummary latency;
};

/// The requests of one kind, in the window.
struct RequestKind {
  std::string request;
  std::uint64_t completed = 0, failed = 0;
  std::uint64_t in_flight = 0;       ///< at the end; without those that had not started
  std::vector<ClassCount> failures;  ///< by class
  LatencySummary latency;
};

struct SeriesPoint {
  double t_s = 0;  ///< end of the second, from the start of the window
  std::uint64_t completed = 0, failed = 0;
  std::optional<double> latency_p50_ms, latency_p95_ms, latency_p99_ms;
  std::uint32_t checked_out = 0, overflow = 0, waiting = 0;
  std::optional<double> server_active, server_idle_in_transaction, server_lock_waits;
};

struct PoolSummary {
  PoolMeasurement measured;
  std::string kind;
  std::string target = "primary";  ///< or replica
  std::string role;                ///< empty: the target's own
  std::string role_by;             ///< connect or set role; empty without a role
  std::vector<std::pair<std::string, OptionValue>> options;  ///< all, defaults included
  std::optional<double> utilization_mean;                    ///< checked out / capacity
};

/// Mean milliseconds of a completed request by what they were spent on; they sum to the mean
/// latency.
struct Breakdown {
  double start = 0, pool_wait = 0, begin = 0, sql = 0, hold = 0, pause = 0, commit = 0, release = 0;
  double other = 0;    ///< the residual: in none of the parts
  double backoff = 0;  ///< before retries
  double total() const {
    return start + pool_wait + begin + sql + hold + pause + commit + release + backoff + other;
  }
  /// The residual as a fraction of the mean latency.
  double residual() const { return total() > 0 ? other / total() : 0; }
};

/// The same as distributions, one value for each completed request that spent time on it. `connect`
/// lies within others (PhaseTimes).
struct PhaseSummaries {
  LatencySummary start, pool_wait, connect, begin, sql, hold, pause, commit, release, backoff,
      other;
};

/// Parts of every successful connect (ConnectTimes). Empty: not seen.
struct ConnectSummaries {
  LatencySummary tcp, tls, authentication, ready;
};

/// One stretch of an example request; `start_ms` from the request's intended start.
struct SampleSpan {
  std::string kind;  ///< pool_wait, connect, begin, sql, hold, pause, commit, reset
  std::string name;  ///< of the step, or of the pool
  double start_ms = 0, duration_ms = 0;
};

/// A request kept whole: one of the slowest, a typical or a failed one.
struct ExampleRequest {
  std::string why;  ///< slowest, typical, failed
  std::string request;
  std::uint32_t user = 0;
  double started_s = 0;  ///< intended start, from the start of the window; negative: before it
  double latency_ms = 0;
  std::string outcome;  ///< completed, or the class of the failure
  std::vector<SampleSpan> spans;
  std::uint32_t spans_left_out = 0;
};

/// The load generator and its machine in detail.
struct ClientFigures {
  std::vector<ThreadView> by_thread;
  LatencySummary loop_lag;
  std::uint64_t descriptors_peak = 0, descriptors_limit = 0;  ///< 0: not seen
  MachineView machine;
};

/// Whether the window shows one and the same state from its begin to its end.
struct Steadiness {
  bool automatic = false;  ///< the warm-up ended by what the run showed
  bool reached = true;     ///< false: automatic, but not steady within the most it may take
  /// Seconds of the window after which it is steady (MSER-5, and halves that agree); 0: all of it;
  /// nullopt: none that long, or too short to say.
  std::optional<double> after_s;
  bool known = false;  ///< there were enough seconds to say
};

/// A whole metric, kept so that other tools and `merge` can read it; and, for as long as the
/// program runs, its slices.
struct KeptHistogram {
  std::string name;  ///< latency, response, pool_wait, connect, connection_time, schedule_lag,
                     ///< "step:REQUEST.NAME", "request:NAME"
  PackedHistogram whole;
  std::vector<PackedHistogram> slices;  ///< not in the JSON
};

/// One figure of a simulated run, with what is known of its error.
struct PredictedFigure {
  std::string name;  ///< throughput_per_s, latency_p95_ms, ...: a path of the report's own figures
  std::optional<double> value;
  std::optional<double> low, high;  ///< where a measured run is expected nine times in ten
  std::optional<double> measured;   ///< in the run it is made from; only of the same question
};

/// What a simulation from a measured run claims.
struct Prediction {
  std::string from_started_at;  ///< of the measured run
  std::string from_load, from_pool, from_fleet;
  bool same_question = false;  ///< nothing was changed: predicted and measured can be compared
  std::uint32_t runs = 0;      ///< simulated ones behind the intervals
  /// Completed requests behind the predicted and the measured figures; 0 where it is unknown.
  std::uint64_t samples = 0, from_samples = 0;
  std::vector<PredictedFigure> figures;
  std::vector<std::string> beyond;  ///< what was not measured: one sentence each
};

struct Report {
  int schema_version = 1;
  std::string tool_version;
  std::string command;       ///< run, simulate, advise, sweep
  std::string command_line;  ///< to reproduce; secrets removed
  std::string started_at;    ///< UTC, ISO 8601
  std::string label;         ///< --label: what the user calls this run
  std::string commit;        ///< of the project under test, from the CI's environment
  std::uint64_t seed = 1;
  bool partial = false;
  std::optional<PartFacts> part;     ///< of a part: one machine's share of a run
  std::optional<JoinedParts> parts;  ///< of a run that was merged from parts
  std::string scenario_name, scenario_description, scenario_file, scenario_sha256;
  std::string scenario_json;  ///< Scenario::resolved_json
  std::string load_text;      ///< "100 users", "200/s poisson", "burst of 100 every 5s"
  std::string pool_text;      ///< "sqlalchemy-async 5+10"
  std::string fleet_text;     ///< "" for one process, else "2 instances × 4 processes"
  TargetFacts target;
  MachineFacts machine;
  Verdict verdict;
  std::optional<GateResult> gate;  ///< from gate and compare
  double warmup_s = 0, window_s = 0;
  Steadiness steady;
  RequestCounts requests;
  std::vector<FailureCount> failures;
  std::optional<RetryCounts> retries;  ///< where the scenario asks for retries
  double rate_pool_timeout = 0, rate_deadline = 0, rate_error = 0;  ///< of the requests that ended
  double throughput_per_s = 0;
  /// 95 % intervals of the four figures above.
  std::optional<std::pair<double, double>> pool_timeout_ci95, deadline_ci95, error_ci95,
      throughput_ci95;
  LatencySummary latency, response, pool_wait, connect, connection_time;
  LatencySummary statement;  ///< every execution of an SQL step, one by one
  Percentiles latency_percentiles, pool_wait_percentiles, connection_time_percentiles;
  Breakdown breakdown_ms;
  PhaseSummaries phases;
  ConnectSummaries connect_phases;
  std::vector<ExampleRequest> samples;  ///< slowest first, then typical ones, then failed ones
  std::vector<StepSummary> steps;
  std::vector<RequestKind> kinds;  ///< in the scenario's order; empty in reports that lack them
  std::vector<PoolSummary> pools;
  std::vector<Outage> outages;
  GuardLog guards;
  std::vector<Stall> stalls;
  InFlightSummary in_flight;
  std::vector<Standstill> standstills;
  std::vector<SeriesPoint> timeline;
  ServerView server;
  PoolerView pooler;
  Calibration calibration;     ///< for the simulator
  double client_cpu_busy = 0;  ///< busiest worker thread, 0 to 1
  double client_cpu_s = 0;
  unsigned client_threads = 0;
  LatencySummary schedule_lag;
  bool client_saturated = false;
  ClientFigures client;
  std::vector<Finding> diagnosis;
  std::optional<Prediction> prediction;          ///< of simulations from a report
  std::optional<Recommendation> recommendation;  ///< from advise; the figures are its last run's
  std::optional<Curve> curve;                    ///< from sweep; the figures are of one point
  std::vector<std::string> notes;
  std::vector<KeptHistogram> histograms;
  /// Ages of the requests in flight: latency, response, pool_wait, connection_time, then
  /// "step:REQUEST.NAME" and "request:NAME"; empty where none was.
  std::vector<KeptHistogram> age_histograms;
  /// In addition, how long failed requests had lasted: latency, response, pool_wait,
  /// "request:NAME"; empty where none was in flight or none had failed.
  std::vector<KeptHistogram> failed_histograms;
  CompletionGaps gaps;  ///< the longest, from which the stalls of parts that are joined are found
  double slice_s = 0;   ///< length of their slices; 0: there are none
};

/// What only the caller knows of a run.
struct RunFacts {
  std::string tool_version, command, command_line, started_at;
  std::string label, commit;
  MachineFacts machine;
  std::uint64_t seed = 1;
  std::optional<PartFacts> part;  ///< one machine's share was measured: no goal is judged
  bool interrupted = false;
  bool target_died = false;
  std::string target_last_words;  ///< the end of its log, where we have it
  GuardLog guards;
  TargetFacts target;
  /// By pool (Deployment::pool_at): every option of its kind with its value, defaults included, in
  /// the kind's own order. Empty: the report shows only the options that the scenario sets.
  std::vector<std::vector<std::pair<std::string, OptionValue>>> pool_options;
};

/// Judges the goals, finds the bottleneck and gathers all figures. Pure.
Report make_report(const Scenario& scenario, const Measurement& measured, const RunFacts& facts);

/// As scenarios/report.schema.json has it: pretty-printed JSON, a newline at the end.
std::string to_json(const Report& report);
/// Reads any report of schema version 1; errors name the place.
Result<Report> report_from_json(std::string_view text, const std::string& file);
/// The report as its JSON holds it. What is rendered from this is rendered again, byte for byte,
/// from the saved file: the figures have been rounded before any renderer sees them. But for the
/// histograms' slices, which stay.
Report as_saved(const Report& report);
std::string to_markdown(const Report& report);
std::string to_html(const Report& report);              ///< one page that needs nothing else
std::string to_junit(const Report& report);             ///< XML: a test case for each goal
std::string to_prometheus(const Report& report);        ///< text exposition format
std::string to_github_benchmark(const Report& report);  ///< github-action-benchmark's JSON
std::string to_bencher(const Report& report);           ///< Bencher's metric format
/// One line for each second of the window: the timeline, under the names it has in the JSON.
std::string to_csv(const Report& report);
/// An HdrHistogram interval log, format 1.3: a line for each metric (its tag) and each interval of
/// about a second, or one for the whole window where the report was read from a file.
std::string to_hdr_log(const Report& report);
/// The percentile distribution of one kept histogram in milliseconds, as HdrHistogram prints it.
/// Nothing when there is none of that name.
std::optional<std::string> to_hgrm(const Report& report, const std::string& metric);
/// What was measured, as far as the report keeps it: counts and histograms exactly. For `merge`.
/// The error says what is missing.
Result<Measurement> measurement_of(const Report& report);

/// The first screen: verdict, reason, what to do, figures, trust.
std::string to_terminal(const Report& report, const TerminalStyle& style);
/// What the gate of the report found; empty for a report without one.
std::string gate_to_terminal(const Report& report, const TerminalStyle& style);
/// Two reports of the same command side by side: what was set, and what it did.
std::string side_by_side(const Report& before, const Report& after, const TerminalStyle& style);

}  // namespace poolgauge
