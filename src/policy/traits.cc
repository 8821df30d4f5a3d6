// Traits by a kind's name.
#include "poolgauge/pool_traits.h"

#include <fmt/format.h>

#include "policy/kind.h"
#include "policy/snippets.h"

namespace poolgauge {

const PoolTraits& pool_traits(std::string_view kind) {
  static const PoolTraits otherwise;
  const PoolKind* found = find_pool_kind(kind);
  return found != nullptr ? found->traits : otherwise;
}

std::string keep_open_option(std::string_view kind, std::int64_t connections) {
  const PoolKind* found = find_pool_kind(kind);
  if (found != nullptr && found->keep_open_option != nullptr) {
    return found->keep_open_option(connections);
  }
  return fmt::format("min_size {}", connections);
}

std::string keep_open_cure(const PoolSpec& pool, std::int64_t connections) {
  const PoolKind* found = find_pool_kind(pool.kind);
  if (found != nullptr && found->keep_open_cure != nullptr) {
    return found->keep_open_cure(pool, connections);
  }
  if (pool_traits(pool.kind).connects_each_time) {
    return "keep connections open in a pool instead of connecting for every request";
  }
  return "keep the connections open: " + keep_open_option(pool.kind, connections);
}

LoopCosts loop_costs(const PoolSpec& pool) {
  const PoolKind* found = find_pool_kind(pool.kind);
  return found != nullptr && found->loop != nullptr ? found->loop(pool) : LoopCosts{};
}

std::vector<Snippet> pool_snippets(const Recommendation& recommendation) {
  std::vector<Snippet> all;
  for (const PoolKind& kind : all_pool_kinds()) {
    for (const SnippetForm& form : kind.snippets) {
      all.push_back({form.id, form.title, form.language, form.text(recommendation)});
    }
  }
  return all;
}

}  // namespace poolgauge
