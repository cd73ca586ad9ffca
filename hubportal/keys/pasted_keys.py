"""A key found inside of something else that was pasted: kept sealed in the session until its owner says add it.

It never goes back to the page. It opens for the same person and team alone, for ten minutes.
"""

import time

from django.core.exceptions import ImproperlyConfigured

from hubportal.encryption import DecryptionError, Secret, decrypt, encrypt
from hubportal.teams.access import TeamRequest

KEPT_FOR = 600.0  # seconds
_PLACE = "found_key"


def keep_found(request: TeamRequest, secret: Secret) -> None:
    request.session[_PLACE] = {"sealed": encrypt(secret, _identity(request)), "until": time.time() + KEPT_FOR}


def found_in(request: TeamRequest) -> Secret | None:
    """The key that was found for this person and team, if it is still kept."""
    kept = request.session.get(_PLACE)
    if not kept or kept["until"] < time.time():
        forget_found(request)
        return None
    try:
        return decrypt(kept["sealed"], _identity(request))
    except (DecryptionError, ImproperlyConfigured):
        return None


def forget_found(request: TeamRequest) -> None:
    request.session.pop(_PLACE, None)


def _identity(request: TeamRequest) -> str:
    return f"found:user:{request.user.pk}:team:{request.team.pk}"
