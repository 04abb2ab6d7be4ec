"""What can be wrong with a recording, as a code for programs and a sentence for the teacher who sent it."""

from typing import Final

#: Every code that media can give, with the sentence that its teacher reads. Nothing else words these.
SENTENCES: Final[dict[str, str]] = {
    "empty": "This file is empty. Choose the recording again.",
    "not_video": "We could not find a video in this file. Check that it is the recording itself.",
    "no_video": "This file has sound but no picture. Choose the video recording.",
    "incomplete": (
        "The end of this recording is missing, and without it the file cannot be read. Copy it from the camera again."
    ),
    "too_big": "The picture of this recording is larger than we can take (8192 × 4320).",
    "too_costly": ("This recording would take too long to prepare. Save it at a lower resolution or in shorter parts."),
    "name_refused": "This file's name is too long or has signs we can't take. Rename it and choose it again.",
    "clock_broken": (
        "The clock in this recording starts again part of the way through, so we can't keep its moments in order. "
        "Export it once more from a video program as one film, and choose that."
    ),
    "frames_lost": (
        "Something went wrong while we prepared this lesson. Nothing of yours is lost; we are trying again."
    ),
    "nothing_there": "There is no picture between those two moments. Choose a longer stretch.",
    "no_jail": (
        "This server can't open recordings safely yet. Ask the person who looks after it to run `backrow doctor`."
    ),
    "partial": "A part of this recording could not be read. You can watch the rest; times are unchanged.",
    "no_audio": "This lesson has no sound.",
    "short_audio": "The sound ends before the picture.",
}

#: Codes after which the very same work may be tried again: the fault may be ours, not the file's.
RETRYABLE: Final[frozenset[str]] = frozenset({"frames_lost"})


def say_for(code: str) -> str:
    """Return the sentence that a teacher reads for `code`.

    Raises:
        KeyError: no such code; a code without a sentence is a defect, not something to smooth over.
    """
    return SENTENCES[code]


class MediaError(Exception):
    """A recording, or the machine, that doesn't allow the work asked for.

    `say` is for the teacher; `retryable` tells a worker whether the same work may be tried again; `detail` is for
    logs, and never holds a name or anything else out of the file.
    """

    def __init__(
        self, code: str, say: str | None = None, *, retryable: bool | None = None, detail: str | None = None
    ) -> None:
        self.code = code
        self.say = say_for(code) if say is None else say
        self.retryable = code in RETRYABLE if retryable is None else retryable
        self.detail = detail
        super().__init__(f"{code}: {self.say}" if detail is None else f"{code}: {self.say} [{detail}]")
