"""The prompt form: what may be asked, of which model, at what price."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator, RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.generations import references as reference_uploads
from hubportal.generations.model_options import MAX_PICTURES, current_model_options, references_hint, too_many
from hubportal.generations.models import Order
from hubportal.generations.states import Effort, Visibility
from hubportal.generations.upload_handlers import Skipped
from hubportal.generations.wording import credits_words, too_dear
from hubportal.hub.image_models import Model
from hubportal.imaging import InvalidImage
from hubportal.keys.key_parsing import WITHIN
from hubportal.teams.access import TeamRequest
from hubportal.usage.credits import credits_of

# The hub documents no limit; this is the one of the model behind it.
LONGEST_PROMPT = 32_000
_TOO_LONG = gettext_lazy(
    "The prompt is too long: %(limit_value)d characters fit, and it has %(show_value)d. Shorten it and try again."
)
_INVISIBLE = gettext_lazy(
    "The prompt held an invisible character that can't be sent. It is gone now: look the prompt over and try again."
)
_HOLDS_A_KEY = gettext_lazy(
    "There was a key to the hub in the prompt, and your team would have seen it. It is taken out and nothing was sent: "
    "look the prompt over and try again. Keys belong on the Keys page, where admins add them."
)


class PromptField(forms.CharField):
    """Text as the person sees it: browsers send line ends as two characters, which the hub need not pay for."""

    default_validators = [
        ProhibitNullCharactersValidator(message=_INVISIBLE),
        RegexValidator(WITHIN, _HOLDS_A_KEY, inverse_match=True),
        MaxLengthValidator(LONGEST_PROMPT, _TOO_LONG),
    ]

    def to_python(self, value: Any) -> str:
        return str(super().to_python(str(value or "").replace("\r\n", "\n")))


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.Field):
    """Any number of files; the form takes each in by itself, so that one bad file doesn't lose the others."""

    widget = FilesInput

    def clean(self, value: Any) -> list[Any]:
        return list(value or [])


