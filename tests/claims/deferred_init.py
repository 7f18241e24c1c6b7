"""What chapter_computation/deferred-init.md claims."""

import inspect
import os
import re
import warnings
from pathlib import Path

import numpy

from claims import Claims

SECTION = "chapter_computation/deferred-init.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked

#: What asking too early for a weight raises.
TOO_EARLY = (RuntimeError, ValueError, AttributeError)


def dense_in(block, notebook, Linear, layers_of):
    """Return the dense layers of a network, also those that have no parameters yet."""
    if isinstance(block, notebook.get("LazyLinear", Linear)):
        return [block]
    inner = [dense_in(child, notebook, Linear, layers_of) for child in layers_of(block)]
    return sum(inner, [])


def same(before, after):
    """Tell whether two lists hold the same objects."""
    return all(one is other for one, other in zip(before, after, strict=True))


@claim("大小由输入和输出的个数决定")
def _(dense, ready, shapes_of, X):
    for n in (3, 5):
        assert sorted(shapes_of(ready(dense(20, n), X))[0]) == [n, 20]


@claim(
    "旋臂数据有两列， :numref:`sec_model_construction`的`spiral_net`里就写着一个2；"
    "换成五列的数据，便得回来改代码"
)
def _(array, d2l, points, raises, wide, WRONG_SIZE):
    assert array(d2l.spiral_net()(points)).shape == (300, 3)
    assert points.shape[1] == 2 and wide.shape[1] == 5
    assert raises(WRONG_SIZE, lambda: d2l.spiral_net()(wide))


# 不写输入的大小
@claim(
    "`nn.Dense`只要求写输出的个数，输入的个数`in_units`可以不写，MXNet就用-1表示“还不知道”",
    "mxnet",
)
def _(nn):
    assert nn.Dense(3, in_units=4).weight.shape == (3, 4)
    assert nn.Dense(256).weight.shape == (256, -1)
    assert "-1 -> 256" in repr(nn.Dense(256))


@claim(
    "`nn.Linear`的两个大小都必须写",
    "pytorch",
    "paddle",
)
def _(message, nn):
    said = message(TypeError, lambda: nn.Linear(256))
    assert "out_features" in said and "missing" in said


@claim("不知道输入的大小，就改用`nn.LazyLinear`，只写输出的个数，输入的个数暂时显示为0", "pytorch")
def _(nn, X):
    layer = nn.LazyLinear(256)
    assert layer.in_features == 0 and "in_features=0, out_features=256" in repr(layer)
    assert layer(X).shape == (2, 256) and layer.weight.shape == (256, 20)


@claim(
    "Keras的`Dense`从来不问输入的个数",
    "构建好了没有，看`built`便知",
    "tensorflow",
)
def _(tf, X):
    asked = inspect.signature(tf.keras.layers.Dense).parameters.values()
    assert [p.name for p in asked if p.default is p.empty] == ["units", "kwargs"]
    for build in (lambda it: it(X), lambda it: it.build((None, 20))):
        layer = tf.keras.layers.Dense(3)
        assert not layer.built and layer.weights == []
        build(layer)
        assert layer.built and len(layer.weights) == 2


@claim(
    "`paddle.nn`里也没有可以只写输出个数的全连接层。"
    "我们自己写一个：构造时记下输出的个数，第一次前向传播时看见输入，才创建参数",
    "初始值和`nn.Linear`的一样：权重用Xavier均匀分布，偏置为0",
    "把参数赋给属性，基类就登记了它，以后`parameters()`找得到",
    "paddle",
)
def _(check_uniform, glorot, LazyLinear, names, nn, paddle, ready, value, X):
    assert not [name for name in dir(nn) if "lazy" in name.lower()]
    # the old function for static graphs is not a layer of paddle.nn
    assert not hasattr(nn, "fc") and callable(paddle.static.nn.fc)
    for layer in (ready(LazyLinear(5000), X), nn.Linear(20, 5000)):
        check_uniform(value(layer.weight), glorot(20, 5000))
        assert (value(layer.bias) == 0).all()
    layer = LazyLinear(3)
    assert layer.units == 3 and layer.parameters() == []
    assert names(ready(layer, X)) == ["weight", "bias"]
    assert layer.weight.shape == [20, 3]
    assert LazyLinear.__module__ == "__main__"


@claim(
    "四个参数对象都在。权重的形状里有-1；偏置的长度只取决于输出的个数，形状是完整的",
    "取第一层的权重和偏置的值",
    "两个都是`RuntimeError`",
    "偏置的形状虽然知道，此时也没有值，因为还没有调用过`initialize`；现在做前向传播，得到的是同样的异常",
    "照`p.shape`自己统计参数量却不报错：-1也会当作大小乘进去，权重得负数，在这里和偏置正好抵消，总数是0",
    "mxnet",
)
def _(error_of, get_net, initialize, parameters, X):
    block = get_net()
    shapes = [p.shape for p in parameters(block)]
    assert shapes == [(256, -1), (256,), (10, -1), (10,)]
    for task in (block[0].weight.data, block[0].bias.data, lambda: block(X)):
        assert error_of(RuntimeError, task) == "RuntimeError"
    for block in (get_net(), initialize(get_net())):
        sizes = [numpy.prod(p.shape) for p in parameters(block)]
        assert sizes == [-256, 256, -10, 10] and sum(sizes) == 0


@claim("第二层的权重也在等，框架并不从第一层推算", mxnet=3)
@claim("第二层同样在等，框架并不从第一层推算", pytorch=2)
@claim(
    "第一层的权重和偏置有值，第二层的偏置也有：它的长度只取决于输出的个数，"
    "`initialize`时就生成了。还在等的只有第二层的权重",
    mxnet=3,
)
@claim(
    "有值的只有第一层的权重和偏置，它们在构造时就生成了。"
    "第二层虽然接在后面，也还是要等数据走到它那里",
    pytorch=2,
    paddle=2,
)
@claim(
    "有了`Input`，`Sequential`一建好就逐层推算形状：第一层的输入是20列，输出是256列，"
    "正是第二层的输入，所以第二层不用等",
    tensorflow=4,
)
@claim(
    "只写明第一层的输入大小，第二层不写，数据到来之前哪些参数已经有值？",
    "第一层在MXNet里写`in_units=20`，建好后调用`initialize`；"
    "在PyTorch和PaddlePaddle里用`nn.Linear(20, 256)`；"
    "TensorFlow在最前面放`tf.keras.Input((20,))`，并解释为什么第二层也不用等",
    mxnet=3,
    pytorch=2,
    tensorflow=4,
    paddle=2,
)
def _(chain, dense, get_net, given, initialize, known, last_layer, shapes_of, tab, X):
    mixed = chain(dense(20, 256), last_layer(get_net()))
    constructed = len(shapes_of(mixed))
    block = known(20) if tab == "tensorflow" else initialize(mixed)
    # those of the first layer; MXNet knows how long the second bias is
    assert constructed == (0 if tab in ("mxnet", "tensorflow") else given)
    shapes = [sorted(shape) for shape in shapes_of(block)]
    assert len(shapes) == given and shapes[:2] == [[20, 256], [256]]
    assert ([10] in shapes) == (given > 2)
    assert ([10, 256] in shapes) == (tab == "tensorflow")
    block(X)
    assert [10, 256] in map(sorted, shapes_of(block))


@claim("这里推算的只是形状，没有用到任何数据", "tensorflow")
def _(tf, X):
    seen = []

    class Watching(tf.keras.layers.Dense):
        def call(self, X):
            seen.append(tf.is_symbolic_tensor(X))
            return super().call(X)

    block = tf.keras.Sequential([tf.keras.Input((20,)), Watching(3), Watching(2)])
    assert all(seen) and len(block.weights) == 4
    block(X)
    assert not all(seen)


