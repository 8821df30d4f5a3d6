// Decisions of parts that meet.
#include "app/part_roll.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "base/fnv_hash.h"
#include "base/text.h"

namespace poolgauge::app {

namespace {

constexpr std::string_view kPartPrefix = "poolgauge-part ";
constexpr std::size_t kMostNamed = 8;
constexpr const char* kStartTogether =
    "start all parts within this time of each other or raise --join; with --start-at they need not "
    "meet";

/// Its low bits depend on all of the hash.
std::uint64_t folded_hash(std::string_view text) {
  const std::uint64_t hash = fnv1a(text);
  return hash ^ hash >> 32;
}

struct StageWord {
  PartStage stage;
  std::string_view word;
};
constexpr std::array kStageWords{
    StageWord{PartStage::here, "here"}, StageWord{PartStage::ready, "ready"},
    StageWord{PartStage::stopped, "stopped"}, StageWord{PartStage::done, "done"}};

std::string stage_text(const PartSeen& seen) {
  if (seen.stage == PartStage::start) return fmt::format("at {}", seen.start_us);
  for (const StageWord& each : kStageWords) {
    if (each.stage == seen.stage) return std::string(each.word);
  }
  return "";
}

/// Takes a number from the front of a text, and what follows it if that is `then`.
template <typename T>
bool take(std::string_view& text, T& value, std::string_view then, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with(then)) return false;
  text.remove_prefix(then.size());
  return true;
}

bool take_stage(std::string_view text, PartSeen& seen) {
  for (const StageWord& each : kStageWords) {
    if (each.word != text) continue;
    seen.stage = each.stage;
    return true;
  }
  if (!text.starts_with("at ")) return false;
  text.remove_prefix(3);
  seen.stage = PartStage::start;
  return take(text, seen.start_us, "") && text.empty();
}

bool has_ended(PartStage stage) {
  return stage == PartStage::done || stage == PartStage::stopped;
}

PartTurn refusal(ErrorKind kind, std::string message, std::string hint) {
  PartTurn turn;
  turn.what = PartTurn::What::refuse;
  turn.error = Error{kind, std::move(message), std::move(hint)};
  return turn;
}

PartTurn going(std::int64_t start_us) {
  PartTurn turn;
  turn.what = PartTurn::What::go;
  turn.start_us = start_us;
  return turn;
}

}  // namespace

RunPrint print_of(const std::string& scenario_sha256, const std::string& resolved_json,
                  std::uint64_t seed, const std::string& version) {
  RunPrint print;
  print.scenario = static_cast<std::uint32_t>(folded_hash(scenario_sha256 + resolved_json));
  print.seed = static_cast<std::uint16_t>(folded_hash(std::to_string(seed)));
  print.version = static_cast<std::uint16_t>(folded_hash(version));
  return print;
}

std::string part_name(const PartSeen& seen) {
  return fmt::format("{}{}/{} {:08x}-{:04x}-{:04x} {}", kPartPrefix, seen.part.number(),
                     seen.part.count, seen.print.scenario, seen.print.seed, seen.print.version,
                     stage_text(seen));
}

std::optional<PartSeen> part_seen(const std::string& name) {
  std::string_view text = name;
  if (!text.starts_with(kPartPrefix)) return std::nullopt;
  text.remove_prefix(kPartPrefix.size());
  PartSeen seen;
  std::uint32_t number = 0;
  const bool good = take(text, number, "/") && take(text, seen.part.count, " ") &&
                    take(text, seen.print.scenario, "-", 16) &&
                    take(text, seen.print.seed, "-", 16) &&
                    take(text, seen.print.version, " ", 16) && take_stage(text, seen);
  if (!good || number < 1 || number > seen.part.count) return std::nullopt;
  seen.part.index = number - 1;
  return seen;
}

std::string PartRoll::named(std::uint32_t number) const {
  return fmt::format("part {} of {}", number, self_.count);
}

const PartSeen* PartRoll::leader(const std::vector<PartSeen>& all) const {
  const auto found =
      std::find_if(all.begin(), all.end(), [](const PartSeen& seen) { return seen.part.leads(); });
  return found == all.end() ? nullptr : &*found;
}

bool PartRoll::belongs(const PartSeen& seen) const {
  return seen.part.count == self_.count && seen.print == print_;
}

std::set<std::uint32_t> PartRoll::present(const std::vector<PartSeen>& all) const {
  std::set<std::uint32_t> numbers{self_.number()};
  for (const PartSeen& seen : all) {
    if (belongs(seen)) numbers.insert(seen.part.number());
  }
  return numbers;
}

/// Who differs from the leading part leaves; the leading part waits for the right one.
std::optional<PartTurn> PartRoll::mistakes(const std::vector<PartSeen>& all) const {
  const PartSeen* first = leader(all);
  if (self_.leads() || first == nullptr || belongs(*first)) return std::nullopt;
  std::string what;
  if (first->part.count != self_.count) {
    what = fmt::format("it is part 1 of {}", first->part.count);
  } else if (first->print.version != print_.version) {
    what = "it runs another version of Poolgauge";
  } else if (first->print.scenario != print_.scenario) {
    what = "it has another scenario, or other flags";
  } else {
    what = "it has another --seed";
  }
  return refusal(
      ErrorKind::usage,
      fmt::format("{} does not belong to the run of part 1: {}", named(self_.number()), what),
      "give all parts the same scenario, flags, --seed, and version; only --part "
      "differs");
}

