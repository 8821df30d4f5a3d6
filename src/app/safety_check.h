// Nothing by accident: what must be allowed before a server is loaded that is not this program's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/context.h"
#include "app/requests.h"
#include "app/surroundings.h"
#include "pg/target/existing_objects.h"
#include "pg/target/target_info.h"
#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge::app {

/// Before anything is connected: a scenario that may write needs --allow-writes. The error (kind
/// target) names the steps and files, the first few of many.
Status check_writes_allowed(const Scenario& scenario, const SafetyOptions& safety);

/// A target that only the environment names is asked for where somebody can be asked, before the
/// first run of a command, unless it is on this machine.
Status confirm_target(const TargetChoice& choice, const SafetyOptions& safety, ProgressSink& user,
                      const StopFlag& stop);

/// A server that looks as if others used it needs --shared. `address`: without secrets.
Status check_sharing(const OtherUsers& seen, const SafetyOptions& safety,
                     const std::string& address);

/// One phrase for each sign that others use the server.
std::vector<std::string> signs_of_others(const OtherUsers& seen);

/// What data.setup and data.teardown do to objects that are already there.
struct SetupLook {
  std::vector<std::string> changes;  ///< to objects that this program did not create, with places
  std::vector<NamedObject> to_mark;  ///< what the setup creates
};
Result<SetupLook> look_at_setup_effects(const Scenario& scenario, const std::string& conninfo,
                                        const StopFlag& stop);

/// A setup or teardown that would drop or change what is there, and was not made by this program,
/// needs --allow-setup. Gives what the setup will make, to be marked afterwards.
Result<std::vector<NamedObject>> check_setup_allowed(const Scenario& scenario,
                                                     const SafetyOptions& safety,
                                                     const std::string& conninfo,
                                                     const StopFlag& stop);

/// With --shared: pools may open half of the free slots, or --budget. `most`: see most_in_flight().
Status check_shared_budget(const Scenario& scenario, std::int64_t most, std::int64_t watchers,
                           const TargetInfo& target, const SafetyOptions& safety);

/// How requests are run where nothing in them writes: in read-only transactions.
struct ReadOnly {
  Scenario scenario;
  /// By pool: libpq's `options`, with what they are already and what ends a session whose client
  /// vanished.
  std::vector<std::string> session_options;
};
/// `seen.leave_nothing` empty (through a pooler): sessions are not told anything.
ReadOnly with_read_only(const Scenario& scenario, const OtherUsers& seen, bool through_pooler);

/// The time the load may take to rise: 10 s on a shared server unless --ramp says otherwise.
Duration asked_ramp(const SafetyOptions& safety);
/// The same for this load: zero where it has a shape of its own.
Duration ramp_of(const Scenario& scenario, const SafetyOptions& safety);

}  // namespace poolgauge::app
