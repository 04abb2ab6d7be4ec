"""Whoever isn't in a project gets, at each of its addresses, the same bytes as for nothing."""

from uuid import uuid4

from sqlalchemy import select
from werkzeug.test import TestResponse

from app.agreements.cycles.models import Cycle
from tests.app.agreements.web import Web, bare, proposed, version_of

GETS = (
    "/projects/{project}",
    "/projects/{project}/leave",
    "/projects/{project}/protocol",
    "/projects/{project}/protocol/edit",
    "/projects/{project}/protocol/v1",
    "/projects/{project}/protocol/v1/sign",
    "/projects/{project}/protocol/compare?from=1&to=1",
    "/cycles/{cycle}",
    "/cycles/{cycle}/briefing",
    "/api/v1/cycles/{cycle}/briefing",
    "/api/v1/protocols/{version}",
)
POSTS = (
    "/projects/{project}/join",
    "/projects/{project}/leave",
    "/projects/{project}/turn",
    "/projects/{project}/protocol/draft",
    "/projects/{project}/protocol/edit",
    "/projects/{project}/protocol/v1/sign",
    "/projects/{project}/protocol/v1/drop",
    "/cycles/{cycle}/briefing",
    "/api/v1/protocols/{version}/propose",
    "/api/v1/protocols/{version}/drop",
)


def test_p08_and_p12_outsiders_get_the_same_bytes_as_for_nothing(web: Web) -> None:
    project_id = proposed(web)
    version = web.ask(lambda session: version_of(session, project_id).id)
    cycle_id = web.ask(lambda session: session.scalars(select(Cycle.id)).one())
    school_id = web.here["Amina"].school_id
    there = {"project": project_id, "cycle": cycle_id, "version": version}
    nothing = {name: uuid4() for name in there}
    school_page = "/schools/{school}/objections"
    for outsider in (web.of("Priya"), web.of("Amina", elsewhere=True)):
        for path in GETS:
            _same(outsider.get(path.format(**there)), outsider.get(path.format(**nothing)), path)
        for path in POSTS:
            _same(outsider.post(path.format(**there)), outsider.post(path.format(**nothing)), path)
    foreign = web.of("Amina", elsewhere=True)
    _same(foreign.get(school_page.format(school=school_id)), foreign.get(school_page.format(school=uuid4())), "school")
    _same(
        foreign.post(school_page.format(school=school_id)), foreign.post(school_page.format(school=uuid4())), "school"
    )
    stranger = web.stranger()
    for path in GETS:
        answers = [stranger.get(path.format(**ids)) for ids in (there, nothing)]
        assert {answer.status_code for answer in answers} == {401 if path.startswith("/api/") else 303}, path


def _same(one: TestResponse, other: TestResponse, path: str) -> None:
    assert one.status_code == other.status_code == 404, path
    assert bare(one.text) == bare(other.text), path
    assert {name for name, _ in one.headers} == {name for name, _ in other.headers}, path
