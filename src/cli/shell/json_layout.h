// Compact JSON: laid out for reading, or without a member. Values stay as they are.
#pragma once

#include <string>
#include <string_view>

namespace poolgauge::cli {

/// `compact` must be valid JSON without white space outside strings. Two spaces per level; short
/// containers stay on their line.
std::string pretty_json(std::string_view compact);

/// The object without its member `name`, if it has one.
std::string without_member(std::string_view compact_object, std::string_view name);

}  // namespace poolgauge::cli
