// What the build bakes into the program: its version, the schemas, where its sources were.
#pragma once

#include <string_view>

namespace poolgauge::cli {

std::string_view tool_version();
/// JSON Schema of scenario files; empty when the build had none.
std::string_view scenario_schema();
/// JSON Schema of reports.
std::string_view report_schema();
/// The source tree this program was built from; it may no longer exist.
std::string_view source_directory();

}  // namespace poolgauge::cli
