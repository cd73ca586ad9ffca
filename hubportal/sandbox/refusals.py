"""The hub's documented errors (hub-api.md, Errors), raised anywhere and answered in one place."""


class Refusal(Exception):
    """An answer in the hub's error envelope: HTTP status, code and sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def envelope(self) -> dict[str, dict[str, str]]:
        """The documented body."""
        return {"error": {"message": self.message, "code": self.code}}


def invalid(message: str) -> Refusal:
    """400: the body or a parameter isn't valid."""
    return Refusal(400, "invalid_request", message)


def out_of_credits() -> Refusal:
    """402: the account has too few credits."""
    return Refusal(402, "insufficientCredits", "The account has insufficient credits for this generation.")


def not_found(what: str = "Generation") -> Refusal:
    """404: no such thing, or another user's."""
    return Refusal(404, "notFound", f"{what} not found.")


def generation_failed(message: str) -> Refusal:
    """500: the generation failed."""
    return Refusal(500, "generationFailed", message)
