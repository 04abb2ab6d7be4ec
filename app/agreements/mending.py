"""Putting what a service refused beside the fields that it is about."""

from collections.abc import Mapping

from app.errors import BackrowError
from app.web.forms import BackrowForm


def mend(form: BackrowForm, refused: BackrowError, *, but: Mapping[str, str] | None = None) -> dict[str, str]:
    """Tell each field what to mend; gives the same for the summary on top of the page, in the form's order.

    A field of `but` has a sentence already: it couldn't be read, so what a rule says of it is no news.
    """
    said = dict(but or {})
    for name, say in refused.fields.items():
        if name in form and name not in said:
            form[name].errors = [*form[name].errors, say]
    every = {**refused.fields, **said}
    places = {name: place for place, name in enumerate(form._fields)}
    return dict(sorted(every.items(), key=lambda each: places.get(each[0], -1))) or {"": refused.say}
