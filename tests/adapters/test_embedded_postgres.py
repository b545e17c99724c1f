import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.embedded.account import EmbeddedServerFailed
from adapters.embedded.postgres import EmbeddedPostgres, running_postgres


@pytest.fixture
def server(cluster_directory: Path) -> Iterator[EmbeddedPostgres]:
    embedded = EmbeddedPostgres(cluster_directory / "postgres", durable=False)
    yield embedded
    embedded.stop()


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedPostgres]:
    """Give a server that is left as it is found, since making one takes half a second."""
    with tempfile.TemporaryDirectory(prefix="signalman-") as directory:
        server = EmbeddedPostgres(Path(directory), durable=True)
        server.start()
        yield server
        server.stop()


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def postmaster_of(server: EmbeddedPostgres) -> int:
    return int((server.directory / "data" / "postmaster.pid").read_text().split()[0])


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_an_empty_directory_becomes_a_database(running: EmbeddedPostgres) -> None:
    url = running.start()

    assert await ask(url, "SELECT current_database()") == "signalman"
    assert await ask(url, "SHOW server_encoding") == "UTF8"
    assert await ask(url, "SHOW timezone") == "UTC"
    assert await ask(url, "SHOW idle_in_transaction_session_timeout") == "10s"


async def test_sqlalchemy_understands_the_url(running: EmbeddedPostgres) -> None:
    url = running.start().replace("postgresql:", "postgresql+asyncpg:")

    engine = create_async_engine(url)
    async with engine.connect() as connection:
        user = await connection.scalar(text("SELECT current_user"))
    await engine.dispose()

    assert user == "signalman"


async def test_nobody_gets_in_without_the_password(running: EmbeddedPostgres) -> None:
    url = running.start()
    password = urlsplit(url).password or ""

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url.replace(password, "another"))


async def test_nobody_listens_on_the_network(running: EmbeddedPostgres) -> None:
    url = running.start()

    assert await ask(url, "SHOW listen_addresses") == ""


def test_only_the_owner_reads_the_password_and_reaches_the_directory(
    running: EmbeddedPostgres,
) -> None:
    assert mode_of(running.directory) == 0o700
    assert mode_of(running.directory / "password") == 0o600


def test_nothing_above_the_directory_changes(cluster_directory: Path) -> None:
    cluster_directory.chmod(0o750)
    before = [
        (path, path.stat().st_mode, path.stat().st_uid)
        for path in cluster_directory.parents
    ]

    with running_postgres(cluster_directory / "postgres", durable=False):
        pass

    after = [
        (path, path.stat().st_mode, path.stat().st_uid)
        for path in cluster_directory.parents
    ]
    assert after == before
    assert mode_of(cluster_directory) == 0o750


def test_a_second_start_finds_the_running_server(running: EmbeddedPostgres) -> None:
    url = running.start()
    postmaster = postmaster_of(running)

    again = EmbeddedPostgres(running.directory).start()

    assert again == url
    assert postmaster_of(running) == postmaster


def test_it_runs_from_the_start_to_the_stop(server: EmbeddedPostgres) -> None:
    before = server.running()
    url = server.start()
    between = server.running()
    server.stop()

    assert (before, between, server.running()) == (None, url, None)


def test_stopping_what_never_ran_does_nothing(tmp_path: Path) -> None:
    EmbeddedPostgres(tmp_path / "postgres").stop()

    assert list(tmp_path.iterdir()) == []


def test_a_context_stops_only_the_server_that_it_started(cluster_directory: Path) -> None:
    server = EmbeddedPostgres(cluster_directory, durable=False)

    with running_postgres(cluster_directory, durable=False) as outer:
        with running_postgres(cluster_directory, durable=False) as inner:
            assert inner == outer
        assert server.running() == outer

    assert server.running() is None


def test_ctrl_c_in_the_terminal_does_not_reach_it(running: EmbeddedPostgres) -> None:
    running.start()
    postmaster = postmaster_of(running)

    assert os.getpgid(postmaster) != os.getpgid(0)
    assert os.getsid(postmaster) != os.getsid(0)


async def test_what_was_committed_survives_kill_9(server: EmbeddedPostgres) -> None:
    url = server.start()
    await ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")

    os.kill(postmaster_of(server), signal.SIGKILL)
    again = server.start()

    assert await ask(again, "SELECT answer FROM kept") == 42


@pytest.mark.skipif(sys.platform != "linux", reason="PostgreSQL decides by itself there")
def test_an_old_pid_file_that_names_another_process_is_no_hindrance(
    server: EmbeddedPostgres,
) -> None:
    server.start()
    file = server.directory / "data" / "postmaster.pid"
    lines = file.read_text().splitlines()
    server.stop()

    file.write_text("\n".join([str(os.getpid()), *lines[1:]]))

    assert server.running() is None
    assert server.start() == server.running()


def test_another_major_version_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("17\n")

    with pytest.raises(EmbeddedServerFailed, match=r"by PostgreSQL 17.*signalman backup"):
        EmbeddedPostgres(tmp_path).start()


def test_a_directory_without_a_cluster_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()

    with pytest.raises(EmbeddedServerFailed, match="holds no database"):
        EmbeddedPostgres(tmp_path).start()


def test_a_lost_password_is_told(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server.directory / "password").unlink()

    with pytest.raises(EmbeddedServerFailed, match="password is missing"):
        server.start()


def test_an_initialization_cut_short_is_begun_anew(server: EmbeddedPostgres) -> None:
    (server.directory / "data.new").mkdir(parents=True)
    (server.directory / "data.new" / "PG_VERSION").write_text("18\n")

    assert server.start() == server.running()


def test_a_server_that_cannot_start_says_why(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    settings = server.directory / "data" / "postgresql.conf"
    settings.write_text(f"{settings.read_text()}\nno_such_setting = on\n")

    with pytest.raises(EmbeddedServerFailed, match="no_such_setting"):
        server.start()


async def test_a_path_too_long_for_a_socket_falls_back_to_loopback(
    cluster_directory: Path,
) -> None:
    directory = cluster_directory / ("long" * 25) / "postgres"

    with running_postgres(directory, durable=False) as url:
        assert urlsplit(url).hostname == "127.0.0.1"
        assert await ask(url, "SHOW unix_socket_directories") == ""
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(url, password="another")  # noqa: S106 - a wrong one


async def test_a_path_of_odd_letters_is_reached(cluster_directory: Path) -> None:
    directory = cluster_directory / 'it\'s 100 % "odd" $HOME'

    with running_postgres(directory, durable=False) as url:
        assert await ask(url, "SELECT 1") == 1


def test_two_processes_starting_at_once_get_one_server(server: EmbeddedPostgres) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        first, second = pool.submit(server.start), pool.submit(server.start)
        urls = {first.result(), second.result()}

    assert urls == {server.running()}


def test_another_process_can_stop_it(server: EmbeddedPostgres) -> None:
    server.start()

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(server.stop).result()

    assert server.running() is None


def test_a_missing_wheel_names_the_fix(tmp_path: Path) -> None:
    start = "from adapters.embedded.postgres import *; EmbeddedPostgres(Path('x')).start()"

    done = subprocess.run(
        [sys.executable, "-S", "-c", start],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )

    assert "its extra `embedded`, or set SIGNALMAN_DATABASE_URL" in done.stderr
