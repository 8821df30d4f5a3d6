// `doctor`: reads a server, judges what it saw, and says so; nothing is changed.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/doctor_preflight.h"
#include "app/doctor_scenario.h"
#include "cli/args/doctor_options.h"
#include "cli/commands/commands.h"
#include "cli/commands/doctor_forms.h"
#include "cli/commands/doctor_health.h"
#include "cli/commands/doctor_plan.h"
#include "cli/commands/doctor_queries.h"
#include "cli/commands/given_server.h"
#include "cli/commands/show.h"
#include "cli/shell/messages.h"
#include "cli/shell/wall_clock.h"
#include "doctor/checks.h"
#include "files/files.h"
#include "files/outputs.h"
#include "files/report_set.h"
#include "pg/doctor/doctor_read.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"
#include "report/doctor_words.h"

namespace poolgauge::cli {

namespace {

double seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

Status check_names(const DoctorOptions& options) {
  for (const auto& [flag, words] :
       {std::pair("--only", &options.only), std::pair("--skip", &options.skip)}) {
    const std::vector<std::string> unknown = doctor::unknown_names(*words);
    if (unknown.empty()) continue;
    return usage_error(
        fmt::format("{}: there is no check \"{}\"", flag, unknown.front()),
        "checks are named A1 to I5, groups A to I; poolgauge doctor --sql lists them");
  }
  const doctor::Selection selection{options.only, options.skip};
  const auto all = doctor::checks();
  if (std::none_of(all.begin(), all.end(),
                   [&selection](const auto& check) { return selection.has(check.id); })) {
    return usage_error("--only and --skip exclude every check", "remove one of them");
  }
  return success();
}

/// Flags that only count together with a pool's size.
Status check_fleet(const DoctorOptions& options) {
  if (!options.scenario.empty() || options.pool_size || options.max_overflow) return success();
  const char* const flag = options.instances   ? "--instances"
                           : options.processes ? "--processes"
                           : options.surge     ? "--surge"
                                               : nullptr;
  if (flag == nullptr) return success();
  return usage_error(fmt::format("{} needs the size of a pool", flag),
                     "add --pool-size, or a scenario");
}

int print_queries(const doctor::Selection& selection) {
  const Status printed = print_out(doctor_queries_text(selection));
  return printed.ok() ? 0 : fail(printed.error());
}

int doctor_status(const Diagnosed& diagnosed, bool strict) {
  if (diagnosed.count(DoctorLevel::stop) > 0) return kExitTarget;
  return strict && diagnosed.verdict() != DoctorVerdict::healthy ? kExitMissed : 0;
}

Status write_all_forms(const Diagnosed& diagnosed, const DoctorRun& run,
                       const OutputOptions& output) {
  const Status written = write_requested(output, output.json.empty() ? "" : to_json(diagnosed, run),
                                         output.markdown.empty() ? "" : to_markdown(diagnosed));
  if (output.junit.empty()) return written;
  const Status junit = write_output(output.junit, to_junit(diagnosed, run));
  return written.ok() ? junit : written;
}

Status show_diagnosed(const Diagnosed& diagnosed, int status, const OutputOptions& output) {
  if (output.quiet) {
    if (status != 0) print_err("poolgauge: " + doctor_headline(diagnosed) + "\n");
    return success();
  }
  return show_text(
      output, [&diagnosed](const TerminalStyle& style) { return to_terminal(diagnosed, style); },
      [&diagnosed](const TerminalStyle& style) {
        return closing_line(doctor_headline(diagnosed), style);
      });
}

/// What the server is compared with.
struct Planned {
  std::optional<Scenario> scenario;
  DoctorPlan plan;
};

/// The plan, or the exit status after the reason has been printed.
std::variant<Planned, int> plan_of(const DoctorOptions& options, const Context& context) {
  if (options.scenario.empty()) return Planned{std::nullopt, doctor_plan(options, nullptr)};
  OrFailure<Scenario> loaded =
      typed_scenario(options.scenario, {}, context.environment, deployment_overrides(options));
  if (!loaded.ok()) return fail(loaded.failure());
  Scenario& scenario = loaded.value();
  DoctorPlan plan = doctor_plan(options, &scenario);
  return Planned{std::move(scenario), std::move(plan)};
}

/// Everything that is judged: the server, and the scenario on it.
Result<DoctorFacts> read_facts(const DoctorOptions& options, const doctor::Selection& selection,
                               const std::string& conninfo, const std::optional<Scenario>& scenario,
                               const StopFlag& stop) {
  DoctorWishes wishes = wishes_for(selection, DoctorPace::watch);
  wishes.console = options.pgbouncer.value_or("");
  wishes.wall_clock_s = seconds_since_1970;
  Result<DoctorFacts> facts = read_doctor_facts(conninfo, wishes, stop);
  const bool wanted = std::any_of(
      doctor::checks().begin(), doctor::checks().end(),
      [&selection](const auto& check) { return check.id[0] == 'I' && selection.has(check.id); });
  if (!facts.ok() || !scenario || !wanted || facts.value().version_num == 0) return facts;
  Result<DoctorScenario> seen = look_at_scenario(conninfo, *scenario, facts.value(), stop);
  if (!seen.ok()) return seen.error();
  facts.value().scenario = std::move(seen).value();
  return facts;
}

/// A round of checks, and with --watch another one after each pause until a stop request, which is
/// how that ends: then the status is that of the last whole round.
int look_and_show(const DoctorOptions& options, const Context& context, const std::string& conninfo,
                  Planned planned) {
  DoctorPlan& plan = planned.plan;
  const doctor::Selection selection{options.only, options.skip};
  constexpr std::time_t kDay = 24 * 60 * 60;
  std::optional<int> last;
  for (;;) {
    const std::time_t started = wall_clock();
    plan.today = started / kDay;
    const Result<DoctorFacts> facts =
        read_facts(options, selection, conninfo, planned.scenario, context.stop);
    if (last && context.stop.requested()) return *last;
    if (!facts.ok()) return fail(about_given(facts.error()));
    const Diagnosed diagnosed = doctor::judge(facts.value(), plan, selection);
    const int status = doctor_status(diagnosed, options.strict);
    last = status;
    const DoctorRun run{std::string(tool_version()), context.command_line, iso_time(started),
                        status};
    const Status written = write_all_forms(diagnosed, run, options.output);
    if (!written.ok()) return fail(written.error());
    if (options.watch && !options.output.quiet) print_err(iso_time(started) + "\n");
    const Status shown = show_diagnosed(diagnosed, status, options.output);
    if (!shown.ok()) return fail(shown.error());
    if (!options.watch) return status;
    if (!rest_until(monotonic_now() + *options.watch, context.stop)) return status;
  }
}

Result<std::string> server_of(const DoctorOptions& options, const Context& context) {
  return given_server("doctor checks a server", options.target, options.pgbouncer,
                      options.output.quiet, context.environment);
}

}  // namespace

int doctor_command(const DoctorOptions& options, const Context& context) {
  if (const Status form = check_form(options); !form.ok()) return fail(form.error());
  if (const Status known = check_names(options); !known.ok()) return fail(known.error());
  if (const Status fleet = check_fleet(options); !fleet.ok()) return fail(fleet.error());
  const doctor::Selection selection{options.only, options.skip};
  if (options.sql) return print_queries(selection);
  if (const Status checked = check_outputs(options.output, false); !checked.ok()) {
    return fail(checked.error());
  }
  const bool ping = options.scenario == "ping";
  if (ping || options.format == "health") {
    const Result<std::string> conninfo = server_of(options, context);
    if (!conninfo.ok()) return fail(conninfo.error());
    return ping ? doctor_ping(options, conninfo.value(), context.stop)
                : doctor_health(options, conninfo.value(), context.stop);
  }
  auto planned = plan_of(options, context);
  if (const int* status = std::get_if<int>(&planned)) return *status;
  const Result<std::string> conninfo = server_of(options, context);
  if (!conninfo.ok()) return fail(conninfo.error());
  return look_and_show(options, context, conninfo.value(), std::get<Planned>(std::move(planned)));
}

}  // namespace poolgauge::cli
