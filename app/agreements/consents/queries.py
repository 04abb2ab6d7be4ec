"""Reading objections: which ones concern a class on a day."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.agreements.consents.models import Objection


def open_objections(session: Session, school_id: UUID, class_code: str, on_date: date) -> list[Objection]:
    """List the objections that concern a class on a day; capitals and spaces round the class don't matter.

    Whether one is settled for a single recording is that recording's own affair.
    """
    return list(
        session.scalars(
            select(Objection)
            .where(
                Objection.school_id == school_id,
                func.lower(func.trim(Objection.class_code)) == class_code.strip().lower(),
                Objection.from_on <= on_date,
                or_(Objection.until_on.is_(None), Objection.until_on >= on_date),
            )
            .order_by(Objection.from_on, Objection.id)
        )
    )


def objections(session: Session, school_id: UUID) -> list[Objection]:
    """List all objections of a school, newest first."""
    return list(
        session.scalars(select(Objection).where(Objection.school_id == school_id).order_by(Objection.opened_at.desc()))
    )
