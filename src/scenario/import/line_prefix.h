// log_line_prefix: the start of each message of a server's text log.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace poolgauge {

/// What a prefix says of its line.
struct PrefixFields {
  std::string_view time;         ///< as parse_log_time() reads it, or seconds since 1970 (%n)
  std::string_view session;      ///< %c, else %p
  std::string_view transaction;  ///< %v
  std::size_t end = 0;           ///< where the severity begins
};

class LinePrefix {
 public:
  /// The error says what the prefix lacks: times and sessions cannot be told without it.
  static std::variant<LinePrefix, std::string> of(const std::string& setting);

  /// nullopt: the line does not begin so, or no severity such as "LOG:  " follows.
  std::optional<PrefixFields> match(std::string_view line) const;
  bool whole_seconds() const { return whole_seconds_; }
  const std::string& setting() const { return setting_; }

 private:
  struct Part {
    char escape = 0;  ///< as in %m; 0: `text` as it stands
    std::string text = {};
    bool padded = false;
  };
  bool match_from(std::string_view line, std::size_t part, std::size_t at,
                  PrefixFields& fields) const;
  bool match_text(std::string_view line, std::size_t part, std::size_t at,
                  PrefixFields& fields) const;
  std::string setting_;
  std::vector<Part> parts_;
  bool whole_seconds_ = false;
  bool has_session_id_ = false;
};

/// The length of "LOG:  " and the like at `at`; 0: none is there.
std::size_t severity_length(std::string_view line, std::size_t at);

/// The prefix that most of the lines have: one of those that distributions and services set, or one
/// made after the first line. nullopt: none fits half of them.
std::optional<LinePrefix> detected_prefix(const std::vector<std::string_view>& lines);

}  // namespace poolgauge
