"""Static files collected once, as bin/run collects them."""

from pathlib import Path

import pytest

from hubportal.static_files.collect import collect_if_changed


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("collected") / "static"
    assert collect_if_changed(folder)
    return folder
