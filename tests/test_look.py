"""What the look promises (design.md, The frame): contrast, direction, nothing inline, nothing missing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import tinycss2
from bs4 import BeautifulSoup, Tag
from django.template.loader import render_to_string
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from hubportal.static_files.bundles import style_sources

ROOT = Path(__file__).resolve().parent.parent
STYLESHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
VALUES = re.compile(r"{{.*?}}|{% (?:static|url) .*?%}", re.DOTALL)
TAGS = re.compile(r"{#.*?#}|{%.*?%}", re.DOTALL)

READABLE, VISIBLE = 4.5, 3.0  # WCAG 2.2, 1.4.3 (text) and 1.4.11 (edges of what one uses)
PLANES = ["paper", "surface", "sunken", "raised", "hover"]
PAIRS = [
    *((text, plane, READABLE) for text in ("ink", "muted") for plane in PLANES),
    *(
        (text, plane, READABLE)
        for text in ("accent", "good", "warn", "bad")
        for plane in ("paper", "surface", "sunken")
    ),
    *((tone, f"{tone}-soft", READABLE) for tone in ("good", "warn", "bad")),
    *(("ink", f"{tone}-soft", READABLE) for tone in ("accent", "good", "warn", "bad")),
    *(("muted", f"{tone}-soft", READABLE) for tone in ("warn", "bad")),
    ("accent-strong", "accent-soft", READABLE),
    ("accent-strong", "raised", READABLE),
    ("on-accent", "accent", READABLE),
    ("on-accent", "accent-strong", READABLE),
    ("on-danger", "danger", READABLE),
    ("on-danger", "danger-strong", READABLE),
    ("edge", "surface", VISIBLE),
    ("edge", "paper", VISIBLE),
    ("edge", "raised", VISIBLE),
]


@dataclass(frozen=True)
class Declaration:
    """One declaration of a stylesheet, with the tokens of its value."""

    name: str
    value: str
    line: int


def declarations(rules: str | list[tinycss2.ast.Node]) -> Iterator[Declaration]:
    """Every declaration in these rules, however deeply nested."""
    for node in tinycss2.parse_blocks_contents(rules, skip_comments=True, skip_whitespace=True):
        if node.type == "declaration":
            yield Declaration(node.name, tinycss2.serialize(node.value).strip(), node.source_line)
        elif node.type in {"at-rule", "qualified-rule"} and node.content is not None:
            yield from declarations(node.content)


def in_stylesheets() -> Iterator[tuple[Path, Declaration]]:
    for sheet in STYLESHEETS:
        for declaration in declarations(sheet.read_text()):
            yield sheet, declaration


def palette(theme: str) -> dict[str, tuple[int, int, int]]:
    """The colour tokens as this theme paints them."""
    found = {}
    for declaration in declarations((ROOT / "static" / "css" / "tokens.css").read_text()):
        colours = re.fullmatch(r"light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)", declaration.value)
        if colours:
            found[declaration.name.removeprefix("--")] = rgb(colours[1 if theme == "light" else 2])
    return found


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[:2], 16), int(colour[2:4], 16), int(colour[4:], 16)


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def markup(template: Path) -> BeautifulSoup:
    """The template as HTML: `~` where Django writes a value, nothing where it decides."""
    return BeautifulSoup(TAGS.sub("", VALUES.sub("~", template.read_text())), "html.parser")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("above", "below", "least"), PAIRS)
def test_what_is_read_stands_out_from_what_it_stands_on(theme: str, above: str, below: str, least: float) -> None:
    colours = palette(theme)

    ratio = contrast(colours[above], colours[below])

    assert ratio >= least, f"{above} on {below} is {ratio:.2f} in the {theme} theme, {least} is the least"


def test_every_custom_property_that_is_used_is_declared() -> None:
    everything = list(in_stylesheets())
    declared = {declaration.name for _, declaration in everything if declaration.name.startswith("--")}

    unknown = {
        f"{sheet.name}:{declaration.line} {used}"
        for sheet, declaration in everything
        for used in re.findall(r"var\((--[\w-]+)", declaration.value)
        if used not in declared
    }

    assert not unknown


SIDES = re.compile(
    r"(?:(?:margin|padding|border|scroll-margin|scroll-padding)-)?(?:left|right|top|bottom)(?:-.*)?"
    r"|border-(?:top|bottom)-(?:left|right)-radius|(?:min-|max-)?(?:width|height)"
)


def leans(declaration: Declaration) -> bool:
    """Whether a declaration names a side of the screen instead of the start or end of the text."""
    values = declaration.value.split()
    if SIDES.fullmatch(declaration.name):
        return True
    if declaration.name in {"text-align", "float", "clear"}:
        return declaration.value in {"left", "right"}
    if declaration.name in {"margin", "padding", "inset"} and "(" not in declaration.value:
        return len(values) == 4 and values[1] != values[3]
    return False


def test_no_stylesheet_names_left_or_right() -> None:
    leaning = [f"{s.name}:{d.line} {d.name}: {d.value}" for s, d in in_stylesheets() if leans(d)]

    assert not leaning


@pytest.mark.parametrize("sheet", STYLESHEETS, ids=lambda sheet: sheet.name)
def test_every_rule_lives_in_one_of_the_layers(sheet: Path) -> None:
    order = tinycss2.parse_stylesheet((ROOT / "static/css/reset.css").read_text(), True, True)[0]
    layers = {name.strip() for name in tinycss2.serialize(order.prelude).split(",")}

    rules = tinycss2.parse_stylesheet(sheet.read_text(), skip_comments=True, skip_whitespace=True)

    assert {getattr(rule, "at_keyword", rule.type) for rule in rules} == {"layer"}
    assert all(tinycss2.serialize(rule.prelude).strip() in layers for rule in rules if rule.content is not None)


def test_every_stylesheet_is_on_every_page() -> None:
    assert sorted(style_sources()) == [f"css/{sheet.name}" for sheet in STYLESHEETS]


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static" / "icons.svg").read_text()))

    named = {
        (str(template.relative_to(ROOT)), icon)
        for template in TEMPLATES
        for icon in re.findall(r'(?:icon\.html" with name|\bicon)="([\w-]+)"', template.read_text())
    }

    assert named
    assert {(template, icon) for template, icon in named if icon not in drawn} == set()


def inline(tag: Tag) -> list[str]:
    """What the content security policy would refuse in this tag."""
    refused = [name for name in tag.attrs if name == "style" or name.startswith(("on", "hx-on"))]
    if tag.name == "style":
        refused.append("<style>")
    if tag.name == "script" and not tag.get("src") and tag.get("type") != "application/json":
        refused.append("<script>")
    if str(tag.get("href", "")).strip().lower().startswith("javascript:"):
        refused.append("javascript:")
    return refused


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_carries_style_or_script_inline(template: Path) -> None:
    refused = [(tag.name, tag.sourceline, what) for tag in markup(template).find_all(True) for what in inline(tag)]

    assert not refused


def named_addresses(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from named_addresses(pattern.url_patterns, inner)
        elif pattern.name:
            yield space + pattern.name


def test_every_address_that_a_template_names_exists() -> None:
    known = set(named_addresses(get_resolver().url_patterns))

    # `{% url … as name %}` swallows a wrong name, and the link would lead nowhere.
    unknown = {
        (str(template.relative_to(ROOT)), name)
        for template in TEMPLATES
        for name in re.findall(r"{% url ['\"]([\w:-]+)['\"]", template.read_text())
        if name not in known
    }

    assert not unknown


@pytest.mark.django_db
def test_the_sign_in_page_asks_for_two_things_and_has_one_heading() -> None:
    answer = Client().get("/accounts/login/")

    page = BeautifulSoup(answer.content, "html.parser")
    fields = page.select("main form :is(input, select, textarea):not([type=hidden])")
    assert [field["name"] for field in fields] == ["login", "password"]
    assert [heading.get_text(strip=True) for heading in page.find_all("h1")] == ["Sign in"]
    assert page.select_one('a.skip[href="#main"]')
    assert page.select_one("main#main")


@pytest.mark.django_db
def test_a_wrong_password_is_said_once_and_bound_to_nothing_secret() -> None:
    answer = Client().post("/accounts/login/", {"login": "nobody@example.org", "password": "wrong"})

    page = BeautifulSoup(answer.content, "html.parser")
    assert len(page.select("main [role=alert]")) == 1
    assert page.select("input[name=login][value='nobody@example.org']")
    assert page.select("input[name=password]:not([value])")


@pytest.mark.django_db
def test_a_page_that_is_not_there_says_nothing_of_what_was_asked_for() -> None:
    answer = Client().get("/t/somebody-elses-secret-team/no-such-page/")

    assert answer.status_code == 404
    assert "secret-team" not in answer.text
    assert BeautifulSoup(answer.content, "html.parser").find("h1")


@pytest.mark.django_db
def test_a_form_sent_too_late_says_that_nothing_was_changed() -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@example.org"})

    assert answer.status_code == 403
    assert "Nothing was changed" in BeautifulSoup(answer.content, "html.parser").select("main")[0].get_text()


def test_the_page_for_our_own_failures_needs_no_request() -> None:
    page = BeautifulSoup(render_to_string("500.html"), "html.parser")

    assert page.find("h1")
    assert page.select_one('link[rel=stylesheet][href$="tokens.css"]')
    assert not page.find("script")


def test_sizes_in_rem_are_those_of_the_browser() -> None:
    """What a finger must hit is 2.75rem: with letters of 15 px on html itself that would be 41 px, not 44."""
    sheet = tinycss2.parse_stylesheet((ROOT / "static/css/base.css").read_text(), True, True)
    rules = tinycss2.parse_blocks_contents(sheet[0].content, skip_comments=True, skip_whitespace=True)
    root = [rule for rule in rules if tinycss2.serialize(rule.prelude).strip() in {"html", ":root"}]

    named = {declaration.name for rule in root for declaration in declarations(rule.content)}

    assert "font-family" in named
    assert not named & {"font", "font-size"}
