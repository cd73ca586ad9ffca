"""bin/test and .ci/run: what fails ends the run, under its heading."""

import subprocess
from pathlib import Path
from shlex import quote

import pytest

from tests.commands.launched import clone, environment


@pytest.mark.parametrize("script", ["bin/test", "bin/test --quick", ".ci/run"])
def test_the_first_check_that_fails_ends_the_run(tmp_path: Path, script: str) -> None:
    copy = clone(tmp_path / "a clone")
    (copy / "hubportal" / "untidy.py").write_text("import os\n")

    done = subprocess.run(
        f"{quote(str(copy))}/{script}", shell=True, cwd="/", env=environment(CI="true"), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    headings = [line for line in done.stdout.splitlines() if line.startswith("== ")]
    assert done.returncode == 1
    assert headings[-1] == "== Style"
    assert "untidy.py" in done.stdout
    assert done.stderr.splitlines()[-1] == "-- Style: failed"
