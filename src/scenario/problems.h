// The mistakes in a scenario: collected while it is read, then turned into diagnostics.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/diagnostic.h"
#include "scenario/locate.h"

namespace poolgauge {

/// One mistake at a place of the document. The texts are those of Diagnostic.
struct Problem {
  std::string pointer;
  Part part = Part::value;
  std::string message;
  std::string found = {};
  std::string nearest = {};
  std::string hint = {};
};

/// JSON pointers of values that came from a flag or the environment, and how to name that.
using OverrideSources = std::map<std::string, std::string, std::less<>>;

class Problems {
 public:
  void add(Problem problem) { problems_.push_back(std::move(problem)); }
  bool empty() const { return problems_.empty() && of_sources_.empty() && in_files_.empty(); }

  /// A mistake of a flag itself, not of a value in the document.
  void add_for_source(const std::string& source, const std::string& message,
                      const std::string& found);

  /// A mistake in a file that the scenario includes.
  void add_in_file(Diagnostic diagnostic) { in_files_.push_back(std::move(diagnostic)); }

  /// Ordered by place; those of flags first, with line 0, those of other files
  /// last. At most a hundred.
  std::vector<Diagnostic> diagnostics(std::string_view text, const std::string& file,
                                      const OverrideSources& sources) const;

 private:
  std::vector<Problem> problems_;
  std::vector<Diagnostic> of_sources_;
  std::vector<Diagnostic> in_files_;
};

}  // namespace poolgauge
