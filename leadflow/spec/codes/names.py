"""LF2xx: names. What is named exists, and exists once."""

from __future__ import annotations

from leadflow.spec.codes.base import error, warning

CODES = {
    "LF201": error(
        "Unknown field",
        "No field with this id stands under `fields`, neither in the pipeline nor in a shared file that it uses.",
    ),
    "LF202": error(
        "Unknown stage",
        "No stage with this id is there. Ids, not titles, are written after `goto` and `reopen`; a stage of a track can "
        "only be reached from within its track.",
    ),
    "LF203": error(
        "Unknown task",
        "No task with this id is created anywhere in the pipeline.",
    ),
    "LF204": error(
        "Unknown outcome",
        "The task does not list this outcome. A task without `outcomes` is simply done.",
    ),
    "LF205": error(
        "Unknown signal",
        "No exit and no reaction of the pipeline takes this signal, and it is not one of the facts that come from the "
        "world: `replied repeated out_of_office bounced send_failed unsubscribed complained meeting_booked call_in "
        "call_missed paid signed woken reassigned`.",
    ),
    "LF206": error(
        "Unknown option",
        "The choice field has no option with this id. Options are named by id; the label is what people see.",
    ),
    "LF207": error(
        "Unknown person or team",
        "Nobody of this name is in the settings. People are `owner creator supervisor admin`, or users and teams from "
        "`leadflow.yaml`.",
    ),
    "LF208": error(
        "Unknown connection",
        "`leadflow.yaml` has no connection of this name, or it is one of another kind: mail cannot go out through an "
        "SMS gateway.",
    ),
    "LF209": error(
        "Unknown track",
        "No stage has a track with this id.",
    ),
    "LF210": error(
        "Unknown document",
        "No document with this id stands under `documents`.",
    ),
    "LF211": error(
        "Unknown pipeline",
        "No file among those checked, and none beside them, holds a pipeline of this name.",
    ),
    "LF212": error(
        "Unknown shared file",
        "`use` names files that begin with `shared: NAME`; there is none of this name beside the pipeline, or it has no "
        "such entry.",
    ),
    "LF213": error(
        "Unknown field or checklist item",
        "A gate names a field that must be filled or a checklist item that must be ticked; there is neither of this name.",
    ),
    "LF214": error(
        "Unknown name in a condition",
        "Conditions see `lead` (`deal`), `was`, `signal`, `stage`, `task.ID`, `track.ID`, `document.ID.number`, `owner`, "
        "`now` and `today`, and of `lead` its fields and the built-in ids.",
    ),
    "LF215": error(
        "Unknown source",
        "No source of this id stands under `sources` in a shared file.",
    ),
    "LF216": error(
        "Unknown country or region",
        "The holidays of this country or region are not known. It is written as two letters, with a region after a "
        "hyphen where holidays differ: `RU`, `DE-BE`.",
    ),
    "LF217": error(
        "Unknown time zone",
        "Time zones are named after a continent and a city: `Europe/Moscow`, `Asia/Yekaterinburg`.",
    ),
    "LF220": error(
        "The id is given twice",
        "Stages (of one track), tasks, fields and checklist items have an id of their own each, unique in the pipeline: "
        "reports, running leads and scenarios find them by it.",
    ),
    "LF221": error(
        "Two shared files give the same entry",
        "An entry of the pipeline's own wins over a shared one. Between two shared files nobody can say which is meant; "
        "write the entry into the pipeline, or drop one of the files.",
    ),
    "LF222": error(
        "A field and a checklist item share an id",
        "Gates name both the same way, so an id can belong to only one of them.",
    ),
    "LF223": error(
        "Equal actions need ids",
        "Two actions of the same verb with the same template, to the same people, stand in one list. One of them needs "
        "an `id`: it is how the program knows, after a crash, which of them has already been done. The same holds for "
        "two actions with `once` that have the same name and do different things, wherever they stand.",
    ),
    "LF224": error(
        "Two files hold the same pipeline",
        "Pipelines are found by name, so each name stands in one file only.",
    ),
    "LF225": warning(
        "Declared, but never used",
        "Nothing in the pipeline asks for this, prints it or decides by it. Perhaps it is a leftover, or its name is "
        "written differently elsewhere.",
    ),
    "LF226": warning(
        "No fact carries this value",
        "`signal` holds what a fact of the world brings along: `name channel until amount at user`. A signal may carry "
        "data of its own when another program sends it; if that is not meant, the name is wrong. Fields that come with a "
        "signal are written into the lead first: name them there.",
    ),
    "LF227": warning(
        "A signal that looks like a misspelt fact",
        "The signal is one slip away from a fact of the world. If the fact is meant, nothing will ever set this way in "
        "motion; if it is a decision of your own, a `label` says so, or a name that cannot be confused.",
    ),
}
