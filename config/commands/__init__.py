"""The `backrow` command's words, one module a subject; each has `register(main)`, and is found by being here."""

import importlib
import pkgutil

import click


def register_all(main: click.Group) -> None:
    """Give `main` the commands of every module in this folder."""
    for found in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{found.name}").register(main)
