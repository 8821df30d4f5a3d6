// log_destination = stderr: a prefix, a severity and a message; more lines of it begin with a tab.
#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

#include <fmt/format.h>

#include "scenario/import/line_prefix.h"
#include "scenario/import/server_log.h"

namespace poolgauge {

namespace {

constexpr std::size_t kLinesLookedAt = 200;

std::vector<std::string_view> first_lines(std::string_view log) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < log.size() && lines.size() < kLinesLookedAt;) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    const std::string_view line = log.substr(at, end - at);
    at = end + 1;
    if (!line.empty() && line.front() != '\t' && line.find(":  ") != std::string_view::npos) {
      lines.push_back(line);
    }
  }
  return lines;
}

class TextLogReader {
 public:
  TextLogReader(std::string_view log, const LinePrefix& prefix) : log_(log), prefix_(prefix) {}

  ServerLog run() {
    for (std::size_t at = 0; at < log_.size();) {
      ++line_;
      const std::size_t end = std::min(log_.find('\n', at), log_.size());
      std::string_view line = log_.substr(at, end - at);
      at = end + 1;
      if (line.ends_with('\r')) line.remove_suffix(1);
      take(line, end == log_.size());
    }
    result_.whole_seconds = prefix_.whole_seconds();
    result_.prefix = prefix_.setting();
    if (result_.whole_seconds) spread();
    return std::move(result_);
  }

 private:
  static constexpr std::size_t kNone = SIZE_MAX;

  /// A last line without its end may be cut off, and nothing in it says so.
  void take(std::string_view line, bool is_cut_off) {
    const auto fields = prefix_.match(line);
    if (!fields) return go_on(line, is_cut_off);
    const auto time = time_of(fields->time);
    if (!time || is_cut_off) {
      last_ = kNone;
      return unread();
    }
    const std::size_t length = severity_length(line, fields->end);
    std::string severity(line.substr(fields->end, length - 3));
    std::string message(line.substr(fields->end + length));
    const std::string session(fields->session);
    const auto owner = entry_of_.find(session);
    if (severity == "DETAIL" && owner != entry_of_.end()) {
      last_ = owner->second;
      is_detail_ = true;
      result_.entries[last_].detail = std::move(message);
      return;
    }
    last_ = kNone;
    // What belongs to another entry, and is no statement that ran.
    constexpr std::array<std::string_view, 6> kParts{"DETAIL",  "STATEMENT", "HINT",
                                                     "CONTEXT", "QUERY",     "LOCATION"};
    if (std::find(kParts.begin(), kParts.end(), severity) != kParts.end()) return;
    LogEntry entry;
    entry.line = line_;
    entry.time_s = *time;
    entry.session = session;
    entry.transaction = std::string(fields->transaction);
    entry.severity = std::move(severity);
    entry.message = std::move(message);
    last_ = result_.entries.size();
    is_detail_ = false;
    entry_of_[session] = last_;
    result_.entries.push_back(std::move(entry));
  }

  void go_on(std::string_view line, bool is_cut_off) {
    if (!line.starts_with('\t')) {
      // Another program's line, or the rest of an entry that the file does not have whole.
      if (line.empty() || last_ != kNone) return;
      if (result_.entries.empty()) unread();
      return;
    }
    if (last_ == kNone) return;
    LogEntry& entry = result_.entries[last_];
    if (is_cut_off) {
      entry.message.clear();
      return unread();
    }
    (is_detail_ ? entry.detail : entry.message).append("\n").append(line.substr(1));
  }

  void unread() {
    if (result_.unread++ == 0) result_.first_unread = line_;
  }

  static std::optional<double> time_of(std::string_view text) {
    if (const auto time = parse_log_time(text)) return time;
    double seconds = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return whole ? std::optional(seconds) : std::nullopt;
  }

  /// Entries of the same second, evenly over it in the order in which they stand.
  void spread() {
    auto& entries = result_.entries;
    for (std::size_t begin = 0; begin < entries.size();) {
      std::size_t end = begin;
      while (end < entries.size() && entries[end].time_s == entries[begin].time_s) ++end;
      for (std::size_t i = begin; i < end; ++i) {
        entries[i].time_s += static_cast<double>(i - begin) / static_cast<double>(end - begin);
      }
      begin = end;
    }
  }

  std::string_view log_;
  const LinePrefix& prefix_;
  ServerLog result_;
  std::unordered_map<std::string, std::size_t> entry_of_;  // by session: the last one
  std::size_t line_ = 0;
  std::size_t last_ = kNone;  // the entry that more lines belong to
  bool is_detail_ = false;
};

}  // namespace

std::variant<ServerLog, LogProblem> read_text_log(std::string_view log, const std::string& prefix) {
  const std::vector<std::string_view> lines = first_lines(log);
  std::optional<LinePrefix> used;
  if (prefix.empty()) {
    used = detected_prefix(lines);
    if (!used) {
      return LogProblem{
          1,
          "cannot detect log_line_prefix; set it with --log-line-prefix (SHOW log_line_prefix "
          "shows it); it needs a time (%m) and a process (%p) or session (%c)"};
    }
  } else {
    auto given = LinePrefix::of(prefix);
    if (const auto* lacks = std::get_if<std::string>(&given)) {
      return LogProblem{1, fmt::format("--log-line-prefix \"{}\": {}", prefix, *lacks)};
    }
    used = std::get<LinePrefix>(std::move(given));
  }
  ServerLog result = TextLogReader(log, *used).run();
  if (result.entries.empty()) {
    return LogProblem{1,
                      fmt::format("no line starts with log_line_prefix \"{}\"", used->setting())};
  }
  return result;
}

}  // namespace poolgauge
