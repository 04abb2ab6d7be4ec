"""`/api/openapi.json` and `/api/docs`: what every answer is held to, for programs and for people."""

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from hatchling.build import build_wheel

from app.web import build_description, description
from tests.architecture.tree import ROOT, read
from tests.browser import Browser
from tests.described import METHODS
from tests.described import description as described

_MADE = (description.DESCRIPTION, description.CODES)


def test_programs_read_the_same_as_is_written(amina: Browser) -> None:
    assert amina.get("/api/openapi.json").get_json() == described()


def test_people_find_every_address_and_what_is_sent_and_answered(amina: Browser) -> None:
    page, paths = unescape(amina.get("/api/docs").text), described()["paths"]
    assert re.findall(r"<code>(/.+)</code></h2>", page) == list(paths)
    assert set(re.findall(r'<h3 id="([\w-]+)"[^>]*><code>(\w+)</code> (.+)</h3>', page)) == {
        (description.anchor(method, path), method, item[method.lower()]["summary"])
        for path, item in paths.items()
        for method in METHODS
        if method.lower() in item
    }
    assert sorted(name for name in _fields(described()) if not re.search(rf"[>.]{name}</code>", page)) == []


def test_people_find_every_code(amina: Browser) -> None:
    page = amina.get("/api/docs").text
    rows = re.findall(r"^\| (`.+?) \| ", read(ROOT / "docs" / "error-codes.md"), re.MULTILINE)
    codes = re.findall(r"`(\w+)`", " ".join(rows))
    assert "sign_in_needed" in codes
    assert [code for code in codes if f"<code>{code}</code>" not in page] == []


def test_every_link_leads_to_one_place(amina: Browser) -> None:
    page = amina.get("/api/docs").text
    places = re.findall(r'\bid="([^"]+)"', page)
    assert sorted(place for place in set(places) if places.count(place) > 1) == []
    assert sorted(set(re.findall(r'href="#([^"]+)"', page)) - set(places)) == []


def test_whoever_isnt_signed_in_is_asked_to(app: Flask) -> None:
    stranger = Browser.of(app)
    assert stranger.get("/api/openapi.json").status_code == 401
    assert stranger.get("/api/docs").location == "/sign-in?next=%2Fapi%2Fdocs"


def test_what_was_made_is_of_today(tmp_path: Path) -> None:
    build_description.build(tmp_path)
    for name in _MADE:
        assert (tmp_path / name).read_bytes() == (description.HERE / name).read_bytes(), "Run `make setup`."


def test_an_installed_copy_has_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    wheel = zipfile.ZipFile(tmp_path / build_wheel(str(tmp_path)))
    assert {f"app/web/{name}" for name in _MADE} <= set(wheel.namelist())


def _fields(told: object) -> Iterator[str]:
    for one in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _fields(one)
    if isinstance(told, dict):
        yield from told.get("properties", {})
