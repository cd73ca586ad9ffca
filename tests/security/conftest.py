"""One site for all that is tried against a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.site import Site, Visitor


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a team in it, studio-north, owned by EMAIL."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.prepare()
    return site.data


@pytest.fixture(scope="session")
def site(prepared: Path) -> Iterator[Site]:
    with Site(prepared).running() as site:
        yield site


@pytest.fixture(scope="session")
def anna(site: Site) -> Visitor:
    """The owner, signed in once: signing in is rate limited."""
    return Visitor(site).sign_in()
