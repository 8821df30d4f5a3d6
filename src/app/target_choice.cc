// The order of the places where a target may be named.
#include "app/surroundings.h"

#include "pg/conninfo/conninfo.h"
#include "pg/session/connect_failure.h"

namespace poolgauge::app {

namespace {

constexpr const char* kUrl = "DATABASE_URL";

}  // namespace

TargetChoice named_target(const TargetOptions& options, const Environment& environment) {
  if (options.embedded) return {};
  if (options.conninfo) return {options.conninfo, options.named_by};
  if (auto variable = environment("POOLGAUGE_TARGET")) return {variable, "POOLGAUGE_TARGET"};
  if (target_in_environment()) return {std::string(), ""};
  if (auto url = environment(kUrl)) return {url, kUrl};
  return {};
}

Result<TargetChoice> chosen_target(const TargetOptions& options, const Environment& environment) {
  TargetChoice choice = named_target(options, environment);
  if (!choice.conninfo) return choice;
  if (choice.conninfo->empty() && !choice.source.empty()) {
    return usage_error(
        choice.source + " is empty",
        "give a connection string such as postgresql://app@localhost/app, or omit it to use "
        "PG* variables or DATABASE_URL; to start a throwaway PostgreSQL, use --embedded");
  }
  if (choice.conninfo->starts_with("sqlite:")) {
    return usage_error(choice.source + " is a SQLite database, but PostgreSQL is needed here",
                       "SQLite databases are targets of run, sweep, and advise");
  }
  const Status good = check_conninfo(*choice.conninfo, choice.source);
  if (!good.ok()) return good.error();
  return choice;
}

std::string target_note(const TargetChoice& choice) {
  if (!choice.conninfo || (choice.source != kUrl && !choice.source.empty())) return "";
  const std::string from = choice.source.empty() ? "PG* variables" : kUrl;
  return "target: " + describe(*choice.conninfo) + ", from " + from +
         " (use --target or --embedded to choose another)\n";
}

Result<std::string> given_server(const char* purpose, const TargetOptions& target,
                                 const std::optional<std::string>& pgbouncer,
                                 const Environment& environment, ProgressSink& progress) {
  const Result<TargetChoice> choice = chosen_target(target, environment);
  if (!choice.ok()) return choice.error();
  if (!choice.value().conninfo) {
    return usage_error(std::string(purpose) + ", and none is given",
                       "set it with --target, libpq's PG* variables, or DATABASE_URL");
  }
  progress.note_once(target_note(choice.value()));
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

}  // namespace poolgauge::app
