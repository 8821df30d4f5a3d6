// Example requests in words, each with a bar of its time in letters.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/report.h"

namespace poolgauge {

/// "slowest: chat, user 17, begun at 3.2 s: 1.74 s", and of a failed one how it ended.
std::string example_title(const ExampleRequest& example);

/// One letter for each of `cells` equal parts of the latency: w waiting for a connection, c
/// connecting, s SQL with begin and commit, h hold, p pause, r releasing, a dot for anything else.
std::string time_bar(const ExampleRequest& example, std::size_t cells);

/// What the letters mean.
std::string_view time_bar_legend();

/// The parts of its time, longest first: "pool wait 1.49 s", "hold (model) 236 ms", ...
std::vector<std::string> example_parts(const ExampleRequest& example);

}  // namespace poolgauge
