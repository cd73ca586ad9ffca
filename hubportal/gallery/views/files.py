"""The stored files, for who may see them."""

import uuid
from typing import cast

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from hubportal.accounts.models import User
from hubportal.gallery.media import find_stored_file


@require_safe
def media(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponseBase:
    """One stored file, for who may see it; 404 for everybody and everything else."""
    stored = find_stored_file(cast(User, request.user), pk, kind)
    response = stored.response_to(request) if stored else None
    if response is None:
        raise Http404
    return response
