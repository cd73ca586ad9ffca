"""Telling people by e-mail that a key runs short, expires or stopped working: once for each occasion."""

from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from hubportal.accounts.models import User
from hubportal.keys.forecast import DEAD, EMPTY, SHORTAGE, occasions, told_of
from hubportal.keys.models import Key
from hubportal.keys.wording import lasts, warning
from hubportal.teams.permissions import ROLE_PERMISSIONS, Permission

log = structlog.get_logger(__name__)


def warn() -> None:
    """Write to those who want it about every occasion that is new."""
    for key in Key.objects.serving().select_related("team"):
        now, told = occasions(key), told_of(key)
        new = [occasion for occasion in now if occasion not in told]
        if now != told and _claim(key, now) and new and not _write(key, new):
            _claim(key, told)


def _claim(key: Key, told: list[str]) -> bool:
    """Note what people are told of, before they are; False when another worker did."""
    noted = ",".join(told)
    claimed = Key.objects.filter(pk=key.pk, warned_of=key.warned_of).update(warned_of=noted)
    key.warned_of = noted
    return bool(claimed)


def _write(key: Key, new: list[str]) -> bool:
    """False when it reached nobody although somebody wants it: then it is tried again."""
    sent = [_write_to(person, key, new) for person in _who_wants_it(key)]
    return any(sent) or not sent


def _who_wants_it(key: Key) -> list[User]:
    places = key.team.memberships.filter(
        role__in=ROLE_PERMISSIONS[Permission.MANAGE_KEYS], wants_key_warnings=True, user__is_active=True
    )
    return [place.user for place in places.select_related("user").order_by("pk")]


def _write_to(person: User, key: Key, new: list[str]) -> bool:
    page = f"{settings.SITE_URL}{reverse('keys:index', kwargs={'team': key.team.slug})}"
    words = {"person": person, "key": key, "team": key.team, "page": page}
    words["warnings"] = [warning(key, occasion) for occasion in new]
    letter = EmailMessage(_subject(key, new[0]), render_to_string("keys/email/warning.txt", words), to=[person.email])
    try:
        return bool(letter.send())
    except (OSError, SMTPException) as error:
        log.warning("warning not sent", key=str(key.pk), kind=type(error).__name__)
        return False


def _subject(key: Key, occasion: str) -> str:
    if occasion == DEAD:
        said = _("{key} stopped working")
    elif occasion == EMPTY:
        said = _("{key} has no credits left")
    elif occasion == SHORTAGE:
        said = _("{key} lasts {time}")
    else:
        said = _("Credits of {key} expire soon")
    # A line break, which a label may hold, is not for a header.
    return " ".join(said.format(key=key, time=lasts(key)).split())
