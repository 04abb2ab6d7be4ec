"""Compiles the argument lists that ffmpeg is run with; each was tried, and its frames counted, before it stood here.

ffmpeg-python only compiles: its own runner has no time limit and leaves children behind.
"""

from collections.abc import Sequence
from typing import Any, Final

import ffmpeg

from video.blur import Blur, laid_over, masked
from video.colours import Light, Matrix
from video.plan import Chunk, SoundPart
from video.sizes import Rendition

#: Containers that hold their own bytes; none that names other files or addresses. The probe's child has the same.
FORMATS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,asf,ogg,mxf"
#: Said before every input: nothing but the file itself is opened, and only as one of these kinds.
CLOSED: Final[dict[str, Any]] = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
#: Nothing that the phone wrote about place, device or people goes on; nothing of ours that changes from run to run.
BARE: Final[dict[str, Any]] = {
    "map_metadata": -1,
    "map_chapters": -1,
    "fflags": "+bitexact",
    "avoid_negative_ts": "disabled",
    "use_editlist": 0,
    "f": "mp4",
}
FRAGMENTS: Final = "+empty_moov+default_base_moof+frag_discont+skip_trailer"
_AAC_PRIMING: Final = 1024
_SOUND_RATE: Final = 48_000
#: -2 dB below full scale.
_LIMIT: Final = 0.794
QUIET: Final = ["-v", "error", "-filter_complex_threads", "1"]
#: What is served says so itself: a player that has to guess goes by the size, and would guess wrongly of a small one.
_SERVED_TAGS: Final = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "range": "tv"}
_SERVED_ALREADY: Final = {"in_color_matrix": "bt709", "in_range": "tv", "out_color_matrix": "bt709", "out_range": "tv"}
_ZSCALE_MATRICES: Final = {"bt709": "bt709", "bt601": "smpte170m", "fcc": "fcc", "smpte240m": "smpte240m"}
#: What `small_pictures` and `samples` write, without any head.
SMALL_PICTURES, SAMPLES = "pictures.bgr", "samples.s16"


def picture(chunk: Chunk, sizes: Sequence[Rendition], *, blur: Blur | None = None) -> list[str]:
    """Return ffmpeg's arguments for one chunk: one decode, and a file `NAME.mp4` for each rendition, blurred or not."""
    options: dict[str, Any] = CLOSED | {"copyts": None, "threads": 1}
    if chunk.seek is not None:
        seek_s = float(chunk.seek * chunk.time_base)
        options |= {"noaccurate_seek": None, "seek_timestamp": 1, "ss": f"{seek_s:.6f}"}
    shown = (
        ffmpeg.input("file:{0}", **options)[str(chunk.stream)]
        .filter("trim", start_pts=chunk.first, end_pts=chunk.end)
        .filter("setpts", f"PTS-({chunk.t0})")
    )
    if chunk.interlaced:
        shown = shown.filter("bwdif", mode="send_frame", deint="interlaced")
    largest = max(sizes, key=lambda size: size.height)
    if chunk.light != "sdr":
        shown = to_sdr(
            shown.filter("scale", largest.width, largest.height, flags="bicubic"), _hdr_in(chunk.light, chunk.matrix)
        )
    served = _served_colours(chunk.light, chunk.matrix, full=chunk.full)
    if blur is not None:
        shown = laid_over(_scaled(shown, largest, served), blur, width=largest.width, height=largest.height)
        served = served and _SERVED_ALREADY
    keys = ",".join(f"{float(chunk.at_s(key)):.6f}" for key in chunk.keys)
    copies = shown.filter_multi_output("split", len(sizes))
    files = [_picture_file(copies[place], size, keys, served) for place, size in enumerate(sizes)]
    return [*QUIET, *ffmpeg.merge_outputs(*files).compile()[1:]]


def _served_colours(light: Light, matrix: Matrix | None, *, full: bool) -> dict[str, str]:
    """Return what `scale` is told: from what the film means to BT.709 in television's range, which all players show.

    Said outright, since a film may say nothing, or in one picture another thing than in the next; then the head is
    the same for all chunks, too. A plan without a matrix is older than this, and its other chunks went without.
    """
    if matrix is None:
        return {}
    out = {"out_color_matrix": "bt709", "out_range": "tv"}
    if light != "sdr":
        return _SERVED_ALREADY
    if matrix != "bt709":
        out |= {"flags": "bicubic+accurate_rnd"}  # another matrix costs one rounding more, which can then be seen
    return out if matrix == "rgb" else {"in_color_matrix": matrix, "in_range": "pc" if full else "tv"} | out


