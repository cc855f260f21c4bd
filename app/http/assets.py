"""Static files under one hash of the whole tree, so that relative imports work and all is immutable.

Also what the phone's shell needs to know of them: the modules that it starts with, and what the service worker
keeps for offline use: a parcel of the app's files, and a few that it fetches by themselves.
"""

import hashlib
import json
import re
from functools import cached_property
from typing import Any, cast
from urllib.parse import quote

import brotli
from babel.messages.mofile import read_mo
from flask import Blueprint, Flask, Response, current_app, g, request, send_from_directory
from werkzeug.exceptions import NotFound

from app.config import ROOT
from app.core.i18n import LANGUAGES
from app.core.joining import joined
from app.http.guards import public

STATIC = ROOT / "static"
TRANSLATIONS = ROOT / "translations"
SHELL = "/phone/"
MAIN = "js/phone/main.js"
_IMPORT = re.compile(r"""^(?:import|export|\})\s[^;]*?from\s+"([^"]+)";""", re.MULTILINE)
_PACKED = ("js/opening.js", "icons/favicon.svg", "icons/sprite.svg")
_IMMUTABLE = "public, max-age=31536000, immutable"

blueprint = Blueprint("assets", __name__)


class Assets:
    """What was found in `static/` when the server started."""

    def __init__(self) -> None:
        files = sorted(path for path in STATIC.rglob("*") if path.is_file())
        self.catalogues = {language: _client_catalogue(language) for language in LANGUAGES}
        digest = hashlib.sha256()
        for path in files:
            digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
        digest.update(json.dumps(self.catalogues, sort_keys=True).encode())
        for template in sorted((ROOT / "templates" / "pages" / "phone").rglob("*.html")):
            digest.update(template.read_bytes())
        self.hash = digest.hexdigest()[:16]
        self.root = f"/static/{self.hash}"
        self.modules = [self.url(name) for name in _imported(MAIN)]
        self.joined_url = f"{self.root}/app.js"
        self.parcel_url = f"{self.root}/parcel.json"
        self.alone = [SHELL, *(self.url(f"css/{name}.css") for name in ("tokens", "base", "phone"))]
        """What the first visit fetches before there is a service worker, which then finds it in the browser's cache."""

    @cached_property
    def joined(self) -> str:
        """Return all modules of the phone's app as one."""
        return joined(STATIC, MAIN)

    @cached_property
    def parcel(self) -> bytes:
        """Return all other files of the phone's app as one JSON object, address to text."""
        files = {self.url(name): (STATIC / name).read_text(encoding="utf-8") for name in _PACKED}
        files[self.joined_url] = self.joined
        for language, catalogue in self.catalogues.items():
            files[f"{self.root}/i18n/{language}.json"] = json.dumps(catalogue, ensure_ascii=False)
        return json.dumps(files, ensure_ascii=False).encode()

    @cached_property
    def pressed_parcel(self) -> bytes:
        """Return the parcel as small as Brotli makes it: a second's work, once in a process."""
        pressed: bytes = brotli.compress(self.parcel, quality=11)
        return pressed

    def url(self, name: str) -> str:
        """Return the address of the static file `name`, for example `css/tokens.css`."""
        return f"{self.root}/{name}"


def inlined(name: str) -> str:
    """Return a small SVG as an address that needs no request."""
    return f"data:image/svg+xml,{quote((STATIC / name).read_text(encoding='utf-8'))}"


def _imported(entry: str) -> list[str]:
    """Return a module and all that it imports at its start, directly or through others; not what it fetches later."""
    found = [entry]
    for name in found:
        path = STATIC / name
        for target in _IMPORT.findall(path.read_text(encoding="utf-8")):
            imported = (path.parent / target).resolve().relative_to(STATIC).as_posix()
            if imported not in found:
                found.append(imported)
    return found


