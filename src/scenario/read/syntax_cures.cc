// Recognises JSON5, Python, YAML and slips of the keyboard by the token at which JSON ends.
#include "scenario/read/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace poolgauge {

namespace {

bool is_identifier(std::string_view token) {
  if (token.empty() || std::isdigit(static_cast<unsigned char>(token.front())) != 0) return false;
  for (const char c : token) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '$') return false;
  }
  return true;
}

/// The first sign behind the blanks.
char next_sign(std::string_view text) {
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return c;
  }
  return '\0';
}

std::string quoted(std::string_view token) {
  return "\"" + std::string(token) + "\"";
}

struct WordElsewhere {
  std::string_view theirs, ours;
};

/// A value that other languages write differently.
std::string value_cure(std::string_view token) {
  constexpr std::array<WordElsewhere, 10> kWords = {{{"True", "true"},
                                                     {"False", "false"},
                                                     {"yes", "true"},
                                                     {"no", "false"},
                                                     {"on", "true"},
                                                     {"off", "false"},
                                                     {"None", "remove the key"},
                                                     {"nil", "remove the key"},
                                                     {"null", "remove the key"},
                                                     {"undefined", "remove the key"}}};
  for (const auto& [theirs, ours] : kWords) {
    if (token != theirs) continue;
    return ours.starts_with("remove") ? std::string(ours) : "write " + std::string(ours);
  }
  const char first = token.front();
  const bool digit = std::isdigit(static_cast<unsigned char>(first)) != 0;
  if (token.starts_with("0x") || token.starts_with("0X")) {
    return "JSON does not allow hexadecimal numbers (JSON5 does): write it in decimal";
  }
  if (first == '+') return "JSON does not allow + before a number (JSON5 does): remove it";
  if (first == '.')
    return "write 0" + std::string(token) + ": JSON needs a digit before the decimal point";
  if (digit && token.find('_') != std::string_view::npos) {
    return "JSON does not allow _ in numbers: remove it";
  }
  if (digit) return "put a value with a unit in quotes: write " + quoted(token);
  return "write " + quoted(token);
}

bool wants_key(const SyntaxMistake& mistake) {
  return mistake.before == "{" || (mistake.before == "," && next_sign(mistake.after) == ':');
}

std::string missing_comma(const SyntaxMistake& mistake) {
  const bool follows = mistake.complaint.find("expected a comma") != std::string_view::npos;
  if (!follows) return {};
  if (mistake.token.empty()) return "a bracket is not closed; is the file complete?";
  const bool begins = mistake.token.front() == '"' || mistake.token == "{" ||
                      mistake.token == "[" || is_identifier(mistake.token);
  return begins ? "add the missing comma before it" : "";
}

/// A file's name for a shell; a placeholder for one that would need quotes.
std::string as_word(const std::string& file) {
  const bool plain = !file.empty() && std::all_of(file.begin(), file.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '/';
  });
  return plain ? file : "FILE";
}

}  // namespace

std::string syntax_cure(const SyntaxMistake& mistake) {
  const std::string_view token = mistake.token;
  if (std::string cure = missing_comma(mistake); !cure.empty()) return cure;
  if (token.empty()) return "is the file complete?";
  const char first = token.front();
  if (first == '\'') {
    return "JSON does not allow single quotes (JSON5 and Python do): use double quotes";
  }
  if (token.starts_with("“") || token.starts_with("”") || token.starts_with("‘")) {
    return "replace the typographic quotes with \"";
  }
  if (first == '#') return "start comments with //, not with #";
  if (first == '=') return "use : between a key and its value, not =";
  if (first == ';') return "use commas to separate members, not ;";
  if (token == "," && mistake.before == ",") return "there are two commas; remove one";
  if (is_identifier(token) && wants_key(mistake)) {
    return "JSON needs quotes around keys (JSON5 and JavaScript do not): write " + quoted(token);
  }
  if (first == '"' && token.size() > 1 && !token.ends_with('"')) {
    return "the string has no closing quote on its line";
  }
  if (mistake.complaint.find("end of input") != std::string_view::npos) {
    return "a file contains one scenario; remove what follows its last }";
  }
  return mistake.complaint.find("a number, true") != std::string_view::npos ? value_cure(token)
                                                                            : "";
}

std::string cure_of(FileForm form, const std::string& file) {
  const std::string name = as_word(file);
  const auto import = [&name](const char* what, const char* flag) {
    return fmt::format(
        "turn {} into a scenario:\n  poolgauge scenario import --{} {} --output NEW.json", what,
        flag, name);
  };
  switch (form) {
    case FileForm::yaml:
      return fmt::format("convert it to JSON:\n  yq -o=json {} > NEW.json", name);
    case FileForm::toml: return "write it in JSON; poolgauge scenario new prints an example";
    case FileForm::csv:
      return "to replay arrival times from a CSV file, add --replay FILE to a scenario";
    case FileForm::sql:
    case FileForm::pgbench: return import("the script", "pgbench");
    case FileForm::server_log: return import("the log", "stderrlog");
    case FileForm::csvlog: return import("the log", "csvlog");
    case FileForm::jsonlog: return import("the log", "jsonlog");
    case FileForm::xml:
    case FileForm::markdown: return "use the report's .json file, which is in the same directory";
    case FileForm::compressed: return fmt::format("unpack it first:\n  gunzip {}", name);
    case FileForm::utf16:
      return fmt::format("convert it to UTF-8:\n  iconv -f UTF-16 -t UTF-8 {} > NEW.json", name);
    case FileForm::empty: break;
  }
  return {};
}

}  // namespace poolgauge
