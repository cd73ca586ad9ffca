"""Whatever people read is marked for translation: in templates, in Python and in scripts."""

import ast
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.template.base import Lexer, Token, TokenType
from django.test import Client
from django.utils import translation

from hubportal.generations.model_options import _options_in
from tests.test_every_address import TABLE, Address, addresses, one_of_everything, place_of

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})
LETTERS = re.compile(r"[^\W\d_]")
# What a browser shows or reads aloud of a tag. `value` is what a button says; elsewhere it is data.
READ = {"alt", "title", "placeholder", "aria-label", "aria-description", "aria-roledescription", "label", "summary"}
# Blocks that a template fills with the names of classes.
BLOCKS_OF_CLASSES = {"width"}
# Names that are the same in every language, and places that a script fills.
NAMES = re.compile(r"Hubportal|GPT Image Hub|CSV|\{\w+\}")
# Text, as opposed to a name that code gives: it has a capital or a space.
TEXT = re.compile(r"[A-Z][a-z]|[^\W_] [^\W_]")
LITERAL = re.compile(r"""(_\()?(?:"([^"]*)"|'([^']*)')""")
# Filters whose argument is code, not text.
CODE = re.compile(r"\|(?:date|time|yesno|add|json_script|cut|stringformat):(?:\"[^\"]*\"|'[^']*')")


class Shown(HTMLParser):
    """The text of a page and of the attributes that are read, with their lines."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in {"script", "style"}
        button = tag == "input" and dict(attrs).get("type") in {"submit", "button", "reset"}
        for name, value in attrs:
            # A script finds its words one to an attribute; an object holds data, and words that came from Python.
            of_a_script = name.startswith("data-") and TEXT.search(value or "") and not (value or "").startswith("{")
            if name in READ or of_a_script or (name == "value" and button):
                self.note(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.note(data)

    def note(self, text: str) -> None:
        text = NAMES.sub("", text)
        if LETTERS.search(text):
            self.found.append((self.getpos()[0], " ".join(text.split())))


def unmarked_in(template: str, html: bool = True) -> list[tuple[int, str]]:
    """Line and text of everything in the source of a template that is shown as it stands."""
    page, found, inside = [], [], ""
    for token in Lexer(template).tokenize():
        words = token.contents.split()
        if token.token_type == TokenType.BLOCK and words[0] in {"blocktranslate", "comment"}:
            inside = f"end{words[0]}"
        elif token.token_type == TokenType.BLOCK and words[0] == "block" and words[1] in BLOCKS_OF_CLASSES:
            inside = "endblock"
        if token.token_type == TokenType.TEXT and not inside:
            page.append(token.contents)
            continue
        page.append("\n" * _lines_of(token))
        if token.token_type in {TokenType.VAR, TokenType.BLOCK} and not inside:
            found += [(token.lineno or 0, text) for text in _literals(token)]
        if inside and words and words[0] == inside:
            inside = ""
    shown = Shown()
    if html:
        shown.feed("".join(page))
        shown.close()
    else:
        for line, text in enumerate("".join(page).splitlines(), 1):
            shown.getpos = lambda line=line: (line, 0)  # type: ignore[method-assign]
            shown.note(text)
    return sorted(found + shown.found)


def _lines_of(token: Token) -> int:
    return token.contents.count("\n")


def _literals(token: Token) -> Iterator[str]:
    """Literals with a capital or a space that a tag or filter would show: `default:"Nobody yet"`, `title="A title"`."""
    contents = CODE.sub("", token.contents)
    if contents.split()[0] in {"translate", "url", "static", "load", "extends", "trans", "csrf_token"}:
        return
    for marked, *literals in LITERAL.findall(contents):
        text = "".join(literals)
        if not marked and TEXT.search(text) and not re.search(r"[/_{]|\.html", text):
            yield text


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_shows_nothing_that_is_not_marked(template: Path) -> None:
    found = unmarked_in(template.read_text(), html=template.suffix == ".html")

    assert not found


def test_what_is_not_marked_is_found_wherever_it_may_stand() -> None:
    source = """{% load i18n %}<h1>{% translate "Marked" %}</h1>
