// `size`: the sizing formulas.
#include <optional>
#include <string>

#include <fmt/format.h>

#include "advise/snippets.h"
#include "app/advice_parts.h"
#include "cli/commands/commands.h"
#include "cli/commands/outputs.h"
#include "cli/commands/show.h"
#include "cli/commands/size_from.h"
#include "cli/shell/built_in.h"
#include "cli/shell/messages.h"
#include "cli/shell/wall_clock.h"
#include "poolgauge/pool_sizing.h"
#include "poolgauge/sizing.h"

namespace poolgauge::cli {

namespace {

/// What no single flag can see.
std::optional<Error> contradiction(const SizeInputs& in) {
  if (in.hold_s && in.sql_s && *in.sql_s > *in.hold_s) {
    return usage_error("--sql-time is longer than --hold",
                       "--hold is the whole time a connection is checked out, including SQL");
  }
  if (in.pool_size.value_or(1) + in.max_overflow.value_or(0) < 1) {
    return usage_error("--pool-size 0 needs a --max-overflow above 0");
  }
  if (in.names.overflow.empty() && (in.max_overflow || in.replica_max_overflow)) {
    return usage_error(
        fmt::format("--max-overflow: a pool of kind {} has no overflow; {} is its maximum", in.kind,
                    total_name(in.names)),
        fmt::format("set {} with --pool-size, and remove --max-overflow", total_name(in.names)));
  }
  if (in.replica_max_overflow && !in.replica_pool_size) {
    return usage_error("--replica-max-overflow needs --replica-pool-size");
  }
  if (in.replica_max_connections && !in.replica_pool_size) {
    return usage_error("--replica-max-connections needs --replica-pool-size",
                       "without --replica-pool-size there is no replica to check");
  }
  if (in.memory_mib && in.shared_buffers_mib && *in.shared_buffers_mib >= *in.memory_mib) {
    return usage_error("--shared-buffers is not less than --memory",
                       "--shared-buffers is usually a quarter of the memory");
  }
  if (!in.pgbouncer) {
    const char* const flag = in.default_pool_size            ? "--default-pool-size"
                             : in.reserve_pool_size          ? "--reserve-pool-size"
                             : in.max_client_conn            ? "--max-client-conn"
                             : in.pgbouncer_processes != 1   ? "--pgbouncer-processes"
                             : in.pgbouncer_pairs != 1       ? "--pgbouncer-pairs"
                             : in.pool_mode != "transaction" ? "--pool-mode"
                                                             : nullptr;
    if (flag != nullptr) {
      return usage_error(std::string(flag) + " applies only to PgBouncer", "add --pgbouncer");
    }
  }
  return std::nullopt;
}

/// The settings under the names that the pool's own library has for them.
void add_library_words(Sizing& sizing) {
  const std::string& kind = sizing.inputs.kind;
  if (kind.empty()) return;
  Recommendation& r = sizing.recommendation;
  PoolSettings settings;
  settings.kept = r.pool_size;
  settings.total = r.total();
  settings.wait = from_s(r.pool_timeout_s);
  r.kind = kind;
  r.options = named_options(kind, settings);
  r.own_snippet = snippet_of(kind);
}

Status show(const Sizing& sizing, const SizeOptions& options) {
  if (options.output.quiet) {
    // A failing step of CI says why, even when nothing else is to be said.
    if (options.check && !sizing.problems.empty()) {
      print_err("poolgauge: " + check_line(sizing) + "\n");
    }
    return success();
  }
  std::string snippet = options.snippet;
  if (snippet.empty() && !options.check) {  // a check shows one only if asked to
    snippet = sizing.recommendation.own_snippet;
    if (snippet.empty()) snippet = kUsualSnippet;
  }
  return show_text(
      options.output,
      [&](const TerminalStyle& style) {
        return to_terminal(sizing, style, {snippet, options.rules, options.check});
      },
      [&](const TerminalStyle& style) {
        return options.check ? std::string() : size_closing(sizing, style);
      });
}

}  // namespace

int size_command(const SizeOptions& options, const Context& context) {
  Result<SizeInputs> filled = with_report(options.inputs, options.from);
  if (!filled.ok()) return fail(filled.error());
  if (const auto names = sizing_options(filled.value().kind)) filled.value().names = *names;
  if (const auto wrong = contradiction(filled.value())) return fail(*wrong);
  if (const Status checked = check_outputs(options.output, false); !checked.ok()) {
    return fail(checked.error());
  }
  Result<Sizing> sizing = size_pools(filled.value());
  if (!sizing.ok()) {
    const int usage = fail(sizing.error());
    return options.check ? kExitMissed : usage;
  }
  add_library_words(sizing.value());
  const SizeFacts facts{std::string(tool_version()), context.command_line, iso_time(wall_clock())};
  const OutputOptions& output = options.output;
  const Status written =
      write_requested(output, output.json.empty() ? "" : to_json(sizing.value(), facts),
                      output.markdown.empty() ? "" : to_markdown(sizing.value()));
  if (!written.ok()) return fail(written.error());
  const Status shown = show(sizing.value(), options);
  if (!shown.ok()) return fail(shown.error());
  return options.check && !sizing.value().problems.empty() ? kExitMissed : 0;
}

}  // namespace poolgauge::cli
