// Many of doctor's questions in one statement.
#pragma once

#include <string>
#include <vector>

#include "pg/session/control_connection.h"
#include "poolgauge/doctor.h"

namespace poolgauge {

/// A statement that answers all queries at once, as rows of (id, row number, column, value). It
/// begins like each of them with a line end.
std::string together_sql(const std::vector<DoctorQuery>& queries);

/// The answers in it, by id; a query without rows has an answer without rows. Truth values read
/// "t" and "f", as they do alone.
DoctorAnswers answers_together(const std::vector<DoctorQuery>& queries, const ControlReply& reply);

}  // namespace poolgauge
