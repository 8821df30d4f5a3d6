// `observe`: watches a live server's sessions and answers with the sizes of its pools.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/args/observe_options.h"
#include "cli/commands/commands.h"
#include "cli/commands/given_server.h"
#include "cli/commands/observe_record.h"
#include "cli/commands/outputs.h"
#include "cli/commands/show.h"
#include "cli/shell/built_in.h"
#include "cli/shell/files.h"
#include "cli/shell/json_layout.h"
#include "cli/shell/messages.h"
#include "cli/shell/progress_line.h"
#include "cli/shell/terminal.h"
#include "cli/shell/wall_clock.h"
#include "observe/observe.h"
#include "pg/observe/observe_read.h"
#include "poolgauge/observed_load.h"
#include "poolgauge/pool_sizing.h"
#include "report/observe_words.h"

namespace poolgauge::cli {

namespace {

constexpr double kBatches = 60;  // of a short window
constexpr double kPieces = 300;  // of a recorded one; from 5 h on a minute each

ObserveWishes wishes_of(const ObserveOptions& options) {
  ObserveWishes wishes;
  wishes.length = from_s(options.for_s);
  wishes.batch = from_s(options.record.empty() ? std::clamp(options.for_s / kBatches, 0.2, 5.0)
                                               : std::clamp(options.for_s / kPieces, 0.2, 60.0));
  wishes.seed = options.seed;
  wishes.statements = !options.scenario.empty();
  wishes.console = options.pgbouncer.value_or("");
  return wishes;
}

/// A line on standard error: how far it is, and what is in use.
class ObserveProgress {
 public:
  ObserveProgress(const ObserveOptions& options, const observe::Tally& tally)
      : terminal_(inspect_terminal(2, options.output.no_color)),
        mode_(progress_mode(options.output.progress, options.output.quiet, terminal_)),
        printer_(mode_, terminal_),
        for_s_(options.for_s),
        tally_(tally) {}

  void update(double elapsed_s) {
    if (mode_ == ProgressPrinter::Mode::none || elapsed_s < next_s_) return;
    next_s_ = elapsed_s + (mode_ == ProgressPrinter::Mode::redraw ? 0.2 : 5.0);
    const auto [used, open] = tally_.latest();
    const std::string text =
        fmt::format("observing, {} of {}: {} of {} sessions in use",
                    seconds_text(std::floor(elapsed_s)), seconds_text(for_s_), used, open);
    printer_.phase(text);
  }
  void finish() { printer_.finish(); }

