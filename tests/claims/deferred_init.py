"""What chapter_computation/deferred-init.md claims."""

import inspect
import os
import sys
import tempfile
import warnings

import numpy

from claims import Claims

SECTION = "chapter_computation/deferred-init.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked


@claim("它的大小由这一层的输入个数和输出个数决定")
def _(dense, parameters, ready, value, X):
    for n in (3, 5):
        assert sorted(value(parameters(ready(dense(20, n), X))[0]).shape) == [n, 20]


# 不写输入的大小
@claim("`nn.Dense`只要求写输出的个数，输入的个数是可选的参数`in_units`", "mxnet")
def _(nn):
    assert nn.Dense(3, in_units=4).weight.shape == (3, 4)


@claim("不写时，MXNet用-1表示“还不知道”", "mxnet")
def _(nn):
    assert nn.Dense(256).weight.shape == (256, -1)
    assert "-1 -> 256" in repr(nn.Dense(256))


@claim(
    "`nn.Linear`的两个大小都必须写，`nn.Linear(256)`会报错，说缺少`out_features`",
    "pytorch",
    "paddle",
)
def _(message, nn):
    said = message(TypeError, lambda: nn.Linear(256))
    assert "out_features" in said and "missing" in said


@claim("只写输出的个数，输入的个数暂时显示为0", "pytorch")
def _(nn):
    layer = nn.LazyLinear(256)
    assert layer.in_features == 0 and "in_features=0" in repr(layer)


