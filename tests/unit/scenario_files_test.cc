// Files beside the scenario: SQL, CSV, and those that are not there.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "scenario_text.h"

using namespace scenario_test;

namespace {

/// A folder that goes away with the test.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() / (name + "." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return (path_ / name).string();
  }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("files beside the scenario") {
  const Folder folder("poolgauge-scenario-test");
  folder.write("setup.sql", "SELECT 1;");
  folder.write("ids.csv", "id,name\r\n1,\"a,\"\"b\"\"\"\n2,\"c\nd\"\n");
  folder.write("bad.csv", "id,name\n1,2\n3\n");
  folder.write("open.csv", "id\n\"1\n");
  folder.write("empty.csv", "id\n");
  const std::string data = R"("version": 1, "data": {"setup": ["setup.sql"]},)";
  const std::string csv = R"({"csv": {"file": "ids.csv", "column": "name", "order": "in turn"}})";
  const std::string text = with(R"("version": 1,)", data, with(R"({ "uniform": [1, 10] })", csv));
  const std::string file = folder.write("s.json", text);

  ScenarioResult loaded = load_scenario(file, {});
  REQUIRE(std::holds_alternative<Scenario>(loaded));
  const Scenario& s = std::get<Scenario>(loaded);
  CHECK(s.setup.at(0).content == "SELECT 1;");
  const auto& column = std::get<CsvVariable>(s.variables.at(0).value);
  CHECK(column.values == std::vector<std::string>{"a,\"b\"", "c\nd"});
  CHECK(column.in_turn);
  CHECK(good(s.resolved_json, {}, file).resolved_json == s.resolved_json);

  const auto one = [&](const std::string& part, const std::string& other) {
    const auto found = mistakes(with(part, other, text), {}, file);
    REQUIRE(found.size() == 1);
    return found[0].path + ": " + found[0].message;
  };
  CHECK(one("\"setup.sql\"", "\"setup.slq\"") == "/data/setup/0: no such file");
  CHECK(one("\"setup.sql\"", "\".\"") == "/data/setup/0: this is a directory, not a file");
  CHECK(one("\"name\", \"order\"", "\"nam\", \"order\"") ==
        "/variables/id/csv/column: the file has no column \"nam\"; did you mean \"name\"? Its "
        "columns are id, name");
  CHECK(one("ids.csv", "bad.csv") ==
        "/variables/id/csv/column: line 3: expected 2 fields, found 1");
  CHECK(one(R"("ids.csv", "column": "name")", R"("open.csv", "column": "id")") ==
        "/variables/id/csv/column: line 2: a quoted field is not closed");
  CHECK(one(R"("ids.csv", "column": "name")", R"("empty.csv", "column": "id")") ==
        "/variables/id/csv/column: the file has no rows below its header line");

  const auto missing = load_scenario(folder.file("none.json"), {});
  REQUIRE(std::holds_alternative<std::vector<Diagnostic>>(missing));
  CHECK(to_text(std::get<std::vector<Diagnostic>>(missing)) ==
        folder.file("none.json") +
            "\n  no such file\n  give a scenario file or the name of a built-in scenario "
            "(poolgauge scenario list)\n");
}

TEST_CASE("rows of one request in a file of arrivals") {
  const Folder folder("poolgauge-scenario-rows-test");
  folder.write("a.csv", "arrival_s,request,v1,v2\n0,chat,1,11\n1,other,2,12\n2,chat,3,\\N\n");
  const auto variable = [](const std::string& column, const std::string& request) {
    return R"({"csv": {"file": "a.csv", "column": ")" + column + R"(", "request": ")" + request +
           R"(", "order": "in turn", "together": true, "null": "\\N"}})";
  };
  const std::string text = with(R"({ "uniform": [1, 10] })", variable("v2", "chat"));
  const std::string file = folder.write("s.json", text);
  const Scenario s = good(text, {}, file);
  const auto& column = std::get<CsvVariable>(s.variables.at(0).value);
  CHECK(column.values == std::vector<std::string>{"11", "\\N"});
  CHECK(column.together);
  CHECK(column.null == "\\N");
  CHECK(good(s.resolved_json, {}, file).resolved_json == s.resolved_json);
  const auto refused = [&](const std::string& column_name, const std::string& request) {
    return complaint(with(R"({ "uniform": [1, 10] })", variable(column_name, request)), {}, file);
  };
  CHECK(refused("v2", "chet").find("no row for the request \"chet\"") != std::string::npos);
  CHECK(refused("v3", "chat").find("the file has no column \"v3\"") != std::string::npos);
}
