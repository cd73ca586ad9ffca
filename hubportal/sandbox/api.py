"""The four endpoints of hub-api.md, and the images."""

import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from hubportal.sandbox import answers, catalogue, moments
from hubportal.sandbox.bad_images import Picture
from hubportal.sandbox.misbehaviour import proxy_page
from hubportal.sandbox.orders import read_order
from hubportal.sandbox.parts import PARTS
from hubportal.sandbox.records import Generation, Key
from hubportal.sandbox.refusals import Refusal, generation_failed, invalid, not_found, out_of_credits
from hubportal.sandbox.uploads import read_body

LONGEST_WAIT = 800.0  # seconds (hub-api.md, Limits)

routes = web.RouteTableDef()


@routes.get("/api/health")
async def health(request: web.Request) -> web.Response:
    """For launchers and curious people; nothing may depend on it."""
    return web.json_response({"status": "ok"})


@routes.get("/api/v1/models")
async def models(request: web.Request) -> web.Response:
    """The model list; needs no key."""
    return web.json_response(catalogue.listing())


@routes.get("/api/v1/credits")
async def credits(request: web.Request) -> web.Response:
    """The balance of the key's owner."""
    parts = request.app[PARTS]
    key = _authenticate(request)
    parts.count(key, "credits")
    return web.json_response(answers.credits(parts.accounts.of(key)))


@routes.post("/api/v1/images/generations")
async def generate(request: web.Request) -> web.StreamResponse:
    """Accept an order, charge for it, and answer at once or when it is painted."""
    parts = request.app[PARTS]
    key = _authenticate(request)
    parts.count(key, "submissions")
    if moments.hung_up_unread(parts.accounts.of(key).owner, request):
        return web.Response()
    order = read_order(await read_body(request, parts.uploads))
    trouble = moments.instead_of_accepting(order.prompt, request)
    if trouble is not None:
        return trouble
    generation = parts.generations.accept(key, order, parts.painter.plan(order.prompt, order.n).seconds)
    if generation is None:
        raise out_of_credits()
    parts.painter.begin(generation)

    async def respond() -> web.Response:
        if order.waits or moments.waits_anyway(order.prompt):
            return await _finished(request, generation)
        return web.json_response(answers.accepted(generation, _origin(request)), status=202)

    return await moments.answer_to_accepted(order.prompt, request, respond)


@routes.get("/api/v1/generations/{id}")
async def generation(request: web.Request) -> web.Response:
    """The record of a generation, for any key of the same hub user."""
    parts = request.app[PARTS]
    key = _authenticate(request)
    parts.count(key, "looks")
    found = parts.generations.find(request.match_info["id"])
    if found is None or found.account_id != key.account_id:
        raise not_found()
    parts.count(key, found.id)
    shown = moments.shown(found.prompt, _record(request, found), time.time() - found.accepted_at)
    return shown if isinstance(shown, web.Response) else web.json_response(shown)


@routes.get(r"/images/{id:\w+}.png")
async def image(request: web.Request) -> web.StreamResponse:
    """An image's bytes; the address alone opens it."""
    parts = request.app[PARTS]
    image_id = request.match_info["id"]
    found = parts.generations.of_image(image_id)
    if found is None:
        raise web.HTTPNotFound
    picture = Picture(request, parts.painter.picture(image_id), parts.counts[found.key_id, image_id])
    parts.counts[found.key_id, image_id] += 1
    trouble = await moments.instead_of_image(found.prompt, picture)
    return trouble or web.FileResponse(picture.path)


@web.middleware
async def speak_in_envelopes(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Every refusal, and every address or method that isn't there, in the documented envelope."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return web.json_response(refusal.envelope(), status=refusal.status)
    except web.HTTPException as error:
        if not request.path.startswith("/api/"):
            raise
        meant = not_found("Resource") if error.status == 404 else invalid(f"{error.reason}.")
        return web.json_response(meant.envelope(), status=error.status)


async def sign(request: web.Request, response: web.StreamResponse) -> None:
    """Say in every answer that this is not the real hub."""
    response.headers["X-Hub-Sandbox"] = "1"


async def _finished(request: web.Request, generation: Generation) -> web.Response:
    """The answer to a waiting call. One that waited too long, or into a shutdown, gets no word of the hub's own."""
    parts = request.app[PARTS]
    await parts.painter.wait(generation, LONGEST_WAIT)
    ended = parts.generations.find(generation.id)
    if ended is None or ended.state == "running":
        return proxy_page(504)
    if ended.failure is not None:
        raise generation_failed(ended.failure)
    return web.json_response(_record(request, ended))


def _record(request: web.Request, generation: Generation) -> dict[str, object]:
    parts = request.app[PARTS]
    account = parts.accounts.account(generation.account_id)
    plan = parts.painter.plan(generation.prompt, generation.n)
    return answers.record(generation, account, plan, _origin(request))


def _origin(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"


def _authenticate(request: web.Request) -> Key:
    """The key of the Authorization header. Raises Refusal (401)."""
    header = request.headers.get("Authorization")
    if not header:
        raise Refusal(401, "missingApiKey", "Missing API key: send Authorization: Bearer gih_live_...")
    bearer = re.fullmatch(r"Bearer +(\S+) *", header, re.IGNORECASE)
    key = request.app[PARTS].accounts.find_key(bearer[1]) if bearer else None
    if key is None or (key.revoked_at is not None and key.revoked_at <= time.time()):
        raise Refusal(401, "invalidApiKey", "Invalid API key.")
    if key.expires_at is not None and key.expires_at <= time.time():
        raise Refusal(401, "expiredApiKey", "This API key has expired.")
    return key
