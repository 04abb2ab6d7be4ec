"""Who may watch a recording and act on it: the heart of the promises, as SQL.

Every condition here is written from the rule book's section on rules; the decision table in the tests is its
other reading. Roles are never asked: rank opens nothing.
"""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, not_, or_
from sqlalchemy.orm import aliased

from app import clock
from app.agreements.consents.models import Consent, ConsentKind, Training
from app.agreements.cycles.models import Cycle
from app.agreements.projects.models import Capacity
from app.agreements.protocols.models import Download, ProtocolVersion, RosterEntry, YesNo
from app.agreements.protocols.policy import current, live_entry, names, open_, participates, says
from app.authz import Action, Clause, Id, Who, listed_by, policy, there_is
from app.lessons.recordings.conditions import alive, both, free, held, here_, owner, stands, text_alive
from app.lessons.recordings.models import Case, Recording, RecordingState, ViewingWindow
from app.people.memberships.models import Role
from app.people.policy import has_role, here, member, unlocked

_BY_OWNER = (Download.OWNER.value, Download.WATCHERS.value)
STAFF_CAPACITIES = (Capacity.TEACHER, Capacity.OBSERVER, Capacity.MENTOR, Capacity.MODERATOR)


def may_as_detective(who: Who, bound: Id | None = None) -> ColumnElement[bool]:
    """Hold for everyone but detectives; for them, what guards pupils must hold too."""
    consent, training, window = aliased(Consent), aliased(Training), aliased(ViewingWindow)
    is_detective = live_entry(who, current(Recording.project_id), capacities=(Capacity.DETECTIVE,))
    guarded = and_(
        both(lambda version: says(version, lambda text: text.pupils == YesNo.YES), bound),
        there_is(training).where(training.person_id == who),
        there_is(consent).where(
            consent.person_id == who, consent.kind == ConsentKind.DETECTIVE, consent.taken_back_at.is_(None)
        ),
        member(who, Recording.school_id),
        there_is(window).where(
            window.recording_id == Recording.id,
            window.pupil_id == who,
            window.closed_at.is_(None),
            window.from_at <= clock.now(),
            clock.now() < window.until_at,
        ),
    )
    return or_(not_(is_detective), guarded)


def watch_owner(who: Who) -> ColumnElement[bool]:
    """Hold for the owner, also under an objection (only they can mend it), never under a hold or past the date."""
    return and_(owner(who), here_(who), unlocked(who), member(who, Recording.school_id), alive(), not_(held()))


def named_parts(
    who: Who, *, shared: ColumnElement[bool] | None = None, bound: Id | None = None
) -> dict[str, ColumnElement[bool]]:
    """Give every part of `watch_named` by its name, so that each can be explained, and taken out in a test.

    `shared` and `bound` can be replaced to ask who *would* watch if the owner shared it now.
    """
    return {
        "not_owner": not_(owner(who)),
        "here": here_(who),
        "unlocked": unlocked(who),
        "alive": alive(),
        "free": free(),
        "shared": Recording.state == RecordingState.SHARED if shared is None else shared,
        "open": open_(Recording.project_id),
        "stands": stands(),
        "named_by_both": both(lambda version: names(who, version), bound),
        "detective_guarded": may_as_detective(who, bound),
    }


def watch_named(who: Who) -> ColumnElement[bool]:
    """Hold for whoever the signed protocol names, while it stands and the lesson is shared."""
    return and_(*named_parts(who).values())


def adult_observer(who: Who) -> ColumnElement[bool]:
    """Hold for a named observer who is neither a guest nor a detective."""
    return and_(watch_named(who), live_entry(who, current(Recording.project_id), capacities=STAFF_CAPACITIES))


@policy(Recording, Action.REC_WATCH, Action.NOTE_WRITE)
def watch(who: Who) -> Iterator[Clause]:
    """Say who may watch, and so write notes: the teacher, and those whom the signed protocol names."""
    yield Clause("watch_owner", watch_owner(who), "It is your own lesson.")
    yield Clause(
        "watch_named", watch_named(who), "{owner} shares it with you under protocol v{version}, until {until}."
    )


@policy(Recording, Action.REC_LIST)
def list_(who: Who) -> Iterator[Clause]:
    """Say who may know that it exists."""
    yield Clause("list_owner", and_(owner(who), here_(who), text_alive()), "It is your own lesson.")
    yield Clause(
        "watch_named", watch_named(who), "{owner} shares it with you under protocol v{version}, until {until}."
    )


@policy(Recording, Action.REC_SHARE)
def share(who: Who) -> Iterator[Clause]:
    """Say when the owner may share it: everybody has signed, and nobody objects."""
    state = Recording.state.in_([RecordingState.PRIVATE.value, RecordingState.WITHDRAWN.value])
    yield Clause(
        "share_owner",
        and_(watch_owner(who), free(), state, open_(Recording.project_id), stands()),
        "It is your own lesson, and all have signed.",
    )


