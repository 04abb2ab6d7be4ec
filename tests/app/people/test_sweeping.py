"""Secrets that are worth nothing any more don't lie about."""

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.people.accounts import links, service, throttling
from app.people.accounts.models import AccountLink, Device, LinkPurpose, Throttle
from tests.app.people.conftest import Town
from tests.browser import Browser
from tests.conftest import Clock


def _left(sessions: sessionmaker[Session]) -> list[int]:
    with sessions.begin() as session:
        throttling.sweep(session)
        links.sweep(session)
        service.sweep(session)
        return [
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (Throttle, AccountLink, Device)
        ]


def test_tries_links_and_devices_are_forgotten_in_time_and_not_before(app: Flask, town: Town, clock: Clock) -> None:
    Browser.of(app).sign_in("amina@hillside.example")
    with town.sessions.begin() as session:
        links.ask_for(session, LinkPurpose.RESET, email="amina@hillside.example", public_url="http://localhost")
    assert _left(town.sessions) == [2, 1, 1]
    clock.forward(days=2)
    assert _left(town.sessions) == [0, 1, 1]
    clock.forward(days=29)
    assert _left(town.sessions) == [0, 0, 1]
    clock.forward(days=14)
    assert _left(town.sessions) == [0, 0, 0]
