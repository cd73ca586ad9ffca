"""Who invited somebody is told, once, that the invitation was taken."""

from types import SimpleNamespace

import pytest

from hubportal.audit.actor import Actor
from hubportal.notifications.accepted_invitations import anybody_to_tell, tell_inviter, tell_inviters
from hubportal.notifications.models import Notification
from hubportal.notifications.wording import sentences_of
from hubportal.teams.invitations import accept_invitation
from hubportal.teams.models import Invitation, Membership
from tests import makers

pytestmark = pytest.mark.django_db


def accept(cast: SimpleNamespace) -> Invitation:
    invitation = makers.make_invitation(cast.team, "otto@example.org", cast.admin)
    accept_invitation(invitation, actor=Actor(makers.make_user("otto@example.org", name="Otto")))
    return Invitation.objects.get(pk=invitation.pk)


def test_who_invited_is_told_who_came(cast: SimpleNamespace) -> None:
    accept(cast)

    tell_inviters.func()

    told = Notification.objects.get()
    assert (told.user, told.link) == (cast.admin, "/t/studio-north/members/")
    assert sentences_of(told) == ("Otto took your invitation", "It had gone to otto@example.org.")


def test_they_are_told_once_whoever_comes_to_it(cast: SimpleNamespace) -> None:
    invitation = accept(cast)
    before = anybody_to_tell()

    tell_inviter(invitation)
    tell_inviter(invitation)
    tell_inviters.func()

    assert (before, anybody_to_tell()) == (True, False)
    assert Notification.objects.count() == 1


def test_an_invitation_whose_sender_is_no_more_tells_nobody(cast: SimpleNamespace) -> None:
    invitation = accept(cast)
    Membership.objects.filter(user=cast.admin).delete()
    Invitation.objects.filter(pk=invitation.pk).update(invited_by=None)

    tell_inviters.func()

    assert not Notification.objects.exists()
    assert not anybody_to_tell()
