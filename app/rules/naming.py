"""How Vietnamese names and places are stored, searched and sorted.

Stored text is NFC. Searching ignores accents, case and where the tone mark sits (`Hoà` equals `Hòa`) and
takes đ for d. People are sorted by given name, which is the last word. Keys are made in memory and never
stored. The twin is static/js/phone/rules/naming.js; both are held to tests/cases/naming.json.
"""

import re
import unicodedata

_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_LETTERS = {"ă": "az", "â": "azz", "đ": "dz", "ê": "ez", "ô": "oz", "ơ": "ozz", "ư": "uz"}
_SPACES = re.compile(r"\s+")
SORT_KEY_AT_MOST = 160


def normalise(text: str) -> str:
    """Return `text` in NFC with outer space removed and inner runs of white space made one space."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """Return `text` in lower case without any accent, đ as d, white space as single spaces."""
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFD", text.lower())
        if not unicodedata.category(letter).startswith("M")
    )
    return _SPACES.sub(" ", bare.replace("đ", "d")).strip()


def matches(query: str, *texts: str | None) -> bool:
    """Say whether every word of `query` occurs somewhere in `texts`; an empty query matches everything."""
    haystack = " ".join(fold(text) for text in texts if text)
    return all(word in haystack for word in fold(query).split())


def sort_key(name: str) -> str:
    """Return a key of at most 160 characters that sorts people by given name, then by the words before it.

    Letters go by the Vietnamese alphabet (a ă â … d đ …): an own letter is written as its plain one with
    `z` behind it. Only where all letters agree do the tones decide (level, huyền, hỏi, ngã, sắc, nặng), one
    digit a word, wherever in the word the mark sits. Meant for comparison by code point.
    """
    words = normalise(name).lower().split(" ")
    return _key(words[-1:] + words[:-1])


def place_key(name: str) -> str:
    """Return a key of at most 160 characters that sorts places by their words as they stand."""
    return _key(normalise(name).lower().split(" "))


def _key(words: list[str]) -> str:
    letters = " ".join(_letters(word) for word in words)
    tones = "".join(_tone(word) for word in words)
    return f"{letters} {tones}"[:SORT_KEY_AT_MOST]


def _letters(word: str) -> str:
    toneless = "".join(mark for mark in unicodedata.normalize("NFD", word) if mark not in _TONES)
    return "".join(_LETTERS.get(letter, fold(letter)) for letter in unicodedata.normalize("NFC", toneless))


def _tone(word: str) -> str:
    return next((_TONES[mark] for mark in unicodedata.normalize("NFD", word) if mark in _TONES), "0")
