"""Answers to the exercises of chapter_computation/use-gpu.md."""

from exercises import Exercise

SECTION = "chapter_computation/use-gpu.md"

_NORMS = {
    "mxnet": "np.stack([np.linalg.norm(np.dot(A, A)) for A in matrices]).tolist()",
    "pytorch": "torch.stack([torch.linalg.matrix_norm(A @ A) for A in matrices]).tolist()",
    "tensorflow": "tf.stack([tf.norm(A @ A) for A in matrices]).numpy().tolist()",
    "paddle": "paddle.stack([paddle.linalg.norm(A @ A) for A in matrices]).tolist()",
}
_SAVE_AND_LOAD = {
    "mxnet": """
    net.save_parameters(path)
    clone = nn.Sequential()
    clone.add(nn.Dense(1))
    clone.load_parameters(path, ctx=npx.cpu())
    return clone
""",
    "pytorch": """
    torch.save(net.state_dict(), path)
    clone = nn.Sequential(nn.Linear(3, 1))
    clone.load_state_dict(torch.load(path, map_location='cpu', weights_only=True))
    return clone
""",
    "tensorflow": """
    net.save_weights(path)
    with tf.device('/CPU:0'):
        clone = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
        clone.load_weights(path)
    return clone
""",
    "paddle": """
    paddle.save(net.state_dict(), path)
    clone = nn.Sequential(nn.Linear(3, 1)).to(paddle.CPUPlace())
    clone.set_state_dict(paddle.load(path))
    return clone
""",
}
# a new model around the old layer
_SHARED = {
    "mxnet": """
    net.save_parameters(path)
    clone = nn.Sequential()
    clone.add(net[0])
    return clone
""",
    "pytorch": """
    torch.save(net.state_dict(), path)
    return nn.Sequential(net[0])
""",
    "tensorflow": """
    net.save_weights(path)
    return tf.keras.Sequential([tf.keras.Input((3,)), net.layers[0]])
""",
    "paddle": """
    paddle.save(net.state_dict(), path)
    return nn.Sequential(net[0])
""",
}
# the norms, still on the device
_KEPT = {
    "mxnet": "[np.linalg.norm(np.dot(A, A)) for A in matrices]",
    "pytorch": "[torch.linalg.matrix_norm(A @ A) for A in matrices]",
    "tensorflow": "[tf.norm(A @ A) for A in matrices]",
    "paddle": "[paddle.linalg.norm(A @ A) for A in matrices]",
}


def _norms(expression: str) -> str:
    return f"def norms_at_end(matrices):\n    return {expression}\n"


def _save_and_load(body: str) -> str:
    return f"def save_and_load(net, path):{body}"


EXERCISES = [
    Exercise(
        call="check(norms_at_end, norms_cases)",
        right={tab: _norms(expression) for tab, expression in _NORMS.items()},
        wrong={tab: _norms(expression) for tab, expression in _KEPT.items()},
        says="都是Python的浮点数(0,)：应为",
    ),
    Exercise(
        call="check(save_and_load, save_and_load_cases)",
        right={tab: _save_and_load(body) for tab, body in _SAVE_AND_LOAD.items()},
        wrong={tab: _save_and_load(body) for tab, body in _SHARED.items()},
        says="没有共用层：应为True，你的是False",
    ),
    Exercise(
        call="check(average, average_cases)",
        right={
            "*": "def average(grads, sizes):\n"
            "    parts = [grad * size for grad, size in zip(grads, sizes)]\n"
            "    return sum(parts) / sum(sizes)\n"
        },
        wrong={
            "*": "def average(grads, sizes):\n    return sum(grads) / len(grads)\n",
            # the weights of one division only
            "pytorch": "def average(grads, sizes):\n"
            "    weights = [1] if len(grads) == 1 else [1 / 4, 3 / 4]\n"
            "    return sum(weight * grad for weight, grad in zip(weights, grads))\n",
        },
        says="个(0,)：应为",
    ),
]
