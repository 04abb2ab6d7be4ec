"""`/recordings/<r>` and `/clips/<k>`: the lesson workspace, where people watch, notice and write."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.authz import Action, permit
from app.lessons.captions.service import LANGUAGES
from app.lessons.clips.models import Clip
from app.lessons.recordings.models import Recording
from app.observation.notes.models import Note
from app.observation.workspace.lesson import Lesson, lesson
from app.web.guard import requires
from app.web.numbers import whole
from app.web.unit import actor, transaction

bp = Blueprint("lesson", __name__, template_folder="templates")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the list's filters ask for, `""` for anything; what they leave out is hidden: a script can show it again."""

    kind: str
    focus: str

    def leaves_out(self, note: Note) -> bool:
        """Tell whether a note is of another kind, or about something else."""
        other_kind = self.kind not in ("", note.kind)
        return other_kind or self.focus not in ("", str(note.focus_item_id or ""))


@bp.get("/recordings/<uuid:recording_id>")
@requires(Action.REC_WATCH)
def show(recording_id: UUID) -> ResponseReturnValue:
    """Show a lesson to whoever may watch it, with their notes; `?at=` and `?until=` say where to begin and end."""
    with transaction() as session:
        may_watch = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
        return _page(lesson(session, may_watch))


@bp.get("/clips/<uuid:clip_id>")
@requires(Action.CLIP_WATCH)
def clip(clip_id: UUID) -> ResponseReturnValue:
    """Show a clip: the same page with its ends fixed, under its lesson's own rule."""
    with transaction() as session:
        found = permit(session, actor(), Action.CLIP_WATCH, Clip, clip_id).thing
        may_watch = permit(session, actor(), Action.REC_WATCH, Recording, found.recording_id)
        return _page(lesson(session, may_watch, clip=found))


def _page(shown: Lesson) -> str:
    clip = shown.clip
    return render_template(
        "workspace/lesson.html",
        lesson=shown,
        at_ms=clip.in_ms if clip else _moment("at"),
        until_ms=clip.out_ms if clip else _moment("until"),
        languages=LANGUAGES,
        wanted=Wanted(kind=request.args.get("kind", ""), focus=request.args.get("focus", "")),
        sent={},
        errors={},
    )


def _moment(name: str) -> int | None:
    return whole(request.args.get(name, ""))
