"""Passwords: how they are kept, and which ones are too easy to guess."""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app import ids
from app.errors import Invalid

#: Characters that a password has at least; more is better than odder.
LEAST = 12
#: Longer ones are refused, so that nobody can keep the machine busy with a book.
MOST = 1000
_FEWEST_DIFFERENT = 5
_LONGEST_UNIT = 4
_SHORTEST_LOCAL_PART = 4
#: A phrase of more common words than this is hard to guess for its length.
_COMMON_WORDS_TOO_FEW = 2

# Argon2id with the figures of RFC 9106 for a machine with little memory; each row carries the figures it was made with.
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_FOLD = str.maketrans("013457@$!", "oleastasi")
_ROWS = ("1234567890", "0987654321", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedcrfvtgbyhnujmikolp")


def hash_password(password: str) -> str:
    """Make what is kept of a password."""
    return _HASHER.hash(_same(password))


def matches(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one kept; where none is kept, say no after the same work."""
    try:
        _HASHER.verify(kept or _decoy(), _same(password)[:MOST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Tell whether a password was kept with other figures than today's."""
    return _HASHER.check_needs_rehash(kept)


def refuse_weak(password: str, *, email: str, field: str = "password") -> None:
    """Refuse a password that is short, common or made from the address.

    Raises:
        Invalid: says what to choose instead (`password_weak`).
    """
    say = _weakness(_same(password), email)
    if say:
        raise Invalid("password_weak", say, fields={field: say})


def _weakness(password: str, email: str) -> str | None:
    plain = password.lower()
    local_part = email.partition("@")[0].lower()
    if len(password) < LEAST:
        return f"Use at least {LEAST} characters; this has {len(password)}. Four words in a row are fine."
    if len(password) > MOST:
        return f"Use at most {MOST} characters."
    if len(local_part) >= _SHORTEST_LOCAL_PART and local_part in plain:
        return "This holds the first part of your address. Choose words that have nothing to do with it."
    if len(set(plain)) < _FEWEST_DIFFERENT or _repeats(plain) or _runs(plain):
        return "This is a repetition or a row of keys. Choose four words that you can picture together."
    if _common(plain):
        return "Many people use this or something close to it. Choose four words that you can picture together."
    return None


def _repeats(plain: str) -> bool:
    return any(re.fullmatch(rf"(.{{{unit}}})\1+.{{0,{unit}}}", plain) for unit in range(1, _LONGEST_UNIT + 1))


def _runs(plain: str) -> bool:
    """Tell whether it is one run of the alphabet, of numbers or of keys, perhaps said more than once."""
    rows = (*_ROWS, "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba")
    pieces = sum(1 for first, second in pairwise(plain) if _neighbours(first, second, rows))
    return pieces >= len(plain) * 3 // 4


def _neighbours(first: str, second: str, rows: tuple[str, ...]) -> bool:
    return any(first + second in row or second + first in row for row in rows)


def _common(plain: str) -> bool:
    """Tell whether nothing but one or two common words is left once numbers and signs are taken off."""
    # A year or a sign at the end is an ornament; within the word it stands for a letter.
    ornaments = (r"", r"[\W\d_]+$", r"^[\W\d_]+|[\W\d_]+$")
    folded = {re.sub(r"[\W\d_]+", "", re.sub(each, "", plain).translate(_FOLD)) for each in ornaments}
    candidates = {re.sub(r"[\W\d_]+", "", plain), *folded}
    return any(not letters or _few_common_words(letters) for letters in candidates)


def _few_common_words(letters: str) -> bool:
    words = common_words()
    reached = {0: 0}
    for start in range(len(letters)):
        if reached.get(start, _COMMON_WORDS_TOO_FEW) >= _COMMON_WORDS_TOO_FEW:
            continue
        for end in range(start + 1, len(letters) + 1):
            if letters[start:end] in words:
                reached[end] = min(reached.get(end, _COMMON_WORDS_TOO_FEW), reached[start] + 1)
    return len(letters) in reached


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Give the words that passwords are most often made of."""
    listed = files("app.people.accounts").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.strip() for line in listed.splitlines() if line.strip() and not line.startswith("#"))


def _same(password: str) -> str:
    """Bring what two keyboards send for one password into one form."""
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _decoy() -> str:
    """Make one hash that nobody knows the password of, so that an unknown address costs the same work."""
    return _HASHER.hash(ids.token())
