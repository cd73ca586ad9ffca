"""The sentences about an order: its choices, its price, and what stands in its way."""

from collections.abc import Callable

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubportal.generations.problems import SubmissionProblem
from hubportal.generations.upload_handlers import MAX_BYTES
from hubportal.generations.wording.budgets import over_budget
from hubportal.hub.image_models import ImageModel
from hubportal.keys.wording.offer import EFFORT_NAMES, effort_name, tier_name

# The names by which people choose, the usual ones first; a shape that isn't here goes by its ratio.
_RATIO_NAMES = {
    "1:1": gettext_lazy("Square"),
    "3:2": gettext_lazy("Wide"),
    "2:3": gettext_lazy("Portrait"),
    "16:9": gettext_lazy("Screen"),
    "9:16": gettext_lazy("Phone"),
    "4:3": gettext_lazy("Wide 4:3"),
    "3:4": gettext_lazy("Portrait 3:4"),
    "5:4": gettext_lazy("Wide 5:4"),
    "4:5": gettext_lazy("Portrait 4:5"),
    "2:1": gettext_lazy("Panorama"),
    "1:2": gettext_lazy("Banner"),
    "21:9": gettext_lazy("Cinema"),
    "9:21": gettext_lazy("Tall"),
    "3:1": gettext_lazy("Panorama 3:1"),
    "1:3": gettext_lazy("Banner 1:3"),
}
RATIO_ORDER = {ratio: at for at, ratio in enumerate(_RATIO_NAMES)}
_OPTION_NAMES = {
    "background": gettext_lazy("Background"),
    "output_format": gettext_lazy("File type"),
    "style": gettext_lazy("Style"),
    "complexity": gettext_lazy("Complexity"),
}
_OPTION_WORDS = {
    "opaque": gettext_lazy("Opaque"),
    "transparent": gettext_lazy("Transparent"),
    "png": "PNG",
    "jpeg": "JPEG",
    "webp": "WebP",
    "vivid": gettext_lazy("Vivid"),
    "natural": gettext_lazy("Natural"),
} | EFFORT_NAMES

# How hard the model tries: more takes longer, and may cost more.
_EFFORT_PURPOSES = {
    "auto": gettext_lazy("the model decides"),
    "low": gettext_lazy("quick drafts"),
    "medium": gettext_lazy("good for most"),
    "high": gettext_lazy("fine detail, takes minutes"),
    "xhigh": gettext_lazy("finer still, takes longer"),
    "max": gettext_lazy("the best it can, takes longest"),
}

# What stands in an order's way, by the code of a SubmissionProblem.
_PROBLEMS = {
    "team-is-being-deleted": gettext_lazy(
        "Your team is going to be deleted, so nothing new can be made. An owner of the team can still keep it."
    ),
    "no-key": gettext_lazy(
        "Your team has no hub key that works, so nothing can be sent yet. An admin of your team can add one."
    ),
    "prompt-missing": gettext_lazy("Write what the picture should show."),
    "prompt-invisible": gettext_lazy(
        "The prompt held an invisible character that can't be sent. It is gone now: look the prompt over and try again."
    ),
    "prompt-holds-key": gettext_lazy(
        "There was a key to the hub in the prompt, and your team would have seen it. It is taken out and nothing was "
        "sent: look the prompt over and try again. Keys belong on the Keys page, where admins add them."
    ),
    "prompt-too-long": gettext_lazy(
        "The prompt is too long: {limit} characters fit, and it has {given}. Shorten it and try again."
    ),
    "effort-not-offered": gettext_lazy("{model} doesn't offer this effort. Choose another one."),
    "no-efforts": gettext_lazy("{model} has no levels of effort to choose from. Choose Auto."),
    "option-not-offered": gettext_lazy("{model} doesn't offer “{option}: {word}”. Choose another one, or Auto."),
    "count": gettext_lazy("Choose 1 to 4 pictures."),
    "visibility-unknown": gettext_lazy("Choose who may see the pictures."),
    "model-not-offered": gettext_lazy("The hub doesn't offer this model any more. Choose another one."),
    "size-not-offered": gettext_lazy("{model} doesn't make this size. Choose another one."),
    "project-missing": gettext_lazy("Choose the project that this is for: your team wants one with each order."),
    "project-none-open": gettext_lazy(
        "Your team wants a project with each order, and none is open. An owner or admin of your team can add one."
    ),
    "project-unknown": gettext_lazy("There is no such project in your team. Choose another one."),
    "project-archived": gettext_lazy(
        "The project {name} is archived, so nothing was sent and nothing was charged. Choose another one."
    ),
    "dearer": gettext_lazy(
        "The hub's price has gone up since this form was opened: this takes {price} now, not {given}. Nothing was sent "
        "and nothing was charged. Press Create again if you want it at that price."
    ),
    "reference-gone": gettext_lazy(
        "A reference image is not here any more, so nothing was sent and nothing was charged. Choose the file again."
    ),
    "references-differ": gettext_lazy(
        "The reference images that arrived are not all that the form showed, so nothing was sent and nothing was "
        "charged. Look at the images here, add what is missing, and press Create again."
    ),
    "model-limited": gettext_lazy("You may not order from {model} in this team. Choose one of these: {allowed}."),
    "tier-limited": gettext_lazy("You may not order this resolution in this team. Choose a size of these: {allowed}."),
    "effort-limited": gettext_lazy("You may not order this effort in this team. Choose one of these: {allowed}."),
    "pictures-limited": gettext_lazy(
        "You may order {limit} pictures an hour in this team, and {given} of them are left now. Order fewer, or wait."
    ),
    "token-invalid": gettext_lazy("This form was out of date. Send it once more."),
}

