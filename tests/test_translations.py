"""The catalogues are complete: everything marked in the code is in them, and all of it is translated."""

import tomllib
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
DOMAINS = {"messages": "message", "client": "t"}
"""Each catalogue with the function that marks its messages (bin/translate)."""


def in_code(domain: str) -> set[object]:
    mapping = tomllib.loads((ROOT / "translations" / f"{domain}.toml").read_text(encoding="utf-8"))[
        "mappings"
    ]
    methods = [(each["pattern"], each["method"]) for each in mapping]
    options = {each.pop("pattern"): {key: each[key] for key in each if key != "method"} for each in mapping}
    found = extract_from_dir(
        ROOT,
        methods,
        options,
        keywords=DEFAULT_KEYWORDS | {DOMAINS[domain]: None},
        directory_filter=lambda folder: (
            Path(folder).name in {"app", "templates", "static"} or in_part(folder)
        ),
    )
    return {message for _, _, message, _, _ in found}


def in_part(folder: str) -> bool:
    parts = Path(folder).relative_to(ROOT).parts
    return parts[0] in {"app", "templates"} or parts[:2] == ("static", "js")


def catalogue(domain: str) -> Catalog:
    with (ROOT / "translations" / "vi" / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale="vi")


@pytest.mark.parametrize("domain", DOMAINS)
def test_everything_marked_is_in_the_catalogue_and_nothing_else(domain: str):
    kept = {message.id for message in catalogue(domain) if message.id}
    marked = in_code(domain)
    assert marked - kept == set(), "run bin/translate"
    assert kept - marked == set(), "run bin/translate"


@pytest.mark.parametrize("domain", DOMAINS)
def test_vietnamese_is_complete(domain: str):
    messages = [message for message in catalogue(domain) if message.id]
    assert [message.id for message in messages if message.fuzzy] == []
    empty = [message.id for message in messages if not all(strings(message.string))]
    assert empty == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_placeholders_survive_translation(domain: str):
    problems = [error for message in catalogue(domain) if message.id for error in message.check()]
    assert problems == []


def strings(translation: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [translation] if isinstance(translation, str) else list(translation or [""])
