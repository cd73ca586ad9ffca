"""HubClient: the four endpoints of the hub's API (hub-api.md, Endpoints).

A look (GET) shares kept-alive connections and is asked once more when one of them breaks. A submission (POST)
spends money: it gets a connection of its own, is never repeated here, and its error says whether others may.
"""

import contextlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
import requests.auth
from urllib3.exceptions import HTTPError, ReadTimeoutError

from hubportal.hub.errors import (
    HubError,
    HubGarbled,
    HubInterrupted,
    HubUnreachable,
    KeyRejected,
    ReferenceUnreadable,
)
from hubportal.hub.image_models import ImageModel
from hubportal.hub.multipart import MultipartBody, PartBroken, ReferencePart
from hubportal.hub.records import (
    Balance,
    GenerationRecord,
    is_safe_id,
    parse_balance,
    parse_generation,
    parse_models,
)
from hubportal.hub.responses import Answer, read_payload
from hubportal.hub.transport import HubAdapter, describe, innermost, shared_adapter

__all__ = ["HubClient", "ModelList", "ReferencePart", "Submission"]

USER_AGENT: Final = "Hubportal"
LARGEST_ANSWER: Final = 8 * 1024 * 1024
_GENERATIONS: Final = "/api/v1/generations/"


@dataclass(frozen=True, slots=True)
class Submission:
    """What is asked of the hub (hub-api.md, Submitting).

    size     "auto" or "1536x1024", in pixels
    quality  the effort: auto, low, medium, high
    n        pictures, 1 to 4
    wait     True: the answer is the finished record, up to 800 s later; False: an id at once
    """

    model: str
    prompt: str
    size: str = "auto"
    quality: str = "auto"
    n: int = 1
    wait: bool = False


@dataclass(frozen=True, slots=True)
class ModelList:
    """The models on offer, and whether the sandbox hub answered (its header `X-Hub-Sandbox: 1`)."""

    models: tuple[ImageModel, ...]
    sandbox: bool


class HubClient:
    """The hub at `base_url`, spoken to with one key. Safe among threads. All timeouts are in seconds.

    connect_timeout  to make a connection, for each address of the hub's name
    look_timeout     for the whole answer to a look
    submit_timeout   for the whole answer to a submission, once it is sent; longer, as giving up costs certainty
    wait_timeout     the same for a waiting submission, longer than the hub's own limit of 800 s
    ca_bundle        a file of certificate authorities to trust instead of certifi's

    Sending has limits of its own (transport.py). Methods raise HubError and nothing else for whatever the hub
    or the way to it does. Raises ValueError for a `base_url` that is not a plain http(s) address.
    """

    def __init__(
        self,
        base_url: str,
        key: str = "",
        *,
        connect_timeout: float = 10.0,
        look_timeout: float = 30.0,
        submit_timeout: float = 120.0,
        wait_timeout: float = 900.0,
        ca_bundle: str | None = None,
    ) -> None:
        self.base_url = _plain(base_url)
        self._bearer = _Bearer(key)
        self._connect_timeout = connect_timeout
        self._look_timeout = look_timeout
        self._submit_timeout = submit_timeout
        self._wait_timeout = wait_timeout
        self._trust = ca_bundle or True

    def __repr__(self) -> str:
        return f"HubClient({self.base_url!r})"

    def models(self) -> ModelList:
        """The live model list. Needs no key, and is sent none."""
        answer = self._look("/api/v1/models", with_key=False)
        return ModelList(_parsed(parse_models, answer), answer.headers.get("X-Hub-Sandbox") == "1")

    def credits(self) -> Balance:
        """The balance of the key's owner. Raises KeyRejected for a key that is not one."""
        return _parsed(parse_balance, self._look("/api/v1/credits"))

    def generation(self, hub_id: str) -> GenerationRecord:
        """The record of a generation, asked by id at our own address (hub-api.md, Open: `poll_url`).

        Raises NotFound for what is not there, not yet there, or another user's; ValueError for an id that no
        record of ours can have given.
        """
        if not is_safe_id(hub_id):
            raise ValueError("not a hub id")
        answer = self._look(_GENERATIONS + hub_id)
        record = self._record(answer)
        if record.id != hub_id:
            raise HubGarbled(status=answer.status, detail="the record of another generation")
        return record

    def submit(self, submission: Submission, references: Sequence[ReferencePart] = ()) -> GenerationRecord:
        """Ask for pictures: this is what spends credits. References are streamed from where they lie.

        Send again by yourself only after an error with `may_resend_post`; after one with `outcome_unknown`
        never. Raises ReferenceUnreadable, before anything is sent, when a reference can't be opened.
        """
        _check(references)
        fields = _fields(submission)
        body: bytes | MultipartBody = json.dumps(fields).encode()
        content_type = "application/json"
        if references:
            body = MultipartBody(_as_text(fields), [("reference_image", part) for part in references])
            content_type = body.content_type
        request = self._request("POST", "/api/v1/images/generations", data=body)
        request.headers |= {"Content-Type": content_type, "Connection": "close"}
        # An adapter of its own is an empty pool: never a kept connection that the hub may just have dropped.
        with contextlib.closing(HubAdapter()) as adapter:
            patience = self._wait_timeout if submission.wait else self._submit_timeout
            return self._record(self._exchange(request, adapter, patience))

    def _record(self, answer: Answer) -> GenerationRecord:
        return _parsed(lambda payload: parse_generation(payload, self.base_url + "/"), answer)

    def _look(self, path: str, *, with_key: bool = True) -> Answer:
        request = self._request("GET", path, with_key=with_key)
        try:
            return self._exchange(request, shared_adapter(), self._look_timeout)
        except HubInterrupted as error:
            if error.code == "timeout":
                raise
        # Most likely a kept connection that the hub was just closing: the next one is new.
        return self._exchange(request, shared_adapter(), self._look_timeout)

    def _request(self, method: str, path: str, *, data: Any = None, with_key: bool = True) -> requests.Request:
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        auth = self._bearer if with_key else None
        return requests.Request(method, self.base_url + path, headers=headers, data=data, auth=auth)

    def _exchange(self, request: requests.Request, adapter: HubAdapter, patience: float) -> Answer:
        problem: HubError
        timeout = (self._connect_timeout, patience)
        try:
            sent = adapter.send(_prepared(request), stream=True, timeout=timeout, verify=self._trust)
        except HubError as error:
            problem = error.with_traceback(None)
        except (requests.RequestException, HTTPError, PartBroken) as error:
            problem = _interrupted(error)
        else:
            with contextlib.closing(sent):
                return self._bearer.blotted(_whole(sent))
        # Raised out here, so that it drags along no frame whose variables, were they printed, hold the key.
        raise problem


