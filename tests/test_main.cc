// Catch2's main lives here alone, so that it is compiled once.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
