// `completion` and `man`: what the option table says, for shells and for man(1).
#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/args/choices.h"
#include "cli/args/command_line.h"
#include "cli/commands/commands.h"
#include "cli/shell/messages.h"
#include "files/files.h"
#include "files/report_set.h"
#include "manual/manual.h"

namespace poolgauge::cli {

using namespace manual;

namespace {

int print(const std::string& text) {
  const Status printed = print_out(text);
  return printed.ok() ? 0 : fail(printed.error());
}

Error no_such_page(const CommandEntry& program, const std::vector<std::string>& words) {
  std::vector<std::string> known;
  for (const CommandEntry* each : all_commands(program)) {
    if (!each->path.empty()) known.push_back(path_text(*each));
  }
  const std::string typed = spaced(words);
  const std::optional<std::string> nearest = nearest_name(typed, known);
  const std::string guess = nearest ? "; did you mean \"" + *nearest + "\"?" : "";
  return usage_error("man: unknown command \"" + typed + "\"" + guess,
                     "poolgauge --help lists the commands");
}

/// A file for each page, in a directory that is there.
int write_all(const CommandEntry& program, const std::string& directory) {
  for (const CommandEntry* each : all_commands(program)) {
    const std::string file = directory + "/" + page_name(*each) + ".1";
    const Status written = write_output(file, man_page(program, *each, tool_version()));
    if (!written.ok()) return fail(written.error());
  }
  return 0;
}

}  // namespace

void add_completion(CLI::App& app, CompletionOptions& options) {
  CLI::App& command = *app.add_subcommand("completion", "print a shell completion script");
  command.group(kCommands);
  command.footer(
      "The Debian package installs all three.\n\n"
      "Example:\n"
      "  poolgauge completion bash >~/.local/share/bash-completion/completions/poolgauge\n"
      "  poolgauge completion fish >~/.config/fish/completions/poolgauge.fish");
  command.add_option("SHELL", options.shell, "bash, zsh, or fish")
      ->required()
      ->check(one_of({"bash", "zsh", "fish"}))
      ->type_name("");
}

void add_man(CLI::App& app, ManOptions& options) {
  CLI::App& command =
      *app.add_subcommand("man", "print the manual page of poolgauge or of a command");
  command.group(kCommands);
  command.footer(
      "The output is roff; man -l shows it.\n\n"
      "Example:\n"
      "  poolgauge man run | man -l -\n"
      "  poolgauge man scenario import >poolgauge-scenario-import.1\n"
      "  poolgauge man --all /usr/local/share/man/man1");
  std::vector<std::string> names;
  for (const CLI::App* each : app.get_subcommands({})) names.push_back(each->get_name());
  command
      .add_option("COMMAND", options.command,
                  "command to print the page of (default: poolgauge itself)")
      ->check(offer(names))
      ->type_name("");
  command.add_option("--all", options.all, "write the pages of all commands into this directory")
      ->type_name("DIR");
}

int completion_command(const CompletionOptions& options) {
  const CommandEntry program = program_table();
  if (options.shell == "bash") return print(bash_completion(program));
  return print(options.shell == "zsh" ? zsh_completion(program) : fish_completion(program));
}

int man_command(const ManOptions& options) {
  const CommandEntry program = program_table();
  if (!options.all.empty()) {
    if (options.command.empty()) return write_all(program, options.all);
    return fail(
        usage_error("man: --all and a command cannot be used together; --all writes every page"));
  }
  const CommandEntry* command = find_command(program, options.command);
  if (command == nullptr) return fail(no_such_page(program, options.command));
  return print(man_page(program, *command, tool_version()));
}

}  // namespace poolgauge::cli
