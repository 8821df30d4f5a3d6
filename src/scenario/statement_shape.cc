// Token by token.
#include "scenario/statement_shape.h"

#include <charconv>

#include "scenario/sql_scanner.h"

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
  Shaper(std::string_view sql, const std::vector<std::optional<std::string>>& parameters)
      : sql_(sql), parameters_(parameters) {}

  StatementShape run() {
    std::size_t at = 0;
    while (true) {
      const SqlToken token = next_sql_token(sql_, at);
      if (token.kind == Kind::end) return std::move(shape_);
      const bool is_minus = is_sign(token);
      const std::size_t key_before = shape_.key.size();
      at = take(token);
      sticks_ = token.kind == Kind::word;
      if (token.kind == Kind::blank) {
        sign_.reset();
        continue;
      }
      sign_.reset();
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
      case Kind::blank: shape_.key += ' '; return token.end;
      case Kind::number: return take_number(token);
      case Kind::quoted:
        // X'1f' and such: the letter before belongs to it.
        if (text.front() == '\'' && !sticks_) {
          add({Constant::Kind::text, token.begin, token.end, unquoted(text)});
        } else {
          shape_.key += text;
        }
        return token.end;
      case Kind::parameter: {
        std::size_t number = 0;
        std::from_chars(text.data() + 1, text.data() + text.size(), number);
        const bool known = number >= 1 && number <= parameters_.size();
        add({Constant::Kind::parameter, token.begin, token.end,
             known ? parameters_[number - 1] : std::nullopt});
        return token.end;
      }
      case Kind::word:
      case Kind::variable:
      case Kind::sign:
      case Kind::unterminated:
      case Kind::end: break;
    }
    shape_.key += text;
    return token.end;
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
  StatementShape shape_;
  bool sticks_ = false;  // a word has just ended
  struct Sign {
    std::size_t begin;
    std::size_t key_before;
  };
  std::optional<Sign> sign_;    // right before
  bool after_operand_ = false;  // of the last token that is no blank
};

}  // namespace

StatementShape shape_of(std::string_view sql,
                        const std::vector<std::optional<std::string>>& parameters) {
  return Shaper(sql, parameters).run();
}

}  // namespace poolgauge
