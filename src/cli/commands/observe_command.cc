// `observe`: watches a live server's sessions and answers with the sizes of its pools.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/json_layout.h"
#include "base/text.h"
#include "cli/args/observe_options.h"
#include "cli/commands/commands.h"
#include "cli/commands/given_server.h"
#include "cli/commands/observe_progress.h"
#include "cli/commands/observe_record.h"
#include "cli/commands/observe_report.h"
#include "cli/commands/show.h"
#include "cli/shell/messages.h"
#include "cli/shell/wall_clock.h"
#include "files/files.h"
#include "files/outputs.h"
#include "files/report_set.h"
#include "observe/observe.h"
#include "pg/observe/observe_read.h"

namespace poolgauge::cli {

namespace {

constexpr double kBatches = 60;  // of a short window
constexpr double kPieces = 300;  // of a recorded one; from 5 h on a minute each

ObserveWishes wishes_of(const ObserveOptions& options, bool recorded) {
  ObserveWishes wishes;
  wishes.length = from_s(options.for_s());
  wishes.batch = from_s(recorded ? std::clamp(options.for_s() / kPieces, 0.2, 60.0)
                                 : std::clamp(options.for_s() / kBatches, 0.2, 5.0));
  wishes.seed = options.seed;
  wishes.statements = !options.scenario.empty();
  wishes.console = options.pgbouncer.value_or("");
  return wishes;
}

Status check_observe(const ObserveOptions& options) {
  if (const Status checked = check_outputs(options.output, false); !checked.ok()) return checked;
  if (!options.scenario.empty() && options.scenario != "-") {
    const Status writable = check_writable(parent_of(options.scenario));
    if (!writable.ok()) return usage_error("--scenario: " + writable.error().message);
  }
  if (options.every_given_s) {
    return usage_error("--every needs --metrics", "omit --every, or add --metrics");
  }
  if (options.file.empty()) return success();
  if (options.for_given_s || options.gap_given_s) {
    return usage_error(fmt::format("{} does not apply to a recording: it was chosen when recording",
                                   options.for_given_s ? "--for" : "--gap"),
                       "omit it, or omit FILE to observe a server");
  }
  if (!options.record.empty() || options.pgbouncer || options.target.conninfo) {
    return usage_error(
        "a recording is read without a server: --target, --pgbouncer, and --record do not apply",
        "omit FILE to observe a server");
  }
  return success();
}

int report_recording(const ObserveOptions& options, const Context& context) {
  Result<observe::Recording> read = read_record_file(options.file);
  if (!read.ok()) return fail(read.error());
  return report_observed(answer_of_recording(read.value(), observe_question(options)), options,
                         context, {static_cast<std::time_t>(read.value().header.started_s), 0, {}});
}

/// Appends to the file that --record names as the sums grow.
class Recorder {
 public:
  Recorder(const ObserveOptions& options, std::time_t started, double recent_s)
      : header_{{}, started, options.gap_s(), recent_s, options.for_s()} {}
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

/// Where to record: as --record says. A long observation is always recorded, and says where.
Result<std::string> recorded_to(const ObserveOptions& options, std::time_t started) {
  constexpr double kLong_s = 2 * 3600;
  if (!options.record.empty() || options.for_s() < kLong_s) return options.record;
  const std::string& directory = options.output.directory;
  if (const Status made = make_directory(directory); !made.ok()) {
    return usage_error("--out: " + made.error().message);
  }
  const std::string path = fmt::format("{}/observe-{}.jsonl", directory, compact_time(started));
  if (!options.output.quiet) {
    print_err(fmt::format("recording to {}; report on it at any time with: poolgauge observe {}\n",
                          path, path));
  }
  return path;
}

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
  if (!options.token_file.empty() && options.listen.empty()) {
    return fail(usage_error("--token-file needs --listen"));
  }
  if (!options.listen.empty()) return observe_listen(options, context);
  if (!options.metrics.empty()) return observe_metrics(options, context);
  if (const Status checked = check_observe(options); !checked.ok()) return fail(checked.error());
  if (!options.file.empty()) return report_recording(options, context);
  const Result<std::string> conninfo =
      given_server("observe watches a server", options.target, options.pgbouncer,
                   options.output.quiet, context.environment);
  if (!conninfo.ok()) return fail(conninfo.error());
  const std::time_t started = wall_clock();
  const Result<std::string> record = recorded_to(options, started);
  if (!record.ok()) return fail(record.error());
  ObserveWishes wishes = wishes_of(options, !record.value().empty());
  observe::Tally tally(options.gap_s(), to_s(wishes.interval) / 2);
  Recorder recorder(options, started, tally.recent_s());
  if (!record.value().empty()) {
    if (const Status created = recorder.create(record.value()); !created.ok()) {
      return fail(created.error());
    }
  }
  recorder.attach(tally, wishes);
  ObserveProgress progress(options);
  wishes.progress = [&](double elapsed_s) {
    if (!progress.is_due(elapsed_s)) return;
    const auto [used, open] = tally.latest();
    progress.show(elapsed_s, fmt::format("{} of {} sessions in use", used, open));
  };
  Result<ObserveEnd> watched = watch_sessions(conninfo.value(), wishes, context.stop, tally);
  progress.finish();
  if (!watched.ok()) return fail(about_given(watched.error()));
  const ObserveEnd& end = watched.value();
  recorder.end(tally, end);
  const observe::Circumstances circumstances{end.server, end.cost, observe_question(options),
                                             end.interrupted, started};
  Observed observed = observe::answer_of(tally, circumstances);
  add_end_warnings(end, recorder.complaint(), observed);
  const int status = end.interrupted ? kExitInterrupted : end.lost.empty() ? 0 : kExitTarget;
  return report_observed(observed, options, context, {started, status, end.statements});
}

}  // namespace poolgauge::cli
