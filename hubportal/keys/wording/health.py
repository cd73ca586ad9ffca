"""How a key is doing, in words.

Codes are the hub's (hub-api.md, Errors), the client's (hub/errors.py), or "decryptionFailed".
"""

from dataclasses import dataclass
from typing import Literal

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubportal.html_time import zoned_words
from hubportal.hub.errors import HubBusy, HubError, HubGarbled, HubUnreachable
from hubportal.keys.clients import missing_keyring_entry
from hubportal.keys.health import EMPTY, SHORTAGE, UNUSABLE, current_warnings, forecast_for
from hubportal.keys.models import UNUSABLE_CODES, Key
from hubportal.keys.wording import join_sentences

_UNUSABLE = {
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
_NO_ANSWER = {
    "unreachable": gettext_lazy("The hub can't be reached just now."),
    "tls": gettext_lazy("There is no safe connection to the hub just now."),
    "timeout": gettext_lazy("The hub took too long to answer."),
    "busy": gettext_lazy("The hub is busy and asked us to wait."),
    "garbled": gettext_lazy("Something answered in the hub's place that isn't the hub; it is probably down."),
    "": gettext_lazy("The hub could not answer."),
}


@dataclass(frozen=True, slots=True)
class Health:
    """How a key is doing: a tone, one word, a sentence that says it with the key's name, and more where there is."""

    tone: Literal["good", "warn", "bad"]
    word: str
    sentence: str
    text: str = ""


def health_of(key: Key, cheapest: int | None = None) -> Health:
    """The key's health as last told by the hub; whether KEYRING can open its secret is looked at now.

    cheapest  what the cheapest picture on offer costs (credits), where that is known
    """
    if entry := missing_keyring_entry(key):
        return _not_working(key, _entry_missing(entry))
    if key.problem in UNUSABLE_CODES:
        return _not_working(key, unusable_text(key))
    if key.paused_at:
        text = _("Nothing new is made with it until somebody resumes it.")
        return Health("warn", _("Paused"), _("{key} is paused.").format(key=key), text)
    if key.problem:
        sentence = _("Nobody can tell whether {key} works.").format(key=key)
        return Health("warn", _("Not sure"), sentence, _hub_silent(key))
    works = _("{key} works.").format(key=key)
    if key.balance is None:
        return Health("warn", _("Works"), works, _("The hub doesn't say how many credits it has."))
    found = current_warnings(key)
    if EMPTY in found:
        empty = _("{key} has no credits left.").format(key=key)
        return Health("warn", _("No credits left"), empty, _("Nothing is made with it until it has some."))
    if cheapest is not None and key.is_short_of(cheapest):
        # How long they last is told of no account that nothing can be made with.
        others = [warning_text(key, warning) for warning in found if warning != SHORTAGE]
        short = _("{key} has too few credits for one picture.").format(key=key)
        return Health("warn", _("Too few for one picture"), short, join_sentences(_too_few(key, cheapest), *others))
    if found:
        return Health("warn", _("Works"), works, join_sentences(*[warning_text(key, warning) for warning in found]))
    return Health("good", _("Works"), works)


def _too_few(key: Key, cheapest: int) -> str:
    said = ngettext(
        "It has {count} credit left, and a picture costs at least {price}. Nothing is made with it until it has more.",
        "It has {count} credits left, and a picture costs at least {price}. Nothing is made with it until it has more.",
        key.balance or 0,
    )
    return said.format(count=intcomma(key.balance or 0), price=cheapest)


def _not_working(key: Key, text: str) -> Health:
    return Health("bad", _("Not working"), _("{key} doesn't work.").format(key=key), text)


def unusable_text(key: Key) -> str:
    return str(_UNUSABLE.get(key.problem, _UNUSABLE["invalidApiKey"]))


def _entry_missing(entry: str) -> str:
    if entry == "*":
        return _(
            "This site's KEYRING can't be read, so no key can be opened and nothing is sent. "
            "Ask the person who runs the site to run the doctor command."
        )
    return _(
        "It was sealed with the keyring entry “{entry}”, which this site no longer has, so nothing is sent with it. "
        "Ask the person who runs the site to put that entry back into KEYRING, or replace the key."
    ).format(entry=entry)


def _hub_silent(key: Key) -> str:
    why = str(_NO_ANSWER.get(key.problem, _NO_ANSWER[""]))
    if key.balance_at is None:
        return join_sentences(why, _("So it could not be asked about this key. It is tried again every few minutes."))
    heard = zoned_words(key.balance_at)
    since = _(
        "So it could not be asked about this key, and the balance is from before: {heard}. "
        "It is tried again every few minutes."
    )
    return join_sentences(why, since.format(heard=heard))


def no_answer(error: HubError) -> str:
    """Why the hub could not be asked."""
    match error:
        case HubBusy():
            code = "busy"
        case HubGarbled():
            code = "garbled"
        case HubUnreachable() if error.code not in _NO_ANSWER:
            code = "unreachable"
        case _:
            code = error.code
    return str(_NO_ANSWER.get(code, _NO_ANSWER[""]))


# Forecasts and warnings ----------------------------------------------------------------------------------------


def warning_text(key: Key, warning: str) -> str:
    """What there is to warn of, in sentences."""
    if warning == UNUSABLE:
        return unusable_text(key)
    if warning == EMPTY:
        return _("No credits are left, so nothing can be made with it.")
    return _shortage(key) if warning == SHORTAGE else _expiry(key)


def warning_subject(key: Key, warning: str) -> str:
    """The same as the subject of an e-mail."""
    if warning == UNUSABLE:
        return _("{key} stopped working").format(key=key)
    if warning == EMPTY:
        return _("{key} has no credits left").format(key=key)
    if warning != SHORTAGE:
        return _("Credits of {key} expire soon").format(key=key)
    days = forecast_for(key).days_left or 0
    if not days:
        return _("{key} lasts less than a day").format(key=key)
    said = ngettext("{key} lasts about {count} day", "{key} lasts about {count} days", days)
    return said.format(key=key, count=days)


def lasts(key: Key) -> str:
    """How long its credits last at the pace of the last four weeks: "about 6 days"; "" where nobody can tell."""
    days = forecast_for(key).days_left
    if days is None:
        return ""
    if not days:
        return _("less than a day")
    return ngettext("about {count} day", "about {count} days", days).format(count=days)


def _shortage(key: Key) -> str:
    days = forecast_for(key).days_left or 0
    if not days:
        return _("Its credits last less than a day at the pace of the last four weeks.")
    return ngettext(
        "Its credits last about {count} day at the pace of the last four weeks.",
        "Its credits last about {count} days at the pace of the last four weeks.",
        days,
    ).format(count=days)


def _expiry(key: Key) -> str:
    if key.next_expiration is None:
        return ""
    day = date_format(timezone.localtime(key.next_expiration), "DATE_FORMAT")
    left_over = forecast_for(key).left_over
    # The hub says when, not how many (hub-api.md, Endpoints).
    said = ngettext(
        "Some or all of its {count} credit expires on {day}.",
        "Some or all of its {count} credits expire on {day}.",
        key.balance or 0,
    ).format(count=intcomma(key.balance or 0), day=day)
    if left_over is None:
        return said
    rest = _("At the pace of the last four weeks, about {count} would be left then.")
    return join_sentences(said, rest.format(count=intcomma(left_over)))


def pending_text(key: Key) -> str:
    """What a retiring key still waits for."""
    if key.pending_count is None:
        return _("What is still on its way with it is being counted.")
    said = []
    if key.pending_count:
        way = ngettext(
            "{count} request is still on its way with it.",
            "{count} requests are still on their way with it.",
            key.pending_count,
        )
        said.append(way.format(count=key.pending_count))
    if key.undecided_count:
        doubt = ngettext(
            "Of {count} request nobody knows how it ended: it must be settled first, on its own page.",
            "Of {count} requests nobody knows how they ended: they must be settled first, on their own pages.",
            key.undecided_count,
        )
        said.append(doubt.format(count=key.undecided_count))
    return join_sentences(*said) if said else _("Nothing is on its way with it any more.")
