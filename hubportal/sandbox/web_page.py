"""The sandbox's only web page: what this is, keys to copy, faults to ask for, curl to try, the newest generations."""

import functools
import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from aiohttp import web

from hubportal.sandbox import responses
from hubportal.sandbox.faults.injection import FAULTS
from hubportal.sandbox.hub import HUB
from hubportal.sandbox.records import Generation

_FOLDER = Path(__file__).with_name("page")
_FRAGMENT = re.compile(r"<!-- fragment (\w+) -->\n")
NEW_KEY_CREDITS = 500
MAX_GENERATIONS = 12
_ABOUT = {
    "main": "For most of what you want to try.",
    "poor": "Too few credits for a picture of gpt-image-2: shows what 402 looks like.",
    "expired": "Answers 401 expiredApiKey.",
    "revoked": "Answers 401 invalidApiKey.",
}
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

routes = web.RouteTableDef()


class Html(str):
    """Text that is already escaped."""


@routes.get("/")
async def show_page(request: web.Request) -> web.Response:
    """The page."""
    return _page(request, Html())


@routes.post("/keys")
async def new_key(request: web.Request) -> web.Response:
    """The page with a new key at its top; only the key's hash is stored, so it is shown this once."""
    secret = request.app[HUB].new_key(credits=NEW_KEY_CREDITS)
    return _page(request, _fill("new_key", secret=secret, credits=NEW_KEY_CREDITS))


@routes.get("/{file:sandbox.css|icon.svg}")
async def static_file(request: web.Request) -> web.FileResponse:
    """The page's stylesheet and its icon."""
    return web.FileResponse(_FOLDER / request.match_info["file"], headers={"Cache-Control": "no-cache"})


def _page(request: web.Request, new_key: Html) -> web.Response:
    hub = request.app[HUB]
    generations = hub.newest(MAX_GENERATIONS)
    page = _fill(
        "page",
        url=f"{request.scheme}://{request.host}",
        secret=hub.demo_keys["main"],
        new_key=new_key,
        new_key_credits=NEW_KEY_CREDITS,
        keys=_all(
            _fill("key", name=name, about=_ABOUT[name], secret=secret, credits=f"{hub.credits(secret):,}")
            for name, secret in hub.demo_keys.items()
        ),
        faults=_all(_fill("fault", written=fault.written, does=fault.does) for fault in FAULTS),
        generations=_all(map(_generation, generations)) or _fill("no_generation"),
    )
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return web.Response(text=page, content_type="text/html", headers=headers)


def _generation(generation: Generation) -> Html:
    image = _fill("image", image=generation.images[0].id) if generation.images else _fill("no_image")
    return _fill(
        "generation",
        image=image,
        prompt=generation.prompt[:200],
        state=generation.state,
        model=generation.model,
        size=f"{generation.width} × {generation.height}",
        images=f"{len(generation.images)} of {generation.n}",
        credits=generation.credits,
        timestamp=responses.timestamp(generation.accepted_at),
        when=datetime.fromtimestamp(generation.accepted_at, UTC).strftime("%-d %B, %H:%M UTC"),
    )


def _all(pieces: Iterable[Html]) -> Html:
    return Html("".join(pieces))


def _fill(name: str, /, **values: object) -> Html:
    """A fragment of page.html with its `$names` replaced; whatever is not Html is escaped."""
    safe = {key: value if isinstance(value, Html) else html.escape(str(value)) for key, value in values.items()}
    return Html(Template(_fragments()[name]).substitute(safe))


@functools.cache
def _fragments() -> dict[str, str]:
    """page.html cut at its comments that name a fragment; what stands before the first is the page itself."""
    page, *rest = _FRAGMENT.split((_FOLDER / "page.html").read_text(encoding="utf-8"))
    return {"page": page, **dict(zip(rest[::2], rest[1::2], strict=True))}
