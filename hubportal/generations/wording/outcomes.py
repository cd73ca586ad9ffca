"""What became of a generation, in words for people: what happened, what it means for their credits, what to do next.

Codes are the hub's (hub-api.md, Errors), the client's (hub/errors.py) or the worker's; one that nobody knows yet
gets a sentence too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubportal.accounts.models import User
from hubportal.generations.models import Generation, Image, State
from hubportal.generations.reconciliation import evidence_for
from hubportal.generations.timing import DOWNLOAD_DEADLINE
from hubportal.generations.wording.doubts import balance_words
from hubportal.generations.wording.orders import credits_words, figure
from hubportal.html_time import zoned_words
from hubportal.keys.models import UNUSABLE_CODES
from hubportal.keys.wording import join_sentences

Tone = Literal["plain", "warn", "bad"]
# The hub's own sentence may be a page long; a card has room for this much, the details show it whole.
HUB_SAYS = 90
# Being made for longer than this is said; times.js says it on a page that stays open.
LATE = timedelta(minutes=2)
LATE_WORDS = gettext_lazy("Painting, longer than usual")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What to say where the pictures would have been; `code` and `hub_says` are the technical part.

    `files`: pictures that came and can't be shown.
    """

    tone: Tone
    text: str
    code: str = ""
    hub_says: str = ""
    files: tuple[Image, ...] = ()


class NextStep(NamedTuple):
    """What to do next; `for_admin` is what to tell somebody who manages the keys, where that is another thing."""

    sentence: object
    for_admin: object = ""


_NO_KEY = NextStep(
    gettext_lazy("An admin of your team can add a key; then make it again."),
    gettext_lazy("Add a key on the Keys page; then make it again."),
)
_NEW_KEY = NextStep(
    gettext_lazy("An admin of your team can add a new key; then make it again."),
    gettext_lazy("Add a new key on the Keys page; then make it again."),
)
_BUY = NextStep(
    gettext_lazy("Ask for fewer or smaller pictures, or ask an admin of your team to buy credits."),
    gettext_lazy("Ask for fewer or smaller pictures, or buy credits at the hub."),
)
_BRING = NextStep(
    gettext_lazy("An admin of your team can bring them by the hub's id."),
    gettext_lazy("With the hub's id, “Recover by the hub's id” on its page brings them."),
)
_LATER = NextStep(gettext_lazy("Make it again in a minute."))
_OTHER_WORDS = NextStep(gettext_lazy("Try again with other words, or other settings."))

# Code: what happened, and what to do next.
_FAILED = {
    "noKey": (gettext_lazy("Your team has no hub key that works, so nothing was sent."), _NO_KEY),
    "decryptionFailed": (gettext_lazy("The team's hub key can't be opened any more, so nothing was sent."), _NEW_KEY),
    "invalidApiKey": (gettext_lazy("The hub doesn't know the team's key, or it was revoked."), _NEW_KEY),
    "expiredApiKey": (gettext_lazy("The team's hub key has expired."), _NEW_KEY),
    "missingApiKey": (gettext_lazy("The hub saw no key with the request."), _NEW_KEY),
    "insufficientCredits": (
        gettext_lazy("The hub account of your team has too few credits for this."),
        _BUY,
    ),
    "invalid_request": (gettext_lazy("The hub refused the request."), _OTHER_WORDS),
    "notFound": (
        gettext_lazy("The hub doesn't know what was asked for."),
        NextStep(gettext_lazy("Try another model.")),
    ),
    "generationFailed": (gettext_lazy("The hub couldn't make it."), _OTHER_WORDS),
    "noImages": (gettext_lazy("The hub finished without a picture."), NextStep(gettext_lazy("Make it again."))),
    "unreachable": (gettext_lazy("The hub couldn't be reached for an hour, so nothing was sent."), _LATER),
    "timeout": (gettext_lazy("The hub couldn't be reached for an hour, so nothing was sent."), _LATER),
    "busy": (gettext_lazy("The hub was busy for a whole day, so nothing was sent."), _LATER),
    "tls": (
        gettext_lazy("There was no safe connection to the hub for an hour, so nothing was sent."),
        NextStep(gettext_lazy("Tell whoever runs this site, and make it again later.")),
    ),
    "referenceUnreadable": (
        gettext_lazy("A reference image couldn't be read again here, so nothing was sent."),
        NextStep(gettext_lazy("Add the image anew and make it again.")),
    ),
}
_REFUSED = (gettext_lazy("The hub said no."), _OTHER_WORDS)
# What people decided about a doubt.
_SETTLED = {
    "acceptedUnseen": (
        gettext_lazy("Settled: it went through, but its pictures can't be found here."),
        _BRING,
    ),
    "notAccepted": (gettext_lazy("Settled: it didn't go through."), NextStep("")),
}
# Our own codes, which say that nothing was sent. The hub may have the same words for what happened there.
_NOT_SENT = frozenset({"noKey", "decryptionFailed", "unreachable", "timeout", "busy", "tls", "referenceUnreadable"})
# After these, the same order may well succeed; or it is an admin who must do something first.
_AGAIN = frozenset({"noImages", "insufficientCredits", *UNUSABLE_CODES})
# After these, the hub's own sentence only repeats ours.
_SAYS_ALL = frozenset(_FAILED) - {"invalid_request", "generationFailed"}

