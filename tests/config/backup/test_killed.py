"""`kill -9` at any point: a backup broken off is none and costs little, a restore broken off goes on."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from app.errors import Conflict
from config.backup.folder import Folder
from tests.config.backup.home import Home, Place
from tests.config.backup.test_restoring import ADDED, without

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
#: More than are copied before the kill: the rest must still take longer than looking does, on a quick disk too.
PIECES = {"local": 400, "s3": 90}
#: So soon that most is still to come, wherever it is.
SOON = 90
TIMES = 3


def files(folder: Path) -> int:
    """Count what has been written."""
    return sum(len(names) for _, _, names in os.walk(folder))


def killed(place: Place, words: tuple[str | Path, ...], written: Path, after: int, said: Path) -> bool:
    """Start a command, kill it once it has written so many files, and say whether that came before its end."""
    child = place.start(*words, said=said)
    deadline = time.monotonic() + 120
    while child.poll() is None and files(written) < after:  # without a pause: it copies hundreds of files a second
        assert time.monotonic() < deadline, f"never {after} files; it said {said.read_text()}"
    os.killpg(child.pid, signal.SIGKILL)
    return child.wait() == -signal.SIGKILL


def copied(folder: Folder) -> dict[Path, int]:
    """Give what was copied, by the file itself."""
    return {path: path.stat().st_ino for path in folder.objects.rglob("*") if path.is_file()}


def test_p22_a_killed_backup_is_none_and_the_next_one_goes_on(home: Home, kind: str, tmp_path: Path) -> None:
    home.film(home.scene.ids["recording"], kind="small_copy", pieces=PIECES[kind])
    chance = random.Random(4)  # noqa: S311 - no secret
    tables = len(home.place.rows())
    # While rows are copied, then twice while objects are; what an earlier attempt has left counts for none of them.
    for step in (chance.randrange(2, tables), *(tables + chance.randrange(5, 30) for _ in range(TIMES - 1))):
        after = files(home.folder.path) + step
        assert killed(home.place, ("backup", home.folder.path), home.folder.path, after, tmp_path / "said"), after
        assert not any(each.whole for each in home.folder.sets())
        with pytest.raises(Conflict, match="no finished backup"):
            home.restore(home.new_place())
    before = copied(home.folder)
    taken = home.back_up()
    after_all = copied(home.folder)
    kept = [path for path, number in before.items() if after_all.get(path) == number]
    assert len(kept) >= len(before) - 64, "what was copied before is there; only the last handful may be copied again"
    assert len(after_all) == taken.objects
    assert [each.whole for each in home.folder.sets()] == [True], "what was broken off is gone"
    assert not home.folder.incoming.exists()
    there = home.new_place()
    home.restore(there)
    assert without(there.rows(), ADDED) == home.place.rows()
    assert there.objects() == home.place.objects()


@pytest.mark.parametrize("kind", ["local"], indirect=True)
def test_p22_a_killed_restore_goes_on_when_it_is_said_again(home: Home, tmp_path: Path) -> None:
    home.film(home.scene.ids["elsewhere"], kind="small_copy", pieces=PIECES["local"])
    lesson = home.scene.ids["recording"]
    first = home.back_up()
    home.scene["Tom"].post(f"{home.scene.lesson}/erase")
    home.erase(lesson)
    home.back_up()
    older = home.folder.sets()[0].name
    home.sessions.kw["bind"].dispose()
    there, chance = home.new_place(), random.Random(5)  # noqa: S311 - no secret
    words = ("restore", home.folder.path, "--set", older)
    for after in sorted(chance.sample(range(2, SOON), TIMES)):
        killed(there, words, there.data / "storage" / "objects", after, tmp_path / "said")
        assert list(there.storage.keys(f"r/{lesson}")) == [], "not for a moment"
        with pytest.raises(Conflict, match="Go on with"):
            home.restore(there)
    child = there.start(*words, said=tmp_path / "said")
    said = (tmp_path / "said").read_text() if child.wait(timeout=240) else ""
    assert child.returncode == 0, said
    kept = {key: digest for key, digest in home.place.objects().items() if str(lesson) not in key}
    assert there.objects() == kept
    assert list(there.storage.keys(f"r/{lesson}")) == []
    assert first.objects > len(kept)
    assert without(there.rows(), lesson)["recording"] == without(home.place.rows(), lesson)["recording"]
