"""`python -m tests.video.fuzz --files 500`: films broken in every way that chance thinks of, on each rung of the jail.

A file may be refused, with one of the sentences that a teacher reads, or be taken. Nothing else may come of it: no
other error, no program left running, no call to a listening canary, no word of a canary file in what is made.
"""

import random
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click

from tests.video.lessons import Maker
from video.errors import SENTENCES, MediaError
from video.frames import make_poster
from video.plan import plan
from video.probe import probe
from video.process import Jail
from video.sound import encode_sound
from video.transcode import encode_chunk

SEEDS: Final = (
    "plain.mp4", "phone.mp4", "edit-list.mp4", "odd.mp4", "gapped.mkv", "two-sounds.mkv", "pasted.ts", "wrapping.ts",
    "crowded.avi",
)  # fmt: skip
#: One film in so many has its sound and its poster made, too.
_WHOLLY: Final = 4
SECRET: Final = b"a-canary-sits-in-this-file"
#: Longer than this for a film of six seconds, and something hangs.
MOST_S: Final = 60.0
_WORDS: Final = (
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\x7f\xff\xff\xff",
    b"\x80\x00\x00\x00",
    b"\x00\x00\x00\x01",
)


@dataclass
class Canary:
    """A file that nobody may read, and a place that nobody may call."""

    file: Path
    listening: socket.socket

    @property
    def called(self) -> bool:
        """Say whether somebody has called since."""
        try:
            line, _ = self.listening.accept()
        except BlockingIOError:
            return False
        line.close()
        return True

    @property
    def texts(self) -> tuple[bytes, ...]:
        """What would make a careless program read the file, or call."""
        port = self.listening.getsockname()[1]
        call, file = f"http://127.0.0.1:{port}/x".encode(), b"file://" + bytes(self.file)
        return (
            b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n" + file + b"\n#EXTINF:9,\n" + call + b"\n#EXT-X-ENDLIST\n",
            b"ffconcat version 1.0\nfile '" + bytes(self.file) + b"'\nfile '" + call + b"'\n",
            b"url " + call + b"\0alis" + bytes(self.file) + b"\0",
        )


@dataclass
class Came:
    """What came of all files: how many of each code, and what must not have come."""

    codes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest_s: float = 0.0


@contextmanager
def canary(folder: Path) -> Iterator[Canary]:
    """Put the canaries out."""
    file = folder / "canary.txt"
    file.write_bytes(SECRET * 50)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield Canary(file, listening)


def broken(film: bytes, chance: random.Random, texts: tuple[bytes, ...], others: Sequence[bytes] = ()) -> bytes:
    """Break a film once or a few times; where there are others, a piece of one may get into it, or its whole end."""
    ways: tuple[Callable[[bytearray, random.Random, tuple[bytes, ...]], None], ...] = (
        _flip, _flip, _word, _word, _cut, _double, _leave_out, _plant,
    )  # fmt: skip
    data = bytearray(film)
    if others and not chance.randrange(8):
        _splice(data, chance, chance.choice(others))
    for _ in range(chance.choice((1, 1, 2, 3, 8, 30))):
        if data:
            chance.choice(ways)(data, chance, texts)
    return bytes(data)


def _where(data: bytearray, chance: random.Random) -> int:
    """Choose a place, more often where containers keep their words."""
    ends = min(len(data), 4096)
    return chance.choice((chance.randrange(len(data)), chance.randrange(ends), len(data) - 1 - chance.randrange(ends)))


def _flip(data: bytearray, chance: random.Random, _texts: tuple[bytes, ...]) -> None:
    data[_where(data, chance)] ^= 1 << chance.randrange(8)


def _word(data: bytearray, chance: random.Random, _texts: tuple[bytes, ...]) -> None:
    at = _where(data, chance) & ~3
    data[at : at + 4] = chance.choice(_WORDS)


def _cut(data: bytearray, chance: random.Random, _texts: tuple[bytes, ...]) -> None:
    del data[_where(data, chance) :]


def _double(data: bytearray, chance: random.Random, _texts: tuple[bytes, ...]) -> None:
    at, size = _where(data, chance), chance.randrange(1, 4096)
    data[at:at] = data[at : at + size]


