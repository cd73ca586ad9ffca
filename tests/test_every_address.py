"""Every address of the site, visited by everybody with every method, against one table of what to expect.

The list of addresses is read from the URL configuration: a view that is not in the table fails here. To add one,
write its name and what each method answers; `team_page`, `own_page` and `open_page` know the rest.
"""

import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.gallery.collections.changes import make_collection
from hubportal.gallery.collections.order import add_to_collection
from hubportal.gallery.media import PICTURE_KINDS, REFERENCE_KINDS
from hubportal.gallery.models import BulkChange, Conversion, SavedFilter, Selection
from hubportal.gallery.tags.tagging import add_tags
from hubportal.generations.models import ReferenceFile
from hubportal.generations.references import ReferenceUpload
from hubportal.notifications.channel_models import TeamChannel
from hubportal.notifications.models import Notification
from hubportal.notifications.unsubscribing import unsubscribe_url
from hubportal.teams.invitation_links import link_to
from hubportal.teams.models import Invitation, Team
from hubportal.teams.permissions import ROLE_PERMISSIONS
from hubportal.usage.models import Budget, BudgetRequest, OrderLimit, Project, Scope
from tests.gallery.kept import keep
from tests.makers import make_generation, make_key, picture_bytes

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")  # HEAD must answer as GET does, everywhere
INSIDE = ("owner", "admin", "member", "reviewer")
SIGNED_IN = (*INSIDE, "stranger")
EVERYBODY = (*SIGNED_IN, "nobody")
# Who may do what is the same on every database, so there the second run only looks whether each view works.
ON_POSTGRESQL = "HUBPORTAL_TEST_DATABASE_URL" in os.environ
VISITORS = ("owner", "nobody") if ON_POSTGRESQL else EVERYBODY
VISITED = ("GET", "POST") if ON_POSTGRESQL else ("HEAD", *METHODS)
MEMBERS, ADMINS = INSIDE[:3], INSIDE[:2]

Answers = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Only:
    """An answer for some of the team; the others' role gets 403."""

    status: int
    who: tuple[str, ...]


def team_page(**methods: int | Only) -> Answers:
    """Below /t/<team>/: nobody signs in first, a stranger finds nothing, what is not named is not allowed."""
    return {method: _inside(methods.get(method, 405)) | {"stranger": 404, "nobody": 302} for method in METHODS}


def _inside(answer: int | Only) -> dict[str, int]:
    if isinstance(answer, Only):
        return {who: answer.status if who in answer.who else 403 for who in INSIDE}
    return dict.fromkeys(INSIDE, answer)


def own_page(**methods: int) -> Answers:
    """The same for everybody who is signed in."""
    return {method: dict.fromkeys(SIGNED_IN, methods.get(method, 405)) | {"nobody": 302} for method in METHODS}


def open_page(**methods: int) -> Answers:
    """The same for everybody, also for nobody."""
    return {method: dict.fromkeys(EVERYBODY, methods.get(method, 405)) for method in METHODS}


def entrance(**methods: int) -> Answers:
    """For nobody alone: whoever is in already is led on, whatever they try."""
    return {method: dict.fromkeys(SIGNED_IN, 302) | {"nobody": methods.get(method, 405)} for method in METHODS}


def hidden_page() -> Answers:
    """For superusers, of whom the cast has none; tests/operations/test_admin.py goes in as one."""
    return {method: dict.fromkeys(SIGNED_IN, 404) | {"nobody": 302} for method in METHODS}


def every_method(status: int) -> dict[str, int]:
    return dict.fromkeys(METHODS, status)


