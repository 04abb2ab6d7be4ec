"""What tests of the whole way of a film have in hand."""

import hashlib
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.agreements.cycles.models import Cycle
from app.authz import Action, Actor, permit
from app.jobs import Job, Queue
from app.lessons.media.models import Asset, Chunk, Rendition, Segment
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads import service
from app.lessons.uploads.models import Upload
from app.lessons.uploads.sending import Sender, fingerprint
from app.lessons.uploads.wish import Trim, Wish
from tests.app.agreements.town import build
from tests.conftest import Database
from video.storage.base import PartToSend
from workers import run
from workers.registry import HANDLERS
from workers.tools import Tools

#: Rendition, number, start and length in ticks, frames, digest.
Row: TypeAlias = tuple[str, int, int, int, int, str]
QUEUES = (Queue.INTERACTIVE, Queue.MEDIA)


class NoLetters:
    """Refuses letters: nothing on this way sends one."""

    def send(self, *, to: str, subject: str, body: str) -> None:
        """Refuse."""
        raise OSError(f"no letters here: {to}, {subject}, {len(body)}")


@dataclass(frozen=True)
class Teaching:
    """A teacher whose turn it is."""

    actor: Actor
    cycle_id: UUID
    project_id: UUID
    school_id: UUID


def settle_amina(session: Session) -> Teaching:
    """Make Amina and Tom agree on a protocol; it is Amina's turn."""
    town = build(session)
    project, _ = town.agree("Amina", "Tom")
    cycle = session.scalars(select(Cycle).where(Cycle.project_id == project.id)).one()
    return Teaching(town["Amina"].actor, cycle.id, project.id, town["Amina"].school_id)


