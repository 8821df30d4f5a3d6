// pgbench's rules for types: integers stay integers until a double joins them, booleans are no
// numbers, and null makes null of what it touches.
#include "script/expression.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace poolgauge {

namespace {

using Type = ScriptValue::Type;

constexpr double kPi = 3.14159265358979323846;
constexpr std::size_t kUsualArguments = 3;
constexpr int kDigits = 15;  // of a double in SQL

class Evaluator {
 public:
  Evaluator(const Expression& expression, const ScriptVariables& variables, Rng& rng)
      : nodes_(expression.nodes), variables_(variables), rng_(rng) {}

  Evaluated run() {
    const ScriptValue value = at(static_cast<std::uint32_t>(nodes_.size() - 1));
    return {value, problem_};
  }

 private:
  struct Arguments {
    ScriptValue* values;
    std::size_t count = 0;
    const ScriptValue& operator[](std::size_t i) const { return values[i]; }
  };

  ScriptValue at(std::uint32_t place) {
    const ExpressionNode& node = nodes_[place];
    switch (node.op) {
      case ScriptOp::constant: return node.constant;
      case ScriptOp::variable: return variable(node.variable);
      case ScriptOp::logical_and: return logical(node, false);
      case ScriptOp::logical_or: return logical(node, true);
      case ScriptOp::choose: return choose(node);
      default: break;
    }
    // Most take few; clearing room for all that some may take would cost more than the evaluation.
    if (node.arguments.size() <= kUsualArguments) return of_arguments<kUsualArguments>(node);
    return of_arguments<kMostArguments>(node);
  }

  template <std::size_t Room>
  ScriptValue of_arguments(const ExpressionNode& node) {
    std::array<ScriptValue, Room> values;
    Arguments arguments{values.data()};
    bool has_null = false;
    for (const std::uint32_t argument : node.arguments) {
      const ScriptValue value = at(argument);
      if (problem_ != nullptr) return ScriptValue::null();
      has_null = has_null || value.type == Type::null;
      arguments.values[arguments.count++] = value;
    }
    if (node.op == ScriptOp::debug) return arguments[0];
    if (node.op == ScriptOp::is) return ScriptValue::of_boolean(same(arguments[0], arguments[1]));
    if (has_null) return ScriptValue::null();
    return apply(node.op, arguments);
  }

  ScriptValue variable(std::uint32_t index) {
    const ScriptValue& value = variables_.values[index];
    if (value.type == Type::unset) return fail("a variable is used before it is set");
    if (value.type != Type::text) return value;
    const std::optional<ScriptValue> read = value_of_text(variables_.texts[index]);
    return read ? *read : fail("the value of a variable is neither a number nor a boolean");
  }

  /// AND stops at the first false, OR at the first true; null stops both.
  ScriptValue logical(const ExpressionNode& node, bool decisive) {
    for (const std::uint32_t argument : node.arguments) {
      const ScriptValue value = at(argument);
      if (problem_ != nullptr || value.type == Type::null) return ScriptValue::null();
      if (to_boolean(value) == decisive) return ScriptValue::of_boolean(decisive);
    }
    return ScriptValue::of_boolean(!decisive);
  }

  ScriptValue choose(const ExpressionNode& node) {
    std::size_t i = 0;
    for (; i + 1 < node.arguments.size(); i += 2) {
      const ScriptValue condition = at(node.arguments[i]);
      if (problem_ != nullptr) return ScriptValue::null();
      if (is_true(condition)) return at(node.arguments[i + 1]);
    }
    return at(node.arguments[i]);
  }

  static bool same(const ScriptValue& a, const ScriptValue& b) {
    return a.type == b.type && a.integer == b.integer && a.real == b.real;
  }

  ScriptValue apply(ScriptOp op, const Arguments& a) {
    if (op >= ScriptOp::add && op <= ScriptOp::less_equal) return arithmetic(op, a[0], a[1]);
    if (op >= ScriptOp::bit_and && op <= ScriptOp::shift_right) return bitwise(op, a[0], a[1]);
    switch (op) {
      case ScriptOp::logical_not: return ScriptValue::of_boolean(!to_boolean(a[0]));
      case ScriptOp::abs: return absolute(a[0]);
      case ScriptOp::greatest: return extreme(a, true);
      case ScriptOp::least: return extreme(a, false);
      case ScriptOp::to_integer: return ScriptValue::of_integer(to_integer(a[0]));
      case ScriptOp::pi: return ScriptValue::of_real(kPi);
      case ScriptOp::permute:
      case ScriptOp::hash_fnv1a:
      case ScriptOp::hash_murmur2: return scrambled(op, a);
      case ScriptOp::random:
      case ScriptOp::random_gaussian:
      case ScriptOp::random_exponential:
      case ScriptOp::random_zipfian: return random(op, a);
      default: return real_function(op, a);
    }
  }