ONLY_THE_MEMBER = dict.fromkeys(SIGNED_IN, 404) | {"nobody": 302}
# Empty forms are sent. allauth takes PUT as POST, and answers 200 to a form it can't accept.
TABLE: dict[str, Answers] = {
    "home": own_page(GET=302),
    "close-sandbox-notice": own_page(POST=302),
    "healthz": open_page(GET=200),
    "readyz": open_page(GET=200),
    "metrics": open_page(GET=200),
    # The team's pages.
    "generations:create": team_page(GET=200),
    "generations:cards": team_page(GET=204),
    "generations:list": team_page(GET=200, POST=Only(422, MEMBERS)),
    "generations:detail": team_page(GET=200),
    "generations:card": team_page(GET=200),
    # It waits, and a member asked for it: too early to ask again, and nothing to settle, which is said on its page.
    "generations:cancellation": team_page(POST=Only(302, MEMBERS)),
    "generations:retry": team_page(POST=Only(302, MEMBERS)),
    "generations:settlement": team_page(POST=Only(302, MEMBERS)),
    "generations:recovery": team_page(POST=Only(422, ADMINS)),
    # The form is empty. Filled in, it is its author's alone: tests/generations/test_visibility.py.
    "generations:visibility": team_page(POST=Only(422, MEMBERS)),
    # Without a project named it is moved to none, where it is already.
    "generations:project": team_page(POST=Only(302, MEMBERS)),
    # The member of the table is still in the team, and has left nothing behind.
    "lifecycle:ex-members": team_page(GET=Only(200, ADMINS)),
    "lifecycle:ex-member": team_page(GET=Only(404, ADMINS), POST=Only(404, ADMINS)),
    # What waits in a form is for whoever put it there.
    "generations:kept-reference": team_page()
    | {"GET": {"owner": 404, "admin": 404, "member": 200, "reviewer": 403, "stranger": 404, "nobody": 302}},
    "gallery:index": team_page(GET=200),
    "gallery:compare": team_page(GET=200, POST=422),
    "gallery:months": team_page(GET=200),
    "gallery:saved-filters": team_page(GET=200, POST=422),
    # The member's own.
    "gallery:forgetting": team_page() | {"POST": ONLY_THE_MEMBER | {"member": 302}},
    # No picture is named.
    "gallery:archive": team_page(POST=422),
    # Nothing is selected, nor said what to do.
    "gallery:select": team_page(POST=422),
    "gallery:bulk-changes": team_page(POST=422),
    # The member's own.
    "gallery:exclusions": team_page() | {"POST": ONLY_THE_MEMBER | {"member": 302}},
    "gallery:bulk-change": team_page() | {"GET": ONLY_THE_MEMBER | {"member": 200}},
    "gallery:bulk-cancellation": team_page() | {"POST": ONLY_THE_MEMBER | {"member": 302}},
    "gallery:bulk-undoing": team_page() | {"POST": ONLY_THE_MEMBER | {"member": 302}},
    "gallery:formats": team_page(GET=200, POST=422),
    "gallery:conversion": team_page(GET=200),
    # It is not made yet.
    "gallery:conversion-file": team_page(GET=404),
    "gallery:picture": team_page(GET=200),
    "gallery:favourite": team_page(POST=302, DELETE=204),
    "gallery:picture-tags": team_page(GET=200, POST=Only(422, MEMBERS)),
    "gallery:tags": team_page(GET=200),
    "gallery:tag-suggestions": team_page(GET=200),
    "gallery:tag": team_page(GET=Only(200, ADMINS), POST=Only(422, ADMINS)),
    "gallery:tag-merging": team_page(POST=Only(422, ADMINS)),
    "gallery:tag-removal": team_page(POST=Only(302, ADMINS)),
    "gallery:picture-labels": team_page(GET=200),
    "gallery:picture-collections": team_page(GET=200, POST=Only(422, MEMBERS)),
    "gallery:collections": team_page(GET=200, POST=Only(422, MEMBERS)),
    "gallery:collection-suggestions": team_page(GET=200),
    "gallery:collection": team_page(GET=200, POST=Only(422, MEMBERS)),
    # No picture is named.
    "gallery:collection-order": team_page(POST=Only(422, MEMBERS)),
    "gallery:collection-cover": team_page(POST=Only(404, MEMBERS)),
    "gallery:collection-taking-out": team_page(POST=Only(404, MEMBERS)),
    "gallery:collection-removal": team_page(POST=Only(302, MEMBERS)),
    "gallery:bin": team_page(GET=Only(200, MEMBERS)),
    "gallery:deletion": team_page(POST=Only(302, MEMBERS)),
    # It was never deleted, so it is where it was.
    "gallery:restoration": team_page(POST=Only(302, MEMBERS)),
    "usage:overview": team_page(GET=200),
    "usage:csv": team_page(GET=200),
    "usage:json": team_page(GET=200),
    "usage:budgets": team_page(GET=200, POST=Only(422, ADMINS)),
    "usage:budget-removal": team_page(POST=Only(302, ADMINS)),
    # Of the whole team; asking takes a role that spends.
    "usage:budget-request": team_page(GET=Only(200, MEMBERS), POST=Only(422, MEMBERS)),
    "usage:budget-answer": team_page(POST=Only(422, ADMINS)),
    "usage:order-limits": team_page(POST=Only(422, ADMINS)),
    "usage:order-limit-removal": team_page(POST=Only(302, ADMINS)),
    "usage:projects": team_page(GET=200, POST=Only(422, ADMINS)),
    "usage:project-requirement": team_page(POST=Only(422, ADMINS)),
    "usage:project-name": team_page(GET=Only(200, ADMINS), POST=Only(422, ADMINS)),
    "usage:project-archiving": team_page(POST=Only(302, ADMINS)),
    "usage:project-reopening": team_page(POST=Only(302, ADMINS)),
    # Without an answer it says so; what it does is tested in tests/usage/test_reconciliation.py.
    "usage:account": team_page(POST=Only(422, ADMINS)),
    "usage:separate-key": team_page(POST=Only(302, ADMINS)),
    "keys:index": team_page(GET=Only(200, ADMINS), POST=Only(422, ADMINS)),
    "keys:check": team_page(POST=Only(302, ADMINS)),
    "keys:name": team_page(GET=Only(200, ADMINS), POST=Only(422, ADMINS)),
    "keys:replacement": team_page(GET=Only(200, ADMINS), POST=Only(422, ADMINS)),
    "keys:place": team_page(POST=Only(302, ADMINS)),
    "keys:pause": team_page(GET=Only(200, ADMINS), POST=Only(302, ADMINS)),
    "keys:resumption": team_page(GET=Only(200, ADMINS), POST=Only(302, ADMINS)),
    "keys:default": team_page(GET=Only(200, ADMINS), POST=Only(302, ADMINS)),
    "keys:destruction": team_page(GET=Only(200, ADMINS), POST=Only(302, ADMINS)),
    "keys:removal": team_page(GET=Only(200, ADMINS), POST=Only(302, ADMINS)),
    "channels:index": team_page(GET=Only(200, ADMINS), POST=Only(422, ADMINS)),
    "channels:removal": team_page(GET=Only(200, ADMINS), POST=Only(302, ADMINS)),
    "teams:members": team_page(GET=Only(200, ADMINS), POST=Only(422, ADMINS)),
    "teams:role": team_page(POST=Only(422, ADMINS)),
    "teams:removal": team_page(GET=Only(200, ADMINS), POST=Only(302, ADMINS)),
    # The only owner can't leave.
    "teams:leaving": team_page(GET=200)
    | {"POST": {"owner": 422, "admin": 302, "member": 302, "reviewer": 302, "stranger": 404, "nobody": 302}},
    "teams:offer": team_page(GET=Only(200, ("owner",)), POST=Only(302, ("owner",))),
    "teams:withdraw-offer": team_page(POST=Only(302, ("owner",))),
    # Nothing is offered.
    "teams:ownership": team_page(GET=404, POST=404),
    "teams:decline-ownership": team_page(POST=404),
    "teams:resend": team_page(POST=Only(302, ADMINS)),
    "teams:cancel-invitation": team_page(GET=Only(200, ADMINS), POST=Only(302, ADMINS)),
    "teams:audit": team_page(GET=Only(200, ADMINS)),
    "teams:audit-csv": team_page(GET=Only(200, ADMINS)),
    "teams:time-zone": team_page(POST=Only(302, ADMINS)),
    "teams:settings": team_page(GET=Only(200, ADMINS), POST=Only(422, ADMINS)),
    "teams:require-two-factor": team_page(POST=Only(422, ADMINS)),
    "teams:deletion": team_page(POST=Only(422, ("owner",))),
    "teams:keep-after-all": team_page(POST=Only(302, ("owner",))),
    "teams:second-step": team_page(GET=302),  # nothing is asked for: on to the team
    # Below no team, but the team's all the same. A method is refused before the picture is looked for.
    "media": own_page() | {"GET": dict.fromkeys(INSIDE, 200) | {"stranger": 404, "nobody": 302}},
    # The person's own.
    "accounts:you": own_page(GET=200, POST=422),
    "accounts:theme": own_page(POST=422),
    "accounts:time-zone": own_page(POST=302),
    "usersessions_list": own_page(GET=200, POST=302, PUT=302),
    "notifications:index": own_page(GET=200),
    "notifications:read": own_page(POST=302),
    "notifications:choices": own_page(GET=200, POST=302),
    "notifications:push": own_page(POST=422),
    "notifications:push-removal": own_page(POST=204),
    "service-worker": open_page(GET=200),
    # The member's own.
    "notifications:follow": own_page() | {"GET": dict.fromkeys(SIGNED_IN, 404) | {"member": 302, "nobody": 302}},
    # For whoever holds the link, and for mail programs.
    "notifications:unsubscribe": open_page(GET=200, POST=200),
    # Two-factor: nobody here has any, and what changes something asks for the password first.
    "mfa_index": own_page(GET=200),
    "mfa_list_webauthn": own_page(GET=200),
    "mfa_view_recovery_codes": own_page(GET=404),
    "mfa_download_recovery_codes": own_page(**every_method(404)),
    "mfa_deactivate_totp": own_page(**every_method(404)),
    "mfa_activate_totp": own_page(**every_method(302)),
    "mfa_generate_recovery_codes": own_page(**every_method(302)),
    "mfa_add_webauthn": own_page(**every_method(302)),
    "mfa_edit_webauthn": own_page(**every_method(302)),
    "mfa_remove_webauthn": own_page(**every_method(302)),
    "mfa_reauthenticate": own_page(**every_method(302)),
    "mfa_reauthenticate_webauthn": own_page(**every_method(302)),
    # For whoever holds the link: who is in goes to the team, others join, by way of an account.
    "invitation": open_page(GET=200, POST=302),
    "start-team": own_page(POST=404),  # sign-up is by invitation
    "account_change_password": own_page(GET=200, POST=422, PUT=422),
    "account_email": own_page(GET=200, POST=302, PUT=302),
    "account_reauthenticate": own_page(GET=200, POST=422, PUT=422),
    "account_set_password": own_page(**every_method(302)),
    # The way in, and out.
    "account_login": entrance(GET=200, POST=422, PUT=422),
    "mfa_login_webauthn": entrance(GET=302, POST=302, PUT=302),
    "mfa_authenticate": open_page(**every_method(302)),  # the password comes first
    "account_signup": entrance(**every_method(200)),  # closed, and says so
    "account_logout": open_page(POST=302) | {"GET": dict.fromkeys(SIGNED_IN, 200) | {"nobody": 302}},
    "account_inactive": open_page(GET=200),
    "account_email_verification_sent": open_page(GET=200),
    "account_confirm_email": open_page(GET=200, POST=404),
    "account_confirm_login_code": open_page(**every_method(302)),
    "account_reset_password": open_page(GET=200, POST=422, PUT=422),
    "account_reset_password_done": open_page(GET=200),
    # The link no longer works, and says so.
    "account_reset_password_from_key": open_page(**every_method(200) | {"POST": 422, "PUT": 422}),
    "account_reset_password_from_key_done": open_page(GET=200),
    # Single sign-on, where no provider is named.
    "openid_connect_login": open_page(POST=404),
    "openid_connect_callback": open_page(GET=404),
    "socialaccount_login_cancelled": open_page(GET=200),
    "socialaccount_login_error": own_page(GET=401),
    "socialaccount_signup": open_page(**every_method(302)),  # nobody is half-way through
    "socialaccount_connections": own_page(GET=200, POST=422, PUT=422),
}

