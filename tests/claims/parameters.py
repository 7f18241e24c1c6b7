"""What chapter_computation/parameters.md claims."""

import contextlib
import copy
import io
import os
import tempfile
import warnings

import numpy

from claims import Claims

SECTION = "chapter_computation/parameters.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked


@claim("输入有4个特征，一个隐藏层，一个输出")
def _(array, first_layer, kernel, last_layer, small, X):
    block = small()
    assert tuple(array(X).shape) == (2, 4)
    assert tuple(array(block(X)).shape) == (2, 1)
    assert kernel(first_layer(block)).shape == (4, 8)
    assert kernel(last_layer(block)).shape == (8, 1)


@claim("`prefix`和`name_scope`只管起名字，不影响计算", "mxnet")
def _(equal, nn, parameters, ready, small, X):
    plain, named = nn.Sequential(), small()
    plain.add(nn.Dense(8, activation="relu"), nn.Dense(1))
    ready(plain, X)
    for to, of in zip(parameters(plain), parameters(named), strict=True):
        to.set_data(of.data())
    assert equal(plain(X), named(X))


@claim("重新运行一遍单元格，`dense0`就成了`dense2`", "mxnet")
def _(nn):
    def unnamed():
        block = nn.Sequential()
        block.add(nn.Dense(8, activation="relu"), nn.Dense(1))
        return int(block[0].name.removeprefix("dense"))

    assert unnamed() + 2 == unnamed()


@claim("编号在`net`内部从0数起", "mxnet")
def _(small):
    for _ in range(2):
        assert [block.name for block in small()] == ["net_dense0", "net_dense1"]


@claim("权重要等第一次前向传播看见输入的形状才生成", "mxnet")
def _(nn, raises, X):
    from mxnet.gluon.parameter import DeferredInitializationError

    block = nn.Dense(8)
    block.initialize()
    assert raises(DeferredInitializationError, block.weight.data)
    block(X)
    assert block.weight.data().shape == (8, 4)


@claim("`name`只管起名字，不影响计算", "tensorflow")
def _(equal, ready, small, tf, X):
    plain, named = (
        tf.keras.Sequential(
            [tf.keras.layers.Dense(8, activation="relu"), tf.keras.layers.Dense(1)]
        ),
        small(),
    )
    ready(plain, X).set_weights(named.get_weights())
    assert equal(plain(X), named(X))


@claim("重新运行一遍单元格，`dense`就成了`dense_2`", "tensorflow")
def _(tf):
    def unnamed():
        block = tf.keras.Sequential([tf.keras.layers.Dense(8), tf.keras.layers.Dense(1)])
        return int(block.layers[0].name.removeprefix("dense_") or 0)

    tf.keras.layers.Dense(1)
    assert unnamed() + 2 == unnamed()


@claim("权重要等第一次调用看见输入的形状才创建", "tensorflow")
def _(tf, X):
    block = tf.keras.Sequential([tf.keras.layers.Dense(8)])
    assert block.weights == []
    block(X)
    assert len(block.weights) == 2


@claim("这个全连接层有两个参数：一个权重矩阵，一个偏置")
def _(dense, parameters, ready, value, X):
    layer = ready(dense(4, 3), X)
    shapes = [tuple(value(w).shape) for w in parameters(layer)]
    assert sorted(map(len, shapes)) == [1, 2]


@claim("激活函数写在`nn.Dense`里面，不另占位置，所以输出层是`net[1]`", "mxnet")
def _(small):
    block = small()
    assert len(block) == 2
    assert block[1].weight.shape == (1, 8)


@claim("字典的键是参数的全名，值是`data()`取出的数组", "mxnet")
def _(np, small):
    block = small()
    name = "net_dense1_bias"
    block[1].bias.set_data(np.array([5]))
    assert block[1].params[name].data().item() == 5


@claim("占了`net[1]`的位置，所以输出层是`net[2]`", "pytorch", "paddle")
def _(Base, nn, small):
    block = small()
    assert isinstance(block[1], nn.ReLU) and isinstance(block[1], Base)
    assert isinstance(block[2], nn.Linear) and len(block) == 3


@claim(
    "激活函数写在`Dense`里面，不另占位置，所以输出层是`net.layers[1]`，写`net[1]`会报错",
    "tensorflow",
)
def _(raises, small):
    block = small()
    assert len(block.layers) == 2
    assert block.layers[1].kernel.shape == (8, 1)
    assert raises(TypeError, lambda: block[1])


@claim("把权重矩阵叫作`kernel`，把一层的全部参数叫作`weights`，偏置也算在内", "tensorflow")
def _(small):
    layer = small().layers[1]
    assert [w.name for w in layer.weights] == ["kernel", "bias"]
    assert layer.weights[1] is layer.bias


@claim("`Parameter`本身不是数组，它管理着数组", "mxnet")
def _(np, raises, small):
    p = small()[1].bias
    assert type(p).__name__ == "Parameter"
    assert not isinstance(p, np.ndarray)
    assert isinstance(p.data(), np.ndarray)
    assert raises(TypeError, lambda: p + 1)


@claim("它还记着形状、初始化方法和所在的设备", "mxnet")
def _(small):
    p = small()[1].bias
    assert p.shape == (1,) and p.init == "zeros"
    assert p.list_ctx() == [p.data().ctx]


@claim("`initialize`给值分配内存时，给梯度也分配了一份", "mxnet")
def _(nn, raises):
    layer = nn.Dense(3, in_units=4)
    assert raises(RuntimeError, layer.weight.grad)
    layer.initialize()
    assert (layer.weight.grad() == 0).all()


@claim("`Parameter`是张量的子类，多了一重身份：把它赋给模块的属性，模块就会登记它", "pytorch")
def _(names, nn, torch):
    assert issubclass(nn.Parameter, torch.Tensor)
    block = nn.Module()
    block.mine, block.plain = nn.Parameter(torch.ones(2)), torch.ones(2)
    assert names(block) == ["mine"]


@claim("`detach()`取出不带梯度信息的值，与参数共用内存", "pytorch")
def _(small):
    p = small()[2].bias
    plain = p.detach()
    assert not plain.requires_grad
    plain.fill_(5)
    assert p.item() == 5


@claim("反向传播还没有做过，所以梯度是`None`", "pytorch", "paddle")
def _(parameters, small, X):
    block = small()
    assert all(p.grad is None for p in parameters(block))
    block(X).sum().backward()
    assert all(p.grad is not None for p in parameters(block))


@claim(
    "Keras的`Variable`本身不是张量，它装着一份可以改写的值：`numpy()`取出值的副本，"
    "`b.value`是它背后的`tf.Variable`",
    "tensorflow",
)
def _(small, tf):
    p = small().layers[1].bias
    assert type(p).__name__ == "Variable"
    assert not isinstance(p, tf.Tensor)
    assert isinstance(p.value, tf.Variable)
    taken = p.numpy()
    p.assign([5])
    assert taken[0] == 0 and p.value.numpy()[0] == 5


@claim("它身上没有梯度", "tensorflow")
def _(small, tf, X):
    block = small()
    with tf.GradientTape() as tape:
        Y = tf.reduce_sum(block(X))
    grad = tape.gradient(Y, block.layers[1].bias)
    assert not hasattr(block.layers[1].bias, "grad")
    assert grad.numpy() == 2


