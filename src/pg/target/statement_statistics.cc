// Queries on pg_stat_statements and pg_prepared_statements.
#include "pg/target/existing_objects.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/letters.h"
#include "pg/session/ask.h"
#include "pg/session/control_connection.h"
#include "sql/sql.h"

namespace poolgauge {

namespace {

constexpr std::size_t kMost = 1000;  // statements looked at

Error refused(const std::string& what, const ControlReply& reply, std::string hint) {
  if (reply.ending == ControlReply::Ending::interrupted) return interrupted_error();
  return Error{ErrorKind::target, what + "\n  " + reply.complaint.message, std::move(hint)};
}

double number(const std::string& text) {
  return std::strtod(text.c_str(), nullptr);
}

class StatementReader {
 public:
  explicit StatementReader(ControlConnection& connection) : connection_(connection) {}

  Result<ServerStatements> read() {
    const ControlReply where =
        ask(connection_,
            "SELECT quote_ident(n.nspname), e.extversion FROM pg_extension e "
            "JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'",
            2);
    if (!where.ok()) return refused("cannot read the system catalog", where, "");
    if (where.rows.empty()) {
      return Error{ErrorKind::target, "pg_stat_statements is not installed in this database",
                   "add pg_stat_statements to shared_preload_libraries, restart the server, then "
                   "run CREATE EXTENSION pg_stat_statements in the database"};
    }
    view_ = where.rows[0][0] + ".pg_stat_statements";
    const Status listed = list();
    if (!listed.ok()) return listed.error();
    read_age();
    return described(std::move(server_));
  }

  /// Types, sizes and keys of what is there already.
  Result<ServerStatements> described(ServerStatements server) {
    server_ = std::move(server);
    for (StatementStatistics& statement : server_.statements) describe(statement);
    for (const auto& [table, rows] : rows_) read_keys(table, rows);
    if (!undescribed_.empty()) {
      server_.notes.push_back(fmt::format(
          "skipped: {} statements that the server cannot prepare in this form (the first: {})",
          undescribed_.size(), undescribed_.front()));
    }
    std::erase_if(server_.statements, [](const StatementStatistics& s) { return s.calls <= 0; });
    return std::move(server_);
  }

 private:
  Status list() {
    const bool has_toplevel = has_column("toplevel");
    const char* mean = has_column("mean_exec_time") ? "mean_exec_time" : "mean_time";
    const std::string query = fmt::format(
        "SELECT query, sum(calls), sum({0} * calls) / sum(calls), sum(rows) / sum(calls) FROM {1} "
        "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()){2} "
        "AND calls > 0 AND query NOT LIKE '%pg_stat_statements%' "
        "GROUP BY query ORDER BY sum(calls) DESC LIMIT {3}",
        mean, view_, has_toplevel ? " AND toplevel" : "", kMost);
    const ControlReply reply = ask(connection_, query, 4);
    if (!reply.ok()) {
      return refused("cannot read pg_stat_statements", reply,
                     "check that it is in shared_preload_libraries and that this role may read it "
                     "(GRANT pg_read_all_stats)");
    }
    double hidden = 0;
    for (const auto& row : reply.rows) {
      if (row[0] == "<insufficient privilege>") {
        hidden += number(row[1]);
        continue;
      }
      server_.statements.push_back({row[0], number(row[1]), number(row[2]), {}, 0, number(row[3])});
    }
    if (hidden > 0) {
      server_.notes.push_back(fmt::format(
          "{:.0f} calls of other roles are hidden from this one (GRANT pg_read_all_stats)",
          hidden));
    }
    if (!server_.statements.empty()) return success();
    return Error{ErrorKind::target, "pg_stat_statements has no statements of this database",
                 "check that this is the database that the application uses"};
  }

  bool has_column(const std::string& column) {
    const ControlReply reply =
        connection_.run(fmt::format("SELECT 1 FROM pg_attribute WHERE attrelid = '{}'::regclass "
                                    "AND attname = '{}' AND NOT attisdropped",
                                    view_, column));
    return reply.ok() && !reply.rows.empty();
  }

  /// From version 1.9 (PostgreSQL 14) on there is a time of the last reset.
  void read_age() {
    const ControlReply reply =
        ask(connection_,
            fmt::format("SELECT extract(epoch FROM now() - stats_reset) FROM {}_info", view_), 1);
    if (reply.ok() && !reply.rows.empty()) server_.seconds = number(reply.rows[0][0]);
  }

