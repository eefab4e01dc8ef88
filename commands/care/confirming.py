"""`leadflow confirm`: an admin lets an installation send that is not the one it was."""

from __future__ import annotations

from commands.acting import Desk, desk, now
from commands.audit import record
from commands.console import note, say, say_json, say_table
from commands.operators import operator
from leadflow.engine.events import Actor
from leadflow.errors import Refused
from leadflow.installation import Installation
from leadflow.store import seat

KINDS = {
    "SendMessage": "to clients",
    "NotifyPeople": "to our people",
    "PostWebhook": "to other systems",
    "AudienceChange": "audiences",
}


def let_go(by: str, *, send: bool, ask: bool, as_json: bool) -> None:
    """Confirms, or says what has to be decided first.

    Raises:
        Refused: nobody of the installation's admins confirms, or nobody has said what becomes of waiting messages.
        NotFound: ``by`` is no user.
    """
    with desk() as open_desk:
        copy = seat.look(open_desk.store)
        waiting = seat.waits(open_desk.store, now())
        if copy is None:
            _say(None, waiting, 0, as_json)
            return
        actor = _admin(open_desk.people(), by)
        if send and ask:
            message = "--send and --ask contradict each other"
            raise Refused(
                message, "say which it is: nobody else has sent what waits, or somebody may have"
            )
        if waiting and not (send or ask):
            _undecided(copy, waiting)
        asked = seat.confirm(open_desk.store, now(), ask=ask)
        _record(open_desk, actor, copy, waiting, asked)
    _say(copy, waiting, asked, as_json)


def _undecided(copy: seat.Copy, waiting: list[seat.Waits]) -> None:
    note(f"{copy.words}.")
    _table(waiting)
    message = f"{_count(waiting)} messages would go out now: nothing is confirmed yet"
    hint = (
        "--send if nobody else has sent them since, --ask if the original may have: "
        "then each becomes a question for its owner"
    )
    raise Refused(message, hint)


def _admin(installation: Installation, by: str) -> Actor:
    admins = [user.id for user in installation.users.values() if user.admin]
    actor = operator(installation, by)
    if admins and actor.user not in admins:
        message = f"{actor.user} is no administrator" if by else "an administrator has to confirm"
        raise Refused(message, f"confirm with --by {' or --by '.join(admins)}")
    return actor


def _record(
    open_desk: Desk, actor: Actor, copy: seat.Copy, waiting: list[seat.Waits], asked: int
) -> None:
    more = {"cause": copy.cause, "waiting": str(_count(waiting)), "asked": str(asked)}
    record(open_desk.settings.home, "installation confirmed", actor, **more)


def _say(copy: seat.Copy | None, waiting: list[seat.Waits], asked: int, as_json: bool) -> None:
    if as_json:
        said = {"was": copy, "confirmed": True, "waiting": waiting, "asked": asked}
        say_json(said)
        return
    if copy is None:
        say("This installation is confirmed here already: nothing is held back for that.")
        return
    say("Confirmed: this installation may send.")
    if waiting:
        _table(waiting)
        say(
            f"{asked} messages are questions for their owners now: leadflow outbox --state ambiguous"
            if asked
            else "They go out now, each when its own rules allow it."
        )


def _table(waiting: list[seat.Waits]) -> None:
    rows = [
        (one.channel, KINDS.get(one.kind, one.kind), one.age, one.messages, one.late or "")
        for one in waiting
    ]
    say_table(["channel", "what", "planned", "messages", "too late"], rows, "")


def _count(waiting: list[seat.Waits]) -> int:
    return sum(one.messages for one in waiting)
