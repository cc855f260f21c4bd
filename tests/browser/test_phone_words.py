"""Every message of the phone is in its catalogue, also those that Babel overlooks inside nested templates."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
MARKED = re.compile(r"""\bt\(\s*"((?:[^"\\]|\\.)*)\"""")


def test_no_message_is_overlooked():
    with (ROOT / "translations" / "vi" / "LC_MESSAGES" / "client.po").open("rb") as file:
        kept = {message.id for message in read_po(file, locale="vi") if message.id}
    modules = (ROOT / "static" / "js" / "phone").rglob("*.js")
    marked = {text for path in modules for text in MARKED.findall(path.read_text(encoding="utf-8"))}
    assert len(marked) > 100
    assert marked - kept == set(), "move the call out of the template, then run bin/translate"
