// Memory of coroutine frames: kept per thread by size class, because one is needed per await.
#pragma once

#include <cstddef>

namespace poolgauge {

/// At least `size` bytes, aligned for anything ordinary. Freed with frame_free of the same size.
void* frame_allocate(std::size_t size);
void frame_free(void* memory, std::size_t size) noexcept;

}  // namespace poolgauge
