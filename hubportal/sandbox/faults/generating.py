"""Faults of the generation itself: accepted and charged, then it fails, stalls or gives other images."""

from dataclasses import replace
from functools import partial

from hubportal.sandbox.faults.fault import Argument, Fault, Look, Plan, Record


def _fail_without_reason(_: Argument, plan: Plan) -> Plan:
    return replace(plan, images=0, failure="The generation failed.")


def _error_as_text(argument: Argument, record: Record, look: Look) -> Record:
    return record | {"error": argument.text} if "error" in record else record


def _error_with_code(argument: Argument, record: Record, look: Look) -> Record:
    error = {"message": "The generation failed.", "code": argument.text}
    return record | {"error": error} if "error" in record else record


def _told_at_first(words: tuple[str, ...], _: Argument, record: Record, look: Look) -> Record:
    """One word a look, however late the look comes; then what is true."""
    return record | {"status": words[look.earlier], "images": []} if look.earlier < len(words) else record


GENERATION_FAULTS = (
    Fault(
        word="fail",
        example='"The provider gave up"',
        does="Accepted and charged, then fails with that reason. Everything is refunded.",
        change_plan=lambda argument, plan: replace(plan, images=0, failure=argument.text),
    ),
    Fault(
        word="failtext",
        example='"Out of paint"',
        does="Fails, and its record's error is that sentence instead of an object. Everything is refunded.",
        change_plan=_fail_without_reason,
        change_record=_error_as_text,
    ),
    Fault(
        word="failcode",
        example="timeout",
        does="Fails, and its record's error has that code. Everything is refunded.",
        change_plan=_fail_without_reason,
        change_record=_error_with_code,
    ),
    Fault(
        word="mute",
        does="Fails without saying why: the record has no error. Everything is refunded.",
        change_plan=_fail_without_reason,
        change_record=lambda _, record, __: {name: value for name, value in record.items() if name != "error"},
    ),
    Fault(
        word="partial",
        does="Succeeds with one image fewer than asked for; that one is refunded. Ask for two or more.",
        change_plan=lambda _, plan: replace(plan, images=max(0, plan.images - 1)),
    ),
    Fault(
        word="noimages",
        does="Succeeds without a single image. Everything is refunded.",
        change_plan=lambda _, plan: replace(plan, images=0),
    ),
    Fault(
        word="extra",
        example="1",
        does="Succeeds with that many images more than asked for, at the price of those asked for.",
        change_plan=lambda argument, plan: replace(plan, images=plan.images + min(int(argument.number), 20)),
    ),
    Fault(
        word="slow",
        example="20",
        does="Takes that many seconds.",
        change_plan=lambda argument, plan: replace(plan, seconds=argument.number),
    ),
    Fault(
        word="forever",
        does="Accepted and charged, and never finishes.",
        change_plan=lambda _, plan: replace(plan, seconds=None),
    ),
    Fault(
        word="strange",
        does="Goes through status words that no documentation mentions, then succeeds.",
        change_record=partial(_told_at_first, ("queued", "warming_up", "brushing", "drying")),
    ),
    Fault(
        word="backwards",
        does="Goes from processing back to queued, twice, then succeeds.",
        change_record=partial(_told_at_first, ("processing", "queued", "processing", "queued")),
    ),
)
