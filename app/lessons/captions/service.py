"""Bringing captions, mending them, hiding them, and taking them away: by a lesson's teacher alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import Session

from app.audit import record
from app.authz import Action, Permit
from app.errors import Conflict, Invalid, NotFound
from app.lessons.captions.models import Captions
from app.lessons.recordings.models import Recording
from app.lessons.recordings.own import own
from video.captions import Cue

#: The languages of these schools and of those who come to them, as their speakers call them.
LANGUAGES: Final = {
    "en": "English",
    "cy": "Cymraeg",
    "ga": "Gaeilge",
    "gd": "Gàidhlig",
    "fr": "français",
    "de": "Deutsch",
    "es": "español",
    "it": "italiano",
    "pl": "polski",
    "pt": "português",
    "ro": "română",
    "tr": "Türkçe",
    "uk": "українська",
    "ar": "العربية",
    "ur": "اردو",
    "pa": "ਪੰਜਾਬੀ",
    "bn": "বাংলা",
    "zh": "中文",
}


def all_of(session: Session, recording: Recording) -> list[Captions]:
    """List a lesson's captions, hidden ones too, for its teacher."""
    rows = session.scalars(select(Captions).where(Captions.recording_id == recording.id).order_by(Captions.lang))
    return list(rows)


def shown(session: Session, permit: Permit[Recording]) -> list[Captions]:
    """List the captions that whoever may watch can read."""
    return [one for one in all_of(session, permit.for_(Action.REC_WATCH)) if not one.hidden]


def captioned() -> ColumnElement[list[list[str]] | None]:
    """Give, within a query of recordings, the language and the maker of all captions that are shown."""
    pair = func.jsonb_build_array(Captions.lang, Captions.made_by)
    its = select(func.jsonb_agg(aggregate_order_by(pair, Captions.lang), type_=JSONB))
    return its.where(Captions.recording_id == Recording.id, ~Captions.hidden).correlate(Recording).scalar_subquery()


def find(session: Session, recording: Recording, lang: str) -> Captions:
    """Find the captions in one language.

    Raises:
        NotFound: there are none.
    """
    found = session.scalars(
        select(Captions).where(Captions.recording_id == recording.id, Captions.lang == lang)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def keep(
    session: Session,
    permit: Permit[Recording],
    *,
    lang: str,
    cues: Sequence[Cue],
    made_by: Literal["person", "machine"] = "person",
) -> Captions:
    """Keep captions in a language, in the place of those that were there.

    Raises:
        NotFound: it is another's lesson.
        Invalid: they begin after the lesson's end (`captions_outside`), or in a language that isn't known here.
    """
    recording = own(permit)
    if lang not in LANGUAGES:
        raise Invalid("captions_unclear", "Choose the language.", fields={"lang": "Choose the language."})
    lasts_ms = recording.duration_ms or recording.watchable_ms
    if lasts_ms and cues[0].in_ms >= lasts_ms:
        said = "These captions begin after the lesson ends: are they of another film?"
        raise Invalid("captions_outside", said, fields={"file": said})
    there = [one for one in all_of(session, recording) if one.lang == lang]
    captions = (
        there[0]
        if there
        else Captions(alliance_id=recording.alliance_id, recording_id=recording.id, lang=lang, cues=[])
    )
    captions.cues, captions.made_by, captions.hidden = [cue.to_json() for cue in cues], made_by, False
    session.add(captions)
    session.flush()
    record(session, permit, "captions.kept", about=captions, count=len(cues))
    return captions


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some captions in a language as they were shown: the first one's place, how many, and of which version."""

    lang: str
    first: int
    count: int
    version: int


def mend(session: Session, permit: Permit[Recording], *, page: Page, changed: Sequence[Cue]) -> Captions:
    """Put other cues in the place of those on a page.

    Raises:
        NotFound: it is another's lesson, or there are none in this language.
        Conflict: they have changed since they were shown (`captions_changed`).
        Invalid: nothing would be left (`captions_unclear`).
    """
    captions = find(session, own(permit), page.lang)
    if captions.version != page.version:
        raise Conflict("captions_changed", "These captions were changed in another tab meanwhile.")
    kept = [Cue.from_json(row) for row in captions.cues]
    kept[page.first : page.first + page.count] = changed
    if not kept:
        raise Invalid("captions_unclear", "No caption would be left. Take all of them away on the page before.")
    kept.sort(key=lambda cue: (cue.in_ms, cue.out_ms))
    captions.cues = [cue.to_json() for cue in kept]
    session.flush()
    record(session, permit, "captions.mended", about=captions, count=len(changed))
    return captions


def hide(session: Session, permit: Permit[Recording], *, lang: str, hidden: bool) -> None:
    """Let nobody read captions for now, or let whoever watches read them again."""
    captions = find(session, own(permit), lang)
    if captions.hidden != hidden:
        captions.hidden = hidden
        session.flush()
        record(session, permit, "captions.hidden" if hidden else "captions.shown", about=captions)


def take_away(session: Session, permit: Permit[Recording], *, lang: str) -> None:
    """Take captions away for good; the lesson stays as it is."""
    captions = find(session, own(permit), lang)
    record(session, permit, "captions.taken_away", about=captions)
    session.delete(captions)
