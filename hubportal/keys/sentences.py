"""A key's health, and what the hub said of one, in words for people. No sentence ever quotes the secret.

Codes are the hub's (hub-api.md, Errors), the client's (hub/errors.py), or "sealBroken".
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubportal.hub.errors import HubBusy, HubError, HubGarbled, HubUnreachable
from hubportal.keys.models import DEAD_CODES, Key

EXPIRES_SOON = timedelta(days=7)
Tone = Literal["good", "warn", "bad"]

_DEAD = {
    "invalidApiKey": gettext_lazy(
        "The hub doesn't know this key, or it was revoked there. Nothing is sent with it. "
        "Make a new key at the hub, add it here, then remove this one."
    ),
    "expiredApiKey": gettext_lazy(
        "This key has expired. Nothing is sent with it. Make a new key at the hub, add it here, then remove this one."
    ),
    "sealBroken": gettext_lazy(
        "This site can't open the stored secret, so nothing is sent with it. Ask the person who runs the site to "
        "run the doctor command, or add the key anew and remove this one."
    ),
}


@dataclass(frozen=True, slots=True)
class Health:
    """How a key is doing: one word, a sentence where there is more to say, and a tone."""

    tone: Tone
    word: str
    text: str = ""


def health_of(key: Key) -> Health:
    """The key's health as last heard."""
    if key.problem in DEAD_CODES:
        return Health("bad", _("Not working"), str(_DEAD.get(key.problem, _DEAD["invalidApiKey"])))
    if key.problem:
        return Health("warn", _("Not sure"), _hub_silent(key))
    if key.balance is None:
        return Health("warn", _("Works"), _("The hub doesn't say how many credits it has."))
    if key.balance <= 0:
        return Health("warn", _("Works"), _("No credits are left, so nothing can be made with it."))
    if key.next_expiration and key.next_expiration - timezone.now() < EXPIRES_SOON:
        return Health("warn", _("Works"), _("Some of its credits expire soon."))
    return Health("good", _("Works"))


def _hub_silent(key: Key) -> str:
    if key.balance_at is None:
        return _("The hub could not be asked when this was last checked. It is tried again every few minutes.")
    heard = date_format(timezone.localtime(key.balance_at), "DATETIME_FORMAT")
    return _(
        "The hub could not be asked when this was last checked, and the balance is from before: {heard}; "
        "it is tried again every few minutes."
    ).format(heard=heard)


def why_refused(code: str) -> str:
    """Why the hub won't have a key that somebody just typed, and what to do."""
    if code == "expiredApiKey":
        return _("The hub says this key has expired. Make a new one there and paste it here. Nothing was added.")
    return _(
        "The hub doesn't know this key, or it was revoked there. Copy it again from the hub, or make a new one. "
        "Nothing was added."
    )


def why_not_checked(error: HubError) -> str:
    """Why a key could not be checked, which is not the key's fault, and what to do."""
    match error:
        case HubBusy():
            why = _("The hub is busy and asked us to wait.")
        case HubUnreachable() if error.code != "timeout":
            why = _("The hub can't be reached just now.")
        case HubGarbled():
            why = _("Something answered in the hub's place that isn't the hub; it is probably down.")
        case _ if error.code == "timeout":
            why = _("The hub took too long to answer.")
        case _:
            why = _("The hub could not answer.")
    return " ".join((why, _("So the key could not be checked, and was not added. Paste it again in a minute.")))


def consequences(key: Key, heir: Key | None) -> list[str]:
    """What removing a key means, said before it is done."""
    said = [
        _("The stored secret is destroyed. What was spent with it stays on the usage page."),
        _("Pictures being made with it right now can't be fetched from the hub any more: let them finish first."),
        _("At the hub the key stays valid. If nobody else uses it, revoke it there too."),
    ]
    if heir is None:
        said.insert(0, _("It is the team's last key: nobody can make pictures until another is added."))
    elif key.is_default:
        said.insert(0, _("New pictures will be made with {key} from then on.").format(key=heir))
    return said


def added(key: Key) -> str:
    """What to say when a key was added."""
    if key.balance is None:
        return _("{key} is added. The hub knows it.").format(key=key)
    left = ngettext("{count} credit is left on it.", "{count} credits are left on it.", key.balance)
    return " ".join((_("{key} is added.").format(key=key), left.format(count=key.balance)))
