"""What a draft says, and the rules that it keeps: before it is kept, and before it is put to the group."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.agreements.protocols.agreed import Agreed, Focus
from app.agreements.protocols.models import AfterErase
from app.agreements.protocols.starting_words import NOTE_KINDS
from app.errors import Invalid

MOST_FOCUS_ITEMS = 2
MOST_PEOPLE = 24
FEWEST_PEOPLE = 2  # a group of one is no group
_PAST = "This day is past. Pick a later one."
_KEPT_TOO_SHORT = "Keep it at least for as long as it may be watched."
_NO_KIND = "Tick at least one kind of note."
_NO_WATCHER = "Tick who may watch."


@dataclass(frozen=True, kw_only=True)
class VersionDraft:
    """What an author wants a version to say; days include themselves, in the alliance's zone."""

    principles: tuple[str, ...]
    focus: tuple[Focus, ...]
    note_kinds: tuple[str, ...]
    stages: dict[str, str]
    feedback_days: int
    answer_days: int
    readers: str
    clips_by: str
    library: str
    download: str
    export: str
    until_on: date
    erase_on: date
    after_erase: str
    text_until_on: date | None
    watcher_ids: frozenset[UUID]
    asked_ids: frozenset[UUID]


def troubles(draft: VersionDraft, *, reachable: set[UUID], today: date, most_days: int) -> dict[str, str]:
    """Say what keeps a draft from being kept, by the field to mend; `today` is the alliance's day."""
    latest = today + timedelta(days=most_days)
    keeps_text = draft.after_erase == AfterErase.KEEP_TEXT
    wrong = {
        "focus": not 1 <= len(draft.focus) <= MOST_FOCUS_ITEMS and "Pick one thing to look at, at most two.",
        "note_kinds": _note_kinds_trouble(draft),
        "until_on": draft.until_on < today and _PAST,
        "erase_on": _erase_trouble(draft, latest=latest, most_days=most_days),
        "text_until_on": keeps_text
        and (draft.text_until_on is None or draft.text_until_on < draft.erase_on)
        and "Pick a day after the film is erased.",
        "watchers": not draft.watcher_ids and not draft.asked_ids and _NO_WATCHER,
        "asked": (not draft.asked_ids <= reachable or len(draft.asked_ids) > MOST_PEOPLE)
        and "Choose colleagues of your alliance.",
    }
    return {name: say for name, say in wrong.items() if say}


def too_few(people: int) -> dict[str, str]:
    """Say whom to ask where there is no group yet."""
    return {} if people >= FEWEST_PEOPLE else {"asked": "Ask at least one colleague."}


def refuse_unready(text: Agreed, *, now: datetime) -> None:
    """Refuse to put to the group what could never work, whichever way it came about.

    Raises:
        Invalid: something that every protocol needs is missing (`not_ready`).
    """
    missing = {
        "watchers": not any(seat.watches for seat in text.seats) and _NO_WATCHER,
        "focus": not text.focus and "Pick one thing to look at.",
        "note_kinds": not text.note_kinds and _NO_KIND,
        "until_on": text.until_at <= now and _PAST,
        "erase_on": text.erase_at < text.until_at and _KEPT_TOO_SHORT,
    }
    fields = too_few(len(text.seats)) | {name: say for name, say in missing.items() if say}
    if fields:
        raise Invalid("not_ready", "A few things are missing before it can be put to the group.", fields=fields)


def _note_kinds_trouble(draft: VersionDraft) -> str | None:
    if not draft.note_kinds:
        return _NO_KIND
    unknown = set(draft.note_kinds) - {kind.key for kind in NOTE_KINDS}
    return "Tick from the kinds listed here." if unknown else None


def _erase_trouble(draft: VersionDraft, *, latest: date, most_days: int) -> str | None:
    if draft.erase_on < draft.until_on:
        return _KEPT_TOO_SHORT
    if draft.erase_on > latest:
        return f"Your alliance keeps lessons for {most_days} days at most, so until {latest:%-d %B %Y}."
    return None
