"""Finding a generation again by the hub's own id, while somebody waits."""

from hubportal.encryption import DecryptionError
from hubportal.generations.models import Generation
from hubportal.hub.errors import KeyRejected, NotFound
from hubportal.hub.records import GenerationRecord
from hubportal.keys.clients import client_for
from hubportal.keys.models import Key


class AlreadyHere(Exception):
    """Another generation of the team has this id: taking it up twice would count its credits twice."""


def look_up(generation: Generation, hub_id: str, *, anew: bool) -> tuple[Key, GenerationRecord]:
    """Ask for the hub's record: with the generation's key first, then the team's others.

    anew  the record will become a generation of its own, so this one may not have it either

    Raises AlreadyHere; NotFound when none of the keys sees it; another HubError when the hub can't be asked now.
    A look costs nothing.
    """
    # Two keys of the same hub account see the same records, so a key and an id are not enough to tell them apart.
    having_it = Generation.objects.filter(team=generation.team_id, hub_id=hub_id)
    if (having_it if anew else having_it.exclude(pk=generation.pk)).exists():
        raise AlreadyHere
    for key in _keys(generation):
        try:
            record = client_for(key, somebody_waits=True).generation(hub_id)
        except (DecryptionError, KeyRejected, NotFound):
            continue
        return key, record
    raise NotFound("notFound")


def _keys(generation: Generation) -> list[Key]:
    keys = Key.objects.present().filter(team=generation.team_id)
    return sorted(keys, key=lambda key: key.pk != generation.key_id)