  /// What the server makes of its parameters. All in one transaction: through a transaction pooler
  /// the next may be on another server connection, and this one somebody else's, with statements of
  /// their own on it.
  ControlReply parameter_types(const std::string& sql) {
    const ControlReply begun = connection_.run("BEGIN");
    if (!begun.ok()) return begun;
    ControlReply types = connection_.run("PREPARE poolgauge_import AS " + preparable(sql));
    const bool prepared = types.ok();
    if (prepared) types = asked_types();
    const bool removed = prepared && connection_.run("DEALLOCATE poolgauge_import").ok();
    connection_.run("ROLLBACK");
    // A question that failed has left the transaction unusable.
    if (prepared && !removed) connection_.run("DEALLOCATE poolgauge_import");
    return types;
  }

  ControlReply asked_types() {
    return ask(
        connection_,
        "SELECT format_type(p.type, NULL), t.typtype, p.type::oid FROM pg_prepared_statements s, "
        "unnest(s.parameter_types) WITH ORDINALITY AS p(type, place) JOIN pg_type t ON t.oid = "
        "p.type WHERE s.name = 'poolgauge_import' ORDER BY p.place",
        3);
  }

  void describe(StatementStatistics& statement) {
    if (!worth_preparing(statement.text)) return;
    const ControlReply types = parameter_types(statement.text);
    if (!types.ok()) {
      undescribed_.push_back(types.complaint.message);
      statement.calls = 0;
      return;
    }
    for (const auto& row : types.rows) {
      statement.parameters.push_back({row[0], {}});
      if (row[1] == "e") statement.parameters.back().labels = labels(row[2]);
    }
    statement.table_rows = largest_table(statement.text);
  }

  std::vector<std::string> labels(const std::string& type) {
    const ControlReply reply =
        ask(connection_,
            "SELECT enumlabel FROM pg_enum WHERE enumtypid = " + quoted_literal(type) +
                "::oid ORDER BY enumsortorder",
            1);
    std::vector<std::string> found;
    if (!reply.ok()) return found;
    for (const auto& row : reply.rows) found.push_back(row[0]);
    return found;
  }

