"""The budgets page, asking for more, limits on orders, and what the prompt form says of all that."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hubportal.audit.actor import SITE, Actor
from hubportal.audit.models import AuditEntry
from hubportal.generations.models import Generation
from hubportal.teams.permissions import Role
from hubportal.usage.budgets import Subject, ask_for_more, set_budget
from hubportal.usage.models import Budget, BudgetRequest, OrderLimit, Project, Scope
from hubportal.usage.order_limits import Allowed, set_limit
from tests import makers
from tests.generations.pages import one, read, words

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[str], Client]


@pytest.fixture(autouse=True)
def key(cast: SimpleNamespace) -> Any:
    return makers.make_key(cast.team)


def place(cast: SimpleNamespace, name: str = "budgets", *args: Any) -> str:
    return reverse(f"usage:{name}", args=[cast.team.slug, *args])


def allow(cast: SimpleNamespace, credits: int, about: Any = None, **how: Any) -> Budget:
    subject = about if isinstance(about, Subject) else Subject.of(about)
    set_budget(cast.team, subject, credits, actor=SITE, **how)
    return Budget.objects.get(team=cast.team, **subject.fields)


def create(browser: Client, cast: SimpleNamespace, **asked: Any) -> Any:
    form = {"prompt": "A red boat", "size": "1024x1024"} | asked
    return browser.post(f"/t/{cast.team.slug}/generations/", form)


def page_names(response: Any) -> list[str]:
    return [article["aria-label"] for article in read(response).select("article.budget")]


def limits_in(response: Any) -> list[dict[str, Any]]:
    return json.loads(one(response, "#limits").get("data-limits", "[]"))


# The page --------------------------------------------------------------------------------------------------------


def test_an_admin_sets_changes_and_lifts_a_budget(cast: SimpleNamespace, browser_of: BrowserOf):
    browser = browser_of("admin")
    asked = {"about": f"person:{cast.member.pk}", "credits": "200", "kind": "hard", "warn_at": "80"}

    said = browser.post(place(cast), asked, follow=True)
    browser.post(place(cast), asked | {"credits": "0", "kind": "soft", "warn_at": "50"})

    assert "Mina: 200 credits a month" in said.content.decode()
    budget = Budget.objects.get()
    assert (budget.person, budget.credits, budget.is_hard, budget.warn_at) == (cast.member, 0, False, 50)
    browser.post(place(cast, "budget-removal", budget.pk))
    assert not Budget.objects.exists()
    assert [entry.by for entry in AuditEntry.objects.all()] == [cast.admin] * 3


@pytest.mark.parametrize("credits", ["", "-1", "2147483648", "9" * 40, "1.5", "many", "٥٠٠x"])
def test_credits_that_are_none_are_refused_in_words(cast: SimpleNamespace, browser_of: BrowserOf, credits: str):
    response = browser_of("admin").post(
        place(cast), {"about": "team", "credits": credits, "kind": "hard", "warn_at": "80"}
    )

    assert response.status_code == 422
    assert words(response, "#id_credits_error")
    assert not Budget.objects.exists()


@pytest.mark.parametrize("about", ["person:x", "person:99999999999", "project:1", "key:", "elsewhere", "", "person:0"])
def test_a_budget_for_what_isnt_the_teams_is_refused(cast: SimpleNamespace, browser_of: BrowserOf, about: str):
    response = browser_of("admin").post(place(cast), {"about": about, "credits": "5", "kind": "hard", "warn_at": "80"})

    assert response.status_code == 422
    assert not Budget.objects.exists()


def test_a_strangers_project_and_key_are_not_offered_or_taken(cast: SimpleNamespace, browser_of: BrowserOf):
    theirs = cast.stranger.memberships.get().team
    project, key = Project.objects.create(team=theirs, name="Theirs"), makers.make_key(theirs)

    for about in (f"project:{project.pk}", f"key:{key.pk}", f"person:{cast.stranger.pk}"):
        form = {"about": about, "credits": "5", "kind": "hard", "warn_at": "80"}
        assert browser_of("admin").post(place(cast), form).status_code == 422


def test_a_member_sees_the_teams_their_own_and_the_projects(cast: SimpleNamespace, browser_of: BrowserOf, key: Any):
    project = Project.objects.create(team=cast.team, name="Harbour")
    for about in (None, cast.member, cast.admin, project, key, Subject(Scope.EVERYONE)):
        allow(cast, 100, about)

    response = browser_of("member").get(place(cast))

    assert page_names(response) == ["The whole team", "You", "Harbour"]
    assert not read(response).select("form[action$='removal/']")


def test_an_admin_sees_all_of_them_whoever_is_nearest_first(cast: SimpleNamespace, browser_of: BrowserOf, key: Any):
    allow(cast, 100, Subject(Scope.EVERYONE))
    allow(cast, 100, cast.owner)
    makers.make_generation(cast.team, cast.member, credits=30)
    makers.make_generation(cast.team, cast.reviewer, credits=90)

    response = browser_of("admin").get(place(cast))

    assert page_names(response) == ["Anna", "Rob", "Mina", "Adam"]
    assert "Nearly used up" in words(
        response, f"[id='budget-{Budget.objects.get(scope='everyone').pk}-{cast.reviewer.pk}']"
    )


def test_a_bar_says_in_numbers_what_it_shows(cast: SimpleNamespace, browser_of: BrowserOf):
    budget = allow(cast, 1000)
    makers.make_generation(cast.team, cast.member, credits=250)

    response = browser_of("member").get(place(cast))

    assert words(response, f"#budget-{budget.pk} dl") == "Spent 0 Reserved 250 Left 750 A month 1,000"
    meter = one(response, "meter")
    assert (meter["value"], meter["max"], meter["low"]) == ("250", "1000", "799")


@pytest.mark.parametrize("page", ["budgets/", ""])
@pytest.mark.parametrize("who", ["admin", "member"])
def test_a_page_costs_the_same_with_many_budgets(cast: SimpleNamespace, browser_of: BrowserOf, page: str, who: str):
    browser, page = browser_of(who), f"/t/{cast.team.slug}/{page}"
    allow(cast, 100)
    allow(cast, 100, Project.objects.create(team=cast.team, name="P"))
    browser.get(page)
    with CaptureQueriesContext(connection) as few:
        browser.get(page)
    for at in range(6):
        allow(cast, 100, Project.objects.create(team=cast.team, name=f"P{at}"))
        allow(cast, 100, makers.join(cast.team, f"p{at}@example.org"))

    with CaptureQueriesContext(connection) as many:
        browser.get(page)

    assert len(many) == len(few)


def test_budgets_of_who_left_and_of_archived_projects_can_be_lifted(cast: SimpleNamespace, browser_of: BrowserOf):
    project = Project.objects.create(team=cast.team, name="Harbour")
    of_project, of_person = allow(cast, 10, project), allow(cast, 10, cast.member)
    project.archived_at = "2026-11-01T00:00Z"
    project.save()
    cast.team.memberships.get(user=cast.member).delete()

    response = browser_of("admin").get(place(cast))

    for budget in (of_project, of_person):
        assert "no longer in use" in words(response, f"#budget-{budget.pk}")
        browser_of("admin").post(place(cast, "budget-removal", budget.pk))
    assert not Budget.objects.exists()


def test_a_budget_lowered_below_what_is_taken_says_what_that_means(cast: SimpleNamespace, browser_of: BrowserOf):
    makers.make_generation(cast.team, cast.member, credits=250)
    form = {"about": "team", "credits": "100", "kind": "hard", "warn_at": "80"}

    response = browser_of("admin").post(place(cast), form, follow=True)

    assert "250 are spent or reserved already" in response.content.decode()
    assert "150 over" in words(response, "article.budget")


# Asking for more -------------------------------------------------------------------------------------------------


def test_what_does_not_fit_is_asked_for_raised_and_made(cast: SimpleNamespace, browser_of: BrowserOf):
    budget = allow(cast, 6, cast.member)
    member, admin = browser_of("member"), browser_of("admin")
    refused = create(member, cast)
    link = one(refused, "#why a")["href"]

    member.post(link, {"credits": "20", "reason": "The  harbour series"})
    assert "Mina asks for 20 credits more a month." in words(admin.get(place(cast)), "[aria-labelledby='asked-for']")
    asked = BudgetRequest.objects.get()
    admin.post(place(cast, "budget-answer", asked.pk), {"credits": "20"})

    assert refused.status_code == 422
    assert link == f"{place(cast, 'budget-request', budget.pk)}?credits=2"
    assert asked.reason == "The harbour series"
    assert "Adam raised it" in words(member.get(place(cast)), "[aria-labelledby='you-asked']")
    assert Budget.objects.get().credits == 26
    assert create(member, cast).status_code == 302
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")][-2:] == ["budget.asked", "budget.granted"]


@pytest.mark.parametrize("on_a_card", [True, False])
def test_where_trying_again_does_not_fit_each_budget_says_where_to_ask_for_more(
    cast: SimpleNamespace, browser_of: BrowserOf, on_a_card: bool
):
    old = makers.make_generation(cast.team, cast.member)
    assert old.record_cancelled()
    own, of_team = allow(cast, 6, cast.member), allow(cast, 5)
    retry = f"/t/{cast.team.slug}/generations/{old.pk}/retry/"
    how: Any = {"headers": {"HX-Request": "true"}} if on_a_card else {"follow": True}

    refused = browser_of("member").post(retry, **how)
    owner_refused = browser_of("admin").post(retry, **how)

    ask = {(link["href"], link.get_text()) for link in read(refused).select("#messages .message a")}
    assert ask == {
        (f"{place(cast, 'budget-request', own.pk)}?credits=2", "Ask for more"),
        (f"{place(cast, 'budget-request', of_team.pk)}?credits=3", "Ask for more"),
    }
    assert "your own budget in this team has 6 credits left" in refused.content.decode()
    assert one(owner_refused, "#messages .message a")["href"] == f"{place(cast)}#budget-{of_team.pk}"
    assert not old.retries.exists()


def test_asked_again_before_it_is_answered_it_is_one_request(cast: SimpleNamespace):
    budget, actor = allow(cast, 6), Actor(cast.member)

    first = ask_for_more(budget, 10, actor=actor)
    second = ask_for_more(budget, 30, actor=actor)

    assert first.pk == second.pk
    assert BudgetRequest.objects.get().credits == 30
    assert AuditEntry.objects.filter(action="budget.asked").count() == 1


def test_a_request_is_answered_once(cast: SimpleNamespace, browser_of: BrowserOf):
    asked = ask_for_more(allow(cast, 6), 10, actor=Actor(cast.member))

    browser_of("owner").post(place(cast, "budget-answer", asked.pk), {"decline": "1"})
    said = browser_of("admin").post(place(cast, "budget-answer", asked.pk), {"credits": "10"}, follow=True)

    assert "already" in said.content.decode()
    assert Budget.objects.get().credits == 6
    assert "Anna left it as it is" in words(browser_of("member").get(place(cast)), "[aria-labelledby='you-asked']")


def test_more_of_a_budget_for_each_person_is_for_the_one_who_asked(cast: SimpleNamespace, browser_of: BrowserOf):
    asked = ask_for_more(allow(cast, 6, Subject(Scope.EVERYONE)), 10, actor=Actor(cast.member))

    browser_of("admin").post(place(cast, "budget-answer", asked.pk), {"credits": "10"})

    assert {budget.scope: budget.credits for budget in Budget.objects.all()} == {"everyone": 6, "person": 16}


@pytest.mark.parametrize("credits", ["0", "-5", "2147483648", ""])
def test_what_is_asked_for_is_a_number_of_credits(cast: SimpleNamespace, browser_of: BrowserOf, credits: str):
    response = browser_of("member").post(place(cast, "budget-request", allow(cast, 6).pk), {"credits": credits})

    assert response.status_code == 422
    assert not BudgetRequest.objects.exists()


def test_nobody_asks_for_more_of_somebody_elses_budget(cast: SimpleNamespace, browser_of: BrowserOf):
    theirs = allow(cast, 6, cast.admin)

    assert browser_of("member").get(place(cast, "budget-request", theirs.pk)).status_code == 404


def test_a_budget_is_never_raised_beyond_what_its_column_holds(cast: SimpleNamespace, browser_of: BrowserOf):
    asked = ask_for_more(allow(cast, 2**31 - 2), 10, actor=Actor(cast.member))

    browser_of("admin").post(place(cast, "budget-answer", asked.pk), {"credits": "10"})

    assert Budget.objects.get().credits == 2**31 - 1


# The prompt form -------------------------------------------------------------------------------------------------


def test_the_form_says_which_budget_whose_how_much_and_who_can_raise_it(cast: SimpleNamespace, browser_of: BrowserOf):
    allow(cast, 6, cast.member)

    said = words(create(browser_of("member"), cast), "#why")

    assert said.startswith("This takes 8 credits, and your own budget in this team has 6 credits left this month.")
    assert "It starts anew on" in said
    assert "Anna or Adam can raise it." in said
    assert said.endswith("Ask for more")


@pytest.mark.parametrize("how", ["form", "try again"])
def test_of_several_keys_the_one_with_the_most_room_is_named_with_who_can_raise_it(
    cast: SimpleNamespace, browser_of: BrowserOf, key: Any, how: str
):
    spare = makers.make_key(cast.team, label="Spare")
    allow(cast, 14, key)
    budget = allow(cast, 15, spare)
    member, old = browser_of("member"), makers.make_generation(cast.team, cast.member)
    assert old.record_cancelled()
    makers.make_generation(cast.team, cast.member)
    makers.make_generation(cast.team, cast.member)

    if how == "form":
        place_of_words, response = "#why", create(member, cast)
    else:
        place_of_words = "#messages .message p"
        response = member.post(f"/t/{cast.team.slug}/generations/{old.pk}/retry/", follow=True)

    said = words(response, place_of_words)
    assert said.startswith(
        "This takes 8 credits, which one of your team's keys must have room for. The one with the most left of its "
        f"budget this month, {spare}, has 7 credits. It starts anew on"
    )
    assert "Anna or Adam can raise it." in said
    assert one(response, f"{place_of_words} a")["href"] == f"{place(cast, 'budget-request', budget.pk)}?credits=1"
    assert Generation.objects.count() == 3


def test_an_admin_is_led_to_raise_it(cast: SimpleNamespace, browser_of: BrowserOf):
    budget = allow(cast, 6)

    response = create(browser_of("admin"), cast)

    assert "You can raise it on the Budgets page." in words(response, "#why")
    assert one(response, "#why a")["href"] == f"{place(cast)}#budget-{budget.pk}"


def test_the_page_knows_beforehand_what_does_not_fit(cast: SimpleNamespace, browser_of: BrowserOf, key: Any):
    project = Project.objects.create(team=cast.team, name="Harbour")
    allow(cast, 500)
    allow(cast, 0, project)
    allow(cast, 20, key)
    allow(cast, 5, cast.member, is_hard=False)

    limits = limits_in(browser_of("member").get(f"/t/{cast.team.slug}/"))

    assert [(one["free"], one.get("project"), one.get("closed")) for one in limits] == [
        (500, None, None),
        (20, None, None),
        (0, str(project.pk), True),
    ]
    assert all("{price}" in one["why"] for one in limits[:2])


def test_after_an_order_the_page_knows_what_is_left(cast: SimpleNamespace, browser_of: BrowserOf):
    allow(cast, 20)
    form = {"prompt": "A red boat", "size": "1024x1024"}

    response = browser_of("member").post(f"/t/{cast.team.slug}/generations/", form, headers={"HX-Request": "true"})

    assert [one["free"] for one in limits_in(response)] == [12]


def test_a_soft_budget_warns_in_the_form_from_its_share_on(cast: SimpleNamespace, browser_of: BrowserOf):
    allow(cast, 100, warn_at=50, is_hard=False)
    page = f"/t/{cast.team.slug}/"
    assert "has used" not in browser_of("member").get(page).content.decode()
    makers.make_generation(cast.team, cast.admin, credits=50)

    said = browser_of("member").get(page).content.decode()

    assert "Your team has used 50 of its 100 credits this month. This only warns: you can go on." in said


def test_a_team_without_budgets_or_limits_has_nothing_on_its_form(cast: SimpleNamespace, browser_of: BrowserOf):
    assert limits_in(browser_of("member").get(f"/t/{cast.team.slug}/")) == []


# What may be ordered ---------------------------------------------------------------------------------------------


def limit(cast: SimpleNamespace, who: Any, **allowed: Any) -> None:
    set_limit(cast.team, who, Allowed(**allowed), actor=SITE)


def test_a_role_is_limited_to_some_models_and_its_form_offers_no_others(cast: SimpleNamespace, browser_of: BrowserOf):
    limit(cast, Role.MEMBER, models=["nanobanana"])

    response = create(browser_of("member"), cast, model="gpt-image-2")

    assert "Choose one of these: Nano Banana." in response.content.decode()
    offered = {
        option["value"] for option in read(browser_of("member").get(f"/t/{cast.team.slug}/")).select("#id_model option")
    }
    assert offered in ({"nanobanana"}, set())
    assert not Generation.objects.exists()
    assert create(browser_of("admin"), cast, model="gpt-image-2").status_code == 302


@pytest.mark.parametrize(
    ("allowed", "asked", "said"),
    [
        ({"tiers": ["1K"]}, {"size": "2048x2048"}, "Standard · 1K"),
        ({"efforts": ["low"]}, {"quality": "high"}, "Choose one of these: Low."),
        ({"pictures_an_hour": 3}, {"n": "4"}, "3 of them are left now"),
    ],
)
def test_what_may_not_be_ordered_is_refused_in_words(
    cast: SimpleNamespace, browser_of: BrowserOf, allowed: Any, asked: Any, said: str
):
    limit(cast, Role.MEMBER, **allowed)

    response = create(browser_of("member"), cast, model="gpt-image-2", **asked)

    assert response.status_code == 422
    assert said in response.content.decode()


def test_pictures_of_an_hour_count_what_was_ordered_and_not_withdrawn(cast: SimpleNamespace, browser_of: BrowserOf):
    limit(cast, cast.member, pictures_an_hour=2)
    browser = browser_of("member")

    assert create(browser, cast).status_code == 302
    Generation.objects.get().record_cancelled()
    assert create(browser, cast, n="2").status_code == 302
    assert create(browser, cast).status_code == 422
    Generation.objects.update(created_at="2026-01-01T00:00Z")
    assert create(browser, cast).status_code == 302


def test_a_persons_own_limit_goes_before_their_roles(cast: SimpleNamespace, browser_of: BrowserOf):
    limit(cast, Role.MEMBER, pictures_an_hour=0)
    limit(cast, cast.member, pictures_an_hour=5)

    assert create(browser_of("member"), cast).status_code == 302


def test_an_admin_sets_and_lifts_limits_on_the_page(cast: SimpleNamespace, browser_of: BrowserOf):
    browser = browser_of("admin")
    form = {"who": "member", "models": ["gpt-image-2"], "tiers": ["1K"], "efforts": ["low"], "pictures": "5"}

    browser.post(place(cast, "order-limits"), form)

    limit = OrderLimit.objects.get()
    said = (limit.role, limit.model_ids, limit.tiers, limit.efforts, limit.pictures_an_hour)
    assert said == ("member", ["gpt-image-2"], ["1K"], ["low"], 5)
    assert "5 pictures an hour" in browser.get(place(cast)).content.decode()
    browser.post(place(cast, "order-limit-removal", limit.pk))
    assert not OrderLimit.objects.exists()
    browser.post(place(cast, "order-limits"), {"who": str(cast.member.pk), "pictures": "0"})
    assert OrderLimit.objects.get().person == cast.member
    browser.post(place(cast, "order-limits"), {"who": str(cast.member.pk)})
    assert not OrderLimit.objects.exists()


# The team's time zone --------------------------------------------------------------------------------------------


def test_the_team_s_time_zone_is_set_by_the_name_of_a_city(cast: SimpleNamespace, browser_of: BrowserOf):
    page = reverse("teams:time-zone", args=[cast.team.slug])

    assert browser_of("admin").post(page, {"time_zone": "tokyo"}).status_code == 302
    assert browser_of("admin").post(page, {"time_zone": "Atlantis"}).status_code == 422

    cast.team.refresh_from_db()
    assert cast.team.time_zone == "Asia/Tokyo"
    assert AuditEntry.objects.get().detail == {"before": "", "after": "Asia/Tokyo"}
