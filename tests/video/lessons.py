"""Makes awkward little lessons whose truth is known from how they were made, and never from probing them.

Every picture carries its own number in a strip along its top: sixteen blocks, the lowest bit on the left, white for
one. The tone is a short beep at each whole second of the same clock. So a test can say which pictures came through,
in which order and when, and whether the sound still belongs to them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from video.process import Jail, Limits

BITS = 16
#: The strip is this share of the upright picture's height.
STRIP = 8
RATE = 48_000
_LIMITS = Limits(cpu_s=120, wall_s=240.0)
_X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "24", "-pix_fmt", "yuv420p"]
_B_FRAMES = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "28", "-pix_fmt", "yuv420p", "-bf", "2"]
AAC = ["-c:a", "aac", "-b:a", "64k"]


@dataclass(frozen=True)
class Lesson:
    """One film and what is true of it: each shown picture's number, and when it is shown, from the first."""

    path: Path
    numbers: tuple[int, ...]
    times_s: tuple[float, ...]
    beeps_s: tuple[float, ...]
    upright: tuple[int, int]


@dataclass
class Maker:
    """Makes each lesson once in `folder`, however many tests ask for it."""

    folder: Path
    _made: dict[str, Lesson] = field(default_factory=dict)

    def lesson(self, name: str) -> Lesson:
        """Return the lesson of that name, made now if it is not there yet."""
        if name not in self._made:
            self._made[name] = LESSONS[name](self, self.folder / name)
        return self._made[name]

    def ffmpeg(self, *args: str | Path) -> None:
        """Run ffmpeg outside the jail: what it reads here is our own."""
        texts = ["-v", "error", *map(str, args)]
        ended = Jail.choose("off").run_ffmpeg(texts, folder=self.folder, limits=_LIMITS)
        assert ended.code == 0, ended.err

    def film(self, to: Path, shot: "Shot") -> Lesson:
        """Make a film of moving, numbered pictures, with beeps unless the shot is silent."""
        frames = round(shot.seconds * shot.fps_num / shot.fps_den)
        strip = self._strip(to, frames, shot.hold)
        rate = f"{shot.fps_num}/{shot.fps_den}"
        high = shot.height // STRIP // 2 * 2
        drawn = f"[0:v]scale={shot.width}:{high}:flags=neighbor,format=yuv420p,setsar=1[strip]"
        body = f"testsrc2=s={shot.width}x{shot.height - high}:r={rate}:d={shot.seconds},format=yuv420p,setsar=1[body]"
        chain = ",".join(["[strip][body]vstack", *shot.chain])
        beep = f"aevalsrc='if(lt(mod(t,1),0.05),0.7*sin(2*PI*880*t),0)':s={RATE}:d={shot.sound_s or shot.seconds}"
        graph = f"{drawn};{body};{chain}[v]"
        sound: list[str] = []
        if not shot.silent:
            graph += f";{beep}{shot.sound_chain}[a]"
            sound = ["-map", "[a]", *shot.sound_codec]
        raw = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{BITS}x2", "-r", rate, "-i", str(strip)]
        self.ffmpeg(*raw, "-filter_complex", graph, "-map", "[v]", *shot.codec, *sound, *shot.options, to)
        strip.unlink()
        seconds = int(min(shot.sound_s or shot.seconds, shot.seconds))
        return Lesson(
            path=to,
            numbers=tuple(range(frames // shot.hold)),
            times_s=tuple(n * shot.hold * shot.fps_den / shot.fps_num for n in range(frames // shot.hold)),
            beeps_s=() if shot.silent else tuple(float(second) for second in range(seconds)),
            upright=(shot.width, shot.height),
        )

    @staticmethod
    def _strip(to: Path, frames: int, hold: int) -> Path:
        numbers = np.arange(frames) // hold
        bits = (numbers[:, None] >> np.arange(BITS)) & 1
        rows = np.where(bits, 255, 0).astype(np.uint8)
        strip = to.with_name(f"{to.name}.strip")
        strip.write_bytes(np.repeat(rows[:, None, :], 2, axis=1).tobytes())
        return strip


@dataclass(frozen=True, kw_only=True)
class Shot:
    """How a film is made; `hold` is for how many pictures a number stands still."""

    width: int = 320
    height: int = 240
    fps_num: int = 30
    fps_den: int = 1
    seconds: float = 6.0
    hold: int = 1
    chain: Sequence[str] = ()
    codec: Sequence[str] = tuple(_X264)
    silent: bool = False
    sound_s: float | None = None
    sound_chain: str = ""
    sound_codec: Sequence[str] = tuple(AAC)
    options: Sequence[str] = ()


def number_in(grey: np.ndarray[tuple[int, ...], np.dtype[Any]]) -> int:
    """Read the number in a decoded grey picture's strip, whatever size it was brought to."""
    height, width = grey.shape
    row = grey[height // STRIP // 4 : height // STRIP * 3 // 4]
    centres = [round((block + 0.5) * width / BITS) for block in range(BITS)]
    return sum(1 << bit for bit, at in enumerate(centres) if row[:, at - 1 : at + 2].mean() > 128)


def _plain(**more: object) -> Callable[[Maker, Path], Lesson]:
    return lambda maker, to: maker.film(to, Shot(**more))  # type: ignore[arg-type]  # a shot's own fields, by name


def _phone(maker: Maker, to: Path) -> Lesson:
    """An upright phone: turned by a display matrix, with frames left out and times that wander, and B frames."""
    kept = [n for n in range(30 * 13) if n % 7 != 3 and not (200 <= n < 230 and n % 2)]
    choose = "select='gt(abs(mod(n,7)-3),0)*not(between(n,200,229)*mod(n,2))'"
    wander = "settb=1/90000,setpts='PTS+mod(N*37,11)*20'"
    flat = to.with_name("flat.mp4")
    passing = ["-fps_mode", "passthrough", "-enc_time_base", "1:90000", "-video_track_timescale", "90000"]
    # `transpose=2` lays the upright picture on its side; the display matrix says how to set it up again.
    chain = (choose, wander, "transpose=2")
    made = maker.film(flat, Shot(width=360, height=640, seconds=13.0, chain=chain, codec=_B_FRAMES, options=passing))
    maker.ffmpeg("-display_rotation:v:0", "-90", "-i", flat, "-c", "copy", "-movflags", "+faststart", to)
    flat.unlink()
    times = [n / 30 + (place * 37 % 11) * 20 / 90_000 for place, n in enumerate(kept)]
    return Lesson(to, tuple(kept), tuple(t - times[0] for t in times), made.beeps_s, (360, 640))


def _edit_list(maker: Maker, to: Path) -> Lesson:
    """Trimmed on the phone without encoding again: an edit list hides the first frames."""
    whole = to.with_name("whole.mp4")
    made = maker.film(whole, Shot(seconds=9.0, codec=[*_B_FRAMES, "-g", "60"]))
    maker.ffmpeg("-ss", "1.3", "-i", whole, "-c", "copy", to)
    whole.unlink()
    numbers = made.numbers[39:]
    return Lesson(to, numbers, tuple((n - 39) / 30 for n in numbers), tuple(s - 1.3 for s in range(2, 9)), made.upright)


def _gapped(maker: Maker, to: Path) -> Lesson:
    """A phone that was interrupted: picture and sound both jump three seconds."""
    jump = "setpts='if(lt(T,3.999),PTS,PTS+3/TB)'"
    sound = ",asetnsamples=960,asetpts='if(lt(T,3.999),PTS,PTS+3/TB)'"
    options = ["-fps_mode", "passthrough"]
    shot = Shot(
        seconds=8.0,
        chain=(jump,),
        codec=_B_FRAMES,
        sound_chain=sound,
        sound_codec=["-c:a", "pcm_s16le"],
        options=options,
    )
    made = maker.film(to, shot)
    times = tuple(t if t < 3.999 else t + 3 for t in made.times_s)
    return Lesson(to, made.numbers, times, tuple(b if b < 3.999 else b + 3 for b in made.beeps_s), made.upright)


def _pasted(maker: Maker, to: Path) -> Lesson:
    """Two recordings in one file: the clock starts again in the middle."""
    half = to.with_name("half.ts")
    made = maker.film(half, Shot(seconds=5.0, codec=_B_FRAMES))
    to.write_bytes(half.read_bytes() * 2)
    half.unlink()
    # The second half begins on the next 4 s border: 8 s.
    times = made.times_s + tuple(8 + t for t in made.times_s)
    beeps = made.beeps_s + tuple(8 + b for b in made.beeps_s)
    return Lesson(to, made.numbers * 2, times, beeps, made.upright)


def _cut_short(maker: Maker, to: Path) -> Lesson:
    """The upload broke off: the index lies in front, the last third of the pictures is missing."""
    whole = maker.lesson("plain.mp4")
    data = whole.path.read_bytes()
    to.write_bytes(data[: len(data) * 6 // 10])
    return Lesson(to, (), (), (), whole.upright)


def _late_wrapping(maker: Maker, to: Path) -> Lesson:
    """A transport stream whose 33-bit clock wraps two seconds in."""
    clock = ["-output_ts_offset", "95440.3", "-muxdelay", "0.7", "-f", "mpegts"]
    return maker.film(to, Shot(seconds=6.0, codec=_B_FRAMES, options=clock))


def _interlaced(maker: Maker, to: Path) -> Lesson:
    """A camcorder: two half pictures in each frame, and pixels that aren't square."""
    codec = ["-c:v", "mpeg2video", "-b:v", "4M", "-flags", "+ilme+ildct"]
    chain = ("interlace=scan=tff:lowpass=0", "setsar=16/15")
    shot = Shot(
        width=720, height=576, fps_num=50, seconds=5.0, hold=2, chain=chain, codec=codec, sound_codec=["-c:a", "mp2"]
    )
    made = maker.film(to, shot)
    return Lesson(to, made.numbers, made.times_s, made.beeps_s, (768, 576))


def _unheard(maker: Maker, to: Path) -> Lesson:
    """A kind of sound that nobody has a decoder for."""
    whole = maker.lesson("gapped.mkv")
    to.write_bytes(whole.path.read_bytes().replace(b"A_PCM/INT/LIT", b"A_QQQ/INT/LIT"))
    return Lesson(to, whole.numbers, whole.times_s, (), whole.upright)


def _two_sounds(maker: Maker, to: Path) -> Lesson:
    """A camera with two microphones, of which the first heard nothing."""
    one = maker.lesson("plain.mp4")
    silence = ["-f", "lavfi", "-i", f"anullsrc=r={RATE}:cl=stereo:d=6"]
    maker.ffmpeg("-i", one.path, *silence, "-map", "0:v", "-map", "1:a", "-map", "0:a", "-c:v", "copy", *AAC, to)
    return Lesson(to, one.numbers, one.times_s, one.beeps_s, one.upright)


def _crowded(maker: Maker, to: Path) -> Lesson:
    """A camera whose head says that its sound is a hundred times quicker than it is."""
    sound = ["-c:a", "libmp3lame", "-b:a", "64k"]
    made = maker.film(to, Shot(seconds=6.0, codec=["-c:v", "mpeg4", "-q:v", "5"], sound_codec=sound))
    data = bytearray(to.read_bytes())
    pace = data.index(b"auds") + 20  # AVISTREAMHEADER: dwScale and dwRate, of which the quotient is a packet's length
    data[pace : pace + 8] = (8).to_bytes(4, "little") + (30_625).to_bytes(4, "little")
    to.write_bytes(data)
    return made


def _quiet(maker: Maker, to: Path) -> Lesson:
    """A microphone at the back of the room: a tone now and then, some 50 LU below full scale."""
    return maker.film(to, Shot(width=160, height=120, fps_num=5, seconds=100.0, sound_chain=",volume=-34dB"))


def _odd(maker: Maker, to: Path) -> Lesson:
    """Odd sides and no sound, as a screen recorder makes them."""
    chain = ("crop=321:241:0:0:exact=1", "format=yuv444p")
    codec = ["-c:v", "libx264", "-preset", "ultrafast"]
    made = maker.film(to, Shot(width=322, height=242, seconds=3.0, chain=chain, codec=codec, silent=True))
    return Lesson(to, made.numbers, made.times_s, made.beeps_s, (321, 241))


def _bright(maker: Maker, to: Path) -> Lesson:
    """A phone's high dynamic range, in ten bits."""
    told = "color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
    x265 = "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    chain = (f"format=yuv420p10le,setparams={told}",)
    codec = ["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", x265]
    return maker.film(to, Shot(width=640, height=480, seconds=2.0, fps_num=10, chain=chain, codec=codec, silent=True))


def _rotten(maker: Maker, to: Path) -> Lesson:
    """A failing card: bytes changed here and there among the pictures."""
    whole = maker.lesson("plain.mp4")
    data = bytearray(whole.path.read_bytes())
    places = np.random.default_rng(5).integers(data.index(b"mdat") + 5000, len(data), size=60)
    for place in places:
        data[place] ^= 0x55
    to.write_bytes(data)
    return Lesson(to, whole.numbers, whole.times_s, whole.beeps_s, whole.upright)


def _late_sound(maker: Maker, to: Path) -> Lesson:
    """The sound begins 1.5 s after the picture."""
    made = maker.film(to, Shot(seconds=6.0, sound_chain=",atrim=start=1.5"))
    return Lesson(to, made.numbers, made.times_s, made.beeps_s[2:], made.upright)


#: name → who makes it. The name's ending is the kind of file.
LESSONS: dict[str, Callable[[Maker, Path], Lesson]] = {
    "plain.mp4": _plain(seconds=6.0, options=["-movflags", "+faststart"]),
    "large.mp4": _plain(width=1280, height=720, seconds=13.0, fps_num=15, codec=_B_FRAMES),
    "long.mp4": _plain(seconds=64.0, fps_num=10, codec=[*_B_FRAMES, "-g", "50"]),
    "ntsc.mp4": _plain(seconds=6.006, fps_num=30_000, fps_den=1001, codec=_B_FRAMES),
    "odd.mp4": _odd,
    "one-key.mp4": _plain(seconds=6.0, codec=[*_X264, "-g", "9999", "-x264-params", "scenecut=0:keyint=infinite"]),
    "short-sound.mp4": _plain(seconds=6.0, sound_s=3.0),
    "late-sound.mp4": _late_sound,
    "ten-minutes.mp4": _plain(width=160, height=120, seconds=600.0, fps_num=5, codec=[*_X264, "-g", "50"]),
    "bright.mp4": _bright,
    "rotten.mp4": _rotten,
    "phone.mp4": _phone,
    "edit-list.mp4": _edit_list,
    "gapped.mkv": _gapped,
    "pasted.ts": _pasted,
    "wrapping.ts": _late_wrapping,
    "interlaced.ts": _interlaced,
    "unheard.mkv": _unheard,
    "two-sounds.mkv": _two_sounds,
    "cut-short.mp4": _cut_short,
    "crowded.avi": _crowded,
    "quiet.mp4": _quiet,
}  # fmt: skip
