"""What holds the documents that people write to the code."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from shlex import split

import click
import pytest

from adapters.alert.parser import DialectParser
from adapters.clock.system import SystemClock
from adapters.configuration.yaml_file import read_yaml
from adapters.instruments.snapshot import listings
from application.alert_template import alert_template
from application.configuration.charts import Listings
from application.configuration.resolution import read_resolved
from application.configuration.tree import Reading
from application.configuration.values import Document
from entrypoints.cli.main import PLACES, cli
from entrypoints.settings import NAMES, PREFIX, SECRETS, Settings
from tests.architecture.order_diagram import DOCUMENT, with_diagram
from tests.architecture.sources import ROOT, python_files, tree_of

DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md")
ARCHITECTURE_LINES = 300
EXAMPLE = ROOT / ".env.example"

CODE_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\((?!https?://)([^)#]+)\)")
PATH = re.compile(
    r"(?:domain|application|adapters|entrypoints|tests|docs|bench|\.ci)/[\w./-]*"
)
SAMPLE_VALUES = {
    "{{exchange}}": "BINANCE",
    "{{ticker}}": "BTCUSDT.P",
    "{{interval}}": "240",
    "{{time}}": "2026-11-23T04:00:00Z",
    "{{timenow}}": "2026-11-23T08:00:01Z",
    '{{plot("RSI")}}': "27.4",
    "{{close}}": "84210.5",
    "{{high}}": "84950.0",
    "{{low}}": "83720.2",
}


def test_the_diagram_of_the_order_states_is_the_order_table() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert text == with_diagram(text), "run: python -m tests.architecture.order_diagram"


def test_the_architecture_can_be_read_in_one_sitting() -> None:
    assert len(DOCUMENT.read_text(encoding="utf-8").splitlines()) < ARCHITECTURE_LINES


def test_every_public_class_of_the_domain_is_in_the_glossary_and_nothing_else() -> None:
    _, _, table = text_of("GLOSSARY.md").partition("## The classes of `domain/`")
    explained = re.findall(r"^\| `(\w+)` \| \S", table, re.MULTILINE)
    classes = [
        node.name
        for path in python_files("domain")
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]

    assert sorted(explained) == sorted(classes)


def test_every_setting_is_in_the_example_with_a_line_about_it() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    explained = {
        line.partition("=")[0]
        for before, line in pairwise(lines)
        if line.startswith(PREFIX) and before.startswith("# ")
    }

    files = {f"{PREFIX}{name}_FILE" for name in SECRETS}
    assert explained == {f"{PREFIX}{name}" for name in NAMES} | files


def test_copying_the_example_changes_nothing() -> None:
    nothing = Path("there is no such file")

    assert Settings.read({}, EXAMPLE) == Settings.read({}, nothing)


def test_every_setting_that_a_document_names_exists() -> None:
    known = {f"{PREFIX}{name}" for name in (*NAMES, "TEST_DATABASE_URL")}
    known |= {f"{PREFIX}{name}_FILE" for name in SECRETS}

    named = {
        name for one in DOCUMENTS for name in re.findall(rf"{PREFIX}\w+", text_of(one))
    }

    assert named - known == set()


@pytest.mark.parametrize("command", sorted({*PLACES}))
def test_every_command_is_loaded_and_explains_itself(command: str) -> None:
    context = click.Context(cli)
    _, found, _ = cli.resolve_command(context, [command])

    assert found is not None
    assert found.help


def test_every_command_that_a_document_shows_exists_with_its_options() -> None:
    shown = [line for one in DOCUMENTS for line in commands(text_of(one))]

    assert len(shown) > 10
    assert [problem for line in shown if (problem := refused(line))] == []


def test_every_file_that_a_document_names_exists() -> None:
    missing = {
        f"{one}: {name}"
        for one in DOCUMENTS
        for name in files_named(text_of(one))
        if not (ROOT / name).exists()
    }

    assert missing == set()


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    named = {
        target
        for one in DOCUMENTS
        for code in codes(text_of(one))
        for target in re.findall(r"^make ([a-z-]+)", code, re.MULTILINE)
    }

    assert named - targets == set()


def test_the_alert_at_the_top_of_the_readme_is_understood() -> None:
    first, *_ = blocks("README.md", "json")

    read = DialectParser().read(first.encode(), SystemClock().now())

    assert read.signal is not None, read.detail
    assert (read.signal.rsi, read.signal.ticker) == (27.4, "BTCUSDT.P")


def test_the_bots_of_the_readme_can_be_deployed() -> None:
    reading = deployable()

    assert reading.problems == ()


def test_the_message_of_the_readme_is_the_one_that_its_bot_asks_for() -> None:
    document = deployable().value
    assert document is not None

    messages = [block for block in blocks("README.md", "") if "{{close}}" in block]

    assert messages == [f"{alert_template(bot)}\n" for bot in document.bots]


def test_the_message_of_the_readme_is_understood_once_tradingview_filled_it_in() -> None:
    (message,) = [block for block in blocks("README.md", "") if "{{close}}" in block]
    for placeholder, value in SAMPLE_VALUES.items():
        message = message.replace(placeholder, value)

    read = DialectParser().read(message.encode(), SystemClock().now())

    assert read.signal is not None, read.detail
    assert read.signal.extra == {}


def deployable() -> Reading[Document]:
    """Return the configuration file of the README, as ``signalman apply`` reads it."""
    (text,) = blocks("README.md", "yaml")
    return read_resolved(read_yaml(text), Listings(listings()))


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """Return the code blocks of a document in one language, without their indentation."""
    return [
        re.sub(f"^{indent}", "", code, flags=re.MULTILINE)
        for indent, found, code in CODE_BLOCK.findall(text_of(name))
        if found == language
    ]


def codes(text: str) -> Iterator[str]:
    """Yield everything that is set as code: blocks, then what stands in lines."""
    yield from (code for _, _, code in CODE_BLOCK.findall(text))
    yield from INLINE_CODE.findall(CODE_BLOCK.sub("", text))


def commands(text: str) -> Iterator[str]:
    """Yield every call of ``signalman`` with something after its name."""
    for code in codes(text):
        for line in code.splitlines():
            if line.strip().startswith("signalman "):
                yield line.strip()


def refused(line: str) -> str:
    """Return why the command line would not take this; empty when it would."""
    words = split(line)[1:]
    command: click.Command = cli
    context = click.Context(cli, info_name="signalman")
    while isinstance(command, click.Group):
        name = words[0] if words else ""
        if name not in command.list_commands(context):
            return f"{line}: there is no {name!r}"
        _, found, words = command.resolve_command(context, words)
        command = found or command
        context = click.Context(command, info_name=name, parent=context)
    options = {text for one in command.params for text in (*one.opts, *one.secondary_opts)}
    unknown = [one for one in words if one.startswith("--") and one not in options]
    return f"{line}: there is no {unknown}" if unknown else ""


def files_named(text: str) -> Iterator[str]:
    """Yield every path of the repository that a document points to."""
    yield from LINK.findall(text)
    for code in INLINE_CODE.findall(text):
        yield from (path for path in PATH.findall(code) if path in code.split())
