"""What the audit log tells of pictures: which of those that the team shares were deleted or came back, archives; and of
what the team calls them by. Whose favourites they are, and which tags are put on them, is not in it."""

from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import AuditAction, declare_details


class PictureAction(AuditAction):
    DELETED = "picture.deleted", _("deleted a picture")
    RESTORED = "picture.restored", _("restored a picture")
    DOWNLOADED = "picture.downloaded", _("downloaded pictures as an archive")


class TagAction(AuditAction):
    RENAMED = "tag.renamed", _("renamed a tag")
    MERGED = "tag.merged", _("merged a tag into another")
    DELETED = "tag.deleted", _("deleted a tag")


class CollectionAction(AuditAction):
    CREATED = "collection.created", _("made a collection")
    RENAMED = "collection.renamed", _("renamed a collection")
    DELETED = "collection.deleted", _("deleted a collection")


declare_details(names={"pictures": _("pictures")})
