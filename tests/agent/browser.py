"""A headless Chromium to look at a page with, spoken to over a pipe (the DevTools protocol); no package is needed.

`--remote-debugging-pipe` reads commands from file descriptor 3 and writes answers and events to 4, as JSON that ends
with a zero byte.
"""

import base64
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
    "about:blank",
)
DRAWN = """new Promise(done => {
  const look = () => document.documentElement.dataset.drawn === "all" ? done(true) : setTimeout(look, 20);
  look();
})"""
PHONE_PX = 390
WIDTH = "document.scrollingElement.scrollWidth"


class Browser:
    """One page in one browser.

    with Browser(tmp_path) as browser:
        browser.open(path, width_px=390, dark=True)
        browser.ask("document.title"), browser.complaints, browser.requests
        browser.photograph(tmp_path / "page.png")

    Args:
        profile: an empty folder for the browser's own files.

    Attributes:
        complaints: what the page wrote to the console as warning or error, and exceptions, since it was opened.
        requests: addresses that it asked for, apart from its own.
    """

    def __init__(self, profile: Path) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._number = 0
        self._pending = b""
        self._address = ""
        command_read, self._commands = os.pipe()
        self._answers, answer_write = os.pipe()

        def place_pipes() -> None:
            low, high = os.dup(command_read), os.dup(answer_write)  # neither may lie where the other has to go
            low, high = os.dup(low), os.dup(high)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self._process = subprocess.Popen(
            [str(CHROMIUM), *QUIET[:-1], f"--user-data-dir={profile}", QUIET[-1]],
            close_fds=False,
            preexec_fn=place_pipes,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(command_read)
        os.close(answer_write)
        self._session = ""
        target = next(t for t in self._call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._call(f"{domain}.enable")

    def open(self, path: Path, *, width_px: int, height_px: int = 900, dark: bool = False, phone: bool = False) -> None:
        """Open a file and wait until it is loaded; `phone` asks for a phone's way of laying out."""
        self.complaints, self.requests, self._address = [], [], path.resolve().as_uri()
        size = {"width": width_px, "height": height_px, "deviceScaleFactor": 1, "mobile": phone}
        self._call("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._call("Page.navigate", url=self._address)
        self._until(lambda event: event.get("method") == "Page.loadEventFired")
        self.ask("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page; a promise is waited for.

        Raises:
            RuntimeError: the page threw.
        """
        told = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise RuntimeError(json.dumps(told["exceptionDetails"]))
        return told["result"].get("value")

    def photograph(self, path: Path, *, whole: bool = True) -> None:
        """Write a PNG of the whole page, or of the window."""
        taken = self._call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(taken["data"]))

    def close(self) -> None:
        """End the browser."""
        try:
            self._session = ""
            self._call("Browser.close")
        except (OSError, RuntimeError):
            self._process.kill()
        self._process.wait(timeout=20)
        os.close(self._commands)
        os.close(self._answers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        command: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        answer = self._until(lambda event, wanted=self._number: event.get("id") == wanted)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def _until(self, wanted: Any, patience_s: float = 60.0) -> dict[str, Any]:
        """Take in events until the one that is wanted."""
        late = time.monotonic() + patience_s
        while time.monotonic() < late:
            while b"\0" not in self._pending:
                piece = os.read(self._answers, 1 << 20)
                if not piece:
                    raise RuntimeError("the browser has ended")
                self._pending += piece
            text, _, self._pending = self._pending.partition(b"\0")
            event = json.loads(text)
            self._note(event)
            if wanted(event):
                return event
        raise RuntimeError("the browser does not answer")

    def _note(self, event: dict[str, Any]) -> None:
        told = event.get("params", {})
        match event.get("method"):
            case "Runtime.consoleAPICalled" if told["type"] in ("error", "warning", "assert"):
                self.complaints.append(json.dumps(told["args"]))
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(told["exceptionDetails"]))
            case "Log.entryAdded" if told["entry"]["level"] in ("error", "warning"):
                self.complaints.append(told["entry"]["text"])
            case "Network.requestWillBeSent":
                address = told["request"]["url"]
                if address != self._address and not address.startswith(("data:", "blob:")):
                    self.requests.append(address)


def opens_calmly(browser: Browser, path: Path, *, charts: int) -> None:
    """See that a page of ours opens on a desk in the dark and on a phone: all is drawn, nothing is wider than the
    screen, no complaint, no request.

    Args:
        browser: that opens it.
        path: of the page.
        charts: how many there are at least.
    """
    for width_px in (1280, PHONE_PX):
        browser.open(path, width_px=width_px, dark=width_px > PHONE_PX, phone=width_px == PHONE_PX)
        browser.ask("document.querySelectorAll('details.fold').forEach(fold => { fold.open = true; })")
        browser.ask("new Promise(done => setTimeout(done, 50)).then(() => true)")
        assert browser.ask(DRAWN)
        drawn = browser.ask("document.querySelectorAll('.chart .main-svg:first-child').length")
        assert drawn == browser.ask("document.querySelectorAll('.chart').length") >= charts
        assert browser.ask(WIDTH) <= width_px
        assert browser.ask("document.querySelectorAll('.top nav a').length") >= 2
        assert browser.complaints == [] and browser.requests == []
