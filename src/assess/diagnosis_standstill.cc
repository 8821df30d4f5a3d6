// Rules about times in which nothing went on, whoever stood still.
#include <fmt/format.h>

#include "assess/diagnosis_rules.h"
#include "stats/over_time.h"

namespace poolgauge::rules {
namespace {

constexpr double kLong = 0.05;  // of the window: then its 95 % percentiles have it
constexpr std::size_t kShownStandstills = 3;

/// Through a pooler nobody sees which of the two it was, unless its console was asked.
std::string server_text_of(const Standstill& one, bool pooler_between) {
  if (one.whose == "pooler") return "The pooler";
  if (one.whose == "replica") return "The replica";
  return pooler_between && !one.confirmed ? "The pooler, or the server behind it," : "The server";
}

/// "from 4.0 s to 7.0 s", "from 4.0 s to the end".
std::string stretch_of(const Standstill& one) {
  const std::string from = fmt::format("from {:.1f} s to ", to_s(one.start));
  return from + (one.end ? fmt::format("{:.1f} s", to_s(*one.end)) : "the end");
}

std::string and_more(std::size_t left_out) {
  return left_out > 0 ? fmt::format(" This happened {} more times.", left_out) : "";
}

}  // namespace

bool stood_still_long(const Figures& f) {
  const Duration window = from_s(f.window_s);
  const double all_s =
      stood_still_s(f.standstills, true, window) + stood_still_s(f.standstills, false, window);
  return f.window_s > 0 && all_s >= kLong * f.window_s;
}

Verdict client_standstill(const Figures& f) {
  std::string evidence;
  std::size_t count = 0;
  for (const Standstill& one : f.standstills) {
    if (one.whose != "client" || ++count > kShownStandstills) continue;
    evidence += (evidence.empty() ? "It was paused " : ", ") + stretch_of(one);
  }
  if (count == 0) return std::nullopt;
  evidence += ": it was stopped, or got no CPU time. Neither the pool nor the server caused this.";
  if (count > kShownStandstills) evidence += and_more(count - kShownStandstills);
  return Finding{"client_standstill", evidence,
                 "measure again where nothing pauses the load generator (a suspended container or "
                 "virtual machine, a debugger, an overcommitted machine)"};
}

Verdict standstill(const Figures& f) {
  std::string evidence;
  std::string headline;
  std::size_t count = 0;
  bool confirmed = true;
  for (const Standstill& one : f.standstills) {
    if (one.whose == "client" || ++count > kShownStandstills) continue;
    if (!evidence.empty()) evidence += " ";
    const std::string who = server_text_of(one, f.pooler_between);
    if (count == 1) headline = who + " did not respond for a while.";
    if (headline != who + " did not respond for a while.") headline.clear();
    evidence += fmt::format("{} did not respond {}.", who, stretch_of(one));
    confirmed = confirmed && one.confirmed;
  }
  if (count == 0) return std::nullopt;
  if (count > kShownStandstills) evidence += and_more(count - kShownStandstills);
  evidence += confirmed ? " The monitoring connection got no response either."
                        : " No monitoring connection was open, so the statements may instead have "
                          "been waiting for the same lock.";
  const bool pooler = f.pooler_between && headline.starts_with("The pooler");
  return Finding{"standstill",
                 evidence,
                 fmt::format("find what paused the {} or interrupted the path to it (a suspended "
                             "container or virtual machine, its storage, the network, a failover), "
                             "then measure again: pool size has no effect on this",
                             pooler ? "pooler" : "server"),
                 {},
                 headline};
}

}  // namespace poolgauge::rules
