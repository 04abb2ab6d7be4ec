"""What the machine's keeper does with projects: by the same doors, and without reading what they are about."""

import pytest
from sqlalchemy.orm import Session

from app.agreements.groups import keeping
from app.agreements.groups.service import ProjectDraft
from app.errors import NotFound
from app.people.accounts.models import Account, AccountState, Person
from tests.app.agreements.town import Town


def test_a_project_is_opened_in_a_teachers_own_name(session: Session, town: Town) -> None:
    amina = session.get_one(Person, town["Amina"].id)
    draft = ProjectDraft(with_ids=(town["Tom"].id,), focus="wait_time", title="Secret hopes")
    project = keeping.open_for(session, amina, draft=draft)
    assert project.opened_by == amina.id
    (line,) = keeping.lines(session)
    assert (line.id, line.alliance, line.people, line.in_force) == (project.id, "Valley Alliance", 2, None)
    assert "Secret" not in repr(line)


def test_a_list_says_which_version_is_in_force(session: Session, town: Town, elsewhere: Town) -> None:
    town.agree("Amina", "Tom")
    elsewhere.open("Amina", "Tom")
    assert [(line.alliance, line.in_force) for line in keeping.lines(session)] == [
        ("Coast Alliance", None),
        ("Valley Alliance", 1),
    ]


def test_nothing_is_opened_for_someone_whose_account_is_stopped(session: Session, town: Town) -> None:
    amina = session.get_one(Person, town["Amina"].id)
    session.get_one(Account, amina.account_id).state = AccountState.SUSPENDED
    session.flush()
    with pytest.raises(NotFound):
        keeping.open_for(session, amina, draft=ProjectDraft(with_ids=(town["Tom"].id,), focus="wait_time"))
