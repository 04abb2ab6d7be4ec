"""The code that `/set-up` asks for, so that whoever finds a new installation first isn't the one who owns it."""

from base64 import b32encode

from config.secret import derived

_GROUP = 4


def first_run_code(secret_key: str) -> str:
    """Give this installation's code, as three groups of four signs: 60 bits, the same in each of its processes."""
    signs = b32encode(derived(secret_key, "first run")).decode()[: 3 * _GROUP]
    return "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))
