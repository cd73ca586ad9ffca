"""What may be asked. A bad input comes back with 422, its sentence at its field, and all that was typed."""

import hashlib
import io
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Pillow

from hubportal.generations.models import Generation, ReferenceFile
from hubportal.generations.worker.scheduling import claim
from hubportal.keys.models import Key
from tests import makers
from tests.generations.pages import one, read, submit, words
from tests.imaging.collection import collection
from tests.imaging.test_location import WITH_PLACE

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]


@pytest.fixture
def mina(cast: SimpleNamespace, browser_of: Browsers) -> Client:
    makers.make_key(cast.team)
    return browser_of("member")


def animation() -> bytes:
    out = io.BytesIO()
    frames = [Pillow.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return out.getvalue()


# The prompt ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", ["", "   \n\t "])
def test_an_empty_prompt_is_asked_for_at_its_field(mina: Client, cast: SimpleNamespace, prompt: str):
    response = submit(mina, cast.team, prompt=prompt, n="3")

    assert response.status_code == 422
    assert words(response, "#id_prompt_error") == "Write what the picture should show."
    assert one(response, "[name=prompt]")["aria-describedby"] == "id_prompt_error"
    assert one(response, "[name=n][checked]")["value"] == "3"
    assert not Generation.objects.exists()


def test_a_prompt_of_40000_characters_is_refused_and_still_there(mina: Client, cast: SimpleNamespace):
    prompt = "harbour " * 5000

    response = submit(mina, cast.team, prompt=prompt)

    assert response.status_code == 422
    assert "32,000 characters fit, and it has 39,999" in words(response, "#id_prompt_error")
    assert one(response, "[name=prompt]").get_text().strip() == prompt.strip()


def test_line_ends_count_once_so_that_a_long_prompt_that_fits_is_taken(mina: Client, cast: SimpleNamespace):
    response = submit(mina, cast.team, prompt="ab\r\n" * 10_600 + "end")

    assert response.status_code == 302
    assert "\r" not in Generation.objects.get().prompt


def test_a_key_in_the_prompt_is_told_and_taken_out(mina: Client, cast: SimpleNamespace):
    secret = f"gih_live_{uuid.uuid4().hex}"

    response = submit(mina, cast.team, prompt=f"A boat {secret} at sea")

    assert response.status_code == 422
    assert "There was a key to the hub in the prompt" in words(response, "#id_prompt_error")
    assert one(response, "[name=prompt]").get_text().strip() == "A boat gih_… at sea"
    assert secret[9:] not in response.text
    assert not Generation.objects.exists()


def test_an_invisible_character_is_told_and_taken_out(mina: Client, cast: SimpleNamespace):
    response = submit(mina, cast.team, prompt="A red\0 boat")

    assert response.status_code == 422
    assert "invisible character" in words(response, "#id_prompt_error")
    assert one(response, "[name=prompt]").get_text().strip() == "A red boat"


@pytest.mark.parametrize("prompt", ["🦊🚲🌊", "قارب أحمر في ميناء هادئ", "<script>alert(1)</script>", "{price} %(n)s"])
def test_emoji_right_to_left_text_and_markup_are_prompts_like_any_other(
    mina: Client, cast: SimpleNamespace, prompt: str
):
    response = submit(mina, cast.team, prompt=prompt, htmx=True)

    assert response.status_code == 200
    assert Generation.objects.get().prompt == prompt
    assert one(response, ".card-prompt").get_text().strip() == prompt
    assert one(response, ".card-prompt")["dir"] == "auto"


# The choices -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("n", "0", "Choose 1 to 4 pictures."),
        ("n", "5", "Choose 1 to 4 pictures."),
        ("n", "many", "Choose 1 to 4 pictures."),
        ("model", "gpt-image-9", "The hub doesn't offer this model any more. Choose another one."),
        ("size", "99999x1", "GPT IMAGE 2 doesn't make this size. Choose another one."),
        ("size", "huge", "GPT IMAGE 2 doesn't make this size. Choose another one."),
        ("quality", "1K", "GPT IMAGE 2 doesn't offer this effort. Choose another one."),
        ("visibility", "world", "Choose who may see the pictures."),
    ],
)
def test_a_choice_that_is_none_is_told_at_its_field(
    mina: Client, cast: SimpleNamespace, field: str, value: str, sentence: str
):
    response = submit(mina, cast.team, **{field: value})

    assert response.status_code == 422
    assert words(response, f"#id_{field}_error") == sentence
    assert one(response, f"[aria-describedby=id_{field}_error]")["aria-invalid"] == "true"
    assert one(response, "[name=prompt]").get_text().strip() == "A red boat"
    assert not Generation.objects.exists()


