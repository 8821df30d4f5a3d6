// Prompts go to standard error: standard output may be the scenario.
#include "cli/shell/messages.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/letters.h"

namespace poolgauge::cli {

namespace {

void refuse_answer(const Error& error) {
  std::string text = "  " + error.message + "\n";
  if (!error.hint.empty()) text += "  " + error.hint + "\n";
  print_err(text);
}

std::string shown_usual(const std::string& usual) {
  return usual.empty() ? "" : " [" + usual + "]";
}

}  // namespace

bool can_ask() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
}

Result<std::string> Questions::read_line() {
  std::string line;
  while (!stop_.requested()) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    // Reads go on after a signal; poll returns.
    if (::poll(&input, 1, -1) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    char c = '\0';
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    if (c == '\n') return std::string(trimmed(line));
    line += c;
  }
  print_err("\n");
  return Error{ErrorKind::interrupted, "no scenario was written: not all questions were answered",
               ""};
}

Result<std::string> Questions::ask(const std::string& question, const std::string& usual,
                                   const Check& check) {
  for (;;) {
    print_err(question + shown_usual(usual) + ": ");
    Result<std::string> line = read_line();
    if (!line.ok()) return line;
    if (line.value().empty()) return usual;
    Result<std::string> good = check(line.value());
    if (good.ok()) return good;
    refuse_answer(good.error());
  }
}

Result<std::vector<std::string>> Questions::ask_list(const std::string& question,
                                                     const std::string& usual, const Check& check) {
  print_err(question + ", one per line, empty line to finish" + shown_usual(usual) + ":\n");
  std::vector<std::string> answers;
  for (;;) {
    const Result<std::string> answer = ask("  " + std::to_string(answers.size() + 1), "", check);
    if (!answer.ok()) return answer.error();
    if (!answer.value().empty()) {
      answers.push_back(answer.value());
      continue;
    }
    if (answers.empty() && !usual.empty()) answers.push_back(usual);
    return answers;
  }
}

bool Questions::ask_yes(const std::string& question, bool usual, Status& status) {
  const Check check = [](const std::string& typed) -> Result<std::string> {
    if (typed == "y" || typed == "yes" || typed == "n" || typed == "no") return typed;
    return usage_error("expected y or n, found \"" + typed + "\"");
  };
  const Result<std::string> answer = ask(question, usual ? "y" : "n", check);
  if (!answer.ok()) status = answer.error();
  return answer.ok() && answer.value().starts_with('y');
}

}  // namespace poolgauge::cli
