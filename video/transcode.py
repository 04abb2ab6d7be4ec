"""Encodes one chunk of a lesson's picture, and counts every frame before it says that it is done."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from video import boxes, recipe, recipe_copy
from video.blur import Blur
from video.errors import MediaError
from video.plan import SEGMENT_MS, Chunk
from video.process import Jail, Limits, nothing
from video.segments import TICKS_PER_S, InitFile, SegmentFile, cut_init, cut_run, cut_segment
from video.sizes import Rendition

#: What ffmpeg says when the file itself is damaged, in its decoders' many voices.
_DAMAGE: Final = re.compile(
    r"error while decoding|invalid data|corrupt|invalid nal|missing picture|decode_slice|concealing|non-existing pps"
    r"|no frame|truncat|damaged|bytestream|error submitting packet|end of file|overread|sps|reference|bitstream"
    r"|mmco|short term buffer|co located|as first byte|error at mb",
    re.IGNORECASE,
)
#: A camera that refreshes its picture bit by bit has done so after as long as most others take for a whole one.
_EARLIER_S: Final = 12
_GIGABYTE: Final = 1024**3
_LARGE_PIXELS: Final = 3840 * 2160


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """What one chunk became: an init and segments for each rendition, and how many frames could not be read.

    `missing_frames` above 0 means that the file is damaged there: the lesson is `partial`, its times unchanged.
    """

    inits: tuple[InitFile, ...]
    segments: tuple[SegmentFile, ...]
    missing_frames: int


def encode_chunk(  # noqa: PLR0913 - what to do, with what, where and how long: all of it named by the caller
    source: Path,
    chunk: Chunk,
    *,
    renditions: Sequence[Rendition],
    into: Path,
    jail: Jail,
    on_tick: Callable[[], None] = nothing,
    blur: Blur | None = None,
) -> Encoded:
    """Encode one chunk into every rendition with one decode, as files in `into`; blurred, if so asked.

    A film that is right as it came is copied instead, unless it is blurred.

    Where frames are missing then, it is done again with a decode that begins earlier.

    Raises:
        MediaError: `frames_lost`, retryable, when the frames counted are not those planned and the file is not
            damaged, or ffmpeg ended badly or too late; what lies in `into` is then of no use.
    """
    run = cut_run(source, into, from_byte=chunk.from_byte, to_byte=chunk.to_byte)
    detail = ""
    for seek in _seeks(chunk):
        from_there = replace(chunk, seek=seek)
        args = _arguments(from_there, renditions, blur)
        made, counts, damaged = _once(args, run, from_there, renditions, into, jail, on_tick)
        # What looks like damage may be that decoding began too late; not even a damaged file is decoded twice from far.
        if counts == {chunk.frames} or (damaged and len(counts) == 1 and (seek is None or seek != chunk.seek)):
            return made
        detail = f"chunk {chunk.index}: {sorted(counts)} frames of {chunk.frames}"
    raise MediaError("frames_lost", detail=detail)


def _arguments(chunk: Chunk, renditions: Sequence[Rendition], blur: Blur | None) -> list[str]:
    copied = next((size for size in renditions if size.copied), None)
    if copied is not None and blur is None:
        return recipe_copy.picture(chunk, copied)
    return recipe.picture(chunk, renditions, blur=blur)


def _seeks(chunk: Chunk) -> Iterator[int | None]:
    """Yield from where to decode: the whole picture before the chunk; then well before it; then the beginning.

    Some pictures are said to be whole and aren't, and some indexes lead past one.
    """
    yield chunk.seek
    if chunk.seek is None:
        return
    earlier = chunk.seek - round(_EARLIER_S / chunk.time_base)
    if earlier > chunk.t0:
        yield earlier
    yield None


def _once(  # noqa: PLR0913, PLR0917 - what `encode_chunk` was told
    args: list[str],
    run: Path,
    chunk: Chunk,
    renditions: Sequence[Rendition],
    into: Path,
    jail: Jail,
    on_tick: Callable[[], None],
) -> tuple[Encoded, set[int], bool]:
    """Encode once; return what was made, how many frames each rendition has, and whether the file is damaged."""
    ended = jail.run_ffmpeg(args, inputs=[run], folder=into, limits=_limits(chunk), on_tick=on_tick)
    # Out of memory is our fault and no damage, though ffmpeg then ends with 0 as if all were well.
    damaged = bool(_DAMAGE.search(ended.err)) and "Cannot allocate" not in ended.err
    if ended.code != 0 and not damaged:
        raise MediaError("frames_lost", detail=f"chunk {chunk.index}: ffmpeg ended with {ended.code}")
    inits: list[InitFile] = []
    segments: list[SegmentFile] = []
    counts: set[int] = set()
    for size in renditions:
        init, found = _cut(into / f"{size.name}.mp4", chunk, size.name)
        inits += init
        segments += found
        counts.add(sum(segment.frames for segment in found))
    made = Encoded(inits=tuple(inits), segments=tuple(segments), missing_frames=max(chunk.frames - min(counts), 0))
    return made, counts, damaged


def _limits(chunk: Chunk) -> Limits:
    # A single core has been seen to make all three sizes at twice a lesson's own pace; a file with few whole pictures
    # is decoded from far before the chunk. What takes much longer than both is a bomb that the price didn't show.
    before_s = float((chunk.first - (chunk.seek if chunk.seek is not None else chunk.t0)) * chunk.time_base)
    work_s = chunk.frames / 2 + max(before_s, 0) * 4
    return Limits(cpu_s=int(600 + work_s * 4), wall_s=900 + work_s * 8, memory_bytes=6 * _GIGABYTE)


def _cut(made: Path, chunk: Chunk, name: str) -> tuple[list[InitFile], list[SegmentFile]]:
    if not made.exists() or not made.stat().st_size:
        return [], []
    try:
        layout = boxes.layout(made)
    except boxes.BoxTrouble as error:
        raise MediaError("frames_lost", detail=f"chunk {chunk.index}: unreadable output") from error
    if not layout.init_size or not layout.fragments:
        return [], []  # no picture of it could be decoded
    cells: dict[int, list[boxes.Fragment]] = {}
    keys = [_tick(chunk.at_s(key)) for key in chunk.keys]
    for fragment in layout.fragments:
        # By the plan's own frames, not by the ticks, which were rounded: a border can fall between the two.
        key = chunk.keys[max(bisect_right(keys, fragment.start + 1) - 1, 0)]
        cells.setdefault(int(chunk.at_s(key) * 1000 // SEGMENT_MS), []).append(fragment)
    starts = [fragments[0].start for fragments in cells.values()]
    ends = [*starts[1:], _tick(chunk.at_s(chunk.until))]
    segments = [
        cut_segment(made, fragments, rendition=name, index=index, ticks=(start, end))
        for (index, fragments), start, end in zip(cells.items(), starts, ends, strict=True)
    ]
    return [cut_init(made, layout.init_size, rendition=name)], segments


def _tick(at_s: Fraction) -> int:
    return round(at_s * TICKS_PER_S)
