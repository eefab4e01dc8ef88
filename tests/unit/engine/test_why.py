"""Why (X01): what is waited for, which line says so, the least that moves the lead; each answer is tried."""

from leadflow.engine.decide import begin, quarantine
from leadflow.engine.events import ConvertFailed
from leadflow.engine.trial import Steps, applied, moves
from leadflow.engine.why import Wait, why
from tests.support.lead import Lead


def waits(lead: Lead) -> dict[str, Wait]:
    """What the lead waits for, by kind and subject; every way out of its answers is tried."""
    told = why(lead.pipeline, lead.state, lead.now)
    for wait in told.waits:
        for steps in wait.unblock if wait.goto else ():
            assert moves(lead.pipeline, lead.state, steps, lead.now)
            for part in range(len(steps)):
                fewer = (*steps[:part], *steps[part + 1 :])
                assert not moves(lead.pipeline, lead.state, fewer, lead.now)
    return {f"{wait.kind} {wait.subject}": wait for wait in told.waits}


def short(steps: Steps) -> list[str]:
    return [f"{step.do} {step.id} {step.outcome or step.until}".strip() for step in steps]


def closest(lead: Lead) -> list[str]:
    return short(why(lead.pipeline, lead.state, lead.now).closest)


def test_a_signal_with_what_its_gates_ask_for() -> None:
    """The smallest set: fields, ticks, the signal; the line; what is missing in words."""
    lead = Lead("""
stages:
  one:
    requires: [{any: [email, phone]}, {id: dear, check: lead.price >= 100, say: at least 100}]
    checklist: {asked: Asked}
    exits: [{signal: go, label: Go on, if: lead.client == "legal", goto: two}]
  two: {final: success}
""").create()
    wait = waits(lead)["signal go"]
    assert (wait.label, wait.goto, wait.pos) == ("Go on", "two", "pipeline.yaml:20:13")
    assert wait.proof == (
        'lead.client == "legal" is false: lead.client is empty',
        "fill in 'E-mail' or 'Phone'",
        "at least 100",
        "tick 'Asked'",
    )
    assert [short(steps) for steps in wait.unblock] == [
        ["fill client", "fill email", "fill price", "tick asked", "signal go"],
        ["fill client", "fill phone", "fill price", "tick asked", "signal go"],
    ]
    values = {step.id: step.value for step in wait.unblock[0] if step.do == "fill"}
    assert (values["client"], values["price"]) == ("legal", "100")
    assert closest(lead) == ["fill client", "fill email", "fill price", "tick asked", "signal go"]


def test_what_the_exit_sets_is_not_asked_for() -> None:
    """A field that the exit itself fills is no gate."""
    lead = Lead("""
stages:
  one: {exits: [{signal: go, set: {note: x}, goto: two}]}
  two: {enter_requires: [note], final: success}
""").create()
    assert closest(lead) == ["signal go"]
    assert waits(lead)["signal go"].proof == ()


def test_tasks_by_their_outcomes() -> None:
    """A task that an exit waits for, outcome by outcome; one that no exit waits for is still to be done."""
    lead = Lead("""
stages:
  one:
    on_enter:
      - {create_task: {id: ask, title: Ask, due: 1 hour, outcomes: {good: Good, bad: Bad}}}
      - {create_task: {id: tidy, title: Tidy, outcomes: {done_: Done}, by: [boris]}}
      - {create_task: {id: plain, title: Plain, assign: carl}}
    exits:
      - {task: ask, outcome: good, goto: two}
      - {task: [ask, gone], if: task.ask.outcome == "bad" and lead.note is set, goto: three}
      - {task: plain, goto: three}
  two: {final: success, on_enter: [{create_task: {id: gone, title: Gone}}]}
  three: {final: success}
""").create()
    told = why(lead.pipeline, lead.state, lead.now).waits
    sets = [short(steps) for wait in told for steps in wait.unblock if wait.goto]
    assert sets == [["task ask good"], ["fill note", "task ask bad"], ["task plain"]]
    tidy = waits(lead)["task tidy"]
    assert [short(steps) for steps in tidy.unblock] == [["task tidy done_"]]
    done = applied(lead.pipeline, lead.state, tidy.unblock[0], lead.now)
    assert done.tasks["tidy"].status == "done"