def test_a_size_of_another_model_is_refused(mina: Client, cast: SimpleNamespace):
    response = submit(mina, cast.team, model="nanobanana", size="2048x2048")

    assert words(response, "#id_size_error") == "Nano Banana doesn't make this size. Choose another one."
    assert one(response, "[name=model] [selected]")["value"] == "nanobanana"


def test_what_is_left_out_is_the_hubs_default(mina: Client, cast: SimpleNamespace):
    submit(mina, cast.team, model=None, size=None, n=None)

    made = Generation.objects.get()
    assert (made.model, made.size, made.effort, made.n, made.visibility) == ("gpt-image-2", "auto", "auto", 1, "team")
    assert made.expected_credits == 8


# Credits and keys ------------------------------------------------------------------------------------------


def test_more_than_is_left_is_refused_with_what_it_takes_and_who_can_help(cast: SimpleNamespace, browser_of: Browsers):
    makers.make_key(cast.team, credits=20)
    makers.make_generation(cast.team, cast.owner)

    response = submit(browser_of("member"), cast.team, n="2")

    assert response.status_code == 422
    assert words(response, "#why") == (
        "This takes 16 credits, and your team has 12 credits free at the hub. "
        "Choose fewer or smaller pictures, or ask an admin of your team to buy credits."
    )
    assert Generation.objects.count() == 1


def test_a_poor_key_stops_nobody_while_others_have_enough(cast: SimpleNamespace, browser_of: Browsers):
    for label, credits in (("First", 5), ("Second", 500), ("Third", 500)):
        makers.make_key(cast.team, label=label, credits=credits)
    mina = browser_of("member")

    page = mina.get(f"/t/{cast.team.slug}/")
    submit(mina, cast.team)

    assert "disabled" not in one(page, "#prompt-form .composer-end .button[type=submit]:not([name])").attrs
    assert one(page, "#left")["data-free"] == "500"
    assert words(page, "#left") == "1,005 left"
    assert claim(Generation.objects.get().pk).key.label == "Second"


def test_an_order_that_no_single_key_can_pay_is_refused_in_words(cast: SimpleNamespace, browser_of: Browsers):
    for label in ("First", "Second"):
        makers.make_key(cast.team, label=label, credits=10)

    response = submit(browser_of("member"), cast.team, n="2")

    assert response.status_code == 422
    assert "This takes 16 credits, and none of your team's keys has more than 10 credits." in words(response, "#why")


def test_the_last_credits_can_be_spent(cast: SimpleNamespace, browser_of: Browsers):
    makers.make_key(cast.team, credits=16)

    assert submit(browser_of("member"), cast.team, n="2").status_code == 302


def test_a_balance_nobody_knows_stands_in_nobodys_way(cast: SimpleNamespace, browser_of: Browsers):
    makers.make_key(cast.team, credits=None)

    assert submit(browser_of("member"), cast.team, n="4").status_code == 302


@pytest.mark.parametrize("problem", ["invalidApiKey", "expiredApiKey"])
def test_without_a_key_that_works_nothing_is_taken_on_and_nothing_lost(
    cast: SimpleNamespace, browser_of: Browsers, problem: str
):
    makers.make_key(cast.team)
    Key.objects.update(problem=problem)

    response = submit(browser_of("member"), cast.team)

    assert response.status_code == 422
    assert "no hub key that works" in words(response, "#why")
    assert one(response, "[name=prompt]").get_text().strip() == "A red boat"
    assert not Generation.objects.exists()


