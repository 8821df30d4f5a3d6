// HTML that needs no script to be read.
#include "report/html/html_parts.h"

#include <fmt/format.h>

#include "report/markup.h"

namespace poolgauge {

HtmlTable::HtmlTable(std::string caption, std::vector<std::string> heads, std::string columns)
    : caption_(std::move(caption)), heads_(std::move(heads)), columns_(std::move(columns)) {}

void HtmlTable::row(const std::vector<std::string>& cells) {
  rows_ += "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string text = markup_text(cells[i]);
    if (i == 0) {
      rows_ += "<th scope=\"row\">" + text + "</th>";
    } else {
      rows_ += (words(i) ? "<td class=\"w\">" : "<td>") + text + "</td>";
    }
  }
  rows_ += "</tr>\n";
}

std::string HtmlTable::str() const {
  std::string out = fmt::format(
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\"><table>"
      "<caption>{0}</caption><thead><tr>",
      markup_text(caption_));
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", words(i) ? " class=\"w\"" : "",
                       markup_text(heads_[i]));
  }
  return out + "</tr></thead><tbody>\n" + rows_ + "</tbody></table></div>\n";
}

std::string html_section(std::string_view id, std::string_view title, std::string_view inside) {
  if (inside.empty()) return "";
  return fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-h\"><h2 id=\"{0}-h\">{1}</h2>\n{2}</section>\n",
      id, markup_text(title), inside);
}

std::string html_figure(std::string_view heading, std::string_view sentence, std::string_view svg,
                        std::string_view behind) {
  std::string out = "<figure>\n";
  if (!heading.empty()) out += "<figcaption>" + markup_text(heading) + "</figcaption>\n";
  if (!sentence.empty()) out += html_paragraph(sentence, "says");
  out += "<div class=\"plot\">";
  out += svg;
  out += "</div>\n";
  out += behind;
  return out + "</figure>\n";
}

std::string html_folded(std::string_view title, std::string_view inside) {
  if (inside.empty()) return "";
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", markup_text(title), inside);
}

std::string html_paragraph(std::string_view text, std::string_view kind) {
  const std::string attribute = kind.empty() ? "" : fmt::format(" class=\"{}\"", kind);
  return fmt::format("<p{}>{}</p>\n", attribute, markup_text(text));
}

std::string html_list(const std::vector<std::string>& items, std::string_view kind) {
  if (items.empty()) return "";
  std::string out = kind.empty() ? "<ul>" : fmt::format("<ul class=\"{}\">", kind);
  for (const std::string& item : items) out += "<li>" + markup_text(item) + "</li>";
  return out + "</ul>\n";
}

std::string html_heading(std::string_view text) {
  return "<h3>" + markup_text(text) + "</h3>\n";
}

std::string html_pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (value.empty()) continue;
    out += "<div><dt>" + markup_text(name) + "</dt><dd>" + markup_text(value) + "</dd></div>";
  }
  return out.empty() ? "" : "<dl class=\"pairs\">" + out + "</dl>\n";
}

}  // namespace poolgauge
