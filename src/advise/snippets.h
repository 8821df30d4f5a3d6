// A recommendation as configuration, ready to paste, for each library and file people use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "poolgauge/recommendation.h"

namespace poolgauge {

/// The id of the one for pools without configuration of their own.
inline constexpr std::string_view kUsualSnippet = "sqlalchemy";

/// Every snippet that applies: pgbouncer.ini only where there is a pooler, limits and the server's
/// own only where something of them must change. Names and units are each library's own. None
/// lowers a limit.
std::vector<Snippet> make_snippets(const Recommendation& recommendation);

/// One of each kind there is, of an arbitrary recommendation: their ids, titles and languages.
std::vector<Snippet> every_snippet();

/// The words as a comment line in the snippet's language; empty without words.
std::string commented(const Snippet& snippet, const std::string& words);

/// Keeps what was asked for: the pool's own (an empty name) or the one with this id, and in either
/// case the changes of limits, without which the others are of no use; "all": every one.
void choose_snippets(const std::string& name, Recommendation& recommendation);
/// Whether a report shows this one: see choose_snippets(), which older reports did without.
bool shown_snippet(const Recommendation& recommendation, const Snippet& snippet);
}  // namespace poolgauge
