// By precedence. Each level's operators, weakest first: OR; AND; NOT; IS; comparisons, which do not
// chain; the bits', ~ among them; + -; * / %; a sign.
#include "script/expression.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/text.h"

namespace poolgauge {

const std::string_view kEndOfLine = "the end of the line";

namespace {

using Kind = ExpressionToken::Kind;

constexpr int kOr = 1;
constexpr int kAnd = 2;
constexpr int kNot = 3;
constexpr int kIs = 4;
constexpr int kComparison = 5;
constexpr int kBits = 6;
constexpr int kSum = 7;
constexpr int kProduct = 8;
constexpr int kSign = 9;
constexpr int kDeepest = 200;  // parentheses in each other

struct Operator {
  std::string_view text;
  int level;
  ScriptOp op;
  bool swapped = false;
};
constexpr std::array<Operator, 19> kOperators{{
    {"or", kOr, ScriptOp::logical_or},
    {"and", kAnd, ScriptOp::logical_and},
    {"=", kComparison, ScriptOp::equal},
    {"<>", kComparison, ScriptOp::unequal},
    {"!=", kComparison, ScriptOp::unequal},
    {"<", kComparison, ScriptOp::less},
    {"<=", kComparison, ScriptOp::less_equal},
    {">", kComparison, ScriptOp::less, true},
    {">=", kComparison, ScriptOp::less_equal, true},
    {"|", kBits, ScriptOp::bit_or},
    {"&", kBits, ScriptOp::bit_and},
    {"#", kBits, ScriptOp::bit_xor},
    {"<<", kBits, ScriptOp::shift_left},
    {">>", kBits, ScriptOp::shift_right},
    {"+", kSum, ScriptOp::add},
    {"-", kSum, ScriptOp::subtract},
    {"*", kProduct, ScriptOp::multiply},
    {"/", kProduct, ScriptOp::divide},
    {"%", kProduct, ScriptOp::modulo},
}};

struct Function {
  std::string_view name;
  ScriptOp op;
  std::size_t least;
  std::size_t most;
};
constexpr std::array<Function, 21> kFunctions{{
    {"abs", ScriptOp::abs, 1, 1},
    {"debug", ScriptOp::debug, 1, 1},
    {"double", ScriptOp::to_double, 1, 1},
    {"exp", ScriptOp::exp, 1, 1},
    {"greatest", ScriptOp::greatest, 1, kMostArguments},
    {"hash", ScriptOp::hash_murmur2, 1, 2},
    {"hash_fnv1a", ScriptOp::hash_fnv1a, 1, 2},
    {"hash_murmur2", ScriptOp::hash_murmur2, 1, 2},
    {"int", ScriptOp::to_integer, 1, 1},
    {"least", ScriptOp::least, 1, kMostArguments},
    {"ln", ScriptOp::ln, 1, 1},
    {"mod", ScriptOp::modulo, 2, 2},
    {"permute", ScriptOp::permute, 2, 3},
    {"pi", ScriptOp::pi, 0, 0},
    {"pow", ScriptOp::power, 2, 2},
    {"power", ScriptOp::power, 2, 2},
    {"random", ScriptOp::random, 2, 2},
    {"random_exponential", ScriptOp::random_exponential, 3, 3},
    {"random_gaussian", ScriptOp::random_gaussian, 3, 3},
    {"random_zipfian", ScriptOp::random_zipfian, 3, 3},
    {"sqrt", ScriptOp::sqrt, 1, 1},
}};
constexpr std::array<std::string_view, 14> kKeyWords{"and",  "or",   "not",     "case", "when",
                                                     "then", "else", "end",     "is",   "isnull",
                                                     "null", "true", "notnull", "false"};

class Parser {
 public:
  Parser(std::string_view text, const VariableLookup& variables)
      : text_(text), variables_(variables) {
    token_ = next_expression_token(text_, 0);
  }

  std::variant<Expression, ExpressionProblem> run() {
    parse(kOr);
    if (!failed_ && token_.kind != Kind::end) refuse("expected an operator or the end of the line");
    if (failed_) return std::move(problem_);
    return std::move(expression_);
  }

 private:
  using Place = std::uint32_t;

