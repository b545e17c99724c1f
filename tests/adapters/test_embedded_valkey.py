import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from dramatiq.brokers.redis import RedisBroker

from adapters.embedded.account import EmbeddedServerFailed
from adapters.embedded.valkey import EmbeddedValkey, running_valkey
from adapters.queue.celery_runtime import CeleryCarrier
from adapters.queue.tasks import ring_for_alerts


@pytest.fixture
def directory() -> Iterator[Path]:
    """Give an empty directory whose name is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="signalman-") as directory:
        yield Path(directory)


@pytest.fixture
def server(directory: Path) -> Iterator[EmbeddedValkey]:
    embedded = EmbeddedValkey(directory / "valkey")
    yield embedded
    embedded.stop()


@pytest.fixture
def far_server(directory: Path) -> Iterator[EmbeddedValkey]:
    """Give a server whose path is too long for a socket."""
    embedded = EmbeddedValkey(directory / ("long" * 25) / "valkey")
    yield embedded
    embedded.stop()


def ask(url: str, *command: str) -> object:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return client.execute_command(*command)


def setting(url: str, name: str) -> object:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return client.config_get(name)[name]


def pid_of(url: str) -> int:
    with redis.Redis.from_url(url) as client:
        return int(client.info("server")["process_id"])


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_empty_directory_becomes_a_doorbell(server: EmbeddedValkey) -> None:
    url = server.start()

    assert ask(url, "PING") is True
    assert (setting(url, "save"), setting(url, "appendonly")) == ("", "no")
    assert setting(url, "maxmemory") == str(64 * 1024**2)


def test_full_it_forgets_instead_of_refusing(server: EmbeddedValkey) -> None:
    url = server.start()
    ask(url, "CONFIG", "SET", "maxmemory", "3mb")
    letter = "x" * 100_000

    written = [ask(url, "SET", str(number), letter) for number in range(100)]

    assert written == [True] * 100
    assert len(ask(url, "KEYS", "*")) < 100  # type: ignore[arg-type] # a list


def test_dramatiq_understands_the_url(server: EmbeddedValkey) -> None:
    broker = RedisBroker(url=server.start(), middleware=[])  # type: ignore[no-untyped-call] # its author left it so

    assert broker.do_qsize("default") == 0
    broker.client.close()


def test_celery_understands_the_url(server: EmbeddedValkey) -> None:
    url = server.start()
    carrier = CeleryCarrier(url)

    carrier.send([ring_for_alerts()])
    carrier.let_go()

    assert ask(url, "LLEN", "signalman.alerts") == 1


def test_celery_understands_the_url_of_loopback(far_server: EmbeddedValkey) -> None:
    url = far_server.start()
    carrier = CeleryCarrier(url)

    carrier.send([ring_for_alerts()])
    carrier.let_go()

    assert ask(url, "LLEN", "signalman.alerts") == 1


@pytest.mark.parametrize("place", ["server", "far_server"])
def test_nobody_gets_in_without_the_password(
    place: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(place).start()
    password = urlsplit(url).password or ""

    with pytest.raises(redis.AuthenticationError):
        ask(url.replace(password, "another"), "PING")
    with pytest.raises(redis.AuthenticationError):
        ask(url.replace(f":{password}@", ""), "PING")


def test_nobody_listens_on_the_network(server: EmbeddedValkey) -> None:
    assert setting(server.start(), "port") == "0"


def test_only_the_owner_reaches_the_directory_and_reads_what_is_secret(
    server: EmbeddedValkey,
) -> None:
    server.start()

    assert mode_of(server.directory) == 0o700
    assert mode_of(server.directory / "password") == 0o600
    assert mode_of(server.directory / "valkey.conf") == 0o600
    assert mode_of(server.directory / "valkey.sock") == 0o700


def test_a_second_start_finds_the_running_server(server: EmbeddedValkey) -> None:
    url = server.start()

    again = EmbeddedValkey(server.directory).start()

    assert again == url
    assert pid_of(again) == pid_of(url)


def test_it_runs_from_the_start_to_the_stop(server: EmbeddedValkey) -> None:
    before = server.running()
    url = server.start()
    between = server.running()
    server.stop()

    assert (before, between, server.running()) == (None, url, None)


def test_stopping_what_never_ran_does_nothing(tmp_path: Path) -> None:
    EmbeddedValkey(tmp_path / "valkey").stop()

    assert list(tmp_path.iterdir()) == []


def test_a_context_stops_only_the_server_that_it_started(directory: Path) -> None:
    server = EmbeddedValkey(directory)

    with running_valkey(directory) as outer:
        with running_valkey(directory) as inner:
            assert inner == outer
        assert server.running() == outer

    assert server.running() is None


def test_ctrl_c_in_the_terminal_does_not_reach_it(server: EmbeddedValkey) -> None:
    pid = pid_of(server.start())

    assert os.getpgid(pid) != os.getpgid(0)
    assert os.getsid(pid) != os.getsid(0)


@pytest.mark.parametrize("place", ["server", "far_server"])
def test_after_kill_9_it_is_there_again_under_the_same_url(
    place: str, request: pytest.FixtureRequest
) -> None:
    server: EmbeddedValkey = request.getfixturevalue(place)
    url = server.start()
    ask(url, "SET", "rung", "yes")

    os.kill(pid_of(url), signal.SIGKILL)
    again = server.start()

    assert again == url
    assert ask(again, "GET", "rung") is None


def test_a_path_too_long_for_a_socket_falls_back_to_loopback(
    far_server: EmbeddedValkey,
) -> None:
    url = far_server.start()

    assert urlsplit(url).hostname == "127.0.0.1"
    assert setting(url, "bind") == "127.0.0.1"
    assert setting(url, "unixsocket") == ""


def test_a_port_that_somebody_took_meanwhile_is_left_to_them(
    far_server: EmbeddedValkey,
) -> None:
    port = urlsplit(far_server.start()).port
    far_server.stop()

    with socket.create_server(("127.0.0.1", port or 0)):
        url = far_server.start()

        assert urlsplit(url).port != port
        assert ask(url, "PING") is True


def test_a_path_of_odd_letters_is_reached(directory: Path) -> None:
    odd = directory / 'it\'s 100 % "odd" $HOME \\ #1'

    with running_valkey(odd) as url:
        assert ask(url, "PING") is True


def test_a_lost_password_is_made_anew(server: EmbeddedValkey) -> None:
    server.start()
    server.stop()
    (server.directory / "password").unlink()

    assert ask(server.start(), "PING") is True


def test_a_password_lost_while_it_runs_is_told(server: EmbeddedValkey) -> None:
    server.start()
    password = (server.directory / "password").read_text()
    (server.directory / "password").unlink()

    with pytest.raises(EmbeddedServerFailed, match="password is missing"):
        server.start()
    (server.directory / "password").write_text(password)


def test_a_server_that_cannot_start_says_why(server: EmbeddedValkey) -> None:
    (server.directory / "valkey.sock").mkdir(parents=True)

    with pytest.raises(EmbeddedServerFailed, match=r"(?s)did not start.*Failed opening"):
        server.start()
    (server.directory / "valkey.sock").rmdir()


def test_two_processes_starting_at_once_get_one_server(server: EmbeddedValkey) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        first, second = pool.submit(server.start), pool.submit(server.start)
        urls = {first.result(), second.result()}

    assert urls == {server.running()}


def test_another_process_can_stop_it(server: EmbeddedValkey) -> None:
    server.start()

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(server.stop).result()

    assert server.running() is None


def test_a_missing_wheel_names_the_fix(tmp_path: Path) -> None:
    start = "from adapters.embedded.valkey import *; EmbeddedValkey(Path('x')).start()"

    done = subprocess.run(
        [sys.executable, "-S", "-c", start],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )

    assert "its extra `embedded`, or set SIGNALMAN_REDIS_URL" in done.stderr
