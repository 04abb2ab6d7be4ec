"""Objections: somebody in a class does not wish to be seen, and from that moment only the teacher sees it."""

from datetime import date

from sqlalchemy.orm import Session

from app.agreements import hooks
from app.agreements.consents.models import Objection
from app.agreements.log import write
from app.authz import Action, Permit
from app.errors import Invalid
from app.people.alliances.models import School

LONGEST_CLASS = 40


def record_objection(
    session: Session, permit: Permit[School], *, class_code: str, from_on: date, until_on: date | None
) -> Objection:
    """Record an objection for a pupil, a family or an adult; every matching lesson closes as this is kept.

    No name is kept: class and days say which lessons may show them. Lessons that arrive later are born closed.

    Raises:
        Invalid: the class is missing, or the days are the wrong way round.
    """
    school = permit.for_(Action.OBJECTION_RECORD)
    fields = {}
    if not class_code.strip() or len(class_code) > LONGEST_CLASS:
        fields["class_code"] = "Type the class as the school writes it, like 8F2."
    if until_on is not None and until_on < from_on:
        fields["until_on"] = "The last day must not be before the first."
    if fields:
        raise Invalid("objection_unready", "A few things need mending.", fields=fields)
    objection = Objection(
        alliance_id=school.alliance_id,
        school_id=school.id,
        class_code=class_code.strip(),
        from_on=from_on,
        until_on=until_on,
        recorded_by=permit.actor.person_id,
    )
    session.add(objection)
    session.flush()
    write(session, permit, "objection.opened", about=objection, to_state="open")
    for receiver in hooks.on_objection:
        receiver(session, objection.id)
    return objection
