"""Films of every kind that schools have, each small, and with its truth known from how it was made.

One row a kind: the ending says the container. What each row adds to `LESSONS`, where odd times are, is another way of
storing pictures and sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.video.lessons import Lesson, Maker, Shot

_SHORT = Shot(seconds=5.0, fps_num=25)
_QUICK = ["-preset", "ultrafast", "-crf", "24"]
_X264 = ["-c:v", "libx264", *_QUICK, "-pix_fmt", "yuv420p"]
_X265 = ["-c:v", "libx265", *_QUICK, "-x265-params", "log-level=error"]
_MPEG2 = ["-c:v", "mpeg2video", "-b:v", "3M", "-g", "12", "-bf", "2"]
_MPEG4 = ["-c:v", "mpeg4", "-q:v", "4", "-g", "50", "-bf", "2"]
_VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "800k"]
_AV1 = ["-c:v", "libsvtav1", "-preset", "12", "-crf", "40", "-svtav1-params", "keyint=50"]
_MP2, _MP3, _PCM = ["-c:a", "mp2"], ["-c:a", "libmp3lame", "-b:a", "96k"], ["-c:a", "pcm_s16le"]
_OPUS, _AC3, _WMA = ["-c:a", "libopus"], ["-c:a", "ac3"], ["-c:a", "wmav2"]
#: An old phone's: narrow-band speech. `amr_nb` has no encoder here.
_OLD = ["-c:a", "aac", "-ar", "16000", "-ac", "1", "-b:a", "32k"]
_TEN_BITS = ("format=yuv420p10le",)

_HLG_TOLD = "color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc:range=tv"
_HLG_X265 = "log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"

#: name → how it is filmed
SHOTS: dict[str, Shot] = {
    "h264.mp4": replace(_SHORT, codec=[*_X264, "-bf", "2", "-g", "50"]),
    "h264.mov": replace(_SHORT, codec=_X264, sound_codec=_PCM),
    "h264.m4v": replace(_SHORT, codec=_X264),
    "h264.mkv": replace(_SHORT, codec=[*_X264, "-bf", "2"], sound_codec=_AC3),
    "h264.ts": replace(_SHORT, codec=[*_X264, "-bf", "2"], sound_codec=_AC3),
    "h264.m2ts": replace(
        _SHORT, codec=[*_X264, "-bf", "2"], sound_codec=_AC3, options=["-f", "mpegts", "-mpegts_m2ts_mode", "1"]
    ),
    "h264.flv": replace(_SHORT, codec=_X264),
    "ten-bits.mp4": replace(_SHORT, codec=["-c:v", "libx264", *_QUICK, "-profile:v", "high10"], chain=_TEN_BITS),
    "phone.3gp": replace(
        _SHORT, width=176, height=144, fps_num=15, codec=["-c:v", "h263", "-b:v", "200k"], sound_codec=_OLD
    ),
    "hevc.mp4": replace(_SHORT, codec=[*_X265, "-tag:v", "hvc1"]),
    "hevc-ten-bits.mkv": replace(_SHORT, codec=_X265, chain=_TEN_BITS),
    "hevc.ts": replace(_SHORT, codec=_X265),
    "mpeg2.mpg": replace(_SHORT, width=352, height=288, codec=_MPEG2, sound_codec=_MP2, options=["-f", "vob"]),
    "mpeg2.ts": replace(_SHORT, codec=_MPEG2, sound_codec=_MP2),
    "mpeg2.mkv": replace(_SHORT, codec=_MPEG2, sound_codec=_MP2),
    "mpeg1.mpg": replace(_SHORT, codec=["-c:v", "mpeg1video", "-b:v", "2M"], sound_codec=_MP2, options=["-f", "mpeg"]),
    "mpeg4.mp4": replace(_SHORT, codec=_MPEG4),
    "mpeg4.avi": replace(_SHORT, codec=["-c:v", "mpeg4", "-q:v", "4", "-vtag", "DIVX"], sound_codec=_PCM),
    "mjpeg.avi": replace(_SHORT, codec=["-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", "yuvj420p"], sound_codec=_PCM),
    "mjpeg.mov": replace(_SHORT, codec=["-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", "yuvj420p"], sound_codec=_PCM),
    "vp8.webm": replace(
        _SHORT,
        codec=["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "800k"],
        sound_codec=["-c:a", "libvorbis"],
    ),
    "vp9.webm": replace(_SHORT, codec=_VP9, sound_codec=_OPUS),
    "vp9-hidden.webm": replace(
        _SHORT,
        codec=["-c:v", "libvpx-vp9", "-cpu-used", "6", "-b:v", "300k", "-auto-alt-ref", "1", "-lag-in-frames", "25"],
        sound_codec=_OPUS,
    ),
    "vp9-hidden.mp4": replace(
        _SHORT,
        codec=["-c:v", "libvpx-vp9", "-cpu-used", "6", "-b:v", "300k", "-auto-alt-ref", "1", "-lag-in-frames", "25"],
        sound_codec=_OPUS,
    ),
    "av1.mp4": replace(_SHORT, codec=_AV1),
    "av1.webm": replace(_SHORT, codec=_AV1, sound_codec=_OPUS),
    "prores.mov": replace(
        _SHORT, codec=["-c:v", "prores_ks", "-profile:v", "0"], sound_codec=_PCM, chain=("format=yuv422p10le",)
    ),
    "dnxhr.mov": replace(
        _SHORT, codec=["-c:v", "dnxhd", "-profile:v", "dnxhr_lb"], sound_codec=_PCM, chain=("format=yuv422p",)
    ),
    "dnxhr.mxf": replace(
        _SHORT, codec=["-c:v", "dnxhd", "-profile:v", "dnxhr_lb"], sound_codec=_PCM, chain=("format=yuv422p",)
    ),
    "wmv2.wmv": replace(_SHORT, codec=["-c:v", "wmv2", "-b:v", "1M"], sound_codec=_WMA),
    "wmv1.wmv": replace(_SHORT, codec=["-c:v", "wmv1", "-b:v", "1M"], sound_codec=_WMA),
    "theora.ogv": replace(_SHORT, codec=["-c:v", "libtheora", "-q:v", "6"], sound_codec=["-c:a", "libvorbis"]),
    "dv.avi": replace(
        _SHORT, width=720, height=576, codec=["-c:v", "dvvideo"], sound_codec=_PCM, chain=("setsar=16/15",)
    ),
    "hlg.mp4": replace(
        _SHORT,
        chain=(f"format=yuv420p10le,setparams={_HLG_TOLD}",),
        codec=["-c:v", "libx265", *_QUICK, "-tag:v", "hvc1", "-x265-params", _HLG_X265],
    ),
    "low-field-first.ts": replace(
        _SHORT,
        width=720,
        height=576,
        fps_num=50,
        hold=2,
        chain=("interlace=scan=bff:lowpass=0", "setsar=16/15"),
        codec=["-c:v", "mpeg2video", "-b:v", "4M", "-flags", "+ilme+ildct"],
        sound_codec=_MP2,
    ),
    "wide-pixels.mp4": replace(_SHORT, chain=("setsar=4/3",), codec=_X264),
    "full-range.mp4": replace(
        _SHORT, chain=("scale=out_range=pc",), codec=["-c:v", "libx264", *_QUICK, "-pix_fmt", "yuvj420p"]
    ),
    "many-colours.mkv": replace(_SHORT, chain=("format=yuv444p",), codec=["-c:v", "libx264", *_QUICK]),
    "ten-seconds.mp4": replace(_SHORT, seconds=10.0, codec=_X264),
    "one-picture.mp4": replace(_SHORT, seconds=0.04, codec=_X264, silent=True),
    "long-sound.mp4": replace(_SHORT, sound_s=8.0, codec=_X264),
    "no-sound.mov": replace(_SHORT, silent=True, codec=_X264),
    "fragments.mp4": replace(_SHORT, codec=_X264, options=["-movflags", "+frag_keyframe+delay_moov"]),
    "early.mp4": replace(_SHORT, codec=[*_X264, "-bf", "2"], options=["-movflags", "+negative_cts_offsets"]),
    "six-speakers.mkv": replace(
        _SHORT,
        codec=_X264,
        sound_chain=",aformat=channel_layouts=mono,pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0",
        sound_codec=_AC3,
    ),
    "cheap-sound.mp4": replace(_SHORT, codec=_X264, sound_codec=["-c:a", "aac", "-ar", "8000", "-ac", "1"]),
}


#: What is seen where the pixels aren't square.
_UPRIGHT = {"dv.avi": (768, 576), "low-field-first.ts": (768, 576), "wide-pixels.mp4": (427, 240)}

#: name → how the upright picture is laid down, and what the display matrix says to set it up again
_TURNED: dict[str, tuple[str, list[str]]] = {
    "quarter-turn.mp4": ("transpose=1", ["-display_rotation:v:0", "90"]),
    "half-turn.mp4": ("hflip,vflip", ["-display_rotation:v:0", "180"]),
    "mirrored.mov": ("hflip", ["-display_hflip:v:0"]),
    "mirrored-and-turned.mov": ("hflip,transpose=2", ["-display_hflip:v:0", "-display_rotation:v:0", "-90"]),
}
KINDS = (*SHOTS, *_TURNED)


def kind(maker: Maker, name: str) -> Lesson:
    """Make a film of one kind."""
    to = maker.folder / name
    if name in _TURNED:
        laid, said = _TURNED[name]
        flat = maker.film(to.with_name(f"flat-{name}"), replace(_SHORT, codec=_X264, chain=(laid,)))
        maker.ffmpeg(*said, "-i", flat.path, "-c", "copy", to)
        return replace(flat, path=to)
    made = maker.film(to, SHOTS[name])
    return replace(made, upright=_UPRIGHT.get(name, made.upright))


#: Red, green and blue of patches that stand side by side, and never move.
PATCHES = (
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    (255, 255, 255),
    (128, 128, 128),
    (0, 0, 0),
    (200, 120, 90),
    (40, 90, 160),
)
_SHARP = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "16"]


@dataclass(frozen=True)
class Colours:
    """How a camera stores colours, and what it says of that."""

    size: tuple[int, int]
    matrix: str
    range: str = "tv"
    told: str = ""
    codec: Sequence[str] = tuple(_SHARP)


COLOURS = {
    "small, says nothing.mp4": Colours((640, 480), "bt601"),
    "small.mp4": Colours((640, 480), "bt601", told="smpte170m"),
    "small, like a large one.mp4": Colours((640, 480), "bt709", told="bt709"),
    "large, says nothing.mp4": Colours((1280, 720), "bt709"),
    "large.mp4": Colours((1280, 720), "bt709", told="bt709"),
    "large, like a small one.mp4": Colours((1280, 720), "bt601", told="smpte170m"),
    "full range.mp4": Colours((640, 480), "bt601", "pc", told="smpte170m"),
    "large, full range.mp4": Colours((1280, 720), "bt709", "pc", told="bt709"),
    "camera's pictures.mov": Colours((640, 480), "bt601", "pc", codec=("-c:v", "mjpeg", "-q:v", "2")),
}


def coloured(maker: Maker, name: str) -> Path:
    """Make two seconds of the patches, stored in one of these ways."""
    way = COLOURS[name]
    width, height = way.size
    to = maker.folder / name.replace(" ", "-")
    inputs: list[str] = []
    for red, green, blue in PATCHES:
        shown = f"color=c=0x{red:02x}{green:02x}{blue:02x}:s={width // len(PATCHES)}x{height}:r=25:d=2,format=gbrp"
        inputs += ["-f", "lavfi", "-i", shown]
    stored = "yuvj420p" if way.range == "pc" else "yuv420p"
    graph = "".join(f"[{place}:v]" for place in range(len(PATCHES)))
    graph += f"hstack=inputs={len(PATCHES)},scale=out_color_matrix={way.matrix}:out_range={way.range},format={stored}"
    told = ["-colorspace", way.told, "-color_primaries", way.told, "-color_trc", way.told] if way.told else []
    unsaid = "" if told else ",setparams=colorspace=unknown:color_primaries=unknown:color_trc=unknown"
    maker.ffmpeg(*inputs, "-filter_complex", f"{graph}{unsaid}[v]", "-map", "[v]", *way.codec, *told, to)
    return to
