"""What the phone hid in the file reaches nobody: it is in nothing that is made of it (P37)."""

from pathlib import Path

from tests.video.lessons import Maker
from video.frames import make_poster
from video.inspection import inspect
from video.plan import plan
from video.probe import probe
from video.process import Jail
from video.sound import encode_sound
from video.transcode import encode_chunk

_SECRETS = {
    "location": "+52.5200+013.4050/",
    "com.apple.quicktime.make": "SecretMake",
    "artist": "Jane Q Doe",
    "title": "Y8 Jane Doe",
    "comment": "behind the third window",
}


def _film_full_of_secrets(maker: Maker, folder: Path) -> Path:
    notes, film = folder / "diary.txt", folder / "Y8 Jane Doe.mkv"
    notes.write_text("a diary of room 12")
    chapters = folder / "chapters.txt"
    chapters.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=3\ntitle=Chapter of Kim\n")
    told = [text for key, value in _SECRETS.items() for text in ("-metadata", f"{key}={value}")]
    tracks = ["-metadata:s:v:0", "title=Track of Kim", "-metadata:s:a:0", "handler_name=Ear of Kim"]
    attached = ["-attach", str(notes), "-metadata:s:t:0", "mimetype=text/plain"]
    both = ["-i", str(maker.lesson("plain.mp4").path), "-i", str(chapters), "-map_chapters", "1"]
    maker.ffmpeg(*both, "-map", "0", "-c", "copy", *told, *tracks, *attached, film)
    return film


def test_p37_nothing_hidden_in_the_file_is_in_what_is_made_of_it(maker: Maker, tmp_path: Path, jail: Jail) -> None:
    film = _film_full_of_secrets(maker, tmp_path)
    words = [*_SECRETS.values(), "a diary of room 12", "of Kim", "Jane Doe"]
    assert all(word.encode() in film.read_bytes() for word in words if word != "Jane Doe")
    into = tmp_path / "into"
    into.mkdir()
    planned = plan(probe(film, jail=jail))
    for chunk in planned.chunks:
        encode_chunk(film, chunk, renditions=planned.renditions, into=into, jail=jail)
    assert planned.sound is not None
    encode_sound(film, planned.sound, into=into, jail=jail, on_segment=lambda *_: None)
    make_poster(film, planned, into=into, jail=jail)
    made = list(into.iterdir())
    assert {"poster.jpg", "240p-init.mp4", "sound-000000.m4s"} <= {path.name for path in made}
    for path in made:
        data = path.read_bytes()
        assert [word for word in words if word.encode() in data] == [], path.name
    told = str(inspect(film, jail=jail))
    assert [word for word in words if word in told] == []
