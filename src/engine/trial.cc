// Building a world, running its phases, gathering what it saw.
#include "engine/trial.h"

#include <algorithm>

#include "engine/trial_watch.h"
#include "stats/over_time.h"

namespace poolgauge {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kTick = milliseconds(100);
constexpr Duration kLagEvery = milliseconds(20);
constexpr Duration kGrace = seconds(2);  // for statements under way at the end
constexpr Duration kShortGrace = milliseconds(100);

std::vector<double> request_ladder(const Scenario& scenario) {
  std::vector<double> ladder;
  double sum = 0;
  for (const RequestSpec& request : scenario.requests) ladder.push_back(sum += request.weight);
  return ladder;
}

/// What the pools themselves asked of the server.
void add_upkeep(Calibration& calibration, const PoolGauges& gauges) {
  calibration.pings.count += gauges.pings;
  calibration.pings.total_us += to_s(gauges.ping_time) * 1e6;
  calibration.resets.count += gauges.resets;
  calibration.resets.total_us += to_s(gauges.reset_time) * 1e6;
}

}  // namespace

Trial::Trial(const Scenario& scenario, Loop& loop, TimeDriver& driver, const Backends& backends,
             Shard shard, std::uint64_t seed, TimePoint start, ProgressBoard* board,
             WindowStart* window)
    : scenario_(scenario),
      driver_(driver),
      shard_(shard),
      seed_(seed),
      start_(start),
      board_(board),
      window_(window),
      loop_(loop),
      scope_(loop_),
      recorder_(scenario, window ? window->latest() : start + scenario.warmup,
                (window ? window->latest() : start + scenario.warmup) + scenario.duration),
      values_(scenario, shard.index, shard.count),
      world_{loop_,
             scope_,
             stops_,
             scenario,
             recorder_,
             values_,
             request_ladder(scenario),
             plan_requests(scenario),
             seed},
      conductor_(loop_, stops_) {
  if (board_ != nullptr || (window_ != nullptr && window_->automatic())) recorder_.keep_recent();
  for (std::uint32_t i = shard.index; i < scenario.deployment.fleet(); i += shard.count) {
    processes_.push_back(std::make_unique<Process>(world_, i, backends));
  }
  for (std::uint32_t i = 0; i < scenario.deployment.pool_count(); ++i) {
    OutageLog* log = &backends[i]->outages();
    const bool known = std::any_of(outages_.begin(), outages_.end(),
                                   [log](const ServerLog& other) { return other.log == log; });
    const bool on_primary = scenario.deployment.pool_at(i).target == PoolTarget::primary;
    if (!known) outages_.push_back({log, on_primary ? "primary" : "replica"});
  }
  free_seats_.resize(processes_.size());
  seats_made_.resize(processes_.size());
}

Measurement Trial::run(const StopFlag& stop) {
  scope_.spawn(conduct(stop));
  loop_.run(scope_.live());
  finish(std::min(driver_.now(), recorder_.end()));
  recorder_.check_books();
  return std::move(recorder_.measured());
}

// The phases: start, warm-up, window in steps of a tick, end.
Task<> Trial::conduct(const StopFlag& stop) {
  co_await conductor_.sleep_until(start_);
  for (auto& process : processes_) {
    for (auto& pool : process->pools) pool->start();
  }
  if (driver_.is_real()) scope_.spawn(watch_lag());
  if (most_users(scenario_.load)) {
    start_users();
  } else {
    start_feeds();
  }
  TimePoint next_second = start_ + seconds(1);
  bool in_window = false;
  for (TimePoint tick = start_;; tick += kTick) {
    const TimePoint until = std::min(tick, recorder_.end());
    co_await conductor_.sleep_until(until);
    const TimePoint now = loop_.now();
    if (!in_window) follow_warm_up(now);
    if (!in_window && now >= recorder_.begin()) {
      in_window = true;
      begin_window(now);
      next_second = recorder_.begin() + seconds(1);
    }
    const bool second_ended = now >= next_second;
    if (second_ended) {
      const auto second = (next_second - recorder_.begin()) / seconds(1);
      if (in_window) {
        sample_second(static_cast<std::size_t>(second - 1));
        be_looked_at(now);
      } else {
        tell_second(next_second);
      }
      next_second += seconds(1);
    }
    publish(second_ended);
    if (second_ended) recorder_.recent().clear();
    const bool ended = watch_ != nullptr && watch_->ended();
    if (now >= recorder_.end() || stop.requested() || ended) break;
  }
  const TimePoint now = loop_.now();
  recorder_.cut(now);
  if (!in_window) begin_window(now);
  const std::size_t seconds_seen = recorder_.measured().series.size();
  const bool last_is_partial = in_window && next_second > recorder_.end();
  if (last_is_partial && seconds_seen > 0) sample_second(seconds_seen - 1);
  co_await end_load(now, stop);
}

