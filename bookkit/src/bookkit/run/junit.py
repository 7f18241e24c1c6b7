"""Results of a run as JUnit XML, which CI servers show.

A suite per tab; a case per code cell, with its seconds; properties of each
notebook (peak memory, versions, device) with the suite.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml
from collections.abc import Sequence

from bookkit.book.findings import ERROR, Finding
from bookkit.book.source import Section
from bookkit.run.results import Failure, Result, Status


def junit_text(
    sections: Sequence[Section],
    results: Sequence[Result],
    findings: Sequence[Finding] = (),
) -> str:
    """Word the report; errors among the findings are failures of their cells."""
    by_path = {str(section.path): section for section in sections}
    errors = [one for one in findings if one.level == ERROR]
    root = xml.Element("testsuites", name="notebooks")
    for tab in dict.fromkeys(result.tab for result in results):
        own = [result for result in results if result.tab == tab]
        suite = xml.SubElement(root, "testsuite", name=tab)
        properties = xml.SubElement(suite, "properties")
        for result in own:
            _add_properties(properties, result)
            _add_cases(suite, by_path[result.section], result, errors)
        suite.set("tests", str(len(suite.findall("testcase"))))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
        suite.set("time", f"{sum(result.seconds for result in own):.3f}")
    xml.indent(root)
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    return head + xml.tostring(root, encoding="unicode") + "\n"


def _add_properties(properties: xml.Element, result: Result) -> None:
    values = {"device": result.device, **result.versions}
    values["kept"] = "yes" if result.cached else "no"
    if result.committed:
        values["committed"] = f"{result.date}, not run on this machine"
    if result.peak_mb is not None:
        values["peak_mb"] = str(result.peak_mb)
    for name, value in values.items():
        full_name = f"{result.section}: {name}"
        xml.SubElement(properties, "property", name=full_name, value=value)


def _add_cases(
    suite: xml.Element, section: Section, result: Result, findings: Sequence[Finding]
) -> None:
    """Add a case for each code cell, or one for a notebook that never began."""
    shown = [
        (position, path, cell)
        for position, path, cell in section.located()
        if cell.kind == "code" and cell.shown_in(result.tab)
    ]
    failure = result.failure
    failed = failure.position if failure else None
    if failure and failed is None:
        _add_failure(_add_case(suite, result, "notebook", 0), failure)
    if result.status is Status.NOT_RUN:
        case = _add_case(suite, result, "notebook", 0)
        xml.SubElement(case, "skipped", message="declared not to be run")
    pairs = zip(shown, result.cells, strict=False)
    for number, ((position, path, cell), ran) in enumerate(pairs, 1):
        name = f"cell {number}, line {cell.line}"
        name += f" of {path}" if path != section.path else ""
        case = _add_case(suite, result, name, ran.seconds)
        if failure and position == failed:
            _add_failure(case, failure)
        elif failure and (failed is None or position > failed):
            xml.SubElement(case, "skipped", message="an earlier cell ended the run")
        for one in findings:
            here = range(cell.line, cell.line + cell.source.count("\n") + 1)
            if (one.path, one.tab) == (path, result.tab) and one.line in here:
                _add_failure(case, Failure(f"{one.code} {one.found}", streams=str(one)))
    for one in findings:  # of the section as a whole
        if str(one.path) == result.section and one.tab is None:
            case = _add_case(suite, result, "notebook", 0)
            _add_failure(case, Failure(f"{one.code} {one.found}", streams=str(one)))


def _add_case(
    suite: xml.Element, result: Result, name: str, seconds: float
) -> xml.Element:
    notebook, time = f"{result.section}[{result.tab}]", f"{seconds:.3f}"
    return xml.SubElement(suite, "testcase", classname=notebook, name=name, time=time)


def _add_failure(case: xml.Element, failure: Failure) -> None:
    element = xml.SubElement(case, "failure", message=_clean(failure.reason))
    element.text = _clean(failure.traceback or failure.streams)


def _clean(text: str) -> str:
    """Drop characters that XML cannot hold, escaped or not."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
