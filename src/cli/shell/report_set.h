// Saved reports as they are named on the command line: files, lists of files, directories.
#pragma once

#include <string>
#include <vector>

#include "gate/judged.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"

namespace poolgauge::cli {

Result<Report> load_report(const std::string& file);
/// Refuses the report of a part: its figures are about one machine's share of a run.
Status check_whole(const Report& report, const std::string& file);
/// Both.
Result<Report> load_whole_report(const std::string& file);

/// Whether that is a saved report, a list of some, or a directory; otherwise it may be a scenario.
bool names_reports(const std::string& argument);

/// Every report that the arguments name, each a file, "a.json,b.json", or a directory: its *.json
/// in the order of `json_files_in`. In a directory those of parts do not count, and with `scenario`
/// only that one's do.
/// An error names the file that is not a report, or the directory without one.
Result<std::vector<SavedReport>> load_reports(const std::vector<std::string>& arguments,
                                              const std::string& scenario);

/// Whether that is a directory without a single report, as --keep-runs leaves it when no run could
/// be kept.
bool is_directory_without_reports(const std::string& argument);

/// The files "*.json" of a directory by name, the numbers in it by size: reports of one second,
/// which differ by "-2", "-3", ..., come in the order in which they were written.
Result<std::vector<std::string>> json_files_in(const std::string& directory);

}  // namespace poolgauge::cli
