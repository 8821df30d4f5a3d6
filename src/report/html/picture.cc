// Writing SVG. Curves live in an inner picture that is stretched to the width (their strokes are
// not: see html_style.cc); all else is placed in percent.
#include "report/html/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/markup.h"

namespace poolgauge {
namespace {

constexpr double kWide = 1000;        // units of the stretched inner picture
constexpr double kLabelRoom = 22;     // below, for the figures of the x axis
constexpr double kNameDistance = 14;  // between two names at the right end
// A text within a bar must fit on a phone, too: what a bar of the whole width and a letter take
// there.
constexpr double kNarrow = 310, kLetter = 7.5, kTextMargin = 14;

std::string tooltip(const std::string& words) {
  return words.empty() ? "" : "<title>" + markup_text(words) + "</title>";
}

std::string percent_of(double part) {
  return fmt::format("{:.6g}%", std::round(part * 1e4) / 1e2);
}

}  // namespace

Picture::Picture(std::string id, std::string title, std::string description, double height)
    : id_(std::move(id)),
      title_(std::move(title)),
      description_(std::move(description)),
      height_(height) {}

void Picture::y_axis(const Axis& axis) {
  y_ = axis;
  for (const auto& [value, words] : axis.ticks) {
    below_ += fmt::format(
        "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{0:.1f}\" y2=\"{0:.1f}\"/>"
        "<text class=\"tick y\" x=\"0\" dx=\"-8\" y=\"{1:.1f}\">{2}</text>\n",
        px(value), px(value) + 4, markup_text(words));
  }
}

void Picture::x_axis(const Axis& axis, bool labels) {
  x_ = axis;
  labels_ = labels_ || labels;
  for (std::size_t i = 0; i < axis.ticks.size(); ++i) {
    const auto& [value, words] = axis.ticks[i];
    const std::string at = percent_of(axis.at(value));
    below_ += fmt::format("<line class=\"grid\" x1=\"{0}\" x2=\"{0}\" y1=\"0\" y2=\"{1:.1f}\"/>",
                          at, height_);
    if (labels) {
      const double place = axis.at(value);
      const char* const end = place > 0.97 ? " last" : place <= 0 && edges_ ? " first" : "";
      below_ += fmt::format("<text class=\"tick x{}\" x=\"{}\" y=\"{:.1f}\">{}</text>", end, at,
                            height_ + kLabelRoom - 5, markup_text(words));
    }
    below_ += "\n";
  }
}

std::string Picture::points(const Trace& trace, bool closed) const {
  std::string data;
  double first = 0, last = 0;
  bool open = false;
  const auto close = [&] {
    if (open && closed)
      data += fmt::format("L{:.1f} {:.6g}L{:.1f} {:.6g}Z", last, height_, first, height_);
    open = false;
  };
  for (std::size_t i = 0; i < trace.x.size(); ++i) {
    if (!trace.y[i]) {
      close();
      continue;
    }
    last = kWide * x_.at(trace.x[i]);
    data += fmt::format("{}{:.1f} {:.1f}", open ? "L" : "M", last, px(*trace.y[i]));
    if (!open) first = last;
    open = true;
  }
  close();
  return data;
}

void Picture::line(const Trace& trace, std::string_view kind) {
  stretched_ += fmt::format("<path class=\"line {}\" d=\"{}\"/>\n", kind, points(trace, false));
}

void Picture::area(const Trace& trace, std::string_view kind) {
  stretched_ += fmt::format("<path class=\"area {}\" d=\"{}\"/>\n", kind, points(trace, true));
}

void Picture::band(const Trace& low, const Trace& high, std::string_view kind) {
  Trace back = low;
  std::reverse(back.x.begin(), back.x.end());
  std::reverse(back.y.begin(), back.y.end());
  std::string data = points(high, false) + points(back, false);
  const std::size_t second = data.rfind('M');
  if (second == std::string::npos || second == 0) return;
  data[second] = 'L';
  stretched_ += fmt::format("<path class=\"area {}\" d=\"{}Z\"/>\n", kind, data);
}

void Picture::dot(double x, double y, std::string_view kind, const std::string& words) {
  above_ += fmt::format("<circle class=\"dot {}\" cx=\"{}\" cy=\"{:.1f}\" r=\"4\">{}</circle>\n",
                        kind, percent_of(x_.at(x)), px(y), tooltip(words));
}

void Picture::rule_x(double x, std::string_view kind, const std::string& words) {
  const double place = x_.at(x);
  const bool left = place > 0.6;
  above_ += fmt::format(
      "<line class=\"rule {0}\" x1=\"{1}\" x2=\"{1}\" y1=\"0\" y2=\"{2:.1f}\"/>"
      "<text class=\"note {0}{3}\" x=\"{1}\" dx=\"{4}\" y=\"12\">{5}</text>\n",
      kind, percent_of(place), height_, left ? " end" : "", left ? -6 : 6, markup_text(words));
}

void Picture::keep_within() {
  edges_ = true;
}

void Picture::rule_y(double y, std::string_view kind, const std::string& words) {
  above_ += fmt::format(
      "<line class=\"rule {0}\" x1=\"0\" x2=\"100%\" y1=\"{1:.1f}\" y2=\"{1:.1f}\"/>", kind, px(y));
  if (!words.empty()) {
    above_ += fmt::format("<text class=\"note {0}\" x=\"0\" dx=\"6\" y=\"{1:.1f}\">{2}</text>",
                          kind, px(y) < 16 ? px(y) + 13 : px(y) - 5, markup_text(words));
  }
  above_ += "\n";
}

void Picture::zone(double from, double to, std::string_view kind, const std::string& words) {
  constexpr double kLeast = 0.003;  // so that it can be seen
  const double start = x_.at(from);
  const double width = std::max(x_.at(to) - start, kLeast);
  below_ += fmt::format(
      "<rect class=\"zone {}\" x=\"{}\" width=\"{}\" y=\"0\" height=\"{:.1f}\">{}</rect>\n", kind,
      percent_of(std::min(start, 1 - width)), percent_of(width), height_, tooltip(words));
}

void Picture::bar(double from, double to, double top, double thickness, std::string_view kind,
                  const std::string& words, const std::string& text) {
  const double start = x_.at(from), width = x_.at(to) - start;
  above_ += fmt::format(
      "<rect class=\"bar {}\" x=\"{}\" width=\"{}\" y=\"{:.1f}\" height=\"{:.1f}\">{}</rect>\n",
      kind, percent_of(start), percent_of(width), top, thickness, tooltip(words));
  const double needed = kLetter * static_cast<double>(display_width(text)) + kTextMargin;
  if (text.empty() || width * kNarrow < needed) return;
  above_ += fmt::format("<text class=\"on {}\" x=\"{}\" dx=\"8\" y=\"{:.1f}\">{}</text>\n", kind,
                        percent_of(start), top + thickness / 2 + 4.5, markup_text(text));
}

void Picture::text(double x, double top, std::string_view kind, const std::string& words) {
  above_ += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", kind,
                        percent_of(x_.at(x)), top, markup_text(words));
}

