"""Lessons and what is made from them, as rows."""

from collections.abc import Iterator

from app.agreements.consents.models import Objection
from app.db import Base
from app.lessons.clips.models import Clip
from app.lessons.playback.models import AccessEvent
from app.lessons.recordings.models import Case, Hold, ObjectionSettled, Recording, ViewingWindow
from app.lessons.uploads.models import Upload
from app.observation.feedback.models import Feedback
from app.observation.notes.models import Note
from tests.access import facts

HASH = "0" * 64


def recording_rows(w: facts.World, r: facts.Recording) -> Iterator[Base]:
    yield Recording(
        id=r.id,
        alliance_id=w.id,
        school_id=r.school.id,
        project_id=r.project.id,
        cycle_id=r.cycle.id,
        owner_id=r.owner.id,
        title="Year 8 fractions",
        class_code=r.class_code,
        recorded_on=r.recorded_on,
        delete_at=r.delete_at,
        state=r.state,
        bound_version_id=r.bound.id if r.bound else None,
        media_state="ready",
        duration_ms=720_000,
        watchable_ms=720_000,
        verified_at=w.now,
    )
    yield from _what_guards(w, r)
    for upload in r.uploads:
        yield Upload(
            id=upload.id,
            alliance_id=w.id,
            recording_id=r.id,
            kind="source",
            name="film.mp4",
            size_bytes=1,
            mime="video/mp4",
            fingerprint=HASH,
            part_bytes=1,
            storage_key=upload.id.hex,
            storage_upload_id="-",
            state=upload.state,
        )


def _what_guards(w: facts.World, r: facts.Recording) -> Iterator[Base]:
    """Give holds and cases on a recording, and the windows in which pupils may watch it."""
    at, lead = w.id, w.people["Dee"].id
    for hold in r.holds:
        lifted_at = w.now if hold.lifted else None
        yield Hold(id=hold.id, alliance_id=at, recording_id=r.id, placed_by=lead, lifted_at=lifted_at)
    for case in r.cases:
        closed_at = w.now if case.closed else None
        yield Case(id=case.id, alliance_id=at, recording_id=r.id, opened_by=lead, closed_at=closed_at)
    for each in r.windows:
        yield ViewingWindow(
            id=each.id,
            alliance_id=at,
            recording_id=r.id,
            pupil_id=each.pupil.id,
            opened_by=lead,
            from_at=each.from_at,
            until_at=each.until_at,
            closed_at=w.now if each.closed else None,
        )


def word_rows(w: facts.World, r: facts.Recording) -> Iterator[Base]:
    for each in r.feedback:
        row = Feedback(
            id=each.id,
            alliance_id=w.id,
            recording_id=r.id,
            cycle_id=r.cycle.id,
            author_id=each.author.id,
            took_away="the silence after why",
            why_dont_you_try="asking B before A",
            undo_until=each.undo_until,
            opened_at=w.now if each.opened else None,
        )
        yield row
    for note in r.notes:
        yield Note(
            id=note.id,
            alliance_id=w.id,
            recording_id=r.id,
            author_id=note.author.id,
            kind="evidence",
            at_ms=12_000,
            body="Six seconds passed.",
            written_at=w.now,
            state=note.state,
            feedback_id=note.feedback.id if note.feedback else None,
        )
    yield from _what_is_made(w, r)


def _what_is_made(w: facts.World, r: facts.Recording) -> Iterator[Base]:
    """Give the clips of a recording, and the log of who watched it."""
    for clip in r.clips:
        yield Clip(
            id=clip.id,
            alliance_id=w.id,
            recording_id=r.id,
            author_id=clip.author.id,
            in_ms=0,
            out_ms=4000,
            title="Waiting",
        )
    for event in r.watched:
        yield AccessEvent(
            id=event.id,
            alliance_id=w.id,
            recording_id=r.id,
            person_id=event.person.id,
            what="segment",
            clause="watch_named",
        )


def objection_rows(w: facts.World, objection: facts.Objection) -> Iterator[Base]:
    lead = w.people["Dee"].id
    yield Objection(
        id=objection.id,
        alliance_id=w.id,
        school_id=objection.school.id,
        class_code=objection.class_code,
        from_on=objection.from_on,
        until_on=objection.until_on,
        recorded_by=lead,
    )
    for r in objection.settled_for:
        yield ObjectionSettled(
            objection_id=objection.id, recording_id=r.id, alliance_id=w.id, settled_by=lead, how="not in the picture"
        )
