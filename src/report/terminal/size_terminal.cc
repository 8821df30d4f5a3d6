// A sizing on the terminal: the answer, its reason and the fit on one screen; below it the
// configuration, the rules of thumb as a table, and, on request, everything whole.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "report/layout.h"
#include "report/size_words.h"
#include "report/terminal/parts.h"
#include "report/terminal/screen.h"
#include "report/words.h"

namespace poolgauge {
namespace {

constexpr std::size_t kScreenLines = 24;
constexpr std::size_t kLabel = 11;

/// A part of the first screen. Parts of a high rank go below it when it is full.
struct Section {
  int rank = 0;
  std::string label;  ///< of its group: shown where the group begins, above and below
  std::size_t column = 0;
  std::string text;
  Tone tone = Tone::plain;

  std::string shown(const TerminalStyle& style, bool labelled) const {
    Screen screen(style);
    screen.labelled(labelled ? label : "", column, text, tone);
    return screen.str();
  }
  std::size_t lines(const TerminalStyle& style) const {
    const std::string whole = shown(style, true);
    return static_cast<std::size_t>(std::count(whole.begin(), whole.end(), '\n'));
  }
};

class Sections {
 public:
  explicit Sections(const TerminalStyle& style) : style_(style) {}

  /// One text in its column, wrapped. An empty label: it belongs to the one before.
  void add(int rank, std::string_view label, std::size_t column, const std::string& text,
           Tone tone = Tone::plain) {
    if (text.empty()) return;
    const bool goes_on = label.empty() && !all_.empty();
    all_.push_back({rank, goes_on ? all_.back().label : std::string(label), column, text, tone});
    begins_.push_back(!goes_on);
  }
  /// Only what always stays.
  std::string essential() const {
    return written([this](std::size_t i) { return all_[i].rank == 0; });
  }
  /// The first screen, and what found no place on it.
  std::pair<std::string, std::string> parted() const {
    std::vector<bool> below(all_.size(), false);
    std::size_t lines = 0;
    for (const Section& one : all_) lines += one.lines(style_);
    while (lines > kScreenLines) {
      // The last of the least important.
      std::size_t victim = all_.size();
      for (std::size_t i = 0; i < all_.size(); ++i) {
        if (below[i] || all_[i].rank == 0) continue;
        if (victim == all_.size() || all_[i].rank >= all_[victim].rank) victim = i;
      }
      if (victim == all_.size()) break;
      below[victim] = true;
      lines -= all_[victim].lines(style_);
    }
    return {written([&below](std::size_t i) { return !below[i]; }),
            written([&below](std::size_t i) { return below[i]; })};
  }

 private:
  /// Those wanted, each group with its label where it begins or goes on after a gap.
  template <class Wanted>
  std::string written(Wanted&& wanted) const {
    std::string out;
    bool before = false;  // whether the one before of the same group is shown
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (begins_[i]) before = false;
      if (!wanted(i)) continue;
      out += all_[i].shown(style_, !before);
      before = true;
    }
    return out;
  }

