"""What people decide about a generation, through its addresses: cancel, ask again, settle a doubt, recover."""

import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.generations import decisions, tasks
from hubportal.generations.models import Generation, State, Visibility
from hubportal.hub.records import GenerationRecord, parse_generation
from hubportal.keys.models import Key
from hubportal.usage.models import LedgerEntry, Reservation
from tests import makers, worker
from tests.generations.pages import one, put, read, words

# The followers ask from threads of their own, and tasks are nudged on commit: the rows must really be committed.
pytestmark = pytest.mark.django_db(transaction=True)
Browsers = Callable[[str], Client]

DECISIONS = ["cancellation", "retry", "settlement", "recovery"]


@pytest.fixture(autouse=True)
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that were enqueued; the tests do the worker's steps themselves."""
    names: list[str] = []
    for task in (tasks.send, tasks.sweep, tasks.poll):
        monkeypatch.setattr(type(task), "enqueue", lambda task: names.append(task.name))
    return names


@pytest.fixture
def key(cast: SimpleNamespace) -> Key:
    return makers.make_key(cast.team, credits=128)


@pytest.fixture
def waiting(cast: SimpleNamespace, key: Key) -> Generation:
    return makers.make_generation(cast.team, cast.member)


@pytest.fixture
def doubtful(waiting: Generation, key: Key) -> Generation:
    """Mina's, sent while the account had 128 credits, of which 120 are left."""
    return doubt(waiting, key)


@pytest.fixture
def lost(waiting: Generation, key: Key) -> Generation:
    """Mina's, accepted as clx_lost for 8 credits, and in doubt for want of an answer."""
    sent = Generation.objects.claim_for_sending(waiting.pk, key)
    assert sent
    sent.record_accepted(record("clx_lost"))
    sent.record_unknown("deadline")
    return Generation.objects.get(pk=waiting.pk)


def doubt(generation: Generation, key: Key) -> Generation:
    sent = Generation.objects.claim_for_sending(generation.pk, key)
    assert sent
    sent.record_unknown("interrupted", balance_after=120)
    return Generation.objects.get(pk=generation.pk)


def record(hub_id: str) -> GenerationRecord:
    return parse_generation({"id": hub_id, "status": "queued", "usage": {"credits": 0, "credits_requested": 8}})


def fail(generation: Generation, code: str = "generationFailed", **fields: Any) -> Generation:
    generation.record_refused(code, "")
    return put(generation, State.FAILED, error_code=code, **fields)


def address(generation: Generation, decision: str = "") -> str:
    page = f"/t/{generation.team.slug}/generations/{generation.pk}/"
    return f"{page}{decision}/" if decision else page


def decide(browser: Client, generation: Generation, decision: str, **fields: str) -> HttpResponse:
    return browser.post(address(generation, decision), fields)


def page_of(browser: Client, generation: Generation) -> HttpResponse:
    return browser.get(address(generation))


def card_of(browser: Client, generation: Generation) -> HttpResponse:
    return browser.get(address(generation, "card"))


def offered(response: HttpResponse) -> dict[str, dict[str, str]]:
    """The decisions on a page, by what their buttons say: each a form of its own, with what it sends."""
    forms = [form for form in read(response).select("main form, .card form") if form.get("action")]
    return {
        " ".join(form.select("button")[0].get_text(" ").split()): {
            str(field["name"]): str(field.get("value", "")) for field in form.select("input[name]")
        }
        for form in forms
        if str(form["action"]).split("/")[-2] in DECISIONS
    }


def said(response: HttpResponse) -> str:
    """The message on the page that one is led to."""
    return " ".join(read(response).select("#messages")[0].get_text(" ").split())


def spent(generation: Generation) -> int:
    return sum(entry.credits for entry in LedgerEntry.objects.filter(generation_id=generation.pk))


def fresh(generation: Generation) -> Generation:
    return Generation.objects.get(pk=generation.pk)


# Who decides -----------------------------------------------------------------------------------------------


