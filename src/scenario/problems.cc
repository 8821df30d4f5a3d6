// Problems into diagnostics: each gets its line and column, or the flag it came from.
#include "scenario/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace poolgauge {

namespace {

constexpr std::size_t kMostDiagnostics = 100;

/// The flag that set the value at `pointer` or one around it; empty: the file did.
std::string source_of(std::string_view pointer, const OverrideSources& sources) {
  while (true) {
    const auto found = sources.find(pointer);
    if (found != sources.end()) return found->second;
    const std::size_t slash = pointer.rfind('/');
    if (slash == std::string_view::npos) return {};
    pointer = pointer.substr(0, slash);
  }
}

/// The flags that set options below `pointer` which the message names, as "--a, --b": a rule
/// between options is broken by whoever changed one of them. Empty: none did.
std::string breakers_of(const Problem& problem, const OverrideSources& sources) {
  const std::string below = problem.pointer + "/";
  std::string flags;
  std::string kind;
  for (auto at = sources.lower_bound(below); at != sources.end(); ++at) {
    if (!at->first.starts_with(below)) break;
    const std::string option = at->first.substr(below.size());
    if (option == "kind") kind = at->second;
    if (problem.message.find(option) == std::string::npos) continue;
    if (!flags.empty()) flags += ", ";
    flags += at->second;
  }
  return flags.empty() ? kind : flags;
}

/// Where in the value of a flag: "/stages/0/rat" of "--stages" is "/0/rat"; empty: the value
/// itself.
std::string place_within(std::string_view pointer, const OverrideSources& sources) {
  std::string_view outer = pointer;
  while (!outer.empty() && sources.find(outer) == sources.end()) {
    outer = outer.substr(0, outer.rfind('/'));
  }
  if (outer.empty() || outer.size() == pointer.size()) return {};
  return std::string(pointer.substr(outer.size()));
}

struct Placed {
  std::size_t offset;
  const Problem* problem;
};

}  // namespace

void Problems::add_for_source(const std::string& source, const std::string& message,
                              const std::string& found) {
  of_sources_.push_back(Diagnostic{source, 0, 0, "", found, message, ""});
}

std::vector<Diagnostic> Problems::diagnostics(std::string_view text, const std::string& file,
                                              const OverrideSources& sources) const {
  std::vector<Diagnostic> all = of_sources_;
  std::vector<Placed> placed;
  const PlaceIndex index(text);
  for (const Problem& p : problems_) {
    std::string source = source_of(p.pointer, sources);
    if (source.empty()) source = breakers_of(p, sources);
    if (source.empty()) {
      placed.push_back({index.offset_of(p.pointer, p.part), &p});
    } else {
      all.push_back(Diagnostic{source, 0, 0, place_within(p.pointer, sources), p.found, p.message,
                               p.nearest, p.hint});
    }
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const Placed& a, const Placed& b) { return a.offset < b.offset; });
  for (const Placed& p : placed) {
    if (all.size() >= kMostDiagnostics) break;
    const Place place = place_at(text, p.offset);
    all.push_back(Diagnostic{file, place.line, place.column, p.problem->pointer, p.problem->found,
                             p.problem->message, p.problem->nearest, p.problem->hint});
  }
  std::vector<Diagnostic> others = in_files_;
  std::stable_sort(others.begin(), others.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
  });
  for (const Diagnostic& diagnostic : others) {
    if (all.size() < kMostDiagnostics) all.push_back(diagnostic);
  }
  const std::size_t total = of_sources_.size() + problems_.size() + in_files_.size();
  if (total > all.size()) {
    const Place end = place_at(text, text.size());
    all.push_back(Diagnostic{file, end.line, end.column, "", "",
                             fmt::format("and {} more mistakes", total - all.size()), ""});
  }
  return all;
}

}  // namespace poolgauge
