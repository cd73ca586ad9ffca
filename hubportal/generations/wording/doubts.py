"""What the balance tells about a doubt, and what a look-up at the hub found, in words."""

from django.utils.translation import gettext as _

from hubportal.generations.reconciliation import Evidence
from hubportal.generations.wording.orders import figure
from hubportal.hub.errors import HubError, NotFound
from hubportal.hub.records import GenerationRecord


def recovered_words(record: GenerationRecord) -> str:
    """What a look-up by the hub's id found."""
    if record.outcome == "running":
        return _("Found at the hub, which hasn't finished it yet. It is followed from now on.")
    if record.images:
        return _("Found at the hub. Its pictures are being fetched.")
    return _("Found at the hub, which has made no picture of it.")


def not_recovered_words(error: Exception) -> str:
    """Why a look-up by the hub's id changed nothing."""
    if isinstance(error, HubError) and not isinstance(error, NotFound):
        return _("The hub can't be asked right now. Nothing was changed; try again in a minute.")
    if isinstance(error, NotFound):
        return _("None of your team's keys finds this id at the hub. Nothing was changed; check the id and try again.")
    return _("A generation of your team has this id already. Nothing was changed.")


def balance_words(evidence: Evidence) -> str:
    """Whether a doubtful one was accepted, as far as the balance before and after can tell, in a sentence."""
    if evidence.before is None or evidence.after is None:
        return _("So it may have been accepted and charged.")
    return _balance_sentence(evidence).format(before=figure(evidence.before), after=figure(evidence.after))


def _balance_sentence(evidence: Evidence) -> str:
    match evidence.verdict, evidence.others:
        case "accepted", 0:
            return _(
                "The balance went from {before} to {after} and nothing else was paid meanwhile, "
                "so it was probably accepted."
            )
        case "accepted", _others:
            return _(
                "The balance was {before} before and {after} after. What others took or got back just then doesn't "
                "explain that, so it was probably accepted."
            )
        case "not_accepted", 0:
            return _("The balance is still {after}, so it was probably not accepted.")
        case "not_accepted", _others:
            return _(
                "The balance was {before} before and {after} after. What others took or got back just then explains "
                "that, so it was probably not accepted."
            )
    if evidence.unclear:
        return _(
            "The balance was {before} before and {after} after, but others were on their way as well, "
            "so it may have been accepted."
        )
    return _("The balance was {before} before and {after} after, so it may have been accepted.")
