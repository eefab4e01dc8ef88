"""Who acts in a scenario, and what a step carries."""

from pathlib import Path

from tests.unit.simulate.playing import played, wrong

RIGHTS = """
title: P
fields: {file: file, files: {type: file, many: true}, price: {type: money, currency: RUB}}
routing: [{assign: {round_robin: sales}}]
stages:
  new:
    on_enter:
      - {create_task: {id: check, title: Проверить, assign: boris, by: [assignee]}}
      - {create_task: {id: own, title: Своё}}
    when:
      - {signal: by_owner, by: [owner], do: [{add: {price: 1}}]}
      - {signal: by_boss, by: [supervisor], do: [{add: {price: 1}}]}
      - {signal: by_admin, by: [admin], do: [{add: {price: 1}}]}
      - {signal: by_creator, by: [creator], do: [{add: {price: 1}}]}
      - {signal: by_team, by: [lawyers], do: [{add: {price: 1}}]}
      - {signal: paid, do: [{set: {price: "{{ signal.amount }}"}}]}
      - {signal: out_of_office, if: signal.until > "2026-11-24", do: [{set: {price: 7}}]}
    exits: [{signal: done, goto: done}]
  done: {final: success}
"""
PEOPLE = """
pipeline: p
people:
  sales: [anna, boris]
  lawyers: lena
  anna: {supervisor: olga, name: Анна, email: anna@example.com, phone: "+7 916 123-45-67"}
  max: {admin: true}
scenarios:
"""


def test_everybody_may_do_what_is_theirs(tmp_path: Path) -> None:
    """``by``: a user, a role of this lead, a team, the assignee; by default the owner."""
    report = played(
        tmp_path,
        RIGHTS,
        f"""{PEOPLE}
  - name: rights
    start: {{at: "2026-11-23 10:00", user: boris}}
    steps:
      - expect: {{owner: anna}}
      - {{signal: by_owner}}
      - {{signal: by_owner, by: olga, refused: not_allowed}}
      - {{signal: by_boss, refused: not_allowed}}
      - {{signal: by_boss, by: supervisor}}
      - {{signal: by_boss, by: olga}}
      - {{signal: by_admin, by: admin}}
      - {{signal: by_admin, by: olga, refused: not_allowed}}
      - {{signal: by_creator, by: creator}}
      - {{signal: by_creator, by: boris}}
      - {{signal: by_team, by: lawyers}}
      - {{signal: by_team, by: lena}}
      - {{task: check, refused: not_allowed}}
      - {{task: check, by: assignee}}
      - expect: {{fields: {{price: 8}}, open_tasks: [own]}}
""",
    )
    assert wrong(report) == []


def test_the_scenario_names_all_admins_there_are(tmp_path: Path) -> None:
    """``admin: max`` in ``people`` is whole: the admins of leadflow.yaml play no part."""
    (tmp_path / "leadflow.yaml").write_text(
        "users: {root: {admin: true}, olga: {}, anna: {supervisor: olga}, boris: {}}\n"
        "teams: {lawyers: [olga]}\n"
    )
    report = played(
        tmp_path,
        RIGHTS,
        """
pipeline: p
people: {admin: max, sales: [anna]}
scenarios:
  - name: admins
    start: {at: "2026-11-23 10:00"}
    steps:
      - {signal: by_admin, by: root, refused: not_allowed}
      - {signal: by_admin, by: max}
      - {signal: by_boss, by: olga}
      - {signal: by_team, by: olga}
""",
    )
    assert wrong(report) == []


def test_without_people_a_lead_can_be_moved_all_the_same(tmp_path: Path) -> None:
    """Five lines of a pipeline and no people: somebody with the rights of each role plays it."""
    report = played(
        tmp_path,
        RIGHTS.replace("routing: [{assign: {round_robin: sales}}]\n", ""),
        """
pipeline: p
scenarios:
  - name: nobody
    start: {at: "2026-11-23 10:00"}
    steps:
      - expect: {owner: nobody}
      - {signal: by_boss, by: supervisor}
      - {signal: by_admin}
      - {signal: by_owner, refused: not_allowed}
      - {signal: done}
      - expect: {stage: done, fields: {price: 2}}
  - name: an owner without anybody above
    start: {at: "2026-11-23 10:00"}
    steps:
      - {assign: nobody}
      - {signal: by_creator, by: creator, refused: not_allowed}
      - {task: own}
      - expect: {open_tasks: [check]}
""",
    )
    assert wrong(report) == []


def test_a_signal_carries_typed_data(tmp_path: Path) -> None:
    """An amount is money, however it is written; a date is compared as one."""
    report = played(
        tmp_path,
        RIGHTS,
        """
  - name: data
    start: {at: "2026-11-23 10:00"}
    steps:
      - {signal: paid, data: {amount: "12 500,50"}}
      - expect: {fields: {price: 12500.50}}
      - {signal: out_of_office, data: {until: "2026-11-24", note: [a, b]}}
      - expect: {fields: {price: 12500.50}}
      - {signal: out_of_office, data: {until: 25.11.2026}, by: anna}
      - expect: {fields: {price: 7}}
""",
    )
    assert wrong(report) == []


def test_a_file_is_named_only(tmp_path: Path) -> None:
    """Fields of type file take a name, lists of them too, and compare by it."""
    report = played(
        tmp_path,
        RIGHTS,
        """
  - name: files
    start: {at: "2026-11-23 10:00"}
    steps:
      - {set: {file: a.pdf, files: [b.pdf, c.pdf]}}
      - expect: {fields: {file: a.pdf, files: [b.pdf, c.pdf]}}
      - {set: {file: null, files: ""}}
      - expect: {fields: {file: null, files: []}}
      - expect: {fields: {file: a.pdf}}
""",
    )
    assert wrong(report) == ["fields: file: expected a.pdf a.pdf 1, found nothing"]


def test_a_lead_that_has_not_begun_cannot_act(tmp_path: Path) -> None:
    """A lead of another pipeline is known by that pipeline's name once it has begun, not before."""
    (tmp_path / "care.yaml").write_text(
        "pipeline: care\ntitle: C\nstages: {a: {exits: [{signal: b, goto: c}]}, c: {final: success}}\n"
    )
    report = played(
        tmp_path,
        """
        title: P
        stages:
          new: {exits: [{signal: done, goto: done}]}
          done: {final: success, on_enter: [{start_pipeline: care}]}
        """,
        """
  - name: too early
    start: {at: "2026-11-23 10:00"}
    steps:
      - {lead: care, signal: b}
      - expect: {stage: new}
  - name: in time
    start: {at: "2026-11-23 10:00"}
    steps:
      - {signal: done}
      - {lead: care, signal: b}
      - {lead: care, expect: {stage: c}}
""",
    )
    assert wrong(report) == ["no lead 'care' has begun yet"]


def test_a_dragged_card_goes_into_a_track_by_the_stages_short_name(tmp_path: Path) -> None:
    """Stages of tracks are named without their track."""
    report = played(
        tmp_path,
        """
        title: P
        stages:
          new:
            tracks: {docs: {stages: {draft: {exits: [{signal: sign, goto: signed}]}, signed: {final: success}}}}
            exits: [{signal: done, goto: done}]
          done: {final: success}
        """,
        """
  - name: drag
    start: {at: "2026-11-23 10:00"}
    steps:
      - {move: signed}
      - expect: {tracks: {docs: signed}}
      - expect: {tracks: {docs: docs.signed}}
      - expect: {tracks: {docs: done}}
      - expect: {tracks: {docs: failed}}
""",
    )
    assert wrong(report) == ["tracks: docs: expected failed, found signed"]