# Why a file was not taken as a reference, by the reason of InvalidImage or SkippedUpload.
_UPLOAD_PROBLEMS = {
    "unreadable": gettext_lazy("{name} isn't a picture we can send. Use a PNG, JPEG or WebP file."),
    "empty": gettext_lazy("{name} is empty. Choose the file again."),
    "animated": gettext_lazy("{name} is animated. Use a still picture."),
    "truncated": gettext_lazy("{name} is incomplete: the end of the file is missing. Export or download it again."),
    "too-many-pixels": gettext_lazy("{name} has too many pixels. Use a smaller picture."),
    "too-large": gettext_lazy("{name} is larger than {limit} MB. Use a smaller file."),
    "too-many": gettext_lazy("{name} is one too many and was left out."),
}


def figure(number: int) -> str:
    """`1,388`, as the language groups it."""
    return number_format(number, force_grouping=True)


def credits_words(number: int) -> str:
    """`16 credits`, in the language's own plural and digits."""
    return ngettext("{count} credit", "{count} credits", number).format(count=figure(number))


def ratio_name(ratio: str) -> str:
    """Square, Portrait, Wide … or the ratio itself."""
    return str(_RATIO_NAMES.get(ratio, ratio))


def option_name(name: str) -> str:
    """What a further parameter is called: Background, File type …"""
    return str(_OPTION_NAMES.get(name, name))


def option_word(word: str) -> str:
    """What is chosen for one: Transparent, PNG … or the hub's own word."""
    return str(_OPTION_WORDS.get(word.lower(), word))


def model_facts(model: ImageModel) -> str:
    """What tells models apart before one chooses: the least a picture costs, the largest size, references."""
    facts = [_("from {credits}").format(credits=credits_words(min(model.prices.values())))] if model.prices else []
    if len(model.tiers) > 1:
        facts.append(_("up to {tier}").format(tier=model.tiers[-1]))
    if limit := model.reference_limit:
        facts.append(ngettext("{limit} reference", "{limit} references", limit).format(limit=limit))
    return " · ".join(facts)


def effort_purpose(effort: str) -> str:
    """What an effort is good for; "" where nobody knows."""
    return str(_EFFORT_PURPOSES.get(effort, ""))


def references_hint(limit: int) -> str:
    if not limit:
        return _("This model takes no reference images")
    return ngettext(
        "Paste, drop or choose a reference image",
        "Paste, drop or choose up to {limit} reference images",
        limit,
    ).format(limit=limit)


def too_many_references(model: str, limit: int) -> str:
    if not limit:
        return _("{model} takes no reference images. Remove them, or choose another model.").format(model=model)
    return ngettext(
        "{model} takes {limit} reference image at the most. Remove some.",
        "{model} takes {limit} reference images at the most. Remove some.",
        limit,
    ).format(model=model, limit=limit)


def too_few_credits(price: str, free: int, *, on_each_key: bool = False) -> str:
    """Why an order can't be afforded; `price` in words, or the placeholder that a script fills in."""
    if on_each_key:
        sentence = _(
            "This takes {price}, and none of your team's keys has more than {free}. Choose fewer or smaller pictures, "
            "or ask an admin of your team to buy credits."
        )
    else:
        sentence = _(
            "This takes {price}, and your team has {free} free at the hub. Choose fewer or smaller pictures, "
            "or ask an admin of your team to buy credits."
        )
    return sentence.format(price=price, free=credits_words(max(free, 0)))


def problem_sentence(problem: SubmissionProblem) -> str:
    """What stands in an order's way, and what to do about it."""
    if problem.code == "too-many-references":
        return too_many_references(problem.model, problem.limit)
    if problem.code in ("too-few-credits", "too-few-on-each-key"):
        on_each_key = problem.code == "too-few-on-each-key"
        return too_few_credits(credits_words(problem.price), problem.free, on_each_key=on_each_key)
    if problem.budget:
        return over_budget(problem.budget, credits_words(problem.price))
    words = {"model": problem.model, "limit": figure(problem.limit), "given": figure(problem.given)}
    words |= {
        "name": problem.name,
        "price": credits_words(problem.price),
        "option": option_name(problem.field),
        "word": option_word(problem.word),
    }
    words["allowed"] = ", ".join(_ALLOWED_NAMES.get(problem.field, str)(word) for word in problem.allowed)
    return str(_PROBLEMS[problem.code]).format(**words)


# How the words of a field are named, where it isn't by themselves.
_ALLOWED_NAMES: dict[str, Callable[[str], str]] = {"size": tier_name, "quality": effort_name}


def upload_problem(name: str, reason: str) -> str:
    """What to tell somebody about a file that was not taken."""
    sentence = _UPLOAD_PROBLEMS.get(reason, _UPLOAD_PROBLEMS["unreadable"])
    return str(sentence).format(name=name, limit=MAX_BYTES // 2**20)


def lost_reference(name: str) -> str:
    """What to tell somebody about a reference that their form carried and that is not here any more."""
    if not name:
        return _("A reference image is not here any more, so nothing was sent. Choose it again, or do without it.")
    return _("{name} is not here any more, so nothing was sent. Choose it again, or do without it.").format(name=name)
