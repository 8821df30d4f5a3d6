// What one looks up: every time, failures, pools, the server and its settings.
#include <fmt/format.h>

#include "assess/describe.h"
#include "base/text.h"
#include "report/html/html_parts.h"
#include "report/sentences.h"
#include "report/words.h"

namespace poolgauge {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string count_text(std::uint64_t count) {
  return with_thousands(count);
}

std::string times(const Report& report) {
  HtmlTable table("All times", {"", "count", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"});
  const auto add = [&table](const std::string& label, const LatencySummary& s) {
    std::vector<std::string> cells{label, count_text(s.count)};
    for (const auto& value : {s.mean, s.p50, s.p90, s.p95, s.p99, s.p999, s.max}) {
      cells.push_back(s.count > 0 ? time_text(value) : "");
    }
    table.row(cells);
  };
  add("latency", report.latency);
  add("response", report.response);
  add("pool wait", report.pool_wait);
  add("connect", report.connect);
  add("connection hold time", report.connection_time);
  for (const StepSummary& step : report.steps) {
    add(fmt::format("{}: {} ({})", step.request, step.name, step.kind), step.latency);
  }
  return html_heading("Steps and all times") + table.str();
}

std::string failures(const Report& report) {
  std::string out = html_heading("Requests and failures");
  out += html_paragraph(joined(request_parts(report)) + ".");
  if (const std::string stall = stall_line(report); !stall.empty()) out += html_list({stall});
  out += html_list(outage_lines(report));
  out += html_list(guard_lines(report));
  if (report.failures.empty()) return out;
  HtmlTable table("Failures", {"class", "count", "phase", "SQLSTATE", "first message"}, "w-www");
  for (const FailureCount& failure : report.failures) {
    table.row({std::string(name_of(failure.failure)), count_text(failure.count),
               std::string(name_of(failure.phase)), failure.sqlstate, failure.example});
  }
  return out + table.str();
}

std::string pool(const PoolSummary& pool) {
  const PoolMeasurement& m = pool.measured;
  const std::string place = place_text(pool);
  std::string out = html_heading(
      fmt::format("Pool {} ({}){}", m.name, pool.kind, place.empty() ? "" : ", " + place));
  Pairs figures{
      {"processes", count_text(m.processes)},
      {"capacity",
       m.capacity < 0 ? "unlimited" : count_text(static_cast<std::uint64_t>(m.capacity))},
      {"in use, mean", significant(m.checked_out_mean)},
      {"in use, peak", count_text(m.peak_checked_out)},
      {"overflow, peak", count_text(m.peak_overflow)},
      {"waiting, mean", significant(m.waiting_mean)},
      {"waiting, peak", count_text(m.peak_waiting)},
      {"utilization", pool.utilization_mean ? percent(*pool.utilization_mean) : ""},
      {"checkouts", count_text(m.checkouts)},
      {"opened", count_text(m.connects)},
      {"closed", count_text(m.closes)},
      {"connection attempts failed", m.connect_failures > 0 ? count_text(m.connect_failures) : ""},
      {"opened outside the pool", m.direct_connects > 0 ? count_text(m.direct_connects) : ""},
      {"pings", m.pings > 0 ? count_text(m.pings) : ""},
      {"resets", m.resets > 0 ? count_text(m.resets) : ""}};
  out += html_pairs(figures);
  Pairs options;
  for (const auto& [name, value] : pool.options) options.emplace_back(name, option_text(value));
  return out + html_folded("Pool options, including defaults", html_pairs(options));
}

std::string connections(const ServerView& view) {
  if (view.connections.size() < 2) return "";
  HtmlTable table("Connections by application_name",
                  {"connections on", "pool", "user", "application_name", "at most", "mean"},
                  "wwww");
  for (const ServerView::Connections& ours : view.connections) {
    table.row({ours.target, ours.pool, ours.user, ours.application_name, count_text(ours.peak),
               significant(ours.mean)});
  }
  return table.str();
}

std::string server(const Report& report) {
  const ServerView& view = report.server;
  std::string out;
  if (view.samples > 0) {
    Pairs figures{{"statements running, mean", significant(view.active_mean)},
                  {"idle in transaction, mean", significant(view.idle_in_transaction_mean)},
                  {"idle, mean", significant(view.idle_mean)},
                  {"connections, peak", count_text(view.connections_peak)}};
    for (const ServerView::WaitEvent& event : view.wait_events) {
      figures.emplace_back(
          event.type == "CPU" ? "running on a CPU" : "running, waiting for " + event.type,
          significant(event.mean));
    }
    for (auto& pair : memory_pairs(report)) figures.push_back(std::move(pair));
    out += html_pairs(figures) + connections(view);
    const std::string memory = memory_sentences(report);
    if (!view.memory.seen() && !memory.empty()) out += html_paragraph(memory);
  }
  const std::string pooler = joined(pooler_parts(report));
  if (!pooler.empty()) out += html_paragraph("Pooler: " + pooler + ".");
  out += html_folded("Server settings",
                     html_pairs({report.target.settings.begin(), report.target.settings.end()}));
  if (report.target.pooler) {
    out += html_folded("PgBouncer's settings", html_pairs(report.target.pooler->config));
  }
  return out.empty() ? "" : html_heading("Server") + out;
}

}  // namespace

std::string html_details(const Report& report) {
  std::string inside = times(report) + failures(report);
  for (const PoolSummary& each : report.pools) inside += pool(each);
  return html_section("details", "Details", inside + server(report));
}

}  // namespace poolgauge