@claim("`EagerParamBase`是张量的子类，多了一重身份：把它赋给层的属性，层就会登记它", "paddle")
def _(names, nn, paddle, small, square):
    p = small()[2].bias
    assert type(p).__name__ == "EagerParamBase"
    assert isinstance(p, paddle.Tensor)
    block = nn.Layer()
    block.mine, block.plain = square(1), paddle.ones([2])
    assert names(block) == ["mine"]


@claim("`numpy()`取出值的副本。", "paddle")
def _(paddle, small):
    p = small()[2].bias
    taken = p.numpy()
    p.set_value(paddle.to_tensor([5.0]))
    assert taken[0] == 0 and p.item() == 5


@claim("框架能把整个网络的参数一次列出来，连名字带形状", "mxnet")
def _(small):
    found = [(name, p.shape) for name, p in small().collect_params().items()]
    assert found == [
        ("net_dense0_weight", (8, 4)),
        ("net_dense0_bias", (8,)),
        ("net_dense1_weight", (1, 8)),
        ("net_dense1_bias", (1,)),
    ]


@also("pytorch")
def _(small):
    found = [(name, tuple(p.shape)) for name, p in small().named_parameters()]
    assert found == [("0.weight", (8, 4)), ("0.bias", (8,)), ("2.weight", (1, 8)), ("2.bias", (1,))]


@also("tensorflow")
def _(small):
    found = [(w.path, tuple(w.shape)) for w in small().weights]
    assert found == [
        ("net/hidden/kernel", (4, 8)),
        ("net/hidden/bias", (8,)),
        ("net/out/kernel", (8, 1)),
        ("net/out/bias", (1,)),
    ]


@also("paddle")
def _(small):
    found = [(name, tuple(p.shape)) for name, p in small().named_parameters()]
    assert found == [("0.weight", (4, 8)), ("0.bias", (8,)), ("2.weight", (8, 1)), ("2.bias", (1,))]


@claim(
    "这两个数在隐藏层权重的形状里都能找到，只是各框架的次序不同",
    mxnet=(8, 4),
    pytorch=(8, 4),
    tensorflow=(4, 8),
    paddle=(4, 8),
)
def _(first_layer, given, matrix_of, small, value):
    assert value(matrix_of(first_layer(small()))).shape == given


@claim("MXNet的权重是（输出，输入）", "mxnet")
def _(nn, np, X):
    layer = nn.Dense(3, in_units=4)
    layer.initialize()
    assert layer.weight.shape == (3, 4)
    W, b = layer.weight.data(), layer.bias.data()
    assert np.allclose(layer(X), np.dot(X, W.T) + b)


@claim("PyTorch的权重是（输出，输入）", "pytorch")
def _(nn, torch, X):
    layer = nn.Linear(4, 3)
    assert layer.weight.shape == (3, 4)
    assert torch.allclose(layer(X), X @ layer.weight.T + layer.bias)


@claim("TensorFlow的权重是（输入，输出）", "tensorflow")
def _(tf, X):
    layer = tf.keras.layers.Dense(3)
    layer(X)
    assert layer.kernel.shape == (4, 3)
    assert numpy.allclose(layer(X), X @ layer.kernel + layer.bias)


@claim("PaddlePaddle的权重是（输入，输出）", "paddle")
def _(nn, paddle, X):
    layer = nn.Linear(4, 3)
    assert list(layer.weight.shape) == [4, 3]
    assert paddle.allclose(layer(X), X @ layer.weight + layer.bias)


@claim("是同一个对象。", "mxnet")
def _(small):
    block = small()
    found = block.collect_params()["net_dense1_bias"]
    assert found is block[1].bias


@also("pytorch")
def _(small):
    block = small()
    assert block.get_parameter("2.bias") is block[2].bias


@also("tensorflow")
def _(small):
    block = small()
    found = {w.path: w for w in block.weights}["net/out/bias"]
    assert found is block.layers[1].bias


@also("paddle")
def _(small):
    block = small()
    assert dict(block.named_parameters())["2.bias"] is block[2].bias


@claim("它只看层在网络里的位置，与前缀和全局序号都无关", "mxnet")
def _(nn, npx, ready, small, X):
    def saved(block):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "w")
            block.save_parameters(path)
            return set(npx.load(path))

    plain = nn.Sequential()
    plain.add(nn.Dense(8, activation="relu"), nn.Dense(1))
    assert saved(ready(plain, X)) == saved(small()) == {"0.weight", "0.bias", "1.weight", "1.bias"}


@claim("`net.collect_params('.*bias')`只列出偏置", "mxnet")
def _(small):
    found = list(small().collect_params(".*bias"))
    assert found == ["net_dense0_bias", "net_dense1_bias"]


@claim("名字由层在网络里的位置拼成，重新运行也不变", "pytorch", "paddle")
def _(names, small):
    assert names(small()) == names(small()) == ["0.weight", "0.bias", "2.weight", "2.bias"]


@claim("它给出的是一个脱离了自动微分的张量，与参数共用内存，却不是参数本身", "pytorch")
def _(small):
    block = small()
    found = block.state_dict()["2.bias"]
    assert found is not block[2].bias and not found.requires_grad
    found.fill_(5)
    assert block[2].bias.item() == 5


@claim("网络和层的名字是我们起的，重新运行也不变", "tensorflow")
def _(names, small):
    assert (
        names(small())
        == names(small())
        == ["net/hidden/kernel", "net/hidden/bias", "net/out/kernel", "net/out/bias"]
    )


@claim("`w.name`只有最后一截", "tensorflow")
def _(small):
    assert [w.name for w in small().weights] == ["kernel", "bias"] * 2


@claim("层也可以按名字取：`net.get_layer('out').bias`", "tensorflow")
def _(small):
    block = small()
    assert block.get_layer("out").bias is block.layers[1].bias


@claim("里面的数字是全局序号，重新运行就会变", "paddle")
def _(small):
    one, two = small()[2].bias.name, small()[2].bias.name
    assert one != two and one.startswith("linear_") and one.endswith(".b_0")


@claim("`block1`是两个全连接层，`block2`把四个`block1`连起来")
def _(block1, block2, parameters, ready, rgnet, X):
    assert len(parameters(ready(block1(), X))) == 4
    assert len(parameters(ready(block2(), X))) == 16
    assert len(parameters(rgnet)) == 18


@claim("缩进一级，就是往里套一层", "mxnet", "pytorch", "paddle")
def _(rgnet):
    lines = repr(rgnet).splitlines()
    depth = lambda line: len(line) - len(line.lstrip())
    at = next(i for i, line in enumerate(lines) if "block1" in line)
    assert depth(lines[1]) == 2 and depth(lines[at]) == 4
    assert depth(lines[at + 1]) == 6


@also("tensorflow")
def _(rgnet):
    lines = []
    rgnet.summary(line_length=60, expand_nested=True, print_fn=lines.append)
    rows = [r.strip("│") for r in lines[0].splitlines()]
    depth = lambda word: next(len(r) - len(r.lstrip()) for r in rows if word in r)
    assert depth("blocks (") < depth("└ block1") < depth("└ hidden")


