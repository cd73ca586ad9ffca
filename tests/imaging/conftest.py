"""Debian's Chromium, which the examination is compared with."""

from tests.gallery.conftest import browser_type_launch_args

__all__ = ["browser_type_launch_args"]
