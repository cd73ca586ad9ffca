"""HubClient: the four endpoints of the hub's API (hub-api.md, Endpoints).

A GET uses shared kept-alive connections and is sent once more when one of them breaks. The POST of a submission
spends money: it gets a connection of its own, is never repeated here, and its error says whether it may be.
"""

import contextlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
from hubportal.hub.image_models import ImageModel, parse_models
from hubportal.hub.multipart import MultipartBody, ReferencePart, ReferenceReadError
from hubportal.hub.records import (
    Balance,
    GenerationRecord,
    is_safe_id,
    parse_balance,
    parse_generation,
)
from hubportal.hub.responses import HubResponse, read_payload
from hubportal.hub.transport import HubAdapter, describe, root_cause, shared_adapter

__all__ = ["GenerationParameters", "HubClient", "ModelList", "ReferencePart"]

USER_AGENT: Final = "Hubportal"
MAX_RESPONSE_SIZE: Final = 8 * 1024 * 1024  # bytes
_GENERATIONS_PATH: Final = "/api/v1/generations/"


@dataclass(frozen=True, slots=True)
class GenerationParameters:
    """What is asked for, from the form to the hub (hub-api.md, Submitting).

    size    "auto" or "1536x1024", in pixels
    effort  the API's `quality` in a request, a word of the model's list (auto, low, medium, high are documented).
            What answers call so is a resolution tier
    n       pictures, 1 to 4
    options further parameters that the model's entry declares, by name (image_models.OPTION_NAMES)
    """

    model: str
    prompt: str
    size: str = "auto"
    effort: str = "auto"
    n: int = 1
    # Not in the repr, by which an order is known again (generations/submission.py).
    options: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ModelList:
    """The hub's models, and whether the sandbox hub answered (its header `X-Hub-Sandbox: 1`)."""

    models: tuple[ImageModel, ...]
    sandbox: bool


class HubClient:
    """The hub at `base_url`, asked with one key. Thread-safe. All timeouts are in seconds.

    connect_timeout  to make a connection, for each address of the hub's name
    get_timeout      for the whole response to a GET
    submit_timeout   for the whole response to a submission, once it is sent; longer, because after giving up
                     nobody knows the outcome
    wait_timeout     the same for a waiting submission, longer than the hub's own limit of 800 s
    ca_bundle        a file of certificate authorities to trust instead of certifi's

    Sending has limits of its own (transport.py). Whatever the hub or the network does, methods raise HubError and
    nothing else. Raises ValueError for a `base_url` that is not a plain http(s) URL.
    """

    def __init__(
        self,
        base_url: str,
        key: str = "",
        *,
        connect_timeout: float = 10.0,
        get_timeout: float = 30.0,
        submit_timeout: float = 120.0,
        wait_timeout: float = 900.0,
        ca_bundle: str | None = None,
    ) -> None:
        self.base_url = _check_base_url(base_url)
        self._auth = _BearerAuth(key)
        self._connect_timeout = connect_timeout
        self._get_timeout = get_timeout
        self._submit_timeout = submit_timeout
        self._wait_timeout = wait_timeout
        self._verify = ca_bundle or True

    def __repr__(self) -> str:
        return f"HubClient({self.base_url!r})"

    def models(self) -> ModelList:
        """The live model list. Needs no key, and is sent none."""
        response = self._get("/api/v1/models", with_key=False)
        return ModelList(_parse(parse_models, response), response.headers.get("X-Hub-Sandbox") == "1")

    def credits(self) -> Balance:
        """The balance of the key's owner. Raises KeyRejected for a missing, unknown, revoked or expired key."""
        return _parse(parse_balance, self._get("/api/v1/credits"))

    def generation(self, hub_id: str) -> GenerationRecord:
        """The record of a generation, asked by id at `base_url`, never at its `poll_url` (hub-api.md, Open).

        Raises NotFound for a generation that is not there, not there yet, or another user's; ValueError for an id
        that is no safe path segment.
        """
        if not is_safe_id(hub_id):
            raise ValueError("not a hub id")
        response = self._get(_GENERATIONS_PATH + hub_id)
        record = self._record(response)
        if record.id != hub_id:
            raise HubGarbled(status=response.status, detail="the record of another generation")
        return record

    def submit(
        self, parameters: GenerationParameters, references: Sequence[ReferencePart] = (), *, wait: bool = False
    ) -> GenerationRecord:
        """Ask for pictures: this is what spends credits. References are streamed from where they lie.

        `wait`: the answer is the finished record, up to 800 s later; otherwise an id at once.

        Send again by yourself only after an error with `may_resend_post`; after one with `outcome_unknown`
        never. Raises ReferenceUnreadable, before anything is sent, when a reference can't be opened.
        """
        _check(references)
        fields = _fields(parameters, wait=wait)
        body: bytes | MultipartBody = json.dumps(fields).encode()
        content_type = "application/json"
        if references:
            texts = [(name, "true" if value is True else str(value)) for name, value in fields.items()]
            body = MultipartBody(texts, [("reference_image", part) for part in references])
            content_type = body.content_type
        request = self._request("POST", "/api/v1/images/generations", data=body)
        request.headers |= {"Content-Type": content_type, "Connection": "close"}
        # An adapter of its own is an empty pool: never a kept-alive connection that the hub may just have dropped.
        with contextlib.closing(HubAdapter()) as adapter:
            patience = self._wait_timeout if wait else self._submit_timeout
            return self._record(self._exchange(request, adapter, patience))

    def _record(self, response: HubResponse) -> GenerationRecord:
        return _parse(lambda payload: parse_generation(payload, self.base_url + "/"), response)

    def _get(self, path: str, *, with_key: bool = True) -> HubResponse:
        request = self._request("GET", path, with_key=with_key)
        try:
            return self._exchange(request, shared_adapter(), self._get_timeout)
        except HubInterrupted as error:
            if error.code == "timeout":
                raise
        # Most likely a kept-alive connection that the hub was just closing: the next one is new.
        return self._exchange(request, shared_adapter(), self._get_timeout)

    def _request(self, method: str, path: str, *, data: Any = None, with_key: bool = True) -> requests.Request:
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        auth = self._auth if with_key else None
        return requests.Request(method, self.base_url + path, headers=headers, data=data, auth=auth)

    def _exchange(self, request: requests.Request, adapter: HubAdapter, read_timeout: float) -> HubResponse:
        failure: HubError
        timeout = (self._connect_timeout, read_timeout)
        try:
            sent = adapter.send(_prepared(request), stream=True, timeout=timeout, verify=self._verify)
        except HubError as error:
            failure = error.with_traceback(None)
        except (requests.RequestException, HTTPError, ReferenceReadError) as error:
            timed_out = isinstance(root_cause(error), TimeoutError | ReadTimeoutError)
            failure = HubInterrupted("timeout" if timed_out else "", detail=describe(error))
        else:
            with contextlib.closing(sent):
                return self._auth.redact(_read_response(sent))
        # Raised here, so that its traceback has no frame whose variables hold the key, should they be printed.
        raise failure


