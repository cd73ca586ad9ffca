"""Where one is signed in: what is listed, what ends, and what the browser keeps."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.accounts.wording import device_name
from hubportal.lifecycle.tasks import forget_old_sessions
from tests.accounts.steps import read, sign_in, text
from tests.makers import PASSWORD, make_user

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def mina() -> User:
    return make_user("mina@example.org")


@pytest.fixture
def desk(mina: User) -> Client:
    client = Client(headers={"user-agent": FIREFOX}, REMOTE_ADDR="198.51.100.7")
    sign_in(client, mina.email)
    return client


@pytest.fixture
def phone(mina: User) -> Client:
    client = Client(headers={"user-agent": PHONE}, REMOTE_ADDR="203.0.113.9")
    sign_in(client, mina.email)
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:you")).status_code == 200


def test_the_session_gets_a_new_id_at_signing_in(client: Client, mina: User) -> None:
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["session"] = planted = str(session.session_key)

    sign_in(client, mina.email)

    assert client.cookies["session"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_devices_are_listed_in_words_with_address_and_since_when(desk: Client, phone: Client) -> None:
    page = read(desk.get(reverse("usersessions_list")))

    assert [heading.get_text() for heading in page.select(".ways h2")] == ["Safari on iPhone", "Firefox on Windows"]
    said = [" ".join(item.get_text(" ").split()) for item in page.select(".ways li")]
    assert "203.0.113.9" in said[0]
    assert "198.51.100.7" in said[1]
    assert [("signed in" in item, "This one" in item) for item in said] == [(True, False), (True, True)]


def test_somebody_elses_devices_are_neither_listed_nor_signed_out(desk: Client) -> None:
    other = Client()
    sign_in(other, make_user("rob@example.org").email)

    desk.post(reverse("usersessions_list"))

    assert is_in(other)
    assert len(read(desk.get(reverse("usersessions_list"))).select(".ways li")) == 1


def test_signing_out_everywhere_else_leaves_this_one(desk: Client, phone: Client) -> None:
    desk.post(reverse("usersessions_list"))

    assert (is_in(desk), is_in(phone)) == (True, False)


def test_a_changed_password_signs_out_everywhere_else_and_says_so(
    desk: Client, phone: Client, mailoutbox: list[object]
) -> None:
    new = {"oldpassword": PASSWORD, "password1": "three quiet harbours", "password2": "three quiet harbours"}
    before = text(desk.get(reverse("account_change_password")))
    after = desk.post(reverse("account_change_password"), new, follow=True)

    assert "signs you out on every other device" in before
    assert "all other devices are signed out" in after.content.decode()
    assert (is_in(desk), is_in(phone)) == (True, False)
    assert getattr(mailoutbox[0], "subject", "") == "Your password was changed"


def test_signing_out_ends_the_session_itself(desk: Client) -> None:
    kept = desk.cookies["session"].value
    desk.post(reverse("account_logout"))

    thief = Client()
    thief.cookies["session"] = kept
    assert not is_in(thief)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (FIREFOX, "Firefox on Windows"),
        (PHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Mac"),
        ("curl/8.5.0", "A device we don't know"),
        ("", "A device we don't know"),
    ],
)
def test_a_device_is_told_in_words(said: str, shown: str) -> None:
    assert device_name(said) == shown


def cookie_settings(site: str, tmp_path: Path) -> dict[str, object]:
    """What the site's own settings make of cookies for this SITE_URL, in a process of its own."""
    names = "SESSION_COOKIE_NAME SESSION_COOKIE_SECURE SESSION_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE CSRF_COOKIE_NAME"
    program = (
        "import json; from django.conf import settings as s; "
        f"print(json.dumps({{n: getattr(s, n) for n in {names.split()!r}}}))"
    )
    here = {"SITE_URL": site, "HUBPORTAL_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "hubportal.settings"}
    secrets = {"SECRET_KEY": "x" * 50, "KEYRING": "t1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}
    environment = {"PATH": os.environ["PATH"], **here, **secrets}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    read_back: dict[str, object] = json.loads(done.stdout)
    return read_back


@pytest.mark.process
def test_cookies_on_https_stay_with_the_host_and_out_of_reach_of_scripts(tmp_path: Path) -> None:
    assert cookie_settings("https://pictures.example.org", tmp_path) == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_NAME": "__Host-csrf",
    }


def test_a_cookie_is_sent_with_its_flags(desk: Client) -> None:
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        desk.get(reverse("accounts:you"))
        cookie = desk.cookies[name]
        assert (bool(cookie["httponly"]), cookie["samesite"], cookie["path"], cookie["domain"]) == (
            True,
            "Lax",
            "/",
            "",
        )


def test_a_session_that_is_over_is_forgotten_and_no_other(desk: Client, mina: User) -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))

    forget_old_sessions.func()

    assert [session.session_key for session in Session.objects.all()] == [desk.session.session_key]
