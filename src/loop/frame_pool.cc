// Free lists of coroutine frames, one set per thread; plain allocation under AddressSanitizer, so
// that it still sees a frame used after its end.
#include "loop/frame_pool.h"

#include <array>
#include <new>

namespace poolgauge {

#if defined(__SANITIZE_ADDRESS__)
#define POOLGAUGE_PLAIN_FRAMES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOLGAUGE_PLAIN_FRAMES 1
#endif
#endif

#ifdef POOLGAUGE_PLAIN_FRAMES

void* frame_allocate(std::size_t size) {
  return ::operator new(size);
}
void frame_free(void* memory, std::size_t) noexcept {
  ::operator delete(memory);
}

#else

namespace {

constexpr std::size_t kStep = 64;
constexpr std::size_t kClasses = 32;  // frames up to 2 KiB are kept

struct FreeFrame {
  FreeFrame* next;
};

struct FrameLists {
  std::array<FreeFrame*, kClasses> first{};
  ~FrameLists() {
    for (FreeFrame* frame : first) {
      while (frame != nullptr) {
        FreeFrame* next = frame->next;
        ::operator delete(static_cast<void*>(frame));
        frame = next;
      }
    }
  }
};

thread_local FrameLists lists;

}  // namespace

void* frame_allocate(std::size_t size) {
  const std::size_t cls = (size - 1) / kStep;
  if (cls >= kClasses) return ::operator new(size);
  FreeFrame*& first = lists.first[cls];
  if (first == nullptr) return ::operator new((cls + 1) * kStep);
  FreeFrame* frame = first;
  first = frame->next;
  return frame;
}

void frame_free(void* memory, std::size_t size) noexcept {
  const std::size_t cls = (size - 1) / kStep;
  if (cls >= kClasses) {
    ::operator delete(memory);
    return;
  }
  FreeFrame*& first = lists.first[cls];
  first = new (memory) FreeFrame{first};
}

#endif

}  // namespace poolgauge
