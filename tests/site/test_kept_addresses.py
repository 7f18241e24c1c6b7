"""The site keeps the addresses of the last release."""

from pathlib import Path

from bookkit.site import published

ROOT = Path(__file__).resolve().parents[2]


def test_when_the_site_is_built_then_what_was_published_leads_somewhere(site_dir):
    known = published.published(ROOT)
    assert len(known) > 200
    now = published.addresses_in(site_dir)
    gone = [one for one in known if one not in now]
    assert gone == [], "make addresses says what to do"


def test_when_the_site_is_built_then_no_address_is_counted(site_dir):
    names = {one.partition("#")[2] for one in published.addresses_in(site_dir)}
    assert [one for one in names if one.removeprefix("id").isdigit()] == []
