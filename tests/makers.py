"""The cast, and things made in one line.

Anna owns, Adam administers, Mina is a member, Rob reviews, Stan is a stranger.
"""

import hashlib
import io
import uuid
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from PIL import Image as Pillow

from hubportal.accounts.models import User
from hubportal.generations.models import Generation, Image, ImageFiles, State
from hubportal.generations.models.leases import new_lease
from hubportal.hub.client import GenerationParameters
from hubportal.hub.records import Balance
from hubportal.keys.models import Key
from hubportal.teams.models import Invitation, Membership, Team
from hubportal.teams.models.team import DELETION_GRACE
from hubportal.teams.permissions import Role
from hubportal.usage.models import Project

PASSWORD = "a quiet harbour at dusk"


def make_user(email: str, **fields: Any) -> User:
    """A person who can sign in: e-mail verified, PASSWORD."""
    user = User.objects.create_user(email, PASSWORD, **fields)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def make_team(name: str = "Studio North", owner: User | None = None) -> Team:
    return Team.objects.create_with_owner(name, owner or make_user("anna@example.org", name="Anna"))


def schedule_deletion(team: Team, by: User) -> None:
    """Let a team be one that its owner wants gone."""
    team.deletion_at, team.deletion_asked_by = timezone.now() + DELETION_GRACE, by
    team.save(update_fields=["deletion_at", "deletion_asked_by"])


def join(team: Team, email: str, role: str = Role.MEMBER, **fields: Any) -> User:
    user = make_user(email, **fields)
    Membership.objects.create(team=team, user=user, role=role)
    return user


def make_invitation(team: Team, email: str, invited_by: User, role: str = Role.MEMBER) -> Invitation:
    """A pending invitation whose e-mail is due."""
    return Invitation.objects.create(team=team, email=email, role=role, invited_by=invited_by)


def make_key(team: Team, secret: str | None = None, *, credits: int | None = 1000, label: str = "Main") -> Key:
    """A key as if it had been checked just now; the secret is made up unless the sandbox gave one."""
    return Key.objects.create_checked(
        team,
        label=label,
        secret=secret or f"gih_live_{uuid.uuid4().hex}",
        added_by=None,
        balance=Balance(credits, "PRO", None),
    )


def make_generation(
    team: Team,
    author: User,
    prompt: str = "A red boat",
    *,
    visibility: str = "team",
    references: Any = (),
    project: Project | None = None,
    remix_of: uuid.UUID | None = None,
    **asked: Any,
) -> Generation:
    """A waiting generation, its 8 credits a picture (or `credits` in all) reserved."""
    price = asked.pop("credits", 8 * asked.get("n", 1))
    parameters = GenerationParameters(**{"model": "gpt-image-2", "prompt": prompt, **asked})
    how: Any = {"visibility": visibility, "references": references, "project": project, "remix_of": remix_of}
    generation, _ = Generation.objects.create_waiting(team, author, parameters, price=price, **how)
    assert generation.state == State.WAITING
    return generation


def leased(image: Image) -> Image:
    """The same, claimed for download whether it is due or not."""
    lease = new_lease(timezone.now(), timedelta(minutes=1))
    Image.objects.filter(pk=image.pk).update(**lease)
    image.lease_id, image.lease_until = lease["lease_id"], lease["lease_until"]
    return image


def store_image(
    image: Image,
    content: bytes,
    thumb: bytes = b"thumb",
    small: bytes = b"small",
    *,
    kind: str = "png",
    size: tuple[int, int] = (64, 48),
) -> Image:
    """The picture downloaded: its bytes and its thumbnails stored."""
    content_type = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}[kind]
    thumbs = {"thumb": ContentFile(thumb), "thumb_small": ContentFile(small)}
    files = ImageFiles(
        ContentFile(content),
        suffix=kind,
        content_type=content_type,
        size=len(content),
        width=size[0],
        height=size[1],
        sha256=hashlib.sha256(content).hexdigest(),
        **thumbs,
    )
    leased(image).store(files)
    assert image.record_downloaded()
    return image


def keep_as_file(image: Image, content: bytes = b"no picture", problem: str = "unreadable") -> Image:
    """The picture downloaded, and kept as a file that can't be shown; a better one is tried for."""
    leased(image).store(ImageFiles(ContentFile(content), None, "bin", "", len(content), None, None))
    assert image.record_kept_as_file(problem)
    return image


def picture_bytes(form: str = "PNG", size: tuple[int, int] = (64, 48), colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", size, colour).save(out, form)
    return out.getvalue()


def upload(name: str = "boat.png", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture_bytes() if content is None else content)


def fill_totals() -> None:
    """The totals of a ledger that was filled past `record`, all at once, as the migration fills them."""
    migration = import_module("hubportal.usage.migrations.0003_fill_totals")
    with connection.cursor() as cursor:
        migration.fill(None, SimpleNamespace(connection=connection, execute=cursor.execute))
