// The JSON type of this layer and the little that is needed around it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace poolgauge {

/// Keeps the order of keys: variables are numbered in the order in which they are written.
using Json = nlohmann::ordered_json;

/// `pointer` extended by one key ('~' and '/' escaped as RFC 6901 says).
std::string child_pointer(std::string_view pointer, std::string_view key);
std::string child_pointer(std::string_view pointer, std::size_t index);

/// A value as an error shows it: compact, cut to a readable length.
std::string shown(const Json& value);
/// The same for a text, in quotes.
std::string shown_text(std::string_view text);

}  // namespace poolgauge
