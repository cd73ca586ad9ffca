"""What can stand in an order's way. The act that finds it is submission.py, the sentences are wording/orders.py's."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SubmissionProblem:
    """Why an order can't be submitted (wording/orders.py has the sentences).

    field   the parameter it is about; "" when it is about the order as a whole
    model   the chosen model's name, where that matters
    limit   what is allowed: characters, or reference images
    given   how many of that there are
    price   credits it would take, of `free` ones
    name    of the project, where that matters
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


class SubmissionRefused(Exception):
    """The order was not accepted here: nothing was saved, sent or charged. `problems` is never empty."""

    def __init__(self, problems: Sequence[SubmissionProblem]) -> None:
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems
