"""What starting a project asks for."""

from collections.abc import Sequence
from uuid import UUID

from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField

from app.agreements.groups.service import LONGEST_AIM, LONGEST_TITLE, ProjectDraft
from app.agreements.projects.queries import Named
from app.agreements.protocols.starting_templates import TEMPLATES
from app.agreements.protocols.starting_words import FOCUS_ITEMS
from app.web.forms import AtMost, BackrowForm, Needed, Trimmed

OWN = "own"


class ProjectForm(BackrowForm):
    """Kind, with whom, one focus; a title only where somebody wants one."""

    kind = RadioField("What kind of project?", default="peer_observation")
    with_ids = SelectMultipleField(
        "With whom?",
        description="Somebody of another school, whom you'd both choose. They are asked, and may say no.",
        validators=[Needed("Choose at least one colleague.")],
    )
    focus = RadioField("One thing to look at", validators=[Needed("Pick one thing to look at.")])
    own_focus = StringField(
        "Your own focus",
        description="If you picked 'something else': a question, like 'Who tidies up, and when?'.",
        filters=[Trimmed()],
        validators=[AtMost(LONGEST_TITLE)],
    )
    title = StringField(
        "A name for it",
        description="If you leave this empty we make one from the focus and your names.",
        filters=[Trimmed()],
        validators=[AtMost(LONGEST_TITLE)],
    )
    aim = TextAreaField(
        "What do you hope for?",
        description="A sentence for yourselves. You can write it later.",
        filters=[Trimmed()],
        validators=[AtMost(LONGEST_AIM)],
    )

    def offer(self, colleagues: Sequence[Named]) -> "ProjectForm":
        """Fill in what there is to choose from."""
        self.kind.choices = {
            template.key: f"{template.name}: {template.group}"
            for template in TEMPLATES.values()
            if template.can_be_opened
        }
        self.with_ids.choices = {str(named.person_id): named.words for named in colleagues}
        self.focus.choices = {item.key: f"{item.name}: {item.question}" for item in FOCUS_ITEMS} | {
            OWN: "Something else"
        }
        return self

    def draft(self) -> ProjectDraft:
        """Give what was typed."""
        focus = self.own_focus.data if self.focus.data == OWN else self.focus.data
        return ProjectDraft(
            kind=self.kind.data or "",
            with_ids=tuple(UUID(person_id) for person_id in self.with_ids.data or []),
            focus=focus or "",
            title=self.title.data or "",
            aim=self.aim.data or "",
        )
