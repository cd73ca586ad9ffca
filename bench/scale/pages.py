"""The pages that are measured, and how: the server's time, and what of it the database takes."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench.scale.people import ScaleTeam
from bench.scale.prompts import ABSENT, COMMON, JAPANESE, RARE, VIETNAMESE
from hubportal.generations.models import Image
from hubportal.listing.pagination import cursor_after

ROUNDS = 7
PAGE_1000 = 60 * 999
Query = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds, the median of some rounds: of the whole answer, and of its queries alone."""

    server: float
    database: float


def addresses(scale: ScaleTeam) -> dict[str, tuple[str, Query]]:
    """Every page that is measured, by what it is called."""
    filters = _filters(scale)
    gallery_filters = {name: asked for name, asked in filters.items() if name not in ("state", "rare state", "key")}
    history_filters = {name: asked for name, asked in filters.items() if name not in ("mine", "private")}
    words = {"common": COMMON, "rare": RARE, "absent": ABSENT, "japanese": JAPANESE, "vietnamese": VIETNAMESE}
    searches: dict[str, Query] = {f"{name} word": {"q": word} for name, word in words.items()}
    pages: dict[str, tuple[str, Query]] = {}
    for name, page, own in (
        ("gallery", "gallery:index", gallery_filters), ("history", "generations:list", history_filters)
    ):  # fmt: skip
        asked = {"first": {}, **own, **_pairs(own), **searches, **_with_words(own)}
        pages |= {f"{name}, {what}": (page, query) for what, query in asked.items()}
    pages["gallery, page 1000"] = ("gallery:index", {"cursor": _page_1000(scale)})
    now = timezone.localdate()
    return pages | {
        "create": ("generations:create", {}),
        "usage, month": ("usage:overview", {"month": f"{now:%Y-%m}"}),
        "usage, year": ("usage:overview", {"from": f"{now:%Y}-01-01", "to": f"{now:%Y}-12-31"}),
    }


def _filters(scale: ScaleTeam) -> dict[str, Query]:
    now = timezone.localdate()
    return {
        "person": {"person": scale.people[9].pk},
        "model": {"model": "nanobanana"},
        "rare model": {"model": "flux-2-pro"},
        "mine": {"mine": "1"},
        "private": {"mine": "private"},
        "days": {"from": f"{now.year - 1}-03-01", "to": f"{now.year - 1}-05-31"},
        "state": {"state": "failed"},
        "rare state": {"state": "cancelled"},
        "key": {"key": scale.keys[2].pk},
    }


def _pairs(filters: dict[str, Query]) -> dict[str, Query]:
    names = list(filters)
    return {
        f"{one} + {other}": {**filters[one], **filters[other]}
        for at, one in enumerate(names)
        for other in names[at + 1 :]
        if not filters[one].keys() & filters[other].keys()
    }


def _with_words(filters: dict[str, Query]) -> dict[str, Query]:
    return {f"common word + {name}": {**asked, "q": COMMON} for name, asked in filters.items()}


def _page_1000(scale: ScaleTeam) -> str:
    """A cursor far down: a thousand pages where there are as many, else the middle."""
    pictures = Image.objects.present().filter(team=scale.team).order_by("-created_at", "-pk")
    far = min(PAGE_1000, pictures.count() // 2)
    return cursor_after(pictures[far])


def measure(scale: ScaleTeam, place: str, query: Query) -> Cost:
    """What one page costs. Raises RuntimeError where it is not shown."""
    browser = Client()
    browser.force_login(scale.reader, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = reverse(place, args=[scale.team.slug])
    sent: list[tuple[str, Any]] = []
    with connection.execute_wrapper(_recorder(sent)):
        response = browser.get(address, query, headers={"host": "127.0.0.1"})
    if response.status_code != 200:
        raise RuntimeError(f"{response.status_code} for {address} {query}")
    server = _median(lambda: browser.get(address, query, headers={"host": "127.0.0.1"}))
    return Cost(server, _median(lambda: _replay(sent)))


def _recorder(sent: list[tuple[str, Any]]) -> Callable[..., Any]:
    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(("SELECT", "WITH")):
            sent.append((sql, params))
        return execute(sql, params, many, context)

    return record


def _replay(sent: list[tuple[str, Any]]) -> None:
    """The queries once more, read to their end: SQLite does most of its work while rows are fetched."""
    with connection.cursor() as cursor:
        for sql, params in sent:
            cursor.execute(sql, params)
            cursor.fetchall()


def _median(act: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
        if len(taken) > 2 and sum(taken) > 0.3:
            break
    return statistics.median(taken)