def _hdr_in(light: Light, matrix: Matrix | None) -> dict[str, str]:
    """Return what `zscale` is told of a high dynamic range: where a film says only half of it, it would refuse."""
    if matrix is None or light == "sdr":
        return {}
    named = _ZSCALE_MATRICES.get(matrix, "bt2020nc")
    return {"tin": "smpte2084" if light == "pq" else "arib-std-b67", "pin": "bt2020", "min": named, "p": "bt2020"}


def to_sdr(shown: Any, hdr_in: dict[str, str]) -> Any:  # noqa: ANN401 - ffmpeg-python says nothing of its types
    """Bring a high dynamic range down to what every screen shows; scale first, since this works in floats."""
    return (
        shown.filter("zscale", t="linear", npl=100, **hdr_in)
        .filter("format", "gbrpf32le")
        .filter("zscale", p="bt709")
        .filter("tonemap", tonemap="hable", desat=0)
        .filter("zscale", t="bt709", m="bt709", r="tv")
        .filter("format", "yuv420p")
    )


def _picture_file(shown: Any, size: Rendition, keys: str, colours: dict[str, str]) -> Any:  # noqa: ANN401 - ffmpeg-python says nothing of its types
    return ffmpeg.output(_scaled(shown, size, colours), f"{size.name}.mp4", **x264(size, keys))


def _scaled(shown: Any, size: Rendition, colours: dict[str, str]) -> Any:  # noqa: ANN401 - ffmpeg-python says nothing of its types
    scaled = shown.filter("scale", size.width, size.height, **({"flags": "bicubic"} | colours)).filter("setsar", 1)
    scaled = scaled.filter("format", "yuv420p")
    return scaled.filter("setparams", **_SERVED_TAGS) if colours else scaled


def x264(size: Rendition, keys: str) -> dict[str, Any]:
    """Say how pictures of a rendition are encoded, in fragments that begin at `keys`: also what is to join them."""
    return BARE | {
        "c:v": "libx264",
        "preset": "veryfast",
        "crf": size.crf,
        "profile:v": size.profile,
        "level:v": size.level,
        "pix_fmt": "yuv420p",
        "bf": 0,
        "g": 9999,
        "x264-params": "scenecut=0:open-gop=0",
        "threads": 1,
        "fps_mode": "passthrough",
        "enc_time_base": "1:90000",
        "force_key_frames": keys,
        "flags:v": "+bitexact+cgop",
        "video_track_timescale": 90_000,
        "movflags": f"+frag_keyframe{FRAGMENTS}",
    }


def sound(
    track: int,
    parts: Sequence[SoundPart],
    *,
    gain_db: float = 0.0,
    crowded_from_s: float | None = None,
    voices_masked: bool = False,
) -> list[str]:
    """Return ffmpeg's arguments for the whole lesson's sound, one input for each part, as `sound.mp4`.

    With `gain_db` it is made so much louder, and what would then be too loud is held below -2 dB, without a delay. With
    `crowded_from_s` samples follow one another from there, on the file's clock, whatever their times say. The encoder
    puts 1024 samples in front; leaving out as many real ones keeps all that follows in place without an edit list,
    which players read differently.
    """
    ends = [*(after.start_s for after in parts[1:]), parts[-1].end_s]
    heard = [
        _part(place, track, part, until_s=end_s, crowded_from_s=crowded_from_s, voices_masked=voices_masked)
        for place, (part, end_s) in enumerate(zip(parts, ends, strict=True))
    ]
    joined = heard[0] if len(heard) == 1 else ffmpeg.concat(*heard, v=0, a=1)
    options = BARE | {
        "c:a": "aac",
        "b:a": "96k",
        "ac": 2,
        "threads": 1,
        "flags:a": "+bitexact",
        "frag_duration": 4_000_000,
        "flush_packets": 1,
        "movflags": FRAGMENTS,
    }
    if gain_db:
        joined = joined.filter("volume", volume=f"{gain_db:.1f}dB")
    if gain_db > 0 or voices_masked:
        joined = joined.filter("alimiter", limit=_LIMIT, level=0, latency=1)
    made = ffmpeg.output(joined.filter("atrim", start_sample=_AAC_PRIMING), "sound.mp4", **options)
    return [*QUIET, *made.compile()[1:]]


