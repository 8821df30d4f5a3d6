// Errors as text and exit status.
#include "cli/shell/messages.h"

#include <cstdio>
#include <set>
#include <utility>

#include "base/visible_text.h"
#include "pg/conninfo/conninfo.h"

namespace poolgauge::cli {

namespace {

std::string indented(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && c != '\n') out += "  ";
    line_start = c == '\n';
    out += c;
  }
  if (!out.empty() && out.back() != '\n') out += '\n';
  return out;
}

/// Line ends within the message are followed by an indentation.
std::string continued(std::string_view message) {
  std::string out;
  for (std::size_t i = 0; i < message.size(); ++i) {
    out += message[i];
    const bool more = message[i] == '\n' && i + 1 < message.size();
    if (more && !message.substr(i + 1).starts_with("  ")) out += "  ";
  }
  return out;
}

void write_err(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage: return kExitUsage;
    case ErrorKind::target: return kExitTarget;
    case ErrorKind::guard: return kExitGuard;
    case ErrorKind::interrupted: return kExitInterrupted;
    case ErrorKind::internal: return kExitInternal;
  }
  return kExitInternal;
}

std::string error_text(const Error& error) {
  std::string out = "poolgauge: " + continued(error.message);
  if (out.back() != '\n') out += '\n';
  return out + indented(error.hint);
}

std::string diagnostics_text(std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    out += "poolgauge: " + continued(to_text(diagnostic)) + "\n";
  }
  return out;
}

int fail(const Error& error) {
  print_err(error_text(error));
  return exit_code(error.kind);
}

int fail(std::span<const Diagnostic> diagnostics) {
  print_err(diagnostics_text(diagnostics));
  return kExitUsage;
}

int fail(const Failure& failure) {
  return failure.diagnostics.empty() ? fail(failure.error) : fail(failure.diagnostics);
}

Status print_lines(std::string_view text) {
  return print_out(visible_lines(text));
}

void print_err(std::string_view text) {
  write_err(visible_lines(redacted(text)));
}

void print_err_once(const std::string& text) {
  static std::set<std::string> printed;
  if (!text.empty() && printed.insert(text).second) print_err(text);
}

void print_dressed_err(std::string_view text) {
  write_err(without_secrets(text));
}

}  // namespace poolgauge::cli
