// `observe` on the terminal: the answer, why, what follows for the server, and how far it goes.
#include <fmt/format.h>

#include "observe/observe.h"
#include "poolgauge/pool_traits.h"
#include "report/observe_words.h"
#include "report/terminal/parts.h"
#include "report/terminal/screen.h"

namespace poolgauge {
namespace {

constexpr std::size_t kObserveLabel = 10;
constexpr std::size_t kMostGroups = 10;  // groups

Tone tone_of(ObserveTone tone) {
  switch (tone) {
    case ObserveTone::good: return Tone::good;
    case ObserveTone::doubtful: return Tone::doubtful;
    case ObserveTone::bad: return Tone::bad;
  }
  return Tone::plain;
}

const char* sign_of(ObserveTone tone) {
  switch (tone) {
    case ObserveTone::good: return "✓";
    case ObserveTone::doubtful: return "!";
    case ObserveTone::bad: return "✗";
  }
  return "!";
}

/// The one of the guessed kind of pool, where there is one.
const Snippet* snippet_of(const Observed& observed) {
  const std::vector<Snippet>& snippets = observed.recommendation->snippets;
  const std::string& wanted = pool_traits(observed.groups.front().guess.kind).snippet;
  for (const Snippet& snippet : snippets) {
    if (snippet.id == wanted) return &snippet;
  }
  return snippets.empty() ? nullptr : &snippets.front();
}

void add_configuration(Screen& screen, const Observed& observed) {
  if (!observed.recommendation || observed.groups.empty()) return;
  const Snippet* const snippet = snippet_of(observed);
  if (snippet == nullptr) return;
  screen.gap();
  screen.text(fmt::format("Settings for {}; for other libraries, see --markdown or --json:",
                          observe::group_name(observed.groups.front().key)));
  add_snippet(screen, *snippet);
}

}  // namespace

std::string to_terminal(const Observed& observed, const TerminalStyle& style) {
  Screen screen(style);
  const ObserveVerdict headline = observe_headline(observed);
  screen.labelled(sign_of(headline.tone), 2, headline.text, tone_of(headline.tone));
  screen.labelled("", 2, observe_place(observed), Tone::faint);
  std::size_t shown = 0;
  for (const ObservedGroup& group : observed.groups) {
    if (++shown > kMostGroups) break;
    screen.gap();
    if (shown == 1) {
      screen.line(observe::group_name(group.key), Tone::strong);
    } else {
      const ObserveVerdict verdict = observe_verdict(group);
      screen.labelled(sign_of(verdict.tone), 2, verdict.text, tone_of(verdict.tone));
    }
    for (const auto& [name, text] : observe_lines(group, observed)) {
      screen.labelled("  " + name, kObserveLabel, text);
    }
  }
  if (observed.groups.size() > kMostGroups) {
    screen.text(fmt::format("{} more groups are not shown here; see --markdown or --json.",
                            observed.groups.size() - kMostGroups));
  }
  if (observed.pooler) {
    screen.gap();
    screen.line(observed.pooler->version.empty() ? "PgBouncer" : observed.pooler->version,
                Tone::strong);
    for (const auto& [name, text] : observe_pooler_lines(observed)) {
      screen.labelled("  ", 2, name + ": " + text);
    }
  }
  if (!observed.groups.empty() && observed.knows_server()) {
    screen.gap();
    screen.line("server", Tone::strong);
    for (const auto& [name, text] : observe_server_lines(observed)) {
      screen.labelled("  " + name, kObserveLabel, text);
    }
  }
  add_configuration(screen, observed);
  if (!observed.warnings.empty()) screen.gap();
  for (const std::string& warning : observed.warnings) {
    screen.labelled("warning", kObserveLabel, warning, Tone::doubtful);
  }
  if (observed.limits.empty()) return screen.str();
  screen.gap();
  screen.line("limits of this observation", Tone::strong);
  for (const std::string& limit : observed.limits) screen.labelled("  -", 4, limit);
  return screen.str();
}

}  // namespace poolgauge
