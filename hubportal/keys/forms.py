"""Adding a key: the one form behind the page and the command."""

import re
from typing import Any

from django import forms
from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.accounts.models import User
from hubportal.hub.errors import HubError, KeyRejected
from hubportal.keys.models import Key
from hubportal.keys.sealing import Secret
from hubportal.keys.sentences import why_not_checked, why_refused
from hubportal.keys.vault import client_to_check
from hubportal.teams.models import Team

# hub-api.md shows `gih_live_…` alone; what follows the prefix is not documented.
SHAPE = re.compile(r"gih_[A-Za-z0-9_-]{8,200}")
# What comes along when a key is copied from a chat or a page, besides ordinary white space.
STRAY = " \t\r\n\u00a0\u200b\u2060\ufeff"


class KeyForm(forms.Form):
    """A label and a secret. `hub_failed` tells, after `keep`, that neither was at fault."""

    label = forms.CharField(
        label=gettext_lazy("Label"),
        max_length=60,
        help_text=gettext_lazy("What your team calls it, such as Main or Spare."),
        error_messages={"required": gettext_lazy("Give the key a name that your team will recognise.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    secret = forms.CharField(
        label=gettext_lazy("Key"),
        help_text=gettext_lazy("Paste it whole. It is checked, locked away, and never shown again."),
        error_messages={"required": gettext_lazy("Paste the key here; it begins with gih_.")},
        # Not a password of this site: a browser must neither fill one in nor offer to keep it.
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, team: Team, data: Any = None) -> None:
        super().__init__(data)
        self.team = team
        self.hub_failed = False

    def clean_secret(self) -> Secret:
        secret = Secret(self.cleaned_data["secret"].strip(STRAY))
        if not SHAPE.fullmatch(secret):
            raise forms.ValidationError(
                _("This isn't a key of GPT Image Hub: one begins with gih_ and has no spaces. Nothing was added.")
            )
        if known := Key.objects.with_secret(secret, self.team):
            raise _already_here(known)
        return secret

    def clean(self) -> None:
        if SHAPE.search(self.data.get("label", "")):
            # Labels are shown to the whole team, and this one would be shown right now.
            self.data = {**self.data, "label": ""}
            self.add_error("label", _("That looks like the key itself. It goes into the field below."))

    def keep(self, added_by: User | None) -> Key | None:
        """Ask the hub about a valid form's key, and keep it. None: the form now says why not."""
        secret, label = self.cleaned_data["secret"], self.cleaned_data["label"]
        try:
            balance = client_to_check(secret).credits()
            return Key.objects.add(self.team, label=label, secret=secret, added_by=added_by, balance=balance)
        except KeyRejected as error:
            self.add_error("secret", why_refused(error.code))
        except HubError as error:
            self.hub_failed = True
            self.add_error(None, why_not_checked(error))
        except IntegrityError:
            # Somebody added the same one while the hub was being asked.
            self.add_error("secret", _already_here(Key.objects.with_secret(secret, self.team)))
        return None

    def point_out(self) -> None:
        """Put the cursor where something is to be mended: the form is at the end of a long page."""
        name = "label" if "label" in self.errors else "secret"
        self.fields[name].widget.attrs["autofocus"] = True


def _already_here(key: Key | None) -> forms.ValidationError:
    return forms.ValidationError(_("Your team has this key already: {key}. Nothing was added.").format(key=key))
