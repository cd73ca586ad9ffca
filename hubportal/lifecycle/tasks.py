"""Tasks of what ends. Each may run twice or never."""

from django.tasks import task

from hubportal.lifecycle import key_retirement, team_deletion


@task(queue_name="default")
def delete_due_teams() -> None:
    """Every five minutes: delete teams whose grace period is over, some of it at a time."""
    if team_deletion.delete_next():
        delete_due_teams.enqueue()


@task(queue_name="default")
def retire_keys() -> None:
    """Every fifteen seconds: destroy the secrets of retiring keys that no work needs any more."""
    key_retirement.retire_keys()