@claim(
    "四个参数对象都在，类型是`UninitializedParameter`，占着位置，没有形状也没有值，连偏置也是这样",
    "问第一层的权重是什么形状，再问它有多少个元素",
    "两者的错误信息都提醒你先做一次前向传播；参数量这时也统计不了",
    "`weight.data`和`weight.size()`却不报错，给出的是空张量和`torch.Size([0])`",
    "pytorch",
)
def _(d2l, get_net, message, nn, raises, torch):
    kind, found = nn.parameter.UninitializedParameter, list(get_net().parameters())
    assert [type(p) for p in found] == [kind] * 4 and issubclass(kind, nn.Parameter)
    for p in found:
        assert "`forward`" in message(RuntimeError, lambda: p.shape)
        assert "`forward`" in message(ValueError, p.numel)
        assert type(p.data) is torch.Tensor and p.data.numel() == 0
        assert p.size() == torch.Size([0])
    assert raises(ValueError, lambda: d2l.num_params(get_net()))


@claim(
    "取第一层的权重（Keras叫它`kernel`），再统计整个网络的参数量",
    "`net.get_weights()`给出的也是空列表",
    "取`kernel`得到`AttributeError`，统计参数得到`ValueError`，两者的错误信息都提醒你先构建",
    "权重和偏置都要等到构建时才创建",
    "不能早取的是`net.trainable_weights`：第一次前向传播之前取出的空列表，以后也不会自己长出权重来",
    "tensorflow",
)
def _(get_net, message, X):
    for build in (lambda it: it.build((None, 20)), lambda it: it(X)):
        block = get_net()
        before = block.trainable_weights
        assert block.get_weights() == block.weights == []
        assert "build" in message(AttributeError, lambda: block.layers[0].kernel)
        assert "build" in message(ValueError, block.count_params)
        build(block)
        assert len(block.weights) == len(block.trainable_weights) == 4
        assert block.built and all(layer.built for layer in block.layers)
        assert block.count_params() == 21 * 256 + 257 * 10
        assert block.layers[0].kernel.shape == (20, 256)
        assert before == []


@claim(
    "列表是空的，权重和偏置都还没有创建",
    "点名要一个权重会报错，要一份清单则得到空列表",
    "tensorflow",
    "paddle",
)
@claim("头一次调用`init_ones`的时候，`net.weights`是空列表，循环一次也没有执行", "tensorflow")
@claim("头一次调用`init_ones`的时候，`net.parameters()`是空列表，循环一次也没有执行", "paddle")
def _(first_layer, get_net, last_layer, matrix_of, parameters, quiet, raises):
    block = get_net()
    quiet(block)
    assert parameters(block) == []
    for layer in (first_layer(block), last_layer(block)):
        assert parameters(layer) == []
        assert raises(AttributeError, lambda: matrix_of(layer))


@claim("`error_of`运行一项任务，返回任务抛出的异常的名字")
def _(error_of, raises):
    assert error_of(ValueError, lambda: int("x")) == "ValueError"
    assert error_of(LookupError, lambda: {}[0]) == "KeyError"
    assert error_of(ValueError, lambda: 1) is None
    assert raises(ValueError, lambda: error_of(KeyError, lambda: int("x")))


@claim(
    "取第一层的权重，再取参数列表里的第一个",
    "属性`weight`还不存在，得到`AttributeError`；空列表没有第一个元素，得到`IndexError`",
    "paddle",
)
def _(get_net, raises):
    assert raises(AttributeError, lambda: get_net()[0].weight)
    assert raises(IndexError, lambda: get_net().parameters()[0])


@claim(
    "由使用者调用`initialize`，数据来不来都可以调用。看看没有数据时它做成了什么",
    "初始化只完成了一半。偏置的形状早就知道，当场就设成了0；"
    "权重的形状还不知道，只能先把要求记下，"
    "此时取它的值得到`DeferredInitializationError`，它是`RuntimeError`的子类",
    "MXNet要先调用`initialize`",
    "mxnet",
)
def _(changed, error_of, get_net, gluon, init, parameters, raises, value, X):
    block = get_net()
    assert raises(RuntimeError, lambda: block(X))
    block.initialize()
    assert issubclass(gluon.parameter.DeferredInitializationError, RuntimeError)
    for layer in block:
        assert (value(layer.bias) == 0).all() and layer.weight.shape[1] == -1
        # `error_of` tells the name of a subclass, too
        assert error_of(RuntimeError, layer.weight.data) == "DeferredInitializationError"
    block(X)
    again = lambda: block.initialize(force_reinit=True)
    assert changed(value, parameters(block), again) == [True, False] * 2
    # what was asked for is kept until the data come
    asked = get_net()
    asked.initialize(init.Constant(3))
    asked(X)
    assert all((value(layer.weight) == 3).all() for layer in asked)


@claim(
    "PyTorch没有单列的初始化步骤：带参数的层大多用自己的`reset_parameters`生成初始值，"
    "`nn.Linear`的构造函数就会调用它。看看没有数据时调用它会怎样",
    "不知道大小时，`reset_parameters`什么也不做，也不报错",
    "那时框架会再调用它一次",
    "pytorch",
)
def _(changed, nn, torch, value, X):
    calls = []

    def counting(kind):
        reset = lambda layer: calls.append(layer) or kind.reset_parameters(layer)
        return type("Counting", (kind,), {"reset_parameters": reset})

    layer = counting(nn.Linear)(20, 3)
    assert len(calls) == 1 and (value(layer.weight) != 0).any()
    assert not [name for name in dir(layer) if name.startswith("init")]
    assert changed(value, [layer.weight], layer.reset_parameters) == [True]
    kinds = "Linear Bilinear Conv1d Conv2d ConvTranspose2d LSTM GRU Embedding LayerNorm PReLU"
    assert all(hasattr(getattr(nn, kind), "reset_parameters") for kind in kinds.split())
    assert not hasattr(nn.MultiheadAttention, "reset_parameters")  # most, not all

    layer, before = counting(nn.LazyLinear)(3), torch.get_rng_state()
    layer.reset_parameters()
    assert torch.equal(torch.get_rng_state(), before)
    assert nn.parameter.is_lazy(layer.weight) and nn.parameter.is_lazy(layer.bias)
    calls.clear()
    layer(X), layer(X)
    assert len(calls) == 1


@claim(
    "构造层时只记下初始化方法，构建时才照着做",
    "看看输出层记下了什么，此时又有没有权重",
    "权重将用`GlorotUniform`，偏置将用`Zeros`，不过这只是记在层里的方法",
    "`Dense(256, kernel_initializer='ones')`，构建时自然会用上",
    "构建之后再改`kernel_initializer`就没有作用了，也没有提示",
    "tensorflow",
)
def _(check_uniform, get_net, glorot, last_layer, ready, silent, tf, value, X):
    layer, block = tf.keras.layers.Dense(5000), get_net()
    for one in (layer, last_layer(block)):
        methods = one.kernel_initializer, one.bias_initializer
        assert [type(method).__name__ for method in methods] == ["GlorotUniform", "Zeros"]
        assert one.weights == []
    check_uniform(value(ready(layer, X).kernel), glorot(20, 5000))
    assert (value(layer.bias) == 0).all()

    layer = tf.keras.layers.Dense(256, kernel_initializer="ones")
    assert layer.weights == []
    assert (value(ready(layer, X).kernel) == 1).all()

    layer.kernel_initializer = tf.keras.initializers.Zeros()
    silent(lambda: layer(X))
    assert (value(layer.kernel) == 1).all()
    # before it would have been in time
    layer = tf.keras.layers.Dense(256)
    layer.kernel_initializer = tf.keras.initializers.Zeros()
    assert (value(ready(layer, X).kernel) == 0).all()


