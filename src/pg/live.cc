// Live runs: one thread per shard of the fleet, each with its own loop; they meet at the start, at
// the stop and when they hand over what they measured.
#include "poolgauge/live.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/check.h"
#include "engine/part_share.h"
#include "engine/trial.h"
#include "pg/conninfo/conninfo.h"
#include "pg/guard/live_guard.h"
#include "pg/live_watch.h"
#include "pg/pool_backends.h"
#include "pg/probe/live_pooler.h"
#include "pg/probe/live_probe.h"
#include "pg/probe/machine_watch.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"
#include "pg/session/host_names.h"
#include "pg/target/budget.h"
#include "pg/target/pool_places.h"

namespace poolgauge {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kStartDelay = milliseconds(20);  // for every thread to be ready
constexpr Duration kProgressEvery = milliseconds(200);

/// One worker thread and what it leaves behind.
struct Worker {
  Worker(const StopFlag& ended, const StopFlag& guarded, bool looks)
      : watch(ended, guarded, looks) {}
  ProgressBoard board;
  LiveWatch watch;
  Measurement measured;
  std::vector<Gap> primary, replica;  // what was not heard of them
  bool ok = false;
  std::thread thread;
};

using Workers = std::vector<std::unique_ptr<Worker>>;

/// When all workers are done, and a bell for whoever waits in between.
class Finish {
 public:
  explicit Finish(std::size_t workers) : left_(workers) {}
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

struct Plan {
  const Scenario& scenario;
  ServerAddresses servers;
  const LiveOptions& options;
  const StopFlag& stop;
  TimePoint start;
  std::uint32_t shards;
  WindowStart& window;
  ServerNames names;
  HoldBack& hold;
  std::string name;  ///< application name: this run's own, so that runs side by side are told apart
};

void work(const Plan& plan, Worker& worker, std::uint32_t index, LiveCanceller& canceller) {
  EpollTime time;
  if (!time.ok()) return;
  Loop loop(time);
  const PoolBackends backends(time, plan.scenario, plan.servers, plan.name, canceller, plan.names,
                              plan.options.session_options);
  const bool seen = plan.options.on_progress || plan.options.guards.any();
  ProgressBoard* board = seen ? &worker.board : nullptr;
  Trial trial(plan.scenario, loop, time, backends.by_pool(),
              shard_of(plan.options.part, index, plan.shards), plan.options.seed, plan.start, board,
              &plan.window);
  if (!plan.options.record_details) trial.count_only();
  const bool may_end = plan.options.guards.any() || plan.options.relay != nullptr;
  if (plan.options.ends_early || may_end) trial.watched_by(worker.watch);
  trial.held_by(plan.hold);
  trial.ramps_up(plan.options.ramp);
  worker.measured = trial.run(plan.stop);
  worker.primary = backends.gaps(PoolTarget::primary, monotonic_now());
  worker.replica = backends.gaps(PoolTarget::replica, monotonic_now());
  worker.ok = true;
}

Workers make_workers(const Plan& plan, const StopFlag& ended, const StopFlag& guarded) {
  Workers workers;
  const bool looks = static_cast<bool>(plan.options.ends_early);
  for (std::uint32_t i = 0; i < plan.shards; ++i) {
    workers.push_back(std::make_unique<Worker>(ended, guarded, looks));
  }
  return workers;
}

void start(const Workers& workers, const Plan& plan, Finish& finish, LiveCanceller& canceller) {
  for (std::uint32_t i = 0; i < plan.shards; ++i) {
    workers[i]->thread = std::thread([&plan, &finish, &canceller, &worker = *workers[i], i] {
      work(plan, worker, i, canceller);
      finish.one_done();
    });
  }
}

Progress progress_of(const Plan& plan, const Workers& workers) {
  const auto order = std::memory_order_relaxed;
  Progress progress;
  const Scenario& scenario = plan.scenario;
  const Duration elapsed = monotonic_now() - plan.start;
  progress.elapsed_s = std::max(0.0, to_s(elapsed));
  const TimePoint begin = plan.window.begin().value_or(plan.window.latest());
  progress.total_s = to_s(begin - plan.start + scenario.duration);
  progress.warming_up = plan.start + elapsed < begin;
  for (const auto& worker : workers) {
    const ProgressBoard& board = worker->board;
    progress.completed += board.completed.load(order);
    progress.failed += board.failed.load(order);
    progress.pool_timeouts += board.pool_timeouts.load(order);
    progress.checked_out += board.checked_out.load(order);
    progress.waiting += board.waiting.load(order);
    progress.throughput_per_s += board.recent_per_s.load(order);
    // The slowest thread's: percentiles of parts do not add up to that of the whole.
    progress.latency_p95_ms = std::max(progress.latency_p95_ms, board.recent_p95_ms.load(order));
  }
  const RunPart part = plan.options.part;
  const auto clients = share_of(scenario.max_clients(), scenario.deployment.fleet(), part);
  progress.capacity = fleet_capacity(share_of(scenario.deployment, part), clients).value_or(-1);
  return progress;
}

OwnCounts own_counts(const Workers& workers) {
  const auto order = std::memory_order_relaxed;
  OwnCounts own;
  for (const auto& worker : workers) {
    own.lacks_resources += worker->board.lacks_resources.load(order);
    own.ended += worker->board.completed.load(order) + worker->board.failed.load(order);
  }
  return own;
}

using Probes = std::vector<std::unique_ptr<ProbeThread>>;

/// Of all servers together; nothing before one of them was seen.
std::optional<double> active_now(const Probes& probes) {
  std::optional<double> sum;
  for (const auto& probe : probes) {
    if (const auto active = probe->active_now()) sum = sum.value_or(0) + *active;
  }
  return sum;
}

std::unique_ptr<ProbeThread> open_probe(const Plan& plan, PoolTarget target) {
  const std::string& own = plan.options.probe_conninfo;
  const bool through_pooler = target == PoolTarget::primary && !own.empty();
  const std::string& conninfo = through_pooler ? own : plan.servers.of(target);
  const bool pooled = target == PoolTarget::primary ? plan.options.probe_through_pooler
                                                    : plan.options.replica_through_pooler;
  return std::make_unique<ProbeThread>(
      ProbeThread::Plan{conninfo, plan.name, plan.scenario.duration, pooled}, plan.window, target);
}

Probes open_probes(const Plan& plan) {
  Probes probes;
  if (!plan.options.probe_server) return probes;
  for (const PoolTarget target : {PoolTarget::primary, PoolTarget::replica}) {
    const bool wanted = target == PoolTarget::primary || plan.scenario.deployment.uses(target);
    if (wanted) probes.push_back(open_probe(plan, target));
  }
  return probes;
}

/// Writes what a probe saw, with the pools that its connections belong to.
void write_view(const Plan& plan, const ProbeThread& probe, Measurement& measured) {
  const Deployment& deployment = plan.scenario.deployment;
  std::vector<ServerView::Connections>& connections = measured.server.connections;
  const std::size_t before = connections.size();
  probe.view().write(measured);
  const bool on_primary = probe.target() == PoolTarget::primary;
  for (std::size_t i = before; i < connections.size(); ++i) {
    connections[i].target = on_primary ? "primary" : "replica";
    for (const std::uint32_t index : pools_on(deployment, probe.target())) {
      const DeployedPool& pool = deployment.pool_at(index);
      const bool same =
          connections[i].application_name == application_name(plan.name, deployment, pool);
      if (same) connections[i].pool = pool.name;
    }
  }
}

/// Asks when every worker has something new to show.
std::optional<std::string> shall_end(const Plan& plan, const Workers& workers) {
  const bool all_fresh = std::all_of(workers.begin(), workers.end(),
                                     [](const auto& worker) { return worker->watch.fresh(); });
  if (!plan.options.ends_early || !all_fresh) return std::nullopt;
  Measurement sum;
  for (const auto& worker : workers) worker->watch.add_to(sum);
  return plan.options.ends_early(sum);
}

/// Why the run was ended early; empty: it was not.
std::string wait_and_report(const Plan& plan, const Workers& workers, const Probes& probes,
                            Finish& finish, MachineWatch& machine, GuardThread& guards,
                            StopFlag& ended, StopFlag& guarded) {
  std::string ended_by;
  const std::atomic<bool>* const paused = plan.options.paused;
  while (!finish.wait_for(kProgressEvery)) {
    if (paused != nullptr) guards.pause(paused->load(std::memory_order_relaxed));
    if (const auto begin = plan.window.begin()) {
      machine.move_window(*begin, *begin + plan.scenario.duration);
    }
    machine.look(monotonic_now());
    if (plan.options.on_progress) {
      Progress progress = progress_of(plan, workers);
      progress.server_active = active_now(probes);
      plan.options.on_progress(progress);
    }
    if (GuardRelay* const relay = plan.options.relay) {
      if (guards.stopped()) relay->here.store(true, std::memory_order_relaxed);
      if (relay->elsewhere.load(std::memory_order_relaxed)) guarded.request();
    }
    if (ended.requested() || guards.stopped()) continue;
    if (const auto why = shall_end(plan, workers)) {
      ended_by = *why;
      ended.request();
    }
  }
  return ended_by;
}

/// What all of them measured, once they have ended.
Result<Measurement> gather(const Workers& workers) {
  Measurement measured = std::move(workers[0]->measured);
  for (std::size_t i = 1; i < workers.size(); ++i) measured.merge(workers[i]->measured);
  if (std::all_of(workers.begin(), workers.end(), [](auto& w) { return w->ok; })) return measured;
  return Error{ErrorKind::target, "a worker thread could not create an epoll or timer descriptor",
               "raise the limit on open files (ulimit -n)"};
}

SilenceSum silences_of(const Workers& workers) {
  SilenceSum silences;
  for (const auto& worker : workers) {
    silences.add(PoolTarget::primary, worker->primary);
    silences.add(PoolTarget::replica, worker->replica);
  }
  return silences;
}

/// Times in it count from the window's begin, or from where it was to be.
void write_log(const Plan& plan, const GuardThread& guards) {
  if (plan.options.guard_log == nullptr) return;
  const TimePoint begin = plan.window.begin().value_or(plan.window.latest());
  *plan.options.guard_log = guards.log(begin, plan.hold.withheld());
}

/// Runs side by side are told apart by it.
std::string own_name() {
  return "poolgauge-" + std::to_string(getpid());
}

/// One for each core, but never more than processes to run.
std::uint32_t threads_for(const Scenario& scenario, const LiveOptions& options) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const std::uint32_t processes = options.part.processes(scenario.deployment.fleet());
  POOLGAUGE_CHECK(processes > 0, "each part has a process");
  return std::min(options.threads > 0 ? options.threads : cores, processes);
}

/// Whoever connects in the load finds the addresses there.
Status look_up(HostNames& names, const std::string& conninfo, const StopFlag& stop) {
  constexpr Duration kPatience = seconds(10);
  constexpr Duration kFreshEvery = seconds(5);
  ConnectTrouble trouble;
  const HostNames::Found found = names.look_up(stop, monotonic_now() + kPatience, trouble);
  if (found == HostNames::Found::interrupted) return interrupted_error();
  if (found == HostNames::Found::no) {
    return connect_error(trouble, scrub(describe(conninfo), conninfo));
  }
  names.keep_fresh(kFreshEvery);
  return success();
}

}  // namespace

