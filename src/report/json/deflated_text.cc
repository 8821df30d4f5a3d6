// zlib and base64.
#include "report/json/measurement_bytes.h"

#include <zlib.h>

#include <algorithm>

#include "base/check.h"

namespace poolgauge {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

Bytes deflated(const Bytes& bytes) {
  uLongf size = compressBound(bytes.size());
  Bytes out(size);
  const int done = compress(out.data(), &size, bytes.data(), bytes.size());
  POOLGAUGE_CHECK(done == Z_OK, "zlib compresses into a large enough buffer");
  out.resize(size);
  return out;
}

std::optional<Bytes> inflated(const std::uint8_t* data, std::size_t size, std::size_t most) {
  constexpr std::size_t kUsual = std::size_t{1} << 13;
  for (std::size_t room = kUsual; room <= most; room *= 2) {
    Bytes out(room);
    uLongf length = out.size();
    const int status = uncompress(out.data(), &length, data, size);
    if (status == Z_BUF_ERROR) continue;
    if (status != Z_OK) return std::nullopt;
    out.resize(length);
    return out;
  }
  return std::nullopt;
}

std::string base64(const Bytes& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < left ? bytes[i + k] : 0U);
    for (unsigned k = 0; k < 4; ++k) {
      text += k <= left ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::optional<Bytes> from_base64(std::string_view text, std::size_t most) {
  if (text.size() % 4 != 0 || text.size() / 4 > most / 3 + 1) return std::nullopt;
  const std::size_t end = text.find('=');
  const std::string_view letters = text.substr(0, end);
  if (text.size() - letters.size() > 2) return std::nullopt;
  Bytes bytes;
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char letter : letters) {
    const std::size_t value = kAlphabet.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>(group >> bits));
  }
  return bytes;
}

}  // namespace poolgauge
