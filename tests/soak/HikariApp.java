import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.*;
import com.zaxxer.hikari.metrics.*;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;

/**
 * An application over a REAL HikariCP pool that notes when each connection was asked for, acquired,
 * and returned, and whether the request waited; and exports the pool's metrics under the names that Micrometer gives them.
 *  java -cp ... HikariApp.java users seconds pool serverSeconds ownSeconds autocommit thinkSeconds
 * (PGHOST must be a TCP host). Prints "ready PORT" and, at the end, [[asked, acquired, returned,
 * waited], ...] as JSON: seconds since 1970, and 1 if all connections were taken, else 0.
 */
public class HikariApp {
  static final LongAdder acquired = new LongAdder(), acquiredNanos = new LongAdder(),
                         used = new LongAdder(), usedMillis = new LongAdder(),
                         timeouts = new LongAdder();

  /** What HikariCP tells a tracker. */
  static class Counters implements IMetricsTracker {
    public void recordConnectionAcquiredNanos(long nanos) {
      acquired.increment();
      acquiredNanos.add(nanos);
    }
    public void recordConnectionUsageMillis(long millis) {
      used.increment();
      usedMillis.add(millis);
    }
    public void recordConnectionTimeout() {
      timeouts.increment();
    }
  }

  static String metrics(PoolStats stats) {
    StringBuilder page = new StringBuilder();
    Object[][] all = {{"", stats.getTotalConnections()}, {"_active", stats.getActiveConnections()},
        {"_idle", stats.getIdleConnections()}, {"_pending", stats.getPendingThreads()},
        {"_max", maximum}, {"_timeout_total", timeouts.sum()},
        {"_acquire_seconds_count", acquired.sum()},
        {"_acquire_seconds_sum", acquiredNanos.sum() / 1e9},
        {"_usage_seconds_count", used.sum()}, {"_usage_seconds_sum", usedMillis.sum() / 1e3}};
    for (Object[] one : all) {
      page.append("hikaricp_connections" + one[0] + "{pool=\"truth\"} " + one[1] + "\n");
    }
    return page.toString();
  }

  static int maximum;

  static double now() {
    return System.currentTimeMillis() / 1e3;
  }

  static void sleep(double seconds) throws InterruptedException {
    long nanos = (long) (seconds * 1e9);
    Thread.sleep(nanos / 1000000, (int) (nanos % 1000000));
  }

  static double exponential(Random random, double mean) {
    return -mean * Math.log(1 - random.nextDouble());
  }

  public static void main(String[] a) throws Exception {
    int users = Integer.parseInt(a[0]);
    double seconds = Double.parseDouble(a[1]);
    maximum = Integer.parseInt(a[2]);
    double server = Double.parseDouble(a[3]), own = Double.parseDouble(a[4]);
    boolean autocommit = a[5].equals("1");
    double think = Double.parseDouble(a[6]);
    AtomicReference<PoolStats> stats = new AtomicReference<>();
    HikariConfig c = new HikariConfig();
    c.setJdbcUrl("jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT")
        + "/" + System.getenv("PGDATABASE") + "?ApplicationName=truth");
    c.setUsername(System.getenv("PGUSER"));
    c.setPassword(System.getenv("PGPASSWORD"));
    c.setMaximumPoolSize(maximum);
    c.setAutoCommit(autocommit);
    c.setMetricsTrackerFactory((name, pool) -> {
      stats.set(pool);
      return new Counters();
    });
    HikariDataSource ds = new HikariDataSource(c);
    HttpServer http = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    http.createContext("/metrics", exchange -> {
      byte[] page = metrics(stats.get()).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, page.length);
      exchange.getResponseBody().write(page);
      exchange.close();
    });
    http.start();
    System.out.println("ready " + http.getAddress().getPort());
    System.out.flush();
    double end = now() + seconds;
    ConcurrentLinkedQueue<double[]> held = new ConcurrentLinkedQueue<>();
    AtomicInteger claims = new AtomicInteger();
    Thread[] threads = new Thread[users];
    for (int i = 0; i < users; i++) {
      Random random = new Random(i);
      threads[i] = new Thread(() -> {
        try {
          while (now() < end) {
            sleep(exponential(random, think));
            double asked = now(), began;
            boolean waits = claims.getAndIncrement() >= maximum;
            try (Connection connection = ds.getConnection();
                 Statement statement = connection.createStatement()) {
              began = now();
              statement.execute("SELECT pg_sleep(" + exponential(random, server) + ")");
              sleep(exponential(random, own));
              statement.execute("SELECT count(*) FROM pg_namespace");
              if (!autocommit) connection.commit();
            }
            claims.decrementAndGet();
            held.add(new double[] {asked, began, now(), waits ? 1 : 0});
          }
        } catch (Exception e) {
          System.err.println(e);
        }
      });
      threads[i].start();
    }
    for (Thread thread : threads) thread.join();
    StringBuilder json = new StringBuilder("[");
    for (double[] one : held) {
      if (json.length() > 1) json.append(",");
      json.append(String.format(Locale.ROOT, "[%.3f,%.3f,%.3f,%.0f]", one[0], one[1],
                                  one[2], one[3]));
    }
    System.out.println(json.append("]"));
    http.stop(0);
    ds.close();
  }
}
