"""What is made of a lesson once it is ready: its storyboard, and the strip of what can be heard in it."""

from pathlib import Path

from app import ids
from app.jobs.films import MakeCopyPoster, MakeSoundStrip, MakeStoryboard
from app.lessons.media import looks, posters
from video import frames, soundstrip, storyboard
from video.segments import TICKS_PER_S
from workers.registry import handles
from workers.tools import Tools


def give_up_storyboard(job: MakeStoryboard, tools: Tools, _error: Exception) -> None:
    """Do without: a lesson can be watched without small pictures."""
    with tools.sessions.begin() as session:
        looks.keep_storyboard(session, job.asset_id)


def give_up_strip(job: MakeSoundStrip, tools: Tools, _error: Exception) -> None:
    """Do without: the sound itself is there."""
    with tools.sessions.begin() as session:
        looks.keep_strip(session, job.asset_id, "")


@handles(MakeStoryboard, given_up=give_up_storyboard)
def make_storyboard(job: MakeStoryboard, tools: Tools) -> None:
    """Take small pictures from the smallest rendition, and store the sheets before the row that names them."""
    with tools.sessions() as session:
        found = looks.to_look_through(session, job.asset_id)
    if found is None:
        return
    chosen = found.segments[:: storyboard.every(len(found.segments))]
    with tools.folder() as folder:
        film = _first_pictures(tools, found.init_key, [key for key, _ in chosen], folder)
        board = storyboard.make_storyboard(
            film,
            size=(found.width, found.height),
            pictures=len(chosen),
            into=folder,
            jail=tools.jail,
            on_tick=tools.may_go_on,
        )
        place = f"r/{found.recording_id}/{job.asset_id}/b{ids.new().hex}"
        keys = [tools.store(f"{place}/sheet-{number}.jpg", sheet) for number, sheet in enumerate(board.sheets)]
    with tools.sessions.begin() as session:
        looks.keep_storyboard(
            session,
            job.asset_id,
            sheet_keys=keys,
            times_ms=[ticks * 1000 // TICKS_PER_S for _, ticks in chosen],
            changes=board.changes,
            size=(board.width, board.height),
        )


@handles(MakeSoundStrip, given_up=give_up_strip)
def make_sound_strip(job: MakeSoundStrip, tools: Tools) -> None:
    """Listen through what is served of a lesson's sound."""
    with tools.sessions() as session:
        found = looks.to_listen_through(session, job.asset_id)
    if found is None:
        return
    with tools.folder() as folder:
        sound = _joined(tools, [found.init_key, *(key for key, _ in found.segments)], folder)
        heard = soundstrip.make_strip(
            sound, lasts_ms=found.duration_ms, into=folder, jail=tools.jail, on_tick=tools.may_go_on
        )
    with tools.sessions.begin() as session:
        looks.keep_strip(session, job.asset_id, heard)


@handles(MakeCopyPoster)
def make_copy_poster(job: MakeCopyPoster, tools: Tools) -> None:
    """Choose a picture that stands for a lesson from its blurred copy itself, never from the film."""
    with tools.sessions() as session:
        found = looks.to_take_poster(session, job.asset_id)
    if found is None:
        return
    spread = found.segments[:: max(len(found.segments) // frames.CANDIDATES, 1)]
    with tools.folder() as folder:
        film = _first_pictures(tools, found.init_key, [key for key, _ in spread], folder)
        made = frames.poster_of(
            film, size=(found.width, found.height), into=folder, jail=tools.jail, on_tick=tools.still_wanted
        )
        key = tools.store(f"r/{found.recording_id}/{job.asset_id}/p{ids.new().hex}/poster.jpg", made)
    with tools.sessions.begin() as session:
        posters.keep(session, job.asset_id, key=key)


def _first_pictures(tools: Tools, init_key: str, keys: list[str], folder: Path) -> Path:
    """Join an init with the first whole picture's fragment of each of these segments."""
    film = folder / "whole-pictures.mp4"
    with film.open("wb") as joined:
        joined.write(tools.fetch(init_key, folder).read_bytes())
        for key in keys:
            tools.may_go_on()
            piece = tools.fetch(key, folder)
            joined.write(storyboard.first_fragment(piece))
            _drop(piece, folder)
    return film


def _joined(tools: Tools, keys: list[str], folder: Path) -> Path:
    sound = folder / "whole-sound.mp4"
    with sound.open("wb") as joined:
        for key in keys:
            tools.may_go_on()
            piece = tools.fetch(key, folder)
            joined.write(piece.read_bytes())
            _drop(piece, folder)
    return sound


def _drop(piece: Path, folder: Path) -> None:
    """Remove a copy that was fetched; a file that the storage itself holds stays."""
    if piece.parent == folder:
        piece.unlink()
