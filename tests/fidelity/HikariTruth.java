import com.zaxxer.hikari.*;
import java.sql.*;
import java.util.*;
import java.util.concurrent.*;

/**
 * Ground truth: N threads over a REAL HikariCP pool. Prints the same JSON as app_truth.py.
 *  java -cp ... HikariTruth.java users seconds warmup maxPool minIdle timeoutMs serverMs holdMs
 * expHold thinkMs seed (PGHOST must be a TCP host; PGPORT, PGUSER, PGDATABASE as usual)
 */
public class HikariTruth {
  static double pct(double[] v, double q) {
    if (v.length == 0)
      return -1;
    int k = (int) Math.min(v.length - 1, Math.max(0, Math.ceil(q / 100 * v.length) - 1));
    return v[k];
  }
  public static void main(String[] a) throws Exception {
    int users = Integer.parseInt(a[0]);
    double seconds = Double.parseDouble(a[1]), warmup = Double.parseDouble(a[2]);
    int max = Integer.parseInt(a[3]), minIdle = Integer.parseInt(a[4]);
    long timeout = Long.parseLong(a[5]);
    double server = Double.parseDouble(a[6]), hold = Double.parseDouble(a[7]);
    boolean exp = a[8].equals("1");
    double think = Double.parseDouble(a[9]);
    long seed = Long.parseLong(a[10]);
    HikariConfig c = new HikariConfig();
    c.setJdbcUrl("jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT")
        + "/" + System.getenv("PGDATABASE"));
    c.setUsername(System.getenv("PGUSER"));
    c.setMaximumPoolSize(max);
    c.setMinimumIdle(minIdle);
    c.setConnectionTimeout(timeout);
    HikariDataSource ds = new HikariDataSource(c);
    Thread.sleep(300);
    long start = System.nanoTime(), from = start + (long) (warmup * 1e9),
         end = from + (long) (seconds * 1e9);
    ConcurrentLinkedQueue<double[]> rec = new ConcurrentLinkedQueue<>();
    Thread[] ts = new Thread[users];
    for (int i = 0; i < users; i++) {
      final int id = i;
      ts[i] = new Thread(() -> {
        Random r = new Random(seed * 1000 + id);
        while (System.nanoTime() < end) {
          long s = System.nanoTime();
          double w = 0;
          int kind = 0;
          try (Connection k = ds.getConnection()) {
            w = (System.nanoTime() - s) / 1e6;
            k.setAutoCommit(false);
            try (Statement st = k.createStatement()) {
              st.execute(server > 0 ? "SELECT pg_sleep(" + server / 1e3 + ")" : "SELECT 1");
            }
            double h = exp ? -hold * Math.log(1 - r.nextDouble()) : hold;
            if (h > 0)
              Thread.sleep((long) h, (int) ((h % 1) * 999999));
            k.commit();
          } catch (SQLTransientConnectionException e) {
            kind = 1;
          } catch (Exception e) {
            kind = 2;
          }
          long n = System.nanoTime();
          if (n >= from && n < end)
            rec.add(new double[] {(n - s) / 1e6, w, kind});
          if (think > 0)
            try {
              double t = -think * Math.log(1 - r.nextDouble());
              Thread.sleep((long) t, (int) ((t % 1) * 999999));
            } catch (InterruptedException e) {
            }
        }
      });
      ts[i].start();
    }
    for (Thread t : ts) t.join();
    double[] lat = rec.stream().filter(x -> x[2] == 0).mapToDouble(x -> x[0]).sorted().toArray(),
             wait = rec.stream().filter(x -> x[2] == 0).mapToDouble(x -> x[1]).sorted().toArray();
    long to = rec.stream().filter(x -> x[2] == 1).count(),
         er = rec.stream().filter(x -> x[2] == 2).count();
    System.out.printf(Locale.ROOT,
        "{\"kind\":\"hikari\",\"completed\":%d,\"timeouts\":%d,\"errors\":%d,\"error_kinds\":[],"
            + "\"timeout_rate\":%.4f,\"throughput\":%.2f,\"latency_ms\":{\"p50\":%.3f,\"p90\":%.3f,"
            + "\"p95\":%.3f,\"p99\":%.3f,\"p100\":%.3f},\"wait_ms\":{\"p50\":%.3f,\"p90\":%.3f,"
            + "\"p95\":%.3f,\"p99\":%.3f,\"p100\":%.3f}}%n",
        lat.length, to, er, to / Math.max(1.0, rec.size()), lat.length / seconds, pct(lat, 50),
        pct(lat, 90), pct(lat, 95), pct(lat, 99), pct(lat, 100), pct(wait, 50), pct(wait, 90),
        pct(wait, 95), pct(wait, 99), pct(wait, 100));
    ds.close();
  }
}
