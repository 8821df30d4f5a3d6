// Values written into a statement's text.
#include "pg/session/ask.h"

#include <cstring>

namespace poolgauge {

namespace {

/// As the server reads it back, whatever standard_conforming_strings is.
void append_literal(std::string& out, const char* value) {
  if (std::strchr(value, '\\') != nullptr) out += " E";
  out += '\'';
  for (const char* c = value; *c != '\0'; ++c) {
    if (*c == '\'' || *c == '\\') out += *c;
    out += *c;
  }
  out += '\'';
}

}  // namespace

std::string substitute_literals(const Statement& statement, const std::vector<const char*>& values,
                                bool verbatim) {
  const std::string& text = statement.text;
  std::string out;
  out.reserve(text.size() + 16 * values.size());
  std::size_t done = 0;
  // Only where a variable stood: '$1' in a string is the statement's own.
  for (const Statement::Shift& shift : statement.shifts) {
    const std::size_t dollar = text.rfind('$', shift.text_offset - 1);
    std::size_t number = 0;
    for (std::size_t i = dollar + 1; i < shift.text_offset; ++i) {
      number = number * 10 + static_cast<std::size_t>(text[i] - '0');
    }
    out.append(text, done, dollar - done);
    if (verbatim || values[number - 1] == nullptr) {
      out += values[number - 1] != nullptr ? values[number - 1] : "NULL";
    } else {
      append_literal(out, values[number - 1]);
    }
    done = shift.text_offset;
  }
  return out.append(text, done);
}

}  // namespace poolgauge
