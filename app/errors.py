"""Refusals that a person can read: raised where they are known, turned into a page in one place."""

from typing import ClassVar


class BackrowError(Exception):
    """A refusal that a person can read: what happened, and what to do next."""

    status: ClassVar[int] = 500

    def __init__(self, code: str, say: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(f"{code}: {say}")
        self.code, self.say, self.fields = code, say, fields or {}


class NotFound(BackrowError):
    """It does not exist, or not for this person: the two look the same."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "not_found",
            "We can't find this page, or it isn't shared with you. "
            "If a colleague sent you the link, ask them to check the protocol's list.",
        )


class SignInNeeded(BackrowError):
    """Nobody is signed in: pages lead to the sign-in page, machines get 401."""

    status = 401

    def __init__(self) -> None:
        super().__init__("sign_in_needed", "Sign in to go on. What you typed is kept on this device.")


class Forged(BackrowError):
    """The request doesn't carry this person's own form token, or comes from another site."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "form_stale",
            "This form had gone stale, so nothing was changed. Go back, reload the page and send it again.",
        )


class Invalid(BackrowError):
    """What was typed can't be kept as it is; each field says what to mend."""

    status = 422


class Conflict(BackrowError):
    """It can't be done in the state that the thing is in now."""

    status = 409


class Stale(BackrowError):
    """The thing has changed since this person last saw it."""

    status = 412


class Gone(BackrowError):
    """It was there, and has run out."""

    status = 410


class TooLarge(BackrowError):
    """Larger than this alliance takes."""

    status = 413


class TooMany(BackrowError):
    """Asked too often; `retry_after_s` says when it may be asked again."""

    status = 429

    def __init__(self, code: str, say: str, *, retry_after_s: int) -> None:
        super().__init__(code, say)
        self.retry_after_s = retry_after_s


class Unavailable(BackrowError):
    """Something that Backrow needs does not answer; safe to try again."""

    status = 503


class StorageFull(BackrowError):
    """There is no room left for recordings."""

    status = 507
