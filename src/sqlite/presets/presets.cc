// sqlite.org/pragma.html, and what libraries send.
#include "sqlite/presets/presets.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>

namespace poolgauge::sqlite {

namespace {

/// Words, or whole numbers in a range.
struct PragmaRule {
  const char* name;
  std::vector<std::string> words;
  std::int64_t low = 0, high = -1;
};

const std::vector<PragmaRule>& rules() {
  constexpr std::int64_t kMost = 2147483647;
  static const std::vector<PragmaRule> all = {
      {"journal_mode", {"delete", "truncate", "persist", "memory", "wal", "off"}},
      {"synchronous", {"off", "normal", "full", "extra"}},
      {"busy_timeout", {}, 0, 3600000},
      {"cache_size", {}, -kMost, kMost},
      {"mmap_size", {}, 0, std::int64_t{1} << 40},
      {"temp_store", {"default", "file", "memory"}},
      {"foreign_keys", {"on", "off"}},
      {"journal_size_limit", {}, -1, std::int64_t{1} << 40},
      {"wal_autocheckpoint", {}, 0, kMost},
      {"locking_mode", {"normal", "exclusive"}},
      {"page_size", {"512", "1024", "2048", "4096", "8192", "16384", "32768", "65536"}},
      {"read_uncommitted", {"on", "off"}},
  };
  return all;
}

std::vector<Preset> make_presets() {
  Habits python;
  python.begins_at_first_write = true;
  Habits rails_7;
  rails_7.looks_every_ms = true;
  Habits rails_8 = rails_7;
  rails_8.begins_immediately = true;
  // activerecord's sqlite3_adapter.rb: DEFAULT_PRAGMAS, configure_connection.
  const std::vector<std::pair<std::string, std::string>> rails = {
      {"foreign_keys", "on"},     {"journal_mode", "wal"}, {"synchronous", "normal"},
      {"mmap_size", "134217728"}, {"cache_size", "2000"},  {"journal_size_limit", "67108864"},
      {"busy_timeout", "5000"}};
  return {
      // The module's default isolation_level "", which SQLAlchemy leaves as it is.
      {"python", {{"busy_timeout", "5000"}}, python},
      {"python-autocommit", {{"busy_timeout", "5000"}}, {}},  // 3.12: autocommit=False
      {"better-sqlite3", {{"busy_timeout", "5000"}}, {}},     // db.transaction()
      {"rails-7.1", rails, rails_7},
      {"rails-8", rails, rails_8},
  };
}

std::string listed_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += word == words.back() ? " or " : ", ";
    text += word;
  }
  return text;
}

bool is_between(const std::string& value, std::int64_t low, std::int64_t high) {
  std::int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, number);
  return parsed.ec == std::errc{} && parsed.ptr == end && number >= low && number <= high;
}

}  // namespace

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = make_presets();
  return all;
}

bool is_result_code(std::string_view digits) {
  unsigned code = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), code);
  const unsigned primary = code & 0xFFU;
  return parsed.ec == std::errc{} && parsed.ptr == digits.data() + digits.size() && primary >= 1 &&
         primary <= 28;
}

std::vector<std::string> pragma_names() {
  std::vector<std::string> names;
  for (const PragmaRule& rule : rules()) names.emplace_back(rule.name);
  return names;
}

std::optional<std::string> pragma_value(std::string_view name, std::string value,
                                        std::string& expected) {
  for (char& c : value) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const PragmaRule& rule : rules()) {
    if (rule.name != name) continue;
    if (rule.words.empty()) {
      expected =
          "a whole number from " + std::to_string(rule.low) + " to " + std::to_string(rule.high);
      return is_between(value, rule.low, rule.high) ? std::optional(value) : std::nullopt;
    }
    expected = listed_words(rule.words);
    const bool yes = value == "true";
    if (yes || value == "false") value = yes ? "on" : "off";
    const bool known = std::find(rule.words.begin(), rule.words.end(), value) != rule.words.end();
    return known ? std::optional(value) : std::nullopt;
  }
  expected = "a pragma of SQLite";
  return std::nullopt;
}

}  // namespace poolgauge::sqlite
