"""Addresses of what pages load from `/static/`: with the content's version, so that browsers keep them for good."""

from functools import lru_cache
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, request, url_for
from markupsafe import Markup

from app.web.build_assets import FONT, STATIC, STYLE_SHEET, version_of

#: What our modules import by name → the file under `static/`. Our own are added as `br/<path>`.
VENDOR_MODULES = {
    "htmx": "vendor/htmx.org/htmx.esm.min.js",
    "hx-csp": "vendor/htmx.org/hx-csp.min.js",
    "hls.js": "vendor/hls.js/hls.min.mjs",
    "idb": "vendor/idb/index.js",
    "mediabunny": "vendor/mediabunny/mediabunny.min.mjs",
}
#: Shorter names for what every page loads.
NAMES = {
    "backrow.css": STYLE_SHEET,
    "font": f"vendor/{FONT}/latin-400.woff2",
}
#: A year: the address changes with the content, so nobody ever needs to ask again.
KEEP_S = 31_536_000


class AssetMissing(Exception):
    """A page asks for a file that is not under `static/`; the message says how to get it."""


@lru_cache(maxsize=512)
def _version(file: Path, _mtime_ns: int, _size_bytes: int) -> str:
    # Time and size are only here to make the cache forget: a changed file gets its new version without a restart.
    return version_of(file)


def version(name: str) -> str:
    """Tell the version of a file under `static/`.

    Raises:
        AssetMissing: there is no such file.
    """
    file = STATIC / name
    try:
        seen = file.stat()
    except OSError as error:
        raise AssetMissing(f"{name} is not under static/. Run `make setup`, which puts it there.") from error
    return _version(file, seen.st_mtime_ns, seen.st_size)


def asset_url(name: str) -> str:
    """Give the address of a file under `static/` (or of one of the short `NAMES`), with its version.

    Raises:
        AssetMissing: there is no such file.
    """
    name = NAMES.get(name, name)
    return url_for("static", filename=name, v=version(name))


def cache_control(name: str, asked_version: str | None) -> str:
    """Say how long an answer under `/static/` may be kept.

    Only an address that carries the version of what is served now is kept for good: while a release rolls out, an old
    process may be asked for a new file, and must not have its old one kept under the new address.
    """
    try:
        current = asked_version is not None and asked_version == version(name)
    except AssetMissing:
        current = False
    return f"public, max-age={KEEP_S}, immutable" if current else "no-cache"


def own_modules() -> list[str]:
    """List our modules under `static/js/`, as paths relative to it."""
    folder = STATIC / "js"
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.js"))


def import_map() -> dict[str, dict[str, str]]:
    """Give the import map: bare names of packages, and `br/<path>` for each of our own modules.

    Modules import each other by these names, never by relative paths: a relative import has no version in its address.
    """
    names = VENDOR_MODULES | {f"br/{name}": f"js/{name}" for name in own_modules()}
    return {"imports": {name: asset_url(file) for name, file in names.items()}}


def icon(name: str, size: int = 20) -> Markup:
    """Draw an icon from the sprite, for the eye only: a visible (or visually hidden) word says the same beside it."""
    href = f"{asset_url('sprite.svg')}#{name}"
    return Markup(
        '<svg class="icon" width="{size}" height="{size}" aria-hidden="true" focusable="false">'
        '<use href="{href}"/></svg>'
    ).format(size=size, href=href)


def keep(response: Response) -> Response:
    """Say on each file under `/static/` how long it may be kept."""
    if request.endpoint == "static" and request.view_args and response.status_code == HTTPStatus.OK:
        response.headers["Cache-Control"] = cache_control(request.view_args["filename"], request.args.get("v"))
    return response


def install(app: Flask) -> None:
    """Give every template `asset`, `icon` and `import_map` (macros see them too, as they are globals)."""
    app.jinja_env.globals.update(asset=asset_url, icon=icon, import_map=import_map)
    app.after_request(keep)
