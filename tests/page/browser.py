"""Chromium without a window, driven by the DevTools protocol over two pipes: messages of JSON, a NUL after each.
Nothing but Python and Debian's chromium is needed, and events (console, requests) come in order."""
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


class Browser:
    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="shirasim-page-")
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()
        command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   "--no-first-run", "--disable-background-networking", "--disable-extensions", "--hide-scrollbars",
                   "--force-device-scale-factor=1", f"--user-data-dir={self.home}", "--remote-debugging-pipe", "about:blank"]

        def wire():  # the protocol's ends are 3 and 4
            read, write = os.dup(to_read), os.dup(back_write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen(command, preexec_fn=wire, close_fds=False, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(back_write)
        self.left, self.last, self.session = b"", 0, None
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        self.console, self.requests = [], []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def receive(self, deadline):
        while b"\0" not in self.left:
            ready, _, _ = select.select([self.back], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError("Chromium does not answer")
            data = os.read(self.back, 1 << 20)
            if not data:
                raise RuntimeError("Chromium has ended")
            self.left += data
        message, self.left = self.left.split(b"\0", 1)
        return json.loads(message)

    def note(self, event):
        method, of = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled" and of["type"] in ("error", "warning", "assert"):
            self.console.append(" ".join(str(a.get("value", a.get("description"))) for a in of["args"]))
        elif method == "Runtime.exceptionThrown":
            details = of["exceptionDetails"]
            self.console.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Log.entryAdded" and of["entry"]["level"] in ("error", "warning"):
            self.console.append(of["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(of["request"]["url"])
        elif method == "Page.javascriptDialogOpening":
            self.console.append(f"a dialog: {of['message']}")
            self.send("Page.handleJavaScriptDialog", {"accept": False})

    def send(self, method, params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        return self.last

    def call(self, method, seconds=60, **params):
        mine = self.send(method, params)
        deadline = time.monotonic() + seconds
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == mine:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.note(answer)

    def run(self, script, seconds=60):
        """The value of a script, awaited."""
        result = self.call("Runtime.evaluate", seconds, expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", "exception"))
        return result["result"].get("value")

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def color(self, scheme):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, path, ready="document.querySelectorAll('figure').length", seconds=20):
        """Opens a file and waits until `ready` is true in it."""
        self.console, self.requests = [], []
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        self.wait(ready, seconds)

    def wait(self, ready, seconds=20):
        deadline = time.monotonic() + seconds
        while not self.run(f"Boolean({ready})"):
            if self.console or time.monotonic() > deadline:
                raise TimeoutError(f"never true: {ready}; console: {self.console}")
            time.sleep(0.02)

    def close(self):
        try:
            self.session = None
            self.call("Browser.close", 10)
            self.process.wait(10)
        except (RuntimeError, TimeoutError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.to)
        os.close(self.back)
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
