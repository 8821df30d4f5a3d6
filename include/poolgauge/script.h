// What a pgbench script computes, compiled: values only. src/script reads and evaluates it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace poolgauge {

/// A value of pgbench's expressions, or of a variable.
struct ScriptValue {
  enum class Type : std::uint8_t {
    unset,  ///< a variable that no command has set yet
    null,
    boolean,
    integer,
    real,
    text,  ///< a variable whose value is its text, still to be read as one of the others
  };
  Type type = Type::unset;
  std::int64_t integer = 0;  ///< a boolean's 0 or 1, too
  double real = 0;

  static ScriptValue null() { return {Type::null, 0, 0}; }
  static ScriptValue of_boolean(bool value) { return {Type::boolean, value ? 1 : 0, 0}; }
  static ScriptValue of_integer(std::int64_t value) { return {Type::integer, value, 0}; }
  static ScriptValue of_real(double value) { return {Type::real, 0, value}; }
};

enum class ScriptOp : std::uint8_t {
  constant,
  variable,
  // of two
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equal,
  unequal,
  less,
  less_equal,
  bit_and,
  bit_or,
  bit_xor,
  shift_left,
  shift_right,
  is,  ///< of the same type and value
  // evaluated as far as needed
  logical_and,
  logical_or,
  choose,  ///< CASE: condition, value, condition, value, ..., otherwise
  // of one
  logical_not,
  abs,
  debug,
  to_integer,
  to_double,
  sqrt,
  ln,
  exp,
  // of none, of several
  pi,
  power,
  greatest,
  least,
  random,
  random_gaussian,
  random_exponential,
  random_zipfian,
  permute,
  hash_fnv1a,
  hash_murmur2,
};

/// One operation; its arguments come before it.
struct ExpressionNode {
  ScriptOp op = ScriptOp::constant;
  ScriptValue constant;                  ///< for constant
  std::uint32_t variable = 0;            ///< for variable: index into Scenario::variables
  std::vector<std::uint32_t> arguments;  ///< places among the nodes
};

/// The last node is the whole.
struct Expression {
  std::vector<ExpressionNode> nodes;
};

/// One line of a request that follows a script: a step, or what decides about the next ones.
struct ScriptLine {
  enum class Kind : std::uint8_t {
    step,
    set,     ///< variable := expression
    unless,  ///< goes `ahead` lines further when the expression is not true
    skip,    ///< goes `ahead` lines further
  };
  Kind kind = Kind::step;
  std::uint32_t step = 0;      ///< for step: its place in the request
  std::uint32_t variable = 0;  ///< for set
  std::uint32_t ahead = 0;
  Expression expression;
  std::string place;  ///< "tpcb.sql:3", for messages
};

}  // namespace poolgauge
