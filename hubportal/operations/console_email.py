"""E-mail where there is no mail server: printed, with its links in one piece."""

from email.policy import default
from typing import Any

from django.core.mail.backends.console import EmailBackend as ConsoleBackend

# RFC 5322, 2.1.1: no line may be longer; within it nothing is folded, so that a link can be copied as it stands.
WHOLE_LINES = default.clone(max_line_length=998)


class EmailBackend(ConsoleBackend):
    def write_message(self, message: Any) -> None:
        whole = message.message(policy=WHOLE_LINES).as_bytes(policy=WHOLE_LINES).decode()
        self.stream.write(f"{whole}\n{'-' * 79}\n")
