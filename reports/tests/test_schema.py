"""The published schema: it is shipped, it accepts what is written, and it agrees with the reader."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import get_args, get_type_hints

import jsonschema
import pytest

from mpreports import lines
from mpreports.verdicts import Verdict

SCHEMA = json.loads((files("mpreports") / "schema" / f"results-{lines.SCHEMA}.schema.json").read_text("utf-8"))
DEFINITIONS = SCHEMA["$defs"]
OBJECTS = {name: definition for name, definition in DEFINITIONS.items() if "properties" in definition}


def validator():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


def test_every_line_that_is_written_is_valid(samples):
    path = samples.mixed(tests=14, selection="-k 'x'").path
    check = validator()
    for number, text in enumerate(path.read_text("utf-8").splitlines(), start=1):
        errors = [error.message for error in check.iter_errors(json.loads(text))]
        assert not errors, f"line {number}: {errors}"


@pytest.mark.parametrize("name", OBJECTS)
def test_schema_and_reader_know_the_same_keys(name):
    kind = getattr(lines, name.capitalize())
    kept = get_type_hints(kind)
    assert set(OBJECTS[name]["properties"]) == set(kept), f"schema and reader differ about the keys of {name}"
    assert set(OBJECTS[name]["required"]) == kind.__required_keys__, f"the reader needs the same keys of {name}"
    assert OBJECTS[name]["additionalProperties"] is False, f"the reader refuses unknown keys of {name}"


def test_every_type_of_the_reader_is_in_the_schema():
    types = {
        name.lower() for name, kind in vars(lines).items() if hasattr(kind, "__required_keys__") and name[0] != "_"
    }
    assert types == set(OBJECTS)


def test_schema_and_reader_know_the_same_values():
    assert DEFINITIONS["verdict"]["enum"] == [verdict.value for verdict in Verdict]
    hints = get_type_hints(lines.Requirement)
    for key in ("level", "standing"):
        assert DEFINITIONS["requirement"]["properties"][key]["enum"] == list(get_args(hints[key]))
    for kind, due in lines.KINDS.items():
        assert (DEFINITIONS[kind]["properties"]["kind"]["const"],) == get_args(get_type_hints(due)["kind"])
    assert DEFINITIONS["header"]["properties"]["schema"]["const"] == lines.SCHEMA
    assert [entry["$ref"] for entry in SCHEMA["oneOf"]] == [f"#/$defs/{kind}" for kind in lines.KINDS]


@pytest.mark.parametrize("kind", lines.KINDS)
def test_schema_and_reader_refuse_the_same_damage(samples, kind):
    lines_ = samples.run(samples.check("a.b.c", "fail"))
    line = next(line for line in lines_ if line["kind"] == kind)
    check = validator()
    assert check.is_valid(line)
    for key, due in get_type_hints(lines.KINDS[kind]).items():
        for wrong in (None, 1.5, "x", [1], {"x": "y"}):
            damaged = line | {key: wrong}
            try:
                lines.fit_line(damaged)
                fits = True
            except lines.LineError:
                fits = False
            assert fits == check.is_valid(damaged), (
                f"{kind}.{key} = {wrong!r} ({due}): reader {fits}, schema {not fits}"
            )
