// Drawing progress.
#include "cli/shell/progress_printer.h"

#include <cmath>

#include "base/visible_text.h"
#include "cli/shell/messages.h"
#include "cli/shell/signals.h"

namespace poolgauge::cli {

namespace {

constexpr double kPlainEvery_s = 5;

}  // namespace

void ProgressPrinter::redraw(const std::string& line) {
  print_dressed_err("\r" + visible_text(line) + "\033[K");
  drawn_ = true;
}

/// The throughput of each finished second, the last minute of them.
void ProgressPrinter::remember(const Progress& progress) {
  constexpr std::size_t kMostPast = 60;
  if (progress.elapsed_s < next_past_s_) return;
  next_past_s_ = std::floor(progress.elapsed_s) + 1;
  if (past_.size() == kMostPast) past_.erase(past_.begin());
  past_.emplace_back(progress.throughput_per_s);
}

void ProgressPrinter::phase(const std::string& what) {
  switch (mode_) {
    case Mode::redraw: redraw(what + (style_.unicode ? " …" : " ...")); return;
    case Mode::plain: print_err("poolgauge: " + what + "\n"); return;
    case Mode::none: return;
  }
}

void ProgressPrinter::update(const Progress& progress) {
  if (take_status_request()) status(progress);
  switch (mode_) {
    case Mode::redraw:
      remember(progress);
      redraw(progress_line(progress, style_, past_, widths_));
      return;
    case Mode::plain:
      if (progress.elapsed_s < next_plain_s_) return;
      next_plain_s_ = (std::floor(progress.elapsed_s / kPlainEvery_s) + 1) * kPlainEvery_s;
      print_err(plain_progress(progress));
      return;
    case Mode::none: return;
  }
}

bool ProgressPrinter::wants_line(double elapsed_s) {
  if (mode_ == Mode::none || elapsed_s < next_line_s_) return false;
  next_line_s_ = elapsed_s + (mode_ == Mode::redraw ? 0.2 : kPlainEvery_s);
  return true;
}

void ProgressPrinter::status(const Progress& progress) {
  finish();
  std::string line = plain_progress(progress);
  if (cli::pause_request().load()) line.insert(line.size() - 1, ", paused");
  print_err(line);
}

const std::atomic<bool>* ProgressPrinter::pause_request() const {
  return &cli::pause_request();
}

bool ProgressPrinter::confirm(const std::string& question, const StopFlag& stop) {
  if (!can_ask()) return true;
  finish();
  Status status = success();
  Questions questions(stop);
  return questions.ask_yes(question, false, status) && status.ok();
}

void ProgressPrinter::finish() {
  if (drawn_) print_dressed_err("\r\033[K");
  drawn_ = false;
}

void ProgressPrinter::note_once(const std::string& text) {
  if (!quiet_) print_err_once(text);
}

void ProgressPrinter::note(const std::string& text) {
  if (!quiet_) print_err(text);
}

void ProgressPrinter::trouble(const Error& error) {
  print_err(error_text(error));
}

ProgressPrinter::Mode progress_mode(const std::string& wanted, bool quiet,
                                    const Terminal& terminal) {
  if (quiet || wanted == "none") return ProgressPrinter::Mode::none;
  if (wanted == "plain" || !terminal.interactive) return ProgressPrinter::Mode::plain;
  return ProgressPrinter::Mode::redraw;
}

}  // namespace poolgauge::cli
