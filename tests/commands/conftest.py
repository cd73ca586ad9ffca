"""A copy of the checkout to run the commands in."""

from pathlib import Path

import pytest

from tests.commands.launched import clone


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In a folder with a space in its name. Tests share it; each brings a data folder of its own."""
    return clone(tmp_path_factory.mktemp("commands") / "a folder with spaces" / "hubportal")


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(tmp_path / "the data")
