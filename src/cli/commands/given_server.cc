// Chosen as for a run, but never a throwaway one.
#include "cli/commands/given_server.h"

#include "app/surroundings.h"
#include "cli/shell/messages.h"
#include "pg/conninfo/conninfo.h"
#include "pg/session/connect_failure.h"

namespace poolgauge::cli {

Result<std::string> given_server(const char* purpose, const TargetOptions& target,
                                 const std::optional<std::string>& pgbouncer, bool quiet,
                                 const Environment& environment) {
  const Result<TargetChoice> choice = chosen_target(target, environment);
  if (!choice.ok()) return choice.error();
  if (!choice.value().conninfo) {
    return usage_error(std::string(purpose) + ", and none is given",
                       "set it with --target, libpq's PG* variables, or DATABASE_URL");
  }
  if (!quiet) print_err_once(target_note(choice.value()));
  if (pgbouncer) {
    if (pgbouncer->empty()) return usage_error("--pgbouncer is empty");
    const Status good = check_conninfo(*pgbouncer, "--pgbouncer");
    if (!good.ok()) return good.error();
  }
  return *choice.value().conninfo;
}

Error about_given(Error error) {
  if (error.hint.ends_with(kThrowawayInstead)) {
    error.hint.resize(error.hint.size() - kThrowawayInstead.size());
  }
  return error;
}

}  // namespace poolgauge::cli
