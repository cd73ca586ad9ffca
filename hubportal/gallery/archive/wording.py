"""Sentences on archives."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _


def nothing_to_download() -> str:
    return _("No picture was chosen, so there is nothing to download. Go back and choose some.")


def too_many_to_download(most: int) -> str:
    """That one archive holds `most` pictures."""
    text = _("One archive holds at most %(number)s pictures. Choose fewer, and download the rest in a second one.")
    return text % {"number": intcomma(most)}


def too_many_downloads() -> str:
    text = _("Other archives are being downloaded, as many as there is room for. Try again once one of them is here.")
    return str(text)
