// roff, as plainly as it can be written.
#include "manual/manual.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

namespace poolgauge::manual {

namespace {

constexpr std::pair<const char*, const char*> kExitStatus[] = {
    {"0", "goals met, or nothing to judge"},
    {"1", "internal error"},
    {"2", "invalid usage, scenario, or report"},
    {"3",
     "target unreachable, connection refused, or permission denied; too few connection slots for "
     "the pools"},
    {"10", "a goal was missed; with size --check: the settings do not fit or can deadlock"},
    {"11", "regression against the baseline"},
    {"12",
     "inconclusive: the load generator was saturated, there were too few samples, the target died, "
     "or too many requests were in flight at the end to judge a goal"},
    {"13", "a safety guard stopped the run"},
    {"130", "interrupted; the report is marked partial"}};

constexpr std::pair<const char*, const char*> kEnvironment[] = {
    {"POOLGAUGE_*",
     "most options that take a value can also be set by a variable; the manual page of each "
     "command lists them. Scenario keys use the name of their flag: POOLGAUGE_USERS=50. Flags "
     "override variables."},
    {"PG*",
     "libpq's variables, password file, and services work as in psql. If one of them gives a "
     "server, no throwaway PostgreSQL is started."},
    {"NO_COLOR", "if set, turns off colors."},
    {"TMPDIR", "directory for the files and the socket of the throwaway PostgreSQL."}};

/// Text in which roff sees nothing but text.
std::string plain(const std::string& text) {
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && (c == '.' || c == '\'')) out += "\\&";
    at_start = c == '\n';
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '`': out += "\\(ga"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      default: out += c;
    }
  }
  return out;
}

std::string bold(const std::string& text) {
  return "\\fB" + plain(text) + "\\fR";
}

std::string italic(const std::string& text) {
  return "\\fI" + plain(text) + "\\fR";
}

std::string section(const char* name) {
  return fmt::format(".SH {}\n", name);
}

std::string item(const std::string& term, const std::string& text) {
  return ".TP\n" + term + "\n" + text + "\n";
}

std::string full_name(const CommandEntry& command) {
  return command.path.empty() ? "poolgauge" : "poolgauge " + path_text(command);
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string synopsis(const CommandEntry& command) {
  std::string line = bold(full_name(command)) + " [" + italic("OPTIONS") + "]";
  if (!command.commands.empty()) line += " " + italic("COMMAND");
  for (const OptionEntry& argument : command.arguments) {
    const std::string shown = italic(argument.value) + (argument.repeatable ? "..." : "");
    line += argument.required ? " " + shown : " [" + shown + "]";
  }
  return section("SYNOPSIS") + line + "\n";
}

std::string term_of(const OptionEntry& option) {
  std::string term;
  for (const std::string& name : option.names) term += (term.empty() ? "" : ", ") + bold(name);
  if (option.names.empty()) return italic(option.value);
  return option.value.empty() ? term : term + " " + italic(option.value);
}

/// The choices, unless the words about the option name them all.
std::string choices_of(const OptionEntry& option) {
  const bool said = std::all_of(
      option.choices.begin(), option.choices.end(),
      [&option](const std::string& name) { return option.help.find(name) != std::string::npos; });
  if (said) return "";
  std::string all;
  for (const std::string& name : option.choices) all += (all.empty() ? "" : ", ") + plain(name);
  return "\n.br\nOne of: " + all + ".";
}

std::string text_of(const OptionEntry& option) {
  std::string text = plain(option.help) + choices_of(option);
  if (!option.variable.empty()) text += "\n.br\nEnvironment: " + bold(option.variable) + ".";
  return text;
}

/// The headings in their order; the first is that of --help, which needs none.
std::vector<std::string> groups_of(const CommandEntry& command) {
  std::vector<std::string> groups;
  for (const OptionEntry& option : command.options) {
    const bool known = std::find(groups.begin(), groups.end(), option.group) != groups.end();
    if (!known) groups.push_back(option.group);
  }
  return groups;
}

std::string options_of(const CommandEntry& command) {
  std::string text;
  if (!command.arguments.empty()) text += section("ARGUMENTS");
  for (const OptionEntry& argument : command.arguments) {
    text += item(term_of(argument), text_of(argument));
  }
  text += section("OPTIONS");
  for (const std::string& group : groups_of(command)) {
    if (group != command.options.front().group) text += ".SS " + plain(group) + "\n";
    for (const OptionEntry& option : command.options) {
      if (option.group == group) text += item(term_of(option), text_of(option));
    }
  }
  return text;
}

std::string commands_of(const CommandEntry& command) {
  if (command.commands.empty()) return "";
  std::string text = section("COMMANDS");
  for (const CommandEntry& below : command.commands) {
    text += item(bold(below.path.back()),
                 plain(below.help) + "; see\n" + bold(page_name(below)) + "(1).");
  }
  return text;
}

/// The help's last words: explanations, then examples.
std::string footer_of(const CommandEntry& command) {
  constexpr std::string_view kExample = "Example:\n";
  const std::size_t at = command.footer.find(kExample);
  const std::string before = command.footer.substr(0, at);
  std::string text;
  if (before.find_first_not_of('\n') != std::string::npos) {
    text +=
        section("DESCRIPTION") + plain(before.substr(0, before.find_last_not_of('\n') + 1)) + "\n";
  }
  if (at == std::string::npos) return text;
  const std::string examples = command.footer.substr(at + kExample.size());
  const std::string code = examples.substr(0, examples.find("\n\n"));
  return text + section("EXAMPLES") + ".nf\n" + plain(code) + "\n.fi\n";
}

template <std::size_t N>
std::string table(const char* heading, const std::pair<const char*, const char*> (&rows)[N]) {
  std::string text = section(heading);
  for (const auto& [term, words] : rows) text += item(bold(term), plain(words));
  return text;
}

std::string see_also(const CommandEntry& program, const CommandEntry& command) {
  std::string text = section("SEE ALSO");
  if (!command.path.empty()) return text + bold("poolgauge") + "(1)\n";
  std::string all;
  for (const CommandEntry* each : all_commands(program)) {
    if (each->path.empty()) continue;
    all += (all.empty() ? "" : ",\n") + bold(page_name(*each)) + "(1)";
  }
  return text + all + "\n";
}

}  // namespace

std::string page_name(const CommandEntry& command) {
  return command.path.empty() ? "poolgauge" : "poolgauge-" + path_text(command, '-');
}

std::string man_page(const CommandEntry& program, const CommandEntry& command,
                     std::string_view version) {
  const std::string name = page_name(command);
  std::string text =
      fmt::format(".\\\" Generated by: {}\n.TH \"{}\" 1 \"\" \"poolgauge {}\" \"Poolgauge\"\n",
                  command.path.empty() ? "poolgauge man" : "poolgauge man " + path_text(command),
                  plain(upper(name)), version);
  // Examples and names keep their width; other lines are filled to the left.
  text += ".ad l\n.nh\n";
  const bool is_program = command.path.empty();
  const std::string what =
      is_program ? "load tester and connection pool sizing advisor for PostgreSQL" : command.help;
  text += section("NAME") + plain(name) + " \\- " + plain(what) + "\n" + synopsis(command);
  if (is_program) text += section("DESCRIPTION") + plain(command.help) + "\n";
  text += footer_of(command) + commands_of(command) + options_of(command);
  if (is_program) text += table("EXIT STATUS", kExitStatus) + table("ENVIRONMENT", kEnvironment);
  return text + see_also(program, command);
}

}  // namespace poolgauge::manual
