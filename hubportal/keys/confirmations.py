"""What an act on a key means, said before it is done; on the page that asks, and in the dialog of the same words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubportal.keys.models import Key


@dataclass(frozen=True, slots=True)
class Question:
    """`act`: the last word of the address that does it; `instead`: address and word of what the worried may want."""

    act: str
    title: str
    said: list[str]
    yes: str
    no: str
    danger: bool = False
    instead: tuple[str, str] | None = None

    @property
    def address(self) -> str:
        return f"keys:{self.act}"


def questions(key: Key, keys: Sequence[Key]) -> list[Question]:
    """The questions that acts on this key ask, among all of the team's keys that serve, in their order."""
    first = resuming(key, keys) if key.paused_at else pausing(key, keys)
    return [first, *([] if key.is_default else [defaulting(key, keys)]), removing(key, keys)]


def pausing(key: Key, keys: Sequence[Key]) -> Question:
    return Question(
        act="pause",
        title=_("Pause {key}?").format(key=key),
        said=[
            _without(key, keys),
            _("Pictures on their way are still fetched with it."),
            _("It keeps its place, and you can resume it at any time."),
        ],
        yes=_("Pause"),
        no=_("Leave it on"),
    )


def resuming(key: Key, keys: Sequence[Key]) -> Question:
    rank = _("It is the default: new pictures are made with it from now on.")
    if not key.is_default:
        rank = _("It is back in its place: new pictures are made with it when those before it are short or fail.")
    return Question(
        act="resumption",
        title=_("Resume {key}?").format(key=key),
        said=[rank, _("Its credits may be spent again.")],
        yes=_("Resume"),
        no=_("Leave it paused"),
    )


def defaulting(key: Key, keys: Sequence[Key]) -> Question:
    said = [_("Its credits are spent first from then on; the other keys follow in their order.")]
    before = next((other for other in keys if other.is_default), None)
    if before:
        said.append(_("Pictures on their way with {key} end with that key.").format(key=before))
    if not key.is_usable:
        said.append(_("It is paused or not working: until that changes, the next key in order serves."))
    return Question(
        act="default",
        title=_("Make {key} the default?").format(key=key),
        said=said,
        yes=_("Make default"),
        no=_("Leave it as it is"),
    )


def removing(key: Key, keys: Sequence[Key]) -> Question:
    return Question(
        act="removal",
        title=_("Remove {key}?").format(key=key),
        said=[
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


def destroying(key: Key, keys: Sequence[Key]) -> Question:
    said = [_lost(key)]
    if not key.retiring_since:
        said.insert(0, _without(key, keys))
    said += [
        _("If somebody may have got hold of the key, revoke it at the hub first: that is what stops them."),
        _("This can't be undone."),
    ]
    return Question(
        act="destruction",
        title=_("Destroy the secret of {key} now?").format(key=key),
        said=said,
        yes=_("Destroy it now"),
        no=_("Let it finish") if key.retiring_since else _("Keep it"),
        danger=True,
    )


def replacing(key: Key) -> list[str]:
    """What putting another in its place means."""
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


def _lost(key: Key) -> str:
    credits_gone = _("their credits are spent all the same, unless another of your keys is of the same hub account.")
    if not key.awaits:
        return _("Pictures on their way with it can't be fetched any more: {credits}").format(credits=credits_gone)
    said = ngettext(
        "{count} request on its way with it can't be followed any more: {credits}",
        "{count} requests on their way with it can't be followed any more: {credits}",
        key.awaits,
    )
    return said.format(count=key.awaits, credits=credits_gone)