@dataclass(frozen=True)
class Bench:
    """One teacher, and all that works on her film."""

    database: Database
    tools: Tools
    amina: Teaching

    def wish(self, film: Path, name: str = "IMG_2041.mov", *, trim: Trim | None = None) -> Wish:
        """Say what is about to be sent, and what of it is kept."""
        size_bytes = film.stat().st_size
        with film.open("rb") as file:
            return Wish(
                cycle_id=self.amina.cycle_id,
                name=name,
                size_bytes=size_bytes,
                fingerprint=fingerprint(file, size_bytes),
                mime="video/quicktime",
                trim=trim,
            )

    def sender(self) -> Sender:
        """Be Amina."""
        return Sender(sessions=self.tools.sessions, storage=self.tools.storage, actor=self.amina.actor)

    def send(self, film: Path, *, trim: Trim | None = None) -> UUID:
        """Send a film as Amina; return the upload's id."""
        with film.open("rb") as file:
            return self.sender().send(self.wish(film, trim=trim), file)

    def begin(self, film: Path, *, parts: int) -> UUID:
        """Begin to send a film as Amina, and stop after some parts."""
        with self.tools.sessions.begin() as session:
            may_create = permit(session, self.amina.actor, Action.UPLOAD_CREATE, Cycle, self.amina.cycle_id)
            upload, _ = service.begin(session, may_create, wish=self.wish(film), storage=self.tools.storage)
            upload_id, key, storage_id = upload.id, upload.storage_key, upload.storage_upload_id
            sizes = [service.size_of_part(upload, number + 1) for number in range(parts)]
        with film.open("rb") as file:
            for number, size_bytes in enumerate(sizes, start=1):
                self._send_part(upload_id, number, file.read(size_bytes), to=(key, storage_id))
        return upload_id

    def _send_part(self, upload_id: UUID, number: int, block: bytes, *, to: tuple[str, str]) -> None:
        sha256 = b64encode(hashlib.sha256(block).digest()).decode()
        with self.tools.sessions.begin() as session:
            may_go_on = permit(session, self.amina.actor, Action.UPLOAD_RESUME, Upload, upload_id)
            service.addresses(session, may_go_on, parts=[(number, sha256)], storage=self.tools.storage)
        self.tools.storage.put_part(*to, PartToSend(number, len(block), sha256), BytesIO(block))

    def work(self, *, slots: int = 3) -> None:
        """Do all jobs that wait, by a real worker."""
        for _ in range(20):
            run.work_off(self.database.conninfo, self.tools, queues=QUEUES, slots=slots)
            if not self.waiting():
                return

    def waiting(self) -> list[str]:
        """Name the jobs that could be done now."""
        question = (
            "SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()"
            " AND task_name <> 'forget_old_jobs'"  # which the calendar may ask for meanwhile
        )
        with self.tools.sessions() as session:
            return list(session.scalars(text(question)))

    def jobs(self) -> list[Job]:
        """List every job that ever was, for doing it again."""
        with self.tools.sessions() as session:
            rows = session.execute(text("SELECT task_name, args FROM procrastinate_jobs ORDER BY id")).all()
            rows = [row for row in rows if row.task_name in Job.kinds]  # the calendar has others
        return [Job.kinds[row.task_name].read(row.args) for row in rows]

    def do(self, job: Job) -> None:
        """Do one job here and now."""
        HANDLERS[type(job)].run(job, self.tools)

    def recording(self) -> Recording:
        """Read Amina's lesson."""
        with self.tools.sessions() as session:
            return session.scalars(select(Recording)).one()

    def wait_for(self, state: MediaState, *, patience_s: float) -> None:
        """Wait until other processes have brought her lesson so far."""
        deadline = time.monotonic() + patience_s
        while self.recording().media_state != state:
            assert time.monotonic() < deadline, f"never came to {state}: {self.standing()}"
            time.sleep(0.1)

    def standing(self) -> str:
        """Say how far all pieces and jobs are, for whoever looks why a test failed."""
        pieces = [
            f"{chunk.kind} {chunk.number}: fence {chunk.fence}, attempts {chunk.attempts}, until {chunk.lease_until},"
            f" done {chunk.done_at}, {chunk.code}"
            for chunk in self.chunks()
        ]
        with self.tools.sessions() as session:
            jobs = session.execute(
                text("SELECT id, task_name, status, attempts, scheduled_at, worker_id, now() FROM procrastinate_jobs")
            ).all()
        return "\n".join([str(self.recording().media_state), *pieces, *(str(tuple(job)) for job in jobs)])

    def upload(self) -> Upload:
        """Read her upload."""
        with self.tools.sessions() as session:
            return session.scalars(select(Upload)).one()

    def chunks(self) -> Sequence[Chunk]:
        """Read the pieces of her film."""
        with self.tools.sessions() as session:
            return session.scalars(select(Chunk).order_by(Chunk.kind, Chunk.number)).all()

    def segments(self, name: str) -> Sequence[Segment]:
        """Read one rendition's segments, in their order."""
        with self.tools.sessions() as session:
            return session.scalars(
                select(Segment)
                .join(Rendition, Rendition.id == Segment.rendition_id)
                .where(Rendition.name == name)
                .order_by(Segment.number)
            ).all()

    def renditions(self) -> dict[str, Rendition]:
        """Read the renditions by their names."""
        with self.tools.sessions() as session:
            return {rendition.name: rendition for rendition in session.scalars(select(Rendition))}

    def asset(self) -> Asset:
        """Read the film's row."""
        with self.tools.sessions() as session:
            return session.scalars(select(Asset)).one()

    def served(self, name: str, into: Path) -> Path:
        """Put one rendition together as a player does: its init, then its segments in order."""
        rendition = self.renditions()[name]
        assert rendition.init_key is not None
        whole = into / f"{name}.mp4"
        with whole.open("wb") as file:
            for key in [rendition.init_key, *(segment.key for segment in self.segments(name))]:
                self.tools.storage.fetch(key, into / "piece")
                file.write((into / "piece").read_bytes())
        return whole

    def rows(self) -> list[Row]:
        """Give what a playlist is made of, but for the keys: the same film gives the same."""
        with self.tools.sessions() as session:
            rows = session.execute(
                select(
                    Rendition.name,
                    Segment.number,
                    Segment.start_ticks,
                    Segment.duration_ticks,
                    Segment.frames,
                    Segment.sha256,
                )
                .join(Rendition, Rendition.id == Segment.rendition_id)
                .order_by(Rendition.name, Segment.number)
            ).all()
            return list(rows)
