// The date and time of day, for names and headings only; nothing is measured with it.
#pragma once

#include <ctime>

#include "app/context.h"

namespace poolgauge::cli {

using namespace app;

std::time_t wall_clock();

}  // namespace poolgauge::cli
