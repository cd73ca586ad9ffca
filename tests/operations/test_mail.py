"""What EMAIL_URL means, and e-mail that is printed instead of sent."""

import io
from typing import Any

import pytest
from django.core.mail import EmailMessage
from environ import Env

from hubportal.operations.mail import EmailBackend, mailers


def test_a_link_is_printed_in_one_piece() -> None:
    link, printed = f"http://testserver/invitations/{'x' * 200}/", io.StringIO()

    EmailBackend(stream=printed, alias="default").send_messages(
        [EmailMessage("You are invited", f"Jörg sagt:\n{link}\n", "hubportal@testserver", ["otto@example.org"])]
    )

    lines = printed.getvalue().splitlines()
    assert link in lines
    assert "Jörg sagt:" in lines
    assert "To: otto@example.org" in lines
    assert "Subject: You are invited" in lines


@pytest.mark.parametrize(
    ("url", "backend", "options"),
    [
        ("smtp://localhost:25", "smtp", {"timeout": 20, "host": "localhost", "port": 25}),
        (
            "smtp+tls://anna:secret@mail.example.org:587",
            "smtp",
            {
                "timeout": 20,
                "host": "mail.example.org",
                "port": 587,
                "username": "anna",
                "password": "secret",
                "use_tls": True,
            },
        ),
        ("filemail:///var/mails", "filebased", {"file_path": "/var/mails"}),
    ],
)
def test_an_address_of_a_mail_server_becomes_a_mailer(url: str, backend: str, options: dict[str, Any]) -> None:
    read = Env.email_url_config(url)

    found = mailers(read)["default"]

    assert found == {"BACKEND": f"django.core.mail.backends.{backend}.EmailBackend", "OPTIONS": options}


def test_mail_that_is_printed_is_printed_by_our_own_backend() -> None:
    assert mailers(Env.email_url_config("consolemail://")) == {
        "default": {"BACKEND": "hubportal.operations.mail.EmailBackend"}
    }
