"""Work of two years as real work leaves it: orders, their pictures, the ledger, and what search knows of them."""

import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate, islice
from typing import Any, NamedTuple

from django.core.management import call_command, get_commands
from django.db import connection, transaction
from django.utils import timezone

from bench.scale.bulk import Table, insert, without_indexes
from bench.scale.people import KEY_SHARES, MODELS, ScaleTeam
from bench.scale.prompts import Prompts
from hubportal.generations.models import Generation, GenerationDocument, Image, ImageDocument, State, Visibility
from hubportal.generations.models.search import author_fact, key_fact, model_fact, project_fact, state_fact
from hubportal.listing.search.index import all_terms, scope_of
from hubportal.listing.search.place import first_place
from hubportal.usage.models import EntryKind, LedgerEntry

DAYS, PRICE, BATCH = 730, 8, 5_000
STATES = {State.SUCCEEDED: 960, State.FAILED: 33, State.UNKNOWN: 0.01, State.CANCELLED: 4}
NUMBERS = {1: 40, 2: 25, 3: 5, 4: 30}
PRIVATE_EVERY = 50
# Brings the usage page's sums up to date, where there are any.
REBUILD_TOTALS = "rebuild_totals"


class Order(NamedTuple):
    """One generation; `pictures` came of it, and search knows it by these facts and words."""

    pk: uuid.UUID
    author: int
    key: uuid.UUID
    model: str
    prompt: str
    n: int
    visibility: str
    created_at: datetime
    state: str
    pictures: int
    words: list[str]


def fill(scale: ScaleTeam, pictures: int, seed: int) -> None:
    """Add as many pictures, spread evenly over two years until now, a little at a time."""
    tables = Tables(scale, seed)
    orders = _orders(scale, pictures, random.Random(seed))  # noqa: S311 - made-up work
    with without_indexes(*tables.names), transaction.atomic():
        while batch := list(islice(orders, BATCH)):
            tables.write(batch)
    if REBUILD_TOTALS in get_commands():
        call_command(REBUILD_TOTALS, verbosity=0)


class _Weighted[T]:
    """One of these, each as often as its weight says."""

    def __init__(self, chance: random.Random, weights: dict[T, float]) -> None:
        self._chance, self._what, self._sums = chance, list(weights), list(accumulate(weights.values()))

    def pick(self) -> T:
        return self._chance.choices(self._what, cum_weights=self._sums)[0]


def _orders(scale: ScaleTeam, pictures: int, chance: random.Random) -> Iterator[Order]:
    prompts, end = Prompts(chance), timezone.now() - timedelta(minutes=1)
    authors = _Weighted(chance, {one.pk: 1 / (place + 2) for place, one in enumerate(scale.people)})
    keys = _Weighted(chance, dict(zip((key.pk for key in scale.keys), KEY_SHARES, strict=True)))
    models, states, numbers = (_Weighted(chance, weights) for weights in (MODELS, STATES, NUMBERS))  # type: ignore[misc]
    made = number = 0
    while made < pictures:
        # Those of which nothing came have the same moment otherwise.
        moment = end - timedelta(days=DAYS) * (1 - made / pictures) + timedelta(microseconds=number)
        prompt, words = prompts.make(number)
        n, state = numbers.pick(), str(states.pick())
        visibility = Visibility.PRIVATE if number % PRIVATE_EVERY == 0 else Visibility.TEAM
        shown = min(n, pictures - made) if state == State.SUCCEEDED else 0
        yield Order(
            uuid.uuid4(), authors.pick(), keys.pick(), models.pick(), prompt, n, str(visibility), moment, state,
            shown, words,
        )  # fmt: skip
        number += 1
        made += shown


class Tables:
    """Where the work goes. Two fillings may have a moment in common, and no `tie`."""

    def __init__(self, scale: ScaleTeam, tie: int) -> None:
        self._team, self._tie = scale.team.pk, tie
        now, author = timezone.now(), scale.people[0]
        order = Generation(team=scale.team, author=author, expected_credits=PRICE)
        self._generations = Table(
            order,
            *("id", "submission_id", "author_id", "key_id", "prompt", "model", "n", "visibility", "created_at"),
            *("state", "finished_at", "hub_id", "charged"),
        )
        picture = Image(
            generation=order, team=scale.team, url="https://cdn.example/p.png", original="p/o.png",
            thumb="p/t.webp", thumb_small="p/s.webp", content_type="image/png", size=1_500_000,
            width=1024, height=1024, kept_at=now,
        )  # fmt: skip
        self._images = Table(picture, "id", "generation_id", "position", "created_at")
        entry = LedgerEntry(team=scale.team, author=author, kind=EntryKind.CHARGE, credits=PRICE)
        changing = ("author_id", "key_id", "generation_id", "model", "pictures", "day", "written_at")
        self._entries = Table(entry, *changing)

    @property
    def names(self) -> list[str]:
        filled = (self._generations.name, self._images.name, self._entries.name)
        return [*filled, GenerationDocument._meta.db_table, ImageDocument._meta.db_table]

    def write(self, orders: list[Order]) -> None:
        self._generations.insert(map(_generation_row, orders))
        self._entries.insert(
            (one.author, one.key, one.pk, one.model, one.n, one.created_at.date(), one.created_at)
            for one in orders
            if one.state == State.SUCCEEDED
        )
        self._write_documents(GenerationDocument, [(one.created_at, one.pk, one, _facts(one)) for one in orders])
        images = [(uuid.uuid4(), at, one) for one in orders for at in range(one.pictures)]
        self._images.insert((pk, one.pk, at, _arrived(one, at)) for pk, at, one in images)
        self._write_documents(
            ImageDocument, [(_arrived(one, at), pk, one, _order_facts(one)) for pk, at, one in images]
        )

    def _write_documents(self, documents: type[Any], found: list[tuple[datetime, uuid.UUID, Order, list[str]]]) -> None:
        found.sort(key=lambda one: one[0])
        table, columns = documents._meta.db_table, ("place", "row_id", "tenant", "facts")
        rows, terms = [], []
        for time, pk, order, facts in found:
            private_to = order.author if order.visibility == Visibility.PRIVATE else None
            scope = scope_of(self._team, private_to)
            stored = " ".join((scope, *sorted(facts)))
            rows.append((first_place(time) + self._tie, pk, self._team, stored))
            terms.append(all_terms(stored, order.words))
        if connection.vendor == "sqlite":
            insert(table, columns, rows)
            texts = ((row[0], " ".join(one)) for row, one in zip(rows, terms, strict=True))
            insert(f"{table}_terms", ("rowid", "terms"), texts)
        else:
            insert(table, (*columns, "terms"), ((*row, " ".join(one)) for row, one in zip(rows, terms, strict=True)))


def _generation_row(one: Order) -> tuple[Any, ...]:
    done = one.state == State.SUCCEEDED
    ended = None if one.state == State.UNKNOWN else one.created_at + timedelta(seconds=40)
    return (
        *(one.pk, one.pk, one.author, one.key, one.prompt, one.model, one.n, one.visibility, one.created_at),
        *(one.state, ended, one.pk.hex if done else "", PRICE if done else None),
    )


def _arrived(one: Order, at: int) -> datetime:
    return one.created_at + timedelta(seconds=30, microseconds=at)


def _order_facts(one: Order) -> list[str]:
    return [author_fact(one.author), model_fact(one.model), project_fact(None)]


def _facts(one: Order) -> list[str]:
    now = ["o"] if one.state == State.UNKNOWN else [state_fact(one.state), key_fact(one.key)]
    return [*_order_facts(one), *now]
