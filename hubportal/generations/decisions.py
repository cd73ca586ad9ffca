"""What people decide about a generation: cancel it, ask for it again, settle a doubt, recover it by the hub's id.

Whoever made a generation decides about it, and admins for everybody (`can_decide`, `can_move`; the views ask). Who sees
it is its author's decision alone.
"""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor, AuditSubject
from hubportal.audit.models import AuditEntry
from hubportal.generations import tasks
from hubportal.generations.audit_actions import GenerationAction
from hubportal.generations.models import Generation, State, Visibility
from hubportal.generations.recovery import AlreadyHere, Found, look_up, recover_as_new
from hubportal.generations.references import uploads_of
from hubportal.generations.submission import Submission, submit_generation
from hubportal.hub.records import GenerationRecord
from hubportal.teams.models import Membership
from hubportal.teams.permissions import Permission
from hubportal.usage.credits import credits_of
from hubportal.usage.models import Project

# In the audit log, in place of a project's name.
_NO_PROJECT = "–"
RETRIABLE = (State.FAILED, State.CANCELLED)


class NotRetriable(Exception):
    """Only what failed or was cancelled can be asked for again."""


class ProjectNotOpen(Exception):
    """The project is archived, or another team's."""


class NothingToSettle(Exception):
    """There is no doubt about it, or none any more."""


def can_decide(membership: Membership, generation: Generation) -> bool:
    """Whether this person may cancel it, ask for it again or settle it: its author may, and whoever may recover."""
    is_author = generation.author_id == membership.user_id
    return membership.has_permission(Permission.RECOVER) or (is_author and membership.has_permission(Permission.SETTLE))


def can_move(membership: Membership, generation: Generation) -> bool:
    """Whether this person may say what project it is for: its author may, and whoever manages projects."""
    is_author = generation.author_id == membership.user_id
    return membership.has_permission(Permission.MANAGE_PROJECTS) or (
        is_author and membership.has_permission(Permission.SUBMIT)
    )


def cancel_generation(generation: Generation) -> bool:
    """Withdraw what was not sent yet; its reservation is released. False when it is under way or over."""
    return generation.record_cancelled()


@transaction.atomic
def change_visibility(generation: Generation, visibility: str, actor: Actor) -> bool:
    """Let the team see it from now on, with its prompt and references, or its author alone. False where it is so.

    Raises PermissionDenied for anybody but its author. The audit log has its id, nothing of what it shows.
    """
    if actor.person != generation.author:
        raise PermissionDenied
    if not generation.record_visibility(Visibility(visibility)):
        return False
    action = GenerationAction.SHARED if visibility == Visibility.TEAM else GenerationAction.MADE_PRIVATE
    AuditEntry.objects.record(generation.team, action, _subject(generation), actor=actor)
    return True


@transaction.atomic
def change_project(generation: Generation, project: Project | None, actor: Actor) -> bool:
    """Say what it is for from now on; the ledger follows. False where it is so already. Raises ProjectNotOpen.

    The caller asks `can_move`, and that the actor sees it.
    """
    if generation.project == project:
        return False
    open_ones = Project.objects.open().filter(team=generation.team_id)
    if project and not open_ones.filter(pk=project.pk).exists():
        raise ProjectNotOpen
    before = generation.project.name if generation.project else _NO_PROJECT
    if not generation.record_project(project):
        return False
    after = project.name if project else _NO_PROJECT
    AuditEntry.objects.record(
        generation.team, GenerationAction.MOVED, _subject(generation), actor=actor, before=before, after=after
    )
    return True


@transaction.atomic
def retry_generation(old: Generation, author: User) -> Submission:
    """Ask once more for what did not come, at today's price: one new generation; a second time gives the first.

    Raises NotRetriable, and SubmissionRefused where a new order for the same would be refused.
    """
    old = Generation.objects.select_for_update(of=("self",)).select_related("team").get(pk=old.pk)
    if old.state not in RETRIABLE:
        raise NotRetriable
    if again := old.retries.first():
        return Submission(again, False, credits_of(old.team))
    references = uploads_of(old.references.select_related("stored"), author)
    return submit_generation(
        old.team,
        author,
        old.parameters,
        visibility=old.visibility,
        references=references,
        parent=old,
        project=old.project,
    )


@transaction.atomic
def settle_as_accepted(generation: Generation, actor: Actor) -> None:
    """Somebody knows that it went through, not under what id: its price is booked. Raises NothingToSettle."""
    if not generation.settle_as_accepted(_person(actor)):
        raise NothingToSettle
    _record_settled(generation, actor, "accepted")


@transaction.atomic
def settle_as_not_accepted(generation: Generation, actor: Actor) -> None:
    """Somebody knows that it did not go through: nothing is charged. Raises NothingToSettle.

    Whoever came too late may have been contradicted, so nothing is to be sent again then.
    """
    if not generation.settle_as_not_accepted(_person(actor)):
        raise NothingToSettle
    _record_settled(generation, actor, "not_accepted")


def _record_settled(generation: Generation, actor: Actor, verdict: str) -> None:
    AuditEntry.objects.record(
        generation.team, GenerationAction.SETTLED, _subject(generation), actor=actor, verdict=verdict
    )


def recover_generation(generation: Generation, hub_id: str, actor: Actor) -> tuple[Generation, GenerationRecord]:
    """Look the id up at the hub, and take up what it says: as this generation, or as a new one beside it.

    The look-up goes over the network, outside of any transaction. Raises AlreadyHere when another generation has the
    record, HubError (NotFound when none of the team's keys sees the id), and NothingToSettle when somebody settled
    it meanwhile.
    """
    # A doubt about one that has an id of its own is not answered by another's.
    as_new = generation.state != State.UNKNOWN or generation.hub_id not in {"", hub_id}
    found = look_up(generation, hub_id, as_new=as_new)
    try:
        return _take_up(generation, found, actor, as_new=as_new), found.record
    except IntegrityError:
        raise AlreadyHere from None


@transaction.atomic
def _take_up(generation: Generation, found: Found, actor: Actor, *, as_new: bool) -> Generation:
    if as_new:
        generation = recover_as_new(generation, found.key, found.record, _person(actor), asked_at=found.asked_at)
    else:
        generation.settle_by_record(found.key, found.record, _person(actor), asked_at=found.asked_at)
        if generation.state == State.UNKNOWN:
            raise NothingToSettle
    AuditEntry.objects.record(
        generation.team, GenerationAction.RECOVERED, _subject(generation), actor=actor, hub_id=found.record.id
    )
    transaction.on_commit(tasks.sweep.enqueue)
    transaction.on_commit(tasks.poll.enqueue)
    return generation


def _person(actor: Actor) -> User:
    if actor.user is None:
        raise ValueError("a person decides about a generation, not the site")
    return actor.user


def _subject(generation: Generation) -> AuditSubject:
    """What it is called in the audit log: its prompt may be its author's alone."""
    return AuditSubject(generation.pk, str(generation.pk)[:8])
