// Tells one form of connection string from the other, and reads those that are no URI.
#include "pg/conninfo/foreign_conninfo.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

#include "base/letters.h"
#include "pg/conninfo/conninfo.h"

namespace poolgauge {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool is_scheme(std::string_view text) {
  return !text.empty() && text.size() <= 40 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.' || c == '_';
         });
}

std::string unquoted(std::string_view value) {
  const bool quoted = value.size() >= 2 && (value.front() == '\'' || value.front() == '"') &&
                      value.back() == value.front();
  return std::string(quoted ? value.substr(1, value.size() - 2) : value);
}

/// "Host=db;Username=app": nullopt where a piece is no pair.
std::optional<ConninfoPairs> semicolon_pairs(std::string_view text) {
  ConninfoPairs pairs;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view pair = trimmed(text.substr(0, end));
    const std::size_t equals = pair.find('=');
    if (!pair.empty() && equals == kNone && pairs.empty()) return std::nullopt;
    // A piece without a sign is the rest of a password with a semicolon in it.
    if (equals != kNone) {
      pairs.emplace_back(std::string(trimmed(pair.substr(0, equals))),
                         unquoted(trimmed(pair.substr(equals + 1))));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pairs;
}

/// libpq's own form, read as libpq does; nullopt where it is none.
std::optional<ConninfoPairs> keyword_pairs(std::string_view text) {
  ConninfoPairs pairs;
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    const std::size_t equals = text.find('=');
    if (equals == kNone) return std::nullopt;
    const std::string_view name = trimmed(text.substr(0, equals));
    if (name.empty() || name.find_first_of(" \t\n") != kNone) return std::nullopt;
    text = trimmed(text.substr(equals + 1));
    const bool quoted = text.starts_with('\'');
    std::string value;
    std::size_t at = quoted ? 1 : 0;
    const auto ends = [&](char c) {
      return quoted ? c == '\'' : std::isspace(static_cast<unsigned char>(c)) != 0;
    };
    for (; at < text.size() && !ends(text[at]); ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      value += text[at];
    }
    if (quoted && at == text.size()) return std::nullopt;
    pairs.emplace_back(std::string(name), value);
    text.remove_prefix(std::min(at + 1, text.size()));
  }
  return pairs;
}

std::optional<ForeignConninfo> read_pairs(std::string_view text) {
  ForeignConninfo into;
  std::optional<ConninfoPairs> pairs;
  const std::string small = lower_case(text.substr(0, 10));
  if (small.starts_with("pgsql:") || small.starts_with("dbi:pg:")) {
    into.complaints.emplace_back(
        "this is a PHP or Perl data source name; libpq takes keywords separated by spaces, or a "
        "URI");
    pairs = semicolon_pairs(text.substr(small.starts_with("pgsql:") ? 6 : 7));
  } else if (text.find(';') != kNone && !parse_conninfo(std::string(text))) {
    pairs = semicolon_pairs(text);
    into.complaints.emplace_back(
        "pairs separated by semicolons are ADO.NET's format; libpq takes keywords separated by "
        "spaces, or a URI");
  } else {
    pairs = keyword_pairs(text);
  }
  if (!pairs) return std::nullopt;
  const bool another_form = !into.complaints.empty();
  add_parameters(into, *pairs);
  // With another form come other names; the corrected string shows ours.
  if (another_form) {
    std::erase_if(into.complaints, [](const std::string& complaint) {
      return complaint.starts_with("libpq writes ") ||
             complaint.find("name for libpq's") != std::string::npos;
    });
  }
  return into;
}

/// "127.0.0.1", "localhost:5432" or "db.example.com".
bool is_host(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("-._:[]").find(static_cast<char>(c)) != kNone;
  });
  if (!plain) return false;
  const std::size_t colon = text.rfind(':');
  if (colon != kNone && all_digits(text.substr(colon + 1))) return true;
  return text.find('.') != kNone || text == "localhost" || text.starts_with('[');
}

std::optional<ForeignConninfo> read_bare(const std::string& text) {
  ForeignConninfo into;
  if (text.starts_with('/')) {
    into.complaints.emplace_back("this is a socket directory, not a database");
    into.parameters.emplace_back("host", text);
    into.database = "DATABASE";
    return into;
  }
  const bool has_place = text.find_first_of("@/") != std::string::npos;
  if (!has_place && !is_host(text)) return std::nullopt;
  if (has_place) {
    into.complaints.emplace_back("the connection string must start with postgresql://");
    read_rest(text, into);
  } else {
    const bool ipv6 = std::count(text.begin(), text.end(), ':') > 1 && !text.starts_with('[');
    into.hosts = checked_hosts(ipv6 ? "[" + text + "]" : text, into);
    into.complaints.push_back(fmt::format("\"{}\" is a host, not a database", into.hosts));
  }
  if (into.database.empty()) into.database = "DATABASE";
  return into;
}

/// A string copied with what stood around it.
std::optional<ForeignConninfo> read_wrapped(const std::string& text) {
  std::string_view inner = trimmed(text);
  std::string complaint;
  const std::size_t equals = inner.find('=');
  if (unquoted(inner).size() != inner.size()) {
    complaint = "remove the quotes inside the string";
    inner = inner.substr(1, inner.size() - 2);
  } else if (inner.starts_with("psql ")) {
    complaint = "remove \"psql\", which is the name of the program";
    inner = trimmed(inner.substr(5));
  } else if (inner.find("://") != kNone && equals < inner.find("://") && equals > 0 &&
             std::all_of(inner.begin(), inner.begin() + static_cast<std::ptrdiff_t>(equals),
                         [](unsigned char c) { return std::isupper(c) != 0 || c == '_'; })) {
    complaint =
        fmt::format("remove \"{}=\", which is the name of the variable", inner.substr(0, equals));
    inner = inner.substr(equals + 1);
  } else if (inner.size() != text.size() && inner.find("://") != kNone) {
    complaint = "remove the spaces or line breaks around it";
  }
  if (complaint.empty()) return std::nullopt;
  std::optional<ForeignConninfo> read = read_foreign(unquoted(inner));
  if (read) read->complaints.insert(read->complaints.begin(), complaint);
  return read;
}

}  // namespace

std::optional<ForeignConninfo> read_foreign(const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (auto wrapped = read_wrapped(text)) return wrapped;
  if (auto jdbc = read_jdbc(text)) return jdbc;
  const std::size_t scheme = text.find("://");
  if (scheme != std::string::npos && is_scheme(std::string_view(text).substr(0, scheme))) {
    return read_uri(text);
  }
  if (text.find('=') != std::string::npos) return read_pairs(text);
  return read_bare(text);
}

std::string corrected(const ForeignConninfo& foreign) {
  std::string uri = "postgresql://";
  if (!foreign.user.empty()) uri += foreign.user + "@";
  uri += foreign.hosts + "/" + foreign.database;
  char separator = '?';
  const auto add = [&uri, &separator](const std::string& name, const std::string& value) {
    uri += fmt::format("{}{}={}", separator, name, encoded(value));
    separator = '&';
  };
  std::string settings;
  for (const std::string& setting : foreign.settings) {
    settings += (settings.empty() ? "-c " : " -c ") + setting;
  }
  for (const auto& [name, value] : foreign.parameters) {
    const bool options = name == "options" && !settings.empty();
    add(name, options ? value + " " + settings : value);
    if (options) settings.clear();
  }
  if (!settings.empty()) add("options", settings);
  return uri;
}

}  // namespace poolgauge
