"""Writing the site: hostile content stays inert and inside, and there is always a whole site."""

from __future__ import annotations

from pathlib import Path

import pytest

import mpreports.site
import mpreports.site.rendering
from mpreports.site import write_site
from mpreports.site.rendering import LIMIT

# Hostile content

HOSTILE = (
    "</pre></style></script><script>alert(1)</script><img src=x onerror='alert(1)'>"
    ' " onclick="alert(1) \' \x00\x1b[31mred\x1b[0m \x1b]8;;x\x07 \ud800{{ 6007*6007 }}'
)
SHOWN = HOSTILE.replace("\x00", r"\x00").replace("\x1b[31m", "").replace("\x1b[0m", "").replace("\x1b", r"\x1b")
SHOWN = SHOWN.replace("\x07", r"\x07").replace("\ud800", r"\ud800")
EVIL_NAMES = ["../../evil", "/evil", "..\\evil", "C:evil", "a\x00b", "..", ".", "~/evil", "%2e%2e/evil", "index.html"]


def test_hostile_text_makes_no_element_and_no_attribute(samples, tmp_path, tags):
    hostile, benign = tmp_path / "hostile", tmp_path / "benign"
    write_site([samples.hostile(HOSTILE)], hostile)
    write_site([samples.hostile("word")], benign)
    for folder in ("", "requirement", "backend"):
        made = sorted(tags(path) for path in (hostile / folder).glob("*.html"))
        due = sorted(tags(path) for path in (benign / folder).glob("*.html"))
        assert made == due, f"data became a part of a page in {folder or 'the first folder'}"
    for path in hostile.rglob("*.html"):
        assert [tag for tag, _ in tags(path)].count("script") == 1, f"{path}: a script came in"
        events = [name for _, names in tags(path) for name in names if name.startswith("on")]
        assert not events, f"{path}: event attributes {events}"


def test_hostile_text_is_shown_as_it_is(samples, tmp_path, text_of):
    write_site([samples.hostile(HOSTILE)], tmp_path)
    shown = [text_of(path).count(SHOWN) for path in (tmp_path / "requirement").iterdir()]
    assert max(shown) >= 10, f"it is shown {max(shown)} times"
    for path in tmp_path.rglob("*.html"):
        assert str(6007 * 6007) not in text_of(path), "a text was taken for a template"


@pytest.mark.parametrize("name", EVIL_NAMES, ids=ascii)
def test_nothing_is_written_outside_the_folder(samples, tmp_path, name):
    site = tmp_path / "in" / "site"
    write_site([samples.hostile(name)], site)
    outside = {path for path in tmp_path.rglob("*") if site not in path.parents and path.suffix != ".jsonl"}
    assert outside == {tmp_path / "in", site}
    top = {entry.name for entry in site.iterdir()}
    assert top == {"index.html", "overview.html", "coverage.html", "method.html", "site.css", "site.js",
                   "requirement", "backend"}  # fmt: skip


def test_links_that_are_in_the_way_are_not_followed(samples, tmp_path):
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept")
    write_site([samples.mixed()], site)
    for entry in (site / "requirement").iterdir():
        entry.unlink()
    (site / "requirement").rmdir()
    (site / "requirement").symlink_to(elsewhere)
    write_site([samples.mixed()], site)
    assert [entry.name for entry in elsewhere.iterdir()] == ["kept"]
    assert not (site / "requirement").is_symlink()


def test_ten_megabytes_are_cut_with_a_note(samples, tmp_path, text_of):
    # The writer of results files cuts already; a file of another's making may hold anything.
    failed = samples.check("a.b.c", "fail")
    results = samples.results(failed)
    much = "head" + "x" * 10_000_000 + "tail"
    entry, test = results.requirements[0], results.tests[0]
    for key in ("says", "because", "check", "doc", "title"):
        entry[key] = much
    test["message"] = much
    test["dossier"]["output"]["stdout"] = much
    results.header["cell"]["platform"] = results.header["started"] = much
    write_site([results], tmp_path)
    weight = sum(path.stat().st_size for path in tmp_path.rglob("*.html"))
    assert weight < 10 * LIMIT, f"the site weighs {weight} bytes"
    text = text_of(tmp_path / "requirement" / "a.b.c.html")
    assert f"[… {len(much) - LIMIT} characters cut …]" in text
    assert "head" in text
    assert "tail" in text


# It stands alone


