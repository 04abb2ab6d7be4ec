"""What lies in a folder of backups: only what is new is copied, damage is named, what is too old goes."""

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Text, select

from app.clock import machine_now
from app.errors import Conflict
from app.ids import new
from app.lessons.blurs.models import BlurredCopy, BlurState
from app.lessons.media.models import Asset
from app.lessons.recordings.models import Recording
from app.lessons.uploads.models import Upload, UploadState
from app.models import metadata
from config.backup import restoring, rows, taking
from config.backup.folder import Folder, Set
from tests.config.backup.home import Home, put, quiet

#: Columns that hold something else that is called a key.
OTHER_KEYS = {"kept_answer.key", "throttle.key"}
#: What is about to be erased: a backup must not keep it alive.
GOING_KEYS = {"upload.whole_key"}


def looked_through(home: Home) -> int:
    """Compare the newest backup with its hashes; say how many objects it would bring back."""
    return len(restoring.look_through(home.folder, None, say=quiet)[2])


def test_only_what_is_new_is_copied_again(home: Home) -> None:
    home.back_up()
    first = {path: path.stat().st_ino for path in home.folder.objects.rglob("*") if path.is_file()}
    home.film(home.scene.ids["recording"], kind="small_copy", pieces=2)
    again = home.back_up()
    second = {path: path.stat().st_ino for path in home.folder.objects.rglob("*") if path.is_file()}
    assert {path: second[path] for path in first} == first
    assert len(second) == len(first) + 4 == again.objects == looked_through(home)
    assert len(home.folder.sets()) == 2


