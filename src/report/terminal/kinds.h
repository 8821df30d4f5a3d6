// Figures by kind of request, as a table in each text form.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"
#include "report/terminal/screen.h"

namespace poolgauge {

/// Those worth a row: all of several, in their order; of more than `most` the busiest. Empty where
/// there is one kind only, whose figures are those of all requests.
std::vector<const RequestKind*> shown_kinds(const Report& report, std::size_t most);
/// "and 12 more kinds of request: see the JSON report"; empty where `shown` are all.
std::string more_kinds(const Report& report, std::size_t shown);

/// Completed, failed, and its percentiles, as a table's cells.
std::vector<std::string> kind_cells(const RequestKind& kind);
/// Each returns, or adds, nothing where there is one kind only.
void add_kind_table(Screen& screen, const Report& report, Tone tone);
std::string kinds_markdown(const Report& report);

}  // namespace poolgauge
