"""Collected static files: the sources of a bundle as one file, each with a hash in its name, compressed."""

from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from hubportal.static_files.bundles import bundles, join

type Paths = dict[str, tuple[Any, str]]  # where each file is: a storage, and the name there


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise has no types
    """WhiteNoise's storage, with a joined file in place of the sources of each bundle."""

    def post_process(self, paths: Paths, *, dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            self._join(paths)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _join(self, paths: Paths) -> None:
        """Write the joined files and put them among `paths`; their sources are neither hashed nor kept."""
        joined = set()
        for name, sources in bundles():
            self.delete(name)
            self.save(name, ContentFile(join(name, [_read(paths[source]) for source in sources])))
            joined.update(sources)
            paths[name] = (self, name)
        for source in joined:
            del paths[source]
            self.delete(source)


def _read(place: tuple[Any, str]) -> str:
    storage, name = place
    with storage.open(name) as file:
        return str(file.read().decode())
