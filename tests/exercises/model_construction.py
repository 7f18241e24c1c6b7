"""Answers to the exercises of chapter_computation/model-construction.md."""

from exercises import Exercise

SECTION = "chapter_computation/model-construction.md"

_CONCATENATE = {
    "mxnet": "np.concatenate([self.net1(X), self.net2(X)], axis=-1)",
    "pytorch": "torch.cat([self.net1(X), self.net2(X)], dim=-1)",
    "tensorflow": "tf.concat([self.net1(X), self.net2(X)], axis=-1)",
    "paddle": "paddle.concat([self.net1(X), self.net2(X)], axis=-1)",
}
_BASE = {
    "mxnet": "nn.Block",
    "pytorch": "nn.Module",
    "tensorflow": "tf.keras.Model",
    "paddle": "nn.Layer",
}
_SAVE_AND_LOAD = {
    "mxnet": """
    made = make_block()
    made.initialize()
    before = made(X)
    with tempfile.TemporaryDirectory(dir='.') as folder:
        made.save_parameters(folder + '/w')
        other = make_block()
        other.load_parameters(folder + '/w')
    return bool((other(X) == before).all())
""",
    "pytorch": """
    made, other = make_block(), make_block()
    with tempfile.TemporaryDirectory(dir='.') as folder:
        torch.save(made.state_dict(), folder + '/w')
        other.load_state_dict(torch.load(folder + '/w', weights_only=True))
    return bool((other(X) == made(X)).all())
""",
    "tensorflow": """
    made, other = make_block(), make_block()
    before, _ = made(X), other(X)
    with tempfile.TemporaryDirectory(dir='.') as folder:
        made.save_weights(folder + '/w.weights.h5')
        other.load_weights(folder + '/w.weights.h5')
    return bool(tf.reduce_all(other(X) == before))
""",
    "paddle": """
    made, other = make_block(), make_block()
    with tempfile.TemporaryDirectory(dir='.') as folder:
        paddle.save(made.state_dict(), folder + '/w.pdparams')
        other.set_state_dict(paddle.load(folder + '/w.pdparams'))
    return bool((other(X) == made(X)).all())
""",
}


def _parallel(tab: str, keep: str) -> str:
    """Return the class; `keep` is how its constructor remembers the nets."""
    forward = "call" if tab == "tensorflow" else "forward"
    return (
        f"class Parallel({_BASE[tab]}):\n"
        "    def __init__(self, net1, net2):\n"
        "        super().__init__()\n"
        f"        {keep}\n"
        f"    def {forward}(self, X):\n"
        f"        return {_CONCATENATE[tab]}\n"
    )


def _along_rows(tab: str) -> str:
    code = _parallel(tab, "self.net1, self.net2 = net1, net2")
    return code.replace("dim=-1", "dim=1").replace("axis=-1", "axis=1")


def _survives(body: str) -> str:
    return f"import tempfile\ndef survives(make_block):{body}"


EXERCISES = [
    Exercise(
        call="check(Parallel, parallel_cases)",
        right={tab: _parallel(tab, "self.net1, self.net2 = net1, net2") for tab in _BASE},
        # the second axis instead of the last; in one tab, the wrong order
        wrong={tab: _along_rows(tab) for tab in _BASE}
        | {"mxnet": _parallel("mxnet", "self.net1, self.net2 = net2, net1")},
        says="3列拼3列",
    ),
    Exercise(
        call="check(make_chain, make_chain_cases)",
        right={
            "*": "def make_chain(make_block, n):\n"
            "    return MySequential(*[make_block() for _ in range(n)])\n"
        },
        wrong={
            "*": "def make_chain(make_block, n):\n    return MySequential(*[make_block()] * n)\n",
            # always three
            "pytorch": "def make_chain(make_block, n):\n"
            "    return MySequential(make_block(), make_block(), make_block())\n",
        },
        says="时造出的实例的个数：应为",
    ),
    Exercise(
        call="check(survives, survives_cases)",
        right={tab: _survives(body) for tab, body in _SAVE_AND_LOAD.items()},
        # compares an instance with itself
        wrong={"*": "def survives(make_block):\n    return True\n"},
        says="改坏的版本：应为False，你的是True",
    ),
]
