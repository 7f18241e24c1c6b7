"""Answers to the exercises of chapter_computation/deferred-init.md."""

from exercises import Exercises

SECTION = "chapter_computation/deferred-init.md"
EXERCISES = Exercises()
exercise, right, wrong = EXERCISES.exercise, EXERCISES.right, EXERCISES.wrong


exercise("check(num_waiting, num_waiting_cases)", says="容器里套着容器：应为3")


@right("mxnet")
def _(net):
    return sum(-1 in weight.shape for weight in net.collect_params(".*weight").values())


@right("pytorch")
def _(net, *, nn):
    is_lazy = nn.parameter.is_lazy
    return sum(isinstance(m, nn.Linear) and is_lazy(m.weight) for m in net.modules())


@right("tensorflow")
def _(net, *, tf):
    def num_waiting(net):
        if isinstance(net, tf.keras.Sequential):
            return sum(map(num_waiting, net.layers))
        return int(not net.built)

    return num_waiting(net)


@right("paddle")
def _(net, *, LazyLinear):
    return sum(isinstance(m, LazyLinear) and not m.parameters() for m in net.sublayers())


# looks into the outermost container only
@wrong("mxnet")
def _(net, *, nn):
    return sum(-1 in block.weight.shape for block in net if isinstance(block, nn.Dense))


@wrong("pytorch")
def _(net, *, nn):
    return sum(isinstance(module, nn.LazyLinear) for module in net)


@wrong("tensorflow")
def _(net):
    return sum(not layer.built for layer in net.layers)


@wrong("paddle")
def _(net, *, LazyLinear):
    return sum(isinstance(m, LazyLinear) and not m.parameters() for m in net)


exercise("check(AnySize, any_size_cases)", says="20列时的输出(0, 0)：应为")


def any_size(Block, adapter, after=lambda H: H):
    class AnySize(Block):
        def __init__(self, sizes, trunk):
            super().__init__()
            for size in sizes:
                setattr(self, f"adapter{size}", adapter(size, 16))
            self.trunk = trunk

        def forward(self, X):
            return self.trunk(after(getattr(self, f"adapter{X.shape[-1]}")(X)))

    return AnySize


# Keras wants them built before the first call, MXNet uninitialised
@right()
def _(*, Block, initialised):
    return any_size(Block, initialised)


@right("mxnet")
def _(*, Block, dense):
    return any_size(Block, dense)


# an activation that nobody asked for
@wrong()
def _(*, Block, initialised, relu):
    return any_size(Block, initialised, relu())


@wrong("mxnet")
def _(*, Block, dense, relu):
    return any_size(Block, dense, relu())
