"""A sandbox for the sandbox's own tests, and somebody who calls it."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from hubportal.sandbox.server import RunningSandbox
from tests.sandbox.caller import Insider


@pytest.fixture(scope="session")
def own_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    running = RunningSandbox.start(tmp_path_factory.mktemp("own-sandbox"), pace=0.02)
    yield running
    running.stop()


@pytest.fixture
def caller(own_sandbox: RunningSandbox) -> Insider:
    """A caller with a key and 1,000 credits of his own."""
    return Insider(own_sandbox.url, own_sandbox.hub.new_key(credits=1000), own_sandbox.hub)


@pytest.fixture
def png() -> bytes:
    """A small red PNG."""
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()
