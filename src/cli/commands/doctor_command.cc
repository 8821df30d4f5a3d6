// `doctor`: reads a server, judges what it saw, and says so; nothing is changed.
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "app/doctor.h"
#include "app/surroundings.h"
#include "base/json_layout.h"
#include "base/text.h"
#include "cli/args/live_options.h"
#include "cli/commands/commands.h"
#include "cli/commands/finish.h"
#include "cli/shell/messages.h"
#include "files/files.h"
#include "files/outputs.h"
#include "pg/doctor/doctor_read.h"
#include "pg/session/control_connection.h"
#include "pg/session/epoll_time.h"
#include "poolgauge/exit_status.h"
#include "poolgauge/time.h"
#include "report/doctor_words.h"
#include "report/json/json_parts.h"

namespace poolgauge::cli {

namespace {

double seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
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

/// `doctor ping`: one round trip, one line. Status 0, or 3 where the server does not answer.
int doctor_ping(const DoctorOptions& options, const std::string& conninfo, const StopFlag& stop) {
  const Result<doctor::HealthFacts> facts = look_at_health(conninfo, "", stop);
  if (!facts.ok()) return fail(about_given(facts.error()));
  const doctor::HealthFacts& seen = facts.value();
  if (!seen.connected) {
    print_err("poolgauge: " + seen.trouble + "\n");
    return kExitTarget;
  }
  if (options.output.quiet) return 0;
  const Status printed = print_lines(fmt::format("{}: round trip {}, connect {}\n", seen.address,
                                                 human_duration(from_ms(seen.round_trip_ms)),
                                                 human_duration(from_ms(seen.connect_ms))));
  return printed.ok() ? 0 : fail(printed.error());
}

/// `--format health`: the small JSON. Status 0, 3 for unhealthy, 10 with --strict for a warning.
int doctor_health(const DoctorOptions& options, const Context& context,
                  const std::string& conninfo) {
  const Result<doctor::HealthFacts> facts =
      look_at_health(conninfo, options.application, context.stop);
  if (!facts.ok()) return fail(about_given(facts.error()));
  const doctor::HealthPlan plan = health_plan(options);
  const doctor::Health health = doctor::judge_health(facts.value(), plan);
  if (!options.output.quiet) {
    const Status printed =
        print_out(health_json(facts.value(), plan, health, iso_time(context.wall_clock())));
    if (!printed.ok()) return fail(printed.error());
  }
  if (health.status == DoctorVerdict::unhealthy) return kExitTarget;
  return options.strict && health.status == DoctorVerdict::warning ? kExitMissed : 0;
}

/// A round of checks, and with --watch another one after each pause until a stop request, which is
/// how that ends: then the status is that of the last whole round.
int look_and_show(const DoctorOptions& options, const Context& context, const std::string& conninfo,
                  DoctorCase asked) {
  constexpr std::time_t kDay = 24 * 60 * 60;
  std::optional<int> last;
  for (;;) {
    const std::time_t started = context.wall_clock();
    asked.plan.today = started / kDay;
    const Result<Diagnosed> diagnosed =
        diagnose_server(options, asked, conninfo, seconds_since_1970, context.stop);
    if (last && context.stop.requested()) return *last;
    if (!diagnosed.ok()) return fail(about_given(diagnosed.error()));
    const int status = doctor_status(diagnosed.value(), options.strict);
    last = status;
    const DoctorRun run{context.tool_version, context.command_line, iso_time(started), status};
    const Status written = write_all_forms(diagnosed.value(), run, options.output);
    if (!written.ok()) return fail(written.error());
    if (options.watch && !options.output.quiet) print_err(iso_time(started) + "\n");
    const Status shown = show_diagnosed(diagnosed.value(), status, options.output);
    if (!shown.ok()) return fail(shown.error());
    if (!options.watch) return status;
    if (!rest_until(monotonic_now() + *options.watch, context.stop)) return status;
  }
}

}  // namespace

int doctor_command(const DoctorOptions& options, const Context& context) {
  if (const Status form = check_form(options); !form.ok()) return fail(form.error());
  if (const Status good = check_doctor(options); !good.ok()) return fail(good.error());
  if (options.sql) {
    const Status printed = print_out(doctor_queries_text({options.only, options.skip}));
    return printed.ok() ? 0 : fail(printed.error());
  }
  if (const Status checked = check_outputs(options.output, false); !checked.ok()) {
    return fail(checked.error());
  }
  const bool ping = options.scenario == "ping";
  const bool health = !ping && options.format == "health";
  OrFailure<DoctorCase> asked =
      ping || health ? OrFailure<DoctorCase>(DoctorCase{}) : doctor_case(options, context);
  if (!asked.ok()) return fail(asked.failure());
  ProgressPrinter progress(progress_printer(options.output));
  const Result<std::string> conninfo = given_server(
      "doctor checks a server", options.target, options.pgbouncer, context.environment, progress);
  if (!conninfo.ok()) return fail(conninfo.error());
  if (ping) return doctor_ping(options, conninfo.value(), context.stop);
  if (health) return doctor_health(options, context, conninfo.value());
  return look_and_show(options, context, conninfo.value(), std::move(asked).value());
}

}  // namespace poolgauge::cli