Result<Measurement> run_live(const Scenario& scenario, const std::string& conninfo,
                             const LiveOptions& options, const StopFlag& stop) {
  const std::uint32_t shards = threads_for(scenario, options);
  HostNames primary(conninfo, options.resolve);
  HostNames replica(options.replica_conninfo, options.resolve);
  if (Status known = look_up(primary, conninfo, stop); !known.ok()) return known.error();
  if (scenario.deployment.uses(PoolTarget::replica)) {
    const Status known = look_up(replica, options.replica_conninfo, stop);
    if (!known.ok()) return known.error();
  }
  const TimePoint soonest = monotonic_now() + kStartDelay;
  const TimePoint begin = std::max(soonest, options.begin.value_or(soonest));
  WindowStart window(scenario, begin, shards);
  HoldBack hold;
  const Plan plan{scenario, {conninfo, options.replica_conninfo},
                  options,  stop,
                  begin,    shards,
                  window,   {&primary, &replica},
                  hold,     options.load_name.empty() ? own_name() : options.load_name};

  LiveCanceller canceller(seconds(1), &stop);
  std::unique_ptr<PoolerThread> pooler;
  if (options.pooler) {
    pooler = std::make_unique<PoolerThread>(*options.pooler, window, scenario.duration);
  }
  const Probes probes = open_probes(plan);
  Finish finish(shards);
  StopFlag ended;    // for what was measured
  StopFlag guarded;  // by a guard
  const Workers workers = make_workers(plan, ended, guarded);
  const std::function<OwnCounts()> own = [&workers] { return own_counts(workers); };
  GuardThread guards({options.guards, plan.name, own}, hold, guarded);
  start(workers, plan, finish, canceller);
  MachineWatch machine(window.latest(), window.latest() + scenario.duration);
  const std::string ended_by =
      wait_and_report(plan, workers, probes, finish, machine, guards, ended, guarded);
  for (auto& worker : workers) worker->thread.join();
  guards.join();
  if (options.relay != nullptr && guards.stopped()) options.relay->here.store(true);
  for (auto& probe : probes) probe->join(&stop);
  if (pooler != nullptr) pooler->join();

  write_log(plan, guards);  // also of a run that failed
  Result<Measurement> gathered = gather(workers);
  if (!gathered.ok()) return gathered;
  Measurement& measured = gathered.value();
  measured.ended_by = ended_by;
  for (const auto& probe : probes) write_view(plan, *probe, measured);
  if (pooler != nullptr) measured.pooler = pooler->view();
  if (const auto measured_from = window.begin()) {
    const bool unknown_pooler = options.probe_through_pooler && pooler == nullptr;
    add_silences(silences_of(workers), scenario, probes, pooler.get(), unknown_pooler,
                 *measured_from, measured);
  }
  machine.write(monotonic_now(), measured.client);
  return gathered;
}

}  // namespace poolgauge