@pytest.fixture
def by_decision(cast: SimpleNamespace, key: Key) -> Callable[..., Generation]:
    """One of Mina's that may be decided so."""

    def made(decision: str, **order: Any) -> Generation:
        generation = makers.make_generation(cast.team, cast.member, **order)
        if decision == "settlement":
            return doubt(generation, key)
        return generation if decision == "cancellation" else fail(generation)

    return made


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_member_does_not_decide_for_somebody_else(
    cast: SimpleNamespace, browser_of: Browsers, by_decision: Callable, decision: str
):
    generation = by_decision(decision)
    Generation.objects.update(author=cast.owner)

    assert decide(browser_of("member"), generation, decision, outcome="accepted").status_code == 403
    assert fresh(generation).state == generation.state
    assert Generation.objects.count() == 1


@pytest.mark.parametrize(("decision", "state"), [("cancellation", State.CANCELLED), ("settlement", State.FAILED)])
@pytest.mark.parametrize("who", ["member", "admin", "owner"])
def test_whoever_made_it_decides_and_so_do_admins(
    browser_of: Browsers, by_decision: Callable, decision: str, state: State, who: str
):
    generation = by_decision(decision)

    response = decide(browser_of(who), generation, decision, outcome="accepted")

    assert response.headers["Location"] == address(generation)
    assert fresh(generation).state == state


@pytest.mark.parametrize("decision", DECISIONS)
def test_private_ones_are_not_found_even_by_admins(browser_of: Browsers, by_decision: Callable, decision: str):
    generation = by_decision(decision, visibility=Visibility.PRIVATE)

    assert decide(browser_of("admin"), generation, decision, outcome="accepted").status_code == 404
    assert decide(browser_of("member"), generation, decision, outcome="accepted").status_code in {302, 403}


@pytest.mark.parametrize("decision", ["cancellation", "retry", "settlement"])
@pytest.mark.parametrize(("who", "may"), [("member", True), ("admin", True), ("reviewer", False)])
def test_buttons_are_there_only_for_whoever_may_press_them(
    browser_of: Browsers, by_decision: Callable, decision: str, who: str, may: bool
):
    generation = by_decision(decision)

    assert bool(read(card_of(browser_of(who), generation)).select(".row .button, .card-tools .button")) == may
    assert bool(read(page_of(browser_of(who), generation)).select(f'form[action$="/{decision}/"]')) == may


def test_a_colleague_reads_who_can_settle_it(cast: SimpleNamespace, browser_of: Browsers, doubtful: Generation):
    makers.join(cast.team, "max@example.org")
    cast.max = cast.team.memberships.get(user__email="max@example.org").user

    page = page_of(browser_of("max"), doubtful)

    assert "Mina, or an admin of your team, can settle it." in words(page, "#doubt")
    assert not offered(page)
    assert not offered(card_of(browser_of("max"), doubtful))


def test_a_decision_without_the_pages_token_is_refused(cast: SimpleNamespace, doubtful: Generation):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.member, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert decide(browser, doubtful, "settlement", outcome="accepted").status_code == 403
    token = read(page_of(browser, doubtful)).select("#doubt [name=csrfmiddlewaretoken]")[0]["value"]
    sent = {"outcome": "accepted", "csrfmiddlewaretoken": str(token)}
    assert decide(browser, doubtful, "settlement", **sent).status_code == 302


# Cancelling ------------------------------------------------------------------------------------------------


def test_what_waits_is_cancelled_and_nothing_is_spent(cast: SimpleNamespace, browser_of: Browsers, waiting: Generation):
    mina = browser_of("member")
    assert "Cancel" in offered(card_of(mina, waiting))
    assert "Cancel" in offered(page_of(mina, waiting))

    page = mina.post(address(waiting, "cancellation"), follow=True)

    assert fresh(waiting).state == State.CANCELLED
    assert Reservation.objects.reserved_credits(cast.team) == 0
    assert not LedgerEntry.objects.exists()
    assert "no credits were spent" in said(page)
    assert "Nothing was charged." in words(page, ".why > p")


@pytest.mark.parametrize(("code", "why"), [("busy", "The hub is busy."), ("unreachable", "The hub can't be reached")])
def test_what_was_tried_says_why_it_waits_beside_the_button(
    browser_of: Browsers, waiting: Generation, code: str, why: str
):
    put(waiting, State.WAITING, error_code=code)

    card = card_of(browser_of("member"), waiting)

    assert words(card, ".why > p").startswith(why)
    assert list(offered(card)) == ["Cancel"]
    assert read(card).select(".why form")


