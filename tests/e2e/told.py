"""The demonstration's story in an installation that runs: something to see in every state of a turn."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock, ids, policies
from app.agreements.cycles.models import Cycle
from app.authz import Action, Actor, permit
from app.lessons.clips.models import Clip
from app.lessons.recordings.models import MediaState, Recording
from app.observation.notes.models import Note
from app.people.accounts.models import Account, AccountLink, LinkPurpose, Person
from app.people.alliances.models import School
from app.people.directory.service import InvitationDraft, invite
from app.people.memberships.models import Membership, Role
from config import wire
from config.demo import story
from config.demo.filling import tell
from config.settings import Settings
from tests.app.people.conftest import found
from tests.running import until
from tests.video.lessons import Maker, Shot
from workers.tools import Tools

# A rule that isn't imported says no.
POLICIES = policies.__all__
#: Its notes go up to 63 s; small and slow pictures are prepared soonest.
_SHOT = Shot(width=160, height=90, seconds=75)


def told(settings: Settings, folder: Path) -> dict[str, str]:
    """Tell the story; give the ids of its things by the teacher's key, as `amina_cycle`, and the open links."""
    tools = wire.tools(settings, wire.COMMAND)
    film = Maker(folder).film(folder / "lesson.mp4", _SHOT).path
    turns = [turn for turn in story.TURNS if turn.filmed]
    films = [folder / f"{turn.teacher}.mp4" for turn in turns]
    for each in films:
        each.write_bytes(film.read_bytes())
    try:
        tell(
            tools,
            films,
            prepare=lambda: until(lambda: _prepared(tools) == len(films), "lessons are ready", patience_s=240),
        )
        found(tools.sessions, alliance="Second Alliance", email="farid@fivevalleys.example")
        with tools.sessions.begin() as session:
            return _ids(session) | _links(session)
    finally:
        tools.scratch.close()
        tools.sessions.kw["bind"].dispose()


def _prepared(tools: Tools) -> int:
    with tools.sessions() as session:
        ready = Recording.media_state == MediaState.READY
        return session.execute(select(func.count(Recording.id)).where(ready)).scalar_one()


def _ids(session: Session) -> dict[str, str]:
    things: dict[str, str] = {}
    for cycle in session.scalars(select(Cycle)):
        email = session.scalars(select(Account.email).join(Person).where(Person.id == cycle.teacher_id)).one()
        key = email.partition("@")[0]
        lesson = select(Recording.id).where(Recording.cycle_id == cycle.id).scalar_subquery()
        mine: dict[str, object] = {
            "project": cycle.project_id,
            "membership": session.scalar(select(Membership.id).where(Membership.person_id == cycle.teacher_id)),
            "cycle": cycle.id,
            "recording": session.scalar(select(lesson)),
            "note": session.scalar(select(Note.id).where(Note.recording_id == lesson).limit(1)),
            "clip": session.scalar(select(Clip.id).where(Clip.recording_id == lesson).limit(1)),
        }
        things |= {f"{key}_{name}": str(one) for name, one in mine.items()}
    return things


def _links(session: Session) -> dict[str, str]:
    hillside = session.scalars(select(School).where(School.name == story.SCHOOLS[0])).one()
    joan = session.scalars(select(Person).where(Person.name == story.FOUNDER.name)).one()
    keeps = Actor(person_id=joan.id, account_id=joan.account_id, alliance_id=joan.alliance_id)
    may_invite = permit(session, keeps, Action.PERSON_MANAGE, School, hillside.id)
    draft = InvitationDraft(name="Nia Roberts", email="nia@fivevalleys.example", roles=(Role.TEACHER,))
    invited = invite(session, may_invite, draft=draft, public_url="http://localhost")
    links = {"hillside": str(hillside.id), "invited": invited.token}
    ends = session.execute(select(clock.now())).scalar_one() + timedelta(minutes=20)
    for name, purpose in (("reset", LinkPurpose.RESET), ("link", LinkPurpose.SIGN_IN)):
        links[name] = ids.token()
        kept = ids.token_hash(links[name])
        link = AccountLink(account_id=joan.account_id, purpose=purpose, secret_hash=kept, expires_at=ends)
        session.add(link)
    return links
