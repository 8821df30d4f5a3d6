// From a JSON pointer to the place in the text, for the sake of errors. Comments are skipped. Any
// text is safe to look at, also one that is no JSON: the answer is always a place inside it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace poolgauge {

/// Counted from 1; columns in characters (UTF-8 code points).
struct Place {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// The place of a byte; offsets beyond the end are the end.
Place place_at(std::string_view text, std::size_t offset);

/// A member's name or its value. (The elements of arrays and the root have only a value.)
enum class Part { key, value };

/// Where every value of a text begins.
class PlaceIndex {
 public:
  explicit PlaceIndex(std::string_view text);
  /// The byte offset of what the pointer names; if it is not there, of the nearest value around.
  std::size_t offset_of(std::string_view pointer, Part part) const;

 private:
  struct Offsets {
    std::size_t key;
    std::size_t value;
  };
  std::unordered_map<std::string, Offsets> offsets_;
};

/// One place alone.
Place locate(std::string_view text, std::string_view pointer, Part part);

/// The same key twice in one object.
struct DuplicateKey {
  std::string pointer;
  std::size_t first = 0;   ///< byte offset of the first key
  std::size_t second = 0;  ///< of the one that repeats it
};
std::vector<DuplicateKey> duplicate_keys(std::string_view text);

/// How deep objects and arrays are nested.
std::size_t nesting_depth(std::string_view text);

/// The first and one-past-last byte of a word, string or sign of the text.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};
/// The token that `offset` lies in (or the next after it; at the end of the text an empty one), and
/// the one before it.
struct TokenAt {
  TextSpan token;
  TextSpan before;
};
TokenAt token_at(std::string_view text, std::size_t offset);

}  // namespace poolgauge
