"""What every page may know of a person's notifications."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hubportal.accounts.models import User
from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.notifications.models import Notification

# More are not told apart, and not read.
MAX_UNREAD = 99

_FIND_UNREAD = CompiledQuery(
    lambda: (
        Notification.objects.in_bar_of(Parameter("user", User, "pk"))
        .filter(read_at=None)
        .order_by()
        .values_list("pk")[: MAX_UNREAD + 1]
    )
)


def unread_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `unread`, how many notifications the person has not opened; MAX_UNREAD + 1 for more."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"unread": SimpleLazyObject(lambda: len(_FIND_UNREAD.rows(user=user.pk)))}