@policy(Recording, Action.REC_CARRY_OVER)
def carry_over(who: Who) -> Iterator[Clause]:
    """Say when the owner may bring a shared lesson under the version now in force."""
    state = Recording.state.in_([RecordingState.SHARED.value, RecordingState.PAUSED.value])
    yield Clause(
        "carry_over_owner",
        and_(
            watch_owner(who),
            free(),
            state,
            open_(Recording.project_id),
            stands(),
            Recording.bound_version_id != current(Recording.project_id),
        ),
        "It is your own lesson.",
    )


@policy(Recording, Action.REC_PAUSE)
def pause(who: Who) -> Iterator[Clause]:
    """Say when it may be paused: whenever it is shared; neither objection nor hold is in the way."""
    yield Clause(
        "pause_owner",
        and_(owner(who), here_(who), alive(), Recording.state == RecordingState.SHARED),
        "It is your own lesson.",
    )


@policy(Recording, Action.REC_WITHDRAW)
def withdraw(who: Who) -> Iterator[Clause]:
    """Say when it may be taken back: whenever it is shared or paused."""
    state = Recording.state.in_([RecordingState.SHARED.value, RecordingState.PAUSED.value])
    yield Clause("withdraw_owner", and_(owner(who), here_(who), alive(), state), "It is your own lesson.")


@policy(Recording, Action.REC_RESUME)
def resume(who: Who) -> Iterator[Clause]:
    """Say when a paused lesson may open again."""
    yield Clause(
        "resume_owner",
        and_(
            watch_owner(who),
            free(),
            Recording.state == RecordingState.PAUSED,
            open_(Recording.project_id),
            stands(),
        ),
        "It is your own lesson.",
    )


@policy(Recording, Action.REC_ERASE, Action.REC_KEEP_SHORTER)
def erase(who: Who) -> Iterator[Clause]:
    """Say when the owner may erase it, or bring its date forward: always, but under a hold."""
    yield Clause("erase_owner", and_(owner(who), here_(who), alive(), not_(held())), "It is your own lesson.")


@policy(Recording, Action.REC_KEEP_LONGER)
def keep_longer(who: Who) -> Iterator[Clause]:
    """Say when the owner may move its date back; the service keeps it within what was agreed."""
    yield Clause("keep_longer_owner", and_(watch_owner(who), free()), "It is your own lesson.")


@policy(Recording, Action.CLIP_MAKE)
def make_clip(who: Who) -> Iterator[Clause]:
    """Say who may mark clips: the owner, and those who watch where both versions let them."""
    by_watchers = both(lambda version: says(version, lambda text: text.clips_by == "watchers"))
    yield Clause("watch_owner", watch_owner(who), "It is your own lesson.")
    yield Clause("clips_by_watchers", and_(adult_observer(who), by_watchers), "The protocol lets you mark clips.")


@policy(Recording, Action.VIDEO_DOWNLOAD)
def download(who: Who) -> Iterator[Clause]:
    """Say who may take a film along: nobody unless both versions say so, and the owner neither."""
    by_owner = both(lambda version: says(version, lambda text: text.download.in_(_BY_OWNER)))
    by_watchers = both(lambda version: says(version, lambda text: text.download == Download.WATCHERS))
    yield Clause(
        "download_owner", and_(free(), watch_owner(who), by_owner), "It is your own lesson, and the protocol lets you."
    )
    yield Clause("download_watchers", and_(adult_observer(who), by_watchers), "The protocol lets those who watch.")


@policy(Recording, Action.LOG_READ)
def read_log(who: Who) -> Iterator[Clause]:
    """Say who may see who watched: the owner, for ever; a data-protection lead with an open case, who takes no part."""
    case = aliased(Case)
    yield Clause("log_owner", and_(owner(who), here_(who)), "It is your own lesson.")
    yield Clause(
        "log_case",
        and_(
            here_(who),
            has_role(who, Role.DATA_PROTECTION_LEAD, school_id=Recording.school_id),
            there_is(case).where(case.recording_id == Recording.id, case.closed_at.is_(None)),
            outside(who),
        ),
        "You work on an open case about this recording.",
    )


def outside(who: Who) -> ColumnElement[bool]:
    """Hold for whoever is not the owner, never took part in the project, and was never on one of its rosters."""
    version, entry = aliased(ProtocolVersion), aliased(RosterEntry)
    rostered = there_is(version, entry).where(
        version.project_id == Recording.project_id, entry.version_id == version.id, entry.person_id == who
    )
    return and_(not_(owner(who)), not_(participates(who, Recording.project_id, also_left=True)), not_(rostered))


@policy(Cycle, Action.BRIEF_READ)
def read_briefing(who: Who) -> Iterator[Clause]:
    """Say who may read a briefing: its teacher, and whoever may watch the lesson that it is about."""
    yield Clause(
        "brief_teacher",
        and_(Cycle.teacher_id == who, here(who, Cycle.alliance_id, Cycle.project_id)),
        "It is your own turn.",
    )
    yield Clause(
        "brief_watcher",
        there_is(Recording).where(Recording.cycle_id == Cycle.id, or_(watch_owner(who), watch_named(who))),
        "You may watch this lesson.",
    )


listed_by(
    Recording,
    Action.REC_LIST,
    later="This can't be done now. Look at the lesson's sharing page: it says what has to happen first.",
)
