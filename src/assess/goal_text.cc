// Cuts the limit out of a goal.
#include "assess/goal_text.h"

#include <algorithm>

namespace poolgauge {

std::string goal_subject(std::string_view goal) {
  const std::size_t op = goal.find_first_of("<>");
  if (op == std::string_view::npos) return std::string(goal);
  const std::size_t rest = std::min(goal.find(" over ", op), goal.find(" for request ", op));
  std::string_view before = goal.substr(0, op);
  while (before.ends_with(' ')) before.remove_suffix(1);
  std::string subject(before);
  if (rest != std::string_view::npos) subject += goal.substr(rest);
  return subject;
}

}  // namespace poolgauge
