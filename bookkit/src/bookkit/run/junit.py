"""Results of a run as JUnit XML, which CI servers show.

A suite per tab; a case per code cell, with its seconds; properties of each
notebook (peak memory, versions, device) with the suite.
"""

from __future__ import annotations

import xml.etree.ElementTree as xml
from collections.abc import Sequence
from pathlib import Path

from bookkit.book.source import Section
from bookkit.files import write_whole
from bookkit.run.results import Result

_ALLOWED = {9, 10, 13}


def write_junit(
    path: Path, sections: Sequence[Section], results: Sequence[Result]
) -> None:
    """Write the report whole or not at all."""
    write_whole(path, junit_text(sections, results))


def junit_text(sections: Sequence[Section], results: Sequence[Result]) -> str:
    """Word the report."""
    by_path = {str(section.path): section for section in sections}
    root = xml.Element("testsuites", name="notebooks")
    for tab in dict.fromkeys(result.tab for result in results):
        own = [result for result in results if result.tab == tab]
        suite = xml.SubElement(root, "testsuite", name=tab)
        properties = xml.SubElement(suite, "properties")
        for result in own:
            _describe(properties, result)
            for case in _cases(by_path[result.section], result):
                suite.append(case)
        suite.set("tests", str(len(suite.findall("testcase"))))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
        suite.set("time", f"{sum(result.seconds for result in own):.3f}")
    xml.indent(root)
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    return head + xml.tostring(root, encoding="unicode") + "\n"


def _describe(properties: xml.Element, result: Result) -> None:
    facts = {"device": result.device, **result.versions}
    facts["kept"] = "yes" if result.cached else "no"
    if result.committed:
        facts["committed"] = f"{result.date}, not run on this machine"
    if result.peak_mb is not None:
        facts["peak_mb"] = str(result.peak_mb)
    for name, value in facts.items():
        xml.SubElement(
            properties, "property", name=f"{result.section}: {name}", value=value
        )


def _cases(section: Section, result: Result) -> list[xml.Element]:
    """Return a case for each code cell, or one for a notebook that never began."""
    shown = [cell for cell in section.code if cell.shown_in(result.tab)]
    failure, cases = result.failure, []
    failed = failure.position if failure else None
    for number, (cell, ran) in enumerate(zip(shown, result.cells, strict=False), 1):
        case = xml.Element(
            "testcase",
            classname=f"{result.section}[{result.tab}]",
            name=f"cell {number}, line {cell.line}",
            time=f"{ran.seconds:.3f}",
        )
        if failure and cell.index == failed:
            told = xml.SubElement(case, "failure", message=_clean(failure.reason))
            told.text = _clean(failure.traceback or failure.streams)
        elif failure and (failed is None or cell.index > failed):
            xml.SubElement(case, "skipped", message="an earlier cell ended the run")
        cases.append(case)
    if failure and failed is None:
        case = xml.Element("testcase", name="notebook", time="0")
        case.set("classname", f"{result.section}[{result.tab}]")
        xml.SubElement(case, "failure", message=_clean(failure.reason))
        cases.insert(0, case)
    return cases


def _clean(text: str) -> str:
    """Drop characters that XML cannot hold, escaped or not."""
    return "".join(c for c in text if ord(c) >= 32 or ord(c) in _ALLOWED)
