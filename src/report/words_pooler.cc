// The pooler in words: what its counters showed.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/words.h"

namespace poolgauge {

std::vector<std::string> pooler_parts(const Report& report) {
  const PoolerView& view = report.pooler;
  if (!report.target.pooler) return {};
  if (view.series.empty()) {
    if (!view.server_wait_ms) return {};
    return {
        fmt::format("BEGIN took {} (mean): one round trip plus the wait for one of the pooler's "
                    "server connections",
                    time_text(*view.server_wait_ms))};
  }
  double active = 0;
  PoolerSample peak;
  for (const PoolerSample& sample : view.series) {
    active += sample.sv_active;
    peak.sv_active = std::max(peak.sv_active, sample.sv_active);
    peak.cl_waiting = std::max(peak.cl_waiting, sample.cl_waiting);
    peak.cl_active = std::max(peak.cl_active, sample.cl_active + sample.cl_waiting);
    peak.maxwait_s = std::max(peak.maxwait_s, sample.maxwait_s);
  }
  std::vector<std::string> parts;
  parts.push_back(with_thousands(peak.cl_active) + " clients");
  const std::int64_t size = report.target.pooler->pool_size;
  parts.push_back(fmt::format("at most {}{} server connections in use ({} on average)",
                              peak.sv_active, size > 0 ? fmt::format(" of {}", size) : "",
                              significant(active / static_cast<double>(view.series.size()))));
  parts.push_back(with_thousands(peak.cl_waiting) + " waiting at peak");
  if (peak.maxwait_s > 0) {
    parts.push_back(fmt::format("longest wait seen {}", time_text(peak.maxwait_s * 1e3)));
  }
  if (view.transactions > 0) {
    const double mean = view.wait_s / static_cast<double>(view.transactions);
    parts.push_back(fmt::format("{} transactions, {} mean wait", with_thousands(view.transactions),
                                time_text(mean * 1e3)));
  }
  return parts;
}

}  // namespace poolgauge
