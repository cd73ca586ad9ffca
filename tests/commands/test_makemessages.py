"""What CONTRIBUTING.md says of translations: one command writes down every text there is."""

import re
import subprocess
import sys
from pathlib import Path

from tests.commands.launched import clone, environment

SETTINGS = {
    "SITE_URL": "http://localhost:8000",
    "SECRET_KEY": "for-tests-only-" + "x" * 40,
    "KEYRING": "t1:" + "A" * 43 + "=",
}


def test_every_text_is_written_into_a_catalogue_that_compiles(tmp_path: Path) -> None:
    copy = clone(tmp_path / "a clone")
    command = re.search(r"/bin/manage (makemessages .*)", (copy / "CONTRIBUTING.md").read_text())
    assert command

    made = subprocess.run(
        [sys.executable, "manage.py", *command[1].split()], cwd=copy, text=True, capture_output=True, timeout=120,
        env=environment(HUBPORTAL_DATA=str(tmp_path / "data"), **SETTINGS), check=False,
    )  # fmt: skip
    [catalogue] = (copy / "locale").rglob("*.po")
    checked = subprocess.run(
        ["msgfmt", "--check", "-o", "/dev/null", catalogue], capture_output=True, text=True, check=False
    )

    assert (made.returncode, made.stderr) == (0, "")
    assert checked.returncode == 0, checked.stderr
    files = set(re.findall(r"^#: ([^:]+)", catalogue.read_text(), re.MULTILINE))
    assert {"templates/base.html", "hubportal/keys/wording/changes.py"} <= files
    assert not [file for file in files if not file.startswith(("templates/", "hubportal/"))]
