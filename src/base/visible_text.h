// Text that may be shown: without secrets and control characters, and not too long.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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

// Text of others in a bounded length.

/// What a report or an error quotes of a server's message, in bytes.
inline constexpr std::size_t kMostQuoted = 1000;

/// The text, or as much of its beginning as fits into `most` bytes without cutting a UTF-8
/// character, and then " … (N bytes)" with its whole length.
std::string shortened(std::string_view text, std::size_t most = kMostQuoted);

// Passwords in any text, and the text without them.

/// How far a secret may reach: in a message only up to the next space or quote; a word of the
/// command line or an environment variable is a secret's container as a whole.
enum class Container : unsigned char { message, word };

/// `text` with "***" in place of each password: of a URI (any scheme, also percent-encoded as a
/// whole), of "password=…", "passfile=…", "PGPASSWORD=…" and their like, of a JSON member so named,
/// and of SQL's PASSWORD '…'. Parameters (":pw", "$1") are no secrets. What is JSON, XML or
/// Markdown before is so afterwards.
std::string without_secrets(std::string_view text, Container container = Container::message);

/// The passwords that without_secrets would replace: as they stand there and percent-decoded.
std::vector<std::string> secrets_in(std::string_view text, Container container);

/// "%73" -> "s"; what is no such code stays.
std::string percent_decoded(std::string_view text);

}  // namespace poolgauge
