"""Answers to the exercises of chapter_computation/deferred-init.md."""

from exercises import Exercise

SECTION = "chapter_computation/deferred-init.md"

_KEEP_ADAPTERS = {
    "mxnet": """
        for size in sizes:
            self.register_child(nn.Dense(16), str(size))
""",
    "pytorch": """
        self.adapters = nn.ModuleDict(
            {str(size): nn.LazyLinear(16) for size in sizes})
""",
    "tensorflow": """
        self.adapters = {str(size): tf.keras.layers.Dense(16) for size in sizes}
        for size, adapter in self.adapters.items():
            adapter.build((None, int(size)))
""",
    "paddle": """
        self.adapters = nn.LayerDict({str(size): LazyLinear(16) for size in sizes})
""",
}
_BASE = {
    "mxnet": "nn.Block",
    "pytorch": "nn.Module",
    "tensorflow": "tf.keras.Model",
    "paddle": "nn.Layer",
}


def _any_size(tab: str, use: str) -> str:
    """Return the class; `use` is what its forward makes of `adapter`."""
    forward = "call" if tab == "tensorflow" else "forward"
    adapters = "self._children" if tab == "mxnet" else "self.adapters"
    return (
        f"class AnySize({_BASE[tab]}):\n"
        "    def __init__(self, sizes, trunk):\n"
        "        super().__init__()"
        f"{_KEEP_ADAPTERS[tab]}"
        "        self.trunk = trunk\n"
        f"    def {forward}(self, X):\n"
        f"        adapter = {adapters}[str(X.shape[-1])]\n"
        f"        return {use}\n"
    )


_RELU = {
    "mxnet": "npx.relu",
    "pytorch": "torch.relu",
    "tensorflow": "tf.nn.relu",
    "paddle": "F.relu",
}

EXERCISES = [
    Exercise(
        call="check(num_waiting, num_waiting_cases)",
        right={
            "mxnet": """
def num_waiting(net):
    weights = net.collect_params('.*weight').values()
    return sum(-1 in weight.shape for weight in weights)
""",
            "pytorch": """
def num_waiting(net):
    return sum(isinstance(module, nn.Linear)
               and nn.parameter.is_lazy(module.weight) for module in net.modules())
""",
            "tensorflow": """
def num_waiting(net):
    if isinstance(net, tf.keras.Sequential):
        return sum(num_waiting(layer) for layer in net.layers)
    return int(not net.built)
""",
            "paddle": """
def num_waiting(net):
    return sum(isinstance(layer, LazyLinear) and not layer.parameters()
               for layer in net.sublayers())
""",
        },
        # looks into the outermost container only
        wrong={
            "mxnet": """
def num_waiting(net):
    return sum(-1 in block.weight.shape for block in net
               if isinstance(block, nn.Dense))
""",
            "pytorch": """
def num_waiting(net):
    return sum(isinstance(module, nn.LazyLinear) for module in net)
""",
            "tensorflow": """
def num_waiting(net):
    return sum(not layer.built for layer in net.layers)
""",
            "paddle": """
def num_waiting(net):
    return sum(isinstance(layer, LazyLinear) and not layer.parameters()
               for layer in net)
""",
        },
        says="容器里套着容器：应为3",
    ),
    Exercise(
        call="check(AnySize, any_size_cases)",
        right={tab: _any_size(tab, "self.trunk(adapter(X))") for tab in _BASE},
        # an activation that nobody asked for
        wrong={tab: _any_size(tab, f"self.trunk({_RELU[tab]}(adapter(X)))") for tab in _BASE},
        says="20列时的输出(0, 0)：应为",
    ),
]
