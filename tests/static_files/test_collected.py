"""Collected static files: what is joined into what, under which names, and when they are collected again."""

import gzip
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import brotli
import pytest
import tinycss2
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import Context, Template
from django.utils.functional import empty

from hubportal.static_files import collect
from hubportal.static_files.bundles import JOINED_STYLES, MODULES, join, joined_modules, module_sources, style_sources
from hubportal.static_files.storage import JoinedStaticFilesStorage

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "static"
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


def manifest(folder: Path) -> dict[str, str]:
    paths: dict[str, str] = json.loads((folder / "staticfiles.json").read_text())["paths"]
    return paths


def tokens(css: str) -> list[str]:
    """What a style sheet says, without comments; whitespace counts, however much of it there is."""
    return list(_tokens(tinycss2.parse_component_value_list(css, skip_comments=True)))


def _tokens(nodes: list[Any]) -> Iterator[str]:
    for node, following in pairwise([*nodes, None]):
        inside = getattr(node, "content", None) or getattr(node, "arguments", None)
        if isinstance(inside, list):
            yield node.type
            yield from _tokens(inside)
            yield "end"
        elif node.type != "whitespace":
            yield node.serialize()
        # Where a comment was, there may be two.
        elif following is not None and following.type != "whitespace":
            yield " "


def test_the_joined_style_sheet_says_what_its_sources_say_in_their_order(collected: Path) -> None:
    sources = "\n".join((SOURCES / name).read_text() for name in style_sources())

    joined = (collected / manifest(collected)[JOINED_STYLES]).read_text()

    assert tokens(joined) == tokens(sources)[tokens(sources)[0] == " " :]
    assert joined.startswith("@layer reset, tokens, base, frame, parts, pages;")


def test_a_space_that_means_something_stays() -> None:
    rule = ".table :is(th, td) + :is(th) > :first-child { margin: calc(1px + 2px) -1px; &:hover { top: 0 } }"
    layer = f'@layer a {{\n  /* Why. */\n  {rule}\n\n  a::after {{ content: " /* :is" }}\n}}\n'

    css = join(JOINED_STYLES, [layer])

    assert css == f'@layer a {{\n{rule}\na::after {{ content: " /* :is" }}\n}}'


def test_every_module_is_in_a_bundle() -> None:
    joined = {name for bundle in MODULES for name in module_sources(bundle)}

    assert joined == {f"js/{path.name}" for path in (SOURCES / "js").glob("*.js")}


@pytest.mark.parametrize("bundle", MODULES)
def test_a_bundle_has_its_modules_in_their_order_each_with_names_of_its_own(collected: Path, bundle: str) -> None:
    joined = (collected / manifest(collected)[joined_modules(bundle)]).read_text()

    strings = [_strings((SOURCES / name).read_text()) for name in module_sources(bundle)]
    assert _strings(joined) == [string for module in strings for string in module]
    sources = [_code((SOURCES / name).read_text()) for name in module_sources(bundle)]
    assert joined.count("{") == sum(source.count("{") + 1 for source in sources)


def _code(script: str) -> str:
    """Without comments: a minifier takes out nothing else that counts."""
    return re.sub(r"^\s*//.*$|(?<=[;{}(,]) //.*$", "", script, flags=re.MULTILINE)


def _strings(script: str) -> list[str]:
    """The texts in double quotes outside comments: a minifier may not touch them."""
    return re.findall(r'"([^"\n]*)"', _code(script))


def test_no_module_imports_or_exports_which_a_block_could_not() -> None:
    for path in (SOURCES / "js").glob("*.js"):
        assert not re.search(r"^\s*(import|export)\b", path.read_text(), re.MULTILINE), path.name


def test_every_file_has_a_hash_in_its_name_and_none_of_the_joined_is_left(collected: Path) -> None:
    paths = manifest(collected)

    assert all(HASHED.search(name) for name in paths.values())
    assert not {*style_sources(), *(name for bundle in MODULES for name in module_sources(bundle))} & set(paths)
    on_disk = {str(path.relative_to(collected)) for path in collected.rglob("*") if path.is_file()}
    bare = {name for name in on_disk if not name.endswith((".br", ".gz"))}
    assert bare == {*paths.values(), "staticfiles.json", collect.SOURCES}


def test_what_is_text_is_there_compressed_as_well(collected: Path) -> None:
    styles = collected / manifest(collected)[JOINED_STYLES]
    content = styles.read_bytes()

    assert brotli.decompress(styles.with_name(f"{styles.name}.br").read_bytes()) == content
    assert gzip.decompress(styles.with_name(f"{styles.name}.gz").read_bytes()) == content


def test_what_pages_load_is_small(collected: Path) -> None:
    """KB by brotli (docs/speed.md): 15 of style sheets, 25 of scripts on any page, with htmx."""

    def size(name: str) -> int:
        return (collected / f"{manifest(collected)[name]}.br").stat().st_size

    scripts = {bundle: size(joined_modules(bundle)) for bundle in MODULES}

    assert size(JOINED_STYLES) <= 15_000
    assert size("django_htmx/htmx-2.min.js") + scripts.pop("site") + max(scripts.values()) <= 25_000


def test_nothing_is_collected_where_nothing_changed(collected: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.stat().st_mtime_ns for path in collected.rglob("*")}

    assert not collect.collect_if_changed(collected)

    assert {path: path.stat().st_mtime_ns for path in collected.rglob("*")} == before


@pytest.mark.parametrize("change", ["a source", "half a folder"])
def test_what_changed_is_collected_into_a_folder_that_is_replaced_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    folder = tmp_path / "static"
    collected = []
    monkeypatch.setattr(collect, "_collect", lambda draft: (draft.mkdir(), collected.append(draft)))
    assert collect.collect_if_changed(folder)
    (folder / "left.css").touch()

    if change == "a source":
        monkeypatch.setattr(collect, "_fingerprint", lambda: "another")
    else:
        (folder / collect.SOURCES).unlink()

    assert collect.collect_if_changed(folder)
    assert len(collected) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["static"]
    assert [path.name for path in folder.iterdir()] == [collect.SOURCES]


@pytest.fixture
def joined_pages(collected: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Templates, as they are where static files were collected."""
    storage = JoinedStaticFilesStorage(location=str(collected), base_url="/static/")
    if staticfiles_storage._wrapped is empty:
        staticfiles_storage._setup()
    monkeypatch.setattr(staticfiles_storage, "_wrapped", storage)
    return SimpleNamespace(paths=manifest(collected))


def rendered(text: str) -> str:
    return Template(text).render(Context())


def test_collected_a_page_loads_one_style_sheet_and_one_file_a_bundle(joined_pages: SimpleNamespace) -> None:
    html = rendered('{% styles %}{% module "create" %}')

    styles, script = joined_pages.paths[JOINED_STYLES], joined_pages.paths["js/joined/create.js"]
    assert html == (
        f'<link rel="stylesheet" href="/static/{styles}"><script type="module" src="/static/{script}"></script>'
    )


def test_in_the_source_a_page_loads_every_source_in_the_same_order() -> None:
    html = rendered('{% styles %}{% module "create" %}')

    assert re.findall(r'href="/static/([^"]+)"', html) == style_sources()
    assert re.findall(r'src="/static/([^"]+)"', html) == module_sources("create")
