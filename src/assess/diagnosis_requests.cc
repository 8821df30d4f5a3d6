// Rules about the load generator and the way to the server.
#include <fmt/format.h>

#include <algorithm>

#include "assess/diagnosis_rules.h"
#include "base/text.h"

namespace poolgauge::rules {

Verdict client_bound(const Figures& f) {
  if (!f.client_saturated) return std::nullopt;
  return Finding{
      "client_bound", fmt::format("It could not keep up: {}.", f.client_troubles),
      "use more --threads, run the load generator on a machine of its own, or reduce the load"};
}

Verdict network_bound(const Figures& f) {
  constexpr double kShare = 0.3, kLongWay_ms = 1;
  if (f.requests.completed == 0 || f.exchanges_per_request <= 0) return std::nullopt;
  // A ping of a connection that had been idle takes longer than a statement among others.
  const double on_the_way =
      std::min(f.round_trip_ms.value_or(0) * f.exchanges_per_request, f.connection_time_mean_ms);
  const double travelling = share(on_the_way, f.connection_time_mean_ms);
  // Where no ping tells: what the clients had under way and the server did not work on.
  const double gone_ms = sql_ms(f) * share(away(f), f.exchanges_under_way);
  const bool far = !f.pooler_between && !f.client_saturated && f.exchanges_under_way > 0 &&
                   gone_ms >= kLongWay_ms * f.exchanges_per_request &&
                   share(gone_ms, f.connection_time_mean_ms) >= kShare &&
                   share(away(f), f.exchanges_under_way) >= 0.7;
  const double sending = share(f.server_client_mean, f.server_active_mean);
  const bool slow_reader = f.server_seen && f.server_active_mean >= 0.5 && sending >= kShare &&
                           weight(f, sql_ms(f) * sending) >= kWeight;
  // On one machine an exchange takes what it takes; only a proxy between makes it long.
  const bool long_way = !f.server_near || f.round_trip_ms.value_or(0) >= kLongWay_ms;
  const bool seen = long_way && travelling >= kShare && weight(f, on_the_way) >= kWeight;
  const bool weighs = seen || (far && weight(f, gone_ms) >= kWeight);
  if (!weighs && !slow_reader) return std::nullopt;
  std::string evidence;
  if (seen) {
    evidence = fmt::format(
        "{:.1f} round trips per request at {} each take {} of the connection hold time. ",
        f.exchanges_per_request, ms(*f.round_trip_ms), percent(travelling));
  } else if (weighs) {
    evidence = fmt::format(
        "{:.1f} round trips per request take {} each, but the server needs only {} of that: the "
        "network takes {} of the connection hold time. ",
        f.exchanges_per_request, ms(sql_ms(f) / f.exchanges_per_request),
        ms((sql_ms(f) - gone_ms) / f.exchanges_per_request),
        percent(share(gone_ms, f.connection_time_mean_ms)));
  }
  if (slow_reader) {
    evidence +=
        fmt::format("{} of {} running statements were waiting for the client to read or send data.",
                    amount(f.server_client_mean), amount(f.server_active_mean));
  }
  std::string advice =
      weighs ? "use fewer round trips per request (combine statements, or use pipelining)"
             : "fetch fewer or smaller rows, or read them faster";
  // On one machine there is no nearer place.
  if (weighs && !f.server_near) advice += ", or move the client closer to the server";
  return Finding{"network_bound", evidence, advice};
}

}  // namespace poolgauge::rules
