// How the HTML page looks, and the few lines of script it can do without.
#pragma once

#include <string_view>

namespace poolgauge {

std::string_view html_style();
/// Reads the values under the pointer, or under the arrow keys, out of the table behind the time
/// series.
std::string_view html_script();

}  // namespace poolgauge
