"""A copy of the checkout to run the commands in."""

from pathlib import Path

import pytest

from tests.commands.launched import clone
from tests.migrated import start_migrated


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In a folder with a space in its name. Tests share it; each brings a data folder of its own."""
    return clone(tmp_path_factory.mktemp("commands") / "a folder with spaces" / "hubportal")


@pytest.fixture
def data(tmp_path: Path) -> str:
    """A data folder that is still to be made."""
    return str(tmp_path / "the data")


@pytest.fixture
def migrated_data(data: str) -> str:
    """One whose database is migrated already, where there is such a file: most of what a first start takes."""
    Path(data).mkdir(mode=0o700)
    start_migrated(Path(data))
    return data
