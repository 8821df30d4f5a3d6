// What the user is told, and asked.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/context.h"
#include "app/load.h"
#include "files/files.h"
#include "poolgauge/diagnostic.h"
#include "poolgauge/exit_status.h"
#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge::cli {

using namespace app;

int exit_code(ErrorKind kind);

/// "poolgauge: message", then the hint; a newline after each line, and every line but the first
/// indented by two, so that no text of strangers begins a line.
std::string error_text(const Error& error);
std::string diagnostics_text(std::span<const Diagnostic> diagnostics);

/// Print to standard error and return the exit status.
int fail(const Error& error);
int fail(std::span<const Diagnostic> diagnostics);
int fail(const Failure& failure);

/// Prints lines of text; what a terminal would obey is written out.
Status print_lines(std::string_view text);
/// The same to standard error: messages.
void print_err(std::string_view text);
/// The same, but nothing that has been printed so before.
void print_err_once(const std::string& text);
/// What a renderer dressed for the terminal, to standard error.
void print_dressed_err(std::string_view text);

// Questions on a terminal: one line per answer, repeated with the reason if it is not valid.

/// Whether questions are possible: standard input and standard error are terminals.
bool can_ask();

class Questions {
 public:
  using Check = std::function<Result<std::string>(const std::string&)>;

  explicit Questions(const StopFlag& stop) : stop_(stop) {}

  /// The answer, as `check` returns it; `usual` for an empty line. Fails when the input
  /// ends or the program is interrupted.
  Result<std::string> ask(const std::string& question, const std::string& usual,
                          const Check& check);
  /// One answer on each line up to an empty one; `usual` when the first is empty.
  Result<std::vector<std::string>> ask_list(const std::string& question, const std::string& usual,
                                            const Check& check);
  bool ask_yes(const std::string& question, bool usual, Status& status);

 private:
  Result<std::string> read_line();

  const StopFlag& stop_;
};

}  // namespace poolgauge::cli
