"""E-mail that is printed instead of sent."""

import io

from django.core.mail import EmailMessage

from hubportal.operations.console_email import EmailBackend


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
