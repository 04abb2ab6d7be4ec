"""The teacher's answer: to each 'try' that was shared, and a thank you."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.cycles import service as cycles
from app.agreements.cycles.models import Cycle
from app.audit import record
from app.authz import Action, Permit, condition
from app.errors import Invalid, Stale
from app.lessons.recordings.models import Recording
from app.notify.live.service import tell_live
from app.notify.service import tell
from app.observation.feedback.models import Feedback, Response, TryAnswer, TryChoice
from app.observation.notes.models import Note, NoteKind, NoteState

LONGEST_WORDS: Final = 2000


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the teacher says to one 'try': a date goes with `will_try` only."""

    try_id: UUID
    choice: str
    by_on: date | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ResponseDraft:
    """An answer to feedback: `thanks` by the feedback's id; `version` is the one that was on the screen, 0 for none."""

    choices: tuple[Choice, ...]
    version: int
    thanks: Mapping[UUID, str] = field(default_factory=dict)


def respond(session: Session, permit: Permit[Recording], *, draft: ResponseDraft) -> int:
    """Keep the answer and tell those who fed back; gives the answer's version. The same thing said twice is one.

    Raises:
        Stale: it was changed since `draft.version` (`changed_elsewhere`).
        Invalid: nothing is said (`nothing_said`), or a choice isn't one (`choice_unclear`).
    """
    recording = permit.for_(Action.FEEDBACK_RESPOND)
    # One answer at a time to a turn: the second of two devices sees what the first has said.
    session.execute(select(Cycle.id).where(Cycle.id == recording.cycle_id).with_for_update())
    if version_of(session, recording.id) != draft.version:
        raise Stale(
            "changed_elsewhere", "You changed this answer on another device. Read that one, then add your words."
        )
    shared = {feedback.id: feedback for feedback in _readable(session, permit)}
    tries = tries_of(session, recording.id, list(shared))
    _check(draft, tries, shared)
    touched = {tries[choice.try_id] for choice in draft.choices} | {fid for fid, words in draft.thanks.items() if words}
    for feedback_id in touched:
        _answer(session, permit, shared[feedback_id], draft)
    for choice in draft.choices:
        _choose(session, shared[tries[choice.try_id]], choice)
    session.flush()
    cycles.responded(session, permit, cycle_id=recording.cycle_id)
    tell(session, [shared[feedback_id].author_id for feedback_id in touched], "response.saved", recording.cycle_id)
    told = {"cycle_id": recording.cycle_id}
    tell_live(session, f"cycle:{recording.cycle_id}", "response.saved", told, alliance_id=recording.alliance_id)
    return version_of(session, recording.id)


def version_of(session: Session, recording_id: UUID) -> int:
    """Give the version of a teacher's whole answer on a lesson; 0 before there is one."""
    return session.scalars(
        select(func.coalesce(func.sum(Response.version), 0))
        .join(Feedback, Feedback.id == Response.feedback_id)
        .where(Feedback.recording_id == recording_id)
    ).one()


def tries_of(session: Session, recording_id: UUID, feedback_ids: list[UUID]) -> dict[UUID, UUID]:
    """Map each 'try' to its feedback: the released notes of that kind, and each feedback's own closing sentence."""
    rows = session.execute(
        select(Note.id, Note.feedback_id).where(
            Note.recording_id == recording_id,
            Note.kind == NoteKind.TRY,
            Note.state == NoteState.RELEASED,
            Note.feedback_id.in_(feedback_ids),
        )
    )
    own = {feedback_id: feedback_id for feedback_id in feedback_ids}
    return own | {note_id: feedback_id for note_id, feedback_id in rows if feedback_id is not None}


def _readable(session: Session, permit: Permit[Recording]) -> list[Feedback]:
    return list(
        session.scalars(
            select(Feedback).where(
                Feedback.recording_id == permit.thing.id,
                condition(permit.actor.who, Action.FEEDBACK_READ, Feedback),
            )
        )
    )


def _answer(session: Session, permit: Permit[Recording], feedback: Feedback, draft: ResponseDraft) -> None:
    response = session.get(Response, feedback.id)
    if response is None:
        response = Response(feedback_id=feedback.id, alliance_id=feedback.alliance_id)
        session.add(response)
    response.thanks = draft.thanks.get(feedback.id, response.thanks)
    # Choices are rows of their own: saying this here moves the version with them.
    response.saved_at = clock.now()
    session.flush()
    record(session, permit, "feedback.responded", about=feedback)


def _choose(session: Session, feedback: Feedback, choice: Choice) -> None:
    answer = session.get(TryAnswer, choice.try_id)
    if answer is None:
        answer = TryAnswer(
            try_id=choice.try_id, feedback_id=feedback.id, alliance_id=feedback.alliance_id, choice=choice.choice
        )
        session.add(answer)
    answer.choice, answer.by_on, answer.body = choice.choice, choice.by_on, choice.text


def _check(draft: ResponseDraft, tries: dict[UUID, UUID], shared: Mapping[UUID, Feedback]) -> None:
    if not draft.choices and not any(draft.thanks.values()):
        raise Invalid(
            "nothing_said",
            "Answer one 'try', or write a line of thanks. One is enough.",
            fields={"thanks": "Answer one 'try', or write a line of thanks here."},
        )
    problems: dict[str, str] = {}
    for choice in draft.choices:
        if say := _problem(choice, tries):
            problems[f"choice-{choice.try_id}"] = say
    for feedback_id, words in draft.thanks.items():
        if feedback_id not in shared:
            problems["thanks"] = "This feedback isn't shared with you."
        elif len(words) > LONGEST_WORDS:
            problems[f"thanks-{feedback_id}"] = f"Keep this to {LONGEST_WORDS} characters; it has {len(words)}."
    if problems:
        raise Invalid("choice_unclear", "Some of this needs another look.", fields=problems)


def _problem(choice: Choice, tries: dict[UUID, UUID]) -> str:
    if choice.try_id not in tries:
        return "This isn't a 'try' that was shared with you."
    if choice.choice not in {known.value for known in TryChoice}:
        return "Say whether you'll try it, have tried it, or it's not for you."
    if choice.by_on is not None and choice.choice != TryChoice.WILL_TRY:
        return "A date goes with “I will try” only."
    if len(choice.text) > LONGEST_WORDS:
        return f"Keep this to {LONGEST_WORDS} characters; it has {len(choice.text)}."
    return ""