@claim("Keras的`Dense`只写输出的个数，从来不问输入的个数", "tensorflow")
def _(tf):

    asked = inspect.signature(tf.keras.layers.Dense.__init__).parameters
    needed = [
        name
        for name, p in asked.items()
        if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    assert needed == ["self", "units"]


@claim("一个`Dense`构建好了没有，看它的`built`便知", "tensorflow")
def _(tf, X):
    for build in (lambda it: it(X), lambda it: it.build((None, 20))):
        layer = tf.keras.layers.Dense(3)
        assert not layer.built and layer.weights == []
        build(layer)
        assert layer.built and len(layer.weights) == 2


@claim("`paddle.nn`里没有可以只写输出个数的全连接层", "paddle")
def _(nn, paddle, raises):
    assert not hasattr(nn, "LazyLinear")
    assert not [n for n in dir(nn) if "lazy" in n.lower()]
    assert raises(TypeError, lambda: nn.Linear(256))
    # the old function for static graphs is not a layer of paddle.nn
    assert not hasattr(nn, "fc") and callable(paddle.static.nn.fc)


@claim("权重用Xavier均匀分布，偏置为0", "paddle")
def _(LazyLinear, nn, ready, value, X):
    for layer in (ready(LazyLinear(500), X), nn.Linear(20, 500)):
        layer(X)
        bound, size = (6 / 520) ** 0.5, abs(value(layer.weight))
        assert 0.97 * bound < size.max() <= bound * 1.0001
        assert abs(size.mean() - bound / 2) < 0.05 * bound
        assert (value(layer.bias) == 0).all()


@claim("把参数赋给属性，基类就登记了它，以后`parameters()`找得到", "paddle")
def _(LazyLinear, X):
    layer = LazyLinear(3)
    assert layer.parameters() == []
    layer(X)
    assert [n for n, _ in layer.named_parameters()] == ["weight", "bias"]


@claim("`LazyLinear`是本节写的，不是框架自带的", "paddle")
def _(LazyLinear):

    own = [
        name
        for name, module in sys.modules.items()
        if getattr(module, "LazyLinear", None) is LazyLinear
    ]
    assert own == ["__main__"], own


@claim("隐藏层用ReLU激活，输出层不加激活函数")
def _(array, get_net, parameters, ready, value, X):
    block = ready(get_net(), X)
    W1, b1, W2, b2 = [value(w) for w in parameters(block)]
    if W1.shape[0] != 20:
        W1, W2 = W1.T, W2.T
    H = numpy.maximum(array(X) @ W1 + b1, 0)
    assert (H == 0).any()
    assert numpy.allclose(array(block(X)), H @ W2 + b2, atol=1e-5)
    assert (array(block(X)) < 0).any()


@claim("里面没有一个数字说到输入的大小")
def _(array, get_net, initialize, X):
    for d in (1, 7, 20):
        assert array(initialize(get_net())(X[:, :d])).shape == (2, 10)


# 数据到来之前
@claim("四个参数对象都在。权重的形状里有-1，偏置的形状却是完整的", "mxnet")
def _(get_net, parameters):
    shapes = [p.shape for p in parameters(get_net())]
    assert shapes == [(256, -1), (256,), (10, -1), (10,)]


@claim("第二层的权重也在等", "mxnet")
def _(nn, value):
    block = nn.Sequential()
    block.add(nn.Dense(256, in_units=20), nn.Dense(10))
    block.initialize()
    assert value(block[0].weight).shape == (256, 20)
    assert block[1].weight.shape == (10, -1)


@claim("四个参数对象都在，类型是`UninitializedParameter`。它是`nn.Parameter`的子类", "pytorch")
def _(get_net, nn):
    kind = nn.parameter.UninitializedParameter
    assert [type(p) for p in get_net().parameters()] == [kind] * 4
    assert issubclass(kind, nn.Parameter)


@claim("偏置也不例外", "pytorch")
def _(get_net, nn, raises):
    assert nn.parameter.is_lazy(get_net()[0].bias)
    assert raises(RuntimeError, lambda: get_net()[0].bias.shape)


@claim("第二层同样在等", "pytorch")
def _(nn):
    block = nn.Sequential(nn.Linear(20, 256), nn.LazyLinear(10))
    assert nn.parameter.is_lazy(block[1].weight)
    assert not nn.parameter.is_lazy(block[0].weight)


@claim("`net.get_weights()`给出的也是空列表", "tensorflow")
def _(get_net):
    assert get_net().get_weights() == []


@claim("权重和偏置都还没有创建", "tensorflow")
def _(get_net):
    assert get_net().weights == []
    assert all(layer.weights == [] for layer in get_net().layers)


@also("paddle")
def _(get_net):
    assert get_net().parameters() == []
    assert not get_net().state_dict()


@claim("它运行一项任务，返回任务抛出的异常的名字")
def _(error_of, raises):
    assert error_of(ValueError, lambda: int("x")) == "ValueError"
    assert error_of(LookupError, lambda: {}[0]) == "KeyError"
    assert error_of(ValueError, lambda: 1) is None
    other = lambda: error_of(KeyError, lambda: int("x"))
    assert raises(ValueError, other)


@claim("两个都是`RuntimeError`", "mxnet")
def _(error_of, get_net):
    for task in (get_net()[0].weight.data, get_net()[0].bias.data):
        assert error_of(RuntimeError, task) == "RuntimeError"


@claim("现在做前向传播，得到的是同样的异常", "mxnet")
def _(error_of, get_net, X):
    assert error_of(RuntimeError, lambda: get_net()(X)) == "RuntimeError"


@claim(
    "不报错的是照形状统计参数的总数：-1也当作大小乘了进去，权重得负数，和偏置正好抵消，总数是0",
    "mxnet",
)
def _(get_net, initialize, parameters, ready, X):
    sizes = lambda block: [int(numpy.prod(p.shape)) for p in parameters(block)]
    for block in (get_net(), initialize(get_net())):
        assert sizes(block) == [-256, 256, -10, 10] and sum(sizes(block)) == 0
    assert sum(sizes(ready(get_net(), X))) == 21 * 256 + 257 * 10


@claim(
    "问形状得到`RuntimeError`，数元素得到`ValueError`，两者的错误信息都提醒你先做一次前向传播",
    "pytorch",
)
def _(get_net, message):
    weight = get_net()[0].weight
    assert "`forward`" in message(RuntimeError, lambda: weight.shape)
    assert "`forward`" in message(ValueError, weight.numel)


@claim("`sum(p.numel() for p in net.parameters())`因此也用不了", "pytorch")
def _(get_net, known, raises, ready, X):
    count = lambda net: sum(p.numel() for p in net.parameters())
    assert raises(ValueError, lambda: count(get_net()))
    assert count(ready(known(20), X)) > 0


@claim("要留心`weight.data`和`weight.size()`不报错，给出的是空张量和`torch.Size([0])`", "pytorch")
def _(get_net, torch):
    for layer in (get_net()[0], get_net()[2]):
        for p in (layer.weight, layer.bias):
            assert type(p.data) is torch.Tensor and p.data.numel() == 0
            assert p.size() == torch.Size([0])


@claim(
    "取`kernel`得到`AttributeError`，统计参数得到`ValueError`，两者的错误信息都提醒你先构建",
    "tensorflow",
)
def _(get_net, message):
    block = get_net()
    said = message(AttributeError, lambda: block.layers[0].kernel)
    assert "build" in said
    assert "build" in message(ValueError, block.count_params)


@claim(
    "属性`weight`还不存在，得到`AttributeError`；空列表没有第一个元素，得到`IndexError`", "paddle"
)
def _(get_net, raises):
    block = get_net()
    assert raises(AttributeError, lambda: block[0].weight)
    assert raises(IndexError, lambda: block.parameters()[0])


@claim("点名要一个权重会报错，要一份清单则得到空列表", "tensorflow")
def _(get_net, raises):
    assert raises(AttributeError, lambda: get_net().layers[0].kernel)
    assert get_net().weights == []


@also("paddle")
def _(get_net, raises):
    assert raises(AttributeError, lambda: get_net()[0].weight)
    assert get_net().parameters() == []


@claim("由使用者调用`initialize`，数据来不来都可以调用", "mxnet")
def _(get_net, parameters, value, X):
    block = get_net()
    block.initialize()
    block(X)
    before = value(parameters(block)[0])
    block.initialize(force_reinit=True)
    assert (value(parameters(block)[0]) != before).any()


@claim(
    "带参数的层大多用自己的`reset_parameters`生成初始值，`nn.Linear`的构造函数就会调用它", "pytorch"
)
def _(nn, value):
    calls = []

    class Counting(nn.Linear):
        def reset_parameters(self):
            calls.append(1)
            super().reset_parameters()

    layer = Counting(20, 3)
    assert len(calls) == 1
    before = value(layer.weight)
    layer.reset_parameters()
    assert (value(layer.weight) != before).any()
    kinds = (
        nn.Linear,
        nn.Bilinear,
        nn.Conv1d,
        nn.Conv2d,
        nn.LSTM,
        nn.GRU,
        nn.ConvTranspose2d,
        nn.Embedding,
        nn.BatchNorm2d,
        nn.LayerNorm,
        nn.GroupNorm,
        nn.PReLU,
    )
    assert all(hasattr(kind, "reset_parameters") for kind in kinds)
    # most, not all
    assert not hasattr(nn.MultiheadAttention, "reset_parameters")


@claim("构造层时只记下初始化方法，构建时才照着做", "tensorflow")
def _(tf, value):
    layer = tf.keras.layers.Dense(3, kernel_initializer="ones")
    assert layer.weights == []
    layer.build((None, 20))
    assert (value(layer.kernel) == 1).all()


@claim("`create_parameter`创建参数，同时填好初始值", "paddle")
def _(nn, value):
    weight = nn.Layer().create_parameter([3, 4])
    assert (value(weight) != 0).all()


@claim("初始化只完成了一半。偏置的形状早就知道，当场就设成了0", "mxnet")
def _(get_net, initialize, raises, value):
    for layer in initialize(get_net()):
        assert (value(layer.bias) == 0).all()
        assert raises(RuntimeError, layer.weight.data)


@claim("此时取它的值得到`DeferredInitializationError`", "mxnet")
def _(get_net, initialize, raises):
    from mxnet.gluon.parameter import DeferredInitializationError

    assert raises(DeferredInitializationError, initialize(get_net())[0].weight.data)
    assert issubclass(DeferredInitializationError, RuntimeError)


@claim("不知道大小时，`reset_parameters`什么也不做，也不报错", "pytorch")
def _(nn, torch):
    layer = nn.LazyLinear(3)
    before = torch.get_rng_state()
    layer.reset_parameters()
    assert bool((torch.get_rng_state() == before).all())
    assert nn.parameter.is_lazy(layer.weight)
    assert nn.parameter.is_lazy(layer.bias)


@claim("那时框架会再调用它一次", "pytorch")
def _(nn, X):
    calls = []

    class Counting(nn.LazyLinear):
        def reset_parameters(self):
            calls.append(1)
            super().reset_parameters()

    layer = Counting(3)
    calls.clear()
    layer(X)
    layer(X)
    assert len(calls) == 1


@claim("权重将用`GlorotUniform`，偏置将用`Zeros`", "tensorflow")
def _(tf, value, X):
    layer = tf.keras.layers.Dense(500)
    kinds = [type(method).__name__ for method in (layer.kernel_initializer, layer.bias_initializer)]
    assert kinds == ["GlorotUniform", "Zeros"]
    layer(X)
    bound, size = (6 / 520) ** 0.5, abs(value(layer.kernel))
    assert 0.97 * bound < size.max() <= bound * 1.0001
    assert (value(layer.bias) == 0).all()


@claim("权重和偏置都要等到构建时才创建", "tensorflow")
def _(get_net):
    block = get_net()
    assert block.weights == []
    block.build((None, 20))
    assert len(block.weights) == 4


@claim("权重和偏置都要等到第一次前向传播", "pytorch")
def _(get_net, nn, X):
    block = get_net()
    assert all(nn.parameter.is_lazy(p) for p in block.parameters())
    block(X)
    assert not any(nn.parameter.is_lazy(p) for p in block.parameters())


@also("paddle")
def _(get_net, X):
    block = get_net()
    assert block.parameters() == []
    block(X)
    assert len(block.parameters()) == 4


@claim("用之前要逐个调用参数的`initialize`方法，否则得到`RuntimeError`", "paddle")
def _(nn, paddle, raises, X):
    with paddle.LazyGuard():
        layer = nn.Linear(20, 3)
    assert layer.weight.shape == [20, 3]
    assert raises(RuntimeError, lambda: layer(X))
    for p in layer.parameters():
        p.initialize()
    assert layer(X).shape == [2, 3]


@claim("`LazyGuard`推迟的是占用内存，大小照样要写", "paddle")
def _(nn, paddle, raises):
    with paddle.LazyGuard():
        layer = nn.Linear(20, 3)
        assert raises(TypeError, lambda: nn.Linear(3))
    assert layer.weight.numpy().size == 0
    layer.weight.initialize()
    assert layer.weight.numpy().size == 60


# 第一次前向传播
@claim("第一层的输入个数是`X`的列数，第二层的输入个数是第一层的输出个数")
def _(get_net, initialize, parameters, value, X):
    block = initialize(get_net())
    block(X)
    shapes = [sorted(value(w).shape) for w in parameters(block)]
    assert shapes == [[20, 256], [256], [10, 256], [10]]
    block = initialize(get_net())
    block(X[:, :7])
    shapes = [sorted(value(w).shape) for w in parameters(block)]
    assert shapes == [[7, 256], [256], [10, 256], [10]]


@claim("权重的形状把输出写在前面，输入写在后面", "mxnet", "pytorch")
def _(get_net, parameters, ready, value, X):
    assert value(parameters(ready(get_net(), X))[0]).shape == (256, 20)


@claim("权重的形状把输入写在前面，输出写在后面", "tensorflow", "paddle")
def _(get_net, parameters, ready, value, X):
    assert value(parameters(ready(get_net(), X))[0]).shape == (20, 256)


@claim("可见在等数据的不只是第一层，凡是没写输入大小的层都在等")
def _(get_net, initialize, parameters, raises, value, WRONG_SIZE, X):
    block = initialize(get_net())

    def waits(task):
        return raises((*WRONG_SIZE, AttributeError, IndexError), task)

    second = lambda: value(parameters(block)[2])
    assert waits(second)
    block(X)
    assert not waits(second)


@claim("每一层都是先看清自己的输入，补全形状，生成初始值，然后才计算", "mxnet")
def _(get_net, initialize, parameters, X):
    seen = []
    block = initialize(get_net())
    block[0].register_forward_hook(lambda *_: seen.append([p.shape for p in parameters(block)]))
    block(X)
    assert seen == [[(256, 20), (256,), (10, -1), (10,)]]


@also("pytorch")
def _(get_net, nn, X):
    seen = []
    block = get_net()
    block[0].register_forward_hook(
        lambda *_: seen.append([nn.parameter.is_lazy(p) for p in block.parameters()])
    )
    block(X)
    assert seen == [[False, False, True, True]]


@also("paddle")
def _(get_net, X):
    seen = []
    block = get_net()
    block[0].register_forward_post_hook(lambda *_: seen.append(len(block.parameters())))
    block(X)
    assert seen == [2]


@claim(
    "Keras先只用形状、不用数值把各层走一遍，一层一层算出输入的形状，创建权重；"
    "所有的层都构建好了，才用真正的数据计算",
    "tensorflow",
)
def _(tf, X):
    seen = []

    class Watching(tf.keras.layers.Dense):
        def build(self, shape):
            seen.append(("build", tuple(shape)))
            super().build(shape)

        def call(self, X):
            seen.append(("call", tuple(X.shape)))
            return super().call(X)

    block = tf.keras.Sequential([Watching(3), Watching(2)])
    block(X)
    assert seen == [("build", (2, 20)), ("build", (2, 3)), ("call", (2, 20)), ("call", (2, 3))]


@claim("这次前向传播之后，网络该有的就都有了")
def _(get_net, gradients, parameters, ready, X):
    block = ready(get_net(), X)
    assert len(parameters(block)) == len(gradients(block, X)) == 4


@claim("参数对象还是原来那些，只是有了形状和值", "mxnet")
def _(get_net, initialize, parameters, value, X):
    block = initialize(get_net())
    before = parameters(block)
    block(X)
    assert "-1" not in repr(block)
    assert all(a is b for a, b in zip(before, parameters(block), strict=True))
    assert value(before[0]).shape == (256, 20)


@claim("前向传播一开始，`LazyLinear`补全了参数，随即把自己的类换成`nn.Linear`", "pytorch")
def _(nn, X):
    seen, layer = [], nn.LazyLinear(3)
    assert type(layer) is nn.LazyLinear
    # a hook of the reader's comes after the layer's own
    layer.register_forward_pre_hook(
        lambda it, _: seen.append((type(it), it.in_features, tuple(it.weight.shape)))
    )
    layer(X)
    assert seen == [(nn.Linear, 20, (3, 20))], seen
    assert type(layer) is nn.Linear


@claim("参数对象倒还是原来那些，`UninitializedParameter`就地变成了`nn.Parameter`", "pytorch")
def _(get_net, nn, X):
    block = get_net()
    before = list(block.parameters())
    block(X)
    assert all(a is b for a, b in zip(before, block.parameters(), strict=True))
    assert {type(p) for p in before} == {nn.Parameter}


@claim("网络算是构建好了，参数也数得出来了", "tensorflow")
def _(get_net, ready, X):
    block = ready(get_net(), X)
    assert block.built and all(layer.built for layer in block.layers)
    assert block.count_params() == 21 * 256 + 257 * 10


@claim("名字和用`nn.Linear`写的同样结构的网络一模一样", "paddle")
def _(get_net, known, ready, X):
    block = ready(get_net(), X)
    block(X)
    assert list(block.state_dict()) == list(known(20).state_dict())


@claim("以后每批的样本多几个少几个都可以，列数变了就会报错")
def _(array, get_net, initialize, raises, WRONG_SIZE, X, zeros):
    block = initialize(get_net())
    block(X)
    for n in (1, 2, 5):
        assert array(block(zeros(n, 20))).shape == (n, 10)
    for d in (19, 21):
        assert raises(WRONG_SIZE, lambda: block(zeros(2, d)))


@claim("网络不会抱怨，它会照着错误的列数定下形状，等到正确的数据来了反而报错")
def _(array, get_net, initialize, parameters, raises, transpose, value, WRONG_SIZE, X):
    block = initialize(get_net())
    assert array(block(transpose(X))).shape == (20, 10)
    assert sorted(value(parameters(block)[0]).shape) == [2, 256]
    assert raises(WRONG_SIZE, lambda: block(X))


# 没有数据的时候
@claim("送一批假数据进去就行，里面的数是多少无所谓", "mxnet", "pytorch", "paddle")
def _(get_net, initialize, parameters, seed, value, X, zeros):
    def seeded(data):
        seed(3)
        block = initialize(get_net())
        block(data)
        return value(parameters(block)[0])

    assert (seeded(X) == seeded(zeros(1, 20))).all()


@claim("批量的大小不影响权重，用`None`表示任意", "tensorflow")
def _(get_net, parameters, seed, value, zeros):
    def seeded(batch_size):
        seed(3)
        block = get_net()
        block.build((batch_size, 20))
        return value(parameters(block)[0])

    assert (seeded(None) == seeded(7)).all()
    block = get_net()
    block.build((None, 20))
    for n in (1, 5):
        assert block(zeros(n, 20)).shape == (n, 10)


@claim("这一层就不必等了，`initialize`当场生成权重", "mxnet")
def _(nn, value):
    layer = nn.Dense(256, in_units=20)
    layer.initialize()
    assert value(layer.weight).shape == (256, 20)


@claim("参数日后照样可以训练", "pytorch")
def _(get_net, gradients, torch, X):
    block = get_net()
    with torch.no_grad():
        assert not block(torch.zeros(1, 20)).requires_grad
    assert all(p.requires_grad for p in block.parameters())
    assert len(gradients(block, X)) == 4


@also("paddle")
def _(get_net, paddle, X):
    block = get_net()
    with paddle.no_grad():
        assert block(paddle.zeros([1, 20])).stop_gradient
    assert not any(p.stop_gradient for p in block.parameters())
    block(X).sum().backward()
    assert all(p.grad is not None for p in block.parameters())


@claim("假数据会弄乱它们的记录，要先调用`net.eval()`，事后再用`net.train()`切换回来", "pytorch")
def _(nn, torch):
    norm = nn.BatchNorm2d(3)
    norm.eval()
    norm(torch.zeros(1, 3, 4, 4))
    assert bool((norm.running_var == 1).all())
    norm.train()
    norm(torch.zeros(1, 3, 4, 4))
    assert bool((norm.running_var < 1).all())


@also("paddle")
def _(nn, paddle):
    norm = nn.BatchNorm2D(3)
    norm.eval()
    norm(paddle.zeros([1, 3, 4, 4]))
    assert (norm._variance.numpy() == 1).all()
    norm.train()
    norm(paddle.zeros([1, 3, 4, 4]))
    assert (norm._variance.numpy() < 1).all()


@claim("网络一建好就有全部的权重", "tensorflow")
def _(known):
    shapes = [tuple(w.shape) for w in known(20).weights]
    assert shapes == [(20, 256), (256,), (256, 10), (10,)]


@claim(
    "如果没有定义`build`，调用`build`只会得到一条警告，`built`成了`True`，权重仍然没有；"
    "这时要用一批假数据调用模型",
    "tensorflow",
)
def _(tf, warned):
    class Model(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.out = tf.keras.layers.Dense(3)

        def call(self, X):
            return self.out(X)

    block = Model()
    assert len(warned(lambda: block.build((None, 20)))) == 1
    assert block.built and block.weights == []
    assert not Model().built
    block = Model()
    block(tf.zeros((1, 20)))
    assert len(block.weights) == 2


# 赶在前面做的事
@claim("`Trainer`拿到的是参数对象，形状和值是后来补上的，对象没有换", "mxnet")
def _(get_net, gluon, gradients, initialize, parameters, value, X):
    block = initialize(get_net())
    trainer = gluon.Trainer(block.collect_params(), "sgd", {"learning_rate": 1})
    before = parameters(block)
    gradients(block, X)
    values = [value(p) for p in before]
    trainer.step(1)
    assert all(a is b for a, b in zip(before, parameters(block), strict=True))
    changed = [(value(p) != v).any() for p, v in zip(before, values, strict=True)]
    assert changed == [True] * 4


@claim("`Trainer`要建在`initialize`之后，建早了得到`RuntimeError`", "mxnet")
def _(get_net, gluon, initialize, raises):
    make = lambda block: gluon.Trainer(block.collect_params(), "sgd")
    assert raises(RuntimeError, lambda: make(get_net()))
    make(initialize(get_net()))


@claim("优化器拿到的参数对象，就是后来有了形状和值的那一个", "pytorch")
def _(get_net, gradients, torch, value, X):
    block = get_net()
    early = torch.optim.Adam(block.parameters(), lr=0.1)
    held = early.param_groups[0]["params"]
    gradients(block, X)
    assert all(a is b for a, b in zip(held, block.parameters(), strict=True))
    values = [value(p) for p in held]
    early.step()
    changed = [(value(p) != v).any() for p, v in zip(held, values, strict=True)]
    assert changed == [True] * 4


@claim("Keras的优化器创建时不要参数，到`apply_gradients`才看见它们，所以早建晚建都行", "tensorflow")
def _(get_net, tf, X):
    block, early = get_net(), tf.keras.optimizers.SGD(1.0)
    assert not early.built
    block(X)
    with tf.GradientTape() as tape:
        Y = tf.reduce_sum(block(X))
    found = tape.gradient(Y, block.trainable_weights)
    values = block.get_weights()
    early.apply_gradients(zip(found, block.trainable_weights, strict=True))
    assert early.built
    changed = [(a != b).any() for a, b in zip(values, block.get_weights(), strict=True)]
    assert changed == [True] * 4


@claim("第一次前向传播之前取出的空列表，以后也不会自己长出权重来", "tensorflow")
def _(get_net, X):
    block = get_net()
    before = block.trainable_weights
    block(X)
    assert before == [] and len(block.trainable_weights) == 4


@claim("`early`拿到的是空列表，更新时报错；`late`没有问题", "paddle")
def _(get_net, paddle, raises, value, X):
    for kind in (paddle.optimizer.SGD, paddle.optimizer.Adam):
        block = get_net()
        early = kind(0.1, parameters=block.parameters())
        block(X).sum().backward()
        late = kind(0.1, parameters=block.parameters())
        before = value(block[2].bias)
        assert raises(IndexError, early.step)
        assert (value(block[2].bias) == before).all()
        late.step()
        assert (value(block[2].bias) != before).all()


@claim(
    "网络里若还混有普通的层，毛病就更隐蔽：早建的优化器不报错，只是永远漏掉后来才有的参数", "paddle"
)
def _(LazyLinear, nn, paddle, value, X):
    block = nn.Sequential(nn.Linear(20, 8), LazyLinear(3))
    early = paddle.optimizer.SGD(0.1, parameters=block.parameters())
    for _ in range(2):
        block(X).sum().backward()
        plain, lazy = value(block[0].bias), value(block[1].bias)
        early.step()
        assert (value(block[0].bias) != plain).any()
        assert (value(block[1].bias) == lazy).all()


@claim("`net.to(dtype='float64')`只改得到已经有的参数", "paddle")
def _(get_net, paddle, X):
    block = get_net()
    block.to(dtype="float64")
    block(X)
    assert block[0].weight.dtype == paddle.float32
    block.to(dtype="float64")
    assert block[0].weight.dtype == paddle.float64


@claim("文件里的参数带着形状，`load_parameters`照着它补全，连`initialize`都不必调用", "mxnet")
def _(equal, get_net, ready, save_and_load, value, X):
    block, clone = ready(get_net(), X), get_net()
    with tempfile.TemporaryDirectory() as folder:
        save_and_load(block, clone, os.path.join(folder, "w"), X)
    assert value(clone[0].weight).shape == (256, 20)
    assert equal(clone(X), block(X))


@claim(
    "装进来的参数带着形状，`load_state_dict`照着它补全，不必先做前向传播；"
    "只是类要到第一次前向传播才换成`nn.Linear`",
    "pytorch",
)
def _(equal, get_net, nn, X):
    block, clone = get_net(), get_net()
    block(X)
    clone.load_state_dict(block.state_dict())
    assert clone[0].weight.shape == (256, 20)
    assert not any(nn.parameter.is_lazy(p) for p in clone.parameters())
    assert type(clone[0]) is type(clone[2]) is nn.LazyLinear
    assert equal(clone(X), block(X))
    assert type(clone[0]) is type(clone[2]) is nn.Linear


@claim("没有构建时不能装，得到`ValueError`；构建好再装，两个网络的输出相等", "tensorflow")
def _(equal, get_net, raises, ready, X):
    block, clone = ready(get_net(), X), get_net()
    load = lambda: clone.set_weights(block.get_weights())
    assert raises(ValueError, load)
    clone(X)
    assert not equal(clone(X), block(X))
    load()
    assert equal(clone(X), block(X))


@claim("从文件读取的`load_weights`也是这样", "tensorflow")
def _(equal, get_net, raises, ready, X):
    block, clone = ready(get_net(), X), get_net()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "w.weights.h5")
        block.save_weights(path)
        assert raises(ValueError, lambda: clone.load_weights(path))
        clone.build((None, 20))
        clone.load_weights(path)
    assert equal(clone(X), block(X))


@claim("没有报错，也没有装进去，两个网络的输出并不相等", "paddle")
def _(equal, get_net, warned, X):
    block, clone = get_net(), get_net()
    block(X)
    said = warned(lambda: clone.set_state_dict(block.state_dict()))
    assert said == []
    assert not equal(clone(X), block(X))


@claim("`set_state_dict`只在第二个返回值里列出它们", "paddle")
def _(get_net, X):
    block, clone = get_net(), get_net()
    block(X)
    found = clone.set_state_dict(block.state_dict())
    assert found == ([], list(block.state_dict()))


@claim("先用假数据让`clone`有了参数，再装就对了", "paddle")
def _(equal, get_net, X, zeros):
    block, clone = get_net(), get_net()
    block(X)
    clone(zeros(1, 20))
    assert clone.set_state_dict(block.state_dict()) == ([], [])
    assert equal(clone(X), block(X))


# 初始化得太早
@claim("大小都写明的网络可以这样做，后一次`initialize`会跳过已经有值的参数，并发出警告", "mxnet")
def _(init, nn, value, warned):
    block = nn.Sequential()
    block.add(nn.Dense(256, in_units=20), nn.Dense(10, in_units=256))
    block[0].weight.initialize(init.One())
    said = warned(block.initialize)
    assert len(said) == 1 and "already initialized" in said[0]
    assert (value(block[0].weight) == 1).all()


@claim("不是1，而且从头到尾没有一句提示")
def _(get_net, parameters, quiet, uttered, value, X):
    block = get_net()

    def task():
        quiet(block)
        block(X)

    assert uttered(task) == "", uttered(task)
    assert (value(parameters(block)[0]) != 1).all()
    # a sentence would have been heard
    said = uttered(lambda: (os.write(2, b"one "), print("two ")))
    assert sorted(said.split()) == ["one", "two"]
    assert "three" in uttered(lambda: warnings.warn("three", stacklevel=1))


@claim("后一次看见权重还没有值，就用自己的要求盖掉了它", "mxnet")
def _(get_net, init, value, X):
    block = get_net()
    block[0].weight.initialize(init.One())
    block.initialize(init.Constant(5))
    block(X)
    assert (value(block[0].weight) == 5).all()


@claim("两层的类都是`LazyLinear`，不是`nn.Linear`，`init_ones`一层也没有碰到", "pytorch")
def _(get_net, nn, X):
    hits = []
    note = lambda m: hits.append(m) if type(m) is nn.Linear else None
    block = get_net()
    block.apply(note)
    assert hits == []
    block(X)
    block.apply(note)
    assert len(hits) == 2


@claim("`net.weights`是空列表，循环一次也没有执行", "tensorflow")
def _(get_net):
    assert [w for w in get_net().weights] == []


@claim("`net.parameters()`是空列表，循环一次也没有执行", "paddle")
def _(get_net):
    assert [p for p in get_net().parameters()] == []


@claim("`LazyLinear`是`nn.Linear`的子类，改用`isinstance`判断就碰得到它", "pytorch")
def _(nn):
    assert issubclass(nn.LazyLinear, nn.Linear)


@claim("形状里有-1，`np.ones`造不出这样的数组，得到`MXNetError`", "mxnet")
def _(error_of, get_net, initialize, np):
    task = lambda: np.ones(initialize(get_net())[0].weight.shape)
    assert error_of(RuntimeError, task) == "MXNetError"


@claim("报错比不声不响好：程序停在出错的地方")
def _(get_net, init_ones, loud, raises):
    kinds = (RuntimeError, ValueError, AttributeError)
    assert raises(kinds, lambda: loud(get_net(), init_ones))


@claim("先让网络见一次数据，真的假的都行，然后再用同一个`init_ones`")
def _(get_net, in_time, init_ones, initialize, parameters, value, X, zeros):
    for data in (X, zeros(1, 20)):
        block = initialize(get_net())
        block(data)
        in_time(block, init_ones)
        assert (value(parameters(block)[0]) == 1).all()


@claim(
    "`nn.Dense(256, weight_initializer=init.One())`里的要求不会被`net.initialize()`盖掉", "mxnet"
)
def _(init, nn, value, X):
    block = nn.Sequential()
    block.add(nn.Dense(256, weight_initializer=init.One()), nn.Dense(10))
    block.initialize()
    block(X)
    assert (value(block[0].weight) == 1).all()
    assert (value(block[1].weight) != 1).all()


@claim("先整体，后单独：对于还没有值的参数，后记下的要求算数", "mxnet")
def _(get_net, init, initialize, value, X):
    block = initialize(get_net())
    block[0].weight.initialize(init.One())
    block(X)
    assert (value(block[0].weight) == 1).all()
    assert (value(block[1].weight) != 1).all()


@claim("要写`force_reinit=True`，否则只得到一条警告，值不变", "mxnet")
def _(get_net, init, ready, value, warned, X):
    block = ready(get_net(), X)
    before, weight = value(block[0].weight), block[0].weight
    assert len(warned(lambda: weight.initialize(init.One()))) == 1
    assert (value(weight) == before).all()
    weight.initialize(init.One(), force_reinit=True)
    assert (value(weight) == 1).all()


@claim("`Dense(256, kernel_initializer='ones')`，构建时自然会用上", "tensorflow")
def _(parameters, tf, value, X):
    block = tf.keras.Sequential([tf.keras.layers.Dense(256, kernel_initializer="ones")])
    block(X)
    assert (value(parameters(block)[0]) == 1).all()


@claim("构建之后再改`kernel_initializer`就没有作用了，也没有提示", "tensorflow")
def _(get_net, parameters, ready, tf, value, warned, X):
    ones = tf.keras.initializers.Ones()
    block = ready(get_net(), X)
    before = value(parameters(block)[0])

    def task():
        block.layers[0].kernel_initializer = ones
        block(X)

    assert warned(task) == []
    assert (value(parameters(block)[0]) == before).all()
    block = get_net()
    block.layers[0].kernel_initializer = ones
    block(X)
    assert (value(parameters(block)[0]) == 1).all()


@claim(
    "给`create_parameter`加上`attr=paddle.ParamAttr(initializer=nn.initializer.Constant(1.0))`，"
    "参数一出现就是1",
    "paddle",
)
def _(nn, paddle, value):
    weight = nn.Layer().create_parameter(
        [3, 4], attr=paddle.ParamAttr(initializer=nn.initializer.Constant(1.0))
    )
    assert (value(weight) == 1).all()


# 什么时候用
@claim("卷积层和汇聚层会改变图像的高和宽", "mxnet")
def _(nn, np):
    image = np.zeros((1, 1, 28, 28))
    conv, pool = nn.Conv2D(8, kernel_size=3), nn.MaxPool2D(2)
    conv.initialize()
    assert conv(image).shape == (1, 8, 26, 26)
    assert pool(image).shape == (1, 1, 14, 14)


@also("pytorch")
def _(nn, torch):
    image = torch.zeros(1, 1, 28, 28)
    conv, pool = nn.LazyConv2d(8, kernel_size=3), nn.MaxPool2d(2)
    assert conv(image).shape == (1, 8, 26, 26)
    assert pool(image).shape == (1, 1, 14, 14)


@also("tensorflow")
def _(tf):
    image = tf.zeros((1, 28, 28, 1))
    conv = tf.keras.layers.Conv2D(8, kernel_size=3)
    pool = tf.keras.layers.MaxPool2D(2)
    assert conv(image).shape == (1, 26, 26, 8)
    assert pool(image).shape == (1, 14, 14, 1)


@also("paddle")
def _(nn, paddle):
    image = paddle.zeros([1, 1, 28, 28])
    conv, pool = nn.Conv2D(1, 8, kernel_size=3), nn.MaxPool2D(2)
    assert conv(image).shape == [1, 8, 26, 26]
    assert pool(image).shape == [1, 1, 14, 14]


@claim("通道数还得自己写", "paddle")
def _(nn, raises):
    assert raises(TypeError, lambda: nn.Conv2D(8, kernel_size=3))


@claim("两个数里较大的那个就是展平之后的长度", "mxnet")
def _(net):
    assert max(net[3].weight.shape) == 8 * 13 * 13


@also("pytorch", "paddle")
def _(net):
    assert max(net[4].weight.shape) == 8 * 13 * 13


@also("tensorflow")
def _(net):
    assert max(net.layers[3].kernel.shape) == 8 * 13 * 13


@claim("换一种大小的图像、卷积核或汇聚窗口，它就跟着变，全连接层的代码却不用改", "mxnet")
def _(nn, np):
    def longest(size, kernel, window):
        block = nn.Sequential()
        block.add(nn.Conv2D(8, kernel), nn.MaxPool2D(window), nn.Flatten(), nn.Dense(10))
        block.initialize()
        block(np.zeros((1, 1, size, size)))
        return max(block[3].weight.shape)

    found = [longest(*s) for s in ((28, 3, 2), (32, 3, 2), (28, 5, 2), (28, 3, 3))]
    assert found == [8 * s * s for s in (13, 15, 12, 8)]


@also("pytorch")
def _(nn, torch):
    def longest(size, kernel, window):
        block = nn.Sequential(
            nn.LazyConv2d(8, kernel), nn.MaxPool2d(window), nn.Flatten(), nn.LazyLinear(10)
        )
        block(torch.zeros(1, 1, size, size))
        return max(block[3].weight.shape)

    found = [longest(*s) for s in ((28, 3, 2), (32, 3, 2), (28, 5, 2), (28, 3, 3))]
    assert found == [8 * s * s for s in (13, 15, 12, 8)]


@also("tensorflow")
def _(tf):
    def longest(size, kernel, window):
        block = tf.keras.Sequential(
            [
                tf.keras.layers.Conv2D(8, kernel),
                tf.keras.layers.MaxPool2D(window),
                tf.keras.layers.Flatten(),
                tf.keras.layers.Dense(10),
            ]
        )
        block(tf.zeros((1, size, size, 1)))
        return max(block.layers[3].kernel.shape)

    found = [longest(*s) for s in ((28, 3, 2), (32, 3, 2), (28, 5, 2), (28, 3, 3))]
    assert found == [8 * s * s for s in (13, 15, 12, 8)]


@also("paddle")
def _(LazyLinear, nn, paddle):
    def longest(size, kernel, window):
        block = nn.Sequential(
            nn.Conv2D(1, 8, kernel), nn.MaxPool2D(window), nn.Flatten(), LazyLinear(10)
        )
        block(paddle.zeros([1, 1, size, size]))
        return max(block[3].weight.shape)

    found = [longest(*s) for s in ((28, 3, 2), (32, 3, 2), (28, 5, 2), (28, 3, 3))]
    assert found == [8 * s * s for s in (13, 15, 12, 8)]


@claim("不等数据就可以设初始值、计数、装入存好的参数，因等待而起的麻烦一样也没有")
def _(fill, known, parameters, save_and_load, value, X):
    block, clone = known(20), known(20)
    before = parameters(block)
    for weight in before:
        fill(weight, 1)
    assert sum(value(w).size for w in before) == 7946
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "w")
        if hasattr(block, "save_weights"):
            path += ".weights.h5"
            block.save_weights(path)
            clone.load_weights(path)
        else:
            save_and_load(block, clone, path, X)
    assert all((value(w) == 1).all() for w in parameters(clone))
    # what was set early stays, and what was held early is what is trained
    block(X)
    assert all(a is b for a, b in zip(before, parameters(block), strict=True))
    assert all((value(w) == 1).all() for w in parameters(block))


