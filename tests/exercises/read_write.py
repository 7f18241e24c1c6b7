"""Answers to the exercises of chapter_computation/read-write.md."""

from exercises import Exercise

SECTION = "chapter_computation/read-write.md"

_REUSE = {
    "mxnet": """
def reuse(path):
    saved = nn.Sequential()
    saved.add(nn.Dense(64, activation='relu'), nn.Dense(32, activation='relu'),
              nn.Dense(10))
    saved.load_parameters(path)
    new = nn.Sequential()
    new.add(*saved[:2], nn.Dense(5))
    new[2].initialize()
    return new
""",
    "pytorch": """
def reuse(path):
    new = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32),
                        nn.ReLU(), nn.Linear(32, 5))
    saved = torch.load(path, weights_only=True)
    kept = {name: w for name, w in saved.items() if not name.startswith('4.')}
    new.load_state_dict(kept, strict=False)
    return new
""",
    "tensorflow": """
def reuse(path):
    layers = [tf.keras.layers.Dense(64, activation='relu'),
              tf.keras.layers.Dense(32, activation='relu')]
    saved = tf.keras.Sequential([*layers, tf.keras.layers.Dense(10)])
    saved(X)
    saved.load_weights(path)
    return tf.keras.Sequential([*layers, tf.keras.layers.Dense(5)])
""",
    "paddle": """
def reuse(path):
    new = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32),
                        nn.ReLU(), nn.Linear(32, 5))
    saved = paddle.load(path)
    kept = {name: w for name, w in saved.items() if not name.startswith('4.')}
    new[:4].set_state_dict(kept)
    return new
""",
}
# reads the file into the old network and goes on with its layers
_SHARED = {
    "mxnet": """
def reuse(path):
    old.load_parameters(path)
    new = nn.Sequential()
    new.add(*old[:2], nn.Dense(5))
    new[2].initialize()
    return new
""",
    "pytorch": """
def reuse(path):
    old.load_state_dict(torch.load(path, weights_only=True))
    return nn.Sequential(*old[:4], nn.Linear(32, 5))
""",
    "tensorflow": """
def reuse(path):
    old.load_weights(path)
    return tf.keras.Sequential([*old.layers[:2], tf.keras.layers.Dense(5)])
""",
    "paddle": """
def reuse(path):
    old.set_state_dict(paddle.load(path))
    return nn.Sequential(*[old[i] for i in range(4)], nn.Linear(32, 5))
""",
}
_LOAD = {
    "mxnet": "npx.load(path)",
    "pytorch": "torch.load(path, weights_only=True)",
    "tensorflow": "dict(numpy.load(path))",
    "paddle": "paddle.load(path)",
}
_LAYERS = {
    "mxnet": ("nn.Dense(n)", "nn.Activation('relu')"),
    "pytorch": ("nn.Linear(n_in, n)", "nn.ReLU()"),
    "tensorflow": ("tf.keras.layers.Dense(n)", "tf.keras.layers.ReLU()"),
    "paddle": ("nn.Linear(n_in, n)", "nn.ReLU()"),
}
_CHAIN = {
    "mxnet": "    net = nn.Sequential()\n    net.add(*made)\n    return net\n",
    "pytorch": "    return nn.Sequential(*made)\n",
    "tensorflow": "    return tf.keras.Sequential([tf.keras.Input((spec['inputs'],)), *made])\n",
    "paddle": "    return nn.Sequential(*made)\n",
}


def _load_checked(load: str, told: str) -> str:
    """Return the loader; `told` is what it names of the wrong ones."""
    return (
        "def load_checked(path, shapes):\n"
        f"    saved = {load}\n"
        "    names = sorted({*saved, *shapes})\n"
        "    wrong = [name for name in names\n"
        "             if name not in saved or name not in shapes\n"
        "             or tuple(saved[name].shape) != shapes[name]]\n"
        "    if wrong:\n"
        f"        raise ValueError(', '.join({told}))\n"
        "    return saved\n"
    )


def _build(tab: str, kinds: str) -> str:
    """Return the builder; `kinds` is the order it takes the layers in."""
    dense, relu = _LAYERS[tab]
    return (
        "def build(text):\n"
        "    spec = json.loads(text)\n"
        "    n_in, made = spec['inputs'], []\n"
        f"    for kind, *sizes in {kinds}:\n"
        "        if kind == 'dense':\n"
        "            n, = sizes\n"
        f"            made.append({dense})\n"
        "            n_in = n\n"
        "        elif kind == 'relu':\n"
        f"            made.append({relu})\n"
        "        else:\n"
        "            raise ValueError(kind)\n" + _CHAIN[tab]
    )


EXERCISES = [
    Exercise(
        call="check(reuse, reuse_cases)",
        right=_REUSE,
        wrong=_SHARED,
        says="改动old之后，第1层的输出",
    ),
    Exercise(
        call="check(load_checked, load_checked_cases)",
        right={tab: _load_checked(load, "wrong") for tab, load in _LOAD.items()},
        # stops at the first one
        wrong={tab: _load_checked(load, "wrong[:1]") for tab, load in _LOAD.items()},
        says="三个都不合时提到weight：应为True，你的是False",
    ),
    Exercise(
        call="check(build, build_cases)",
        right={tab: _build(tab, "spec['layers']") for tab in _LAYERS},
        # puts every activation after the dense layers
        wrong={
            tab: _build(tab, "sorted(spec['layers'], key=lambda layer: layer[0])")
            for tab in _LAYERS
        },
        says="权重为-1、偏置为1时的输出",
    ),
    Exercise(
        call="check(save_safely, save_safely_cases)",
        right={
            "*": "def save_safely(write, path):\n"
            "    where, name = os.path.split(path)\n"
            "    part = os.path.join(where, f'part-{name}')\n"
            "    write(part)\n"
            "    os.replace(part, path)\n"
        },
        wrong={"*": "def save_safely(write, path):\n    write(path)\n"},
        says="第2次之后的内容：应为1，你的是2",
    ),
]
