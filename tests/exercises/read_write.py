"""Answers to the exercises of chapter_computation/read-write.md."""

import json
import os

from exercises import Exercises

SECTION = "chapter_computation/read-write.md"
EXERCISES = Exercises()
exercise, right, wrong = EXERCISES.exercise, EXERCISES.right, EXERCISES.wrong


exercise("check(reuse, reuse_cases)", says="改动old之后，第1层的输出")


@right()
def _(path, *, chain, dense, initialize, layers_of, load_weights, make_old):
    saved = make_old()
    load_weights(saved, path)
    return chain(*layers_of(saved)[:-1], initialize(dense(32, 5)))


@wrong()
def _(path, *, chain, dense, initialize, layers_of, load_weights, old):
    load_weights(old, path)  # and goes on with its layers
    return chain(*layers_of(old)[:-1], initialize(dense(32, 5)))


exercise(
    "check(load_checked, load_checked_cases)", says="三个都不合时提到weight：应为True，你的是False"
)


def misfits(saved, shapes):
    return [
        name
        for name in sorted({*saved, *shapes})
        if name not in saved or name not in shapes or tuple(saved[name].shape) != shapes[name]
    ]


@right()
def _(path, shapes, *, fetch):
    saved = fetch(path)
    if wrong := misfits(saved, shapes):
        raise ValueError(", ".join(wrong))
    return saved


@wrong()
def _(path, shapes, *, fetch):
    saved = fetch(path)
    for name in misfits(saved, shapes):
        raise ValueError(name)  # stops at the first one
    return saved


exercise("check(build, build_cases)", says="权重为-1、偏置为1时的输出")


def built_of(spec, layers, chain, dense, relu):
    n_in, made = spec["inputs"], []
    for kind, *sizes in layers:
        if kind == "dense":
            made.append(dense(n_in, *sizes))
            (n_in,) = sizes
        elif kind == "relu":
            made.append(relu())
        else:
            raise ValueError(kind)
    return chain(*made)


@right()
def _(text, *, chain, dense, relu):
    spec = json.loads(text)
    return built_of(spec, spec["layers"], chain, dense, relu)


@wrong()
def _(text, *, chain, dense, relu):
    spec = json.loads(text)
    # puts every activation after the dense layers
    return built_of(spec, sorted(spec["layers"], key=lambda layer: layer[0]), chain, dense, relu)


exercise("check(save_safely, save_safely_cases)", says="第2次之后的内容：应为1，你的是2")


@right()
def _(write, path):
    where, name = os.path.split(path)
    part = os.path.join(where, f"part-{name}")
    write(part)
    os.replace(part, path)


@wrong()
def _(write, path):
    write(path)
