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
# builds the network and forgets the file
_NEW = {
    "mxnet": """
def reuse(path):
    new = nn.Sequential()
    new.add(nn.Dense(64, activation='relu'), nn.Dense(32, activation='relu'),
            nn.Dense(5))
    new.initialize()
    return new
""",
    "pytorch": """
def reuse(path):
    return nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32),
                         nn.ReLU(), nn.Linear(32, 5))
""",
    "tensorflow": """
def reuse(path):
    return tf.keras.Sequential([tf.keras.layers.Dense(64, activation='relu'),
                                tf.keras.layers.Dense(32, activation='relu'),
                                tf.keras.layers.Dense(5)])
""",
    "paddle": """
def reuse(path):
    return nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32),
                         nn.ReLU(), nn.Linear(32, 5))
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
    "tensorflow": "    return tf.keras.Sequential("
    "[tf.keras.Input((spec['inputs'],)), *made])\n",
    "paddle": "    return nn.Sequential(*made)\n",
}


def _load_checked(load: str, compares_shapes: bool) -> str:
    differs = (
        "name not in saved or name not in shapes"
        " or tuple(saved[name].shape) != shapes[name]"
        if compares_shapes
        else "name not in saved or name not in shapes"
    )
    return (
        "def load_checked(path, shapes):\n"
        f"    saved = {load}\n"
        "    names = sorted({*saved, *shapes})\n"
        f"    wrong = [name for name in names if {differs}]\n"
        "    if wrong:\n"
        "        raise ValueError(', '.join(wrong))\n"
        "    return saved\n"
    )


def _build(tab: str, otherwise: str) -> str:
    """Return the builder; `otherwise` is what it does with an unknown layer."""
    dense, relu = _LAYERS[tab]
    return (
        "def build(text):\n"
        "    spec = json.loads(text)\n"
        "    n_in, made = spec['inputs'], []\n"
        "    for kind, *sizes in spec['layers']:\n"
        "        if kind == 'dense':\n"
        "            n, = sizes\n"
        f"            made.append({dense})\n"
        "            n_in = n\n"
        "        elif kind == 'relu':\n"
        f"            made.append({relu})\n"
        "        else:\n"
        f"            {otherwise}\n" + _CHAIN[tab]
    )


EXERCISES = [
    Exercise(
        call="check(reuse, reuse_cases)",
        right=_REUSE,
        wrong=_NEW,
        says="第1层的输出",
    ),
    Exercise(
        call="check(load_checked, load_checked_cases)",
        right={tab: _load_checked(load, True) for tab, load in _LOAD.items()},
        # looks at the names only
        wrong={tab: _load_checked(load, False) for tab, load in _LOAD.items()},
        says="weight形状不同时提到weight：应为True，你的是False",
    ),
    Exercise(
        call="check(build, build_cases)",
        right={tab: _build(tab, "raise ValueError(kind)") for tab in _LAYERS},
        # passes over what it does not know
        wrong={tab: _build(tab, "pass") for tab in _LAYERS},
        says="拒绝os.system：应为True，你的是False",
    ),
    Exercise(
        call="check(save_safely, save_safely_cases)",
        right={
            "*": "def save_safely(write, path):\n"
            "    stem, suffix = os.path.splitext(path)\n"
            "    write(f'{stem}.part{suffix}')\n"
            "    os.replace(f'{stem}.part{suffix}', path)\n"
        },
        wrong={"*": "def save_safely(write, path):\n    write(path)\n"},
        says="第2次之后的内容：应为1，你的是2",
    ),
]
