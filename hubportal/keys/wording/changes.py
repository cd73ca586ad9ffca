"""What a change of a key means, said before it is done; what was done; and why not."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubportal.hub.errors import HubError, KeyRejected
from hubportal.keys.key_changes import (
    InvalidLabel,
    KeyChangeError,
    KeyGone,
    KeyringUnreadable,
    SecretAlreadyAdded,
)
from hubportal.keys.key_parsing import Pasted
from hubportal.keys.models import Key
from hubportal.keys.wording import join_sentences
from hubportal.keys.wording.health import no_answer

# Before -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is asked before a change: on a page of its own, and in a dialog of the same words.

    act      the last word of the address that does it
    instead  address and words of what the worried may want
    """

    act: str
    title: str
    consequences: list[str]
    yes: str
    no: str
    danger: bool = False
    instead: tuple[str, str] | None = None

    @property
    def address(self) -> str:
        return f"keys:{self.act}"


def confirmations_for(key: Key, keys: Sequence[Key]) -> list[Confirmation]:
    """What is asked before each change of this key, among all of the team's keys that serve, in their order."""
    first = confirm_resuming(key, keys) if key.paused_at else confirm_pausing(key, keys)
    return [first, *([] if key.is_default else [confirm_default(key, keys)]), confirm_removing(key, keys)]


def confirm_pausing(key: Key, keys: Sequence[Key]) -> Confirmation:
    return Confirmation(
        act="pause",
        title=_("Pause {key}?").format(key=key),
        consequences=[
            _without(key, keys),
            _("Pictures on their way are still fetched with it."),
            _("It keeps its place, and you can resume it at any time."),
        ],
        yes=_("Pause"),
        no=_("Leave it on"),
    )


def confirm_resuming(key: Key, keys: Sequence[Key]) -> Confirmation:
    rank = _("It is the default: new pictures are made with it from now on.")
    if not key.is_default:
        rank = _("It is back in its place: new pictures are made with it when those before it are short or fail.")
    return Confirmation(
        act="resumption",
        title=_("Resume {key}?").format(key=key),
        consequences=[rank, _("Its credits may be spent again.")],
        yes=_("Resume"),
        no=_("Leave it paused"),
    )


def confirm_default(key: Key, keys: Sequence[Key]) -> Confirmation:
    consequences = [_("Its credits are spent first from then on; the other keys follow in their order.")]
    before = next((other for other in keys if other.is_default), None)
    if before:
        consequences.append(_("Pictures on their way with {key} end with that key.").format(key=before))
    if not key.is_usable:
        consequences.append(_("It is paused or not working: until that changes, the next key in order serves."))
    return Confirmation(
        act="default",
        title=_("Make {key} the default?").format(key=key),
        consequences=consequences,
        yes=_("Make default"),
        no=_("Leave it as it is"),
    )


def confirm_removing(key: Key, keys: Sequence[Key]) -> Confirmation:
    return Confirmation(
        act="removal",
        title=_("Remove {key}?").format(key=key),
        consequences=[
            _without(key, keys),
            _(
                "Pictures on their way are fetched with it first: until then it is shown as retiring. When the last "
                "one is here, the secret is destroyed."
            ),
            _("What was spent with it stays on the usage page."),
            _("At the hub the key stays valid. If nobody else uses it, revoke it there once it is gone from here."),
        ],
        yes=_("Remove"),
        no=_("Keep it"),
        danger=True,
        instead=("keys:destruction", _("Destroy its secret at once instead…")),
    )


def confirm_destroying(key: Key, keys: Sequence[Key]) -> Confirmation:
    return Confirmation(
        act="destruction",
        title=_("Destroy the secret of {key} now?").format(key=key),
        consequences=[
            *([] if key.retiring_since else [_without(key, keys)]),
            _lost_with(key),
            _("The credits for them are spent all the same, unless another of your keys is of the same hub account."),
            _("If somebody may have got hold of the key, revoke it at the hub first: that is what stops them."),
            _("This can't be undone."),
        ],
        yes=_("Destroy it now"),
        no=_("Let it finish") if key.retiring_since else _("Keep it"),
        danger=True,
    )


def consequences_of_replacing(key: Key) -> list[str]:
    place = _("New pictures are made with the new key at once; it takes over the name and the place in the order.")
    if key.is_default:
        place = _("New pictures are made with the new key at once; it takes over the name, and is the default.")
    return [
        _("The new key is checked at the hub first. If the hub refuses it, nothing changes."),
        place,
        _(
            "Pictures on their way are still fetched with the old key. When the last one is here, its secret is "
            "destroyed."
        ),
        _("Revoke the old key at the hub only when it is gone from the keys page."),
    ]


