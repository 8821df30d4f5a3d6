// JSON as text.
#include "scenario/json.h"

namespace poolgauge {

namespace {

constexpr std::size_t kLongestShown = 60;

// Cuts at a character's border.
std::string shortened(std::string text) {
  if (text.size() <= kLongestShown) return text;
  std::size_t end = kLongestShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::string child_pointer(std::string_view pointer, std::string_view key) {
  std::string child(pointer);
  child += '/';
  for (const char c : key) {
    if (c == '~') {
      child += "~0";
    } else if (c == '/') {
      child += "~1";
    } else {
      child += c;
    }
  }
  return child;
}

std::string child_pointer(std::string_view pointer, std::size_t index) {
  return std::string(pointer) + "/" + std::to_string(index);
}

std::string shown(const Json& value) {
  if (value.is_object() && !value.empty()) return "an object";
  if (value.is_array() && !value.empty()) return "a list";
  return shortened(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string shown_text(std::string_view text) {
  return shown(Json(std::string(text)));
}

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_sign(char c) {
  return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':';
}

}  // namespace

JsonToken JsonTokens::next() {
  skip_blanks();
  const std::size_t begin = at_;
  if (begin == text_.size()) return {JsonToken::Kind::end, begin, begin};
  const char c = text_[begin];
  if (is_sign(c)) {
    ++at_;
    return {JsonToken::Kind::sign, begin, at_};
  }
  at_ = c == '"' ? end_of_string(begin) : end_of_word(begin);
  return {c == '"' ? JsonToken::Kind::string : JsonToken::Kind::word, begin, at_};
}

void JsonTokens::skip_blanks() {
  do {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  } while (skip_comment());
}

bool JsonTokens::skip_comment() {
  const std::string_view rest = text_.substr(at_);
  if (rest.starts_with("//")) {
    const std::size_t newline = rest.find('\n');
    at_ = newline == std::string_view::npos ? text_.size() : at_ + newline;
    return true;
  }
  if (rest.starts_with("/*")) {
    const std::size_t close = rest.find("*/", 2);
    at_ = close == std::string_view::npos ? text_.size() : at_ + close + 2;
    return true;
  }
  return false;
}

// A string that is not closed ends with its line.
std::size_t JsonTokens::end_of_string(std::size_t begin) const {
  for (std::size_t i = begin + 1; i < text_.size(); ++i) {
    if (text_[i] == '\n') return i;
    if (text_[i] == '"') return i + 1;
    if (text_[i] == '\\' && i + 1 < text_.size() && text_[i + 1] != '\n') ++i;
  }
  return text_.size();
}

std::size_t JsonTokens::end_of_word(std::size_t begin) const {
  std::size_t i = begin + 1;
  while (i < text_.size() && !is_blank(text_[i]) && !is_sign(text_[i]) && text_[i] != '"' &&
         text_[i] != '/') {
    ++i;
  }
  return i;
}

}  // namespace poolgauge
