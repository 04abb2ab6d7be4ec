"""Times in a lesson as people write, read and hear them; inside Backrow they are whole milliseconds."""

import re

_SECOND_MS = 1000
_MINUTE_S = 60
_HOUR_S = 3600
#: 100 hours: no lesson is longer, and a longer number is a slip of the finger.
_LONGEST_MS = 100 * _HOUR_S * _SECOND_MS

_CLOCK = re.compile(r"(?:(?P<h>\d{1,2}):(?=\d{2}:))?(?P<m>\d{1,4}):(?P<s>\d{2})(?:[.,](?P<f>\d{1,3}))?")
_SPOKEN = re.compile(r"(?:(?P<h>\d{1,2})h)?(?:(?P<m>\d{1,4})m(?:in)?)?(?:(?P<s>\d{1,6})(?:[.,](?P<f>\d{1,3}))?s?)?")


def clock_face(at_ms: int) -> str:
    """Show a moment as a player's clock does: "0:59", "12:05", "1:00:00".

    Cut down to the whole second, so that it never names a moment that isn't on screen yet.
    """
    whole_s = max(at_ms, 0) // _SECOND_MS
    hours, rest = divmod(whole_s, _HOUR_S)
    minutes, seconds = divmod(rest, _MINUTE_S)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def vtt_time(at_ms: int) -> str:
    """Write a moment as WebVTT does: "00:04:12.000"."""
    whole_s, rest_ms = divmod(max(at_ms, 0), _SECOND_MS)
    minutes, seconds = divmod(whole_s, _MINUTE_S)
    hours, minutes = divmod(minutes, _HOUR_S // _MINUTE_S)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest_ms:03}"


def spoken(at_ms: int) -> str:
    """Say a moment so that a screen reader reads it well: "4 minutes 12 seconds", "1 hour 0 minutes 5 seconds"."""
    whole_s = max(at_ms, 0) // _SECOND_MS
    hours, rest = divmod(whole_s, _HOUR_S)
    minutes, seconds = divmod(rest, _MINUTE_S)
    parts = [_counted(seconds, "second")]
    if minutes or hours:
        parts.insert(0, _counted(minutes, "minute"))
    if hours:
        parts.insert(0, _counted(hours, "hour"))
    return " ".join(parts)


def parse_time(text: str) -> int:
    """Read a time as people type it: "4:12", "1:04:12", "252", "4m12", "4m 12s", "1h4m", "4:12.5".

    Returns:
        Milliseconds.

    Raises:
        ValueError: nothing of that kind; the message says how to write one.
    """
    squeezed = re.sub(r"\s+", "", text).lower()
    found = _CLOCK.fullmatch(squeezed) or _SPOKEN.fullmatch(squeezed)
    if not squeezed or found is None:
        raise ValueError("Write a time like 4:12, or 252 for seconds.")
    hours, minutes, seconds = (int(found[part] or 0) for part in "hms")
    if (":" in squeezed and seconds >= _MINUTE_S) or (found["h"] and minutes >= _MINUTE_S):
        raise ValueError("Minutes and seconds go up to 59, as in 4:12.")
    at_ms = (hours * _HOUR_S + minutes * _MINUTE_S + seconds) * _SECOND_MS + int((found["f"] or "0").ljust(3, "0"))
    if at_ms > _LONGEST_MS:
        raise ValueError("That is longer than any lesson. Write a time like 4:12.")
    return at_ms


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
