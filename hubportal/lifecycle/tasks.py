"""Tasks of what ends. Each may run twice or never."""

from django.tasks import task

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
