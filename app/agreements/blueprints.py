"""All addresses of this area, for the factory."""

from typing import Final

from flask import Blueprint

from app.agreements.consents.routes import bp as consents
from app.agreements.cycles.routes import bp as cycles
from app.agreements.groups.routes import bp as groups
from app.agreements.protocols.api import bp as protocols_api
from app.agreements.protocols.routes import bp as protocols

BLUEPRINTS: Final[tuple[Blueprint, ...]] = (groups, protocols, protocols_api, cycles, consents)
