// Makes untrusted text safe to print: control characters and invisible characters are escaped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace poolgauge {

/// One character at the start of a text.
struct Utf8Character {
  std::size_t length = 0;  ///< in bytes; 0: the first byte begins no valid character
  char32_t point = 0;
};
/// `text` must not be empty. Overlong forms and halves of pairs are not valid.
Utf8Character first_character(std::string_view text);

/// The offset of the first byte that is not valid UTF-8; npos: all of it is.
std::size_t first_invalid_utf8(std::string_view text);

/// Whether a character must be escaped: control characters (C0, DEL, C1),
/// line separators, marks that reorder the text around them, characters without a width, and
/// what Unicode calls no character.
bool is_hidden(char32_t point);

/// On one line: hidden characters become "\x1b" or "\u202e", bytes that are not UTF-8 "\xff",
/// line ends "\n" and "\r" (with a backslash, all of them), tabs a space.
std::string visible_text(std::string_view text);

/// The same for a text of several lines: line feeds and tabs stay.
std::string visible_lines(std::string_view text);

/// A JSON document in which the hidden characters of its strings are escaped: the same document.
std::string visible_json(std::string_view json);

}  // namespace poolgauge