  ScriptValue arithmetic(ScriptOp op, const ScriptValue& a, const ScriptValue& b) {
    const bool real = a.type == Type::real || b.type == Type::real;
    if (!real || op == ScriptOp::modulo) return integers(op, to_integer(a), to_integer(b));
    const double x = to_real(a);
    const double y = to_real(b);
    switch (op) {
      case ScriptOp::add: return ScriptValue::of_real(x + y);
      case ScriptOp::subtract: return ScriptValue::of_real(x - y);
      case ScriptOp::multiply: return ScriptValue::of_real(x * y);
      case ScriptOp::divide: return ScriptValue::of_real(x / y);
      case ScriptOp::equal: return ScriptValue::of_boolean(x == y);
      case ScriptOp::unequal: return ScriptValue::of_boolean(x != y);
      case ScriptOp::less: return ScriptValue::of_boolean(x < y);
      default: return ScriptValue::of_boolean(x <= y);
    }
  }

  ScriptValue integers(ScriptOp op, std::int64_t x, std::int64_t y) {
    std::int64_t result = 0;
    switch (op) {
      case ScriptOp::add:
        if (__builtin_add_overflow(x, y, &result)) return fail("an integer sum is out of range");
        return ScriptValue::of_integer(result);
      case ScriptOp::subtract:
        if (__builtin_sub_overflow(x, y, &result)) {
          return fail("an integer difference is out of range");
        }
        return ScriptValue::of_integer(result);
      case ScriptOp::multiply:
        if (__builtin_mul_overflow(x, y, &result)) {
          return fail("an integer product is out of range");
        }
        return ScriptValue::of_integer(result);
      case ScriptOp::equal: return ScriptValue::of_boolean(x == y);
      case ScriptOp::unequal: return ScriptValue::of_boolean(x != y);
      case ScriptOp::less: return ScriptValue::of_boolean(x < y);
      case ScriptOp::less_equal: return ScriptValue::of_boolean(x <= y);
      default: return quotient(op, x, y);
    }
  }

  ScriptValue quotient(ScriptOp op, std::int64_t x, std::int64_t y) {
    if (problem_ != nullptr) return ScriptValue::null();
    if (y == 0) return fail("division by zero");
    if (y == -1) {  // the processor would stop at the lowest integer
      if (op == ScriptOp::modulo) return ScriptValue::of_integer(0);
      if (x == INT64_MIN) return fail("an integer quotient is out of range");
      return ScriptValue::of_integer(-x);
    }
    return ScriptValue::of_integer(op == ScriptOp::divide ? x / y : x % y);
  }

  /// The processor takes a shift's width modulo 64, and so does pgbench on it.
  ScriptValue bitwise(ScriptOp op, const ScriptValue& a, const ScriptValue& b) {
    const auto x = static_cast<std::uint64_t>(to_integer(a));
    const auto y = static_cast<std::uint64_t>(to_integer(b));
    std::uint64_t result = 0;
    switch (op) {
      case ScriptOp::bit_and: result = x & y; break;
      case ScriptOp::bit_or: result = x | y; break;
      case ScriptOp::bit_xor: result = x ^ y; break;
      case ScriptOp::shift_left: result = x << (y & 63U); break;
      default: return ScriptValue::of_integer(static_cast<std::int64_t>(x) >> (y & 63U));
    }
    return ScriptValue::of_integer(static_cast<std::int64_t>(result));
  }

  ScriptValue absolute(const ScriptValue& a) {
    if (a.type == Type::real) return ScriptValue::of_real(std::fabs(a.real));
    const std::int64_t value = to_integer(a);
    return value < 0 ? integers(ScriptOp::subtract, 0, value) : ScriptValue::of_integer(value);
  }

  ScriptValue extreme(const Arguments& a, bool greatest) {
    bool real = false;
    for (std::size_t i = 0; i < a.count; ++i) real = real || a[i].type == Type::real;
    if (real) {
      double best = to_real(a[0]);
      for (std::size_t i = 1; i < a.count; ++i) {
        const double next = to_real(a[i]);
        if (greatest ? next > best : next < best) best = next;
      }
      return ScriptValue::of_real(best);
    }
    std::int64_t best = to_integer(a[0]);
    for (std::size_t i = 1; i < a.count; ++i) {
      const std::int64_t next = to_integer(a[i]);
      best = greatest ? std::max(best, next) : std::min(best, next);
    }
    return ScriptValue::of_integer(best);
  }

  ScriptValue real_function(ScriptOp op, const Arguments& a) {
    const double x = to_real(a[0]);
    switch (op) {
      case ScriptOp::sqrt: return ScriptValue::of_real(std::sqrt(x));
      case ScriptOp::ln: return ScriptValue::of_real(std::log(x));
      case ScriptOp::exp: return ScriptValue::of_real(std::exp(x));
      case ScriptOp::power: return ScriptValue::of_real(std::pow(x, to_real(a[1])));
      default: return ScriptValue::of_real(x);  // to_double
    }
  }

  ScriptValue scrambled(ScriptOp op, const Arguments& a) {
    const std::int64_t value = to_integer(a[0]);
    const std::int64_t second = to_integer(a[1]);
    if (op == ScriptOp::hash_fnv1a) return ScriptValue::of_integer(hash_fnv1a(value, second));
    if (op == ScriptOp::hash_murmur2) return ScriptValue::of_integer(hash_murmur2(value, second));
    const std::int64_t seed = to_integer(a[2]);
    if (problem_ == nullptr && second <= 0) return fail("permute() needs a size above zero");
    return ScriptValue::of_integer(permute(value, second, seed));
  }

