// What each class of failure means, and what to do about it.
#pragma once

#include <span>
#include <string>

#include "poolgauge/measurement.h"
#include "poolgauge/outcome.h"

namespace poolgauge {

/// "no connection became free within the pool's timeout"
std::string meaning_of(FailureClass failure);
/// What to change, without a full stop.
std::string cure_of(FailureClass failure);

/// The same where the messages tell more than the class: prepared statements that exist already
/// (42P05) or not at all (26000).
std::string cure_of(std::span<const FailureCount> failures, FailureClass failure);

/// The class with the largest count over all phases; the first listed when equal; none when empty.
FailureClass most_frequent_class(std::span<const FailureCount> failures);
/// The first message seen of a class; empty when none was kept.
std::string example_of(std::span<const FailureCount> failures, FailureClass failure);

}  // namespace poolgauge