@claim(
    "PaddlePaddle没有单列的初始化步骤：`create_parameter`创建参数，同时填好初始值。",
    "框架里有一个名字相近的`paddle.LazyGuard`，能把这两件事分开。",
    "在`LazyGuard`里创建的参数有形状而没有值，"
    "用之前要逐个调用参数的`initialize`方法，否则得到`RuntimeError`。"
    "`LazyGuard`推迟的是占用内存，大小照样要写，和延后初始化是两回事",
    "给`create_parameter`加上`attr=paddle.ParamAttr(initializer=nn.initializer.Constant(1.0))`，"
    "参数一出现就是1",
    "paddle",
)
def _(nn, paddle, raises, value, X):
    create = nn.Layer().create_parameter
    assert (value(create([3, 4])) != 0).all()
    assert not [name for name in dir(nn.Layer) if name.startswith("init")]
    with paddle.LazyGuard():
        layer = nn.Linear(20, 3)
        assert raises(TypeError, lambda: nn.Linear(3))
    assert layer.weight.shape == [20, 3] and value(layer.weight).size == 0
    assert raises(RuntimeError, lambda: layer(X))
    for parameter in layer.parameters():
        parameter.initialize()
    assert value(layer.weight).size == 60 and layer(X).shape == [2, 3]
    ones = paddle.ParamAttr(initializer=nn.initializer.Constant(1.0))
    assert (value(create([3, 4], attr=ones)) == 1).all()


@claim("权重和偏置都要等到第一次前向传播", "pytorch", "paddle")
def _(get_net, ready, shapes_of, X):
    block = get_net()
    assert shapes_of(block) == []
    assert len(shapes_of(ready(block, X))) == 4


# 第一次前向传播
@claim(
    "输出有几个，写网络的人说了算；输入有几个，却要看前一层，或者看数据有几列",
    "不妨先空着，等数据第一次流过网络，再定下权重的形状，生成初始值。"
    "这叫作*延后初始化*（deferred initialization）。"
    "方便之余，也多了一段尴尬的时间：网络已经写好，权重还没有值",
    "下面的多层感知机，没有一个数字说到输入的大小。它还没有见过数据，这时有哪些参数？",
    "第一层的输入个数是`X`的列数，第二层的输入个数是第一层的输出个数",
    "不写输入的大小也能造出网络：第一次前向传播时，每一层按自己看到的输入定下权重的形状，生成初始值",
)
def _(array, get_net, gradients, initialize, lazy_spiral_net, ready, shapes_of, X):
    for units in (8, 16):  # of the layers before the last
        shapes = [sorted(shape) for shape in shapes_of(ready(lazy_spiral_net(units), X))]
        assert shapes[0] == sorted([20, units]) and shapes[-2:] == [[3, units], [3]]
    for d in (1, 7, 20):
        block = initialize(get_net())
        assert not [shape for shape in shapes_of(block) if len(shape) == 2]
        assert array(block(X[:, :d])).shape == (2, 10)
        assert [sorted(shape) for shape in shapes_of(block)] == [[d, 256], [256], [10, 256], [10]]
        assert len(gradients(block, X[:, :d])) == 4


@claim(
    "第一层的参数何时有对象、形状和值。虚线框没有对象，黄框有对象，蓝框有值",
    mxnet=[
        ("object", "有对象，形状(256, -1)"),
        ("object", "只记下初始化方法"),
        ("value", "形状(256, 20)，有值"),
        ("object", "有对象，形状(256,)"),
        ("value", "有值：全是0"),
    ],
    pytorch=[("object", "有对象，没有形状，没有值"), ("value", "形状(256, 20)，有值")],
    tensorflow=[("none", "没有对象，层记下初始化方法"), ("value", "形状(20, 256)，有值")],
    paddle=[
        ("none", "没有对象，LazyLinear记下输出的个数"),
        ("value", "形状(20, 256)，有值"),
    ],
)
def _(first_layer, get_net, given, initialize, parameters, raises, shapes_of, tab, value, X):
    drawing = Path(__file__).parents[2].joinpath("img", "deferred.svg").read_text("utf-8")
    lane = re.search(rf'<g id="deferred-{tab}">(.*?)</g>', drawing, re.S)[1]
    drawn = re.findall(r'<rect class="(.*?)".*?<text.*?>(.*?)</text>', lane, re.S)
    assert drawn == given
    layer = first_layer(get_net())
    # before the network is initialised, before it sees data, and then
    moments = [len(parameters(layer))]
    if tab == "mxnet":
        weight, bias = parameters(layer)
        assert (weight.shape, bias.shape) == ((256, -1), (256,))
        assert raises(RuntimeError, bias.data)
        initialize(layer)
        assert raises(RuntimeError, weight.data) and (value(bias) == 0).all()
    moments.append(len(shapes_of(layer)))
    layer(X)
    last = shapes_of(layer)
    exists = {"none": 0, "object": 2}[drawn[0][0]]
    assert moments == [exists, 1 if tab == "mxnet" else 0]
    assert len(last) == 2 and f"形状{last[0]}，有值" in [text for _, text in drawn]
    # what is said to be written down is there
    if tab == "tensorflow":
        assert layer.kernel_initializer is not None
    if tab == "paddle":
        assert layer.units == 256


@claim(
    "每一层都先看清自己的输入，定下形状，生成初始值，然后才计算",
    mxnet="register_forward_hook",
    pytorch="register_forward_hook",
    paddle="register_forward_post_hook",
)
def _(get_net, given, initialize, shapes_of, X):
    seen, block = [], initialize(get_net())
    getattr(block[0], given)(lambda *_: seen.extend(shapes_of(block)))
    block(X)
    # the first layer has computed, and the second has no weight yet
    assert [sorted(shape) for shape in seen if len(shape) == 2] == [[20, 256]]


