"""When the troubles of a prompt step in, moment by moment. Everything else in the sandbox behaves."""

from aiohttp import web

from hubportal.sandbox.bad_images import Picture
from hubportal.sandbox.misbehaviour import Respond, hang_up
from hubportal.sandbox.plan import Plan
from hubportal.sandbox.troubles import Record, asked_for


def hung_up_unread(owner: str, request: web.Request) -> bool:
    """Whether the connection was closed before the body was read, because the owner of the key is named so."""
    if asked := any(trouble.unread for trouble, _ in asked_for(owner)):
        hang_up(request)
    return asked


def hung_up_midway(prompt: str, request: web.Request) -> bool:
    """Whether the connection was closed now that the first reference arrives."""
    if asked := any(trouble.midway for trouble, _ in asked_for(prompt)):
        hang_up(request)
    return asked


def instead_of_accepting(prompt: str, request: web.Request) -> web.StreamResponse | None:
    """An answer that takes the place of acceptance, if the prompt asks for one. Raises Refusal."""
    for trouble, argument in asked_for(prompt):
        if trouble.instead:
            return trouble.instead(argument, request)
    return None


def waits_anyway(prompt: str) -> bool:
    """Whether the answer is to wait for the pictures, although the order doesn't ask for it."""
    return any(trouble.waits for trouble, _ in asked_for(prompt))


async def answer_to_accepted(prompt: str, request: web.Request, respond: Respond) -> web.StreamResponse:
    """The ordinary answer, or what the prompt makes of it."""
    for trouble, argument in asked_for(prompt):
        if trouble.answer:
            return await trouble.answer(argument, request, respond)
    return await respond()


def plan_for(prompt: str, images: int, pace: float) -> Plan:
    """How this painting goes; `pace` is how many seconds an ordinary one takes."""
    plan = Plan(seconds=pace, images=images)
    for trouble, argument in asked_for(prompt):
        if trouble.plan:
            plan = trouble.plan(argument, plan)
    return plan


def shown(prompt: str, record: Record, elapsed: float) -> Record | web.Response:
    """The record a look reads, `elapsed` seconds after acceptance, or another answer. Raises Refusal."""
    for trouble, argument in asked_for(prompt):
        if trouble.show:
            changed = trouble.show(argument, record, elapsed)
            if isinstance(changed, web.Response):
                return changed
            record = changed
    return record


async def instead_of_image(prompt: str, picture: Picture) -> web.StreamResponse | None:
    """What is served in place of the image's bytes, if the prompt asks for it."""
    for trouble, argument in asked_for(prompt):
        if trouble.serve:
            return await trouble.serve(argument, picture)
    return None
