"""The ten templates that a group may start from. Peer observation can be opened now; the others are ready as words."""

from dataclasses import dataclass
from typing import Final

from app.agreements.protocols.models import ClipsBy, Download, Library, Readers, YesNo
from app.agreements.protocols.starting_words import NOTE_KINDS


@dataclass(frozen=True, kw_only=True)
class StartingTemplate:
    """What a protocol of one kind says before its group makes it their own."""

    key: str
    name: str
    group: str
    before: str
    during: str
    after: str
    access: str
    days: int  # how long others may watch, and how long the film is kept, unless the group picks another date
    can_be_opened: bool = False
    note_kinds: tuple[str, ...] = tuple(kind.key for kind in NOTE_KINDS)
    feedback_days: int = 5
    answer_days: int = 5
    readers: Readers = Readers.TEACHER
    clips_by: ClipsBy = ClipsBy.OWNER
    library: Library = Library.NO
    download: Download = Download.NOBODY
    export: YesNo = YesNo.YES

    @property
    def stages(self) -> dict[str, str]:
        """Give what happens before, during and after, as a version keeps it."""
        return {"before": self.before, "during": self.during, "after": self.after}


PEER_OBSERVATION: Final = StartingTemplate(
    key="peer_observation",
    name="Peer observation",
    group="A pair, usually from different schools.",
    before=(
        "Talk for ten minutes, or write a short brief: the class, where the lesson falls, what you're trying and what "
        "worries you. Say what you both expect, and your first thoughts."
    ),
    during="One focus. Evidence first: what you saw and heard. A stretch of 10 to 12 minutes is enough.",
    after=(
        "Share your feedback together: what you took away, and 'why don't you try…'. The teacher answers. Agree one "
        "action. Then swap."
    ),
    access="The pair, for 60 days. Nobody takes a copy.",
    days=60,
    can_be_opened=True,
)

_STUDY: Final = StartingTemplate(
    key="lesson_study",
    name="Lesson study",
    group="Three teachers, or two; the subjects may differ.",
    before=(
        "Plan together. Choose three case pupils who stand for groups, each with a success criterion and what you "
        "predict. Settle who teaches, and who leads the plenary."
    ),
    during="Watch the whole lesson: what does each case pupil do in each phase?",
    after=(
        "Interview the pupils. Meet to share what you discovered. Fill in the record together, and plan the next "
        "lesson."
    ),
    access="Those who study the lesson together, until the study ends. The record is kept.",
    days=180,
    readers=Readers.GROUP,
    clips_by=ClipsBy.WATCHERS,
)

_COHORT: Final = StartingTemplate(
    key="cohort",
    name="New teachers' cohort",
    group="Four to twelve new teachers in several schools, with their mentors.",
    before=(
        "Meet to agree what good teaching and learning rest on. Watch model lessons and mark what you notice. Agree "
        "the protocol, and a first target each."
    ),
    during="Everyone sees everyone, with one focus a round.",
    after="Talk the feedback over together. Each sets the next target. Fill in the questionnaire.",
    access="The cohort, for a year. Mentors see only what each member shares.",
    days=365,
    readers=Readers.GROUP,
    library=Library.CLIPS,
)

_WALK: Final = StartingTemplate(
    key="learning_walk",
    name="Learning walk",
    group="A team of staff, pupils, parents and governors.",
    before="Settle one question, how evidence is gathered, and who goes where.",
    during="Five to ten minutes a stop. Evidence only.",
    after="Sort what you saw into themes together. Name areas to develop. Thank the hosts.",
    access="The team. Themes go to the alliance; no teacher is named.",
    days=60,
    note_kinds=("evidence", "wondering"),
    readers=Readers.GROUP,
)

_DETECTIVES: Final = StartingTemplate(
    key="learning_detectives",
    name="Learning detectives",
    group="Pairs of trained pupils with a co-ordinator.",
    before="The training is ticked off, the focus is agreed, and the teacher has volunteered.",
    during="Twenty-five to thirty minutes in one go. Look at learners, not at the teacher. Use the checklist.",
    after="Talk with the co-ordinator first, then with the class. Fill in the evaluation sheets. Write the report.",
    access="The detectives and the co-ordinator, until the co-ordinator has passed it on.",
    days=60,
    note_kinds=("evidence", "question", "wondering"),
)

_BEHAVIOUR: Final = StartingTemplate(
    key="behaviour_series",
    name="Behaviour series",
    group="Teaching partners and a trainee.",
    before="Settle the weeks, the lessons, and the one thing to look at.",
    during="Ten to fifteen minutes each week.",
    after="A short talk each week. Draw the picture of what changed.",
    access="The trainee, the partners and the mentor.",
    days=120,
    note_kinds=("evidence", "question", "wondering"),
    readers=Readers.GROUP,
)

_PHONICS: Final = StartingTemplate(
    key="phonics",
    name="Phonics for other subjects",
    group="Trainees and a primary school.",
    before="Lay out the sequence of objectives, and what to look for.",
    during="Three visits: observe, then plan together, then teach as a team.",
    after="Teach other trainees. Make something for year 7. Collect it in a portfolio.",
    access="The group. What you made may be published.",
    days=180,
    readers=Readers.GROUP,
    clips_by=ClipsBy.WATCHERS,
)

_MODEL_LESSON: Final = StartingTemplate(
    key="model_lesson",
    name="Model lesson",
    group="One teacher and a cohort.",
    before="Say why this lesson, and what to look for.",
    during="Everyone marks alone.",
    after="Compare where your marks agree and where they differ.",
    access="The cohort. The teacher can take it back at any time.",
    days=180,
    readers=Readers.GROUP,
    library=Library.LESSONS,
)

_DIALOGUE: Final = StartingTemplate(
    key="planning_dialogue",
    name="Planning dialogue",
    group="Two or more; nobody is observed.",
    before="Bring one lesson to plan.",
    during="Plan it together, and say why.",
    after="What happened, in a paragraph.",
    access="The group.",
    days=60,
    readers=Readers.GROUP,
)

_DIARY: Final = StartingTemplate(
    key="video_diary",
    name="Video diary",
    group="Learners or teachers in the middle of a change.",
    before="Agree three questions.",
    during="Two minutes, once a week.",
    after="What changed, and who should know?",
    access="Whoever keeps the diary, and one adult named by them.",
    days=120,
    note_kinds=("took_away", "wondering"),
)

TEMPLATES: Final = {
    template.key: template
    for template in (
        PEER_OBSERVATION,
        _STUDY,
        _COHORT,
        _WALK,
        _DETECTIVES,
        _BEHAVIOUR,
        _PHONICS,
        _MODEL_LESSON,
        _DIALOGUE,
        _DIARY,
    )
}
