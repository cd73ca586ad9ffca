"""Labels follow the rows that say what people put on pictures; where they don't, they are made again from them."""

import io
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from hubportal.gallery.favourites import mark_favourite
from hubportal.gallery.label_repair import repair_labels
from hubportal.gallery.models import Favourite
from hubportal.generations.labels import change_labels
from hubportal.generations.models import Generation, Image
from hubportal.generations.models.search import IMAGES
from tests.gallery.kept import many, picture
from tests.listing.indexed import found_by

pytestmark = pytest.mark.django_db


def test_labels_are_made_again_from_the_rows(cast: SimpleNamespace) -> None:
    marked, not_marked = picture(cast.team, cast.member), picture(cast.team, cast.member)
    mark_favourite(marked, cast.owner)
    Image.objects.filter(pk=marked.pk).update(labels="")
    Image.objects.filter(pk=not_marked.pk).update(labels=f"f{cast.owner.pk}")
    out = io.StringIO()

    call_command("rebuild_search", stdout=out)

    assert "labels: 2 pictures looked at, 2 brought up to date." in out.getvalue()
    assert found_by(IMAGES, cast.team, cast.owner.pk, "", f"f{cast.owner.pk}") == [marked]
    assert list(repair_labels(batch_size=1)) == [(1, 0), (1, 0)]


def test_a_label_is_changed_on_many_at_once_and_what_was_rendered_is_not_shown_again(cast: SimpleNamespace) -> None:
    pictures = many(cast.team, cast.member, 5)
    pks = [image.pk for image in pictures]

    assert change_labels(pks, add=frozenset({"tab", "c1"})) == 5
    assert change_labels(pks[:2], add=frozenset({"tab"}), remove=frozenset({"c1"})) == 2

    assert sorted(Image.objects.values_list("labels", flat=True)) == ["c1 tab"] * 3 + ["tab"] * 2
    assert sorted(Generation.objects.values_list("version", flat=True)) == [2, 2, 2, 3, 3]
    assert set(found_by(IMAGES, cast.team, cast.owner.pk, "", "tab")) == set(pictures)
    assert set(found_by(IMAGES, cast.team, cast.owner.pk, "", "tab", "c1")) == set(pictures[2:])


@pytest.mark.parametrize("word", ["", "t", "T1", "two words", "a1", "p0", "t-1", "t" * 50])
def test_what_can_be_no_label_is_refused(cast: SimpleNamespace, word: str) -> None:
    with pytest.raises(ValueError, match="no labels"):
        change_labels([], add=frozenset({word}))


def test_marks_go_with_a_picture_that_goes_for_good(cast: SimpleNamespace) -> None:
    image = picture(cast.team, cast.member)
    mark_favourite(image, cast.owner)

    Image.objects.filter(pk=image.pk).delete()

    assert not Favourite.objects.exists()