  Place parse(int least) {
    if (++depth_ > kDeepest) refuse("too many nested parentheses");
    Place left = failed_ ? 0 : operand();
    while (!failed_) {
      if (least <= kIs && (word("is") || word("isnull") || word("notnull"))) {
        left = test(left);
        continue;
      }
      const Operator* found = binary();
      if (found == nullptr || found->level < least) break;
      advance();
      const Place right = parse(found->level + 1);
      left = found->swapped ? add(found->op, {right, left}) : add(found->op, {left, right});
      const Operator* next = binary();
      const bool chained =
          found->level == kComparison && next != nullptr && next->level == kComparison;
      if (chained) refuse("comparisons cannot be chained; put one of them in parentheses");
    }
    --depth_;
    return left;
  }

  Place operand() {
    switch (token_.kind) {
      case Kind::integer: return constant(ScriptValue::of_integer(integer_value()));
      case Kind::real: return real();
      case Kind::variable: return variable();
      case Kind::word: return word_operand();
      case Kind::sign: return signed_operand();
      case Kind::beyond:
      case Kind::too_large: return refuse("expected a 64-bit integer");
      case Kind::other:
      case Kind::end: break;
    }
    return refuse("expected a value");
  }

  Place word_operand() {
    if (word("null")) return constant(ScriptValue::null());
    if (word("true")) return constant(ScriptValue::of_boolean(true));
    if (word("false")) return constant(ScriptValue::of_boolean(false));
    if (take("not")) {
      const Place inner = parse(kNot);
      return add(ScriptOp::logical_not, {inner});
    }
    if (take("case")) return cases();
    const bool key = std::find(kKeyWords.begin(), kKeyWords.end(), token_.text) != kKeyWords.end();
    return key ? refuse("expected a value") : call();
  }

  Place signed_operand() {
    if (take("(")) {
      const Place inner = parse(kOr);
      expect(")");
      return inner;
    }
    if (take("+")) return parse(kSign);
    if (take("-")) {
      if (token_.kind == Kind::beyond) return constant(ScriptValue::of_integer(INT64_MIN));
      const Place zero = literal(ScriptValue::of_integer(0));
      const Place inner = parse(kSign);
      return add(ScriptOp::subtract, {zero, inner});
    }
    if (take("~")) {
      const Place ones = literal(ScriptValue::of_integer(-1));
      const Place inner = parse(kSum);
      return add(ScriptOp::bit_xor, {ones, inner});
    }
    return refuse("expected a value");
  }

  /// IS [NOT] NULL|TRUE|FALSE, ISNULL, NOTNULL.
  Place test(Place left) {
    if (take("isnull")) return add(ScriptOp::is, {left, literal(ScriptValue::null())});
    if (take("notnull")) return negated(add(ScriptOp::is, {left, literal(ScriptValue::null())}));
    advance();
    const bool negative = take("not");
    if (!word("null") && !word("true") && !word("false")) {
      return refuse("expected NULL, TRUE, or FALSE");
    }
    const Place what = word_operand();
    const Place same = add(ScriptOp::is, {left, what});
    return negative ? negated(same) : same;
  }

  Place negated(Place inner) { return add(ScriptOp::logical_not, {inner}); }

  Place cases() {
    std::vector<Place> parts;
    if (!word("when")) return refuse("expected WHEN");
    while (!failed_ && take("when")) {
      parts.push_back(parse(kOr));
      expect("then");
      parts.push_back(parse(kOr));
    }
    parts.push_back(take("else") ? parse(kOr) : literal(ScriptValue::null()));
    expect("end");
    return add(ScriptOp::choose, std::move(parts));
  }

  Place call() {
    const auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                    [this](const Function& f) { return f.name == token_.text; });
    if (found == kFunctions.end()) {
      std::vector<std::string> names;
      for (const Function& known : kFunctions) names.emplace_back(known.name);
      return refuse("expected a pgbench function", nearest_name(token_.text, names).value_or(""));
    }
    const ExpressionToken name = token_;
    advance();
    expect("(");
    std::vector<Place> arguments;
    while (!failed_ && !sign(")")) {
      if (!arguments.empty() && !failed_ && !take(",")) refuse("expected \",\" or \")\"");
      if (!failed_) arguments.push_back(parse(kOr));
    }
    expect(")");
    if (!failed_ && (arguments.size() < found->least || arguments.size() > found->most)) {
      token_ = name;
      return refuse(count_message(*found, arguments.size()));
    }
    if (takes_seed(found->op) && arguments.size() < found->most) arguments.push_back(seed(name));
    return add(found->op, std::move(arguments));
  }

