"""Nudges for the worker about credits."""

from django.tasks import task

from hubportal.usage import forecast


@task(queue_name="default")
def estimate_paces() -> None:
    """Once an hour: how fast each key's credits go."""
    forecast.estimate_paces()