  /// PREPARE takes these only; the others are told apart by the import itself.
  static bool worth_preparing(const std::string& sql) {
    static const std::set<std::string> kWords = {"select", "insert", "update", "delete",
                                                 "merge",  "with",   "values", "table"};
    const SplitSql split = split_sql(sql);
    if (split.pieces.empty()) return false;
    std::string word;
    for (const char c : split.pieces.front().text) {
      if (std::isalpha(static_cast<unsigned char>(c)) == 0) break;
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return kWords.contains(word);
  }

  /// Constants became parameters also where none can stand: "interval $1".
  static std::string preparable(std::string sql) {
    static const std::set<std::string> kTypes = {"interval",    "date",   "time", "timestamp",
                                                 "timestamptz", "timetz", "uuid", "json"};
    std::size_t at = 0;
    while ((at = sql.find(" $", at)) != std::string::npos) {
      std::size_t begin = at;
      while (begin > 0 && std::isalpha(static_cast<unsigned char>(sql[begin - 1])) != 0) --begin;
      const std::string word = lower_case(sql.substr(begin, at - begin));
      std::size_t end = at + 2;
      while (end < sql.size() && std::isdigit(static_cast<unsigned char>(sql[end])) != 0) ++end;
      if (kTypes.contains(word) && end > at + 2) {
        const std::string cast = "CAST(" + sql.substr(at + 1, end - at - 1) + " AS " + word + ")";
        sql.replace(begin, end - begin, cast);
        end = begin + cast.size();
      }
      at = end;
    }
    return sql;
  }

  /// By the planner's own estimate of the tables after FROM, JOIN, INTO and UPDATE.
  double largest_table(const std::string& sql) {
    double largest = 0;
    std::string last;
    std::string word;
    for (std::size_t i = 0; i <= sql.size(); ++i) {
      const char c = i < sql.size() ? sql[i] : ' ';
      const bool inside = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
                          c == '.' || c == '"' || c == '$';
      if (inside) {
        word += c;
        continue;
      }
      if (word.empty()) continue;
      const bool table = last == "from" || last == "join" || last == "into" || last == "update";
      if (table) largest = std::max(largest, rows_of(word));
      last = lower_case(word);
      word.clear();
    }
    return largest;
  }

  double rows_of(const std::string& table) {
    const auto known = rows_.find(table);
    if (known != rows_.end()) return known->second;
    const ControlReply reply = ask(
        connection_,
        "SELECT reltuples FROM pg_class WHERE oid = to_regclass(" + quoted_literal(table) + ")", 1);
    const double rows = reply.ok() && !reply.rows.empty() ? number(reply.rows[0][0]) : 0;
    return rows_[table] = rows;
  }

  /// Keys of one column and references to such, of a table as statements name it.
  void read_keys(const std::string& table, double rows) {
    const ControlReply reply =
        ask(connection_,
            "SELECT a.attname, quote_ident(a.attname), c.conrelid::regclass, "
            "coalesce(nullif(c.confrelid, 0)::regclass::text, ''), "
            "coalesce(quote_ident(f.attname), ''), "
            "coalesce(r.reltuples, 0), a.atttypid IN ('int2'::regtype, 'int4'::regtype, "
            "'int8'::regtype) FROM pg_constraint c "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
            "LEFT JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1] "
            "LEFT JOIN pg_class r ON r.oid = c.confrelid "
            "WHERE c.conrelid = to_regclass(" +
                quoted_literal(table) +
                ") AND c.contype IN ('p', 'f') AND array_length(c.conkey, 1) = 1 "
                "ORDER BY c.contype, a.attnum",
            7);
    if (!reply.ok()) return;
    for (const auto& row : reply.rows) {
      KeyColumn key{table, row[0], row[3].empty() ? "" : row[3] + "." + row[4]};
      const bool refers = !row[3].empty();
      const bool readable = read_values(refers ? row[3] : row[2], refers ? row[4] : row[1],
                                        refers ? number(row[5]) : rows, row[6] == "t", key);
      if (readable) {
        server_.keys.push_back(std::move(key));
      } else if (refers) {
        server_.notes.push_back(fmt::format(
            "the foreign key {}.{} to {} could not be read (empty, or this role may not read it)",
            table, row[0], key.refers_to));
      }
    }
  }

  /// The range of a key where most numbers of it exist, else a few of its values.
  bool read_values(const std::string& table, const std::string& column, double rows, bool integer,
                   KeyColumn& key) {
    constexpr double kDense = 0.5;
    constexpr double kPagesOf = 2000;  // rows that the sample is drawn from
    if (integer) {
      const ControlReply ends =
          ask(connection_, fmt::format("SELECT min({0}), max({0}) FROM {1}", column, table), 2);
      if (!ends.ok() || ends.rows.empty()) return false;
      if (ends.rows[0][0].empty()) {
        key.highest = 0;
        return key.refers_to.empty();
      }
      const std::int64_t low = std::strtoll(ends.rows[0][0].c_str(), nullptr, 10);
      const std::int64_t high = std::strtoll(ends.rows[0][1].c_str(), nullptr, 10);
      const double width = static_cast<double>(high) - static_cast<double>(low) + 1;
      key.highest = high;
      if (rows >= kDense * width) {
        key.range = {low, high};
        return true;
      }
    }
    const double percent = rows > kPagesOf ? 100 * kPagesOf / rows : 100;
    const ControlReply some =
        ask(connection_,
            fmt::format("SELECT k FROM (SELECT {0} AS k FROM {1} TABLESAMPLE SYSTEM ({2:.9f}) "
                        "LIMIT 20000) s "
                        "WHERE k IS NOT NULL ORDER BY random() LIMIT 200",
                        column, table, percent),
            1);
    if (!some.ok() || some.rows.empty()) return false;
    for (const auto& row : some.rows) key.sample.push_back(row[0]);
    return true;
  }

  ControlConnection& connection_;
  std::string view_;
  ServerStatements server_;
  std::vector<std::string> undescribed_;
  std::map<std::string, double> rows_;
};

}  // namespace

Result<ServerStatements> describe_statements(const std::string& conninfo, const StopFlag& stop,
                                             ServerStatements server) {
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop);
  if (!connection.ok()) return connection.error();
  return StatementReader(connection.value()).described(std::move(server));
}

Result<ServerStatements> read_statement_statistics(const std::string& conninfo,
                                                   const StopFlag& stop) {
  Result<ControlConnection> connection = ControlConnection::open(conninfo, stop);
  if (!connection.ok()) return connection.error();
  return StatementReader(connection.value()).read();
}

}  // namespace poolgauge
