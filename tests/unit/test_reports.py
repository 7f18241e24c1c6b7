"""JUnit XML and JSON say what happened to each cell."""

import json
import xml.etree.ElementTree as xml
from pathlib import PurePosixPath

from small_books import code, write_book

from bookkit.book.source import parse_section
from bookkit.run.junit import junit_text
from bookkit.run.report import as_json
from bookkit.run.results import CellResult, Failure, Result, Status

TEXT = "# One\n\n" + code("alpha", "1") + code("alpha", "1 / 0") + code("alpha", "3")


def test_when_a_cell_fails_then_junit_names_it_and_skips_the_rest(tmp_path):
    section = parse_section(
        write_book(tmp_path, {"one.md": TEXT}), PurePosixPath("one.md"), TEXT
    )
    position = section.code[1].index
    result = Result(
        section="one.md",
        tab="alpha",
        status=Status.RAISED,
        cells=[
            CellResult(1, [], 0.25),
            CellResult(2, [], 0.5),
            CellResult(None, [], 0),
        ],
        seconds=0.75,
        versions={"torch": "2.13.0"},
        failure=Failure("ZeroDivisionError: \x1b<0>", position, "Trace\x00back"),
        peak_mb=123.4,
    )
    suite = xml.fromstring(junit_text([section], [result]))[0]
    counts = [suite.get(key) for key in ("name", "tests", "failures", "skipped")]
    assert counts == ["alpha", "3", "1", "1"]
    cases = suite.findall("testcase")
    assert [case.get("time") for case in cases] == ["0.250", "0.500", "0.000"]
    assert cases[1].get("name") == "cell 2, line 9"
    failure = cases[1].find("failure")
    assert failure is not None and failure.get("message") == "ZeroDivisionError: <0>"
    properties = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert properties["one.md: torch"] == "2.13.0"
    assert properties["one.md: peak_mb"] == "123.4"
    (row,) = as_json([result])
    assert json.loads(json.dumps(row))["peak_mb"] == 123.4
    assert row["cells"] == [0.25, 0.5, 0]


def test_when_a_notebook_never_began_then_junit_says_so(tmp_path):
    section = parse_section(
        write_book(tmp_path, {"one.md": TEXT}), PurePosixPath("one.md"), TEXT
    )
    failure = Failure("OSError: no room")
    result = Result("one.md", "alpha", Status.NOT_STARTED, [], failure=failure)
    suite = xml.fromstring(junit_text([section], [result]))[0]
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
