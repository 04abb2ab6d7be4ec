"""From a film that has arrived to a lesson that can be watched: probe, plan, pictures, sound, poster."""

from functools import partial
from pathlib import Path

from app import ids
from app.jobs.films import EncodeChunk, EncodeOpening, EncodeSound, MakePoster, ProbeUpload
from app.lessons.media import chunks, openings, posters
from app.lessons.media import service as media
from app.lessons.media.chunks import Lease
from app.lessons.uploads import checking
from video import frames, plan, repackage, sound, transcode
from video.blur import Blur
from video.errors import MediaError
from video.probe import Probe, probe
from video.segments import InitFile, SegmentFile
from video.sizes import Rendition
from workers.handlers.leases import Keeper, code_of, give_up, under_lease
from workers.handlers.opening import made_ahead, publish_ahead
from workers.handlers.sources import let_go, sources_of
from workers.handlers.twins import taken_over
from workers.registry import handles
from workers.tools import Tools


def give_up_probe(job: ProbeUpload, tools: Tools, error: Exception) -> None:
    """Say on the recording that its film could not be looked into."""
    with tools.sessions.begin() as session:
        checking.refused(session, job.upload_id, code=code_of(error))


@handles(ProbeUpload, given_up=give_up_probe)
def probe_upload(job: ProbeUpload, tools: Tools) -> None:
    """Look into a film in the jail, price it, and plan the work; its jobs are written together with the plan."""
    with tools.sessions() as session:
        film = checking.to_probe(session, job.upload_id)
        longest_ms = checking.longest_ms(session, job.upload_id)
    if film is None:
        return
    try:
        with sources_of(tools).source(film.source_key) as source, made_ahead(source, tools) as opening:
            found = probe(source, jail=tools.jail, on_tick=tools.still_wanted)
            planned = _plan(found, source, longest_ms, tools)
            ahead = opening if opening and opening.is_first_of(planned) else None
            with tools.sessions.begin() as session:
                asset = media.keep_plan(session, film, plan=planned, facts=_facts(found, planned))
                in_one_go = asset is not None and not asset.facts["later"]
                lease = openings.take(session, asset) if ahead and asset and in_one_go else None
            if ahead and lease:
                publish_ahead(ahead, lease, tools, partial(_publish, tools))
    except MediaError as error:
        if error.retryable:
            raise
        give_up_probe(job, tools, error)  # the film's own fault: trying again would find the same
        let_go(tools, film.source_key)


def _plan(found: Probe, source: Path, longest_ms: int, tools: Tools) -> plan.Plan:
    if found.duration_ms > longest_ms:
        raise MediaError("too_costly", detail=f"lasts {found.duration_ms} ms")
    planned = plan.plan(found)
    copied = repackage.as_it_came(found, planned)
    return copied if copied and _can_be_copied(copied, source, tools) else planned


def _can_be_copied(planned: plan.Plan, source: Path, tools: Tools) -> bool:
    """Copy the first chunk before all of it is planned so: what is in a film is known only once it was done."""
    try:
        with tools.folder() as folder:
            made = transcode.encode_chunk(
                source,
                planned.chunks[0],
                renditions=planned.renditions,
                into=folder,
                jail=tools.jail,
                on_tick=tools.may_go_on,
            )
    except MediaError:
        return False
    return made.missing_frames == 0


@handles(EncodeChunk, given_up=give_up)
def encode_chunk(job: EncodeChunk, tools: Tools) -> None:
    """Encode one span in all its sizes and publish its segments; what a worker given up for lost stored is swept."""
    if not taken_over(job, tools):
        under_lease(job, tools, lambda lease, source, keep: _picture(tools, lease, source, keep))


@handles(EncodeOpening, given_up=give_up)
def encode_opening(job: EncodeOpening, tools: Tools) -> None:
    """Encode one of the first spans: the same work, for which somebody waits."""
    if not taken_over(job, tools):
        under_lease(job, tools, lambda lease, source, keep: _picture(tools, lease, source, keep))


@handles(EncodeSound, given_up=give_up)
def encode_sound(job: EncodeSound, tools: Tools) -> None:
    """Encode the sound in one pass, and publish its pieces while the pass goes on."""
    if not taken_over(job, tools):
        under_lease(job, tools, lambda lease, source, keep: _sound(tools, lease, source, keep))


@handles(MakePoster)
def make_poster(job: MakePoster, tools: Tools) -> None:
    """Choose a picture that stands for the lesson."""
    with tools.sessions() as session:
        film = posters.to_make(session, job.asset_id)
    if film is None:
        return
    with tools.folder() as folder:
        with sources_of(tools).source(film.source_key) as source:
            made = frames.make_poster(source, film.plan, into=folder, jail=tools.jail, on_tick=tools.may_go_on)
        let_go(tools, film.source_key)
        if made is None:
            return
        key = tools.store(f"r/{film.recording_id}/{job.asset_id}/p{ids.new().hex}/poster.jpg", made)
    with tools.sessions.begin() as session:
        posters.keep(session, job.asset_id, key=key)