@claim("`add`加入的子块按序号取名，`register_child`加入的用我们给的名字", "mxnet")
def _(block1, block2, rgnet):
    assert list(block1()._children) == ["0", "1"]
    assert list(block2()._children) == [f"block{i}" for i in range(4)]
    assert "(block1): Sequential" in repr(rgnet)


@claim("第二个参数是打印和保存时用的名字", "mxnet")
def _(npx, rgnet):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "w")
        rgnet.save_parameters(path)
        assert "0.block1.0.bias" in npx.load(path)


@claim("直接传给`nn.Sequential`的按序号取名", "pytorch", "paddle")
def _(block1, block2, rgnet):
    children = lambda block: [name for name, _ in block.named_children()]
    assert children(block1()) == ["0", "1", "2", "3"]
    assert children(block2()) == [f"block{i}" for i in range(4)]
    assert "(block1): Sequential" in repr(rgnet)


@claim("否则`summary`把`blocks`当作一层，只给它一行", "tensorflow")
def _(rgnet):
    lines = []
    rgnet.summary(print_fn=lines.append)
    assert "blocks" in lines[0] and "block1" not in lines[0]


@claim("`print_fn=print`让它只输出文字，不上颜色", "tensorflow")
def _(rgnet):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        rgnet.summary(expand_nested=True, print_fn=print)
    assert "block1" in said.getvalue()
    assert chr(27) not in said.getvalue()


@claim("名字里有`block1`，正是第二个子块", "mxnet", "pytorch", "paddle")
def _(names, parameters, rgnet):
    inside = lambda block, p: any(w is p for w in parameters(block))
    wanted = rgnet[0][1][0].bias
    found = [inside(rgnet[0][i], wanted) for i in range(4)]
    assert found == [False, True, False, False]
    assert tuple(wanted.shape) == (8,)
    (found,) = [n for n, p in zip(names(rgnet), parameters(rgnet), strict=True) if p is wanted]
    assert "block1" in found


@also("tensorflow")
def _(rgnet):
    wanted = rgnet.layers[0].layers[1].layers[0].bias
    inside = [any(w is wanted for w in child.weights) for child in rgnet.layers[0].layers]
    assert inside == [False, True, False, False]
    assert wanted.path == "rgnet/blocks/block1/hidden/bias"


@claim("这个名字是各级前缀连起来的，前缀靠`name_scope`一级一级地往下传", "mxnet")
def _(nn, rgnet):
    assert rgnet[0][1][0].bias.name == "rgnet_blocks_block1_dense0_bias"
    outer = nn.Sequential(prefix="outer_")
    outer.add(nn.Dense(3))  # outside of the scope
    assert not outer[0].name.startswith("outer_")


@claim("所以写`rgnet[0].block1[0].bias`也行", "pytorch", "paddle")
def _(rgnet):
    assert rgnet[0].block1[0].bias is rgnet[0][1][0].bias


@claim("`rgnet.get_layer('blocks').get_layer('block1')`就是第二个子块", "tensorflow")
def _(rgnet):
    found = rgnet.get_layer("blocks").get_layer("block1")
    assert found is rgnet.layers[0].layers[1]


@claim("列出每个参数的最小值和最大值")
def _(fill, names, parameters, ranges, small):
    block = small()
    for i, w in enumerate(parameters(block)):
        fill(w, i)
    assert list(ranges(block).values()) == [(i, i) for i in range(4)]
    assert list(ranges(block)) == names(block)


@claim("MXNet的默认规则最简单", "mxnet")
def _(bias_of, check_uniform, kernel, made, notebook):
    for sizes in [(400, 200), (50, 3000)]:
        check_uniform(kernel(made("default", *sizes, notebook)), 0.07)
        assert (bias_of(made("default", *sizes, notebook)) == 0).all()


@claim("`nn.Linear`的权重和偏置都从", "pytorch")
def _(bias_of, check_uniform, kernel, made, notebook):
    for n_in, n_out in [(400, 10), (400, 5000), (100, 5000)]:
        check_uniform(kernel(made("default", n_in, n_out, notebook)), n_in**-0.5)
    check_uniform(bias_of(made("default", 100, 50000, notebook)), 0.1)


@claim("输出的个数不起作用，偏置也不是0", "pytorch")
def _(bias_of, kernel, made, notebook):
    assert (bias_of(made("default", 4, 8, notebook)) != 0).all()
    wide, narrow = (abs(kernel(made("default", 400, n, notebook))).max() for n in (5000, 500))
    assert abs(wide - narrow) < 1e-4


@claim("默认用Xavier初始化 :cite:`Glorot.Bengio.2010`", "tensorflow", "paddle")
def _(bias_of, check_uniform, glorot, kernel, made, notebook):
    for sizes in [(400, 200), (300, 500)]:
        check_uniform(kernel(made("default", *sizes, notebook)), glorot(*sizes))
        assert (bias_of(made("default", *sizes, notebook)) == 0).all()


@claim(
    "同样是全连接层，各框架默认的初始化规则不尽相同",
    mxnet=(0.07, True),
    pytorch=(0.05, False),
    tensorflow=(0.1, True),
    paddle=(0.1, True),
)
def _(bias_of, check_uniform, given, kernel, made, notebook):
    layer = made("default", 400, 200, notebook)
    check_uniform(kernel(layer), given[0])
    assert (bias_of(layer) == 0).all() == given[1]


@claim("每一对里的两个数都相等，规则没有说错")
def _(bound, largest, sizes):
    for size in sizes:
        assert round(largest(*size), 3) == round(bound(*size), 3)


@claim("三层大小不同，边界却是同一个", "mxnet")
def _(largest, sizes):
    assert len(set(sizes)) == 3
    assert len({round(largest(*size), 3) for size in sizes}) == 1


@claim("信号每穿过一层都要缩小许多，传到末尾几乎是0", "mxnet")
def _(np, rgnet, X):
    H, largest = X, [float(np.abs(X).max())]
    for i in range(4):
        for layer in rgnet[0][i]:
            H = layer(H)
            largest.append(float(np.abs(H).max()))
    assert all(b < a / 2 for a, b in zip(largest, largest[1:], strict=False))
    assert float(np.abs(rgnet(X)).max()) < 1e-6


@claim("第一层和第三层输入一样多，输出相差很多，边界却相等；第二层输入少，边界就宽", "pytorch")
def _(largest, sizes):
    one, two, three = (round(largest(*size), 3) for size in sizes)
    assert one == three < two
    assert sizes[0][0] == sizes[2][0] > sizes[1][0]
    assert sizes[2][1] > 2 * sizes[0][1]


@claim("和不变，边界就相等；第三层的和大，边界就窄", "tensorflow", "paddle")
def _(largest, sizes):
    one, two, three = (round(largest(*size), 3) for size in sizes)
    assert one == two > three
    assert sizes[0] == sizes[1][::-1] and sum(sizes[2]) > sum(sizes[0])


