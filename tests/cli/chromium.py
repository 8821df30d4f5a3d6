"""Debian's chromium without a window, spoken to over its debugging pipe: no library is needed."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")


class Chromium:
    """One page. Use as a context manager; `complaints` gathers what the console was told."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="pgt-chromium-")
        to_read, self.to_browser = os.pipe()
        self.from_browser, to_write = os.pipe()
        self.buffer = b""
        self.number = 0
        self.session = None
        self.complaints = []
        command = [PROGRAM, "--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                   "--remote-debugging-pipe", "--user-data-dir=" + self.profile,
                   "--disable-background-networking", "--disable-dev-shm-usage"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")  # which root cannot have
        # The browser expects its pipe at the descriptors 3 and 4.
        wanted = {3: to_read, 4: to_write}

        def place():
            high = {target: os.dup2(source, target + 100) for target, source in wanted.items()}
            for target, source in high.items():
                os.dup2(source, target)

        self.process = subprocess.Popen(
            command + ["about:blank"], preexec_fn=place, close_fds=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)

    def __enter__(self):
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        attached = self.call("Target.attachToTarget",
                             {"targetId": page["targetId"], "flatten": True})
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.to_browser)
        os.close(self.from_browser)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _message(self, until):
        while b"\0" not in self.buffer:
            left = max(0, until - time.monotonic())
            ready, _, _ = select.select([self.from_browser], [], [], left)
            if not ready:
                raise TimeoutError("chromium did not answer")
            piece = os.read(self.from_browser, 1 << 16)
            if not piece:
                raise EOFError("chromium ended")
            self.buffer += piece
        text, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(text)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, method, params):
        if method == "Runtime.exceptionThrown":
            self.complaints.append(params["exceptionDetails"].get("text", "exception"))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.complaints.append(str(params["args"]))

    def call(self, method, params=None, timeout=300):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params or {}}
        if self.session:
            request["sessionId"] = self.session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.to_browser, data):]
        until = time.monotonic() + timeout
        while True:
            answer = self._message(until)
            if answer.get("id") != self.number:
                continue
            if "error" in answer:
                raise RuntimeError("%s: %s" % (method, answer["error"]))
            return answer["result"]

    def look(self, width, height=900, scheme="light"):
        """A window of this size, for people who prefer light or dark."""
        self.call("Emulation.setDeviceMetricsOverride",
                  {"width": width, "height": height, "deviceScaleFactor": 1,
                   "mobile": width < 600})
        self.call("Emulation.setEmulatedMedia",
                  {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, path):
        self.call("Page.navigate", {"url": "file://" + os.path.abspath(path)})
        for _ in range(6000):
            if self.evaluate("document.readyState") == "complete":
                return
            time.sleep(0.05)
        raise TimeoutError("the page did not load")

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate",
                           {"expression": expression, "returnByValue": True})
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def press(self, key, code=0):
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent",
                      {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code})

    def screenshot(self, path, whole=True):
        image = self.call("Page.captureScreenshot", {"captureBeyondViewport": whole, **(
            {"clip": self._whole_page()} if whole else {})})
        with open(path, "wb") as file:
            file.write(base64.b64decode(image["data"]))

    def _whole_page(self):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
