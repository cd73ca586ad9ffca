"""Asking for a picture in another format and size; it is made by the worker (conversion/run.py)."""

from functools import partial
from typing import Final

from django.db import transaction
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.gallery.conversion import tasks
from hubportal.gallery.models import Conversion, ConversionState
from hubportal.generations.models import Image

SIDES: Final = (0, 2048, 1024, 512)
# Of one person, at a time: each takes the worker up to half a minute.
MAX_WAITING: Final = 20


class TooManyWaiting(Exception):
    """This person waits for MAX_WAITING others."""


@transaction.atomic
def ask_for_conversion(image: Image, form: str, side: int, person: User) -> Conversion:
    """The one that there is, or a new one that is being made. Raises TooManyWaiting."""
    found = Conversion.objects.select_for_update().filter(image=image, format=form, side=side).first()
    if found and found.state == ConversionState.READY and _is_kept(found):
        return found
    if Conversion.objects.waiting().filter(asked_by=person).count() >= MAX_WAITING:
        raise TooManyWaiting
    if found and found.state != ConversionState.PENDING:
        # It failed, or its day is over.
        found.delete()
        found = None
    if found is None:
        found, _ = Conversion.objects.get_or_create(
            image=image, format=form, side=side, defaults={"team": image.team, "asked_by": person}
        )
    else:
        # A nudge that was lost is made up for.
        found.asked_at = timezone.now()
        found.save(update_fields=["asked_at"])
    transaction.on_commit(partial(tasks.convert.enqueue, str(found.pk)))
    return found


def _is_kept(conversion: Conversion) -> bool:
    return Conversion.objects.fresh().filter(pk=conversion.pk).exists()
