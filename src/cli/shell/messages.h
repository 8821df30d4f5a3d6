// How errors reach the user: text on standard error and an exit status.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/context.h"
#include "app/load.h"
#include "files/files.h"
#include "poolgauge/diagnostic.h"
#include "poolgauge/exit_status.h"
#include "poolgauge/result.h"

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

}  // namespace poolgauge::cli
