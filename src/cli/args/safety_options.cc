// Registration with CLI11.
#include "cli/args/safety_options.h"

#include <CLI/CLI.hpp>

#include "cli/args/option_table.h"

#include "base/quantities.h"
#include "base/text.h"
#include "poolgauge/result.h"

namespace poolgauge::cli {

namespace {

constexpr const char* kSafety = "Safety on servers other than the throwaway one";

void add_guards(CLI::App& command, SafetyOptions& options) {
  add_list(command, kSafety, "--guard", options.guards, "EXPR",
           "hold new requests back unless this is true, for example\n"
           "'others_active<=4'; repeatable");
  add_list(command, kSafety, "--guard-stop", options.stop_guards, "EXPR",
           "end the run with status 13 unless this is true, for example\n"
           "'free_slots>=10'; repeatable (--shared has defaults)");
  add_value(command, kSafety, "--guard-query", options.guard_query, "SQL",
            "hold new requests back while this query returns a number above 0");
  add_value(command, kSafety, "--guard-http", options.guard_http, "URL",
            "hold new requests back unless this http URL answers with status 200");
  add_value(command, kSafety, "--stop-file", options.stop_file, "PATH",
            "end the run with status 13 when this file exists");
}

}  // namespace

void add_safety(CLI::App& command, SafetyOptions& options) {
  add_switch(command, kSafety, "--allow-writes", options.allow_writes,
             "allow data.setup, data.teardown, and steps that may write");
  add_switch(command, kSafety, "--allow-setup", options.allow_setup,
             "allow data.setup and data.teardown to drop or change what is already there");
  add_switch(command, kSafety, "--shared", options.shared,
             "load a server that others use: guards, a ramp, and at most half of\nthe free "
             "connection slots");
  add_parsed<Duration>(
      command, kSafety, "--ramp", "TIME",
      "ramp the load up over this time before the measurement (default: 10s\nwith --shared)",
      options.ramp, [](const std::string& text) { return parse_duration(text); });
  add_guards(command, options);
  add_switch(command, kSafety, "--yes", options.yes,
             "do not ask before loading a remote target that comes from environment\nvariables "
             "rather than from --target");
}

void add_safety_budget(CLI::App& command, SafetyOptions& options) {
  add_parsed<std::int64_t>(
      command, kSafety, "--budget", "N",
      "connections that the pools may open (default with --shared: half of\nthe free slots)",
      options.budget, [](const std::string& text) { return parse_count(text, 1, kMostBackends); });
}

}  // namespace poolgauge::cli
