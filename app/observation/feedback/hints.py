"""Gentle hints before feedback is shared: words that grade, and what to ask oneself instead. Never a block."""

import re
from typing import Final

#: Words that judge rather than describe, as colleagues know them from inspections and reports.
GRADING: Final = (
    "excellent",
    "outstanding",
    "satisfactory",
    "unsatisfactory",
    "inadequate",
    "requires improvement",
    "weak",
    "poor",
    "good lesson",
    "bad lesson",
    "great lesson",
    "should have",
    "shouldn't have",
)
ASK: Final = "What did you see or hear?"
_FINDS: Final = re.compile(r"\b(" + "|".join(re.escape(words) for words in GRADING) + r")\b", re.IGNORECASE)


def grading_words(text: str) -> list[str]:
    """List the words of a text that read as a grade, each once, in the order they appear."""
    plain = text.replace("\u2019", "'")
    return list(dict.fromkeys(found.lower() for found in _FINDS.findall(plain)))
