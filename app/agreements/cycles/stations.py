"""A turn as its group sees it: the stations on its way, and who waits for whom, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.agreements.cycles.models import Cycle, CycleState
from app.agreements.projects.queries import Member

ORDER: Final = tuple(CycleState)
#: Station, and the state in which it is done.
STATIONS: Final = (
    ("Briefing", CycleState.BRIEFED),
    ("Recording", CycleState.RECORDED),
    ("Shared", CycleState.OBSERVING),
    ("Feedback", CycleState.FED_BACK),
    ("Answer", CycleState.RESPONDED),
    ("Next step", CycleState.CLOSED),
)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One turn, for one reader."""

    id: UUID
    number: int
    teacher: str
    mine: bool
    state: CycleState
    waits: str
    feedback_by: datetime | None
    answer_by: datetime | None
    #: a word where the lesson is gone for good, such as *erased*
    gone: str = ""

    @property
    def over(self) -> bool:
        """Tell whether the next turn may begin."""
        return self.state in (CycleState.RESPONDED, CycleState.CLOSED)


def turn(cycle: Cycle, people: list[Member], reader_id: UUID, *, gone: str = "") -> Turn:
    """Tell a turn to one reader; what isn't shared with them yet hasn't happened for them, its erasing neither."""
    names = {member.who.person_id: member.who.name for member in people}
    mine = cycle.teacher_id == reader_id
    state = _as_seen(CycleState(cycle.state), mine=mine, pair=len(people) <= 2)  # noqa: PLR2004 - a pair is two
    teacher = names.get(cycle.teacher_id, "Somebody who has left")
    gone = gone if mine or ORDER.index(state) >= ORDER.index(CycleState.OBSERVING) else ""
    others = [name for person_id, name in names.items() if person_id != cycle.teacher_id]
    return Turn(
        id=cycle.id,
        number=cycle.number,
        teacher=teacher,
        mine=mine,
        state=state,
        waits=_without_lesson(gone) if gone else _waits(state, mine=mine, teacher=teacher, others=others),
        feedback_by=cycle.feedback_by,
        # The day would tell that somebody has fed back.
        answer_by=cycle.answer_by if state == cycle.state else None,
        gone=gone,
    )


def stations(told: Turn) -> list[dict[str, Any]]:
    """List the stations of a turn, with what to do at each."""
    at = ORDER.index(told.state)
    found: list[dict[str, Any]] = []
    for label, done_in in STATIONS:
        done = at >= ORDER.index(done_in)
        now = not done and (not found or found[-1]["state"] == "done") and not told.gone
        by = None if done or told.gone else {"Feedback": told.feedback_by, "Answer": told.answer_by}.get(label)
        state = "done" if done else "now" if now else "later"
        found.append(
            {
                "label": label,
                "state": "stopped" if told.gone and label == "Recording" else state,
                "href": "" if told.gone else _href(told, label, now=now, done=done),
                "by": by,
            }
        )
    return found


def _as_seen(state: CycleState, *, mine: bool, pair: bool) -> CycleState:
    """Hide from the others that a lesson has arrived, and, among more than two, that somebody has fed back."""
    if mine:
        return state
    if state == CycleState.RECORDED:
        return CycleState.BRIEFED
    if state == CycleState.FED_BACK and not pair:
        return CycleState.OBSERVING
    return state


def _without_lesson(gone: str) -> str:
    return f"The lesson of this turn is {gone}. Nobody can watch it any more."


def _waits(state: CycleState, *, mine: bool, teacher: str, others: list[str]) -> str:
    colleagues = " and ".join(others) or "Your colleagues"
    own = {
        CycleState.BEGUN: "It's your turn to teach. Begin with a short briefing: four sentences are plenty.",
        CycleState.BRIEFED: "Next: send the lesson. Ten minutes of it are enough.",
        CycleState.RECORDED: "The lesson is in, and only you can see it. Share it when you're ready.",
        CycleState.OBSERVING: f"{colleagues} can watch now, and will share their feedback with you.",
        CycleState.FED_BACK: f"You have feedback from {colleagues}. Read it, and answer when you have ten minutes.",
        CycleState.RESPONDED: "You have answered. Set yourself one next step.",
        CycleState.CLOSED: "This turn is done.",
    }
    theirs = {
        CycleState.BEGUN: f"{teacher} writes the briefing. Nothing waits for you.",
        CycleState.BRIEFED: f"{teacher} records the lesson next. Nothing waits for you.",
        CycleState.RECORDED: f"{teacher} records the lesson next. Nothing waits for you.",
        CycleState.OBSERVING: f"{teacher} waits for your feedback. One focus, ten minutes.",
        CycleState.FED_BACK: f"You wait for {teacher}'s answer.",
        CycleState.RESPONDED: f"{teacher} has answered.",
        CycleState.CLOSED: "This turn is done.",
    }
    return (own if mine else theirs)[state]


def _href(told: Turn, label: str, *, now: bool, done: bool) -> str:
    """Give the page behind a station, where this reader has something to do or to read there."""
    here = f"/cycles/{told.id}"
    if told.mine:
        own = {"Briefing": "briefing", "Recording": "upload", "Answer": "response", "Next step": "response"}
        return f"{here}/{own[label]}" if label in own and (now or (done and label == "Briefing")) else ""
    return f"{here}/feedback" if label == "Feedback" and now else ""