def test_time_and_what_it_needs() -> None:
    """A deadline of an exit, with the fields its `if` and gates ask for; other deadlines by themselves."""
    lead = Lead("""
stages:
  one:
    sla: {within: 2 hours, overdue: [{notify: owner}]}
    exits: [{after: 1 day, if: lead.price > 10, goto: two, requires: [email]}, {at: visit, goto: two}]
  two: {final: success}
""").create()
    found = waits(lead)
    assert set(found) == {"time one/exits/0", "time one/sla"}
    assert short(found["time one/exits/0"].unblock[0]) == [
        "fill price",
        "fill email",
        "wait  2026-11-24T07:00:00Z",
    ]
    assert found["time one/sla"].due == "2026-11-23T09:00:00Z"


def test_automatic_exits_and_changes() -> None:
    """An exit without trigger waits for its `if`; ``changed`` for another value."""
    lead = Lead("""
stages:
  one:
    exits:
      - {if: lead.price > 10 and lead.note is set, goto: two}
      - {changed: [client], if: lead.client == "legal", goto: two}
  two: {final: success}
""").create(fields={"client": "person"})
    found = waits(lead)
    assert [short(s) for s in found["field one/exits/0"].unblock] == [["fill price", "fill note"]]
    assert [short(s) for s in found["field client"].unblock] == [["fill client"]]


def test_an_open_task_in_a_condition() -> None:
    """A condition over a task is met by doing it; over one that is not open, by nothing here."""
    lead = Lead("""
stages:
  one:
    on_enter: [{create_task: {id: ask, title: Ask, outcomes: {good: Good}}}]
    exits:
      - {if: task.ask is done and task.ask.outcome == "good", goto: two}
      - {if: task.other is done, goto: two}
      - {if: lead.source == "x", goto: two}
    when: [{signal: x, do: [{create_task: {id: other, title: Other}}]}]
  two: {final: success}
""").create()
    found = waits(lead)
    assert [short(s) for s in found["field one/exits/0"].unblock] == [["task ask good"]]
    assert found["field one/exits/1"].unblock == ()
    assert found["field one/exits/2"].unblock == ()


def test_time_in_a_condition_of_a_decision() -> None:
    """Somebody decides, so time may pass before: until an instant, or until a day's opening."""
    lead = Lead("""
stages:
  one:
    exits:
      - {signal: go, if: now >= lead.visit, goto: two}
      - {signal: day, if: today >= lead.day, goto: two}
      - {if: today > lead.day, goto: two}
  two: {final: success}
""").create(fields={"visit": "2026-11-25T09:00:00Z", "day": "2026-11-25"})
    found = waits(lead)
    assert ["wait  2026-11-25T09:00:00Z", "signal go"] in [
        short(s) for s in found["signal go"].unblock
    ]
    assert ["wait  2026-11-25T06:00:00Z", "signal day"] in [
        short(s) for s in found["signal day"].unblock
    ]
    assert all("wait" not in short(s)[0] for s in found["field one/exits/2"].unblock)


def test_messages_on_their_way_and_buttons() -> None:
    """``sent`` waits for a result nobody here can give, or for a button that sends."""
    lead = Lead("""
stages:
  one:
    on_enter:
      - {send_email: offer}
      - {create_task: {id: t, title: T, buttons: [{label: Mail, do: [{send_email: hello}]}, {label: Sms, do: [{send_sms: short}]}]}}
      - {notify: owner}
    exits: [{sent: offer, goto: two}, {sent: hello, goto: three}]
  two: {final: success}
  three: {final: success}
""").create(fields={"email": "a@example.com"})
    key = "L1/stage/1/send_email:offer/1"
    told = why(lead.pipeline, lead.state, lead.now)
    sets = [short(steps) for wait in told.waits if wait.goto for steps in wait.unblock]
    assert sets == [[f"result {key}"], ["press t Mail"]]
    assert waits(lead)[f"effect {key}"].kind == "effect"


