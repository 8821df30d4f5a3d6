// SHOW POOLS and SHOW STATS, second by second.
#include "pg/probe/live_pooler.h"

#include <algorithm>

#include <fmt/core.h>

namespace poolgauge {

namespace {

constexpr Duration kEvery = std::chrono::seconds(1);
constexpr int kMostNamed = 5;  // silences

/// What was added between two looks. A pooler that was restarted counts from zero again.
std::uint64_t since(std::uint64_t before, std::uint64_t now) {
  return now >= before ? now - before : now;
}

void add_totals(PoolerView& view, const PoolerTotals& before, const PoolerTotals& now) {
  const auto seconds_between = [](std::uint64_t a, std::uint64_t b) {
    return static_cast<double>(since(a, b)) / 1e6;
  };
  view.transactions = since(before.transactions, now.transactions);
  view.queries = since(before.queries, now.queries);
  view.wait_s = seconds_between(before.wait_us, now.wait_us);
  view.transaction_s = seconds_between(before.transaction_us, now.transaction_us);
  view.query_s = seconds_between(before.query_us, now.query_us);
}

}  // namespace

void PoolerThread::work() {
  Result<PoolerConsole> opened = PoolerConsole::open(pooler_.console, alarm_.ending());
  if (!opened) {
    view_.note = "The pooler was not monitored: " + opened.error().message;
    return;
  }
  std::optional<PoolerConsole> console(std::move(opened).value());
  while (!window_.begin()) {
    if (!alarm_.sleep_until(monotonic_now() + std::chrono::milliseconds(100))) return;
  }
  const TimePoint begin = *window_.begin();
  if (!alarm_.sleep_until(begin)) return;
  Result<PoolerTotals> before = console->totals(pooler_.database);
  for (Duration at = std::min(kEvery, length_);; at = std::min(at + kEvery, length_)) {
    if (!alarm_.sleep_until(begin + at)) return;
    if (!console) console = again(to_s(at));
    if (console && !look(*console, before, to_s(at))) console.reset();
    if (at >= length_) return;
  }
}

/// False when it did not answer; a console that is there again starts with a new connection.
bool PoolerThread::look(PoolerConsole& console, Result<PoolerTotals>& before, double at_s) {
  const TimePoint asked = monotonic_now();
  if (!before) before = console.totals(pooler_.database);
  const Result<PoolerSample> sample = console.pools(pooler_.database);
  const Result<PoolerTotals> totals = console.totals(pooler_.database);
  looks_.push_back({asked, sample && totals ? monotonic_now() : kNever});
  if (sample && totals && before) {
    view_.series.push_back(sample.value());
    view_.series.back().t_s = at_s;
    view_.seconds = at_s;
    add_totals(view_, before.value(), totals.value());
    return true;
  }
  const Error& why = !before ? before.error() : !sample ? sample.error() : totals.error();
  if (why.kind == ErrorKind::interrupted || ++silences_ > kMostNamed) return false;
  view_.note += fmt::format("{}PgBouncer stopped answering {:.0f} s into the window: {}",
                            view_.note.empty() ? "" : "; ", at_s, why.message);
  return false;
}

std::optional<PoolerConsole> PoolerThread::again(double at_s) {
  const TimePoint asked = monotonic_now();
  Result<PoolerConsole> opened = PoolerConsole::open(pooler_.console, alarm_.ending());
  looks_.push_back({asked, opened ? monotonic_now() : kNever});
  if (!opened) return std::nullopt;
  if (silences_ <= kMostNamed) view_.note += fmt::format("; it answered again at {:.0f} s", at_s);
  return std::move(opened).value();
}

}  // namespace poolgauge
