// The first words of each statement, and the names behind them.
#include "permit/permit.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace poolgauge::permit {
namespace {

using Tokens = std::vector<Token>;

std::string_view word(const Tokens& tokens, std::size_t at) {
  return at < tokens.size() && tokens[at].is_word ? std::string_view(tokens[at].text) : "";
}

bool skip(const Tokens& tokens, std::size_t& at, std::string_view wanted) {
  if (word(tokens, at) != wanted) return false;
  ++at;
  return true;
}

/// "table", "materialized view"; `at` moves behind it. Empty: no kind of thing that has a name.
std::string kind_at(const Tokens& tokens, std::size_t& at) {
  for (const std::string_view before :
       {"global", "local", "temporary", "temp", "unlogged", "recursive", "trusted", "procedural"}) {
    skip(tokens, at, before);
  }
  constexpr auto kKinds = std::to_array<std::string_view>(
      {"table",        "view",    "sequence",   "index",      "schema",   "function",
       "procedure",    "routine", "aggregate",  "type",       "domain",   "extension",
       "role",         "user",    "database",   "trigger",    "rule",     "policy",
       "operator",     "cast",    "collation",  "conversion", "language", "publication",
       "subscription", "server",  "statistics", "tablespace", "owned"});
  std::string kind;
  if (skip(tokens, at, "materialized")) kind = "materialized ";
  if (skip(tokens, at, "foreign")) kind = "foreign ";
  if (skip(tokens, at, "event")) kind = "event ";
  const std::string_view last = word(tokens, at);
  if (std::find(kKinds.begin(), kKinds.end(), last) == kKinds.end()) return {};
  ++at;
  return kind + std::string(last);
}

/// A name with its schema, as written; empty: there is none. `at` moves behind it.
std::string name_at(std::string_view sql, const Tokens& tokens, std::size_t& at) {
  if (at >= tokens.size() || !tokens[at].is_name) return {};
  const std::size_t begin = tokens[at].begin;
  ++at;
  while (at + 1 < tokens.size() && tokens[at].text == "." && tokens[at + 1].is_name) at += 2;
  return std::string(sql.substr(begin, tokens[at - 1].end - begin));
}

class Finder {
 public:
  explicit Finder(const SqlFile& file) : file_(file) {}
  void look_at(const Tokens& tokens);
  std::vector<SetupEffect> take() && { return std::move(effects_); }

 private:
  void add(const char* verb, std::string kind, std::string name, std::size_t begin);
  void add_names(const char* verb, const std::string& kind, const Tokens& tokens, std::size_t at);

  const SqlFile& file_;
  std::vector<SetupEffect> effects_;
};

void Finder::add(const char* verb, std::string kind, std::string name, std::size_t begin) {
  SetupEffect effect;
  effect.verb = verb;
  effect.kind = std::move(kind);
  effect.name = std::move(name);
  effect.file = file_.path;
  const auto start = file_.content.begin();
  effect.line = 1 + static_cast<std::size_t>(
                        std::count(start, start + static_cast<std::ptrdiff_t>(begin), '\n'));
  effects_.push_back(std::move(effect));
}

/// "a, b, c": one effect for each.
void Finder::add_names(const char* verb, const std::string& kind, const Tokens& tokens,
                       std::size_t at) {
  do {
    skip(tokens, at, "only");
    const std::size_t begin = at < tokens.size() ? tokens[at].begin : tokens[0].begin;
    add(verb, kind, name_at(file_.content, tokens, at), begin);
    int depth = 0;  // of a function's arguments
    for (; at < tokens.size(); ++at) {
      if (tokens[at].text == "(") ++depth;
      if (tokens[at].text == ")") --depth;
      if (depth == 0 && tokens[at].text == ",") break;
    }
    ++at;
  } while (at < tokens.size());
}

void Finder::look_at(const Tokens& tokens) {
  std::size_t at = 1;
  const std::string_view verb = word(tokens, 0);
  if (verb == "drop") {
    const std::string kind = kind_at(tokens, at);
    skip(tokens, at, "concurrently");
    if (skip(tokens, at, "if")) skip(tokens, at, "exists");
    add_names("drop", kind.empty() ? "object" : kind, tokens, at);
  } else if (verb == "create" && skip(tokens, at, "or")) {
    skip(tokens, at, "replace");
    const std::string kind = kind_at(tokens, at);
    std::string name = name_at(file_.content, tokens, at);
    add("replace", kind.empty() ? "object" : kind, std::move(name), tokens[0].begin);
  } else if (verb == "truncate") {
    skip(tokens, at, "table");
    add_names("empty", "table", tokens, at);
  } else if (verb == "delete") {
    skip(tokens, at, "from");
    skip(tokens, at, "only");
    add("delete from", "table", name_at(file_.content, tokens, at), tokens[0].begin);
  } else if (verb == "update") {
    skip(tokens, at, "only");
    add("update", "table", name_at(file_.content, tokens, at), tokens[0].begin);
  } else if (verb == "alter") {
    const std::string kind = kind_at(tokens, at);
    if (skip(tokens, at, "if")) skip(tokens, at, "exists");
    skip(tokens, at, "only");
    add("alter", kind.empty() ? "object" : kind, name_at(file_.content, tokens, at),
        tokens[0].begin);
  } else if (verb == "do" || verb == "call") {
    add("run", verb == "do" ? "DO block" : "CALL", "", tokens[0].begin);
  }
}

bool is_same(const SetupEffect& a, const SetupEffect& b) {
  return a.verb == b.verb && a.kind == b.kind && a.name == b.name;
}

}  // namespace

std::vector<SetupEffect> effects_of(const std::vector<SqlFile>& files) {
  std::vector<SetupEffect> all;
  for (const SqlFile& file : files) {
    Finder finder(file);
    for (const StatementTokens& statement : statements_of(file.content)) {
      finder.look_at(statement.tokens);
    }
    for (SetupEffect& effect : std::move(finder).take()) {
      const bool known = std::any_of(all.begin(), all.end(), [&effect](const SetupEffect& other) {
        return is_same(effect, other);
      });
      if (!known) all.push_back(std::move(effect));
    }
  }
  return all;
}

std::vector<Created> created_by(const std::vector<SqlFile>& files) {
  std::vector<Created> all;
  for (const SqlFile& file : files) {
    for (const StatementTokens& statement : statements_of(file.content)) {
      const Tokens& tokens = statement.tokens;
      if (word(tokens, 0) != "create") continue;
      std::size_t at = 1;
      if (skip(tokens, at, "or")) skip(tokens, at, "replace");
      const bool temporary = word(tokens, at) == "temporary" || word(tokens, at) == "temp";
      const std::string kind = kind_at(tokens, at);
      const bool marked = kind == "table" || kind == "view" || kind == "materialized view" ||
                          kind == "sequence" || kind == "schema";
      if (!marked || temporary) continue;
      if (skip(tokens, at, "if") && skip(tokens, at, "not")) skip(tokens, at, "exists");
      std::string name = name_at(file.content, tokens, at);
      if (!name.empty()) all.push_back({kind, std::move(name)});
    }
  }
  return all;
}

}  // namespace poolgauge::permit
