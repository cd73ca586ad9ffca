"""Mailing invitations: the worker's step, a mail server that refuses, and what is found again."""

import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.tasks import default_task_backend
from django.utils import timezone
from django.utils.module_loading import import_string

from hubportal.audit.actor import Actor
from hubportal.settings import TASKS_WHILE_NEEDED
from hubportal.teams import emails, tasks
from hubportal.teams.invitation_links import resolve_link
from hubportal.teams.invitations import resend_invitation
from hubportal.teams.models import Invitation
from hubportal.teams.models.invitation import INVITATION_LIFETIME, MailProblem
from tests import makers
from tests.teams.reading import link_in, only_mail


@pytest.fixture
def invited(cast: SimpleNamespace) -> Invitation:
    return makers.make_invitation(cast.team, "otto@example.org", cast.admin)


def due() -> list[Any]:
    return list(Invitation.objects.due_for_mailing(timezone.now()).values_list("pk", flat=True))


def test_the_mail_says_who_invites_to_what_and_carries_a_link_of_its_own_kind(invited: Invitation) -> None:
    emails.send_invitation_email(invited.pk)

    message = only_mail()
    link = resolve_link(link_in(message).split("/")[2])
    invited.refresh_from_db()
    assert (message.to, message.subject) == (["otto@example.org"], "You are invited to Studio North")
    assert "Adam (adam@example.org) invites you" in message.body
    assert "Member" in message.body
    assert "<" not in message.body
    assert link is not None
    assert (link.invitation, link.proves_address) == (invited, True)
    assert invited.mailed_at
    assert invited.mail_due_at is None


def test_a_name_of_many_lines_makes_no_second_header(invited: Invitation) -> None:
    invited.team.name = "Studio\r\nBcc: everybody@example.org"
    invited.team.save(update_fields=["name"])

    emails.send_invitation_email(invited.pk)

    assert only_mail().subject == "You are invited to Studio Bcc: everybody@example.org"
    assert only_mail().recipients() == ["otto@example.org"]


def test_it_is_mailed_once_however_often_the_worker_is_nudged(invited: Invitation) -> None:
    emails.send_invitation_email(invited.pk)
    emails.send_invitation_email(invited.pk)

    assert len(mail.outbox) == 1
    assert due() == []


def test_a_lost_nudge_is_found_by_the_sweep(invited: Invitation) -> None:
    assert due() == [invited.pk]


def test_what_a_worker_died_over_is_found_when_its_lease_is_over(invited: Invitation) -> None:
    assert Invitation.objects.claim_for_mailing(invited.pk)
    assert due() == []
    assert Invitation.objects.claim_for_mailing(invited.pk) is None

    Invitation.objects.filter(pk=invited.pk).update(mail_lease_until=timezone.now())

    assert due() == [invited.pk]


@pytest.mark.parametrize(
    "ended", [{"accepted_at": timezone.now()}, {"cancelled_at": timezone.now()}, {"expires_at": timezone.now()}]
)
def test_what_lets_nobody_in_any_more_is_not_mailed(invited: Invitation, ended: dict[str, Any]) -> None:
    Invitation.objects.filter(pk=invited.pk).update(**ended)

    emails.send_invitation_email(invited.pk)

    assert mail.outbox == []


def test_an_invitation_of_somebody_removed_is_not_mailed(invited: Invitation) -> None:
    invited.team.memberships.get(user__email="adam@example.org").delete()

    emails.send_invitation_email(invited.pk)

    assert mail.outbox == []


class _MailServer(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as it takes to answer RCPT with the server's `answer`."""

    def handle(self) -> None:
        self._say("220 here")
        for line in self.rfile:
            word = line[:4].upper()
            self._say(self.server.answer if word == b"RCPT" else "221 bye" if word == b"QUIT" else "250 fine")  # type: ignore[attr-defined]

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def mail_server(settings: Any) -> Iterator[Any]:
    """A mail server that refuses every recipient with its `answer`, and the site pointed at it."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _MailServer) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        options = {"host": "127.0.0.1", "port": server.server_address[1], "timeout": 5}
        settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
        yield server
        server.shutdown()


def test_a_refused_address_is_told_and_not_tried_again(invited: Invitation, mail_server: Any) -> None:
    mail_server.answer = "550 no such person"

    emails.send_invitation_email(invited.pk)

    invited.refresh_from_db()
    assert (invited.mail_problem, invited.mail_due_at, invited.mailed_at) == ("address", None, None)


def test_a_server_that_is_busy_is_tried_again(invited: Invitation, mail_server: Any) -> None:
    mail_server.answer = "451 later"

    emails.send_invitation_email(invited.pk)

    invited.refresh_from_db()
    assert (invited.mail_problem, invited.mailed_at) == ("server", None)
    assert timedelta(seconds=50) < invited.mail_due_at - timezone.now() <= timedelta(minutes=1)


def test_a_server_out_of_reach_is_tried_ever_more_seldom(invited: Invitation, settings: Any) -> None:
    options = {"host": "127.0.0.1", "port": 9, "timeout": 2}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    asked_at = timezone.now() - timedelta(minutes=20)
    Invitation.objects.filter(pk=invited.pk).update(expires_at=asked_at + INVITATION_LIFETIME)

    emails.send_invitation_email(invited.pk)

    invited.refresh_from_db()
    assert invited.mail_problem == "server"
    assert timedelta(minutes=19) < invited.mail_due_at - timezone.now() <= timedelta(minutes=21)


def test_what_went_wrong_is_forgotten_once_it_is_mailed(invited: Invitation) -> None:
    Invitation.objects.filter(pk=invited.pk).update(mail_problem="server")

    emails.send_invitation_email(invited.pk)

    invited.refresh_from_db()
    assert (invited.mail_problem, invited.mail_due_at) == ("", None)


def test_the_clock_finds_what_is_due_and_hands_on_its_id_alone(invited: Invitation) -> None:
    default_task_backend.clear()

    import_string(TASKS_WHILE_NEEDED["mail_invitations"].task).call()

    nudges = [(result.task.module_path, result.args) for result in default_task_backend.results]
    assert nudges == [(tasks.send_invitation_email.module_path, [str(invited.pk)])]
    tasks.send_invitation_email.call(str(invited.pk))
    assert only_mail().to == ["otto@example.org"]


@pytest.mark.parametrize("outcome", ["mailed", "refused"])
def test_what_is_sent_again_while_a_worker_mails_it_is_mailed_once_more(
    cast: SimpleNamespace, invited: Invitation, outcome: str
) -> None:
    being_mailed = Invitation.objects.claim_for_mailing(invited.pk)
    assert being_mailed
    resend_invitation(invited, actor=Actor(cast.owner))

    being_mailed.record_mailed() if outcome == "mailed" else being_mailed.record_not_mailed(MailProblem.ADDRESS)

    assert due() == [invited.pk]
