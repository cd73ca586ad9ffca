"""A whole site is driven through successes and every fault with one key, and all that it produced is gathered."""

import signal
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from hubportal.sandbox.faults.injection import FAULTS
from hubportal.sandbox.server import RunningSandbox
from tests.commands.launched import RunningSite, environment, wait_for
from tests.makers import PASSWORD

OWNER = "anna@example.org"
# Each of these would take minutes by nature, and goes the same way through the same code as one that doesn't.
TOO_SLOW = {"forever", "endless"}
# Those that take a number of seconds need no more than these.
BRIEF = {"slow": "1", "lateanswer": "1", "lost": "1", "looks": "502 1", "slowimage": "1"}
# The hub asks for patience with all that the key sends, so these go last.
BUSY = {"busy", "busyuntil"}
FINAL = ("succeeded", "failed", "unknown", "cancelled")


@dataclass
class Produced:
    """All that the site let out or wrote down, by where it was."""

    secret: str
    pieces: dict[str, bytes] = field(default_factory=dict)

    def add(self, where: str, content: bytes) -> None:
        self.pieces[where] = self.pieces.get(where, b"") + b"\n" + content


class Visitor:
    """A person with a browser; whatever comes back is gathered, headers and cookies too."""

    def __init__(self, site: str, produced: Produced) -> None:
        self._site, self._produced, self._session = site, produced, requests.Session()

    def get(self, path: str) -> requests.Response:
        return self._record(self._session.get(self._site + path, timeout=30))

    def post(self, path: str, *, follow: bool = True, **form: Any) -> requests.Response:
        """Send a form, and go where that leads if that is to be followed."""
        token = next((value for name, value in self._session.cookies.items() if "csrf" in name), "")
        form["csrfmiddlewaretoken"] = token
        headers = {"Origin": self._site, "Referer": self._site + path}
        return self._record(
            self._session.post(self._site + path, form, headers=headers, timeout=30, allow_redirects=follow)
        )

    def sign_in(self, email: str) -> None:
        self.get("/accounts/login/")
        self.post("/accounts/login/", login=email, password=PASSWORD)

    def _record(self, response: requests.Response) -> requests.Response:
        for one in (*response.history, response):
            head = f"{one.status_code} {one.headers} {one.cookies.get_dict()}".encode()
            self._produced.add(f"{one.request.method} {one.request.path_url}", head + b"\n" + one.content)
        return response


