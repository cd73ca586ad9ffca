"""Who sees a generation, changed afterwards: its author decides, and the audit log tells nothing of what it shows."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from hubportal.audit.models import AuditEntry
from hubportal.generations.models import Generation
from tests.gallery.kept import picture
from tests.gallery.reading import open_gallery, parsed, shown_pictures

Browsers = Callable[[str], Client]


def place(generation: Generation) -> str:
    return reverse("generations:visibility", args=[generation.team.slug, generation.pk])


@pytest.mark.parametrize(
    ("before", "after", "action", "words"),
    [
        ("team", "private", "generation.made_private", "Private: nobody but you sees"),
        ("private", "team", "generation.shared", "Shared: everybody in the team now sees"),
    ],
)
def test_its_author_changes_who_sees_it(
    cast: SimpleNamespace, browser_of: Browsers, before: str, after: str, action: str, words: str
) -> None:
    image = picture(cast.team, cast.member, "A secret boat", visibility=before)

    said = browser_of("member").post(place(image.generation), {"visibility": after}, follow=True)

    assert Generation.objects.get(pk=image.generation_id).visibility == after
    assert words in parsed(said).select_one("#messages").text  # type: ignore[union-attr]
    assert shown_pictures(open_gallery(browser_of("owner"), cast.team)) == ([str(image.pk)] if after == "team" else [])
    entry = AuditEntry.objects.get(action=action)
    assert entry.by == cast.member
    assert "boat" not in f"{entry.about} {entry.detail}"


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_nobody_else_does(cast: SimpleNamespace, browser_of: Browsers, who: str) -> None:
    image = picture(cast.team, cast.member)

    answer = browser_of(who).post(place(image.generation), {"visibility": "private"})

    assert answer.status_code == 403
    assert Generation.objects.get(pk=image.generation_id).visibility == "team"


def test_the_page_says_what_it_means_to_its_author_alone(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)
    detail = reverse("generations:detail", args=[cast.team.slug, image.generation_id])

    mine, theirs = (parsed(browser_of(who).get(detail)) for who in ("member", "owner"))

    form = mine.select_one(f'form[action="{place(image.generation)}"]')
    assert form is not None
    assert "not for admins either" in form.text
    assert theirs.select(f'form[action="{place(image.generation)}"]') == []


def test_the_same_again_changes_and_records_nothing(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)

    browser_of("member").post(place(image.generation), {"visibility": "team"})

    assert not AuditEntry.objects.filter(action__startswith="generation.").exists()
