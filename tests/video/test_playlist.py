"""Playlists say what is there, and only what is there."""

import re
from pathlib import Path

import pytest

from tests.video.lessons import Maker
from tests.video.test_transcode import prepare
from video import playlist
from video.playlist import Piece, Sounding, Variant
from video.process import Jail, Limits

_PIECES = [
    Piece(uri=f"s{n}", start_ticks=start, duration_ticks=length, size_bytes=size)
    for n, (start, length, size) in enumerate(
        [(0, 363_000, 50_000), (363_000, 357_000, 90_000), (720_000, 90_000, 9000)]
    )
]


def test_it_grows_until_it_has_ended() -> None:
    growing = playlist.media(_PIECES[:2], init_uri="init", ended=False)
    whole = playlist.media(_PIECES, init_uri="init", ended=True)
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in growing
    assert "ENDLIST" not in growing
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in whole
    assert whole.endswith("#EXT-X-ENDLIST\n")
    listed = growing[growing.index("#EXTINF") :]
    assert listed in whole, "a growing playlist may only gain lines at its end"


def test_lengths_are_the_differences_of_first_frames() -> None:
    text = playlist.media(_PIECES, init_uri="init", ended=True)
    assert re.findall(r"#EXTINF:([\d.]+),\n(\S+)", text) == [("4.033333", "s0"), ("3.966667", "s1"), ("1.000000", "s2")]
    assert text.startswith("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n")
    assert '#EXT-X-MAP:URI="init"' in text
    assert "#EXT-X-INDEPENDENT-SEGMENTS" in text


@pytest.mark.parametrize(
    ("ticks", "target"),
    [
        pytest.param(630_000, 7, id="a gap makes a long piece"),
        pytest.param(405_000, 5, id="half a second goes up"),
        pytest.param(404_999, 4, id="less than half goes down"),
    ],
)
def test_the_target_is_the_longest_rounded_length(ticks: int, target: int) -> None:
    piece = Piece(uri="s", start_ticks=0, duration_ticks=ticks, size_bytes=1)
    assert f"#EXT-X-TARGETDURATION:{target}\n" in playlist.media([piece], init_uri="i", ended=False)


def test_nothing_is_ready_yet() -> None:
    assert "#EXTINF" not in playlist.media([], init_uri="i", ended=False)


def test_a_clip_has_the_pieces_that_it_touches() -> None:
    assert [piece.uri for piece in playlist.pieces_between(_PIECES, 4033, 4034)] == ["s0", "s1"]
    assert [piece.uri for piece in playlist.pieces_between(_PIECES, 4034, 8000)] == ["s1"]
    assert [piece.uri for piece in playlist.pieces_between(_PIECES, 8000, 9000)] == ["s2"]


def test_a_lesson_is_ready_where_picture_and_sound_both_are() -> None:
    assert playlist.ready_ticks(_PIECES, _PIECES[:1]) == 363_000
    assert playlist.ready_ticks(_PIECES, None) == 810_000
    assert playlist.ready_ticks(_PIECES, []) == 0


def test_the_master_names_sizes_codecs_and_the_peak() -> None:
    variants = [
        Variant(uri=f"{high}.m3u8", width=wide, height=high, codecs="avc1.4D401E", bandwidth=high * 1000)
        for wide, high in ((854, 480), (426, 240))
    ]
    text = playlist.master(variants, Sounding(uri="a.m3u8", codecs="mp4a.40.2", bandwidth=96_000))
    streams = re.findall(r"#EXT-X-STREAM-INF:(.*)\n(\S+)", text)
    assert [uri for _, uri in streams] == ["240.m3u8", "480.m3u8"]
    assert streams[0][0] == 'BANDWIDTH=336000,CODECS="avc1.4D401E,mp4a.40.2",RESOLUTION=426x240,AUDIO="sound"'
    assert 'TYPE=AUDIO,GROUP-ID="sound"' in text
    silent = playlist.master(variants)
    assert "AUDIO" not in silent
    assert 'CODECS="avc1.4D401E",' in silent


def test_bandwidth_is_the_peak_and_a_guess_before_there_is_any() -> None:
    assert playlist.bandwidth(_PIECES) == 90_000 * 8 * 90_000 // 357_000
    assert playlist.bandwidth([], width=1280, height=720) > 2_000_000


def test_a_player_reads_every_frame_from_the_playlist(maker: Maker, tmp_path: Path, jail: Jail) -> None:
    lesson = maker.lesson("phone.mp4")
    made = prepare(lesson.path, tmp_path, jail)
    segments = made.segments["480p"]
    pieces = [
        Piece(
            uri=str(segment.path),
            start_ticks=segment.start_ticks,
            duration_ticks=segment.duration_ticks,
            size_bytes=segment.size_bytes,
        )
        for segment in segments
    ]
    init = segments[0].path.with_name("480p-init.mp4")
    (tmp_path / "v.m3u8").write_text(playlist.media(pieces, init_uri=str(init), ended=True))
    doors = ["-allowed_extensions", "ALL", "-extension_picky", "0"]
    args = ["-v", "error", "-progress", "pipe:1", *doors, "-i", "v.m3u8", "-fps_mode", "passthrough", "-f", "null", "-"]
    ended = Jail.choose("off").run_ffmpeg(args, folder=tmp_path, limits=Limits(cpu_s=60, wall_s=60.0))
    assert ended.err == ""
    assert re.findall(rb"frame=(\d+)", ended.out)[-1] == str(len(lesson.numbers)).encode()
