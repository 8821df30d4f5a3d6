// What is said where nothing binds: what would bind first, and with which load.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "assess/diagnosis_rules.h"
#include "assess/sentences.h"
#include "base/text.h"
#include "poolgauge/pool_traits.h"

namespace poolgauge::rules {
namespace {

/// Something that is used up in proportion to the load.
struct Resource {
  std::string name;
  std::string use;  // "8.0 of 15 connections in use on average"
  double utilization = 0;
  bool is_pool = false;  // where it is full, the next request waits; until then nobody does
};

/// Of the machine, by the load generator: its busiest thread, where it shares the machine.
double own_cpu_share(const Figures& f) {
  return f.server_near && f.server_cores > 0 ? f.client_cpu_busy / f.server_cores : 0;
}

/// The CPUs are busy, but the database does little of it: other programs do.
bool busy_with_others(const Figures& f) {
  constexpr double kBusy = 0.85, kOfBusy = 1.0 / 3;
  return f.server_cpu_busy && f.server_cpu_share && *f.server_cpu_busy >= kBusy &&
         *f.server_cpu_share + own_cpu_share(f) < kOfBusy * *f.server_cpu_busy;
}

std::vector<Resource> resources_of(const Figures& f) {
  std::vector<Resource> all;
  const auto add_pool = [&all](const std::string& name, double mean, std::int64_t capacity) {
    if (capacity <= 0) return;
    all.push_back({name.empty() ? "the pool" : "pool \"" + name + "\"",
                   fmt::format("{} of {} connections{} are in use on average", amount(mean),
                               capacity, name.empty() ? "" : " of pool \"" + name + "\""),
                   mean / static_cast<double>(capacity), true});
  };
  const bool own_limit = pool_traits(f.pool_kind).limits_connections;
  if (own_limit) add_pool(f.pool_name, f.checked_out_mean, f.capacity);
  for (const Figures::PoolUse& pool : f.other_pools) {
    add_pool(pool.name, pool.checked_out_mean, pool.capacity);
  }
  if (f.pooler_size > 0) {
    all.push_back({"the pooler's server connections",
                   fmt::format("{} of the pooler's {} server connections are in use on average",
                               amount(f.pooler_servers_mean), f.pooler_size),
                   f.pooler_servers_mean / static_cast<double>(f.pooler_size), true});
  }
  if (f.server_cpu_busy && !busy_with_others(f)) {
    const std::string whose = f.server_near ? "this machine's CPUs" : "the server's CPUs";
    all.push_back({whose, fmt::format("{} are {} busy", whose, percent(*f.server_cpu_busy)),
                   *f.server_cpu_busy});
  } else if (f.server_cpu_busy) {
    // Others' work does not grow with this load.
  } else if (f.server_seen && f.server_cores > 0) {
    const double part = f.server_cpu_mean / f.server_cores;
    all.push_back({"the server's CPUs",
                   fmt::format("{} statements are running on {} CPUs on average",
                               amount(f.server_cpu_mean), f.server_cores),
                   part});
  }
  if (f.client_cpu_busy > 0) {
    all.push_back(
        {"the load generator's busiest thread",
         fmt::format("the load generator's busiest thread is {} busy", percent(f.client_cpu_busy)),
         f.client_cpu_busy});
  }
  return all;
}

/// What is used up most; nullopt where nothing is known.
std::optional<Resource> scarcest(const Figures& f) {
  const std::vector<Resource> all = resources_of(f);
  const auto first = std::max_element(
      all.begin(), all.end(),
      [](const Resource& a, const Resource& b) { return a.utilization < b.utilization; });
  if (first == all.end()) return std::nullopt;
  return *first;
}

constexpr double kUsedUp = 0.95;

/// " As load grows, the first bottleneck will be the pool, at 1.9× this load (375 requests/s) or
/// earlier: 8.0 of 15 connections are in use on average."
std::string first_to_bind(const Figures& f) {
  const std::optional<Resource> first = scarcest(f);
  constexpr double kNearlyNothing = 0.01;
  if (!first) return "";
  if (first->utilization < kNearlyNothing) return " Every resource is less than 1 % utilized.";
  if (first->utilization >= kUsedUp && !first->is_pool) {
    return fmt::format(
        " There is little room for more load: {}. Throughput cannot grow much beyond {} "
        "requests/s.",
        first->use, significant(throughput_per_s(f)));
  }
  const double times = std::max(1.0, 1 / first->utilization);
  return fmt::format(
      " As load grows, the first bottleneck will be {}, at {}× this load ({} requests/s) or "
      "earlier: {}.",
      first->name, significant(times), significant(throughput_per_s(f) * times), first->use);
}

/// Where a machine is busy with what this load does not cause.
std::string others_text(const Figures& f) {
  if (!busy_with_others(f)) return "";
  return fmt::format(
      " Other programs keep {} busy ({} in total, {} by the database), which may slow down the "
      "requests.",
      f.server_near ? "this machine's CPUs" : "the server's CPUs", percent(*f.server_cpu_busy),
      percent(*f.server_cpu_share));
}

std::string thinking_text(const Figures& f) {
  if (f.think_ms <= 0 || f.think_ms < f.mean_ms.total()) return "";
  return fmt::format(
      " Users think for {} between requests that take {}, so they generate no more load than this.",
      ms(f.think_ms), ms(f.mean_ms.total()));
}

struct Part {
  double mean_ms;
  std::string name, advice;
};

/// What a request spends most of its time on.
Part longest_part(const Figures& f) {
  const Breakdown& b = f.mean_ms;
  const auto step = [](const std::optional<StepFigure>& longest) {
    return longest ? fmt::format(", mostly in step \"{}\" (mean {})", longest->name,
                                 ms(longest->mean_ms))
                   : std::string();
  };
  const std::string cheaper =
      f.longest_sql ? fmt::format("make step \"{}\" faster: check its query plan (EXPLAIN ANALYZE)",
                                  f.longest_sql->name)
                    : "make the statements faster";
  const std::vector<Part> parts = {
      {b.sql, "running statements" + step(f.longest_sql), cheaper},
      {b.hold, "application work while holding a connection" + step(f.longest_hold),
       "make that work faster: more connections will not shorten it"},
      {b.pause, "application work without a connection",
       "make that work faster: the pool does not affect it"},
      {b.pool_wait, "waiting for a connection", "look at the longest requests (--explain)"},
      {b.commit, "COMMIT", "commit less often, or put the write-ahead log on faster storage"},
      {b.begin, "BEGIN", "check what is between client and server (a pooler, the network)"},
      {b.start, "starting late", "run the load generator on a machine of its own"},
      {b.release, "releasing the connection", ""},
      {b.backoff, "backing off before retries", "remove the cause of the retries"},
  };
  return *std::max_element(parts.begin(), parts.end(),
                           [](const Part& x, const Part& y) { return x.mean_ms < y.mean_ms; });
}

}  // namespace

Verdict healthy(const Figures& f) {
  const std::string of =
      f.capacity >= 0 ? " of " + with_thousands(static_cast<std::uint64_t>(f.capacity)) : "";
  const std::string where = f.pool_name.empty() ? "" : " of pool \"" + f.pool_name + "\"";
  std::string evidence = fmt::format("At most {}{} connections{} were in use",
                                     with_thousands(f.peak_checked_out), of, where);
  if (f.pool_wait_p95_ms) {
    const std::string_view one = f.pool_name.empty() ? "one" : "a connection of any pool";
    const bool waits = *f.pool_wait_p95_ms > 0;
    const bool nobody = !waits && f.peak_waiting == 0 && f.connects == 0;
    // Without a queue the time is that of connecting or of a pre-ping.
    const bool queued = waits && f.peak_waiting > 0;
    evidence +=
        queued   ? fmt::format("; requests waited {} for {} (p95)", ms(*f.pool_wait_p95_ms), one)
        : waits  ? fmt::format("; requests got {} within {} (p95)", one, ms(*f.pool_wait_p95_ms))
        : nobody ? fmt::format("; no request waited for {}", one)
                 : fmt::format("; at least 95 % of requests got {} without waiting", one);
    if (f.connection_time_p95_ms) {
      evidence += fmt::format("{} held it for {} (p95)", waits ? " and" : "; requests",
                              ms(*f.connection_time_p95_ms));
    }
  }
  Finding finding{"healthy", evidence + "." + thinking_text(f) + others_text(f) + first_to_bind(f),
                  ""};
  const std::optional<Resource> first = scarcest(f);
  const bool used_up = first && first->utilization >= kUsedUp && !first->is_pool;
  const bool met = f.goals.any && f.goals.all_met;
  if (used_up) {
    finding.headline =
        fmt::format("{}onnections are available when requests need them.",
                    met ? "All goals are met, and c" : "The pool is not the bottleneck: c");
  } else if (met) {
    constexpr double kClose = 0.8;
    finding.headline = first && first->utilization >= kClose
                           ? "All goals are met at this load."
                           : "All goals are met, and there is no bottleneck.";
  }
  return finding;
}

Verdict own_time(const Figures& f) {
  const double latency = f.mean_ms.total();
  if (!f.goals.times_missed || latency <= 0) return std::nullopt;
  const Part part = longest_part(f);
  return Finding{
      "own_time",
      fmt::format("{} of the latency is {}.", percent(share(part.mean_ms, latency)), part.name),
      part.advice};
}

Verdict locks_not_simulated(const Figures& f) {
  if (f.unsimulated_locks.empty()) return std::nullopt;
  std::string evidence = no_locks_words(f.unsimulated_locks) + ".";
  evidence[0] = 'T';
  return Finding{"locks_not_simulated", evidence, "measure it with poolgauge run"};
}

Verdict too_few_requests(const Figures& f) {
  if (enough_requests(f)) return std::nullopt;
  return Finding{
      "too_few_requests",
      fmt::format("Only {} {} finished in the {} measured.", with_thousands(f.requests.ended()),
                  f.requests.ended() == 1 ? "request" : "requests",
                  human_duration(from_s(f.window_s))),
      "measure longer, or with more load"};
}

}  // namespace poolgauge::rules
