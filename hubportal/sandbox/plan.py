"""How one painting is going to go."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """`seconds` until the outcome (None: never), the status words on the way, how many images, or why there are none.

    The words share the time equally.
    """

    seconds: float | None
    images: int
    words: tuple[str, ...] = ("queued", "processing", "processing", "processing")
    failure: str | None = None

    def word_after(self, elapsed: float, seconds: float) -> str:
        """The status word when `elapsed` of `seconds` have passed; never the final one."""
        share = elapsed / seconds if seconds > 0 else 1.0
        return self.words[max(0, min(len(self.words) - 1, int(share * len(self.words))))]
