"""Making an alliance with its first school and its first person: for the set-up page and for `backrow setup`."""

from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import record_rule
from app.errors import NotFound
from app.people.accounts import passwords
from app.people.accounts.models import Account, Person
from app.people.accounts.service import find_account
from app.people.alliances.models import Alliance, School
from app.people.alliances.service import check_word, check_zone
from app.people.memberships.models import Membership, Role
from app.people.memberships.queries import administrator_exists
from app.people.words import Together, check_email, check_name

#: What the first person is to begin with; the page says that the first two should soon be two people.
FIRST_ROLES = (Role.ALLIANCE_ADMINISTRATOR, Role.DATA_PROTECTION_LEAD, Role.TEACHER)
# Two set-ups at the same moment: the second waits, and then finds an administrator.
_SET_UP_LOCK = 7364128503


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """What somebody typed to found an alliance."""

    alliance: str
    school: str
    name: str
    email: str
    password: str = field(repr=False)
    time_zone: str = "Europe/London"
    new_teacher_word: str = "ECT"
    roles: tuple[Role, ...] = FIRST_ROLES


@dataclass(frozen=True)
class Founded:
    """A new alliance and who founded it."""

    alliance: Alliance
    school: School
    account: Account
    person: Person
    membership: Membership


def first_run(session: Session, foundation: Foundation) -> Founded:
    """Found the first alliance of this installation.

    Raises:
        NotFound: somebody administers one already, perhaps since a moment ago; nothing was made.
        Invalid: something that was typed is to be mended.
    """
    session.execute(select(func.pg_advisory_xact_lock(_SET_UP_LOCK)))
    if administrator_exists(session):
        raise NotFound
    return setup_alliance(session, foundation)


def setup_alliance(session: Session, foundation: Foundation) -> Founded:
    """Found an alliance: its first school, its first person, and what they are there.

    An address that has an account on this installation keeps it, with its own password: one person may be in two
    alliances.

    Raises:
        Invalid: something that was typed is to be mended.
    """
    account = find_account(session, foundation.email)
    foundation = check_foundation(foundation, with_password=account is None)
    account = account or _account(session, foundation)
    alliance = Alliance(
        name=foundation.alliance,
        time_zone=foundation.time_zone,
        new_teacher_word=foundation.new_teacher_word,
    )
    session.add(alliance)
    session.flush()
    school = School(alliance_id=alliance.id, name=foundation.school)
    person = Person(alliance_id=alliance.id, account_id=account.id, name=foundation.name)
    session.add_all([school, person])
    session.flush()
    membership = Membership(
        alliance_id=alliance.id,
        person_id=person.id,
        school_id=school.id,
        roles=[role.value for role in dict.fromkeys((Role.ALLIANCE_ADMINISTRATOR, *foundation.roles))],
    )
    session.add(membership)
    session.flush()
    record_rule(
        session,
        "alliance_founded",
        rule="first_run_code",
        thing_kind="alliance",
        thing_id=alliance.id,
        alliance_id=alliance.id,
        actor_id=person.id,
    )
    return Founded(alliance=alliance, school=school, account=account, person=person, membership=membership)


def check_foundation(foundation: Foundation, *, with_password: bool = True) -> Foundation:
    """Give a foundation as it is kept, without asking the database anything; `with_password` for a new account.

    Raises:
        Invalid: everything that is to be mended, each at its field.
    """
    together = Together()
    clean = replace(
        foundation,
        alliance=together.check(check_name, foundation.alliance, field="alliance", what="the alliance's name") or "",
        school=together.check(check_name, foundation.school, field="school", what="your school's name") or "",
        time_zone=together.check(check_zone, foundation.time_zone) or "",
        new_teacher_word=together.check(check_word, foundation.new_teacher_word) or "",
        name=together.check(check_name, foundation.name, field="name") or "",
        email=together.check(check_email, foundation.email, field="email") or "",
    )
    if with_password:
        together.check(passwords.refuse_weak, foundation.password, email=foundation.email.strip())
    together.end()
    return clean


def _account(session: Session, foundation: Foundation) -> Account:
    account = Account(email=foundation.email, password_hash=passwords.hash_password(foundation.password))
    session.add(account)
    session.flush()
    return account