  ScriptValue random(ScriptOp op, const Arguments& a) {
    const std::int64_t low = to_integer(a[0]);
    const std::int64_t high = to_integer(a[1]);
    const double parameter = op == ScriptOp::random ? 0 : to_real(a[2]);
    if (problem_ != nullptr) return ScriptValue::null();
    std::int64_t width = 0;
    if (low > high) return fail("a random range is empty");
    if (__builtin_sub_overflow(high, low, &width) || width == INT64_MAX) {
      return fail("a random range is too wide");
    }
    switch (op) {
      case ScriptOp::random: return ScriptValue::of_integer(rng_.uniform_int(low, high));
      case ScriptOp::random_gaussian:
        if (!(parameter >= 2.0)) return fail("random_gaussian() needs a parameter of 2 or more");
        return ScriptValue::of_integer(draw_gaussian(low, high, parameter, rng_));
      case ScriptOp::random_exponential:
        if (!(parameter > 0.0)) return fail("random_exponential() needs a parameter above 0");
        return ScriptValue::of_integer(draw_exponential(low, high, parameter, rng_));
      default: break;
    }
    if (!(parameter >= 1.001 && parameter <= 1000.0)) {
      return fail("random_zipfian() needs a parameter from 1.001 to 1000");
    }
    return ScriptValue::of_integer(low - 1 + Zipf(width + 1, parameter).draw(rng_));
  }

  bool to_boolean(const ScriptValue& value) {
    if (value.type != Type::boolean) fail("expected a boolean, found a number");
    return value.integer != 0;
  }

  std::int64_t to_integer(const ScriptValue& value) {
    if (value.type == Type::integer) return value.integer;
    if (value.type != Type::real) {
      fail("expected a number, found a boolean");
      return 0;
    }
    const double nearest = std::rint(value.real);
    if (nearest >= -0x1p63 && nearest < 0x1p63) return static_cast<std::int64_t>(nearest);
    fail("a double is out of range for an integer");
    return 0;
  }

  double to_real(const ScriptValue& value) {
    if (value.type == Type::real) return value.real;
    return static_cast<double>(to_integer(value));
  }

  ScriptValue fail(const char* problem) {
    if (problem_ == nullptr) problem_ = problem;
    return ScriptValue::null();
  }

  const std::vector<ExpressionNode>& nodes_;
  const ScriptVariables& variables_;
  Rng& rng_;
  const char* problem_ = nullptr;
};

/// Whether `text` is a beginning of `word`, at least `least` letters of it, in any case.
bool abbreviates(std::string_view text, std::string_view word, std::size_t least) {
  if (text.size() < least || text.size() > word.size()) return false;
  return std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) {
    return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
  });
}

template <typename Number>
std::optional<Number> whole(std::string_view text) {
  Number value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Evaluated evaluate(const Expression& expression, const ScriptVariables& variables, Rng& rng) {
  return Evaluator(expression, variables, rng).run();
}

bool is_true(const ScriptValue& value) {
  switch (value.type) {
    case Type::boolean:
    case Type::integer: return value.integer != 0;
    case Type::real: return value.real != 0.0;
    case Type::unset:
    case Type::null:
    case Type::text: break;
  }
  return false;
}

std::optional<ScriptValue> value_of_text(std::string_view text) {
  if (abbreviates(text, "null", 4)) return ScriptValue::null();
  const bool positive =
      abbreviates(text, "true", 1) || abbreviates(text, "yes", 1) || abbreviates(text, "on", 2);
  if (positive) return ScriptValue::of_boolean(true);
  const bool negative =
      abbreviates(text, "false", 1) || abbreviates(text, "no", 1) || abbreviates(text, "off", 2);
  if (negative) return ScriptValue::of_boolean(false);
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  if (const auto integer = whole<std::int64_t>(digits)) return ScriptValue::of_integer(*integer);
  if (const auto real = whole<double>(digits)) return ScriptValue::of_real(*real);
  return std::nullopt;
}

void assign_text(std::string& out, const ScriptValue& value) {
  char digits[32];
  switch (value.type) {
    case Type::integer: {
      const auto end = std::to_chars(digits, digits + sizeof digits, value.integer);
      out.assign(digits, end.ptr);
      return;
    }
    case Type::real: {
      if (std::isnan(value.real)) {
        out = "NaN";
        return;
      }
      if (std::isinf(value.real)) {
        out = value.real > 0 ? "Infinity" : "-Infinity";
        return;
      }
      const auto end = fmt::format_to_n(digits, sizeof digits, "{:.{}g}", value.real, kDigits);
      out.assign(digits, end.out);
      return;
    }
    case Type::boolean: out = value.integer != 0 ? "true" : "false"; return;
    case Type::unset:
    case Type::null:
    case Type::text: break;
  }
  out = "NULL";
}

}  // namespace poolgauge
