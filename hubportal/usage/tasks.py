"""Nudges for the worker about credits."""

from django.tasks import task

from hubportal.usage import spending_rates


@task(queue_name="default")
def estimate_paces() -> None:
    """Once an hour: how fast each key's credits go."""
    spending_rates.estimate_paces()