// A second request to stop leaves statements under way no time to finish.
Task<> Trial::end_load(TimePoint now, const StopFlag& stop) {
  finish(std::min(now, recorder_.end()));
  stops_.stop_gently();
  const bool hurries = watch_ != nullptr && watch_->ended() && watch_->hurries();
  const TimePoint patience_ends = now + (hurries ? kShortGrace : kGrace);
  TimePoint at = now;
  while (scope_.live() > 1 && at < patience_ends && stop.requests() < 2) {
    at += milliseconds(2);
    co_await sleep_until(loop_, at);
  }
  stops_.stop_firmly();
  while (scope_.live() > 1) {
    at += milliseconds(2);
    co_await sleep_until(loop_, at);
  }
  for (auto& process : processes_) {
    for (auto& pool : process->pools) pool->shut_down();
  }
}

// How late this loop sees what is due, whatever the load is.
Task<> Trial::watch_lag() {
  Patience patience(loop_, stops_);
  const bool automatic = window_ != nullptr && window_->automatic();
  TimePoint due = automatic ? start_ : recorder_.begin();
  for (;;) {
    const WakeReason why = co_await patience.sleep_until(due);
    if (why != WakeReason::done) break;
    const TimePoint now = loop_.now();
    recorder_.loop_lag(now, now - due);
    due = std::max(due + kLagEvery, now);
  }
}

void Trial::start_users() {
  const auto users = static_cast<std::uint32_t>(most_users(scenario_.load).value_or(0));
  const auto* staged = std::get_if<UserStages>(&scenario_.load);
  const std::uint32_t fleet = scenario_.deployment.fleet();
  for (auto& process : processes_) {
    for (std::uint32_t user = process->index; user < users; user += fleet) {
      const std::uint32_t place = user / fleet;
      seats_.push_back(std::make_unique<Seat>(*process, ClientId{place}, seed_,
                                              stream_of(process->index, place)));
      Seat& seat = *seats_.back();
      const TimePoint first = start_ + ramp_ * user / users;
      scope_.spawn(staged != nullptr ? staged_user(seat, user, start_) : closed_user(seat, first));
    }
  }
}

// Once it is decided when an automatic warm-up ends. Who was late learns of it late: then the
// window begins here now, and lasts as long as everywhere.
void Trial::follow_warm_up(TimePoint now) {
  if (window_ == nullptr || !window_->automatic()) return;
  const std::optional<TimePoint> begin = window_->begin();
  if (begin && *begin != recorder_.begin()) recorder_.move_window(std::max(*begin, now));
}

void Trial::tell_second(TimePoint second_end) {
  if (window_ == nullptr || !window_->automatic()) return;
  const auto second = (second_end - start_) / seconds(1) - 1;
  const Histogram& recent = recorder_.recent();
  window_->tell(static_cast<std::size_t>(second), recent.count(), recent.quantile(0.95));
}

void Trial::begin_window(TimePoint now) {
  Measurement& m = recorder_.measured();
  m.warmup = recorder_.begin() - start_;
  const bool automatic = window_ != nullptr && window_->automatic();
  m.warmup_end = {automatic, automatic && window_->steady()};
  for (auto& process : processes_) {
    for (auto& pool : process->pools) pool->gauges().begin_window(now);
  }
  recorder_.activity().begin_window(now);
  cpu_begin_ = driver_.processor_time();
  run_queue_begin_ = driver_.run_queue_time();
}

/// All pools of all processes together.
PoolGauges::Level Trial::level() const {
  PoolGauges::Level sum;
  for (const auto& process : processes_) {
    for (const auto& pool : process->pools) {
      const PoolGauges::Level& level = pool->gauges().level();
      sum.checked_out += level.checked_out;
      sum.open += level.open;
      sum.overflow += level.overflow;
      sum.waiting += level.waiting;
    }
  }
  return sum;
}

void Trial::sample_second(std::size_t second) {
  SecondSample& sample = recorder_.second(second);
  const PoolGauges::Level now = level();
  sample.checked_out = now.checked_out;
  sample.open = now.open;
  sample.overflow = now.overflow;
  sample.waiting = now.waiting;
}

