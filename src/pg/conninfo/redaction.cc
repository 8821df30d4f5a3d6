// Secrets out of command line words, and out of every message.
#include "pg/conninfo/conninfo.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "base/visible_text.h"

namespace poolgauge {

namespace {

bool may_hold_secret(const std::string& word) {
  return word.find("://") != std::string::npos || word.find("password") != std::string::npos ||
         word.find("passfile") != std::string::npos;
}

/// Where the value of "--target=VALUE" begins; 0 for a word that is no such option.
std::size_t value_start(const std::string& word) {
  if (!word.starts_with("--")) return 0;
  const std::size_t equals = word.find('=');
  return equals == std::string::npos ? 0 : equals + 1;
}

/// Longest first: one secret may begin with another.
std::vector<std::string>& known_secrets() {
  static std::vector<std::string> known;
  return known;
}

/// What follows '?' in the URL of a page may be a token, whatever its name.
std::string without_http_query(const std::string& text) {
  if (!text.starts_with("http://") && !text.starts_with("https://")) return text;
  const std::size_t query = text.find('?');
  return query == std::string::npos ? text : text.substr(0, query) + "?***";
}

void remember(const std::string& secret) {
  constexpr std::size_t kShortest = 2;
  std::vector<std::string>& known = known_secrets();
  if (secret.size() < kShortest || std::find(known.begin(), known.end(), secret) != known.end()) {
    return;
  }
  known.insert(std::upper_bound(
                   known.begin(), known.end(), secret,
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); }),
               secret);
}

/// With its pieces: a message may name the part of a word before or after a separator.
void remember_with_pieces(const std::string& secret) {
  constexpr std::size_t kShortestPiece = 4;
  constexpr std::string_view kSeparators = ",/@:=?&#%; ";
  remember(secret);
  for (std::size_t at = 0; at < secret.size();) {
    const std::size_t end = std::min(secret.find_first_of(kSeparators, at), secret.size());
    if (end - at >= kShortestPiece) remember(secret.substr(at, end - at));
    at = end + 1;
  }
}

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// A very short secret is replaced only where it stands alone, or a password "ab" would eat words.
void hide(std::string& text, const std::string& secret) {
  constexpr std::size_t kShort = 4;
  constexpr std::string_view kHidden = "***";
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    const std::size_t end = at + secret.size();
    const bool inside =
        (at > 0 && is_name_char(text[at - 1])) || (end < text.size() && is_name_char(text[end]));
    if (secret.size() < kShort && inside) {
      at = end;
      continue;
    }
    text.replace(at, secret.size(), kHidden);
    at += kHidden.size();
  }
}

bool is_ours(std::string_view name) {
  return name.starts_with("PG") || name.starts_with("POOLGAUGE_") ||
         name.find("DATABASE_URL") != std::string_view::npos;
}

}  // namespace

std::string shown_word(const std::string& word) {
  if (!may_hold_secret(word)) return without_secrets(scrub(word, ""), Container::word);
  const std::size_t start = value_start(word);
  const std::string value = without_http_query(word.substr(start));
  const bool page = value.starts_with("http://") || value.starts_with("https://");
  return word.substr(0, start) + without_secrets(page ? value : redact(value), Container::word);
}

void remember_secrets(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    for (const std::string& secret : secrets_in(word, Container::word)) {
      remember_with_pieces(secret);
    }
  }
}

void remember_secrets_of_environment() {
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = text.substr(0, equals);
    const bool password = name.find("PASSWORD") != std::string::npos;
    if (password) remember(text.substr(equals + 1));
    if (is_ours(name)) remember_secrets({text.substr(equals + 1)});
  }
}

std::string redacted(std::string_view message) {
  std::string text = without_secrets(message);
  for (const std::string& secret : known_secrets()) hide(text, secret);
  return text;
}

}  // namespace poolgauge
