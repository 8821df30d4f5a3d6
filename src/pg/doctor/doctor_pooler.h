// PgBouncer's console for `doctor`: SHOW only.
#pragma once

#include <optional>
#include <string>

#include "pg/session/control_connection.h"
#include "poolgauge/doctor.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge {

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

}  // namespace poolgauge
