"""The words that a group may start from: principles, things to look at, kinds of note and how a note may begin.

Every group picks, changes and adds; nothing here is ever a score.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class StartingFocus:
    """One thing to look at together: a question, and what one may see or hear when it happens."""

    key: str
    name: str
    question: str
    look_fors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StartingKind:
    """A kind of note, and how such a note often begins."""

    key: str
    name: str
    about: str
    stems: tuple[str, ...]


#: What groups often live by.
PRINCIPLES: Final = (
    "We look in order to learn, not to judge.",
    "Both of us teach, and both of us watch.",
    "What we see stays with the people named here.",
    "We describe first, and work out together what it means.",
    "We ask before we advise.",
    "Anyone can stop at any time, and needn't say why.",
    "Nothing here is used for performance management or inspection.",
    "Pupils are called A, B and C.",
)

#: What a group may look at; one is enough, two at most.
FOCUS_ITEMS: Final = (
    StartingFocus(
        key="wait_time",
        name="Wait time",
        question="What happens in the silence after a question?",
        look_fors=(
            "seconds before somebody speaks",
            "who breaks the silence",
            "how long the answers are",
            "the teacher fills in, or waits",
        ),
    ),
    StartingFocus(
        key="who_speaks",
        name="Who speaks",
        question="Which pupils speak, to whom, and about what?",
        look_fors=(
            "the same few, or many",
            "to the teacher, or to each other",
            "a pupil asks a question",
            "a quiet pupil is invited in",
        ),
    ),
    StartingFocus(
        key="questioning",
        name="Questioning",
        question="What do our questions ask pupils to do?",
        look_fors=(
            "remember something",
            "explain why",
            "compare",
            "a follow-up: 'how do you know?'",
            "an answer is passed on to another pupil",
        ),
    ),
    StartingFocus(
        key="challenge",
        name="Challenge",
        question="When is the work just hard enough, and for whom?",
        look_fors=(
            "finished early",
            "stuck and waiting",
            "stuck and trying something",
            "help offered, or found",
        ),
    ),
    StartingFocus(
        key="assessment_for_learning",
        name="Assessment for learning",
        question="How do pupils know where they are, and what comes next?",
        look_fors=(
            "success criteria in use",
            "checking one's own work, or a partner's",
            "work changed after feedback",
            "the teacher changes course",
        ),
    ),
    StartingFocus(
        key="engagement",
        name="Engagement",
        question="What does engaged look like here?",
        look_fors=(
            "starts at once",
            "stays with it",
            "talks about the task",
            "body and eyes",
            "carries on after a mistake",
        ),
    ),
    StartingFocus(
        key="talk",
        name="Talk in pairs and groups",
        question="What does the talk add?",
        look_fors=(
            "who does what in the group",
            "building on one another",
            "away from the task",
            "a quiet partner is drawn in",
        ),
    ),
    StartingFocus(
        key="edges",
        name="Starts, transitions, endings",
        question="What happens at the edges of the lesson?",
        look_fors=(
            "time to settle",
            "who knows what to do",
            "what pupils say they have learned",
            "who leads the plenary",
        ),
    ),
    StartingFocus(
        key="behaviour",
        name="Behaviour for learning",
        question="What helps pupils to learn together?",
        look_fors=(
            "praise that names the act",
            "a small interruption, and what follows",
            "routines",
            "pupils helping pupils",
        ),
    ),
    StartingFocus(
        key="phonics",
        name="Phonics and words",
        question="How are sounds and words taught and used?",
        look_fors=(
            "pure sounds",
            "blending aloud",
            "subject words broken up",
            "pupils read them back",
        ),
    ),
    StartingFocus(
        key="explaining",
        name="Explaining and modelling",
        question="How is the new idea shown?",
        look_fors=(
            "a worked example",
            "thinking aloud",
            "checking before moving on",
            "pupils put it in their own words",
        ),
    ),
    StartingFocus(
        key="independence",
        name="Independence",
        question="What can pupils do without the teacher?",
        look_fors=(
            "choosing",
            "using the wall, a book or a partner",
            "checking their own work",
            "asking a better question",
        ),
    ),
)

#: The kinds of note, in the order of the note pad.
NOTE_KINDS: Final = (
    StartingKind(
        key="evidence",
        name="Evidence",
        about="What I saw and heard.",
        stems=("I saw…", "I heard…", "At this moment pupil B…"),
    ),
    StartingKind(
        key="question",
        name="Question",
        about="Something to ask the teacher.",
        stems=("What were you hoping for when…?", "What did you notice about…?"),
    ),
    StartingKind(
        key="took_away",
        name="Took away",
        about="Something for my own teaching.",
        stems=("I took away…", "I'll use…"),
    ),
    StartingKind(
        key="try",
        name="Try",
        about="Something the teacher might like to try.",
        stems=("Why don't you try…?", "What would happen if…?"),
    ),
    StartingKind(
        key="wondering",
        name="Wondering",
        about="I'm not sure yet.",
        stems=("I wonder whether…", "I'm not sure why…"),
    ),
)

FOCUS_BY_KEY: Final = {item.key: item for item in FOCUS_ITEMS}
KIND_BY_KEY: Final = {kind.key: kind for kind in NOTE_KINDS}


@dataclass(frozen=True, kw_only=True)
class Hint:
    """A gentle question before feedback is shared, where a word in it may land as a grade; never a block."""

    words: tuple[str, ...]
    ask: str


#: What sharing one's feedback asks, gently.
HINTS: Final = (
    Hint(
        words=("excellent", "weak", "outstanding", "satisfactory", "good lesson", "should have"),
        ask="This may land as a grade. What did you see or hear?",
    ),
    Hint(
        words=("your manner", "your voice", "you are too", "you looked"),
        ask="This is about the teacher's person. What did pupils do next?",
    ),
)