@claim("均值为0、标准差为0.01的正态分布中抽取，偏置设为0")
def _(bias_of, kernel, made, notebook):
    layer = made("normal", 1000, 300, notebook)
    assert abs(kernel(layer).mean()) < 1e-4
    assert abs(kernel(layer).std() - 0.01) < 1e-4
    assert abs(kernel(layer)).max() > 0.04  # not uniform
    assert (bias_of(layer) == 0).all()


@claim("权重缩到了0附近，偏置都是0")
def _(bias_of, kernel, made, notebook):
    layer = made("normal", 4, 8, notebook)
    assert 0 < abs(kernel(layer)).max() < 0.07
    assert (bias_of(layer) == 0).all()


@claim("不写它，MXNet只给出警告，参数原封不动", "mxnet")
def _(init, kernel, small):
    block = small()
    before = kernel(block[0])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        block.initialize(init.Constant(3))
    assert said and (kernel(block[0]) == before).all()
    block.initialize(init.Constant(3), force_reinit=True)
    assert (kernel(block[0]) == 3).all()


@claim("`nn.Dense`创建偏置时指定了全零的初始化方法，所以偏置不受影响", "mxnet")
def _(bias_of, init, kernel, nn):
    layer = nn.Dense(3, in_units=4)
    assert layer.bias.init == "zeros" and layer.weight.init is None
    layer.initialize(init.Constant(42))
    assert (bias_of(layer) == 0).all() and (kernel(layer) == 42).all()


@claim("（最后也包括`net`自己）调用一次`init_normal`", "pytorch", "paddle")
def _(rgnet):
    block, seen = rgnet, []
    block.apply(seen.append)
    assert seen[-1] is block
    assert len({id(m) for m in seen}) == len(seen) == 23


@claim("名字以下划线结尾的初始化函数就地改写张量，而且不让自动微分记录", "pytorch")
def _(nn):
    layer = nn.Linear(4, 8)
    weight, place = layer.weight, layer.weight.data_ptr()
    nn.init.normal_(layer.weight)
    assert layer.weight is weight and weight.data_ptr() == place
    assert weight.is_leaf and weight.requires_grad


@claim("`kernel_initializer`给哪一层，才对哪一层起作用，漏掉的层还用默认的规则", "tensorflow")
def _(check_uniform, glorot, kernel, ready, tf, X):
    block = ready(
        tf.keras.Sequential(
            [
                tf.keras.layers.Dense(300, kernel_initializer=tf.keras.initializers.Constant(1)),
                tf.keras.layers.Dense(500),
            ]
        ),
        X,
    )
    assert (kernel(block.layers[0]) == 1).all()
    check_uniform(kernel(block.layers[1]), glorot(300, 500))


@claim("Keras自带的随机初始化方法，不写`seed`时也会在创建的那一刻定下种子", "tensorflow")
def _(tf):
    for name in (
        "RandomNormal RandomUniform TruncatedNormal Orthogonal "
        "GlorotNormal GlorotUniform HeNormal HeUniform "
        "LecunNormal LecunUniform VarianceScaling"
    ).split():
        draw = getattr(tf.keras.initializers, name)
        one, other = draw(), draw()
        assert numpy.array_equal(one((4, 8)), one((4, 8))), name
        assert not numpy.array_equal(one((4, 8)), other((4, 8))), name


@claim("把同一个实例交给两个形状相同的层，它们会得到一模一样的权重", "tensorflow")
def _(kernel, ready, tf, X):
    def pair(one, two):
        layers = [tf.keras.layers.Dense(8, kernel_initializer=i) for i in (one, two)]
        return [kernel(ready(layer, X)) for layer in layers]

    new = lambda: tf.keras.initializers.RandomNormal(stddev=0.01)
    shared = new()
    one, two = pair(shared, shared)
    assert (one == two).all()
    one, two = pair(new(), new())
    assert (one != two).any()


@claim("漏掉这一步不会报错，参数却原封不动", "paddle")
def _(nn):
    layer = nn.Linear(4, 8)
    before = layer.weight.numpy()
    nn.initializer.Normal(mean=0.0, std=0.01)
    assert (layer.weight.numpy() == before).all()
    nn.initializer.Normal(mean=0.0, std=0.01)(layer.weight)
    assert (layer.weight.numpy() != before).any()


@claim("`nn.Linear(4, 8, weight_attr=nn.initializer.Normal(0.0, 0.01))`", "paddle")
def _(kernel, nn):
    layer = nn.Linear(400, 800, weight_attr=nn.initializer.Normal(0.0, 0.01))
    assert abs(kernel(layer).std() - 0.01) < 1e-4


@claim("权重的最小值和最大值都是1，偏置仍是0")
def _(bias_of, kernel, made, notebook):
    layer = made("constant", 40, 80, notebook)
    assert (kernel(layer) == 1).all() and (bias_of(layer) == 0).all()


@claim("同一层的隐藏单元一模一样，得到的梯度也一模一样，怎么训练都分不开")
def _(fill, first_layer, kernel, learn_sums, parameters, small):
    block = small()
    for w in parameters(block):
        fill(w, 0.1)
    learn_sums(block, 30)
    columns = kernel(first_layer(block))
    assert (columns == columns[:, :1]).all()
    assert (columns != 0.1).any()
    other = small()
    learn_sums(other, 30)
    columns = kernel(first_layer(other))
    assert (columns != columns[:, :1]).any()


@claim("也叫Glorot初始化。它有均匀分布和正态分布两种")
def _(check_uniform, glorot, kernel, made, notebook):
    check_uniform(kernel(made("xavier", 500, 300, notebook)), glorot(500, 300))
    normal = kernel(made("glorot normal", 500, 300, notebook))
    assert abs(normal.std() / (2 / 800) ** 0.5 - 1) < 0.02
    assert abs(normal).max() > 1.05 * glorot(500, 300)  # not uniform


@claim("让信号在前向传播和反向传播中都不至于一层比一层大，或者一层比一层小")
def _(kernel, made, notebook):
    def keeps(draw):
        # through layers 200 -> 400 -> 200 ..., and back again
        Ws = [draw(*[(200, 400), (400, 200)][i % 2]) for i in range(10)]
        for path in (Ws, [W.T for W in reversed(Ws)]):
            spreads = [1.0]
            H = numpy.random.default_rng(0).normal(size=(500, path[0].shape[0]))
            for W in path:
                H = H @ W
                spreads.append(H.std())
            steps = [b / a for a, b in zip(spreads, spreads[1:], strict=False)]
            if not (min(steps) > 0.75 and max(steps) < 1.25 and 0.5 < spreads[-1] < 2):
                return False
        return True

    rng = numpy.random.default_rng(1)
    assert keeps(lambda *size: kernel(made("xavier", *size, notebook)))
    assert not keeps(lambda *size: kernel(made("normal", *size, notebook)))
    # the number of inputs or of outputs alone will not do
    assert not keeps(lambda a, b: rng.normal(size=(a, b)) / a**0.5)
    assert not keeps(lambda a, b: rng.normal(size=(a, b)) / b**0.5)


@claim("输入和输出越多，每个权重就该越小")
def _(kernel, made, notebook):
    spread = lambda *size: kernel(made("xavier", *size, notebook)).std()
    for sizes in ([(200, n) for n in (100, 300, 900)], [(n, 200) for n in (100, 300, 900)]):
        few, more, most = (spread(*size) for size in sizes)
        assert few > 1.2 * more > 1.4 * most


