"""A browser for the pages that need one."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import EXPECT_TIMEOUT, launch_options

expect.set_options(timeout=EXPECT_TIMEOUT)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | launch_options()
