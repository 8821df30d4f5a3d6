// The progress of a run as a line of text.
#include "report/terminal/progress_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "base/text.h"
#include "poolgauge/time.h"
#include "report/layout.h"

namespace poolgauge {

namespace {

constexpr std::size_t kLongestBar = 20;
constexpr std::size_t kShortestBar = 6;
constexpr std::size_t kTimeLeft = 0, kThroughput = 2;  // of the pieces of the line

double fraction_done(const Progress& progress) {
  if (progress.total_s <= 0) return 0;
  return std::clamp(progress.elapsed_s / progress.total_s, 0.0, 1.0);
}

/// `cells` wide between its two ends, in eighths of a cell where Unicode has them.
std::string bar(double fraction, std::size_t cells, bool unicode) {
  const double filled = fraction * static_cast<double>(cells);
  const auto whole = static_cast<std::size_t>(filled);
  std::string out = unicode ? "▕" : "[";
  for (std::size_t i = 0; i < whole; ++i) out += unicode ? "█" : "#";
  std::size_t used = whole;
  if (unicode && whole < cells) {
    static const char* const kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const auto eighths = static_cast<std::size_t>((filled - static_cast<double>(whole)) * 8);
    out += kEighths[std::min<std::size_t>(eighths, 7)];
    if (eighths > 0) ++used;
  }
  out.append(cells - used, ' ');
  return out + (unicode ? "▏" : "]");
}

std::string pool_text(const Progress& progress) {
  std::string text = "pool " + with_thousands(progress.checked_out);
  if (progress.capacity >= 0) {
    text += "/" + with_thousands(static_cast<std::uint64_t>(progress.capacity));
  }
  if (progress.waiting > 0) text += " +" + with_thousands(progress.waiting) + " waiting";
  return text;
}

/// A piece of the line: its place among all that there may be, and its text.
struct Piece {
  std::size_t slot = 0;
  std::string text;
};

/// The pieces after the percentage, the most important first.
std::vector<Piece> pieces_of(const Progress& progress) {
  const double left_s = std::max(0.0, progress.total_s - progress.elapsed_s);
  std::vector<Piece> pieces;
  pieces.push_back({kTimeLeft, fmt::format("{:.0f} s left", std::ceil(left_s))});
  if (progress.warming_up) pieces.push_back({1, "warm-up"});
  pieces.push_back({kThroughput, significant(progress.throughput_per_s) + "/s"});
  if (progress.latency_p95_ms > 0) {
    pieces.push_back({3, "p95 " + human_duration(from_ms(progress.latency_p95_ms))});
  }
  pieces.push_back({4, pool_text(progress)});
  if (progress.failed > progress.pool_timeouts) {
    pieces.push_back({5, "failed " + with_thousands(progress.failed - progress.pool_timeouts)});
  }
  pieces.push_back({6, "timeouts " + with_thousands(progress.pool_timeouts)});
  if (progress.server_active) {
    pieces.push_back({7, fmt::format("server {:.0f} active", *progress.server_active)});
  }
  return pieces;
}

/// The piece as wide as it ever was; a figure that begins it keeps its last digit's place.
std::string steady(const Piece& piece, ProgressWidths& widths) {
  std::size_t& width = widths.pieces.at(piece.slot);
  width = std::max(width, display_width(piece.text));
  const bool right = piece.slot == kTimeLeft || piece.slot == kThroughput;
  return right ? pad_left(piece.text, width) : pad_right(piece.text, width);
}

std::string percent_done(const Progress& progress) {
  return fmt::format("{:.0f} %", std::floor(fraction_done(progress) * 100));
}

/// The last seconds as a curve, where at least a few of them fit.
std::string curve_of(const ThroughputPast& past, std::size_t room) {
  constexpr std::size_t kLeast = 8, kMost = 30, kGap = 3;
  if (past.size() < 2 || room < kLeast + kGap) return "";
  const std::size_t cells = std::min({past.size(), kMost, room - kGap});
  const std::span<const std::optional<double>> all(past);
  return "   " + sparkline(all.last(cells), cells);
}

}  // namespace

std::string progress_line(const Progress& progress, const TerminalStyle& terminal,
                          const ThroughputPast& past, ProgressWidths& widths) {
  constexpr std::size_t kBarEnds = 3;  // two ends and a space
  const std::size_t room = terminal.width > 1 ? terminal.width - 1 : 1;
  std::string percent = percent_done(progress);
  widths.percent = std::max(widths.percent, display_width(percent));
  percent = pad_left(percent, widths.percent);
  std::vector<std::string> pieces;
  for (const Piece& piece : pieces_of(progress)) pieces.push_back(steady(piece, widths));
  while (true) {
    std::string figures = percent;
    for (std::size_t i = 0; i < pieces.size(); ++i) figures += (i == 0 ? "  " : "   ") + pieces[i];
    const std::size_t width = display_width(figures);
    if (width + kBarEnds + kShortestBar <= room) {
      const std::size_t cells = std::min(kLongestBar, room - width - kBarEnds);
      const std::size_t used = width + kBarEnds + cells;
      return bar(fraction_done(progress), cells, terminal.unicode) + " " + figures +
             (terminal.unicode ? curve_of(past, room - used) : "");
    }
    if (width <= room || pieces.empty()) return figures;
    pieces.pop_back();
  }
}

std::string progress_line(const Progress& progress, const TerminalStyle& terminal,
                          const ThroughputPast& past) {
  ProgressWidths first;
  return progress_line(progress, terminal, past, first);
}

std::string plain_progress(const Progress& progress) {
  std::string line = "poolgauge: " + percent_done(progress);
  for (const Piece& piece : pieces_of(progress)) line += ", " + piece.text;
  return line + "\n";
}

}  // namespace poolgauge
