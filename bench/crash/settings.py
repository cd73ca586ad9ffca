"""The site's settings with short leases and intervals, so that what waits for one is over in seconds.

Nothing else differs: bench.crash.short_leases shortens the leases in proportion.
"""

from dataclasses import replace
from typing import Any

from hubportal.settings import *  # noqa: F403
from hubportal.settings import INSTALLED_APPS, LOGGING, TASKS, TASKS_WHILE_NEEDED

INSTALLED_APPS = [*INSTALLED_APPS, "bench.crash.short_leases.ShortLeases"]

_options: dict[str, Any] = TASKS["default"]["OPTIONS"]
_options |= {"process_heartbeat_interval": 0.5, "process_alive_threshold": 10, "shutdown_timeout": 5}
TASKS_WHILE_NEEDED = {name: replace(one, interval=min(one.interval, 2)) for name, one in TASKS_WHILE_NEEDED.items()}

# A worker that is killed hangs up on the sandbox, which is what this is about.
LOGGING["loggers"]["aiohttp.server"] = {"level": "CRITICAL"}
