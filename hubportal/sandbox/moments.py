"""When the troubles of a prompt step in, moment by moment. Everything else in the sandbox behaves."""

from aiohttp import web

from hubportal.sandbox.misbehaviour import Respond
from hubportal.sandbox.plan import Plan
from hubportal.sandbox.troubles import Record, asked_for


def instead_of_accepting(prompt: str, request: web.Request) -> web.StreamResponse | None:
    """An answer that takes the place of acceptance, if the prompt asks for one. Raises Refusal."""
    for trouble, argument in asked_for(prompt):
        if trouble.instead:
            return trouble.instead(argument, request)
    return None


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


def shown(prompt: str, record: Record, elapsed: float) -> Record:
    """The record a look reads, `elapsed` seconds after acceptance. Raises Refusal."""
    for trouble, argument in asked_for(prompt):
        if trouble.show:
            record = trouble.show(argument, record, elapsed)
    return record


def instead_of_image(prompt: str) -> web.Response | None:
    """What is served in place of the image's bytes, if the prompt asks for it."""
    for trouble, argument in asked_for(prompt):
        if trouble.serve:
            return trouble.serve(argument)
    return None
