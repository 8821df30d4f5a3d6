// Walks the tokens of a JSON text and knows at each which pointer leads there.
#include "scenario/locate.h"

#include <algorithm>

#include "scenario/json.h"

namespace poolgauge {

namespace {

/// Pointers grow with depth; a scenario is nested about eight deep.
constexpr std::size_t kDeepest = 100;

std::string unescaped(std::string_view string_token) {
  const Json parsed = Json::parse(string_token, nullptr, false);
  if (parsed.is_string()) return parsed.get<std::string>();
  return std::string(string_token);
}

/// Calls on_value(pointer, key offset, value offset) for each value and
/// on_repeat(pointer, first key's offset, offset) for each key that its object has already.
template <class OnValue, class OnRepeat>
class Walk {
 public:
  Walk(std::string_view text, OnValue on_value, OnRepeat on_repeat)
      : text_(text), on_value_(on_value), on_repeat_(on_repeat) {}

  void run() {
    JsonTokens tokens(text_);
    for (JsonToken t = tokens.next(); t.kind != JsonToken::Kind::end; t = tokens.next()) {
      if (t.kind == JsonToken::Kind::sign) {
        if (!sign(text_[t.begin], t.begin)) return;
      } else if (t.kind == JsonToken::Kind::string && expects_key()) {
        key(t);
      } else {
        value(t.begin);
      }
    }
  }

 private:
  struct Frame {
    bool object;
    std::string pointer;
    std::size_t index = 0;
    bool key_next = true;
    std::string member = {};  // pointer of the member whose value comes
    std::size_t key_offset = 0;
    std::unordered_map<std::string, std::size_t> seen = {};
  };

  bool expects_key() const {
    return !frames_.empty() && frames_.back().object && frames_.back().key_next;
  }

  bool sign(char c, std::size_t offset) {
    switch (c) {
      case '{':
      case '[': return open(c == '{', offset);
      case '}':
      case ']':
        if (!frames_.empty()) frames_.pop_back();
        return true;
      case ',':
        if (!frames_.empty()) {
          ++frames_.back().index;
          frames_.back().key_next = true;
        }
        return true;
      default: return true;
    }
  }

  bool open(bool object, std::size_t offset) {
    if (frames_.size() >= kDeepest) return false;
    frames_.push_back(Frame{object, value(offset)});
    return true;
  }

  void key(const JsonToken& token) {
    Frame& frame = frames_.back();
    const std::string name = unescaped(text_.substr(token.begin, token.end - token.begin));
    frame.member = child_pointer(frame.pointer, name);
    frame.key_offset = token.begin;
    frame.key_next = false;
    const auto [first, added] = frame.seen.emplace(frame.member, token.begin);
    if (!added) on_repeat_(frame.member, first->second, token.begin);
  }

  std::string value(std::size_t offset) {
    std::string pointer;
    std::size_t key_offset = offset;
    if (!frames_.empty()) {
      const Frame& frame = frames_.back();
      pointer = frame.object ? frame.member : child_pointer(frame.pointer, frame.index);
      if (frame.object) key_offset = frame.key_offset;
    }
    on_value_(pointer, key_offset, offset);
    return pointer;
  }

  std::string_view text_;
  OnValue on_value_;
  OnRepeat on_repeat_;
  std::vector<Frame> frames_;
};

}  // namespace

Place place_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  Place place;
  for (const char c : before) {
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++place.column;
    }
  }
  return place;
}

PlaceIndex::PlaceIndex(std::string_view text) {
  const auto on_value = [this](const std::string& pointer, std::size_t key, std::size_t value) {
    offsets_[pointer] = {key, value};  // of duplicates the last counts, as for the JSON library
  };
  Walk(text, on_value, [](const std::string&, std::size_t, std::size_t) {}).run();
}

std::size_t PlaceIndex::offset_of(std::string_view pointer, Part part) const {
  auto found = offsets_.find(std::string(pointer));
  while (found == offsets_.end() && !pointer.empty()) {
    const std::size_t slash = pointer.rfind('/');
    pointer = pointer.substr(0, slash == std::string_view::npos ? 0 : slash);
    part = Part::value;
    found = offsets_.find(std::string(pointer));
  }
  if (found == offsets_.end()) return 0;
  return part == Part::key ? found->second.key : found->second.value;
}

Place locate(std::string_view text, std::string_view pointer, Part part) {
  return place_at(text, PlaceIndex(text).offset_of(pointer, part));
}

std::vector<DuplicateKey> duplicate_keys(std::string_view text) {
  std::vector<DuplicateKey> duplicates;
  const auto on_repeat = [&](const std::string& pointer, std::size_t first, std::size_t second) {
    duplicates.push_back({pointer, first, second});
  };
  Walk(
      text, [](const std::string&, std::size_t, std::size_t) {}, on_repeat)
      .run();
  return duplicates;
}

std::size_t nesting_depth(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  JsonTokens tokens(text);
  for (JsonToken t = tokens.next(); t.kind != JsonToken::Kind::end; t = tokens.next()) {
    if (t.kind != JsonToken::Kind::sign) continue;
    const char c = text[t.begin];
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if ((c == '}' || c == ']') && depth > 0) --depth;
  }
  return deepest;
}

TokenAt token_at(std::string_view text, std::size_t offset) {
  JsonTokens tokens(text);
  TokenAt found;
  JsonToken token = tokens.next();
  while (token.kind != JsonToken::Kind::end && token.end <= offset) {
    found.before = {token.begin, token.end};
    token = tokens.next();
  }
  found.token = {token.begin, token.end};
  return found;
}

}  // namespace poolgauge
