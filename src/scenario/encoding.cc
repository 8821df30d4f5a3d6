// PostgreSQL's names of encodings, and iconv behind them.
#include "scenario/csv.h"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "base/text.h"
#include "base/visible_text.h"

namespace poolgauge {

namespace {

constexpr const char* kMixed = "SQL_ASCII";

/// PostgreSQL's name and iconv's.
constexpr std::array<std::pair<const char*, const char*>, 33> kEncodings = {{
    {"UTF8", "UTF-8"},
    {"LATIN1", "ISO-8859-1"},
    {"LATIN2", "ISO-8859-2"},
    {"LATIN3", "ISO-8859-3"},
    {"LATIN4", "ISO-8859-4"},
    {"LATIN5", "ISO-8859-9"},
    {"LATIN6", "ISO-8859-10"},
    {"LATIN7", "ISO-8859-13"},
    {"LATIN8", "ISO-8859-14"},
    {"LATIN9", "ISO-8859-15"},
    {"LATIN10", "ISO-8859-16"},
    {"ISO_8859_5", "ISO-8859-5"},
    {"ISO_8859_6", "ISO-8859-6"},
    {"ISO_8859_7", "ISO-8859-7"},
    {"ISO_8859_8", "ISO-8859-8"},
    {"WIN866", "CP866"},
    {"WIN874", "CP874"},
    {"WIN1250", "CP1250"},
    {"WIN1251", "CP1251"},
    {"WIN1252", "CP1252"},
    {"WIN1253", "CP1253"},
    {"WIN1254", "CP1254"},
    {"WIN1255", "CP1255"},
    {"WIN1256", "CP1256"},
    {"WIN1257", "CP1257"},
    {"WIN1258", "CP1258"},
    {"KOI8R", "KOI8-R"},
    {"KOI8U", "KOI8-U"},
    {"EUC_JP", "EUC-JP"},
    {"EUC_KR", "EUC-KR"},
    {"EUC_CN", "EUC-CN"},
    {"EUC_TW", "EUC-TW"},
    {"SJIS", "CP932"},
}};

/// What people also write.
constexpr std::array<std::pair<const char*, const char*>, 7> kOtherNames = {{
    {"UNICODE", "UTF8"},
    {"ISO88591", "LATIN1"},
    {"ISO885915", "LATIN9"},
    {"CP1252", "WIN1252"},
    {"WINDOWS1252", "WIN1252"},
    {"ASCII", kMixed},
    {"SHIFTJIS", "SJIS"},
}};

std::string bare_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == ' ') continue;
    plain += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return plain;
}

struct Encoding {
  std::string name, iconv;
};

std::optional<Encoding> encoding_named(const std::string& typed) {
  std::string wanted = bare_name(typed);
  for (const auto& [other, name] : kOtherNames) {
    if (wanted == other) wanted = bare_name(name);
  }
  if (wanted == bare_name(kMixed)) return Encoding{kMixed, ""};
  for (const auto& [name, iconv] : kEncodings) {
    if (wanted == bare_name(name)) return Encoding{name, iconv};
  }
  return std::nullopt;
}

Error unknown(const std::string& typed) {
  std::vector<std::string> known = {kMixed};
  for (const auto& [name, iconv] : kEncodings) known.emplace_back(name);
  const std::optional<std::string> nearest = nearest_name(typed, known);
  return Error{ErrorKind::usage,
               fmt::format("--encoding: unknown encoding \"{}\"{}", visible_text(typed),
                           nearest ? "; did you mean \"" + *nearest + "\"?" : ""),
               "use PostgreSQL's name, such as UTF8, LATIN1, LATIN9, WIN1252, or SQL_ASCII; SHOW "
               "server_encoding shows it"};
}

BadByte place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  BadByte bad;
  bad.offset = offset;
  bad.line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  bad.byte = newline == before.npos ? offset + 1 : offset - newline;
  bad.value = static_cast<unsigned char>(text[offset]);
  return bad;
}

