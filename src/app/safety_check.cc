// Decisions of src/permit, put to the options and into words.
#include "app/safety_check.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "base/text.h"
#include "permit/permit.h"
#include "pg/conninfo/conninfo.h"
#include "pg/target/budget.h"

namespace poolgauge::app {

namespace {

constexpr std::size_t kMostShown = 5;

std::string listed(const std::vector<std::string>& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < kMostShown; ++i) text += "\n  " + lines[i];
  if (lines.size() > kMostShown) {
    text += fmt::format("\n  and {} more", lines.size() - kMostShown);
  }
  return text;
}

std::vector<std::string> writes_of(const Scenario& scenario) {
  std::vector<std::string> writes;
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) {
      if (step.kind != StepKind::sql) continue;
      const std::string why = permit::why_may_write(step.sql.text);
      if (why.empty()) continue;
      writes.push_back(fmt::format("request \"{}\" step \"{}\": {}", request.name, step.name, why));
    }
  }
  for (const SqlFile& file : scenario.setup) writes.push_back("data.setup: " + file.path);
  for (const SqlFile& file : scenario.teardown) writes.push_back("data.teardown: " + file.path);
  return writes;
}

bool reads_only(const RequestSpec& request) {
  return std::all_of(request.steps.begin(), request.steps.end(), [](const Step& step) {
    return step.kind != StepKind::sql || permit::why_may_write(step.sql.text).empty();
  });
}

/// Every address is this machine's own.
bool is_on_this_machine(const std::string& conninfo) {
  std::string hosts;
  for (const ConninfoOption& option : effective_options(conninfo)) {
    const bool names_host = option.name == "host" || option.name == "hostaddr";
    if (names_host && !option.value.empty()) hosts += option.value + ",";
  }
  for (std::size_t at = 0; at < hosts.size();) {
    const std::size_t end = hosts.find(',', at);
    const std::string host = hosts.substr(at, end - at);
    const bool local = host.empty() || host.starts_with("/") || host.starts_with("@") ||
                       host == "localhost" || host.starts_with("127.") || host == "::1";
    if (!local) return false;
    at = end + 1;
  }
  return true;
}

std::string effect_text(const permit::SetupEffect& effect) {
  const std::string what = effect.name.empty()
                               ? "a " + effect.kind + ", whose effects cannot be known beforehand"
                               : fmt::format("{} {}", effect.kind, effect.name);
  return fmt::format("{}:{}: would {} {}", effect.file, effect.line, effect.verb, what);
}

}  // namespace

Status check_writes_allowed(const Scenario& scenario, const SafetyOptions& safety) {
  if (safety.allow_writes) return success();
  const std::vector<std::string> writes = writes_of(scenario);
  if (writes.empty()) return success();
  // A slip is no permission to ask for.
  const bool misspelled = std::all_of(writes.begin(), writes.end(), [](const std::string& why) {
    return why.find("is not an SQL command") != std::string::npos;
  });
  if (misspelled) {
    return Error{
        ErrorKind::target, "the scenario has a misspelled statement:" + listed(writes),
        "correct it, or, if Poolgauge does not know this command, add --allow-writes: the server "
        "then checks it"};
  }
  return Error{ErrorKind::target,
               "the scenario may write, and the target is not a throwaway server:" + listed(writes),
               "add --allow-writes if this database may be changed, or use --embedded"};
}

Status confirm_target(const TargetChoice& choice, const SafetyOptions& safety, ProgressSink& user,
                      const StopFlag& stop) {
  const bool from_environment = choice.source.empty() || choice.source == "DATABASE_URL";
  if (safety.under_way || safety.yes || !choice.conninfo || !from_environment) return success();
  if (is_on_this_machine(*choice.conninfo)) return success();
  if (user.confirm("Load " + describe(*choice.conninfo) + "? (y/n)", stop)) return success();
  return Error{ErrorKind::target, "nothing was loaded: the target was not confirmed",
               "set it with --target, or add --yes"};
}

std::vector<std::string> signs_of_others(const OtherUsers& seen) {
  permit::SharedSigns signs;
  signs.host = seen.host;
  signs.database = seen.database;
  signs.others = seen.others;
  signs.busy_others = seen.busy_others;
  signs.sees_others = seen.sees_all;
  signs.foreign_per_s = seen.foreign_per_s;
  return permit::signs_of_sharing(signs);
}

Status check_sharing(const OtherUsers& seen, const SafetyOptions& safety,
                     const std::string& address) {
  if (safety.shared) return success();
  const std::vector<std::string> found = signs_of_others(seen);
  if (found.empty()) return success();
  return Error{
      ErrorKind::target,
      fmt::format("the server at {} seems to be in use by others:{}", address, listed(found)),
      "add --shared to load it with guards, a ramp, and at most half of its free "
      "connection slots"};
}

