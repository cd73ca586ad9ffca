"""Tasks of what ends. Each may run twice or never."""

from django.core.management import call_command
from django.tasks import task

from hubportal.audit.models import AuditEntry
from hubportal.lifecycle import ex_members, key_retirement, team_deletion


@task(queue_name="default")
def delete_due_teams() -> None:
    """Every five minutes: delete teams whose grace period is over, some of it at a time."""
    if team_deletion.delete_due_team():
        delete_due_teams.enqueue()


@task(queue_name="default")
def delete_marked_pictures() -> None:
    """Every five minutes: finish what a deletion of private pictures left when it was interrupted."""
    ex_members.delete_marked_pictures()


@task(queue_name="default")
def retire_keys() -> None:
    """Every fifteen seconds: destroy the secrets of retiring keys that no work needs any more."""
    key_retirement.retire_keys()


@task(queue_name="default")
def forget_old_audit() -> None:
    """Nightly: delete the audit entries whose time is over."""
    AuditEntry.objects.delete_expired()


@task(queue_name="default")
def forget_old_sessions() -> None:
    """Nightly: delete the sessions that have run out; nobody can use them any more."""
    call_command("clearsessions")
