// Words of the statements are enough: nothing is parsed.
#include "assess/sentences.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace poolgauge {
namespace {

/// In lower case, every run of blanks a single one, with one at either end.
std::string plain(std::string_view sql) {
  std::string text = " ";
  for (const char c : sql) {
    const bool letter = c >= 'A' && c <= 'Z';
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '(' || c == ';';
    if (blank && text.back() == ' ') continue;
    text += blank ? ' ' : letter ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text.back() == ' ' ? text : text + " ";
}

template <std::size_t N>
bool has_any(const std::string& text, const std::array<std::string_view, N>& parts) {
  return std::any_of(parts.begin(), parts.end(), [&text](std::string_view part) {
    return text.find(part) != std::string::npos;
  });
}

bool locks_same_rows(const Step& step) {
  constexpr std::array<std::string_view, 7> kLocks = {
      " for update ", " for no key update ",     " do update ", " pg_advisory_lock ",
      " lock table ", " pg_advisory_xact_lock ", " merge into "};
  constexpr std::array<std::string_view, 2> kBegins = {" update ", " delete from "};
  // It does not wait, or it means other rows each time.
  constexpr std::array<std::string_view, 7> kOtherwise = {
      " skip locked ", " nowait ", "random", "nextval", "uuid", "pg_backend_pid", "txid"};
  if (step.kind != StepKind::sql || !step.sql.variables.empty()) return false;
  const std::string text = plain(step.sql.source);
  const bool changes = std::any_of(kBegins.begin(), kBegins.end(), [&text](std::string_view word) {
    return text.starts_with(word);
  });
  return (changes || has_any(text, kLocks)) && !has_any(text, kOtherwise);
}

}  // namespace

std::string steps_on_same_rows(const Scenario& scenario) {
  if (scenario.max_clients() == 1) return "";
  constexpr std::size_t kMostNamed = 3;
  std::vector<std::string> names;
  for (const RequestSpec& request : scenario.requests) {
    for (const Step& step : request.steps) {
      if (locks_same_rows(step)) names.push_back("\"" + request.name + "." + step.name + "\"");
    }
  }
  if (names.empty()) return "";
  std::string text = names.size() == 1 ? "step " : "steps ";
  for (std::size_t i = 0; i < names.size() && i < kMostNamed; ++i) {
    text += (i > 0 ? ", " : "") + names[i];
  }
  return names.size() > kMostNamed ? text + ", …" : text;
}

std::string no_locks_words(const std::string& steps) {
  const bool several = steps.starts_with("steps");
  return "the simulator does not model locks, and " + steps + (several ? " lock" : " locks") +
         " the same rows every time: only a real run (poolgauge run) shows how long requests wait "
         "for them";
}

std::string no_locks_label() {
  return "the simulator does not model locks";
}

}  // namespace poolgauge
