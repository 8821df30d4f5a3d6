// Django, which configures another library's pool.
#include <fmt/core.h>

#include "advise/snippet_texts.h"
#include "policy/snippets.h"

namespace poolgauge::snippets {

std::string django(const Recommendation& r) {
  const bool transactions = changes_server_connections(r);
  return fmt::format(
      "DATABASES = {{\n"
      "    \"default\": {{\n"
      "        \"ENGINE\": \"django.db.backends.postgresql\",\n"
      "        \"CONN_MAX_AGE\": 0,  # the pool keeps the connections\n"
      "{}"
      "        \"OPTIONS\": {{\n"
      "            \"pool\": {{\n"
      "                \"min_size\": {},\n"
      "                \"max_size\": {},\n"
      "                \"timeout\": {:g},\n"
      "                \"max_lifetime\": {:.0f},\n"
      "            }},\n"
      "        }},\n"
      "    }},\n"
      "}}\n",
      transactions ? "        \"DISABLE_SERVER_SIDE_CURSORS\": True,  # PgBouncer's pool_mode\n"
                   : "",
      r.pool_size, r.total(), r.pool_timeout_s, r.pool_recycle_s);
}

}  // namespace poolgauge::snippets