  TerminalStyle style_;
  std::vector<Section> all_;
  std::vector<bool> begins_;
};

// What stays on the first screen, and what may go below it.
constexpr int kAlways = 0;
constexpr int kReason = 1;
constexpr int kWayOut = 2;
constexpr int kOther = 3;
constexpr int kAssumption = 4;

/// ", but leave less than 10 % of the slots free (replica)"; empty where enough stays free.
std::string tight_words(const Sizing& sizing) {
  std::string names;
  const auto& judged = sizing.judged;
  if (judged && !sizing.inputs.pgbouncer &&
      judged->pool_size + judged->max_overflow > judged->largest_pool) {
    names = "primary";
  }
  for (const Hop& hop : sizing.hops) {
    // The others are of the recommended size.
    if (judged && hop.name != "replica") continue;
    if (keeps_headroom(hop.budget, sizing.headroom)) continue;
    names += (names.empty() ? "" : ", ") + hop.name;
  }
  if (names.empty()) return "";
  return fmt::format(", but less than {} of the slots stay free ({})", percent(sizing.headroom),
                     names);
}

/// What was asked: why it does not work, or that it does.
void add_judged(Sections& sections, const Sizing& sizing, bool check) {
  bool first = true;
  for (const SizeProblem& problem : sizing.problems) {
    sections.add(first ? kAlways : kReason, "✗", 2, problem.sentence(), Tone::bad);
    first = false;
  }
  if (check && sizing.problems.empty()) {
    sections.add(kAlways, "✓", 2, check_line(sizing) + tight_words(sizing), Tone::good);
  } else if (sizing.judged && sizing.problems.empty()) {
    sections.add(kAlways, "✓", 2,
                 judged_text(*sizing.judged, sizing.inputs.names) + tight_words(sizing),
                 Tone::good);
  } else if (sizing.asked && sizing.problems.empty()) {
    sections.add(kAlways, "✓", 2, "the given settings fit" + tight_words(sizing), Tone::good);
  }
  if (!sizing.judged) return;
  const std::string forecast = forecast_text(sizing.judged->forecast);
  if (!forecast.empty()) {
    sections.add(kReason, "", 2, fmt::format("load {}: {}", growth_text(sizing.growth), forecast));
  }
}

bool is_problem(const Sizing& sizing, const std::string& warning) {
  return std::any_of(sizing.problems.begin(), sizing.problems.end(),
                     [&warning](const SizeProblem& one) { return one.warning() == warning; });
}

void add_warnings(Sections& sections, const Sizing& sizing) {
  int rank = kReason;
  for (const std::string& warning : sizing.recommendation.warnings) {
    if (is_problem(sizing, warning)) continue;
    sections.add(rank, "!", 2, warning, Tone::doubtful);
    rank = kOther;
  }
}

void add_answer(Sections& sections, const Sizing& sizing) {
  const Recommendation& r = sizing.recommendation;
  if (!sizing.recommendable) {
    sections.add(kAlways, "SET", kLabel, "nothing yet: no pool size works with these settings",
                 Tone::strong);
  } else {
    const std::string per = sizing.inputs.pools > 1 ? "per pool" : "per process";
    sections.add(kAlways, "SET", kLabel,
                 per + " · " + joined(setting_parts(r)) + " · calculated, not measured",
                 Tone::strong);
  }
  for (const Hop& hop : sizing.hops) {
    if (!sizing.recommendable && hop.budget.fits()) continue;
    sections.add(kAlways, hop.budget.fits() ? "fits" : "too many", kLabel,
                 fmt::format("{}: {} connections; {}", hop.name, hop.arithmetic,
                             fit_text(hop.budget, sizing.headroom)),
                 hop.budget.fits() ? Tone::good : Tone::bad);
  }
  const std::string forecast = forecast_text(r.predicted);
  if (!forecast.empty()) {
    sections.add(kReason, "load", kLabel, growth_text(sizing.growth) + ": " + forecast);
  }
  if (!sizing.recommendable) return;  // the reason is the problem
  bool first = true;
  for (const std::string& why : r.why) {
    sections.add(first ? kReason : kOther, first ? "why" : "", kLabel, why);
    first = false;
  }
}

void add_alternatives(Sections& sections, const Sizing& sizing) {
  bool first = true;
  std::size_t shown = 0;
  constexpr std::size_t kMostShown = 3;
  for (const Alternative& one : sizing.recommendation.alternatives) {
    const int rank = shown++ < kMostShown && !sizing.problems.empty() ? kWayOut : kOther;
    sections.add(rank, first ? "or" : "", kLabel, one.change + ": " + one.effect);
    first = false;
  }
}

void add_trust(Sections& sections, const Sizing& sizing) {
  std::string all;
  for (const std::string& one : sizing.assumed) all += (all.empty() ? "" : " · ") + one;
  sections.add(kAssumption, "assumed", kLabel, all, Tone::faint);
  sections.add(kAssumption, "trust", kLabel,
               "formulas only, nothing was measured; next: poolgauge run, then poolgauge simulate",
               Tone::faint);
}

void add_snippets(Screen& screen, const Recommendation& r, std::string_view wanted) {
  for (const Snippet& snippet : r.snippets) {
    if (wanted == "all" || wanted == snippet.id) add_snippet(screen, snippet);
  }
}

}  // namespace

std::string to_terminal(const Sizing& sizing, const TerminalStyle& style,
                        const SizeScreen& wanted) {
  Sections sections(style);
  add_judged(sections, sizing, wanted.check);
  add_warnings(sections, sizing);
  add_answer(sections, sizing);
  add_alternatives(sections, sizing);
  add_trust(sections, sizing);
  const auto [first_screen, below] = sections.parted();
  Screen rest(style);
  add_snippets(rest, sizing.recommendation, wanted.snippet);
  if (wanted.check) {  // the first screen, and only what was asked for besides
    const std::string rules = wanted.rules ? "\n" + size_details(sizing, style, true) : "";
    return first_screen + (rest.str().empty() ? "" : "\n" + rest.str()) + rules;
  }
  // Before the snippets: what is below them would look like a part of the last one.
  std::string out = first_screen + (below.empty() ? "" : "\n") + below;
  const std::string snippets = rest.str();
  if (!snippets.empty()) out += "\n" + snippets;
  return out + "\n" + size_details(sizing, style, wanted.rules);
}

std::string size_closing(const Sizing& sizing, const TerminalStyle& style) {
  Sections sections(style);
  add_judged(sections, sizing, false);
  add_answer(sections, sizing);
  return sections.essential();
}

}  // namespace poolgauge
