"""The same triples asked as people ask them: by address, signed in, over the whole application."""

from pathlib import Path
from random import Random

from sqlalchemy.orm import sessionmaker

from tests.access import reading
from tests.access.asked_one_by_one import fair_sample
from tests.access.conftest import Town
from tests.access.things import said
from tests.browser import Browser, make_app

#: An address whose own rule is the action; GET alone, so that asking changes nothing that others here count on.
ADDRESSES = {
    ("recording", "rec.watch"): "/recordings/{}",
    ("recording", "rec.list"): "/recordings/{}/status",
    ("recording", "rec.erase"): "/recordings/{}/delete",
    ("recording", "log.read"): "/recordings/{}/seen",
    ("clip", "clip.watch"): "/clips/{}",
    ("note", "note.read"): "/api/v1/notes/{}",
    ("upload", "upload.resume"): "/api/v1/uploads/{}",
    ("cycle", "cycle.read"): "/cycles/{}",
    ("cycle", "brief.write"): "/cycles/{}/briefing",
    ("cycle", "upload.create"): "/cycles/{}/upload",
    ("cycle", "brief.read"): "/api/v1/cycles/{}/briefing",
    ("project", "project.read"): "/projects/{}",
    ("project", "project.leave"): "/projects/{}/leave",
    ("protocol_version", "protocol.read"): "/api/v1/protocols/{}",
    ("school", "objection.record"): "/schools/{}/objections",
}
EACH = 4
SEED = 20_260_313


def test_p02_p08_addresses_answer_as_the_second_reading(town: Town, tmp_path: Path) -> None:
    block = town.blocks[0]
    sample = fair_sample(block.worlds, Random(SEED), each=EACH)  # noqa: S311 - a sample, not a secret
    asked, wrong = 0, []
    with block.sessions.kw["bind"].connect() as connection, connection.begin() as kept_by_nobody:
        connection.begin_nested()  # so that each request, also one that fails, ends with itself alone
        app = make_app(sessionmaker(connection), tmp_path)
        for answer, triple in ((a, t) for a, triples in sample.items() for t in triples):
            address = ADDRESSES.get((triple.table, triple.action))
            if address is None or triple.person.account != "active":
                continue
            browser = Browser.of(app)
            browser.client.set_cookie("backrow", triple.person.device_id.hex)
            status = browser.get(address.format(triple.thing_id)).status_code
            asked += 1
            if not _fits(answer, status):
                wrong.append(f"{triple}: {answer} by reading, {status} at {address}")
        kept_by_nobody.rollback()
    said(f"\nseed {SEED}: {asked} addresses asked, {len(wrong)} answer otherwise")
    assert wrong == []
    assert asked >= 100


def _fits(answer: reading.Answer, status: int) -> bool:
    return {"yes": status < 400, "later": status == 409, "none": status == 404}[answer]


def test_p08_whoever_is_suspended_or_unknown_learns_nothing(town: Town, tmp_path: Path) -> None:
    block = town.blocks[0]
    with block.sessions.kw["bind"].connect() as connection, connection.begin() as kept_by_nobody:
        connection.begin_nested()  # so that each request, also one that fails, ends with itself alone
        app = make_app(sessionmaker(connection), tmp_path)
        for stopped in [(w, p) for w in block.worlds for p in w.people.values() if p.account != "active"][:3]:
            browser = Browser.of(app)
            browser.client.set_cookie("backrow", stopped[1].device_id.hex)
            there = browser.get(f"/recordings/{stopped[0].recordings[0].id}")
            assert there.status_code == 303
        kept_by_nobody.rollback()
