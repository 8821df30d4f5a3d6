// Parses JSON with comments; a syntax error is one diagnostic with its place.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "poolgauge/diagnostic.h"
#include "scenario/json.h"

namespace poolgauge {

std::string_view without_byte_order_mark(std::string_view text);

std::variant<Json, Diagnostic> parse_json(std::string_view text, const std::string& file);

}  // namespace poolgauge
