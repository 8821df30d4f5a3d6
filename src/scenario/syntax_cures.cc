// Recognises JSON5, Python, YAML and slips of the keyboard by the token at which JSON ends.
#include "scenario/syntax_cures.h"

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
                                                     {"None", "leave the key out"},
                                                     {"nil", "leave the key out"},
                                                     {"null", "leave the key out"},
                                                     {"undefined", "leave the key out"}}};
  for (const auto& [theirs, ours] : kWords) {
    if (token != theirs) continue;
    return ours.starts_with("leave") ? std::string(ours) : "write " + std::string(ours);
  }
  const char first = token.front();
  const bool digit = std::isdigit(static_cast<unsigned char>(first)) != 0;
  if (token.starts_with("0x") || token.starts_with("0X")) {
    return "JSON has no hexadecimal numbers (JSON5 has): write it in decimal";
  }
  if (first == '+') return "JSON has no + before a number (JSON5 has): leave it out";
  if (first == '.') return "write 0" + std::string(token) + ": JSON needs a digit before the point";
  if (digit && token.find('_') != std::string_view::npos) {
    return "JSON has no _ within numbers: leave it out";
  }
  if (digit) return "a value with a unit is a text: write " + quoted(token);
  return "write " + quoted(token);
}

bool wants_key(const SyntaxMistake& mistake) {
  return mistake.before == "{" || (mistake.before == "," && next_sign(mistake.after) == ':');
}

std::string missing_comma(const SyntaxMistake& mistake) {
  const bool follows = mistake.complaint.find("expected a comma") != std::string_view::npos;
  if (!follows) return {};
  if (mistake.token.empty()) return "a bracket that was opened is not closed: is the file whole?";
  const bool begins = mistake.token.front() == '"' || mistake.token == "{" ||
                      mistake.token == "[" || is_identifier(mistake.token);
  return begins ? "a comma is missing before it" : "";
}

}  // namespace

std::string syntax_cure(const SyntaxMistake& mistake) {
  const std::string_view token = mistake.token;
  if (std::string cure = missing_comma(mistake); !cure.empty()) return cure;
  if (token.empty()) return "is the file whole?";
  const char first = token.front();
  if (first == '\'') {
    return "single quotes are JSON5's or Python's: write \"...\" with double quotes";
  }
  if (token.starts_with("“") || token.starts_with("”") || token.starts_with("‘")) {
    return "these are typographic quotes: write \" instead";
  }
  if (first == '#') return "comments begin with // here, not with #";
  if (first == '=') return "a key and its value are separated by : in JSON";
  if (first == ';') return "members are separated by commas in JSON";
  if (token == "," && mistake.before == ",") return "there are two commas; one is enough";
  if (is_identifier(token) && wants_key(mistake)) {
    return "keys without quotes are JSON5's or JavaScript's: write " + quoted(token);
  }
  if (first == '"' && token.size() > 1 && !token.ends_with('"')) {
    return "the text has no closing quote on its line";
  }
  if (mistake.complaint.find("end of input") != std::string_view::npos) {
    return "one file holds one scenario; what follows its last } does not belong to it";
  }
  return mistake.complaint.find("a number, true") != std::string_view::npos ? value_cure(token)
                                                                            : "";
}

std::string cure_of(FileForm form) {
  switch (form) {
    case FileForm::yaml:
      return "convert it: yq -o=json FILE.yaml > FILE.json; poolgauge scenario new shows the form";
    case FileForm::toml: return "write it in JSON; poolgauge scenario new shows the form";
    case FileForm::csv:
      return "arrival times go to --replay FILE, a server's log to poolgauge scenario import "
             "--csvlog FILE";
    case FileForm::sql: return "poolgauge scenario import --pgbench FILE makes a scenario of it";
    case FileForm::xml:
    case FileForm::markdown: return "a rendered report has its .json beside it";
    case FileForm::compressed: return "unpack it first: gunzip FILE";
    case FileForm::utf16: return "convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW";
    case FileForm::empty: break;
  }
  return {};
}

}  // namespace poolgauge
