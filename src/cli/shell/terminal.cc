// Asking the terminal and the environment.
#include "cli/shell/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/letters.h"

namespace poolgauge::cli {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// A locale that says nothing (as in a container) is taken for UTF-8, as terminals are today.
bool locale_is_utf8() {
  std::string locale = variable("LC_ALL");
  if (locale.empty()) locale = variable("LC_CTYPE");
  if (locale.empty()) locale = variable("LANG");
  if (locale.empty()) return true;
  locale = lower_case(locale);
  return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
}

unsigned height_of(int descriptor) {
  struct winsize size {};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0U;
}

unsigned width_of(int descriptor) {
  constexpr unsigned kDefault = 80;
  constexpr unsigned kNarrowest = 20;
  constexpr unsigned kWidest = 500;
  unsigned width = 0;
  struct winsize size {};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0) width = size.ws_col;
  if (width == 0) {
    const std::string columns = variable("COLUMNS");
    width = static_cast<unsigned>(std::strtoul(columns.c_str(), nullptr, 10));
  }
  return width == 0 ? kDefault : std::clamp(width, kNarrowest, kWidest);
}

}  // namespace

Terminal inspect_terminal(int descriptor, bool no_color) {
  Terminal terminal;
  const std::string kind = variable("TERM");
  terminal.interactive = isatty(descriptor) == 1 && kind != "dumb" && !kind.empty();
  terminal.color = terminal.interactive && !no_color && variable("NO_COLOR").empty();
  terminal.unicode = locale_is_utf8();
  terminal.width = width_of(descriptor);
  if (terminal.interactive) terminal.height = height_of(descriptor);
  return terminal;
}

TerminalStyle style_for(const Terminal& terminal, bool explain) {
  return {terminal.color, terminal.unicode, terminal.width, explain};
}

}  // namespace poolgauge::cli
