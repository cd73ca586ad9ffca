"""The prompt form: it parses what was sent, and presents it again with what stands in its way."""

import unicodedata
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.functional import lazy

from hubportal.generations import references as reference_uploads
from hubportal.generations.cards import read_uuid
from hubportal.generations.live_limits import near_budgets, way_to_more
from hubportal.generations.model_options import ModelOptions, current_model_options
from hubportal.generations.order_rules import OrderRules, rules_for
from hubportal.generations.problems import SubmissionProblem
from hubportal.generations.references import ReferenceUpload
from hubportal.generations.states import Visibility
from hubportal.generations.submission import check_submission
from hubportal.generations.wording.orders import (
    lost_reference,
    option_name,
    option_word,
    problem_sentence,
    references_hint,
    upload_problem,
)
from hubportal.hub.client import GenerationParameters
from hubportal.hub.image_models import OPTION_NAMES, ImageModel
from hubportal.hub.prices import AUTO
from hubportal.hub.sizes import Size, read_size
from hubportal.imaging import InvalidImage
from hubportal.keys.key_parsing import WITHIN as KEY_IN_TEXT
from hubportal.keys.wording.offer import effort_name
from hubportal.listing.fragments import fragment_key
from hubportal.teams.access import TeamRequest
from hubportal.usage.credits import Credits
from hubportal.usage.models import Project
from hubportal.usage.projects import find_project, last_chosen, open_projects


def _sentence(code: str) -> str:
    return problem_sentence(SubmissionProblem(code))


_lazy_sentence: Callable[[str], str] = lazy(_sentence, str)


class PromptField(forms.CharField):
    """Text as the person sees it, composed (NFC), so that the same words are found again however they were typed.

    Browsers send line ends as two characters, which the hub need not pay for.
    """

    default_validators = [ProhibitNullCharactersValidator(message=_lazy_sentence("prompt-invisible"))]

    def to_python(self, value: Any) -> str:
        text = unicodedata.normalize("NFC", str(value or ""))
        return str(super().to_python(text.replace("\r\n", "\n")))


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.Field):
    """Any number of files; the form stores each by itself, so that one bad file doesn't lose the others."""

    widget = FilesInput

    def clean(self, value: Any) -> list[Any]:
        return list(value or [])


@dataclass(frozen=True, slots=True)
class OptionPicker:
    """A choice of words for a further parameter; hidden while the chosen model doesn't declare it."""

    field: forms.BoundField
    label: str
    choices: list[tuple[str, str]]
    chosen: str
    is_shown: bool


