"""What a name and an address may look like, wherever people type one."""

import re
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from app.errors import Invalid

Asked = ParamSpec("Asked")
Clean = TypeVar("Clean")

#: Long enough for every name and school; short enough for a page.
LONGEST_NAME = 120
_LONGEST_ADDRESS = 254
# What mail needs, no more: whether an address exists is known only once somebody answers from it.
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\x00-\x1f]{1,64}@[^\s@<>\"(),:;\\\x00-\x1f]+\.[^\s@<>\"(),:;\\\x00-\x1f.]+")


class Together:
    """Several checks of one form: each is made, and one refusal then says everything that is to be mended."""

    def __init__(self) -> None:
        self._refused: list[Invalid] = []

    def check(self, rule: Callable[Asked, Clean], *args: Asked.args, **options: Asked.kwargs) -> Clean | None:
        """Give what a rule makes of what was typed; nothing where it refuses, which `end` then says."""
        try:
            return rule(*args, **options)
        except Invalid as refusal:
            self._refused.append(refusal)
            return None

    def end(self) -> None:
        """Go on only if every rule was content.

        Raises:
            Invalid: what the rules refused, all of it, each at its field.
        """
        if not self._refused:
            return
        fields = {name: say for refusal in self._refused for name, say in refusal.fields.items()}
        raise Invalid(self._refused[0].code, " ".join(refusal.say for refusal in self._refused), fields=fields)


def check_name(name: str, *, field: str, what: str = "your name") -> str:
    """Give a name without the space around it.

    Raises:
        Invalid: it is empty, very long, or holds what no name holds.
    """
    clean = " ".join(name.split())
    if not clean:
        raise _refusal(field, f"Type {what}.")
    if len(clean) > LONGEST_NAME:
        raise _refusal(field, f"Keep this to {LONGEST_NAME} characters; it has {len(clean)}.")
    if not clean.isprintable():
        raise _refusal(field, "This holds a sign that can't be shown. Type it afresh.")
    return clean


def check_email(email: str, *, field: str) -> str:
    """Give an address in lower case.

    Raises:
        Invalid: mail could never go there.
    """
    clean = email.strip().lower()
    if not clean:
        raise _refusal(field, "Type an e-mail address.")
    if len(clean) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(clean):
        raise _refusal(field, "An e-mail address looks like amina@hillside.example.")
    return clean


def _refusal(field: str, say: str) -> Invalid:
    return Invalid("not_typed_right", say, fields={field: say})
