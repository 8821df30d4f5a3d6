// Rules about the load generator and the way to the server.
#include <fmt/format.h>

#include <algorithm>

#include "assess/diagnosis_rules.h"
#include "assess/verdict.h"
#include "base/text.h"

namespace poolgauge::rules {

Verdict client_bound(const Figures& f) {
  if (!f.client_saturated) return std::nullopt;
  Finding finding{"client_bound", fmt::format("It could not keep up: {}.", f.client_troubles),
                  client_cure(f.threads_help)};
  if (!f.threads_help) {
    finding.experiment =
        f.arrivals_decide
            ? "run the load generator on a machine of its own: the late start should shrink"
            : "run the load generator on a machine of its own: throughput should rise by more than "
              "5 %";
  }
  return finding;
}

namespace {

constexpr double kNetworkShare = 0.3;

/// What of a request's time its exchanges with the server spend on the way.
struct Way {
  double ms = 0;        ///< per request
  bool pinged = false;  ///< by pings; else by what the server did not work on
};

/// On one machine nobody travels. Where its CPUs are busy, both ends wait for one, and the time
/// between them is no network's.
bool no_network(const Figures& f) {
  constexpr double kBusy = 0.85;
  return f.over_socket || (f.server_near && f.server_cpu_busy.value_or(0) >= kBusy);
}

std::optional<Way> way_of(const Figures& f) {
  constexpr double kLongWay_ms = 1, kMostlyAway = 0.7;
  if (no_network(f)) return std::nullopt;
  // A ping of a connection that had been idle takes longer than a statement among others.
  const double pinged =
      std::min(f.round_trip_ms.value_or(0) * f.exchanges_per_request, f.connection_time_mean_ms);
  const double travelling = share(pinged, f.connection_time_mean_ms);
  // On one machine an exchange takes what it takes; only a proxy between makes it long.
  const bool long_way = !f.server_near || f.round_trip_ms.value_or(0) >= kLongWay_ms;
  if (long_way && travelling >= kNetworkShare && weight(f, pinged) >= kWeight) {
    return Way{pinged, true};
  }
  // Where no ping tells: what the clients had under way and the server did not work on.
  const double gone_ms = sql_ms(f) * share(away(f), f.exchanges_under_way);
  const bool far = !f.pooler_between && !f.client_saturated && f.exchanges_under_way > 0 &&
                   gone_ms >= kLongWay_ms * f.exchanges_per_request &&
                   share(gone_ms, f.connection_time_mean_ms) >= kNetworkShare &&
                   share(away(f), f.exchanges_under_way) >= kMostlyAway;
  if (far && weight(f, gone_ms) >= kWeight) return Way{gone_ms, false};
  return std::nullopt;
}

std::string way_text(const Figures& f, const Way& way) {
  const std::string part = percent(share(way.ms, f.connection_time_mean_ms));
  if (way.pinged) {
    return fmt::format(
        "{:.1f} round trips per request at {} each take {} of the connection hold time. ",
        f.exchanges_per_request, ms(*f.round_trip_ms), part);
  }
  return fmt::format(
      "{:.1f} round trips per request take {} each, but the server needs only {} of that: the "
      "network takes {} of the connection hold time. ",
      f.exchanges_per_request, ms(sql_ms(f) / f.exchanges_per_request),
      ms((sql_ms(f) - way.ms) / f.exchanges_per_request), part);
}

/// Fewer round trips only where there are several; a nearer place only where there is one.
std::string way_advice(const Figures& f) {
  constexpr double kSeveral = 1.5;
  const std::string fewer =
      f.exchanges_per_request >= kSeveral
          ? "use fewer round trips per request (combine statements, or use pipelining)"
          : "";
  if (f.server_near) {
    return fewer + (fewer.empty() ? "" : ", or ") +
           "check what lies between the client and the server on this machine (a proxy, a tunnel)";
  }
  return fewer + (fewer.empty() ? "" : ", or ") + "move the client closer to the server";
}

std::string way_experiment(const Figures& f, const Way& way) {
  const std::string part = percent(share(way.ms, f.connection_time_mean_ms));
  return fmt::format(
      "{}: the connection hold time should fall by about {}",
      f.server_near ? "connect to the server directly" : "run on a machine next to the server",
      part);
}

}  // namespace

std::string_view most_or_much(const Figures& f) {
  constexpr double kMost = 0.5;
  return share(on_the_way_ms(f) * f.exchanges_per_request, f.connection_time_mean_ms) >= kMost
             ? "most"
             : "much";
}

double on_the_way_ms(const Figures& f) {
  const std::optional<Way> way =
      f.requests.completed > 0 && f.exchanges_per_request > 0 ? way_of(f) : std::nullopt;
  if (!way) return 0;
  return way->pinged ? *f.round_trip_ms : way->ms / f.exchanges_per_request;
}

Verdict network_bound(const Figures& f) {
  if (f.requests.completed == 0 || f.exchanges_per_request <= 0) return std::nullopt;
  const std::optional<Way> way = way_of(f);
  const double sending = share(f.server_client_mean, f.server_active_mean);
  const bool slow_reader = f.server_seen && f.server_active_mean >= 0.5 &&
                           sending >= kNetworkShare && weight(f, sql_ms(f) * sending) >= kWeight;
  if (!way && !slow_reader) return std::nullopt;
  std::string evidence = way ? way_text(f, *way) : "";
  if (slow_reader) {
    evidence +=
        fmt::format("{} of {} running statements were waiting for the client to read or send data.",
                    amount(f.server_client_mean), amount(f.server_active_mean));
  }
  Finding finding{"network_bound", evidence,
                  way ? way_advice(f) : "fetch fewer or smaller rows, or read them faster"};
  if (way) {
    finding.experiment = way_experiment(f, *way);
    finding.headline =
        fmt::format("Network round trips take up {} of the connection hold time.", most_or_much(f));
  }
  if (!way) {
    finding.headline = "Statements wait for the client to read or send data.";
    finding.experiment = "fetch only a few rows per statement: the statements should become faster";
  }
  return finding;
}

}  // namespace poolgauge::rules
