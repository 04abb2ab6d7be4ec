"""What people type about feedback: ticks and two sentences; answers to each 'try'."""

from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict

from app.errors import Invalid
from app.observation.feedback.responding import Choice, ResponseDraft
from app.observation.feedback.service import FeedbackDraft
from app.observation.notes.forms import trimmed
from app.web.forms import three_part_date
from app.web.numbers import version_seen


def feedback_draft(fields: MultiDict[str, Any]) -> FeedbackDraft:
    """Read the form that shares feedback."""
    return FeedbackDraft(
        note_ids=ticked(fields),
        took_away=trimmed(fields.get("took_away", "")),
        why_dont_you_try=trimmed(fields.get("why_dont_you_try", "")),
    )


def ticked(fields: MultiDict[str, Any]) -> tuple[UUID, ...]:
    """List the notes that are ticked; what isn't an id was never a note."""
    found = (_uuid(sent) for sent in fields.getlist("note_ids"))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def response_draft(fields: MultiDict[str, Any], try_ids: list[UUID], feedback_ids: list[UUID]) -> ResponseDraft:
    """Read the teacher's answers.

    Raises:
        Invalid: a date can't be read (`date_unclear`).
    """
    problems: dict[str, str] = {}
    choices = []
    for try_id in try_ids:
        choice, text = str(fields.get(f"choice-{try_id}", "")), trimmed(fields.get(f"text-{try_id}", ""))
        try:
            by_on = three_part_date(fields, f"by-{try_id}")
        except ValueError as error:
            problems[f"by-{try_id}"], by_on = str(error), None
        if not (choice or text or by_on):
            continue
        # The date's boxes stand there for every choice: they count for "I will try" only.
        choices.append(
            Choice(
                try_id=try_id,
                choice=choice,
                by_on=by_on if choice == "will_try" else None,
                text=text,
            )
        )
    if problems:
        raise Invalid("date_unclear", "A date needs another look.", fields=problems)
    return ResponseDraft(
        choices=tuple(choices),
        version=version_seen(str(fields.get("version", ""))),
        thanks={one: trimmed(fields[f"thanks-{one}"]) for one in feedback_ids if f"thanks-{one}" in fields},
    )


def _uuid(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
