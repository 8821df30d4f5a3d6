// Errors as text and exit status.
#include "cli/messages.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

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
  std::string out = "poolgauge: " + error.message;
  if (out.back() != '\n') out += '\n';
  return out + indented(error.hint);
}

std::string diagnostics_text(std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    out += "poolgauge: " + to_text(diagnostic) + "\n";
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

Error usage_error(std::string message, std::string hint) {
  return Error{ErrorKind::usage, std::move(message), std::move(hint)};
}

Status print_out(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if ((written && std::fflush(stdout) == 0) || errno == EPIPE) return success();
  return usage_error("cannot write to standard output: " + std::string(std::strerror(errno)));
}

void print_err(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace poolgauge::cli
