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
    layer.initialize(init.Orthogonal(scale=1))
    return layer
""",
    "pytorch": """
    layer = nn.Linear(num_inputs, num_outputs)
    nn.init.orthogonal_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
""",
    "tensorflow": """
    layer = tf.keras.layers.Dense(
        num_outputs,
        kernel_initializer=tf.keras.initializers.Orthogonal())
    layer.build((None, num_inputs))
    return layer
""",
    "paddle": """
    layer = nn.Linear(num_inputs, num_outputs)
    nn.initializer.Orthogonal()(layer.weight)
    return layer
""",
}
#: Rows of an identity matrix: W Wᵀ = I, but not the asked initialiser.
_EYE = {
    "mxnet": """
    layer = nn.Dense(num_outputs, in_units=num_inputs)
    layer.initialize()
    layer.weight.set_data(np.eye(num_outputs, num_inputs))
    return layer
""",
    "pytorch": """
    layer = nn.Linear(num_inputs, num_outputs)
    nn.init.eye_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
""",
    "tensorflow": """
    layer = tf.keras.layers.Dense(num_outputs, kernel_initializer='identity')
    layer.build((None, num_inputs))
    return layer
""",
    "paddle": """
    layer = nn.Linear(num_inputs, num_outputs)
    layer.weight.set_value(paddle.eye(num_inputs, num_outputs))
    return layer
""",
}

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
#: Scales only the first of the layers.
_SCALE_FIRST = {
    "mxnet": """
    for p in net[0].collect_params().values():
        p.set_data(p.data() * factor)
""",
    "pytorch": """
    with torch.no_grad():
        for p in net[0].parameters():
            p *= factor
""",
    "tensorflow": """
    for w in net.layers[0].weights:
        w.assign(w * factor)
""",
    "paddle": """
    for p in net[0].parameters():
        p.set_value(p * factor)
""",
}


def _inspect(tab: str, total: str) -> str:
    bias = _BIAS[tab].format(_SECOND_HIDDEN[tab])
    return f"def inspect_nest(net):\n    return {bias}, {total}\n"


def _count(tab: str) -> str:
    return f"sum(int(numpy.prod(p.shape)) for p in {_PARAMETERS[tab]})"


def _orthogonal(body: str) -> str:
    return f"def orthogonal_layer(num_inputs, num_outputs):{body}"


def _scale(body: str) -> str:
    return f"def scale(net, factor):{body}"


EXERCISES = [
    Exercise(
        call="check(inspect_nest, inspect_nest_cases)",
        right={tab: _inspect(tab, _count(tab)) for tab in _BIAS},
        # counted by hand for one size
        wrong={tab: _inspect(tab, "2928") for tab in _BIAS},
        says="5、7个单元，数的个数：应为195，你的是2928",
    ),
    Exercise(
        call="check(orthogonal_layer, orthogonal_cases)",
        right={tab: _orthogonal(body) for tab, body in _ORTHOGONAL.items()},
        wrong={tab: _orthogonal(body) for tab, body in _EYE.items()},
        says="权重里有没有0：应为False，你的是True",
    ),
    Exercise(
        call="check(scale, scale_cases)",
        right={tab: _scale(body) for tab, body in _SCALE.items()},
        wrong={tab: _scale(body) for tab, body in _SCALE_FIRST.items()},
        says="第2个参数(0, 0)：应为",
    ),
]