def test_what_is_on_its_way_is_too_late_to_cancel(browser_of: Browsers, waiting: Generation, key: Key):
    Generation.objects.claim_for_sending(waiting.pk, key)

    page = browser_of("member").post(address(waiting, "cancellation"), follow=True)

    assert fresh(waiting).state == State.SENDING
    assert "Too late to cancel" in said(page)
    assert "Cancel" not in offered(page)


# Asking again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["generationFailed", "insufficientCredits", "noKey", "notAccepted"])
def test_what_failed_is_asked_again_at_todays_price_and_the_two_lead_to_each_other(
    cast: SimpleNamespace, browser_of: Browsers, waiting: Generation, nudged: list[str], code: str
):
    mina, old = browser_of("member"), fail(waiting, code, expected_credits=5)
    assert "Try again · 8 credits" in offered(card_of(mina, old))
    assert "Try again · 8 credits" in offered(page_of(mina, old))

    page = mina.post(address(old, "retry"), follow=True)

    new = Generation.objects.get(parent=old)
    assert (new.author, new.state, new.expected_credits) == (cast.member, State.WAITING, 8)
    assert page.redirect_chain == [(address(new), 302)]
    assert one(page, f'main a[href="{address(old)}"]').get_text().startswith("the one of")
    assert nudged == ["send"]
    for shown in (card_of(mina, old), page_of(mina, old)):
        assert one(shown, f'a[href="{address(new)}"]').get_text() == "Asked again: see the new one"
        assert not offered(shown)


def test_pressing_twice_asks_once(browser_of: Browsers, waiting: Generation, nudged: list[str]):
    mina, old = browser_of("member"), fail(waiting)

    answers = [decide(mina, old, "retry") for _ in range(2)]

    new = Generation.objects.get(parent=old)
    assert {answer.headers["Location"] for answer in answers} == {address(new)}
    assert nudged == ["send"]


def test_an_admin_asks_again_in_their_own_name(cast: SimpleNamespace, browser_of: Browsers, waiting: Generation):
    old = fail(waiting)

    decide(browser_of("admin"), old, "retry")

    assert Generation.objects.get(parent=old).author == cast.admin


def test_what_was_cancelled_can_be_asked_again(browser_of: Browsers, waiting: Generation):
    waiting.record_cancelled()

    decide(browser_of("member"), waiting, "retry")

    assert fresh(waiting).retry.parameters == waiting.parameters


@pytest.mark.parametrize("state", [State.WAITING, State.RUNNING, State.SUCCEEDED, State.UNKNOWN])
def test_nothing_else_is_asked_again(browser_of: Browsers, waiting: Generation, state: State):
    put(waiting, state)

    page = browser_of("member").post(address(waiting, "retry"), follow=True)

    assert Generation.objects.count() == 1
    assert "Only what failed or was cancelled" in said(page)


def test_without_a_price_the_button_names_none(browser_of: Browsers, waiting: Generation):
    old = fail(waiting, model="a-model-of-yesterday", expected_credits=None)

    assert list(offered(card_of(browser_of("member"), old))) == ["Try again"]


# Settling --------------------------------------------------------------------------------------------------


def test_the_card_of_a_doubt_says_what_is_known_and_leads_to_what_each_answer_means(
    browser_of: Browsers, doubtful: Generation
):
    mina = browser_of("member")
    card = card_of(mina, doubtful)

    assert "The balance went from 128 to 120 and nothing else was paid meanwhile" in words(card, ".why > p")
    assert not offered(card)
    for link, open_choice, consequence in zip(
        read(card).select(".why a.button"),
        ("It went through", "It didn't — send again"),
        ("8 credits are counted as spent.", "If the hub did accept the first, your team pays for both"),
        strict=True,
    ):
        choice = one(mina.get(str(link["href"]).partition("#")[0]), "#doubt details[open]")
        assert link.get_text().startswith(open_choice)
        assert choice.summary.get_text() == open_choice
        assert consequence in " ".join(choice.get_text(" ").split())