def test_a_pending_exit_waits_for_its_gates() -> None:
    """What a fact set going and gates hold up: what for, and the least that opens them."""
    lead = Lead("""
stages:
  one: {exits: [{signal: replied, goto: two, requires: [email, {id: c, check: lead.price > 5, say: dear}]}]}
  two: {final: success}
""").create()
    lead.fact("replied")
    wait = waits(lead)["gate one/exits/0"]
    assert wait.proof == ("fill in 'E-mail'", "dear")
    assert short(wait.unblock[0]) == ["fill email", "fill price"]


def test_a_refused_conversion_waits_for_its_task() -> None:
    """While it runs, for the commit; refused, for the task that names the reason."""
    lead = Lead("""
stages:
  one: {exits: [{signal: go, goto: two}]}
  two: {final: success, convert: [{create: [deal]}], reopen: one}
""").create()
    lead.signal("go")
    assert lead.state.converting is not None
    key = lead.state.converting.key
    assert short(waits(lead)[f"effect {key}"].unblock[0]) == [f"result {key}"]
    lead.tell(ConvertFailed(id="f", key=key, reason="no INN"))
    wait = waits(lead)["gate one/exits/0"]
    assert (wait.proof, short(wait.unblock[0])) == (("no INN",), ["task convert_failed"])
    lead.signal("go")
    lead.converted()
    assert closest(lead) == ["reopen"]


def test_a_sleeping_lead() -> None:
    """A snooze is over when somebody wakes it, or by itself."""
    lead = Lead("""
stages:
  one: {exits: [{after: 1 day, goto: two}]}
  two: {final: success}
""").create()
    lead.snooze("2026-11-30 10:00")
    wait = waits(lead)["snooze snooze"]
    assert [short(s) for s in wait.unblock] == [["wake"], ["wait  2026-11-30T07:00:00Z"]]
    assert applied(lead.pipeline, lead.state, wait.unblock[0], lead.now).sleep is None


def test_a_dead_end_says_so() -> None:
    """A stage whose only way waits for a task that nobody will open."""
    lead = Lead("""
stages:
  one: {exits: [{task: never, goto: two}], when: [{signal: x, do: [{create_task: {id: never, title: N}}]}]}
  two: {final: success}
""").create()
    (wait,) = why(lead.pipeline, lead.state, lead.now).waits
    assert (wait.kind, wait.subject, wait.label) == ("nothing", "one", "no way on from here")


def test_leads_that_wait_for_nothing() -> None:
    """Before the creation, quarantined, closed for good."""
    lead = Lead("""
stages:
  one: {exits: [{signal: go, goto: two}]}
  two: {final: success}
""")
    assert why(lead.pipeline, begin(lead.pipeline, "L1"), lead.now).waits[0].kind == "nothing"
    lead.create()
    parked = quarantine(lead.state, "broken")
    assert why(lead.pipeline, parked, lead.now).waits[0].label == "quarantined: broken"
    lead.signal("go")
    assert why(lead.pipeline, lead.state, lead.now).closest == ()


def test_a_message_that_waits_for_the_morning_waits_for_time() -> None:
    """What waits for quiet hours to end is a deadline, not a result."""
    lead = Lead("""
quiet_hours: "09:00-11:00"
stages:
  one: {on_enter: [{send_email: offer}], exits: [{signal: go, goto: two}, {sent: [offer, hello], goto: two}]}
  two: {final: success}
""").create(fields={"email": "a@example.com"})
    assert list(waits(lead)) == ["signal go", "time L1/stage/1/send_email:offer/1"]


def test_one_step_for_two_gates() -> None:
    """A field that two gates ask for is filled once."""
    lead = Lead("""
stages:
  one: {requires: [note], exits: [{signal: go, if: lead.note is set, goto: two, requires: [email]}]}
  two: {final: success, enter_requires: [email]}
""").create()
    assert closest(lead) == ["fill note", "fill email", "signal go"]
