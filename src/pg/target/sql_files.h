// Runs a scenario's setup and teardown files, statement by statement, stopping at the first error.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/result.h"
#include "poolgauge/scenario.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// Runs data.setup as `psql -v ON_ERROR_STOP=1` would, all files on one connection. The error is
/// "file:line:column: statement N of M: the server's words" (kind usage; kind target when the
/// connection, a permission or the server's resources are at fault; kind interrupted after a stop
/// request, which also cancels the running statement). A statement may last as long as it needs
/// while the server answers others; a silent server is given up within about 8 s. What a failed
/// setup has left is removed by data.teardown, which a second stop request ends; trouble in that is
/// added to the error's hint. Files with a statement that cannot be run here (also of the teardown)
/// are refused before anything is sent. `shared_sessions`: as run_teardown has it.
Status run_setup(const std::string& conninfo, const Scenario& scenario, const StopFlag& stop,
                 bool shared_sessions = false);

/// Runs data.teardown on a fresh connection, every file even if one fails; returns a sentence for
/// each that failed. It does not wait for locks longer than 10 s, nor for one statement longer
/// than 60 s, nor for a silent server longer than 6 s (4 s to connect). `stop` ends it: give a flag
/// of its own, so that it is done after the request that ended the load. `shared_sessions`: the
/// server's sessions are handed from client to client by a pooler, so no limit is set there; one
/// statement is then canceled after 60 s, locks included.
std::vector<std::string> run_teardown(const std::string& conninfo,
                                      const std::vector<SqlFile>& files, const StopFlag& stop,
                                      bool shared_sessions = false);

/// A sentence for each file with a statement whose effect stays in the session that ran it, for
/// where sessions are shared.
std::vector<std::string> session_state_notes(const std::vector<SqlFile>& files);

}  // namespace poolgauge
