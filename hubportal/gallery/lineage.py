"""Where a picture comes from and what came of it, as far as one person may see.

A reference is the same picture as one of the gallery's if it has the same bytes: also one that was saved here and
chosen again as a file. Each list ends somewhere; `more` says that it goes on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hubportal.gallery.queries import stored_pictures
from hubportal.generations.models import Generation, Image, ImageQuerySet, Reference, ReferenceFile
from hubportal.teams.models import Membership

MAX_SHOWN: Final = 12
# Of one picture, the orders that are looked at: the newest hundred.
MAX_USES: Final = 100


@dataclass(frozen=True, slots=True)
class Source:
    """A reference image of the order: the picture of the gallery that it is, or None."""

    reference: Reference
    image: Image | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """`sources`: its order's references. `remix_of`, `siblings`, `remixes`, `used_in`: pictures, the nearest first."""

    sources: list[Source]
    remix_of: list[Image]
    siblings: list[Image]
    used_in: list[Image]
    remixes: list[Image]
    more: bool

    @property
    def is_known(self) -> bool:
        return any((self.sources, self.remix_of, self.siblings, self.used_in, self.remixes))


def lineage_of(membership: Membership, image: Image) -> Lineage:
    """The lineage of a picture that this person sees; `image` has its generation."""
    seen = stored_pictures(membership).select_related("generation").defer("generation__prompt")
    generation = image.generation
    used_in, more_uses = _of(seen, _orders_with(image), image)
    remixes, more_remixes = _of(seen, _remixes_of(membership, generation), image)
    return Lineage(
        sources=_sources(seen, generation),
        remix_of=_of(seen, [generation.remix_of], image)[0] if generation.remix_of else [],
        siblings=[one for one in seen.filter(generation=generation).order_by("position") if one.pk != image.pk],
        used_in=used_in,
        remixes=remixes,
        more=more_uses or more_remixes,
    )


def _sources(seen: ImageQuerySet, generation: Generation) -> list[Source]:
    references = list(generation.references.select_related("stored"))
    if not references:
        return []
    hashes = {reference.stored.sha256 for reference in references}
    elsewhere = seen.with_hashes(hashes).exclude(generation=generation)
    # The first of those with the same bytes.
    same = {image.sha256: image for image in elsewhere.order_by("-created_at", "-pk")}
    return [Source(reference, same.get(reference.stored.sha256)) for reference in references]


def _orders_with(image: Image) -> list[Any]:
    """The orders that have this picture as a reference: their ids."""
    if not image.sha256:
        return []
    stored = ReferenceFile.objects.filter(team=image.team_id, sha256=image.sha256).first()
    uses = stored.uses.order_by() if stored else Reference.objects.none()
    return list(uses.values_list("generation", flat=True)[:MAX_USES])


def _remixes_of(membership: Membership, generation: Generation) -> list[Any]:
    made = Generation.objects.filter(remix_of=generation.pk, team=membership.team_id).order_by()
    return list(made.values_list("pk", flat=True)[:MAX_USES])


def _of(seen: ImageQuerySet, orders: Sequence[Any], image: Image) -> tuple[list[Image], bool]:
    """The pictures of these orders, the newest first, and whether there are more."""
    if not orders:
        return [], False
    found: Iterable[Image] = seen.filter(generation__in=orders).order_by()
    newest = sorted(found, key=lambda one: (one.created_at, str(one.pk)), reverse=True)
    others = [one for one in newest if one.pk != image.pk]
    return others[:MAX_SHOWN], len(others) > MAX_SHOWN
