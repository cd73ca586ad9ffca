"""Troubles of the painting itself: accepted and charged, and then it goes otherwise than hoped."""

from dataclasses import replace

from hubportal.sandbox.plan import Plan
from hubportal.sandbox.troubles.trouble import Argument, Record, Trouble


def _fail(argument: Argument, plan: Plan) -> Plan:
    return replace(plan, images=0, failure=argument.text)


def _fail_anyhow(_: Argument, plan: Plan) -> Plan:
    return replace(plan, images=0, failure="The generation failed.")


def _as_text(argument: Argument, record: Record, elapsed: float) -> Record:
    return record | {"error": argument.text} if "error" in record else record


def _as_code(argument: Argument, record: Record, elapsed: float) -> Record:
    error = {"message": "The generation failed.", "code": argument.text}
    return record | {"error": error} if "error" in record else record


def _mute(_: Argument, record: Record, elapsed: float) -> Record:
    return {name: value for name, value in record.items() if name != "error"}


PAINTING = (
    Trouble(
        word="fail",
        example='"The provider gave up"',
        does="Accepted and charged, then fails with that reason. Everything is refunded.",
        plan=_fail,
    ),
    Trouble(
        word="failtext",
        example='"Out of paint"',
        does="Fails, and its record's error is that sentence instead of an object. Everything is refunded.",
        plan=_fail_anyhow,
        show=_as_text,
    ),
    Trouble(
        word="failcode",
        example="timeout",
        does="Fails, and its record's error has that code. Everything is refunded.",
        plan=_fail_anyhow,
        show=_as_code,
    ),
    Trouble(
        word="mute",
        does="Fails without saying why: the record has no error. Everything is refunded.",
        plan=_fail_anyhow,
        show=_mute,
    ),
    Trouble(
        word="partial",
        does="Succeeds with one image fewer than asked for; that one is refunded. Ask for two or more.",
        plan=lambda _, plan: replace(plan, images=max(0, plan.images - 1)),
    ),
    Trouble(
        word="noimages",
        does="Succeeds without a single image. Everything is refunded.",
        plan=lambda _, plan: replace(plan, images=0),
    ),
    Trouble(
        word="extra",
        example="1",
        does="Succeeds with that many images more than asked for, at the price of those asked for.",
        plan=lambda argument, plan: replace(plan, images=plan.images + min(int(argument.number), 20)),
    ),
    Trouble(
        word="slow",
        example="20",
        does="Takes that many seconds.",
        plan=lambda argument, plan: replace(plan, seconds=argument.number),
    ),
    Trouble(
        word="forever",
        does="Accepted and charged, and never finishes.",
        plan=lambda _, plan: replace(plan, seconds=None),
    ),
    Trouble(
        word="strange",
        does="Goes through status words that no documentation mentions, then succeeds.",
        plan=lambda _, plan: replace(plan, words=("queued", "warming_up", "brushing", "drying")),
    ),
    Trouble(
        word="backwards",
        does="Goes from processing back to queued, twice, then succeeds.",
        plan=lambda _, plan: replace(plan, words=("processing", "queued", "processing", "queued")),
    ),
)