struct CloseIconv {
  using pointer = iconv_t;
  void operator()(iconv_t converter) const { iconv_close(converter); }
};

/// The converted text, or the offset of what cannot be converted.
std::variant<std::string, std::size_t> converted(std::string_view text, const std::string& from) {
  const std::unique_ptr<void, CloseIconv> converter(iconv_open("UTF-8", from.c_str()));
  if (converter.get() == reinterpret_cast<iconv_t>(-1)) return std::size_t{0};
  std::string copy(text), out;
  std::array<char, 65536> block;
  char* in = copy.data();
  std::size_t left = copy.size();
  while (left > 0) {
    char* to = block.data();
    std::size_t room = block.size();
    const std::size_t result = iconv(converter.get(), &in, &left, &to, &room);
    out.append(block.data(), block.size() - room);
    if (result == static_cast<std::size_t>(-1) && errno != E2BIG) return copy.size() - left;
  }
  return out;
}

/// A byte as WIN1252 has it; the five that it lacks as LATIN1.
std::string of_single_byte(char byte) {
  auto character = converted(std::string_view(&byte, 1), "CP1252");
  if (std::holds_alternative<std::size_t>(character)) {
    character = converted(std::string_view(&byte, 1), "ISO-8859-1");
  }
  return std::get<std::string>(std::move(character));
}

std::string mixed(std::string_view text) {
  std::array<std::string, 256> bytes;
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = first_character(text.substr(at)).length;
    if (length == 0) {
      std::string& character = bytes[static_cast<unsigned char>(text[at])];
      if (character.empty()) character = of_single_byte(text[at]);
      out += character;
      ++at;
      continue;
    }
    out += text.substr(at, length);
    at += length;
  }
  return out;
}

/// Single bytes only, or valid UTF-8 among them?
std::string guessed(std::string_view text) {
  bool any_utf8 = false, any_of_windows = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = first_character(text.substr(at)).length;
    any_utf8 = any_utf8 || length > 1;
    const auto byte = static_cast<unsigned char>(text[at]);
    any_of_windows = any_of_windows || (length == 0 && byte < 0xA0);
    at += std::max<std::size_t>(length, 1);
  }
  if (any_utf8) return kMixed;
  return any_of_windows ? "WIN1252" : "LATIN1";
}

}  // namespace

std::optional<BadByte> first_bad_byte(std::string_view text) {
  const std::size_t offset = first_invalid_utf8(text);
  if (offset == std::string_view::npos) return std::nullopt;
  return place_of(text, offset);
}

std::string bad_byte_text(const BadByte& bad) {
  return fmt::format("line {}, byte {}: 0x{:02x} is not valid UTF-8", bad.line, bad.byte,
                     bad.value);
}

Result<Decoded> decoded(std::string_view text, const std::string& typed) {
  const std::optional<BadByte> bad = first_bad_byte(text);
  if (typed.empty() && !bad) return Decoded{std::string(text), ""};
  const std::optional<Encoding> encoding = encoding_named(typed.empty() ? guessed(text) : typed);
  if (!encoding) return unknown(typed);
  std::string note;
  if (typed.empty()) {
    note = fmt::format("{}; read as {} instead (use --encoding NAME to choose another)",
                       bad_byte_text(*bad), encoding->name);
  }
  if (encoding->iconv.empty()) return Decoded{mixed(text), std::move(note)};
  std::variant<std::string, std::size_t> result = converted(text, encoding->iconv);
  if (auto* out = std::get_if<std::string>(&result)) return Decoded{std::move(*out), note};
  const BadByte place = place_of(text, std::get<std::size_t>(result));
  return Error{ErrorKind::usage,
               fmt::format("line {}, byte {}: 0x{:02x} is not valid {}", place.line, place.byte,
                           place.value, encoding->name),
               "set the encoding of the log with --encoding; SHOW server_encoding shows it"};
}

}  // namespace poolgauge
