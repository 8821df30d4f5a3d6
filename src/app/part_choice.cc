// Reading --part and --start-at.
#include "app/part_choice.h"

#include <array>
#include <charconv>
#include <ctime>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace poolgauge::app {

namespace {

constexpr std::uint32_t kMostParts = 1000;

/// What starts processes on many machines, and how it tells them who they are.
struct Launcher {
  const char* index;  ///< a variable, from 0
  const char* count;
};
constexpr std::array kLaunchers{
    Launcher{"JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"},
    Launcher{"SLURM_PROCID", "SLURM_NTASKS"},
    Launcher{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
    Launcher{"PMI_RANK", "PMI_SIZE"},
};

std::optional<std::uint32_t> whole(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

Error not_a_part(const std::string& found) {
  return usage_error(fmt::format("expected K/N such as 2/4, auto, or auto/N, found \"{}\"", found));
}

Result<RunPart> checked(std::uint32_t number, std::uint32_t count, const std::string& found) {
  if (count < 1 || count > kMostParts) {
    return usage_error(fmt::format("expected 1 to {} parts, found \"{}\"", kMostParts, found));
  }
  if (number < 1 || number > count) {
    return usage_error(
        fmt::format("expected a part from 1/{0} to {0}/{0}, found \"{1}\"", count, found));
  }
  return RunPart{number - 1, count};
}

Result<RunPart> from_launcher(std::optional<std::uint32_t> stated, const Environment& environment) {
  for (const Launcher& launcher : kLaunchers) {
    const std::optional<std::string> index = environment(launcher.index);
    if (!index) continue;
    const std::optional<std::string> count = environment(launcher.count);
    if (!count && !stated) {
      return usage_error(fmt::format("{0} is set, but {1} is not: set it, or use auto/N",
                                     launcher.index, launcher.count));
    }
    const std::string found =
        fmt::format("{}={}{}", launcher.index, *index,
                    stated ? "" : fmt::format(", {}={}", launcher.count, *count));
    const auto at = whole(*index);
    const auto of = stated ? stated : whole(*count);
    if (!at || !of || *at >= kMostParts) {
      return usage_error("expected whole numbers from 0, found " + found);
    }
    return checked(*at + 1, *of, found);
  }
  return usage_error(
      "auto found none of JOB_COMPLETION_INDEX, SLURM_PROCID, OMPI_COMM_WORLD_RANK, and PMI_RANK "
      "in the environment: use K/N such as 2/4");
}

/// Digits of a fixed number at a place of a text.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  const auto value = whole(text.substr(at, count));
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

/// ".25" in microseconds; nothing for anything else.
std::optional<std::int64_t> fraction_us(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] != '.' || text.size() < 2 || text.size() > 7) return std::nullopt;
  auto value = whole(text.substr(1));
  if (!value) return std::nullopt;
  std::int64_t us = *value;
  for (std::size_t i = text.size(); i < 7; ++i) us *= 10;
  return us;
}

}  // namespace

Result<RunPart> chosen_part(const std::string& text, const Environment& environment) {
  if (text == "auto") return from_launcher(std::nullopt, environment);
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return not_a_part(text);
  const std::string first = text.substr(0, slash);
  const auto count = whole(std::string_view(text).substr(slash + 1));
  if (!count) return not_a_part(text);
  if (first == "auto") return from_launcher(count, environment);
  const auto number = whole(first);
  if (!number) return not_a_part(text);
  return checked(*number, *count, text);
}

Result<std::int64_t> start_time(const std::string& text) {
  const Error wrong = usage_error(
      fmt::format("expected a time in UTC such as 2026-01-31T12:00:00Z, found \"{}\"", text));
  if (text.size() < 20 || text.back() != 'Z') return wrong;
  const std::array places{digits(text, 0, 4),  digits(text, 5, 2),  digits(text, 8, 2),
                          digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)};
  for (const auto& place : places) {
    if (!place) return wrong;
  }
  const bool shaped =
      text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' && text[16] == ':';
  const auto us = fraction_us(std::string_view(text).substr(19, text.size() - 20));
  std::tm parts{};
  parts.tm_year = *places[0] - 1900;
  parts.tm_mon = *places[1] - 1;
  parts.tm_mday = *places[2];
  parts.tm_hour = *places[3];
  parts.tm_min = *places[4];
  parts.tm_sec = *places[5];
  const std::tm asked = parts;
  const std::time_t s = timegm(&parts);  // and what is no date becomes one
  const bool is_date = parts.tm_mday == asked.tm_mday && parts.tm_mon == asked.tm_mon &&
                       parts.tm_hour == asked.tm_hour && parts.tm_min == asked.tm_min &&
                       parts.tm_sec == asked.tm_sec;
  if (!shaped || !us || !is_date || s < 0) return wrong;
  return static_cast<std::int64_t>(s) * 1'000'000 + *us;
}

std::string start_text(std::int64_t us) {
  const std::string second = iso_time(static_cast<std::time_t>(us / 1'000'000));
  return fmt::format("{}.{:06}Z", second.substr(0, second.size() - 1), us % 1'000'000);
}

Status check_parts(const Scenario& scenario, RunPart part) {
  const std::uint32_t fleet = scenario.deployment.fleet();
  if (fleet < part.count) {
    return usage_error(
        fmt::format("{} parts need at least {} processes, but the deployment has {}: a process and "
                    "its pools run on one machine",
                    part.count, part.count, fleet),
        fmt::format("use at most {} part{}, or describe the real fleet with --instances and "
                    "--processes",
                    fleet, fleet == 1 ? "" : "s"));
  }
  if (scenario.warmup_auto) {
    return usage_error(
        "the parts of a run need a fixed warm-up, because each would find its own end of an "
        "automatic one",
        "use --warmup with a time, such as --warmup 10s");
  }
  return success();
}

}  // namespace poolgauge::app
