// Whether the load generator was saturated.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/measurement.h"

namespace poolgauge {

/// Why the figures partly measure the generator, each with its figures: a busy thread, late starts,
/// a late loop, threads that other programs starved of CPU. Empty: they do not. A simulated run has
/// no generator that could be late.
std::vector<std::string> client_troubles(const Measurement& measured);
/// The same joined with semicolons.
std::string client_troubles_text(const Measurement& measured);
bool client_saturated(const Measurement& measured);

/// The part of what ran on the machine that was other programs' work, 0 to 1; 0 where it was not
/// seen. Only that part of a thread's wait for a CPU is starvation: waiting for the database on the
/// same machine is the deployment's own matter.
double other_programs_share(const MachineView& machine);

/// Whether more --threads can help: a thread is busy, and a CPU is idle (or nobody can tell).
bool more_threads_help(const Measurement& measured);
/// The instruction against a saturated load generator.
std::string client_cure(bool threads_help);
/// Over how many machines like this one the run would have to be spread for each to have CPU time
/// left; at most one for each process of the fleet. 0: CPU time was not what was short, or the run
/// cannot be cut.
std::uint32_t parts_needed(const Measurement& measured, std::uint32_t fleet);
/// What --part does about it; empty for fewer than two parts. It begins with a comma.
std::string parts_cure(std::uint32_t parts);

/// "310 of 10,000 scheduled requests never started, ...", if more than 1 % did not; else "".
std::string arrival_shortfall(const RequestCounts& requests);

}  // namespace poolgauge
