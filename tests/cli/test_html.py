"""The HTML report in a real browser: nothing to complain of, nothing out of sight or reach."""

import glob
import json
import os
import unittest

import chromium
from harness import SOURCE, Case, tiny

EXAMPLE = os.path.join(SOURCE, "reports", "example-chat-100-before.json")
CHARTS = ["chart-time", "chart-distribution", "chart-throughput", "chart-latency", "chart-pools",
          "chart-server"]
TAB, ENTER, RIGHT = 9, 13, 39
# What is wrong with the charts of a page: too small, without words, or drawn outside their place.
FAULTS = """
Array.from(document.querySelectorAll('figure svg[role=img], .plot > svg[role=img]')).map(s => {
  const box = s.getBoundingClientRect(), out = [];
  if (box.width < 100 || box.height < 20) out.push(s.id + ' is ' + box.width + 'x' + box.height);
  if (!s.querySelector('title').textContent) out.push(s.id + ' has no title');
  for (const t of s.querySelectorAll('text')) {
    const b = t.getBoundingClientRect();
    if (b.right > innerWidth + 0.5 || b.left < -0.5) out.push(s.id + ': ' + t.textContent);
  }
  for (const p of s.querySelectorAll('path')) {
    if (/NaN|inf|undefined/i.test(p.getAttribute('d'))) out.push(s.id + ': ' + p.className);
  }
  return out;
}).flat()
"""
# Words of tables and lists that are broken within, and drawn words that are not seen whole.
BROKEN = """
(() => {
  const out = [];
  const places = 'th, td, dt, summary, figcaption, .key li, .tiles dd';
  for (const e of document.querySelectorAll(places)) {
    for (const t of e.childNodes) {
      if (t.nodeType !== 3) continue;
      for (const m of t.textContent.matchAll(/[A-Za-z]{3,20}/g)) {
        const r = document.createRange();
        r.setStart(t, m.index); r.setEnd(t, m.index + m[0].length);
        if (r.getClientRects().length > 1) out.push(e.tagName + ': ' + m[0]);
      }
    }
  }
  for (const t of document.querySelectorAll('svg text')) {
    const b = t.getBoundingClientRect(), card = t.closest('section').getBoundingClientRect();
    const within = t.closest('.plot.rows');
    const most = within ? within.getBoundingClientRect() : card;
    if (b.right > most.right + 0.5 || b.left < most.left - 0.5) out.push('cut: ' + t.textContent);
  }
  return out;
})()
"""
# Words in a chart that a curve passes through.
OVERDRAWN = """
(() => {
  const out = [];
  for (const s of document.querySelectorAll('#chart-distribution')) {
    for (const p of s.querySelectorAll('path.line')) {
      const matrix = p.getScreenCTM(), length = p.getTotalLength();
      for (let i = 0; i <= 400; ++i) {
        const at = p.getPointAtLength(length * i / 400).matrixTransform(matrix);
        for (const t of s.querySelectorAll('text')) {
          const b = t.getBoundingClientRect();
          if (at.x > b.left && at.x < b.right && at.y > b.top + 3 && at.y < b.bottom - 3)
            out.push(t.textContent);
        }
      }
    }
  }
  return Array.from(new Set(out));
})()
"""


