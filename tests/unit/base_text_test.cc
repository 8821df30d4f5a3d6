// Durations, numbers and names: what people write is read exactly, what reports show is readable.
#include "base/text.h"

#include <catch2/catch.hpp>
#include <limits>

using namespace poolgauge;
using namespace std::chrono_literals;

namespace {

std::string refusal_of(std::string_view text) {
  const Result<Duration> parsed = parse_duration(text);
  if (parsed.ok()) return "(accepted)";
  CHECK(parsed.error().kind == ErrorKind::usage);
  return parsed.error().message;
}

}  // namespace

TEST_CASE("durations are read in every unit, exactly") {
  const std::pair<std::string_view, Duration> cases[] = {
      {"0", 0ns},
      {"0s", 0ns},
      {"500ns", 500ns},
      {"10us", 10us},
      {"10µs", 10us},
      {"250ms", 250ms},
      {"1.5s", 1500ms},
      {"2m", 120s},
      {"2min", 120s},
      {"1h", 1h},
      {"7d", 168h},
      {"0.1s", 100ms},
      {"1.000000001s", 1'000'000'001ns},
      {"1.50000000000000000s", 1500ms},
      {"1.5m", 90s},
      {"0.5d", 12h},
      {"250 ms", 250ms},
      {"007s", 7s},
      {"106751d", 24h * 106751},
      {"9223372036854775807ns", Duration::max()},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    const Result<Duration> parsed = parse_duration(text);
    REQUIRE(parsed.ok());
    CHECK(parsed.value() == expected);
  }
}

TEST_CASE("a duration that cannot be read says what was expected") {
  const std::string shape = "expected a duration such as \"250ms\" or \"1.5s\"";
  const std::string unit = "expected a unit after the number: ns, us, ms, s, m, h, or d";
  const std::string sign = "expected a duration without + or -";
  const std::string whole = "expected a whole number of nanoseconds";
  const std::string shorter = "expected a duration of at most 106751d (292 years)";
  const std::pair<std::string_view, std::string> cases[] = {
      {"", shape},
      {"abc", shape},
      {" 5s", shape},
      {"ms", shape},
      {".5s", shape},
      {"1.s", shape},
      {"5", unit},
      {"5.5", unit},
      {"00", unit},
      {"5S", unit},
      {"5  s", unit},
      {"5s ", unit},
      {"5sec", unit},
      {"1e3ms", unit},
      {"1,5s", unit},
      {"1.2.3s", unit},
      {"5\xC2s", unit},
      {"-5ms", sign},
      {"+5ms", sign},
      {"-0s", sign},
      {"1.5ns", whole},
      {"0.0001us", whole},
      {"1.0000000001s", whole},
      {"106752d", shorter},
      {"9223372036854775808ns", shorter},
      {"9223372036.854775808s", shorter},
      {"99999999999999999999999999999999ns", shorter},
      {"18446744073709551617ns", shorter},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK(refusal_of(text) == expected);
  }
}

TEST_CASE("durations are written short and exact") {
  const std::pair<Duration, std::string> cases[] = {
      {0ns, "0s"},          {1ns, "1ns"},
      {999ns, "999ns"},     {1us, "1us"},
      {1500ns, "1.5us"},    {250ms, "250ms"},
      {1500ms, "1.5s"},     {1'234'567ns, "1.234567ms"},
      {61'500ms, "61.5s"},  {60s, "1m"},
      {90s, "90s"},         {30min, "30m"},
      {90min, "90m"},       {1h, "1h"},
      {36h, "36h"},         {48h, "2d"},
      {-250ms, "-250ms"},   {1'000'000'001ns, "1.000000001s"},
      {1s + 20ms, "1.02s"}, {Duration::max(), "9223372036.854775807s"},
  };
  for (const auto& [duration, expected] : cases) CHECK(format_duration(duration) == expected);
  CHECK(format_duration(Duration{std::numeric_limits<std::int64_t>::min()}) ==
        "-9223372036.854775808s");
}

TEST_CASE("what format_duration writes, parse_duration reads back") {
  std::uint64_t state = 42;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const auto shift = static_cast<unsigned>(state >> 58);
    std::uint64_t ns = (state >> 1) >> (shift % 63U);
    if (i % 3 == 0) ns -= ns % 1'000'000;  // whole milliseconds are what people write
    if (i % 7 == 0) ns -= ns % 60'000'000'000;
    const Duration d{static_cast<std::int64_t>(ns)};
    const Result<Duration> parsed = parse_duration(format_duration(d));
    INFO(format_duration(d));
    REQUIRE(parsed.ok());
    REQUIRE(parsed.value() == d);
  }
}

TEST_CASE("durations for people have three digits and the unit that fits") {
  const std::pair<Duration, std::string> cases[] = {
      {0ns, "0"},
      {1ns, "0.001 µs"},
      {850ns, "0.850 µs"},
      {1us, "1.00 µs"},
      {850us, "850 µs"},
      {999'499ns, "999 µs"},
      {999'500ns, "1.00 ms"},
      {4100us, "4.10 ms"},
      {12'345us, "12.3 ms"},
      {999'499'999ns, "999 ms"},
      {999'500us, "1.00 s"},
      {1710ms, "1.71 s"},
      {71'900ms, "71.9 s"},
      {1342s, "1,340 s"},
      {-1710ms, "-1.71 s"},
  };
  for (const auto& [duration, expected] : cases) {
    CHECK(human_duration(duration) == expected);
    const auto unit = std::string{duration_unit(duration)};
    if (duration != 0ns) CHECK(expected.substr(expected.find(' ') + 1) == unit);
  }
}

TEST_CASE("durations in a given unit keep to three decimals") {
  CHECK(human_duration_in(150ms, "s") == "0.150 s");
  CHECK(human_duration_in(1710ms, "s") == "1.71 s");
  CHECK(human_duration_in(1100us, "s") == "0.001 s");
  CHECK(human_duration_in(400us, "s") == "<0.001 s");
  CHECK(human_duration_in(0ns, "ms") == "0 ms");
  CHECK(human_duration_in(1710ms, "ms") == "1,710 ms");
  CHECK(human_duration_in(40us, "ms") == "0.040 ms");
  CHECK(human_duration_in(3ms, "µs") == "3,000 µs");
}

TEST_CASE("numbers are separated by thousands") {
  CHECK(with_thousands(0) == "0");
  CHECK(with_thousands(999) == "999");
  CHECK(with_thousands(1342) == "1,342");
  CHECK(with_thousands(100'000) == "100,000");
  CHECK(with_thousands(1'000'000) == "1,000,000");
  CHECK(with_thousands(std::numeric_limits<std::uint64_t>::max()) == "18,446,744,073,709,551,615");
}

TEST_CASE("significant digits, never scientific") {
  const std::pair<double, std::string> cases[] = {
      {0.0, "0"},
      {0.0123, "0.0123"},
      {0.01234, "0.0123"},
      {67.1, "67.1"},
      {67.0, "67.0"},
      {1.0, "1.00"},
      {1342.0, "1,340"},
      {999.6, "1,000"},
      {9.996, "10.0"},
      {0.09996, "0.100"},
      {1e-9, "0.00000000100"},
      {1.5e12, "1,500,000,000,000"},
      {-67.12, "-67.1"},
      {100.0, "100"},
      {std::numeric_limits<double>::infinity(), "n/a"},
      {std::numeric_limits<double>::quiet_NaN(), "n/a"},
  };
  for (const auto& [value, expected] : cases) CHECK(significant(value) == expected);
  CHECK(significant(1342.0, 4) == "1,342");
  CHECK(significant(1342.5, 6) == "1,342.50");
  CHECK(significant(0.0567, 1) == "0.06");
  CHECK(significant(5.0, 1) == "5");
}

TEST_CASE("fractions as percent neither hide a little nor claim all") {
  const std::pair<double, std::string> cases[] = {
      {0.0, "0 %"},
      {0.1234, "12.3 %"},
      {0.88, "88 %"},
      {0.05, "5 %"},
      {0.001, "0.1 %"},
      {0.0004, "0.04 %"},
      {0.00009, "<0.01 %"},
      {0.0001, "0.01 %"},
      {1e-12, "<0.01 %"},
      {1.0, "100 %"},
      {0.9994, "99.9 %"},
      {0.9999, ">99.9 %"},
      {1.5, "150 %"},
      {-0.02, "-2 %"},
      {0.01, "1 %"},
      {0.1, "10 %"},
      {0.009999, "1 %"},
      {13.42, "1,340 %"},
      {std::numeric_limits<double>::quiet_NaN(), "n/a"},
  };
  for (const auto& [value, expected] : cases) CHECK(percent(value) == expected);
}

TEST_CASE("a slip of the pen finds the name that was meant") {
  const std::vector<std::string> options{"pool_size", "max_overflow", "timeout",
                                         "recycle",   "pre_ping",     "use_lifo"};
  const std::pair<std::string_view, std::string> cases[] = {
      {"max_overfow", "max_overflow"}, {"max-overflow", "max_overflow"},
      {"MaxOverflow", "max_overflow"}, {"poolsize", "pool_size"},
      {"pool_szie", "pool_size"},      {"timeuot", "timeout"},
      {"recyle", "recycle"},           {"preping", "pre_ping"},
      {"timeout", "timeout"},
  };
  for (const auto& [found, meant] : cases) {
    INFO(found);
    const std::optional<std::string> nearest = nearest_name(found, options);
    REQUIRE(nearest.has_value());
    CHECK(*nearest == meant);
  }
}

TEST_CASE("far names are not guessed") {
  const std::vector<std::string> options{"pool_size", "max_overflow", "timeout", "x"};
  for (const std::string_view found : {"", "y", "banana", "size", "overflow_maximum", "time"}) {
    INFO(found);
    CHECK_FALSE(nearest_name(found, options).has_value());
  }
  CHECK_FALSE(nearest_name("timeout", {}).has_value());
  CHECK_FALSE(nearest_name(std::string(5000, 'a'), options).has_value());
}

TEST_CASE("a transposition is one slip, and the nearest of several wins") {
  const std::vector<std::string> names{"abd", "acb"};
  CHECK(nearest_name("abc", names) == "abd");  // one each: the first listed
  const std::vector<std::string> swapped{"sohuld_be", "should_bee"};
  CHECK(nearest_name("should_be", swapped) == "sohuld_be");
  const std::vector<std::string> exact{"users", "user"};
  CHECK(nearest_name("user", exact) == "user");
  const std::vector<std::string> short_name{"ab"};
  CHECK(nearest_name("ba", short_name) == "ab");  // two edits would be too far for two letters
}

TEST_CASE("the width of a text counts characters, not bytes") {
  CHECK(display_width("") == 0);
  CHECK(display_width("latency") == 7);
  CHECK(display_width("850 µs") == 6);
  CHECK(display_width("├ pool ▌") == 8);
}