# What nobody may see without signing in: health for machines, and the way in.
OPEN = {
    "invitation",
    "notifications:unsubscribe",
    "service-worker",
    "healthz",
    "readyz",
    "metrics",
    "account_login",
    "account_signup",
    "account_inactive",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "socialaccount_login_cancelled",
}

SIGN_IN = "/accounts/login/"
# Where nobody is led on to somewhere else than the sign-in.
LED_ELSEWHERE = {"invitation", "account_logout"}

# Which record an address is about, where it names one.
RECORDS: dict[str, Callable[[SimpleNamespace], dict[str, Any]]] = {
    "generations:detail": lambda world: {"pk": world.generation.pk},
    "generations:card": lambda world: {"pk": world.generation.pk},
    "generations:cancellation": lambda world: {"pk": world.generation.pk},
    "generations:retry": lambda world: {"pk": world.generation.pk},
    "generations:settlement": lambda world: {"pk": world.generation.pk},
    "generations:recovery": lambda world: {"pk": world.generation.pk},
    "generations:visibility": lambda world: {"pk": world.generation.pk},
    "gallery:picture": lambda world: {"pk": world.image.pk},
    "gallery:forgetting": lambda world: {"pk": world.saved_filter.pk},
    "gallery:exclusions": lambda world: {"pk": world.selection.pk},
    "gallery:bulk-change": lambda world: {"pk": world.change.pk},
    "gallery:bulk-cancellation": lambda world: {"pk": world.change.pk},
    "gallery:bulk-undoing": lambda world: {"pk": world.change.pk},
    "gallery:formats": lambda world: {"pk": world.image.pk},
    "gallery:conversion": lambda world: {"pk": world.conversion.pk},
    "gallery:conversion-file": lambda world: {"pk": world.conversion.pk},
    "gallery:favourite": lambda world: {"pk": world.image.pk},
    "gallery:picture-tags": lambda world: {"pk": world.image.pk},
    "gallery:tag": lambda world: {"pk": world.tag.pk},
    "gallery:tag-merging": lambda world: {"pk": world.tag.pk},
    "gallery:tag-removal": lambda world: {"pk": world.tag.pk},
    "gallery:picture-labels": lambda world: {"pk": world.image.pk},
    "gallery:picture-collections": lambda world: {"pk": world.image.pk},
    "gallery:collection": lambda world: {"pk": world.collection.pk},
    "gallery:collection-order": lambda world: {"pk": world.collection.pk},
    "gallery:collection-cover": lambda world: {"pk": world.collection.pk},
    "gallery:collection-taking-out": lambda world: {"pk": world.collection.pk},
    "gallery:collection-removal": lambda world: {"pk": world.collection.pk},
    "gallery:deletion": lambda world: {"pk": world.image.pk},
    "gallery:restoration": lambda world: {"pk": world.image.pk},
    "lifecycle:ex-member": lambda world: {"person": world.generation.author_id},
    "generations:project": lambda world: {"pk": world.generation.pk},
    "usage:project-name": lambda world: {"pk": world.project.pk},
    "usage:project-archiving": lambda world: {"pk": world.project.pk},
    "usage:project-reopening": lambda world: {"pk": world.project.pk},
    "generations:kept-reference": lambda world: {"token": world.token},
    "teams:role": lambda world: {"pk": world.place.pk},
    "teams:removal": lambda world: {"pk": world.place.pk},
    "teams:offer": lambda world: {"pk": world.place.pk},
    "teams:withdraw-offer": lambda world: {"pk": world.place.pk},
    "teams:resend": lambda world: {"pk": world.invitation.pk},
    "teams:cancel-invitation": lambda world: {"pk": world.invitation.pk},
    "invitation": lambda world: {"token": link_to(world.invitation).rstrip("/").rpartition("/")[2]},
    "usage:budget-removal": lambda world: {"pk": world.budget.pk},
    "usage:budget-request": lambda world: {"pk": world.budget.pk},
    "usage:budget-answer": lambda world: {"pk": world.asked.pk},
    "usage:order-limit-removal": lambda world: {"pk": world.limit.pk},
    "notifications:follow": lambda world: {"pk": world.notification.pk},
    "notifications:unsubscribe": lambda world: {"token": token_of(world.notification)},
    "channels:removal": lambda world: {"pk": world.channel.pk},
    "usage:account": lambda world: {"account": world.key.account},
    "usage:separate-key": lambda world: {"pk": world.key.pk},
    "keys:check": lambda world: {"pk": world.key.pk},
    "keys:name": lambda world: {"pk": world.key.pk},
    "keys:replacement": lambda world: {"pk": world.key.pk},
    "keys:place": lambda world: {"pk": world.key.pk},
    "keys:pause": lambda world: {"pk": world.key.pk},
    "keys:resumption": lambda world: {"pk": world.key.pk},
    "keys:default": lambda world: {"pk": world.key.pk},
    "keys:destruction": lambda world: {"pk": world.key.pk},
    "keys:removal": lambda world: {"pk": world.key.pk},
    "media": lambda world: {"pk": world.image.pk, "kind": "thumb"},
    "openid_connect_login": lambda world: {"provider_id": "sso"},
    "openid_connect_callback": lambda world: {"provider_id": "sso"},
    "mfa_edit_webauthn": lambda world: {"pk": 1},
    "mfa_remove_webauthn": lambda world: {"pk": 1},
    "account_confirm_email": lambda world: {"key": "made-up"},
    "account_reset_password_from_key": lambda world: {"uidb36": "1", "key": "made-up"},
}


