"""Letters: written in the act, sent once it is kept, wiped when they have gone."""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app.jobs import Job
from app.notify.jobs import SendMail
from app.notify.models import Mail, Notification
from app.notify.service import latest, mark_seen, send_later, tell
from tests.world import World
from video.process import Jail
from video.storage.local import LocalStorage
from video.storage.signing import Signer
from workers.handlers.mail import give_up, send_mail
from workers.tools import Scratch, Tools


@dataclass
class Post:
    """Takes letters; the one thing besides time that tests don't do for real."""

    taken: list[tuple[str, str, str]] = field(default_factory=list)
    shut: bool = False

    def send(self, *, to: str, subject: str, body: str) -> None:
        """Take a letter, or refuse it."""
        if self.shut:
            raise ConnectionRefusedError
        self.taken.append((to, subject, body))


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def tools(sessions: sessionmaker[Session], post: Post, tmp_path: Path) -> Tools:
    storage = LocalStorage(tmp_path, signer=Signer({"1": b"only for tests, 32 bytes long...."}, host="localhost"))
    return Tools(
        sessions=sessions,
        storage=storage,
        jail=Jail.choose("off"),
        mailer=post,
        scratch=Scratch(tmp_path / "scratch"),
        public_url="http://localhost",
    )


def _write(sessions: sessionmaker[Session]) -> SendMail:
    with sessions.begin() as session:
        mail = send_later(session, to="tom@oakfield.example", subject="A lesson waits", body="http://localhost/x")
        return SendMail(mail_id=mail.id)


def _queued(sessions: sessionmaker[Session]) -> list[Job]:
    with sessions() as session:
        rows = session.execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'SendMail'")).scalars()
        return [SendMail.read(row) for row in rows]


def test_a_letter_is_queued_with_the_act_and_never_without(sessions: sessionmaker[Session]) -> None:
    job = _write(sessions)
    assert _queued(sessions) == [job]
    with sessions() as session:
        send_later(session, to="x@y.example", subject="s", body="b")
        session.rollback()
    assert _queued(sessions) == [job]


def test_a_letter_is_sent_once_and_its_words_are_wiped(
    sessions: sessionmaker[Session], tools: Tools, post: Post
) -> None:
    job = _write(sessions)
    send_mail(job, tools)
    send_mail(job, tools)
    assert post.taken == [("tom@oakfield.example", "A lesson waits", "http://localhost/x")]
    with sessions() as session:
        mail = session.scalars(select(Mail)).one()
        assert mail.body == ""
        assert mail.sent_at is not None


def test_a_letter_waits_while_the_post_is_shut(sessions: sessionmaker[Session], tools: Tools, post: Post) -> None:
    job, post.shut = _write(sessions), True
    with pytest.raises(ConnectionRefusedError):
        send_mail(job, tools)
    post.shut = False
    send_mail(job, tools)
    assert len(post.taken) == 1


def test_a_letter_that_nobody_takes_is_wiped(sessions: sessionmaker[Session], tools: Tools, post: Post) -> None:
    job = _write(sessions)
    give_up(job, tools, OSError())
    send_mail(job, tools)
    assert post.taken == []
    send_mail(SendMail(mail_id=uuid4()), tools)


def test_the_job_holds_the_letter_s_id_and_no_word_of_it(sessions: sessionmaker[Session]) -> None:
    _write(sessions)
    with sessions() as session:
        kept = session.execute(text("SELECT args::text FROM procrastinate_jobs")).scalar_one()
    assert "oakfield" not in kept
    assert "lesson" not in kept


def test_people_are_told_once_each_and_only_about_their_own(session: Session) -> None:
    world, other = World(session), World(session, "Other")
    amina, tom, zoe = world.person("Amina"), world.person("Tom"), other.person("Zoe")
    thing = uuid4()
    tell(session, [amina.id, amina.id, tom.id], "feedback_released", thing)
    session.flush()
    assert [each.thing_id for each in latest(session, world.actor("Amina"))] == [thing]
    assert latest(session, other.actor("Zoe")) == []
    assert zoe.id not in session.scalars(select(Notification.person_id)).all()
    mark_seen(session, world.actor("Amina"))
    session.expire_all()
    assert latest(session, world.actor("Amina"))[0].seen_at is not None
    assert latest(session, world.actor("Tom"))[0].seen_at is None
