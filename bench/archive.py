"""An archive of a thousand pictures: how soon it begins, how fast it comes, and what it takes of the web's memory.

Its speed is held against the same files, one after the other, by the plainest view there is (bench/plain) behind the
same server with the same arguments. They take turns.
"""

import argparse
import http.client
import time
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings

from bench.browser import BLOCK, Browser
from bench.environment import BenchEnvironment
from bench.gallery import fill
from bench.post import plain_site
from bench.process import peak_bytes, reset_peak, resident_bytes
from bench.report import Line, quantile
from bench.site import OWNER, PASSWORD, create_team, sandbox, whole_site
from hubportal.generations.models import Image

PICTURES = 1000
ROUNDS = 5
FIRST_BYTE = 0.2  # seconds
MEMORY = 20.0  # MB
MB = 10**6


def run(env: BenchEnvironment, _: argparse.Namespace) -> list[Line]:
    with sandbox(env, pace=1.0) as (_hub, secret):
        team = create_team(secret)
        fill(team, PICTURES)
        pks = [str(pk) for pk in Image.objects.values_list("pk", flat=True)]
        names = list(Image.objects.values_list("original", flat=True))
        listed = env.data / "files"
        listed.write_text("\n".join(str(Path(settings.MEDIA_ROOT, name)) for name in names))
        with whole_site(env) as site, plain_site(env, site.web_command) as plain:
            ours = Browser(env.port)
            ours.sign_in(OWNER, PASSWORD)
            place = f"/t/{team.team.slug}/gallery.zip"
            _download(env.port, ours, "POST", place, pks[:5])
            had = {pid: resident_bytes(pid) for pid in site.web}
            for pid in site.web:
                reset_peak(pid)
            rounds = []
            for _round in range(ROUNDS):
                archive = _download(env.port, ours, "POST", place, pks)
                cat = _download(env.spare_port, plain, "GET", f"/files/?list={quote(str(listed))}")
                rounds.append((archive, cat))
            grown = sum(peak_bytes(pid) - had[pid] for pid in site.web) / MB
    first, took, cat = zip(*((archive[0], archive[1], cat[1]) for archive, cat in rounds), strict=True)
    size = rounds[0][1][2]
    about = f"{PICTURES} pictures, {size / 10**9:.1f} GB, {size / quantile(took, 0.5) / MB:.0f} MB a second"
    return [
        Line("archive.first-byte", quantile(first, 0.5), FIRST_BYTE, "s", 1.0, f"of {PICTURES} pictures"),
        Line("archive.seconds", quantile(took, 0.5), quantile(cat, 0.5), "s", 1.25, about),
        Line("archive.memory", grown, MEMORY, "MB", 1.0, "the web's peak above what it had after one of five pictures"),
    ]


def _download(
    port: int, browser: Browser, method: str, place: str, pks: list[str] | None = None
) -> tuple[float, float, int]:
    """Seconds to the first byte and to the last, and how many there were."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    token = browser.cookies.get("csrf", "")
    body = urlencode([("csrfmiddlewaretoken", token), *(("image", pk) for pk in pks or [])]) if pks else None
    headers = {"Cookie": cookies, "Origin": f"http://127.0.0.1:{port}"}
    headers |= {"Content-Type": "application/x-www-form-urlencoded"} if pks else {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    began = time.perf_counter()
    connection.request(method, place, body, headers)
    response = connection.getresponse()
    count = len(response.read(1))
    first = time.perf_counter() - began
    buffer = memoryview(bytearray(BLOCK))
    while block := response.readinto(buffer):
        count += block
    took = time.perf_counter() - began
    connection.close()
    if response.status != 200 or count != int(response.headers["Content-Length"]):
        raise ValueError(f"{place}: {response.status}, {count} bytes of {response.headers['Content-Length']}")
    return first, took, count
