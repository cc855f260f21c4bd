"""Walks the app and holds it to docs/architecture.md: doors, layers, names, templates, modules, the map."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import meta

from app.core.database import Model
from app.http import guards
from app.rules.permissions import GRANTS
from tests import factories

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"
PHONE = ROOT / "static" / "js" / "phone"

# A new noun is a decision (docs/decisions), not a file that appears.
NOUNS = set(
    "units baselines targets teams users sessions households visits operations reviews indicators releases "
    "rollups coverage exports sync audit".split()
)
BESIDE = {
    "models": set(),
    # which rows an actor sees; which hamlet stands where on a date; what was known at a moment; releases made again
    "queries": {"scope", "borders", "known", "reproductions"},
    "services": {"ledger"},  # what one set of changes has read and has yet to write
    # the kinds of field that all schemas share; loading what is plainly sound
    "schemas": {"fields", "quick"},
    "api": set(),
    "web": {"phone", "languages"},  # the phone's shell; the choice of language
    "rules": {
        "vocabulary",
        "permissions",
        "observations",
        "steps",  # each home as a step function of time
        "cells",  # the smallest counts that figures are made of
        "skills",
        "periods",
        "merging",
        "naming",
        "consent",
    },
}
"""What a layer may hold beside the nouns."""

NO_AUDIT = {
    "households.bring_in_line": "lets a team's feed follow borders that changed with the date",
    "households.announce": "puts a change that its caller audited into the teams' feeds",
    "rollups.fold": "adds up in advance what figures count anyway",
    "rollups.keep_up": "the same, once there is much of it",
    "visits.recount": "keeps `is_counting` true after a deed that its caller audited",
}

LINES_AT_MOST = 400


def python_files(folder: Path = APP) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- doors ----------------------------------------------------------------------------------------------------


def test_every_endpoint_names_a_known_permission_or_is_public(migrated_app: Flask):
    for endpoint, view in migrated_app.view_functions.items():
        permission = guards.permission_of(view)
        assert permission is None or permission in GRANTS, endpoint


def test_what_anyone_may_open_is_written_down(migrated_app: Flask):
    rules = migrated_app.url_map.iter_rules()
    public = {
        rule.rule
        for rule in rules
        if guards.permission_of(migrated_app.view_functions[rule.endpoint]) is None
    }
    assert public == {
        "/",
        "/api/v1/openapi.json",
        "/api/v1/session",
        "/healthz",
        "/language",
        "/manifest.webmanifest",
        "/phone/",
        "/readyz",
        "/sign-in",
        "/sign-in/card",
        "/static/<version>/<path:name>",
        "/static/<version>/app.js",
        "/static/<version>/i18n/<language>.json",
        "/static/<version>/parcel.json",
        "/sw.js",
    }


def test_every_permission_is_asked_for_somewhere(migrated_app: Flask):
    asked = {guards.permission_of(view) for view in migrated_app.view_functions.values()}
    noted = {
        node.value
        for path in python_files(APP / "services")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
    }
    assert set(GRANTS) - asked - noted == set()


# --- layers and names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", BESIDE)
def test_every_file_in_a_layer_bears_a_known_noun(layer: str):
    found = {path.stem for path in (APP / layer).iterdir() if path.stem not in {"__init__", "__pycache__"}}
    assert found - NOUNS - BESIDE[layer] == set()


def test_no_file_is_called_after_nothing():
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
    assert [name(path) for path in python_files() if path.stem in vague] == []


def test_no_import_sits_inside_a_function():
    inside = [
        f"{name(path)}:{node.lineno}"
        for path in python_files()
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_every_module_says_what_lives_there():
    assert [name(path) for path in python_files() if not ast.get_docstring(tree(path))] == []


def test_files_stay_readable():
    files = [*python_files(), *python_files(ROOT / "tests"), *(ROOT / "static" / "js").rglob("*.js")]
    long = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {path: lines for path, lines in long.items() if lines > LINES_AT_MOST} == {}


def test_each_model_has_a_factory_of_its_name():
    models = {
        re.sub(r"(?<!^)(?=[A-Z])", "_", mapper.class_.__name__).lower() for mapper in Model.registry.mappers
    }
    assert models - set(factories.__all__) == set()


def test_every_environment_variable_is_documented():
    guide = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    read = re.compile(r"""environ(?:\.get\(|\[)\s*["']([A-Z_]+)["']|envvar=["']([A-Z_]+)["']""")
    files = [*python_files(), ROOT / "gunicorn.conf.py"]
    asked = {one or other for path in files for one, other in read.findall(path.read_text(encoding="utf-8"))}
    assert {each for each in asked if f"`{each}`" not in guide} == set()
    assert {"DATABASE_URL", "SECRET_KEY", "DATA_KEY", "HOST", "PORT"} <= asked


def test_the_readme_maps_every_folder():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [Path(line) for line in listed.splitlines()]
    top = {path.parts[0] for path in files if len(path.parts) > 1}
    layers = {path.parts[1] for path in files if path.parts[0] == "app" and len(path.parts) > 2}
    folders = {folder for folder in top | layers if not folder.startswith(".")}
    assert {folder for folder in folders if f"{folder}/" not in readme} == set()


# --- deeds ----------------------------------------------------------------------------------------------------

_WRITES = {"add", "add_all", "delete", "insert", "update", "merge"}


def test_every_public_service_that_writes_leaves_an_audit_row():
    modules = {path.stem: tree(path) for path in python_files(APP / "services")}
    functions = {
        f"{module}.{node.name}": node
        for module, parsed in modules.items()
        for node in parsed.body
        if isinstance(node, ast.FunctionDef)
    }
    calls = {key: set(called(key.split(".")[0], node)) for key, node in functions.items()}

    def reaches(key: str, goal: set[str], seen: frozenset[str] = frozenset()) -> bool:
        if calls[key] & goal:
            return True
        return any(
            reaches(each, goal, seen | {key}) for each in calls[key] if each in functions and each not in seen
        )

    writing = {"=", "insert", "update", "delete", "_FEED.run", "_ADVANCE.run"}
    writing |= {f"{owner}.{verb}" for owner in ("session", "book", "ledger") for verb in _WRITES}
    silent = [
        key
        for key in functions
        if not key.split(".")[1].startswith("_") and not key.startswith(("audit.", "ledger."))
        if reaches(key, writing) and not reaches(key, {"audit.note", "audit.row"})
    ]
    assert sorted(silent) == sorted(NO_AUDIT)


def called(module: str, function: ast.FunctionDef) -> Iterator[str]:
    """Name what a function calls: `module.function` for our own, `session.add` for the database's.

    `=` stands for setting an attribute, as one does with a row.
    """
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Attribute) for target in node.targets):
            yield "="
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            owner = node.func.value
            yield f"{owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, 'id', '')}.{node.func.attr}"
        elif isinstance(node.func, ast.Name):
            yield node.func.id
            yield f"{module}.{node.func.id}"


