"""Telling people: on their own page, and by mail that says 'a lesson' and never which."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import column, select, table, update
from sqlalchemy.orm import Session

from app import clock
from app.authz import Actor
from app.jobs import enqueue
from app.notify.jobs import SendMail
from app.notify.live.service import tell_live
from app.notify.models import Mail, Notification

# People live in a higher area: only the two columns that tie a message to its reader are known here.
_PERSON = table("person", column("id"), column("alliance_id"))


def send_later(session: Session, *, to: str, subject: str, body: str) -> Mail:
    """Write a letter that is sent once this transaction is kept; its words are wiped as soon as it has gone."""
    mail = Mail(to_address=to, subject=subject, body=body)
    session.add(mail)
    session.flush()
    enqueue(session, SendMail(mail_id=mail.id))
    return mail


def tell(session: Session, person_ids: Iterable[UUID], kind: str, thing_id: UUID) -> None:
    """Say on people's own pages that something came in; the page asks the policy before it shows a title."""
    wanted = list(dict.fromkeys(person_ids))
    found = session.execute(select(_PERSON.c.id, _PERSON.c.alliance_id).where(_PERSON.c.id.in_(wanted))).all()
    session.add_all(
        Notification(alliance_id=alliance_id, person_id=person_id, kind=kind, thing_id=thing_id)
        for person_id, alliance_id in found
    )
    for person_id, alliance_id in found:
        tell_live(session, f"me:{person_id}", "me.steps", {}, alliance_id=alliance_id)


def latest(session: Session, actor: Actor, *, most: int = 50) -> list[Notification]:
    """List what came in for a person, newest first."""
    return list(
        session.scalars(
            select(Notification)
            .where(Notification.person_id == actor.person_id, Notification.alliance_id == actor.alliance_id)
            .order_by(Notification.made_at.desc(), Notification.id.desc())
            .limit(most)
        )
    )


def mark_seen(session: Session, actor: Actor) -> None:
    """Remember that a person has seen all that came in."""
    session.execute(
        update(Notification)
        .where(Notification.person_id == actor.person_id, Notification.seen_at.is_(None))
        .values(seen_at=clock.now())
    )
