"""Posting a few bytes to a URL that we don't trust, such as the one a browser's push service gave it (RFC 8030, 5)."""

import time
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPException

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import HTTPError

from hubportal.hub.public_hosts import Limits, RequestFailed, connect, parse_target


def post_bytes(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    private_hosts: frozenset[str] = frozenset(),
    connect_timeout: float = 5.0,
    deadline: float = 15.0,
    ca_bundle: str | None = None,
) -> int:
    """Post `body`, and return the status of the answer, of which nothing else is read. A redirect is not followed.

    Raises RequestFailed: permanent where the address is refused; "unreachable" or "tls" where nothing was sent;
    "timeout" or "interrupted" where nobody knows. Arguments are as in `fetch_image`.
    """
    limits = Limits(private_hosts, time.monotonic() + deadline, connect_timeout, ca_bundle or DEFAULT_CA_BUNDLE_PATH)
    target = parse_target(url, "")
    with closing(connect(target, limits)) as connection:
        fixed = {"Host": target.netloc or "", "User-Agent": "Hubportal", "Connection": "close"}
        try:
            connection.request(
                "POST", target.request_uri, body=body, headers={**headers, **fixed}, preload_content=False
            )
            connection.timeout = limits.seconds_left()
            with closing(connection.getresponse()) as response:
                return int(response.status)
        except (OSError, HTTPException, HTTPError) as error:
            raise RequestFailed("timeout" if isinstance(error, TimeoutError) else "interrupted") from error
