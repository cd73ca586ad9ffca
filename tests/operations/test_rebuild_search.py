"""The command that brings the search up to date."""

import io
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from hubportal.generations.models import Generation, Visibility
from hubportal.generations.models.search import GENERATIONS, IMAGES
from tests.gallery.kept import picture
from tests.listing.indexed import contents, found_by

pytestmark = pytest.mark.django_db


def rebuilt(*arguments: str) -> str:
    out = io.StringIO()
    call_command("rebuild_search", *arguments, stdout=out)
    return out.getvalue()


def test_what_was_changed_by_hand_is_found_again(cast: SimpleNamespace) -> None:
    image = picture(cast.team, cast.owner)
    assert "generations: 1 looked at, 0 brought up to date." in rebuilt()
    Generation.objects.update(visibility=Visibility.PRIVATE)
    assert found_by(IMAGES, cast.team, cast.owner.pk, own=True) == []

    said = rebuilt()

    assert "generations: 1 looked at, 1 brought up to date." in said
    assert "images: 1 looked at, 1 brought up to date." in said
    assert found_by(IMAGES, cast.team, cast.owner.pk, own=True) == [image]


@pytest.mark.django_db(transaction=True)
def test_from_scratch_makes_all_of_it_again(cast: SimpleNamespace) -> None:
    picture(cast.team, cast.owner)
    before = contents(GENERATIONS)

    assert "generations: 1 looked at, 1 brought up to date." in rebuilt("--from-scratch")

    assert contents(GENERATIONS) == before
