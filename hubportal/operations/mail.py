"""How e-mail goes out: what EMAIL_URL means, and mail that is printed where there is no mail server.

settings.py imports it: it knows no models.
"""

from collections.abc import Mapping
from email.policy import default
from typing import Any

from django.core.mail.backends.console import EmailBackend as ConsoleBackend

SMTP_TIMEOUT = 20  # seconds
# RFC 5322, 2.1.1: no line may be longer; within it nothing is folded, so that a link can be copied as it stands.
WHOLE_LINES = default.clone(max_line_length=998)
# Options of Django's SMTP backend, by what they are called in a read EMAIL_URL.
SMTP_OPTIONS = {
    "EMAIL_HOST": "host",
    "EMAIL_PORT": "port",
    "EMAIL_HOST_USER": "username",
    "EMAIL_HOST_PASSWORD": "password",
    "EMAIL_USE_TLS": "use_tls",
    "EMAIL_USE_SSL": "use_ssl",
}


def mailers(read_url: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """MAILERS for an EMAIL_URL as django-environ reads it."""
    backend = str(read_url["EMAIL_BACKEND"])
    if backend.endswith("smtp.EmailBackend"):
        options = {option: value for name, option in SMTP_OPTIONS.items() if (value := read_url.get(name))}
        return {"default": {"BACKEND": backend, "OPTIONS": {"timeout": SMTP_TIMEOUT, **options}}}
    if backend.endswith("filebased.EmailBackend"):
        folder = "/" + read_url["EMAIL_FILE_PATH"].lstrip("/")
        return {"default": {"BACKEND": backend, "OPTIONS": {"file_path": folder}}}
    if backend.endswith("console.EmailBackend"):
        backend = "hubportal.operations.mail.EmailBackend"
    return {"default": {"BACKEND": backend}}


class EmailBackend(ConsoleBackend):
    """Prints a message with its links in one piece."""

    def write_message(self, message: Any) -> None:
        whole = message.message(policy=WHOLE_LINES).as_bytes(policy=WHOLE_LINES).decode()
        self.stream.write(f"{whole}\n{'-' * 79}\n")
