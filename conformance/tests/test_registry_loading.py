"""Reading the registry: what is read, and every way in which a file of it is refused."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mpconform.registry import SECTIONS, RegistryError, Requirement, load_registry
from mpconform.registry.accounts import load_accounts
from mpconform.registry.loading import load_section
from mpconform.registry.model import documentation_link

JOIN = """
["process.join.returns-none"]
says = "join() returns None."
doc = "multiprocessing.Process.join"
level = "must"
check = "what join() returns"
"""


def write(root: Path, section: str, requirements: str, account: str = "") -> None:
    folder = root / section
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "requirements.toml").write_text('title = "A heading"\n' + requirements)
    (folder / "account.toml").write_text(account)


def load_one(root: Path, requirements: str) -> Requirement:
    write(root, "managers", requirements)
    return next(iter(load_registry(root).requirements.values()))


def refusal(root: Path, requirements: str) -> str:
    write(root, "managers", requirements)
    with pytest.raises(RegistryError) as caught:
        load_registry(root)
    message = str(caught.value)
    assert "\n" not in message, "a message is one line"
    return message


def test_every_field_is_read(tmp_path: Path) -> None:
    requirement = load_one(
        tmp_path,
        """
        ["process.close.raises-when-alive"]
        says = "close() raises ValueError while the child runs."
        doc = "multiprocessing.Process.close"
        level = "should"
        since = "3.8"
        until = "3.12"
        platforms = ["linux", "darwin"]
        start_methods = ["fork"]
        needs = ["process.start.runs"]
        check = "whether close() looks at the child"
        ambiguous = "which exception it is"
        via = "threading.Condition"
        """,
    )
    assert requirement == Requirement(
        id="process.close.raises-when-alive",
        section="managers",
        says="close() raises ValueError while the child runs.",
        doc="multiprocessing.Process.close",
        level="should",
        since="3.8",
        until="3.12",
        platforms=("linux", "darwin"),
        start_methods=("fork",),
        needs=("process.start.runs",),
        check="whether close() looks at the child",
        untestable=None,
        ambiguous="which exception it is",
        via="threading.Condition",
    )


def test_what_is_left_out_holds_everywhere(tmp_path: Path) -> None:
    requirement = load_one(tmp_path, JOIN)
    assert (requirement.since, requirement.until) == ("3.7", None)
    assert requirement.platforms == requirement.start_methods == requirement.needs == ()
    assert requirement.untestable is requirement.ambiguous is requirement.via is requirement.via_link is None
    assert requirement.not_applicable("3.7", "aix", "forkserver") is None


def test_an_untestable_requirement_needs_no_check(tmp_path: Path) -> None:
    requirement = load_one(tmp_path, JOIN.replace('check = "', 'untestable = "'))
    assert (requirement.check, requirement.untestable) == ("", "what join() returns")


def test_sections_come_in_the_order_of_the_documentation(tmp_path: Path) -> None:
    for section in ("managers", "dummy_module", "process_and_exceptions"):
        write(tmp_path, section, JOIN.replace('["process', f'["{section}'))
    registry = load_registry(tmp_path)
    assert list(registry.titles) == ["process_and_exceptions", "managers", "dummy_module"]
    assert [one.section for one in registry.requirements.values()] == list(registry.titles)
    assert set(registry.titles) <= set(SECTIONS)


def test_the_account_is_read_when_asked_for(tmp_path: Path) -> None:
    account = """
    ["multiprocessing.Process.join"]
    0 = ["process.join.returns-none", "process.join.other"]
    1 = "advice"
    2 = []
    """
    write(tmp_path, "managers", JOIN, account)
    signature, advice, unread = load_accounts(load_registry(tmp_path))["managers"]
    assert signature.anchor == "multiprocessing.Process.join"
    assert (signature.number, signature.yields) == (0, ("process.join.returns-none", "process.join.other"))
    assert (advice.number, advice.yields, advice.not_normative) == (1, (), "advice")
    assert (unread.number, unread.yields, unread.not_normative) == (2, (), None)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0 = 1", "0: must be a list of requirement ids, or a string that says why the sentence promises nothing"),
        ('0 = ""', "0: must be a list"),
        ("0 = [1]", "0: must be a list"),
        ('first = "x"', "first: no number; the keys count the sentences below the anchor"),
    ],
)
def test_a_wrong_account_is_refused(tmp_path: Path, line: str, message: str) -> None:
    write(tmp_path, "managers", JOIN, f'["multiprocessing.Process.join"]\n\n{line}\n')
    with pytest.raises(RegistryError) as caught:
        load_accounts(load_registry(tmp_path))
    assert f"{tmp_path}/managers/account.toml:3: multiprocessing.Process.join: {message}" in str(caught.value)


def test_an_account_of_no_anchor_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "managers", JOIN, "[multiprocessing.Process]\n0 = []\n")
    with pytest.raises(RegistryError, match="multiprocessing: Process: no number"):
        load_accounts(load_registry(tmp_path))
    write(tmp_path, "managers", JOIN, '["Process.join"]\n0 = []\n')
    with pytest.raises(RegistryError, match=r'account.toml:1: Process.join: no anchor; write it in quotes, \["multi'):
        load_accounts(load_registry(tmp_path))
    write(tmp_path, "managers", JOIN, "0 = []\n")
    with pytest.raises(RegistryError, match="0: must be a table of numbered sentences"):
        load_accounts(load_registry(tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('check = "', 'chekc = "', 7, "chekc: unknown key; did you mean check?"),
        ('check = "', 'zzz = "', 7, "zzz: unknown key; known are says, doc, level, since"),
        ('level = "must"', 'level = "shall"', 6, "level: unknown level 'shall'; known are must, should, may"),
        ('level = "must"', "", 3, "level: missing; every requirement has it"),
        ('says = "join() returns None."', 'says = " "', 4, "says: must be a string that is not empty, not ' '"),
        ('says = "join() returns None."', "says = 3", 4, "says: must be a string that is not empty, not 3"),
        ('check = "what join() returns"', "", 3, "check: missing; say in one line what to look at first"),
        ('"multiprocessing.Process.join"', '"Process.join"', 5, "doc: 'Process.join' is no anchor, such as multip"),
        ('level = "must"', 'level = "must"\nsince = "three"', 7, "since: 'three' is no edition"),
        ('level = "must"', 'level = "must"\nsince = "3.9"\nuntil = "3.8"', 8, "until: 3.8 is before since = 3.9"),
        (
            'level = "must"',
            'level = "must"\nplatforms = "linux"',
            7,
            "platforms: must be a list of strings",
        ),
        (
            'level = "must"',
            'level = "must"\nplatforms = []',
            7,
            "platforms: must be a list of strings",
        ),
        (
            'level = "must"',
            'level = "must"\nplatforms = ["linus"]',
            7,
            "platforms: unknown value 'linus'; known are",
        ),
        (
            'level = "must"',
            'level = "must"\nstart_methods = ["frok"]',
            7,
            "start_methods: unknown value 'frok'; known",
        ),
        ('level = "must"', 'level = "must"\nneeds = ["a.b", "a.b"]', 7, "needs: 'a.b' stands there twice; remove one"),
        ('level = "must"', 'level = "must"\nvia = "Condition"', 7, "via: 'Condition' is no name in another module's"),
        ('level = "must"', 'level = "must"\nvia = "multiprocessing.Lock"', 7, "via: 'multiprocessing.Lock' is no name"),
        ('level = "must"', 'level = "must"\nvia = "treading.Lock"', 7, "via: 'treading.Lock' is no name in another"),
        ('check = "', 'untestable = "x"\nambiguous = "', 8, "ambiguous: stands beside untestable"),
    ],
)
def test_a_wrong_entry_is_refused(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    assert old in JOIN
    expected = f"{tmp_path}/managers/requirements.toml:{line}: process.join.returns-none: {message}"
    assert expected in refusal(tmp_path, JOIN.replace(old, new))


@pytest.mark.parametrize(
    ("requirements", "message"),
    [
        (
            JOIN.replace('"process.join.returns-none"', "process.join.returns-none"),
            '["process.member.promise"]: unquoted',
        ),
        (JOIN.replace("returns-none", "Returns"), "process.join.Returns: no valid id; it has two or three parts"),
        (JOIN.replace("process.join.returns-none", "one"), "one: no valid id"),
        (JOIN.replace("process.join.returns-none", "a.b.c.d"), "a.b.c.d: no valid id"),
        ('says = "x"', "says: unknown key; only title stands outside of a requirement's table"),
        (JOIN + JOIN, "no valid TOML: Cannot declare"),
    ],
)
def test_a_wrong_id_is_refused(tmp_path: Path, requirements: str, message: str) -> None:
    assert message in refusal(tmp_path, requirements)


def test_malformed_toml_is_told_with_its_line(tmp_path: Path) -> None:
    message = refusal(tmp_path, "\n\nsays == 3\n")
    assert f"{tmp_path}/managers/requirements.toml:4: no valid TOML: " in message


def test_a_missing_title_is_told(tmp_path: Path) -> None:
    (tmp_path / "managers").mkdir()
    (tmp_path / "managers" / "requirements.toml").write_text(JOIN)
    with pytest.raises(RegistryError, match="title: missing; begin the file with the section's heading"):
        load_registry(tmp_path)


def test_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"no folder of sections at .*nowhere"):
        load_registry(tmp_path / "nowhere")
    with pytest.raises(RegistryError, match=r"requirements.toml:1: there is no such file; every section has one"):
        load_section(tmp_path)


def test_an_id_in_two_sections_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "managers", JOIN)
    write(tmp_path, "dummy_module", JOIN)
    with pytest.raises(RegistryError) as caught:
        load_registry(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/dummy_module/requirements.toml:3: process.join.returns-none: is also in section managers; "
        "rename or remove one of them"
    )


def test_get_names_the_close_matches(tmp_path: Path) -> None:
    write(tmp_path, "managers", JOIN)
    registry = load_registry(tmp_path)
    assert registry.get("process.join.returns-none").says == "join() returns None."
    with pytest.raises(RegistryError) as caught:
        registry.get("process.join.return-none")
    assert str(caught.value) == ("no requirement 'process.join.return-none': did you mean process.join.returns-none?")
    with pytest.raises(RegistryError, match="no requirement 'zzz': `mpconform list` shows them all"):
        registry.get("zzz")


@pytest.mark.parametrize(
    ("line", "cell", "reason"),
    [
        ('since = "3.10"', ("3.9", "linux", "fork"), "promised since edition 3.10, this is 3.9"),
        ('since = "3.10"', ("3.10", "linux", "fork"), None),
        ('until = "3.9"', ("3.10", "linux", "fork"), "promised until edition 3.9, this is 3.10"),
        ('until = "3.9"', ("3.9", "linux", "fork"), None),
        ('platforms = ["linux", "freebsd"]', ("3.9", "win32", "fork"), "promised on linux, freebsd, this is win32"),
        ('platforms = ["linux", "freebsd"]', ("3.9", "freebsd14", "fork"), None),
        ('start_methods = ["spawn"]', ("3.9", "linux", "fork"), "promised under spawn, this is fork"),
        ('start_methods = ["spawn"]', ("3.9", "linux", "spawn"), None),
    ],
)
def test_not_applicable(tmp_path: Path, line: str, cell: tuple[str, str, str], reason: str | None) -> None:
    assert load_one(tmp_path, f"{JOIN}{line}\n").not_applicable(*cell) == reason


@pytest.mark.parametrize(
    ("anchor", "link"),
    [
        ("multiprocessing.Process.join", "multiprocessing.html#multiprocessing.Process.join"),
        ("multiprocessing#pipes-and-queues", "multiprocessing.html#pipes-and-queues"),
        (
            "multiprocessing.shared_memory.SharedMemory.close",
            "multiprocessing.shared_memory.html#multiprocessing.shared_memory.SharedMemory.close",
        ),
    ],
)
def test_links(anchor: str, link: str) -> None:
    assert documentation_link(anchor) == f"https://docs.python.org/3/library/{link}"


def test_the_link_to_other_documentation(tmp_path: Path) -> None:
    requirement = load_one(tmp_path, f'{JOIN}via = "threading.Condition.wait"\n')
    assert requirement.via_link == "https://docs.python.org/3/library/threading.html#threading.Condition.wait"


def test_loading_is_quick(tmp_path: Path) -> None:
    names = "".join(JOIN.replace("returns-none", f"promise-{number}") for number in range(470))
    write(tmp_path, "managers", names)
    durations = []
    for _ in range(5):
        start = time.perf_counter()
        assert len(load_registry(tmp_path).requirements) == 470
        durations.append(time.perf_counter() - start)
    # Some 25 ms; the bound leaves room for a busy machine and still tells a registry that grew slow tenfold.
    assert min(durations) < 0.25, f"loading 470 requirements takes {min(durations) * 1000:.0f} ms"