# References ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("notes.png", b"%PDF-1.7 notes", "notes.png isn't a picture we can send. Use a PNG, JPEG or WebP file."),
        ("drawing.svg", b"<svg/>", "drawing.svg isn't a picture we can send. Use a PNG, JPEG or WebP file."),
        ("dance.webp", animation(), "dance.webp is animated. Use a still picture."),
        (
            "half.png",
            makers.picture_bytes()[:-20],
            "half.png is incomplete: the end of the file is missing. Export or download it again.",
        ),
        ("nothing.png", b"", "nothing.png is empty. Choose the file again."),
    ],
)
def test_a_reference_that_is_no_picture_is_named_and_the_good_one_is_kept(
    mina: Client, cast: SimpleNamespace, name: str, content: bytes, sentence: str
):
    files = [makers.upload("boat.png"), makers.upload(name, content)]

    response = submit(mina, cast.team, references=files)

    assert response.status_code == 422
    assert words(response, "#id_references_error") == sentence
    assert [image["alt"] for image in read(response).select(".ref-list img")] == ["boat.png"]
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    "kind",
    [
        "png profile of megabytes",
        "png text that unfolds to megabytes",
        "png wrong checksum of a text",
        "jpeg JFIF cut short",
        "jpeg Adobe marker cut short",
        "png without its end",
    ],
)
@pytest.mark.parametrize("content_type", ["image/png", "image/jpg", "application/octet-stream", ""])
def test_what_a_browser_shows_is_a_reference_under_whatever_type_it_comes(
    mina: Client, cast: SimpleNamespace, kind: str, content_type: str
):
    file = SimpleUploadedFile("boat.jfif", collection()[kind], content_type)

    response = submit(mina, cast.team, references=[file])

    stored = Generation.objects.get().references.get().stored
    assert response.status_code == 302
    assert (stored.content_type, stored.width, stored.height) == (f"image/{kind.partition(' ')[0]}", 64, 48)


def test_sides_of_a_reference_are_stored_as_shown(mina: Client, cast: SimpleNamespace):
    submit(mina, cast.team, references=[makers.upload("boat.jpg", collection()["jpeg orientation 6"])])

    stored = ReferenceFile.objects.get()
    assert (stored.width, stored.height) == (48, 64)


def test_where_a_photo_was_taken_is_removed_before_it_is_stored_and_the_page_says_so(
    mina: Client, cast: SimpleNamespace
):
    content = WITH_PLACE["jpeg of all"]

    submit(mina, cast.team, references=[makers.upload("boat.jpg", content)])

    reference = Generation.objects.get().references.get()
    kept, served = reference.stored.file.read(), mina.get(f"/media/{reference.pk}/reference")
    page = mina.get(f"/t/{cast.team.slug}/")
    assert kept == b"".join(served.streaming_content) != content
    assert len(kept) == len(content)
    assert b"Milano" not in kept
    assert reference.stored.sha256 == hashlib.sha256(kept).hexdigest()
    assert (
        words(page, "#references-location") == "Where a photo was taken is removed from the file before it is stored."
    )
    assert "references-location" in one(page, "#id_references")["aria-describedby"].split()


def test_two_photos_that_differ_only_in_where_they_were_taken_are_stored_once(mina: Client, cast: SimpleNamespace):
    submit(mina, cast.team, references=[makers.upload("a.jpg", WITH_PLACE["jpeg iptc"])])
    submit(mina, cast.team, references=[makers.upload("b.jpg", WITH_PLACE["jpeg iptc"].replace(b"Milano", b"Torino"))])

    assert ReferenceFile.objects.count() == 1


def test_a_site_may_keep_where_photos_were_taken(mina: Client, cast: SimpleNamespace, settings: Any):
    settings.KEEP_REFERENCE_LOCATION = True
    content = WITH_PLACE["jpeg of all"]

    submit(mina, cast.team, references=[makers.upload("boat.jpg", content)])

    assert ReferenceFile.objects.get().file.read() == content
    assert not read(mina.get(f"/t/{cast.team.slug}/")).select("#references-location")


