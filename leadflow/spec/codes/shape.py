"""LF1xx: shape and vocabulary. The words are known and the values look like what their key expects."""

from __future__ import annotations

from leadflow.spec.codes.base import error, warning

CODES = {
    "LF101": error(
        "Unknown key",
        "The language has no such key at this place. Usually it is a slip of the finger, or the key belongs one level "
        "higher or lower; anything unknown is refused, so that nothing you write is silently ignored.",
    ),
    "LF102": error(
        "A key is missing",
        "Some keys must be given: without them nobody could know what the entry means.",
    ),
    "LF103": error(
        "A value of the wrong shape",
        "One value, a list (`[a, b]`, or lines with hyphens) and a map (`{key: value}`, or indented lines) are three "
        "different things, and most keys take only one of them.",
    ),
    "LF104": error(
        "Not a valid id",
        "Ids are stable names for programs, reports and addresses: they begin with a Latin lower-case letter and go on "
        "with letters, digits and `_` (pipelines also `-`). What people read is the title or the label, and that is free.",
    ),
    "LF105": error(
        "Not one of the words that are possible here",
        "This key takes one of a few fixed words; the hint lists them.",
    ),
    "LF106": error(
        "Keys that do not go together",
        "Some keys exclude each other, and some mean nothing without another one: a stage that is `final` has no exits, "
        "an `outcome` needs its `task`, a way out has at most one trigger, a step has exactly one action.",
    ),
    "LF107": error(
        "Nothing is given",
        "The key is there, but its value is not; or a list that needs at least one entry is empty.",
    ),
    "LF108": error(
        "Not a duration",
        "A duration is a number and a unit: `2 hours`, `3 days`, `1 week`, `15 working minutes`; or ISO 8601 such as "
        "`PT2H`. A number alone has no unit, and months differ in length: write days.",
    ),
    "LF109": error(
        "Not a moment",
        "A moment is a duration from now (`2 working days`), a date field (`visit_at`), or a duration before or after "
        "one (`1 day before visit_at`); a time of day may follow (`at 10:00`).",
    ),
    "LF110": error(
        "The condition cannot be read",
        "A condition compares what the lead knows: `lead.price > 10000`, `lead.email is set`, `and`, `or`, `not`, `in`. "
        "Texts in it stand in quotes; there are no calls and no filters, `==` compares, and `=` does not exist.",
    ),
    "LF111": error(
        "Not a value that this key takes",
        "The value has the right shape, but cannot be read as what the key needs: a number, `true` or `false`, a date "
        "like `2026-11-25`, a time like `09:00`, days like `mon-fri`, an address, a currency.",
    ),
    "LF112": error(
        "Not a file of a known kind",
        "The first key says what a file is: `pipeline: NAME`, `shared: NAME` or `rights: …`; a scenario file is called "
        "`NAME.test.yaml`, and the settings are in `leadflow.yaml`.",
    ),
    "LF113": error(
        "Not exactly one action",
        "Each item of a list of actions does one thing: it has exactly one verb, such as `send_email` or `create_task`, "
        "and beside it only `if`, `id`, `once`, `else` (in steps also `after`, `at`, `wait`, `variants`).",
    ),
    "LF114": error(
        "Not a template that can be used",
        "Text may contain `{{ … }}` (a value) and `{% if … %}`, `{% for … %}` (parts that come or go). Either the braces "
        "are not closed or what stands between them is no expression; or it is more than a template may do. Calls, "
        "assignments, macros, includes and filters outside the listed ones are left out, so that no template can do "
        "harm or run for ever.",
    ),
    "LF116": error(
        "The value does not fit its field",
        "A value that is set, given as a default or compared must be one that the field can hold: an amount for money, "
        "a listed option for a choice, a date for a date.",
    ),
    "LF117": error(
        "The condition compares what cannot be compared",
        "A number is compared with a number, a date with a date, a text with a text; and what stands between `and` and "
        "`or` is a comparison, a test or a field of type `flag`. Anything else never holds, or always, so it cannot be "
        "meant.",
    ),
    "LF118": error(
        "The id is taken by the language",
        "Some ids always exist: `id number title source channel form call created creator owner stage visits language "
        "timezone consent paid unpaid`. A field of your own needs another one.",
    ),
    "LF119": warning(
        "A value alone asks only whether it is there",
        "A field that stands in a condition without a comparison asks whether it is filled in. Write that, so that who "
        "reads it need not know: `lead.email is set`.",
    ),
}