 private:
  Terminal terminal_;
  ProgressPrinter::Mode mode_;
  ProgressPrinter printer_;
  double for_s_, next_s_ = 0;
  const observe::Tally& tally_;
};

/// The groups of the largest one's database, as a scenario has them.
ObservedLoad load_of(const Observed& observed, const std::string& name) {
  ObservedLoad load;
  load.name = name;
  load.seconds = observed.seconds;
  if (observed.question.profile == "high-traffic") load.goal = "p99";
  for (const ObservedGroup& group : observed.groups) {
    if (group.key.database != observed.groups.front().key.database) continue;
    if (!group.rate_per_s || !group.hold_s || group.in_use.value <= 0) continue;
    ObservedRequests requests;
    requests.name = group.key.application.empty() ? group.key.role : group.key.application;
    requests.rate_per_s = group.rate_per_s->value;
    requests.hold_s = group.hold_s->value;
    requests.hold_spread =
        group.hold_spread ? std::optional(group.hold_spread->value) : std::nullopt;
    requests.hold_quantiles_s = group.hold_quantiles_s;
    requests.processor_s = group.hold_s->value * group.waits[0] / group.in_use.value;
    requests.in_transaction = !group.autocommit;
    requests.processes = group.processes;
    requests.kind = group.guess.kind;
    requests.pattern = group.guess.pattern;
    const std::int64_t most =
        std::max<std::int64_t>(1, group.limit.value_or(group.sessions_most) / group.processes);
    requests.connections = most;
    if (sizing_options(requests.kind)) {
      PoolSettings settings;
      settings.kept = settings.total = most;
      requests.options = named_options(requests.kind, settings);
    }
    load.requests.push_back(std::move(requests));
  }
  return load;
}

/// What the only group's role ran in its database.
void add_statements(const Observed& observed, const std::vector<ObservedStatement>& statements,
                    ObservedLoad& load) {
  const ObserveKey& key = observed.groups.front().key;
  if (load.requests.size() != 1 || key.database != observed.server.database) return;
  load.statements.seconds = observed.seconds;
  for (const ObservedStatement& one : statements) {
    if (one.role != key.role) continue;
    load.statements.statements.push_back({one.text, one.calls, 0, {}, 0, one.rows / one.calls});
  }
}

Status write_scenario(const Observed& observed, const ObserveOptions& options,
                      const std::vector<ObservedStatement>& statements) {
  if (options.scenario.empty()) return success();
  const std::string stem = std::filesystem::path(options.scenario).stem().string();
  ObservedLoad load = load_of(observed, stem.empty() || stem == "-" ? "observed" : stem);
  if (load.requests.empty()) {
    return Error{
        ErrorKind::usage,
        "--scenario: nothing to write, because no group's transaction rate and hold time are known",
        "observe for longer with --for, while the application is busy"};
  }
  add_statements(observed, statements, load);
  const ImportedScenario scenario = import_observed(load);
  const Status written = write_output(options.scenario, pretty_json(scenario.json) + "\n");
  if (!written.ok()) return written;
  if (options.output.quiet) return success();
  for (const std::string& note : scenario.notes) print_err("poolgauge: " + note + "\n");
  return success();
}

Status write_all(const Observed& observed, const ObserveRun& run, const OutputOptions& output) {
  Status first = write_requested(output, output.json.empty() ? "" : to_json(observed, run),
                                 output.markdown.empty() ? "" : to_markdown(observed));
  const auto write = [&first](const std::string& path, const auto& render) {
    if (path.empty()) return;
    Status written = write_output(path, render());
    if (first.ok()) first = std::move(written);
  };
  write(output.html, [&observed, &run] { return to_html(observed, run); });
  write(output.prometheus, [&observed] { return to_prometheus(observed); });
  write(output.csv, [&observed] { return to_csv(observed); });
  return first;
}

Status show_observed(const Observed& observed, int status, const OutputOptions& output) {
  const std::string line = observe_headline(observed).text + "\n";
  if (output.quiet) {
    if (status != 0) print_err("poolgauge: " + line);
    return success();
  }
  return show_text(
      output, [&observed](const TerminalStyle& style) { return to_terminal(observed, style); },
      [&line](const TerminalStyle&) { return line; });
}

Status check_observe(const ObserveOptions& options) {
  if (const Status checked = check_outputs(options.output, false); !checked.ok()) return checked;
  if (!options.scenario.empty() && options.scenario != "-") {
    const Status writable = check_writable(parent_of(options.scenario));
    if (!writable.ok()) return usage_error("--scenario: " + writable.error().message);
  }
  if (!options.record.empty() && options.pgbouncer) {
    return usage_error("--record and --pgbouncer exclude each other",
                       "a recording has no figures of PgBouncer");
  }
  if (options.file.empty()) return success();
  if (!options.record.empty() || options.pgbouncer || options.target.conninfo) {
    return usage_error(
        "a recording is read without a server: --target, --pgbouncer, and --record do not apply",
        "omit FILE to observe a server");
  }
  return success();
}

ObserveQuestion question_of(const ObserveOptions& options) {
  return {options.profile, options.processes, options.limits, options.gap_s, options.for_s};
}

/// Writes and shows the answer.
int report_observed(const Observed& observed, const ObserveOptions& options, const Context& context,
                    std::time_t started, int status,
                    const std::vector<ObservedStatement>& statements) {
  const ObserveRun run{std::string(tool_version()), context.command_line, iso_time(started),
                       status};
  if (const Status written = write_all(observed, run, options.output); !written.ok()) {
    return fail(written.error());
  }
  if (const Status shown = show_observed(observed, status, options.output); !shown.ok()) {
    return fail(shown.error());
  }
  const Status scenario = write_scenario(observed, options, statements);
  return scenario.ok() ? status : fail(scenario.error());
}

int report_recording(const ObserveOptions& options, const Context& context) {
  Result<observe::Recording> read = read_record_file(options.file);
  if (!read.ok()) return fail(read.error());
  const observe::Recording& recording = read.value();
  observe::Circumstances circumstances{recording.header.server, recording.cost,
                                       question_of(options), recording.interrupted,
                                       recording.header.started_s};
  circumstances.question.gap_s = recording.header.gap_s;
  circumstances.question.asked_for_s = recording.header.asked_for_s;
  Observed observed = observe::answer_of(recording.tally, circumstances);
  if (!recording.ended) {
    observed.warnings.insert(
        observed.warnings.begin(),
        "the recording has no end: it is still being written, or observe was stopped");
  }
  return report_observed(observed, options, context,
                         static_cast<std::time_t>(recording.header.started_s), 0, {});
}

/// Appends to the file that --record names as the sums grow.
class Recorder {
 public:
  Recorder(const ObserveOptions& options, std::time_t started, double recent_s)
      : header_{{}, started, options.gap_s, recent_s, options.for_s} {}
  Status create(const std::string& path) { return file_.create(path); }
  void attach(observe::Tally& tally, ObserveWishes& wishes) {
    if (!file_.is_open()) return;
    wishes.met = [this](const ObserveServer& server) {
      header_.server = server;
      file_.append(observe::RecordWriter::header(header_));
    };
    tally.when_batch_ends(
        [this](const observe::Tally& sums) { file_.append(writer_.piece(sums)); });
  }
  void end(const observe::Tally& tally, const ObserveEnd& end) {
    if (file_.is_open()) file_.append(writer_.end(tally, end.cost, end.interrupted));
  }
  const std::string& complaint() const { return file_.complaint(); }

