"""A folder that is mirrored: what is the same stays as it is."""

from pathlib import Path

from bookkit.site.trees import mirror


def test_when_a_folder_is_mirrored_then_only_differences_are_touched(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    for name, text in {"a": "1", "b/c": "2", "b/d": "3", "no": "x"}.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    target.mkdir()
    (target / "a").write_text("1")
    (target / "old").mkdir()
    (target / "old" / "e").write_text("gone")
    before = (target / "a").stat().st_mtime_ns
    changed = mirror(source, target, lambda path: path.name != "no")
    assert changed == [Path("b/c"), Path("b/d")]
    assert (target / "a").stat().st_mtime_ns == before
    found = sorted(p.relative_to(target).as_posix() for p in target.rglob("*"))
    assert found == ["a", "b", "b/c", "b/d"]