void Trial::be_looked_at(TimePoint now) {
  if (watch_ == nullptr || !watch_->looks()) return;
  Measurement so_far = recorder_.measured();
  so_far.window = now - recorder_.begin();
  for (const auto& seat : seats_) {
    if (seat->trace.under_way) recorder_.add_under_way(so_far, seat->trace, now);
  }
  watch_->look(std::move(so_far));
}

void Trial::publish(bool second_ended) {
  if (board_ == nullptr) return;
  const auto order = std::memory_order_relaxed;
  const PoolGauges::Level now = level();
  board_->completed.store(recorder_.totals().completed, order);
  board_->failed.store(recorder_.totals().failed, order);
  board_->pool_timeouts.store(recorder_.totals().pool_timeouts, order);
  board_->lacks_resources.store(recorder_.totals().lacks_resources, order);
  board_->checked_out.store(now.checked_out, order);
  board_->waiting.store(now.waiting, order);
  if (!second_ended) return;
  const Histogram& recent = recorder_.recent();
  board_->recent_per_s.store(static_cast<double>(recent.count()), order);
  board_->recent_p95_ms.store(to_ms(recent.quantile(0.95)), order);
}

// Reads off everything that must be read at the end of the window itself.
void Trial::finish(TimePoint now) {
  Measurement& m = recorder_.measured();
  if (!m.pools.empty()) return;  // the end of the window was reached inside conduct()
  m.window = std::max(now - recorder_.begin(), Duration{0});
  recorder_.end_slices(now);
  recorder_.finish();
  for (std::uint32_t i = 0; i < scenario_.deployment.pool_count(); ++i) {
    m.pools.push_back(measure_pool(i, now));
  }
  recorder_.keep_calibration(now);
  for (const auto& process : processes_) {
    for (const auto& pool : process->pools) add_upkeep(m.calibration, pool->gauges());
  }
  for (const ServerLog& server : outages_) {
    std::vector<Outage> seen = server.log->within(recorder_.begin(), now);
    for (Outage& outage : seen) outage.target = server.target;
    join_outages(m.outages, seen);
  }
  measure_thread();
}

void Trial::measure_thread() {
  ClientView& client = recorder_.measured().client;
  client.threads = 1;
  client.cpu_s = to_s(driver_.processor_time() - cpu_begin_);
  ThreadView thread;
  const double window_s = to_s(recorder_.measured().window);
  if (window_s > 0) {
    thread.cpu_busy_ratio = client.cpu_s / window_s;
    thread.run_wait_ratio = to_s(driver_.run_queue_time() - run_queue_begin_) / window_s;
  }
  client.cpu_busy_ratio_max = client.cpu_busy_ratio_mean = thread.cpu_busy_ratio;
  if (driver_.is_real()) client.by_thread.push_back(thread);
}

PoolMeasurement Trial::measure_pool(std::uint32_t index, TimePoint now) {
  Measurement& m = recorder_.measured();
  const DeployedPool& spec = scenario_.deployment.pool_at(index);
  PoolMeasurement pool;
  pool.name = spec.name;
  const std::uint32_t fleet = scenario_.deployment.fleet();
  for (auto& process : processes_) {
    PoolGauges& gauges = process->pools[index]->gauges();
    const PoolGauges::Means means = gauges.means(now);
    const PoolGauges::Level& peak = gauges.peak();
    ++pool.processes;
    pool.peak_checked_out += peak.checked_out;
    pool.peak_open += peak.open;
    pool.peak_overflow += peak.overflow;
    pool.peak_waiting += peak.waiting;
    pool.peak_demand += gauges.peak_demand();
    pool.connects += gauges.connects;
    pool.connect_failures += gauges.connect_failures;
    pool.closes += gauges.closes;
    for (const auto& [name, value] : process->pools[index]->statistics()) {
      if (name == "direct") pool.direct_connects += static_cast<std::uint64_t>(value);
    }
    pool.checkouts += gauges.checkouts;
    pool.pings += gauges.pings;
    pool.resets += gauges.resets;
    pool.checked_out_mean += means.checked_out;
    pool.open_mean += means.open;
    pool.waiting_mean += means.waiting;
    m.connect.merge(gauges.connect_time);
    m.connect_phases.merge(gauges.connect_phases);
    std::optional<std::int64_t> clients = scenario_.max_clients();
    if (clients) *clients = (*clients + fleet - 1 - process->index) / fleet;
    const auto capacity = pool_limit(spec, clients);
    pool.capacity = capacity && pool.capacity >= 0 ? pool.capacity + *capacity : -1;
  }
  return pool;
}

}  // namespace poolgauge
