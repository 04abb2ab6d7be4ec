"""Measure again what the decisions in this folder rest on: `.venv/bin/python docs/adr/figures.py policy`."""  # noqa: INP001 - a script beside its pages, no package

import gzip
import resource
import statistics
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import create_engine, or_, select, text
from sqlalchemy.orm import Session, sessionmaker

from app import audit, authz, jobs, models, policies
from app.jobs.films import EncodeSound
from app.lessons.recordings.models import Recording
from app.wall import everywhere
from app.web.build_assets import STATIC
from config import migrating
from config.postgres import OWNER, SUPERUSER, Cluster, make_database
from config.throwaway import fresh_database
from tests.app.observation.scene import build
from video import transcode
from video.plan import plan
from video.probe import probe
from video.process import Jail, Limits, Task
from video.storage.base import PartToSend
from video.storage.local import LocalStorage
from video.storage.signing import Signer

LOADED = models.__all__, policies.__all__
_ACTOR = authz.Actor(person_id=uuid4(), account_id=uuid4(), alliance_id=uuid4())
_MB = 1024 * 1024


def tell(what: str, figure: float, unit: str = "ms") -> None:
    """Print one line."""
    sys.stdout.write(f"{what:<58} {figure:10.2f} {unit}\n")


def timed(act: Callable[[], object], *, times: int = 15, cpu: bool = False) -> float:
    """Give the median of several runs, in ms: of the clock, or of this process's CPU."""
    clock = time.process_time if cpu else time.perf_counter
    taken = []
    for _ in range(times):
        began = clock()
        act()
        taken.append((clock() - began) * 1000)
    return statistics.median(taken)


def policy() -> None:
    """Compare building the condition of rec.watch for each request with its text."""

    def built() -> object:
        found = authz.clauses(_ACTOR.who, authz.Action.REC_WATCH, Recording)
        asked = select(Recording).where(or_(*(clause.where for clause in found)))
        return asked._generate_cache_key()  # noqa: SLF001 - what a session does before it finds the compiled form

    def kept() -> object:
        asked = select(Recording).where(authz.holds(_ACTOR, authz.Action.REC_WATCH, Recording))
        return asked._generate_cache_key()  # noqa: SLF001 - the same

    def first() -> object:
        authz.forget()
        return kept()

    tell("rec.watch, expression built for each request: CPU", timed(built, cpu=True))
    tell("rec.watch, as text, the first time in a process: CPU", timed(first, times=5, cpu=True))
    tell("rec.watch, as text, from then on: CPU", timed(kept, cpu=True))


def database() -> None:
    """Time the embedded PostgreSQL, and the tests' own, without fsync: made, started again, one database copied."""
    for durable in (True, False):
        with tempfile.TemporaryDirectory(prefix="backrow-figures-") as folder, Path(folder, "log").open("wb") as log:
            cluster = Cluster(Path(folder, "database"), durable=durable)
            start = partial(cluster.start, output=log)
            tell(f"cluster made, started, answering; fsync {durable}", timed(start, times=1))
            cluster.stop()
            tell("started again", timed(start, times=1))
            tell("all migrations on an empty database", timed(partial(migrating.upgrade, cluster.url(OWNER)), times=1))
            with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
                tell("one migrated database copied", timed(partial(_copy, connection), times=5))
            cluster.stop()


def _copy(connection: psycopg.Connection) -> None:
    make_database(connection, f"copy_{uuid4().hex}", template="backrow")


def queue() -> None:
    """Time a job written in an act's own transaction; count what a rollback leaves."""
    with fresh_database() as url:
        engine = create_engine(url)
        with Session(engine) as session:
            session.execute(text("SELECT 1"))
            tell("one job written in the open transaction", timed(lambda: _enqueue(session), times=100))
            session.rollback()
            left = session.scalar(text("SELECT count(*) FROM procrastinate_jobs"))
            tell("jobs there after the rollback", float(left or 0), "jobs")
        engine.dispose()


def _enqueue(session: Session) -> int:
    return jobs.enqueue(session, EncodeSound(uuid4()))


def audited() -> None:
    """Count acts a second from eight threads whose transactions do 20 ms of other work: row first, or row last."""
    with fresh_database() as url:
        engine = create_engine(url, pool_size=8)
        sessions = everywhere(sessionmaker(engine))
        tell("row written when the act begins", _acts(sessions, first=True), "acts/s")
        tell("row written at the commit, as it is", _acts(sessions, first=False), "acts/s")
        engine.dispose()


def _acts(sessions: sessionmaker[Session], *, first: bool, count: int = 80) -> float:
    def act(thing: UUID) -> None:
        with sessions.begin() as session:
            audit.record_rule(session, "measured", rule="figures", thing_kind="figure", thing_id=thing)
            if first:
                session.add_all(session.info.popitem()[1])
                session.flush()
            session.execute(text("SELECT pg_sleep(0.02)"))

    began = time.perf_counter()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(act, [uuid4() for _ in range(count)]))
    return count / (time.perf_counter() - began)


