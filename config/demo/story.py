"""Who and what the demonstration alliance is made of; all of it is invented."""

from dataclasses import dataclass
from typing import Final

from app.people.memberships.models import Role

ALLIANCE: Final = "Five Valleys Teaching Alliance"
PASSWORD: Final = "a lamp under seven hats"  # noqa: S105 - of invented people on this machine alone
SCHOOLS: Final = ("Hillside Primary", "St Mary's", "Moor Lane High", "Riverbank", "Castle Street")


@dataclass(frozen=True)
class Somebody:
    """A person: by which word they sign in, where they work, and what they do there."""

    key: str
    name: str
    school: str
    roles: tuple[Role, ...] = (Role.TEACHER,)

    @property
    def email(self) -> str:
        """Their address."""
        return f"{self.key}@fivevalleys.example"


#: How far a turn may have come, in the order in which it goes.
STEPS: Final = ("draft", "proposed", "agreed", "recorded", "shared", "noted", "fed_back", "responded", "closed")

FOUNDER: Final = Somebody("joan", "Joan Bell", SCHOOLS[0])
PEOPLE: Final = (
    Somebody("amina", "Amina Khan", SCHOOLS[0]),
    Somebody("tom", "Tom Reed", SCHOOLS[1]),
    Somebody("priya", "Priya Nair", SCHOOLS[1], (Role.TEACHER, Role.CO_ORDINATOR)),
    Somebody("ben", "Ben Osei", SCHOOLS[2]),
    Somebody("cerys", "Cerys Pugh", SCHOOLS[2], (Role.TEACHER, Role.SCHOOL_ADMINISTRATOR)),
    Somebody("dilys", "Dilys Morgan", SCHOOLS[3]),
    Somebody("eve", "Eve Kowalska", SCHOOLS[3], (Role.NEW_TEACHER, Role.TEACHER)),
    Somebody("farid", "Farid Aziz", SCHOOLS[4]),
    Somebody("grace", "Grace Lin", SCHOOLS[4], (Role.TEACHER, Role.MENTOR)),
    Somebody("hugh", "Hugh Carter", SCHOOLS[4], (Role.DATA_PROTECTION_LEAD,)),
    Somebody("iris", "Iris Walsh", SCHOOLS[0], (Role.TEACHER, Role.SAFEGUARDING_LEAD)),
)


@dataclass(frozen=True)
class Said:
    """A note: when in the lesson (in seconds), of which kind, and what it says."""

    at_s: int
    kind: str
    body: str
    until_s: int | None = None


@dataclass(frozen=True)
class Turn:
    """One pair's story: how far it has come, and what was filmed, noticed and answered on the way."""

    teacher: str
    observer: str
    focus: str
    reaches: str  # one of STEPS
    title: str = ""
    class_code: str = ""
    brief: str = ""
    hopes: str = ""
    notes: tuple[Said, ...] = ()
    took_away: str = ""
    try_this: str = ""
    thanks: str = ""
    target: str = ""
    download: str = "nobody"

    @property
    def filmed(self) -> bool:
        """Whether there is a lesson to watch."""
        return self.reached("recorded")

    def reached(self, step: str) -> bool:
        """Whether it has come as far as this step."""
        return STEPS.index(self.reaches) >= STEPS.index(step)


