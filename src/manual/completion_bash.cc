// Completion for bash: one function with a table of words in it. It needs nothing but bash.
#include <fmt/format.h>

#include <map>

#include "manual/manual.h"

namespace poolgauge::manual {

namespace {

constexpr const char* kHelpers = R"script(
# The words of "$1" that continue what is typed.
_poolgauge_words() {
  local IFS=$' \n'
  COMPREPLY+=($(compgen -W "$1" -- "$cur"))
}

_poolgauge_files() {
  local IFS=$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($(compgen "$@" -- "$cur"))
}

_poolgauge_scenarios() {
  _poolgauge_words "$(@LIST@)"
  _poolgauge_files -f -X '!*.json'
  _poolgauge_files -d
}
)script";

constexpr const char* kStart = R"(
_poolgauge() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=
  COMPREPLY=()
  # bash takes --name=value apart at the sign.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  if ((COMP_CWORD > 1)); then command=${COMP_WORDS[1]}; fi
)";

std::string action_of(const OptionEntry& option) {
  switch (option.completes) {
    case Completes::nothing: return ":";
    case Completes::choices: return "_poolgauge_words " + single_quoted(spaced(option.choices));
    case Completes::files: return "_poolgauge_files -f";
    case Completes::directories: return "_poolgauge_files -d";
    case Completes::scenarios: return "_poolgauge_scenarios";
  }
  return ":";
}

/// A `case` over "COMMAND OPTION", one branch for all that complete alike.
std::string values_of(const CommandEntry& program) {
  std::map<std::string, std::string> patterns;
  for (const CommandEntry* command : all_commands(program)) {
    for (const OptionEntry& option : command->options) {
      if (option.value.empty()) continue;
      std::string& pattern = patterns[action_of(option)];
      for (const std::string& name : option.names) {
        if (!pattern.empty()) pattern += " |\\\n    ";
        pattern += fmt::format("'{} {}'", path_text(*command), name);
      }
    }
  }
  std::string text = "  case \"$command $prev\" in\n";
  for (const auto& [action, pattern] : patterns) {
    text += fmt::format("    {})\n      {}\n      return ;;\n", pattern, action);
  }
  return text + "  esac\n";
}

/// What a word may be that is no option's value.
std::string branch_of(const CommandEntry& command) {
  std::vector<std::string> options;
  for (const OptionEntry& option : command.options) {
    options.insert(options.end(), option.names.begin(), option.names.end());
  }
  std::string text = fmt::format("    '{}')\n", path_text(command));
  text += "      if [[ $cur == -* ]]; then\n        _poolgauge_words " +
          single_quoted(spaced(options)) + "\n";
  std::vector<std::string> below;
  for (const CommandEntry& each : command.commands) below.push_back(each.path.back());
  if (!below.empty()) {
    text += "      else\n        _poolgauge_words " + single_quoted(spaced(below)) + "\n";
  } else if (!command.arguments.empty()) {
    text += "      else\n        " + action_of(command.arguments.front()) + "\n";
  }
  return text + "      fi ;;\n";
}

/// Commands that are two words long.
std::string second_words(const CommandEntry& program) {
  std::string text;
  for (const CommandEntry& command : program.commands) {
    if (command.commands.empty()) continue;
    text += fmt::format(
        "  if [[ $command == {} ]] && ((COMP_CWORD > 2)); then\n"
        "    command+=\" ${{COMP_WORDS[2]}}\"\n  fi\n",
        command.path.back());
  }
  return text;
}

}  // namespace

std::string bash_completion(const CommandEntry& program) {
  std::string text = completion_heading(
      "bash",
      "To install it: poolgauge completion bash >~/.local/share/bash-completion/completions/"
      "poolgauge");
  text += with_scenario_list(kHelpers) + kStart + second_words(program) + values_of(program);
  text += "  case $command in\n";
  for (const CommandEntry* command : all_commands(program)) text += branch_of(*command);
  return text + "  esac\n}\n\ncomplete -F _poolgauge poolgauge\n";
}

}  // namespace poolgauge::manual
