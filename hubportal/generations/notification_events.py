"""What the author of a generation is told of it.

A failure, and a doubt that needs a decision, are told in the bar and in browsers; that a picture is done is shown by
its card, and told to who asks for it. What was private when it ended is told without its prompt: an e-mail leaves the
site.
"""

from typing import Any

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubportal.generations.states import State, Visibility
from hubportal.notifications.events import Channel, Event, Facts, declare_event
from hubportal.notifications.outbox import notify
from hubportal.teams.permissions import Permission

PROMPT_LENGTH = 80  # characters of it that are told


def _done(facts: Facts) -> str:
    if not facts["prompt"]:
        return _("A private generation of yours is done")
    return _("“{prompt}” is done").format(prompt=facts["prompt"])


def _failed(facts: Facts) -> str:
    if not facts["prompt"]:
        return _("A private generation of yours couldn't be made")
    return _("“{prompt}” couldn't be made").format(prompt=facts["prompt"])


def _credits_back(facts: Facts) -> str:
    if not facts["charged"]:
        return _("It cost nothing.")
    if not facts["returned"]:
        return ""
    said = ngettext("{count} credit came back.", "{count} credits came back.", facts["returned"])
    return said.format(count=facts["returned"])


def _in_doubt(facts: Facts) -> str:
    if not facts["prompt"]:
        return _("Nobody is sure whether the hub accepted a private generation of yours")
    return _("Nobody is sure whether the hub accepted “{prompt}”").format(prompt=facts["prompt"])


def _decide(_facts: Facts) -> str:
    return _("Its page shows the balance before and after. It waits for you to say whether it went through.")


_reason = gettext_lazy("You get this because you asked for the pictures.")

GENERATION_DONE = declare_event(
    Event(
        code="generation.done",
        label=gettext_lazy("Pictures you asked for are done"),
        reason=_reason,
        headline=_done,
        channels=frozenset(),
    )
)
GENERATION_FAILED = declare_event(
    Event(
        code="generation.failed",
        label=gettext_lazy("Pictures you asked for couldn't be made"),
        reason=_reason,
        headline=_failed,
        text=_credits_back,
        channels=frozenset({Channel.BAR, Channel.PUSH}),
    )
)
GENERATION_IN_DOUBT = declare_event(
    Event(
        code="generation.doubt",
        label=gettext_lazy("Pictures you asked for need your decision"),
        reason=_reason,
        headline=_in_doubt,
        text=_decide,
        channels=frozenset({Channel.BAR, Channel.PUSH}),
        permission=Permission.SETTLE,
    )
)
_BY_STATE = {State.SUCCEEDED: GENERATION_DONE, State.FAILED: GENERATION_FAILED, State.UNKNOWN: GENERATION_IN_DOUBT}


def tell_author(generation: Any) -> None:
    """Tell the author what became of a Generation, inside the transition, unless they settled or withdrew it.

    One query where they want to know nothing of it.
    """
    event = _BY_STATE.get(generation.state)
    if event is None or generation.settled_by_id == generation.author_id:
        return
    is_private = generation.visibility == Visibility.PRIVATE
    notify(
        event,
        team=generation.team,
        to=[generation.author_id],
        about={
            "prompt": "" if is_private else Truncator(" ".join(generation.prompt.split())).chars(PROMPT_LENGTH),
            "charged": generation.charged or 0,
            "returned": generation.returned or 0,
        },
        link=reverse("generations:detail", args=[generation.team.slug, generation.pk]),
    )
