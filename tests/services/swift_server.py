"""A whole OpenStack Swift with its S3 face, in one process, for tests. `swift.py` starts it.

It runs under the machine's own Python, which has Debian's Swift, not under the project's: so it imports nothing of
ours, and asks for its modules by name. Usage: `python3 swift_server.py FOLDER PORT ORIGIN…`. It prints where it
listens and its keys, then `ready`; it ends by SIGTERM, or with whoever started it. What it has answered is on disk.
"""

import configparser
import ctypes
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

eventlet: Any = import_module("eventlet")
eventlet.monkey_patch()  # before anything else opens a socket

KINDS = ("account", "container", "object")
ACCOUNT, PERSON, REGION = "backrow", "test", "us-east-1"
PR_SET_PDEATHSIG = 1

# In the order in which a request passes them; the S3 face translates, the rest is Swift's own.
PIPELINE = (
    "catch_errors",
    "gatekeeper",
    "healthcheck",
    "listing_formats",
    "s3api",
    "tempauth",
    "bulk",
    "slo",
    "dlo",
)


class Forgetful:
    """The cache that the sign-in insists on: this one forgets at once, and so is never wrong."""

    def get(self, *_: object, **__: object) -> None:
        """Know nothing."""

    def get_multi(self, keys: Iterable[str], *_: object, **__: object) -> list[None]:
        """Know nothing of each."""
        return [None for _ in keys]

    def delete(self, *_: object, **__: object) -> None:
        """Forget it."""

    def set(self, *_: object, **__: object) -> None:
        """Forget it."""

    set_multi = delete

    def incr(self, _: str, delta: int = 1, **__: object) -> int:
        """Count from nothing."""
        return delta

    decr = incr


def main(folder: Path, port: int, origins: list[str]) -> None:
    """Serve until the end."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: os._exit(0))
    os.umask(0o077)
    run = folder / "run"
    (folder / "disk" / "d1").mkdir(parents=True, exist_ok=True)
    run.mkdir(exist_ok=True)
    logging.raiseExceptions = False
    access, secret = f"{ACCOUNT}:{PERSON}", keys_of(run)
    sockets = {kind: listen(0) for kind in KINDS} | {"proxy": listen(port)}
    ports = {kind: each.getsockname()[1] for kind, each in sockets.items()}
    draw_rings(run, ports)
    configure(folder, ports, secret=secret, origins=", ".join(origins))
    for kind, each in sockets.items():
        serve(run / f"{kind}.conf", each)
    sys.stdout.write(
        f"AWS_ENDPOINT_URL=http://127.0.0.1:{ports['proxy']}\nAWS_ACCESS_KEY_ID={access}\n"
        f"AWS_SECRET_ACCESS_KEY={secret}\nAWS_DEFAULT_REGION={REGION}\nready\n"
    )
    sys.stdout.flush()
    while True:
        eventlet.sleep(3600)


def keys_of(run: Path) -> str:
    """Return the S3 secret; it and the salt of names are made once a folder, so that its objects can be read again."""
    made = run / "secret"
    if not made.exists():
        salt = secrets.token_hex(32)
        (run / "swift.conf").write_text(
            f"[swift-hash]\nswift_hash_path_suffix = {salt}\nswift_hash_path_prefix = {salt}\n"
            "[storage-policy:0]\nname = one\ndefault = yes\n"
        )
        made.write_text(secrets.token_hex(20))
    utils: Any = import_module("swift.common.utils")
    utils.SWIFT_CONF_FILE = str(run / "swift.conf")  # instead of the machine's, which need not be there
    import_module("swift.common.constraints").reload_constraints()
    import_module("swift.common.storage_policy").reload_storage_policies()
    utils.validate_hash_conf()
    return made.read_text()


def listen(port: int) -> Any:  # noqa: ANN401 - eventlet has no types
    """Open a socket for this machine alone; port 0 takes a free one."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # otherwise each answer waits 40 ms
    plain.bind(("127.0.0.1", port))
    plain.listen(512)
    return plain


