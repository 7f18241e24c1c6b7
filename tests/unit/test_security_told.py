"""What SECURITY.md says is held by tests: each sentence names those it rests on."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
FOLDERS = ("functional", "site", "unit")
#: How a sentence begins -> files of tests and how the names of tests in them begin.
#: None: what a reader is asked to do, or is told that nobody does for them.
RESTS_ON: dict[str, str | None] = {
    "Building a book runs": "rights.when_a_cell_acts",
    "A cell may do whatever": "rights.when_a_cell_acts",
    "Time and output are": "run_faults.when_a_cell_fails faults_cells.when_cells_leave",
    "Build the books of": None,
    "`sphinx_configs` in": "rights.when_a_book_is_checked",
    "`bookkit check` and": "rights.when_a_book_is_checked",
    "Environments are made": (
        "docs.when_a_lock_is_read environments.when_a_lock_cannot_be_installed"
    ),
    "Where `PATH` has no uv": "uv.when_python_makes_no uv.when_the_wheel_is_another",
    "Kernels of a build listen": "other_users.when_a_cell_prints",
    "What is to be executed": (
        "other_users.when_a_cell_prints other_users.when_somebody_has_the_key"
    ),
    "`make lab` is": "lab.when_somebody_has_no_token",
    "Other users of the machine read": (
        "other_users.when_built other_users.when_another_user_has_folders"
    ),
    "Temporary files of a": "other_users.when_a_cell_prints",
    "Command lines, which": (
        "other_users.when_a_cell_prints live_attacks.when_anybody_looks"
    ),
    "Workers (`bookkit": "cluster.when_another_user_reaches",
    "A worker listens": (
        "cluster.when_the_scheduler_is_on_loopback cluster.when_another_user_reaches"
    ),
    "Elsewhere use a": "cluster.when_tls_is_configured",
    "Results are JSON": "cache_entries.when_an_entry_is_a_pickle",
    "An entry that is": (
        "faults_stores.when_entries_are_damaged faults_stores.when_any_bit "
        "shared_store.when_shared_entries_are_damaged"
    ),
    "So is one that": (
        "cache_judged.when_an_entry_is_forged cache_judged.when_a_cell_shows_more "
        "shared_store.when_an_entry_is_forged_without fuzz.whatever_a_store_holds"
    ),
    "It is judged before": "shared_store.when_an_entry_is_forged_without",
    "Where a tab cannot": "committed_results.when_a_file_is_damaged",
    "The digest in an": "shared_store.when_an_entry_is_forged_with_care",
    "Who may write to": "shared_store.when_an_entry_is_forged_with_care",
    "Let only those": None,
    "`store_write` is": "shared_store.when_writing_is_not_allowed",
    "An output has no": "verbatim.when_markdown_outputs",
    "HTML stays in its": (
        "verbatim.whatever_rich_outputs verbatim.when_an_output_tries "
        "verbatim.when_chromium_reads site_cleaning.when_html_has_styles"
    ),
    "The same holds for": "committed_results.when_a_file_is_altered_and_sealed",
    "Links to": "fuzz.when_a_title_or_a_link config_messages.when_a_value_is_wrong",
    "Outputs keep": "policy.when_an_output_has_a_script",
    "The policy below": "policy.when_an_output_has_a_script",
    "Styles in outputs": "site_cleaning.when_html_has_styles",
    "A Dask cluster": "cluster.when_another_user_reaches",
    "Use a private": None,
    "A worker's result": None,
    "They listen on": "live_attacks.when_no_host_is_named",
    "There is no encryption": (
        "live_attacks.when_served_to_all serve_attacks.when_a_program_follows"
    ),
    "A request whose": (
        "serve.when_another_host serve_sources.when_all_addresses_are_served"
    ),
    "So a page elsewhere": "live_attacks.when_a_name_elsewhere",
    "They answer": (
        "serve.when_no_page_is_asked serve_attacks.when_asked_for_a_head "
        "serve_attacks.when_a_link_leads_out"
    ),
    "No request changes": (
        "serve_attacks.when_a_request_is_no serve_attacks.when_a_program_follows"
    ),
    "The web socket that renews": (
        "serve.when_another_site_follows serve_attacks.when_a_program_follows"
    ),
    "Programs that send": "serve_attacks.when_a_program_follows",
    "What a build said": "serve.when_a_cell_breaks",
    "Every answer has": "live_attacks.when_pages_are_served",
    "Cells that are run": "live_attacks.when_a_cell_is_run",
    "Whoever has the": "live_attacks.when_a_token_is_made",
    "Browsers send nothing": "live_cells.when_opened",
    "It is in no log": (
        "live_attacks.when_anybody_looks live_attacks.when_a_token_is_of_an_earlier_run"
    ),
    "It is compared in": (
        "live_attacks.when_the_token_is_wrong live_attacks.when_strangers_wait"
    ),
    "From a page of": (
        "live_attacks.when_the_origin_is_not live_attacks.when_the_origin_is_ours"
    ),
    "Pages of other sites": "live_attacks.when_a_page_of_another_site",
    "Other users of the machine can": "live_attacks.when_another_user_wants",
    "Kernels obey only": "live_attacks.when_another_user_wants",
    "With `HOST` beyond": "live_attacks.when_served_to_all",
    "All who have it": "live_attacks.when_two_have_the_token",
    "Several readers are": "live_kernels.when_another_reader_runs",
    "Messages are at most": (
        "live_attacks.when_a_message_is_giant live_attacks.when_a_page_floods "
        "live_attacks.when_a_page_does_not_read"
    ),
    "The number of kernels": (
        "live_kernels.when_a_reader_has_enough live_kernels.when_a_kernel_takes_too "
        "live_kernels.when_a_kernel_is_idle live_kernels.when_a_cell_prints_100_mb"
    ),
    "When the system is": "live_attacks.when_a_cell_is_run",
    "`tests/site/test_live": None,
    "Pages ask no other": (
        "weight.when_read_then_no_other_host weight.when_read_then_no_cookie"
    ),
    "The chosen frameworks": "switch_memory.when_a_reader_chooses_all",
    "Pages work under a": (
        "policy.when_the_policy_is_read policy.when_something_got_into "
        "weight.when_read_under_the_policy"
    ),
    "[docs/hosting.md]": "policy.when_our_own_server_sends",
    "The tests send it": "policy.when_something_got_into",
    "GitHub Pages cannot": None,
    "Workflows of pull": "workflows.when_a_pull_request_starts",
    "Code of a pull": "workflows.when_a_runner_is_somebody_s_own",
}


def sentences() -> list[str]:
    """Return what follows the section on reporting, without headings and emphasis."""
    told = SECURITY[SECURITY.index("## What runs") :]
    blocks = re.split(r"\n\s*\n|\n(?=- |#)", told)
    texts = [" ".join(one.removeprefix("- ").split()) for one in blocks]
    kept = [one.replace("**", "") for one in texts if one and one[0] != "#"]
    found = [one for text in kept for one in re.split(r"(?<=\.) (?=[A-Z`[])", text)]
    return [one for one in found if not one.endswith(":")]


def test_when_a_sentence_is_told_then_it_says_what_it_rests_on():
    told = sentences()
    assert len(told) > 50
    for one in told:
        fitting = [begin for begin in RESTS_ON if one.startswith(begin)]
        assert len(fitting) == 1, one
    for begin in RESTS_ON:
        assert any(one.startswith(begin) for one in told), begin


@pytest.mark.parametrize("named", sorted(set(filter(None, RESTS_ON.values()))))
def test_when_a_sentence_names_tests_then_they_are_there(named):
    for test in named.split():
        stem, _, begin = test.partition(".")
        found = [ROOT / "tests" / folder / f"test_{stem}.py" for folder in FOLDERS]
        (path,) = filter(Path.is_file, found)
        names = re.findall(r"^def test_(\w+)", path.read_text(encoding="utf-8"), re.M)
        assert len([name for name in names if name.startswith(begin)]) == 1, test