def _picture(tools: Tools, lease: Lease, source: Path, keep: Keeper) -> None:
    later = lease.facts.get("later", [])
    sizes = [
        Rendition.from_json(row)
        for row in lease.facts["renditions"]
        if (row["name"] in later) == (lease.kind == "best")
    ]
    chunk = plan.Chunk.from_json(lease.plan)
    blur = _blur(lease)
    with tools.folder() as folder:
        made = transcode.encode_chunk(
            source, chunk, renditions=sizes, into=folder, jail=tools.jail, on_tick=keep, blur=blur
        )
        _publish(tools, lease, made, keep)


def _blur(lease: Lease) -> Blur | None:
    chosen = lease.facts.get("blur")
    return Blur.from_json(chosen) if chosen else None


def _publish(tools: Tools, lease: Lease, made: transcode.Encoded, keep: Keeper) -> None:
    inits = [(_store_init(tools, lease, init), init) for init in made.inits]
    segments: list[tuple[str, SegmentFile]] = []
    for segment in made.segments:
        segments.append((_store(tools, lease, segment), segment))
        keep()
    with tools.sessions.begin() as session:
        chunks.finish(session, lease, segments=segments, inits=inits, missing_frames=made.missing_frames)


def _sound(tools: Tools, lease: Lease, source: Path, keep: Keeper) -> None:
    blur = _blur(lease)
    with tools.folder() as folder:
        growing = _Growing(tools, lease, keep)
        sound.encode_sound(
            source,
            plan.SoundPlan.from_json(lease.plan),
            into=folder,
            jail=tools.jail,
            on_segment=growing.add,
            on_tick=growing.tick,
            voices_masked=blur is not None and blur.voices,
        )
        growing.finish()


class _Growing:
    """The sound as it comes: pieces are stored at once, and published about twice a second.

    What an earlier run has published stays: the same film gives the same pieces, and nobody who listens already
    finds them gone. Should it ever give others, the run fails before it publishes anything.
    """

    def __init__(self, tools: Tools, lease: Lease, keep: Keeper) -> None:
        self._tools, self._lease, self._keep = tools, lease, keep
        self._new: list[tuple[str, SegmentFile]] = []
        self._inits: list[tuple[str, InitFile]] = []
        with tools.sessions() as session:
            self._there = chunks.published(session, lease)

    def add(self, init: InitFile, piece: SegmentFile) -> None:
        """Store one piece, unless it is there already."""
        if not self._inits:
            self._inits = [(_store_init(self._tools, self._lease, init), init)]
        there = self._there.get(piece.index)
        if there is None:
            self._new.append((_store(self._tools, self._lease, piece), piece))
        elif there != piece.start_ticks:
            raise MediaError("frames_lost", detail=f"sound piece {piece.index} begins elsewhere than the one published")
        piece.path.unlink()
        self._keep()

    def tick(self) -> None:
        """Publish what has come since the last time."""
        self._keep()
        if self._new:
            with self._tools.sessions.begin() as session:
                chunks.publish_on(session, self._lease, segments=self._new, inits=self._inits)
            self._keep.renewed()
            self._new = []

    def finish(self) -> None:
        """Publish the rest, and end the lease."""
        with self._tools.sessions.begin() as session:
            chunks.finish(session, self._lease, segments=self._new, inits=self._inits)


def _store(tools: Tools, lease: Lease, segment: SegmentFile) -> str:
    return tools.store(lease.key(f"{segment.rendition}-{segment.index}.m4s"), segment.path)


def _store_init(tools: Tools, lease: Lease, init: InitFile) -> str:
    """Store an init where there is none yet; the rows decide which of several at the same moment is kept."""
    key = lease.key(f"{init.rendition}-init.mp4")
    return key if lease.inits.get(init.rendition) else tools.store(key, init.path)


def _facts(found: Probe, planned: plan.Plan) -> dict[str, object]:
    """Keep what is known of the film; nothing in it was written by a phone or a person."""
    picture = found.picture
    return {
        "format": found.format,
        "codec": picture.codec,
        "width": picture.width,
        "height": picture.height,
        "rotation": picture.rotation,
        "interlaced": picture.interlaced,
        "light": picture.light,
        "vfr": found.vfr,
        "frames": planned.frames,
        "sounds": len(found.sounds),
        "crowded": any(sound.crowded for sound in found.sounds),
        "cost_s": round(planned.cost_s, 1),
    }
