"""Putting what a service refused beside the fields that it is about."""

from app.errors import BackrowError
from app.web.forms import BackrowForm


def mend(form: BackrowForm, refused: BackrowError) -> dict[str, str]:
    """Tell each field what to mend; gives the same for the summary on top of the page."""
    for name, say in refused.fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, say]
    return refused.fields or {"": refused.say}
