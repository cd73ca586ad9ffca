"""Debian's Chromium for the pages that need a browser."""

from typing import Any

import pytest


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    quiet = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
    return browser_type_launch_args | {
        "executable_path": "/usr/bin/chromium",
        "args": [*quiet.split(), "--no-first-run"],
    }
