"""LF4xx time, LF5xx messages and their templates, LF6xx settings, LF7xx scenarios."""

from __future__ import annotations

from leadflow.spec.codes.base import error, warning

CODES = {
    "LF401": error(
        "Working time without a calendar",
        "`working minutes`, `hours`, `days` and `weeks` count in the working time of the pipeline's `calendar`, and it "
        "has none.",
    ),
    "LF403": warning(
        "The deadline can pass the known holidays",
        "Holidays are fixed when a pipeline is published, for that year and two more. A deadline that reaches further "
        "is counted as if there were no holidays after that.",
    ),
    "LF404": error(
        "No time is left to send",
        "The sequence may send only in its `window`, and nothing may be sent in `quiet_hours`; together they leave no "
        "minute.",
    ),
    "LF405": error(
        "The moment needs a date",
        "A moment counts from a field of type `date` or `datetime`; this field is of another type.",
    ),
    "LF406": warning(
        "The reminder comes before the task",
        "`remind` is how long before the due moment to remind, and that is longer than the task lives at all. No "
        "reminder would be sent.",
    ),
    "LF407": error(
        "Longer than a snooze may last",
        "The pipeline's `snooze` limits how long a lead may sleep (`180 days` when not given, or not at all).",
    ),
    "LF501": error(
        "The template is missing",
        "A message, a task's text or a document is written in a file under `templates/`, beside the pipeline: "
        "`NAME.email.md`, `NAME.sms.txt`, `NAME.message.txt`, `NAME.task.md`, `NAME.document.html`, with the language "
        "before the kind where there are several (`NAME.en.email.md`).",
    ),
    "LF502": error(
        "A template of another kind",
        "A template of this name exists, but for another kind of message: an SMS is not sent from an e-mail's text.",
    ),
    "LF503": error(
        "Unknown name in a text",
        "The text prints a value that the lead does not have: the name between the braces is not known.",
    ),
    "LF504": warning(
        "A message may have to stay unsent",
        "The text prints a field that may still be empty at this point. A message with a gap never goes to a client: it "
        "is not sent, and the owner is told. Require the field before, or say what to print instead: "
        '`{{ lead.name or "" }}`, `{{ lead.name | default("клиент") }}`.',
    ),
    "LF505": error(
        "An e-mail without a subject",
        "An e-mail template begins with a line `Subject: …`, then an empty line, then the text.",
    ),
    "LF506": error(
        "No address to send to",
        "The pipeline has no field of the kind that this message goes to: `email` for mail, `phone` for SMS.",
    ),
    "LF507": error(
        "Several addresses to choose from",
        "The pipeline has more than one field of this kind, so the message must say which one it goes to: `to: FIELD`.",
    ),
    "LF508": warning(
        "After an opt-out this message does not go",
        "The stage is entered when the client has unsubscribed or complained, and after that nothing automatic goes by "
        "that channel. Papers that must arrive all the same are marked `service: true`.",
    ),
    "LF509": warning(
        "The template is never used",
        "No pipeline beside the `templates` folder sends or shows this file. Perhaps its name is written differently.",
    ),
    "LF510": error(
        "The template is missing in the pipeline's language",
        "Where a template exists in several languages, the one in the pipeline's `language` must be among them: it is "
        "taken when the client's language is not known.",
    ),
    "LF511": error(
        "The filter does not fit the value",
        "`date` prints dates, `money` amounts, `plural` chooses a word by a number, `join` prints a list; another value "
        "cannot be printed that way.",
    ),
    "LF601": error(
        "There are no settings",
        "The pipeline names users, teams or connections, but no `leadflow.yaml` was found beside the pipelines or in a "
        "folder above them.",
    ),
    "LF602": error(
        "A secret stands in the file",
        "Passwords, tokens and keys do not belong into files that are shared and kept in a history. Write `${NAME}`; the "
        "value comes from the environment variable of that name.",
    ),
    "LF603": warning(
        "The environment variable is not set",
        "The settings take a value from an environment variable that does not exist where the program runs now. On the "
        "server it has to.",
    ),
    "LF604": error(
        "The supervisors form a circle",
        "Somebody is his own supervisor, directly or through others: an escalation would never reach anybody higher.",
    ),
    "LF605": warning(
        "No connection for this channel",
        "The pipeline sends by a channel for which `leadflow.yaml` has no connection. Unless the environment names the "
        "server (`LEADFLOW_SMTP_URL`, `LEADFLOW_SMS_URL`, `LEADFLOW_MESSAGE_URL`), such messages wait for ever.",
    ),
    "LF606": warning(
        "Settings that are not read",
        "A project has one `leadflow.yaml`: in the folder that is checked, else in the nearest one above it. Another one, "
        "in a folder below or beside a second path, is passed over with its people and connections.",
    ),
    "LF701": error(
        "The scenario's pipeline is not there",
        "A scenario file stands beside its pipeline and names it: `pipeline: NAME`.",
    ),
    "LF702": error(
        "Not exactly one step",
        "Each item of `steps` is one thing that happens, or one expectation: `signal`, `task`, `press`, `set`, `tick`, "
        "`move`, `assign`, `snooze`, `reopen`, `reschedule`, `start`, `wait`, `until`, `effects`, `expect`.",
    ),
    "LF703": error(
        "Two scenarios have the same name",
        "Scenarios are named so that a failure can be found; each name stands once in a file.",
    ),
    "LF704": error(
        "Unknown lead in the scenario",
        "`lead: NAME` means a lead that an earlier step has started `as: NAME`.",
    ),
    "LF705": error(
        "Time goes backwards",
        "Virtual time only moves on: `at` and `until` cannot lie before what has already happened.",
    ),
    "LF706": error(
        "Not an answer that can be expected",
        "Refusals are the ids of what is missing, or `not_expected not_allowed not_now closed bad_value`; reasons for an "
        "unsent message are `opted_out no_consent no_address too_late empty_value`.",
    ),
    "LF707": warning(
        "The scenario expects nothing",
        "It has steps, but neither `expect` nor `refused`: it would only notice that the program stops with an error.",
    ),
    "LF708": error(
        "Nobody is there to pick",
        "`convert` and `goes_to` are picked by the person whose decision converts the lead. A fact (`paid`, `replied` …) "
        "is nobody's decision: it takes the first conversion whose `if` holds.",
    ),
}
