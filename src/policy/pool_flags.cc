// What each flag means where, and a table of the names that libraries give to the same thing.
#include "poolgauge/pool_flags.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "policy/kind.h"

namespace poolgauge {

namespace {

constexpr std::pair<PoolFlag, std::string_view> kFlagNames[] = {
    {PoolFlag::size, "pool_size"},
    {PoolFlag::overflow, "max_overflow"},
    {PoolFlag::timeout, "pool_timeout"},
    {PoolFlag::recycle, "pool_recycle"},
    {PoolFlag::ping, "pre_ping"}};

const FlagAnswer* answer_of(PoolFlag flag, const PoolKind& kind) {
  const auto found = std::find_if(kind.flags.begin(), kind.flags.end(),
                                  [flag](const FlagAnswer& one) { return one.flag == flag; });
  return found != kind.flags.end() ? &*found : nullptr;
}

/// What the kind itself says, or what is true of every other.
FlagMeaning without_option(PoolFlag flag, const PoolKind& kind) {
  if (const FlagAnswer* answer = answer_of(flag, kind)) {
    return {"", "", "", answer->neutral, answer->nearest};
  }
  if (flag == PoolFlag::overflow && kind.sizing) {
    return {"", "", "", "0",
            "this pool has no overflow; " + meaning_of(PoolFlag::size, kind.info.name).option +
                " is its maximum. Use only --pool-size, with the sum of pool size and overflow"};
  }
  return {"", "", "", "", "it keeps no connections; choose another kind with --pool"};
}

std::string option_of(PoolFlag flag, const PoolKind& kind) {
  if (!kind.sizing) return {};
  const SizingOptions& names = *kind.sizing;
  const FlagAnswer* answer = answer_of(flag, kind);
  if (answer != nullptr && !answer->option.empty()) return answer->option;
  switch (flag) {
    case PoolFlag::size: return names.most.empty() ? names.kept : names.most;
    case PoolFlag::overflow: return names.overflow;
    case PoolFlag::timeout: return names.wait;
    case PoolFlag::recycle: return names.age;
    case PoolFlag::ping: return names.ping;
  }
  return {};
}

enum class Meaning : std::uint8_t { most, kept, overflow, wait, age, idle, test };

/// What libraries call each thing, without case and signs between words.
struct Synonyms {
  Meaning meaning;
  std::string_view names;  ///< each between spaces
};
constexpr Synonyms kSynonyms[] = {
    {Meaning::most,
     " poolsize maxsize maximumpoolsize maxpoolsize max maxtotal maxactive maxconnections maxconn "
     "maxconns maxopenconns setmaxopenconns poolmaxconns poolmaxsize connectionlimit "
     "maxopenconnections pool size limit poolmax defaultpoolsize "},
    {Meaning::kept,
     " minsize minimumidle minidle maxidle min minpoolsize minimumpoolsize poolminconns minconns "
     "maxidleconns setmaxidleconns initialsize minconnections minconn poolmin idleconns "},
    {Meaning::overflow, " maxoverflow overflow poolmaxoverflow "},
    {Meaning::wait,
     " timeout pooltimeout connectiontimeout connectiontimeoutmillis acquiretimeout "
     "acquiretimeoutmillis acquireconnectiontimeout maxwait maxwaitmillis checkouttimeout "
     "waittimeout queuetimeout connectionacquiretimeout "},
    {Meaning::age,
     " recycle poolrecycle maxlifetime maxlifetimeseconds poolmaxconnlifetime connmaxlifetime "
     "setconnmaxlifetime maxconnlifetime maxage connmaxage connectionlifetime maxconnectionage "
     "maxlifetimemillis "},
    {Meaning::idle,
     " idletimeout idletimeoutmillis maxidletime maxinactiveconnectionlifetime poolmaxconnidletime "
     "connmaxidletime setconnmaxidletime maxconnidletime connectionidlelifetime maxidle "},
    {Meaning::test,
     " preping poolpreping check testonborrow ping testwhileidle connectiontestquery "
     "validationquery connhealthchecks validate "},
};

/// "max_pool-Size" as "maxpoolsize".
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ' || c == '.') continue;
    plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return plain;
}

bool means(std::string_view name, const Synonyms& synonyms) {
  return synonyms.names.find(" " + plain_name(name) + " ") != std::string_view::npos;
}

}  // namespace

std::string_view name_of(PoolFlag flag) {
  for (const auto& [known, name] : kFlagNames) {
    if (known == flag) return name;
  }
  check_failed("a known flag", "the name of a pool's flag", __FILE__, __LINE__);
}

std::optional<PoolFlag> find_pool_flag(std::string_view name) {
  for (const auto& [flag, known] : kFlagNames) {
    if (known == name) return flag;
  }
  return std::nullopt;
}

FlagMeaning meaning_of(PoolFlag flag, std::string_view kind, std::string_view version) {
  const PoolKind* own = find_pool_kind(kind);
  POOLGAUGE_CHECK(own != nullptr, "the flags of an unknown kind of pool");
  const PoolKind* named = own->named_as != nullptr ? find_pool_kind(own->named_as(version)) : own;
  POOLGAUGE_CHECK(named != nullptr, "a kind whose options have the names of an unknown one");
  FlagMeaning meaning;
  meaning.option = option_of(flag, *named);
  if (meaning.option.empty()) return without_option(flag, *named);
  if (flag == PoolFlag::recycle && own->zero_age_is_never) meaning.never = "0";
  const bool has_minimum = flag == PoolFlag::size && meaning.option != named->sizing->kept;
  if (has_minimum && !named->lowers_kept_itself) meaning.kept = named->sizing->kept;
  return meaning;
}

std::optional<std::string> option_by_synonym(const KindInfo& kind, std::string_view name) {
  for (const Synonyms& synonyms : kSynonyms) {
    if (!means(name, synonyms)) continue;
    for (const OptionInfo& option : kind.options) {
      if (means(option.name, synonyms)) return option.name;
    }
  }
  return std::nullopt;
}

}  // namespace poolgauge
