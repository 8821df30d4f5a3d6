// Scenarios whose requests wait for each other's row locks, which the simulator does not have.
#pragma once

#include <string>

#include "poolgauge/scenario.h"

namespace poolgauge {

/// The steps that lock the same rows each time they run, for the text "step \"count.update\"" or
/// "steps ... and ..."; empty: there is none, or never more than one request at a time. A statement
/// is taken to do so when it changes or locks rows and no value in it varies.
std::string steps_on_same_rows(const Scenario& scenario);

/// What a simulation of them reports instead of an answer.
std::string no_locks_words(const std::string& steps);

/// The same in a few words.
std::string no_locks_label();

}  // namespace poolgauge
