// Where in a file something is wrong, and how to say it.
#pragma once

#include <span>
#include <string>

namespace poolgauge {

/// One mistake in an input. Line and column count from 1; 0 if the input is not a file (a flag).
struct Diagnostic {
  std::string file;  ///< path, or the flag or variable: "--users"
  std::size_t line = 0;
  std::size_t column = 0;
  std::string path;       ///< JSON pointer of the key, "/deployment/pool/max_overfow"; may be empty
  std::string found;      ///< the text found there, shortened; may be empty
  std::string message;    ///< what was expected: "expected a number above 0"
  std::string nearest;    ///< the known name nearest to it; may be empty
  std::string hint = {};  ///< how to fix it, as a line of its own; may be empty
};

/// "file:14:22: /path\n  message, found -5; did you mean "x"?\n  hint" without a newline at the
/// end.
std::string to_text(const Diagnostic& diagnostic);
/// All of them, one after the other, a newline after each.
std::string to_text(std::span<const Diagnostic> diagnostics);

}  // namespace poolgauge
