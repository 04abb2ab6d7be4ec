"""What is said in a lesson, to be read: WebVTT and SRT in, WebVTT and SRT out, and where an engine would come in.

Files are read by pysubs2. What is in them is words and times: colours, places and tags are left out.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol, Self

import pysubs2
from pysubs2.exceptions import Pysubs2Error

from video.timecode import clock_face, vtt_time

MOST_BYTES: Final = 1024 * 1024
MOST_CUES: Final = 10_000
LONGEST_TEXT: Final = 500
_ARROW: Final = "-->"
#: What places a line on the picture, in files that were SubStation's once.
_PLACING: Final = re.compile(r"\{\\[^}\n]*\}")
#: Words may hold braces; pysubs2 takes all that stands in them for commands, so they are others meanwhile.
_BRACES: Final = str.maketrans("{}", "\ue000\ue001")
_BRACES_AGAIN: Final = str.maketrans("\ue000\ue001", "{}")


class CaptionTrouble(ValueError):
    """These are no captions that can be read; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Cue:
    """Some words, and from when until when they are shown, in ms of the lesson."""

    in_ms: int
    out_ms: int
    text: str

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a database row."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(**row)


class Transcriber(Protocol):
    """An engine that writes captions by itself, on this machine: none comes with Backrow.

    One that does gets a job of its own, beside the sound strip's, and hands what it heard to the same place as a
    person's file (`app.lessons.captions.service.keep`), said to be made by a machine.
    """

    def __call__(self, sound: Path, *, lang: str) -> Sequence[Cue]:
        """Write down what is said in `sound` (mono, 16 kHz, 16 bits, without a head), in a language by its tag."""


def read(data: bytes) -> list[Cue]:
    """Read a file of captions, whichever of the two kinds it is.

    Raises:
        CaptionTrouble: it is none, too large, or a part of it can't be read.
    """
    if len(data) > MOST_BYTES:
        raise CaptionTrouble("This file is larger than 1 MB, which captions never are. Choose the .vtt or .srt file.")
    text = "\n".join(_decoded(data).splitlines())
    if _ARROW not in text:
        raise CaptionTrouble("We could not find captions in this file. Choose a .vtt or an .srt file.")
    kind = "vtt" if text.lstrip().startswith("WEBVTT") else "srt"
    try:
        found = pysubs2.SSAFile.from_string(_PLACING.sub("", text).translate(_BRACES), format_=kind)
    except (Pysubs2Error, ValueError, OverflowError) as error:
        raise CaptionTrouble("A time in this file can’t be read. Save the captions anew as .vtt or .srt.") from error
    lines = sum(_ARROW in line for line in text.splitlines())
    if len(found) < lines:
        raise CaptionTrouble(
            f"Of {lines} captions in this file, {lines - len(found)} have times that can’t be read. "
            "Times are written like 00:04:12.000 --> 00:04:14.500."
        )
    return ordered([_cue(line.start, line.end, line.plaintext, markup=kind == "vtt") for line in found])


def ordered(cues: Sequence[Cue]) -> list[Cue]:
    """Give cues in order of their beginning, without those that show no words or for no time.

    Raises:
        CaptionTrouble: there are none, or too many, or one is too long.
    """
    kept = sorted((cue for cue in cues if cue.text and cue.out_ms > cue.in_ms), key=lambda cue: (cue.in_ms, cue.out_ms))
    if not kept:
        raise CaptionTrouble("There are no words in these captions. Choose another file.")
    if len(kept) > MOST_CUES:
        raise CaptionTrouble(f"These are more than {MOST_CUES:,} captions. Keep to those of this lesson.")
    for cue in kept:
        if len(cue.text) > LONGEST_TEXT:
            raise CaptionTrouble(
                f"The caption at {clock_face(cue.in_ms)} is longer than {LONGEST_TEXT} characters. Split it in two."
            )
    return kept


def to_vtt(cues: Sequence[Cue]) -> str:
    """Write WebVTT; words can't become marks of it."""
    blocks = [
        f"{vtt_time(cue.in_ms)} {_ARROW} {vtt_time(cue.out_ms)}\n{html.escape(cue.text, quote=False)}\n" for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def to_srt(cues: Sequence[Cue]) -> str:
    """Write SRT, for programs that know nothing else; it has no way to escape words, and needs none."""
    blocks = [
        f"{number}\n{_comma(cue.in_ms)} {_ARROW} {_comma(cue.out_ms)}\n{cue.text}\n"
        for number, cue in enumerate(cues, start=1)
    ]
    return "\n".join(blocks)


def plain(text: str) -> str:
    """Give words as they are kept: no blank line, which would end a cue, no arrow, which would begin one."""
    lines = (" ".join(line.split()) for line in text.replace(_ARROW, "→").replace("\0", "").splitlines())
    return "\n".join(line for line in lines if line)


def _cue(in_ms: int, out_ms: int, text: str, *, markup: bool) -> Cue:
    words = text.translate(_BRACES_AGAIN)
    return Cue(in_ms=max(in_ms, 0), out_ms=out_ms, text=plain(html.unescape(words) if markup else words))


def _comma(at_ms: int) -> str:
    return vtt_time(at_ms).replace(".", ",")


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16"):
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", errors="replace")
