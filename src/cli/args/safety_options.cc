// Registration with CLI11.
#include "cli/args/safety_options.h"

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cli/args/parsed_option.h"
#include "cli/args/size_values.h"
#include "poolgauge/result.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kSafety = "Safety on servers other than the throwaway one";

void add_text(CLI::App& command, const char* flag, const char* type, std::string& slot,
              const char* help) {
  command.add_option(flag, slot, help)->type_name(type)->group(kSafety);
}

void add_guards(CLI::App& command, SafetyOptions& options) {
  command
      .add_option("--guard", options.guards,
                  "hold new requests back unless this is true, for example\n"
                  "'others_active<=4'; repeatable")
      ->allow_extra_args(false)
      ->type_name("EXPR")
      ->group(kSafety);
  command
      .add_option("--guard-stop", options.stop_guards,
                  "end the run with status 13 unless this is true, for example\n"
                  "'free_slots>=10'; repeatable (--shared has defaults)")
      ->allow_extra_args(false)
      ->type_name("EXPR")
      ->group(kSafety);
  add_text(command, "--guard-query", "SQL", options.guard_query,
           "hold new requests back while this query returns a number above 0");
  add_text(command, "--guard-http", "URL", options.guard_http,
           "hold new requests back unless this http URL answers with status 200");
  add_text(command, "--stop-file", "PATH", options.stop_file,
           "end the run with status 13 when this file exists");
}

}  // namespace

void add_safety(CLI::App& command, SafetyOptions& options) {
  command
      .add_flag("--allow-writes", options.allow_writes,
                "allow data.setup, data.teardown, and steps that may write")
      ->group(kSafety);
  command
      .add_flag("--allow-setup", options.allow_setup,
                "allow data.setup and data.teardown to drop or change what is already there")
      ->group(kSafety);
  command
      .add_flag("--shared", options.shared,
                "load a server that others use: guards, a ramp, and at most half of\nthe free "
                "connection slots")
      ->group(kSafety);
  add_parsed<Duration>(
      command, kSafety, "--ramp", "TIME",
      "ramp the load up over this time before the measurement (default: 10s\nwith --shared)",
      options.ramp, [](const std::string& text) { return parse_duration(text); });
  add_guards(command, options);
  command
      .add_flag("--yes", options.yes,
                "do not ask before loading a remote target that comes from environment\nvariables "
                "rather than from --target")
      ->group(kSafety);
}

void add_safety_budget(CLI::App& command, SafetyOptions& options) {
  add_parsed<std::int64_t>(
      command, kSafety, "--budget", "N",
      "connections that the pools may open (default with --shared: half of\nthe free slots)",
      options.budget, [](const std::string& text) { return parse_count(text, 1, kMostBackends); });
}

}  // namespace poolgauge::cli
