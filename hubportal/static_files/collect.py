"""Collecting static files when a site starts, if anything changed since the last time."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.management.commands.collectstatic import Command
from django.core.management import call_command

from hubportal.static_files.storage import JoinedStaticFilesStorage

# In the folder of collected files, written last: what they were collected from.
SOURCES: Final = "sources.sha256"


def collect_if_changed(folder: Path) -> bool:
    """Collect into the folder, which is replaced as a whole; False where it has what would be collected.

    Takes some milliseconds where nothing changed, for the files are compared by name, size and time.
    """
    sources = _fingerprint()
    with suppress(FileNotFoundError):
        if (folder / SOURCES).read_text() == sources:
            return False
    draft, former = folder.with_name(f"{folder.name}.new"), folder.with_name(f"{folder.name}.old")
    for left in (draft, former):
        shutil.rmtree(left, ignore_errors=True)
    _collect(draft)
    (draft / SOURCES).write_text(sources)
    with suppress(FileNotFoundError):
        folder.rename(former)
    draft.rename(folder)
    shutil.rmtree(former, ignore_errors=True)
    return True


def _collect(folder: Path) -> None:
    command = Command()
    command.storage = JoinedStaticFilesStorage(location=str(folder), base_url=settings.STATIC_URL)
    call_command(command, interactive=False, verbosity=0)


def _fingerprint() -> str:
    return hashlib.sha256("\n".join(_descriptions()).encode()).hexdigest()


def _descriptions() -> Iterator[str]:
    """One line for each file that is collected, and for each that says how."""
    paths = [Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([])]
    for path in sorted({*paths, *Path(__file__).parent.glob("*.py")}):
        found = path.stat()
        yield f"{path} {found.st_size} {found.st_mtime_ns}"
