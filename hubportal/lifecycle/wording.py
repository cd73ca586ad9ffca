"""What is said of things that ended."""

from django.utils.translation import ngettext

from hubportal.generations.wording.orders import figure
from hubportal.lifecycle.ex_members import ExMember


def pictures_deleted(ex_member: ExMember) -> str:
    return ngettext(
        "Deleted: {count} private picture of {person}.",
        "Deleted: {count} private pictures of {person}.",
        ex_member.pictures,
    ).format(count=figure(ex_member.pictures), person=ex_member.person)
