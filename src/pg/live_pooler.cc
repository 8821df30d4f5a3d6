// SHOW POOLS and SHOW STATS, second by second.
#include "pg/live_pooler.h"

#include <algorithm>

#include <fmt/core.h>

#include "pg/pooler_console.h"

namespace poolgauge {

namespace {

constexpr Duration kEvery = std::chrono::seconds(1);

/// What was added between two looks. A pooler that was restarted counts from zero again.
std::uint64_t since(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : now;
}

void add_totals(PoolerView& view, const PoolerTotals& before, const PoolerTotals& now) {
  const auto seconds = [](std::uint64_t a, std::uint64_t b) {
    return static_cast<double>(since(a, b)) / 1e6;
  };
  view.transactions = since(before.transactions, now.transactions);
  view.queries = since(before.queries, now.queries);
  view.wait_s = seconds(before.wait_us, now.wait_us);
  view.transaction_s = seconds(before.transaction_us, now.transaction_us);
  view.query_s = seconds(before.query_us, now.query_us);
}

}  // namespace

void PoolerThread::work() {
  Result<PoolerConsole> console = PoolerConsole::open(pooler_.console, alarm_.ending());
  if (!console) {
    view_.note = "The pooler's view is missing: " + console.error().message;
    return;
  }
  while (!window_.begin()) {
    if (!alarm_.sleep_until(monotonic_now() + std::chrono::milliseconds(100))) return;
  }
  const TimePoint begin = *window_.begin();
  if (!alarm_.sleep_until(begin)) return;
  Result<PoolerTotals> before = console.value().totals(pooler_.database);
  for (Duration at = std::min(kEvery, length_);; at = std::min(at + kEvery, length_)) {
    if (!alarm_.sleep_until(begin + at)) return;
    const TimePoint asked = monotonic_now();
    const Result<PoolerSample> sample = console.value().pools(pooler_.database);
    const Result<PoolerTotals> totals = console.value().totals(pooler_.database);
    looks_.push_back({asked, sample && totals ? monotonic_now() : kNever});
    if (!sample || !totals || !before) {
      const Error& why = !before ? before.error() : !sample ? sample.error() : totals.error();
      if (why.kind == ErrorKind::interrupted) return;
      view_.note = fmt::format("PgBouncer stopped answering {:.0f} s into the window: {}", to_s(at),
                               why.message);
      return;
    }
    view_.series.push_back(sample.value());
    view_.series.back().t_s = to_s(at);
    view_.seconds = to_s(at);
    add_totals(view_, before.value(), totals.value());
    if (at >= length_) return;
  }
}

}  // namespace poolgauge
