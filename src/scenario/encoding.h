// Text in other encodings than UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "poolgauge/result.h"

namespace poolgauge {

/// Where a text is not valid UTF-8.
struct BadByte {
  std::size_t offset = 0;
  std::size_t line = 1;
  std::size_t byte = 1;  ///< of the line, from 1
  unsigned char value = 0;
};
std::optional<BadByte> first_bad_byte(std::string_view text);
/// "line 3, byte 98: 0xe9 is not valid UTF-8"
std::string bad_byte_text(const BadByte& bad);

struct Decoded {
  std::string text;  ///< UTF-8
  std::string note;  ///< empty, or which encoding was guessed and why
};

/// The text as UTF-8. `encoding` is a name as PostgreSQL has it (UTF8, LATIN1, LATIN9, WIN1252,
/// SQL_ASCII, EUC_JP, ...) in any spelling; empty: UTF8, or what it looks like if it is not.
/// SQL_ASCII is UTF8 where that is valid, and WIN1252 byte by byte elsewhere. The error names the
/// encoding, and line and byte of the invalid text, never the text itself.
Result<Decoded> decoded(std::string_view text, const std::string& encoding);

}  // namespace poolgauge
