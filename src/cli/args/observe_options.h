// The flags of `observe`.
#pragma once

#include "app/observe.h"
#include "cli/args/options.h"

namespace poolgauge::cli {

struct ObserveOptions : ObserveRequest {
  OutputOptions output;
};

void add_observe(CLI::App& app, ObserveOptions& options);

}  // namespace poolgauge::cli