TURNS: Final = (
    Turn(
        teacher="amina",
        observer="tom",
        focus="wait_time",
        reaches="closed",
        title="Year 8: dividing fractions",
        class_code="8F2",
        brief="Second lesson on dividing by a fraction. They can do it by rule; I want them to say why it works. "
        "Twenty-eight pupils, after lunch. I tried counting to five in my head after each question.",
        hopes="That somebody other than the usual four speaks.",
        notes=(
            Said(
                8, "evidence", "You ask 'why does it get bigger?' Nobody speaks for six seconds. Two hands go up late."
            ),
            Said(19, "evidence", "Pupil B turns to the wall chart before answering, and reads from it.", until_s=26),
            Said(31, "question", "What were you hoping for when you asked them to turn to a partner here?"),
            Said(44, "took_away", "The 'no hands' minute: I counted nine different voices."),
            Said(52, "try", "Why don't you try asking B before A, while the silence is still open?"),
            Said(63, "wondering", "I wonder whether the back table heard the question the second time."),
        ),
        took_away="how much happens in six seconds when nobody fills them",
        try_this="writing the question on the board before you ask it, so that the silence has something to look at?",
        thanks="Thank you. I had not noticed B and the wall chart at all.",
        target="Write the question down before asking it, in two lessons a week",
    ),
    Turn(
        teacher="ben",
        observer="cerys",
        focus="independence",
        reaches="responded",
        title="Year 9: planning a fair test",
        class_code="9S1",
        brief="They plan on their own before they may ask me. Three have never begun without a question.",
        hopes="That I keep away from the window table.",
        notes=(
            Said(
                6, "evidence", "You say 'first on your own', and turn your back. The window table looks at the clock."
            ),
            Said(28, "evidence", "Pupil K draws two columns without being told to.", until_s=35),
            Said(47, "took_away", "Turning away so that nobody can catch your eye."),
            Said(59, "try", "Why don't you try leaving the success criteria on their desks, not on the board?"),
        ),
        took_away="that help can wait three minutes, and often isn't needed by then",
        try_this="three things on a card that they look at before they ask?",
        thanks="K's two columns: I'd have missed them.",
    ),
    Turn(
        teacher="eve",
        observer="grace",
        focus="edges",
        reaches="fed_back",
        title="Year 3: the first ten minutes",
        class_code="3E",
        brief="My second term. The start after lunch is where I lose them, and I'd like to see why.",
        hopes="A calm start, and books open before I speak.",
        notes=(
            Said(4, "evidence", "You stand at the door and say each name. Everybody answers."),
            Said(22, "evidence", "Four are still at the sink when you begin to explain.", until_s=33),
            Said(41, "question", "What would you like the first two to do while they wait for the others?"),
            Said(55, "try", "Why don't you try a question on the board that the first ones in can begin?"),
        ),
        took_away="each name, said at the door",
        try_this="something on the board for the first ones in, so that the start needs no announcement?",
    ),
    Turn(
        teacher="priya",
        observer="ben",
        focus="who_speaks",
        reaches="noted",
        title="Year 5: what makes a good question?",
        download="owner",
        class_code="5P",
        brief="First lesson of a series. Groups of four, one scribe each. I'd like to know who talks to whom.",
        hopes="That the scribes also talk.",
        notes=(
            Said(
                12,
                "evidence",
                "At the front table two pupils talk to each other; the scribe writes and doesn't look up.",
            ),
            Said(38, "evidence", "'Say more about that', says a pupil to another. Not to you."),
            Said(57, "question", "Did you choose the groups, or did they?"),
        ),
    ),
    Turn(
        teacher="dilys",
        observer="priya",
        focus="talk",
        reaches="shared",
        title="Year 7: which source do we believe?",
        class_code="7H",
        brief="Pairs argue for one source each, then change sides. Twenty-six pupils, two new to English.",
        hopes="That they answer each other, not me.",
    ),
    Turn(
        teacher="farid",
        observer="dilys",
        focus="explaining",
        reaches="recorded",
        title="Year 10: reading a velocity graph",
        class_code="10X",
        brief="One worked example, then they do one aloud to each other.",
        hopes="That I stop talking sooner.",
    ),
    Turn(
        teacher="iris",
        observer="amina",
        focus="phonics",
        reaches="agreed",
        title="Reception: blending three sounds",
        class_code="RW",
        brief="Filming on Thursday. Two of them guess from the picture, and I cover it with my hand.",
        hopes="That both hear all three sounds before they say the word.",
    ),
    Turn(teacher="cerys", observer="eve", focus="questioning", reaches="proposed"),
    Turn(teacher="grace", observer="iris", focus="engagement", reaches="draft"),
)