class PromptForm(forms.Form):
    """What a person asks for.

    References that are good are stored even when something else is wrong: the form that comes back carries them as
    `kept` tokens, and they need not be uploaded again.
    """

    prompt = PromptField(required=False)
    model = forms.CharField(required=False)
    size = forms.CharField(required=False)
    quality = forms.CharField(required=False)
    n = forms.IntegerField(required=False, error_messages={"invalid": _lazy_sentence("count")})
    visibility = forms.CharField(required=False)
    project = forms.CharField(required=False)
    references = FilesField(required=False)
    # What the button said, as the script knows it; without one the price of other choices is not on the page.
    price_shown = forms.IntegerField(required=False, error_messages={"invalid": _lazy_sentence("token-invalid")})
    token = forms.UUIDField(required=False, error_messages={"invalid": _lazy_sentence("token-invalid")})

    def __init__(self, request: TeamRequest, *, uploads: Sequence[ReferenceUpload] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.request, self.uploads = request, list(uploads)
        # Where to ask for a larger budget or to raise it, and the word for that, once an order didn't fit into one.
        self.ask_for_more: tuple[str, str] | None = None
        self.fields |= {name: forms.CharField(required=False) for name in OPTION_NAMES}

    @property
    def again(self) -> uuid.UUID | None:
        """The generation that the form was made from. No field: nothing is refused for it."""
        return read_uuid(str((self.data if self.is_bound else self.initial).get("again", "")))

    @cached_property
    def rules(self) -> OrderRules:
        return rules_for(self.request.team, self.request.user, current_model_options(self.request))

    @cached_property
    def options(self) -> ModelOptions:
        """What this person may choose from."""
        return self.rules.options_allowed

    @property
    def credits(self) -> Credits:
        return self.rules.credits

    @cached_property
    def budget_warnings(self) -> list[str]:
        """What is nearly used up of the budgets that orders count against."""
        chosen = next((project for project in self.projects if str(project.pk) == self.chosen_project), None)
        return near_budgets(self.rules, chosen)

    @cached_property
    def projects(self) -> list[Project]:
        """What the order may be for."""
        return open_projects(self.request.team, self.request.user)

    @property
    def has_key(self) -> bool:
        """Whether the team has a key that new work can be sent with."""
        return bool(self.credits.keys)

    # Parsing -------------------------------------------------------------------------------------------------

    def clean_references(self) -> list[ReferenceUpload]:
        """Store what arrived, and refuse the order when that isn't all that the form showed."""
        sent = self.request.POST
        dropped = set(sent.getlist("drop"))
        tokens = [token for token in sent.getlist("kept") if token not in dropped]
        self.uploads, lost = reference_uploads.read_tokens(tokens, self.request.team, self.request.user)
        skipped = getattr(self.request, "skipped_uploads", [])
        problems = [lost_reference(name) for name in lost]
        problems += [upload_problem(one.name, one.reason) for one in skipped]
        files = self.cleaned_data["references"]
        for file in files:
            try:
                self.uploads.append(reference_uploads.store_upload(self.request.team, self.request.user, file))
            except InvalidImage as refusal:
                problems.append(upload_problem(file.name, refusal.reason))
        arrived = len(tokens) + len(skipped) + len(files)
        # The script's count of what the page shows; without scripts there is none. And a file is never text.
        if sent.get("reference_count", "") not in ("", str(arrived)) or any(sent.getlist("references")):
            problems.append(problem_sentence(SubmissionProblem("references-differ", "references")))
        if problems:
            raise forms.ValidationError(problems)
        return self.uploads

    def clean_project(self) -> Project | None:
        """The project of this id in the team; an archived one too, which the act refuses by its name."""
        if not (sent := self.cleaned_data["project"]):
            return None
        if project := find_project(self.request.team, sent):
            return project
        raise forms.ValidationError(_sentence("project-unknown"))

    @property
    def parameters(self) -> GenerationParameters:
        """What is asked for, with the defaults of what was left out; 0 pictures where that can't be read."""
        sent = self.cleaned_data
        n = 0 if "n" in self.errors else sent.get("n")
        model = sent.get("model") or self.options.first.id
        return GenerationParameters(
            model=model,
            prompt=sent.get("prompt", ""),
            size=sent.get("size") or "auto",
            effort=sent.get("quality") or self._default_effort(model),
            n=1 if n is None else n,
            options={name: word for name in OPTION_NAMES if (word := sent.get(name))},
        )

    def _default_effort(self, model_id: str) -> str:
        model = self.options.model(model_id)
        return model.default_effort if model else AUTO

    @property
    def visibility_asked(self) -> str:
        return str(self.cleaned_data.get("visibility") or Visibility.TEAM.value)

    @property
    def project_asked(self) -> Project | None:
        project: Project | None = self.cleaned_data.get("project")
        return project

    @property
    def token_sent(self) -> uuid.UUID | None:
        token: uuid.UUID | None = self.cleaned_data.get("token")
        return token

    # Presenting ----------------------------------------------------------------------------------------------

    def add_all_problems(self) -> None:
        """Tell at once all that stands in the way of what is asked, beside what could not be read."""
        self.add_problems(
            check_submission(
                self.request.team,
                self.parameters,
                self.visibility_asked,
                len(self.uploads),
                project=self.project_asked,
                rules=self.rules,
            )
        )

    def add_problems(self, problems: Iterable[SubmissionProblem]) -> None:
        """Show each at its field, unless something was said there already."""
        for problem in problems:
            if problem.field and problem.field in self.errors:
                continue
            self.add_error(problem.field or None, problem_sentence(problem))
            self.ask_for_more = self.ask_for_more or way_to_more(self.request.team, problem)

    @property
    def prompt_text(self) -> str:
        return KEY_IN_TEXT.sub("gih_…", str(self["prompt"].value() or "").replace("\0", ""))

    @property
    def chosen_model(self) -> ImageModel:
        return self.options.model(str(self["model"].value() or "")) or self.options.first

    @property
    def chosen_size(self) -> str:
        size = str(self["size"].value() or "auto")
        return size if self.options.has_size(self.chosen_model, size) else "auto"

    @property
    def chosen_n(self) -> int:
        """How many pictures are chosen; 0 where what was sent is no choice."""
        words = str(self["n"].value() or 1)
        return int(words) if words in ("1", "2", "3", "4") else 0

    @property
    def chosen_effort(self) -> str:
        return str(self["quality"].value() or self.chosen_model.default_effort)

    @property
    def unlisted_size(self) -> Size | None:
        """The size that is chosen, where it is none of those to choose from (hub/sizes.follows_rule)."""
        listed = (size.value for size in self.options.sizes(self.chosen_model))
        return None if self.chosen_size in listed else read_size(self.chosen_size)

    @property
    def price(self) -> int | None:
        """Credits for what is chosen, None where nobody knows."""
        if not self.chosen_n:
            return None
        return self.options.price(self.chosen_model, self.chosen_size, self.chosen_effort, self.chosen_n)

    @property
    def references_hint(self) -> str:
        return references_hint(self.options.reference_limit(self.chosen_model))

    @property
    def removes_location(self) -> bool:
        """Whether references are stored without where they were taken."""
        return not settings.KEEP_REFERENCE_LOCATION

    @property
    def efforts(self) -> list[tuple[str, str]]:
        """Every effort that some model takes, with its name; the script offers those of the chosen model."""
        return [(effort, effort_name(effort)) for effort in self.options.efforts]

    @property
    def shows_efforts(self) -> bool:
        """Whether there is something to choose, or something wrong to be seen."""
        return bool(len(self.chosen_model.efforts) > 1 or self["quality"].errors)

    @property
    def pickers(self) -> list[OptionPicker]:
        """One for each further parameter that some model declares."""
        return [self._picker(name, words) for name, words in self.options.option_words.items()]

    def _picker(self, name: str, words: Iterable[str]) -> OptionPicker:
        field = self[name]
        # "auto" is what the hub does when it isn't asked, so that is one choice, not two.
        others = [(word, option_word(word)) for word in words if word != AUTO]
        chosen = str(field.value() or "")
        return OptionPicker(
            field=field,
            label=option_name(name),
            choices=[("", option_word(AUTO)), *others],
            chosen="" if chosen == AUTO else chosen,
            is_shown=bool({*self.chosen_model.options.get(name, ())} - {AUTO} or field.errors),
        )

    @property
    def visibilities(self) -> list[tuple[str, Any]]:
        return Visibility.choices

    @property
    def chosen_project(self) -> str:
        """The id of the open project that is chosen, "" for none: unless somebody chose, that of their last order."""
        ids = [str(project.pk) for project in self.projects]
        chosen = str(self["project"].value() or "")
        if chosen in ids:
            return chosen
        if self.is_bound or ("project" in self.initial and not chosen):
            return ""
        last = last_chosen(self.projects)
        return str(last.pk) if last else ""

    @property
    def choice_fields(self) -> list[forms.BoundField]:
        """The fields of the one row under the prompt."""
        return [self[name] for name in ("model", "size", "quality", *OPTION_NAMES, "n", "visibility", "project")]

    @property
    def choices_key(self) -> str:
        """What that row depends on, for keeping it rendered; "" where something is wrong in it."""
        fields = self.choice_fields
        if any(field.errors for field in fields):
            return ""
        projects = [(project.pk, project.name) for project in self.projects]
        # The value of the last field, project, depends on what is open.
        values = [*(field.value() for field in fields[:-1]), self.chosen_project]
        return fragment_key(self.options.key, self.request.team.requires_project, projects, *values)

    @property
    def general_errors(self) -> list[str]:
        """What stands in the way of the whole, rather than of one field."""
        return [*self.non_field_errors(), *self["price_shown"].errors, *self["token"].errors]
