// Laying out JSON without changing a value: only white space outside strings is touched.
#include "base/json_layout.h"

#include <algorithm>
#include <utility>

namespace poolgauge {

namespace {

/// The position just after the string that begins at `start`.
std::size_t string_end(std::string_view json, std::size_t start) {
  std::size_t at = start + 1;
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2U : 1U;
  return at + 1;
}

/// The position just after the container that begins at `start`.
std::size_t container_end(std::string_view json, std::size_t start) {
  int depth = 0;
  std::size_t at = start;
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      at = string_end(json, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return json.size();
}

/// The position just after the value that begins at `start`, within an object or a list.
std::size_t value_end(std::string_view json, std::size_t start) {
  const char c = json[start];
  if (c == '"') return string_end(json, start);
  if (c == '{' || c == '[') return container_end(json, start);
  return std::min(json.find_first_of(",}]", start), json.size());
}

/// Positions of a member: its name, its value, and just after it; all 0: there is none.
struct Member {
  std::size_t name = 0, value = 0, end = 0;
};

Member find_member(std::string_view compact_object, std::string_view name) {
  const std::string wanted = "\"" + std::string(name) + "\"";
  std::size_t at = 1;
  while (at < compact_object.size() && compact_object[at] == '"') {
    const std::size_t name_end = string_end(compact_object, at);
    const std::size_t value = name_end + 1;  // after the colon
    const std::size_t end = value_end(compact_object, value);
    if (compact_object.substr(at, name_end - at) == wanted) return {at, value, end};
    if (end >= compact_object.size() || compact_object[end] != ',') break;
    at = end + 1;
  }
  return {};
}

class Layout {
 public:
  explicit Layout(std::string_view json) : json_(json) {}

  std::string run() {
    while (at_ < json_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = json_[at_];
    if (c == '"') {
      copy_until(string_end(json_, at_));
    } else if (c == '{' || c == '[') {
      if (!copy_on_one_line()) open(c);
    } else {
      ++at_;
      if (c == '}' || c == ']') {
        --depth_;
        new_line();
      }
      out_ += c;
      if (c == ',') new_line();
      if (c == ':') out_ += ' ';
    }
  }

  void open(char c) {
    out_ += c;
    ++at_;
    ++depth_;
    new_line();
  }

  void new_line() { out_ += "\n" + std::string(2 * depth_, ' '); }

  void copy_until(std::size_t end) {
    out_ += json_.substr(at_, end - at_);
    at_ = end;
  }

  /// Only short ones, and never the outermost.
  bool copy_on_one_line() {
    constexpr std::size_t kLongestLine = 70;
    const std::size_t end = container_end(json_, at_);
    if (depth_ == 0 || end - at_ > kLongestLine) return false;
    std::string line;
    while (at_ < end) {
      if (json_[at_] == '"') {
        const std::size_t stop = string_end(json_, at_);
        line += json_.substr(at_, stop - at_);
        at_ = stop;
        continue;
      }
      const char c = json_[at_++];
      line += c;
      if (c == ',' || c == ':') line += ' ';
    }
    out_ += line;
    return true;
  }

  std::string_view json_;
  std::string out_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

std::string pretty_json(std::string_view compact) {
  return Layout(compact).run();
}

std::string without_member(std::string_view compact_object, std::string_view name) {
  const Member found = find_member(compact_object, name);
  if (found.end == 0) return std::string(compact_object);
  const bool more = found.end < compact_object.size() && compact_object[found.end] == ',';
  std::string before(compact_object.substr(0, found.name));
  if (!more && before.back() == ',') before.pop_back();
  return before + std::string(compact_object.substr(more ? found.end + 1 : found.end));
}

std::string member_of(std::string_view compact_object, std::string_view name) {
  const Member found = find_member(compact_object, name);
  return std::string(compact_object.substr(found.value, found.end - found.value));
}

std::string with_member(std::string_view compact_object, std::string_view name,
                        std::string_view value) {
  const Member found = find_member(compact_object, name);
  if (found.end == 0) return std::string(compact_object);
  return std::string(compact_object.substr(0, found.value)) + std::string(value) +
         std::string(compact_object.substr(found.end));
}

}  // namespace poolgauge
