"""Nudges for the worker. Each may run twice or never."""

from django.core.management import call_command
from django.tasks import task


@task(queue_name="default")
def forget_old_sessions() -> None:
    """Delete the sessions that have run out; nobody can use them any more."""
    call_command("clearsessions")
