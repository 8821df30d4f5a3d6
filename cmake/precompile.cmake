# What halves the time of a build from nothing with GCC: common headers are parsed once, and small
# files of a layer are compiled several at a time. The second compiler does without both, so that a
# file which forgot an include of its own is noticed.
option(POOLGAUGE_PRECOMPILE "Precompile common headers, compile small files together (GCC)" ON)

set(POOLGAUGE_STD_HEADERS <algorithm> <array> <charconv> <chrono> <cmath> <cstdint> <deque>
  <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <utility>
  <variant> <vector> <fmt/format.h>)

# poolgauge_precompile(TARGET [FROM OTHER] [HEADER...]): TARGET's own, or those of OTHER, which was
# compiled with the same options.
function(poolgauge_precompile target)
  cmake_parse_arguments(arg "" "FROM" "" ${ARGN})
  if(NOT POOLGAUGE_PRECOMPILE OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  if(arg_FROM)
    target_precompile_headers(${target} REUSE_FROM ${arg_FROM})
  else()
    target_precompile_headers(${target} PRIVATE ${POOLGAUGE_STD_HEADERS} ${arg_UNPARSED_ARGUMENTS})
  endif()
endfunction()

# poolgauge_compile_together(TARGET FOLDER [ALONE FILE...]): TARGET's files, a dozen at a time, but
# for those in FOLDER whose local names are others' names, too.
function(poolgauge_compile_together target folder)
  cmake_parse_arguments(arg "" "" "ALONE" ${ARGN})
  if(NOT POOLGAUGE_PRECOMPILE OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
  foreach(file ${arg_ALONE})
    set_source_files_properties(${folder}/${file}.cc PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endforeach()
endfunction()
