"""What pages weigh on the wire, and what Lighthouse says of them on a phone.

HTML, style sheets and scripts are fetched as a browser would, compressed. Requests of a first visit and Lighthouse's
scores need its command line (npm install lighthouse; in PATH, or named in LIGHTHOUSE) and Chromium; without them they
are left out. Scores fall with whatever else the machine does.
"""

import argparse
import http.client
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.browser import Browser
from bench.environment import BenchEnvironment
from bench.gallery import fill
from bench.report import Line, print_line
from bench.site import OWNER, PASSWORD, create_team, sandbox_process, whole_site
from tests.browser import ARGUMENTS, find_browser

KB = 1000
PICTURES = 600
PHONE = ("--form-factor=mobile", "--only-categories=performance")
DESKTOP = (
    *("--preset=desktop", "--throttling-method=provided", "--only-audits=network-requests"),
    *("--screenEmulation.width=1280", "--screenEmulation.height=900"),
)
# Per page: bounds in KB, and of requests that block the first paint.
HTML_KB, CSS_KB, JS_KB, BLOCKING = 14, 15, 25, 3
REQUESTS, FIRST_VISIT_KB = 40, 1200
MAX_CLS = 0.001


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the site, as a browser asks: signed in where there are cookies, and taking brotli."""

    port: int
    cookies: str

    def get(self, path: str) -> bytes:
        """What is sent, compressed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers={"Cookie": self.cookies, "Accept-Encoding": "br"})
        response = connection.getresponse()
        content = response.read()
        if response.status != 200:
            raise RuntimeError(f"{path}: {response.status}")
        connection.close()
        return content

    def read(self, path: str) -> str:
        """What it says."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers={"Cookie": self.cookies})
        text = connection.getresponse().read().decode()
        connection.close()
        return text


def run(env: BenchEnvironment, _: argparse.Namespace) -> list[Line]:
    with sandbox_process(env, pace=1) as secret:
        team = create_team(secret)
        image = fill(team, PICTURES)
        with whole_site(env):
            browser = Browser(env.port)
            browser.sign_in(OWNER, PASSWORD)
            cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
            base = f"/t/{team.team.slug}"
            pages = {
                "create": f"{base}/",
                "gallery": f"{base}/gallery/",
                "picture": f"{base}/images/{image.pk}/",
                "generation": f"{base}/generations/{image.generation_id}/",
                "history": f"{base}/generations/",
                "usage": f"{base}/usage/",
                "sign-in": "/accounts/login/",
            }
            return [*_weights(env.port, cookies, pages), *_lighthouse(env, cookies, pages)]


def _weights(port: int, cookies: str, pages: dict[str, str]) -> Iterator[Line]:
    for name, path in pages.items():
        visitor = Visitor(port, "" if name == "sign-in" else cookies)
        text = visitor.read(path)
        head = text.partition("</head>")[0]
        css = re.findall(r'<link rel="stylesheet" href="([^"]+)"', head)
        js = re.findall(r'<script[^>]*src="([^"]+)"', text)
        blocking = css + re.findall(r'<script src="([^"]+)"(?! defer)[^>]*>', head)
        html = len(visitor.get(path)) / KB
        yield Line(f"{name}.html", html, HTML_KB, "KB", 1.0, "the page, compressed")
        yield Line(f"{name}.css", sum(len(visitor.get(one)) for one in css) / KB, CSS_KB, "KB", 1.0, "style sheets")
        yield Line(f"{name}.js", sum(len(visitor.get(one)) for one in js) / KB, JS_KB, "KB", 1.0, "scripts, with htmx")
        yield Line(f"{name}.blocking", len(blocking), BLOCKING, "", 1.0, "requests before the first paint")


def _lighthouse(env: BenchEnvironment, cookies: str, pages: dict[str, str]) -> Iterator[Line]:
    command, chromium = os.environ.get("LIGHTHOUSE") or shutil.which("lighthouse"), find_browser()
    if not command or not chromium:
        missing = "lighthouse" if not command else "Chromium"
        print_line(f"pages: no {missing} here, so requests of a first visit and Lighthouse's scores are left out")
        return
    ask = _Lighthouse(command, chromium, f"http://127.0.0.1:{env.port}", env.data)
    requests = ask(pages["gallery"], cookies, *DESKTOP)["audits"]["network-requests"]["details"]["items"]
    fetched = [one for one in requests if urlsplit(one["url"]).scheme == "http"]
    weight = sum(one["transferSize"] for one in fetched) / KB
    yield Line("gallery.requests", len(fetched), REQUESTS, "", 1.0, "a first visit at 1280 x 900")
    yield Line("gallery.first-visit", weight, FIRST_VISIT_KB, "KB", 1.0, "and all that it fetched")
    for name, path in pages.items():
        found = ask(path, "" if name == "sign-in" else cookies, *PHONE)
        short = 100 - round(found["categories"]["performance"]["score"] * 100)
        shift = found["audits"]["cumulative-layout-shift"]["numericValue"]
        yield Line(f"{name}.lighthouse", short, 1, "", 1.0, "points that a phone's performance lacks of 100")
        yield Line(f"{name}.cls", shift, MAX_CLS, "", 1.0, "layout shift")


@dataclass(frozen=True, slots=True)
class _Lighthouse:
    command: str
    chromium: str
    site: str
    data: Path

    def __call__(self, path: str, cookies: str, *options: str) -> dict[str, Any]:
        """Its report of one page."""
        report, headers = self.data / "lighthouse.json", self.data / "headers.json"
        headers.write_text(json.dumps({"Cookie": cookies} if cookies else {}))
        flags = " ".join(["--headless", *ARGUMENTS])
        command = [self.command, self.site + path, "--quiet", "--output=json", f"--output-path={report}"]
        command += [f"--extra-headers={headers}", f"--chrome-flags={flags}", *options]
        environment = os.environ | {"CHROME_PATH": self.chromium}
        subprocess.run(command, check=True, env=environment, capture_output=True, timeout=180)  # noqa: S603
        found: dict[str, Any] = json.loads(report.read_text())
        return found