def token_of(notification: Notification) -> str:
    url = unsubscribe_url(notification.user_id, notification.event)
    return url.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True)
class Address:
    name: str
    route: str
    view: Callable[..., Any]


def addresses(resolver: URLResolver | None = None, namespace: str = "", before: str = "") -> Iterator[Address]:
    """Every address in the URL configuration."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = f"{before}{entry.pattern}"
        if isinstance(entry, URLPattern):
            yield Address(f"{namespace}{entry.name}", route, entry.callback)
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry, inner, route)


TABLE |= {address.name: hidden_page() for address in addresses() if address.name.startswith("admin:")}


@pytest.fixture
def world(cast: SimpleNamespace) -> SimpleNamespace:
    return one_of_everything(cast.team, cast.owner, cast.member)


def one_of_everything(team: Team, owner: User, member: User, prompt: str = "A red boat") -> SimpleNamespace:
    """One of everything of a team that an address can be about."""
    generation = make_generation(team, member, prompt)
    stored = ReferenceFile(
        team=team, added_by=member, sha256="00" * 32, content_type="image/png", size=9, width=64, height=48
    )
    stored.file.save("boat", ContentFile(picture_bytes()))
    selection = Selection.objects.create(team=team, person=member, is_all=True)
    budget = Budget.objects.create(team=team, scope=Scope.TEAM, credits=1000)
    image = keep(generation)
    (tag,) = add_tags(image, [prompt[:60]])
    collection = make_collection(team, prompt[:60], actor=Actor(member))
    add_to_collection(collection, image)
    return SimpleNamespace(
        team=team,
        budget=budget,
        selection=selection,
        saved_filter=SavedFilter.objects.create(team=team, person=member, name="Boats", key="boats", query="?q=boat"),
        change=BulkChange.objects.create(team=team, person=member, selection=selection, act="bin"),
        asked=BudgetRequest.objects.create(budget=budget, asked_by=member, credits=10),
        limit=OrderLimit.objects.create(team=team, role="member", pictures_an_hour=100),
        generation=generation,
        image=image,
        conversion=Conversion.objects.create(team=team, image=image, asked_by=member, format="webp", side=0),
        tag=tag,
        collection=collection,
        stored=stored,
        reference=generation.references.create(stored=stored, position=0, name="boat.png"),
        key=make_key(team),
        project=Project.objects.create(team=team, name="Spring"),
        place=team.memberships.get(user=member),
        invitation=Invitation.objects.create(team=team, email="otto@example.org", role="member", invited_by=owner),
        notification=Notification.objects.create(
            team=team, user=member, event="generation.failed", permission="look", link="/"
        ),
        channel=TeamChannel.objects.create_sealed(team, "A red boat", "slack://a/b/c", [], owner),
        token=ReferenceUpload(stored, "boat.png", member.pk).token,
    )


def place_of(address: Address, world: SimpleNamespace) -> str:
    team = {"team": world.team.slug} if "<slug:team>" in address.route else {}
    record = RECORDS.get(address.name)
    named = {"object_id": 1} if "<path:object_id>" in address.route else {}
    label = {"app_label": "teams"} if "(?P<app_label>" in address.route else {}
    return reverse(address.name, kwargs=team | named | label | (record(world) if record else {}))


def visit(browser: Client, method: str, place: str) -> Any:
    """Ask once, and put back whatever it changed, the browser's cookies too."""
    cookies = deepcopy(browser.cookies)
    with transaction.atomic():
        response = browser.generic(method, place, content_type="application/x-www-form-urlencoded")
        transaction.set_rollback(True)
    browser.cookies = cookies
    return response