@claim("写明了大小，也仍要先调用`initialize`，参数才有值", "mxnet")
def _(fill, gluon, nn, parameters, raises, value, X):
    def sized():
        block = nn.Sequential()
        block.add(nn.Dense(256, in_units=20), nn.Dense(10, in_units=256))
        return block

    block = sized()
    assert block[0].weight.shape == (256, 20)
    for task in (
        block[0].weight.data,
        lambda: block(X),
        lambda: gluon.Trainer(sized().collect_params(), "sgd"),
    ):
        assert raises(RuntimeError, task)
    assert raises(AssertionError, lambda: fill(block[0].weight, 1))
    block.initialize()
    fill(block[0].weight, 1)
    assert (value(parameters(block)[0]) == 1).all()


@claim("送来的数据列数不对，头一次就会报错，不会被当成正确的接受下来")
def _(get_net, initialize, known, raises, transpose, WRONG_SIZE, X):
    assert raises(WRONG_SIZE, lambda: known(20)(transpose(X)))
    initialize(get_net())(transpose(X))


# 小结
@claim("不写输入的大小也能造出网络：第一次前向传播时，每一层按自己看到的输入定下权重的形状")
def _(get_net, initialize, parameters, value, X):
    for d in (5, 20):
        block = initialize(get_net())
        block(X[:, :d])
        shapes = [sorted(value(w).shape) for w in parameters(block)]
        assert shapes == [[d, 256], [256], [10, 256], [10]]
        assert (value(parameters(block)[0]) != 0).any()