@claim("权重都没有越过它")
def _(glorot, kernel, made, notebook):
    assert abs(glorot(4, 8) - 0.707) < 1e-3
    for _ in range(100):
        assert abs(kernel(made("xavier", 4, 8, notebook))).max() <= glorot(4, 8)


@claim("输出层的权重全是42，两层的偏置都还是0", "mxnet")
def _(init, ranges, small):
    block = small()
    block[1].initialize(init=init.Constant(42), force_reinit=True)
    assert list(ranges(block).values())[2:] == [(42, 42), (0, 0)]


@also("pytorch", "paddle")
def _(init_42, init_constant, ranges, small):
    block = small().apply(init_constant)
    block[2].apply(init_42)
    assert list(ranges(block).values()) == [(1, 1), (0, 0), (42, 42), (0, 0)]


@also("tensorflow")
def _(make_net, ranges, tf):
    block = make_net(tf.keras.initializers.GlorotUniform(), tf.keras.initializers.Constant(42))
    assert list(ranges(block).values())[2:] == [(42, 42), (0, 0)]


@claim("`initialize`可以对整个网络、一个块或者一个参数调用", "mxnet")
def _(init, ranges, small):
    block = small()
    block.initialize(init.Constant(1), force_reinit=True)
    block[1].initialize(init.Constant(2), force_reinit=True)
    assert [v[0] for v in ranges(block).values()] == [1, 0, 2, 0]
    block[0].weight.initialize(init.Constant(3), force_reinit=True)
    assert [v[0] for v in ranges(block).values()] == [3, 0, 2, 0]


@claim("`apply`可以对整个网络调用，也可以只对其中一个", "pytorch", "paddle")
def _(first_layer, init_constant, kernel, last_layer, small):
    block = small()
    old = kernel(last_layer(block)).copy()
    first_layer(block).apply(init_constant)
    assert (kernel(first_layer(block)) == 1).all()
    assert (kernel(last_layer(block)) == old).all()
    block.apply(init_constant)
    assert (kernel(last_layer(block)) == 1).all()


@claim("`net.layers[0].kernel.assign(tf.keras.initializers.GlorotUniform()((4, 8)))`", "tensorflow")
def _(kernel, small, tf):
    block = small()
    before = kernel(block.layers[0])
    new = tf.keras.initializers.GlorotUniform()((4, 8))
    block.layers[0].kernel.assign(new)
    assert (kernel(block.layers[0]) == new.numpy()).all()
    assert (kernel(block.layers[0]) != before).any()


@claim("得到的正是这个分布")
def _(kernel, made, notebook):
    w = kernel(made("custom", 1000, 300, notebook))
    for part in (w[w > 0], -w[w < 0]):
        assert abs(part.size / w.size - 0.25) < 0.01
        assert 5 <= part.min() < 5.01 and 9.99 < part.max() <= 10
        assert abs(part.mean() - 7.5) < 0.03  # U(5, 10)
        assert abs(part.std() - 5 / 12**0.5) < 0.03
    assert abs((w == 0).mean() - 0.5) < 0.01


@claim("要么是0，要么绝对值在5和10之间，没有别的")
def _(kernel, made, notebook):
    w = abs(kernel(made("custom", 40, 80, notebook)))
    assert ((w == 0) | ((w >= 5) & (w <= 10))).all()
    assert (w == 0).any() and (w > 0).any()


@claim("Gluon对每个用到它的参数都调用`_init_weight`，不管参数叫什么名字", "mxnet")
def _(gluon, init):
    seen = []

    class Noting(init.Initializer):
        def _init_weight(self, name, data):
            seen.append(str(name))
            data[:] = 3

        def _init_bias(self, name, data):
            raise AssertionError("not called")

        _init_gamma = _init_bias

    for name in ("a_weight", "a_bias", "a_scale", "a_gamma"):
        p = gluon.Parameter(name, shape=(2,))
        p.initialize(Noting())
        assert seen.pop() == name and (p.data() == 3).all()


@claim("`nn.Dense`的偏置有自己的初始化方法，用不到它", "mxnet")
def _(bias_of, init, kernel, nn):
    for kwargs, wanted in (({}, 0), ({"bias_initializer": None}, 3)):
        block = nn.Dense(3, in_units=4, **kwargs)

        class Threes(init.Initializer):
            def _init_weight(self, name, data):
                data[:] = 3

        block.initialize(Threes())
        assert (kernel(block) == 3).all()
        assert (bias_of(block) == wanted).all()


@claim("MXNet随后把里面的值复制到参数里；返回值不起作用", "mxnet")
def _(gluon, init):
    class Keeping(init.Initializer):
        def _init_weight(self, name, data):
            data[:] = 3
            self.data = data
            return data + 5  # is not used

    keeping, p = Keeping(), gluon.Parameter("weight", shape=(2,))
    p.initialize(keeping)
    keeping.data[:] = 9
    assert p.data().tolist() == [3, 3]


@claim("0前面的负号是负数乘以0留下的，-0和0相等")
def _(kernel, made, notebook):
    w = kernel(made("custom", 100, 100, notebook))
    negative = numpy.signbit(w) & (w == 0)
    assert negative.any() and not negative.all()
    assert -1.0 * 0 == 0


@claim("`no_grad`里的乘法就地改写参数，自动微分不记录它", "pytorch", "paddle")
def _(my_init, nn, X):
    layer = nn.Linear(4, 8)
    weight = layer.weight
    layer.apply(my_init)
    assert layer.weight is weight and weight.is_leaf
    layer(X).sum().backward()
    assert weight.grad is not None


@claim("初始化方法是一个可以调用的对象，接受形状和类型，返回抽好的值", "tensorflow")
def _(MyInit, tf):
    drawn = MyInit()((30, 40), dtype="float64")
    assert drawn.shape == (30, 40) and drawn.dtype == tf.float64


@claim("层若用别的精度，Keras会把相应的类型传给`dtype`", "tensorflow")
def _(MyInit, raises, tf):
    for dtype in ("float16", "float32", "float64"):
        layer = tf.keras.layers.Dense(8, kernel_initializer=MyInit(), dtype=dtype)
        layer.build((None, 4))
        assert layer.kernel.dtype == dtype
    assert MyInit()((2, 2)).dtype == tf.float32

    class Fixed(tf.keras.initializers.Initializer):
        def __call__(self, shape, dtype=None):
            data = tf.random.uniform(shape, -10, 10, dtype)
            return data * tf.cast(tf.abs(data) >= 5, "float32")

    layer = tf.keras.layers.Dense(8, kernel_initializer=Fixed(), dtype="float64")
    assert raises(tf.errors.InvalidArgumentError, lambda: layer.build((None, 4)))


@claim("PaddlePaddle不肯把浮点数和布尔值相乘", "paddle")
def _(paddle, raises):
    data = paddle.ones([3])
    assert raises(TypeError, lambda: data * (data > 0))