_UNKNOWN = {
    "timeout": gettext_lazy("The hub took too long to answer."),
    "interrupted": gettext_lazy("The connection broke before the hub answered."),
    "garbled": gettext_lazy("The hub's answer couldn't be read."),
    "deadline": gettext_lazy("The hub accepted it, but said nothing more for a day."),
    "notFound": gettext_lazy("The hub accepted it, but doesn't know it any more."),
    **dict.fromkeys(
        ("noKey", *UNUSABLE_CODES),
        gettext_lazy("The hub accepted it, but for a day your team had no key that can see how it went."),
    ),
}
_UNSURE = gettext_lazy("Something went wrong before the hub answered.")

_WAITING = {
    "busy": gettext_lazy("The hub is busy."),
    "tls": gettext_lazy("There is no safe connection to the hub just now."),
    "keyBudget": gettext_lazy(
        "The budgets of your team's keys have no room for it this month. An admin of your team can raise them."
    ),
}
_NOT_REACHED = gettext_lazy("The hub can't be reached just now.")

_KEY_GONE = gettext_lazy("The hub accepted it, but the key it was sent with doesn't work any more.")
_SAME_ACCOUNT = NextStep(
    gettext_lazy("An admin of your team can add a key of the same hub account."),
    gettext_lazy("Add a key of the same hub account on the Keys page."),
)
_WE_LOOK = gettext_lazy("We look by ourselves for a day.")
_SILENT = gettext_lazy("The hub accepted it, but doesn't say just now how it goes.")

# Why a picture that the hub made is not here, by its problem, where it isn't just that it can't be fetched.
_NOT_STORED = {
    "storage": gettext_lazy(
        "The hub made this picture, but it can't be stored here: the disk is full or can't be reached. "
        "Tell whoever runs this site."
    ),
    "refused-address": gettext_lazy(
        "The hub made this picture, but its address leads into a private network, where this site doesn't go. "
        "Tell whoever runs this site."
    ),
    "unreadable": gettext_lazy("The hub made this picture, but what its address gives is not a whole picture."),
}
# These would be the same at every attempt, so there is only one.
_NEVER_STORED = {
    "too-large": gettext_lazy("The hub made this picture, but its file is too large to be kept here."),
    "too-many-pixels": gettext_lazy("The hub made this picture, but it has too many pixels to be kept here."),
}
# Why a picture that is here can't be shown, by its problem.
_FILES = {
    "too-many-pixels": gettext_lazy(
        "This picture has too many pixels to be shown here. Its file is kept: download it to open it in another "
        "program."
    ),
    "truncated": gettext_lazy(
        "The end of this picture's file is missing, so it isn't shown here. What came is kept, and you can download it."
    ),
}
_FILE = gettext_lazy("What came for this picture can't be shown here. Its file is kept, and you can download it.")


def state_words(generation: Generation) -> str:
    """Waiting, Painting, Done, 3 of 4 … in one short phrase."""
    if generation.state == State.FAILED and generation.returned and not _is_settled(generation):
        back = credits_words(generation.returned)
        return _("Couldn't be made ({credits} returned)").format(credits=back)
    return _word(generation)


def state_on_card(generation: Generation) -> str:
    """The same, where there is room for a few words only and the rest stands beside it."""
    if generation.state == State.UNKNOWN:
        return _word(generation) if generation.hub_id else _("Not sure it was accepted")
    return _word(generation)


