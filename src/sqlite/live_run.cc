// One loop for each shard of the fleet, each with its own workers; they meet at the start, at the
// stop and when they hand over what they measured.
#include "sqlite/live_run.h"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "engine/trial.h"
#include "engine/trial_watch.h"
#include "sqlite/log_watch.h"
#include "sqlite/sqlite_backend.h"
#include "sqlite/worker_time.h"

namespace poolgauge::sqlite {

namespace {

using std::chrono::milliseconds;

constexpr Duration kStartDelay = milliseconds(20);  // for every thread to be ready
constexpr Duration kLookEvery = milliseconds(100);
constexpr int kLooksForProgress = 2;

/// A shard's latest measurement, for whoever may end the run.
class ShardWatch final : public TrialWatch {
 public:
  ShardWatch(const StopFlag& ended, bool looks) : ended_(ended), looks_(looks) {}
  void look(Measurement so_far) override {
    auto copy = std::make_unique<Measurement>(std::move(so_far));
    const std::lock_guard lock(mutex_);
    latest_ = std::move(copy);
  }
  bool looks() const override { return looks_; }
  bool ended() const override { return ended_.requested(); }
  /// nullptr: nothing since the last call.
  std::unique_ptr<Measurement> take() {
    const std::lock_guard lock(mutex_);
    return std::move(latest_);
  }

 private:
  const StopFlag& ended_;
  const bool looks_;
  std::mutex mutex_;
  std::unique_ptr<Measurement> latest_;
};

struct Shared {
  const Scenario& scenario;
  const Settings& settings;
  const RunOptions& options;
  const StopFlag& stop;
  std::uint32_t shards;
  TimePoint start;
  WindowStart window;
  std::vector<Binding> bindings;
  Counters counters;
  HoldBack hold;
  StopFlag ended;  // by what was measured

