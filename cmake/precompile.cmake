# What halves the time of a build from nothing: common headers are parsed once, and small files of a
# layer are compiled several at a time. The clang and alone presets do without both, so that a file
# which forgot an include of its own is noticed.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(POOLGAUGE_PRECOMPILE_BY_DEFAULT ON)
else()
  set(POOLGAUGE_PRECOMPILE_BY_DEFAULT OFF)
endif()
option(POOLGAUGE_PRECOMPILE "Precompile common headers, compile small files together"
  ${POOLGAUGE_PRECOMPILE_BY_DEFAULT})

set(POOLGAUGE_STD_HEADERS <algorithm> <array> <charconv> <chrono> <cmath> <cstdint> <deque>
  <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <utility>
  <variant> <vector> <fmt/format.h>)

# poolgauge_precompile(TARGET [FROM OTHER] [HEADER...]): TARGET's own, or those of OTHER, which was
# compiled with the same options.
function(poolgauge_precompile target)
  cmake_parse_arguments(arg "" "FROM" "" ${ARGN})
  if(NOT POOLGAUGE_PRECOMPILE)
    return()
  endif()
  if(arg_FROM)
    target_precompile_headers(${target} REUSE_FROM ${arg_FROM})
  else()
    target_precompile_headers(${target} PRIVATE ${POOLGAUGE_STD_HEADERS} ${arg_UNPARSED_ARGUMENTS})
  endif()
endfunction()

# poolgauge_compile_together(TARGET [APART NAME...] [ALONE NAME...]): TARGET's files, a dozen of one
# folder at a time. Files of these names (without .cc) have local names that other files of their
# folder have, too: those that are APART are compiled together with one another, but not with the
# others.
function(poolgauge_compile_together target)
  cmake_parse_arguments(arg "" "" "APART;ALONE" ${ARGN})
  if(NOT POOLGAUGE_PRECOMPILE)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  get_target_property(files ${target} SOURCES)
  foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    if(name IN_LIST arg_ALONE)
      continue()
    endif()
    get_filename_component(folder ${file} DIRECTORY)
    string(MAKE_C_IDENTIFIER "${folder}" folder)
    string(REGEX REPLACE "^.*_src_|^.*_tests_" "" group ${folder})
    if(name IN_LIST arg_APART)
      set(group ${group}_apart)
    endif()
    if(NOT DEFINED count_${group})
      set(count_${group} 0)
    endif()
    math(EXPR dozen "${count_${group}} / 40")
    math(EXPR count_${group} "${count_${group}} + 1")
    set_source_files_properties(${file} PROPERTIES UNITY_GROUP ${group}_${dozen})
  endforeach()
endfunction()
