// pool_vectors FILE: replays pool vectors in virtual time; a line each, `ok ID` or `FAIL ID what`.
#include <fstream>
#include <iostream>

#include "vectors/vector.h"

namespace {

std::string verdict(const poolgauge::vectors::Json& vector) {
  const poolgauge::vectors::Replay replay = poolgauge::vectors::replay(vector);
  if (!replay.trouble.empty()) return replay.trouble;
  return poolgauge::vectors::compare(vector, replay.events);
}

int run(const char* file) {
  std::ifstream in(file);
  if (!in) {
    std::cerr << "pool_vectors: cannot read " << file << '\n';
    return 2;
  }
  bool all_hold = true;
  for (const auto& vector : poolgauge::vectors::Json::parse(in)) {
    const std::string trouble = verdict(vector);
    const std::string id = vector["id"].get<std::string>();
    std::cout << (trouble.empty() ? "ok " + id : "FAIL " + id + " " + trouble) << std::endl;
    all_hold = all_hold && trouble.empty();
  }
  return all_hold ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: pool_vectors FILE\n";
    return 2;
  }
  try {
    return run(argv[1]);
  } catch (const std::exception& trouble) {
    std::cerr << "pool_vectors: " << trouble.what() << '\n';
    return 2;
  }
}