  Shared(const Scenario& s, const Settings& where, const RunOptions& o, const StopFlag& asked,
         std::uint32_t count)
      : scenario(s),
        settings(where),
        options(o),
        stop(asked),
        shards(count),
        start(monotonic_now() + kStartDelay),
        window(s, start, count),
        bindings(bindings_of(s.variables)) {}
};

struct ShardRun {
  explicit ShardRun(const Shared& shared)
      : watch(shared.ended, static_cast<bool>(shared.options.ends_early)) {}
  ProgressBoard board;
  ShardWatch watch;
  Measurement measured;
  bool ok = false;
  std::unique_ptr<Measurement> latest;
  std::thread thread;
};
using Shards = std::vector<std::unique_ptr<ShardRun>>;

/// When all shards are done, and a bell for whoever waits in between.
class Finish {
 public:
  explicit Finish(std::size_t shards) : left_(shards) {}
  void one_done() {
    const std::lock_guard lock(mutex_);
    --left_;
    bell_.notify_all();
  }
  bool wait_for(Duration time) {
    std::unique_lock lock(mutex_);
    return bell_.wait_for(lock, time, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable bell_;
  std::size_t left_;
};

unsigned cores() {
  return std::max(1U, std::thread::hardware_concurrency());
}

void work(Shared& shared, ShardRun& shard, std::uint32_t index) {
  WorkerTime time(std::max(1U, cores() / shared.shards));
  if (!time.ok()) return;
  Loop loop(time);
  SqliteBackend backend(time, shared.scenario, shared.settings, shared.bindings, shared.counters);
  const Backends backends(shared.scenario.deployment.pool_count(), &backend);
  ProgressBoard* board = shared.options.on_progress ? &shard.board : nullptr;
  Trial trial(shared.scenario, loop, time, backends, Shard{index, shared.shards},
              shared.options.seed, shared.start, board, &shared.window);
  if (shared.options.ends_early) trial.watched_by(shard.watch);
  trial.held_by(shared.hold);
  shard.measured = trial.run(shared.stop);
  shard.ok = true;
}

Progress progress_of(const Shared& shared, const Shards& shards) {
  const auto order = std::memory_order_relaxed;
  const TimePoint begin = shared.window.begin().value_or(shared.window.latest());
  const Duration elapsed = monotonic_now() - shared.start;
  Progress progress;
  progress.elapsed_s = std::max(0.0, to_s(elapsed));
  progress.total_s = to_s(begin - shared.start + shared.scenario.duration);
  progress.warming_up = shared.start + elapsed < begin;
  progress.capacity = -1;
  for (const auto& shard : shards) {
    const ProgressBoard& board = shard->board;
    progress.completed += board.completed.load(order);
    progress.failed += board.failed.load(order);
    progress.pool_timeouts += board.pool_timeouts.load(order);
    progress.checked_out += board.checked_out.load(order);
    progress.waiting += board.waiting.load(order);
    progress.throughput_per_s += board.recent_per_s.load(order);
    // The slowest shard's: percentiles of parts do not add up to that of the whole.
    progress.latency_p95_ms = std::max(progress.latency_p95_ms, board.recent_p95_ms.load(order));
  }
  return progress;
}

/// Asks when every shard has something new to show.
std::optional<std::string> ends_early(const Shared& shared, const Shards& shards) {
  if (!shared.options.ends_early || shared.ended.requested()) return std::nullopt;
  bool all = true;
  for (const auto& shard : shards) {
    if (auto copy = shard->watch.take()) shard->latest = std::move(copy);
    all = all && shard->latest != nullptr;
  }
  if (!all) return std::nullopt;
  Measurement sum = std::move(*shards[0]->latest);
  for (std::size_t i = 1; i < shards.size(); ++i) sum.merge(*shards[i]->latest);
  for (const auto& shard : shards) shard->latest.reset();
  return shared.options.ends_early(sum);
}

/// Why the run was ended early; empty: it was not.
std::string wait_and_look(Shared& shared, const Shards& shards, Finish& finish, LogWatch& log) {
  std::string ended_by;
  int looks = 0;
  while (!finish.wait_for(kLookEvery)) {
    log.look(monotonic_now(), shared.window.begin(), shared.scenario.duration);
    if (shared.options.paused != nullptr) {
      shared.hold.set(shared.options.paused->load(std::memory_order_relaxed));
    }
    if (++looks % kLooksForProgress != 0) continue;
    if (shared.options.on_progress) shared.options.on_progress(progress_of(shared, shards));
    if (const auto why = ends_early(shared, shards)) {
      ended_by = *why;
      shared.ended.request();
    }
  }
  log.look(monotonic_now(), shared.window.begin(), shared.scenario.duration);
  return ended_by;
}

}  // namespace

Result<Measurement> run_live(const Scenario& scenario, const Settings& settings,
                             const RunOptions& options, const StopFlag& stop) {
  const std::uint32_t most = options.threads > 0 ? options.threads : cores();
  Shared shared(scenario, settings, options, stop, std::min(most, scenario.deployment.fleet()));
  LogWatch log(settings, shared.counters);
  Finish finish(shared.shards);
  Shards shards;
  for (std::uint32_t i = 0; i < shared.shards; ++i) {
    shards.push_back(std::make_unique<ShardRun>(shared));
  }
  for (std::uint32_t i = 0; i < shared.shards; ++i) {
    shards[i]->thread = std::thread([&shared, &finish, &shard = *shards[i], i] {
      work(shared, shard, i);
      finish.one_done();
    });
  }
  const std::string ended_by = wait_and_look(shared, shards, finish, log);
  for (auto& shard : shards) shard->thread.join();
  if (!std::all_of(shards.begin(), shards.end(), [](const auto& shard) { return shard->ok; })) {
    return Error{ErrorKind::target, "no thread could be started for the database's calls",
                 "raise the limit on threads (ulimit -u)"};
  }
  Measurement measured = std::move(shards[0]->measured);
  for (std::size_t i = 1; i < shards.size(); ++i) measured.merge(shards[i]->measured);
  measured.ended_by = ended_by;
  measured.server.database = log.figures();
  measured.calibration.cores = cores();
  measured.calibration.shares_client = true;
  return measured;
}

}  // namespace poolgauge::sqlite
