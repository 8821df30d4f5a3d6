// How every kind of `observe` gives its answer.
#pragma once

#include <ctime>
#include <vector>

#include "cli/args/observe_options.h"
#include "cli/commands/commands.h"
#include "pg/observe/observe_statements.h"
#include "poolgauge/observe.h"

namespace poolgauge::cli {

struct ObserveAnswered {
  std::time_t started = 0;
  int status = 0;
  std::vector<ObservedStatement> statements;
};

ObserveQuestion observe_question(const ObserveOptions& options);
/// Writes and shows the answer; the exit status.
int report_observed(const Observed& observed, const ObserveOptions& options, const Context& context,
                    const ObserveAnswered& answered);

/// `observe --metrics`.
int observe_metrics(const ObserveOptions& options, const Context& context);

/// `observe --listen`.
int observe_listen(const ObserveOptions& options, const Context& context);

}  // namespace poolgauge::cli