@claim("在那之前权重还没有值，点名去取，多半得到异常", "mxnet")
def _(get_net, initialize, raises, value):
    for block in (get_net(), initialize(get_net())):
        for it in (block[0].weight, block[1].weight):
            for task in (it.data, it.grad, it.list_data):
                assert raises(RuntimeError, task)
    # not all: the length of a bias is known
    assert raises(RuntimeError, get_net()[0].bias.data)
    assert value(initialize(get_net())[0].bias).shape == (256,)


@also("pytorch")
def _(get_net, nn, raises):
    it = get_net()[0].weight
    refused = (
        it.sum,
        it.numel,
        it.detach,
        it.clone,
        it.tolist,
        lambda: it[0],
        lambda: it == 1,
        lambda: len(it),
        lambda: nn.init.ones_(it),
    )
    assert all(raises(ValueError, task) for task in refused)
    assert raises(RuntimeError, lambda: it.shape)
    # not all
    assert it.data.numel() == 0 and it.size() == (0,)


@also("tensorflow")
def _(get_net, raises):
    for layer in get_net().layers:
        assert raises(AttributeError, lambda: layer.kernel)
        assert raises(IndexError, lambda: layer.weights[0])
        assert raises(AttributeError, lambda: layer.bias)


@also("paddle")
def _(get_net, raises):
    block = get_net()
    for n in (0, 2):
        assert raises(AttributeError, lambda: block[n].weight)
        assert raises(AttributeError, lambda: block[n].bias)
        assert raises(IndexError, lambda: block[n].parameters()[0])
    assert raises(KeyError, lambda: block.state_dict()["0.weight"])


