"""Which sources are joined into which file, in their order."""

import re
from collections.abc import Iterator
from typing import Final

import rjsmin

# In the order of the cascade: within a layer the later file wins. reset.css names the layers, so it is first.
STYLE_SHEETS: Final = (
    *("reset", "tokens", "base", "frame", "menu", "button", "form", "pick", "composer", "card", "list", "data"),
    *("message", "dialog", "viewer", "entrance", "gallery", "selection", "compare", "account", "audit_log", "members"),
    *("keys", "notifications", "usage", "tags", "collections"),
)
# By the pages that load them. `site` is on every page; a page loads one more, or none.
MODULES: Final = {
    "site": ("announce", "notices", "theme", "times", "copy"),
    "create": ("price", "references", "draft", "submit", "examples", "cards", "hearts"),
    "generation": ("cards", "hearts"),
    "filters": ("filters",),
    "gallery": ("near", "filters", "swipe", "hearts", "tags", "zoom", "shortcuts", "lightbox", "selection"),
    "picture": ("swipe", "hearts", "tags", "zoom", "shortcuts", "picture"),
    "compare": ("zoom", "compare"),
    "conversion": ("conversion",),
    "collection": ("sort",),
    "account": ("reveal",),
    "passkeys": ("passkeys",),
    "codes": ("keep",),
    "keys": ("ask",),
    "push": ("push",),
}
# Beside the style sheets that it is made of, so that an address in one of them still holds.
JOINED_STYLES: Final = "css/joined.css"
_STRING_OR_COMMENT = re.compile(r""""[^"\n]*"|'[^'\n]*'|/\*.*?\*/""", re.DOTALL)


def style_sources() -> list[str]:
    return [f"css/{name}.css" for name in STYLE_SHEETS]


def module_sources(bundle: str) -> list[str]:
    return [f"js/{name}.js" for name in MODULES[bundle]]


def joined_modules(bundle: str) -> str:
    return f"js/joined/{bundle}.js"


def bundles() -> Iterator[tuple[str, list[str]]]:
    """The name of each joined file, and those of its sources."""
    yield JOINED_STYLES, style_sources()
    for bundle in MODULES:
        yield joined_modules(bundle), module_sources(bundle)


def join(name: str, sources: list[str]) -> str:
    """The text of a joined file, from the texts of its sources, without comments and indentation."""
    if name == JOINED_STYLES:
        return _without_comments("\n".join(sources))
    # A module's names are its own: a block keeps them so.
    return str(rjsmin.jsmin("\n".join(f"{{\n{source}\n}}" for source in sources)))


def _without_comments(css: str) -> str:
    """The style sheet without comments and indentation; all other whitespace stays, since in a selector it matters.

    rcssmin takes each block in a @layer for declarations: there `.table :is(td)` lost its space, and meant the table.
    Compressed, what it saved beyond this are 200 bytes.
    """
    bare = _STRING_OR_COMMENT.sub(lambda found: "" if found[0].startswith("/*") else found[0], css)
    return "\n".join(line for text in bare.splitlines() if (line := text.strip()))
