"""The look can be read: both nights of tokens.css agree, and every pair of colours in use has its contrast."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text(encoding="utf-8")

SOFT = ("primary-soft", "good-soft", "attention-soft", "bad-soft")
TEXT = [
    *(
        (ink, ground)
        for ink in ("ink", "ink-quiet", "primary", "good", "attention", "bad")
        for ground in ("paper", "surface", "surface-2")
    ),
    *((ink, ground) for ink in ("ink", "ink-quiet") for ground in SOFT),
    *((ground.removesuffix("-soft"), ground) for ground in SOFT),
    ("primary-ink", "primary"),
    ("accent-ink", "accent"),
]
SHAPES = [
    (shape, ground)
    for shape in ("line-strong", "focus", "series-1", "series-2", "series-3")
    for ground in ("paper", "surface")
]


def colours(selector: str) -> dict[str, str]:
    block = TOKENS[TOKENS.index(selector + " {") :]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[: block.index("}")]))


DAY = colours(":root")
NIGHT = colours(':root[data-theme="dark"]')


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [DAY, NIGHT], ids=["day", "night"])
def test_text_has_a_contrast_of_at_least_four_and_a_half(theme):
    low = {pair: contrast(theme[pair[0]], theme[pair[1]]) for pair in TEXT}
    assert {pair: found for pair, found in low.items() if found < 4.5} == {}


@pytest.mark.parametrize("theme", [DAY, NIGHT], ids=["day", "night"])
def test_edges_and_bars_have_a_contrast_of_at_least_three(theme):
    low = {pair: contrast(theme[pair[0]], theme[pair[1]]) for pair in SHAPES}
    assert {pair: found for pair, found in low.items() if found < 3} == {}


def test_the_night_is_the_same_whether_the_system_or_the_page_asks_for_it():
    assert colours(':root:not([data-theme="light"])') == NIGHT


def test_colours_stand_in_the_tokens_alone():
    for sheet in ("base.css", "desk.css", "sign-in.css"):
        text = (CSS / sheet).read_text(encoding="utf-8").partition("@media print")[0]
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgb\(", text) == [], sheet


def test_every_icon_that_a_template_names_is_in_the_sprite():
    sprite = (CSS.parent / "icons" / "sprite.svg").read_text(encoding="utf-8")
    templates = (CSS.parents[1] / "templates").rglob("*.html")
    named = {
        icon
        for path in templates
        for icon in re.findall(r"""\bicon\("([\w-]+)"\)""", path.read_text(encoding="utf-8"))
    }
    assert named
    assert {icon for icon in named if f'id="{icon}"' not in sprite} == set()
