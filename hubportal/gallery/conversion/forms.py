"""In which format and size somebody wants a picture."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hubportal.gallery.conversion.requests import SIDES
from hubportal.generations.models import Image

FORMAT_NAMES = {"jpeg": _("JPEG"), "png": _("PNG"), "webp": _("WebP"), "avif": _("AVIF")}
FORMAT_WORDS = {
    "jpeg": _("JPEG: opens everywhere; transparent parts become white"),
    "png": _("PNG: nothing is lost, large files"),
    "webp": _("WebP: small, for the web"),
    "avif": _("AVIF: smallest, for newer programs"),
}


class ConversionForm(forms.Form):
    """`side` is the longest in pixels, 0 the picture's own; larger ones than that are not offered."""

    format = forms.ChoiceField(
        label=_("Format"),
        choices=list(FORMAT_WORDS.items()),
        initial="jpeg",
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose one of these formats.")),
    )
    side = forms.TypedChoiceField(
        label=_("Longest side"),
        coerce=int,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose one of these sizes.")),
    )

    def __init__(self, image: Image, data: Any = None) -> None:
        super().__init__(data)
        longest = max(image.width or 0, image.height or 0)
        own = _("As it is: %(side)s pixels") % {"side": longest}
        smaller = [(str(side), _("%(side)s pixels") % {"side": side}) for side in SIDES if 0 < side < longest]
        field: Any = self.fields["side"]
        field.choices = [("0", own), *smaller]