@claim("三个比例和公式一致")
def _(kernel, made, notebook):
    w = kernel(made("custom", 1000, 100, notebook))
    found = [round(float(part.mean()), 2) for part in (w <= -5, w == 0, w >= 5)]
    assert max(abs(a - b) for a, b in zip(found, [0.25, 0.5, 0.25], strict=True)) < 0.011


@claim("第一个元素变成了42，其余的都加上了1")
def _(before, value, weight):
    row, old = value(weight)[0], numpy.array([float(x) for x in before])
    assert row[0] == 42 and len(row) == len(old)
    assert numpy.allclose(row[1:], old[1:] + 1)


@claim("`set_data`把数组里的值复制进参数", "mxnet")
def _(np, small):
    p = small()[1].bias
    given = np.array([5])
    p.set_data(given)
    given[:] = 6
    assert p.data().item() == 5


@claim("写`weight.data()[:] += 1`也可以，只要不在`autograd.record()`里面", "mxnet")
def _(autograd, MXNetError, raises, small):
    p = small()[1].bias
    p.data()[:] += 1
    assert p.data().item() == 1

    def inside():
        with autograd.record():
            p.data()[:] += 1

    assert raises(MXNetError, inside)


@claim("不写它，就地改写一个要求梯度的参数会报错", "pytorch")
def _(raises, small):
    def unguarded():
        small()[0].weight.add_(1)

    assert raises(RuntimeError, unguarded)

    def element():
        small()[0].weight[0, 0] = 42

    assert raises(RuntimeError, element)


@claim("整个换掉，用变量的`assign`；只改一个元素，就从`value`", "tensorflow")
def _(small, tf):
    p = small().layers[0].kernel
    p.assign(tf.ones((4, 8)))
    p.value[0, 0].assign(42)
    assert p.numpy()[0, 0] == 42 and p.numpy().sum() == 42 + 31


@claim("`weight += 1`只是让名字`weight`指向一个新张量，层里的参数没有变", "tensorflow")
def _(kernel, small):
    layer = small().layers[0]
    p, before = layer.kernel, kernel(layer)
    p += 1
    assert p is not layer.kernel
    assert (kernel(layer) == before).all()


@also("paddle")
def _(kernel, paddle, small):
    layer = small()[0]
    p, before = layer.weight, kernel(layer)
    with paddle.no_grad():
        p += 1
    assert p is not layer.weight
    assert (kernel(layer) == before).all()
    p = layer.weight
    with paddle.no_grad():
        p[:] = p + 1
    assert p is layer.weight
    assert numpy.allclose(kernel(layer), before + 1)


@claim("`net.get_weights()`给出的是副本，改了副本，还要用`net.set_weights`写回去", "tensorflow")
def _(bias_of, small):
    block = small()
    taken = block.get_weights()
    taken[1][:] = 7
    assert (bias_of(block.layers[0]) == 0).all()
    block.set_weights(taken)
    assert (bias_of(block.layers[0]) == 7).all()


@claim("得到的是按新值算出的结果，不是4，而且没有任何警告", "mxnet")
def _(autograd, np, silent, square):
    def wrong():
        p = square(2)
        p.initialize()
        with autograd.record():
            y = p.data() ** 2
        p.set_data(np.array([20]))
        y.backward()
        return p.grad().item()

    assert silent(wrong) == 40


@also("pytorch")
def _(nn, silent, torch):
    def wrong():
        p = nn.Parameter(torch.tensor(2.0))
        y = p**2
        p.data.fill_(20)
        y.backward()
        return p.grad.item()

    assert silent(wrong) == 40


@also("paddle")
def _(paddle, silent, square):
    def wrong():
        p = square(2)
        y = p**2
        p.set_value(paddle.to_tensor([20.0]))
        y.backward()
        return p.grad.item()

    assert silent(wrong) == 40


@claim("`GradientTape`记下了前向传播时读到的值，后来再改变量，不影响这一次的梯度", "tensorflow")
def _(tf):
    for change in (lambda p: p.assign([20, 20]), lambda p: p.value[0].assign(20)):
        p = tf.keras.Variable([2.0, 2.0])
        with tf.GradientTape() as tape:
            y = p**2
            change(p)
        assert tape.gradient(y, p).numpy().tolist() == [4, 4]
        assert p.numpy()[0] == 20


@claim("在`record`里面改，MXNet会报错，可是报错的时候新值已经写进去了", "mxnet")
def _(autograd, MXNetError, np, raises, square):
    p = square(2)
    p.initialize()

    def inside():
        with autograd.record():
            p.data() ** 2
            p.set_data(np.array([20]))

    assert raises(MXNetError, inside)
    assert p.data().item() == 20


@claim("换成`torch.no_grad()`，同样的错误就会被发现", "pytorch")
def _(nn, raises, torch):
    p = nn.Parameter(torch.tensor(2.0))
    y = p**2
    with torch.no_grad():
        p.fill_(20)
    assert raises(RuntimeError, y.backward)


@claim("至于像改数组那样直接给元素赋值，Keras干脆不允许", "tensorflow")
def _(raises, small):
    def element():
        small().layers[0].kernel[0, 0] = 42

    assert raises(TypeError, element)


@claim(
    "`set_value`改写参数，却瞒过了自动微分的检查，`copy_`和`nn.initializer.Constant`也一样",
    "paddle",
)
def _(nn, paddle, square):
    twenty = paddle.to_tensor([20.0])
    for change in (
        lambda p: p.set_value(twenty),
        lambda p: p.copy_(twenty, True),
        lambda p: nn.initializer.Constant(20.0)(p),
    ):
        p = square(2)
        y = p**2
        with paddle.no_grad():
            change(p)
        y.backward()
        assert p.item() == 20 and p.grad.item() == 40


@claim("在`paddle.no_grad()`里用下标或`fill_`改写，同样的错误会在反向传播时报出来", "paddle")
def _(paddle, raises, square):
    for change in (lambda p: p.__setitem__(0, 20), lambda p: p.fill_(20)):
        p = square(2)
        y = p**2
        with paddle.no_grad():
            change(p)
        assert p.item() == 20 and raises(RuntimeError, y.backward)


@claim("忘了写`no_grad`，改写的那一刻就会报错", "paddle")
def _(raises, small):
    def element():
        small()[0].weight[0, 0] = 42

    assert raises(ValueError, element)
    assert raises(ValueError, lambda: small()[0].weight.fill_(42))


@claim("数据要穿过四个全连接层，参数却只有三层的份，每层一个权重、一个偏置")
def _(equal, net, parameters, value, X):
    assert len(parameters(net)) == 6
    sizes = sum(value(w).size for w in parameters(net))
    assert sizes == 4 * 8 + 8 + 8 * 8 + 8 + 8 + 1
    H = X
    for block in getattr(net, "layers", net):
        H = block(H)
    assert equal(H, net(X))


@claim("既然是同一个对象，改动一处，另一处必然跟着变")
def _(fill, kernel, matrix_of, net, put, shared, value):
    layers = list(getattr(net, "layers", net))
    one, other = [i for i, layer in enumerate(layers) if layer is shared]
    old = value(matrix_of(layers[one]))
    fill(matrix_of(layers[one]), 7)
    assert (kernel(layers[other]) == 7).all()
    put(matrix_of(layers[other]), old)
    assert (value(matrix_of(layers[one])) == old).all()


