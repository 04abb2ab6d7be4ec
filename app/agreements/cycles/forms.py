"""What a teacher tells the observers beforehand."""

from collections.abc import Sequence
from uuid import UUID

from wtforms import IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Optional

from app.agreements.cycles.models import Briefing
from app.agreements.cycles.service import LONGEST_BODY, LONGEST_CLASS, LONGEST_TITLE, BriefingDraft
from app.agreements.protocols.models import FocusItem
from app.web.forms import AtMost, BackrowForm, Needed, Trimmed


class BriefingForm(BackrowForm):
    """A title is enough; the rest helps those who watch."""

    title = StringField(
        "What shall we call the lesson?",
        description="Like 'Year 8 fractions'. No pupil's name.",
        filters=[Trimmed()],
        validators=[Needed("Give the lesson a title, like 'Year 8 fractions'."), AtMost(LONGEST_TITLE)],
    )
    class_code = StringField(
        "Class",
        description="As your school writes it, like 8F2. We use it to see whether anybody in it objects to filming.",
        filters=[Trimmed()],
        validators=[AtMost(LONGEST_CLASS)],
    )
    body = TextAreaField(
        "What should they know?",
        description="Where the lesson falls, what you are trying.",
        filters=[Trimmed()],
        validators=[AtMost(LONGEST_BODY)],
    )
    hopes = TextAreaField(
        "What do you hope for, and what worries you?",
        filters=[Trimmed()],
        validators=[AtMost(LONGEST_BODY)],
    )
    focus_item_ids = SelectMultipleField("Look for especially")
    version = IntegerField(validators=[Optional()])

    def offer(self, items: Sequence[FocusItem]) -> "BriefingForm":
        """Fill in what the group looks at."""
        self.focus_item_ids.choices = {str(item.id): f"{item.name}: {item.question}" for item in items}
        return self

    def draft(self) -> BriefingDraft:
        """Give what was typed."""
        return BriefingDraft(
            title=self.title.data or "",
            class_code=self.class_code.data or "",
            body=self.body.data or "",
            hopes=self.hopes.data or "",
            focus_item_ids=tuple(UUID(item_id) for item_id in self.focus_item_ids.data or []),
            version=self.version.data,
        )


def briefing_form(briefing: Briefing | None, items: Sequence[FocusItem]) -> BriefingForm:
    """Make the form that a page shows: filled from what is kept, else looking for all that was agreed."""
    if briefing is None:
        return BriefingForm(data={"focus_item_ids": [str(item.id) for item in items], "version": 0}).offer(items)
    offered = {str(item.id) for item in items}
    kept = {name: getattr(briefing, name) for name in ("title", "class_code", "body", "hopes", "version")}
    chosen = [item_id for item_id in briefing.focus_item_ids if item_id in offered]
    return BriefingForm(data={**kept, "focus_item_ids": chosen}).offer(items)
