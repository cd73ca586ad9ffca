"""CPU of a request in the checkout on PYTHONPATH: this one, or an older one since November 2026.

`python web_probe.py` prints JSON: seconds of CPU by page, in this process and through all middleware, without the
server around it. It makes its own rows, by what both checkouts have: models, not functions.
"""

import io
import json
import os
import sys
import time
from datetime import timedelta
from importlib import import_module
from typing import Any

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.generations.models import Generation, Image
from hubportal.hub.records import Balance
from hubportal.keys.models import Key
from hubportal.teams.models import Membership, Team

GENERATIONS, MOVING, PEOPLE = 2000, 12, 6
PROMPT = "A quiet harbour at dusk with small boats and a lighthouse on the cliff, oil painting, warm light"
ROUNDS = 3


def main() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    people = [User.objects.create_user(f"p{number}@example.org") for number in range(PEOPLE)]
    team = Team.objects.create(name="Bench", slug="bench")
    for person in people:
        Membership.objects.create(team=team, user=person, role="owner" if person == people[0] else "member")
    add_key = getattr(Key.objects, "create_checked", None) or Key.objects.add
    secret = "gih_live_" + "a" * 32
    key = add_key(team, label="K", secret=secret, added_by=people[0], balance=Balance(100_000, "PRO", None))
    moving, at_rest = fill(team, people, key, MOVING), timezone.now()
    cards = "&".join(f"card={pk}.{version}" for pk, version in moving)
    get = browser_of(people[0], team)
    of_team = f"/t/{team.slug}"
    costs = {
        "empty": cost(get, f"{of_team}/cards/", 200),
        "poll": cost(get, f"{of_team}/cards/?{cards}", 200),
        "thumbnail": cost(get, f"/media/{Image.objects.latest('created_at').pk}/thumb", 200),
        "gallery": cost(get, f"{of_team}/gallery/", 30),
        "usage": cost(get, f"{of_team}/usage/", 30),
    }
    # People look at pages on which nearly everything is done.
    Generation.objects.filter(finished_at=None).update(state="succeeded", finished_at=at_rest, due_at=None)
    costs["create"] = cost(get, f"{of_team}/", 30)
    costs["history"] = cost(get, f"{of_team}/generations/", 30)
    json.dump(costs, sys.stdout)


def fill(team: Team, people: list[User], key: Key, moving: int) -> list[tuple[Any, int]]:
    """Two pictures each, a minute apart; the newest are still being made. Returns ids and versions of those."""
    now = timezone.now()
    generations, images = [], []
    for number in range(GENERATIONS):
        at, done = now - timedelta(minutes=GENERATIONS - number), number < GENERATIONS - moving
        generation = Generation(
            team=team, author=people[number % PEOPLE], key=key, model="gpt-image-2", size="1536x1024", n=2,
            prompt=f"{PROMPT}, {number}",
            expected_credits=16, charged=16, hub_id=f"h{number}", created_at=at, sent_at=at, accepted_at=at,
            state="succeeded" if done else "running", answered_at=at if done else None,
            finished_at=at if done else None, aspect_ratio="3:2", tier="1K",
            due_at=None if done else now + timedelta(days=1),
        )  # fmt: skip
        generations.append(generation)
        images += [picture_of(generation, place) for place in range(2 if done else 0)]
    Generation.objects.bulk_create(generations, batch_size=500)
    Image.objects.bulk_create(images, batch_size=500)
    return [(generation.pk, generation.version) for generation in generations[GENERATIONS - moving :]]


def picture_of(generation: Generation, place: int) -> Image:
    folder = os.path.join(str(settings.MEDIA_ROOT), "x")
    os.makedirs(folder, exist_ok=True)
    for name in ("y.png", "y.webp"):
        if not os.path.exists(os.path.join(folder, name)):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(b"x" * 30_000)
    return Image(
        generation=generation, team=generation.team, position=place, created_at=generation.created_at, url="http://x/y",
        kept_at=generation.created_at, original="x/y.png", thumb="x/y.webp", content_type="image/png",
        size=100_000, width=1536, height=1024,
    )  # fmt: skip


def browser_of(person: User, team: Team) -> Any:
    """What asks for an address as this person, signed in, and reads the answer to its end."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(
        {
            "_auth_user_id": str(person.pk),
            "_auth_user_backend": settings.AUTHENTICATION_BACKENDS[0],
            "_auth_user_hash": person.get_session_auth_hash(),
            "team": team.pk,
        }
    )
    session.save()
    application = get_wsgi_application()

    def get(address: str) -> None:
        path, _, query = address.partition("?")
        request = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80", "HTTP_HOST": "127.0.0.1", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={session.session_key}", "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "wsgi.multithread": True,
        }  # fmt: skip
        statuses: list[str] = []
        answer = application(request, lambda status, _headers, _error=None: statuses.append(status))
        for _part in answer:
            pass
        answer.close()
        if statuses[0][:3] not in {"200", "204"}:
            raise RuntimeError(f"{address} answered {statuses[0]}")

    return get


def cost(get: Any, address: str, times: int) -> float:
    """Seconds of CPU of one request, the best of some rounds, once everything is warm."""
    for _ in range(5):
        get(address)
    return min(_round(get, address, times) for _ in range(ROUNDS))


def _round(get: Any, address: str, times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        get(address)
    return (time.process_time() - began) / times


if __name__ == "__main__":
    main()