@claim("`copies`是`shared`的两个互不相干的副本，值完全相同")
def _(copies, fill, matrix_of, parameters, put, shared, value):
    for twin in copies:
        assert twin is not shared
        for mine, its in zip(parameters(twin), parameters(shared), strict=True):
            assert mine is not its and (value(mine) == value(its)).all()
    one, two = copies
    old = value(matrix_of(one))
    fill(matrix_of(one), 7)
    for layer in (two, shared):
        assert (value(matrix_of(layer)) == old).all()
    put(matrix_of(one), old)


@claim(
    "`nn.Dense(8, params=shared.params)`是另一个层，激活函数可以不同，用的却是`shared`的权重和偏置",
    "mxnet",
)
def _(nn, shared):
    other = nn.Dense(8, params=shared.params)
    assert other is not shared and other.act is None and shared.act
    assert other.weight is shared.weight and other.bias is shared.bias


@claim("`parameters()`对重复的参数只给出一次，优化器也就只更新一次", "pytorch")
def _(net, shared, torch, X):
    assert len(list(net.parameters())) == 6
    old = shared.weight.detach().clone()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    optimizer.zero_grad()
    net(X).sum().backward()
    wanted = old - 0.1 * shared.weight.grad
    assert shared.weight.grad.abs().max() > 0
    optimizer.step()
    assert torch.allclose(shared.weight, wanted)


@also("paddle")
def _(net, paddle, shared, X):
    assert len(net.parameters()) == 6
    old = shared.weight.numpy()
    optimizer = paddle.optimizer.SGD(0.1, net.parameters())
    optimizer.clear_grad()
    net(X).sum().backward()
    wanted = old - 0.1 * shared.weight.grad.numpy()
    optimizer.step()
    assert (wanted != old).any()
    assert numpy.allclose(shared.weight.numpy(), wanted)


@claim("`state_dict()`则两处都列出，共用同一块内存", "pytorch")
def _(net):
    found = net.state_dict()
    assert len(found) == 8
    assert found["2.weight"].data_ptr() == found["4.weight"].data_ptr()


@claim("`state_dict()`则两处都列出，指向同一个参数", "paddle")
def _(net, shared):
    found = net.state_dict()
    assert len(found) == 8
    assert found["2.weight"] is found["4.weight"] is shared.weight


@claim(
    "`net.layers`里`shared`仍占两个位置，`summary`也把它列出两次；`net.weights`只算一份，"
    "优化器也就只更新一次",
    "tensorflow",
)
def _(net, shared, tf, X):
    assert len(net.layers) == 4 and len(net.weights) == 6
    lines = []
    net.summary(print_fn=lines.append)
    assert lines[0].count(shared.name + " (Dense)") == 2
    with tf.GradientTape() as tape:
        Y = tf.reduce_sum(net(X))
    grads = tape.gradient(Y, net.trainable_weights)
    old, place = shared.kernel.numpy(), 2
    assert net.trainable_weights[place] is shared.kernel
    tf.keras.optimizers.SGD(0.1).apply_gradients(zip(grads, net.trainable_weights, strict=True))
    wanted = old - 0.1 * grads[place].numpy()
    assert (wanted != old).any()
    assert numpy.allclose(shared.kernel.numpy(), wanted)


@claim("`save_weights`和`load_weights`没有问题", "tensorflow")
def _(reloads, tf, X):
    def tied():
        tie = tf.keras.layers.Dense(8, activation="relu")
        return tf.keras.Sequential(
            [tf.keras.layers.Dense(8, activation="relu"), tie, tie, tf.keras.layers.Dense(1)]
        )

    assert reloads(tied, X)


@claim(
    "配置里只记了一次`shared`，`tf.keras.models.load_model`照着搭，少了一层，就会报错", "tensorflow"
)
def _(net, raises, shared, tf):
    found = [entry["config"]["name"] for entry in net.get_config()["layers"]]
    assert found.count(shared.name) == 1
    assert len(net.layers) == 4
    assert len(tf.keras.Sequential.from_config(net.get_config()).layers) == 3
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "net.keras")
        net.save(path)
        assert raises(ValueError, lambda: tf.keras.models.load_model(path))


@claim(
    "把同样的层用`tf.keras.Model(inputs, outputs)`连起来（函数式API），就能存也能读", "tensorflow"
)
def _(equal, net, shared, tf, X):
    inputs = tf.keras.Input((4,))
    outputs = net.layers[3](shared(shared(net.layers[0](inputs))))
    block = tf.keras.Model(inputs, outputs)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "net.keras")
        block.save(path)
        loaded = tf.keras.models.load_model(path)
    assert len(loaded.weights) == 6
    assert equal(loaded(X), block(X)) and equal(block(X), net(X))


@claim("第二个说明两处的梯度确实加在了一起", "mxnet")
def _(autograd, init, nn, X):
    layer = nn.Dense(4, in_units=4)
    layer.initialize(init.Normal(1))
    twins = [nn.Dense(4, in_units=4) for _ in range(2)]
    for twin in twins:
        twin.initialize()
        twin.weight.set_data(layer.weight.data())
    with autograd.record():
        Y = layer(layer(X)).sum(), twins[1](twins[0](X)).sum()
    autograd.backward(Y)
    parts = [twin.weight.grad().asnumpy() for twin in twins]
    whole = layer.weight.grad().asnumpy()
    assert all(abs(part).max() > 0 for part in parts)
    assert numpy.allclose(whole, sum(parts))


@also("pytorch")
def _(nn, torch, X):
    layer = nn.Linear(4, 4)
    twins = [copy.deepcopy(layer) for _ in range(2)]
    layer(layer(X)).sum().backward()
    twins[1](twins[0](X)).sum().backward()
    parts = [twin.weight.grad for twin in twins]
    assert all(part.abs().max() > 0 for part in parts)
    assert torch.allclose(layer.weight.grad, sum(parts))


@also("tensorflow")
def _(ready, tf, X):
    layer = ready(tf.keras.layers.Dense(4), X)
    twins = [ready(tf.keras.layers.Dense(4), X) for _ in range(2)]
    for twin in twins:
        twin.set_weights(layer.get_weights())
    with tf.GradientTape(persistent=True) as tape:
        Y = tf.reduce_sum(layer(layer(X)))
        Y_twins = tf.reduce_sum(twins[1](twins[0](X)))
    parts = tape.gradient(Y_twins, [twin.kernel for twin in twins])
    assert all(abs(part.numpy()).max() > 0 for part in parts)
    assert numpy.allclose(tape.gradient(Y, layer.kernel), sum(parts))


@also("paddle")
def _(nn, X):
    layer = nn.Linear(4, 4)
    twins = [copy.deepcopy(layer) for _ in range(2)]
    layer(layer(X)).sum().backward()
    twins[1](twins[0](X)).sum().backward()
    parts = [twin.weight.grad.numpy() for twin in twins]
    assert all(abs(part).max() > 0 for part in parts)
    assert numpy.allclose(layer.weight.grad.numpy(), sum(parts))