def test_nothing_is_fetched_and_nothing_is_inline(samples, tmp_path, tags):
    write_site([samples.mixed(), samples.mixed(start_method="fork")], tmp_path)
    for path in tmp_path.rglob("*.html"):
        html = path.read_text("utf-8")
        assert "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:;" in html
        for tag, names in tags(path):
            fetched = {"srcset", "action", "formaction", "data", "poster", "background", "style"} & set(names)
            assert not fetched, f"{path}: <{tag}> has {fetched}"
            assert tag != "style", f"{path}: a style is inline"
            assert tag != "script" or "src" in names, f"{path}: a script is inline"
    css = (tmp_path / "site.css").read_text("utf-8")
    assert "url(" not in css
    assert "@import" not in css
    script = (tmp_path / "site.js").read_text("utf-8")
    for word in ("fetch", "XMLHttp", "import", "innerHTML", "eval", "http"):
        assert word not in script, f"the script holds {word}"


# There is always a whole site


def snapshot(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_site_is_replaced_whole_and_the_rest_of_the_folder_stays(samples, tmp_path):
    site = tmp_path / "site" / "deep"
    write_site([samples.results(samples.check("a.b.c"), backend="x")], site)
    (site / "results.jsonl").write_text("mine")
    (site / "badges").mkdir()
    write_site([samples.results(samples.check("a.b.d"))], site)
    assert [entry.name for entry in (site / "requirement").iterdir()] == ["a.b.d.html"]
    assert [entry.name for entry in (site / "backend").iterdir()] == ["billiard.html"]
    assert (site / "results.jsonl").read_text() == "mine"
    assert sorted(entry.name for entry in site.iterdir()) == [
        "backend", "badges", "coverage.html", "index.html", "method.html", "overview.html", "requirement",
        "results.jsonl", "site.css", "site.js",
    ]  # fmt: skip


def test_the_first_page_is_swapped_last(samples, tmp_path, monkeypatch):
    moved = []
    real = Path.rename

    def rename(path, target):
        moved.append(path.name)
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    write_site([samples.mixed()], tmp_path / "site")
    assert len(moved) == 8
    assert moved[-1] == "index.html"


@pytest.mark.parametrize("name", ["index.html", "backend", "requirement", "site.css"])
def test_what_we_did_not_write_is_not_replaced(samples, tmp_path, name):
    theirs = tmp_path / name
    if "." in name:
        theirs.write_text("mine")
    else:
        theirs.mkdir()
        (theirs / "index.html").write_text("mine")
    before = snapshot(tmp_path)
    with pytest.raises(FileExistsError, match=f"it holds {name} that mpconform did not write; name another folder"):
        write_site([samples.mixed()], tmp_path)
    after = {path: data for path, data in snapshot(tmp_path).items() if path.suffix != ".jsonl"}
    assert after == before


def test_a_file_is_no_folder_for_a_site(samples, tmp_path):
    (tmp_path / "site").write_text("mine")
    with pytest.raises(FileExistsError, match="it is no folder; name another one"):
        write_site([samples.mixed()], tmp_path / "site")
    assert (tmp_path / "site").read_text() == "mine"


@pytest.mark.parametrize("step", ["reading", "rendering", "encoding", "writing", "swapping", "the last swap"])
@pytest.mark.parametrize("there", [True, False], ids=["over an older site", "for the first time"])
def test_a_failure_leaves_the_folder_as_it_was(samples, tmp_path, monkeypatch, step, there):
    site = tmp_path / "site"
    site.mkdir()
    results = samples.mixed()
    if there:
        write_site([samples.results(samples.check("a.b.c"))], site)
    before = snapshot(site)

    def fail(*_, **__):
        raise OSError("no room")

    real = Path.rename
    last = "index.html" if step == "the last swap" else "method.html"

    def rename(path, target):
        if path.name == last and path.parent != site and Path(target).parent == site and not (site / last).exists():
            monkeypatch.setattr(Path, "rename", real)
            fail()
        return real(path, target)

    if step == "reading":
        monkeypatch.setattr(mpreports.site, "build_site", fail)
    elif step == "rendering":
        monkeypatch.setattr(mpreports.site.rendering, "groups", fail)
    elif step == "encoding":
        monkeypatch.setattr(mpreports.site, "render", lambda *_: iter([("index.html", "<html>\ud800")]))
    elif step == "writing":
        monkeypatch.setattr(Path, "write_text", fail)
    else:
        monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises((OSError, UnicodeEncodeError)):
        write_site([results], site)
    assert snapshot(site) == before
    assert {entry.name.partition("-")[0] for entry in site.iterdir()} <= {path.parts[0] for path in before}, (
        "something was left beside the site"
    )
