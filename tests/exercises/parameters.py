"""Answers to the exercises of chapter_computation/parameters.md."""

from exercises import Exercise

SECTION = "chapter_computation/parameters.md"

#: The bias of a hidden layer of NestMLP; `{}` is the layer's place.
_BIAS = {
    "mxnet": "net.net[{}].bias.data().asnumpy()",
    "pytorch": "net.net[{}].bias.detach().numpy()",
    "tensorflow": "net.net.layers[{}].bias.numpy()",
    "paddle": "net.net[{}].bias.numpy()",
}
_PARAMETERS = {
    "mxnet": "net.collect_params().values()",
    "pytorch": "net.parameters()",
    "tensorflow": "net.weights",
    "paddle": "net.parameters()",
}
_SECOND_HIDDEN = {"mxnet": 1, "pytorch": 2, "tensorflow": 1, "paddle": 2}

_ORTHOGONAL = {
    "mxnet": """
    layer = nn.Dense(num_outputs, in_units=num_inputs)
    layer.initialize(init.Orthogonal({}))
    return layer
""",
    "pytorch": """
    layer = nn.Linear(num_inputs, num_outputs)
    nn.init.orthogonal_(layer.weight, {})
    nn.init.zeros_(layer.bias)
    return layer
""",
    "tensorflow": """
    layer = tf.keras.layers.Dense(
        num_outputs,
        kernel_initializer=tf.keras.initializers.Orthogonal({}))
    layer.build((None, num_inputs))
    return layer
""",
    "paddle": """
    layer = nn.Linear(num_inputs, num_outputs)
    nn.initializer.Orthogonal({})(layer.weight)
    return layer
""",
}
#: A gain of the square root of 2 is MXNet's default, meant for ReLU.
_GAINS = {tab: (1, 2**0.5) for tab in _ORTHOGONAL} | {"mxnet": (1, "")}

_SCALE = {
    "mxnet": """
    for p in net.collect_params().values():
        p.set_data(p.data() * factor)
""",
    "pytorch": """
    with torch.no_grad():
        for p in net.parameters():
            p *= factor
""",
    "tensorflow": """
    for w in net.weights:
        w.assign(w * factor)
""",
    "paddle": """
    for p in net.parameters():
        p.set_value(p * factor)
""",
}
_SCALE_NOTHING = {
    "mxnet": """
    for p in net.collect_params().values():
        p = p.data() * factor
""",
    "pytorch": """
    for p in net.parameters():
        p = p * factor
""",
    "tensorflow": """
    for w in net.weights:
        w = w * factor
""",
    "paddle": """
    for p in net.parameters():
        p = p * factor
""",
}


def _inspect(tab: str, place: int) -> str:
    return (
        "def inspect_nest(net):\n"
        f"    total = sum(numpy.prod(p.shape) for p in {_PARAMETERS[tab]})\n"
        f"    return {_BIAS[tab].format(place)}, total\n"
    )


def _orthogonal(tab: str, right: bool) -> str:
    gain = _GAINS[tab][0 if right else 1]
    return (
        f"def orthogonal_layer(num_inputs, num_outputs):{_ORTHOGONAL[tab].format(gain)}"
    )


EXERCISES = [
    Exercise(
        call="check(inspect_nest, inspect_nest_cases)",
        right={tab: _inspect(tab, place) for tab, place in _SECOND_HIDDEN.items()},
        # takes the first hidden layer
        wrong={tab: _inspect(tab, 0) for tab in _SECOND_HIDDEN},
        says="第二个隐藏层的偏置：形状应为(32,)，你的是(64,)",
    ),
    Exercise(
        call="check(orthogonal_layer, orthogonal_cases)",
        right={tab: _orthogonal(tab, True) for tab in _ORTHOGONAL},
        wrong={tab: _orthogonal(tab, False) for tab in _ORTHOGONAL},
        says="W乘W的转置(0, 0)：应为1.0",
    ),
    Exercise(
        call="check(scale, scale_cases)",
        right={tab: f"def scale(net, factor):{body}" for tab, body in _SCALE.items()},
        wrong={
            tab: f"def scale(net, factor):{body}"
            for tab, body in _SCALE_NOTHING.items()
        },
        says="权重(0, 0)",
    ),
]