class _BearerAuth(requests.auth.AuthBase):
    """Adds the key to requests and removes it from responses; its repr doesn't show the key."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if not re.fullmatch(r"[!-~]*", self._key):
            # No header can carry it, so the hub never issued it; and requests would quote it in its error.
            raise KeyRejected("invalidApiKey", detail="the key has characters that no key has")
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request

    def redact(self, response: HubResponse) -> HubResponse:
        """The response with the key replaced by asterisks, in case the hub quotes it in a message."""
        if len(self._key) < 8:
            return response
        return HubResponse(response.status, response.headers, response.body.replace(self._key.encode(), b"***"))


def _check_base_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("the hub's address must begin with http:// or https://")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("the hub's address must be plain: no user, password, query or fragment")
    return base_url.rstrip("/")


def _fields(parameters: GenerationParameters, *, wait: bool) -> Mapping[str, Any]:
    fields = {
        **parameters.options,
        "model": parameters.model,
        "prompt": parameters.prompt,
        "size": parameters.size,
        "quality": parameters.effort,
        "n": parameters.n,
    }
    return fields if wait else {**fields, "async": True}


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


def _read_response(response: requests.Response) -> HubResponse:
    """Read the body. Raises HubGarbled if it is cut short, undecodable or too large; HubInterrupted if it is late."""
    status = response.status_code
    failure: HubError
    try:
        body = response.raw.read(MAX_RESPONSE_SIZE + 1, decode_content=True)
        if len(body) <= MAX_RESPONSE_SIZE:
            return HubResponse(status, response.headers, body)
        failure = HubGarbled(status=status, detail="a larger body than any of the hub's")
    except ReadTimeoutError as error:
        failure = HubInterrupted("timeout", status=status, detail=describe(error))
    except HTTPError as error:
        failure = HubGarbled(status=status, detail=describe(error))
    raise failure


def _parse[T](parse: Callable[[Any], T], response: HubResponse) -> T:
    payload = read_payload(response)
    try:
        return parse(payload)
    except HubGarbled as error:
        error.status = response.status
        raise
