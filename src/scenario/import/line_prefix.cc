// Matching with backtracking: names may hold anything, and only the severity after the prefix says
// where they end.
#include "scenario/import/line_prefix.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace poolgauge {

namespace {

bool digit_at(std::string_view line, std::size_t at) {
  return at < line.size() && std::isdigit(static_cast<unsigned char>(line[at])) != 0;
}

std::size_t after_digits(std::string_view line, std::size_t at) {
  while (digit_at(line, at)) ++at;
  return at;
}

bool letter_at(std::string_view line, std::size_t at) {
  return at < line.size() && std::isalpha(static_cast<unsigned char>(line[at])) != 0;
}

/// " UTC", " CEST", " +03", " -03:30"; nothing where none stands.
std::size_t after_zone(std::string_view line, std::size_t at) {
  if (at >= line.size() || line[at] != ' ') return at;
  std::size_t end = at + 1;
  if (letter_at(line, end)) {
    while (letter_at(line, end)) ++end;
    return end;
  }
  if (end >= line.size() || (line[end] != '+' && line[end] != '-')) return at;
  end = after_digits(line, end + 1);
  if (end < line.size() && line[end] == ':' && digit_at(line, end + 1)) {
    end = after_digits(line, end + 1);
  }
  return end;
}

/// One past "2026-01-31 12:00:00" and, with `fraction`, ".123"; 0: there is none.
std::size_t after_clock(std::string_view line, std::size_t at, bool fraction) {
  constexpr std::string_view kForm = "0000-00-00 00:00:00";
  for (const char c : kForm) {
    const bool good = c == '0' ? digit_at(line, at) : at < line.size() && line[at] == c;
    if (!good) return 0;
    ++at;
  }
  const bool has_fraction = at < line.size() && line[at] == '.' && digit_at(line, at + 1);
  if (has_fraction != fraction) return 0;
  return fraction ? after_digits(line, at + 1) : at;
}

std::size_t after_time(std::string_view line, std::size_t at, bool fraction) {
  const std::size_t end = after_clock(line, at, fraction);
  return end == 0 ? 0 : after_zone(line, end);
}

/// "69a6c000.64"; 0: there is none.
std::size_t after_session(std::string_view line, std::size_t at) {
  const auto hex = [line](std::size_t i) {
    while (i < line.size() && std::isxdigit(static_cast<unsigned char>(line[i])) != 0) ++i;
    return i;
  };
  const std::size_t dot = hex(at);
  if (dot == at || dot >= line.size() || line[dot] != '.') return 0;
  const std::size_t end = hex(dot + 1);
  return end == dot + 1 ? 0 : end;
}

/// Where what the escape stands for ends; 0: it is not there; npos: it is any text.
std::size_t after_escape(char escape, std::string_view line, std::size_t at) {
  switch (escape) {
    case 'm': return after_time(line, at, true);
    case 't':
    case 's': return after_time(line, at, false);
    case 'n': {
      const std::size_t dot = after_digits(line, at);
      if (dot == at || dot >= line.size() || line[dot] != '.') return 0;
      return after_digits(line, dot + 1);
    }
    case 'c': return after_session(line, at);
    case 'p':
    case 'l': {
      const std::size_t end = after_digits(line, at);
      return end == at ? 0 : end;
    }
    default: return std::string_view::npos;
  }
}

void note_field(char escape, std::string_view text, bool has_session_id, PrefixFields& fields) {
  if (escape == 'm' || escape == 't' || escape == 'n') fields.time = text;
  if (escape == 'c' || (escape == 'p' && !has_session_id)) fields.session = text;
  if (escape == 'v') fields.transaction = text;
}

/// What a line begins with, every part that is recognised by its looks replaced by its escape.
std::string setting_after(std::string_view line) {
  std::string setting;
  std::size_t at = 0;
  bool in_session = false;
  while (at < line.size() && severity_length(line, at) == 0) {
    const bool begins = at == 0 || std::isalnum(static_cast<unsigned char>(line[at - 1])) == 0;
    const auto take = [&](const char* escape, std::size_t end) {
      if (end == 0 || end == at) return false;
      setting += escape;
      at = end;
      return true;
    };
    if (begins &&
        (take("%m", after_time(line, at, true)) || take("%t", after_time(line, at, false)) ||
         take("%c", after_session(line, at)))) {
      continue;
    }
    const std::size_t digits = after_digits(line, at);
    const bool before_one = line.substr(digits).starts_with("-1");
    if (begins && digits > at && line.substr(digits).starts_with("/")) {
      take("%v", after_digits(line, digits + 1));
    } else if (begins && digits > at && !letter_at(line, digits)) {
      take(before_one || in_session ? "%l" : "%p", digits);
      in_session = true;
    } else if (at > 0 && line[at - 1] == '=') {
      std::size_t end = at;
      while (end < line.size() && std::string_view(" ,;:]").find(line[end]) == std::string::npos) {
        ++end;
      }
      if (!take("%a", end)) setting += line[at++];
    } else {
      if (line[at] == '%') setting += '%';
      setting += line[at++];
    }
  }
  return setting;
}

constexpr std::array kKnownPrefixes{
    "%m [%p] ",                                         // PostgreSQL
    "%m [%p] %q%u@%d ",                                 // Debian and Ubuntu
    "%t:%r:%u@%d:[%p]:",                                // Amazon RDS and Aurora
    "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",         // the longer one they allow
    "%m [%p]: [%l-1] db=%d,user=%u ",                   // Google Cloud SQL
    "%t-%c-",                                           // Azure
    "%h %m [%p] %q%u@%d ",                              // Supabase
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",  // pgBadger's advice
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d ",
    "%t [%p] ",
    "%t [%p] %q%u@%d ",
    "%t [%p-%l] %q%u@%d ",  // older Debian
};

std::size_t lines_matching(const LinePrefix& prefix, const std::vector<std::string_view>& lines) {
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(),
                    [&prefix](std::string_view line) { return prefix.match(line).has_value(); }));
}

}  // namespace

