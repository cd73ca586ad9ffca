"""Reading what the team's pages and e-mails say."""

import re
from types import SimpleNamespace
from typing import Any

from bs4 import BeautifulSoup, Tag
from django.core import mail
from django.urls import reverse

from hubportal.audit.models import AuditEntry
from hubportal.teams.models import Team


def page_of(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def words_of(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


def said(response: Any) -> str:
    """What the page itself says, without the frame around it."""
    return words_of(page_of(response).find("main"))


def place(name: str, team: Team, *arguments: object) -> str:
    return reverse(f"teams:{name}", args=[team.slug, *arguments])


def audit_log(team: Team) -> list[tuple[str, str, str]]:
    """The audit log, the oldest first: what, by whom, about whom."""
    return [
        (entry.action, entry.by_email, entry.about) for entry in AuditEntry.objects.filter(team=team).order_by("pk")
    ]


def link_in(message: Any) -> str:
    """The link of an invitation's e-mail, without the site's address."""
    found = re.search(r"http://testserver(/invitations/\S+/)", message.body)
    assert found, message.body
    return found[1]


def only_mail() -> SimpleNamespace:
    assert len(mail.outbox) == 1
    return mail.outbox[0]
