"""What whoever keeps the machine does at its keyboard: no permit, but each act is in the log and nobody is unaware."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.audit import record_rule
from app.errors import Conflict, Invalid
from app.notify.service import send_later
from app.people.accounts import service as accounts
from app.people.accounts.models import Account, AccountState, Device, Person
from app.people.alliances.models import Alliance, School
from app.people.memberships.conditions import live
from app.people.memberships.models import Membership
from app.people.words import check_name


@dataclass(frozen=True)
class KnownPerson:
    """One line of the list of people."""

    name: str
    email: str
    alliance: str
    schools: str
    state: str


def people(session: Session) -> list[KnownPerson]:
    """List everybody of this installation, by alliance and name."""
    schools = (
        select(func.string_agg(School.name, ", "))
        .join(Membership, Membership.school_id == School.id)
        .where(Membership.person_id == Person.id, live(Membership))
        .scalar_subquery()
    )
    rows = session.execute(
        select(Person.name, Account.email, Alliance.name, func.coalesce(schools, ""), Account.state)
        .join(Account, Account.id == Person.account_id)
        .join(Alliance, Alliance.id == Person.alliance_id)
        .order_by(Alliance.name, Person.name, Person.id)
    )
    return [KnownPerson(*row) for row in rows]


def find_person(session: Session, email: str, *, alliance: str | None = None) -> Person:
    """Find a person by address, and by alliance where they are in two.

    Raises:
        Invalid: nobody has that address, or the alliance has to be named.
    """
    found = session.execute(
        select(Person, Alliance.name, Account.state)
        .join(Account, Account.id == Person.account_id)
        .join(Alliance, Alliance.id == Person.alliance_id)
        .where(Account.email == accounts.clean_email(email))
        .order_by(Alliance.name)
    ).all()
    wanted = [row for row in found if alliance is None or row[1] == alliance]
    if not wanted:
        raise Invalid("person_unknown", "Nobody here has that address. `backrow person list` shows who there is.")
    if len(wanted) > 1:
        names = ", ".join(row[1] for row in wanted)
        raise Invalid("alliance_needed", f"They are in more than one alliance: name it with --alliance ({names}).")
    if wanted[0][2] != AccountState.ACTIVE.value:
        raise Conflict("not_active", "That account is stopped or closed, so nothing can be opened with it.")
    return wanted[0][0]


def make_token(session: Session, person: Person, *, last_day: date | None = None) -> accounts.Entry:
    """Make a key for scripts and tell its owner: nobody acts as somebody else unnoticed.

    Raises:
        Invalid: the last day is past.
    """
    alliance = session.get_one(Alliance, person.alliance_id)
    until = clock.end_of_day(last_day, alliance.time_zone) if last_day else None
    if until is not None and session.scalar(select(clock.now() >= until)):
        raise Invalid("day_past", "That day is past. Name one to come, like --until 2030-07-31.")
    entry = accounts.make_token(session, person, label="A key for scripts", until=until)
    account = session.get_one(Account, person.account_id)
    send_later(
        session,
        to=account.email,
        subject="A key for scripts was made for your account",
        body="Whoever keeps the machine that Backrow runs on made a key with which a program can act for you.\n\n"
        "It is listed under Me, Signed-in devices. If you didn't ask for it, end it there and tell your school.\n",
    )
    return entry


def devices(session: Session, email: str) -> list[Device]:
    """List the signed-in devices and keys of an account.

    Raises:
        Invalid: nobody has that address.
    """
    account = accounts.find_account(session, email)
    if account is None:
        raise Invalid("person_unknown", "Nobody here has that address. `backrow person list` shows who there is.")
    return accounts.list_devices(session, account.id)


def end_device(session: Session, device_id: UUID) -> None:
    """End a device or key.

    Raises:
        Invalid: there is none of that id.
    """
    if session.get(Device, device_id) is None:
        raise Invalid("device_unknown", "There is no such device. `backrow person list EMAIL` shows a person's.")
    accounts.sign_out(session, device_id, rule="machine_keeper")


def schools(session: Session) -> list[tuple[str, str]]:
    """List alliance and school, by name."""
    rows = session.execute(
        select(Alliance.name, School.name)
        .join(School, School.alliance_id == Alliance.id)
        .where(School.closed_at.is_(None))
        .order_by(Alliance.name, School.name)
    )
    return [(alliance, school) for alliance, school in rows]


def add_school(session: Session, name: str, *, alliance: str | None = None) -> School:
    """Add a school to the alliance of that name, or to the only one.

    Raises:
        Invalid: the alliance has to be named, or the school's name isn't one.
        Conflict: it is there already.
    """
    found = session.scalars(select(Alliance).order_by(Alliance.name)).all()
    wanted = [each for each in found if alliance is None or each.name == alliance]
    if len(wanted) != 1:
        names = ", ".join(each.name for each in found) or "there is none yet; say `backrow setup`"
        raise Invalid("alliance_needed", f"Name the alliance with --alliance ({names}).")
    clean = check_name(name, field="name", what="the school's name")
    there = select(School.id).where(School.alliance_id == wanted[0].id, func.lower(School.name) == clean.lower())
    if session.scalar(there) is not None:
        raise Conflict("school_there", f"{clean} is in that alliance already.")
    school = School(alliance_id=wanted[0].id, name=clean)
    session.add(school)
    session.flush()
    record_rule(
        session,
        "school_added",
        rule="machine_keeper",
        thing_kind="school",
        thing_id=school.id,
        alliance_id=school.alliance_id,
    )
    return school
