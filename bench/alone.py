"""What needs no server: the engine in virtual time, a check of a long pipeline, a file of scenarios."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from statistics import median

import msgspec

from bench.site import SPEC
from leadflow.simulate.forecast import simulate_path
from leadflow.simulate.runner import run_paths
from leadflow.spec.check import check_paths

LEADS, DAYS = 300, 60
TIMES = 3
SCENARIOS = 50
LINES = 1_000

HEAD = """pipeline: long
title: Длинный процесс
calendar: {timezone: Europe/Moscow, days: mon-fri, hours: "09:00-19:00", holidays: RU}
quiet_hours: "20:00-09:00"
fields:
  name:  {type: person, label: Контактное лицо}
  phone: {type: phone, label: Телефон}
  email: {type: email, label: E-mail}
  price: {type: money, label: Стоимость, currency: RUB}
routing:
  - {assign: {round_robin: sales}}
stages:
"""
STAGE = """  s{n}:
    title: Этап {n}
    on_enter:
      - create_task:
          id: call{n}
          title: "Связаться с {{{{ lead.name or lead.phone }}}}"
          due: 2 working hours
          remind: 30 minutes
          outcomes: {{reached: Поговорили, no_answer: Не ответил}}
          overdue: [{{notify: supervisor}}]
    attempts:
      task: call{n}
      outcome: no_answer
      again: [2 working hours, 1 working day]
      times: 4
      exhausted: {{goto: lost}}
    sequence:
      stop_when: [replied]
      window: {{days: mon-fri, hours: "10:00-18:00"}}
      steps:
        - {{after: 2 working days, if: lead.email is set, send_email: {{subject: "Вопросы?", text: "Стоимость {{{{ lead.price or 'уточним' }}}}"}}, id: ask{n}}}
        - {{after: 1 week, notify: supervisor, id: told{n}}}
    when:
      - {{signal: replied, do: [{{create_task: {{id: answer{n}, title: Ответить, due: 1 working hour}}}}]}}
    requires:
      - name
      - any: [phone, email]
      - {{field: price, if: lead.email is set}}
    exits:
      - {{signal: go{n}, label: Дальше, goto: {next}}}
      - {{task: call{n}, outcome: reached, if: lead.price > 100000, goto: {next}}}
      - {{signal: refused, label: Отказ, goto: lost}}
"""
TAIL = """  won: {title: Сделка, final: success}
  lost: {title: Отказ, final: failure, always: true}
"""
SCENARIO = """  - name: до сделки, {n}
    start: {{at: "2026-11-23 10:00", fields: {{name: Иван Петров, phone: "+7 916 123-45-67", email: ivan@example.org}}}}
    steps:
      - {{signal: qualified, refused: [price]}}
      - {{signal: qualified, fields: {{price: 12500}}}}
      - {{wait: 3 days}}
      - expect: {{stage: qualified, overdue: [discuss], sent: [offer, reminder]}}
      - {{signal: consent}}
      - expect: {{stage: agreed, open_tasks: [requisites]}}
      - {{signal: convert}}
      - expect: {{stage: won, sent: [offer, reminder]}}
"""


class Alone(msgspec.Struct, frozen=True):
    """Medians of a few runs."""

    steps_per_second: float
    """Events that the engine handles in virtual time, everything of a simulated lead included."""
    check_lines: int
    check_seconds: float
    """Reading, compiling, checking; without the start of the program."""
    scenarios: int
    scenario_seconds: float


def alone(folder: Path) -> Alone:
    """Measures it in this process; ``folder``: for what is generated."""
    long = folder / "long.yaml"
    long.write_text(_long(), "utf-8")
    shutil.copy(SPEC / "leadflow.yaml", folder)
    return Alone(
        steps_per_second=round(median(_steps() for _ in range(TIMES))),
        check_lines=len(_long().splitlines()),
        check_seconds=round(median(_check(folder) for _ in range(TIMES)), 3),
        scenarios=SCENARIOS,
        scenario_seconds=round(_scenarios(folder / "scenarios"), 3),
    )


def _long() -> str:
    count = LINES // len(STAGE.splitlines())
    names = [*(f"s{n}" for n in range(1, count)), "won"]
    return HEAD + "".join(STAGE.format(n=n, next=name) for n, name in enumerate(names)) + TAIL


def _steps() -> float:
    begun = time.perf_counter()
    path = SPEC / "reference.yaml"
    summaries = simulate_path(path, leads=LEADS, days=DAYS, seed=1)
    return sum(one.steps for one in summaries) / (time.perf_counter() - begun)


def _check(folder: Path) -> float:
    begun = time.perf_counter()
    found = check_paths([folder])
    seconds = time.perf_counter() - begun
    assert not found.errors, found.text()
    return seconds


def _scenarios(folder: Path) -> float:
    shutil.copytree(SPEC, folder)
    cases = "".join(SCENARIO.format(n=n) for n in range(SCENARIOS))
    people = "people: {sales: [anna, boris], anna: {supervisor: olga}, boris: {supervisor: olga}}\n"
    text = f"pipeline: reference\n{people}scenarios:\n{cases}"
    (folder / "reference.test.yaml").write_text(text, "utf-8")
    begun = time.perf_counter()
    report = run_paths([folder])
    seconds = time.perf_counter() - begun
    assert report.ok, report
    assert report.passed == SCENARIOS, report
    return seconds
