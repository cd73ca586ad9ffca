"""Adding a key, putting another in its place, and its name: the forms behind the pages and the command."""

from typing import Any

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from hubportal.audit.actions import AuditAction
from hubportal.audit.models import AuditEntry
from hubportal.encryption import Secret
from hubportal.hub.errors import HubError, KeyRejected
from hubportal.hub.records import Balance
from hubportal.keys.audit_actions import KeyAction
from hubportal.keys.clients import client_to_check
from hubportal.keys.key_parsing import SHAPE, read_pasted, too_many, vendor_in
from hubportal.keys.models import Key
from hubportal.keys.wording import already_here, why_not_checked, why_refused
from hubportal.teams.access import TeamRequest, note
from hubportal.teams.models import Team


class NameForm(forms.Form):
    """What the team calls a key. Labels are shown to the whole team, so a secret typed here is not shown again."""

    label = forms.CharField(
        label=gettext_lazy("Label"),
        max_length=60,
        help_text=gettext_lazy("What your team calls it, such as Main or Spare."),
        error_messages={"required": gettext_lazy("Give the key a name that your team will recognise.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    mixed_up = gettext_lazy("That looks like the key itself. Type a name for it here.")

    def clean(self) -> None:
        label = self.data.get("label", "")
        if SHAPE.search(label) or vendor_in(label):
            self.data = {**self.data, "label": ""}
            self.add_error("label", str(self.mixed_up))


class SecretForm(forms.Form):
    """A secret, checked for what it is before the hub is asked.

    found       a key found in what was pasted before, for who sends `found` instead of a secret
    offered     after validation: the key found inside of what was pasted, to be offered
    hub_failed  after `keep`: whether neither the person nor the key was at fault
    """

    secret = forms.CharField(
        label=gettext_lazy("Key"),
        help_text=gettext_lazy("Paste it whole. It is checked, locked away, and never shown again."),
        error_messages={"required": gettext_lazy("Paste the key here; it begins with gih_.")},
        # Not a password of this site: a browser must neither fill one in nor offer to keep it.
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    nothing_done = gettext_lazy("Nothing was added.")

    def __init__(self, team: Team, data: Any = None, *, found: Secret | None = None) -> None:
        super().__init__(data)
        self.team = team
        self.found = found
        self.offered: Secret | None = None
        self.hub_failed = False
        self.takes_found = "found" in self.data
        self.fields["secret"].required = not self.takes_found

    @sensitive_variables()
    def clean_secret(self) -> Secret:
        typed = self.cleaned_data["secret"]
        if self.takes_found and not typed:
            return self._new(self._found_before())
        pasted = read_pasted(typed)
        if pasted.secret:
            return self._new(pasted.secret)
        if len(pasted.within) == 1:
            self.offered = self._new(pasted.within[0])
            raise self._refused(_("This isn't a key alone: a key is pasted without anything around it."))
        raise self._refused(too_many(pasted.within) if pasted.within else pasted.why)

    def _found_before(self) -> Secret:
        if self.found is None:
            raise self._refused(_("What you pasted was kept for ten minutes only, and is gone. Paste it again."))
        self.offered = self.found
        return self.found

    @sensitive_variables()
    def _new(self, secret: Secret) -> Secret:
        """The secret, unless the team has it. Raises ValidationError."""
        try:
            known = Key.objects.with_secret(secret, self.team)
        except ImproperlyConfigured:
            raise self._refused(
                _("This site can't lock keys away, because its KEYRING can't be read. Tell the person who runs it.")
            ) from None
        if known:
            self.offered = None
            raise self._refused(already_here(known))
        return secret

    @sensitive_variables()
    def keep(self, request: TeamRequest | None) -> Key | None:
        """Ask the hub about a valid form's key, keep it, and write so into the trail. None: the form says why not.

        `request`: who asks; None is the site's command line.
        """
        secret = self.cleaned_data["secret"]
        try:
            balance = client_to_check(secret).credits()
            with transaction.atomic():
                return self._store(secret, balance, request)
        except KeyRejected as error:
            self._not_kept("secret", why_refused(error.code))
        except HubError as error:
            self.hub_failed = True
            self.add_error(None, self._refused(why_not_checked(error)))
        except IntegrityError:
            # Somebody added the same one while the hub was being asked.
            self._not_kept("secret", already_here(Key.objects.with_secret(secret, self.team)))
        except Key.DoesNotExist:
            self._not_kept(None, _("Somebody replaced or removed this key meanwhile."))
        return None

    def _not_kept(self, field: str | None, words: str) -> None:
        self.offered = None
        self.add_error(field, self._refused(words))

    def _refused(self, words: str) -> forms.ValidationError:
        return forms.ValidationError(" ".join((words, str(self.nothing_done))))

    def _store(self, secret: Secret, balance: Balance, request: TeamRequest | None) -> Key:
        raise NotImplementedError

    def point_out(self) -> None:
        """Put the cursor where something is to be mended: the form is at the end of a long page."""
        name = "label" if "label" in self.errors else "secret"
        self.fields[name].widget.attrs["autofocus"] = True


class KeyForm(NameForm, SecretForm):
    """A key for the team."""

    mixed_up = gettext_lazy("That looks like the key itself. It goes into the field below.")
    field_order = ("label", "secret")

    def _store(self, secret: Secret, balance: Balance, request: TeamRequest | None) -> Key:
        added_by = request.user if request else None
        label = self.cleaned_data["label"]
        key = Key.objects.add(self.team, label=label, secret=secret, added_by=added_by, balance=balance)
        _tell(request, KeyAction.ADDED, key)
        return key


class ReplacementForm(SecretForm):
    """The secret that takes the place of another."""

    nothing_done = gettext_lazy("Nothing was changed.")

    def __init__(self, old: Key, data: Any = None, *, found: Secret | None = None) -> None:
        super().__init__(old.team, data, found=found)
        self.old = old

    def _store(self, secret: Secret, balance: Balance, request: TeamRequest | None) -> Key:
        added_by = request.user if request else None
        new = Key.objects.replace(self.old, secret=secret, added_by=added_by, balance=balance)
        _tell(request, KeyAction.REPLACED, new, old=str(self.old))
        return new


def _tell(request: TeamRequest | None, action: AuditAction, key: Key, **facts: Any) -> None:
    if request:
        note(request, action, key, **facts)
    else:
        AuditEntry.objects.record(key.team, action, key, **facts)
