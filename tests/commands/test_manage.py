"""bin/manage: manage.py, with the data folder and defaults of bin/run."""

import subprocess
from pathlib import Path

from tests.commands.launched import RunningSite, environment

PRINT_SETTINGS = """
from django.conf import settings as s
print(s.DATA_DIR, s.SITE_URL, s.HUB_BASE_URL, s.HUB_SANDBOX, sep="\\n")
"""


def manage(checkout: Path, *arguments: str, cwd: str = "/", **settings: str) -> "subprocess.CompletedProcess[str]":
    command = [str(checkout / "bin" / "manage"), *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment(**settings), capture_output=True, text=True, timeout=30, check=False
    )


def shell(checkout: Path, code: str, **settings: str) -> str:
    done = manage(checkout, "shell", "--no-imports", "-c", code, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_its_output_is_that_of_manage_py_alone(checkout: Path, data: str) -> None:
    assert shell(checkout, "print('just this')", HUBPORTAL_DATA=data) == "just this"


def test_it_has_the_defaults_of_a_site_not_yet_started(checkout: Path, data: str) -> None:
    settings = shell(checkout, PRINT_SETTINGS, HUBPORTAL_DATA=data, PORT="8500")

    assert settings.splitlines() == [data, "http://127.0.0.1:8500", "http://127.0.0.1:8501", "True"]


def test_it_talks_to_the_hub_of_the_running_site(checkout: Path, migrated_data: str) -> None:
    with RunningSite(checkout, HUBPORTAL_DATA=migrated_data) as site:
        hub = site.hear("It talks to").split(" at ")[1].split(": ")[0]

        assert shell(checkout, PRINT_SETTINGS, HUBPORTAL_DATA=migrated_data).splitlines()[2] == hub


def test_secrets_are_made_once_and_are_for_their_owner_alone(checkout: Path, data: str) -> None:
    code = "from django.conf import settings as s; print(s.SECRET_KEY, s.KEYRING)"

    first, second = (shell(checkout, code, HUBPORTAL_DATA=data) for _ in range(2))

    assert first == second
    assert len(first.split()[0]) >= 50
    assert first.split()[1].startswith("k1:")
    for name in ("secret_key", "keyring", "demo-password"):
        assert (Path(data) / name).stat().st_mode & 0o777 == 0o600


def test_a_hub_named_in_env_is_taken_instead_of_the_sandbox(checkout: Path, data: str) -> None:
    (checkout / ".env").write_text("HUB_BASE_URL=https://hub.example.org\n")
    try:
        settings = shell(checkout, PRINT_SETTINGS, HUBPORTAL_DATA=data)
    finally:
        (checkout / ".env").unlink()

    assert settings.splitlines()[2:] == ["https://hub.example.org", "False"]
    assert not (Path(data) / "sandbox").exists()


def test_file_names_and_the_data_folder_are_meant_from_where_the_person_is(checkout: Path, tmp_path: Path) -> None:
    code = tmp_path / "print.py"
    code.write_text("print('beside me')\n")

    done = manage(checkout, "shell", "--no-imports", "-c", "exec(open('print.py').read())", cwd=str(tmp_path),
                  HUBPORTAL_DATA="here")  # fmt: skip

    assert done.stdout.strip() == "beside me", done.stderr
    assert (tmp_path / "here" / "keyring").is_file()


def test_a_data_folder_that_can_not_be_written_is_told_in_one_sentence(checkout: Path) -> None:
    done = manage(checkout, "check", HUBPORTAL_DATA="/proc/hubportal")

    assert done.returncode == 1
    assert done.stderr.startswith("The data folder /proc/hubportal can't be written (")
    assert done.stderr.count("\n") == 1
