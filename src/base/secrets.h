// Passwords in any text, and the text without them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace poolgauge {

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