std::optional<PartTurn> PartRoll::left_early(const std::vector<PartSeen>& all) {
  const std::set<std::uint32_t> now = present(all);
  for (const std::uint32_t number : known_) {
    if (now.contains(number)) continue;
    if (!missed_.insert(number).second) {
      return refusal(
          ErrorKind::target,
          fmt::format("{} vanished before the start: its own output says why", named(number)),
          "start all parts again");
    }
  }
  known_.insert(now.begin(), now.end());
  for (const std::uint32_t number : now) missed_.erase(number);
  return std::nullopt;
}

std::string PartRoll::absent(const std::vector<PartSeen>& all) const {
  const std::set<std::uint32_t> now = present(all);
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t number = 1; number <= self_.count; ++number) {
    if (!now.contains(number)) numbers.push_back(number);
  }
  if (numbers.empty()) return "";
  const std::size_t named = std::min(numbers.size(), kMostNamed);
  std::string text =
      fmt::format("part{} {}", numbers.size() > 1 ? "s" : "",
                  fmt::join(numbers.begin(), numbers.begin() + std::ptrdiff_t(named), ", "));
  if (named < numbers.size()) text += fmt::format(" and {} more", numbers.size() - named);
  return text + fmt::format(" of {}", self_.count);
}

std::optional<PartTurn> PartRoll::too_long(Duration waited,
                                           const std::vector<PartSeen>& all) const {
  if (waited < patience_) return std::nullopt;
  const std::string missing = absent(all);
  if (missing.empty()) return std::nullopt;
  return refusal(ErrorKind::target,
                 fmt::format("{} did not join within {}", missing, format_duration(patience_)),
                 kStartTogether);
}

PartTurn PartRoll::await_setup(Duration waited, const std::vector<PartSeen>& all) {
  if (const auto wrong = mistakes(all)) return *wrong;
  const PartSeen* first = leader(all);
  if (first != nullptr && first->stage != PartStage::here && first->stage != PartStage::ready) {
    return refusal(
        ErrorKind::target,
        fmt::format("{} came too late: the run has already started", named(self_.number())),
        kStartTogether);
  }
  if (const auto left = left_early(all)) return *left;
  if (first != nullptr && first->stage == PartStage::ready) return going(0);
  return first == nullptr ? too_long(waited, all).value_or(PartTurn{}) : PartTurn{};
}

PartTurn PartRoll::await_start(Duration waited, const std::vector<PartSeen>& all) {
  if (const auto wrong = mistakes(all)) return *wrong;
  const PartSeen* first = leader(all);
  const bool decided = first != nullptr && first->stage == PartStage::start;
  if (!self_.leads() && decided) return going(first->start_us);
  if (const auto left = left_early(all)) return *left;
  if (const auto late = too_long(waited, all)) return *late;
  const auto ready = std::count_if(all.begin(), all.end(), [this](const PartSeen& seen) {
    return belongs(seen) && seen.stage == PartStage::ready;
  });
  return self_.leads() && ready == static_cast<std::ptrdiff_t>(self_.count) ? going(0) : PartTurn{};
}

std::vector<std::uint32_t> PartRoll::vanished(const std::vector<PartSeen>& all) {
  const std::set<std::uint32_t> now = present(all);
  std::vector<std::uint32_t> gone;
  for (const std::uint32_t number : known_) {
    if (!now.contains(number) && !missed_.insert(number).second) gone.push_back(number);
  }
  for (const std::uint32_t number : gone) known_.erase(number);
  known_.insert(now.begin(), now.end());
  for (const std::uint32_t number : now) missed_.erase(number);
  for (const PartSeen& seen : all) {
    if (has_ended(seen.stage)) known_.erase(seen.part.number());
  }
  return gone;
}

bool PartRoll::is_stopped(const std::vector<PartSeen>& all) const {
  return std::any_of(all.begin(), all.end(), [this](const PartSeen& seen) {
    return belongs(seen) && seen.part != self_ && seen.stage == PartStage::stopped;
  });
}

bool PartRoll::has_no_leader(const std::vector<PartSeen>& all) const {
  const PartSeen* first = leader(all);
  if (first != nullptr) return belongs(*first) && has_ended(first->stage);
  return missed_.contains(1) && !known_.contains(1);
}

bool PartRoll::all_ended(const std::vector<PartSeen>& all) const {
  return std::all_of(all.begin(), all.end(), [this](const PartSeen& seen) {
    const bool matters =
        belongs(seen) && seen.part != self_ && (self_.leads() || seen.part.leads());
    return !matters || has_ended(seen.stage);
  });
}

std::string lost_text(std::uint32_t number, Duration since_start) {
  return fmt::format("part {} vanished {:.1f} s after the start", number,
                     std::max(0.0, to_s(since_start)));
}

std::string lost_note(const std::string& lost) {
  return "P" + lost.substr(std::min<std::size_t>(1, lost.size())) +
         ". Its share of the load was missing from then on.";
}

Error part_twice(RunPart part) {
  return Error{ErrorKind::usage,
               fmt::format("part {} has already joined at this database", part.number()),
               "give each part a number of its own; two runs in parts at the same time need two "
               "databases"};
}

}  // namespace poolgauge::app