def _part(  # noqa: PLR0913 - what `sound` was told, and which part of it
    place: int, track: int, part: SoundPart, *, until_s: float, crowded_from_s: float | None, voices_masked: bool
) -> Any:  # noqa: ANN401 - ffmpeg-python says nothing of its types
    # Each part fills its stretch up to the next one's beginning; joined, they are on the lesson's clock.
    zero_s = part.t0_s + part.start_s
    at = "PTS" if crowded_from_s is None else f"(N/SR+{crowded_from_s:.9f})/TB"
    heard = (
        ffmpeg.input(f"file:{{{place}}}", **CLOSED, copyts=None, vn=None)[str(track)]
        .filter("asetpts", f"{at}-({zero_s:.9f})/TB")
        .filter("aresample", _SOUND_RATE, **{"async": 1, "first_pts": 0})
        .filter("aformat", channel_layouts="stereo", sample_fmts="fltp")
    )
    heard = masked(heard) if voices_masked else heard
    return heard.filter("apad").filter("atrim", end=f"{until_s - part.start_s:.9f}")


def loudness(track: int, places_s: Sequence[float | None], *, lasts_s: float) -> list[str]:
    """Return arguments that print how loud (EBU R 128) a track is in the stretches that begin at these places.

    A place is in seconds from the file's beginning; None is the beginning itself, without seeking.
    """
    heard = []
    for place_s in places_s:
        where = {} if place_s is None else {"ss": f"{place_s:.3f}"}
        heard.append(ffmpeg.input("file:{0}", **CLOSED, **where, t=lasts_s, vn=None)[str(track)])
    joined = heard[0] if len(heard) == 1 else ffmpeg.concat(*heard, v=0, a=1)
    measured = joined.filter("ebur128", framelog="quiet")
    return ["-v", "info", "-nostats", *ffmpeg.output(measured, "-", f="null").compile()[1:]]


def stills(places_s: Sequence[float | None], *, chunk: Chunk, width: int) -> list[str]:
    """Return arguments that write the whole picture before each place as `still-N.png`, no wider than `width`.

    `chunk` is any of the same recording: it says which stream, and how its colours are meant. A place is in seconds on
    the file's own clock; None is its beginning, without seeking.
    """
    files = []
    for number, place_s in enumerate(places_s):
        options = CLOSED | {"threads": 1}
        if place_s is not None:
            options |= {"noaccurate_seek": None, "seek_timestamp": 1, "ss": f"{place_s:.6f}"}
        seen = ffmpeg.input("file:{0}", **options)[str(chunk.stream)]
        seen = seen.filter("scale", f"trunc(min({width},iw*sar)/2)*2", "-2").filter("setsar", 1)
        seen = seen if chunk.light == "sdr" else to_sdr(seen, _hdr_in(chunk.light, chunk.matrix))
        colours = _served_colours(chunk.light, chunk.matrix, full=chunk.full)
        seen = seen.filter("scale", **{name: said for name, said in colours.items() if name.startswith("in_")})
        seen = seen.filter("format", "rgb24")
        files.append(ffmpeg.output(seen, f"still-{number}.png", **{"frames:v": 1, "update": 1, "map_metadata": -1}))
    return ["-v", "error", *ffmpeg.merge_outputs(*files).compile()[1:]]


def small_pictures(width: int, height: int) -> list[str]:
    """Return arguments that write each whole picture of a rendition of ours, in this size, as plain BGR bytes."""
    seen = ffmpeg.input("file:{0}", **CLOSED, threads=1, skip_frame="nokey")["v:0"]
    seen = seen.filter("scale", width, height, flags="area").filter("setsar", 1)
    options = {"f": "rawvideo", "pix_fmt": "bgr24", "fps_mode": "passthrough"}
    return [*QUIET, *ffmpeg.output(seen, SMALL_PICTURES, **options).compile()[1:]]


def samples(rate: int) -> list[str]:
    """Return arguments that write the sound of a rendition of ours as plain samples: mono, 16 bits, `rate` a second."""
    heard = ffmpeg.input("file:{0}", **CLOSED, vn=None)["a:0"]
    return [*QUIET, *ffmpeg.output(heard, SAMPLES, f="s16le", ac=1, ar=rate).compile()[1:]]
