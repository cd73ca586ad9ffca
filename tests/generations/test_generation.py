"""The record's verbs: which state follows which, and what each does to the credits."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from hubportal.generations.models import Generation, Image, State
from hubportal.generations.recovery import recover_as_new
from hubportal.generations.timing import SEND_LEASE
from hubportal.hub.client import GenerationParameters
from hubportal.hub.records import GenerationRecord, parse_generation
from hubportal.teams.models import Team
from hubportal.usage.models import EntryKind, LedgerEntry, Reservation
from tests import makers

pytestmark = pytest.mark.django_db


def accepted(**usage: Any) -> GenerationRecord:
    return parse_generation(
        {"id": "clx_1", "status": "queued", "images": [], "usage": usage or {"credits": 0, "credits_requested": 8}}
    )


def finished(images: int = 1, status: str = "succeeded", **more: Any) -> GenerationRecord:
    pictures = [{"id": f"im_{at}", "url": f"https://cdn.example/{at}.png"} for at in range(images)]
    return parse_generation(
        {"id": "clx_1", "status": status, "quality": "1K", "aspect_ratio": "1:1", "images": pictures, **more}
    )


def sent(team: Team, n: int = 1) -> Generation:
    key = makers.make_key(team)
    author = team.memberships.get(role="owner").user
    waiting = makers.make_generation(team, author, n=n)
    generation = Generation.objects.claim_for_sending(waiting.pk, key)
    assert generation
    return generation


def running(team: Team, n: int = 1) -> Generation:
    generation = sent(team, n)
    generation.record_accepted(accepted(credits=0, credits_requested=8 * n))
    return generation


def spent(generation: Generation) -> int:
    return sum(entry.credits for entry in LedgerEntry.objects.filter(generation_id=generation.pk))


def test_submitting_reserves_the_price_and_charges_nothing(team: Team):
    generation = makers.make_generation(team, team.memberships.get(role="owner").user, n=2)

    assert generation.state == State.WAITING
    assert Reservation.objects.reserved_credits(team) == 16
    assert not LedgerEntry.objects.exists()


def test_the_same_submission_makes_one_generation(team: Team):
    owner, token = team.memberships.get(role="owner").user, uuid.uuid4()
    asked = {"visibility": "team", "price": 8, "submission_id": token}
    order = GenerationParameters("gpt-image-2", "A red boat")

    first, made_first = Generation.objects.create_waiting(team, owner, order, **asked)
    second, made_second = Generation.objects.create_waiting(team, owner, order, **asked)

    assert (made_first, made_second) == (True, False)
    assert first == second
    assert Reservation.objects.reserved_credits(team) == 8


def test_only_one_of_two_workers_claims_a_waiting_generation(team: Team):
    key = makers.make_key(team)
    waiting = makers.make_generation(team, team.memberships.get(role="owner").user)

    first = Generation.objects.claim_for_sending(waiting.pk, key)
    second = Generation.objects.claim_for_sending(waiting.pk, key)

    assert first is not None
    assert first.state == State.SENDING
    assert first.key == key
    assert second is None


def test_what_is_not_due_yet_is_not_claimed(team: Team):
    generation = sent(team)
    generation.record_not_sent("unreachable", again_in=timedelta(minutes=1))

    assert generation.state == State.WAITING
    assert Generation.objects.claim_for_sending(generation.pk, generation.key) is None


def tried_again(generation: Generation, code: str) -> Generation:
    generation.record_not_sent(code, again_in=timedelta())
    claimed = Generation.objects.claim_for_sending(generation.pk, generation.key)
    assert claimed
    return claimed


def test_the_time_in_which_nothing_gets_through_is_counted_from_the_first_try_that_failed(team: Team):
    generation = sent(team)
    Generation.objects.update(created_at=timezone.now() - timedelta(hours=5))

    first = tried_again(generation, "unreachable").unsent_since
    second = tried_again(Generation.objects.select_related("key").get(), "tls").unsent_since

    assert first is not None
    assert timezone.now() - first < timedelta(minutes=1)
    assert second == first


@pytest.mark.parametrize("codes", [("busy", "unreachable"), ("tls", "busy")])
def test_a_hub_that_is_busy_and_one_out_of_reach_are_counted_apart(team: Team, codes: tuple[str, str]):
    generation = tried_again(sent(team), codes[0])
    long_ago = timezone.now() - timedelta(hours=5)
    Generation.objects.update(unsent_since=long_ago)

    generation = tried_again(Generation.objects.select_related("key").get(), codes[1])

    assert generation.unsent_since is not None
    assert generation.unsent_since > long_ago + timedelta(hours=4)


@pytest.mark.parametrize("end", ["accepted", "refused", "doubted", "cancelled"])
def test_what_is_sent_or_given_up_is_no_longer_being_tried(team: Team, end: str):
    generation = tried_again(sent(team), "unreachable")
    verbs = {
        "accepted": lambda: generation.record_accepted(accepted()),
        "refused": lambda: generation.record_refused("invalid_request", ""),
        "doubted": lambda: generation.record_unknown("interrupted"),
        "cancelled": lambda: generation.record_not_sent("busy", again_in=timedelta()) and generation.record_cancelled(),
    }

    assert verbs[end]()

    assert Generation.objects.get().unsent_since is None


def test_acceptance_charges_once_and_ends_the_reservation(team: Team):
    generation = sent(team)

    assert generation.record_accepted(accepted())
    assert not generation.record_accepted(accepted())

    assert generation.state == State.RUNNING
    assert spent(generation) == 8
    assert Reservation.objects.reserved_credits(team) == 0
    generation.key.refresh_from_db()
    assert generation.key.balance == 992


def test_an_acceptance_that_says_nothing_of_credits_is_charged_at_the_price_shown(team: Team):
    generation = sent(team, n=2)

    generation.record_accepted(parse_generation({"id": "clx_1", "status": "queued"}))

    assert spent(generation) == 16


def test_what_comes_finished_at_once_was_charged_whole_and_given_back_in_part(team: Team):
    generation = sent(team, n=3)
    record = finished(2, usage={"credits": 16})

    generation.record_accepted(record)
    generation.record_answered(record)

    entries = (
        LedgerEntry.objects.filter(generation_id=generation.pk)
        .order_by("pk")
        .values_list("kind", "credits", "pictures")
    )
    assert list(entries) == [(EntryKind.CHARGE, 24, 3), (EntryKind.REFUND, -8, -1)]


def test_a_price_beyond_all_measure_is_not_booked(team: Team):
    generation = sent(team)

    generation.record_accepted(accepted(credits=0, credits_requested=1_000_000))
    generation.record_answered(finished(usage={"credits": 1_000_000}))

    assert (generation.charged, generation.cost, spent(generation)) == (8, 8, 8)


def test_a_flood_of_pictures_is_cut(team: Team):
    generation = running(team)

    assert len(generation.record_answered(finished(500))) == 16


def test_pictures_are_taken_whatever_the_hub_calls_the_end(team: Team):
    generation = running(team, n=2)

    images = generation.record_answered(finished(1, "expired", usage={"credits": 8}))

    assert (generation.state, generation.error_code, len(images)) == (State.RUNNING, "", 1)
    assert (generation.cost, spent(generation)) == (8, 8)


def test_a_look_is_one_write_and_changes_the_card_only_with_what_it_shows(team: Team, django_assert_num_queries: Any):
    running(team)
    looks = [
        ({"hub_status": "queued"}, 0),
        ({"hub_status": "painting"}, 1),
        ({"problem": "unreachable"}, 1),
        ({"problem": "unreachable"}, 0),
        ({"problem": "busy"}, 1),
        ({"hub_status": "painting"}, 1),
        ({"hub_status": "painting"}, 0),
    ]

    for look, changes in looks:
        before = Generation.objects.get()
        with django_assert_num_queries(1):
            before.record_polled(**look)
        after = Generation.objects.get()
        assert after.version == before.version + changes, look
        assert (after.hub_status, after.error_code) == (
            look.get("hub_status", before.hub_status),
            look.get("problem", ""),
        )
        assert after.due_at > before.due_at


def test_the_end_leaves_no_trouble_of_looking_behind(team: Team):
    generation = running(team)
    generation.record_polled(problem="unreachable")
    generation = Generation.objects.get()

    generation.record_answered(finished())

    assert (generation.answered_at is None, generation.error_code) == (False, "")


def test_pictures_end_it_only_when_each_was_kept_or_tried(team: Team):
    generation = running(team, n=2)
    first, second = generation.record_answered(finished(2, usage={"credits": 16}))

    assert generation.state == State.RUNNING
    keep(first)
    generation.refresh_from_db()
    assert generation.state == State.RUNNING
    makers.leased(second).record_not_downloaded("http-503")
    generation.refresh_from_db()
    assert generation.state == State.SUCCEEDED
    assert spent(generation) == 16


def keep(image: Any) -> None:
    makers.store_image(image, makers.picture_bytes())


def test_a_picture_kept_later_changes_the_card_of_a_finished_generation(team: Team):
    generation = running(team)
    (image,) = generation.record_answered(finished(usage={"credits": 8}))
    image.record_not_downloaded("http-503")
    generation.refresh_from_db()
    before = generation.version

    keep(image)

    generation.refresh_from_db()
    assert generation.state == State.SUCCEEDED
    assert generation.version > before


def test_fewer_pictures_give_back_what_the_hub_gave_back(team: Team):
    generation = running(team, n=4)

    generation.record_answered(finished(3, usage={"credits": 24}))

    assert (generation.charged, generation.returned, generation.cost) == (32, 8, 24)
    assert spent(generation) == 24
    assert sum(e.pictures for e in LedgerEntry.objects.filter(generation_id=generation.pk)) == 3


@pytest.mark.parametrize("usage", [{}, {"usage": {"credits": 0}}])
def test_a_failure_returns_everything_whether_the_hub_says_so_or_not(team: Team, usage: dict):
    generation = running(team)

    generation.record_answered(finished(0, "failed", error={"code": "generationFailed", "message": "no"}, **usage))

    assert generation.state == State.FAILED
    assert generation.error_message == "no"
    assert (generation.cost, spent(generation)) == (0, 0)


def test_success_without_a_picture_has_failed_and_keeps_the_hubs_word_on_credits(team: Team):
    generation = running(team)

    generation.record_answered(finished(0, usage={"credits": 8}))

    assert (generation.state, generation.error_code) == (State.FAILED, "noImages")
    assert spent(generation) == 8


def test_a_higher_final_price_is_corrected_and_not_hidden(team: Team):
    generation = running(team)

    generation.record_answered(finished(usage={"credits": 12}))

    assert generation.cost == 12
    assert set(LedgerEntry.objects.filter(generation_id=generation.pk).values_list("kind", "credits")) == {
        (EntryKind.CHARGE, 8),
        (EntryKind.CORRECTION, 4),
    }


def test_the_hubs_last_word_is_booked_once(team: Team):
    generation = running(team, n=2)
    twin = Generation.objects.get(pk=generation.pk)

    first = generation.record_answered(finished(1, usage={"credits": 8}))
    second = twin.record_answered(finished(1, usage={"credits": 8}))

    assert (len(first), len(second)) == (1, 0)
    assert spent(generation) == 8


def test_a_refusal_costs_nothing(team: Team):
    generation = sent(team)

    generation.record_refused("insufficientCredits", "")

    assert generation.state == State.FAILED
    assert Reservation.objects.reserved_credits(team) == 0
    assert not LedgerEntry.objects.exists()


def test_a_doubt_keeps_the_reservation(team: Team):
    generation = sent(team)

    generation.record_unknown("interrupted", balance_after=992)

    assert generation.state == State.UNKNOWN
    assert (generation.balance_before, generation.balance_after) == (1000, 992)
    assert Reservation.objects.reserved_credits(team) == 8


def test_an_answer_that_comes_after_the_lease_ran_out_still_counts(team: Team):
    generation = sent(team)
    generation.record_unknown("interrupted")

    assert generation.record_accepted(accepted())

    assert generation.state == State.RUNNING
    assert spent(generation) == 8


def test_a_refusal_that_comes_after_the_lease_ran_out_ends_the_doubt(team: Team):
    generation = sent(team)
    generation.record_unknown("interrupted")

    assert generation.record_refused("invalid_request", "No")

    assert (generation.state, generation.error_code) == (State.FAILED, "invalid_request")
    assert Reservation.objects.reserved_credits(team) == 0


def test_what_the_hub_gave_an_id_is_not_refused_any_more(team: Team):
    generation = running(team)
    generation.record_unknown("deadline")

    assert not generation.record_refused("invalid_request", "No")


def test_the_hub_has_one_of_ours_for_each_id_whatever_key_it_is_seen_with(team: Team):
    running(team)
    other = makers.make_key(team, label="Of the same account")
    waiting = makers.make_generation(team, team.memberships.get(role="owner").user)
    generation = Generation.objects.claim_for_sending(waiting.pk, other)
    assert generation

    with pytest.raises(IntegrityError), transaction.atomic():
        generation.record_accepted(accepted())

    assert LedgerEntry.objects.count() == 1


def test_nothing_leaves_a_final_state(team: Team):
    generation = sent(team)
    generation.record_refused("invalid_request", "")

    moves = [
        generation.record_accepted(accepted()),
        generation.record_unknown("interrupted"),
        generation.record_not_sent("unreachable", again_in=timedelta()),
        generation.record_answered(finished()),
    ]

    generation.refresh_from_db()
    assert not any(moves)
    assert generation.state == State.FAILED


def test_a_lease_is_renewed_while_a_long_body_is_sent(team: Team):
    generation = sent(team)
    past = timezone.now() + SEND_LEASE / 2
    Generation.objects.filter(pk=generation.pk).update(lease_until=past)

    assert generation.renew_lease(SEND_LEASE)

    generation.refresh_from_db()
    assert generation.lease_until > past


def test_a_lease_that_is_anothers_by_now_is_not_renewed(team: Team):
    generation = running(team)
    Generation.objects.filter(pk=generation.pk).update(due_at=timezone.now())
    (late,) = Generation.objects.claim_for_polling(1)
    Generation.objects.filter(pk=generation.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    (other,) = Generation.objects.claim_for_polling(1)

    assert not late.renew_lease(timedelta(hours=1))

    until = Generation.objects.get().lease_until
    assert until is not None
    assert other.lease_until == until < timezone.now() + timedelta(minutes=1)


def test_two_followers_never_look_at_the_same_generation(team: Team):
    generation = running(team)
    Generation.objects.filter(pk=generation.pk).update(due_at=timezone.now())

    first = Generation.objects.claim_for_polling(10)
    second = Generation.objects.claim_for_polling(10)

    assert [one.pk for one in first] == [generation.pk]
    assert second == []


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "painting"},
        {"n": 0},
        {"n": 5},
        {"visibility": "everybody"},
        {"state": State.SUCCEEDED},
        {"state": State.RUNNING},
        {"state": State.SENDING},
        {"state": State.FAILED},
        {"finished_at": timezone.now()},
        {"state": State.CANCELLED, "finished_at": timezone.now(), "unsent_since": timezone.now()},
    ],
)
def test_the_database_refuses_what_no_verb_would_write(team: Team, changes: dict):
    generation = makers.make_generation(team, team.memberships.get(role="owner").user)

    with pytest.raises(IntegrityError), transaction.atomic():
        Generation.objects.filter(pk=generation.pk).update(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"original": ""},
        {"size": None},
        {"size": 0},
        {"thumb": "thumb.webp"},
        {"thumb": "thumb.webp", "width": 64, "height": 48},
        {"thumb": "thumb.webp", "width": 64, "due_at": None},
    ],
)
def test_the_database_refuses_a_kept_picture_without_bytes_or_a_shown_one_without_sides(team: Team, changes: dict):
    image = makers.keep_as_file(Image.objects.create(generation=running(team), team=team, position=0, url="x"))

    with pytest.raises(IntegrityError), transaction.atomic():
        Image.objects.filter(pk=image.pk).update(**changes)


def test_the_database_takes_a_file_that_is_tried_for_and_a_picture_that_is_not(team: Team):
    image = makers.keep_as_file(Image.objects.create(generation=running(team), team=team, position=0, url="x"))
    assert image.due_at

    Image.objects.filter(pk=image.pk).update(thumb="thumb.webp", width=64, height=48, due_at=None)

    image.refresh_from_db()
    assert (image.is_shown, image.is_file) == (True, False)


def test_private_work_is_visible_to_its_author_alone(cast: Any):
    private = makers.make_generation(cast.team, cast.member, visibility="private")
    shared = makers.make_generation(cast.team, cast.member)

    seen = {
        who: set(Generation.objects.visible_to(cast.team.memberships.get(user=getattr(cast, who))))
        for who in ("owner", "member", "reviewer")
    }

    assert seen == {"owner": {shared}, "member": {private, shared}, "reviewer": {shared}}


def test_what_was_settled_as_lost_is_booked_once_when_it_is_found(team: Team):
    generation = sent(team)
    generation.record_unknown("interrupted")
    owner = generation.author
    generation.settle_as_accepted(owner)
    assert spent(generation) == 8

    found = recover_as_new(generation, generation.key, finished(usage={"credits": 8}), owner)

    assert (spent(generation), spent(found)) == (0, 8)
    generation.refresh_from_db()
    assert generation.cost == 0


def test_a_record_with_more_pictures_than_anybody_may_ask_for_is_taken_up(team: Team):
    generation = sent(team)
    generation.record_refused("invalid_request", "")

    found = recover_as_new(generation, generation.key, finished(6), generation.author)

    assert found.n == 4
    assert found.images.count() == 6


def test_what_is_found_is_booked_at_the_price_of_its_own_pictures(team: Team):
    generation = sent(team, n=4)
    generation.record_refused("invalid_request", "")

    found = recover_as_new(generation, generation.key, finished(1, usage={"credits": 8}), generation.author)

    entries = LedgerEntry.objects.filter(generation_id=found.pk).values_list("kind", "credits", "pictures")
    assert list(entries) == [(EntryKind.CHARGE, 8, 1)]


def test_what_is_recovered_with_another_key_is_booked_on_that_key(team: Team):
    generation = sent(team)
    generation.record_unknown("interrupted")
    other = makers.make_key(team, label="Other")

    generation.settle_by_record(other, finished(usage={"credits": 8}), generation.author)

    assert {entry.key for entry in LedgerEntry.objects.filter(generation_id=generation.pk)} == {other}


def test_what_comes_back_is_left_on_the_key_again(team: Team):
    generation = running(team)

    generation.record_answered(finished(0, "failed", usage={"credits": 0}))

    generation.key.refresh_from_db()
    assert generation.key.balance == 1000


def test_a_crash_between_the_picture_and_its_generation_leaves_neither_written(
    team: Team, monkeypatch: pytest.MonkeyPatch
):
    generation = running(team)
    (image,) = generation.record_answered(finished(usage={"credits": 8}))
    monkeypatch.setattr(Generation, "record_downloads_tried", lambda self: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        keep(image)

    image.refresh_from_db()
    assert image.kept_at is None
