// Telling one request's story in a line.
#include "report/sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "report/words.h"

namespace poolgauge {
namespace {

/// A kind of span, its letter, and how people call it.
struct Kind {
  std::string_view name;
  char letter;
  std::string_view words;
};
constexpr std::array kKinds{Kind{"pool_wait", 'w', "pool wait"}, Kind{"connect", 'c', "connect"},
                            Kind{"begin", 's', "begin"},         Kind{"sql", 's', "SQL"},
                            Kind{"hold", 'h', "hold"},           Kind{"pause", 'p', "pause"},
                            Kind{"commit", 's', "commit"},       Kind{"reset", 'r', "reset"},
                            Kind{"backoff", 'b', "backoff"}};

const Kind* kind_of(const SampleSpan& span) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                  [&](const Kind& kind) { return kind.name == span.kind; });
  return found == kKinds.end() ? nullptr : &*found;
}

/// "hold (model)", "pool wait".
std::string label_of(const SampleSpan& span) {
  const Kind* kind = kind_of(span);
  if (kind == nullptr) return span.kind;
  const bool step = kind->name == "sql" || kind->name == "hold" || kind->name == "pause";
  return step ? fmt::format("{} ({})", kind->words, span.name) : std::string(kind->words);
}

/// The letter of what took most of the time between the two; a dot where nothing took half of it.
char letter_of(const ExampleRequest& example, double from, double to) {
  std::array<double, 128> time{};
  for (const SampleSpan& span : example.spans) {
    const Kind* kind = kind_of(span);
    const double shared =
        std::min(to, span.start_ms + span.duration_ms) - std::max(from, span.start_ms);
    if (kind == nullptr || shared <= 0) continue;
    time[static_cast<unsigned char>(kind->letter)] += shared;
  }
  const auto most = std::max_element(time.begin(), time.end());
  return *most * 2 < to - from ? '.' : static_cast<char>(most - time.begin());
}

}  // namespace

std::string example_title(const ExampleRequest& example) {
  const std::string when = example.started_s < 0
                               ? human_duration(from_s(-example.started_s)) + " before the window"
                               : fmt::format("at {}", human_duration(from_s(example.started_s)));
  std::string title =
      fmt::format("{}: {}, user {}: took {}, started {}", example.why, example.request,
                  example.user, time_text(example.latency_ms), when);
  if (example.outcome != "completed") title += fmt::format(", failed with {}", example.outcome);
  return title;
}

std::string time_bar(const ExampleRequest& example, std::size_t cells) {
  std::string bar;
  const double cell = example.latency_ms / static_cast<double>(std::max<std::size_t>(cells, 1));
  for (std::size_t i = 0; i < cells; ++i) {
    const double from = cell * static_cast<double>(i);
    bar += letter_of(example, from, from + cell);
  }
  return bar;
}

std::string_view time_bar_legend() {
  return "w waiting for a connection · c connecting · s SQL with begin and commit · h hold · p "
         "pause · r reset on release · b backoff before a retry · . none of these";
}

std::vector<std::string> example_parts(const ExampleRequest& example) {
  std::vector<std::pair<std::string, double>> sums;
  for (const SampleSpan& span : example.spans) {
    const std::string label = label_of(span);
    const auto same =
        std::find_if(sums.begin(), sums.end(), [&](const auto& sum) { return sum.first == label; });
    if (same == sums.end()) {
      sums.emplace_back(label, span.duration_ms);
    } else {
      same->second += span.duration_ms;
    }
  }
  std::stable_sort(sums.begin(), sums.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  for (const auto& [label, ms] : sums) parts.push_back(label + " " + time_text(ms));
  if (example.spans_left_out > 0) {
    parts.push_back(fmt::format("{} more spans not recorded", example.spans_left_out));
  }
  return parts;
}

}  // namespace poolgauge
