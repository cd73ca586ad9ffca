"""The browser of the tests, its path in one place. `python -m tests.browser` prints it, or fails if there is none."""

import shutil
import sys
from pathlib import Path

# Debian's, then whatever of its family a developer may have.
NAMES = ("chromium", "google-chrome-stable", "google-chrome", "chromium-browser", "microsoft-edge", "brave-browser")
# Nothing that fetches by itself, and no sandbox of its own, which root can't have.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip
# Milliseconds that a page may take for what a test expects of it: only a failure, and a busy machine, waits so long.
EXPECT_TIMEOUT = 20_000


def find_browser() -> str | None:
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path and not _is_snap(Path(path))), None)


def launch_options() -> dict[str, object]:
    """What Playwright needs to start it."""
    path = find_browser()
    if not path:
        raise FileNotFoundError(f"No browser is installed (any of {', '.join(NAMES)}, but no snap).")
    return {"executable_path": path, "args": ARGUMENTS}


def _is_snap(path: Path) -> bool:
    """Ubuntu's chromium is a script that calls one: confined, it can't read what tests put into temporary folders."""
    real = path.resolve()
    return real.name == "snap" or (real.stat().st_size < 100_000 and b"/snap/" in real.read_bytes())


if __name__ == "__main__":
    sys.stdout.write(f"{find_browser() or ''}\n")
    sys.exit(not find_browser())
