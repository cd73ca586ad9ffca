"""A key's health, and what the hub said of one, in words for people. No sentence ever quotes the secret.

Codes are the hub's (hub-api.md, Errors), the client's (hub/errors.py), or "decryptionFailed".
"""

from dataclasses import dataclass
from typing import Literal

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubportal.hub.errors import HubBusy, HubError, HubGarbled, HubUnreachable
from hubportal.keys.clients import why_closed
from hubportal.keys.forecast import DEAD, EMPTY, SHORTAGE, occasions, outlook_of
from hubportal.keys.models import DEAD_CODES, Key

Tone = Literal["good", "warn", "bad"]

_DEAD = {
    "invalidApiKey": gettext_lazy(
        "The hub doesn't know this key, or it was revoked there. Nothing is sent with it. "
        "Make a new key at the hub, and replace this one with it."
    ),
    "expiredApiKey": gettext_lazy(
        "This key has expired. Nothing is sent with it. Make a new key at the hub, and replace this one with it."
    ),
    "decryptionFailed": gettext_lazy(
        "This site can't open the stored secret, so nothing is sent with it. Ask the person who runs the site to "
        "run the doctor command, or replace the key."
    ),
}

# Why the hub could not be asked, where that is known.
_SILENT = {
    "unreachable": gettext_lazy("The hub can't be reached just now."),
    "tls": gettext_lazy("There is no safe connection to the hub just now."),
    "timeout": gettext_lazy("The hub took too long to answer."),
    "busy": gettext_lazy("The hub is busy and asked us to wait."),
    "garbled": gettext_lazy("Something answered in the hub's place that isn't the hub; it is probably down."),
}
_NO_ANSWER = gettext_lazy("The hub could not answer.")


@dataclass(frozen=True, slots=True)
class Health:
    """How a key is doing: one word, a sentence where there is more to say, and a tone."""

    tone: Tone
    word: str
    text: str = ""


def health_of(key: Key) -> Health:
    """The key's health as last heard; whether its secret can be opened is looked at now."""
    if closed := why_closed(key):
        return Health("bad", _("Not working"), _closed_words(closed))
    if key.problem in DEAD_CODES:
        return Health("bad", _("Not working"), dead_words(key))
    if key.paused_at:
        return Health("warn", _("Paused"), _("Nothing new is made with it until somebody resumes it."))
    if key.problem:
        return Health("warn", _("Not sure"), _hub_silent(key))
    if key.balance is None:
        return Health("warn", _("Works"), _("The hub doesn't say how many credits it has."))
    if warnings := [warning(key, occasion) for occasion in occasions(key)]:
        return Health("warn", _("Works"), " ".join(warnings))
    return Health("good", _("Works"))


def dead_words(key: Key) -> str:
    return str(_DEAD.get(key.problem, _DEAD["invalidApiKey"]))


def _closed_words(entry: str) -> str:
    if entry == "*":
        return _(
            "This site's KEYRING can't be read, so no key can be opened and nothing is sent. "
            "Ask the person who runs the site to run the doctor command."
        )
    return _(
        "It was sealed with the keyring entry “{entry}”, which this site no longer has, so nothing is sent with it. "
        "Ask the person who runs the site to put that entry back into KEYRING, or replace the key."
    ).format(entry=entry)


def warning(key: Key, occasion: str) -> str:
    """What there is to warn of (outlook.py), in a sentence."""
    if occasion == DEAD:
        return dead_words(key)
    if occasion == EMPTY:
        return _("No credits are left, so nothing can be made with it.")
    if occasion == SHORTAGE:
        return _("Its credits last {time} at the pace of the last four weeks.").format(time=lasts(key))
    return _expiry(key)


def lasts(key: Key) -> str:
    """How long its credits last at the pace of the last four weeks: "about 6 days"; "" where nobody can tell."""
    days = outlook_of(key).days_left
    if days is None:
        return ""
    if days < 1:
        return _("less than a day")
    return ngettext("about {count} day", "about {count} days", days).format(count=days)


def _expiry(key: Key) -> str:
    if key.next_expiration is None:
        return ""
    day = date_format(timezone.localtime(key.next_expiration), "DATE_FORMAT")
    left_over = outlook_of(key).left_over
    # The hub says when, not how many (hub-api.md, Endpoints).
    said = ngettext(
        "Some or all of its {count} credit expires on {day}.",
        "Some or all of its {count} credits expire on {day}.",
        key.balance or 0,
    ).format(count=intcomma(key.balance or 0), day=day)
    if left_over is None:
        return said
    rest = _("At the pace of the last four weeks, about {count} would be left then.").format(count=intcomma(left_over))
    return f"{said} {rest}"


def _hub_silent(key: Key) -> str:
    why = str(_SILENT.get(key.problem, _NO_ANSWER))
    if key.balance_at is None:
        return " ".join((why, _("So it could not be asked about this key. It is tried again every few minutes.")))
    heard = date_format(timezone.localtime(key.balance_at), "DATETIME_FORMAT")
    then = _(
        "So it could not be asked about this key, and the balance is from before: {heard}. "
        "It is tried again every few minutes."
    )
    return f"{why} {then.format(heard=heard)}"


def why_refused(code: str) -> str:
    """Why the hub won't have a key that somebody just typed, and what to do."""
    if code == "expiredApiKey":
        return _("The hub says this key has expired. Make a new one there and paste it here.")
    return _("The hub doesn't know this key, or it was revoked there. Copy it again from the hub, or make a new one.")


def why_not_checked(error: HubError) -> str:
    """Why a key could not be checked, which is not the key's fault, and what to do."""
    match error:
        case HubBusy():
            why = _SILENT["busy"]
        case HubGarbled():
            why = _SILENT["garbled"]
        case _ if error.code == "timeout":
            why = _SILENT["timeout"]
        case HubUnreachable():
            why = _SILENT["unreachable"]
        case _:
            why = _NO_ANSWER
    return " ".join((str(why), _("So the key could not be checked. Try again in a minute.")))


def already_here(key: Key | None) -> str:
    """Why a key is not added twice; None is one that was removed again in this moment."""
    if key and key.retiring_since:
        return _(
            "Your team still has this key: {key} is retiring. Once its secret is destroyed, it can be added again."
        ).format(key=key)
    return _("Your team has this key already: {key}.").format(key=key or "?")


def added(key: Key) -> str:
    """What to say when a key was added."""
    if key.balance is None:
        return _("{key} is added. The hub knows it.").format(key=key)
    left = ngettext("{count} credit is left on it.", "{count} credits are left on it.", key.balance)
    return " ".join((_("{key} is added.").format(key=key), left.format(count=key.balance)))


def awaited(key: Key) -> str:
    """What a retiring key still waits for."""
    if key.awaits is None:
        return _("What is still on its way with it is being counted.")
    said = []
    if key.awaits:
        way = ngettext(
            "{count} request is still on its way with it.",
            "{count} requests are still on their way with it.",
            key.awaits,
        )
        said.append(way.format(count=key.awaits))
    if key.awaits_verdict:
        doubt = ngettext(
            "Of {count} request nobody knows how it ended: it must be settled first, on its own page.",
            "Of {count} requests nobody knows how they ended: they must be settled first, on their own pages.",
            key.awaits_verdict,
        )
        said.append(doubt.format(count=key.awaits_verdict))
    return " ".join(said) or _("Nothing is on its way with it any more.")
