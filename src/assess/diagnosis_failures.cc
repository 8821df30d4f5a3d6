// Rules about requests that failed: at the pooler, for want of slots, or for any other reason.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "assess/diagnosis_rules.h"
#include "assess/sentences.h"
#include "base/text.h"

namespace poolgauge::rules {
namespace {

/// Who has too few slots, as the server's message says it.
enum class Limit : std::uint8_t { server, role, database };

Limit refusing_limit(const Figures& f) {
  const std::string said = example_of(f.failures, FailureClass::too_many_connections);
  if (said.find("for role") != std::string::npos) return Limit::role;
  return said.find("for database") != std::string::npos ? Limit::database : Limit::server;
}

bool more_than_slots(const Figures& f) {
  return f.server_slots > 0 && f.capacity > f.server_slots && !f.pooler_between;
}

std::string budget_text(const Figures& f) {
  if (f.server_slots <= 0 || f.capacity < 0 || f.pooler_between) return "";
  return fmt::format("The pools can open {} connections ({} {}); the server has {} client slots.",
                     with_thousands(static_cast<std::uint64_t>(f.capacity)), f.processes,
                     f.processes == 1 ? "process" : "processes", f.server_slots);
}

std::string budget_advice(const Figures& f) {
  std::string advice = "use smaller pools, fewer processes, a higher max_connections, or a pooler";
  if (f.server_slots > 0 && f.processes > 0 && !f.pooler_between) {
    advice += fmt::format("; at most {} connections per process fit", f.server_slots / f.processes);
  }
  return advice;
}

/// How many of these failures another finding already explains.
std::uint64_t explained(const FailureCount& of, const std::vector<Finding>& findings) {
  const auto any = [&findings](std::initializer_list<std::string_view> names) {
    return std::any_of(findings.begin(), findings.end(), [&names](const Finding& finding) {
      return std::find(names.begin(), names.end(), finding.finding) != names.end();
    });
  };
  const auto all_if = [&of](bool told) { return told ? of.count : 0; };
  switch (of.failure) {
    case FailureClass::pool_timeout:
      return all_if(any({"pool_bound", "unfair_pool", "slow_connects"}));
    case FailureClass::deadline: return any({"pool_bound", "unfair_pool"}) ? of.waiting : 0;
    case FailureClass::too_many_connections: return all_if(any({"budget_bound"}));
    case FailureClass::pooler_refused: return all_if(any({"pooler_refuses"}));
    case FailureClass::database_busy:
      return all_if(any({"read_upgrade"}) || (of.sqlstate != "517" && any({"writer_bound"})));
    default: return 0;
  }
}

std::string outage_text(const Figures& f) {
  if (f.outages_s < 0.1) return "";
  return fmt::format(" The server, or the network path to it, was down for {} in total.",
                     ms(f.outages_s * 1e3));
}

/// "14 of 189 requests (7.4 %) failed, 12 of them because a statement exceeded its time limit
/// (statement_timeout). First message: ..."
std::string failures_text(const Figures& f, const std::vector<FailureCount>& of,
                          std::uint64_t count) {
  const FailureClass top = most_frequent_class(of);
  std::uint64_t of_class = 0;
  std::uint64_t waiting = 0;
  for (const FailureCount& failure : of) {
    if (failure.failure != top) continue;
    of_class += failure.count;
    waiting += failure.waiting;
  }
  std::string text = fmt::format(
      "{} of {} requests ({}) failed, {} of them because {} ({}).", with_thousands(count),
      with_thousands(f.requests.ended()),
      percent(share(static_cast<double>(count), static_cast<double>(f.requests.ended()))),
      of_class == count ? "all" : with_thousands(of_class), meaning_of(top), name_of(top));
  if (waiting > 0) {
    text += fmt::format(" {} of these were waiting for a connection at the time.",
                        waiting == of_class ? "All" : with_thousands(waiting));
  }
  // Whatever a request was doing at its deadline, its message says no more than the class.
  const std::string example = top == FailureClass::deadline ? "" : example_of(of, top);
  if (!example.empty()) text += " First message: " + example;
  if (!text.ends_with('.')) text += ".";
  return text;
}

bool ran_out_of_time(FailureClass failure) {
  return failure == FailureClass::deadline || failure == FailureClass::statement_timeout ||
         failure == FailureClass::lock_timeout;
}

}  // namespace

Verdict failing(const Figures& f) {
  if (f.requests.failed <= f.requests.completed) return std::nullopt;
  if (f.goals.on_failures && f.goals.all_met) return std::nullopt;
  const FailureClass top = most_frequent_class(f.failures);
  std::string evidence = failures_text(f, f.failures, f.requests.failed) + outage_text(f);
  std::string advice = cure_of(f.failures, top);
  if (ran_out_of_time(top)) {
    // No times of completed requests say where these spent theirs; the server may.
    if (const std::string waits = waits_text(f); !waits.empty()) evidence += " " + waits;
    const Verdict pool = pool_bound(f);
    if (const std::string cure = cure_of_waits(f, {"Lock", "LWLock", "IO"}); !cure.empty()) {
      advice = cure;
    } else if (2 * expired_waiters(f) > f.requests.failed && pool && !pool->advice.empty()) {
      advice = pool->advice;  // that is what took the time
    }
  }
  return Finding{"failing", evidence, advice};
}

std::uint64_t unexplained_failures(const Figures& f, const std::vector<Finding>& told) {
  std::uint64_t count = 0;
  for (const FailureCount& failure : f.failures) {
    count += failure.count - explained(failure, told);
  }
  return count;
}

Verdict failures(const Figures& f, const std::vector<Finding>& told) {
  if (f.goals.on_failures && f.goals.all_met) return std::nullopt;
  std::vector<FailureCount> untold;
  std::uint64_t count = 0;
  for (const FailureCount& failure : f.failures) {
    const std::uint64_t known = explained(failure, told);
    if (known >= failure.count) continue;
    untold.push_back(failure);
    untold.back().count -= known;
    untold.back().waiting -= std::min(known, failure.waiting);
    count += untold.back().count;
  }
  if (!failures_matter(f, count) || f.requests.failed > f.requests.completed) return std::nullopt;
  return Finding{"failures", failures_text(f, untold, count) + outage_text(f),
                 cure_of(untold, most_frequent_class(untold))};
}

Verdict failures_allowed(const Figures& f) {
  constexpr double kWorthSaying = 0.01;
  const double part =
      share(static_cast<double>(f.requests.failed), static_cast<double>(f.requests.ended()));
  if (!f.goals.on_failures || !f.goals.all_met || part < kWorthSaying) return std::nullopt;
  return Finding{"failures_allowed", failures_text(f, f.failures, f.requests.failed), ""};
}

Verdict pooler_refuses(const Figures& f) {
  const std::uint64_t refused = count_of(f, FailureClass::pooler_refused);
  if (!failures_matter(f, refused)) return std::nullopt;
  const std::string said = example_of(f.failures, FailureClass::pooler_refused);
  std::string evidence = fmt::format(
      "{} of {} requests ({}) were refused by the pooler.", with_thousands(refused),
      with_thousands(f.requests.ended()),
      percent(share(static_cast<double>(refused), static_cast<double>(f.requests.ended()))));
  if (said.find("query_wait_timeout") != std::string::npos) {
    return Finding{
        "pooler_refuses",
        evidence + " They waited longer than query_wait_timeout for a server connection.",
        "raise default_pool_size if the server has capacity, or shorten the transactions; a longer "
        "query_wait_timeout only lengthens the queue"};
  }
  const std::int64_t wanted = std::max<std::int64_t>(f.capacity, f.users.value_or(0));
  const bool clients = said.find("max_client_conn") != std::string::npos || said.empty() ||
                       said.find("no more connections") != std::string::npos;
  if (clients && f.pooler_max_clients > 0 && wanted > f.pooler_max_clients) {
    evidence +=
        fmt::format(" It allows {} clients (max_client_conn), but {} connections were requested.",
                    with_thousands(static_cast<std::uint64_t>(f.pooler_max_clients)),
                    with_thousands(static_cast<std::uint64_t>(wanted)));
    return Finding{"pooler_refuses", evidence,
                   fmt::format("raise max_client_conn in pgbouncer.ini to {} or more (and the "
                               "pooler's limit of open files with it), or open fewer connections "
                               "to it",
                               with_thousands(static_cast<std::uint64_t>(wanted)))};
  }
  if (!said.empty()) evidence += " First message: " + said;
  return Finding{"pooler_refuses", evidence, cure_of(FailureClass::pooler_refused)};
}

Verdict budget_bound(const Figures& f) {
  const std::uint64_t refused = count_of(f, FailureClass::too_many_connections);
  if (!failures_matter(f, refused)) return std::nullopt;
  const Limit limit = refusing_limit(f);
  const std::string part =
      percent(share(static_cast<double>(refused), static_cast<double>(f.requests.ended())));
  if (limit == Limit::server) {
    const std::string arithmetic = budget_text(f);
    return Finding{
        "budget_bound",
        fmt::format("The server had no free slot for {} connections ({} of the requests).{}{}",
                    with_thousands(refused), part, arithmetic.empty() ? "" : " ", arithmetic),
        budget_advice(f)};
  }
  const char* whose = limit == Limit::role ? "role" : "database";
  Finding finding{"budget_bound",
                  fmt::format("The server refused {} connections ({} of the requests) with: {}.",
                              with_thousands(refused), part,
                              example_of(f.failures, FailureClass::too_many_connections)),
                  fmt::format("raise the {0}'s limit (ALTER {1} … CONNECTION LIMIT), or keep the "
                              "total of all pools below it; max_connections is not the cause",
                              whose, limit == Limit::role ? "ROLE" : "DATABASE")};
  finding.headline = fmt::format("The {}'s connection limit is too small for the pools.", whose);
  return finding;
}

Verdict budget_risk(const Figures& f) {
  if (!more_than_slots(f) || count_of(f, FailureClass::too_many_connections) > 0) {
    return std::nullopt;
  }
  return Finding{"budget_bound", budget_text(f), budget_advice(f)};
}

}  // namespace poolgauge::rules