std::size_t severity_length(std::string_view line, std::size_t at) {
  constexpr std::array<std::string_view, 19> kSeverities{
      "LOG",    "DETAIL", "STATEMENT", "ERROR",  "HINT",    "CONTEXT", "WARNING",
      "NOTICE", "INFO",   "FATAL",     "PANIC",  "QUERY",   "DEBUG",   "DEBUG1",
      "DEBUG2", "DEBUG3", "DEBUG4",    "DEBUG5", "LOCATION"};
  const std::string_view rest = line.substr(std::min(at, line.size()));
  for (const std::string_view severity : kSeverities) {
    if (rest.starts_with(severity) && rest.substr(severity.size()).starts_with(":  ")) {
      return severity.size() + 3;
    }
  }
  return 0;
}

std::variant<LinePrefix, std::string> LinePrefix::of(const std::string& setting) {
  LinePrefix prefix;
  prefix.setting_ = setting;
  bool has_time = false;
  bool has_process = false;
  for (std::size_t i = 0; i < setting.size(); ++i) {
    if (setting[i] != '%' || i + 1 >= setting.size()) {
      if (prefix.parts_.empty() || prefix.parts_.back().escape != 0) prefix.parts_.push_back({});
      prefix.parts_.back().text += setting[i];
      continue;
    }
    Part part;
    ++i;
    if (setting[i] == '-') ++i;
    while (digit_at(setting, i)) part.padded = static_cast<bool>(++i);
    if (i >= setting.size()) break;
    part.escape = setting[i];
    if (part.escape == '%') part = Part{0, "%", false};
    has_time = has_time || part.escape == 'm' || part.escape == 't' || part.escape == 'n';
    prefix.whole_seconds_ = prefix.whole_seconds_ || part.escape == 't';
    has_process = has_process || part.escape == 'p';
    prefix.has_session_id_ = prefix.has_session_id_ || part.escape == 'c';
    prefix.parts_.push_back(std::move(part));
  }
  for (const Part& part : prefix.parts_) {
    if (part.escape == 'm' || part.escape == 'n') prefix.whole_seconds_ = false;
  }
  if (!has_time) return "it needs %m, %t, or %n for the time of each line";
  if (!has_process && !prefix.has_session_id_) {
    return "it needs %p or %c for the session of each line";
  }
  return prefix;
}

std::optional<PrefixFields> LinePrefix::match(std::string_view line) const {
  PrefixFields fields;
  if (!match_from(line, 0, 0, fields)) return std::nullopt;
  return fields;
}

bool LinePrefix::match_from(std::string_view line, std::size_t part, std::size_t at,
                            PrefixFields& fields) const {
  while (part < parts_.size() && parts_[part].escape == 0) {
    if (!line.substr(std::min(at, line.size())).starts_with(parts_[part].text)) return false;
    at += parts_[part].text.size();
    ++part;
  }
  if (part == parts_.size()) {
    fields.end = at;
    return severity_length(line, at) > 0;
  }
  const Part& here = parts_[part];
  if (here.escape == 'q') {
    // The server's own processes have nothing after it.
    if (match_from(line, part + 1, at, fields)) return true;
    fields.end = at;
    return severity_length(line, at) > 0;
  }
  if (here.padded) {
    while (at < line.size() && line[at] == ' ') ++at;
  }
  std::size_t end = after_escape(here.escape, line, at);
  if (end == std::string_view::npos) return match_text(line, part, at, fields);
  if (end == 0) return false;
  note_field(here.escape, line.substr(at, end - at), has_session_id_, fields);
  while (here.padded && end < line.size() && line[end] == ' ') ++end;
  return match_from(line, part + 1, end, fields);
}

bool LinePrefix::match_text(std::string_view line, std::size_t part, std::size_t at,
                            PrefixFields& fields) const {
  constexpr std::size_t kLongest = 300;
  for (std::size_t end = at; end <= line.size() && end - at <= kLongest; ++end) {
    if (!match_from(line, part + 1, end, fields)) continue;
    note_field(parts_[part].escape, line.substr(at, end - at), has_session_id_, fields);
    return true;
  }
  return false;
}

std::optional<LinePrefix> detected_prefix(const std::vector<std::string_view>& lines) {
  std::vector<std::string> candidates(kKnownPrefixes.begin(), kKnownPrefixes.end());
  constexpr std::size_t kLinesTried = 5;
  for (std::size_t i = 0; i < std::min(lines.size(), kLinesTried); ++i) {
    candidates.push_back(setting_after(lines[i]));
  }
  std::optional<LinePrefix> best;
  std::size_t most = lines.size() / 2;
  for (const std::string& candidate : candidates) {
    auto prefix = LinePrefix::of(candidate);
    if (!std::holds_alternative<LinePrefix>(prefix)) continue;
    const std::size_t count = lines_matching(std::get<LinePrefix>(prefix), lines);
    if (count <= most) continue;
    most = count;
    best = std::get<LinePrefix>(std::move(prefix));
  }
  return best;
}

}  // namespace poolgauge
