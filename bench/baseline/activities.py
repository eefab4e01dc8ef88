"""What the hand-written workflow does to the world; an activity an action, each safe to repeat where that is simple."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

from temporalio import activity

from bench.baseline.shapes import Inquiry, Mail, Move, Overdue, Task
from bench.baseline.store import BaselineStore

SENDER = "office@example.com"
SUPERVISOR = "olga@example.com"
SUBJECTS = {"offer": "Предложение для {name}", "reminder": "Остались вопросы?", "last": "Ещё актуально?"}  # fmt: skip
BODY = "Здравствуйте, {name}!\n\nСтоимость: {price}.\n\nОтветьте на это письмо, и начнём сегодня.\n"
SMTP_SECONDS = 30.0


class Activities:
    """Methods run in threads. ``smtp``: host and port."""

    def __init__(self, store: BaselineStore, smtp: tuple[str, int]) -> None:
        self._store = store
        self._smtp = smtp

    @activity.defn
    def assign(self, inquiry: Inquiry) -> str:
        """Stores the lead for the seller whose turn it is, and says who that is."""
        return self._store.assign(inquiry)

    @activity.defn
    def create_task(self, task: Task) -> None:
        """A row on the owner's list."""
        self._store.create_task(task)

    @activity.defn
    def move(self, move: Move) -> None:
        """The stage on the board, the former stage's tasks off the list."""
        self._store.move(move)

    @activity.defn
    def send_mail(self, mail: Mail) -> None:
        """Sends a letter unless its row says that it went; a worker killed in between sends it twice."""
        if self._store.is_sent(mail):
            return
        text = BODY.format(name=mail.name, price=mail.price)
        subject = SUBJECTS[mail.template].format(name=mail.name)
        self._send(mail.email, subject, text, f"{mail.lead}/{mail.template}")
        self._store.sent(mail)

    @activity.defn
    def tell_supervisor(self, overdue: Overdue) -> None:
        """A letter about a task that nobody has done in time."""
        key = f"{overdue.lead}/{overdue.stage}/overdue"
        self._send(SUPERVISOR, "Задача просрочена", f"Лид {overdue.lead}.\n", key)

    @activity.defn
    def convert(self, move: Move) -> str:
        """Contact and deal in one transaction, once; the deal's id."""
        return self._store.convert(move)

    def _send(self, to: str, subject: str, text: str, key: str) -> None:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = subject, SENDER, to
        message["X-Effect-Key"] = key
        message.set_content(text)
        with smtplib.SMTP(*self._smtp, timeout=SMTP_SECONDS) as server:
            server.send_message(message)