def _word(generation: Generation) -> str:
    if _is_settled(generation):
        return _("Went through, not here") if generation.error_code == "acceptedUnseen" else _("Didn't go through")
    if generation.state == State.UNKNOWN and generation.hub_id:
        return _("Not sure what became of it")
    if generation.state == State.RUNNING and generation.accepted_at and timezone.now() - generation.accepted_at > LATE:
        return str(LATE_WORDS)
    return _done_in_part(generation) or str(State(generation.state).label)


def _is_settled(generation: Generation) -> bool:
    """Whether people decided what it came to; the hub may have the same words for something else."""
    return generation.settled_at is not None and generation.error_code in _SETTLED


def _done_in_part(generation: Generation) -> str:
    """What to say of a success that is not whole: a picture still to come, lost, or never made."""
    if generation.state != State.SUCCEEDED:
        return ""
    images = generation.present_images
    shown, files = sum(image.is_shown for image in images), sum(image.is_file for image in images)
    lost = sum(image.given_up for image in images)
    if shown + files + lost < len(images):
        return _("Made, still fetching")
    if deleted := len(generation.binned_images):
        return ngettext("{count} picture was deleted", "{count} pictures were deleted", deleted).format(
            count=figure(deleted)
        )
    if shown and shown < generation.n:
        return _("Done, {came} of {asked}").format(came=shown, asked=generation.n)
    if files:
        return _("Made, kept as a file")
    return _("Made, but lost") if lost else ""


def state_tone(generation: Generation) -> str:
    """`busy` or `warn` where a success is not whole yet, or not whole at all; "" where the state says enough."""
    if generation.state != State.SUCCEEDED:
        return ""
    images = generation.present_images
    if any(image.given_up or image.is_file for image in images):
        return "warn"
    return "" if all(image.kept_at for image in images) else "busy"


def needs_other_words(generation: Generation) -> bool:
    """Whether the same again would probably fail again, so that the order should be changed first."""
    return (
        generation.state == State.FAILED
        and not _is_settled(generation)
        and generation.error_code not in _NOT_SENT | _AGAIN
    )


def explain(generation: Generation, for_admin: bool = False) -> Explanation | None:
    """What needs saying beyond the state; None while all goes well. `for_admin`: to somebody who manages the keys."""
    match generation.state:
        case State.FAILED:
            return _explain("bad", generation, _failure(generation, for_admin))
        case State.UNKNOWN:
            return _explain("warn", generation, _doubt(generation))
        case State.WAITING if generation.error_code:
            return _explain("plain", generation, _patience(generation))
        case State.RUNNING if generation.error_code:
            return _explain("plain", generation, _silence(generation, for_admin))
        case State.SUCCEEDED if generation.binned_images and not generation.present_images:
            return Explanation("plain", _deleted(generation))
        case State.SUCCEEDED if (images := generation.present_images) and not any(image.is_shown for image in images):
            return _nothing_to_show(images)
        case State.SUCCEEDED if not generation.images.all():
            return Explanation("plain", _("Its pictures were deleted while whoever made it was not in the team."))
        case State.CANCELLED:
            return Explanation("plain", _("Cancelled before it was sent. Nothing was charged."))
    return None


def _nothing_to_show(images: list[Image]) -> Explanation:
    files = tuple(image for image in images if image.is_file)
    first = files[0] if files else images[0]
    return Explanation("warn", why_a_file(first) if files else why_missing(first), first.problem, files=files)


def _deleted(generation: Generation) -> str:
    """What to say where every picture was deleted, and until when all of that can be undone."""
    number = len(generation.binned_images)
    words = ngettext("Its picture was deleted.", "Its {count} pictures were deleted.", number)
    until = [image.binned_until for image in generation.binned_images if image.binned_until]
    restored = _("Until {until} it can be restored.").format(until=zoned_words(min(until))) if until else ""
    return join_sentences(words.format(count=figure(number)), restored)


def _explain(tone: Tone, generation: Generation, text: str) -> Explanation:
    return Explanation(tone, text, generation.error_code, generation.error_message)


