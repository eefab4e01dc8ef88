"""LF3xx: the flow. Every stage can be reached and left, and what decides can happen."""

from __future__ import annotations

from leadflow.spec.codes.base import error, warning

CODES = {
    "LF301": error(
        "The stage cannot be reached",
        "No exit leads to the stage, so no lead ever stands in it. The first stage of the file is where leads start; a "
        "stage with `always: true` can be reached from everywhere.",
    ),
    "LF302": error(
        "The stage has no way out",
        "A lead that comes here stays for ever: the stage has no exits, none of the pipeline's exits counts for it, and "
        "it is not `final`.",
    ),
    "LF303": error(
        "A circle without a wait",
        "These exits go as soon as their condition holds, and they lead back to where they began. A lead would run in "
        "the circle without end. Something in it has to wait: for a signal, a task, or time.",
    ),
    "LF304": error(
        "Another exit always goes first",
        "Of several exits the first in the file whose trigger and condition hold is taken. One above has the same "
        "trigger and no condition of its own (or a wider one), so this one never gets its turn. Put the special case "
        "first.",
    ),
    "LF305": error(
        "After this outcome nothing moves the lead",
        "The task can end like this, but no exit, reaction or attempt takes it, and the stage has no other way out that "
        "could still happen. The lead would be stuck, and nobody would know.",
    ),
    "LF306": error(
        "Nobody can give what is required",
        "A gate asks for something that neither people nor the pipeline can provide at this point: a checklist item "
        "of a stage that the lead cannot have been in, a value that only the program itself writes, a condition that "
        "is never true.",
    ),
    "LF307": error(
        "No way ends",
        "From this stage no exits lead to a `final` stage, however they are taken: the lead would be open for ever.",
    ),
    "LF308": warning(
        "An automatic way will wait for a person",
        "Nobody stands by when time runs out: an exit that a timer or the last attempt takes leads to a gate whose "
        "field may be empty. The lead waits there until somebody fills it. Usually the exit should fill it itself, "
        "with `set`.",
    ),
    "LF309": error(
        "Attempts of a task that is not there",
        "`attempts` repeats a task of its own stage: the stage has to create it, and its outcome has to be one that the "
        "task lists.",
    ),
    "LF310": warning(
        "A fact is no decision",
        "`label` and `by` belong to decisions of people. What comes from the world (`replied`, `paid` …), from a task "
        "or from the clock is nobody's to decide: nobody is refused it, and a gate that does not hold makes the way "
        "wait. Give the decision a signal of its own.",
    ),
    "LF311": warning(
        "The condition never changes",
        "Whatever the lead is like, this condition is always true, or always false. Probably a part of it is turned "
        "round.",
    ),
    "LF312": warning(
        "An empty field counts as different",
        'A comparison with an empty value is false, only `!=` is true. So `lead.client != "legal"` also lets through '
        "every lead whose field nobody has filled yet. If that is not meant, add `and lead.client is set`.",
    ),
    "LF313": error(
        "The entry is never chosen",
        "The first entry that fits is taken, and one above fits always: it has no `if`, or a wider one. Move the general "
        "entry to the end.",
    ),
    "LF314": warning(
        "No entry may fit",
        "Every entry has an `if`; a lead for which none of them holds gets no owner, or cannot be converted. Add a last "
        "entry without a condition.",
    ),
    "LF315": error(
        "The task cannot be open here",
        "The task that is to be completed, cancelled or waited for is not created before this point on any way.",
    ),
    "LF316": error(
        "The way leaves its track",
        "Exits of a track lead to stages of the same track. The stage around it has exits of its own, and conditions "
        "such as `track.docs is done` to wait with.",
    ),
    "LF317": error(
        "The stage cannot be reopened into",
        "`reopen` names an open stage of the pipeline, where a closed lead goes on.",
    ),
    "LF318": error(
        "Neither a trigger nor a condition",
        "A reaction under `when` needs to know when: a trigger (`signal`, `task`, `sent`, `changed`, `after`, `at`), or "
        "an `if` that turns true.",
    ),
    "LF319": error(
        "The other pipeline cannot take this lead",
        "A conversion leads into a pipeline of `kind: deal`, and the fields that `map` names must exist there and hold "
        "the same type.",
    ),
    "LF320": warning(
        "The gate is never shut",
        'A gate asks whether a field is filled. A flag starts with a "no", and that is a value, so it is always filled. '
        'To ask for a "yes" write a check: `{id: …, check: lead.urgent, say: …}`, or make it an item of the checklist.',
    ),
}
