// SQL ends at a semicolon or before a meta-command; a meta-command ends with its line.
#include "scenario/read/read_spec.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/letters.h"
#include "base/text.h"
#include "script/expression.h"
#include "sql/sql.h"

namespace poolgauge {

namespace {

using Kind = PgbenchCommand::Kind;

const std::map<std::string_view, Kind> kCommands = {
    {"set", Kind::set},    {"sleep", Kind::sleep},    {"if", Kind::if_true},
    {"elif", Kind::or_if}, {"else", Kind::otherwise}, {"endif", Kind::end_if},
    {"gset", Kind::gset},
};
const std::map<std::string_view, std::string_view> kRefused = {
    {"aset", "\\aset is not supported; \\gset is"},
    {"startpipeline", "pipelines are not supported"},
    {"endpipeline", "pipelines are not supported"},
    {"syncpipeline", "pipelines are not supported"},
    {"setshell", "\\setshell is not supported: Poolgauge runs no shell commands"},
    {"shell", "\\shell is not supported: Poolgauge runs no shell commands"},
};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || c == '\n';
}

std::string_view trimmed_sql(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

class Splitter {
 public:
  explicit Splitter(std::string_view content) : content_(content) {}

  PgbenchScript run() {
    std::size_t at = 0;
    while (at < content_.size()) {
      const SqlToken token = next_sql_token(content_, at);
      if (token.kind == SqlToken::Kind::unterminated) {
        refuse(token.begin, "this string or comment is not closed", "");
        at = content_.size();
        continue;
      }
      const std::string_view text = content_.substr(token.begin, token.end - token.begin);
      at = token.end;
      if (text == "\\") {
        at = backslash(token.begin);
        continue;
      }
      count_parentheses(text);
      if (text == ";" && parentheses_ == 0) {
        end_statement();
        continue;
      }
      take(token, text);
    }
    end_statement();
    check_branches_closed();
    return std::move(script_);
  }

 private:
  void count_parentheses(std::string_view text) {
    if (text == "(") ++parentheses_;
    if (text == ")" && parentheses_ > 0) --parentheses_;
  }

  void take(const SqlToken& token, std::string_view text) {
    if (sql_.empty()) {
      if (token.kind == SqlToken::Kind::blank) return;
      begin_ = token.begin;
    }
    sql_ += text;
  }

  void end_statement() {
    parentheses_ = 0;
    const bool combined = std::exchange(combined_, false);
    const std::string_view text = trimmed_sql(sql_);
    if (!text.empty()) {
      script_.commands.push_back(
          {Kind::sql, std::string(text), begin_, line_at(begin_), "", combined});
    }
    sql_.clear();
  }

  /// `\;` joins statements, any other backslash begins a meta-command.
  std::size_t backslash(std::size_t at) {
    const std::string_view rest = content_.substr(at);
    if (rest.starts_with("\\;")) {
      // As long as the two it stands for, so that places in the text stay true.
      sql_ += sql_.empty() ? "" : " ;";
      combined_ = !sql_.empty();
      return at + 2;
    }
    if (rest.starts_with("\\:")) {
      sql_ += ':';
      return at + 2;
    }
    const std::size_t end = end_of_line(at);
    const bool ends_sql = !trimmed_sql(sql_).empty();
    end_statement();
    meta(at, end, ends_sql);
    return end;
  }

  /// One past the last character of the command; a backslash at a line's end continues it.
  std::size_t end_of_line(std::size_t at) const {
    while (true) {
      const std::size_t newline = std::min(content_.find('\n', at), content_.size());
      std::size_t last = newline;
      if (last > at && content_[last - 1] == '\r') --last;
      const bool goes_on = last > at + 1 && content_[last - 1] == '\\' && newline < content_.size();
      if (!goes_on) return newline;
      at = newline + 1;
    }
  }

  void meta(std::size_t at, std::size_t end, bool after_sql) {
    std::size_t word_end = at + 1;
    while (word_end < end && !is_blank(content_[word_end])) ++word_end;
    // As pgbench reads them: \SET is \set.
    const std::string word = lower_case(content_.substr(at + 1, word_end - at - 1));
    const auto refused = kRefused.find(word);
    if (refused != kRefused.end()) return refuse(at, std::string(refused->second), "");
    const auto known = kCommands.find(word);
    if (known == kCommands.end()) return unknown(at, word);
    PgbenchCommand command;
    command.kind = known->second;
    command.line = line_at(at);
    argument(command, word_end, end);
    if (command.kind == Kind::gset && !after_sql) {
      return refuse(at, "\\gset must follow an SQL command that is not ended by a semicolon", "");
    }
    if (command.kind == Kind::set) name(command, at);
    check_argument(command, at);
    branch(command, at);
    script_.commands.push_back(std::move(command));
  }

  /// The rest of the line; continuations become blanks.
  void argument(PgbenchCommand& command, std::size_t begin, std::size_t end) const {
    while (begin < end && is_blank(content_[begin])) ++begin;
    std::string text(content_.substr(begin, end - begin));
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool continued = text[i] == '\\' && text.find_first_not_of("\r", i + 1) < text.size() &&
                             text[text.find_first_not_of("\r", i + 1)] == '\n';
      if (continued) text[i] = ' ';
    }
    while (!text.empty() && is_blank(text.back())) text.pop_back();
    command.text = std::move(text);
    command.offset = begin;
  }

  void name(PgbenchCommand& command, std::size_t at) {
    std::size_t end = 0;
    while (end < command.text.size() && !is_blank(command.text[end])) ++end;
    command.name = command.text.substr(0, end);
    const bool good = !command.name.empty() &&
                      std::all_of(command.name.begin(), command.name.end(), in_script_name);
    if (!good) {
      return refuse(command.name.empty() ? at : command.offset, "expected a variable's name",
                    command.name);
    }
    while (end < command.text.size() && is_blank(command.text[end])) ++end;
    command.text.erase(0, end);
    command.offset += end;
    if (command.text.empty()) refuse(at, "expected an expression after the variable", "");
  }

  void check_argument(const PgbenchCommand& command, std::size_t at) {
    const bool empty = command.text.empty();
    switch (command.kind) {
      case Kind::if_true:
      case Kind::or_if:
        if (empty) refuse(at, "expected a condition", "");
        return;
      case Kind::otherwise:
      case Kind::end_if:
        if (!empty) refuse(command.offset, "expected nothing more on this line", command.text);
        return;
      case Kind::sleep:
        if (empty) refuse(at, "expected a number or :variable, then us, ms, or s", "");
        return;
      case Kind::gset:
        if (command.text.find_first_of(" \t") != std::string::npos) {
          refuse(command.offset, "expected one prefix", command.text);
        }
        return;
      case Kind::set:
      case Kind::sql: return;
    }
  }

  void branch(const PgbenchCommand& command, std::size_t at) {
    switch (command.kind) {
      case Kind::if_true: open_.push_back({at, false}); return;
      case Kind::or_if:
      case Kind::otherwise: {
        const char* what = command.kind == Kind::or_if ? "\\elif" : "\\else";
        if (open_.empty()) return refuse(at, std::string(what) + " without \\if", "");
        if (open_.back().has_else) refuse(at, std::string(what) + " after \\else", "");
        open_.back().has_else = open_.back().has_else || command.kind == Kind::otherwise;
        return;
      }
      case Kind::end_if:
        if (open_.empty()) return refuse(at, "\\endif without \\if", "");
        open_.pop_back();
        return;
      case Kind::sql:
      case Kind::set:
      case Kind::sleep:
      case Kind::gset: return;
    }
  }

  void check_branches_closed() {
    for (const Open& open : open_) refuse(open.at, "this \\if has no \\endif", "");
  }

  void unknown(std::size_t at, std::string_view word) {
    std::vector<std::string> names;
    for (const auto& [name, kind] : kCommands) names.emplace_back(name);
    const auto nearest = nearest_name(word, names);
    refuse(
        at,
        "unknown pgbench meta-command; supported are set, sleep, if, elif, else, endif, and gset",
        "\\" + std::string(word), nearest ? "\\" + *nearest : "");
  }

  void refuse(std::size_t at, std::string message, std::string found, std::string nearest = {}) {
    script_.problems.push_back({at, std::move(message), std::move(found), std::move(nearest)});
  }

  std::size_t line_at(std::size_t offset) const {
    const std::string_view before = content_.substr(0, offset);
    return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  }

  struct Open {
    std::size_t at;
    bool has_else;
  };
  std::string_view content_;
  PgbenchScript script_;
  std::string sql_;
  std::size_t begin_ = 0;
  std::size_t parentheses_ = 0;
  bool combined_ = false;
  std::vector<Open> open_;
};

}  // namespace

PgbenchScript split_pgbench_script(std::string_view content) {
  return Splitter(content).run();
}

WeightedFile weighted_file(const std::string& text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string::npos || text.find('/', at) != std::string::npos) return {text, 1, false};
  WeightedFile result{text.substr(0, at), -1, true};
  const char* begin = text.data() + at + 1;
  const char* end = text.data() + text.size();
  double weight = 0;
  const auto [stop, error] = std::from_chars(begin, end, weight);
  if (error == std::errc() && stop == end && begin != end && weight >= 0) result.weight = weight;
  return result;
}

}  // namespace poolgauge
