"""The whole protocol as one plain form, and the few words that a signature needs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange

from app.agreements.day_field import DayField
from app.agreements.projects.queries import Named
from app.agreements.protocols.agreed import Focus
from app.agreements.protocols.comparing import CLAUSE_WORDS
from app.agreements.protocols.ready import VersionDraft
from app.agreements.protocols.starting_words import FOCUS_BY_KEY, FOCUS_ITEMS, NOTE_KINDS, PRINCIPLES
from app.web.forms import AtMost, BackrowForm, Needed, Trimmed

LONGEST_LINE = 300
LONGEST_STAGE = 2000
OWN_PLACES = (1, 2)


def _words(clause: str) -> dict[str, str]:
    return {word: sentence[0].upper() + sentence[1:] for word, sentence in CLAUSE_WORDS[clause].items()}


def _days(label: str) -> IntegerField:
    return IntegerField(
        label,
        validators=[
            InputRequired("Type a number of school days."),
            NumberRange(min=1, max=60, message="Type a number of school days, from 1 to 60."),
        ],
    )


#: For what can't be read: a day before every other, nothing chosen.
_STAND_INS: Mapping[str, Any] = {
    **dict.fromkeys(("until_on", "erase_on"), date.min),
    **dict.fromkeys(("principles", "focus", "note_kinds", "watchers", "asked"), ()),
    "text_until_on": None,
    "feedback_days": 1,
    "answer_days": 1,
}


class ProtocolForm(BackrowForm):
    """Everything that a version says, and who may watch."""

    principles = SelectMultipleField("What you live by", choices={words: words for words in PRINCIPLES})
    own_principles = TextAreaField(
        "Your own", description="One a line.", filters=[Trimmed()], validators=[AtMost(LONGEST_STAGE)]
    )
    focus = SelectMultipleField(
        "Pick one, at most two", choices={item.key: f"{item.name}: {item.question}" for item in FOCUS_ITEMS}
    )
    own_1_name = StringField("Name", filters=[Trimmed()], validators=[AtMost(LONGEST_LINE)])
    own_1_question = StringField("Question", filters=[Trimmed()], validators=[AtMost(LONGEST_LINE)])
    own_1_look_fors = TextAreaField("What to look for", filters=[Trimmed()], validators=[AtMost(LONGEST_STAGE)])
    own_2_name = StringField("Name", filters=[Trimmed()], validators=[AtMost(LONGEST_LINE)])
    own_2_question = StringField("Question", filters=[Trimmed()], validators=[AtMost(LONGEST_LINE)])
    own_2_look_fors = TextAreaField("What to look for", filters=[Trimmed()], validators=[AtMost(LONGEST_STAGE)])
    note_kinds = SelectMultipleField(
        "Kinds of note you use",
        choices={kind.key: f"{kind.name}: {kind.about} {kind.stems[0]}" for kind in NOTE_KINDS},
        validators=[Needed("Tick at least one kind of note.")],
    )
    before = TextAreaField("Before", filters=[Trimmed()], validators=[AtMost(LONGEST_STAGE)])
    during = TextAreaField("While watching", filters=[Trimmed()], validators=[AtMost(LONGEST_STAGE)])
    after = TextAreaField("After", filters=[Trimmed()], validators=[AtMost(LONGEST_STAGE)])
    feedback_days = _days("Feedback within so many school days")
    answer_days = _days("The answer within so many school days")
    readers = RadioField("Who reads feedback", choices=_words("readers"))
    clips_by = RadioField("Who marks clips", choices=_words("clips_by"))
    library = RadioField("Library", choices=_words("library"))
    download = RadioField("Downloads", choices=_words("download"))
    export = RadioField("Notes as text", choices=_words("export"))
    watchers = SelectMultipleField("Who may watch")
    asked = SelectMultipleField("Ask somebody else, too")
    until_on = DayField("Others may watch until", description="That day included.")
    erase_on = DayField("The film is kept until", description="That day included; then it is erased.")
    after_erase = RadioField("The words, when the film goes", choices=_words("after_erase"))
    text_until_on = DayField("If the teacher keeps the words: until", needed=False)

    def offer(self, people: Sequence[Named], colleagues: Sequence[Named]) -> "ProtocolForm":
        """Fill in whom there is to choose from."""
        here = {str(named.person_id): named.words for named in people}
        reachable = {str(named.person_id): named.words for named in colleagues}
        self.watchers.choices = here
        self.asked.choices = {person_id: words for person_id, words in reachable.items() if person_id not in here}
        return self

    @property
    def focus_choices(self) -> list[tuple[str, str, str]]:
        """Give each starting focus with what one looks for, as the kit draws choices."""
        return [
            (item.key, f"{item.name}: {item.question}", f"To look for: {' · '.join(item.look_fors)}")
            for item in FOCUS_ITEMS
        ]

    def draft(self) -> VersionDraft:
        """Give what was typed; a field that is to be mended gives a stand-in that no rule about another trips over."""
        typed: dict[str, Any] = self.data | {name: _STAND_INS.get(name, "") for name in self.errors if name}
        return VersionDraft(
            principles=(*typed["principles"], *_lines(typed["own_principles"])),
            focus=(*(_starting(key) for key in typed["focus"]), *self._own_focus()),
            note_kinds=tuple(kind.key for kind in NOTE_KINDS if kind.key in typed["note_kinds"]),
            stages={"before": typed["before"], "during": typed["during"], "after": typed["after"]},
            feedback_days=typed["feedback_days"],
            answer_days=typed["answer_days"],
            readers=typed["readers"],
            clips_by=typed["clips_by"],
            library=typed["library"],
            download=typed["download"],
            export=typed["export"],
            until_on=typed["until_on"],
            erase_on=typed["erase_on"],
            after_erase=typed["after_erase"],
            text_until_on=typed["text_until_on"],
            watcher_ids=frozenset(UUID(person_id) for person_id in typed["watchers"]),
            asked_ids=frozenset(UUID(person_id) for person_id in typed["asked"]),
        )

    def _own_focus(self) -> tuple[Focus, ...]:
        typed = [
            (self[f"own_{place}_name"].data, self[f"own_{place}_question"].data, self[f"own_{place}_look_fors"].data)
            for place in OWN_PLACES
        ]
        return tuple(
            Focus(name=name or question, question=question or name, look_fors=tuple(_lines(look_fors)))
            for name, question, look_fors in typed
            if name or question
        )


def fields_of(draft: VersionDraft) -> dict[str, Any]:
    """Give a draft as the form's fields hold it."""
    starting = {_starting(item.key): item.key for item in FOCUS_ITEMS}
    own = [item for item in draft.focus if item not in starting]
    fields: dict[str, Any] = {
        **{name: value for name, value in vars(draft).items() if name not in ("focus", "principles")},
        "principles": [words for words in draft.principles if words in PRINCIPLES],
        "own_principles": "\n".join(words for words in draft.principles if words not in PRINCIPLES),
        "focus": [starting[item] for item in draft.focus if item in starting],
        "note_kinds": list(draft.note_kinds),
        **draft.stages,
        "watchers": [str(person_id) for person_id in draft.watcher_ids],
        "asked": [str(person_id) for person_id in draft.asked_ids],
    }
    for place, item in zip(OWN_PLACES, own, strict=False):
        fields[f"own_{place}_name"], fields[f"own_{place}_question"] = item.name, item.question
        fields[f"own_{place}_look_fors"] = "\n".join(item.look_fors)
    return fields


class SignForm(BackrowForm):
    """A signature: the tick, the typed name, and the text that was read."""

    text_hash = StringField(validators=[Needed("Open the page again, and read it.")])
    read = BooleanField("I have read it", validators=[Needed("Tick this once you have read it.")])
    typed_name = StringField(
        "Your name, typed", filters=[Trimmed()], validators=[Needed("Type your name to sign."), AtMost(200)]
    )


def _starting(key: str) -> Focus:
    item = FOCUS_BY_KEY[key]
    return Focus(name=item.name, question=item.question, look_fors=item.look_fors)


def _lines(typed: str) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()]
