"""A month on paper: however much it has to tell, it is one sheet of A4."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.test_first_picture import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

# Twelve people, keys, projects and models, accounts that differ from the ledger, and what moved outside each day.
FILL = """
import uuid
from datetime import timedelta
from django.utils import timezone
from hubportal.accounts.models import User
from hubportal.keys.models import Key
from hubportal.teams.models import Membership, Team
from hubportal.usage.models import AccountBalance, EntryKind, LedgerEntry, Project

now = timezone.now()
team = Team.objects.get(slug={slug!r})
Team.objects.filter(pk=team.pk).update(created_at=now - timedelta(days=90))
for number in range(12):
    person = User.objects.create(email=f"sheet{{number}}@example.org", name=f"A person with a long name {{number}}")
    Membership.objects.create(team=team, user=person, role="member")
    key = Key.objects.create(
        team=team, label=f"A key that was given quite a long name, number {{number}}", last_four="1234",
        encrypted_secret="v1.none.none", fingerprint=str(number), position=number, balance=900, balance_at=now,
        told_balance=900, told_at=now, checked_at=now, next_expiration=now + timedelta(days=2),
    )
    AccountBalance.objects.create(
        account=key.account, team=team, balance=900, told_at=now, looked_at=now, difference=24 * (number % 3)
    )
    project = Project.objects.create(team=team, name=f"A project for a client with a long name {{number}}")
    for days in range(60):
        entry = LedgerEntry.objects.create(
            team=team, author=person, key=key, project=project, model=f"model-of-the-hub-{{number}}", kind="charge",
            credits=8 + number, pictures=1, generation_id=uuid.uuid4(), day=now.date() - timedelta(days=days),
        )
        entry.count()
for days in range(60):
    LedgerEntry.objects.create(
        team=team, key=key, kind=EntryKind.OUTSIDE, credits=24, balance=9, since=now,
        day=now.date() - timedelta(days=days),
    )
"""


@pytest.mark.parametrize("days", ["this month", "last month"])
def test_the_fullest_month_prints_on_one_sheet(site: Site, open_browser: Callable[..., Page], days: str) -> None:
    slug = site.new_team(f"On paper, {days}", f"paper-{days.split()[0]}@example.org")
    site.manage("shell", "-c", FILL.format(slug=slug).replace("sheet{", f"{days.split()[0]}{{"))
    page = open_browser()
    sign_in(page, f"paper-{days.split()[0]}@example.org")

    page.goto(f"/t/{slug}/usage/")
    if days == "last month":
        page.get_by_role("link", name="Last month").click()
    expect(page.get_by_role("heading", name="The hub and this ledger")).to_be_visible()
    sheets = page.pdf(prefer_css_page_size=True)

    assert sheets.count(b"/Type /Page\n") == 1
