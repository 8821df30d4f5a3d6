// Saved reports as they are named on the command line: files, lists of files, directories.
#pragma once

#include <string>
#include <vector>

#include "gate/judged.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"

namespace poolgauge::cli {

Result<Report> load_report(const std::string& file);

/// Whether that is a saved report, a list of some, or a directory; otherwise it may be a scenario.
bool names_reports(const std::string& argument);

/// Every report that the arguments name, each a file, "a.json,b.json", or a directory: its *.json
/// in the order of their names. With `scenario` only that one's reports count in a directory. An
/// error names the file that is no report, or the directory without one.
Result<std::vector<SavedReport>> load_reports(const std::vector<std::string>& arguments,
                                              const std::string& scenario);

/// The files "*.json" of a directory, sorted by name.
Result<std::vector<std::string>> json_files_in(const std::string& directory);

}  // namespace poolgauge::cli
