"""The sandbox's front page: what this is, keys to copy, troubles to ask for, curl to try, and what was made last."""

import html
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from aiohttp import web

from hubportal.sandbox import answers
from hubportal.sandbox.hub import SandboxHub
from hubportal.sandbox.records import Generation
from hubportal.sandbox.troubles import TROUBLES, Trouble

_FOLDER = Path(__file__).with_name("front_page")
_FRESH_CREDITS = 500
_SHOWN = 12  # generations
_ABOUT = {
    "main": "For most of what you want to try.",
    "poor": "Too few credits for a picture of gpt-image-2: shows what 402 looks like.",
    "expired": "Answers 401 expiredApiKey.",
    "revoked": "Answers 401 invalidApiKey.",
}
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HUB = web.AppKey("hub", SandboxHub)

routes = web.RouteTableDef()


class Html(str):
    """Text that is markup already."""


@routes.get("/")
async def front_page(request: web.Request) -> web.Response:
    """The page."""
    return _page(request, Html())


@routes.post("/keys")
async def fresh_key(request: web.Request) -> web.Response:
    """The page with a key made just now at its top; the secret isn't kept, so it is shown this once."""
    secret = request.app[HUB].new_key(credits=_FRESH_CREDITS)
    return _page(request, _fill("fresh_key", secret=secret, credits=_FRESH_CREDITS))


@routes.get("/{file:sandbox.css|icon.svg}")
async def static_file(request: web.Request) -> web.FileResponse:
    """The page's stylesheet and its icon."""
    return web.FileResponse(_FOLDER / request.match_info["file"], headers={"Cache-Control": "no-cache"})


def _page(request: web.Request, fresh: Html) -> web.Response:
    hub = request.app[HUB]
    generations = hub.newest(_SHOWN)
    page = _fill(
        "page",
        url=f"{request.scheme}://{request.host}",
        secret=hub.ready_keys["main"],
        fresh_key=fresh,
        fresh_credits=_FRESH_CREDITS,
        keys=_all(_key(hub, name, secret) for name, secret in hub.ready_keys.items()),
        troubles=_all(_trouble(trouble) for trouble in TROUBLES),
        generations=_all(map(_generation, generations)) or _fill("no_generation"),
    )
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return web.Response(text=page, content_type="text/html", headers=headers)


def _key(hub: SandboxHub, name: str, secret: str) -> Html:
    return _fill("key", name=name, about=_ABOUT[name], secret=secret, credits=f"{hub.credits(secret):,}")


def _trouble(trouble: Trouble) -> Html:
    return _fill("trouble", written=trouble.written, does=trouble.does)


def _generation(generation: Generation) -> Html:
    picture = _fill("picture", image=generation.images[0].id) if generation.images else _fill("no_picture")
    return _fill(
        "generation",
        picture=picture,
        prompt=generation.prompt[:200],
        state=generation.state,
        model=generation.model,
        size=f"{generation.width} × {generation.height}",
        images=f"{len(generation.images)} of {generation.n}",
        credits=generation.credits,
        moment=answers.moment(generation.accepted_at),
        when=datetime.fromtimestamp(generation.accepted_at, UTC).strftime("%-d %B, %H:%M UTC"),
    )


def _all(pieces: Iterable[Html]) -> Html:
    return Html("".join(pieces))


def _fill(name: str, /, **values: object) -> Html:
    """A file of the folder with its `$names` replaced; all but markup is escaped."""
    template = Template((_FOLDER / f"{name}.html").read_text(encoding="utf-8"))
    safe = {key: value if isinstance(value, Html) else html.escape(str(value)) for key, value in values.items()}
    return Html(template.substitute(safe))
