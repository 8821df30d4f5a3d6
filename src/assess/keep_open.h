// How each kind of pool is told to keep its connections open, in its own option names.
#pragma once

#include <string>

#include "assess/diagnosis.h"

namespace poolgauge {

/// What to set so that a pool of this kind and size no longer closes connections that it opens
/// again: an instruction without a full stop. The total of connections stays the same.
std::string keep_open_cure(const Figures& figures);
/// The option that makes the pool keep that many: "min_size 10".
std::string keep_open_option(const Figures& figures);

}  // namespace poolgauge
