// Token by token.
#include "scenario/import/statement_shape.h"

#include <charconv>

#include "sql/sql.h"

namespace poolgauge {

namespace {

using Kind = SqlToken::Kind;

/// The value of '...', whose quotes within are doubled.
std::string unquoted(std::string_view text) {
  std::string value;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    value += text[i];
    if (text[i] == '\'') ++i;
  }
  return value;
}

/// The end of a number with a fraction: "1" "." "5" are three tokens.
std::size_t end_of_number(std::string_view sql, std::size_t end) {
  const auto digit = [sql](std::size_t i) {
    return i < sql.size() && sql[i] >= '0' && sql[i] <= '9';
  };
  if (end < sql.size() && sql[end] == '.' && digit(end + 1)) {
    ++end;
    while (digit(end)) ++end;
  }
  return end;
}

bool only_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

class Shaper {
 public:
  Shaper(std::string_view sql, const std::vector<std::optional<std::string>>& parameters,
         const ChangingNames* names)
      : sql_(sql), parameters_(parameters), names_(names) {}

  StatementShape run() {
    std::size_t at = 0;
    while (true) {
      const SqlToken token = next_sql_token(sql_, at);
      if (token.kind == Kind::end) {
        while (shape_.key.ends_with(' ') || shape_.key.ends_with(';')) shape_.key.pop_back();
        return std::move(shape_);
      }
      const bool is_minus = is_sign(token);
      const std::size_t key_before = shape_.key.size();
      at = take(token);
      sticks_ = token.kind == Kind::word;
      sign_.reset();
      if (token.kind == Kind::blank) continue;
      if (token.kind != Kind::word) {
        negation_.reset();
        operand_is_constant_ = token.kind == Kind::number || token.kind == Kind::parameter ||
                               sql_[token.begin] == '\'';
      }
      if (is_minus) sign_ = Sign{token.begin, key_before};
      after_operand_ =
          token.kind != Kind::sign || sql_[token.begin] == ')' || sql_[token.begin] == ']';
    }
  }

 private:
  /// A minus that belongs to the number after it: nothing to subtract from stands before.
  bool is_sign(const SqlToken& token) const {
    return token.kind == Kind::sign && sql_[token.begin] == '-' && !after_operand_;
  }

  std::size_t take(const SqlToken& token) {
    const std::string_view text = sql_.substr(token.begin, token.end - token.begin);
    switch (token.kind) {
      case Kind::blank:
        if (!shape_.key.empty() && !shape_.key.ends_with(' ')) shape_.key += ' ';
        return token.end;
      case Kind::number: return take_number(token);
      case Kind::quoted:
        // X'1f' and such: the letter before belongs to it.
        if (text.front() == '\'' && !sticks_) {
          add({Constant::Kind::text, token.begin, token.end, unquoted(text)});
        } else {
          add_name(text);
        }
        return token.end;
      case Kind::parameter:
        add({Constant::Kind::parameter, token.begin, token.end, parameter(text)});
        return token.end;
      case Kind::word: return take_word(token, text);
      case Kind::variable:
      case Kind::sign:
      case Kind::unterminated:
      case Kind::end: break;
    }
    shape_.key += text;
    return token.end;
  }

  std::optional<std::string> parameter(std::string_view text) const {
    std::size_t number = 0;
    std::from_chars(text.data() + 1, text.data() + text.size(), number);
    const bool known = number >= 1 && number <= parameters_.size();
    return known ? parameters_[number - 1] : std::nullopt;
  }

  void add_name(std::string_view text) {
    const auto number = names_ != nullptr ? names_->number_of(text) : std::nullopt;
    if (number) {
      shape_.key += "{" + std::to_string(*number) + "}";
    } else {
      shape_.key += text;
    }
  }

  std::size_t take_word(const SqlToken& token, std::string_view text) {
    const bool is_not = is_word(text, "not");
    if (is_word(text, "in") && list_may_begin()) {
      const std::size_t begin = negation_ ? negation_->begin : token.begin;
      const std::size_t key_size = negation_ ? negation_->key_before : shape_.key.size();
      if (auto list = list_after(token.end)) {
        list->begin = begin;
        list->negated = negation_.has_value();
        shape_.key.resize(key_size);
        shape_.key += list->negated ? "NOT IN (?, ...)" : "IN (?, ...)";
        negation_.reset();
        const std::size_t end = list->end;
        shape_.constants.push_back(std::move(*list));
        return end;
      }
    }
    negation_.reset();
    if (is_not) {
      negation_ = Sign{token.begin, shape_.key.size()};
    } else {
      operand_is_constant_ = false;
    }
    add_name(text);
    return token.end;
  }