def _without(key: Key, keys: Sequence[Key]) -> str:
    """What becomes of new work without this key."""
    others = [other for other in keys if other != key]
    successor = next((other for other in others if other.is_usable), None)
    if successor is None:
        if not others:
            return _("It is the team's last key: nobody can make pictures without it, until another is added.")
        return _("None of the team's other keys can be used now: nobody can make pictures without this one.")
    serves_now = next((other for other in keys if other.is_usable), None)
    if serves_now == key:
        return _("New pictures will be made with {key} from then on.").format(key=successor)
    return _("Nothing new will be made with it.")


def _lost_with(key: Key) -> str:
    if not key.pending_count:
        return _("Pictures on their way with it can't be fetched any more.")
    return ngettext(
        "{count} request on its way with it can't be followed any more.",
        "{count} requests on their way with it can't be followed any more.",
        key.pending_count,
    ).format(count=key.pending_count)


# After --------------------------------------------------------------------------------------------------------


def added(key: Key) -> str:
    """What to say when a key was added."""
    if key.balance is None:
        return _("{key} is added. The hub knows it.").format(key=key)
    return ngettext(
        "{key} is added. {count} credit is left on it.",
        "{key} is added. {count} credits are left on it.",
        key.balance,
    ).format(key=key, count=key.balance)


# Why not ------------------------------------------------------------------------------------------------------

_NOT_A_KEY = {
    "empty": gettext_lazy("Paste the key here; it begins with gih_."),
    "curl": gettext_lazy(
        "This is a curl command without a key of GPT Image Hub in it. Paste the key alone: it begins with gih_."
    ),
    "address": gettext_lazy(
        "This is an address of a page, not a key. Open it, and copy the key from there: it begins with gih_."
    ),
    "email": gettext_lazy("This is an email address, not a key. A key of GPT Image Hub begins with gih_."),
    "incomplete": gettext_lazy(
        "This begins like a key of GPT Image Hub, but isn't a whole one. Copy it again, all of it."
    ),
    "other": gettext_lazy("This isn't a key of GPT Image Hub: one begins with gih_ and has no spaces."),
}
LABEL_PROBLEMS = {
    "required": gettext_lazy("Give the key a name that your team will recognise."),
    "too_long": gettext_lazy("A key's name has 60 characters at the most."),
    "looks_like_key": gettext_lazy("That looks like the key itself. Type a name for it here."),
}


def why_not_a_key(pasted: Pasted) -> str:
    """Why a text is not a key alone. The text is never quoted, but for the last four characters of several keys."""
    if pasted.kind == "vendor":
        said = _("This is a key of {vendor}, not of GPT Image Hub, whose keys begin with gih_.")
        return said.format(vendor=pasted.vendor)
    if not pasted.within:
        return str(_NOT_A_KEY[pasted.kind or "other"])
    if len(pasted.within) == 1:
        return _("This isn't a key alone: a key is pasted without anything around it.")
    return ngettext(
        "There is {count} key in what you pasted: {keys}. Paste one at a time.",
        "There are {count} keys in what you pasted: {keys}. Paste one at a time.",
        len(pasted.within),
    ).format(count=len(pasted.within), keys=", ".join(f"···{secret[-4:]}" for secret in pasted.within[:5]))


def why_not_changed(error: KeyChangeError | HubError) -> str:
    """Why a key was not added or changed, and what to do."""
    match error:
        case KeyGone():
            return _("Somebody replaced or removed this key meanwhile.")
        case KeyringUnreadable():
            return _("This site can't lock keys away, because its KEYRING can't be read. Tell the person who runs it.")
        case InvalidLabel():
            return str(LABEL_PROBLEMS[error.code])
        case SecretAlreadyAdded():
            return _already_here(error.key)
        case KeyRejected(code="expiredApiKey"):
            return _("The hub says this key has expired. Make a new one there and paste it here.")
        case KeyRejected():
            return _(
                "The hub doesn't know this key, or it was revoked there. Copy it again from the hub, or make a new one."
            )
        case HubError():
            return join_sentences(no_answer(error), _("So the key could not be checked. Try again in a minute."))
    raise TypeError(f"no words for {type(error).__name__}")


def _already_here(key: Key | None) -> str:
    if key is None:
        return _("Somebody in your team added and removed this key just now. Try again.")
    if key.retiring_since:
        return _(
            "Your team still has this key: {key} is retiring. Once its secret is destroyed, it can be added again."
        ).format(key=key)
    return _("Your team has this key already: {key}.").format(key=key)
