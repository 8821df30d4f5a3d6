// `scenario import`, and `scenario new`: asks on a terminal, or takes flags, and writes a scenario
// that runs as it stands.
#include <filesystem>
#include <string>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/shell/messages.h"
#include "cli/shell/progress_printer.h"
#include "files/files.h"
#include "poolgauge/import.h"
#include "scenario/import/scenario_answers.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kFlags =
    "note: this is a commented template, because there is no terminal to ask questions on; use "
    "--pool, --users or --rate, --statement, --hold or --pause, and --goal to describe your "
    "application\n";

using Question = Result<std::string>;

Status ask_load(Questions& questions, ScenarioAnswers& answers) {
  bool is_rate = false;
  const auto check = [&is_rate](const std::string& typed) {
    is_rate = typed.ends_with("/s");
    return is_rate ? checked_rate(typed) : checked_users(typed);
  };
  Question load = questions.ask(
      "Virtual users (such as 50), or arrival rate in requests per second (such as 200/s)",
      usual_answers().users, check);
  if (!load.ok()) return load.error();
  (is_rate ? answers.rate : answers.users) = std::move(load).value();
  if (is_rate) return success();
  Question think = questions.ask("Think time of a user between two requests", usual_answers().think,
                                 checked_time);
  if (!think.ok()) return think.error();
  answers.think = std::move(think).value();
  return success();
}

Status ask_call(Questions& questions, ScenarioAnswers& answers) {
  Question time = questions.ask(
      "Time for other work in each request, such as a call to another service (0s for none)", "0s",
      checked_time);
  if (!time.ok()) return time.error();
  if (time.value() == "0s") return success();
  Status status = success();
  const bool keeps = questions.ask_yes("Is the connection kept during it? (y/n)", true, status);
  (keeps ? answers.hold : answers.pause) = std::move(time).value();
  return status;
}

/// Everything but the file's name.
Result<ScenarioAnswers> ask_all(Questions& questions) {
  const ScenarioAnswers& usual = usual_answers();
  ScenarioAnswers answers;
  Question pool = questions.ask("Connection pool", usual.pool, checked_pool);
  if (!pool.ok()) return pool.error();
  answers.pool = std::move(pool).value();
  Question processes = questions.ask("Application processes, each with its own pool",
                                     usual.processes, checked_processes);
  if (!processes.ok()) return processes.error();
  answers.processes = std::move(processes).value();
  if (const Status load = ask_load(questions, answers); !load.ok()) return load.error();
  auto statements = questions.ask_list("SQL statements of one request", usual.statements.front(),
                                       checked_statement);
  if (!statements.ok()) return statements.error();
  answers.statements = std::move(statements).value();
  if (const Status call = ask_call(questions, answers); !call.ok()) return call.error();
  auto goals = questions.ask_list("Goals", usual.goals.front(), checked_goal);
  if (!goals.ok()) return goals.error();
  answers.goals = std::move(goals).value();
  return answers;
}

std::string name_of_file(const std::string& file) {
  const std::string stem = std::filesystem::path(file).stem().string();
  return file.empty() || stem.empty() ? "my-app" : stem;
}

int write_scenario(const std::string& text, const std::string& file, bool force) {
  const OrFailure<Scenario> runs = scenario_from_text(text, file.empty() ? "new.json" : file);
  if (!runs.ok()) return fail(runs.failure());
  if (file.empty()) {
    const Status printed = print_out(text);
    return printed.ok() ? 0 : fail(printed.error());
  }
  const Status written = force ? write_output(file, text) : write_new_output(file, text);
  if (!written.ok()) return fail(written.error());
  print_err("wrote " + file + "; try: poolgauge run " + file + "\n");
  return 0;
}

Status check_free(const std::string& file, bool force) {
  if (force) return success();
  Status there = check_new_output(file);
  if (there.ok()) return there;
  return Error{there.error().kind, there.error().message,
               "choose another file, or add --force to replace this one"};
}

/// The file to write: asked for where none was named.
Result<std::string> ask_file(Questions& questions, bool force) {
  return questions.ask("File to write", "my-app.json", [force](const std::string& typed) {
    const Status free = check_free(typed, force);
    return free.ok() ? Result<std::string>(typed) : Result<std::string>(free.error());
  });
}

int ask_and_write(std::string file, bool to_stdout, bool force, const Context& context) {
  Questions questions(context.stop);
  const Result<ScenarioAnswers> asked = ask_all(questions);
  if (!asked.ok()) return fail(asked.error());
  if (file.empty() && !to_stdout) {
    Result<std::string> named = ask_file(questions, force);
    if (!named.ok()) return fail(named.error());
    file = std::move(named).value();
  }
  const Result<ScenarioAnswers> answers = complete(asked.value());
  if (!answers.ok()) return fail(answers.error());
  return write_scenario(scenario_text(name_of_file(file), answers.value()), file, force);
}

}  // namespace

int new_scenario_command(const ScenarioOptions& options, const Context& context) {
  const NewWishes& wishes = options.start;
  const bool to_stdout = is_stdout(wishes.file);
  const std::string file = to_stdout ? "" : wishes.file;
  if (const Status free = check_free(file, wishes.force); !free.ok()) return fail(free.error());
  if (wishes.answers.empty() && can_ask()) {
    return ask_and_write(file, to_stdout, wishes.force, context);
  }
  if (wishes.answers.empty()) {
    const int status = write_scenario(starter_scenario(name_of_file(file)), file, wishes.force);
    if (status == 0) print_err(kFlags);
    return status;
  }
  const Result<ScenarioAnswers> answers = complete(wishes.answers);
  if (!answers.ok()) return fail(answers.error());
  return write_scenario(scenario_text(name_of_file(file), answers.value()), file, wishes.force);
}

/// What was imported goes to its files, or to standard output.
int import_command(const ScenarioOptions& options, const Context& context) {
  ImportRequest request = options.import;
  if (is_stdout(request.output)) request.output.clear();
  ProgressPrinter progress(ProgressPrinter::Mode::none, {});
  const OrFailure<Imported> made = import_scenario(request, context, progress);
  if (!made.ok()) return fail(made.failure());
  if (request.output.empty()) {
    const Status printed = print_out(made.value().text);
    if (!printed.ok()) return fail(printed.error());
  }
  for (const std::string& note : made.value().notes) {
    print_err((note.starts_with("warning: ") ? "" : "note: ") + note + "\n");
  }
  for (const std::string& file : {request.output, made.value().arrivals}) {
    if (!file.empty()) print_err("wrote " + file + "\n");
  }
  return 0;
}

}  // namespace poolgauge::cli
