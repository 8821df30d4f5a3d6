// Reads connection strings with libpq's own parser and writes them again without secrets.
#include "pg/conninfo/conninfo.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <memory>

#include <fmt/core.h>
#include <libpq-fe.h>

namespace poolgauge {
namespace {

using Options = std::vector<ConninfoOption>;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using LibpqOptions = std::unique_ptr<PQconninfoOption, FreeOptions>;

bool is_uri(std::string_view text) {
  return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

/// libpq marks what a dialog must not echo with '*'; names of password files are ours to hide.
bool is_secret(const PQconninfoOption& option) {
  const std::string_view name = option.keyword;
  return std::string_view(option.dispchar).starts_with("*") ||
         name.find("password") != std::string_view::npos || name == "passfile";
}

Options set_options(const PQconninfoOption* options) {
  Options result;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    result.push_back({option->keyword, option->val, is_secret(*option)});
  }
  return result;
}

std::string value_of(const Options& options, std::string_view name) {
  for (const ConninfoOption& option : options) {
    if (option.name == name) return option.value;
  }
  return "";
}

std::string percent_encoded(std::string_view text, std::string_view also_plain = "") {
  std::string result;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("-._~").find(c) != std::string_view::npos ||
                       also_plain.find(c) != std::string_view::npos;
    if (plain) {
      result += c;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// "h1:p1,h2:p2"; one port serves all hosts, as in libpq. IPv6 addresses get their brackets.
std::string host_list(const std::string& hosts, const std::string& ports, bool encode) {
  const std::vector<std::string> host = split_commas(hosts);
  const std::vector<std::string> port = split_commas(ports);
  std::string result;
  for (std::size_t i = 0; i < host.size(); ++i) {
    if (i > 0) result += ',';
    const bool ipv6 = host[i].find(':') != std::string::npos && !host[i].starts_with("/");
    const std::string name = encode ? percent_encoded(host[i], ipv6 ? ":" : "") : host[i];
    result += ipv6 ? "[" + name + "]" : name;
    const std::string& number = port.size() == 1 ? port[0] : i < port.size() ? port[i] : ports;
    if (!number.empty()) result += ":" + number;
  }
  return result;
}

std::string redacted_uri(const Options& options) {
  std::string uri = "postgresql://";
  const std::string user = value_of(options, "user");
  if (!user.empty()) uri += percent_encoded(user) + "@";
  uri += host_list(value_of(options, "host"), value_of(options, "port"), true);
  uri += "/" + percent_encoded(value_of(options, "dbname"));
  char separator = '?';
  for (const ConninfoOption& option : options) {
    constexpr std::array<std::string_view, 4> kPlaced = {"user", "host", "port", "dbname"};
    const bool placed = std::find(kPlaced.begin(), kPlaced.end(), option.name) != kPlaced.end();
    if (placed || option.secret) continue;
    uri += fmt::format("{}{}={}", separator, option.name, percent_encoded(option.value));
    separator = '&';
  }
  return uri;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// A very short secret is replaced only where it stands alone, or a password "a" would eat words.
void replace_secret(std::string& text, const std::string& secret) {
  if (secret.empty()) return;
  std::size_t at = 0;
  while ((at = text.find(secret, at)) != std::string::npos) {
    const std::size_t end = at + secret.size();
    const bool inside_word =
        (at > 0 && is_word(text[at - 1])) || (end < text.size() && is_word(text[end]));
    if (secret.size() < 4 && inside_word) {
      at = end;
      continue;
    }
    text.replace(at, secret.size(), "***");
    at += 3;
  }
}

/// A URI's password as typed, still percent-encoded: between the first ':' and '@' of the
/// authority.
std::string typed_uri_password(const std::string& uri) {
  const std::size_t begin = uri.find("://") + 3;
  const std::size_t at = uri.find('@', begin);
  const std::size_t colon = uri.find(':', begin);
  if (at == std::string::npos || colon == std::string::npos || colon > at) return "";
  return uri.substr(colon + 1, at - colon - 1);
}

/// A password with a bare '/' or '@' makes libpq take a piece of it for a host or database, which
/// would then be shown. No sane host or database has a bare '@', so such a text is not readable.
bool password_may_have_spilled(const std::string& conninfo) {
  if (!is_uri(conninfo)) return false;
  std::string_view rest = std::string_view(conninfo).substr(conninfo.find("://") + 3);
  const std::size_t stop = rest.find_first_of("@/");
  if (stop != std::string_view::npos && rest[stop] == '@') rest.remove_prefix(stop + 1);
  return rest.substr(0, rest.find('?')).find('@') != std::string_view::npos;
}

std::optional<Options> parse_bare_name(const std::string& name) {
  const bool blank = std::all_of(name.begin(), name.end(), [](char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
  });
  if (blank) return Options{};
  // More likely a URI whose scheme was forgotten or misspelt.
  if (name.find_first_of("@/") != std::string::npos) return std::nullopt;
  return Options{{"dbname", name, false}};
}

}  // namespace

std::optional<Options> parse_conninfo(const std::string& conninfo) {
  if (!is_uri(conninfo) && conninfo.find('=') == std::string::npos) {
    return parse_bare_name(conninfo);
  }
  if (password_may_have_spilled(conninfo)) return std::nullopt;
  char* message = nullptr;
  const LibpqOptions parsed(PQconninfoParse(conninfo.c_str(), &message));
  PQfreemem(message);
  if (!parsed) return std::nullopt;
  return set_options(parsed.get());
}

// libpq takes all its sources together only while it begins to connect. It checks sslmode before it
// looks up or connects anything, and what fails there leaves the options behind. With a password at
// hand it does not look into the file of passwords (and does not warn of its rights once more).
std::vector<ConninfoOption> effective_options(const std::string& conninfo) {
  const std::array<const char*, 4> keywords = {"dbname", "sslmode", "password", nullptr};
  const std::array<const char*, 4> values = {conninfo.c_str(), "(none)", "-", nullptr};
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
      PQconnectStartParams(keywords.data(), values.data(), 1), PQfinish);
  const LibpqOptions options(connection != nullptr ? PQconninfo(connection.get()) : nullptr);
  return options ? set_options(options.get()) : Options{};
}

std::string redact(const std::string& conninfo) {
  const std::optional<Options> options = parse_conninfo(conninfo);
  if (!options) return "(unreadable connection string)";
  if (is_uri(conninfo)) return redacted_uri(*options);
  std::string result;
  for (const ConninfoOption& option : *options) {
    if (option.secret) continue;
    if (!result.empty()) result += ' ';
    result += conninfo_pair(option.name, option.value);
  }
  return result;
}

std::string describe(const std::string& conninfo) {
  const std::optional<Options> options = parse_conninfo(conninfo);
  if (!options) return "(unreadable connection string)";
  const LibpqOptions known(PQconndefaults());
  Options defaults = known ? set_options(known.get()) : Options{};
  // What a service of the string says is known only once libpq has read its file.
  if (!value_of(*options, "service").empty()) defaults = effective_options(conninfo);
  const auto effective = [&](std::string_view name) {
    const std::string own = value_of(*options, name);
    return own.empty() ? value_of(defaults, name) : own;
  };
  std::string host = effective("host");
  if (host.empty()) host = effective("hostaddr");
  if (host.empty()) host = "local socket";
  std::string database = effective("dbname");
  if (database.empty()) database = effective("user");
  return host_list(host, effective("port"), false) + "/" + database;
}

std::string scrub(std::string text, const std::string& conninfo) {
  std::vector<std::string> secrets;
  for (const ConninfoOption& option : parse_conninfo(conninfo).value_or(Options{})) {
    if (option.secret) secrets.push_back(option.value);
  }
  if (is_uri(conninfo)) secrets.push_back(typed_uri_password(conninfo));
  for (const char* variable : {"PGPASSWORD", "PGSSLPASSWORD"}) {
    if (const char* value = std::getenv(variable)) secrets.emplace_back(value);
  }
  // The longest first: one secret may begin with another.
  std::sort(secrets.begin(), secrets.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  for (const std::string& secret : secrets) replace_secret(text, secret);
  return text;
}

bool target_in_environment() {
  constexpr std::array<const char*, 6> kNames = {"PGHOST",     "PGHOSTADDR", "PGPORT",
                                                 "PGDATABASE", "PGUSER",     "PGSERVICE"};
  return std::any_of(kNames.begin(), kNames.end(), [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  });
}

std::string with_option(const std::string& conninfo, const std::string& name,
                        const std::string& value) {
  const auto options = parse_conninfo(conninfo);
  if (!options) return conninfo;
  std::string text;
  for (const ConninfoOption& option : *options) {
    if (option.name != name) text += conninfo_pair(option.name, option.value) + " ";
  }
  return text + conninfo_pair(name, value);
}

std::string conninfo_pair(std::string_view keyword, std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" '\\\t\n\r") == std::string_view::npos;
  std::string result = std::string(keyword) + "=";
  if (plain) return result + std::string(value);
  result += '\'';
  for (const char c : value) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + '\'';
}

}  // namespace poolgauge