class Database:
    """The site's SQLite file from outside: what is in it, and breaking it for a moment."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def one(self, statement: str) -> Any:
        connection = sqlite3.connect(self._path, timeout=20)
        try:
            return connection.execute(statement).fetchone()[0]
        finally:
            connection.close()

    def run(self, statement: str) -> None:
        connection = sqlite3.connect(self._path, timeout=20, isolation_level=None)
        try:
            connection.execute(statement)
        finally:
            connection.close()

    @contextmanager
    def refusing(self, table: str) -> Iterator[None]:
        """Every INSERT into the table fails meanwhile, wherever in our code it is asked for."""
        self.run(f"CREATE TRIGGER canary BEFORE INSERT ON {table} BEGIN SELECT * FROM nowhere; END")
        yield
        self.run("DROP TRIGGER canary")

    def dump(self) -> bytes:
        """Every row as text, so that nothing hides behind how the file is laid out.

        A virtual table is the tables that it keeps its content in; Python's own dump can't read one without content.
        """
        connection = sqlite3.connect(self._path, timeout=20)
        try:
            real = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            tables = [name for (name,) in connection.execute(real)]
            rows = [row for name in tables for row in connection.execute(f'SELECT * FROM "{name}"')]
        finally:
            connection.close()
        cells = (cell for row in rows for cell in row)
        return b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)


def drive(checkout: Path, place: Path, **settings: str) -> Produced:
    """Run the site with these settings, do everything with it, end it, and gather what is there."""
    hub = RunningSandbox.start(place / "hub", pace=0.05)
    data, mails = place / "data", place / "mails"
    mails.mkdir(parents=True)
    produced = Produced(hub.hub.new_key(credits=100_000))
    own = {"HUBPORTAL_DATA": str(data), "HUB_BASE_URL": hub.url, "EMAIL_URL": f"filemail:///{mails}"}
    try:
        with RunningSite(checkout, **own, LOG_LEVEL="DEBUG", **settings) as site:
            site.hear(str(site.port))
            _live(site, checkout, own | settings, hub, Database(data / "db.sqlite3"), produced)
            site.order(signal.SIGINT)
            produced.add("what it said", site.said.encode())
    finally:
        hub.stop()
    produced.add("every row", Database(data / "db.sqlite3").dump())
    for file in [*data.rglob("*"), *mails.rglob("*")]:
        if file.is_file():
            produced.add(str(file.relative_to(place)), file.read_bytes())
    return produced


def _live(
    site: RunningSite, checkout: Path, own: dict[str, str], hub: RunningSandbox, database: Database, produced: Produced
) -> None:
    _found(checkout, own, database, produced)
    anna = Visitor(f"http://127.0.0.1:{site.port}", produced)
    wait_for(lambda: _up(anna), "the site")
    anna.sign_in(OWNER)
    _keys(anna, hub, database, produced.secret)
    _orders(anna, database)
    _crash_of_the_worker(anna, database)
    _endings(anna, hub, produced.secret)
    _pages(anna, database)


def _up(visitor: Visitor) -> bool:
    try:
        return visitor.get("/readyz").status_code == 200
    except requests.ConnectionError:
        return False


def _found(checkout: Path, own: dict[str, str], database: Database, produced: Produced) -> None:
    """A team, and an owner who may see the admin as well."""
    _manage(checkout, own, produced, "create_team", "Studio", "--owner", OWNER, "--password-stdin", typed=PASSWORD)
    database.run("UPDATE accounts_user SET is_superuser = 1, is_staff = 1")


def _manage(checkout: Path, own: dict[str, str], produced: Produced, *arguments: str, typed: str = "") -> None:
    done = subprocess.run(
        [checkout / "bin" / "manage", *arguments],
        env=environment(**own),
        input=typed.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    produced.add(f"manage {arguments[0]}", done.stdout + done.stderr)
    assert done.returncode == 0, done.stderr.decode()


def _keys(anna: Visitor, hub: RunningSandbox, database: Database, secret: str) -> None:
    """Every wrong way to add the key, the right one, and again."""
    keys = "/t/studio/keys/"
    anna.get(keys)
    for label, pasted in (
        (secret, secret),
        ("Main", f"curl {hub.url}/api/v1/credits -H 'Authorization: Bearer {secret}'"),
        ("Main", f"GIH_KEY={secret}"),
        ("Main", f"{secret} {secret[:-1]}x"),
        ("Main", f"sk-{secret}"),
        ("x" * 300, secret),
        ("", secret),
    ):
        assert anna.post(keys, label=label, secret=pasted).status_code == 422
        anna.get(keys)
    with database.refusing("keys_key"):
        assert anna.post(keys, label="Main", secret=secret).status_code == 500
    with database.refusing("audit_auditentry"):
        assert anna.post(keys, label="Main", secret=secret).status_code == 500
    assert anna.post(keys, label="Main", secret=secret).status_code == 200
    assert anna.post(keys, label="Again", secret=secret).status_code == 422
    anna.post(f"{keys}{_key_id(database)}/check/")


def _key_id(database: Database) -> str:
    return str(uuid.UUID(database.one("SELECT id FROM keys_key WHERE removed_at IS NULL ORDER BY added_at DESC")))


def _order(anna: Visitor, prompt: str, *, follow: bool = False) -> int:
    form = {"prompt": prompt, "model": "gpt-image-2", "size": "auto", "quality": "auto", "n": "1"}
    return anna.post("/t/studio/generations/", **form, visibility="team", follow=follow).status_code


def _orders(anna: Visitor, database: Database) -> None:
    """One of each fault, and two that go well."""
    anna.get("/t/studio/")
    assert _order(anna, "A lighthouse", follow=True) == 200
    words = {fault.word for fault in FAULTS} - TOO_SLOW - BUSY
    for word in words:
        assert _order(anna, f"A lighthouse [{' '.join((word, BRIEF.get(word, ''))).strip()}]") == 302
    settled = f"SELECT count(*) FROM generations_generation WHERE state IN {FINAL}"
    wait_for(lambda: database.one(settled) > len(words) * 0.8, "most of the faults to end")


def _crash_of_the_worker(anna: Visitor, database: Database) -> None:
    """The worker fails in the midst of booking what the hub accepted, with the key in its hands."""
    with database.refusing("usage_ledgerentry"):
        _order(anna, "A lighthouse nobody can book")
        wait_for(
            lambda: database.one("SELECT count(*) FROM generations_generation WHERE state = 'sending'"), "its sending"
        )
        time.sleep(1)


def _endings(anna: Visitor, hub: RunningSandbox, secret: str) -> None:
    """The hub's operators take the key away, and the hub itself goes."""
    for word in BUSY:
        _order(anna, f"A lighthouse [{word}]")
    hub.hub.revoke(secret)
    _order(anna, "A lighthouse without a key")


def _pages(anna: Visitor, database: Database) -> None:
    """Every page there is, for the site's owner, and what is made for machines."""
    key = _key_id(database)
    anna.post(f"/t/studio/keys/{key}/check/")
    generations = database.one("SELECT group_concat(id) FROM generations_generation").split(",")
    for path in (
        *("/", "/t/studio/", "/t/studio/generations/", "/t/studio/gallery/", "/t/studio/usage/", "/t/studio/usage.csv"),
        *(
            "/t/studio/keys/",
            f"/t/studio/keys/{key}/removal/",
            "/t/studio/members/",
            "/t/studio/settings/",
            "/t/studio/left-behind/",
            "/accounts/",
        ),
        *("/t/studio/audit/", "/t/studio/audit.csv", "/metrics", "/readyz", "/healthz", "/nowhere"),
        *("/admin/", "/admin/keys/key/", f"/admin/keys/key/{key}/change/", "/admin/teams/auditentry/"),
        *(f"/t/studio/generations/{uuid.UUID(one)}/" for one in generations),
    ):
        anna.get(path)
    anna.post(f"/t/studio/keys/{key}/removal/")
    anna.get("/t/studio/keys/")
