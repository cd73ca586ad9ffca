"""docs/operations.md and .env.example name every setting, command and recurring task there is, and no other."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def read_by_the_settings() -> set[str]:
    """The names in `env.kind("NAME")` and `required("NAME")`."""
    tree = ast.parse((ROOT / "hubportal" / "settings.py").read_text(encoding="utf-8"))
    return {str(name) for call in ast.walk(tree) if isinstance(call, ast.Call) for name in _asked_for(call)}


def _asked_for(call: ast.Call) -> Iterator[object]:
    asked = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    if isinstance(asked, ast.Name) and asked.id in {"env", "required"} and isinstance(call.args[0], ast.Constant):
        yield call.args[0].value


def read_by_the_launcher() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "hubportal" / "launcher").glob("*.py")]
    return {name for text in texts for name in re.findall(r'os\.environ\.get\("(\w+)"\)', text)}


def table_under(title: str) -> set[str]:
    """The names in the first column of the first table under this title."""
    section = re.split(r"^#+ ", PAGE.partition(f"# {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    firsts = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for first in firsts for name in re.findall(r"`(\w+)[^`]*`", first)}


def test_the_page_names_every_setting_and_no_other() -> None:
    read = read_by_the_settings() | read_by_the_launcher()

    assert {"SECRET_KEY", "DATABASE_URL", "EMAIL_URL", "PORT"} <= read
    assert table_under("Settings") == read


def test_the_example_has_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    named = {name.removesuffix("_FILE") for name in re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)}

    assert named == table_under("Settings")


def test_the_page_names_every_command_and_no_other() -> None:
    ours = {path.stem for path in (ROOT / "hubportal").glob("*/management/commands/*.py")} - {"__init__"}

    named = table_under("Commands")

    assert ours <= named
    assert named <= get_commands().keys()


@pytest.mark.process
def test_the_page_names_every_recurring_task_and_no_other() -> None:
    assert table_under("What the worker does by the clock") == recurring()


def recurring() -> set[str]:
    """As the site's own settings say: the tests run without the worker's clock."""
    asked = "import json; from hubportal import settings as s; print(json.dumps([s.TASKS, list(s.TASKS_WHILE_NEEDED)]))"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    engine, needed = json.loads(done.stdout)
    return {*engine["default"]["OPTIONS"]["recurring"], *needed}
