// Open loads: starting requests as they become due.
#include "engine/trial.h"
#include "engine/trial_watch.h"

namespace poolgauge {

namespace {

constexpr int kOverdueAtOnce = 256;  // arrivals, before anything else has its turn

/// Of arrivals while the load ramps up, a share that grows from none to all: evenly spread.
class RisingShare {
 public:
  explicit RisingShare(Duration ramp) : ramp_(ramp) {}
  bool takes(Duration at) {
    if (at >= ramp_) return true;
    sum_ += to_s(at) / to_s(ramp_);
    if (sum_ < 1) return false;
    sum_ -= 1;
    return true;
  }

 private:
  Duration ramp_;
  double sum_ = 0;
};

}  // namespace

void Trial::start_feeds() {
  const std::uint32_t fleet = scenario_.deployment.fleet();
  for (auto& process : processes_) {
    scope_.spawn(feed(*process, Arrivals::of(scenario_.load, process->index, fleet, seed_)));
  }
}

// Starts one process's share of the arrivals as they become due.
Task<> Trial::feed(Process& process, Arrivals arrivals) {
  const std::size_t local = (process.index - shard_.index) / shard_.count;
  std::vector<Seat*>& free_seats = free_seats_[local];
  Patience patience(loop_, stops_);
  RisingShare share(ramp_);
  int overdue = 0;
  for (std::uint32_t number = 0;; ++number) {
    const TimePoint due = start_ + arrivals.next();
    if (due > loop_.now()) {
      overdue = 0;
      co_await patience.sleep_until(due);
    } else if (++overdue % kOverdueAtOnce == 0) {
      // A rate that no clock keeps up with must not keep the end from being seen.
      const TimePoint soon = loop_.now() + Duration{1};
      co_await patience.sleep_until(soon);
    }
    if (patience.stopped()) {
      // Due before the end, but the end came first.
      for (TimePoint left = due; left < recorder_.end(); left = start_ + arrivals.next()) {
        recorder_.never_begun(left);
      }
      co_return;
    }
    if (!share.takes(due - start_)) continue;
    const TimePoint now = loop_.now();
    if (world_.held()) {
      world_.hold->withhold();
      continue;
    }
    if (free_seats.empty() && seats_made_[local] >= kMostInFlight) {
      recorder_.shed(now, due);
      continue;
    }
    if (free_seats.empty()) {
      const std::uint32_t place = seats_made_[local]++;
      seats_.push_back(
          std::make_unique<Seat>(process, ClientId{place}, seed_, stream_of(process.index, place)));
      free_seats.push_back(seats_.back().get());
    }
    Seat* seat = free_seats.back();
    free_seats.pop_back();
    recorder_.lag(now, now - due);
    // What the n-th request draws must not depend on which seat was free for it.
    seat->rng = Rng(seed_, stream_of(process.index, number));
    scope_.spawn(open_request(*seat, free_seats, due, arrivals.request(), arrivals.turn()));
  }
}

Task<> Trial::open_request(Seat& seat, std::vector<Seat*>& free_seats, TimePoint intended,
                           std::uint32_t request, std::uint32_t turn) {
  co_await seat.process.app.requested();  // a request that comes in is an event of its loop
  co_await run_request(seat, intended, request, turn);
  free_seats.push_back(&seat);
}

}  // namespace poolgauge
