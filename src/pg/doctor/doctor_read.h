// Reads what `doctor` judges: short questions in read-only transactions, nothing else.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "poolgauge/doctor.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

struct DoctorWishes {
  std::vector<DoctorQuery> queries;      ///< those of other versions than the server's are omitted
  bool active = false;                   ///< ten looks at others' running statements
  bool round_trips = false;              ///< round trips and the clock
  bool connects = false;                 ///< five connects, one after the other
  std::string console;                   ///< PgBouncer's; empty: none
  std::function<double()> wall_clock_s;  ///< seconds since 1970
};

/// Everything at `conninfo`, over one connection (two while connecting is timed). A target that is
/// PgBouncer's own console is read as such. What the server refuses to tell is part of the facts;
/// the error (kind target or interrupted) is that of a server that cannot be reached, falls silent
/// for 5 s, or goes away.
Result<DoctorFacts> read_doctor_facts(const std::string& conninfo, const DoctorWishes& wishes,
                                      const StopFlag& stop);

/// The query for psql, as `--sql` prints it: in a read-only transaction with the time limits that
/// it has when doctor sends it.
std::string guarded_sql(const DoctorQuery& query);

}  // namespace poolgauge
