"""The job that sends a letter."""

from dataclasses import dataclass
from uuid import UUID

from app.jobs import Job, Queue


@dataclass(frozen=True)
class SendMail(Job):
    """Send one letter and wipe its words."""

    queue = Queue.MAIL
    attempts = 12
    mail_id: UUID
