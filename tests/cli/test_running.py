"""What runs: doctor, a second up, the web page, the codec endpoint."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from proving.processes import free_port
from proving.sinks.process import Sink
from tests.cli.program import LEADFLOW, Here, is_setting
from tests.e2e.installation import Installation, wait

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def answer(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    """Status and body of a request with headers of our own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body or None, headers)
    response = connection.getresponse()
    text = response.read().decode("utf-8", "replace")
    connection.close()
    return response.status, text


def test_the_doctor_finds_nothing(running: Here) -> None:
    """Every part of a healthy installation is looked at and found well: status 0."""
    done = running("doctor", "--json")
    assert done.status == 0, done
    verdicts = {each["part"]: each["verdict"] for each in done.json}
    assert set(verdicts.values()) == {"ok"}
    assert {
        "data",
        "disk",
        "database",
        "key file",
        "temporal",
        "worker",
        "mail",
        "sms",
        "clock",
    } <= set(verdicts)


def test_the_doctor_names_what_is_wrong(running: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not answer is wrong, status 1; passwords in addresses are masked."""
    monkeypatch.setenv("LEADFLOW_SMTP_URL", "smtp://office:s3cret@127.0.0.1:9")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")
    done = running("doctor")
    assert done.status == 1
    assert "wrong    mail         smtp://***@127.0.0.1:9" in done.out
    assert "wrong    temporal     127.0.0.1:9" in done.out
    assert "s3cret" not in done.out + done.err


@pytest.mark.parametrize(
    ("login", "says"),
    [
        ("bot:s3cret@", "ok       mail         smtp://***@127.0.0.1:"),
        ("bot:wr0ng@", "login refused: the server answered 535"),
        ("", "ok       mail         smtp://127.0.0.1:"),
    ],
)
def test_the_doctor_logs_in_at_the_mail_server(
    running: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, login: str, says: str
) -> None:
    """A wrong password is told before the first letter meets it, in the server's words; nothing is sent."""
    with Sink("smtp", tmp_path, "--auth", "bot:s3cret") as sink:
        monkeypatch.setenv("LEADFLOW_SMTP_URL", sink.url.replace("//", f"//{login}"))
        done = running("doctor")
        assert sink.count() == 0
    assert says in done.out
    assert done.status == (1 if "refused" in says else 0)
    assert not {"s3cret", "wr0ng"} & set(re.findall(r"\w+", done.out + done.err))


def test_the_doctor_waits_for_no_mail_server(
    running: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is busy is told in its own words, with what to do."""
    with Sink("smtp", tmp_path) as sink:
        sink.script({"at": "connect", "reply": "421 4.3.2 come back later"})
        monkeypatch.setenv("LEADFLOW_SMTP_URL", sink.url)
        done = running("doctor")
    assert done.status == 1
    assert "421 4.3.2" in done.out
    assert "it may pass" in done.out


def test_a_readable_key_file_is_wrong(running: Here, installation: Installation) -> None:
    """Others who can read the key file are told of, with the command that mends it."""
    key = installation.home / "keys" / "master.key"
    key.chmod(0o644)
    try:
        done = running("doctor")
    finally:
        key.chmod(0o600)
    assert done.status == 1
    assert f"chmod 600 {key}" in done.out


def test_a_second_up_is_refused(running: Here) -> None:
    """One data directory, one `up`: the second names the first, with status 5; so does a detached one."""
    for more in ([], ["--detach"]):
        done = running("up", *more)
        assert done.status == 5
        assert "runs in" in done.err
        assert "`leadflow down` stops it" in done.err


def test_a_port_that_is_taken(
    running: Here,
    installation: Installation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A port asked for that somebody has: status 5, naming who has it and the option that chooses another."""
    monkeypatch.setenv("LEADFLOW_HOME", str(tmp_path))
    for option, port in (
        ("--port", installation.ports.web),
        ("--temporal-port", installation.ports.temporal),
    ):
        done = running("up", option, str(port))
        assert done.status == 5
        assert f"port {port} is taken by" in done.err
        assert f"{option} PORT" in done.err


def test_the_page_shows_leads(running: Here, installation: Installation) -> None:
    """The first page lists leads with their stages and leads to the catcher and to Temporal; it reads only."""
    number = running(
        "lead", "add", "calls", "phone=+79161112233", "name=Пётр Страничкин", "--json"
    ).json["number"]
    page = installation.get(installation.ports.web, "/?stage=new")
    assert "Пётр Страничкин" in page
    assert f">{number}<" in page
    assert f"http://127.0.0.1:{installation.ports.caught}" in page
    assert (
        f"http://127.0.0.1:{installation.ports.temporal_ui}/namespaces/default/workflows/lead-"
        in page
    )
    assert answer(installation.ports.web, "POST", "/")[0] == 405


def test_the_page_answers_to_no_other_name(installation: Installation) -> None:
    """A page of another site cannot read it through a name of its own."""
    assert answer(installation.ports.web, "GET", "/", Host="evil.example")[0] == 400


def test_the_codec_opens_payloads_for_the_ui_only(installation: Installation) -> None:
    """Temporal's own page may ask, another origin may not."""
    own = f"http://127.0.0.1:{installation.ports.temporal_ui}"
    body = '{"payloads": []}'
    web = installation.ports.web
    assert answer(web, "POST", "/codec/decode", body, Origin=own)[0] == 200
    assert answer(web, "POST", "/codec/decode", body, Origin="http://evil.example")[0] == 403


@pytest.mark.parametrize("verb", ["server", "worker"])
def test_a_part_runs_alone(installation: Installation, tmp_path: Path, verb: str) -> None:
    """Web part and worker run by themselves beside the others, and end with status 0 when told to."""
    port = free_port()
    more = ["--port", str(port)] if verb == "server" else []
    log = tmp_path / "log"
    clean = {name: value for name, value in os.environ.items() if not is_setting(name)}
    with (
        log.open("wb") as file,
        subprocess.Popen(
            [LEADFLOW, verb, *more], cwd=installation.folder, env=clean, stdout=file, stderr=file
        ) as process,
    ):
        try:
            if verb == "server":
                wait(lambda: port_answers(port))
                assert installation.get(port, "/healthz") == '{"ok":true}'
            else:
                wait(lambda: "the worker is ready" in log.read_text("utf-8"))
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()


def port_answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
