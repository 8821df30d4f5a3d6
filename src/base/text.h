// Durations, numbers and names as people write and read them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/result.h"
#include "poolgauge/time.h"

namespace poolgauge {

/// "250ms", "1.5s", "10us", "500ns", "2m" or "2min", "1h", "7d"; a sign or a missing unit is an
/// error whose message says what was expected, not what was found. "0" alone is zero.
Result<Duration> parse_duration(std::string_view text);

/// Exact, in the largest fitting unit (minutes and longer only if whole): "250ms", "1.5s", "90s",
/// "1h"; parse_duration reads it back.
std::string format_duration(Duration d);

/// Three significant digits in the unit that makes it readable: "1.71 s", "4.10 ms", "850 µs", "0".
std::string human_duration(Duration d);
/// The same with a fixed unit ("s", "ms" or "µs"), for a column of figures: at most three decimals,
/// "0 s" for zero, "<0.001 s" for what would look like it.
std::string human_duration_in(Duration d, std::string_view unit);
/// The unit human_duration would choose.
std::string_view duration_unit(Duration d);

/// "5 s", "0.1 s": as a person would type it.
std::string seconds_text(double s);
/// 1342 -> "1,342".
std::string with_thousands(std::uint64_t n);
/// Three significant digits, never scientific, thousands separated: 0.0123, 67.1, 1,340.
std::string significant(double value, int digits = 3);
/// A fraction as percent, no zeros at the end: 0.1234 -> "12.3 %", 0 -> "0 %", 1 -> "100 %", tiny
/// values "<0.01 %", almost all ">99.9 %".
std::string percent(double fraction);

/// "1 process", "2 processes", "1,234 slots".
std::string counted(std::int64_t count, std::string_view singular,
                    std::string_view plural_end = "s");

/// A name as SQL takes it, always in double quotes; those inside are doubled.
std::string quoted_identifier(std::string_view name);

/// The known name nearest to `found` by edit distance (transpositions count one), if near enough to
/// be a likely slip (at most 1/3 of the length, at least 1); '-' and '_' are the same letter.
std::optional<std::string> nearest_name(std::string_view found, std::span<const std::string> known);

/// How many terminal cells a UTF-8 text takes (combining and wide characters ignored: one each).
std::size_t display_width(std::string_view utf8);

}  // namespace poolgauge