<p title="A hint">{{ person }} {% blocktranslate %}marked{% endblocktranslate %} plain</p>
{# a comment #}<script>const unseen = 1;</script><input type="submit" value="Send">
<input value="data">{{ name|default:"Nobody" }}{{ day|date:"j M Y" }}{% include "a.html" with title="A title" %}"""

    assert unmarked_in(source) == [
        (2, "A hint"), (2, "plain"), (3, "Send"), (4, "A title"), (4, "Nobody"),
    ]  # fmt: skip


# What rooms say to people; the rest speaks to operators, in logs, commands and the admin.
ROOMS = (
    "accounts",
    "audit",
    "teams",
    "notifications",
    "keys",
    "usage",
    "generations",
    "gallery",
    "lifecycle",
    "listing",
)
MODULES = sorted(
    path
    for room in ROOMS
    for path in (ROOT / "hubportal" / room).rglob("*.py")
    if not {"migrations", "management"} & set(path.parts)
)
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext"}
LOGS = {"debug", "info", "warning", "error", "exception"}
SENTENCE = re.compile(r"[A-Z]\w* \w|\w \w+ \w")
SQL = re.compile(r"\s*(ALTER TABLE|CREATE|DELETE FROM|DROP|INSERT INTO|SELECT|TRUNCATE|UPDATE|VALUES) ")
# Told to a person whatever they look like: keyword arguments, and arguments of a call by their position.
TOLD_AS = {"label", "empty_label", "help_text", "error_messages", "subject"}
TOLD_BY = {"ValidationError": 0, "add_error": 1, "success": 1, "warning": 1, "send_mail": 0}
BRANDS = {"Samsung Internet", "Hugging Face", "Amazon Web Services"}


def unmarked_in_python(source: str) -> list[tuple[int, str]]:
    """Line and text of literals that people would read untranslated."""
    tree = ast.parse(source)
    fine = {id(part) for node in ast.walk(tree) if not_for_people(node) for part in ast.walk(node)}
    shown = {id(part) for node in ast.walk(tree) for told in told_by(node) for part in ast.walk(told)}
    return sorted(
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in fine
        if SENTENCE.search(node.value) or (id(node) in shown and TEXT.search(node.value))
        if node.value not in BRANDS
    )


def not_for_people(node: ast.AST) -> bool:
    """Marked text, docstrings, log lines, errors that tell an engineer, columns of the admin, SQL."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.JoinedStr):
        return not_for_people(node.values[0])
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(SQL.match(node.value))
    if isinstance(node, ast.FunctionDef):
        return node.name == "__str__" or node.name.endswith("_sql")
    if not isinstance(node, ast.Call):
        return False
    name, owner = called(node)
    if owner == "models" or name in MARKS or (owner == "log" and name in LOGS):
        return True
    return name != "ValidationError" and name.endswith(("Error", "Configured", "Garbled"))


def told_by(node: ast.AST) -> Iterator[ast.AST]:
    """The arguments of this call that people read, and the labels of choices."""
    if isinstance(node, ast.Call):
        position = TOLD_BY.get(called(node)[0], len(node.args))
        yield from node.args[position : position + 1]
        for keyword in node.keywords:
            if keyword.arg in TOLD_AS:
                # The keys of error_messages are codes.
                yield from keyword.value.values if isinstance(keyword.value, ast.Dict) else [keyword.value]
    if isinstance(node, ast.ClassDef) and any("Choices" in ast.unparse(base) for base in node.bases):
        for line in node.body:
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple):
                yield line.value.elts[1]


def called(node: ast.Call) -> tuple[str, str]:
    """Name of what is called, and of what it belongs to."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr, getattr(node.func.value, "id", "")
    return getattr(node.func, "id", ""), ""


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT / "hubportal")))
def test_a_module_tells_nobody_anything_that_is_not_marked(module: Path) -> None:
    assert not unmarked_in_python(module.read_text())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_has_its_words_from_the_page(script: Path) -> None:
    code = re.sub(r"^\s*//.*", "", script.read_text(), flags=re.MULTILINE)

    assert not re.findall(r"""["'`](?:[A-Z][a-z]+ [a-z]+ [^"'`]*|\w+(?: \w+)*[.!?])["'`]""", code)


def test_unmarked_python_is_found_and_what_engineers_read_is_not() -> None:
    source = '''"""A docstring of a module."""
class Role(TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", "Admin"
log.info("key not read", key=1)
messages.success(request, "Saved")
raise ValidationError({"name": _("Too long.")})
field = forms.CharField(label="Name", error_messages={"required": "Say it"})
said = f"{count} of the keys"
raise ValueError("this can not be")
'''

    assert unmarked_in_python(source) == [(4, "Admin"), (6, "Saved"), (8, "Name"), (8, "Say it"), (9, " of the keys")]


# Pages, as opposed to bytes, numbers for machines and the admin.
NO_PAGES = {
    "healthz",
    "readyz",
    "metrics",
    "media",
    "usage:csv",
    "usage:json",
    "teams:audit-csv",
    "generations:kept-reference",
    "service-worker",
}
PAGES = [
    address for address in addresses() if TABLE[address.name]["GET"]["owner"] == 200 and address.name not in NO_PAGES
]
# What people have written themselves, what the hub calls things, and names, of places too.
DATA = re.compile(
    r"http://\S+|[\w.]+@[\w.]+|[0-9a-f]{8}-[0-9a-f-]{27}|Studio North|studio-north|\bAnna|Adam|Mina|Rob\b|\bMain\b"
    r"|\bSpring\b"
    r"|\bA\b(?=</)|A red boat|boat\.png|···\w{4}|gih_\S+|gpt-image-\d|GPT IMAGE \d|Nano Banana(?: \d| Pro)?|\bPRO\b"
    r"|(?<=data-key=\")[\w-]{87}(?=\")|(?<=translate=\"no\">)slack|UTC|px"
    r"|(?<=>)\dK(?=<)|<datalist id=\"time-zones\".*?</datalist>"
)
INNERMOST = re.compile(r"⟦[^⟦⟧]*⟧")


@pytest.fixture
def _translated_into_brackets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language of its own: every text that is looked up stands in ⟦brackets⟧."""
    # Kept by language, of which this is none.
    _options_in.cache_clear()
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        english = getattr(translation._trans, name)
        monkeypatch.setattr(
            translation._trans, name, lambda *told, english=english: f"⟦{english(*told)}⟧", raising=False
        )
    yield
    _options_in.cache_clear()


@pytest.mark.slow
@pytest.mark.usefixtures("_translated_into_brackets")
@pytest.mark.parametrize("address", PAGES, ids=lambda address: address.name)
def test_in_another_language_nothing_of_a_page_stays_english(
    cast: SimpleNamespace, browser_of: Callable[[str], Client], address: Address
) -> None:
    world = one_of_everything(cast.team, cast.owner, cast.member)

    answer = browser_of("owner").get(place_of(address, world))

    assert answer.status_code == 200
    shown = Shown()
    shown.feed(without_what_is_translated(answer.text))
    assert not shown.found


def without_what_is_translated(page: str) -> str:
    while INNERMOST.search(page):
        page = INNERMOST.sub("", page)
    return DATA.sub("", page)
