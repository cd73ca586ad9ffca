"""A generation's words and shapes, for templates: `{% load generations %}`."""

from django import template
from django.utils.translation import gettext as _

from hubportal.generations import cards
from hubportal.generations.decisions import can_decide
from hubportal.generations.model_options import ModelOptions
from hubportal.generations.models import Generation, Image
from hubportal.generations.states import FINAL, Visibility
from hubportal.generations.wording import orders, outcomes
from hubportal.hub.sizes import Size, read_size
from hubportal.usage.credits import Credits

register = template.Library()
register.filter("state_words", outcomes.state_words)
register.filter("state_on_card", outcomes.state_on_card)
register.filter("explain", outcomes.explain)
register.filter("model_facts", orders.model_facts)
register.filter("effort_purpose", orders.effort_purpose)
register.filter("state_tone", outcomes.state_tone)
register.filter("needs_other_words", outcomes.needs_other_words)
register.filter("why_missing", outcomes.why_missing)
register.filter("why_a_file", outcomes.why_a_file)
register.filter("frames", cards.frames)
register.filter("places", cards.places)
register.filter("shape", cards.shape)
register.filter("is_watched", cards.is_watched)
register.filter("can_decide", can_decide)


@register.simple_tag
def late_words() -> str:
    """What the state says of one that takes more than two minutes; times.js puts it there."""
    return str(outcomes.LATE_WORDS)


@register.filter
def credits(number: int | None) -> str:
    """`16 credits`; nothing where nobody knows."""
    return "" if number is None else orders.credits_words(number)


@register.filter
def too_few_credits(credits: Credits) -> str:
    """The sentence for what can't be afforded, with a place for its `{price}` that the page's script fills in."""
    return orders.too_few_credits("{price}", credits.free or 0, on_each_key=credits.is_split)


@register.filter
def price_today(generation: Generation, options: ModelOptions) -> int | None:
    """Credits to ask for the same again; None where nobody knows, or the hub has dropped the model."""
    return options.price_of(generation.parameters)


@register.filter
def cost(generation: Generation) -> str:
    """The price, which becomes the cost: `16 credits`, `30 credits, 10 returned`, `8 credits returned`."""
    if generation.charged is None:
        never_charged = generation.state in FINAL
        return credits(0 if never_charged else generation.expected_credits)
    kept = generation.charged - generation.returned
    if not generation.returned:
        return credits(kept)
    if not kept:
        return _("{credits} returned").format(credits=credits(generation.returned))
    return _("{kept}, {returned} returned").format(kept=credits(kept), returned=orders.figure(generation.returned))


@register.filter
def charged_otherwise(generation: Generation) -> bool:
    """Whether the hub took another price than it had named."""
    return None not in (generation.charged, generation.expected_credits) and (
        generation.charged != generation.expected_credits
    )


@register.filter
def settled_effect(generation: Generation) -> str:
    """What somebody's decision did to the credits."""
    if generation.error_code == "acceptedUnseen":
        words = _("{credits} stay spent") if generation.hub_id else _("{credits} spent")
        return words.format(credits=credits(generation.charged))
    if generation.error_code == "notAccepted" and generation.returned:
        return _("{credits} came back").format(credits=credits(generation.returned))
    return _("nothing charged") if generation.error_code == "notAccepted" else _("found again at the hub")


@register.filter
def clock(generation: Generation) -> str:
    """How long it has taken so far, or took: `1:12`, as times.js writes it."""
    minutes, seconds = divmod(int(generation.duration.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"


@register.filter
def model_name(generation: Generation, options: ModelOptions) -> str:
    """The model's name as the hub writes it now, or its id where the hub has dropped it."""
    model = options.model(generation.model)
    return model.name if model else generation.model


@register.filter
def size_name(size: Size) -> str:
    return orders.ratio_name(size.ratio)


@register.filter
def size_words(generation: Generation) -> str:
    """The size asked for: `Wide, 1536 × 1024`."""
    size = read_size(generation.size)
    return f"{orders.ratio_name(size.ratio)}, {size.width} × {size.height}" if size else _("Auto")


@register.filter
def shape_words(generation: Generation) -> str:
    """What was delivered, or else what was asked for: `3:2 · 1K`."""
    size = read_size(generation.size)
    asked = (size.ratio, size.tier) if size else ("", "")
    words = (generation.aspect_ratio or asked[0], generation.tier or asked[1])
    return " · ".join(word for word in words if word) or _("Auto")


@register.filter
def effort_words(generation: Generation) -> str:
    return orders.effort_name(generation.effort)


@register.filter
def option_words(generation: Generation) -> list[tuple[str, str]]:
    """The further parameters asked for: `Background`, `Transparent`."""
    return [(orders.option_name(name), orders.option_word(word)) for name, word in generation.options.items()]


@register.filter
def delivered_words(generation: Generation) -> str:
    """What came, in the hub's words: `3:2 · 1K`; nothing while it hasn't said."""
    return " · ".join(word for word in (generation.aspect_ratio, generation.tier) if word)


@register.filter
def visibility_words(generation: Generation) -> str:
    return str(Visibility(generation.visibility).label)


@register.filter
def first_picture(generation: Generation) -> Image | None:
    """The first of its pictures that can be shown."""
    return next((image for image in generation.present_images if image.is_shown), None)


@register.filter
def sides(image: Image) -> str:
    """`1536 × 1024`, in pixels."""
    return f"{image.width} × {image.height}"
