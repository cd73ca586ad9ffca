"""What can stand in an order's way. The act that finds it is submission.py, the sentences are wording/orders.py's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hubportal.usage.models import Scope


@dataclass(frozen=True, slots=True)
class BudgetFacts:
    """The budget that an order doesn't fit into.

    id           of the budget, for asking for more
    scope        whose it is; `subject` is the project's or the key's name
    is_of_several  whether it is of the key with the most room among several
    left         credits that one more order may cost
    resets_on    the day it starts anew, in the team's time zone; None where that changes nothing, since it is closed
    can_raise    the names of others who may raise it
    is_own_to_raise  whether whoever orders may
    """

    id: int
    scope: Scope
    subject: str
    left: int
    resets_on: date | None
    can_raise: tuple[str, ...]
    is_own_to_raise: bool
    is_of_several: bool = False


@dataclass(frozen=True, slots=True)
class SubmissionProblem:
    """Why an order can't be submitted (wording/orders.py has the sentences).

    field   the parameter it is about; "" when it is about the order as a whole
    model   the chosen model's name, where that matters
    limit   what is allowed: characters, reference images, or pictures an hour
    given   how many of that there are
    price   credits it would take, of `free` ones
    name    of the project, where that matters
    allowed what may be chosen instead, where somebody's orders are limited
    budget  the one it doesn't fit into
    word    what was chosen for the parameter that `field` names
    """

    code: str
    field: str = ""
    model: str = ""
    limit: int = 0
    given: int = 0
    price: int = 0
    free: int = 0
    name: str = ""
    word: str = ""
    allowed: tuple[str, ...] = ()
    budget: BudgetFacts | None = None


class SubmissionRefused(Exception):
    """The order was not accepted here: nothing was saved, sent or charged. `problems` is never empty."""

    def __init__(self, problems: Sequence[SubmissionProblem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems
