// Walking CLI11's tree.
#include "cli/args/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/args/choices.h"

namespace poolgauge::cli {

using namespace manual;

namespace {

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  const std::size_t variable = text.find(" (Env:");  // said in a place of its own
  return variable == text.npos ? text : text.substr(0, variable);
}

/// The help of some options names their variable, where CLI11 must not read it by itself.
std::string variable_of(const CLI::Option& option) {
  constexpr std::string_view kStart = "(Env:";
  const std::string& help = option.get_description();
  const std::size_t at = help.find(kStart);
  if (at == help.npos) return option.get_envname();
  const std::size_t from = at + kStart.size();
  return help.substr(from, help.find(')', from) - from);
}

bool takes_files(const OptionEntry& entry) {
  return entry.value == "FILE" || entry.value == "FILE..." || entry.value == "OTHER";
}

Completes completes(const OptionEntry& entry, bool scenarios) {
  if (!entry.choices.empty()) return Completes::choices;
  if (scenarios || entry.value == "SCENARIO") return Completes::scenarios;
  if (entry.names.empty() || takes_files(entry)) return Completes::files;
  return entry.value == "DIR" ? Completes::directories : Completes::nothing;
}

OptionEntry entry_of(CLI::Option& option) {
  OptionEntry entry;
  for (const std::string& name : option.get_snames()) entry.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) entry.names.push_back("--" + name);
  const bool is_switch = option.get_items_expected_min() == 0 && !entry.names.empty();
  if (!is_switch) entry.value = entry.names.empty() ? option.get_name() : option.get_type_name();
  entry.help = one_line(option.get_description());
  entry.group = option.get_group();
  entry.variable = variable_of(option);
  const Offered offered = offered_by(option);
  entry.choices = offered.names;
  entry.repeatable = option.get_items_expected_max() > 1;
  entry.required = option.get_required();
  if (!is_switch) entry.completes = completes(entry, offered.scenarios);
  return entry;
}

CommandEntry command_of(CLI::App& app, std::vector<std::string> path) {
  CommandEntry command;
  command.path = std::move(path);
  command.help = app.get_description();
  command.footer = app.get_footer();
  for (CLI::Option* option : app.get_options({})) {
    if (option->get_group().empty()) continue;  // hidden from the help, too
    (option->get_positional() ? command.arguments : command.options).push_back(entry_of(*option));
  }
  for (CLI::App* below : app.get_subcommands({})) {
    std::vector<std::string> words = command.path;
    words.push_back(below->get_name());
    command.commands.push_back(command_of(*below, std::move(words)));
  }
  return command;
}

}  // namespace

CommandEntry command_table(CLI::App& app) {
  return command_of(app, {});
}

}  // namespace poolgauge::cli
