"""What pages load: only what is named, always under an address that changes with the content, and small."""

import gzip
import json
import re
from itertools import product
from pathlib import Path

import pytest
from flask import Flask

from app.web import assets, build_assets
from app.web.build_assets import NODE_MODULES, STATIC, Missing

ROOT = STATIC.parent.parent.parent
TEMPLATES = sorted((ROOT / "app").rglob("templates/**/*.html"))
ICON_CALL = re.compile(r"""(?<![_\w])icon(?:_word)?\(\s*["']([a-z0-9-]+)["']""")
ICON_ARGUMENT = re.compile(r"""icon_name=["']([a-z0-9-]+)["']""")
ICON_IN_SCRIPT = re.compile(r"sprite\.svg[^\"'`]*#([a-z0-9-]+)")
KIB = 1024


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    build_assets.build()


@pytest.fixture
def web() -> Flask:
    app = Flask("pages", static_folder=str(STATIC))
    assets.install(app)
    return app


def squeezed(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 9))


def test_the_lock_names_contents_and_no_addresses() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert "://" not in (ROOT / "package-lock.json").read_text()


def test_the_lock_holds_exactly_the_versions_asked_for() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    asked = wanted["dependencies"] | wanted["devDependencies"]
    assert {f"node_modules/{name}": version for name, version in asked.items()} == {
        name: entry["version"] for name, entry in lock.items() if name
    }


def test_only_named_files_are_served(tmp_path: Path) -> None:
    (tmp_path / "css").symlink_to(STATIC / "css")
    (tmp_path / "icons.txt").symlink_to(STATIC / "icons.txt")
    build_assets.build(tmp_path)
    made = {
        file.relative_to(tmp_path / "vendor").as_posix() for file in (tmp_path / "vendor").rglob("*") if file.is_file()
    }
    named = {f"{package}/{name}" for package, files in build_assets.COPIED.items() for _, name in files}
    assert made == named | {"backrow.css"}


def test_building_again_touches_nothing() -> None:
    before = {file: file.stat().st_mtime_ns for file in (STATIC / "vendor").rglob("*")}
    build_assets.build()
    assert {file: file.stat().st_mtime_ns for file in (STATIC / "vendor").rglob("*")} == before


def test_a_package_that_was_not_fetched_is_named_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"htmx\.org/dist/htmx\.esm\.min\.js is not there\. Run `npm ci`"):
        build_assets.build(tmp_path, node_modules=tmp_path)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        pytest.param("check\nno-such-picture-anywhere\n", "lucide has no icon", id="unknown to the package"),
        pytest.param("../../../etc/passwd\n", "not an icon's name", id="a path can't sneak in"),
    ],
)
def test_a_wrong_icon_name_stops_the_build(tmp_path: Path, lines: str, problem: str) -> None:
    (tmp_path / "icons.txt").write_text(lines)
    with pytest.raises(Missing, match=problem):
        build_assets.sprite(build_assets.used_icons(tmp_path), NODE_MODULES)


def test_every_icon_that_a_page_shows_is_in_the_sprite() -> None:
    shown = {
        name
        for file, pattern in product(TEMPLATES, (ICON_CALL, ICON_ARGUMENT))
        for name in pattern.findall(file.read_text(encoding="utf-8"))
    } | {
        name
        for file in (STATIC / "js").rglob("*.js")
        for name in ICON_IN_SCRIPT.findall(file.read_text(encoding="utf-8"))
    }
    sprite = (STATIC / "sprite.svg").read_text()
    assert shown
    assert sorted(name for name in shown if f'id="{name}"' not in sprite) == []


@pytest.mark.parametrize(
    ("name", "budget_bytes"),
    [
        pytest.param("vendor/backrow.css", 11 * KIB, id="style sheet"),
        pytest.param("sprite.svg", 6 * KIB, id="icons"),
        pytest.param("vendor/htmx.org/htmx.esm.min.js", 14 * KIB, id="htmx"),
        pytest.param(f"vendor/{build_assets.FONT}/latin-400.woff2", 13 * KIB, id="font"),
    ],
)
def test_what_every_page_loads_is_small(name: str, budget_bytes: int) -> None:
    assert squeezed(STATIC / name) <= budget_bytes


def test_an_address_changes_with_the_content(web: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    (tmp_path / "a.css").write_text("a{}")
    with web.test_request_context():
        first = assets.asset_url("a.css")
        (tmp_path / "a.css").write_text("ab{}")
        assert assets.asset_url("a.css") != first


def test_only_the_current_version_is_kept_for_good() -> None:
    current = assets.version("sprite.svg")
    assert assets.cache_control("sprite.svg", current) == "public, max-age=31536000, immutable"
    assert assets.cache_control("sprite.svg", "0123456789") == "no-cache"
    assert assets.cache_control("sprite.svg", None) == "no-cache"
    assert assets.cache_control("nowhere.css", "0123456789") == "no-cache"


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        pytest.param("?v={version}", "public, max-age=31536000, immutable", id="with its version: for good"),
        pytest.param("?v=old", "no-cache", id="another version: asked again"),
        pytest.param("", "no-cache", id="without: asked again"),
    ],
)
def test_a_file_is_served_with_how_long_it_may_be_kept(web: Flask, query: str, kept: str) -> None:
    query = query.format(version=assets.version("sprite.svg"))
    with web.test_client().get(f"/static/sprite.svg{query}") as answer:
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, kept)


def test_a_missing_file_is_named_with_the_mend(web: Flask) -> None:
    with web.test_request_context(), pytest.raises(assets.AssetMissing, match="Run `make setup`"):
        assets.asset_url("nowhere.css")


def test_the_preloaded_font_has_the_address_that_the_style_sheet_asks_for(web: Flask) -> None:
    with web.test_request_context():
        preloaded = assets.asset_url("font").removeprefix("/static/vendor/")
    assert f'url("{preloaded}")' in (STATIC / "vendor/backrow.css").read_text()


def test_every_address_in_the_style_sheet_is_served() -> None:
    named = re.findall(r'url\("([^"?]+)\?v=[0-9a-f]{10}"\)', (STATIC / "vendor/backrow.css").read_text())
    assert len(named) == len(re.findall(r"url\(", (STATIC / "vendor/backrow.css").read_text())) == 4
    assert all((STATIC / "vendor" / name).is_file() for name in named)


def test_the_import_map_answers_every_name_that_our_modules_import(web: Flask) -> None:
    with web.test_request_context():
        known = set(assets.import_map()["imports"])
    imports = re.compile(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""")
    asked = {
        name for file in (STATIC / "js").rglob("*.js") for name in imports.findall(file.read_text(encoding="utf-8"))
    }
    assert {"br/main.js", "htmx", "hx-csp", "hls.js", "idb"} <= known
    assert asked <= known


def test_the_style_sheet_lost_nothing_but_comments_and_space() -> None:
    text = (STATIC / "vendor/backrow.css").read_text()
    assert text.count("{") == text.count("}")
    assert "/*" not in text
    assert text.startswith("@layer reset,tokens,base,forms,parts,pages,utilities,print;")
    assert 'content:"·" / ""' in text
    assert {file.stem for file in (STATIC / "css").glob("*.css")} == set(build_assets.STYLES)
