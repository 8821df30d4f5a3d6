// What every renderer says alike about parts of a report.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// MiB that one more connection takes on the server, page tables included and shared memory not:
/// for `size` and for whoever bounds a recommendation. nullopt: the report does not know it.
std::optional<double> connection_memory_mib(const Report& report);

/// "6.1 MiB of server memory per connection"; empty where it was not measured.
std::string memory_part(const Report& report);
/// The whole of it as one or two sentences, or why it was not measured; empty where nobody looked.
std::string memory_sentences(const Report& report);
/// Label and value by part; empty where it was not measured.
std::vector<std::pair<std::string, std::string>> memory_pairs(const Report& report);

// Words about a gate's or a comparison's figures, shared by all renderers.

/// "median of the candidate's 5 runs": whose figure a goal is judged by; empty with a single run.
std::string gate_whose(const GateResult& gate);

/// Which of the candidate's runs the rest of the report describes; empty with a single run.
std::string gate_shown_run(const Report& report);

/// The cells of one figure: its name, both medians, the change with its interval, what is allowed,
/// and the note. Of a side that is known only from below the change is a bound, too.
std::vector<std::string> gate_cells(const GateMetric& metric);

/// Why a change is not the ratio of the two medians in its row; empty where it is.
std::string gate_change_meaning(const GateResult& gate);

/// The reasons that the list of differences does not repeat.
std::vector<std::string> gate_own_reasons(const GateResult& gate);

/// The differences, those that decide before those that do not.
std::vector<GateDifference> gate_differences_by_weight(const GateResult& gate);

/// How far to trust it: pairs or runs, the interval's confidence, what could have been seen.
std::vector<std::string> gate_trust(const Report& report);

// Example requests in words, each with a bar of its time in letters.

/// "slowest: chat, user 17, begun at 3.2 s: 1.74 s", and of a failed one how it ended.
std::string example_title(const ExampleRequest& example);

/// One letter for each of `cells` equal parts of the latency: w waiting for a connection, c
/// connecting, s SQL with begin and commit, h hold, p pause, r releasing, a dot for anything else.
std::string time_bar(const ExampleRequest& example, std::size_t cells);

/// What the letters mean.
std::string_view time_bar_legend();

/// The parts of its time, longest first: "pool wait 1.49 s", "hold (model) 236 ms", ...
std::vector<std::string> example_parts(const ExampleRequest& example);

// What the guards of a run did, in words.

/// One line for what was watched, one for each event, the first few of many; none without guards.
std::vector<std::string> guard_lines(const Report& report);

// Requests in flight at the end of the window, and seconds without a completion, in words.

/// "100 still running at the end, the oldest for 1.31 s"; "" where none was.
std::string in_flight_text(const Report& report);
/// "no request completed from 1.0 s to 8.0 s"; "" where there was no such time.
std::string stall_line(const Report& report);

// Outages put into words.

/// One line for each outage, the first few of many.
std::vector<std::string> outage_lines(const Report& report);

// A prediction in rows and sentences, for every renderer.

/// One figure: its name in words, predicted, interval, measured ("" where the question is another).
struct PredictionRow {
  std::string figure, value, interval, measured;
};
/// The figures worth a line; those that are zero in every respect are omitted.
std::vector<PredictionRow> prediction_rows(const Prediction& prediction);
/// "simulated from the run of 2026-01-31T12:00:00Z (100 users, sqlalchemy-async 5+10)"
std::string prediction_origin(const Prediction& prediction);

// What each figure of a report means: what is timed, from when to when.

struct Explanation {
  std::string_view figure;
  std::string_view meaning;
};

/// Those of the figures that the report shows, in the order in which they appear.
std::vector<Explanation> explanations(const Report& report);

/// Those of a gate's or a comparison's table; then those of its metrics.
std::vector<Explanation> gate_explanations(const Report& report);

/// Those of a history.
std::vector<Explanation> history_explanations(bool timeouts);

/// All of them, for a page that shows the whole report: also of the row "response".
std::vector<Explanation> page_explanations(const Report& report);

// What the figures of a search, a sweep, or a comparison mean: those that single runs do not have.

/// Of an advice: its own figures first, then those of the run that it shows.
std::vector<Explanation> advice_explanations(const Report& report);
/// Of a sweep: its own, then those of the table's columns.
std::vector<Explanation> sweep_explanations(const Report& report);

/// Of two reports next to each other.
std::vector<Explanation> comparison_explanations(const Report& report);

}  // namespace poolgauge
