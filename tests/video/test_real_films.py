"""Films from real phones, cameras and recorders: `BACKROW_TEST_MEDIA` names a folder of them.

The project makes its own films, whose truth is known; these are for what nobody thinks of making. What is true of one
is what another decoder (PyAV's, outside the jail: they are the machine keeper's own files) shows of it, as far as it
shows anything.
"""

import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
import pytest

from tests.video import reading
from tests.video.test_transcode import prepare
from video.errors import MediaError
from video.plan import SoundPlan, plan
from video.probe import probe
from video.process import Jail
from video.segments import InitFile, SegmentFile
from video.sound import encode_sound

pytestmark = [pytest.mark.needs_films, pytest.mark.slow]


def films() -> list[Path]:
    """List them; none where no folder is named."""
    folder = os.environ.get("BACKROW_TEST_MEDIA")
    return sorted(file for file in Path(folder).iterdir() if file.suffix not in {"", ".md"}) if folder else []


@dataclass(frozen=True)
class Shown:
    """What a decoder shows of a film: when each picture is shown, in seconds from the first; whether it stumbled."""

    times_s: list[float]
    whole: bool


def shown(film: Path) -> Shown:
    """Decode a film plainly, from its beginning to its end."""
    times: list[float] = []
    whole = True
    with av.open(str(film), metadata_errors="ignore") as container:
        stream = container.streams.video[0]
        try:
            times.extend(float(frame.time) for frame in container.decode(stream))
        except av.FFmpegError:
            whole = False
    return Shown(sorted(at - min(times) for at in times), whole)


@pytest.mark.parametrize("film", films() or [Path("none")], ids=lambda film: film.name)
def test_a_real_film_comes_through_whole_or_is_refused_by_name(film: Path, tmp_path: Path, jail: Jail) -> None:
    try:
        planned = plan(probe(film, jail=jail))
    except MediaError:
        return  # by name: a refusal without a sentence can't be made
    made, truth = prepare(film, tmp_path, jail), shown(film)
    with av.open(str(made.films["240p"])) as container:
        served = [float(frame.time or 0) for frame in container.decode(video=0)]
    assert len(served) + made.missing == planned.frames
    assert all(before < after for before, after in pairwise(served))
    if truth.whole:
        step_s = (truth.times_s[-1] - truth.times_s[0]) / max(len(truth.times_s) - 1, 1)
        assert len(served) == len(truth.times_s)
        assert abs(served[-1] - truth.times_s[-1]) <= step_s + 0.001
    if planned.sound is not None:
        lasts_s = hears(film, planned.sound, tmp_path, jail)
        assert abs(lasts_s - planned.duration_ms / 1000) < 0.05, "the sound lasts as long as the picture"


def hears(film: Path, sound: SoundPlan, folder: Path, jail: Jail) -> float:
    """Encode a film's sound; return how long it lasts when it is read back, in seconds."""
    into, pieces = folder / "sound", list[tuple[InitFile, SegmentFile]]()
    into.mkdir()
    encode_sound(film, sound, into=into, jail=jail, on_segment=lambda init, piece: pieces.append((init, piece)))
    assert pieces, "nothing could be heard"
    whole = reading.joined(folder / "heard.mp4", pieces[0][0], [piece for _, piece in pieces])
    with av.open(str(whole)) as container:
        *_, last = container.decode(audio=0)
    return float(last.time or 0) + last.samples / last.sample_rate
