"""Which browser the tests take."""

from pathlib import Path

import pytest

from tests.browser import find_browser, launch_options


def program(folder: Path, name: str, text: str = "#!/bin/sh\n") -> Path:
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that programs are looked for in."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_debians_chromium_goes_before_the_others(path: Path) -> None:
    program(path, "google-chrome")
    chromium = program(path, "chromium")

    assert find_browser() == str(chromium)
    assert launch_options()["executable_path"] == str(chromium)


def test_a_script_that_calls_a_snap_is_passed_over(path: Path) -> None:
    program(path, "chromium", '#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    chrome = program(path, "google-chrome")

    assert find_browser() == str(chrome)


def test_a_link_to_snap_itself_is_passed_over(path: Path) -> None:
    (path / "chromium").symlink_to(program(path, "snap"))

    assert find_browser() is None
    with pytest.raises(FileNotFoundError, match="No browser is installed"):
        launch_options()
