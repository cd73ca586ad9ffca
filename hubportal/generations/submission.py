"""Submitting: the one way in for an order, whoever gives it: the form, "try again", a command, later the API."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from hubportal.accounts.models import User
from hubportal.generations import tasks
from hubportal.generations.model_options import MAX_PICTURES
from hubportal.generations.models import Generation, ReferenceFile, Visibility
from hubportal.generations.order_rules import OrderRules, budget_problems, limit_problems, lock_rules
from hubportal.generations.problems import SubmissionProblem, SubmissionRefused
from hubportal.generations.references import ReferenceUpload
from hubportal.hub.client import GenerationParameters
from hubportal.hub.image_models import ImageModel
from hubportal.keys.key_parsing import WITHIN as KEY_IN_TEXT
from hubportal.teams.models import Team
from hubportal.usage.budgets import tell_crossings
from hubportal.usage.credits import Credits, credits_of
from hubportal.usage.models import Project
from hubportal.usage.projects import remember_project

# The hub documents no limit; this is the one of the model behind it.
MAX_PROMPT_LENGTH = 32_000


@dataclass(frozen=True, slots=True)
class Submission:
    """The generation; whether it `is_new`, or the same order was submitted before; and the team's credits after it."""

    generation: Generation
    is_new: bool
    credits: Credits


@transaction.atomic
def submit_generation(
    team: Team,
    author: User,
    parameters: GenerationParameters,
    *,
    visibility: str = Visibility.TEAM,
    references: Sequence[ReferenceUpload] = (),
    token: uuid.UUID | None = None,
    parent: Generation | None = None,
    remix_of: uuid.UUID | None = None,
    project: Project | None = None,
    price_shown: int | None = None,
) -> Submission:
    """Check and price an order, save it with its references and its reservation, and nudge the worker.

    `token` makes it safe to send twice: the same author, token and order give back the first generation, whatever
    prices or balances have become since. `parent` is the generation that this one asks for once more, `remix_of` the
    one whose form it was made from. `project` becomes the author's default for the next one. It is reserved against
    every budget that applies, or not taken at all.
    `price_shown` (credits) is what whoever orders was told it costs: if it got dearer since, they are asked once more.

    Raises SubmissionRefused.
    """
    submission_id = _submission_id(token, team, parameters, visibility, references, project)
    before = Generation.objects.filter(author=author, submission_id=submission_id).first() if token else None
    if before is not None:
        return Submission(before, False, credits_of(team))
    rules = lock_rules(team, author, project)
    problems = check_submission(team, parameters, visibility, len(references), project=project, rules=rules)
    if not problems and not _lock(references):
        problems = [SubmissionProblem("reference-gone", "references")]
    price = rules.options.price_of(parameters)
    if not problems and price is not None and price_shown is not None and price > price_shown:
        problems = [SubmissionProblem("dearer", price=price, given=price_shown)]
    if problems:
        raise SubmissionRefused(problems)
    generation, is_new = Generation.objects.create_waiting(
        team,
        author,
        parameters,
        visibility=visibility,
        price=price,
        project=project,
        references=[(upload.stored, upload.name) for upload in references],
        submission_id=submission_id,
        parent=parent,
        remix_of=remix_of,
    )
    credits = rules.credits
    if is_new:
        # Within the transaction: the queue is in this database, so the nudge costs no commit of its own.
        tasks.send.enqueue()
        if parent is None:
            remember_project(team, author, project)
        tell_crossings(rules.budgets.applying(project), price or 0)
        credits = credits.with_reserved(price or 0)
    return Submission(generation, is_new, credits)


def _submission_id(
    token: uuid.UUID | None,
    team: Team,
    parameters: GenerationParameters,
    visibility: str,
    references: Sequence[ReferenceUpload],
    project: Project | None,
) -> uuid.UUID:
    """The token for what is asked now: changed, or in another team, it is another order. The price is no part of it."""
    asked: tuple[object, ...] = (team.pk, parameters, str(visibility), [upload.stored.pk for upload in references])
    # Only where there are any, so that a form sent again across an update of this site is still the same order.
    asked += (sorted(parameters.options.items()),) if parameters.options else ()
    asked += (project.pk,) if project else ()
    return uuid.uuid5(token, repr(asked)) if token else uuid.uuid4()