class PromptForm(forms.Form):
    """What a person asks for, against what the hub offers and what the team has left.

    References that are good are taken in even when something else is wrong: the form that comes back carries
    them as `kept`, and they need not be uploaded again.
    """

    prompt = PromptField(error_messages={"required": gettext_lazy("Write what the picture should show.")})
    model = forms.CharField(required=False)
    size = forms.CharField(required=False)
    quality = forms.ChoiceField(
        choices=Effort.choices,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose auto, low, medium or high effort.")},
    )
    n = forms.IntegerField(
        min_value=1,
        max_value=MAX_PICTURES,
        required=False,
        error_messages={
            name: gettext_lazy("Choose 1 to 4 pictures.") for name in ("min_value", "max_value", "invalid")
        },
    )
    visibility = forms.ChoiceField(
        choices=Visibility.choices,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose who may see the pictures.")},
    )
    references = FilesField(required=False)
    token = forms.UUIDField(
        required=False,
        error_messages={"invalid": gettext_lazy("This form was out of date. Send it once more.")},
    )

    def __init__(
        self, request: TeamRequest, *, taken: Sequence[reference_uploads.ReferenceUpload] = (), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.request, self.taken = request, list(taken)
        self.offer, self.credits = current_model_options(), credits_of(request.team)

    @property
    def has_key(self) -> bool:
        """Whether the team has a key that new work can be sent with."""
        return bool(self.credits.key)

    # Checking ----------------------------------------------------------------------------------------------

    def clean_model(self) -> str:
        wanted = self.cleaned_data["model"] or self.offer.first.id
        if self.offer.model(wanted) is None:
            raise forms.ValidationError(_("The hub doesn't offer this model any more. Choose another one."))
        return str(wanted)

    def clean_quality(self) -> str:
        return self.cleaned_data["quality"] or Effort.AUTO

    def clean_n(self) -> int:
        return 1 if self.cleaned_data["n"] is None else self.cleaned_data["n"]

    def clean_visibility(self) -> str:
        return self.cleaned_data["visibility"] or Visibility.TEAM

    def clean_references(self) -> list[reference_uploads.ReferenceUpload]:
        dropped = set(self.request.POST.getlist("drop"))
        tokens = [token for token in self.request.POST.getlist("kept") if token not in dropped]
        self.taken = reference_uploads.kept(tokens, self.request.team, self.request.user)
        skipped: list[Skipped] = getattr(self.request, "skipped_uploads", [])
        problems = [reference_uploads.sentence(one.name, one.reason) for one in skipped]
        for file in self.cleaned_data["references"]:
            try:
                self.taken.append(reference_uploads.take(self.request.team, self.request.user, file))
            except InvalidImage as refusal:
                problems.append(reference_uploads.sentence(file.name, refusal.reason))
        if problems:
            raise forms.ValidationError(problems)
        return self.taken

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.request.team.is_being_deleted:
            self.add_error(None, team_is_being_deleted())
        if not self.has_key:
            self.add_error(None, no_key())
        model = self.offer.model(cleaned.get("model", ""))
        if model is None:
            return cleaned
        cleaned["size"] = cleaned.get("size") or "auto"
        if not self.offer.has_size(model, cleaned["size"]):
            self.add_error("size", _("{model} doesn't make this size. Choose another one.").format(model=model.name))
        if len(self.taken) > (limit := self.offer.reference_limit(model)):
            self.add_error("references", too_many(model.name, limit))
        if "n" in cleaned and "size" in cleaned:
            cleaned["credits"] = self.offer.price(model, cleaned["size"], cleaned["n"])
            if self._is_too_dear(cleaned["credits"]):
                self.add_error(None, too_dear(self.credits).format(price=credits_words(cleaned["credits"])))
        return cleaned

    def _is_too_dear(self, price: int | None) -> bool:
        free = self.credits.free
        return price is not None and free is not None and price > free

    @property
    def order(self) -> Order:
        asked = self.cleaned_data
        return Order(
            prompt=asked["prompt"],
            model=asked["model"],
            size=asked["size"],
            effort=asked["quality"],
            n=asked["n"],
            visibility=asked["visibility"],
            credits=asked["credits"],
        )

    @property
    def one_time_token(self) -> uuid.UUID | None:
        """The form's token for what it asks now: sent twice it is one order, changed or in another team another."""
        token = self.cleaned_data["token"]
        asked = (self.request.team.pk, self.order, [taken.stored.pk for taken in self.taken])
        return token and uuid.uuid5(token, repr(asked))

    # Showing -----------------------------------------------------------------------------------------------

    @property
    def prompt_text(self) -> str:
        return WITHIN.sub("gih_…", str(self["prompt"].value() or "").replace("\0", ""))

    @property
    def chosen_model(self) -> Model:
        return self.offer.model(str(self["model"].value() or "")) or self.offer.first

    @property
    def chosen_size(self) -> str:
        size = str(self["size"].value() or "auto")
        return size if self.offer.has_size(self.chosen_model, size) else "auto"

    @property
    def chosen_n(self) -> int:
        """How many pictures are chosen; 0 where what was sent is no choice."""
        words = str(self["n"].value() or 1)
        return int(words) if words in ("1", "2", "3", "4") else 0

    @property
    def price(self) -> int | None:
        """Credits for what is chosen, None where nobody knows."""
        return self.offer.price(self.chosen_model, self.chosen_size, self.chosen_n) if self.chosen_n else None

    @property
    def references_hint(self) -> str:
        return references_hint(self.offer.reference_limit(self.chosen_model))

    @property
    def efforts(self) -> list[tuple[str, Any]]:
        return Effort.choices

    @property
    def visibilities(self) -> list[tuple[str, Any]]:
        return Visibility.choices

    @property
    def choice_fields(self) -> list[forms.BoundField]:
        """The fields of the one row under the prompt."""
        return [self[name] for name in ("model", "size", "quality", "n", "visibility")]

    @property
    def why_not(self) -> list[str]:
        """What stands in the way of the whole, rather than of one field."""
        return [*self.non_field_errors(), *self["token"].errors]


def no_key() -> str:
    return _("Your team has no hub key that works, so nothing can be sent yet. An admin of your team can add one.")


def team_is_being_deleted() -> str:
    return _("Your team is going to be deleted, so nothing new can be made. An owner of the team can still keep it.")