@claim(
    "`Sequential`先不用数值，只用形状把各层走一遍，逐层创建权重；"
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

    tf.keras.Sequential([Watching(3), Watching(2)])(X)
    assert seen == [("build", (2, 20)), ("build", (2, 3)), ("call", (2, 20)), ("call", (2, 3))]


@claim(
    "然后才计算。参数对象还是原来那些。",
    "`Trainer`拿到的是参数对象，形状和值是后来补上的，对象没有换",
    "`Trainer`要建在`initialize`之后，建早了得到`RuntimeError`",
    "mxnet",
)
def _(changed, get_net, gluon, gradients, initialize, parameters, raises, shapes_of, value, X):
    make = lambda block: gluon.Trainer(block.collect_params(), "sgd", {"learning_rate": 1})
    block = initialize(get_net())
    before, trainer = parameters(block), make(block)
    gradients(block, X)
    assert len(shapes_of(block)) == 4 and "-1" not in repr(block)
    assert same(before, parameters(block))
    assert changed(value, before, lambda: trainer.step(1)) == [True] * 4
    assert raises(RuntimeError, lambda: make(get_net()))


@claim(
    "头一次调用`apply`的时候，两层的类都是`LazyLinear`，不是`nn.Linear`，`init_ones`一层也没有碰到",
    "参数对象还是原来那些，类型就地变成`nn.Parameter`；层的类也从`LazyLinear`换成了`nn.Linear`",
    "优化器拿到的参数对象，就是后来有了形状和值的那一个",
    "换一种写法，设得太早就会报错。`LazyLinear`是`nn.Linear`的子类，改用`isinstance`判断就碰得到它",
    "pytorch",
)
def _(changed, get_net, gradients, init_ones, nn, parameters, raises, torch, value, X):
    assert raises(ValueError, lambda: get_net().apply(init_ones))
    block, seen, touched = get_net(), [], []
    block.apply(lambda one: touched.append(one) if type(one) is nn.Linear else None)
    assert touched == []
    before, early = parameters(block), torch.optim.Adam(block.parameters(), lr=0.1)
    assert type(block[0]) is type(block[2]) is nn.LazyLinear
    assert issubclass(nn.LazyLinear, nn.Linear)
    # a hook of the reader's comes after the layer's own
    block[0].register_forward_pre_hook(
        lambda layer, _: seen.append((type(layer), layer.in_features, layer.weight.shape))
    )
    gradients(block, X)
    assert seen == [(nn.Linear, 20, (256, 20))]
    assert type(block[0]) is type(block[2]) is nn.Linear
    assert {type(p) for p in before} == {nn.Parameter}
    assert same(before, parameters(block)) and same(before, early.param_groups[0]["params"])
    assert changed(value, before, early.step) == [True] * 4


@claim(
    "参数的名字本来和用`nn.Linear`写的同样结构的网络一模一样，"
    "可是`clone`此时没有参数，送来的名字一个也对不上",
    "paddle",
)
def _(get_net, known, ready, X):
    assert list(ready(get_net(), X).state_dict()) == list(known(20).state_dict())
    assert list(get_net().state_dict()) == []


@claim(
    "以后每批的样本多几个少几个都可以，列数变了就会报错",
    "错把`X`的转置送了进去，网络也不抱怨，照着错误的列数定下形状，正确的数据来了反而报错",
    "送来的数据列数不对，头一次就会报错",
    "形状只定一次：以后样本的个数可以变，列数不能变",
    "形状只定一次，那么列数不同的几种数据怎样共用一个网络？",
)
def _(array, get_net, known, raises, ready, shapes_of, transpose, WRONG_SIZE, X, zeros):
    block = ready(get_net(), X)
    for n in (1, 2, 5):
        assert array(block(zeros(n, 20))).shape == (n, 10)
    for d in (19, 21):
        assert raises(WRONG_SIZE, lambda: block(zeros(2, d)))
    assert sorted(shapes_of(block)[0]) == [20, 256]
    block = ready(get_net(), transpose(X))
    assert sorted(shapes_of(block)[0]) == [2, 256]
    assert raises(WRONG_SIZE, lambda: block(X))
    assert raises(WRONG_SIZE, lambda: known(20)(transpose(X)))


# 换一份数据，不改代码
@claim(
    "`lazy_spiral_net`就是`spiral_net`，只是没有写那个2。"
    "数据有两份：`points`是旋臂上各点的坐标，两列；"
    "`wide`又添了$x_1^2$、$x_1x_2$和$x_2^2$，五列"
)
def _(array, d2l, equal, fill, lazy_spiral_net, parameters, points, ready, shapes_of, wide):
    written, lazy = d2l.spiral_net(), ready(lazy_spiral_net(), points)
    assert shapes_of(written) == shapes_of(lazy)
    for block in (written, lazy):
        for number, parameter in enumerate(parameters(block)):
            fill(parameter, 0.01 * (number - 5))
    assert equal(written(points), lazy(points))
    assert equal(points, d2l.spirals()[0])
    x1, x2 = array(points).T
    wanted = numpy.stack([x1, x2, x1**2, x1 * x2, x2**2], -1)
    assert numpy.allclose(array(wide), wanted)


@claim(
    "残差单元的输入总是`num_hiddens`列，大小照样写明；等数据的只有第一层和输出层",
    mxnet=4224 + 32 + 3,
    pytorch=4224,
    paddle=4224,
)
@claim(
    "代码一个字也没有改，参数量多了96：新添的三列，每列在第一层有32个权重",
    "换成列数不同的数据，代码不用改",
    "同一段代码，两份数据各训练一个网络。每一行是列数、参数量和训练之后的精度",
    mxnet=4259,
    pytorch=4224,
    tensorflow=0,
    paddle=4224,
)
def _(d2l, given, initialize, labels, lazy_spiral_net, ready, rows, shapes_of, wide, points):
    assert [row[:2] for row in rows] == [(2, 4419), (5, 4515)]
    assert min(row[2] for row in rows) > 0.9
    untrained = ready(lazy_spiral_net(), points)
    assert d2l.accuracy(untrained, points, labels) < 0.8
    assert 4515 - 4419 == 3 * 32 and 4224 == 2 * (2 * 32 * 32 + 2 * 32)
    small, large = (shapes_of(ready(lazy_spiral_net(), data)) for data in (points, wide))
    differ = [pair for pair in zip(small, large, strict=True) if pair[0] != pair[1]]
    assert [(sorted(a), sorted(b)) for a, b in differ] == [([2, 32], [5, 32])]
    assert differ[0][0] == small[0]
    inside = shapes_of(initialize(lazy_spiral_net()))
    assert inside.count((32, 32)) == (4 if given else 0)
    assert sum(int(numpy.prod(shape)) for shape in inside) == given


@claim("优化器要建在`net(data)`之后，否则会不声不响地漏掉这两层", "paddle")
def _(changed, gradients, lazy_spiral_net, paddle, ready, silent, value, wide):
    block = lazy_spiral_net()
    make = lambda: paddle.optimizer.Adam(0.1, parameters=block.parameters())
    early = make()
    gradients(ready(block, wide), wide)
    late, moved = make(), lambda step: changed(value, block.parameters(), step)
    assert moved(lambda: silent(early.step)) == [False] * 2 + [True] * 8 + [False] * 2
    assert moved(late.step) == [True] * 12


# 没有数据的时候
@claim(
    "定下参数用不着真的数值，送一批全是0的假数据进去就行，形状和类型照真数据，样本只要一个",
    "mxnet",
    "pytorch",
    "paddle",
)
@claim("数据还没有备齐，就想统计参数量，怎么办？")
def _(d2l, first_layer, get_net, kernel, ready, seed, X, zeros):
    def seeded(data):
        seed(3)
        return kernel(first_layer(ready(get_net(), data)))

    assert (seeded(X) == seeded(zeros(1, 20))).all()
    assert d2l.num_params(ready(get_net(), zeros(1, 20))) == 21 * 256 + 257 * 10


@claim(
    "定下参数只要知道形状，把它交给`build`就行。批量的大小不影响权重，用`None`表示任意",
    "把`tf.keras.Input((20,))`放在`Sequential`的最前面，效果相同：网络一建好就有全部的权重",
    "tensorflow",
)
def _(get_net, kernel, known, seed, shapes_of, tf, zeros):
    def seeded(batch_size):
        seed(3)
        block = get_net()
        block.build((batch_size, 20))
        for n in (1, 5):
            assert block(zeros(n, 20)).shape == (n, 10)
        return kernel(block.layers[0])

    assert (seeded(None) == seeded(7)).all()
    assert shapes_of(known(20)) == [(20, 256), (256,), (256, 10), (10,)]
    last = tf.keras.Sequential([tf.keras.layers.Dense(256), tf.keras.Input((20,))])
    assert last.weights == []


@claim(
    "例如`nn.Dense(256, in_units=20)`的权重，调用`initialize`时就有值",
    "想把第一层的权重设成1，其余的按默认方法，"
    "于是先初始化第一层的权重，再初始化整个网络。"
    "大小都写明的网络可以这样做，延后初始化的网络呢？",
    "mxnet",
)
def _(chain, dense, get_net, init, initialize, raises, shapes_of, value, warned, X):
    assert shapes_of(initialize(dense(20, 256))) == [(256, 20), (256,)]
    block = chain(dense(20, 256), dense(256, 10))
    assert raises(RuntimeError, block[0].weight.data)
    block[0].weight.initialize(init.One())
    (said,) = warned(block.initialize)
    assert "already initialized" in said and len(shapes_of(block)) == 4
    assert (value(block[0].weight) == 1).all()
    assert abs(value(block[1].weight)).max() <= 0.07
    lazy = get_net()
    lazy[0].weight.initialize(init.One())
    lazy.initialize()
    lazy(X)
    assert (value(lazy[0].weight) != 1).all()


@claim(
    "放在`no_grad`里，只是因为不用求梯度；参数日后照样可以训练", pytorch="torch", paddle="paddle"
)
def _(get_net, given, moved, notebook, ready, tab, X, zeros):
    followed = lambda Y: Y.requires_grad if tab == "pytorch" else not Y.stop_gradient
    block, outside = get_net(), get_net()
    with notebook[given].no_grad():
        assert not followed(block(zeros(1, 20)))
    assert followed(outside(zeros(1, 20)))  # and it would do as well
    for one in (block, outside):
        assert moved(one, X) == [True] * 4


@claim(
    "要先调用`net.eval()`，免得假数据弄乱它记录的统计量，事后再用`net.train()`切换回来",
    pytorch=("BatchNorm2d", "running_var"),
    paddle=("BatchNorm2D", "_variance"),
)
def _(array, given, nn, zeros):
    kind, record = given
    norm = getattr(nn, kind)(3)
    for mode, disturbed in ((norm.eval, False), (norm.train, True)):
        mode()
        norm(zeros(1, 3, 4, 4))
        assert (array(getattr(norm, record)) != 1).tolist() == [disturbed] * 3


@claim(
    "自己写的`Model`子类若没有定义`build`，调用它只会得到一条警告，权重仍然没有，要改用一批假数据调用模型",
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
    assert not block.built and len(warned(lambda: block.build((None, 20)))) == 1
    assert block.built and block.weights == []
    block = Model()
    block(tf.zeros((1, 20)))
    assert len(block.weights) == 2


# 选读：优化器和存好的参数
@claim("每个偏置都减了0.2，正是学习率0.1乘上梯度2（两个样本各贡献1）")
def _(get_net, gradients, ready, X):
    found = gradients(ready(get_net(), X), X)[-1]
    assert found.tolist() == [2.0] * 10


@claim(
    "下面故意先建优化器，再做第一次前向传播，然后更新一步，看输出层的偏置变了多少",
    "mxnet",
    "pytorch",
    "tensorflow",
)
def _(get_net, gradients, initialize, last_layer, make_sgd, parameters, shapes_of, tab, value, X):
    block = initialize(get_net())
    early = make_sgd(block)
    assert not [shape for shape in shapes_of(block) if len(shape) == 2]
    found = gradients(block, X)
    bias = last_layer(block).bias
    before = value(bias)
    if tab == "tensorflow":
        early.apply_gradients(zip(found, parameters(block), strict=True))
    else:
        early.step(*([1] if tab == "mxnet" else []))
    assert numpy.allclose(value(bias) - before, -0.2)


@claim("优化器通常在训练之前就建好了，那时参数可能还没有值")
def _(get_net, initialize, make_sgd, shapes_of, tab, X):
    block = initialize(get_net())
    make_sgd(block)
    assert len(shapes_of(block)) == (2 if tab == "mxnet" else 0)
    block(X)
    assert len(shapes_of(block)) == 4


@claim("Keras的优化器创建时不要参数，到`apply_gradients`才看见它们，所以早建晚建都行", "tensorflow")
def _(changed, get_net, gradients, ready, tf, value, X):
    early, block = tf.keras.optimizers.SGD(1.0), ready(get_net(), X)
    step = zip(gradients(block, X), block.trainable_weights, strict=True)
    assert not early.built
    assert changed(value, block.weights, lambda: early.apply_gradients(step)) == [True] * 4
    assert early.built


@claim(
    "下面建两个优化器，`early`建在第一次前向传播之前，`late`建在之后，看它们能不能更新输出层的偏置",
    "`early`拿到的是空列表，更新时报错；`late`没有问题",
    "这就是`LazyLinear`的代价：第一次前向传播之前参数并不存在，优化器只能建在那之后",
    "网络里若还混有普通的层，毛病就更隐蔽：早建的优化器不报错，只是永远漏掉后来才有的参数",
    "`net.to(dtype='float64')`只改得到已经有的参数",
    "paddle",
)
def _(changed, get_net, gradients, LazyLinear, nn, paddle, raises, ready, value, X):
    for kind in (paddle.optimizer.SGD, paddle.optimizer.Adam):
        block = get_net()
        assert block.parameters() == []
        early = kind(0.1, parameters=block.parameters())
        gradients(block, X)
        late = kind(0.1, parameters=block.parameters())
        assert raises(IndexError, early.step)
        assert changed(value, block.parameters(), late.step) == [True] * 4

    block = nn.Sequential(nn.Linear(20, 8), LazyLinear(3))
    early = paddle.optimizer.SGD(0.1, parameters=block.parameters())
    for _ in range(2):
        gradients(block, X)
        assert changed(value, block.parameters(), early.step) == [True, True, False, False]

    block = get_net()
    block.to(dtype="float64")
    assert ready(block, X)[0].weight.dtype == paddle.float32
    block.to(dtype="float64")
    assert block[0].weight.dtype == paddle.float64


@claim(
    "一点不差。文件里的参数带着形状，`load_parameters`照着它补全，连`initialize`都不必调用", "mxnet"
)
def _(get_net, reloads, X):
    assert reloads(get_net, X)


@claim(
    "一点不差。装进来的参数带着形状，`load_state_dict`照着它补全，不必先做前向传播；"
    "只是类要到第一次前向传播才换成`nn.Linear`",
    "判断要看权重，不能看类：装入过参数、还没有做过前向传播的`LazyLinear`，"
    "类没有换，权重却已经有了",
    "pytorch",
)
def _(equal, get_net, nn, ready, shapes_of, X):
    block, clone = ready(get_net(), X), get_net()
    clone.load_state_dict(block.state_dict())
    assert shapes_of(clone) == shapes_of(block)
    assert type(clone[0]) is type(clone[2]) is nn.LazyLinear
    assert equal(clone(X), block(X))
    assert type(clone[0]) is type(clone[2]) is nn.Linear


@claim(
    "没有构建时不能装，得到`ValueError`；构建好再装，输出一点不差",
    "从文件读取的`load_weights`也是这样",
    "tensorflow",
)
def _(equal, get_net, raises, ready, scratch, X):
    block, path = ready(get_net(), X), f"{scratch}/w.weights.h5"
    block.save_weights(path)
    weights = block.get_weights()
    for load in (lambda it: it.set_weights(weights), lambda it: it.load_weights(path)):
        clone = get_net()
        assert raises(ValueError, lambda: load(clone))
        clone.build((None, 20))
        assert not equal(clone(X), block(X))
        load(clone)
        assert equal(clone(X), block(X))


@claim(
    "没有报错，也没有装进去，两个网络的输出并不相等",
    "`set_state_dict`只在第二个返回值里列出它们，所以这个返回值要检查",
    "先用假数据让`clone`有了参数，再装就对了",
    "paddle",
)
def _(equal, get_net, ready, silent, X, zeros):
    block, clone = ready(get_net(), X), get_net()
    load = lambda: clone.set_state_dict(block.state_dict())
    assert silent(load) == ([], list(block.state_dict()))
    assert not equal(clone(X), block(X))
    clone = ready(get_net(), zeros(1, 20))
    assert load() == ([], [])
    assert equal(clone(X), block(X))


@claim(
    "把存好的参数装进新建的网络（见 :numref:`sec_read_write`），也是常做的事。"
    "新建的`clone`没有见过数据，装完以后，两个网络的输出最多差多少？",
    mxnet=True,
    pytorch=True,
    tensorflow=True,
    paddle=False,
)
def _(equal, get_net, given, ready, save_and_load, scratch, shapes_of, warned, X):
    block, clone = ready(get_net(), X), get_net()
    assert shapes_of(clone) == [] and given in (True, False)
    warned(lambda: save_and_load(block, clone, f"{scratch}/w", X))
    assert equal(clone(X), block(X)) == given


# 初始化得太早
@claim(
    "有一种错特别难发现：赶在第一次前向传播之前设定初始值",
    "前向传播之后，看第一层的权重里1占多大比例；重新设一次，再看",
    "头一次全部落空，而且从头到尾没有一句提示；见过数据之后再设，才全是1",
    "有些事赶在这段时间里做，会不声不响地落空",
    "报错反而是好事：程序停在出错的地方",
    "先让网络见一次数据，真的假的都行，同一个`init_ones`就管用了",
    "赶在第一次前向传播之前设定初始值，可能不声不响地落空；先让网络见一次数据，再设",
)
def _(
    first_layer, get_net, in_time, init_ones, kernel, loud, quiet, raises, ready, uttered, X, zeros
):
    block = get_net()
    assert uttered(lambda: (quiet(block), block(X))) == ""
    assert (kernel(first_layer(block)) != 1).all()
    # a sentence would have been heard
    say = lambda: (os.write(2, b"one"), print("two"), warnings.warn("three", stacklevel=1))
    heard = uttered(say)
    assert all(word in heard for word in ("one", "two", "three"))
    assert raises(TOO_EARLY, lambda: loud(get_net(), init_ones))
    for late in (block, ready(get_net(), X), ready(get_net(), zeros(1, 20))):
        in_time(late, init_ones)
        assert (kernel(first_layer(late)) == 1).all()


@claim(
    "权重还没有形状，前一次`initialize`只能记下“设成1”这个要求；"
    "后一次看见权重还没有值，就用自己的要求盖掉了它。"
    "有了值以后再设，要写`force_reinit=True`，否则只得到一条警告，值不变",
    "形状里有-1，`np.ones`造不出这样的数组，所以得到`MXNetError`",
    "`nn.Dense(256, weight_initializer=init.One())`里的要求不会被`net.initialize()`盖掉",
    "或者把前面两次`initialize`的顺序倒过来，先整体，后单独：对于还没有值的参数，后记下的要求算数",
    "mxnet",
)
def _(chain, error_of, get_net, init, initialize, nn, np, raises, value, warned, X):
    def ones(block):
        block(X)
        return [bool((value(layer.weight) == 1).all()) for layer in block]

    block = get_net()
    for weight in (block[1].weight, block[0].bias, block[1].bias):
        weight.initialize()
    block[0].weight.initialize(init.One())
    assert block[0].weight.shape == (256, -1) and raises(RuntimeError, block[0].weight.data)
    assert ones(block) == [True, False]

    block = get_net()
    block[0].weight.initialize(init.One())
    block.initialize(init.Constant(5))
    assert ones(block) == [False, False] and (value(block[0].weight) == 5).all()

    block = initialize(get_net())
    assert error_of(RuntimeError, lambda: np.ones(block[0].weight.shape)) == "MXNetError"
    block[0].weight.initialize(init.One())
    assert ones(block) == [True, False]

    own = chain(nn.Dense(256, weight_initializer=init.One()), nn.Dense(10))
    assert ones(initialize(own)) == [True, False]

    again = lambda **kwargs: block[1].weight.initialize(init.One(), **kwargs)
    assert len(warned(again)) == 1 and ones(block) == [True, False]
    again(force_reinit=True)
    assert ones(block) == [True, True]


def _sets_weights_only(block, init_ones, in_time, dense_layers, kernel, bias_of):
    """Tell that all weights of a network become one, and no bias."""
    in_time(block, init_ones)
    for layer in dense_layers(block):
        assert (kernel(layer) == 1).all() and (bias_of(layer) != 1).all()


@claim("`init_ones`把全连接层的权重设成1，`apply`对网络里的每个模块调用它一次", "pytorch")
@claim(
    "换一种写法，设得太早就会报错。这次不记要求，由`init_ones`直接写入权重的值，"
    "`apply`对网络里的每个块调用它一次",
    "mxnet",
)
@claim(
    "换一种写法，设得太早就会报错。这次不要清单，到每一层去点名要它的`weight`，"
    "`apply`对网络里的每个层调用`init_ones`一次",
    "paddle",
)
def _(
    bias_of,
    chain,
    dense_layers,
    get_net,
    in_time,
    init_ones,
    kernel,
    known,
    layers_of,
    loud,
    raises,
    ready,
    X,
):
    def everything(block):
        return [block, *(one for child in layers_of(block) for one in everything(child))]

    called, block = [], chain(known(20), chain(known(10)))
    block.apply(called.append)
    assert sorted(map(id, called)) == sorted(map(id, everything(block)))
    assert len(called) > 5 and len(set(map(id, called))) == len(called)
    seen = ready(get_net(), X)
    _sets_weights_only(seen, init_ones, in_time, dense_layers, kernel, bias_of)
    assert raises(TOO_EARLY, lambda: loud(get_net(), init_ones))


@claim("换一种写法，设得太早就会报错。这次不要清单，到每一层去点名要它的`kernel`", "tensorflow")
def _(bias_of, dense_layers, get_net, in_time, init_ones, kernel, known, message):
    _sets_weights_only(known(20), init_ones, in_time, dense_layers, kernel, bias_of)
    assert "kernel" in message(AttributeError, lambda: init_ones(get_net()))


# 什么时候用
@claim(
    "清洗之后的表格还剩几列，图像展平之后有多长，要到运行时才知道，这时延后初始化最省力",
)
def _(array, get_net, initialize, tensor):
    table = numpy.sin(range(60)).reshape(4, 15)
    table[numpy.arange(4), [3, 8, 8, 11]] = numpy.nan
    clean = table[:, ~numpy.isnan(table).any(0)]
    images = [numpy.cos(range(4 * side**2)).reshape(4, side, side) for side in (5, 6)]
    flat = [image.reshape(4, -1) for image in images]
    assert [one.shape[1] for one in (clean, *flat)] == [12, 25, 36]
    for found in (clean, *flat):  # by the same code, whatever comes
        assert array(initialize(get_net())(tensor(found))).shape == (4, 10)


@claim("不等数据就可以设初始值、计数、装入存好的参数")
def _(fill, known, parameters, save_and_load, scratch, value, X):
    block, clone = known(20), known(20)
    before = parameters(block)
    for weight in before:
        fill(weight, 1)
    assert sum(value(weight).size for weight in before) == 7946
    save_and_load(block, clone, f"{scratch}/w", X)
    assert all((value(weight) == 1).all() for weight in parameters(clone))
    # what was set early stays, and what was held early is what is trained
    block(X)
    assert same(before, parameters(block))
    assert all((value(weight) == 1).all() for weight in before)


# 选读：点名去取会怎样
@claim(
    "权重还没有值，点名去取，多半得到异常",
    mxnet="data grad list_data",
    pytorch="sum numel detach clone tolist",  # not all: `data` and `size` are there
    tensorflow="numpy",
    paddle="numpy",
)
def _(first_layer, get_net, given, initialize, last_layer, matrix_of, raises):
    for block in (get_net(), initialize(get_net())):
        for layer in (first_layer(block), last_layer(block)):
            for way in given.split():
                assert raises(TOO_EARLY, lambda: getattr(matrix_of(layer), way)())


# 练习
@claim(
    "标着“编写”的题目附有检查：把`raise NotImplementedError`换成你的代码，再运行那个单元格，"
    "`d2l.check`会说出第一处不同",
    "实现`num_waiting(net)`，返回网络里还没有权重的全连接层的个数",
)
def _(d2l, layers_of, Linear, notebook, num_waiting_cases, shapes_of):
    """The cases want what is said, and what differs first is told."""
    layers = lambda net: dense_in(net, notebook, Linear, layers_of)
    waits = lambda layer: not [shape for shape in shapes_of(layer) if len(shape) == 2]
    right = lambda net: sum(map(waits, layers(net)))
    assert d2l.check(right, num_waiting_cases) == "正确"
    others = lambda net: len(layers(net)) - right(net)
    for wrong, told in ((others, 0), (lambda net: min(right(net), 2), 2)):
        said = d2l.check(wrong, num_waiting_cases)
        place, wanted = ("没见过数据", 2) if told == 0 else ("容器里套着容器", 3)
        assert said == f"{place}：应为{wanted}，你的是{told}"
    here: dict = {}
    stub = "def num_waiting(net):\n    raise NotImplementedError"
    exec(stub, num_waiting_cases.__globals__, here)
    assert d2l.check(here["num_waiting"], num_waiting_cases) == "还没有写"


@claim(
    "把第二层的输入大小错写成128，错误会在哪一步出现：构造、初始化，还是前向传播",
    "TensorFlow的层不写输入的大小，请改为用`build((None, 20))`构建网络",
    "错误都出在前向传播：构造和初始化时，没有哪一步比较过前后两层的大小",
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
    assert all(word in said for word in (block.layers[0].name, "20", "(2, 30)"))


@claim("`ValueError`的信息里有层的名字、期望的列数20和实际的形状", "tensorflow")
def _(get_net, message, zeros):
    block = get_net()
    block.build((None, 20))
    for d in (19, 30):
        said = message(ValueError, lambda: block(zeros(2, d)))
        assert all(word in said for word in (block.layers[0].name, "20", f"(2, {d})"))


@claim(
    "`MXNetError`的信息里只有权重写明的形状和由数据推算出的形状，没有说是哪一层",
    mxnet=("[10,256]", "(10,128)"),
)
@claim("`RuntimeError`的信息里只有两个矩阵的大小，没有说是哪一层", pytorch=("2x128", "256x10"))
@claim(
    "`ValueError`的信息里只有两个对不上的大小，没有说是哪一层",
    paddle=("K_lhs:128", "K_rhs:256"),
)
@claim(
    "再读一读异常的信息，看它有没有说出是哪一层",
    mxnet=("[10,256]", "(10,128)"),
    pytorch=("2x128", "256x10"),
    paddle=("K_lhs:128", "K_rhs:256"),
)
def _(given, known, message, names, X):
    block = known(20, n_hidden=128)
    said = message((RuntimeError, ValueError), lambda: block(X))
    assert all(size in said for size in given)
    # MXNet's names are `dense0_weight` and so on; the others' are numbers
    layers = {name.rpartition("_")[0] for name in names(block) if "_" in name}
    assert not any(name in said for name in (*layers, "Dense", "Linear", "Sequential"))


@also("tensorflow")
def _(get_net, message, ready, X, zeros):
    block = ready(get_net(), X)
    hidden, last = block.layers
    for layer, task in ((hidden, lambda: block(zeros(2, 30))), (last, lambda: last(X))):
        said = message(ValueError, task)
        assert re.findall(r"layer \W(\w+)\W is incompatible", said) == [layer.name]


@claim(
    "它的答案和另外三个框架不同",
    "延后的不只是形状，还有从随机数里取初始值这件事。"
    "想让两次建好的网络初始权重完全相同，种子应当设在`get_net()`之前，还是设在第一次前向传播之前？",
    "让一处的种子相同、另一处的不同，比较第一层的权重；然后两处对调，再比一次",
    "`seeded`先后设两次种子：一次在`get_net()`之前，一次在第一次前向传播之前，返回第一层的权重",
)
@claim("起作用的是第一次前向传播之前的种子", "mxnet", "pytorch", "paddle")
@claim("起作用的是`get_net()`之前的种子", "tensorflow")
def _(answers, array, first_layer, get_net, initialize, kernel, notebook, seed, tab, X):
    def seeded(at_construction, at_forward):
        seed(at_construction)
        block = initialize(get_net())
        seed(at_forward)
        block(X)
        return kernel(first_layer(block))

    construction_decides = (seeded(1, 2) == seeded(1, 3)).all()
    forward_decides = (seeded(1, 3) == seeded(2, 3)).all()
    assert construction_decides == (tab == "tensorflow") != forward_decides
    (solution,) = answers(SECTION, 5, "seeded", tab, notebook)
    for pair in ((1, 2), (1, 3), (2, 3)):
        numbers = array(solution(*pair))
        assert (sorted(numbers.ravel()) == numpy.sort(seeded(*pair).ravel())).all()


def _initialised_again(block, tab, notebook, parameters):
    """Draw all weights anew from the generator as it is."""
    if tab == "mxnet":
        block.initialize(force_reinit=True)
    elif tab == "pytorch":
        block.apply(lambda one: getattr(one, "reset_parameters", int)())
    else:
        for parameter in parameters(block):
            notebook["nn"].initializer.XavierUniform()(parameter)


@claim(
    "随机数到那时才取，构造网络时一个也没有用到。"
    "如果有的层写明了大小，构造（MXNet是`initialize`）时就会取一部分随机数，那么两处都要管；"
    "最省事的做法是先用假数据走一遍，再统一设种子、重新初始化",
    "mxnet",
    "pytorch",
    "paddle",
)
def _(
    array, chain, dense, first_layer, get_net, initialize, kernel, last_layer, notebook, parameters,
    seed, tab, uniform, X, zeros,
):  # fmt: skip
    def next_number(task):
        seed(3)
        task()
        return array(uniform((1,))).item()

    lazy = lambda: initialize(get_net())
    mixed = lambda: initialize(chain(dense(20, 256), last_layer(get_net())))
    assert next_number(lazy) == next_number(int) != next_number(mixed)
    assert next_number(lambda: lazy()(X)) != next_number(int)

    def seeded(make, at_construction, at_forward):
        seed(at_construction)
        block = make()
        seed(at_forward)
        block(X)
        return [kernel(one(block)) for one in (first_layer, last_layer)]

    def alike(one, other):
        return [bool((a == b).all()) for a, b in zip(one, other, strict=True)]

    assert alike(seeded(mixed, 1, 2), seeded(mixed, 1, 3)) == [True, False]
    assert alike(seeded(mixed, 1, 3), seeded(mixed, 2, 3)) == [False, True]

    def again(before):
        seed(before)
        block = mixed()
        block(zeros(1, 20))
        seed(5)
        _initialised_again(block, tab, notebook, parameters)
        return [kernel(one(block)) for one in (first_layer, last_layer)]

    assert alike(again(1), again(2)) == [True, True]


@claim(
    "Keras造一个层，也就造好了它的初始化方法，里面存着一个随机取得的整数种子；"
    "这个整数在构造时就取了。构建时初始化方法从自己的种子生成权重，不再看全局的种子",
    "tensorflow",
)
def _(seed, tf):
    def made(at_construction, at_build):
        seed(at_construction)
        layer = tf.keras.layers.Dense(10)
        kept = layer.kernel_initializer.seed
        seed(at_build)
        layer.build((None, 4))
        assert isinstance(kept, int) and layer.kernel_initializer.seed == kept
        assert (layer.kernel_initializer((4, 10)).numpy() == layer.kernel.numpy()).all()
        return kept, layer.kernel.numpy()

    one, same_seed, other = made(1, 2), made(1, 3), made(2, 3)
    assert one[0] == same_seed[0] != other[0]
    assert (one[1] == same_seed[1]).all() and (other[1] != same_seed[1]).any()


#: The method that lists what is nested in a network, where there is one.
LISTING = {"pytorch": "modules", "paddle": "sublayers", "mxnet": "collect_params"}


@claim("`collect_params`把嵌套在各处的参数一次全列出来，形状里还有-1的权重就是在等的", "mxnet")
@claim("`modules()`把嵌套在各处的模块一次全列出来", "pytorch")
@claim("`sublayers()`把嵌套在各处的层一次全列出来，`LazyLinear`没有参数就是还在等", "paddle")
@claim(
    "Keras的容器要自己走进去：遇到`Sequential`，就把里面每一层的结果加起来；遇到层，看它的`built`",
    "tensorflow",
)
@claim(
    "不必自己一层层往里找：除了TensorFlow，框架都有一个方法，把嵌套在各处的层（或参数）一次全列出来",
    "怎样判断一层还在等？看它有没有参数，或者参数的形状完不完整",
    "常见的错误是只看最外面的容器，漏掉里面容器中的层，`d2l.check`会说：`容器里套着容器：应为3`",
)
def _(
    answers, chain, d2l, get_net, initialize, layers_of, Linear, notebook, num_waiting_cases,
    parameters, tab, X,
):  # fmt: skip
    def waits(layer):
        if tab == "mxnet":
            return -1 in layer.weight.shape
        if tab == "pytorch":
            return notebook["nn"].parameter.is_lazy(layer.weight)
        if tab == "tensorflow":
            assert layer.built == bool(parameters(layer))
        return not parameters(layer)

    inner = get_net()
    outer = initialize(chain(chain(inner)))
    layers = dense_in(inner, notebook, Linear, layers_of)
    assert len(layers) == 2
    assert [waits(layer) for layer in layers] == [True, True]
    outer(X)
    assert [waits(layer) for layer in layers] == [False, False]
    if tab in LISTING:
        listed = getattr(outer, LISTING[tab])()
        found = list(listed.values() if tab == "mxnet" else listed)
        wanted = [layer.weight for layer in layers] if tab == "mxnet" else layers
        assert all(any(one is other for other in found) for one in wanted)
    else:
        assert not any(hasattr(outer, name) for name in LISTING.values())
        assert [type(one) for one in outer.layers] == [type(outer)]

    right, wrong = answers(SECTION, 3, "num_waiting", tab, notebook)
    assert d2l.check(right, num_waiting_cases) == "正确"
    assert d2l.check(wrong, num_waiting_cases).startswith("容器里套着容器：应为3")
    deep, flat = initialize(chain(chain(get_net()))), initialize(get_net())
    assert right(deep) == right(flat) == wrong(flat) == 2 and wrong(deep) < 2


@claim(
    "实现`AnySize(sizes, trunk)`：`sizes`里的每种列数各有一个全连接层（16个输出，不加激活函数），"
    "先把输入变成16列，再交给共用的`trunk`。要求：所有参数都找得到，`trunk`只有一份",
    "每种列数一个入口，用列数作名字；前向传播时看`X`有几列，就走哪个入口。"
    "`trunk`只有一份，各种数据的梯度都会加到它上面",
    "常见的错误是多加了一个激活函数。形状和参数都对，数值不对，"
    "`d2l.check`会说：`20列时的输出(0, 0)：应为`",
)
def _(
    answers, any_size_cases, array, d2l, dense_layers, differentiate, get_net, initialize, last_layer,
    matrix_of, notebook, parameters, shapes_of, tab, zeros,
):  # fmt: skip
    right, wrong = answers(SECTION, 4, "AnySize", tab, notebook)
    assert d2l.check(right, any_size_cases) == "正确"
    assert d2l.check(wrong, any_size_cases).startswith("20列时的输出(0, 0)：应为")
    for kind in (wrong, right):
        trunk = get_net()
        net = initialize(kind([5, 7], trunk))
        data = [zeros(2, d) + 1 for d in (5, 7)]
        assert [array(net(X)).shape for X in data] == [(2, 10)] * 2
        shapes = [sorted(shape) for shape in shapes_of(net)]
        wanted = [[16, 256], [256], [10, 256], [10], [5, 16], [16], [7, 16], [16]]
        assert sorted(shapes) == sorted(wanted)
        assert {id(one) for one in parameters(trunk)} < {id(one) for one in parameters(net)}
    entries = [one for one in dense_layers(net) if one not in dense_layers(trunk)]
    for X, own in zip(data, entries, strict=True):
        wanted = [matrix_of(last_layer(trunk)), own.bias]
        assert all((one != 0).any() for one in differentiate(net, X, 1, wanted)[2])


@claim(
    "TensorFlow请在构造函数里用`build`构建这些层，免得Keras警告有的层还没有构建",
    "tensorflow",
    elsewhere="only Keras builds and warns, so the others' tabs have nothing to run",
)
@claim("`build`让每个入口当场有权重", "tensorflow")
def _(answers, get_net, notebook, tab, tf, warned, zeros):
    right, _ = answers(SECTION, 4, "AnySize", tab, notebook)

    class Unbuilt(tf.keras.Model):
        def __init__(self, sizes, trunk):
            super().__init__()
            self.trunk = trunk
            self.entry = {str(d): tf.keras.layers.Dense(16) for d in sizes}

        call = right.call

    for kind, has_weights in ((right, True), (Unbuilt, False)):
        net = kind([5, 7], get_net())
        assert [one.built for one in net.entry.values()] == [has_weights] * 2
        said = warned(lambda: net(zeros(2, 5)))
        assert any("build" in one for one in said) != has_weights


@claim(
    "把块设成属性，基类就登记了它。"
    "入口不必写`in_units`：每个入口只见得到一种列数，正好由它的第一批数据来定",
    "mxnet",
)
def _(answers, get_net, initialize, names, notebook, tab, zeros):
    right, _ = answers(SECTION, 4, "AnySize", tab, notebook)
    net = initialize(right([5, 7], get_net()))
    assert len(names(net)) == 8
    for d, wanted in ((7, [(16, -1), (16, 7)]), (5, [(16, 5), (16, 7)])):
        net(zeros(2, d))
        assert [net.entry5.weight.shape, net.entry7.weight.shape] == wanted


@claim(
    "`nn.ModuleDict`是会登记的字典。它的键必须是字符串。入口写成`nn.LazyLinear(16)`也可以",
    pytorch="ModuleDict",
)
@claim(
    "`nn.LayerDict`是会登记的字典。入口若写成`LazyLinear(16)`，建优化器就要等每种数据都来过一次",
    paddle="LayerDict",
)
@claim(
    "另一个常见的错误是把入口放进普通的字典：前向传播照样算得出来，"
    "入口的参数却没有登记，优化器永远看不见它们",
    pytorch="ModuleDict",
    paddle="LayerDict",
)
def _(
    answers, any_size_cases, array, Base, d2l, dense, get_net, given, nn, notebook, parameters, raises,
    ready, tab, X, zeros,
):  # fmt: skip
    right, _ = answers(SECTION, 4, "AnySize", tab, notebook)
    Lazy = nn.LazyLinear if tab == "pytorch" else notebook["LazyLinear"]

    def with_entries(hold, make):
        def __init__(self, sizes, trunk):
            Base.__init__(self)
            self.trunk, self.entry = trunk, hold({str(d): make(d) for d in sizes})

        return type("Held", (Base,), {"__init__": __init__, "forward": right.forward})

    kept = getattr(nn, given)
    plain = with_entries(dict, lambda d: dense(d, 16))
    net = ready(plain([20, 30], get_net()), X)
    assert array(net(zeros(2, 30))).shape == (2, 10) and len(parameters(net)) == 4
    assert d2l.check(plain, any_size_cases) == "参数张量的个数：应为8，你的是4"
    assert d2l.check(with_entries(kept, lambda d: dense(d, 16)), any_size_cases) == "正确"
    lazy = with_entries(kept, lambda d: Lazy(16))
    assert d2l.check(lazy, any_size_cases) == "正确"
    if tab == "pytorch":
        assert raises(TypeError, lambda: nn.ModuleDict({5: nn.Linear(5, 16)}))
    else:
        net, counts = ready(get_net(), zeros(2, 16)), []
        net = lazy([20, 30], net)
        for d in (20, 30):
            counts.append(len(parameters(net)))
            net(zeros(2, d))
        assert [*counts, len(parameters(net))] == [4, 6, 8]


@claim(
    "另一个常见的错误是把入口放进普通的字典：基类没有登记它们，"
    "`initialize`也就碰不到，前向传播时得到`RuntimeError`",
    "mxnet",
)
def _(error_of, get_net, names, nn, warned, zeros):
    class Plain(nn.Block):
        def __init__(self, sizes, trunk):
            super().__init__()
            self.trunk, self.entry = trunk, {d: nn.Dense(16) for d in sizes}

        def forward(self, X):
            return self.trunk(self.entry[X.shape[-1]](X))

    net, found = Plain([5, 7], get_net()), []
    warned(lambda: (net.initialize(), found.extend(names(net))))
    assert len(found) == 4
    assert error_of(RuntimeError, lambda: net(zeros(2, 5))) == "RuntimeError"


@claim("Keras认得普通的字典，里面的层也会登记", tensorflow=4)
@claim("普通的列表和字典，不是每个框架都认", mxnet=0, pytorch=0, tensorflow=4, paddle=0)
def _(Base, given, known, parameters):
    for hold in (lambda one: [one], lambda one: {"one": one}):
        block = Base()
        block.held = hold(known(20))
        assert len(parameters(block)) == given


@claim("看看`tf.keras.layers.Dense(10).kernel_initializer.seed`，再造一个层看看")
def _(tab, notebook):
    if tab == "tensorflow":
        make = lambda: notebook["tf"].keras.layers.Dense(10).kernel_initializer.seed
        assert make() != make()


@claim("Keras没有单列的初始化步骤：构造层时只记下初始化方法，构建时才照着做", "tensorflow")
def _(tf, X):
    layer = tf.keras.layers.Dense(3, kernel_initializer="ones")
    assert type(layer.kernel_initializer).__name__ == "Ones" and layer.weights == []
    assert not hasattr(layer, "initialize")
    layer.build((None, 20))
    assert (layer.kernel.numpy() == 1).all()
