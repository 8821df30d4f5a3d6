// Building blocks of the HTML page. Texts are escaped here, so callers pass them as they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace poolgauge {

/// A table. `columns` has a 'w' for each column of words, which stay to the left; figures, and what
/// is not named there, stand to the right.
class HtmlTable {
 public:
  HtmlTable(std::string caption, std::vector<std::string> heads, std::string columns = "w");
  void row(const std::vector<std::string>& cells);
  bool empty() const { return rows_.empty(); }
  /// Wide tables scroll within their place, also with the keyboard.
  std::string str() const;

 private:
  std::string caption_;
  std::vector<std::string> heads_;
  std::string columns_;
  bool words(std::size_t column) const {
    return column < columns_.size() && columns_[column] == 'w';
  }
  std::string rows_;
};

/// A part of the page with its heading; `inside` is HTML.
std::string html_section(std::string_view id, std::string_view title, std::string_view inside);
/// A chart with a sentence on what it shows, and its data, folded.
std::string html_figure(std::string_view heading, std::string_view sentence, std::string_view svg,
                        std::string_view behind);
/// `inside` is HTML that is shown when the title is chosen.
std::string html_folded(std::string_view title, std::string_view inside);
std::string html_paragraph(std::string_view text, std::string_view kind = "");
std::string html_list(const std::vector<std::string>& items, std::string_view kind = "");
/// A small heading within a section.
std::string html_heading(std::string_view text);
/// A list of names and values.
std::string html_pairs(const std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace poolgauge
