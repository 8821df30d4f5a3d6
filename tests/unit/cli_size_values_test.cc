// What people type after the flags of size.
#include <catch2/catch.hpp>

#include "base/quantities.h"

using namespace poolgauge;

TEST_CASE("Shares are percent or fractions") {
  CHECK(parse_fraction("25%", 1).value() == Approx(0.25));
  CHECK(parse_fraction("25 %", 1).value() == Approx(0.25));
  CHECK(parse_fraction("0.25", 1).value() == Approx(0.25));
  CHECK(parse_fraction("0", 1).value() == 0);
  for (const char* wrong : {"", "25", "-1%", "101%", "1e-1", "half", "25%%", "nan", "inf"}) {
    INFO(wrong);
    CHECK_FALSE(parse_fraction(wrong, 1).ok());
  }
}

TEST_CASE("Memory needs its unit, as in postgresql.conf") {
  CHECK(parse_memory_mib("512MB").value() == 512);
  CHECK(parse_memory_mib("512MiB").value() == 512);
  CHECK(parse_memory_mib("64kB").value() == Approx(0.0625));
  CHECK(parse_memory_mib("1.5GB").value() == 1536);
  CHECK(parse_memory_mib("2T").value() == 2.0 * 1024 * 1024);
  for (const char* wrong : {"", "16", "0MB", "-1GB", "16 gigs", "GB", "9999999TB", "16Gi b"}) {
    INFO(wrong);
    CHECK_FALSE(parse_memory_mib(wrong).ok());
  }
}

TEST_CASE("Rates, times and counts say what they expect") {
  CHECK(parse_rate("200").value() == 200);
  CHECK(parse_rate("0.5/s").value() == 0.5);
  CHECK_FALSE(parse_rate("0").ok());
  CHECK_FALSE(parse_rate("5/min").ok());
  CHECK(parse_positive_seconds("250ms").value() == Approx(0.25));
  CHECK_FALSE(parse_positive_seconds("0s").ok());
  CHECK(parse_positive_seconds("250").error().message ==
        "expected a time above 0 with its unit, such as 250ms, found \"250\"");
  CHECK(parse_positive_seconds("10ms", std::chrono::milliseconds(10)).value() == Approx(0.01));
  CHECK(parse_positive_seconds("9ms", std::chrono::milliseconds(10)).error().message ==
        "expected a time of at least 10ms, found \"9ms\"");
  CHECK(parse_memory_mib("64kB", 0.0625).value() == Approx(0.0625));
  CHECK(parse_memory_mib("63kB", 0.0625).error().message ==
        "expected a size of at least 64kB, found \"63kB\"");
  CHECK(parse_count("7", 1, 9).value() == 7);
  CHECK(parse_count("10", 1, 9).error().message ==
        "expected a whole number from 1 to 9, found \"10\"");
  CHECK_FALSE(parse_count("7.0", 1, 9).ok());
  CHECK_FALSE(parse_count("99999999999999999999", 1, 9).ok());
  CHECK_FALSE(parse_number("2x", 1, 9).ok());
}
