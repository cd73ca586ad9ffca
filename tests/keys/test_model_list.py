"""The hub's model list: read once a request, and never an old one."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from hubportal.keys.model_list import hub_of, models_on_offer, read_models
from hubportal.keys.models import CachedModelList
from hubportal.sandbox.server import RunningSandbox
from hubportal.teams.models import Team

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["", "generations/", "usage/", "keys/"])
def test_a_page_reads_the_model_list_once_at_the_most(
    browser_of: Callable[[str], Client], team: Team, settings: object, path: str
) -> None:
    CachedModelList.objects.create(hub_url=settings.HUB_BASE_URL, sandbox=True)  # type: ignore[attr-defined]
    browser = browser_of("owner")
    browser.get(f"/t/{team.slug}/members/")

    with CaptureQueriesContext(connection) as queries:
        response = browser.get(f"/t/{team.slug}/{path}")

    assert response.status_code == 200
    assert "sandbox" in response.text
    assert len([one for one in queries if "keys_cachedmodellist" in one["sql"]]) == 1


def test_all_who_ask_during_a_request_share_one_read_and_the_next_request_reads_anew(settings: object) -> None:
    request, later = RequestFactory().get("/"), RequestFactory().get("/")
    with CaptureQueriesContext(connection) as queries:
        seen = (hub_of(request).sandbox, hub_of(request).models)
        assert hub_of(request) is hub_of(request)
    CachedModelList.objects.create(hub_url=settings.HUB_BASE_URL, sandbox=True)  # type: ignore[attr-defined]

    assert len(queries) == 1
    assert (hub_of(request).sandbox, hub_of(request).models) == seen
    assert (seen[0], hub_of(later).sandbox) == (False, True)


def test_a_list_of_another_hub_is_not_shown(sandbox: RunningSandbox, settings: object) -> None:
    CachedModelList.objects.create(hub_url="http://other.example", models_read=[{"id": "strange"}])
    assert "strange" not in {model.id for model in models_on_offer()}

    read_models()

    assert CachedModelList.objects.get().hub_url == sandbox.url
    assert models_on_offer()


def test_there_is_one_row_for_the_model_list() -> None:
    CachedModelList.objects.create(hub_url="http://hub.example")

    with pytest.raises(IntegrityError), transaction.atomic():
        CachedModelList.objects.create(pk=2, hub_url="http://other.example")
