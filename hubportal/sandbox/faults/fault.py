"""What a row of the table of faults consists of."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

type Record = dict[str, object]
type Respond = Callable[[], Awaitable[web.Response]]

_MAX_NUMBER = 7 * 24 * 3600.0  # seconds; so that a slip of the finger can't overflow a date


@dataclass(frozen=True, slots=True)
class RequestedImage:
    """An image that is asked for: where its bytes are, and how often it was asked for before."""

    request: web.Request
    path: Path
    earlier: int


@dataclass(frozen=True, slots=True)
class Look:
    """A generation's record is read: how many seconds after acceptance, and how often it was read before."""

    elapsed: float
    earlier: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How one generation will go.

    seconds  until the outcome, or None for never
    images   how many there will be
    failure  the reason when it will fail
    """

    seconds: float | None
    images: int
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Argument:
    """What follows the fault's word in the prompt, or else the example's argument."""

    text: str
    example: str

    @property
    def number(self) -> float:
        """Seconds, a status or a count; the example's number when this is none, negative or too large."""
        return self.numbers[0]

    @property
    def numbers(self) -> list[float]:
        """Several of them, as many as the example has."""
        words = self.text.split()
        return [_number(words[i] if i < len(words) else "", default) for i, default in enumerate(self.example.split())]


def _number(text: str, default: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    return number if 0 <= number <= _MAX_NUMBER else float(default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row of the table: how it is written, what it does in words, and the stages it changes.

    hang_up_before_body        closes the connection unread, when the name of the key's owner has the fault
    hang_up_at_reference       closes the connection when the first reference arrives
    respond_instead            responds to the submission, or raises ApiError; nothing is accepted, nothing charged
    ignore_async               treats the submission as one that waits for its images, whatever it says
    respond_to_accepted        responds to an accepted submission; is given what makes the ordinary response
    change_plan                changes how the generation will go
    change_record              changes the record that polling reads; or responds in its place, or raises ApiError
    respond_with_image         responds to a request for an image's bytes
    """

    word: str
    example: str = ""
    does: str
    hang_up_before_body: bool = False
    hang_up_at_reference: bool = False
    respond_instead: Callable[[Argument, web.Request], web.StreamResponse] | None = None
    ignore_async: bool = False
    respond_to_accepted: Callable[[Argument, web.Request, Respond], Awaitable[web.StreamResponse]] | None = None
    change_plan: Callable[[Argument, Plan], Plan] | None = None
    change_record: Callable[[Argument, Record, Look], Record | web.Response] | None = None
    respond_with_image: Callable[[Argument, RequestedImage], Awaitable[web.StreamResponse]] | None = None

    @property
    def written(self) -> str:
        """How it is typed into a prompt."""
        return f"[{self.word} {self.example}]" if self.example else f"[{self.word}]"