def draw_rings(run: Path, ports: dict[str, int]) -> None:
    """Say where things lie: one disk, one copy, the ports of this very start."""
    builder = import_module("swift.common.ring").RingBuilder
    for kind in KINDS:
        ring = builder(4, 1, 0)
        place = {"ip": "127.0.0.1", "port": ports[kind], "replication_ip": "127.0.0.1", "replication_port": ports[kind]}
        ring.add_dev({"id": 0, "region": 1, "zone": 1, "device": "d1", "weight": 1, "meta": "", **place})
        ring.rebalance(seed=1)
        ring.get_ring().save(str(run / f"{kind}.ring.gz"))


def configure(folder: Path, ports: dict[str, int], *, secret: str, origins: str) -> None:
    """Write the four servers' files."""
    common = {
        "swift_dir": str(folder / "run"),
        "devices": str(folder / "disk"),
        "mount_check": "false",
        "workers": "0",
        "log_level": "ERROR",
        "bind_ip": "127.0.0.1",
    }
    for kind in KINDS:
        app = {"use": f"egg:swift#{kind}", "fallocate_reserve": "0"}
        pipeline = {"pipeline:main": {"pipeline": f"{kind}-server"}, f"app:{kind}-server": app}
        write(folder / "run" / f"{kind}.conf", {"DEFAULT": {**common, "bind_port": str(ports[kind])}, **pipeline})
    proxy = proxy_of({**common, "bind_port": str(ports["proxy"])}, secret=secret, origins=origins)
    write(folder / "run" / "proxy.conf", proxy)


def proxy_of(common: dict[str, str], *, secret: str, origins: str) -> dict[str, dict[str, str]]:
    """Give the settings of the one that is spoken to: who may sign in, and how S3 is answered."""
    proxy = {
        "DEFAULT": {
            **common,
            "cors_allow_origin": origins,
            "cors_expose_headers": "etag, x-amz-request-id, content-range, accept-ranges",
        },
        "pipeline:main": {"pipeline": " ".join((*PIPELINE, "proxy-server"))},
        "app:proxy-server": {
            "use": "egg:swift#proxy",
            "account_autocreate": "true",
            "allow_account_management": "true",
            "node_timeout": "60",
            "conn_timeout": "5",
        },
        **{f"filter:{name}": {"use": f"egg:swift#{name}"} for name in PIPELINE},
    }
    proxy["filter:tempauth"][f"user_{ACCOUNT}_{PERSON}"] = f"{secret} .admin"
    proxy["filter:slo"] |= {"min_segment_size": "1", "max_manifest_segments": "10000"}
    proxy["filter:s3api"] |= {
        "location": REGION,
        "min_segment_size": str(5 * 1024 * 1024),
        "max_upload_part_num": "10000",
        "dns_compliant_bucket_names": "true",
        "s3_acl": "false",
        "cors_preflight_allow_origin": origins,
    }
    return proxy


def write(path: Path, sections: dict[str, dict[str, str]]) -> None:
    """Write one file of settings."""
    parser = configparser.RawConfigParser(default_section="")
    parser.read_dict(sections)
    with path.open("w") as file:
        parser.write(file)


def serve(conf: Path, listening: Any) -> None:  # noqa: ANN401 - eventlet has no types
    """Serve one of the four on its socket, in a green thread."""
    wsgi, server = import_module("swift.common.wsgi"), import_module("eventlet.wsgi")
    app: Callable[[dict[str, object], object], object] = wsgi.loadapp(str(conf), global_conf={"log_name": conf.stem})

    def with_cache(environ: dict[str, object], start: object) -> object:
        return app({**environ, "swift.cache": Forgetful()}, start)

    quiet = logging.getLogger("quiet")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    eventlet.spawn(
        server.server,
        listening,
        with_cache,
        quiet,
        protocol=wsgi.SwiftHttpProtocol,
        custom_pool=eventlet.GreenPool(512),
        log_output=False,
        capitalize_response_headers=False,
        socket_timeout=60,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]), sys.argv[3:])
