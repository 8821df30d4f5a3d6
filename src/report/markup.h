// Escaping for XML and HTML.
#pragma once

#include <string>
#include <string_view>

namespace poolgauge {

/// For element content and quoted attributes of XML and HTML alike: markup is escaped, and what no
/// XML document may hold, or no reader would see (control characters, marks that reorder text,
/// invalid UTF-8) is written out.
std::string markup_text(std::string_view text);

/// ` name="value"`, the value made safe.
std::string markup_attribute(std::string_view name, std::string_view value);

}  // namespace poolgauge
