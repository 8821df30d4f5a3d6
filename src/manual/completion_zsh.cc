// Completion for zsh: a function for each command, in the words of its own _arguments.
#include <fmt/format.h>

#include "manual/manual.h"

namespace poolgauge::manual {

namespace {

constexpr const char* kZshScenarios = R"script(
_poolgauge_scenarios() {
  local -a names
  names=(${(f)"$(@LIST@)"})
  _alternative 'scenarios:scenario:compadd -a names' 'files:file:_files'
}
)script";

std::string function_of(const CommandEntry& command) {
  return command.path.empty() ? "_poolgauge" : "_poolgauge_" + path_text(command, '_');
}

/// `text` where a colon or a bracket would end it.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action_of(const OptionEntry& option) {
  switch (option.completes) {
    case Completes::nothing: return " ";
    case Completes::choices: return "(" + spaced(option.choices) + ")";
    case Completes::files: return "_files";
    case Completes::directories: return "_files -/";
    case Completes::scenarios: return "_poolgauge_scenarios";
  }
  return " ";
}

std::string zsh_value_of(const OptionEntry& option) {
  return option.value.empty() ? "" : ":" + escaped(option.value) + ":" + zsh_action_of(option);
}

std::string spec_of(const OptionEntry& option, const std::string& name) {
  std::string before = option.repeatable ? "*" : "";
  if (option.names.size() > 1) {
    before = "(" + spaced(option.names) + ")";
  }
  const std::string equals = option.value.empty() ? "" : "=";
  return single_quoted(before + name + equals + "[" + escaped(option.help) + "]" +
                       zsh_value_of(option));
}

/// _arguments with all that one command takes.
std::string arguments_of(const CommandEntry& command, const std::string& indent) {
  std::string text = indent + "_arguments -S :";
  const auto add = [&](const std::string& spec) { text += " \\\n" + indent + "  " + spec; };
  for (const OptionEntry& option : command.options) {
    for (const std::string& name : option.names) add(spec_of(option, name));
  }
  for (const OptionEntry& argument : command.arguments) {
    add(single_quoted((argument.repeatable ? "*" : "") + zsh_value_of(argument)));
  }
  return text + "\n";
}

/// The words below a command, then those of the one that was chosen.
std::string choice_of(const CommandEntry& command) {
  std::string text = "  local -a commands\n  commands=(\n";
  for (const CommandEntry& below : command.commands) {
    text += "    " + single_quoted(below.path.back() + ":" + escaped(below.help)) + "\n";
  }
  text += "  )\n  if ((CURRENT == 2)); then\n    if [[ $words[2] == -* ]]; then\n" +
          arguments_of(command, "      ") +
          "    else\n      _describe -t commands command commands\n    fi\n    return\n  fi\n" +
          "  shift words\n  ((CURRENT--))\n  case $words[1] in\n";
  for (const CommandEntry& below : command.commands) {
    text += fmt::format("    {}) {} ;;\n", below.path.back(), function_of(below));
  }
  return text + "  esac\n";
}

}  // namespace

std::string zsh_completion(const CommandEntry& program) {
  std::string text =
      "#compdef poolgauge\n" +
      completion_heading(
          "zsh",
          "To install it: save it as _poolgauge in a directory of $fpath before compinit runs.") +
      with_scenario_list(kZshScenarios);
  for (const CommandEntry* command : all_commands(program)) {
    text += "\n" + function_of(*command) + "() {\n";
    text += command->commands.empty() ? arguments_of(*command, "  ") : choice_of(*command);
    text += "}\n";
  }
  // Autoloaded, this file is the function; sourced, it is registered.
  return text +
         "\nif [[ $funcstack[1] == _poolgauge ]]; then\n  _poolgauge \"$@\"\nelse\n"
         "  compdef _poolgauge poolgauge\nfi\n";
}

}  // namespace poolgauge::manual
