// The cure for each common mistake in a text that is almost JSON, or another format.
#pragma once

#include <string>
#include <string_view>

#include "base/file_form.h"

namespace poolgauge {

/// Where the JSON library stopped.
struct SyntaxMistake {
  std::string_view token;   ///< what it did not take; empty: the end of the file
  std::string_view before;  ///< the token before
  std::string_view after;   ///< the text behind the token
  std::string_view complaint;
};

/// What to write instead, in one line, with the name of the format it comes from (JSON5, Python,
/// YAML); empty: nothing better than the complaint.
std::string syntax_cure(const SyntaxMistake& mistake);

/// How to turn `file` into a scenario, with the command on a line of its own; empty: no way is
/// known.
std::string cure_of(FileForm form, const std::string& file);

}  // namespace poolgauge
