"""The monthly report in words, from the facts that monthly_report.py writes down."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubportal.keys.wording import join_sentences
from hubportal.notifications.events import Facts
from hubportal.usage.months import Month
from hubportal.usage.report import Sums
from hubportal.usage.wording import credits_in_words, pictures_in_words, price_of_a_picture


def headline(facts: Facts) -> str:
    """What was spent in which month."""
    words = {"month": _month(facts).name, "credits": credits_in_words(facts["credits"])}
    return _("{month}: {credits} spent").format(**words)


def summary(facts: Facts) -> str:
    """Against the month before, pictures, their average price, and what came back; in sentences."""
    return join_sentences(_compared(facts), _pictures(facts), _came_back(facts["came_back"]))


def details(facts: Facts) -> str:
    """By project, by person, and what became of the budgets; a line each."""
    lines = [
        *_section(_("By project"), facts["projects"], _("No project")),
        *_section(_("By person"), facts["people"], _("Not known")),
        *_budgets(facts["budgets"]),
        _("The page of the month says more, and prints on one sheet of A4."),
    ]
    return "\n".join(lines)


def _month(facts: Facts) -> Month:
    return Month.of(date.fromisoformat(f"{facts['month']}-01"))


def _compared(facts: Facts) -> str:
    spent, before = facts["credits"], facts["before"]
    if before <= 0:
        return ""
    percent = round((spent - before) * 100 / before)
    words = {"percent": intcomma(abs(percent)), "month": _month(facts).before.name}
    if percent == 0:
        return _("That is as much as in {month}.").format(**words)
    sentence = _("That is {percent} % more than in {month}.")
    if percent < 0:
        sentence = _("That is {percent} % less than in {month}.")
    return sentence.format(**words)


def _pictures(facts: Facts) -> str:
    pictures: int = facts["pictures"]
    if pictures <= 0:
        return _("No picture was made.")
    sentence = ngettext(
        "{count} picture was made, for {price} credits.",
        "{count} pictures were made, for {price} credits each on average.",
        pictures,
    )
    price = price_of_a_picture(Sums(charged=facts["credits"], pictures=pictures))
    return sentence.format(count=intcomma(pictures), price=price)


def _came_back(credits: int) -> str:
    if not credits:
        return ""
    return ngettext("{credits} came back.", "{credits} came back.", credits).format(credits=credits_in_words(credits))


def _section(heading: str, of: dict[str, Any], unnamed: str) -> Iterator[str]:
    if not of["lines"]:
        return
    yield heading
    for name, credits, pictures in of["lines"]:
        yield _line(" ".join(name.split()) or unnamed, credits, pictures)
    others, credits, pictures = of["rest"]
    if others:
        yield _line(ngettext("{count} more", "{count} more", others).format(count=others), credits, pictures)
    yield ""


def _line(name: str, credits: int, pictures: int) -> str:
    return "  " + _("{name}: {credits}, {pictures}").format(
        name=name, credits=credits_in_words(credits), pictures=pictures_in_words(pictures)
    )


def _budgets(budgets: list[list[Any]]) -> Iterator[str]:
    if not budgets:
        return
    yield _("Budgets, as they are set now")
    for name, spent, credits, is_reached, is_fullest in budgets:
        sentence = _("{name}: {spent} of {credits}, reached") if is_reached else _("{name}: {spent} of {credits}, kept")
        if is_fullest:
            sentence = (
                _("{name}: {spent} of {credits} by whoever spent the most, reached")
                if is_reached
                else _("{name}: {spent} of {credits} by whoever spent the most, kept")
            )
        words = {"spent": intcomma(spent), "credits": credits_in_words(credits)}
        yield "  " + sentence.format(name=" ".join(name.split()), **words)
    yield ""
