// Figures of runs whose bottleneck is known, and what the diagnosis says of them.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "assess/diagnosis.h"

namespace poolgauge::test {

using Names = std::vector<std::string>;

inline Names names(const Figures& figures) {
  Names all;
  for (const Finding& finding : diagnose(figures)) all.push_back(finding.finding);
  return all;
}

inline Finding found(const Figures& figures, const std::string& name) {
  for (const Finding& finding : diagnose(figures)) {
    if (finding.finding == name) return finding;
  }
  FAIL("no finding " << name);
  return {};
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// 1,000 requests of 10 ms in 10 s, a pool of 10 with room, a quiet server and client.
inline Figures calm() {
  Figures f;
  f.requests.completed = 1000;
  f.window_s = 10;
  f.mean_ms.pool_wait = 0.05;
  f.mean_ms.sql = 8;
  f.mean_ms.pause = 2;
  f.latency_p50_ms = 10;
  f.pool_wait_p50_ms = 0.04;
  f.pool_wait_p95_ms = 0.1;
  f.connection_time_p95_ms = 9;
  f.connection_time_mean_ms = 8;
  f.connect_mean_ms = 4;
  f.connects = 3;
  f.pool_kind = "sqlalchemy-async";
  f.pool_timeout_ms = 30000;
  f.capacity = 10;
  f.peak_checked_out = 6;
  f.checked_out_mean = 0.8;
  f.server_slots = 97;
  f.server_seen = true;
  f.server_active_mean = 0.8;
  return f;
}

/// The same under 100 users with a model call on the connection.
inline Figures drowning() {
  Figures f = calm();
  f.mean_ms = {};
  f.mean_ms.pool_wait = 1300;
  f.mean_ms.sql = 3;
  f.mean_ms.hold = 190;
  f.pool_wait_p50_ms = 1300;
  f.pool_wait_p95_ms = 1480;
  f.connection_time_p95_ms = 400;
  f.connection_time_mean_ms = 193;
  f.waited_fraction = 1;
  f.capacity = 15;
  f.peak_checked_out = 15;
  f.peak_waiting = 85;
  f.peak_demand = 100;
  f.waiting_mean = 84.5;
  f.checked_out_mean = 14.99;
  f.server_active_mean = 0.6;
  f.server_idle_in_transaction_mean = 14.1;
  f.longest_hold = StepFigure{"model", 190, 400.0};
  return f;
}

/// Eight connections that always run statements.
inline Figures busy_database() {
  Figures f = calm();
  f.mean_ms.sql = 50;
  f.mean_ms.pause = 0;
  f.peak_checked_out = 8;
  f.checked_out_mean = 7.9;
  f.server_active_mean = 7.8;
  f.longest_sql = StepFigure{"history", 45, 80.0};
  return f;
}

}  // namespace poolgauge::test
