"""Joins JavaScript modules into one, so that a slow phone opens one file instead of forty.

Each stands in a function of its own that gives back what it exports; lines of comment are left out. It knows the
forms of import and export that our modules and the vendored ones use, and refuses any other.
"""

import re
from pathlib import Path

_IMPORT = re.compile(r'^import\s+(?:\*\s+as\s+(\w+)|\{([^}]*)\})\s+from\s+"([^"]+)";', re.MULTILINE)
_PASSED_ON = re.compile(r'^export\s+\{([^}]*)\}\s+from\s+"([^"]+)";', re.MULTILINE)
_LATER = re.compile(r'\bimport\("([^"]+)"\)')
_DECLARED = re.compile(r"^export (?=(?:const|class|(?:async )?function) (\w+))", re.MULTILINE)
_LISTED = re.compile(r"(?:^|(?<=;))export\s*\{([^}]*)\};?\s*\Z", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*[\s\S]*?\*/)\n", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b|;export\b", re.MULTILINE)


def joined(root: Path, entry: str) -> str:
    """Return `entry`, a path below `root`, with all that it imports, now or later, as one module."""
    written: dict[str, str] = {}
    _write(root, entry, written, [])
    names = ", ".join(f'"{name}": {_variable(written, name)}' for name in written)
    return "\n".join([*written.values(), f"export const modules = {{ {names} }};\n"])


def _write(root: Path, name: str, written: dict[str, str], above: list[str]) -> None:
    if name in above:
        raise ValueError(f"modules import each other: {' → '.join([*above, name])}")
    if name in written:
        return
    text = _COMMENT.sub("", (root / name).read_text(encoding="utf-8"))
    exported: list[str] = []

    def variable(target: str) -> str:
        path = ((root / name).parent / target).resolve().relative_to(root.resolve()).as_posix()
        _write(root, path, written, [*above, name])
        return _variable(written, path)

    def imported(found: re.Match[str]) -> str:
        whole, some, target = found.groups()
        return f"const {whole or f'{{ {_renamed(some)} }}'} = {variable(target)};"

    def passed_on(found: re.Match[str]) -> str:
        some, target = found.groups()
        exported.extend(each.split(" as ")[-1].strip() for each in some.split(",") if each.strip())
        return f"const {{ {_renamed(some)} }} = {variable(target)};"

    def declared(found: re.Match[str]) -> str:
        exported.append(found.group(1))
        return ""

    def listed(found: re.Match[str]) -> str:
        for each in found.group(1).split(","):
            own, _, other = each.strip().partition(" as ")
            exported.append(f"{other}: {own}" if other else own)
        return ""

    text = _PASSED_ON.sub(passed_on, _IMPORT.sub(imported, text))
    text = _LATER.sub(lambda found: f"Promise.resolve({variable(found.group(1))})", text)
    text = _LISTED.sub(listed, _DECLARED.sub(declared, text))
    if left := _LEFT.search(text):
        line = text[left.start() :].splitlines()[0]
        raise ValueError(f"{name}: a form of import or export that cannot be joined: {line}")
    body = f"{text.rstrip()}\nreturn {{ {', '.join(exported)} }};"
    written[name] = ""  # its number, see _variable
    written[name] = f"// {name}\nconst {_variable(written, name)} = (() => {{\n{body}\n}})();\n"


def _variable(written: dict[str, str], name: str) -> str:
    return f"module{list(written).index(name)}_"


def _renamed(some: str) -> str:
    return ", ".join(each.strip().replace(" as ", ": ") for each in some.split(",") if each.strip())
