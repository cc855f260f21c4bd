"""The phone's modules joined into one: each once, after what it imports, with nothing lost."""

from pathlib import Path

import pytest

from app.core.joining import joined
from app.http.assets import STATIC

PHONE = STATIC / "js" / "phone"


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder


def test_every_module_of_the_phone_stands_in_it_once():
    text = joined(STATIC, "js/phone/main.js")
    for path in PHONE.rglob("*.js"):
        assert text.count(f"// {path.relative_to(STATIC).as_posix()}\n") == 1, path


def test_a_module_stands_after_what_it_imports_and_gives_back_what_it_exports(tmp_path: Path):
    folder = written(
        tmp_path,
        main='import * as low from "./low.js";\nimport { a as b } from "./low.js";\nexport const c = b + low.a;\n',
        low="export const a = 1;\nexport async function f() {}\nexport class G {}\n",
    )
    text = joined(folder, "main.js")
    assert (
        "const module0_ = (() => {\nconst a = 1;\nasync function f() {}\nclass G {}\nreturn { a, f, G };"
        in text
    )
    assert "const low = module0_;\nconst { a: b } = module0_;\nconst c = b + low.a;\nreturn { c };" in text
    assert text.endswith('export const modules = { "low.js": module0_, "main.js": module1_ };\n')


def test_what_is_imported_later_or_passed_on_is_joined_too(tmp_path: Path):
    folder = written(
        tmp_path,
        main='export { x as y } from "./list.js";\nconst later = () => import("./later.js");\n',
        list="const own=1;export{own as x};",
        later="export const z = 1;\n",
    )
    text = joined(folder, "main.js")
    assert "return { x: own };" in text
    assert "const { x: y } = module0_;" in text
    assert "const later = () => Promise.resolve(module1_);" in text


@pytest.mark.parametrize(
    "text",
    ["export default 1;\n", "export let a = 1;\n", 'import "./main.js";\n', 'import x from "./main.js";\n'],
)
def test_other_forms_are_refused(tmp_path: Path, text: str):
    with pytest.raises(ValueError, match=r"main\.js: a form of import or export"):
        joined(written(tmp_path, main=text), "main.js")


def test_modules_that_import_each_other_are_refused(tmp_path: Path):
    folder = written(
        tmp_path,
        main='import { b } from "./other.js";\nexport const a = 1;\n',
        other='import { a } from "./main.js";\nexport const b = 1;\n',
    )
    with pytest.raises(ValueError, match="import each other"):
        joined(folder, "main.js")
