// Sizes under the names that each kind has for them.
#include "base/check.h"
#include "policy/kind.h"

namespace poolgauge {

namespace {

const SizingOptions& options_of(std::string_view kind) {
  const PoolKind* found = find_pool_kind(kind);
  POOLGAUGE_CHECK(found != nullptr && found->sizing, "sizing a pool that has no size");
  return *found->sizing;
}

/// Unless the kind has no such option.
void append(NamedOptions& all, const std::string& name, OptionValue value) {
  if (!name.empty()) all.emplace_back(name, std::move(value));
}

}  // namespace

std::optional<SizingOptions> sizing_options(std::string_view kind) {
  const PoolKind* found = find_pool_kind(kind);
  return found != nullptr ? found->sizing : std::nullopt;
}

PoolSpec with_size(PoolSpec pool, std::int64_t kept, std::int64_t total) {
  // The option's former name would contradict the present one.
  const std::string& former = pool_traits(pool.kind).former_size_option;
  std::erase_if(pool.options, [&former](const auto& option) {
    return !former.empty() && option.first == former;
  });
  for (auto& [name, value] : named_options(pool.kind, {kept, total, {}, {}, {}})) {
    pool.set(name, std::move(value));
  }
  return pool;
}

NamedOptions named_options(std::string_view kind, const PoolSettings& settings) {
  const SizingOptions& names = options_of(kind);
  NamedOptions all;
  append(all, names.kept, settings.kept);
  append(all, names.overflow, settings.total - settings.kept);
  append(all, names.most, settings.total);
  if (settings.wait) append(all, names.wait, *settings.wait);
  if (settings.age) append(all, names.age, *settings.age);
  if (settings.ping) append(all, names.ping, *settings.ping);
  return all;
}

}  // namespace poolgauge
