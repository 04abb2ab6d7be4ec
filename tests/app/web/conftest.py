"""An application with two people in it who can sign in."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from app.people.first_run.service import Foundation, setup_alliance
from tests.browser import PASSWORD, Browser, make_app

AMINA, ZOE = "amina@hillside.example", "zoe@other.example"


@pytest.fixture
def app(sessions: sessionmaker[Session], tmp_path: Path) -> Flask:
    with sessions.begin() as session:
        for alliance, email in (("Vale", AMINA), ("Other", ZOE)):
            setup_alliance(
                session, Foundation(alliance=alliance, school="Hillside", name="Amina", email=email, password=PASSWORD)
            )
    return make_app(sessions, tmp_path)


@pytest.fixture
def amina(app: Flask) -> Browser:
    browser = Browser.of(app)
    browser.sign_in(AMINA)
    return browser


@pytest.fixture
def zoe(app: Flask) -> Browser:
    browser = Browser.of(app)
    browser.sign_in(ZOE)
    return browser