@unittest.skipUnless(chromium.PROGRAM, "chromium is not installed: the page is not looked at")
class Page(Case):
    def setUp(self):
        super().setUp()
        with open(EXAMPLE, encoding="utf-8") as file:
            report = json.load(file)
        report["percentiles_ms"] = {
            "latency": [[0, 900], [50, 1195], [75, 1300], [95, 1473], [99, 1870], [99.9, 2400]],
            "pool_wait": [[0, 0], [50, 1030], [75, 1100], [95, 1170], [99, 1240], [99.9, 2200]],
            "connection_time": []}
        self.write("r.json", report)
        self.assert_exit(self.run_tool("report", "r.json", "--html", "r.html"), 0)
        self.page = os.path.join(self.scratch, "r.html")

    def test_fits_a_phone_and_a_desk_in_both_themes(self):
        with chromium.Chromium() as browser:
            backgrounds = set()
            for width in (375, 1440):
                for scheme in ("light", "dark"):
                    browser.look(width, scheme=scheme)
                    browser.open(self.page)
                    wide = browser.evaluate("document.documentElement.scrollWidth")
                    self.assertLessEqual(wide, width)
                    self.assertEqual(browser.evaluate(FAULTS), [])
                    ids = browser.evaluate(
                        "Array.from(document.querySelectorAll('svg[role=img]')).map(s => s.id)")
                    for chart in CHARTS:
                        self.assertIn(chart, ids)
                    backgrounds.add(
                        browser.evaluate("getComputedStyle(document.body).backgroundColor"))
            self.assertEqual(len(backgrounds), 2)
            self.assertEqual(browser.complaints, [])

    def test_words_are_whole_and_no_curve_passes_through_them(self):
        self.page_of_advice()
        with chromium.Chromium() as browser:
            for page in (self.page, os.path.join(self.scratch, "advice.html")):
                for width in (375, 1440):
                    browser.look(width)
                    browser.open(page)
                    browser.evaluate(
                        "document.querySelectorAll('details').forEach(d => d.open = true)")
                    self.assertEqual(browser.evaluate(BROKEN), [], width)
                    self.assertEqual(browser.evaluate(OVERDRAWN), [], width)

    def page_of_advice(self):
        """With a table of runs, whose columns of words are narrow."""
        self.write("s.json", tiny(load={"users": 20}, slo=["p95(pool_wait) < 5ms"]))
        self.run_tool("advise", "s.json", "--simulated", "--quiet", "--html", "advice.html")

    def test_everything_is_within_reach_of_the_keyboard(self):
        with chromium.Chromium() as browser:
            browser.look(1440)
            browser.open(self.page)
            reachable = browser.evaluate(
                "document.querySelectorAll('a[href], summary, [tabindex=\"0\"]').length")
            seen, opened = set(), 0
            for _ in range(3 * reachable):
                browser.press("Tab", TAB)
                place = browser.evaluate(
                    "(e => e.tagName + '|' + (e.className || '') + '|' + e.textContent.length)"
                    "(document.activeElement)")
                seen.add(place)
                if place.startswith("SUMMARY"):
                    browser.call("Input.dispatchKeyEvent",
                                 {"type": "keyDown", "key": "Enter", "code": "Enter", "text": "\r",
                                  "windowsVirtualKeyCode": ENTER})
                    opened += 1
                elif place.startswith("BODY"):
                    break
            closed = browser.evaluate("document.querySelectorAll('details:not([open])').length")
            self.assertGreater(opened, 4)
            self.assertEqual(closed, 0, seen)
            self.assertTrue(any(place.startswith("A|") for place in seen), seen)
            browser.evaluate("document.querySelector('.series').focus()")
            before = browser.evaluate("document.querySelector('.series output').textContent")
            browser.press("ArrowRight", RIGHT)
            after = browser.evaluate("document.querySelector('.series output').textContent")
            self.assertNotEqual(before, after)
            self.assertIn("p95", after)
            self.assertEqual(browser.complaints, [])

    def test_every_shipped_example_prints_without_complaint(self):
        examples = sorted(glob.glob(os.path.join(SOURCE, "reports", "example-*.json")))
        with chromium.Chromium() as browser:
            for example in examples:
                self.assert_exit(self.run_tool("report", example, "--html", "e.html"), 0)
                browser.look(1440)
                browser.open(os.path.join(self.scratch, "e.html"))
                self.assertEqual(browser.evaluate(FAULTS), [])
                pdf = browser.call("Page.printToPDF")["data"]
                self.assertGreater(len(pdf), 10000)
            self.assertEqual(browser.complaints, [])


if __name__ == "__main__":
    unittest.main()
