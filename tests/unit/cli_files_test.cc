// Whole files only, and never another run's.
#include <catch2/catch.hpp>

#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/json_layout.h"
#include "cli/shell/messages.h"
#include "cli/shell/wall_clock.h"
#include "files/files.h"
#include "files/outputs.h"
#include "files/report_set.h"

using namespace poolgauge;
using namespace poolgauge::cli;
namespace fs = std::filesystem;

namespace {

/// A directory of this test alone.
struct Scratch {
  fs::path path;
  Scratch() {
    std::string name = (fs::temp_directory_path() / "cli-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() { fs::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string operator/(const std::string& name) const { return (path / name).string(); }
  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
};

void put(const std::string& file, const std::string& text) {
  fs::create_directories(fs::path(file).parent_path());
  std::ofstream(file) << text;
}

Report report_named(const std::string& name) {
  Report report;
  report.scenario_name = name;
  report.scenario_json = "{}";
  return report;
}

}  // namespace

TEST_CASE("a whole file replaces the old one and leaves nothing else") {
  const Scratch scratch;
  REQUIRE(write_output(scratch / "a", "one").ok());
  REQUIRE(write_output(scratch / "a", "two").ok());
  CHECK(read_file(scratch / "a").value() == "two");
  CHECK(scratch.entries() == 1);
  CHECK(write_output("/dev/null", "x").ok());
  const Status failed = write_output(scratch / "no/such/place", "x");
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().message.find("no/such/place") != std::string::npos);
}

TEST_CASE("a link stays, and what it leads to is replaced with its permissions") {
  const Scratch scratch;
  put(scratch / "folder/target", "old");
  fs::permissions(scratch / "folder/target", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("folder/target", scratch / "first");
  fs::create_symlink(scratch / "first", scratch / "second");
  REQUIRE(write_output(scratch / "second", "new").ok());
  CHECK(fs::is_symlink(scratch / "first"));
  CHECK(fs::is_symlink(scratch / "second"));
  CHECK(read_file(scratch / "folder/target").value() == "new");
  CHECK(fs::status(scratch / "folder/target").permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  CHECK_FALSE(check_new_output(scratch / "second").ok());
  fs::create_symlink("made", scratch / "dangling");
  CHECK(check_new_output(scratch / "dangling").ok());
  REQUIRE(write_new_output(scratch / "dangling", "made").ok());
  CHECK(fs::is_symlink(scratch / "dangling"));
  CHECK(read_file(scratch / "made").value() == "made");
  CHECK_FALSE(write_new_output(scratch / "dangling", "again").ok());
  fs::create_symlink("loop", scratch / "loop");
  CHECK_FALSE(write_output(scratch / "loop", "x").ok());
}

TEST_CASE("open files are known by their other names") {
  const Scratch scratch;
  CHECK(is_stdout("-"));
  CHECK(is_stdout("/dev/stdout"));
  CHECK(is_stdout("/proc/self/fd/1"));
  CHECK_FALSE(is_stdout("/dev/stderr"));
  CHECK_FALSE(is_stdout(scratch / "1"));
  fs::create_symlink("/dev/stdout", scratch / "link");
  CHECK(is_stdout(scratch / "link"));
  CHECK(destination_of("/dev/null").value().kind == Destination::Kind::stream);
  CHECK(destination_of("/dev/fd/2").value().descriptor == 2);
  CHECK(destination_of(scratch / "new").value().kind == Destination::Kind::whole_file);
}

TEST_CASE("a pending file that is given up disappears; a taken name is not overwritten") {
  const Scratch scratch;
  put(scratch / "taken", "theirs");
  {
    Result<PendingFile> pending = PendingFile::write(scratch / "taken", "ours");
    REQUIRE(pending.ok());
    CHECK(pending.value().publish_new(scratch / "taken") == PendingFile::Publish::exists);
    CHECK(pending.value().publish_new(scratch / "free") == PendingFile::Publish::done);
  }
  CHECK(read_file(scratch / "taken").value() == "theirs");
  CHECK(read_file(scratch / "free").value() == "ours");
  CHECK(scratch.entries() == 2);
}

TEST_CASE("reports of the same second get numbers") {
  const Scratch scratch;
  const Report report = report_named("a/b c");
  const std::string stem = "a-b-c-19700101T000000Z";
  put(scratch / (stem + "-2.md"), "in the way");
  const Result<KeptReport> first = keep_report(scratch.path.string(), report, 0);
  const Result<KeptReport> second = keep_report(scratch.path.string(), report, 0);
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  CHECK(first.value().json == scratch / (stem + ".json"));
  CHECK(first.value().markdown == scratch / (stem + ".md"));
  CHECK(second.value().json == scratch / (stem + "-3.json"));
  CHECK(second.value().markdown == scratch / (stem + "-3.md"));
  CHECK(scratch.entries() == 5);
  CHECK(read_file(scratch / (stem + "-2.md")).value() == "in the way");
}

TEST_CASE("outputs are tried before the run") {
  const Scratch scratch;
  put(scratch / "file", "x");
  OutputFiles options;
  options.directory = scratch / "new/reports";
  CHECK(check_outputs(options, true).ok());
  CHECK(fs::is_directory(options.directory));
  CHECK(fs::is_empty(options.directory));

  options.directory = scratch / "file/reports";
  const Status under_file = check_outputs(options, true);
  REQUIRE_FALSE(under_file.ok());
  CHECK(under_file.error().kind == ErrorKind::usage);
  CHECK(under_file.error().message.find(options.directory) != std::string::npos);
  CHECK(under_file.error().hint.find("--out") != std::string::npos);
  CHECK(check_outputs(options, false).ok());

  options.json = scratch / "no/such/dir/x.json";
  CHECK_FALSE(check_outputs(options, false).ok());
  options.json = scratch.path.string();
  CHECK_FALSE(check_outputs(options, false).ok());
  options.json = "/dev/null";
  CHECK(check_outputs(options, false).ok());
  options.json = "-";
  options.markdown = "-";
  CHECK_FALSE(check_outputs(options, false).ok());
}

TEST_CASE("reading what is no file says so") {
  const Scratch scratch;
  CHECK(read_file(scratch.path.string()).error().message.find("directory") != std::string::npos);
  CHECK(read_file(scratch / "none").error().message.find("none") != std::string::npos);
}

TEST_CASE("scenarios are found by path and by name") {
  const Scratch scratch;
  put(scratch / "one/chat-100.json", "{}");
  put(scratch / "one/scenario.schema.json", "{}");
  put(scratch / "two/chat-100.json", "{}");
  put(scratch / "two/other.json", "{}");
  const std::vector<std::string> directories = {scratch / "one", scratch / "two",
                                                scratch / "missing"};
  CHECK(scenarios_in(directories) ==
        std::vector<std::string>{scratch / "one/chat-100.json", scratch / "two/other.json"});
  CHECK(find_scenario("chat-100", directories).value() == scratch / "one/chat-100.json");
  CHECK(find_scenario(scratch / "two/chat-100.json", directories).value() ==
        scratch / "two/chat-100.json");
  CHECK(find_scenario("nowhere/x.json", directories).value() == "nowhere/x.json");
  const Result<std::string> wrong = find_scenario("chat-10", directories);
  REQUIRE_FALSE(wrong.ok());
  CHECK(wrong.error().message.find("did you mean \"chat-100\"?") != std::string::npos);
}

TEST_CASE("file names and times") {
  CHECK(file_stem("chat-100") == "chat-100");
  CHECK(file_stem("../etc/x") == "-.-etc-x");
  CHECK(file_stem("") == "report");
  CHECK(iso_time(1769860800) == "2026-01-31T12:00:00Z");
  CHECK(compact_time(1769860800) == "20260131T120000Z");
}

TEST_CASE("errors: what, then the cure, then the status") {
  CHECK(error_text({ErrorKind::usage, "a thing", ""}) == "poolgauge: a thing\n");
  CHECK(error_text({ErrorKind::target, "a thing", "do this\nor that"}) ==
        "poolgauge: a thing\n  do this\n  or that\n");
  CHECK(exit_code(ErrorKind::usage) == 2);
  CHECK(exit_code(ErrorKind::target) == 3);
  CHECK(exit_code(ErrorKind::guard) == 13);
  CHECK(exit_code(ErrorKind::interrupted) == 130);
  CHECK(exit_code(ErrorKind::internal) == 1);
}

TEST_CASE("JSON is laid out without touching its values") {
  CHECK(pretty_json(R"({"a":1,"b":{"c":[1,2],"d":"x:y,{"},"e":[]})") ==
        "{\n  \"a\": 1,\n  \"b\": {\"c\": [1, 2], \"d\": \"x:y,{\"},\n  \"e\": []\n}");
  const std::string quote = R"({"q":"a\"]\\"})";
  CHECK(pretty_json(quote) == "{\n  \"q\": \"a\\\"]\\\\\"\n}");
  const std::string text = "\"" + std::string(80, 'x') + "\"";
  CHECK(pretty_json("{\"l\":[" + text + ",2]}") ==
        "{\n  \"l\": [\n    " + text + ",\n    2\n  ]\n}");
}

TEST_CASE("a member is taken out of an object, wherever it stands") {
  CHECK(without_member(R"({"a":1,"data":{"x":[1,"}"]},"b":2})", "data") == R"({"a":1,"b":2})");
  CHECK(without_member(R"({"data":"x,","b":{"data":1}})", "data") == R"({"b":{"data":1}})");
  CHECK(without_member(R"({"a":1,"data":null})", "data") == R"({"a":1})");
  CHECK(without_member(R"({"data":7})", "data") == "{}");
  CHECK(without_member(R"({"a":{"data":1},"b":"\"data\":1"})", "data") ==
        R"({"a":{"data":1},"b":"\"data\":1"})");
  CHECK(without_member("{}", "data") == "{}");
}

TEST_CASE("a member is read and replaced, wherever it stands") {
  const std::string object = R"({"a":{"data":1},"data":{"x":[1,"}"]},"b":2})";
  CHECK(member_of(object, "data") == R"({"x":[1,"}"]})");
  CHECK(member_of(object, "b") == "2");
  CHECK(member_of(object, "x").empty());
  CHECK(with_member(object, "data", "[3]") == R"({"a":{"data":1},"data":[3],"b":2})");
  CHECK(with_member(object, "x", "[3]") == object);
}
