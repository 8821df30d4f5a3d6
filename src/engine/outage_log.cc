// Opening outages and cutting them to the measured window.
#include "engine/logs.h"

#include <algorithm>

#include "stats/over_time.h"

namespace poolgauge {

namespace {

bool says_gone(FailureClass failure) {
  switch (failure) {
    case FailureClass::connection_refused:
    case FailureClass::connect_timeout:
    case FailureClass::connection_lost:
    case FailureClass::server_shutdown:
    case FailureClass::server_starting: return true;
    case FailureClass::none:
    case FailureClass::pool_timeout:
    case FailureClass::pool_overloaded:
    case FailureClass::backlog_full:
    case FailureClass::tls:
    case FailureClass::pooler_refused:
    case FailureClass::authentication:
    case FailureClass::too_many_connections:
    case FailureClass::connect_error:
    case FailureClass::statement_timeout:
    case FailureClass::lock_timeout:
    case FailureClass::serialization:
    case FailureClass::deadlock:
    case FailureClass::disk_full:
    case FailureClass::out_of_memory:
    case FailureClass::server_limit:
    case FailureClass::sql_error:
    case FailureClass::database_busy:
    case FailureClass::database_locked:
    case FailureClass::io_error:
    case FailureClass::corrupt:
    case FailureClass::script_error:
    case FailureClass::deadline:
    case FailureClass::stopped: break;
  }
  return false;
}

}  // namespace

Outage& OutageLog::present(TimePoint now) {
  if (open_) return seen_.back();
  open_ = true;
  const Duration at = now.time_since_epoch();
  const bool goes_on = !seen_.empty() && at <= *seen_.back().end + kOutageGap;
  if (goes_on || seen_.size() == kMostOutages) {
    seen_.back().end.reset();
    return seen_.back();
  }
  seen_.emplace_back();
  seen_.back().start = at;
  return seen_.back();
}

void OutageLog::connect_failed(TimePoint now, FailureClass failure) {
  if (says_gone(failure)) ++present(now).failed_connects;
  // Whom it does not let in, it has answered; the server is there.
  if (failure == FailureClass::authentication) succeeded(now);
}

std::vector<Outage> OutageLog::within(TimePoint begin, TimePoint end) const {
  const Duration zero = begin.time_since_epoch();
  std::vector<Outage> outages;
  for (Outage outage : seen_) {
    if (outage.end && *outage.end <= zero) continue;
    if (outage.start >= end.time_since_epoch()) break;
    outage.start = std::max(outage.start - zero, Duration{0});
    if (outage.end) *outage.end -= zero;
    if (outage.end && *outage.end > end - begin) outage.end.reset();
    outages.push_back(outage);
  }
  return outages;
}

}  // namespace poolgauge
