"""A provider of single sign-on for the tests that walk to it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.accounts.provider import Provider, running, settings_for


@pytest.fixture(scope="module")
def _provider() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(_provider: Provider, settings: Any) -> Iterator[Provider]:
    settings.SOCIALACCOUNT_PROVIDERS = settings_for(_provider)
    _provider.seen.clear()
    yield _provider
    _provider.twist = lambda _path, said: said
