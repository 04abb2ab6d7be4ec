"""Letters: sent, then wiped. A crash between the two sends one again, under the same Message-ID."""

from sqlalchemy import update

from app import clock
from app.notify.jobs import SendMail
from app.notify.models import Mail
from workers.registry import handles
from workers.tools import Tools


def give_up(job: SendMail, tools: Tools, _error: Exception) -> None:
    """Wipe a letter that nobody would take: it may hold a link."""
    with tools.sessions.begin() as session:
        session.execute(update(Mail).where(Mail.id == job.mail_id, Mail.sent_at.is_(None)).values(body=""))


@handles(SendMail, given_up=give_up)
def send_mail(job: SendMail, tools: Tools) -> None:
    """Send one letter and wipe its words; no transaction is open while the mail server is talked to."""
    with tools.sessions.begin() as session:
        mail = session.get(Mail, job.mail_id)
        if mail is None or mail.sent_at is not None or not mail.body:
            return
        to, subject, body = mail.to_address, mail.subject, mail.body
    tools.mailer.send(to=to, subject=subject, body=body)
    with tools.sessions.begin() as session:
        session.execute(update(Mail).where(Mail.id == job.mail_id).values(sent_at=clock.now(), body=""))
