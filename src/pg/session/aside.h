// Detached threads for calls that may never return.
#pragma once

#include <functional>

namespace poolgauge {

/// Starts `work` on a thread of its own and leaves it there; it must own whatever it touches. When
/// it does not return, it ends with the process. False if no thread could be created: then nothing
/// was done.
bool run_aside(std::function<void()> work);

}  // namespace poolgauge
