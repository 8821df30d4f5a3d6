// What every rendering of `doctor` says alike.
#pragma once

#include <string>
#include <vector>

#include "poolgauge/doctor.h"

namespace poolgauge {

/// "unhealthy: 1 stop, 2 warnings, 3 unknown".
std::string doctor_headline(const Diagnosed& diagnosed);
/// "PostgreSQL 15.8 at db:5432/app as app".
std::string doctor_place(const Diagnosed& diagnosed);
/// "limit 80 %, check_postgres"; empty for a finding without a limit.
std::string doctor_limit(const DoctorFinding& finding);

/// Findings of these levels, the worst first, otherwise in the order of their ids.
std::vector<const DoctorFinding*> doctor_matters(const Diagnosed& diagnosed);

/// What is unknown for one reason. `ids`: "I1 statements", or "I1, I2" where it hides several.
struct DoctorUnknown {
  std::string ids, reason, cure;
};
std::vector<DoctorUnknown> doctor_unknown(const Diagnosed& diagnosed);

/// One group of checks: how many were judged, and how many are fine.
struct DoctorTally {
  char letter = 'A';
  std::string title;
  std::size_t judged = 0, fine = 0;
  bool all_fine() const { return judged == fine; }
};
/// Groups in which nothing was judged are omitted.
std::vector<DoctorTally> doctor_tallies(const Diagnosed& diagnosed);
/// "B available slots: 8 of 9 checks are fine".
std::string doctor_tally_text(const DoctorTally& tally);

}  // namespace poolgauge