def test_an_admin_is_told_what_to_do_and_not_to_ask_an_admin(browser_of: Browsers, waiting: Generation):
    waiting.record_refused("noKey", "")

    assert "An admin of your team can add a key" in words(card_of(browser_of("member"), waiting), ".why > p")
    assert "Add a key on the Keys page" in words(card_of(browser_of("admin"), waiting), ".why > p")


def test_a_decision_on_a_card_changes_the_card_and_stays_on_the_page(
    cast: SimpleNamespace, browser_of: Browsers, waiting: Generation
):
    mina, scripts = browser_of("member"), {"HX-Request": "true"}

    cancelled = mina.post(address(waiting, "cancellation"), headers=scripts)
    again = mina.post(address(waiting, "retry"), headers=scripts)

    assert one(cancelled, f"#generation-{waiting.pk}")["data-state"] == "cancelled"
    assert words(cancelled, "#messages[hx-swap-oob='beforeend'] p") == (
        "Cancelled before it was sent: no credits were spent."
    )
    new = Generation.objects.get(parent=waiting)
    assert one(again, f"#generation-{waiting.pk}")["data-state"] == "cancelled"
    assert one(again, f"[hx-swap-oob='afterbegin:#cards'] #generation-{new.pk}")["data-state"] == "waiting"


def test_what_a_card_can_not_do_is_told_beside_it(cast: SimpleNamespace, browser_of: Browsers, waiting: Generation):
    old = fail(waiting)
    Key.objects.update(paused_at=timezone.now())

    refused = browser_of("member").post(address(old, "retry"), headers={"HX-Request": "true"})

    assert one(refused, f"#generation-{old.pk}")["data-state"] == "failed"
    assert "Your team has no hub key that works" in words(refused, "#messages[hx-swap-oob='beforeend'] p")


def test_what_the_hub_refused_is_edited_first_and_what_it_could_not_do_is_only_asked_again(
    browser_of: Browsers, waiting: Generation
):
    mina, old = browser_of("member"), fail(waiting, "invalid_request")

    edit = one(card_of(mina, old), ".why a.button")
    Generation.objects.update(error_code="unreachable", hub_id="", charged=None)

    assert edit.get_text() == "Edit and try again"
    assert "A red boat" in words(mina.get(str(edit["href"])), "#id_prompt")
    assert not read(card_of(mina, old)).select(".why a.button")


def test_the_page_of_a_doubt_shows_the_evidence_and_every_answer(
    cast: SimpleNamespace, browser_of: Browsers, doubtful: Generation, key: Key
):
    beside = makers.make_generation(cast.team, cast.owner)
    times = {"sent_at": doubtful.sent_at, "accepted_at": doubtful.sent_at}
    put(beside, State.RUNNING, key=key, **times)
    Generation.objects.filter(pk=doubtful.pk).update(balance_after=112)

    page = page_of(browser_of("member"), doubtful)

    rows = one(page, "#doubt .facts").select("div")
    facts = {row.dt.get_text(): " ".join(row.dd.get_text(" ").split()) for row in rows}
    assert (facts["Balance before"], facts["Balance after"]) == ("128", "112")
    assert facts["Others paid meanwhile"] == "1: 8 credits in all"
    assert (facts["Left unexplained"], facts["It would cost"]) == ("8 credits", "8 credits")
    assert set(offered(page)) == {
        "Yes, it went through · charges 8 credits",
        "Yes, send it again · 8 credits",
        "Yes, leave it · no credits",
    }
    assert words(page, "label[for=id_hub_id]").startswith("The hub's id, if you see it on the hub's own page")


def test_it_went_through_books_its_price_once(cast: SimpleNamespace, browser_of: Browsers, doubtful: Generation):
    mina = browser_of("member")
    assert Reservation.objects.reserved_credits(cast.team) == 8

    first = mina.post(address(doubtful, "settlement"), {"outcome": "accepted"}, follow=True)
    second = mina.post(address(doubtful, "settlement"), {"outcome": "not_accepted", "again": "on"}, follow=True)

    settled = fresh(doubtful)
    assert (settled.state, settled.error_code, settled.settled_by) == (State.FAILED, "acceptedUnseen", cast.member)
    assert (settled.cost, spent(settled), Reservation.objects.reserved_credits(cast.team)) == (8, 8, 0)
    assert "Settled: it went through, but its pictures can't be found here. 8 credits were charged." in said(first)
    assert "Nothing was changed" in said(second)
    assert Generation.objects.count() == 1
    assert "by Mina," in words(second, "main aside")
    assert "8 credits spent" in words(second, "main aside")


