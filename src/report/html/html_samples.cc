// Single requests, drawn as what they did one after the other.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "base/visible_text.h"
#include "report/html/html_parts.h"
#include "report/html/picture.h"
#include "report/markup.h"
#include "report/sentences.h"
#include "report/words.h"

namespace poolgauge {
namespace {

/// Of each sort; the JSON report holds all.
constexpr std::size_t kMostRows = 10;
constexpr double kRowHeight = 56, kBarTop = 32, kBarHeight = 15;

/// A part of a request: how it is named here and drawn.
struct SamplePart {
  const char* kind;
  const char* colour;
  const char* words;
};
constexpr std::array kParts = {SamplePart{"pool_wait", "wait", "pool wait"},
                               SamplePart{"connect", "connect", "connect"},
                               SamplePart{"begin", "commit", "begin, commit, reset"},
                               SamplePart{"sql", "sql", "SQL"},
                               SamplePart{"hold", "hold", "hold"},
                               SamplePart{"pause", "pause", "pause"},
                               SamplePart{"commit", "commit", "begin, commit, reset"},
                               SamplePart{"reset", "commit", "begin, commit, reset"},
                               SamplePart{"backoff", "other", "backoff before a retry"}};

SamplePart part_of(const std::string& kind) {
  for (const SamplePart& part : kParts) {
    if (kind == part.kind) return part;
  }
  return {"", "other", "other"};
}

std::string span_words(const SampleSpan& span) {
  const SamplePart part = part_of(span.kind);
  const std::string name = span.kind == "sql" || span.kind == "hold" || span.kind == "pause"
                               ? fmt::format("{} ({})", part.words, span.name)
                               : std::string(span.kind == "pool_wait" ? "pool wait" : span.kind);
  return fmt::format("{}: {} from {}", name, time_text(span.duration_ms), time_text(span.start_ms));
}

/// Who, when and how long; which sort it is, the heading says.
std::string row_words(const ExampleRequest& sample) {
  const std::string title = example_title(sample);
  return title.starts_with(sample.why + ": ") ? title.substr(sample.why.size() + 2) : title;
}

/// The same as two captions that fit a phone, one above the other.
std::pair<std::string, std::string> captions_of(const ExampleRequest& sample) {
  constexpr std::size_t kMostName = 26;
  std::string first = shortened(sample.request, kMostName);
  if (sample.request.size() > kMostName) first.erase(first.rfind(" ("));  // not how long it was
  first += " · " + time_text(sample.latency_ms);
  std::string second = fmt::format("user {} · ", sample.user);
  second += sample.started_s < 0 ? human_duration(from_s(-sample.started_s)) + " before the window"
                                 : "started at " + human_duration(from_s(sample.started_s));
  if (sample.outcome != "completed") first += " · " + sample.outcome;
  return {std::move(first), std::move(second)};
}

/// What stands in a bar: a step's own name, else what it was; of which pool, where there are more.
std::string bar_words(const SampleSpan& span, bool several_pools) {
  if (span.kind == "sql" || span.kind == "hold" || span.kind == "pause") return span.name;
  const std::string what = span.kind == "pool_wait" ? "pool wait" : span.kind;
  return several_pools && !span.name.empty() ? what + " (" + span.name + ")" : what;
}

using Group = std::vector<const ExampleRequest*>;

std::string chart(const Group& group, const std::string& why, const std::string& sentence,
                  bool several_pools) {
  double longest = 0;
  for (const ExampleRequest* sample : group) longest = std::max(longest, sample->latency_ms);
  Picture picture("chart-" + why, "Sample requests: " + why, sentence,
                  kRowHeight * static_cast<double>(group.size()));
  picture.keep_within();
  picture.x_axis(time_axis(longest), true);
  for (std::size_t i = 0; i < group.size(); ++i) {
    const double top = kRowHeight * static_cast<double>(i);
    const auto [first, second] = captions_of(*group[i]);
    picture.text(0, top + 12, "row", first);
    picture.text(0, top + 26, "row soft", second);
    for (const SampleSpan& span : group[i]->spans) {
      picture.bar(std::max(span.start_ms, 0.0), span.start_ms + span.duration_ms, top + kBarTop,
                  kBarHeight, part_of(span.kind).colour, span_words(span),
                  bar_words(span, several_pools));
    }
  }
  return picture.svg();
}

std::string key_of(const std::vector<ExampleRequest>& samples) {
  std::set<std::string> kinds;
  for (const ExampleRequest& sample : samples) {
    for (const SampleSpan& span : sample.spans) kinds.insert(part_of(span.kind).colour);
  }
  std::string out = "<ul class=\"key\">";
  for (const SamplePart& part : kParts) {
    if (kinds.erase(part.colour) == 0) continue;
    out += fmt::format("<li><i class=\"{}\"></i>{}</li>", part.colour, part.words);
  }
  return out + "</ul>\n";
}

std::string table_of(const Group& group, const std::string& why) {
  HtmlTable table("Sample requests: " + why, {"request", "part", "name", "from", "duration"},
                  "www");
  for (const ExampleRequest* sample : group) {
    for (const SampleSpan& span : sample->spans) {
      table.row({row_words(*sample), span.kind, span.name, time_text(span.start_ms),
                 time_text(span.duration_ms)});
    }
  }
  return table.str();
}

}  // namespace

std::string html_samples(const Report& report) {
  if (report.samples.empty()) return "";
  const std::array<std::tuple<const char*, const char*, const char*>, 3> groups = {
      {{"slowest", "The slowest", "The completed requests that took longest."},
       {"typical", "Typical ones",
        "Completed requests sampled at regular intervals, regardless of how long they took."},
       {"failed", "Failed ones", "Requests that failed, the longest first."}}};
  std::string inside = html_paragraph(
      "Times are relative to each request's intended start. A gap is time spent in the application "
      "or the load generator.",
      "says");
  inside += key_of(report.samples);
  for (const auto& [why, heading, sentence] : groups) {
    Group group;
    for (const ExampleRequest& sample : report.samples) {
      if (sample.why == why && group.size() < kMostRows) group.push_back(&sample);
    }
    if (group.empty()) continue;
    inside += fmt::format("<figure>\n<figcaption>{}</figcaption>\n", heading);
    inside += html_paragraph(sentence, "says");
    inside += "<div class=\"plot rows\">" + chart(group, why, sentence, report.pools.size() > 1) +
              "</div>\n";
    inside += html_folded("As a table", table_of(group, why)) + "</figure>\n";
  }
  return html_section("samples", "Single requests", inside);
}

}  // namespace poolgauge
