"""Which keys `config.ini` may have; ours with their defaults."""

from __future__ import annotations

from collections.abc import Mapping

#: Keys plain d2lbook 1.0.3 reads, per section (a test compares them with its
#: own `config_default.ini`); `html_dir` is read but missing from its defaults.
D2LBOOK_KEYS: Mapping[str, frozenset[str]] = {
    section: frozenset(keys.split())
    for section, keys in {
        "project": "name title author release copyright lang",
        "translation": "origin_repo origin_lang translator terminology",
        "build": "index notebooks rsts non-notebooks exclusions dependencies "
        "resources eval_notebook source_dir output_dir warning_is_error "
        "sphinx_extensions sphinx_configs tabs origin_repo html_dir",
        "html": "header_links favicon html_logo include_css include_js",
        "pdf": "main_font sans_font mono_font post_latex latex_logo bibfile "
        "latex_url style",
        "library": "save_filename save_mark save_patterns version version_file "
        "root_dir",
        "deploy": "google_analytics_tracking_id github_repo s3_bucket "
        "other_file_s3urls",
        "colab": "github_repo exclusions libs libs_header gpu_pattern replace_svg_url",
        "sagemaker": "github_repo kernel libs libs_header",
        "slides": "top_left top_right github_repo",
    }.items()
}
LIBRARY_TAB_KEYS = frozenset(
    "lib_file lib_name alias simple_alias fluent_alias args_alias reverse_alias".split()
)
BOOKKIT_KEYS: Mapping[str, str] = {
    "environments": ".envs",
    "locks": "envs",
    "solutions": "",
    "synonyms": "",
    "pythons": "3.11, 3.12, 3.13, 3.14",
    # As long as d2lbook lets a cell run
    "cell_timeout_s": "1200",
    "notebook_timeout_s": "7200",
    "slow_notebook_s": "10",
    "cell_output_limit_kb": "256",
    "cell_picture_limit_kb": "4000",
    "no_run": "",
    "allow_errors": "",
    "deprecations": "show",
    "downloads": "",
    "levels": "",
    "store": "",
    "store_write": "false",
    "store_timeout_s": "5",
    "store_options": "",
    "colab_branch": "main",
    "site": "",
    "share_image": "",
    "issues": "",
    "repository": "",
    "live_kernels": "16",
    "live_kernels_per_reader": "4",
    "live_memory_mb": "4000",
    "live_idle_s": "3600",
    "live_output_kb": "1000",
}
TAB_KEYS = frozenset(
    "title install preload compile pythons platforms limits gpu gpu_index gpu_cuda "
    "frozen environment kept run services".split()
)
DEFAULT_OUTPUT = "_build"
#: What d2lbook, or we in its place, take where config.ini says nothing.
D2LBOOK_DEFAULTS: Mapping[tuple[str, str], str] = {
    ("project", "name"): "book",
    ("project", "author"): "The contributors",
    ("project", "release"): "0.0.1",
    ("project", "lang"): "en",
    ("build", "index"): "index",
    ("build", "notebooks"): "**/*.md",
    ("build", "output_dir"): DEFAULT_OUTPUT,
    ("build", "eval_notebook"): "True",
    ("colab", "exclusions"): "*.html **/index.html",
    ("colab", "gpu_pattern"): "gpu",
}
#: Keys that name files and folders a build reads, beside the sections themselves.
FILE_KEYS = (
    *(("build", key) for key in "resources rsts non-notebooks dependencies".split()),
    *(("html", key) for key in "favicon html_logo include_css include_js".split()),
    ("bookkit", "synonyms"),
)
#: The one tab of a book that names none: d2lbook then builds one notebook of a section.
ONLY_TAB = "python"
#: What readers call a tab that has no `title`.
TITLES: Mapping[str, str] = {
    "jax": "JAX",
    "mxnet": "MXNet",
    "numpy": "NumPy",
    "paddle": "PaddlePaddle",
    "python": "Python",
    "pytorch": "PyTorch",
    "tensorflow": "TensorFlow",
    "tvm": "TVM",
}
#: Keys of d2lbook's without effect here, and what to do instead.
WITHOUT_EFFECT: tuple[tuple[str, str, str], ...] = (
    (
        "translation",
        "origin_repo origin_lang translator terminology",
        "bookkit does not translate; plain `d2lbook translate` reads them",
    ),
    ("build", "origin_repo", "it is of plain `d2lbook translate` alone"),
    (
        "pdf",
        "main_font sans_font mono_font post_latex latex_logo latex_url style",
        "bookkit makes no PDF; plain `d2lbook build pdf` reads them",
    ),
    (
        "library",
        "save_filename save_mark save_patterns",
        "mark what is saved with `#@save`, and name the module as `lib_file` in "
        "[library-TAB]",
    ),
    ("library", "version version_file", "write the version into that file by hand"),
    ("library", "root_dir", "name one module as `lib_file` in [library-TAB]"),
    (
        "deploy",
        "google_analytics_tracking_id",
        "pages ask no other site for anything; to count readers, name a script in "
        "`include_js` of [html]",
    ),
    (
        "deploy",
        "github_repo s3_bucket other_file_s3urls",
        "bookkit publishes nothing; copy _build/html to where readers find it",
    ),
    (
        "colab",
        "libs libs_header",
        "say in pip's words as `install` in [bookkit-TAB] what a notebook needs",
    ),
    (
        "colab",
        "replace_svg_url",
        "bookkit leaves the addresses of pictures as they are",
    ),
    (
        "sagemaker",
        "github_repo kernel libs libs_header",
        "publish the notebooks of _build/notebooks; they install nothing by themselves",
    ),
    (
        "slides",
        "top_left top_right github_repo",
        "bookkit makes no slides; plain `d2lbook build slides` reads them",
    ),
)