def test_every_address_is_in_the_table() -> None:
    names = [address.name for address in addresses()]

    assert sorted(names) == sorted(TABLE), "an address is missing from the table, or no longer exists"


@pytest.mark.slow
@pytest.mark.parametrize("address", addresses(), ids=lambda address: address.name)
def test_everybody_gets_what_the_table_says(
    world: SimpleNamespace, browser_of: Callable[[str], Client], address: Address
) -> None:
    responses = everybodys(browser_of, place_of(address, world))

    assert statuses(responses) == of_visitors(TABLE[address.name])
    led = {by["nobody"].headers.get("Location", SIGN_IN) for by in responses.values()}
    assert address.name in LED_ELSEWHERE or all(there.startswith(SIGN_IN) for there in led)


@pytest.mark.parametrize("kind", [*PICTURE_KINDS, *REFERENCE_KINDS])
def test_every_kind_of_file_is_for_whom_the_table_says(
    world: SimpleNamespace, browser_of: Callable[[str], Client], kind: str
) -> None:
    record = world.reference if kind in REFERENCE_KINDS else world.image

    responses = everybodys(browser_of, reverse("media", kwargs={"pk": record.pk, "kind": kind}))

    assert statuses(responses) == of_visitors(TABLE["media"])


def everybodys(browser_of: Callable[[str], Client], place: str) -> dict[str, dict[str, Any]]:
    """What everybody is answered there, by method."""
    browsers = {who: browser_of(who) for who in VISITORS}
    return {method: {who: visit(browser, method, place) for who, browser in browsers.items()} for method in VISITED}


