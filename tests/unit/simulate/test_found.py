"""What expectations look at, where the corpus does not reach."""

from pathlib import Path

from tests.unit.simulate.playing import played, wrong

PIPELINE = """
title: P
fields: {email: email, name: person, reason: text, place: text}
routing: [{assign: {round_robin: sales}}]
stages:
  new:
    on_enter: [{notify: owner}, {send_email: hello}]
    exits:
      - {signal: replied, goto: done, requires: [name, place], set: {place: "тут"}}
      - {signal: lost, goto: lost}
  done: {final: success}
  lost: {final: failure, enter_requires: [reason]}
"""
HELLO = "Subject: Раз\n\nРаз\n"


def test_what_an_exit_sets_itself_is_not_waited_for(tmp_path: Path) -> None:
    """A hanging exit waits for the name only: the place stands in its ``set``."""
    report = played(
        tmp_path,
        PIPELINE,
        """
  - name: hangs
    start: {at: "2026-11-23 10:00"}
    steps:
      - {signal: replied}
      - expect: {stage: new, waiting_for: [name], fields: {place: ""}}
      - {set: {name: Пётр}}
      - expect: {stage: done, waiting_for: [], fields: {place: тут}}
""",
        hello_email_md=HELLO,
    )
    assert wrong(report) == []


def test_the_owner_found_by_a_commit_is_the_one_its_words_go_to(tmp_path: Path) -> None:
    """Round robin finds the owner in the same commit that tells the owner something."""
    report = played(
        tmp_path,
        PIPELINE,
        """
  - name: first words
    start: {at: "2026-11-23 10:00"}
    steps:
      - expect: {owner: anna, notified: [{to: anna}]}
""",
        hello_email_md=HELLO,
    )
    assert wrong(report) == []


def test_a_message_to_another_address_or_for_another_reason_is_not_the_one_expected(
    tmp_path: Path,
) -> None:
    """Items are compared in all that they name; what is found shows as much."""
    report = played(
        tmp_path,
        PIPELINE,
        """
  - name: address
    start: {at: "2026-11-23 10:00", fields: {email: a@example.com}}
    steps:
      - expect: {sent: [{template: hello, to: b@example.com}]}
  - name: reason
    start: {at: "2026-11-23 10:00"}
    steps:
      - expect: {skipped: [{template: hello, reason: opted_out}]}
  - name: right
    start: {at: "2026-11-23 10:00", fields: {email: a@example.com}}
    steps:
      - expect: {sent: [{template: hello, to: a@example.com}], skipped: []}
""",
        hello_email_md=HELLO,
    )
    assert wrong(report) == [
        "sent: expected [hello b@example.com], found [hello a@example.com]",
        "skipped: expected [hello opted_out], found [hello no_address]",
    ]


def test_what_was_left_out_at_the_beginning_stands_in_the_timeline(tmp_path: Path) -> None:
    """A bad value keeps nobody out; the timeline says why it is not there."""
    report = played(
        tmp_path,
        PIPELINE,
        """
  - name: bad
    start: {at: "2026-11-23 10:00", fields: {email: nobody}}
    steps:
      - expect: {fields: {email: nobody}}
""",
        hello_email_md=HELLO,
    )
    lines = [line.text for line in report.failures[0].timeline]
    assert any(one.startswith("created; left out: email: 'nobody' is not") for one in lines)
    (told,) = wrong(report)
    assert told.startswith("fields: email: expected nobody (email: 'nobody' is not an e-mail")


def test_a_sleeping_lead_gets_nothing_that_was_held_before(tmp_path: Path) -> None:
    """The hand-over looks at the snooze too: the message waits until the lead is awake (Meaning 8, 10)."""
    report = played(
        tmp_path,
        PIPELINE,
        """
  - name: asleep
    start: {at: "2026-11-23 10:00"}
    steps:
      - {effects: held}
      - {start: {fields: {email: a@example.com}}, as: second}
      - {lead: second, snooze: 2 hours}
      - {effects: released}
      - {wait: 119 minutes}
      - {lead: second, expect: {sent: [], snoozed: "2026-11-23 12:00"}}
      - {wait: 1 minute}
      - {lead: second, expect: {sent: [{template: hello, at: "2026-11-23 12:00"}], snoozed: false}}
""",
        hello_email_md=HELLO,
    )
    assert wrong(report) == []


def test_a_pinned_comment_shows_by_its_words_or_its_template(tmp_path: Path) -> None:
    """Rendered with the lead's values; a template that cannot be rendered shows as it is written."""
    report = played(
        tmp_path,
        """
        title: P
        fields: {name: person}
        stages:
          new:
            on_enter: [{pin_comment: card}]
            when: [{signal: again, do: [{pin_comment: "{{ lead.name.first }} {{ owner.name }}"}]}]
            exits: [{signal: done, goto: done}]
          done: {final: success}
        """,
        """
  - name: pinned
    start: {at: "2026-11-23 10:00", owner: anna, fields: {name: Пётр Смирнов}}
    steps:
      - expect: {pinned: card}
      - expect: {pinned: "Пётр Смирнов, новый"}
      - {signal: again}
      - expect: {pinned: Пётр anna}
      - expect: {pinned: null}
""",
        card_task_md="{{ lead.name }}, новый\n",
    )
    assert wrong(report) == ["pinned: expected nothing, found Пётр anna"]