def test_it_did_not_costs_nothing_and_is_left(cast: SimpleNamespace, browser_of: Browsers, doubtful: Generation):
    page = browser_of("admin").post(address(doubtful, "settlement"), {"outcome": "not_accepted"}, follow=True)

    settled = fresh(doubtful)
    assert (settled.state, settled.error_code, settled.settled_by) == (State.FAILED, "notAccepted", cast.admin)
    assert (spent(settled), Reservation.objects.reserved_credits(cast.team)) == (0, 0)
    assert words(page, ".why > p") == "Settled: it didn't go through. Nothing was charged."
    assert "by Adam," in words(page, "main aside")
    assert "nothing charged" in words(page, "main aside")
    assert "Try again · 8 credits" in offered(page)


def test_it_did_not_and_is_sent_again_once(
    cast: SimpleNamespace, browser_of: Browsers, doubtful: Generation, nudged: list[str]
):
    mina = browser_of("member")

    first = decide(mina, doubtful, "settlement", outcome="not_accepted", again="on")
    second = decide(mina, doubtful, "settlement", outcome="not_accepted", again="on")

    new = Generation.objects.get(parent=doubtful)
    assert (first.headers["Location"], second.headers["Location"]) == (address(new), address(doubtful))
    assert fresh(doubtful).error_code == "notAccepted"
    assert Reservation.objects.reserved_credits(cast.team) == 8
    assert nudged == ["send"]


def test_who_comes_too_late_sends_nothing_again(
    cast: SimpleNamespace, browser_of: Browsers, doubtful: Generation, monkeypatch: pytest.MonkeyPatch
):
    """Between reading the row and deciding, somebody else said the opposite."""
    decide_so = decisions.settle_as_not_accepted

    def overtaken(generation: Generation, actor: Actor) -> None:
        fresh(generation).settle_as_accepted(cast.admin)
        decide_so(generation, actor)

    monkeypatch.setattr(decisions, "settle_as_not_accepted", overtaken)

    page = browser_of("member").post(
        address(doubtful, "settlement"), {"outcome": "not_accepted", "again": "on"}, follow=True
    )

    assert "Nothing was changed" in said(page)
    assert fresh(doubtful).error_code == "acceptedUnseen"
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("outcome", ["", "perhaps"])
def test_an_answer_that_is_none_comes_back_with_what_was_typed(
    browser_of: Browsers, doubtful: Generation, outcome: str
):
    page = decide(browser_of("member"), doubtful, "settlement", outcome=outcome, hub_id="clx_typed")

    assert page.status_code == 422
    assert "Say whether it went through or not." in words(page, "#doubt")
    assert one(page, "#doubt [name=hub_id]")["value"] == "clx_typed"
    assert fresh(doubtful).state == State.UNKNOWN


def test_what_the_hub_accepted_and_forgot_can_be_settled_both_ways(
    cast: SimpleNamespace, browser_of: Browsers, lost: Generation
):
    mina = browser_of("member")
    assert list(offered(card_of(mina, lost))) == ["Look again · no credits"]
    assert list(offered(page_of(mina, lost))) == [
        "Look again · no credits",
        "Yes, its pictures are lost · 8 credits stay spent",
        "Yes, its credits came back · returns 8 credits",
    ]

    page = mina.post(address(lost, "settlement"), {"outcome": "not_accepted"}, follow=True)

    assert (fresh(lost).cost, spent(lost)) == (0, 0)
    assert "Your 8 credits came back." in words(page, ".why > p")
    assert "8 credits came back" in words(page, "main aside")


# Recovering ------------------------------------------------------------------------------------------------


@pytest.fixture
def secret(sandbox: Any) -> str:
    return sandbox.hub.new_key(credits=128)


