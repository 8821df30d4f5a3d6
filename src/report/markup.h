// Escaping for XML, HTML, and Markdown, and Markdown's building blocks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace poolgauge {

/// For element content and quoted attributes of XML and HTML alike: markup is escaped, and what no
/// XML document may hold, or no reader would see (control characters, marks that reorder text,
/// invalid UTF-8) is written out.
std::string markup_text(std::string_view text);

/// ` name="value"`, the value made safe.
std::string markup_attribute(std::string_view name, std::string_view value);

// Escaping for Markdown, and its building blocks for a report.

/// Ordinary text: nothing in it is taken for markup, nobody is notified by it ("@name", "#12" and
/// "GH-12" are no references on GitHub), and it stays on one line.
std::string escaped(std::string_view text);
/// A code span; pipes are escaped, as tables need, and line ends become spaces.
std::string code(std::string_view text);
/// A fenced block without a line end behind it; its fence is longer than any in `text`. Of the
/// language's name only small letters and digits are kept.
std::string fenced(std::string_view language, std::string_view text);
/// "| a | b |\n"; the cells are taken as they are.
std::string table_row(const std::vector<std::string>& cells);
/// A part that is shown when it is clicked.
std::string folded(std::string_view title, std::string_view body);

}  // namespace poolgauge