@claim("形状只定一次：以后样本的个数可以变，列数不能变")
def _(array, get_net, initialize, parameters, raises, value, WRONG_SIZE, X, zeros):
    block = initialize(get_net())
    block(X)
    assert array(block(zeros(9, 20))).shape == (9, 10)
    assert raises(WRONG_SIZE, lambda: block(zeros(2, 9)))
    assert sorted(value(parameters(block)[0]).shape) == [20, 256]


@claim("没有数据时可以用假数据定下形状，里面的数是多少无所谓")
def _(get_net, initialize, parameters, seed, value, X, zeros):
    def seeded(data):
        seed(3)
        block = initialize(get_net())
        block(data)
        return value(parameters(block)[0])

    assert (seeded(X) == seeded(zeros(1, 20))).all()


@claim("赶在第一次前向传播之前设定初始值，可能不声不响地落空；先让网络见一次数据，再设")
def _(get_net, in_time, init_ones, parameters, quiet, value, X):
    block = get_net()
    quiet(block)
    block(X)
    assert (value(parameters(block)[0]) != 1).all()
    in_time(block, init_ones)
    assert (value(parameters(block)[0]) == 1).all()


@claim("图像展平之后的长度不必自己算，换一种大小的图像也不用改代码", "mxnet")
def _(nn, np):
    def build():
        block = nn.Sequential()
        block.add(nn.Conv2D(8, 3), nn.Flatten(), nn.Dense(10))
        block.initialize()
        return block

    for size in (9, 12):
        block = build()
        assert block(np.zeros((1, 1, size, size))).shape == (1, 10)
        assert block[2].weight.shape == (10, 8 * (size - 2) ** 2)


