// Reading answers by their columns' names.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/checks.h"

namespace poolgauge::doctor {

/// One row of an answer; a row that is not there reads as nothing.
class Row {
 public:
  Row(const DoctorAnswer* answer, std::size_t index) : answer_(answer), index_(index) {}
  /// Empty: NULL, or no such column.
  std::string text(std::string_view column) const;
  std::optional<double> number(std::string_view column) const;
  double number_or(std::string_view column, double otherwise) const {
    return number(column).value_or(otherwise);
  }
  std::int64_t whole(std::string_view column) const {
    return static_cast<std::int64_t>(number_or(column, 0));
  }
  bool flag(std::string_view column) const { return text(column) == "t"; }

 private:
  const DoctorAnswer* answer_;
  std::size_t index_;
};

/// nullptr: not queried, or unknown.
const DoctorAnswer* known(const DoctorAnswers& answers, std::string_view id);
std::vector<Row> rows_of(const DoctorAnswer* answer);
std::vector<Row> rows_of(const DoctorAnswers& answers, std::string_view id);
Row first_row(const DoctorAnswers& answers, std::string_view id);
/// The row whose `column` is `value`; reads as nothing without one.
Row row_where(const DoctorAnswers& answers, std::string_view id, std::string_view column,
              std::string_view value);

/// Of an answer with columns name and setting; nullopt: it does not exist here or is not visible.
std::optional<std::string> setting_of(const DoctorAnswers& answers, std::string_view id,
                                      std::string_view name);
/// The same as a number in the setting's own unit.
std::optional<double> setting_number(const DoctorAnswers& answers, std::string_view id,
                                     std::string_view name);

/// What a counter grew by between the two looks; nullopt: it is not there, or was reset meanwhile.
std::optional<double> growth_of(const DoctorFacts& facts, std::string_view id,
                                std::string_view column);

/// "1 session", "3 sessions".
std::string count_text(double count, std::string_view noun);
/// A long name cut to what fits a line; a nameless one is "(no name)".
std::string named_text(const std::string& name);

/// Appends with a separator, as long as the list is short enough for a line.
void add_to(std::string& list, std::string_view item, std::string_view separator = ", ",
            std::size_t most_bytes = 200);

/// The statement that sets "name = value" for the whole server, in effect at once.
std::string alter_system(std::string_view assignment);
/// The same for several; empty without any.
std::string alter_system(const std::vector<std::string>& assignments);
/// The statement that lets our role see what this check cannot.
std::string grant_to_see(const DoctorFacts& facts);

/// Fills the finding.
void found(const Case& c, DoctorLevel level, std::string seen, std::string limit,
           std::string cure = {});
void figure(const Case& c, std::string name, double value);
void figure(const Case& c, std::string name, std::string value);
/// The finding becomes unknown for this reason.
void cannot_tell(const Case& c, std::string reason, std::string cure = {});

// The groups' own lists.
std::span<const Check> checks_of_target();
std::span<const Check> checks_of_slots();
std::span<const Check> checks_of_fleet();
std::span<const Check> checks_of_timeouts();
std::span<const Check> checks_of_activity();
std::span<const Check> checks_of_counters();
std::span<const Check> checks_of_replication();
std::span<const Check> checks_of_settings();
std::span<const Check> checks_of_tuning();
std::span<const Check> checks_of_path();
std::span<const Check> checks_of_pooler();
std::span<const Check> checks_of_pooler_limits();
std::span<const Check> checks_of_scenario();

}  // namespace poolgauge::doctor
