"""Running a crash test as a process, and reading what it said."""

import re
import subprocess
from pathlib import Path

from tests.commands.launched import dying_with_us

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 240  # seconds


def run(command: list[str]) -> tuple[int, str]:
    """Exit status and output. When it takes too long it is asked to end, so that it can end its own processes."""
    with subprocess.Popen(
        dying_with_us(*command), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        try:
            said, _ = running.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            running.terminate()
            said, _ = running.communicate()
    return running.returncode, said


def counts(said: str, what: str) -> dict[str, int]:
    """`ends: 6 kill -9, 1 SIGTERM` as a mapping."""
    line = re.search(rf"^{what}: +(.+)$", said, re.MULTILINE)
    assert line, said
    return {how: int(count) for count, how in (part.split(" ", 1) for part in line[1].split(", "))}
