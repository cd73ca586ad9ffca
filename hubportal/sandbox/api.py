"""The four endpoints of hub-api.md, and the images."""

import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from hubportal.sandbox import responses
from hubportal.sandbox.faults import injection
from hubportal.sandbox.faults.fault import Look, RequestedImage
from hubportal.sandbox.faults.faulty_responses import proxy_page
from hubportal.sandbox.hub import STATE
from hubportal.sandbox.orders import read_body, read_order
from hubportal.sandbox.records import Generation, Key
from hubportal.sandbox.responses import ApiError, generation_failed, invalid_request, not_found, out_of_credits

MAX_WAIT = 800.0  # seconds (hub-api.md, Limits)
# Seconds over which a generation that never ends goes through its status words.
ENDLESS_PACE = 60.0

routes = web.RouteTableDef()


@routes.get("/api/health")
async def health(request: web.Request) -> web.Response:
    """For launchers; nothing may depend on it."""
    return web.json_response({"status": "ok"})


@routes.get("/api/v1/models")
async def models(request: web.Request) -> web.Response:
    """The model list; needs no key."""
    return web.json_response(responses.model_list())


@routes.get("/api/v1/credits")
async def credits(request: web.Request) -> web.Response:
    """The balance of the key's owner."""
    state = request.app[STATE]
    key = _authenticate(request)
    state.count(key, "credits")
    return web.json_response(responses.credits_body(state.accounts.of(key)))


@routes.post("/api/v1/images/generations")
async def generate(request: web.Request) -> web.StreamResponse:
    """Accept an order, charge for it, and answer at once or when it is done."""
    state = request.app[STATE]
    key = _authenticate(request)
    state.count(key, "submissions")
    if injection.hang_up_before_body(state.accounts.of(key).owner, request):
        return web.Response()
    order = read_order(await read_body(request, state.uploads))
    instead = injection.respond_instead_of_accepting(order.prompt, request)
    if instead is not None:
        return instead
    generation = state.generations.accept(key, order, state.runner.plan(order.prompt, order.n).seconds)
    if generation is None:
        raise out_of_credits()
    state.runner.start(generation)

    async def respond() -> web.Response:
        if order.waits or injection.ignores_async(order.prompt):
            return await _respond_when_finished(request, generation)
        return web.json_response(responses.accepted_body(generation, _origin(request)), status=202)

    return await injection.respond_to_accepted(order.prompt, request, respond)


@routes.get("/api/v1/generations/{id}")
async def generation(request: web.Request) -> web.Response:
    """The record of a generation, for any key of the same hub user."""
    state = request.app[STATE]
    key = _authenticate(request)
    state.count(key, "looks")
    found = state.generations.find(request.match_info["id"])
    if found is None or found.account_id != key.account_id:
        raise not_found()
    look = Look(elapsed=time.time() - found.accepted_at, earlier=state.counts[key.id, found.id])
    state.count(key, found.id)
    changed = injection.change_record(found.prompt, _record(request, found), look)
    return changed if isinstance(changed, web.Response) else web.json_response(changed)


@routes.get(r"/images/{id:\w+}.png")
async def image(request: web.Request) -> web.StreamResponse:
    """An image's bytes; whoever knows the URL may have it."""
    state = request.app[STATE]
    image_id = request.match_info["id"]
    found = state.generations.of_image(image_id)
    if found is None:
        raise web.HTTPNotFound
    wanted = RequestedImage(request, state.runner.image_path(image_id), state.counts[found.key_id, image_id])
    state.counts[found.key_id, image_id] += 1
    return await injection.respond_with_image(found.prompt, wanted) or web.FileResponse(wanted.path)


@web.middleware
async def respond_with_envelopes(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Put every error, and every unknown path or method, into the documented envelope."""
    try:
        return await handler(request)
    except ApiError as error:
        return web.json_response(error.body(), status=error.status)
    except web.HTTPException as error:
        if not request.path.startswith("/api/"):
            raise
        api_error = not_found("Resource") if error.status == 404 else invalid_request(f"{error.reason}.")
        return web.json_response(api_error.body(), status=error.status)


async def add_sandbox_header(request: web.Request, response: web.StreamResponse) -> None:
    """Say in every response that this is not the real hub."""
    response.headers["X-Hub-Sandbox"] = "1"


async def _respond_when_finished(request: web.Request, generation: Generation) -> web.Response:
    """The response to a waiting call; after 800 seconds, or at a shutdown, that of a proxy in front of the hub."""
    state = request.app[STATE]
    await state.runner.wait(generation, MAX_WAIT)
    ended = state.generations.find(generation.id)
    if ended is None or ended.state == "running":
        return proxy_page(504)
    if ended.failure is not None:
        raise generation_failed(ended.failure)
    return web.json_response(_record(request, ended))


def _record(request: web.Request, generation: Generation) -> dict[str, object]:
    state = request.app[STATE]
    account = state.accounts.account(generation.account_id)
    seconds = generation.due_at - generation.accepted_at if generation.due_at else ENDLESS_PACE
    status = "queued" if time.time() - generation.accepted_at < seconds / 4 else "processing"
    return responses.record_body(generation, account, status, _origin(request))


def _origin(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"


def _authenticate(request: web.Request) -> Key:
    """The key of the Authorization header. Raises ApiError (401)."""
    header = request.headers.get("Authorization")
    if not header:
        raise ApiError(401, "missingApiKey", "Missing API key: send Authorization: Bearer gih_live_...")
    bearer = re.fullmatch(r"Bearer +(\S+) *", header, re.IGNORECASE)
    key = request.app[STATE].accounts.find_key(bearer[1]) if bearer else None
    if key is None or (key.revoked_at is not None and key.revoked_at <= time.time()):
        raise ApiError(401, "invalidApiKey", "Invalid API key.")
    if key.expires_at is not None and key.expires_at <= time.time():
        raise ApiError(401, "expiredApiKey", "This API key has expired.")
    return key