def _failure(generation: Generation, for_admin: bool) -> str:
    if _is_settled(generation):
        _happened, next_step = _SETTLED[generation.error_code]
        return join_sentences(settled_words(generation), _next_step(next_step, for_admin))
    code = generation.error_code
    if code in _NOT_SENT and (generation.hub_id or generation.error_message):
        code = "generationFailed"
    happened, next_step = _FAILED.get(code, _REFUSED)
    hub_says = "" if code in _SAYS_ALL else generation.error_message
    if hub_says:
        words = " ".join(hub_says.split()).rstrip(".")
        hub_says = _("It says: “{words}”.").format(words=Truncator(words).chars(HUB_SAYS))
    return join_sentences(happened, hub_says, _what_it_cost(generation), _next_step(next_step, for_admin))


def _next_step(step: NextStep, for_admin: bool) -> str:
    return str(step.for_admin or step.sentence) if for_admin else str(step.sentence)


def _what_it_cost(generation: Generation) -> str:
    if not generation.charged:
        return _("Nothing was charged.")
    kept = generation.charged - generation.returned
    if not kept:
        back = generation.returned
        return ngettext("Your credit came back.", "Your {count} credits came back.", back).format(count=back)
    return _("{charged} were charged, {returned} of them came back.").format(
        charged=credits_words(generation.charged), returned=figure(generation.returned)
    )


def _doubt(generation: Generation) -> str:
    happened = _UNKNOWN.get(generation.error_code, _UNSURE)
    known = _charged(generation) if generation.hub_id else balance_words(evidence_for(generation))
    return join_sentences(happened, known, _("It isn't sent again by itself."))


def _charged(generation: Generation) -> str:
    return _("{credits} were charged.").format(credits=credits_words(generation.charged or 0))


def settled_words(generation: Generation) -> str:
    """What somebody's word about a doubt came to, and what that did to the credits."""
    happened, _next_step = _SETTLED[generation.error_code]
    cost = _charged(generation) if generation.error_code == "acceptedUnseen" else _what_it_cost(generation)
    return join_sentences(happened, cost)


def _patience(generation: Generation) -> str:
    happened = _WAITING.get(generation.error_code, _NOT_REACHED)
    return join_sentences(happened, _("We try again by ourselves; nothing was charged so far."))


def _silence(generation: Generation, for_admin: bool) -> str:
    """What to say while the hub has it, and nobody can see how it goes."""
    if generation.error_code in ("noKey", *UNUSABLE_CODES):
        if for_admin:
            next_step = _("Add a key of the same hub account on the Keys page. We look by ourselves for a day.")
        else:
            next_step = _(
                "An admin of your team can add a key of the same hub account. We look by ourselves for a day."
            )
        return join_sentences(_KEY_GONE, _charged(generation), next_step)
    return join_sentences(
        _SILENT, _charged(generation), _("We ask again by ourselves for a day; nothing is sent twice.")
    )


def why_missing(image: Image) -> str:
    """Why a picture that the hub made is not here, and whether it is still tried."""
    if why := _NEVER_STORED.get(image.problem):
        return str(why)
    if why := _NOT_STORED.get(image.problem):
        return join_sentences(why, _what_is_tried(image))
    if image.given_up:
        return _("The hub made this picture, but it couldn't be fetched from there for a day, so it is lost to us.")
    return _("The hub made this picture, but it can't be fetched yet. We try again by ourselves until {until}").format(
        until=_tried_until(image)
    )


def why_a_file(image: Image) -> str:
    """Why a picture is offered as a file only, and whether a better one is still tried for."""
    why = _FILES.get(image.problem, _FILE)
    if image.due_at is None:
        return str(why)
    return join_sentences(why, _("We fetch it again by ourselves until {until}").format(until=_tried_until(image)))


def _what_is_tried(image: Image) -> str:
    if image.given_up:
        return _("We tried for a day, so it is lost to us.")
    return _("We try again by ourselves until {until}").format(until=_tried_until(image))


def _tried_until(image: Image) -> str:
    return zoned_words(image.created_at + DOWNLOAD_DEADLINE)


def news_words(authors: Sequence[User]) -> str:
    """`3 new from Mina`: what others made since a page was drawn; "" for nothing."""
    if not authors:
        return ""
    number, name = len(authors), authors[0].display_name
    if len({author.pk for author in authors}) == 1:
        return ngettext("{number} new from {name}", "{number} new from {name}", number).format(number=number, name=name)
    return ngettext("{number} new from {name} and others", "{number} new from {name} and others", number).format(
        number=number, name=name
    )
