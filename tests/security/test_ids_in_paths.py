"""Records of another team under the address of one's own: not there, whatever the method."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from hubportal.generations.references import ReferenceUpload
from hubportal.teams.models import Membership
from hubportal.teams.permissions import Role
from tests.security.elsewhere import NOWHERE, Browsers, holds_theirs, rows_of, told
from tests.security.elsewhere import theirs as theirs
from tests.test_every_address import METHODS, RECORDS, TABLE, Address, addresses, place_of, visit, with_head
from tests.test_every_address import world as world

FORM = "application/x-www-form-urlencoded"


def with_a_record() -> list[Address]:
    """Every address of a team that names a record as well."""
    return [one for one in addresses() if one.route.startswith("t/") and "<" in one.route.removeprefix("t/<slug:team>")]


def record_of(address: Address, theirs: SimpleNamespace) -> dict[str, Any]:
    if address.name == "lifecycle:ex-member":
        return {"person": theirs.gone.pk}
    return RECORDS[address.name](theirs)


@pytest.mark.parametrize("address", with_a_record(), ids=lambda address: address.name)
@pytest.mark.parametrize("also_there", [False, True], ids=["in one team", "in both"])
def test_a_record_of_another_team_is_not_under_ones_own_address(
    cast: SimpleNamespace, theirs: SimpleNamespace, browser_of: Browsers, address: Address, also_there: bool
) -> None:
    if also_there:
        Membership.objects.create(team=theirs.team, user=cast.owner, role=Role.OWNER)
        theirs.token = ReferenceUpload(theirs.stored, "boat.png", cast.owner.pk).token
    record = record_of(address, theirs)
    place = reverse(address.name, kwargs={"team": cast.team.slug, **record})
    before, anna = rows_of(theirs.team), browser_of("owner")

    answers = {method: anna.generic(method, place, content_type=FORM) for method in ("HEAD", *METHODS)}

    # A method that the address doesn't have is refused before anything is looked for.
    heard = {method: by["owner"] != 405 for method, by in with_head(TABLE[address.name]).items()}
    assert {method: answer.status_code for method, answer in answers.items()} == {
        method: 404 if is_heard else 405 for method, is_heard in heard.items()
    }
    # The menu has all one's teams.
    shown = {mark for answer in answers.values() for mark in holds_theirs(answer)}
    assert shown - ({"Elsewhere"} if also_there else set()) == set()
    assert rows_of(theirs.team) == before


def test_there_are_records_to_ask_for() -> None:
    assert len(with_a_record()) > 20


def test_their_address_with_ones_own_record_is_nothing_either(
    world: SimpleNamespace, theirs: SimpleNamespace, browser_of: Browsers
) -> None:
    mixed, anna = SimpleNamespace(**{**vars(world), "team": theirs.team}), browser_of("owner")

    answers = {
        visit(anna, method, place_of(address, mixed)).status_code for address in with_a_record() for method in METHODS
    }

    assert answers == {404}


@pytest.mark.parametrize("kind", ["original", "thumb", "download", "reference", "reference-thumb"])
def test_a_file_of_another_team_is_as_good_as_made_up(theirs: SimpleNamespace, browser_of: Browsers, kind: str) -> None:
    record, anna = theirs.reference if "reference" in kind else theirs.image, browser_of("owner")

    answers = [anna.get(reverse("media", kwargs={"pk": pk, "kind": kind})) for pk in (record.pk, NOWHERE)]

    assert told(answers[0], record.pk) == told(answers[1], NOWHERE)
    assert answers[0].status_code == 404