def test_everything_is_for_this_account_alone(home: Home) -> None:
    home.back_up()
    every = [home.folder.path, *home.folder.path.rglob("*")]
    open_to_others = [path for path in every if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert open_to_others == []


def _object(folder: Folder) -> Path:
    return next(path for path in sorted(folder.objects.rglob("*.m4s")))


def _only(folder: Folder) -> Set:
    return folder.sets()[0]


@pytest.mark.parametrize(
    "which",
    [
        pytest.param(_object, id="an object"),
        pytest.param(lambda folder: _only(folder).folder / "rows" / "note.copy.gz", id="a table"),
        pytest.param(lambda folder: _only(folder).list, id="the list of objects"),
        pytest.param(lambda folder: _only(folder).manifest, id="the manifest"),
        pytest.param(lambda folder: folder.tombstones, id="what was erased"),
    ],
)
@pytest.mark.parametrize("kind", ["local"], indirect=True)
def test_p22_one_changed_byte_is_refused_by_name(home: Home, which: Callable[[Folder], Path]) -> None:
    home.scene["Tom"].post(f"{home.scene.lesson}/erase")
    home.erase(home.scene.ids["recording"])
    home.back_up()
    changed = which(home.folder)
    body = bytearray(changed.read_bytes())
    body[len(body) // 2] ^= 1
    changed.write_bytes(body)
    there = home.new_place()
    with pytest.raises(Conflict) as refused:
        home.restore(there)
    assert refused.value.code == "backup_damaged"
    assert str(changed) in refused.value.say
    assert list(there.storage.keys("")) == []
    with there.database.owner() as connection:
        assert connection.execute("SELECT count(*) FROM account").fetchone() == (0,)


@pytest.mark.parametrize("kind", ["local"], indirect=True)
def test_p22_backups_forget_within_35_days(home: Home) -> None:
    home.back_up()
    home.back_up()
    old, young = home.folder.sets()
    aged(old, days=35)
    kept = aged(young, days=33)
    home.scene["Tom"].post(f"{home.scene.lesson}/erase")
    home.erase(home.scene.ids["recording"])
    home.back_up()
    assert [each.name for each in home.folder.sets()][:-1] == [kept]
    assert len(home.folder.sets()) == 2
    lesson = home.scene.ids["recording"]
    assert [path for path in home.folder.objects.rglob("*") if str(lesson) in str(path)] == [], "films go at once"
    there = home.new_place()
    home.restore(there, kept)
    assert list(there.storage.keys(f"r/{lesson}")) == []


def aged(old: Set, *, days: int) -> str:
    """Let a backup have been taken so many days ago."""
    moment = f"{machine_now() - timedelta(days=days):%Y-%m-%dT%H%M%S.%fZ}"
    old.folder.rename(old.folder.with_name(moment))
    return moment


@pytest.mark.parametrize("kind", ["local"], indirect=True)
def test_an_object_that_the_storage_lost_is_said_so(home: Home) -> None:
    lost = next(key for key in home.place.storage.keys("r") if key.endswith(".m4s"))
    home.place.storage.erase_prefix(lost)
    taken = home.back_up()
    assert taken.missing == (lost,)
    assert home.restore(home.new_place()).lacking == 1


@pytest.mark.parametrize("kind", ["local"], indirect=True)
def test_a_film_that_goes_since_its_copy_is_used_is_not_missing(home: Home) -> None:
    with home.sessions.begin() as session:
        recording = session.get_one(Recording, home.scene.ids["recording"])
        wish = {"whole": True, "regions": [], "voices": False}
        copy = BlurredCopy(alliance_id=recording.alliance_id, recording_id=recording.id, wish=wish, from_ms=0)
        session.add(copy)
        session.flush()
        copy.state = BlurState.SETTLED
        source = session.scalars(select(Asset.source_key).where(Asset.recording_id == recording.id)).one()
    home.place.storage.erase_prefix(source)
    taken = home.back_up()
    assert taken.missing == ()
    assert source in taken.erased


@pytest.mark.parametrize("kind", ["local"], indirect=True)
def test_no_room_is_said_before_anything_is_copied(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.back_up()
    monkeypatch.setattr(taking, "_SPARE_BYTES", 10**18)
    with pytest.raises(Conflict, match="Make room"):
        home.back_up()
    monkeypatch.undo()
    assert looked_through(home) == home.back_up().objects


@pytest.mark.parametrize("kind", ["local"], indirect=True)
def test_a_folder_with_other_things_is_left_alone(home: Home, tmp_path: Path) -> None:
    mine = tmp_path / "photographs"
    mine.mkdir()
    (mine / "aunt.jpg").touch()
    with pytest.raises(Conflict, match="something else than backups"):
        taking.take(home.place.installation, Folder(mine), say=quiet)
    assert [path.name for path in mine.iterdir()] == ["aunt.jpg"]


@pytest.mark.parametrize("kind", ["local"], indirect=True)
def test_two_backups_into_one_folder_take_turns(home: Home) -> None:
    home.back_up()
    with home.folder.held(), pytest.raises(Conflict, match="Wait for it to end"):
        home.back_up()
    with home.folder.held(), pytest.raises(Conflict, match="Wait for it to end"):
        home.restore(home.new_place())
    with pytest.raises(Conflict, match="no backups"):
        restoring.restore(home.new_place().installation, Folder(home.place.data), None, say=quiet)


def test_every_column_that_holds_a_key_of_storage_is_copied() -> None:
    keys = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if (column.name == "key" or column.name.endswith("_key")) and isinstance(column.type, Text)
    }
    words = rows.NAMED.replace(",", " ").split()
    asked = {name for name in keys if name.split(".")[0] in words and name.split(".")[1] in words}
    assert keys - asked == OTHER_KEYS | GOING_KEYS, (
        "Name it in `config.backup.rows.NAMED`, or here if it is no key of storage."
    )


@pytest.mark.parametrize("kind", ["local"], indirect=True)
@pytest.mark.parametrize("cut", [False, True])
def test_a_film_that_is_still_to_be_cut_is_not_taken_along(home: Home, *, cut: bool) -> None:
    recording_id = home.scene.ids["recording"]
    key = f"r/{recording_id}/{new().hex}/source"
    put(home.place.storage, key, b"more than its teacher keeps")
    with home.sessions.begin() as session:
        recording = session.get_one(Recording, recording_id)
        session.add(
            Upload(
                alliance_id=recording.alliance_id,
                recording_id=recording_id,
                kind="source",
                name="IMG_2041.mov",
                size_bytes=27,
                mime="video/quicktime",
                fingerprint="sha256:0",
                part_bytes=27,
                storage_key=key,
                storage_upload_id="-",
                state=UploadState.VERIFIED,
                trim_in_ms=0,
                trim_out_ms=1000,
                cut_in_browser=False,
                cut_at=recording.created_at if cut else None,
            )
        )
    home.back_up()
    taken = list(home.folder.objects.rglob("*"))
    assert any(path.is_file() and path.read_bytes() == b"more than its teacher keeps" for path in taken) == cut