  static bool takes_seed(ScriptOp op) {
    return op == ScriptOp::permute || op == ScriptOp::hash_fnv1a || op == ScriptOp::hash_murmur2;
  }

  /// Without a seed of their own hashes and permutations take :default_seed.
  Place seed(const ExpressionToken& at) {
    const auto index = variables_("default_seed");
    if (!index) {
      token_ = at;
      return refuse("expected a seed as the last argument");
    }
    return read(*index);
  }

  static std::string count_message(const Function& function, std::size_t found) {
    std::string wanted = std::to_string(function.least);
    if (function.most == kMostArguments) wanted += " or more";
    if (function.most == function.least + 1) wanted += " or " + std::to_string(function.most);
    return "expected " + wanted + (wanted == "1" ? " argument" : " arguments") + " of " +
           std::string(function.name) + "(), found " + std::to_string(found);
  }

  Place variable() {
    const auto index = variables_(token_.text);
    if (!index) {
      return refuse(
          "this variable is not set by a script before it is used and not declared in the "
          "scenario");
    }
    advance();
    return read(*index);
  }

  Place read(std::uint32_t index) {
    ExpressionNode node;
    node.op = ScriptOp::variable;
    node.variable = index;
    return push(std::move(node));
  }

  Place constant(const ScriptValue& value) {
    advance();
    return literal(value);
  }

  Place real() {
    const double value = std::strtod(token_.text.c_str(), nullptr);
    if (std::isinf(value)) return refuse("expected a double below 1.8e308");
    return constant(ScriptValue::of_real(value));
  }

  Place literal(const ScriptValue& value) {
    ExpressionNode node;
    node.constant = value;
    return push(std::move(node));
  }

  Place add(ScriptOp op, std::vector<Place> arguments) {
    ExpressionNode node;
    node.op = op;
    node.arguments = std::move(arguments);
    return push(std::move(node));
  }

  Place push(ExpressionNode node) {
    expression_.nodes.push_back(std::move(node));
    return static_cast<Place>(expression_.nodes.size() - 1);
  }

  const Operator* binary() const {
    if (token_.kind != Kind::sign && token_.kind != Kind::word) return nullptr;
    const auto found = std::find_if(kOperators.begin(), kOperators.end(),
                                    [this](const Operator& o) { return o.text == token_.text; });
    return found != kOperators.end() ? &*found : nullptr;
  }

  std::int64_t integer_value() const {
    std::int64_t value = 0;
    std::from_chars(token_.text.data(), token_.text.data() + token_.text.size(), value);
    return value;
  }

  bool word(std::string_view text) const {
    return token_.kind == Kind::word && token_.text == text;
  }
  bool sign(std::string_view text) const {
    return token_.kind == Kind::sign && token_.text == text;
  }
  bool take(std::string_view text) {
    const bool here = word(text) || sign(text);
    if (here) advance();
    return here;
  }
  void expect(std::string_view text) {
    if (!failed_ && !take(text)) refuse("expected \"" + std::string(text) + "\"");
  }
  void advance() { token_ = next_expression_token(text_, token_.end); }

  Place refuse(std::string message, std::string nearest = {}) {
    if (!failed_) {
      const std::string_view found = text_.substr(token_.begin, token_.end - token_.begin);
      const bool at_end = token_.kind == Kind::end;
      problem_ = {token_.begin, std::move(message),
                  at_end ? std::string(kEndOfLine) : std::string(found), std::move(nearest)};
    }
    failed_ = true;
    return 0;
  }

  std::string_view text_;
  const VariableLookup& variables_;
  ExpressionToken token_;
  Expression expression_;
  ExpressionProblem problem_;
  int depth_ = 0;
  bool failed_ = false;
};

}  // namespace

std::variant<Expression, ExpressionProblem> parse_expression(std::string_view text,
                                                             const VariableLookup& variables) {
  return Parser(text, variables).run();
}

}  // namespace poolgauge