# --- templates ------------------------------------------------------------------------------------------------


def test_every_template_parses_and_is_used(migrated_app: Flask):
    environment = migrated_app.jinja_env
    folder = ROOT / "templates"
    templates = {path.relative_to(folder).as_posix() for path in folder.rglob("*.html")}
    used = {
        node.value
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[\w/]+\.html", node.value)
    }
    for template in templates:
        environment.get_template(template)
        source = (ROOT / "templates" / template).read_text(encoding="utf-8")
        used |= {each for each in meta.find_referenced_templates(environment.parse(source)) if each}
    assert templates - used == set()
    assert used - templates == set()


def test_a_component_file_holds_the_macro_of_its_name():
    for path in (ROOT / "templates" / "components").glob("*.html"):
        macros = re.findall(r"{%-?\s*macro\s+(\w+)", path.read_text(encoding="utf-8"))
        assert path.stem in macros, name(path)


def test_nothing_is_loaded_from_another_server():
    foreign = re.compile(
        r"""(?:src|href|action)=["']?(?:https?:)?//|url\(["']?(?:https?:)?//|from\s+["']https?://"""
    )
    files = [
        path
        for folder in ("templates", "static")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".html", ".css", ".js"} and "vendor" not in path.parts
    ]
    assert [name(path) for path in files if foreign.search(path.read_text(encoding="utf-8"))] == []


# --- the phone's modules --------------------------------------------------------------------------------------

MAY_IMPORT = {
    "main.js": {"later", "screens", "sync", "store", "rules", "ui"},
    "later": {"later", "screens", "sync", "store", "rules", "ui"},  # screens fetched when first asked for
    "screens": {"screens", "sync", "store", "rules", "ui"},
    "sync": {"sync", "store", "rules"},
    "store": {"store", "rules"},
    "rules": {"rules"},
    "ui": {"ui"},
}
_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""")


def test_the_phones_modules_import_downwards_only():
    for path in PHONE.rglob("*.js"):
        layer = path.relative_to(PHONE).parts[0]
        for target in _IMPORT.findall(path.read_text(encoding="utf-8")):
            assert target.startswith("."), f"{name(path)} imports {target}: no build step resolves bare names"
            found = (path.parent / target).resolve()
            assert found.is_file(), f"{name(path)} imports {target}, which is not there"
            if found.is_relative_to(PHONE):
                assert found.relative_to(PHONE).parts[0] in MAY_IMPORT[layer], (
                    f"{name(path)} imports {target}"
                )
            else:
                assert found.is_relative_to(ROOT / "static" / "vendor"), f"{name(path)} imports {target}"
