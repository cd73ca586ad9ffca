"""What the audit log tells of generations: what people decided about them, not what they asked for."""

from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import AuditAction, declare_details


class GenerationAction(AuditAction):
    SETTLED = "generation.settled", _("settled a generation nobody was sure of")
    SHARED = "generation.shared", _("shared a private generation with the team")
    MADE_PRIVATE = "generation.made_private", _("made a generation private")
    MOVED = "generation.moved", _("moved a generation to another project")
    RECOVERED = "generation.recovered", _("recovered a generation from the hub")


declare_details(
    names={"verdict": _("verdict"), "hub_id": _("the hub's id")},
    values={"accepted": _("it went through"), "not_accepted": _("it didn't go through")},
)
