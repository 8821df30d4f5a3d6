// Where a report goes, and in which forms: checked before the run, written whole after it.
#pragma once

#include <ctime>
#include <span>
#include <string>

#include "poolgauge/report.h"
#include "poolgauge/result.h"

namespace poolgauge::files {

/// Where the results of a command go.
struct OutputFiles {
  std::string directory = "reports";
  std::string json;  ///< empty: not requested; "-": standard output
  std::string markdown, html, junit, prometheus, github_benchmark, bencher, csv, hdr,
      hgrm;  ///< the same

  bool uses_stdout() const;
};

struct ReportFormat {
  const char* name;  ///< of --format; the option is "--" and this
  const char* help;
  std::string OutputFiles::*path;
  std::string (*render)(const Report&);
};

/// JSON first, then the others in the order of --help.
std::span<const ReportFormat> report_formats();

// Where a report goes: checked before the run, written whole after it.

/// Creates the report directory and tries every place a file shall go to, so that nothing is
/// measured in vain. With `keep` false only the files asked for by name are looked at.
Status check_outputs(const OutputFiles& options, bool keep);

/// The two files a run leaves behind.
struct KeptReport {
  std::string json;
  std::string markdown;
};

/// Writes NAME-STARTED.json and .md into the report directory. A report of another run is never
/// overwritten: the names get -2, -3, ...
Result<KeptReport> keep_report(const std::string& directory, const Report& report,
                               std::time_t started);

/// Writes them once more, each whole file over the one that is there.
Result<KeptReport> replace_report(const KeptReport& names, const Report& report);

/// Of what --json and the like ask for, what is a plain file or none yet, and so can be written
/// again. Trouble is left to write_requested, which will have the same.
void write_requested_early(const OutputFiles& options, const Report& report);

/// --json, --markdown and the like: replaces what is there; "-" is standard output. What cannot be
/// written does not keep the others from being written; the first trouble is returned.
Status write_requested(const OutputFiles& options, const Report& report);
/// The same for an answer that is no report.
Status write_requested(const OutputFiles& options, const std::string& json,
                       const std::string& markdown);

/// A scenario's name as part of a file name: other characters than [A-Za-z0-9._-] become '-'.
std::string file_stem(const std::string& name);

}  // namespace poolgauge::files
