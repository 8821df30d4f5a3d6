// Completion for fish: a line for each option of each command.
#include "manual/manual.h"

namespace poolgauge::manual {

namespace {

constexpr const char* kFishHelpers = R"script(
# Whether the command is the one of these words, and whether they are all that was typed so far.
function __poolgauge_in
    set -l words (commandline -opc)
    set -l last (math (count $argv) + 1)
    test (count $words) -ge $last; and test "$words[2..$last]" = "$argv"
end

function __poolgauge_next
    set -l words (commandline -opc)
    test (count $words) -eq (math (count $argv) + 1); or return 1
    test (count $argv) -eq 0; or test "$words[2..-1]" = "$argv"
end

function __poolgauge_scenarios
    @LIST@
end

complete -c poolgauge -f
)script";

std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string value_of(const OptionEntry& option) {
  switch (option.completes) {
    case Completes::nothing: return option.value.empty() ? "" : " -x";
    case Completes::choices: return " -x -a " + fish_quoted(spaced(option.choices));
    case Completes::files: return " -r -F";
    case Completes::directories: return " -x -a '(__fish_complete_directories)'";
    case Completes::scenarios: return " -r -F -a '(__poolgauge_scenarios)'";
  }
  return "";
}

std::string argument_of(const OptionEntry& argument) {
  switch (argument.completes) {
    case Completes::nothing: return "";
    case Completes::choices: return value_of(argument).substr(3);  // no option, so no -x
    case Completes::files: return " -F";
    case Completes::directories: return " -a '(__fish_complete_directories)'";
    case Completes::scenarios: return " -F -a '(__poolgauge_scenarios)'";
  }
  return "";
}

std::string lines_of(const CommandEntry& command) {
  const bool has_more = !command.commands.empty();
  std::string condition = has_more ? "__poolgauge_next" : "__poolgauge_in";
  for (const std::string& word : command.path) condition += " " + word;
  const std::string start = "complete -c poolgauge -n " + fish_quoted(condition);
  std::string text;
  for (const CommandEntry& below : command.commands) {
    text += start + " -a " + below.path.back() + " -d " + fish_quoted(below.help) + "\n";
  }
  for (const OptionEntry& option : command.options) {
    text += start;
    for (const std::string& name : option.names) {
      text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    text += value_of(option) + " -d " + fish_quoted(option.help) + "\n";
  }
  if (!command.arguments.empty()) text += start + argument_of(command.arguments.front()) + "\n";
  return text;
}

}  // namespace

std::string fish_completion(const CommandEntry& program) {
  std::string text = completion_heading(
      "fish",
      "To install it: poolgauge completion fish >~/.config/fish/completions/poolgauge.fish");
  text += with_scenario_list(kFishHelpers);
  for (const CommandEntry* command : all_commands(program)) text += "\n" + lines_of(*command);
  return text;
}

}  // namespace poolgauge::manual