@pytest.fixture
def dropped(cast: SimpleNamespace, secret: str) -> Generation:
    """Really accepted by the sandbox, whose answer was lost."""
    makers.make_key(cast.team, secret, credits=128, label="Sandbox")
    generation = makers.make_generation(cast.team, cast.member, prompt="[drop] a boat")
    worker.send(generation.pk)
    assert fresh(generation).state == State.UNKNOWN
    return fresh(generation)


def hub_id_of(sandbox: Any, secret: str) -> str:
    (seen,) = sandbox.hub.generations(secret)
    return seen.id


def work(generation: Generation, patience: float = 10.0) -> Generation:
    """The worker's rounds until it is done, or patience (seconds) is out."""
    until = time.monotonic() + patience
    while time.monotonic() < until and fresh(generation).is_moving:
        Generation.objects.filter(pk=generation.pk, answered_at=None).update(due_at=timezone.now())
        list(worker.poll_due(timedelta()))
        for image in generation.images.filter(kept_at=None):
            worker.download_image(image.pk)
    return fresh(generation)


@pytest.mark.parametrize(("who", "decision"), [("member", "settlement"), ("admin", "recovery")])
def test_with_the_hubs_id_a_doubtful_one_comes_with_its_pictures(
    cast: SimpleNamespace,
    browser_of: Browsers,
    sandbox: Any,
    secret: str,
    dropped: Generation,
    nudged: list[str],
    who: str,
    decision: str,
):
    found = {"outcome": "accepted", "hub_id": hub_id_of(sandbox, secret)}

    page = browser_of(who).post(address(dropped, decision), found, follow=True)
    done = work(dropped)

    assert "Found at the hub" in said(page)
    assert {"sweep", "poll"} <= set(nudged)
    assert (done.state, done.hub_id, done.settled_by) == (State.SUCCEEDED, found["hub_id"], getattr(cast, who))
    assert [image.kept_at is not None for image in done.images.all()] == [True]
    assert (spent(done), Reservation.objects.reserved_credits(cast.team)) == (8, 0)
    assert sandbox.hub.requests(secret)["submissions"] == 1
    shown = page_of(browser_of(who), done)
    assert read(shown).select("img[data-image]")
    assert "found again at the hub" in words(shown, "main aside")


def test_an_admin_recovers_what_we_took_for_failed_as_a_new_one(
    cast: SimpleNamespace, browser_of: Browsers, sandbox: Any, secret: str, dropped: Generation
):
    dropped.settle_as_not_accepted(cast.member)
    hub_id = hub_id_of(sandbox, secret)

    answer = decide(browser_of("admin"), dropped, "recovery", hub_id=hub_id)

    new = Generation.objects.get(hub_id=hub_id)
    assert answer.headers["Location"] == address(new)
    assert (work(new).state, spent(new), spent(dropped)) == (State.SUCCEEDED, 8, 0)
    again = decide(browser_of("admin"), dropped, "recovery", hub_id=hub_id)
    assert again.status_code == 422
    assert Generation.objects.count() == 2


def test_a_doubt_that_has_an_id_is_not_answered_by_anothers(
    cast: SimpleNamespace, browser_of: Browsers, sandbox: Any, secret: str, dropped: Generation
):
    hub_id = hub_id_of(sandbox, secret)
    doubtful = makers.make_generation(cast.team, cast.member, prompt="another")
    Generation.objects.claim_for_sending(doubtful.pk, dropped.key)
    fresh(doubtful).record_accepted(record("clx_never_finishing"))
    fresh(doubtful).record_unknown("deadline")

    decide(browser_of("admin"), doubtful, "recovery", hub_id=hub_id)

    new = Generation.objects.get(hub_id=hub_id)
    assert new.pk not in {doubtful.pk, dropped.pk}
    assert (work(new).state, fresh(doubtful).state) == (State.SUCCEEDED, State.UNKNOWN)
    assert (fresh(doubtful).hub_id, spent(new), spent(doubtful)) == ("clx_never_finishing", 8, 8)