def storage() -> None:
    """Time completing uploads of eight parts in the local storage, and copying the largest once."""
    for megabytes in (64, 256, 512):
        with tempfile.TemporaryDirectory(prefix="backrow-figures-") as folder:
            kept = LocalStorage(Path(folder), signer=Signer({"1": bytes(32)}, host="localhost"))
            kept.prepare()
            piece = bytes(megabytes * _MB // 8)
            begun = kept.begin_upload("film", size_bytes=megabytes * _MB, part_bytes=len(piece))
            digest = b64encode(sha256(piece).digest()).decode()
            sent = []
            for number in range(1, 9):
                part = PartToSend(number=number, size_bytes=len(piece), sha256_b64=digest)
                sent.append((number, kept.put_part("film", begun, part, BytesIO(piece)).etag))
            began = time.perf_counter()
            kept.complete_upload("film", begun, sent, size_bytes=megabytes * _MB)
            tell(f"completing {megabytes} MB in eight parts", (time.perf_counter() - began) * 1000)
            copied = Path(folder, "copied")
            tell(f"copying {megabytes} MB", timed(lambda: kept.fetch("film", copied), times=1))  # noqa: B023 - run at once


def jail() -> None:
    """Count the CPU of one run of a program that does nothing, on the rung that holds here and without any."""
    for wanted in ("auto", "off"):
        chosen = Jail.choose(wanted)
        with tempfile.TemporaryDirectory(prefix="backrow-figures-") as folder:
            task = Task(argv=("/usr/bin/true",), folder=Path(folder), limits=Limits(cpu_s=5, wall_s=20))
            began = children_cpu_s()
            for _ in range(20):
                chosen.run(task)
            tell(f"one run of nothing, rung {chosen.rung}: CPU", (children_cpu_s() - began) * 1000 / 20)


def children_cpu_s() -> float:
    """Give the CPU that ended child processes have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def decode() -> None:
    """Compare one decode for all three sizes with one for each, on 12 s of 1080p30 H.264."""
    off = Jail.choose("off")
    with tempfile.TemporaryDirectory(prefix="backrow-figures-") as folder:
        film, into = Path(folder, "film.mp4"), Path(folder)
        source = ["-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=30:duration=12"]
        encoded = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", str(film)]
        off.run_ffmpeg([*source, *encoded], folder=into, limits=Limits(cpu_s=120, wall_s=240.0))
        planned = plan(probe(film, jail=off))
        chunk = planned.chunks[1]

        def made(*groups: tuple[int, ...]) -> float:
            began = children_cpu_s()
            for group in groups:
                sizes = [planned.renditions[place] for place in group]
                transcode.encode_chunk(film, chunk, renditions=sizes, into=into, jail=off)
            return children_cpu_s() - began

        tell(f"chunk 1 ({chunk.out_ms - chunk.in_ms} ms), all sizes from one decode: CPU", made((0, 1, 2)), "s")
        tell("the same, each size from a decode of its own: CPU", made((0,), (1,), (2,)), "s")


def pages() -> None:
    """Weigh what a browser loads once, squeezed."""
    groups = {
        "our modules": [*(STATIC / "js").rglob("*.js")],
        "htmx and its strict mode": [
            STATIC / "vendor/htmx.org/htmx.esm.min.js",
            STATIC / "vendor/htmx.org/hx-csp.min.js",
        ],
        "hls.js (lesson pages, where the browser needs it)": [STATIC / "vendor/hls.js/hls.min.mjs"],
        "mediabunny (when somebody trims)": [STATIC / "vendor/mediabunny/mediabunny.min.mjs"],
        "style sheet": [STATIC / "vendor/backrow.css"],
    }
    for what, files in groups.items():
        tell(f"{what}: {len(files)} files", sum(len(gzip.compress(file.read_bytes())) for file in files) / 1024, "KB")


def wall() -> None:
    """Time the lesson page of an observer who has written 300 notes, with the wall between alliances and without."""
    with fresh_database() as url, tempfile.TemporaryDirectory(prefix="backrow-figures-") as folder:
        engine = create_engine(url)
        scene = build(everywhere(sessionmaker(engine)), Path(folder))
        for number in range(300):
            scene.note("Amina", f"Note {number}.")

        def ask() -> None:
            assert scene["Amina"].get(scene.lesson).status_code == 200  # noqa: S101, PLR2004 - else it is no figure

        for turn in ("", " again"):
            for named, act in (("with", "ENABLE"), ("without", "DISABLE")):
                with engine.begin() as connection:
                    for table in models.metadata.sorted_tables:
                        if "alliance_id" in table.c or table.name == "alliance":
                            connection.execute(text(f"ALTER TABLE {table.name} {act} ROW LEVEL SECURITY"))
                timed(ask, times=10)
                tell(f"lesson page with 300 notes, {named} the wall{turn}", timed(ask, times=100))
        engine.dispose()


FIGURES = {
    "policy": policy, "database": database, "queue": queue, "audit": audited,
    "storage": storage, "jail": jail, "decode": decode, "pages": pages, "wall": wall,
}  # fmt: skip


if __name__ == "__main__":
    for named in sys.argv[1:] or FIGURES:
        FIGURES[named]()