@also("pytorch")
def _(nn, torch):
    build = lambda: nn.Sequential(nn.LazyConv2d(8, 3), nn.Flatten(), nn.LazyLinear(10))
    for size in (9, 12):
        block = build()
        assert block(torch.zeros(1, 1, size, size)).shape == (1, 10)
        assert block[2].weight.shape == (10, 8 * (size - 2) ** 2)


@also("tensorflow")
def _(tf):
    build = lambda: tf.keras.Sequential(
        [tf.keras.layers.Conv2D(8, 3), tf.keras.layers.Flatten(), tf.keras.layers.Dense(10)]
    )
    for size in (9, 12):
        block = build()
        assert block(tf.zeros((1, size, size, 1))).shape == (1, 10)
        kernel = block.layers[2].kernel
        assert kernel.shape == (8 * (size - 2) ** 2, 10)


@also("paddle")
def _(LazyLinear, nn, paddle):
    build = lambda: nn.Sequential(nn.Conv2D(1, 8, 3), nn.Flatten(), LazyLinear(10))
    for size in (9, 12):
        block = build()
        assert block(paddle.zeros([1, 1, size, size])).shape == [1, 10]
        assert block[2].weight.shape == [8 * (size - 2) ** 2, 10]


# 练习
@claim("TensorFlow在最前面放`tf.keras.Input((20,))`，并解释为什么第二层也不用等", "mxnet")
def _(nn, raises, value):
    block = nn.Sequential()
    block.add(nn.Dense(256, in_units=20), nn.Dense(10))
    block.initialize()
    assert value(block[0].weight).shape == (256, 20)
    assert raises(RuntimeError, block[1].weight.data)
    assert value(block[1].bias).shape == (10,)


