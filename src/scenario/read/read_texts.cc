// The SQL of a step.
#include <fmt/format.h>

#include "scenario/read/read_spec.h"
#include "scenario/read/statement.h"

namespace poolgauge {

namespace {

Statement read_sql(const Node& node, const std::vector<std::string>& variables) {
  const auto text = read_text(node, "an SQL statement");
  if (!text) return {};
  auto parsed = parse_statement(*text, variables);
  if (auto* statement = std::get_if<Statement>(&parsed)) return std::move(*statement);
  const auto& problem = std::get<StatementProblem>(parsed);
  node.refuse(fmt::format("at character {} of the SQL: {}", problem.character, problem.message),
              problem.found, problem.nearest, declaration_of(problem));
  return {};
}

}  // namespace

void read_texts(const Node& node, const std::vector<std::string>& variables, Step& step) {
  if (!node.json->is_object()) {
    step.sql = read_sql(node, variables);
    step.effect = effect_of(step.sql.source);
    return;
  }
  ObjectReader each(node);
  const auto postgresql = each.take("postgresql");
  const auto sqlite = each.take("sqlite");
  if (!postgresql && !sqlite) node.refuse("expected postgresql, sqlite, or both");
  if (sqlite) step.on_sqlite = read_sql(*sqlite, variables);
  if (postgresql) step.sql = read_sql(*postgresql, variables);
  step.effect = effect_of(postgresql || !step.on_sqlite ? step.sql.source : step.on_sqlite->source);
  each.finish();
}

}  // namespace poolgauge
