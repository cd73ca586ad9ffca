"""The words of a generation's life (interface.md, Words)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Sending")
    RUNNING = "running", _("Painting")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Couldn't be made")
    UNKNOWN = "unknown", _("Not sure whether it was accepted")
    CANCELLED = "cancelled", _("Cancelled")


MOVING = (State.WAITING, State.SENDING, State.RUNNING)
FINAL = (State.SUCCEEDED, State.FAILED, State.CANCELLED)


class Visibility(models.TextChoices):
    TEAM = "team", _("The team")
    PRIVATE = "private", _("Only me")
