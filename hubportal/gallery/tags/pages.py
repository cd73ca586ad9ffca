"""The page of a team's tags, by name."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from hubportal.gallery.models import ImageTag, Tag
from hubportal.gallery.models.tag import MAX_NAME_LENGTH
from hubportal.gallery.names import name_key
from hubportal.gallery.wording import number_of_pictures
from hubportal.teams.models import Team

PAGE_SIZE = 100
# Counting further would cost more than anybody reads out of the number.
COUNT_TO = 1000


def number_tagged(tag: Tag) -> str:
    """How many pictures have a tag, in words."""
    return number_of_pictures(ImageTag.objects.filter(tag=tag)[: COUNT_TO + 1].count(), COUNT_TO)


@dataclass
class TagPage:
    """Some of a team's tags: those that begin with `begin`, behind the one whose key is `after`."""

    team: Team
    begin: str
    after: str

    def __post_init__(self) -> None:
        # What can be no key finds none, or begins at the first; no database is asked for a NUL.
        self.begin, self.after = (text.replace("\0", "")[: 3 * MAX_NAME_LENGTH] for text in (self.begin, self.after))

    @cached_property
    def _rows(self) -> list[Tag]:
        tags = Tag.objects.live().filter(team=self.team, key__startswith=name_key(" ".join(self.begin.split())))
        return list((tags.filter(key__gt=self.after) if self.after else tags).order_by("key")[: PAGE_SIZE + 1])

    @property
    def items(self) -> list[Tag]:
        return self._rows[:PAGE_SIZE]

    @property
    def first(self) -> str:
        """The address of the first page, or "" on it."""
        return self._address() if self.after else ""

    @property
    def further(self) -> str:
        """The address of the next page, or ""."""
        return self._address(after=self.items[-1].key) if len(self._rows) > PAGE_SIZE else ""

    def _address(self, **more: str) -> str:
        return f"?{urlencode({**({'q': self.begin} if self.begin else {}), **more})}"
