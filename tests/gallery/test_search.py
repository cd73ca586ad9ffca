"""What people type is found: in the gallery, in the history and in the audit log, on either database."""

from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from hubportal.audit.models import AuditEntry
from hubportal.generations.models import Visibility
from hubportal.teams.audit_actions import TeamAction
from tests.gallery.kept import picture
from tests.gallery.reading import found, open_gallery, parsed, shown_pictures

Browsers = Callable[[str], Client]

WRITTEN = {
    "Cà phê sữa đá ở Đà Lạt", "İstanbul'da gün batımı", "Η Αθήνα τη νύχτα", "夕暮れの港に浮かぶ船", "كِتَابٌ قديم",
    "Große Straße", "ＡＢＣ club", "ตลาดน้ำยามเช้า",
}  # fmt: skip
TYPED = [
    ("ca phe", "Cà phê sữa đá ở Đà Lạt"),
    ("DA LAT", "Cà phê sữa đá ở Đà Lạt"),
    ("ISTANBUL gun", "İstanbul'da gün batımı"),
    ("batimi", "İstanbul'da gün batımı"),
    ("αθηνα", "Η Αθήνα τη νύχτα"),
    ("夕暮", "夕暮れの港に浮かぶ船"),
    ("港", "夕暮れの港に浮かぶ船"),
    ("كتاب", "كِتَابٌ قديم"),
    ("strasse GROSSE", "Große Straße"),
    ("abc", "ＡＢＣ club"),
    ("ｃｌｕｂ", "ＡＢＣ club"),
    ("ตลาด", "ตลาดน้ำยามเช้า"),
]


@pytest.fixture
def written(cast: SimpleNamespace) -> None:
    for prompt in WRITTEN:
        picture(cast.team, cast.member, prompt)
        AuditEntry.objects.record(cast.team, TeamAction.RENAMED, prompt)


@pytest.mark.slow
@pytest.mark.usefixtures("written")
def test_words_are_found_without_case_and_accents_everywhere(cast: SimpleNamespace, browser_of: Browsers) -> None:
    browser = browser_of("owner")
    for typed, prompt in TYPED:
        assert found(browser, cast.team, q=typed) == {prompt}
        for page, cells in (("generations:list", "tbody tr .history-prompt"), ("teams:audit", "tbody tr")):
            rows = parsed(browser.get(reverse(page, args=[cast.team.slug]), {"q": typed})).select(cells)
            assert len(rows) == 1
            assert prompt in rows[0].get_text()


def test_private_pictures_are_found_by_their_author_alone(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.member, "A secret boat", visibility=Visibility.PRIVATE)

    assert found(browser_of("member"), cast.team, q="secret") == {"A secret boat"}
    for query in ("?q=secret", f"?person={cast.member.pk}", "?model=gpt-image-2", "?mine=private"):
        response = open_gallery(browser_of("owner"), cast.team, query)
        assert shown_pictures(response) == []
        assert b"secret boat" not in response.content


@pytest.mark.parametrize(
    "typed",
    [
        'boat" OR "fox', "boat*", "NEAR(boat)", "terms:boat", "boat & fox | !boat", "-boat", "'boat':*", "^boat",
        "{a} : boat", "boat\\", "boat;--", "(boat", "AND boat", "x" * 200, "a b c d e f g h",
    ],
)  # fmt: skip
def test_what_databases_read_as_operators_is_words_here(
    cast: SimpleNamespace, browser_of: Browsers, typed: str
) -> None:
    picture(cast.team, cast.member, "A red boat")
    words = {word.strip("\"*()&|!-'^{}:\\;") for word in typed.casefold().split()} - {""}

    expected = {"A red boat"} if words <= {"boat", "a"} else set()
    for page in ("gallery:index", "generations:list", "teams:audit"):
        response = browser_of("owner").get(f"{reverse(page, args=[cast.team.slug])}?q={quote(typed)}")
        assert response.status_code == 200
    assert found(browser_of("owner"), cast.team, q=typed) == expected
