// Commands on files: history, import, merge, and the formulas of size.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/context.h"
#include "app/load.h"
#include "gate/history.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"
#include "poolgauge/sizing.h"

namespace poolgauge::app {

struct HistoryRequest {
  std::string source;    ///< a directory, or a history file
  std::string scenario;  ///< empty: the only one there is
  std::string series;    ///< what the id of a series begins with; empty: that of the latest run
  bool mixed = false;    ///< all series together
  std::string metric = "p95(latency)";
  std::string append;      ///< a history file
  std::uint64_t keep = 0;  ///< 0: all
};

/// A usage error where options contradict each other; before any file is looked at.
Status check_history(const HistoryRequest& request);

/// Reads the source, appends to the file of --append, and makes the history of what was asked for.
/// What is no report is noted and stepped over: a history survives one bad file.
Result<History> read_and_append(const HistoryRequest& request, const Context& context,
                                ProgressSink& progress);

// `scenario import`: scenarios from what other programs keep.

struct ImportRequest {
  std::vector<std::string> pgbench;   ///< files, each may end in @WEIGHT
  std::vector<std::string> builtins;  ///< pgbench's own, likewise
  std::string protocol;               ///< of pgbench scripts; empty: simple
  bool pg_stat_statements = false;
  std::string statistics;  ///< a file of pg_stat_statements; empty: of the target
  std::string csvlog;
  std::string jsonlog;
  std::string stderrlog;
  std::string log_line_prefix;  ///< of stderrlog; empty: detected
  std::string encoding;         ///< of the log; empty: UTF8, or what it looks like
  std::string output;           ///< a file, or empty
  std::string name;             ///< of the scenario; empty: after its file
  std::vector<std::string> defines;
  double scale = 1;
  unsigned top = 20;
  std::optional<std::string> target;  ///< may hold a password
};

struct Imported {
  std::string text;      ///< the scenario
  std::string arrivals;  ///< the file of arrival times that was written; empty: none
  std::vector<std::string> notes;
};

/// Reads the one source that is named, and writes the scenario to `output`, if it is not empty, and
/// a log's arrival times next to it. The scenario is read once before it is written, so that none
/// is written that will not run. A file that is there already is an error.
OrFailure<Imported> import_scenario(const ImportRequest& request, const Context& context,
                                    ProgressSink& progress);

// `size`: the sizing formulas, with what a report knows about the server.

/// The inputs, and what the report `file` has measured or read where they say nothing: memory per
/// connection, connect time, max_connections and reserved slots, shared_buffers and work_mem, and
/// the machine's memory where the server runs on it. `file` empty: the inputs as they are. The
/// error: the file is no report, or one of a simulation, which has no server; or two inputs
/// contradict each other.
Result<SizeInputs> size_inputs(SizeInputs inputs, const std::string& file);

/// The answer, its settings under the names that the pool's own library has for them.
Result<Sizing> size_fleet(const SizeInputs& inputs);

/// The parts of one run that several machines made, as one report. The error names what does not
/// belong to the same run.
OrFailure<Report> merge_reports(const std::vector<std::string>& files, const Context& context);

}  // namespace poolgauge::app
