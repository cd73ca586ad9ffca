"""The forms of the keys pages: they parse what was typed and show why something was refused."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from hubportal.encryption import Secret
from hubportal.hub.errors import HubError, KeyRejected
from hubportal.keys.key_changes import MAX_LABEL_LENGTH, InvalidLabel, KeyChangeError, KeyGone
from hubportal.keys.key_parsing import looks_like_key, read_pasted
from hubportal.keys.wording import join_sentences
from hubportal.keys.wording.changes import LABEL_PROBLEMS, why_not_a_key, why_not_changed


class LabelForm(forms.Form):
    """What the team calls a key. Labels are shown to the whole team, so a secret typed here is not shown again."""

    label = forms.CharField(
        label=gettext_lazy("Label"),
        max_length=MAX_LABEL_LENGTH,
        help_text=gettext_lazy("What your team calls it, such as Main or Spare."),
        error_messages={"required": LABEL_PROBLEMS["required"]},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    secret_in_label = LABEL_PROBLEMS["looks_like_key"]

    def clean(self) -> None:
        if looks_like_key(self.data.get("label", "")):
            self.data = {**self.data, "label": ""}
            self.add_error("label", str(self.secret_in_label))


class SecretForm(forms.Form):
    """A secret, checked for what it is.

    found      a key found in what was pasted before, for who sends `found` instead of a secret
    offered    after validation: the key found inside of what was pasted, to be offered
    hub_failed whether neither the person nor the key was at fault
    """

    secret = forms.CharField(
        label=gettext_lazy("Key"),
        help_text=gettext_lazy("Paste it whole. It is checked, locked away, and never shown again."),
        error_messages={"required": gettext_lazy("Paste the key here; it begins with gih_.")},
        # Not a password of this site: a browser must neither fill one in nor offer to store it.
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    nothing_done = gettext_lazy("Nothing was changed.")

    def __init__(self, data: Any = None, *, found: Secret | None = None) -> None:
        super().__init__(data)
        self.found = found
        self.offered: Secret | None = None
        self.hub_failed = False
        self.wants_found = "found" in self.data
        self.fields["secret"].required = not self.wants_found

    @sensitive_variables()
    def clean_secret(self) -> Secret:
        typed = self.cleaned_data["secret"]
        if self.wants_found and not typed:
            if self.found is None:
                raise self._error(_("What you pasted was kept for ten minutes only, and is gone. Paste it again."))
            self.offered = self.found
            return self.found
        pasted = read_pasted(typed)
        if pasted.secret:
            return pasted.secret
        if len(pasted.within) == 1:
            self.offered = pasted.within[0]
        raise self._error(why_not_a_key(pasted))

    def refuse(self, error: KeyChangeError | HubError) -> None:
        """Show why the key was not added or changed. What was offered stays on offer only if the hub was at fault."""
        self.hub_failed = isinstance(error, HubError) and not isinstance(error, KeyRejected)
        if not self.hub_failed:
            self.offered = None
        field = None if self.hub_failed or isinstance(error, KeyGone) else "secret"
        if isinstance(error, InvalidLabel):
            field = "label"
        if field:
            self.errors.pop(field, None)
        self.add_error(field, self._error(why_not_changed(error)))

    def _error(self, why: str) -> forms.ValidationError:
        return forms.ValidationError(join_sentences(why, str(self.nothing_done)))

    def focus_error(self) -> None:
        """Put the cursor where something is to be mended: the form is at the end of a long page."""
        name = "label" if "label" in self.errors else "secret"
        self.fields[name].widget.attrs["autofocus"] = True


class KeyForm(LabelForm, SecretForm):
    """A key for the team."""

    secret_in_label = gettext_lazy("That looks like the key itself. It goes into the field below.")
    nothing_done = gettext_lazy("Nothing was added.")
    field_order = ("label", "secret")
