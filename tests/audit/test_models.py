"""The audit log is written once: neither the code nor the database changes a row, or forgets one too soon."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.audit.models import AppendOnlyError, AuditEntry
from hubportal.teams.audit_actions import TeamAction
from hubportal.teams.models import Team


@pytest.fixture
def entry(team: Team) -> AuditEntry:
    return AuditEntry.objects.record(team, TeamAction.RENAMED, team, before="Studio")


def test_an_entry_tells_who_did_what_to_which(team: Team) -> None:
    owner = team.memberships.get(role="owner").user

    entry = AuditEntry.objects.record(
        team, TeamAction.RENAMED, team, before="Studio", actor=Actor(owner, "203.0.113.9")
    )

    entry.refresh_from_db()
    assert (entry.by, entry.by_name, entry.by_email) == (owner, "Anna", "anna@example.org")
    assert (entry.action, entry.about, entry.about_id) == ("team.renamed", "Studio North", str(team.pk))
    assert (entry.address, entry.detail) == ("203.0.113.9", {"before": "Studio"})


def test_the_code_refuses_to_change_an_entry(entry: AuditEntry) -> None:
    entry.about = "Something else"

    with pytest.raises(AppendOnlyError):
        entry.save()
    with pytest.raises(AppendOnlyError):
        AuditEntry.objects.update(about="Something else")


def test_the_database_refuses_to_change_an_entry(entry: AuditEntry) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        models.QuerySet(AuditEntry).update(about="Something else")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditentry SET about = 'Something else'")
    entry.refresh_from_db()
    assert entry.about == "Studio North"


@pytest.mark.parametrize(("age", "goes"), [(0, False), (390, False), (400, True)])
def test_the_database_forgets_an_entry_after_thirteen_months_and_not_before(team: Team, age: int, goes: bool) -> None:
    AuditEntry.objects.create(team=team, action=TeamAction.RENAMED, at=timezone.now() - timedelta(days=age))

    if goes:
        AuditEntry.objects.all().delete()
    else:
        with pytest.raises(DatabaseError), transaction.atomic():
            AuditEntry.objects.all().delete()

    assert AuditEntry.objects.exists() is not goes
