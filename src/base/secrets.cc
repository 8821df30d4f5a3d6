// A scanner for what looks like a password, made to err on the side of hiding too much.
#include "base/visible_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <optional>

namespace poolgauge {

namespace {

constexpr std::string_view kHidden = "***";
constexpr std::size_t kNone = std::string_view::npos;

struct Span {
  std::size_t begin = 0, end = 0;
};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// The next place from `at` on where one of `stops` stands without a backslash before it, or a
/// line ends.
std::size_t next_of(std::string_view text, std::size_t at, std::string_view stops) {
  for (; at < text.size(); ++at) {
    if (text[at] == '\n' || stops.find(text[at]) != kNone) return at;
    if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] != '\n') ++at;
  }
  return text.size();
}

class Scanner {
 public:
  Scanner(std::string_view text, Container container) : text_(text), container_(container) {}

  std::vector<Span> spans() {
    for (std::size_t at = text_.find("://"); at != kNone; at = text_.find("://", at + 3)) {
      add_uri(at + 3);
    }
    for (std::size_t at = 0; at < text_.size();) at = word_at(at);
    std::sort(spans_.begin(), spans_.end(),
              [](const Span& a, const Span& b) { return a.begin < b.begin; });
    return joined();
  }

 private:
  void add(std::size_t begin, std::size_t end) {
    if (begin < end && text_.substr(begin, end - begin) != kHidden) spans_.push_back({begin, end});
  }

  /// Overlapping ones as one.
  std::vector<Span> joined() const {
    std::vector<Span> all;
    for (const Span& span : spans_) {
      if (!all.empty() && span.begin <= all.back().end) {
        all.back().end = std::max(all.back().end, span.end);
      } else {
        all.push_back(span);
      }
    }
    return all;
  }

  std::size_t line_end(std::size_t at) const {
    return container_ == Container::word ? text_.size() : next_of(text_, at, "\"<>`");
  }

  std::size_t token_end(std::size_t at) const {
    return container_ == Container::word ? text_.size() : next_of(text_, at, " \t\r\"<>`");
  }

  /// `at`: behind the "://". A password ends at the last '@': there may be some in it, unescaped.
  void add_uri(std::size_t at) {
    std::size_t end = token_end(at);
    const std::string_view rest = text_.substr(at, end - at);
    const std::size_t colon = rest.find(':');
    if (colon == kNone || rest.starts_with('[')) return;
    std::size_t last = rest.rfind('@');
    if (last != kNone) {
      if (colon < last) add(at + colon + 1, at + last);
      return;
    }
    // No '@': a port, or a password that the text has cut off, or one with spaces in it.
    const std::string_view port =
        rest.substr(colon + 1, rest.find_first_of("/?#,", colon) - colon - 1);
    const bool digits = std::all_of(port.begin(), port.end(), [](char c) {
      return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.' || c == ')' || c == '\'';
    });
    if (digits) return;
    end = line_end(at);
    last = text_.substr(at, end - at).rfind('@');
    add(at + colon + 1, last != kNone ? at + last : token_end(at));
  }

  /// Looks at the word that begins at `at`; returns where to look on.
  std::size_t word_at(std::size_t at) {
    std::size_t end = at;
    while (end < text_.size() && (is_word(text_[end]) || text_[end] == '%')) ++end;
    if (end == at) return at + 1;
    const std::string_view word = text_.substr(at, end - at);
    if (names_secret(word) || (lies_in_query(at) && names_key(word))) add_value(end);
    return end;
  }

  /// The name of a parameter in a URL's query. Elsewhere, "key" is the name of a column.
  bool lies_in_query(std::size_t at) const {
    return at > 0 && (text_[at - 1] == '?' || text_[at - 1] == '&');
  }

  static bool names_key(std::string_view word) {
    std::string name(word);
    std::transform(name.begin(), name.end(), name.begin(), lower);
    return name == "key" || name == "auth" || name == "sig" || name == "signature";
  }

  static bool names_secret(std::string_view word) {
    constexpr std::array<std::string_view, 7> kParts = {
        "password", "passwd", "passphrase", "passfile", "secret", "passwort", "credential"};
    if (word.size() < 3) return false;
    std::string name = percent_decoded(word);
    std::transform(name.begin(), name.end(), name.begin(), lower);
    return name == "pwd" || name == "pass" || name == "token" || name == "api_key" ||
           name == "apikey" || name.ends_with("_token") ||
           std::any_of(kParts.begin(), kParts.end(),
                       [&name](std::string_view part) { return name.find(part) != kNone; });
  }

  std::size_t skip_spaces(std::size_t at) const {
    while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
    return at;
  }

  /// A quote at `at`, perhaps with a backslash before it: its length.
  std::size_t quote_length(std::size_t at) const {
    const bool escaped = at < text_.size() && text_[at] == '\\';
    const std::size_t quote = escaped ? at + 1 : at;
    const bool is_quote = quote < text_.size() && (text_[quote] == '"' || text_[quote] == '\'');
    return is_quote ? quote + 1 - at : 0;
  }

  /// `at`: behind the name.
  void add_value(std::size_t at) {
    const std::size_t closing = quote_length(at);  // of a JSON member's name
    const std::size_t sign = skip_spaces(at + closing);
    if (sign >= text_.size()) return;
    if (closing > 0 && text_[sign] == ':') {
      const std::size_t value = skip_spaces(sign + 1);
      if (quote_length(value) > 0) add_quoted(value);
    } else if (closing == 0 && (text_[sign] == '=' || text_.substr(sign).starts_with("%3D") ||
                                text_.substr(sign).starts_with("%3d"))) {
      const std::size_t value = skip_spaces(sign + (text_[sign] == '=' ? 1 : 3));
      if (quote_length(value) > 0) return add_quoted(value);
      add_bare(value, sign > at || text_.substr(value - 1, 1) == " ");
    } else if (closing == 0 && sign > at && text_[sign] == '\'') {
      add_quoted(sign);  // SQL: PASSWORD 'x'
    }
  }

  /// The value in quotes of either kind; without its end, all that is left.
  void add_quoted(std::size_t at) {
    const std::size_t length = quote_length(at);
    const std::size_t begin = at + length;
    const char quote = text_[begin - 1];
    if (length == 2) {  // \" within a JSON text: it ends at the next \"
      const std::string closing = std::string("\\") + quote;
      const std::size_t end = std::min(text_.find(closing, begin), text_.find('"', begin));
      return add(begin, std::min(end, text_.size()));
    }
    std::size_t end = begin;
    while (true) {
      end = next_of(text_, end, std::string_view(&quote, 1));
      const bool doubled = quote == '\'' && text_.substr(end).starts_with("''");
      if (!doubled) break;
      end += 2;
    }
    add(begin, end);
  }

  /// `spaced`: as SQL writes comparisons, where a name follows as often as a value.
  void add_bare(std::size_t at, bool spaced) {
    if (at >= text_.size()) return;
    const bool parameter = text_[at] == ':' || text_[at] == '$' || text_[at] == '?' ||
                           text_.substr(at).starts_with("%s");
    if (parameter || (spaced && !is_conninfo())) return;
    const bool word = container_ == Container::word && !is_conninfo();
    add(at, word ? text_.size() : next_of(text_, at, " \t\r\"'&<>`"));
  }

  bool is_conninfo() const {
    return std::any_of(kKeywords.begin(), kKeywords.end(), [this](std::string_view keyword) {
      const std::size_t at = text_.find(keyword);
      return at != kNone && text_.substr(skip_spaces(at + keyword.size())).starts_with('=');
    });
  }

  static constexpr std::array<std::string_view, 6> kKeywords = {"host", "user",    "dbname",
                                                                "port", "service", "sslmode"};
  std::string_view text_;
  Container container_;
  std::vector<Span> spans_;
};