@also("pytorch")
def _(nn):
    block = nn.Sequential(nn.Linear(20, 256), nn.LazyLinear(10))
    waits = [nn.parameter.is_lazy(p) for p in block.parameters()]
    assert waits == [False, False, True, True]


@also("tensorflow")
def _(known):
    assert len(known(20).weights) == 4


@also("paddle")
def _(LazyLinear, nn):
    block = nn.Sequential(nn.Linear(20, 256), LazyLinear(10))
    assert [p.shape for p in block.parameters()] == [[20, 256], [256]]


@claim(
    "把第二层的输入大小错写成128，错误会在哪一步出现：构造、初始化，还是前向传播",
    "mxnet",
    "pytorch",
    "paddle",
)
def _(known, raises, WRONG_SIZE, X):
    block = known(20, n_hidden=128)
    assert raises(WRONG_SIZE, lambda: block(X))


@also("tensorflow")
def _(get_net, message, zeros):
    block = get_net()
    block.build((None, 20))
    said = message(ValueError, lambda: block(zeros(2, 30)))
    assert block.layers[0].name in said


@claim("它的答案和另外三个框架不同")
def _(get_net, initialize, parameters, seed, value, X):
    def seeded(at_construction, at_forward):
        seed(at_construction)
        block = initialize(get_net())
        seed(at_forward)
        block(X)
        return value(parameters(block)[0])

    decides = (seeded(1, 2) == seeded(1, 3)).all()
    assert (seeded(1, 3) == seeded(2, 3)).all() != decides
    assert decides == hasattr(get_net(), "get_weights")