 private:
  observe::RecordHeader header_;
  observe::RecordWriter writer_;
  RecordFile file_;
};

void add_end_warnings(const ObserveEnd& end, const std::string& complaint, Observed& observed) {
  if (!end.lost.empty()) {
    observed.warnings.insert(
        observed.warnings.begin(),
        "the connection to the server was lost and could not be restored: " + end.lost);
  }
  if (!end.no_counters.empty()) {
    observed.warnings.push_back("some readings of the server's counters failed: " +
                                end.no_counters);
  }
  if (!end.no_console.empty()) {
    observed.warnings.push_back("PgBouncer's console stopped answering: " + end.no_console);
  }
  if (!complaint.empty()) {
    observed.warnings.push_back("--record: the file could not be written any further: " +
                                complaint);
  }
}

}  // namespace

int observe_command(const ObserveOptions& options, const Context& context) {
  if (const Status checked = check_observe(options); !checked.ok()) return fail(checked.error());
  if (!options.file.empty()) return report_recording(options, context);
  const Result<std::string> conninfo =
      given_server("observe watches a server", options.target, options.pgbouncer,
                   options.output.quiet, context.environment);
  if (!conninfo.ok()) return fail(conninfo.error());
  const std::time_t started = wall_clock();
  ObserveWishes wishes = wishes_of(options);
  observe::Tally tally(options.gap_s, to_s(wishes.interval) / 2);
  Recorder recorder(options, started, tally.recent_s());
  if (!options.record.empty()) {
    if (const Status created = recorder.create(options.record); !created.ok()) {
      return fail(created.error());
    }
  }
  recorder.attach(tally, wishes);
  ObserveProgress progress(options, tally);
  wishes.progress = [&progress](double elapsed_s) { progress.update(elapsed_s); };
  Result<ObserveEnd> watched = watch_sessions(conninfo.value(), wishes, context.stop, tally);
  progress.finish();
  if (!watched.ok()) return fail(watched.error());
  const ObserveEnd& end = watched.value();
  recorder.end(tally, end);
  const observe::Circumstances circumstances{end.server, end.cost, question_of(options),
                                             end.interrupted, started};
  Observed observed = observe::answer_of(tally, circumstances);
  add_end_warnings(end, recorder.complaint(), observed);
  const int status = end.interrupted ? kExitInterrupted : end.lost.empty() ? 0 : kExitTarget;
  return report_observed(observed, options, context, started, status, end.statements);
}

}  // namespace poolgauge::cli