def _client_catalogue(language: str) -> dict[str, str]:
    """Return the phone's messages, msgid to translation; English is the msgids themselves."""
    compiled = TRANSLATIONS / language / "LC_MESSAGES" / "client.mo"
    if not compiled.exists():
        return {}
    with compiled.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_mo(file) if entry.id}


def init_app(app: Flask) -> None:
    """Serve the static files of `app` and tell templates about them."""
    found = Assets()
    app.extensions["assets"] = found
    app.register_blueprint(blueprint)
    app.context_processor(_for_templates)


def assets() -> Assets:
    """Return what this app found in `static/`."""
    found: Assets = current_app.extensions["assets"]
    return found


def _for_templates() -> dict[str, Any]:
    found = assets()
    return {
        "asset": found.url,
        "inlined": inlined,
        "asset_root": found.root,
        "joined": found.joined_url,
        "modules": found.modules,
    }


def _immutable(response: Response) -> Response:
    g.is_immutable = True
    response.headers["Cache-Control"] = _IMMUTABLE
    return response


@blueprint.get("/static/<version>/<path:name>")
@public
def static(version: str, name: str) -> Response:
    """Send a static file of the present version; another version's files are gone."""
    if version != assets().hash:
        raise NotFound
    return _immutable(send_from_directory(STATIC, name))


@blueprint.get("/static/<version>/i18n/<language>.json")
@public
def catalogue(version: str, language: str) -> Response:
    """Send the phone's messages in one language."""
    if version != assets().hash or language not in LANGUAGES:
        raise NotFound
    return _immutable(cast(Response, current_app.json.response(assets().catalogues[language])))


@blueprint.get("/static/<version>/app.js")
@public
def app_joined(version: str) -> Response:
    """Send the phone's app as one module, which the service worker finds in its parcel."""
    if version != assets().hash:
        raise NotFound
    return _immutable(Response(assets().joined, mimetype="text/javascript"))


@blueprint.get("/static/<version>/parcel.json")
@public
def parcel(version: str) -> Response:
    """Send the files of the phone's app in one answer: smaller together, and one wait."""
    found = assets()
    if version != found.hash:
        raise NotFound
    if not request.accept_encodings.quality("br"):
        return _immutable(Response(found.parcel, mimetype="application/json"))
    headers = {"Content-Encoding": "br", "Vary": "Accept-Encoding"}
    return _immutable(Response(found.pressed_parcel, mimetype="application/json", headers=headers))


@blueprint.get("/sw.js")
@public
def service_worker() -> Response:
    """Send the service worker with its version and what it is to fetch filled in."""
    text = (STATIC / "js" / "sw.js").read_text(encoding="utf-8")
    found = assets()
    for name, value in {"VERSION": found.hash, "PARCEL": found.parcel_url, "ALONE": found.alone}.items():
        text = re.sub(
            rf"^const {name} = .*;$", f"const {name} = {json.dumps(value)};", text, flags=re.MULTILINE
        )
    return Response(text, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """Send the web app manifest, which makes the phone app installable."""
    icons = [("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any")]
    icons.append(("maskable-512.png", "512x512", "maskable"))
    body = {
        "id": SHELL,
        "name": "Từng Nhà",
        "short_name": "Từng Nhà",
        "description": "Sổ tay của Tổ công nghệ số cộng đồng",
        "lang": "vi",
        "start_url": SHELL,
        "scope": "/",
        "display": "standalone",
        "background_color": "#FBFAF7",
        "theme_color": "#0B5C6B",
        "shortcuts": [
            {"name": name, "url": f"{SHELL}#/{place}", "icons": [{"src": assets().url("icons/icon-192.png")}]}
            for name, place in (("Hôm nay", ""), ("Thêm hộ", "register"), ("Sổ gửi", "outbox"))
        ],
        "icons": [
            {"src": assets().url(f"icons/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in icons
        ],
    }
    return Response(
        json.dumps(body, ensure_ascii=False),
        mimetype="application/manifest+json",
        headers={"Cache-Control": "no-cache"},
    )
