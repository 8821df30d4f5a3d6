// Guesses from the first bytes and the first lines.
#include "base/json_layout.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "base/letters.h"

namespace poolgauge {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

/// The end of the name, perhaps in quotes, that a line begins with.
std::size_t end_of_name(std::string_view line) {
  std::size_t at = 0;
  const bool quoted = !line.empty() && (line.front() == '"' || line.front() == '\'');
  if (quoted) return std::min(line.find(line.front(), 1), line.size() - 1) + 1;
  while (at < line.size() && is_name(line[at])) ++at;
  return at;
}

bool is_yaml_line(std::string_view line) {
  if (line.starts_with("- ") || line == "-" || line.starts_with("---") ||
      line.starts_with("%YAML")) {
    return true;
  }
  const std::size_t end = end_of_name(line);
  const std::string_view rest = line.substr(end);
  return end > 0 && rest.starts_with(':') && (rest.size() == 1 || is_blank(rest[1]));
}

bool is_toml_line(std::string_view line) {
  if (line.starts_with('[')) {
    const std::string_view name = trimmed(line.substr(1, line.find(']') - 1));
    return line.ends_with(']') && !name.empty() && std::all_of(name.begin(), name.end(), is_name) &&
           std::isalpha(static_cast<unsigned char>(name.front())) != 0;
  }
  const std::size_t end = end_of_name(line);
  return end > 0 && trimmed(line.substr(end)).starts_with('=');
}

bool is_sql_line(std::string_view line) {
  constexpr std::array<std::string_view, 13> kWords = {
      "select", "insert", "update", "delete", "create",  "begin",   "with",
      "drop",   "alter",  "set",    "copy",   "explain", "truncate"};
  if (line.starts_with("--") || line.starts_with('\\')) return true;
  std::string word;
  for (const char c : line) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) break;
    word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

bool is_csv_line(std::string_view line) {
  constexpr std::string_view kSigns = ",;\t";
  if (line.find_first_of("{}") != kNone || line.starts_with('[')) return false;
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [line](char sign) { return std::count(line.begin(), line.end(), sign) >= 1; });
}

bool has(std::string_view line, std::string_view part) {
  return line.find(part) != kNone;
}

bool is_jsonlog_line(std::string_view line) {
  return line.starts_with('{') && has(line, "\"timestamp\":") && has(line, "\"error_severity\":");
}

/// "2026-01-31 12:00:00.123 UTC"
bool begins_with_time(std::string_view line) {
  constexpr std::string_view kForm = "0000-00-00 00:00:00";
  if (line.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = std::isdigit(static_cast<unsigned char>(line[i])) != 0;
    if (kForm[i] == '0' ? !digit : line[i] != kForm[i]) return false;
  }
  return true;
}

bool is_csvlog_line(std::string_view line) {
  constexpr std::ptrdiff_t kFewestCommas = 20;  // before the statement's own
  return begins_with_time(line) && std::count(line.begin(), line.end(), ',') >= kFewestCommas;
}

bool is_server_log_line(std::string_view line) {
  constexpr std::array<std::string_view, 8> kSeverities = {
      "LOG", "ERROR", "FATAL", "WARNING", "DETAIL", "NOTICE", "HINT", "STATEMENT"};
  return std::any_of(kSeverities.begin(), kSeverities.end(), [line](std::string_view severity) {
    return has(line, std::string(severity) + ":  ");
  });
}

/// Whether some line is a meta-command of pgbench.
bool is_pgbench(std::string_view text) {
  constexpr std::array<std::string_view, 4> kCommands = {"\\set ", "\\sleep ", "\\if ", "\\gset"};
  return std::any_of(kCommands.begin(), kCommands.end(), [text](std::string_view command) {
    return text.starts_with(command) || has(text, "\n" + std::string(command));
  });
}

/// The next line that is neither empty nor a # comment.
std::string_view telling_line(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    if (!line.empty() && !line.starts_with('#')) return line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

}  // namespace

std::string_view name_of(FileForm form) {
  switch (form) {
    case FileForm::empty: return "an empty file";
    case FileForm::yaml: return "YAML";
    case FileForm::toml: return "TOML";
    case FileForm::csv: return "CSV";
    case FileForm::sql: return "SQL";
    case FileForm::pgbench: return "a pgbench script";
    case FileForm::server_log: return "a PostgreSQL server log";
    case FileForm::csvlog: return "a PostgreSQL csvlog";
    case FileForm::jsonlog: return "a PostgreSQL jsonlog";
    case FileForm::xml: return "XML or HTML";
    case FileForm::markdown: return "Markdown";
    case FileForm::compressed: return "a compressed file";
    case FileForm::utf16: return "UTF-16 text";
  }
  return "";
}

std::optional<FileForm> form_of(std::string_view text) {
  if (text.starts_with("\x1F\x8B") || text.starts_with("PK\x03\x04")) return FileForm::compressed;
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return FileForm::utf16;
  const std::string_view whole = trimmed(text);
  if (whole.empty()) return FileForm::empty;
  if (whole.front() == '<') return FileForm::xml;
  if (whole.starts_with("**")) return FileForm::markdown;  // as our own begins
  const std::string_view line = telling_line(whole);
  if (is_jsonlog_line(line)) return FileForm::jsonlog;
  if (is_csvlog_line(line)) return FileForm::csvlog;
  if (is_server_log_line(line)) return FileForm::server_log;
  if (is_toml_line(line)) return FileForm::toml;
  if (line.starts_with('{') || line.starts_with('[')) return std::nullopt;
  if (whole.front() == '#' && line.starts_with("- ")) return FileForm::markdown;
  if (is_yaml_line(line)) return FileForm::yaml;
  if (whole.front() == '#') return FileForm::markdown;
  if (is_pgbench(whole)) return FileForm::pgbench;
  if (is_sql_line(line)) return FileForm::sql;
  if (is_csv_line(line)) return FileForm::csv;
  return std::nullopt;
}

}  // namespace poolgauge
