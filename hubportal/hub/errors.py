"""The errors of talking to the hub. Each says by itself whether the request may be repeated:

| error          | may_resend_post | outcome_unknown | may_retry_get   |
| -------------- | --------------- | --------------- | --------------- |
| HubUnreachable | yes             |                 | yes             |
| HubBusy        | yes, later      |                 | yes, later      |
| HubRefused     |                 |                 | from status 500 |
| HubInterrupted |                 | yes             | yes             |
| HubGarbled     |                 | yes             | yes             |

A POST whose outcome is unknown may have been charged, and nothing can look it up (hub-api.md, Open): it is
never sent again without a person's word.
"""

from typing import ClassVar


class HubError(Exception):
    """The hub gave no usable answer.

    code         the hub's own code ("insufficientCredits"), or ours ("unreachable", "timeout", "garbled", ...)
    message      the hub's own sentence, or "". What the site tells people is written elsewhere
    status       the HTTP status, if there was an answer
    retry_after  seconds the hub asked us to wait, if it did
    detail       a few technical words for logs and support, or ""; never a secret
    """

    may_resend_post: ClassVar[bool] = False
    outcome_unknown: ClassVar[bool] = False
    default_code: ClassVar[str] = "hubError"

    def __init__(
        self,
        code: str = "",
        message: str = "",
        *,
        status: int | None = None,
        retry_after: float | None = None,
        detail: str = "",
    ) -> None:
        self.code = code or self.default_code
        self.message = message
        self.status = status
        self.retry_after = retry_after
        self.detail = detail
        super().__init__(self.code, message)

    def __str__(self) -> str:
        status = f"HTTP {self.status}" if self.status else ""
        return ": ".join(part for part in (self.code, status, self.message, self.detail) if part)

    @property
    def may_retry_get(self) -> bool:
        """Whether the same GET may be sent again later."""
        return True


class HubUnreachable(HubError):
    """No connection was made, so not a byte of the request left. Codes: "unreachable", "timeout", "tls"."""

    may_resend_post = True
    default_code = "unreachable"


class HubBusy(HubError):
    """429: turned away before anything was accepted or charged (hub-api.md, Limits)."""

    may_resend_post = True
    default_code = "busy"


class HubRefused(HubError):
    """The hub's own error envelope: a clear refusal (hub-api.md, Errors)."""

    default_code = "refused"

    @property
    def may_retry_get(self) -> bool:
        """A 5xx may be temporary; a refusal of our request is not."""
        return self.status is not None and self.status >= 500


class KeyRejected(HubRefused):
    """401: no key, no such key, revoked or expired; or a key that could not even be put into a request."""


class OutOfCredits(HubRefused):
    """402: the account has too few credits."""


class NotFound(HubRefused):
    """404 in the hub's own words. Right after a 202 it may be replication lag: the caller gives it time."""


class ReferenceUnreadable(HubRefused):
    """A reference file of ours could not be opened, found before anything was sent. Nothing was charged."""

    default_code = "referenceUnreadable"


class HubInterrupted(HubError):
    """The connection broke or time ran out after sending had begun. Codes: "interrupted", "timeout"."""

    outcome_unknown = True
    default_code = "interrupted"


class HubGarbled(HubError):
    """Not the hub's answer, or not all of it: a proxy's page, a redirect, a body cut short, a 2xx without a record."""

    outcome_unknown = True
    default_code = "garbled"
