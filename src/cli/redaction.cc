// Secrets out of command line words.
#include "cli/redaction.h"

#include "pg/conninfo.h"

namespace poolgauge::cli {

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

}  // namespace

std::string shown_word(const std::string& word) {
  if (!may_hold_secret(word)) return scrub(word, "");
  const std::size_t start = value_start(word);
  return word.substr(0, start) + redact(word.substr(start));
}

}  // namespace poolgauge::cli
