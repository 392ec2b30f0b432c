"""What each pass is worth: the account that the suite's own tests write is read, and the site tells it."""

from __future__ import annotations

import json

import pytest

from mpreports.results import ResultsError
from mpreports.site import write_site
from mpreports.teeth import caught, read_teeth

JOIN, START = "process.join.returns-none", "process.start.runs-run"


@pytest.fixture
def account(samples):
    return samples.account


@pytest.fixture
def teeth_of(tmp_path):
    def teeth_of(said):
        path = tmp_path / "teeth.json"
        path.write_text(json.dumps(said))
        return read_teeth(path)

    return teeth_of


def words(text):
    return " ".join(text.split())


def test_the_site_tells_what_a_pass_is_worth(samples, account, tmp_path, teeth_of, text_of):
    folder = tmp_path / "site"
    write_site([samples.mixed()], folder, teeth=teeth_of(account()))
    told = words(text_of(folder / "teeth.html"))
    assert "with mpconform 0.1.0 and Python 3.11.4 on linux" in told
    assert f"{JOIN}1/2join() returns 0; not noticed: it is late" in told
    assert f"{START}0/0none: no way" in told
    assert "pool.fast-nothing was tried" in told
    assert f"join() returns 0, which breaks {JOIN}: {START}: fail: 1x: y" in told
    one = words(text_of(folder / "requirement" / f"{JOIN}.html"))
    assert "What a pass is worthits tests noticed 1 of 2 mutants" in one
    assert "What a pass is worthno mutant: no way" in words(text_of(folder / "requirement" / f"{START}.html"))
    assert "an other mutant" not in told, "it has to do with nothing that is on the site"
    assert "a pass is worth" not in text_of(folder / "requirement" / "pool.fast.html")
    link = f'<a href="../teeth.html#of-{JOIN}">'
    assert link in (folder / "requirement" / f"{JOIN}.html").read_text("utf-8")
    assert f'<tr id="of-{JOIN}">' in (folder / "teeth.html").read_text("utf-8")
    assert '<a href="teeth.html">Teeth</a>' in (folder / "index.html").read_text("utf-8")


def test_of_what_fails_everywhere_some_is_told(samples, account, tmp_path, teeth_of, text_of):
    said = account()
    said["mutants"][0]["noticed"] *= 10
    write_site([samples.mixed()], tmp_path / "site", teeth=teeth_of(said))
    told = text_of(tmp_path / "site" / "teeth.html")
    assert told.count(f"{START}: fail: 1") == 6
    assert "and 8 more" in told


def test_without_an_account_there_is_nothing_of_it(samples, tmp_path):
    write_site([samples.mixed()], tmp_path / "site")
    assert not (tmp_path / "site" / "teeth.html").exists()
    assert not [path for path in tmp_path.rglob("*.html") if "teeth" in path.read_text("utf-8")]


def test_hostile_text_makes_no_element(samples, account, tmp_path, teeth_of, tags):
    made = []
    for number, text in enumerate(["word", "</td></style><script>alert(1)</script> ' \" onclick='x' \x00 \ud800"]):
        folder = tmp_path / str(number)
        write_site([samples.mixed()], folder, teeth=teeth_of(account(text)))
        made.append([tags(folder / "teeth.html"), tags(folder / "requirement" / f"{START}.html")])
    assert made[0] == made[1]


def test_what_was_caught_is_counted(account, teeth_of):
    teeth = teeth_of(account())
    assert [caught(bites) for bites in teeth.bites.values()] == [1, 0]
    assert [mutant["mutant"] for mutant in teeth.noticed({JOIN})] == ["p:joins"]
    assert [mutant["mutant"] for mutant in teeth.noticed({"y"})] == ["x:y"]
    assert teeth.noticed({"z"}) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 2}, "key 'schema': 1 was due, not 2"),
        ({"python": 3}, "key 'python': a text was due, not a whole number"),
        ({"mutants": {}}, "key 'mutants': a list was due, not an object"),
        ({"more": 1}, "key 'more' is unknown"),
    ],
)
def test_something_else_is_refused(account, teeth_of, change, message):
    with pytest.raises(ResultsError, match="python -m mutants --matrix") as caught:
        teeth_of(account() | change)
    assert f"is no account of teeth: {message}; " in str(caught.value)


def test_a_truth_value_is_one(account, teeth_of):
    said = account()
    said["requirements"][0]["mutants"][0]["caught"] = 1
    with pytest.raises(ResultsError, match=r"mutants\[0\].caught': a truth value was due, not a whole number"):
        teeth_of(said)


def test_what_cannot_be_read_is_told(tmp_path):
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(ResultsError, match=r"x.json: is no account of teeth: Expecting"):
        read_teeth(tmp_path / "x.json")
    with pytest.raises(ResultsError, match=r"y.json: cannot be read: No such file"):
        read_teeth(tmp_path / "y.json")
