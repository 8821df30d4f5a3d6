// Watching a server, and reading what was recorded of one.
#include "app/observe.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "app/surroundings.h"
#include "base/json_layout.h"
#include "base/text.h"
#include "files/files.h"
#include "files/record_file.h"
#include "observe/observe.h"
#include "poolgauge/exit_status.h"

namespace poolgauge::app {

namespace {

constexpr double kBatches = 60;  // of a short window
constexpr double kPieces = 300;  // of a recorded one; from 5 h on a minute each

ObserveWishes wishes_of(const ObserveRequest& request, bool recorded) {
  ObserveWishes wishes;
  wishes.length = from_s(request.for_s());
  wishes.batch = from_s(recorded ? std::clamp(request.for_s() / kPieces, 0.2, 60.0)
                                 : std::clamp(request.for_s() / kBatches, 0.2, 5.0));
  wishes.seed = request.seed;
  wishes.statements = !request.scenario.empty();
  wishes.console = request.pgbouncer.value_or("");
  return wishes;
}

/// Appends to the file that --record names as the sums grow.
class Recorder {
 public:
  Recorder(const ObserveRequest& request, std::time_t started, double recent_s)
      : header_{{}, started, request.gap_s(), recent_s, request.for_s()} {}
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
Result<std::string> recorded_to(const ObserveRequest& request, const std::string& directory,
                                std::time_t started, ProgressSink& progress) {
  constexpr double kLong_s = 2 * 3600;
  if (!request.record.empty() || request.for_s() < kLong_s) return request.record;
  if (const Status made = make_directory(directory); !made.ok()) {
    return usage_error("--out: " + made.error().message);
  }
  const std::string path = fmt::format("{}/observe-{}.jsonl", directory, compact_time(started));
  progress.note(fmt::format(
      "recording to {}; report on it at any time with: poolgauge observe {}\n", path, path));
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

ObserveQuestion observe_question(const ObserveRequest& request) {
  return {request.profile, request.processes, request.limits, request.gap_s(), request.for_s()};
}

Observed answer_of_recording(const observe::Recording& recording, ObserveQuestion question) {
  observe::Circumstances circumstances{recording.header.server, recording.cost, std::move(question),
                                       recording.interrupted, recording.header.started_s};
  circumstances.question.gap_s = recording.header.gap_s;
  circumstances.question.asked_for_s = recording.header.asked_for_s;
  Observed observed = observe::answer_of(recording.tally, circumstances);
  if (!recording.ended) {
    observed.warnings.insert(
        observed.warnings.begin(),
        "the recording has no end: it is still being written, or observe was stopped");
  }
  return observed;
}

Result<ObserveAnswer> observe_recording(const ObserveRequest& request) {
  Result<observe::Recording> read = read_record_file(request.file);
  if (!read.ok()) return read.error();
  const auto started = static_cast<std::time_t>(read.value().header.started_s);
  return ObserveAnswer{
      answer_of_recording(read.value(), observe_question(request)), started, 0, {}};
}

Result<ObserveAnswer> observe_server(const ObserveRequest& request, const std::string& directory,
                                     const Context& context, ProgressSink& progress) {
  const Result<std::string> conninfo = given_server(
      "observe watches a server", request.target, request.pgbouncer, context.environment, progress);
  if (!conninfo.ok()) return conninfo.error();
  const std::time_t started = context.wall_clock();
  const Result<std::string> record = recorded_to(request, directory, started, progress);
  if (!record.ok()) return record.error();
  ObserveWishes wishes = wishes_of(request, !record.value().empty());
  observe::Tally tally(request.gap_s(), to_s(wishes.interval) / 2);
  Recorder recorder(request, started, tally.recent_s());
  if (!record.value().empty()) {
    if (const Status created = recorder.create(record.value()); !created.ok()) {
      return created.error();
    }
  }
  recorder.attach(tally, wishes);
  wishes.progress = [&](double elapsed_s) {
    if (!progress.wants_line(elapsed_s)) return;
    const auto [used, open] = tally.latest();
    const std::string seen = fmt::format("{} of {} sessions in use", used, open);
    progress.phase(observe_line(elapsed_s, request.for_s(), seen));
  };
  Result<ObserveEnd> watched = watch_sessions(conninfo.value(), wishes, context.stop, tally);
  progress.finish();
  if (!watched.ok()) return about_given(watched.error());
  ObserveEnd& end = watched.value();
  recorder.end(tally, end);
  const observe::Circumstances circumstances{end.server, end.cost, observe_question(request),
                                             end.interrupted, started};
  Observed observed = observe::answer_of(tally, circumstances);
  add_end_warnings(end, recorder.complaint(), observed);
  const int status = end.interrupted ? kExitInterrupted : end.lost.empty() ? 0 : kExitTarget;
  return ObserveAnswer{std::move(observed), started, status, std::move(end.statements)};
}

}  // namespace poolgauge::app