  static bool is_word(std::string_view text, std::string_view word) {
    if (text.size() != word.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if ((static_cast<unsigned char>(text[i]) | 0x20U) != static_cast<unsigned char>(word[i])) {
        return false;
      }
    }
    return true;
  }

  /// The array takes its type from what stands before IN, so that must have one.
  bool list_may_begin() const { return !operand_is_constant_; }

  /// "(1, 'x', $3)" from `at` on: constants only.
  std::optional<Constant> list_after(std::size_t at) const {
    SqlToken token = solid(at);
    if (text_of(token) != "(") return std::nullopt;
    Constant list;
    list.kind = Constant::Kind::list;
    std::string array = "{";
    while (true) {
      token = solid(token.end);
      const bool negative = text_of(token) == "-";
      if (negative) token = solid(token.end);
      std::size_t end = token.end;
      const auto element = element_of(token, negative, list, end);
      if (!element) return std::nullopt;
      array += *element;
      token = solid(end);
      if (text_of(token) == ")") break;
      if (text_of(token) != ",") return std::nullopt;
      array += ',';
    }
    list.end = token.end;
    list.value = array + "}";
    return list;
  }

  std::optional<std::string> element_of(const SqlToken& token, bool negative, Constant& list,
                                        std::size_t& end) const {
    const std::string_view text = text_of(token);
    if (token.kind == Kind::number) {
      end = end_of_number(sql_, token.end);
      const std::string_view number = sql_.substr(token.begin, end - token.begin);
      list.has_fractions = list.has_fractions || !only_digits(number);
      return (negative ? "-" : "") + std::string(number);
    }
    if (negative) return std::nullopt;
    if (token.kind == Kind::quoted && text.front() == '\'') return in_array(unquoted(text));
    if (token.kind != Kind::parameter) return std::nullopt;
    list.has_parameters = true;
    const std::optional<std::string> value = parameter(text);
    return value ? in_array(*value) : "NULL";
  }

  static std::string in_array(const std::string& value) {
    std::string out = "\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + '"';
  }

  SqlToken solid(std::size_t at) const {
    SqlToken token = next_sql_token(sql_, at);
    while (token.kind == Kind::blank) token = next_sql_token(sql_, token.end);
    return token;
  }

  std::string_view text_of(const SqlToken& token) const {
    return sql_.substr(token.begin, token.end - token.begin);
  }

  std::size_t take_number(const SqlToken& token) {
    const std::size_t end = end_of_number(sql_, token.end);
    std::string text(sql_.substr(token.begin, end - token.begin));
    constexpr std::size_t kDigitsOfInt8 = 18;
    const bool integer = only_digits(text) && text.size() <= kDigitsOfInt8;
    std::size_t begin = token.begin;
    if (sign_) {
      begin = sign_->begin;
      shape_.key.resize(sign_->key_before);
      text.insert(0, 1, '-');
    }
    add({integer ? Constant::Kind::integer : Constant::Kind::number, begin, end, std::move(text)});
    return end;
  }

  void add(Constant constant) {
    shape_.key += constant.kind == Constant::Kind::text ? "'?'" : "?";
    shape_.constants.push_back(std::move(constant));
  }

  std::string_view sql_;
  const std::vector<std::optional<std::string>>& parameters_;
  const ChangingNames* names_;
  StatementShape shape_;
  bool sticks_ = false;  // a word has just ended
  struct Sign {
    std::size_t begin;
    std::size_t key_before;
  };
  std::optional<Sign> sign_;          // right before
  bool after_operand_ = false;        // of the last token that is no blank
  std::optional<Sign> negation_;      // a NOT right before
  bool operand_is_constant_ = false;  // what stands before a NOT or an IN
};

}  // namespace

StatementShape shape_of(std::string_view sql,
                        const std::vector<std::optional<std::string>>& parameters,
                        const ChangingNames* names) {
  return Shaper(sql, parameters, names).run();
}

}  // namespace poolgauge
