"""Who may look after whom: administrators of a school there, of the alliance everywhere in it; never content."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker

from app.agreements.projects.models import Capacity
from app.authz import Action, permit
from app.lessons.recordings import policy as _policy  # noqa: F401 - says who may watch
from app.lessons.recordings.models import RecordingState
from app.people import hooks
from app.people.accounts.models import Account, AccountState
from app.people.alliances.models import School
from app.people.directory.ending import end_membership
from app.people.memberships.models import Invitation, Membership, Role
from tests.app.people.conftest import Town, signed_in
from tests.browser import PASSWORD, Browser
from tests.world import World

ROLES = [role for role in Role if role is not Role.PUPIL]


def _acts(school: UUID, membership: UUID, person: UUID, invitation: UUID) -> dict[str, Callable[[Browser], int]]:
    form = {"name": "Priya", "email": "priya@new.example", "school_id": school, "roles": "teacher"}
    base = "/alliance/people"
    return {
        "invite": lambda browser: browser.post(base, form).status_code,
        "resend": lambda browser: browser.post(f"{base}/invitations/{invitation}/resend").status_code,
        "end invitation": lambda browser: browser.post(f"{base}/invitations/{invitation}/end").status_code,
        "roles": lambda browser: browser.post(f"{base}/memberships/{membership}", {"roles": "mentor"}).status_code,
        "suspend": lambda browser: browser.post(f"{base}/{person}/suspend").status_code,
        "resume": lambda browser: browser.post(f"{base}/{person}/resume").status_code,
        "end": lambda browser: browser.post(f"{base}/memberships/{membership}/end").status_code,
    }


@pytest.fixture
def oakfield(town: Town) -> School:
    return town.school("Oakfield")


@pytest.fixture
def acts(town: Town, oakfield: School) -> dict[str, Callable[[Browser], int]]:
    tom = town.person("tom@oakfield.example", school=oakfield)
    invitation = town.invite("waiting@oakfield.example", school=oakfield).invitation
    return _acts(oakfield.id, town.membership(tom).id, tom.person_id, invitation.id)


@dataclass(frozen=True)
class Case:
    """Somebody who tries, and whether they may."""

    email: str
    may: bool
    roles: tuple[Role, ...] = ()
    at_oakfield: bool = False


NOT_ADMINISTRATOR = tuple(set(ROLES) - {Role.SCHOOL_ADMINISTRATOR, Role.ALLIANCE_ADMINISTRATOR})


@pytest.mark.usefixtures("decoy")
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(Case("amina@hillside.example", may=True), id="alliance administrator: any school"),
        pytest.param(
            Case("a@oakfield.example", may=True, roles=(Role.SCHOOL_ADMINISTRATOR,), at_oakfield=True),
            id="its own administrator",
        ),
        pytest.param(
            Case("a@hillside.example", may=False, roles=(Role.SCHOOL_ADMINISTRATOR,)),
            id="another school's administrator",
        ),
        pytest.param(
            Case("all@oakfield.example", may=False, roles=NOT_ADMINISTRATOR, at_oakfield=True),
            id="every other role together",
        ),
        pytest.param(Case("zoe@other.example", may=False), id="another alliance's administrator"),
    ],
)
def test_who_may_look_after_people(
    app: Flask, town: Town, oakfield: School, acts: dict[str, Callable[[Browser], int]], case: Case
) -> None:
    if case.roles:
        town.person(case.email, *case.roles, school=oakfield if case.at_oakfield else None)
    browser = signed_in(app, case.email)
    answers = {name: act(browser) for name, act in acts.items()}
    assert set(answers.values()) <= ({200, 303} if case.may else {404}), answers


def test_a_stranger_is_led_to_the_door(browser: Browser, acts: dict[str, Callable[[Browser], int]]) -> None:
    assert {act(browser) for act in acts.values()} == {303}
    assert browser.get("/alliance/people").location == "/sign-in?next=%2Falliance%2Fpeople"


def test_a_school_administrator_makes_nobody_mightier(app: Flask, town: Town, oakfield: School) -> None:
    town.person("admin@oakfield.example", Role.SCHOOL_ADMINISTRATOR, school=oakfield)
    browser = signed_in(app, "admin@oakfield.example")
    page = browser.get("/alliance/people").text
    assert 'value="alliance_administrator"' not in page
    form = {"name": "P", "email": "p@new.example", "school_id": oakfield.id, "roles": "alliance_administrator"}
    assert browser.post("/alliance/people", form).status_code == 422
    own = town.sessions().query(Membership).filter_by(school_id=oakfield.id).one()
    raised = {"roles": ["school_administrator", "alliance_administrator"]}
    assert browser.post(f"/alliance/people/memberships/{own.id}", raised).status_code == 422
    founders = town.membership(town.founder)
    assert browser.post(f"/alliance/people/memberships/{founders.id}", {"roles": "teacher"}).status_code == 404


@pytest.mark.usefixtures("decoy")
def test_the_directory_holds_names_and_schools_and_asks_few_questions(
    app: Flask, town: Town, oakfield: School, sessions: sessionmaker[Session]
) -> None:
    for number in range(4):
        town.person(f"t{number}@oakfield.example", school=oakfield, name=f"Teacher {number}")
    browser = signed_in(app, "t1@oakfield.example")
    seen: list[str] = []
    event.listen(sessions.kw["bind"], "before_cursor_execute", lambda *given: seen.append(given[2]))
    page = browser.get("/alliance/people").text
    assert "Teacher 3" in page
    assert "Oakfield" in page
    assert "Zoe" not in page
    assert "t3@oakfield.example" not in page, "addresses are for administrators"
    assert 'name="email"' not in page
    assert len(seen) <= 7


def test_a_stopped_account_is_out_at_once_and_comes_back(app: Flask, town: Town, session: Session) -> None:
    tom = town.person("tom@hillside.example")
    theirs, mine = signed_in(app, "tom@hillside.example"), signed_in(app, "amina@hillside.example")
    assert mine.post(f"/alliance/people/{tom.person_id}/suspend").status_code == 303
    assert theirs.get("/me").status_code == 303
    assert Browser.of(app).sign_in("tom@hillside.example").status_code == 422
    assert mine.post(f"/alliance/people/{tom.person_id}/suspend").status_code == 409
    assert mine.post(f"/alliance/people/{tom.person_id}/resume").status_code == 303
    assert Browser.of(app).sign_in("tom@hillside.example").status_code == 303
    assert mine.post(f"/alliance/people/{town.founder.person_id}/suspend").status_code == 409, "not oneself"
    assert session.get_one(Account, tom.account_id).state == AccountState.ACTIVE


def test_the_end_of_the_last_membership_is_the_end_of_the_account(
    app: Flask, town: Town, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[UUID, UUID]] = []
    receivers = [*hooks.on_membership_ended, lambda _session, person, school: told.append((person, school))]
    monkeypatch.setattr(hooks, "on_membership_ended", receivers)
    tom = town.person("tom@hillside.example")
    theirs, mine = signed_in(app, "tom@hillside.example"), signed_in(app, "amina@hillside.example")
    assert mine.post(f"/alliance/people/memberships/{town.membership(tom).id}/end").status_code == 303
    assert told == [(tom.person_id, town.founded.school.id)]
    assert session.get_one(Account, tom.account_id).state == AccountState.ENDED
    assert theirs.get("/me").status_code == 303
    assert "Tom Ashby" not in mine.get("/alliance/people").text
    # Invited again, the same person comes back with the password they had.
    back = Browser.of(app)
    answer = back.post(
        f"/join/{town.invite('tom@hillside.example').token}", {"name": "T", "password": PASSWORD, "yes": "y"}
    )
    assert answer.status_code == 303
    assert back.get("/me").status_code == 200


@pytest.mark.usefixtures("app")
def test_what_was_filmed_at_a_school_closes_when_one_s_time_there_ends(session: Session) -> None:
    world = World(session)
    world.person("Tom", school="Oakfield")
    world.person("Amina", roles=[Role.ALLIANCE_ADMINISTRATOR])
    world.join(world.people["Tom"], "Hillside", [Role.TEACHER])
    project = world.project("Tom", Tom=Capacity.TEACHER)
    bound = world.version(project, 1, roster={"Tom": Capacity.TEACHER})
    first, second = world.cycle(project, "Tom", 1), world.cycle(project, "Tom", 2)
    there = world.recording(first, school="Oakfield", state=RecordingState.SHARED, bound=bound)
    here = world.recording(second, school="Hillside", state=RecordingState.SHARED, bound=bound)
    tom, oakfield = world.people["Tom"].id, world.school("Oakfield").id
    membership = session.scalars(select(Membership).filter_by(person_id=tom, school_id=oakfield)).one()
    end_membership(session, permit(session, world.actor("Amina"), Action.PERSON_MANAGE, Membership, membership.id))
    assert (there.state, here.state) == (RecordingState.WITHDRAWN, RecordingState.SHARED)
    assert world.account("Tom").state == AccountState.ACTIVE


def test_the_last_administrator_stays(app: Flask, town: Town) -> None:
    mine = signed_in(app, "amina@hillside.example")
    own = town.membership(town.founder)
    assert mine.post(f"/alliance/people/memberships/{own.id}/end").status_code == 409
    answer = mine.post(f"/alliance/people/memberships/{own.id}", {"roles": "teacher"})
    assert answer.status_code == 409
    assert "Nobody else administers the alliance" in answer.text
    town.person("tom@hillside.example", Role.ALLIANCE_ADMINISTRATOR)
    assert mine.post(f"/alliance/people/memberships/{own.id}", {"roles": "teacher"}).status_code == 303


def test_only_the_alliance_s_administrator_adds_a_school(app: Flask, town: Town, oakfield: School) -> None:
    town.person("admin@oakfield.example", Role.SCHOOL_ADMINISTRATOR, school=oakfield)
    assert signed_in(app, "admin@oakfield.example").post("/alliance/schools", {"name": "Elm"}).status_code == 404
    mine = signed_in(app, "amina@hillside.example")
    assert mine.post("/alliance/schools", {"name": "Elm <b>Park</b>"}).status_code == 303
    assert "Elm &lt;b&gt;Park&lt;/b&gt;" in mine.get("/alliance/schools").text
    assert mine.post("/alliance/schools", {"name": "oakfield"}).status_code == 409
    assert mine.post("/alliance/schools", {"name": " "}).status_code == 422
    assert mine.get("/alliance").status_code == 200


def test_p30_no_administrator_route_sets_a_password_or_an_address(app: Flask, town: Town, session: Session) -> None:
    tom = town.person("tom@hillside.example")
    mine = signed_in(app, "amina@hillside.example")
    before = session.get_one(Account, tom.account_id)
    kept = (before.password_hash, before.email)
    invitation = town.invite("waiting@hillside.example").invitation
    membership = session.scalars(select(Membership).where(Membership.person_id == tom.person_id)).one()
    filled = {"invitation_id": invitation.id, "membership_id": membership.id, "person_id": tom.person_id}
    taken_over = {
        "password": "taken over by rank 1",
        "new_password": "taken over by rank 1",
        "old_password": PASSWORD,
        "email": "thief@hillside.example",
        "account_id": tom.account_id,
        "person_id": tom.person_id,
        "address_password": PASSWORD,
        "school_id": town.founded.school.id,
        "name": "Tom Ashby",
        "roles": "teacher",
    }
    routes = [
        rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.rule.startswith("/alliance")
    ]
    assert len(routes) >= 8
    for rule in routes:
        path = app.url_map.bind("localhost").build(rule.endpoint, {name: filled[name] for name in rule.arguments})
        mine.post(path, taken_over)
        session.expire_all()
        after = session.get_one(Account, tom.account_id)
        assert (after.password_hash, after.email) == kept, rule.rule
        assert mine.get("/me").text.count("Amina Rahman") > 0, "and is still nobody else"
    assert mine.post("/choose", {"person_id": tom.person_id}).status_code == 404
    for own in ("/me/settings/password", "/me/settings/name"):
        mine.post(own, taken_over)
        session.expire_all()
        assert session.get_one(Account, tom.account_id).password_hash == kept[0]
    columns = {column.name for column in Invitation.__table__.columns}
    assert "password_hash" not in columns


def test_each_role_says_what_it_is_and_new_teachers_have_one_word(app: Flask, town: Town) -> None:
    town.person("ella@hillside.example", Role.NEW_TEACHER, name="Ella Marsh")
    page = signed_in(app, "amina@hillside.example").get("/alliance/people").text
    invite = page[page.index('id="invite"') :]
    choices = re.findall(r'name="roles"[^>]*aria-describedby="([^"]*)"', invite)
    assert len(choices) == len(ROLES)
    assert all(len(re.findall(rf'id="{about}">[^<]+', invite)) == 1 for about in choices)
    row = page[page.index("Ella Marsh") :]
    assert "Hillside: ECT" in row[: row.index("</p>")], "the alliance's own word, as in the form"
    assert "new teacher<" not in page.lower()


def test_whoever_belongs_to_a_school_finds_where_to_write_an_objection_down(
    app: Flask, town: Town, oakfield: School
) -> None:
    town.person("ella@oakfield.example", school=oakfield)
    page = signed_in(app, "ella@oakfield.example").get("/alliance/schools").text
    assert page.count("/objections") == 1
    assert f'href="/schools/{oakfield.id}/objections"' in page
