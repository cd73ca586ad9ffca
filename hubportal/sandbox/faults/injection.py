"""Finds the faults a prompt asks for, and applies them, stage by stage. Everything else in the sandbox behaves well."""

import re

from aiohttp import web

from hubportal.sandbox.faults.fault import Argument, Fault, Look, Plan, Record, RequestedImage, Respond
from hubportal.sandbox.faults.faulty_responses import hang_up
from hubportal.sandbox.faults.generating import GENERATION_FAULTS
from hubportal.sandbox.faults.images import IMAGE_FAULTS
from hubportal.sandbox.faults.polling import POLLING_FAULTS
from hubportal.sandbox.faults.submitting import SUBMISSION_FAULTS

FAULTS = (*GENERATION_FAULTS, *SUBMISSION_FAULTS, *POLLING_FAULTS, *IMAGE_FAULTS)

_PATTERN = re.compile(r"\[(\w{1,20})(?: ([^\[\]]{0,200}))?\]")  # bounded: a prompt may be 32,000 brackets long
_BY_WORD = {fault.word: fault for fault in FAULTS}


def find_faults(prompt: str) -> list[tuple[Fault, Argument]]:
    """The faults a prompt asks for, in its order; other words in brackets mean nothing."""
    found = []
    for word, text in _PATTERN.findall(prompt):
        if fault := _BY_WORD.get(word.lower()):
            example = fault.example.strip('"')
            found.append((fault, Argument(text.strip().strip('"') or example, example)))
    return found


def hang_up_before_body(owner: str, request: web.Request) -> bool:
    """Close the connection before the body is read if the name of the key's owner asks for it. True if closed."""
    if asked := any(fault.hang_up_before_body for fault, _ in find_faults(owner)):
        hang_up(request)
    return asked


def hang_up_at_reference(prompt: str, request: web.Request) -> bool:
    """Close the connection when the first reference arrives if the prompt asks for it. True if closed."""
    if asked := any(fault.hang_up_at_reference for fault, _ in find_faults(prompt)):
        hang_up(request)
    return asked


def respond_instead_of_accepting(prompt: str, request: web.Request) -> web.StreamResponse | None:
    """A response in place of acceptance, if the prompt asks for one. Raises ApiError."""
    for fault, argument in find_faults(prompt):
        if fault.respond_instead:
            return fault.respond_instead(argument, request)
    return None


def ignores_async(prompt: str) -> bool:
    """Whether the response is to wait for the images, although the order is asynchronous."""
    return any(fault.ignore_async for fault, _ in find_faults(prompt))


async def respond_to_accepted(prompt: str, request: web.Request, respond: Respond) -> web.StreamResponse:
    """The ordinary response that `respond` makes, or what the prompt turns it into."""
    for fault, argument in find_faults(prompt):
        if fault.respond_to_accepted:
            return await fault.respond_to_accepted(argument, request, respond)
    return await respond()


def plan_for(prompt: str, images: int, pace: float) -> Plan:
    """How this generation will go; `pace` is how many seconds an ordinary one takes."""
    plan = Plan(seconds=pace, images=images)
    for fault, argument in find_faults(prompt):
        if fault.change_plan:
            plan = fault.change_plan(argument, plan)
    return plan


def change_record(prompt: str, record: Record, look: Look) -> Record | web.Response:
    """The record that polling reads, or another response. Raises ApiError."""
    for fault, argument in find_faults(prompt):
        if fault.change_record:
            changed = fault.change_record(argument, record, look)
            if isinstance(changed, web.Response):
                return changed
            record = changed
    return record


async def respond_with_image(prompt: str, image: RequestedImage) -> web.StreamResponse | None:
    """A response in place of the image's bytes, if the prompt asks for one."""
    for fault, argument in find_faults(prompt):
        if fault.respond_with_image:
            return await fault.respond_with_image(argument, image)
    return None
