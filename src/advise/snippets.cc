// Snippets. A pool of "pool_size + max_overflow" becomes minimum and maximum where a library has no
// overflow. Passwords are never part of them.
#include "advise/snippets.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "advise/settings.h"
#include "advise/snippet_texts.h"
#include "policy/snippets.h"
#include "poolgauge/sizing.h"

namespace poolgauge {

std::vector<Snippet> make_snippets(const Recommendation& r) {
  std::vector<Snippet> all = pool_snippets(r);
  const std::vector<Snippet> others = {
      {"django", "Django (5.1 and later)", "python", snippets::django(r)},
      {"postgresql.conf", "postgresql.conf", "ini", snippets::postgresql_conf(r)},
      {"alter-system", "SQL", "sql", snippets::alter_system(r)},
      {"docker-compose", "docker-compose", "yaml", snippets::docker_compose(r)},
      {"limits", "Limits to raise, as a superuser", "sql", limits_sql(r)}};
  all.insert(all.end(), others.begin(), others.end());
  if (r.pooler) {
    // Where its present settings are known, only what must change.
    const bool known = r.limit("pooler") != nullptr;
    all.push_back({"pgbouncer.ini", "pgbouncer.ini", "ini",
                   known ? limits_pgbouncer(r) : snippets::pgbouncer_ini(*r.pooler)});
  }
  std::erase_if(all, [](const Snippet& snippet) { return snippet.text.empty(); });
  return all;
}

std::string commented(const Snippet& snippet, const std::string& words) {
  if (words.empty()) return "";
  const std::string& language = snippet.language;
  const char* const start = snippet.id == "pgbouncer.ini"          ? "; "
                            : language == "sql"                    ? "-- "
                            : language == "js" || language == "go" ? "// "
                                                                   : "# ";
  return start + words + "\n";
}

bool shown_snippet(const Recommendation& r, const Snippet& snippet) {
  const bool limits = snippet.id == "limits" || snippet.id == "pgbouncer.ini";
  return r.own_snippet == "all" || snippet.id == r.own_snippet || limits;
}

void choose_snippets(const std::string& name, Recommendation& r) {
  if (!name.empty()) r.own_snippet = name;
  std::erase_if(r.snippets, [&r](const Snippet& one) { return !shown_snippet(r, one); });
}

std::vector<Snippet> every_snippet() {
  Recommendation sample;
  sample.pooler.emplace();
  sample.max_connections = 1;
  sample.limits = {{"role", "app", "CONNECTION LIMIT", 1, 0, 0, 2, 2}};
  return make_snippets(sample);
}

const std::vector<std::string>& snippet_names() {
  static const std::vector<std::string> ids = [] {
    std::vector<std::string> all;
    for (const Snippet& snippet : every_snippet()) {
      if (snippet.id != "limits") all.push_back(snippet.id);  // comes without being asked for
    }
    return all;
  }();
  return ids;
}

}  // namespace poolgauge
