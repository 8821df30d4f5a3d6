// Only what the scenario's reader put in is replaced: a "$1" within quotes stays.
#include "pg/verbatim_text.h"

#include <charconv>

namespace poolgauge {

std::string verbatim_text(const Statement& statement, const std::vector<const char*>& values) {
  const std::string& text = statement.text;
  std::string out;
  std::size_t at = 0;
  for (const Statement::Shift& shift : statement.shifts) {
    const std::size_t dollar = text.rfind('$', shift.text_offset - 1);
    std::size_t number = 0;
    std::from_chars(text.data() + dollar + 1, text.data() + shift.text_offset, number);
    out.append(text, at, dollar - at);
    const char* value = values[number - 1];
    out += value != nullptr ? value : "NULL";
    at = shift.text_offset;
  }
  out.append(text, at);
  return out;
}

}  // namespace poolgauge