def _lock(references: Sequence[ReferenceUpload]) -> bool:
    """Keep the files from being deleted as unused until this transaction ends. False when one is gone already."""
    wanted = {upload.stored.pk for upload in references}
    if not wanted:
        return True
    found = ReferenceFile.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk", flat=True)
    return set(found) == wanted


def check_submission(
    team: Team,
    parameters: GenerationParameters,
    visibility: str,
    references: int,
    *,
    project: Project | None,
    rules: OrderRules,
) -> list[SubmissionProblem]:
    """All that stands in the way of an order with so many references, in the order in which a form shows it."""
    options, credits = rules.options, rules.credits
    problems = [*_team_problems(team, credits), *_prompt_problems(parameters.prompt)]
    model = options.model(parameters.model)
    if model is not None:
        problems += _word_problems(model, parameters)
    if not 1 <= parameters.n <= MAX_PICTURES:
        problems.append(SubmissionProblem("count", "n"))
    if visibility not in Visibility.values:
        problems.append(SubmissionProblem("visibility-unknown", "visibility"))
    problems += _project_problems(team, project)
    if model is None:
        return [*problems, SubmissionProblem("model-not-offered", "model")]
    if not options.has_size(model, parameters.size):
        problems.append(SubmissionProblem("size-not-offered", "size", model=model.name))
    if references > (limit := options.reference_limit(model)):
        problems.append(
            SubmissionProblem("too-many-references", "references", model=model.name, limit=limit, given=references)
        )
    problems += limit_problems(rules, model, parameters)
    if not any(problem.field in ("size", "quality", "n") for problem in problems):
        problems += _price_problems(options.price_of(parameters), project, rules)
    return problems


def _team_problems(team: Team, credits: Credits) -> list[SubmissionProblem]:
    problems = [SubmissionProblem("team-is-being-deleted")] if team.is_being_deleted else []
    return problems if credits.keys else [*problems, SubmissionProblem("no-key")]


def _project_problems(team: Team, project: Project | None) -> list[SubmissionProblem]:
    if project is None and not team.requires_project:
        return []
    if project is None:
        has_open = Project.objects.open().filter(team=team).exists()
        return [SubmissionProblem("project-missing" if has_open else "project-none-open", "project")]
    if project.is_archived or project.team_id != team.pk:
        return [SubmissionProblem("project-archived", "project", name=project.name)]
    return []


def _prompt_problems(prompt: str) -> list[SubmissionProblem]:
    if not prompt.strip():
        return [SubmissionProblem("prompt-missing", "prompt")]
    if "\0" in prompt:
        return [SubmissionProblem("prompt-invisible", "prompt")]
    if KEY_IN_TEXT.search(prompt):
        return [SubmissionProblem("prompt-holds-key", "prompt")]
    if len(prompt) > MAX_PROMPT_LENGTH:
        return [SubmissionProblem("prompt-too-long", "prompt", limit=MAX_PROMPT_LENGTH, given=len(prompt))]
    return []


def _word_problems(model: ImageModel, parameters: GenerationParameters) -> list[SubmissionProblem]:
    """The effort and the further parameters that this model doesn't take."""
    problems = []
    if not model.takes_effort(parameters.effort):
        code = "effort-not-offered" if model.efforts else "no-efforts"
        problems.append(SubmissionProblem(code, "quality", model=model.name))
    problems += [
        SubmissionProblem("option-not-offered", name, model=model.name, word=word)
        for name, word in parameters.options.items()
        if word not in model.options.get(name, ())
    ]
    return problems


def _price_problems(price: int | None, project: Project | None, rules: OrderRules) -> list[SubmissionProblem]:
    """What the order is too dear for: budgets first, since a key counts for no more than its budget lets it."""
    problems, free = budget_problems(rules, project, price), rules.credits.free
    if problems or price is None or free is None or price <= free:
        return problems
    code = "too-few-on-each-key" if rules.credits.is_split else "too-few-credits"
    return [SubmissionProblem(code, price=price, free=max(free, 0))]
