// A struct's members with their names in JSON, listed once: the list writes the struct, reads it,
// and says what its schema is.
//
//   template <>
//   inline constexpr auto kFields<CurveKnee> =
//       fields(field<&CurveKnee::at>("at"), field<&CurveKnee::rising>("rising"));
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "report/json/json_node.h"
#include "report/json/json_number.h"

namespace poolgauge {

/// One member: how it is written, and how it is read. Not read: a null pointer.
template <typename S>
struct Field {
  const char* name;
  nlohmann::ordered_json (*write)(const S&);
  void (*read)(S&, const JsonNode&);
  const char* type;  ///< as the schema calls it
  bool nullable;
};

template <typename S, typename... More>
constexpr std::array<Field<S>, 1 + sizeof...(More)> fields(Field<S> first, More... more) {
  return {first, more...};
}

/// The list of a struct's members.
template <typename S>
inline constexpr auto kFields = std::array<Field<S>, 0>{};

/// How a value of one type is written, read, and called in a schema.
template <typename T>
struct InJson {
  using Json = nlohmann::ordered_json;
  static constexpr const char* kType = "object";
  static constexpr bool kNullable = false;
  static Json write(const T& value) {
    Json json = Json::object();
    for (const Field<T>& field : kFields<T>) json[field.name] = field.write(value);
    return json;
  }
  static T read(const JsonNode& node) {
    T value{};
    for (const Field<T>& field : kFields<T>) {
      if (field.read != nullptr) field.read(value, node[field.name]);
    }
    return value;
  }
};

/// A value that JSON has by itself: `Read` is the node's function for it.
template <typename T, auto Read>
struct PlainInJson {
  static constexpr bool kNullable = false;
  static nlohmann::ordered_json write(const T& value) { return value; }
  static T read(const JsonNode& node) { return static_cast<T>((node.*Read)()); }
};
template <>
struct InJson<std::string> : PlainInJson<std::string, &JsonNode::text> {
  static constexpr const char* kType = "string";
};
template <>
struct InJson<bool> : PlainInJson<bool, &JsonNode::flag> {
  static constexpr const char* kType = "boolean";
};
template <>
struct InJson<std::int64_t> : PlainInJson<std::int64_t, &JsonNode::integer> {
  static constexpr const char* kType = "integer";
};
template <>
struct InJson<std::uint64_t> : PlainInJson<std::uint64_t, &JsonNode::count> {
  static constexpr const char* kType = "integer";
};
template <>
struct InJson<std::uint32_t> : PlainInJson<std::uint32_t, &JsonNode::small_count> {
  static constexpr const char* kType = "integer";
};
template <>
struct InJson<int> : PlainInJson<int, &JsonNode::integer> {
  static constexpr const char* kType = "integer";
};
template <>
struct InJson<double> : PlainInJson<double, &JsonNode::number> {
  static constexpr const char* kType = "number";
  static nlohmann::ordered_json write(double value) { return rounded(value); }
};

template <typename T>
struct InJson<std::vector<T>> {
  static constexpr const char* kType = "array";
  static constexpr bool kNullable = false;
  static nlohmann::ordered_json write(const std::vector<T>& values) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const T& value : values) list.push_back(InJson<T>::write(value));
    return list;
  }
  static std::vector<T> read(const JsonNode& node) {
    std::vector<T> values;
    for (const JsonNode& item : node.items()) values.push_back(InJson<T>::read(item));
    return values;
  }
};

/// Null for what is not known.
template <typename T>
struct InJson<std::optional<T>> {
  static constexpr const char* kType = InJson<T>::kType;
  static constexpr bool kNullable = true;
  static nlohmann::ordered_json write(const std::optional<T>& value) {
    return value ? InJson<T>::write(*value) : nlohmann::ordered_json(nullptr);
  }
  static std::optional<T> read(const JsonNode& node) {
    if (node.is_null()) return std::nullopt;
    return InJson<T>::read(node);
  }
};
template <>
struct InJson<std::optional<double>> {
  static constexpr const char* kType = "number";
  static constexpr bool kNullable = true;
  static nlohmann::ordered_json write(const std::optional<double>& value) { return rounded(value); }
  static std::optional<double> read(const JsonNode& node) { return node.maybe_number(); }
};

