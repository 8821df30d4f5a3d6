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
/// The value of its member `name`, compact JSON; empty if it has none.
std::string member_of(std::string_view compact_object, std::string_view name);
/// The object with another value, compact JSON, of its member `name`, if it has one.
std::string with_member(std::string_view compact_object, std::string_view name,
                        std::string_view value);

}  // namespace poolgauge::cli
