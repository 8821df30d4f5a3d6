// Finding saved reports and scenarios, and what the build bakes into the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gate/judged.h"
#include "poolgauge/report.h"
#include "poolgauge/result.h"

namespace poolgauge::files {

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

// Finding scenarios: by path, or by the bare name of one that is shipped.

/// Where shipped scenarios may be, in the order of search: ./scenarios, next to the program's
/// source or build tree, in the installed share directory.
std::vector<std::string> scenario_directories();

/// All scenario files in `directories`; of two with the same name the first counts.
std::vector<std::string> scenarios_in(const std::vector<std::string>& directories);

/// A line for each file: its name, and the question that a built-in scenario answers or its own
/// description.
std::string scenario_list(const std::vector<std::string>& files);

/// The file meant by what was typed. A path that does not exist is returned as it is, so that
/// reading it says so; a bare name that is not found is an error naming the nearest.
Result<std::string> find_scenario(const std::string& typed,
                                  const std::vector<std::string>& directories);

/// "scenarios/chat-100.json" -> "chat-100"
std::string scenario_name_of(const std::string& file);

// What the build bakes into the program: its version, the schemas, where its sources were.

std::string_view tool_version();
/// JSON Schema of scenario files; empty when the build had none.
std::string_view scenario_schema();
/// JSON Schema of reports.
std::string_view report_schema();
/// The source tree this program was built from; it may no longer exist.
std::string_view source_directory();

}  // namespace poolgauge::files