void Picture::name(double y, std::string_view kind, const std::string& words) {
  names_.push_back({px(y), std::string(kind), words});
}

std::string Picture::names() const {
  std::vector<Name> all = names_;
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.y < b.y; });
  for (std::size_t i = 1; i < all.size(); ++i) {
    all[i].y = std::max(all[i].y, all[i - 1].y + kNameDistance);
  }
  // What was pushed out at the bottom pushes the others up again.
  double lowest = height_;
  for (std::size_t i = all.size(); i-- > 0;) {
    all[i].y = std::min(all[i].y, lowest);
    lowest = all[i].y - kNameDistance;
  }
  std::string out;
  for (const Name& name : all) {
    out += fmt::format("<text class=\"name {}\" x=\"100%\" dx=\"8\" y=\"{:.1f}\">{}</text>\n",
                       name.kind, name.y + 4, markup_text(name.words));
  }
  return out;
}

std::string Picture::svg() const {
  std::string out = fmt::format(
      "<svg id=\"{0}\" role=\"img\" aria-labelledby=\"{0}-t {0}-d\" width=\"100%\" "
      "height=\"{1:.6g}\"><title id=\"{0}-t\">{2}</title><desc id=\"{0}-d\">{3}</desc>\n",
      id_, height_ + (labels_ ? kLabelRoom : 0), markup_text(title_), markup_text(description_));
  out += below_;
  if (!stretched_.empty()) {
    out += fmt::format(
        "<svg class=\"curves\" width=\"100%\" height=\"{0:.6g}\" viewBox=\"0 0 1000 {0:.6g}\" "
        "preserveAspectRatio=\"none\">\n{1}</svg>\n",
        height_, stretched_);
  }
  return out + above_ + names() + "</svg>\n";
}

}  // namespace poolgauge