def test_looking_again_takes_up_what_the_hub_says_now(
    cast: SimpleNamespace, browser_of: Browsers, sandbox: Any, secret: str, dropped: Generation
):
    dropped.record_accepted(record(hub_id_of(sandbox, secret)))
    dropped.record_unknown("deadline")
    mina = browser_of("member")
    sent = offered(card_of(mina, dropped))["Look again · no credits"]

    mina.post(address(dropped, "settlement"), sent)

    assert work(dropped).state == State.SUCCEEDED
    assert (spent(dropped), Reservation.objects.reserved_credits(cast.team)) == (8, 0)


def refusals(decision: str) -> list[Any]:
    return [
        pytest.param(decision, hub_id, sentence, id=f"{decision}-{name}")
        for name, hub_id, sentence in [
            ("unknown", "clx_nowhere", "None of your team's keys finds this id at the hub."),
            ("nonsense", "../credits", "This is not an id of the hub's"),
            ("used", "clx_used", "A generation of your team has this id already."),
            ("too long", "x" * 129, "at most 128 characters"),
        ]
    ]


@pytest.mark.parametrize(
    ("decision", "hub_id", "sentence"),
    [
        *refusals("settlement"),
        *refusals("recovery"),
        pytest.param("recovery", "", "Enter the id that the hub shows for it.", id="recovery-empty"),
    ],
)
def test_an_id_that_leads_nowhere_comes_back_with_a_sentence(
    cast: SimpleNamespace, browser_of: Browsers, dropped: Generation, decision: str, hub_id: str, sentence: str
):
    makers.make_key(cast.team, label="Spare")
    # With another key: the account behind it may be the same.
    other_key = Key.objects.get(label="Spare")
    put(makers.make_generation(cast.team, cast.owner), State.RUNNING, hub_id="clx_used", key=other_key)

    page = decide(browser_of("admin"), dropped, decision, outcome="accepted", hub_id=hub_id)

    assert page.status_code == 422
    form = f'form[action="{address(dropped, decision)}"]:has([name=hub_id])'
    assert sentence in words(page, f"{form} .field-error")
    assert one(page, f"{form} [name=hub_id]").get("value", "") == hub_id
    assert fresh(dropped).state == State.UNKNOWN
    assert Generation.objects.count() == 2


def test_while_the_hub_is_down_nothing_changes(browser_of: Browsers, dropped: Generation, settings: Any):
    settings.HUB_BASE_URL = "http://127.0.0.1:9"

    page = decide(browser_of("member"), dropped, "settlement", outcome="accepted", hub_id="clx_any")

    assert page.status_code == 422
    assert "The hub can't be asked right now. Nothing was changed" in words(page, "#doubt .field-error")
    assert one(page, "#doubt [name=hub_id]")["value"] == "clx_any"
    assert fresh(dropped).state == State.UNKNOWN


def test_another_key_of_the_team_can_find_it(
    cast: SimpleNamespace, browser_of: Browsers, sandbox: Any, secret: str, dropped: Generation
):
    sandbox_key = Key.objects.get(label="Sandbox")
    revoked = sandbox.hub.new_key()
    sandbox.hub.revoke(revoked)
    Generation.objects.filter(pk=dropped.pk).update(key=makers.make_key(cast.team, revoked, label="Revoked"))

    decide(browser_of("member"), dropped, "settlement", outcome="accepted", hub_id=hub_id_of(sandbox, secret))

    assert fresh(dropped).key == sandbox_key
    assert work(dropped).state == State.SUCCEEDED


def test_a_page_with_a_refused_form_does_not_reload_under_the_person_typing(browser_of: Browsers, waiting: Generation):
    page = decide(browser_of("admin"), waiting, "recovery", hub_id="no id")

    assert page.status_code == 422
    assert not read(page).select("meta[http-equiv=refresh]")
    assert one(page, "details:has([name=hub_id])").has_attr("open")


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize(("who", "may"), [("admin", True), ("member", False)])
def test_admins_find_the_way_to_recover_on_every_page(
    browser_of: Browsers, waiting: Generation, state: str, who: str, may: bool
):
    put(waiting, State(state))

    fields = read(page_of(browser_of(who), waiting)).select("main [name=hub_id]")

    assert bool(fields) == (may or state == State.UNKNOWN)