# 小结
@claim("参数可以从层里取，也可以按名字取，取到的是同一个对象")
def _(last_layer, names, parameters, small):
    block = small()
    by_layer = parameters(last_layer(block))
    assert len(by_layer) == 2
    found = dict(zip(names(block), parameters(block), strict=True))
    place = names(block)[-1]
    assert place.endswith("bias") and found[place] is by_layer[1]


@claim("块套得再深，参数也能一级一级地取到")
def _(names, parameters, rgnet):
    step = lambda block, i: getattr(block, "layers", block)[i]
    for i in range(4):
        inner = step(step(step(rgnet, 0), i), 0)
        held = [
            j
            for j, w in enumerate(parameters(rgnet))
            if any(w is mine for mine in parameters(inner))
        ]
        assert [f"block{i}" in names(rgnet)[j] for j in held] == [True] * 2


@claim("各框架的默认初始化不尽相同，权重的形状也有（输出，输入）和（输入，输出）两种", "mxnet")
def _(check_uniform, kernel, made, nn, notebook):
    check_uniform(kernel(made("default", 400, 200, notebook)), 0.07)
    assert nn.Dense(3, in_units=4).weight.shape == (3, 4)


@also("pytorch")
def _(check_uniform, kernel, made, nn, notebook):
    check_uniform(kernel(made("default", 400, 200, notebook)), 0.05)
    assert nn.Linear(4, 3).weight.shape == (3, 4)


@also("tensorflow", "paddle")
def _(check_uniform, dense, kernel, made, notebook, parameters, ready, value, X):
    check_uniform(kernel(made("default", 400, 200, notebook)), 0.1)
    weight, bias = parameters(ready(dense(4, 3), X))
    assert tuple(value(weight).shape) == (4, 3)


@claim("初始化方法可以用自带的，也可以自己写，还可以逐层指定", "mxnet")
def _(first_layer, init, kernel, last_layer, MyInit, small):
    block = small()
    block[0].initialize(MyInit(), force_reinit=True)
    block[1].initialize(init.Normal(0.01), force_reinit=True)

    own, ready_made = abs(kernel(first_layer(block))), abs(kernel(last_layer(block)))
    assert ((own == 0) | ((own >= 5) & (own <= 10))).all() and own.max() > 0
    assert 0 < ready_made.max() < 0.07


@also("pytorch", "paddle")
def _(first_layer, init_normal, kernel, last_layer, my_init, small):
    block = small()
    first_layer(block).apply(my_init)
    last_layer(block).apply(init_normal)
    own, ready_made = abs(kernel(first_layer(block))), abs(kernel(last_layer(block)))
    assert ((own == 0) | ((own >= 5) & (own <= 10))).all() and own.max() > 0
    assert 0 < ready_made.max() < 0.07


@also("tensorflow")
def _(first_layer, kernel, last_layer, make_net, MyInit, tf):
    block = make_net(MyInit(), tf.keras.initializers.RandomNormal(stddev=0.01))

    own, ready_made = abs(kernel(first_layer(block))), abs(kernel(last_layer(block)))
    assert ((own == 0) | ((own >= 5) & (own <= 10))).all() and own.max() > 0
    assert 0 < ready_made.max() < 0.07


@claim("直接改写参数，要避开从前向传播开始到反向传播结束的这一段", "mxnet")
def _(autograd, np, square):
    p = square(2)
    p.initialize()
    for number in (20, 5):
        p.set_data(np.array([number]))
        with autograd.record():
            y = p.data() ** 2
        y.backward()
        assert p.grad().item() == 2 * number


@also("pytorch")
def _(nn, torch):
    p = nn.Parameter(torch.tensor(2.0))
    for number in (20, 5):
        with torch.no_grad():
            p.fill_(number)
        (grad,) = torch.autograd.grad(p**2, p)
        assert grad.item() == 2 * number


@also("tensorflow")
def _(tf):
    p = tf.keras.Variable(2.0)
    for number in (20, 5):
        p.assign(number)
        with tf.GradientTape() as tape:
            y = p**2
        assert float(tape.gradient(y, p)) == 2 * number


@also("paddle")
def _(paddle, square):
    p = square(2)
    for number in (20, 5):
        with paddle.no_grad():
            p[0] = number
        (grad,) = paddle.grad(p**2, p)
        assert grad.item() == 2 * number


@claim("绑定的层只有一份参数，改动一处，处处都变，梯度是各处之和")
def _(
    array,
    copies,
    equal,
    fill,
    gradient_of,
    matrix_of,
    net,
    parameters,
    put,
    shared,
    untied,
    value,
    X,
):
    assert len(parameters(net)) == 6 and len(parameters(untied)) == 8
    matrix = matrix_of(shared)
    assert any(matrix is w for w in parameters(net))
    for w in parameters(net):
        fill(w, 0.1)
    old = array(net(X)).copy()
    fill(matrix, 0.25)
    assert (array(net(X)) != old).any()
    for twin in copies:
        for mine, its in zip(parameters(twin), parameters(shared), strict=True):
            put(mine, value(its))
    assert equal(net(X), untied(X))
    whole = gradient_of(net, matrix, X)
    parts = [gradient_of(untied, matrix_of(twin), X) for twin in copies]
    assert all(abs(part).max() > 0.1 for part in parts)
    assert numpy.allclose(whole, sum(parts))


# 练习
@claim("用MXNet的读者请留意，它的`scale`默认不是1")
def _(kernel, made, notebook, tab):
    for size in [(20, 8), (10, 4)]:
        W = kernel(made("orthogonal", *size, notebook)).T
        assert numpy.allclose(W @ W.T, numpy.eye(size[1]), atol=1e-5)
        assert (W != 0).all()
        W = kernel(made("orthogonal by default", *size, notebook)).T
        assert numpy.allclose(W @ W.T, numpy.eye(size[1]), atol=1e-5) == (tab != "mxnet")


@claim(
    "学习率取0.05，训练400步，每步从$U(0, 1)$中新抽64个样本",
    "损失如果停在0.3附近（$y$的方差）不再下降",
)
def _(chain, fill, learn_sums, made, notebook, parameters, relu, seed, X):
    def losses_with(tie, num_steps):
        ends = made("xavier", 4, 8, notebook), made("xavier", 8, 1, notebook)
        block = chain(ends[0], relu(), tie, relu(), tie, relu(), ends[1])
        block(X)
        assert len(parameters(block)) == 6
        return learn_sums(block, num_steps)

    seed(0)
    losses = losses_with(made("xavier", 8, 8, notebook), 400)
    assert losses[0] > 1 and numpy.mean(losses[-20:]) < 0.1, losses
    data = numpy.random.default_rng(0).uniform(size=(100000, 4))
    assert abs(data.sum(axis=1).var() - 1 / 3) < 0.01
    tie = made("xavier", 8, 8, notebook)
    for w in parameters(tie):  # its ReLU lets nothing through
        fill(w, -1)
    losses = losses_with(tie, 150)
    assert 0.28 < numpy.mean(losses[-50:]) < 0.39, losses


@claim("从输入到输出是4、8、8、8、1，中间两层绑定")
def _(net, parameters, untied, value):
    count = lambda block: sum(value(w).size for w in parameters(block))
    assert count(net) == 121 and count(untied) == 193
