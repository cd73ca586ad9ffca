"""A program that posts one message to a team's channel, by apprise: a process of its own, for as long as it takes.

apprise does its own HTTP, to addresses that a team's admins gave. So in here nothing connects to an address that is not
public, whatever library asks: the interpreter itself refuses it, after the name was resolved. Neither the web server
nor the worker has apprise in memory. Knows no Django.

Reads {"url", "title", "body", "private"} as JSON; `private` are addresses "ip:port" that may be reached all the same.
Ends with one of the statuses below.
"""

import json
import sys
from typing import Any

from hubportal.hub.public_hosts import is_public

SENT, FAILED, REFUSED, UNREADABLE = 0, 3, 4, 5
_CONNECTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"}


class Guard:
    """An audit hook (PEP 578), which nothing can take away again."""

    def __init__(self, private: frozenset[str]) -> None:
        self.private = private
        self.refused = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _STARTS:
            raise PermissionError("no other program is started from here")
        if event in _CONNECTS and not self._may_reach(arguments[1]):
            self.refused = True
            raise PermissionError("that address is not public")

    def _may_reach(self, address: Any) -> bool:
        if not isinstance(address, tuple) or len(address) < 2:
            return False
        host, port = str(address[0]), address[1]
        return is_public(host) or f"{host}:{port}" in self.private


def main() -> int:
    told = json.load(sys.stdin)
    guard = Guard(frozenset(told["private"]))
    sys.addaudithook(guard)
    import apprise  # only now: nothing it does escapes the guard

    asset = apprise.AppriseAsset(app_id="Hubportal", app_desc="Hubportal", image_url_mask="", image_url_logo="")
    channel = apprise.Apprise(asset=asset)
    if not channel.add(told["url"]):
        return UNREADABLE
    sent = channel.notify(title=told["title"], body=told["body"], body_format=apprise.NotifyFormat.TEXT)
    return SENT if sent else REFUSED if guard.refused else FAILED


if __name__ == "__main__":
    sys.exit(main())