def statuses(responses: dict[str, dict[str, Any]]) -> Answers:
    return {method: {who: one.status_code for who, one in by.items()} for method, by in responses.items()}


def of_visitors(expected: Answers) -> Answers:
    """What the table says of those who are sent, by the methods that they try."""
    return {method: {who: with_head(expected)[method][who] for who in VISITORS} for method in VISITED}


def with_head(expected: Answers) -> Answers:
    return {"HEAD": expected["GET"], **expected}


def test_the_table_lets_nobody_in_but_by_the_way_in() -> None:
    seen = {
        name
        for name, answers in TABLE.items()
        for answer in answers.values()
        if answer["nobody"] not in {302, 404, 405}
    }

    assert seen == OPEN


def test_the_table_shows_a_stranger_nothing_of_a_team() -> None:
    for address in addresses():
        answers = TABLE[address.name]
        if address.route.startswith("t/"):
            assert {answer["stranger"] for answer in answers.values()} == {404}, address.name
        elif address.route.startswith("media/"):
            assert answers["GET"]["stranger"] == 404
            assert {answer["stranger"] for answer in answers.values()} == {404, 405}


def test_the_table_knows_no_excuse_for_an_error_of_ours() -> None:
    assert all(status < 500 for answers in TABLE.values() for by in answers.values() for status in by.values())


def test_every_page_of_a_team_is_guarded_and_keeps_to_its_table_of_roles() -> None:
    for address in addresses():
        if not address.route.startswith("t/<slug:team>/"):
            continue
        act = getattr(address.view, "permission", None)
        assert act is not None, f"{address.name} is not a team_view"
        answered = TABLE[address.name].values()
        allowed = {who for answer in answered for who in INSIDE if answer[who] not in {403, 405}}
        assert allowed == set(ROLE_PERMISSIONS[act]), address.name
