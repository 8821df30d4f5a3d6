// Objects and their keys; single values are in read_value.cc.
#include "scenario/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace poolgauge {

namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void Node::expected(const std::string& what, const std::string& nearest) const {
  refuse("expected " + what, shown(*json), nearest);
}

void Node::refuse(const std::string& message, const std::string& found, const std::string& nearest,
                  const std::string& hint) const {
  problems->add({pointer, Part::value, message, found, nearest, hint});
}

Node Node::element(std::size_t index) const {
  return Node{&(*json)[index], child_pointer(pointer, index), problems};
}

ObjectReader::ObjectReader(const Node& node, const std::string& what)
    : node_(node), is_object_(node.json->is_object()) {
  if (!is_object_) node.expected(what);
}

bool ObjectReader::has(const std::string& key) const {
  return is_object_ && node_.json->contains(key);
}

std::optional<Node> ObjectReader::take(const std::string& key) {
  known_.push_back(key);
  if (!has(key)) return std::nullopt;
  return Node{&node_.json->at(key), child_pointer(node_.pointer, key), node_.problems};
}

std::optional<Node> ObjectReader::require(const std::string& key, const std::string& what) {
  std::optional<Node> node = take(key);
  if (!node && is_object_) {
    node_.problems->add(
        {child_pointer(node_.pointer, key), Part::value, "missing; expected " + what});
  }
  return node;
}

bool ObjectReader::took(const std::string& key) const {
  return contains(known_, key);
}

std::vector<std::pair<std::string, Node>> ObjectReader::members() const {
  std::vector<std::pair<std::string, Node>> all;
  if (!is_object_) return all;
  for (const auto& [key, value] : node_.json->items()) {
    all.emplace_back(key, Node{&value, child_pointer(node_.pointer, key), node_.problems});
  }
  return all;
}

void ObjectReader::refuse_later(const std::vector<std::string>& keys) {
  refuse_here(keys, "not supported in this version");
}

void ObjectReader::refuse_here(const std::vector<std::string>& keys, const std::string& reason) {
  for (const std::string& key : keys) {
    if (!has(key) || contains(known_, key)) continue;
    node_.problems->add({child_pointer(node_.pointer, key), Part::key, reason});
    refused_.push_back(key);
  }
}

void ObjectReader::finish() const {
  for (const auto& [key, node] : members()) {
    if (contains(known_, key) || contains(refused_, key)) continue;
    node_.problems->add(
        {node.pointer, Part::key, "unknown key", "", nearest_or_empty(key, known_)});
  }
}

std::optional<Tagged> read_tagged(const Node& node, const std::vector<std::string>& known,
                                  const std::string& what) {
  if (!node.json->is_object() || node.json->empty()) {
    node.expected(what);
    return std::nullopt;
  }
  std::optional<Tagged> tagged;
  for (const auto& [key, value] : node.json->items()) {
    const std::string pointer = child_pointer(node.pointer, key);
    if (!contains(known, key)) {
      node.problems->add({pointer, Part::key,
                          fmt::format("unknown key, expected {}", listed(known)), "",
                          nearest_or_empty(key, known)});
    } else if (tagged) {
      node.problems->add(
          {pointer, Part::key,
           fmt::format("only one is allowed, and \"{}\" is already set", tagged->tag)});
    } else {
      tagged = Tagged{key, Node{&value, pointer, node.problems}};
    }
  }
  return tagged;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool last = i + 1 == names.size();
    if (i > 0) text += !last ? ", " : names.size() > 2 ? ", or " : " or ";
    text += names[i];
  }
  return text;
}

std::string nearest_or_empty(std::string_view found, const std::vector<std::string>& known) {
  return nearest_name(found, known).value_or("");
}

}  // namespace poolgauge
