// The flags of `doctor` and `observe`.
#pragma once

#include <string>

#include "app/doctor.h"
#include "app/observe.h"
#include "cli/args/options.h"

namespace poolgauge::cli {

struct DoctorOptions : DoctorRequest {
  bool sql = false;             ///< print the queries instead
  std::string format = "text";  ///< or health
  OutputOptions output;
};

void add_doctor(CLI::App& app, DoctorOptions& options);

/// Success, or the first option given that would have no effect in this form of `doctor`, as an
/// error of kind usage.
Status check_form(const DoctorOptions& options);

// The flags of `observe`.

struct ObserveOptions : ObserveRequest {
  OutputOptions output;
};

void add_observe(CLI::App& app, ObserveOptions& options);

}  // namespace poolgauge::cli
