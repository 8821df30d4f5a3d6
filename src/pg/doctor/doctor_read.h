// Reads what `doctor` judges: short questions in read-only transactions, nothing else.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "doctor/health.h"
#include "pg/session/control_connection.h"
#include "poolgauge/doctor.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

/// Connects `times` times, one after the other, each for at most 5 s; fewer where one failed, with
/// its reason in facts.connect_trouble.
void time_connects(const std::string& conninfo, int times, const StopFlag& stop,
                   DoctorFacts& facts);

/// Open files, ephemeral ports and processors of this machine.
void read_own_limits(DoctorFacts& facts);

// PgBouncer's console for `doctor`: SHOW only.

class DoctorConsole {
 public:
  /// Over a connection to a console.
  explicit DoctorConsole(ControlConnection connection) : connection_(std::move(connection)) {}
  /// Nothing, with the reason in facts.pooler_trouble, where it cannot be reached. The error is of
  /// kind interrupted, or usage for a string that cannot be read.
  static Result<std::optional<DoctorConsole>> open(const std::string& conninfo,
                                                   const StopFlag& stop, DoctorFacts& facts);

  /// VERSION, CONFIG, DATABASES, POOLS and STATS. The reason is in facts.pooler_trouble where the
  /// console tells nothing.
  void read(DoctorFacts& facts);
  /// One more look at POOLS.
  void look(DoctorFacts& facts);
  /// STATS once more.
  void read_again(DoctorFacts& facts);

 private:
  DoctorAnswer show(const std::string& what);
  /// Keeps the first reason why the console gives no answer.
  static void note_silence(const DoctorAnswer& answer, DoctorFacts& facts);
  ControlConnection connection_;
  bool alive_ = true;
};

/// The rows of a reply, or why there are none.
DoctorAnswer answer_of(ControlReply reply);

// Many of doctor's questions in one statement.

/// A statement that answers all queries at once, as rows of (id, row number, column, value). It
/// begins like each of them with a line end.
std::string together_sql(const std::vector<DoctorQuery>& queries);

/// The answers in it, by id; a query without rows has an answer without rows. Truth values read
/// "t" and "f", as they do alone.
DoctorAnswers answers_together(const std::vector<DoctorQuery>& queries, const ControlReply& reply);

// Reads what `doctor` judges: short questions in read-only transactions, nothing else.

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

// The cheapest questions to a server: one connect, one round trip, one count.

/// Connects and measures one empty query; with an application's name also counts its sessions. A
/// server that cannot be reached is part of the facts; the error is a stop request.
Result<doctor::HealthFacts> look_at_health(const std::string& conninfo,
                                           const std::string& application, const StopFlag& stop);

}  // namespace poolgauge
