"""The link that stops e-mails about an event, without signing in: signed, and stored nowhere.

Whoever has it can stop these e-mails to this person, and nothing else.
"""

from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

# Mail programs end a link at a colon now and then.
SIGNER = signing.Signer(salt="hubportal.notifications.unsubscribe", sep=".")


def unsubscribe_url(user_id: int, event_code: str) -> str:
    """The whole address, beginning with SITE_URL."""
    token = SIGNER.sign_object([user_id, event_code])
    return f"{settings.SITE_URL}{reverse('notifications:unsubscribe', args=[token])}"


def read_token(token: str) -> tuple[int, str] | None:
    """The id of the person, and the code of the event; None for a token that isn't ours."""
    try:
        content: Any = SIGNER.unsign_object(token)
    except signing.BadSignature:
        return None
    user_id, event_code = content
    return user_id, event_code