def test_a_file_of_51_mb_is_named_and_the_rest_of_the_form_is_read(mina: Client, cast: SimpleNamespace):
    large = makers.upload("wall.png", makers.picture_bytes() + bytes(51 * 2**20))

    response = submit(mina, cast.team, references=[large, makers.upload("boat.png")], visibility="private")

    assert words(response, "#id_references_error") == "wall.png is larger than 50 MB. Use a smaller file."
    assert [image["alt"] for image in read(response).select(".ref-list img")] == ["boat.png"]
    assert one(response, "[name=visibility] [selected]")["value"] == "private"


def test_the_17th_reference_is_named_and_sixteen_are_kept(mina: Client, cast: SimpleNamespace):
    files = [makers.upload(f"boat-{number}.png") for number in range(1, 18)]

    response = submit(mina, cast.team, references=files)

    assert response.status_code == 422
    assert words(response, "#id_references_error") == "boat-17.png is one too many and was left out."
    assert len(read(response).select("[name=kept]")) == 16


def test_more_references_than_the_model_takes_are_all_kept_for_the_person_to_choose(
    mina: Client, cast: SimpleNamespace
):
    files = [makers.upload(f"boat-{number}.png") for number in range(4)]

    response = submit(mina, cast.team, model="nanobanana", references=files)

    sentence = "Nano Banana takes 3 reference images at the most. Remove some."
    assert words(response, "#id_references_error") == sentence
    assert len(read(response).select("[name=kept]")) == 4


def test_references_that_came_back_are_sent_without_being_uploaded_again(mina: Client, cast: SimpleNamespace):
    first = submit(mina, cast.team, prompt="", references=[makers.upload("a.png"), makers.upload("b.png")])
    tokens = [str(kept["value"]) for kept in read(first).select("[name=kept]")]

    more = makers.upload("c.png", makers.picture_bytes(colour="red"))
    submit(mina, cast.team, kept=tokens, references=[more])

    made = Generation.objects.get()
    assert [reference.name for reference in made.references.all()] == ["a.png", "b.png", "c.png"]
    assert ReferenceFile.objects.count() == 2


def test_a_reference_that_came_back_can_be_removed_without_scripts(mina: Client, cast: SimpleNamespace):
    first = submit(mina, cast.team, prompt="", references=[makers.upload("a.png"), makers.upload("b.png")])
    drop = one(first, ".ref:first-child [name=drop]")["value"]

    submit(mina, cast.team, kept=[str(kept["value"]) for kept in read(first).select("[name=kept]")], drop=drop)

    assert [reference.name for reference in Generation.objects.get().references.all()] == ["b.png"]


# Once, and the price beforehand ----------------------------------------------------------------------------


def test_the_same_form_sent_twice_makes_one_generation(mina: Client, cast: SimpleNamespace):
    token = one(mina.get(f"/t/{cast.team.slug}/"), "#prompt-form [name=token]")["value"]

    submit(mina, cast.team, token=token, references=[makers.upload()])
    second = submit(mina, cast.team, token=token, references=[makers.upload()])

    assert second.status_code == 302
    assert Generation.objects.count() == 1


def test_a_form_changed_after_it_was_sent_is_another_order(mina: Client, cast: SimpleNamespace):
    token = str(uuid.uuid4())

    submit(mina, cast.team, token=token)
    submit(mina, cast.team, token=token, prompt="A blue boat")

    assert {made.prompt for made in Generation.objects.all()} == {"A red boat", "A blue boat"}


def test_a_token_that_is_none_is_told_and_replaced(mina: Client, cast: SimpleNamespace):
    response = submit(mina, cast.team, token="x")

    assert response.status_code == 422
    assert words(response, "#why") == "This form was out of date. Send it once more."
    uuid.UUID(str(one(response, "[name=token]")["value"]))


def test_checking_the_price_sends_nothing_and_keeps_everything(mina: Client, cast: SimpleNamespace):
    response = submit(
        mina, cast.team, preview="1", size="2048x2048", n="3", quality="high", references=[makers.upload()]
    )

    assert response.status_code == 200
    assert words(response, "#price") == "· 30 credits"
    assert one(response, "[name=size] [selected]")["value"] == "2048x2048"
    assert one(response, "[name=quality] [selected]")["value"] == "high"
    assert len(read(response).select("[name=kept]")) == 1
    assert not Generation.objects.exists()
