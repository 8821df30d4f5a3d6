// advisor_examples FILE: recomputes examples of the advisor's mathematics; a line each, `ok ID` or
// `FAIL ID what`.
#include <fstream>
#include <iostream>

#include "examples/example.h"

namespace {

using poolgauge::examples::Json;

std::string id_of(const Json& example, std::size_t number) {
  if (example.is_object() && example.contains("id") && example["id"].is_string()) {
    return example["id"].get<std::string>();
  }
  return "#" + std::to_string(number);
}

/// Exceptions of one case are its own failure and no other's.
std::string verdict(const Json& example) {
  try {
    return example.is_object() ? poolgauge::examples::check(example) : "it is no object";
  } catch (const std::exception& trouble) {
    return trouble.what();
  }
}

int run(const char* file) {
  std::ifstream in(file);
  if (!in) {
    std::cerr << "advisor_examples: cannot read " << file << '\n';
    return 2;
  }
  const Json document = Json::parse(in);
  const Json& examples = document.is_object() ? document.at("examples") : document;
  if (!examples.is_array()) {
    std::cerr << "advisor_examples: " << file << " holds no list of examples\n";
    return 2;
  }
  bool all_hold = true;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const std::string trouble = verdict(examples[i]);
    const std::string id = id_of(examples[i], i + 1);
    std::cout << (trouble.empty() ? "ok " + id : "FAIL " + id + " " + trouble) << std::endl;
    all_hold = all_hold && trouble.empty();
  }
  return all_hold ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: advisor_examples FILE\n";
    return 2;
  }
  try {
    return run(argv[1]);
  } catch (const std::exception& trouble) {
    std::cerr << "advisor_examples: " << trouble.what() << '\n';
    return 2;
  }
}
