"""Canaries in every personal column and every film: nobody meets one who may not read what it lives in."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, product
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app import ids
from tests.app.observation.scene import Asker
from tests.browser import make_app
from tests.conftest import Database
from tests.promises.canaries import LEFT_OUT, PERSONAL, Canaries
from tests.promises.conftest import Heard
from tests.promises.ground import STRANGER, Ground, settle
from tests.promises.readers import READERS

pytestmark = pytest.mark.slow
#: What its readers may read, but no page shows for itself.
UNSEEN: Final = {"recording.audience", "recording.class_code", "upload.name"}
#: By state of the table: who walks through it, and whether for whole pages or for parts of them. Everybody walks once.
WALKS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "shared": ("OBMGKRUFCAYZ", {}),
    "paused": ("OABLDS", {"HX-Request": "true"}),
}
Plant: TypeAlias = Callable[..., list[Ground]]


@pytest.fixture
def plant(sessions: sessionmaker[Session], tmp_path: Path) -> Plant:
    """Settle an alliance in each of the states named, and put out all canaries."""

    def planted(*states: str) -> list[Ground]:
        canaries = Canaries()
        grounds = [settle(sessions, tmp_path, state, canaries) for state in states]
        with sessions.begin() as session:
            canaries.plant(session)
        bare = PERSONAL.keys() - {home for home, _ in canaries.homes.values()}
        assert bare == LEFT_OUT.keys(), "Fill it in furnishing.py; if anybody may read it, say who in readers.py."
        return grounds

    return planted


@pytest.mark.parametrize("state", WALKS)
def test_p08_p37_p42_nobody_meets_at_any_address_what_is_not_theirs(
    plant: Plant, database: Database, heard: Heard, state: str
) -> None:
    (ground,), (people, headers) = plant(state), WALKS[state]
    leaks = [
        leak
        for who in (STRANGER, *people)
        for address in ground.addresses()
        for leak in ground.leaks(who, address, ground.asker(who).get(address, headers=headers))
    ]
    with ThreadPoolExecutor(len(people)) as streams:  # each is silent for a while once all is told
        leaks += chain.from_iterable(streams.map(ground.leaks_live, people))
    assert leaks == []
    assert READERS.keys() - ground.seen == UNSEEN
    assert list(ground.canaries.found(heard.text)) == []
    assert ground.canaries.strays(database) == []


def test_p12_nobody_meets_what_is_another_alliances(plant: Plant) -> None:
    here, there = plant("shared", "newer")
    leaks = [
        leak
        for who in "OBZ"
        for address in sorted(set(there.addresses()) - set(here.addresses()))
        for leak in here.leaks(who, address, here.asker(who).get(address))
    ]
    assert leaks == []


def test_p08_p56_what_is_refused_tells_nobody_more(
    plant: Plant, sessions: sessionmaker[Session], heard: Heard, tmp_path: Path
) -> None:
    (ground,), leaks, refused = plant("shared"), [], set()
    with sessions.kw["bind"].connect() as connection, connection.begin() as kept_by_nobody:
        app = make_app(sessionmaker(connection), tmp_path)
        for who, method in product((STRANGER, *"BMAZ"), ("POST", "PUT", "PATCH", "DELETE")):
            asker = Asker(app.test_client(), ground.asker(who).token)
            for rule, address in ground.calls(method):
                act = connection.begin_nested()  # whatever is not refused is undone
                if rule.startswith("/api/"):
                    answer = asker.send(method, address, ground.body(rule, method), key=ids.new(), match=1)
                else:
                    answer = asker.ask(method, address, data={"body": "x"})
                act.rollback()
                refused.add(answer.status_code)
                leaks += ground.leaks(who, f"{method} {address}", answer)
        kept_by_nobody.rollback()
    assert leaks == []
    assert refused >= {401, 403, 404, 409, 410, 422}
    assert list(ground.canaries.found(heard.text)) == []
