// The commands: each does its work and returns the exit status.
#pragma once

#include "app/context.h"
#include "cli/args/live_options.h"
#include "cli/args/options.h"

namespace poolgauge::cli {

int run_command(const RunOptions& options, const Context& context);
int advise_command(const AdviseOptions& options, const Context& context);
int sweep_command(const SweepOptions& options, const Context& context);
int simulate_command(const SimulateOptions& options, const Context& context);
int merge_command(const MergeOptions& options, const Context& context);
int size_command(const SizeOptions& options, const Context& context);
int gate_command(const GateOptions& options, const Context& context);
int compare_command(const CompareOptions& options, const Context& context);
int doctor_command(const DoctorOptions& options, const Context& context);
int observe_command(const ObserveOptions& options, const Context& context);
/// The same with --listen.
int observe_listen(const ObserveOptions& options, const Context& context);
int history_command(const HistoryOptions& options, const Context& context);
int report_command(const ReportOptions& options, const Context& context);
/// The actions of `scenario` that write one.
int new_scenario_command(const ScenarioOptions& options, const Context& context);
int import_command(const ScenarioOptions& options, const Context& context);
int scenario_command(const ScenarioOptions& options, const Context& context);
int completion_command(const CompletionOptions& options);
int man_command(const ManOptions& options);

}  // namespace poolgauge::cli
