// Questions on a terminal: one line per answer, repeated with the reason if it is not valid.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "poolgauge/result.h"
#include "poolgauge/stop.h"

namespace poolgauge::cli {

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