std::string with_spans_hidden(std::string_view text, const std::vector<Span>& spans) {
  std::string out;
  std::size_t at = 0;
  for (const Span& span : spans) {
    out += text.substr(at, span.begin - at);
    out += kHidden;
    at = span.end;
  }
  out += text.substr(at);
  return out;
}

/// A token in which a whole URI or conninfo is percent-encoded, decoded; nothing if it is not so.
std::optional<std::string> encoded_secret(std::string_view token) {
  if (token.find('%') == kNone) return std::nullopt;
  std::string decoded = percent_decoded(token);
  const bool plain = std::none_of(decoded.begin(), decoded.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '<';
  });
  const std::size_t before = Scanner(token, Container::message).spans().size();
  const std::size_t after = Scanner(decoded, Container::word).spans().size();
  if (!plain || after <= before) return std::nullopt;
  return decoded;
}

/// Tokens that hide a secret behind percent signs, decoded and without it.
std::string without_encoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\"<>`'", at), text.size());
    const std::string_view token = text.substr(at, end - at);
    if (const auto decoded = encoded_secret(token)) {
      out += with_spans_hidden(*decoded, Scanner(*decoded, Container::word).spans());
    } else {
      out += token;
    }
    if (end < text.size()) out += text[end];
    at = end + 1;
  }
  return out;
}

}  // namespace

std::string without_secrets(std::string_view text, Container container) {
  std::string out = with_spans_hidden(text, Scanner(text, container).spans());
  return out.find('%') == kNone ? out : without_encoded(out);
}

std::vector<std::string> secrets_in(std::string_view text, Container container) {
  std::vector<std::string> all;
  for (const std::string& form : {std::string(text), percent_decoded(text)}) {
    for (const Span& span : Scanner(form, container).spans()) {
      all.push_back(form.substr(span.begin, span.end - span.begin));
      all.push_back(percent_decoded(all.back()));
    }
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int high = text[at] == '%' && at + 2 < text.size() ? hex_value(text[at + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(text[at + 2]);
    if (low < 0) {
      out += text[at];
    } else {
      out += static_cast<char>(high * 16 + low);
      at += 2;
    }
  }
  return out;
}

}  // namespace poolgauge
