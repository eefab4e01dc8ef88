"""The servers that tests share are real, private enough, and never outlive the run."""

import subprocess
import sys
from pathlib import Path

import psutil
import sqlalchemy
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

STOP_SECONDS = 20
# A test run of its own that starts a server (one that only waits), says which processes these are, and hangs.
RUN = """
import os, signal, sys, time
from proving.processes import wait_until
from tests.support import servers

SERVER = "import os, time; open('pid', 'w').write(f'{os.getpid()} '); time.sleep(600)"

def start(home):
    servers.keep(home, [sys.executable, "-c", SERVER], stop=signal.SIGTERM)
    wait_until(lambda: (home / "pid").exists() and (home / "pid").read_text(), home)
    return (home / "pid").read_text() + (home / "keeper.pid").read_text()

with servers.whole_run():
    print(os.environ[servers.RUN_FOLDER], servers.shared("any", start), flush=True)
    time.sleep(600)
"""


def test_a_database_is_empty_and_knows_cyrillic(database_url: str) -> None:
    """Each test gets an empty database that takes tables and keeps Russian text."""
    engine = sqlalchemy.create_engine(database_url)
    with engine.begin() as connection:
        assert sqlalchemy.inspect(connection).get_table_names() == []
        connection.execute(sqlalchemy.text("CREATE TABLE lead (name TEXT)"))
        connection.execute(sqlalchemy.text("INSERT INTO lead VALUES ('Лактионова')"))
        assert connection.scalar(sqlalchemy.text("SELECT name FROM lead")) == "Лактионова"
    engine.dispose()


def test_databases_of_one_server_know_nothing_of_each_other(
    postgres_url: str, postgres_database: str
) -> None:
    """A test's database is neither the server's own nor a stranger's."""
    engine = sqlalchemy.create_engine(postgres_database)
    with engine.connect() as connection:
        name = connection.scalar(sqlalchemy.text("SELECT current_database()"))
    engine.dispose()
    assert postgres_database.endswith(f"/{name}")
    assert postgres_database != postgres_url


async def test_temporal_answers_with_its_default_namespace(temporal_server: str) -> None:
    """A client connects to the shared server and finds the namespace that workers use."""
    client = await Client.connect(temporal_server)
    request = DescribeNamespaceRequest(namespace="default")
    answer = await client.workflow_service.describe_namespace(request)
    assert answer.namespace_info.name == "default"


def test_no_server_outlives_a_killed_run() -> None:
    """After `kill -9` of a test run neither its servers nor its folder are left."""
    root = Path(__file__).parents[1]
    command = [sys.executable, "-c", RUN]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        folder, *pids = run.stdout.readline().split()
        processes = [psutil.Process(int(pid)) for pid in pids]
        run.kill()
    _, alive = psutil.wait_procs(processes, timeout=STOP_SECONDS)
    assert (len(processes), alive, Path(folder).exists()) == (2, [], False)