class _Bearer(requests.auth.AuthBase):
    """The key, and all that is done with it; its repr says nothing."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if not re.fullmatch(r"[!-~]*", self._key):
            # It fits into no header, so the hub never gave it out; and requests would quote it in its error.
            raise KeyRejected("invalidApiKey", detail="the key has characters that no key has")
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request

    def blotted(self, answer: Answer) -> Answer:
        """The answer with the key made unreadable, should the hub have quoted it in a message."""
        if len(self._key) < 8:
            return answer
        return Answer(answer.status, answer.headers, answer.body.replace(self._key.encode(), b"***"))


def _plain(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("the hub's address must begin with http:// or https://")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("the hub's address must be plain: no user, password, query or fragment")
    return base_url.rstrip("/")


def _fields(submission: Submission) -> Mapping[str, Any]:
    fields = {
        "model": submission.model,
        "prompt": submission.prompt,
        "size": submission.size,
        "quality": submission.quality,
        "n": submission.n,
    }
    return fields if submission.wait else {**fields, "async": True}


def _as_text(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, "true" if value is True else str(value)) for name, value in fields.items()]


def _check(references: Sequence[ReferencePart]) -> None:
    for part in references:
        try:
            part.open().close()
        except Exception as error:
            raise ReferenceUnreadable(detail=type(error).__name__) from error


def _prepared(request: requests.Request) -> requests.PreparedRequest:
    try:
        return request.prepare()
    except ValueError as error:
        raise HubUnreachable(detail=describe(error)) from error


def _interrupted(error: Exception) -> HubInterrupted:
    timed_out = isinstance(innermost(error), TimeoutError | ReadTimeoutError)
    return HubInterrupted("timeout" if timed_out else "", detail=describe(error))


def _whole(response: requests.Response) -> Answer:
    """The answer with its body. HubGarbled if that is cut short, undecodable or endless; HubInterrupted if late."""
    status = response.status_code
    problem: HubError
    try:
        body = response.raw.read(LARGEST_ANSWER + 1, decode_content=True)
        if len(body) <= LARGEST_ANSWER:
            return Answer(status, response.headers, body)
        problem = HubGarbled(status=status, detail="more than any answer of the hub's")
    except ReadTimeoutError as error:
        problem = HubInterrupted("timeout", status=status, detail=describe(error))
    except HTTPError as error:
        problem = HubGarbled(status=status, detail=describe(error))
    raise problem


def _parsed[T](parse: Callable[[Any], T], answer: Answer) -> T:
    payload = read_payload(answer)
    try:
        return parse(payload)
    except HubGarbled as error:
        error.status = answer.status
        raise
