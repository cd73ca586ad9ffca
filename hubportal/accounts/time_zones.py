"""The time zones that a person may choose, by their names in the IANA time zone database. Knows no models."""

from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

# What people look for; the rest are older names of the same zones, and such as Etc/GMT+5.
REGIONS = {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
# Names that the database has and that say nothing of a place.
NO_ZONES = {"Factory", "localtime"}


class Offer(NamedTuple):
    """A zone in the list: its name, and the place as people write it where that differs (`New York`)."""

    name: str
    place: str


@cache
def offered_zones() -> tuple[Offer, ...]:
    names = sorted(name for name in _zones_by_typed_name().values() if name == "UTC" or name.split("/")[0] in REGIONS)
    return tuple(Offer(name, name.rpartition("/")[2].replace("_", " ") if "_" in name else "") for name in names)


def find_zone(typed: str) -> str | None:
    """The zone's name for what somebody typed: `europe/rome`, `America/New York`, or a place that only one is named by.

    None for what is no zone.
    """
    wanted = "_".join(typed.split()).casefold()
    if name := _zones_by_typed_name().get(wanted):
        return name
    places = [offer.name for offer in offered_zones() if offer.name.rpartition("/")[2].casefold() == wanted]
    return places[0] if len(places) == 1 else None


def zone_of(name: str) -> ZoneInfo | None:
    """The zone that a person chose; None where they chose none, or this machine's database knows it no more."""
    return ZoneInfo(name) if name and name.casefold() in _zones_by_typed_name() else None


@cache
def _zones_by_typed_name() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() - NO_ZONES}