def _leave_out(data: bytearray, chance: random.Random, _texts: tuple[bytes, ...]) -> None:
    at = _where(data, chance)
    del data[at : at + chance.randrange(1, 4096)]


def _splice(data: bytearray, chance: random.Random, other: bytes) -> None:
    at, begins = _where(data, chance), chance.randrange(len(other))
    ends = chance.choice((begins + 188 * chance.randrange(1, 50), len(other)))
    data[at : chance.choice((at, at + ends - begins, len(data)))] = other[begins:ends]


def _plant(data: bytearray, chance: random.Random, texts: tuple[bytes, ...]) -> None:
    at, text = _where(data, chance), chance.choice(texts)
    data[at : at + len(text)] = text


def fuzz(folder: Path, *, files: int, seed: int, jail: Jail) -> Came:
    """Break `files` films, and have each looked at and its beginning prepared."""
    chance, came, maker = random.Random(seed), Came(), Maker(folder)  # noqa: S311 - no secret
    films = [maker.lesson(name).path.read_bytes() for name in SEEDS]
    with canary(folder) as put_out:
        for number in range(files):
            place = folder / f"film-{number}"
            place.mkdir()
            film = place / "film.mp4"
            film.write_bytes(broken(chance.choice(films), chance, put_out.texts, films))
            began = time.monotonic()
            code = _tried(film, place, jail, came, number)
            taken_s = time.monotonic() - began
            came.codes[code] += 1
            came.slowest_s = max(came.slowest_s, taken_s)
            if taken_s > MOST_S:
                came.wrong.append(f"file {number} took {taken_s:.0f} s")
            if put_out.called:
                came.wrong.append(f"file {number} made something call the canary")
            _look_for_the_secret(place, came, number)
    return came


def _tried(film: Path, place: Path, jail: Jail, came: Came, number: int) -> str:
    try:
        planned = plan(probe(film, jail=jail))
        into = place / "into"
        into.mkdir()
        encode_chunk(film, planned.chunks[0], renditions=planned.renditions, into=into, jail=jail)
        if number % _WHOLLY == 0:
            make_poster(film, planned, into=into, jail=jail)
            if planned.sound is not None:
                encode_sound(film, planned.sound, into=into, jail=jail, on_segment=lambda *_: None)
    except MediaError as refused:
        if refused.code not in SENTENCES or refused.say != SENTENCES[refused.code]:
            came.wrong.append(f"file {number}: {refused.code} has no sentence of its own")
        return refused.code
    except Exception as error:  # noqa: BLE001 - what else there may be is just what is looked for
        came.wrong.append(f"file {number}: {type(error).__name__}: {error}"[:300])
        return "broke"
    return "taken"


def _look_for_the_secret(place: Path, came: Came, number: int) -> None:
    """Look in everything that was made, and clear it away unless something is to be looked at."""
    made = [path for path in place.rglob("*") if path.is_file()]
    if any(SECRET in path.read_bytes() for path in made if path.name != "film.mp4"):
        came.wrong.append(f"file {number}: the canary's words came out")
    for path in made:
        path.unlink()


@click.command()
@click.option("--files", type=int, default=500, show_default=True)
@click.option("--seed", type=int, default=None, help="Break the same films in the same ways.")
@click.option("--rung", "rungs", type=click.Choice(["bwrap", "landlock"]), multiple=True, default=["bwrap", "landlock"])
def main(*, files: int, seed: int | None, rungs: tuple[str, ...]) -> None:
    """Break films; ends with 1 if anything came of one but a sentence or a lesson."""
    seed = random.randrange(10**6) if seed is None else seed  # noqa: S311 - no secret
    wrong: list[str] = []
    for rung in rungs:
        jail = Jail.choose("bwrap" if rung == "bwrap" else "landlock")
        with tempfile.TemporaryDirectory(prefix="backrow-fuzz-") as folder:
            came = fuzz(Path(folder), files=files, seed=seed, jail=jail)
        click.echo(f"{rung}, seed {seed}: {dict(came.codes.most_common())}; the slowest took {came.slowest_s:.1f} s.")
        wrong += came.wrong
    click.echo("\n".join(wrong) or "No escape, no hang, no other error.")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