Result<SetupLook> look_at_setup_effects(const Scenario& scenario, const std::string& conninfo,
                                        const StopFlag& stop) {
  SetupLook look;
  if (scenario.setup.empty() && scenario.teardown.empty()) return look;
  std::vector<permit::SetupEffect> effects = permit::effects_of(scenario.setup);
  for (permit::SetupEffect& effect : permit::effects_of(scenario.teardown)) {
    effects.push_back(std::move(effect));
  }
  std::vector<NamedObject> named;
  for (const permit::SetupEffect& effect : effects) named.push_back({effect.kind, effect.name});
  for (const permit::Created& created : permit::created_by(scenario.setup)) {
    named.push_back({created.kind, created.name});
  }
  const std::size_t touched = effects.size();
  const Result<std::vector<bool>> foreign = exist_and_are_foreign(conninfo, named, stop);
  if (!foreign.ok()) return foreign.error();
  for (std::size_t i = 0; i < touched; ++i) {
    if (foreign.value()[i]) look.changes.push_back(effect_text(effects[i]));
  }
  // What was there before stays somebody else's, even where IF NOT EXISTS leaves it alone.
  for (std::size_t i = touched; i < named.size(); ++i) {
    if (!foreign.value()[i]) look.to_mark.push_back(named[i]);
  }
  return look;
}

Result<std::vector<NamedObject>> check_setup_allowed(const Scenario& scenario,
                                                     const SafetyOptions& safety,
                                                     const std::string& conninfo,
                                                     const StopFlag& stop) {
  Result<SetupLook> look = look_at_setup_effects(scenario, conninfo, stop);
  if (!look.ok()) return look.error();
  if (!look.value().changes.empty() && !safety.allow_setup) {
    return Error{ErrorKind::target,
                 "data.setup or data.teardown would change objects that exist already and that "
                 "Poolgauge did not create:" +
                     listed(look.value().changes),
                 "use another database, or add --allow-setup if this may be changed"};
  }
  return std::move(look.value().to_mark);
}

Status check_shared_budget(const Scenario& scenario, std::int64_t most, std::int64_t watchers,
                           const TargetInfo& target, const SafetyOptions& safety) {
  if (!safety.shared && !safety.budget) return success();
  const std::int64_t free = target.slots().tightest().first.free();
  const std::int64_t allowed = safety.budget.value_or(std::max<std::int64_t>(free / 2, 0));
  const PoolSelection pools = pools_on(scenario.deployment, PoolTarget::primary);
  const auto capacity = fleet_capacity(scenario.deployment, most, pools);
  const std::int64_t own = safety.budget ? 0 : watchers;
  if (capacity && *capacity + own <= allowed) return success();
  const std::string opened =
      capacity ? counted(*capacity, "connection") : std::string("any number of connections");
  const std::string beside =
      own > 0 ? fmt::format(" and monitoring opens {} more", own) : std::string();
  if (safety.budget) {
    return Error{ErrorKind::target,
                 fmt::format("cannot start: the pools may open {}, but --budget allows only {}",
                             opened, allowed),
                 "use smaller pools, or raise --budget"};
  }
  const std::int64_t fits = (allowed - own) / scenario.deployment.fleet();
  return Error{
      ErrorKind::target,
      fmt::format(
          "cannot start: the pools may open {}{}, but --shared allows only {}\n  half of {}",
          opened, beside, allowed, "the " + counted(free, "free slot")),
      fits > 0 ? fmt::format("use at most {} per process, or allow more with --budget",
                             counted(fits, "connection"))
               : std::string("allow more with --budget, or wait until more slots are free")};
}

ReadOnly with_read_only(const Scenario& scenario, const OtherUsers& seen, bool through_pooler) {
  ReadOnly result{scenario, {}};
  const Deployment& deployment = scenario.deployment;
  std::vector<bool> writes(deployment.pool_count(), false);
  for (RequestSpec& request : result.scenario.requests) {
    for (const Step& step : request.steps) {
      if (step.kind != StepKind::sql || permit::why_may_write(step.sql.text).empty()) continue;
      writes[step.pool] = true;
    }
    const bool plain = request.transaction == TransactionMode::read_write;
    if (plain && reads_only(request)) request.transaction = TransactionMode::read_only;
  }
  if (through_pooler || seen.leave_nothing.empty()) return result;
  for (std::uint32_t pool = 0; pool < deployment.pool_count(); ++pool) {
    // What the standby's connection string says is not known here; a standby takes no writes.
    if (deployment.pool_at(pool).target != PoolTarget::primary) {
      result.session_options.emplace_back();
      continue;
    }
    std::string options = seen.options;
    if (!options.empty()) options += ' ';
    options += seen.leave_nothing;
    if (!writes[pool]) options += " -c default_transaction_read_only=on";
    result.session_options.push_back(std::move(options));
  }
  return result;
}

Duration asked_ramp(const SafetyOptions& safety) {
  constexpr Duration kUsual = std::chrono::seconds(10);
  return safety.ramp.value_or(safety.shared ? kUsual : Duration{0});
}

Duration ramp_of(const Scenario& scenario, const SafetyOptions& safety) {
  const bool rises = std::holds_alternative<ClosedLoad>(scenario.load) ||
                     std::holds_alternative<OpenLoad>(scenario.load);
  return rises ? asked_ramp(safety) : Duration{0};
}

}  // namespace poolgauge::app