template <typename S, typename T>
S struct_of(T S::*);
template <typename S, typename T>
S struct_of(T (S::*)() const);
template <typename S, typename T>
T member_of_struct(T S::*);
template <typename S, typename T>
T member_of_struct(T (S::*)() const);
template <auto Member>
using StructOf = decltype(struct_of(Member));
template <auto Member>
using MemberOf = decltype(member_of_struct(Member));

template <auto Member>
nlohmann::ordered_json write_member(const StructOf<Member>& value) {
  return InJson<MemberOf<Member>>::write(value.*Member);
}

/// A member that every report has.
template <auto Member>
constexpr Field<StructOf<Member>> field(const char* name) {
  using T = MemberOf<Member>;
  return {
      name, write_member<Member>,
      [](StructOf<Member>& value, const JsonNode& node) { value.*Member = InJson<T>::read(node); },
      InJson<T>::kType, InJson<T>::kNullable};
}

/// A member that reports of earlier versions lack: it keeps its default there, and where it is
/// null.
template <auto Member>
constexpr Field<StructOf<Member>> later_field(const char* name) {
  using T = MemberOf<Member>;
  return {name, write_member<Member>,
          [](StructOf<Member>& value, const JsonNode& node) {
            if (!node.is_null()) value.*Member = InJson<T>::read(node);
          },
          InJson<T>::kType, InJson<T>::kNullable};
}

/// A text that is null when it is empty.
template <auto Member>
constexpr Field<StructOf<Member>> text_field(const char* name) {
  return {name, [](const StructOf<Member>& value) { return text_or_null(value.*Member); },
          [](StructOf<Member>& value, const JsonNode& node) { value.*Member = node.text_or(""); },
          "string", true};
}

/// A time in seconds; an optional one is null while it has not ended.
template <auto Member>
constexpr Field<StructOf<Member>> seconds_field(const char* name) {
  constexpr bool kOptional = !std::is_same_v<MemberOf<Member>, Duration>;
  return {name,
          [](const StructOf<Member>& value) -> nlohmann::ordered_json {
            if constexpr (kOptional) {
              if (!(value.*Member)) return nullptr;
              return rounded_seconds(*(value.*Member));
            } else {
              return rounded_seconds(value.*Member);
            }
          },
          [](StructOf<Member>& value, const JsonNode& node) {
            if (kOptional && node.is_null()) return;
            value.*Member = from_s(node.number());
          },
          "number", kOptional};
}

/// What follows from the members, by a function of the struct: written, and not read.
template <auto Function>
constexpr Field<StructOf<Function>> derived_field(const char* name) {
  using T = MemberOf<Function>;
  return {name,
          [](const StructOf<Function>& value) { return InJson<T>::write((value.*Function)()); },
          nullptr, InJson<T>::kType, InJson<T>::kNullable};
}

/// Pairs as the members of an object.
template <typename T>
struct InJson<std::vector<std::pair<std::string, T>>> {
  static constexpr const char* kType = "object";
  static constexpr bool kNullable = false;
  using Pairs = std::vector<std::pair<std::string, T>>;
  static nlohmann::ordered_json write(const Pairs& pairs) {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (const auto& [name, value] : pairs) object[name] = InJson<T>::write(value);
    return object;
  }
  static Pairs read(const JsonNode& node) {
    Pairs pairs;
    for (const auto& [name, value] : node.members()) {
      pairs.emplace_back(name, InJson<T>::read(value));
    }
    return pairs;
  }
};

template <typename T>
nlohmann::ordered_json in_json(const T& value) {
  return InJson<T>::write(value);
}

/// A list that reports of earlier versions lack.
template <typename T>
std::vector<T> read_list(const JsonNode& node) {
  return node.is_null() ? std::vector<T>{} : InJson<std::vector<T>>::read(node);
}

/// What a schema says of a struct: type and nullability of each member, in its order.
template <typename S>
nlohmann::ordered_json members_in_schema() {
  nlohmann::ordered_json members = nlohmann::ordered_json::object();
  for (const Field<S>& field : kFields<S>) {
    members[field.name] = {{"type", field.type}, {"nullable", field.nullable}};
  }
  return members;
}

}  // namespace poolgauge
