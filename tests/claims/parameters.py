"""What chapter_computation/parameters.md claims."""

import contextlib
import io
import re
from functools import reduce
from itertools import pairwise
from operator import setitem

import numpy

from claims import Claims

SECTION = "chapter_computation/parameters.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked

#: The parameters of `small()`, from the hidden layer's weight to the output's bias.
NAMES = {
    "mxnet": ["net_dense0_weight", "net_dense0_bias", "net_dense1_weight", "net_dense1_bias"],
    "pytorch": ["0.weight", "0.bias", "2.weight", "2.bias"],
    "tensorflow": ["net/hidden/kernel", "net/hidden/bias", "net/out/kernel", "net/out/bias"],
    "paddle": ["0.weight", "0.bias", "2.weight", "2.bias"],
}


def summary(net, **options):
    """Return what Keras prints of a network."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        net.summary(print_fn=print, **options)
    return said.getvalue()


def decaying(block, tab):
    """Return an optimizer that lets weights decay by half in a step."""
    if tab == "mxnet":
        from mxnet import gluon

        return gluon.Trainer(block.collect_params(), "adam", {"learning_rate": 0.01, "wd": 5})
    if tab == "pytorch":
        import torch

        return torch.optim.AdamW(block.parameters(), lr=0.01, weight_decay=5)
    if tab == "tensorflow":
        import tensorflow as tf

        return tf.keras.optimizers.AdamW(0.01, weight_decay=5)
    import paddle

    return paddle.optimizer.AdamW(0.01, parameters=block.parameters(), weight_decay=5.0)


@claim(
    "先看一个小网络，输入有4个特征，一个隐藏层，一个输出",
    "取出输出层，看它有哪些参数",
    "这个全连接层有两个参数：一个权重矩阵，一个偏置",
    "取到的就是层里的那一个，不是副本",
    "参数可以从层里取，也可以按名字取，取到的是同一个对象；块套得再深也是这样",
)
def _(array, first_layer, kernel, last_layer, names, parameters, small, tab, value, X):
    block = small()
    hidden, out = first_layer(block), last_layer(block)
    assert array(X).shape == (2, 4) and array(block(X)).shape == (2, 1)
    assert kernel(hidden).shape == (4, 8) and kernel(out).shape == (8, 1)
    assert sorted(value(w).ndim for w in parameters(out)) == [1, 2]
    named = dict(zip(names(block), parameters(block), strict=True))
    by_name = getattr(block, "get_parameter", named.get)
    assert by_name(NAMES[tab][3]) is out.bias


@claim("开头的`prefix`和`name_scope`只管起名字，不影响计算", mxnet="dense")
@claim("重新运行一遍单元格，`dense0`就成了`dense2`", mxnet="dense")
@claim("`name`只管起名字，不影响计算", tensorflow="dense_")
@claim("重新运行一遍单元格，`dense`就成了`dense_2`", tensorflow="dense_")
def _(chain, equal, first_layer, given, Linear, parameters, put, ready, small, value, X):
    unnamed = lambda: chain(Linear(8, activation="relu"), Linear(1))
    plain, named = ready(unnamed(), X), small()
    for to, of in zip(parameters(plain), parameters(named), strict=True):
        put(to, value(of))
    assert equal(plain(X), named(X))
    number = lambda: int(first_layer(unnamed()).name.removeprefix(given))
    assert number() + 2 == number()


@claim(
    "最后的`net(X)`不能省：权重要等第一次前向传播看见输入的形状才生成",
    "反向传播还没有做过，梯度却已经是全零的数组：`initialize`给它也分配了内存",
    "mxnet",
)
def _(nn, raises, X):
    from mxnet.gluon.parameter import DeferredInitializationError

    layer, sized = nn.Dense(8), nn.Dense(8, in_units=4)
    layer.initialize()
    assert raises(DeferredInitializationError, layer.weight.data)
    assert raises(DeferredInitializationError, lambda: [p.data() for p in layer.params.values()])
    layer(X)
    assert layer.weight.data().shape == (8, 4)
    assert raises(RuntimeError, sized.weight.grad)
    sized.initialize()
    assert (sized.weight.grad() == 0).all()


@claim("最后的`net(X)`不能省：权重要等第一次调用看见输入的形状才创建", "tensorflow")
def _(chain, dense, X):
    block = chain(dense(4, 8))
    assert block.weights == block.layers[0].weights == []
    block(X)
    assert len(block.weights) == 2


@claim(
    "激活函数写在`nn.Dense`里面，不另占位置，所以输出层是`net[1]`",
    "`Parameter`本身不是数组，它管理着数组：`data()`取值，`grad()`取梯度",
    "它还记着形状、初始化方法和所在的设备",
    "mxnet",
)
def _(np, put, raises, small):
    block = small()
    assert len(block) == 2 and block[1].weight.shape == (1, 8)
    p = block[1].bias
    put(p, [5])
    assert block[1].params["net_dense1_bias"].data().item() == 5
    assert type(p).__name__ == "Parameter" and not isinstance(p, np.ndarray)
    assert isinstance(p.data(), np.ndarray) and raises(TypeError, lambda: p + 1)
    assert p.shape == (1,) and p.init == "zeros" and p.list_ctx() == [p.data().ctx]


@claim("`nn.ReLU`也是一个模块，占了`net[1]`的位置，所以输出层是`net[2]`", "pytorch")
@claim("`nn.ReLU`也是一个层，占了`net[1]`的位置，所以输出层是`net[2]`", "paddle")
@claim("`Parameter`是张量的子类，把它赋给模块的属性，模块就会登记它", "pytorch")
@claim("`EagerParamBase`是张量的子类，把它赋给层的属性，层就会登记它", "paddle")
@claim("反向传播还没有做过，所以梯度是`None`", "pytorch", "paddle")
def _(Base, names, nn, parameters, small, tab, tensor, X):
    block, holder, plain = small(), Base(), tensor([1.0])
    assert isinstance(block[1], nn.ReLU) and isinstance(block[1], Base)
    assert isinstance(block[2], nn.Linear) and len(block) == 3
    p = block[2].bias
    kind = {"pytorch": "Parameter", "paddle": "EagerParamBase"}[tab]
    assert type(p).__name__ == kind and isinstance(p, type(plain))
    holder.mine, holder.plain = p, plain
    assert names(holder) == ["mine"]
    assert all(w.grad is None for w in parameters(block))
    block(X).sum().backward()
    assert all(w.grad is not None for w in parameters(block))


@claim(
    "激活函数写在`Dense`里面，不另占位置，所以输出层是`net.layers[1]`",
    "Keras把权重矩阵叫作`kernel`；`weights`是一层的全部参数，偏置也算在内",
    "Keras的`Variable`本身不是张量，它装着一份可以改写的值：`numpy()`取出值的副本，"
    "`b.value`是它背后的`tf.Variable`",
    "Keras的`Variable`不带梯度，`tf.GradientTape`另外算它",
    "`w.name`只有最后一截，`kernel`和`bias`在每层都出现，不能拿来当键",
    "层也可以按名字取：`net.get_layer('out').bias`",
    "tensorflow",
)
def _(gradient_of, raises, small, tf, X):
    block = small()
    layer, p = block.layers[1], block.layers[1].bias
    assert len(block.layers) == 2 and layer.kernel.shape == (8, 1)
    assert raises(TypeError, lambda: block[1])
    assert [w.name for w in layer.weights] == ["kernel", "bias"] and layer.weights[1] is p
    assert type(p).__name__ == "Variable" and not isinstance(p, tf.Tensor)
    taken = p.numpy()
    p.assign([5])
    assert isinstance(p.value, tf.Variable) and taken[0] == 0 and p.value.numpy()[0] == 5
    assert gradient_of(block, p, X) == 2 and not hasattr(p, "grad")
    assert [w.name for w in block.weights] == ["kernel", "bias"] * 2
    assert len({w.name: w for w in block.weights}) == 2  # of four
    assert block.get_layer("out").bias is p


@claim(
    "`detach()`取出不带梯度信息的值，与参数共用内存",
    "`net.state_dict()['2.bias']`也能取到值，不过它给出的是一个脱离了自动微分的张量，与参数共用内存，却不是参数本身",
    "pytorch",
)
def _(small):
    block = small()
    p = block[2].bias
    for number, taken in enumerate([p.detach(), block.state_dict()["2.bias"]]):
        assert taken is not p and not taken.requires_grad
        taken.fill_(number)
        assert p.item() == number


@claim(
    "`numpy()`取出值的副本。",
    "参数自己还有一个`name`属性，例如`linear_1.b_0`，里面的数字是全局序号，重新运行就会变，"
    "不要依赖它",
    "paddle",
)
def _(put, small):
    p, other = small()[2].bias, small()[2].bias
    taken = p.numpy()
    put(p, [5.0])
    assert taken[0] == 0 and p.item() == 5
    one, next_one = (re.fullmatch(r"linear_(\d+)\.b_0", w.name)[1] for w in (p, other))
    assert int(next_one) == int(one) + 2  # the hidden layer's is between them


@claim("这个网络一共只有49个数", "保存模型，存的就是这些数")
def _(parameters, reloads, small, value, X):
    assert sum(value(one).size for one in parameters(small())) == 4 * 8 + 8 + 8 + 1 == 49
    assert reloads(small, X)


@claim("框架能把整个网络的参数一次列出来，连名字带形状")
@claim("它的名字明天再运行一遍会不会变")
@claim("编号在`net`内部从0数起，名字才稳定", "mxnet")
@claim("名字由层在网络里的位置拼成，重新运行也不变", "pytorch", "paddle")
@claim("网络和层的名字是我们起的，重新运行也不变", "tensorflow")
def _(names, parameters, small, tab, value):
    for block in (small(), small()):
        assert names(block) == NAMES[tab]
        assert [sorted(value(w).shape) for w in parameters(block)] == [[4, 8], [8], [1, 8], [1]]


@claim("留意权重的形状里4和8的次序")
@claim("隐藏层权重的形状里有4个输入和8个隐藏单元，只是各框架的次序不同")
@claim(
    "权重的两种布局。标出的是第一个输出单元的4个权重",
    "在布局不同的框架之间搬运全连接层的权重，别忘了转置",
)
def _(array, bias_of, dense, first_layer, matrix_of, ready, small, tab, value, X):
    layer, turned = ready(dense(4, 8), X), tab in ("mxnet", "pytorch")
    for one in (first_layer(small()), layer):
        assert value(matrix_of(one)).shape == ((8, 4) if turned else (4, 8))
    W = value(matrix_of(layer))
    assert numpy.allclose(array(layer(X)), array(X) @ (W.T if turned else W) + bias_of(layer))
    unit = W[0] if turned else W[:, 0]  # what the picture marks
    assert numpy.allclose(array(layer(X))[:, 0], array(X) @ unit + bias_of(layer)[0])


@claim("参数默认是单精度浮点数（float32）")
def _(b, parameters, small, spiral, value):
    for one in (b, *parameters(small()), *parameters(spiral)):
        assert value(one).dtype == "float32"


@claim("看它的Frobenius范数就够了。`item()`把结果变成Python的数")
def _(array, first_layer, matrix_of, mean, norm, raises, small, tab, tensor, value):
    weight = matrix_of(first_layer(small()))
    W = value(weight)
    found = norm(weight.data() if tab == "mxnet" else weight)
    found, pair = (found.numpy(), numpy.ones(2)) if tab == "tensorflow" else (found, tensor([1, 2]))
    assert type(found.item()) is float
    assert numpy.isclose(found.item(), (W**2).sum() ** 0.5, rtol=1e-5)
    assert raises((ValueError, RuntimeError, TypeError, AssertionError), pair.item)


@claim("旧的`mx.nd`代码把`item()`写作`asscalar()`", "mxnet")
def _(np, raises):
    from mxnet import nd

    assert nd.array([3]).asscalar() == 3
    assert raises(AttributeError, lambda: np.array([3.0]).sum().asscalar())


@claim("这是一个`gluon.ParameterDict`，可以当字典用", "mxnet")
def _(gluon, net):
    found = net.collect_params()
    assert type(found) is gluon.ParameterDict
    assert dict(found.items()) == {name: found[name] for name in found}
    assert [p.name for p in found.values()] == list(found)


@claim(
    "`save_parameters`存文件时用的是另一套名字，例如`1.bias`，它只看层在网络里的位置，"
    "与前缀和全局序号都无关",
    "`collect_params`还接受正则表达式，`net.collect_params('.*bias')`只列出偏置",
    "第二个参数是打印和保存时用的名字",
    "`add`加入的子块按序号取名，`register_child`加入的用我们给的名字",
    "块里套块，名字就由各级前缀连成，前缀靠`name_scope`一级一级地往下传",
    "mxnet",
)
def _(block1, block2, chain, nn, npx, ready, rgnet, scratch, small, X):
    def saved(block):
        block.save_parameters(f"{scratch}/w")
        return set(npx.load(f"{scratch}/w"))

    plain = ready(chain(nn.Dense(8, activation="relu"), nn.Dense(1)), X)
    assert saved(plain) == saved(small()) == {"0.weight", "0.bias", "1.weight", "1.bias"}
    assert list(small().collect_params(".*bias")) == ["net_dense0_bias", "net_dense1_bias"]
    assert list(small().collect_params(".*[1-9]_w")) == ["net_dense1_weight"]
    assert "(block1): Sequential" in repr(rgnet) and "0.block1.0.bias" in saved(rgnet)
    assert list(block1()._children) == ["0", "1"]
    assert list(block2()._children) == [f"block{i}" for i in range(4)]
    assert rgnet[0][1][0].bias.name == "rgnet_blocks_block1_dense0_bias"
    outer = nn.Sequential(prefix="outer_")
    outer.add(nn.Dense(3))  # outside of the scope
    assert not outer[0].name.startswith("outer_")


@claim(
    "`block1`是两个全连接层，`block2`把四个`block1`连起来，`rgnet`再接一个输出层",
    "从第一个块进去，找到第二个子块，取它的第一层的偏置",
    "反查名字，里面有`block1`才对",
)
def _(bias, block1, block2, chained, kernel, last_layer, names, parameters, ready, rgnet, X):
    assert len(chained(rgnet)) == 2 and kernel(last_layer(rgnet)).shape == (4, 1)
    assert len(parameters(ready(block1(), X))) == 4
    assert len(parameters(ready(block2(), X))) == 16 and len(parameters(rgnet)) == 18
    blocks = chained(chained(rgnet)[0])
    inside = [any(w is bias for w in parameters(block)) for block in blocks]
    assert inside == [False, True, False, False]
    for i, block in enumerate(blocks):
        step = chained(block)[0]
        named = zip(names(rgnet), parameters(rgnet), strict=True)
        found = [name for name, w in named if any(w is mine for mine in parameters(step))]
        assert [f"block{i}" in name for name in found] == [True] * 2


@claim("网络打印出来，每行开头的括号里是子块的名字", "mxnet")
@claim("网络打印出来，每行开头的括号里是子模块的名字", "pytorch")
@claim("网络打印出来，每行开头的括号里是子层的名字", "paddle")
@claim("缩进一级就是往里套一层", "mxnet", "pytorch", "paddle")
def _(rgnet, tab):
    lines = repr(rgnet).splitlines()
    inner = [str(number) for number in range(2 if tab == "mxnet" else 4)]
    wanted = ["0", *(name for i in range(4) for name in (f"block{i}", *inner)), "1"]
    found = [re.match(r" +\((\w+)\): ", line) for line in lines[1:] if line.strip() != ")"]
    assert [line[1] for line in found] == wanted
    depths = [len(line) - len(line.lstrip()) for line in lines]
    at = next(i for i, line in enumerate(lines) if "block1" in line)
    assert (depths[1], depths[at], depths[at + 1]) == (2, 4, 6)


@also("tensorflow")
@claim(
    "不写`expand_nested=True`，`summary`只给`blocks`一行；`print_fn=print`让它只输出文字，不上颜色",
    "tensorflow",
)
def _(rgnet):
    nested = summary(rgnet, line_length=60, expand_nested=True)
    rows = [row.strip("│") for row in nested.splitlines()]
    depth = lambda word: next(len(row) - len(row.lstrip()) for row in rows if word in row)
    assert depth("blocks (") < depth("└ block1") < depth("└ hidden")
    assert "blocks" in summary(rgnet) and "block1" not in summary(rgnet)
    assert "block1" in nested and chr(27) not in nested


@claim(
    "直接传给`nn.Sequential`的按序号取名，`add_module`加入的用我们给的名字。"
    "给子模块起的名字同时也是属性，所以写`rgnet[0].block1[0].bias`也行",
    pytorch="add_module",
)
@claim(
    "直接传给`nn.Sequential`的按序号取名，`add_sublayer`加入的用我们给的名字。"
    "给子层起的名字同时也是属性，所以写`rgnet[0].block1[0].bias`也行",
    paddle="add_sublayer",
)
def _(bias, block1, block2, Container, given, relu, rgnet):
    box, one = Container(), relu()
    getattr(box, given)("mine", one)
    assert [name for name, _ in box.named_children()] == ["mine"] and box.mine is one
    children = lambda block: [name for name, _ in block.named_children()]
    assert children(block1()) == ["0", "1", "2", "3"]
    assert children(block2()) == [f"block{i}" for i in range(4)]
    assert "(block1): Sequential" in repr(rgnet)
    assert rgnet[0].block1[0].bias is bias


@claim("`rgnet.get_layer('blocks').get_layer('block1')`就是第二个子块", "tensorflow")
def _(rgnet):
    assert rgnet.get_layer("blocks").get_layer("block1") is rgnet.layers[0].layers[1]


@claim("训练从初始值出发。`ranges`列出每个参数的最小值和最大值，先看`net`现在的样子")
def _(array, descend, mean, names, parameters, ranges, small, value, X):
    block = small()
    first = float(array(mean(block(X))))
    losses = descend(block, lambda: mean(block(X)), 2, rate=0.1)
    assert numpy.isclose(losses[0], first, rtol=1e-5) and losses[1] != losses[0]
    values = [value(w) for w in parameters(block)]
    ends = [(round(v.min().item(), 3), round(v.max().item(), 3)) for v in values]
    assert list(ranges(block).items()) == list(zip(names(block), ends, strict=True))


@claim("权重从均匀分布$U(-0.07, 0.07)$中抽取，与层的大小无关；`nn.Dense`的偏置为0", "mxnet")
@claim(
    "`nn.Linear`的权重和偏置都从均匀分布$U(-1/\\sqrt{n_\\mathrm{in}}, 1/\\sqrt{n_\\mathrm{in}})$中抽取",
    "$n_\\mathrm{in}$是输入的个数。",
    "pytorch",
)
@claim("默认用Xavier初始化的均匀分布（见下文），偏置为0", "tensorflow", "paddle")
@claim("默认的规则就是Xavier，两条曲线几乎重合", "tensorflow", "paddle")
@claim(
    "这些值是框架默认给的，各框架的规则不尽相同",
    "各框架的默认初始化不尽相同，权重的形状也有（输出，输入）和（输入，输出）两种",
)
def _(bias_of, check_uniform, glorot, kernel, made, matrix_of, notebook, tab, value):
    rules = {"mxnet": lambda n_in, n_out: 0.07, "pytorch": lambda n_in, n_out: n_in**-0.5}
    turned = tab in ("mxnet", "pytorch")
    for size in [(400, 200), (100, 5000), (400, 5000)]:
        layer = made("default", *size, notebook)
        check_uniform(kernel(layer), rules.get(tab, glorot)(*size))
        assert (bias_of(layer) != 0).all() if tab == "pytorch" else (bias_of(layer) == 0).all()
        assert value(matrix_of(layer)).shape == (size[::-1] if turned else size)
    if tab == "pytorch":
        check_uniform(bias_of(made("default", 100, 50000, notebook)), 0.1)


@claim("前面的`rgnet`用默认的规则，信号每穿过一层都要缩小许多，传到末尾几乎是0", "mxnet")
def _(np, rgnet, X):
    H, largest = X, [float(np.abs(X).max())]
    for layer in [layer for block in rgnet[0] for layer in block]:
        H = layer(H)
        largest.append(float(np.abs(H).max()))
    assert all(b < a / 2 for a, b in zip(largest, largest[1:], strict=False))
    assert float(np.abs(rgnet(X)).max()) < 1e-6


@claim(
    "均值为0、标准差为0.01的正态分布中抽取，偏置设为0",
    "把所有权重设为同一个常数，例如1",
)
def _(bias_of, kernel, made, notebook):
    large, tiny = made("normal", 1000, 300, notebook), made("normal", 4, 8, notebook)
    assert abs(kernel(large).mean()) < 1e-4 and abs(kernel(large).std() - 0.01) < 1e-4
    assert abs(kernel(large)).max() > 0.04  # not uniform
    assert 0 < abs(kernel(tiny)).max() < 0.07
    ones = made("constant", 40, 80, notebook)
    assert (kernel(ones) == 1).all()
    assert all((bias_of(layer) == 0).all() for layer in (large, tiny, ones))


@claim(
    "不写`force_reinit=True`，MXNet只给出警告，参数原封不动",
    "`nn.Dense`创建偏置时指定了全零的初始化方法，所以偏置不受影响",
    "mxnet",
)
def _(bias_of, init, kernel, small, warned):
    layer = small()[0]
    before = kernel(layer)
    assert warned(lambda: layer.initialize(init.Constant(3))) and (kernel(layer) == before).all()
    layer.initialize(init.Constant(3), force_reinit=True)
    assert layer.bias.init == "zeros" and layer.weight.init is None
    assert (kernel(layer) == 3).all() and (bias_of(layer) == 0).all()


@claim("`net.apply`对每一个模块（最后也包括`net`自己）调用一次`init_normal`", "pytorch")
@claim("`net.apply`对每一个层（最后也包括`net`自己）调用一次`init_normal`", "paddle")
def _(rgnet):
    seen = []
    rgnet.apply(seen.append)
    assert seen[-1] is rgnet and len({id(m) for m in seen}) == len(seen) == 23


@claim("名字以下划线结尾的初始化函数就地改写张量，而且不让自动微分记录", "pytorch")
def _(nn):
    layer = nn.Linear(4, 8)
    weight, place = layer.weight, layer.weight.data_ptr()
    nn.init.normal_(layer.weight)
    assert layer.weight is weight and weight.data_ptr() == place
    assert weight.is_leaf and weight.requires_grad


@claim(
    "`kernel_initializer`给哪一层，才对哪一层起作用，漏掉的层还用默认的规则",
    "Keras自带的随机初始化方法，不写`seed`时也会在创建的那一刻定下种子",
    "所以同一个实例每次抽出的都一样",
    "每一层要有自己的实例，否则形状相同的层会得到一样的权重",
    "tensorflow",
)
def _(chain, check_uniform, equal, glorot, kernel, Linear, ready, tf, X):
    rules = tf.keras.initializers
    block = ready(chain(Linear(300, kernel_initializer=rules.Constant(1)), Linear(500)), X)
    assert (kernel(block.layers[0]) == 1).all()
    check_uniform(kernel(block.layers[1]), glorot(300, 500))
    for name in (
        "RandomNormal RandomUniform TruncatedNormal Orthogonal GlorotNormal GlorotUniform "
        "HeNormal HeUniform LecunNormal LecunUniform VarianceScaling"
    ).split():
        one, other = (getattr(rules, name)() for _ in range(2))
        assert equal(one((4, 8)), one((4, 8))) and not equal(one((4, 8)), other((4, 8))), name
    one, other = (rules.RandomNormal(stddev=0.01) for _ in range(2))
    drawn = [kernel(ready(Linear(8, kernel_initializer=rule), X)) for rule in (one, one, other)]
    assert equal(drawn[0], drawn[1]) and not equal(drawn[0], drawn[2])


@claim(
    "`Normal(...)`只造出初始化方法，加上`(m.weight)`才改写参数；漏掉后者不会报错，参数却原封不动",
    "也可以在创建层的时候就指定：`nn.Linear(4, 8, weight_attr=nn.initializer.Normal(0.0, 0.01))`",
    "paddle",
)
def _(kernel, nn):
    layer = nn.Linear(4, 8)
    before = kernel(layer)
    rule = nn.initializer.Normal(mean=0.0, std=0.01)
    assert (kernel(layer) == before).all()
    rule(layer.weight)
    assert (kernel(layer) != before).any()
    layer = nn.Linear(400, 800, weight_attr=nn.initializer.Normal(0.0, 0.01))
    assert abs(kernel(layer).std() - 0.01) < 1e-4


@claim(
    "真正训练时不能这样做：同一层的隐藏单元一模一样，得到的梯度也一模一样，再多的单元也只顶得上一个"
    "（暂退法能打破这种对称）"
)
def _(array, dropout, fill, first_layer, kernel, learn_sums, parameters, small, tensor, X):
    alike, random = small(), small()
    for w in parameters(alike):
        fill(w, 0.1)
    hidden = array(dropout(tensor(array(first_layer(alike)(X)).tolist())))
    assert (hidden[:, :1] != hidden).any()  # and what a unit lets through is its gradient
    learn_sums(alike, 30)
    learn_sums(random, 30)
    W, others = kernel(first_layer(alike)), kernel(first_layer(random))
    # Some processors add the products of a unit in another order than its neighbour's
    assert abs(W[:, :1] - W).max() < 1e-5 < abs(W - 0.1).max()
    assert abs(others[:, :1] - others).max() > 0.01


@claim(
    "也叫Glorot初始化，这里用的是均匀分布的那一种",
    "权重从$U(-a, a)$中抽取，$a=\\sqrt{6/(n_\\mathrm{in}+n_\\mathrm{out})}$，"
    "$n_\\mathrm{in}$和$n_\\mathrm{out}$是输入和输出的个数",
)
def _(check_uniform, glorot, kernel, made, notebook):
    drawn = lambda *size: kernel(made("xavier", *size, notebook))
    check_uniform(drawn(500, 300), glorot(500, 300))
    normal = kernel(made("glorot normal", 500, 300, notebook))
    assert abs(normal.std() / (2 / 800) ** 0.5 - 1) < 0.02
    assert abs(normal).max() > 1.05 * glorot(500, 300)  # not uniform
    assert all(abs(drawn(4, 8)).max() <= glorot(4, 8) for _ in range(100))


@claim("激活函数近似线性、各层又差不多宽的时候，信号和梯度都不会逐层变大或变小")
def _(kernel, made, notebook):
    def keeps(draw, activation=lambda H: H, widths=(200, 400) * 5 + (200,)):
        # there and back again
        Ws = [draw(n_in, n_out) for n_in, n_out in pairwise(widths)]
        for path in (Ws, [W.T for W in reversed(Ws)]):
            spreads = [1.0]
            H = numpy.random.default_rng(0).normal(size=(500, path[0].shape[0]))
            for W in path:
                H = activation(H @ W)
                spreads.append((H**2).mean() ** 0.5)
            steps = [b / a for a, b in zip(spreads, spreads[1:], strict=False)]
            if not (min(steps) > 0.75 and max(steps) < 1.25 and 0.5 < spreads[-1] < 2):
                return False
        return True

    rng = numpy.random.default_rng(1)
    assert keeps(lambda *size: kernel(made("xavier", *size, notebook)))
    nearly = lambda H: 10 * numpy.tanh(H / 10)
    assert keeps(lambda *size: kernel(made("xavier", *size, notebook)), nearly)
    relu = lambda H: numpy.maximum(H, 0)
    assert not keeps(lambda *size: kernel(made("xavier", *size, notebook)), relu)
    assert not keeps(lambda *size: kernel(made("normal", *size, notebook)))
    assert not keeps(lambda *size: kernel(made("xavier", *size, notebook)), widths=(800, 200, 50))
    # the number of inputs or of outputs alone will not do
    assert not keeps(lambda a, b: rng.normal(size=(a, b)) / a**0.5)
    assert not keeps(lambda a, b: rng.normal(size=(a, b)) / b**0.5)


@claim(
    "ReLU却把负数都变成0，信号的均方每过一层就只剩一半",
    "He初始化 :cite:`He.Zhang.Ren.ea.2015`也叫Kaiming初始化，它补上这一半："
    "权重的方差取$2/n_\\mathrm{in}$",
)
def _(bias_of, kernel, made, notebook):
    def square_after(rule):
        """Return the mean square behind a layer and a ReLU, of an input's of one."""
        layer = made(rule, 400, 400, notebook)
        H = numpy.random.default_rng(0).normal(size=(2000, 400)) @ kernel(layer)
        assert (bias_of(layer) == 0).all()
        return (numpy.maximum(H, 0) ** 2).mean()

    assert abs(square_after("xavier") - 0.5) < 0.02 and abs(square_after("he") - 1) < 0.04
    for n_in, n_out in ((500, 300), (300, 500)):
        W = kernel(made("he", n_in, n_out, notebook))
        assert abs(W.var() * n_in / 2 - 1) < 0.02 and abs(W.mean()) < 0.001
        assert abs(W).max() > 2 * W.std()  # not uniform


@claim("用它初始化`spiral`，把每个权重矩阵的标准差和$\\sqrt{2/n_\\mathrm{in}}$放在一起")
@claim("第一个矩阵只有64个数，差得多一些")
def _(parameters, spiral, value):
    weights = [W for W in map(value, parameters(spiral)) if W.ndim == 2]
    assert weights[0].size == 64 and min(W.size for W in weights[1:-1]) == 1024


@claim(
    "`MSRAPrelu`就是He初始化。它的`slope`默认是0.25，用的还是输入和输出的平均数",
    "mxnet",
)
def _(init, initialised, kernel):
    spread = lambda *size, **options: kernel(initialised(*size, init.MSRAPrelu(**options))).std()
    for n_in, n_out in ((400, 800), (800, 400)):
        wanted = (2 / (1 + 0.25**2) / ((n_in + n_out) / 2)) ** 0.5
        assert abs(spread(n_in, n_out) / wanted - 1) < 0.01
        he = (2 / n_in) ** 0.5
        assert abs(spread(n_in, n_out, factor_type="in", slope=0) / he - 1) < 0.01


@claim("默认的规则在PyTorch的源码里写作`kaiming_uniform_(a=√5)`", "pytorch")
@claim("名字里有Kaiming，方差却只有He初始化的六分之一", "pytorch")
def _(dense, nn, torch):
    torch.manual_seed(3)
    W = nn.init.kaiming_uniform_(torch.empty(300, 500), a=5**0.5)
    torch.manual_seed(3)
    assert (dense(500, 300).weight == W).all()
    assert abs(W.var().item() * 500 / 2 * 6 - 1) < 0.02


@claim("四种方法抽出的权重。虚线：均匀分布的边界，正态分布的正负两倍标准差")
def _(bounds, check_uniform, drawn, tab):
    assert list(bounds) == list(drawn) == ["default", "N(0, 0.01²)", "Xavier", "He"]
    for rule, W in drawn.items():
        assert W.shape == (256, 256)
        if rule in ("default", "Xavier"):
            check_uniform(W, bounds[rule])
        else:
            assert abs(2 * W.std() / bounds[rule] - 1) < 0.01
            assert abs((abs(W) < bounds[rule]).mean() - 0.955) < 0.015


#: How one layer of 256 changes the root mean square, by initialiser and activation; None:
#: not always the same.
STEPS = {
    ("N(0, 0.01²)", "relu"): 0.01 * 128**0.5,
    ("N(0, 0.01²)", "tanh"): 0.01 * 256**0.5,
    ("N(0, 0.01²)", "linear"): 0.01 * 256**0.5,
    ("Xavier", "relu"): 0.5**0.5,
    ("Xavier", "linear"): 1,
    ("He", "relu"): 1,
    ("He", "linear"): 2**0.5,
}


@claim(
    "到了深的网络里，差别会逐层累积。每种方法造20个这样的层，`signal`让信号从第一层传到最后一层，"
    "再把随机的梯度传回来，记下每层输出的均方根（RMS）和传到每层输入的梯度的均方根",
    "20个宽256的全连接层，激活函数是ReLU。左边是各层输出的均方根，",
    "右边是传到各层输入的梯度的均方根；纵轴是对数刻度。",
    "20个宽256的全连接层。前向画的是各层输出的均方根，",
    "反向画的是传到各层输入的梯度的均方根；纵轴是对数刻度。",
    "用了ReLU，Xavier每层缩小到$1/\\sqrt{2}$，20层下来只剩千分之一左右",
    "标准差固定为0.01，只剩$10^{-19}$的量级；只有He始终在1附近",
    "换成tanh，Xavier和He都在一个数量级之内",
    "不用激活函数，就轮到Xavier保持在1附近，He反而每层放大到$\\sqrt{2}$倍",
    "用ReLU的深网络宜用He初始化；Xavier适合近似线性的激活函数",
)
def _(activations, curves, depths, fig, signal, wide):
    kind, content = fig.interactive
    assert kind == "signal" and content["caption"]
    assert (content["depths"], content["curves"]) == (list(range(1, 21)), curves)
    assert len(curves) == 12 and list(activations) == ["relu", "tanh", "linear"]
    again = signal([wide("He") for _ in depths], activations["relu"])
    assert again["forward"] != curves[3]["forward"]  # drawn anew
    curves = [*curves, {"init": "He", "activation": "relu", **again}]
    for curve in curves:
        case = curve["init"], curve["activation"]
        assert len(curve["forward"]) == len(curve["backward"]) == 20
        if case in STEPS:
            # frameworks and seeds differ by chance: at most a factor of three, either way
            for depth in depths:
                for found, layers in (
                    (curve["forward"][depth - 1], depth),
                    (curve["backward"][depth - 1], 21 - depth),
                ):
                    assert 1 / 3 < found / STEPS[case] ** layers < 3, (case, depth)
        elif case[1] == "tanh" and case[0] != "default":
            assert all(
                0.1 < number < 10 for way in ("forward", "backward") for number in curve[way]
            )
    ends = {(c["init"], c["activation"]): (c["forward"][-1], c["backward"][0]) for c in curves}
    assert all(0.0003 < end < 0.003 for end in ends["Xavier", "relu"])
    assert all(4e-20 < end < 4e-19 for end in ends["N(0, 0.01²)", "relu"])


@claim("默认的规则前向停在0.03上下，那是偏置撑着的", "pytorch")
@claim("梯度得不到偏置的帮助，传回第一层只剩$10^{-8}$的量级", "pytorch")
def _(activations, curves, depths, nn, signal, wide):
    default = curves[0]
    assert (default["init"], default["activation"]) == ("default", "relu")
    assert all(0.02 < number < 0.04 for number in default["forward"][5:])
    assert 5e-9 < default["backward"][0] < 5e-8
    layers = [wide("default") for _ in depths]
    for layer in layers:
        nn.init.zeros_(layer.bias)
    assert signal(layers, activations["relu"])["forward"][-1] < 1e-7


@claim("默认的规则不看层的大小，宽256时每层缩小一半多，层越窄，缩小得越快", "mxnet")
def _(array, chain, curves, initialised, relu, tensor):
    default = curves[0]
    steps = [b / a for a, b in zip(default["forward"], default["forward"][1:], strict=False)]
    assert (default["init"], default["activation"]) == ("default", "relu")
    assert all(0.3 < step < 0.5 or abs(step - 0.457) < 0.1 for step in steps)
    assert numpy.mean(steps) < 0.5
    shrinks = []
    for width in (64, 256, 1024):
        H = tensor(numpy.random.default_rng(0).normal(size=(256, width)))
        out = array(relu()(initialised(width, width)(H)))
        shrinks.append((out**2).mean() ** 0.5)
    assert shrinks[0] < 0.6 * shrinks[1] < 0.36 * shrinks[2]


@claim("`initialize`也可以只对一个块或者一个参数调用", "mxnet")
@claim("不同的层可以用不同的方法。给隐藏层用Xavier初始化，把输出层的权重设为42", "mxnet")
def _(init, ranges, small):
    block = small()
    block.initialize(init.Constant(1), force_reinit=True)
    block[1].initialize(init.Constant(42), force_reinit=True)
    assert list(ranges(block).values()) == [(1, 1), (0, 0), (42, 42), (0, 0)]
    block[0].weight.initialize(init.Constant(3), force_reinit=True)
    assert list(ranges(block).values()) == [(3, 3), (0, 0), (42, 42), (0, 0)]


@also("tensorflow")
def _(make_net, ranges, tf):
    block = make_net(tf.keras.initializers.GlorotUniform(), tf.keras.initializers.Constant(42))
    assert list(ranges(block).values())[1:] == [(0, 0), (42, 42), (0, 0)]


@also("pytorch", "paddle")
def _(init_42, init_constant, ranges, small):
    block = small().apply(init_constant)
    block[2].apply(init_42)
    assert list(ranges(block).values()) == [(1, 1), (0, 0), (42, 42), (0, 0)]


@claim("已经构建好的层，要把新值赋给它，例如下面的`spiral`", "tensorflow")
def _(kernel, small, spiral, tf, X):
    assert spiral.built
    block = small()
    layer = block.layers[0]
    before, new = kernel(layer), tf.keras.initializers.GlorotUniform()((4, 8))
    layer.kernel_initializer = tf.keras.initializers.Constant(42)
    block(X)
    assert (kernel(layer) == before).all()  # it is too late for another initializer
    layer.kernel.assign(new)
    assert (kernel(layer) == new.numpy()).all() and (kernel(layer) != before).any()


@claim(
    "|均匀分布|`init.Uniform`|自己定范围，写作`scale`|",
    "|正态分布|`init.Normal`|自己定标准差，写作`sigma`|",
    "`rnd_type='gaussian'`是正态分布，它的`magnitude`默认为3，要改成1才是Xavier的方差",
    "|He|`init.MSRAPrelu`|ReLU|",
    "|正交|`init.Orthogonal`|想让信号经过权重矩阵时长度不变|",
    "mxnet",
)
def _(check_uniform, init, initialised, kernel):
    check_uniform(kernel(initialised(300, 500, init.Uniform(scale=0.2))), 0.2)
    assert abs(kernel(initialised(300, 500, init.Normal(sigma=0.2))).std() / 0.2 - 1) < 0.01
    for options, variance in (({}, 3 / 400), ({"magnitude": 1}, 1 / 400)):
        rule = init.Xavier(rnd_type="gaussian", **options)
        assert abs(kernel(initialised(300, 500, rule)).var() / variance - 1) < 0.02
    W = kernel(initialised(300, 300, init.Orthogonal(scale=1)))
    x = numpy.random.default_rng(0).normal(size=300)
    assert numpy.isclose(numpy.linalg.norm(x @ W), numpy.linalg.norm(x), rtol=1e-4)


@claim(
    "|截断正态分布|`nn.init.trunc_normal_`|不想要个别特别大的权重|",
    "|Xavier|`nn.init.xavier_uniform_`、`nn.init.xavier_normal_`|tanh、sigmoid|",
    "|He|`nn.init.kaiming_uniform_`、`nn.init.kaiming_normal_`|ReLU|",
    "|正交|`nn.init.orthogonal_`|想让信号经过权重矩阵时长度不变|",
    "pytorch",
)
def _(nn, torch):
    W = torch.empty(300, 300)
    assert nn.init.trunc_normal_(W).abs().max() <= 2 < nn.init.normal_(W).abs().max()
    variances = {
        "xavier_uniform_": 1 / 300,
        "xavier_normal_": 1 / 300,
        "kaiming_uniform_": 2 / 300,
        "kaiming_normal_": 2 / 300,
    }
    for name, variance in variances.items():
        assert abs(getattr(nn.init, name)(W).var().item() / variance - 1) < 0.03, name
    x = torch.randn(300)
    assert torch.isclose((nn.init.orthogonal_(W) @ x).norm(), x.norm(), rtol=1e-4)


@claim(
    "|截断正态分布|`TruncatedNormal`|不想要个别特别大的权重|",
    "|正交|`Orthogonal`|想让信号经过权重矩阵时长度不变|",
    "tensorflow",
    "paddle",
)
@claim("|Xavier|`GlorotUniform`、`GlorotNormal`|tanh、sigmoid|", "tensorflow")
@claim("|He|`HeUniform`、`HeNormal`|ReLU|", "tensorflow")
@claim("它们都在`tf.keras.initializers`里", "tensorflow")
@claim("`GlorotNormal`和`HeNormal`用的是截断的正态分布，标准差已经按截断补足", "tensorflow")
@claim("它们都在`paddle.nn.initializer`里", "paddle")
@claim("|Xavier|`XavierUniform`、`XavierNormal`|tanh、sigmoid|", "paddle")
@claim("|He|`KaimingUniform`、`KaimingNormal`|ReLU|", "paddle")
def _(initialised, kernel, notebook, tab):
    names = {
        "tensorflow": ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal"),
        "paddle": ("XavierUniform", "XavierNormal", "KaimingUniform", "KaimingNormal"),
    }[tab]

    def drawn(name):
        if tab == "paddle":
            rule = getattr(notebook["nn"].initializer, name)()
            return kernel(initialised(300, 300, lambda m: rule(m.weight)))
        return kernel(initialised(300, 300, getattr(notebook["tf"].keras.initializers, name)()))

    for name, variance in zip(names, [1 / 300] * 2 + [2 / 300] * 2, strict=True):
        W = drawn(name)
        assert abs(W.var() / variance - 1) < 0.03, name
        if tab == "tensorflow" and name.endswith("Normal"):
            assert abs(W).max() < 2.3 * W.std()
    both = ("Uniform", "Normal") if tab == "paddle" else ("RandomUniform", "RandomNormal")
    home = notebook["nn"].initializer if tab == "paddle" else notebook["tf"].keras.initializers
    assert all(isinstance(getattr(home, name), type) for name in both)
    W = drawn("TruncatedNormal")
    assert abs(W).max() < 2.4 * W.std()
    W, x = drawn("Orthogonal"), numpy.random.default_rng(0).normal(size=300)
    assert numpy.isclose(numpy.linalg.norm(x @ W), numpy.linalg.norm(x), rtol=1e-4)


@claim("初始化方法可以逐层指定，也可以自己写", "框架里没有的方法可以自己写")
def _(chain, first_layer, kernel, last_layer, made, notebook, relu):
    block = chain(made("custom", 4, 8, notebook), relu(), made("normal", 8, 1, notebook))
    own, ready_made = abs(kernel(first_layer(block))), abs(kernel(last_layer(block)))
    assert ((own == 0) | ((own >= 5) & (own <= 10))).all() and own.max() > 0
    assert 0 < ready_made.max() < 0.07


@claim(
    "不必真的分三种情况去写：先从$U(-10, 10)$中抽取，再把绝对值小于5的换成0，得到的正是这个分布",
    "隐藏层的权重要么是0，要么绝对值在5和10之间，没有别的",
    "三个比例和公式一致",
    "0前面的负号是负数乘以0留下的，-0和0相等",
)
def _(kernel, made, notebook):
    w = kernel(made("custom", 1000, 300, notebook))
    plain = numpy.random.default_rng(0).uniform(-10, 10, 300000)
    plain[abs(plain) < 5] = 0
    for drawn in (plain, w):
        for part in (drawn[drawn > 0], -drawn[drawn < 0]):
            assert abs(part.size / drawn.size - 0.25) < 0.01
            assert 5 <= part.min() < 5.01 and 9.99 < part.max() <= 10
            assert abs(part.mean() - 7.5) < 0.03  # U(5, 10)
            assert abs(part.std() - 5 / 12**0.5) < 0.03
        assert abs((drawn == 0).mean() - 0.5) < 0.01
    negative = numpy.signbit(w[w == 0])
    assert negative.any() and not negative.all()


@claim(
    "Gluon对每个用到它的参数都调用`_init_weight`，不管参数叫什么名字",
    "MXNet随后把里面的值复制到参数里；返回值不起作用",
    "`nn.Dense`的偏置有自己的初始化方法，用不到它",
    "mxnet",
)
def _(bias_of, gluon, init, kernel, nn):
    class Threes(init.Initializer):
        def _init_weight(self, name, data):
            seen[str(name)] = data
            data[:] = 3
            return data + 5  # is not used

        def _init_bias(self, name, data):
            raise AssertionError("not called")

        _init_gamma = _init_bias

    for name in ("a_weight", "a_bias", "a_scale", "a_gamma"):
        seen, p = {}, gluon.Parameter(name, shape=(2,))
        p.initialize(Threes())
        assert list(seen) == [name] and (p.data() == 3).all()
        seen[name][:] = 9
        assert (p.data() == 3).all()
    for options, wanted in (({}, 0), ({"bias_initializer": None}, 3)):
        layer = nn.Dense(3, in_units=4, **options)
        layer.initialize(Threes())
        assert (kernel(layer) == 3).all() and (bias_of(layer) == wanted).all()


@claim("`no_grad`里的乘法就地改写参数，自动微分不记录它", "pytorch", "paddle")
def _(my_init, nn, X):
    layer = nn.Linear(4, 8)
    weight = layer.weight
    layer.apply(my_init)
    assert layer.weight is weight and weight.is_leaf
    layer(X).sum().backward()
    assert weight.grad is not None


@claim(
    "初始化方法是一个可以调用的对象，接受形状和类型，返回抽好的值",
    "层若用别的精度，Keras会把相应的类型传给`dtype`，要照它来抽取，不能写死成`float32`",
    "tensorflow",
)
def _(Linear, MyInit, raises, tf):
    drawn = MyInit()((30, 40), dtype="float64")
    assert drawn.shape == (30, 40) and drawn.dtype == tf.float64
    assert MyInit()((2, 2)).dtype == tf.float32
    for dtype in ("float16", "float32", "float64"):
        layer = Linear(8, kernel_initializer=MyInit(), dtype=dtype)
        layer.build((None, 4))
        assert layer.kernel.dtype == dtype

    def fixed(shape, dtype=None):
        data = tf.random.uniform(shape, -10, 10, dtype)
        return data * tf.cast(tf.abs(data) >= 5, "float32")

    layer = Linear(8, kernel_initializer=fixed, dtype="float64")
    assert raises(tf.errors.InvalidArgumentError, lambda: layer.build((None, 4)))


@claim("PaddlePaddle不肯把浮点数和布尔值相乘，所以先用`astype`转换", "paddle")
def _(paddle, raises):
    data = paddle.ones([3])
    assert raises(TypeError, lambda: data * (data > 0))
    assert (data * (data > 0).astype(data.dtype)).numpy().tolist() == [1, 1, 1]


@claim("给隐藏层的权重都加上1，再把左上角的元素改成42，看第一行改动前后的样子")
def _(before, value, weight):
    row, old = value(weight)[0], numpy.array([float(x) for x in before])
    assert row[0] == 42 and len(row) == len(old)
    assert numpy.allclose(row[1:], old[1:] + 1)


@claim(
    "`set_data`把数组里的值复制进参数",
    "改参数，要趁反向传播已经做完、下一次`autograd.record()`还没有开始的时候",
    "写`weight.data()[:] += 1`也可以，只要不在`autograd.record()`里面",
    "mxnet",
)
def _(autograd, MXNetError, np, raises, small):
    p, new = small()[1].bias, np.array([5])
    p.set_data(new)
    new[:] = 6
    assert p.data().item() == 5

    def add():
        p.data()[:] += 1

    add()
    assert p.data().item() == 6
    with autograd.record():
        assert raises(MXNetError, add)
    for number in (2, 3):  # each time after the backward pass before
        p.set_data(np.array([number]))
        with autograd.record():
            y = p.data() ** 2
        y.backward()
        assert p.grad().item() == 2 * number


@claim(
    "`torch.no_grad()`让自动微分不记录这里的改动。不写它，就地改写一个要求梯度的参数会报错",
    "pytorch",
)
def _(raises, small, torch):
    weight = small()[0].weight
    with torch.no_grad():
        weight += 1
    assert weight.is_leaf and weight.requires_grad
    for change in (lambda: weight.add_(1), lambda: setitem(weight, (0, 0), 42)):
        assert raises(RuntimeError, change)


@claim(
    "`paddle.no_grad()`让自动微分不记录这里的改动。`[:]`不能省：写`weight += 1`只是让名字指向一个新张量，"
    "层里的参数没有变",
    "paddle",
)
@claim("`weight += 1`只是让名字指向一个新张量，层里的参数没有变", "paddle")
def _(kernel, paddle, small):
    layer = small()[0]
    p, before = layer.weight, kernel(layer)
    with paddle.no_grad():
        p += 1
        assert p is not layer.weight and (kernel(layer) == before).all()
        p = layer.weight
        p[:] = p + 1
    assert p is layer.weight and numpy.allclose(kernel(layer), before + 1)
    assert p.is_leaf and not p.stop_gradient  # nothing was recorded


@also("tensorflow")
@claim(
    "整个换掉，用变量的`assign`；只改一个元素，就从`value`（背后的`tf.Variable`）里取出它来`assign`",
    "还有一种写法看着像修改，其实没有用：`net.get_weights()`给出的是副本，改了副本，还要用`net.set_weights`写回去",
    "至于像改数组那样直接给元素赋值，Keras干脆不允许",
    "tensorflow",
)
def _(bias_of, kernel, raises, small, tf):
    block = small()
    layer, p = block.layers[0], block.layers[0].kernel
    p.assign(tf.ones((4, 8)))
    assert isinstance(p.value, tf.Variable)
    p.value[0, 0].assign(42)
    assert kernel(layer)[0, 0] == 42 and kernel(layer).sum() == 42 + 31
    p += 1
    assert p is not layer.kernel and kernel(layer).sum() == 42 + 31
    taken = block.get_weights()
    taken[1][:] = 7
    assert (bias_of(layer) == 0).all()
    block.set_weights(taken)
    assert (bias_of(layer) == 7).all()
    assert raises(TypeError, lambda: setitem(layer.kernel, (0, 0), 42))


@claim("在`record`里面改，MXNet会报错，可是报错的时候新值已经写进去了", "mxnet")
@claim("得到的是按新值算出的结果，不是4，而且没有任何警告", "mxnet")
def _(autograd, MXNetError, put, raises, silent, square):
    p = square(2)
    p.initialize()
    with autograd.record():
        y = p.data() ** 2
    silent(lambda: (put(p, [20]), y.backward()))
    assert p.grad().item() == 40
    with autograd.record():
        p.data() ** 2
        assert raises(MXNetError, lambda: put(p, [5]))
    assert p.data().item() == 5


@also("pytorch")
def _(nn, silent, torch):
    p = nn.Parameter(torch.tensor(2.0))
    y = p**2
    silent(lambda: (p.data.fill_(20), y.backward()))
    assert p.grad.item() == 40


@also("paddle")
@claim(
    "`set_value`改写参数，却瞒过了自动微分的检查，`copy_`和`nn.initializer.Constant`也一样",
    "paddle",
)
def _(nn, paddle, silent, square):
    twenty = paddle.to_tensor([20.0])
    for change in (
        lambda p: p.set_value(twenty),
        lambda p: p.copy_(twenty, True),
        nn.initializer.Constant(20.0),
    ):
        p = square(2)
        y = p**2
        silent(lambda: (change(p), y.backward()))
        assert p.item() == 20 and p.grad.item() == 40


@claim(
    "毛病出在`.data`上，它改写参数，却瞒过了自动微分的检查。换成`torch.no_grad()`，同样的错误就会被发现",
    "pytorch",
)
def _(nn, raises, silent, torch):
    p = nn.Parameter(torch.tensor(2.0))
    y = p**2
    p.data.fill_(20)
    silent(y.backward)
    y = p**2
    with torch.no_grad():
        p.fill_(20)
    assert raises(RuntimeError, y.backward)


@claim("`GradientTape`记下了前向传播时读到的值，后来再改变量，不影响这一次的梯度", "tensorflow")
def _(tf):
    for change in (lambda p: p.assign([20, 20]), lambda p: p.value[0].assign(20)):
        p = tf.keras.Variable([2.0, 2.0])
        with tf.GradientTape() as tape:
            y = p**2
            change(p)
        assert tape.gradient(y, p).numpy().tolist() == [4, 4] and p.numpy()[0] == 20


@claim(
    "在`paddle.no_grad()`里用下标或`fill_`改写，同样的错误会在反向传播时报出来",
    "忘了写`no_grad`，改写的那一刻就会报错",
    "paddle",
)
def _(paddle, raises, square):
    for change in (lambda p: setitem(p, 0, 20), lambda p: p.fill_(20)):
        p = square(2)
        y = p**2
        with paddle.no_grad():
            change(p)
        assert p.item() == 20 and raises(RuntimeError, y.backward)
        assert raises(ValueError, lambda: change(p))


@claim(
    "不要在前向传播和反向传播之间改写参数，否则梯度可能对不上任何一次前向传播",
    "不要在前向传播和反向传播之间改写参数",
)
def _(chain, dense, fill, gradient_of, matrix_of, parameters, ready, tensor):
    layer, x = dense(1, 1), tensor([[1.0]])
    square = ready(chain(layer, layer), x)
    fill(parameters(layer)[1], 0)  # bias
    for number in (20, 5):
        fill(matrix_of(layer), number)
        assert gradient_of(square, matrix_of(layer), x) == 2 * number


@claim(
    "也列在`collect_params`里，不过优化器不更新它，`num_params`也不数它",
    "批量规范化的滑动平均却不靠梯度更新，`grad_req`管不住：反向传播只要经过那一层，它就变",
    "要它也不动，创建层的时候写上`use_global_stats=True`",
    "mxnet",
)
def _(autograd, chain, changed, freeze, nn, num_params, value, X):
    for fixed in (False, True):
        kind = nn.BatchNorm(use_global_stats=fixed)
        block = chain(nn.Dense(4), kind, nn.Dense(1))
        block.initialize()
        block(X)
        assert kind.running_mean.name in block.collect_params()
        assert num_params(kind) == 2 * 4
        freeze(kind)

        def learn(block=block):
            with autograd.record():
                loss = block(X).sum()
            loss.backward()

        assert changed(value, [kind.running_mean, kind.running_var], learn) == [not fixed] * 2


@claim("批量规范化的滑动平均不是参数，`named_parameters`不列它，`state_dict`里才有", "pytorch")
@claim("也列在`named_parameters`里，不过优化器不更新它，`num_params`也不数它", "paddle")
@claim(
    "批量规范化的滑动平均不靠梯度更新，`requires_grad_`管不住：训练模式下，每次前向传播照样改它",
    "pytorch",
)
@claim(
    "批量规范化的滑动平均不靠梯度更新，`stop_gradient`管不住：训练模式下，每次前向传播照样改它",
    "paddle",
)
@claim(
    "要它也不动，就对冻结的块调用`eval()`（ :numref:`sec_read_write`）；"
    "之后再对整个网络调用`train()`，它又会切换回训练模式",
    "pytorch",
    "paddle",
)
def _(array, freeze, names, nn, num_params, tab, X):
    kind = nn.BatchNorm1d(4) if tab == "pytorch" else nn.BatchNorm1D(4)
    mean = kind.running_mean if tab == "pytorch" else kind._mean
    listed = ["weight", "bias"] + ["_mean", "_variance"] * (tab == "paddle")
    assert tab == "paddle" or not isinstance(mean, nn.Parameter)
    assert names(kind) == listed and num_params(kind) == 2 * 4
    assert ("running_mean" if tab == "pytorch" else "_mean") in kind.state_dict()
    freeze(kind)
    for mode, wanted in ((kind.train, True), (kind.eval, False)):
        mode()
        before = array(mean).copy()
        kind(X)
        assert bool((array(mean) != before).any()) == wanted
    whole = nn.Sequential(kind)
    assert not kind.training
    whole.train()
    assert kind.training


@claim(
    "也列在`weights`里，不过优化器不更新它，`num_params`也不数它",
    "冻结批量规范化层，它的滑动平均也不再变：`trainable`为假，Keras就让它按评估模式计算",
    "tensorflow",
)
def _(equal, freeze, num_params, tf, X):
    kind = tf.keras.layers.BatchNormalization()
    kind(X, training=True)
    assert len(kind.weights) == 4 and num_params(kind) == 2 * 4
    before = kind.moving_mean.numpy()
    assert (before != 0).all()
    freeze(kind)
    assert equal(kind(X, training=True), kind(X, training=False))
    assert equal(kind.moving_mean.numpy(), before)


@claim("`num_params`数的是训练会更新的那些", "也就是参数张量里的标量一共有多少个")
@claim("12个参数张量，绝大部分标量在两个残差单元的4个权重矩阵里")
def _(d2l, freeze, num_params, parameters, small, value):
    block = d2l.spiral_net()
    sizes = [value(one).size for one in parameters(block)]
    large = [size for size in sizes if size == 32 * 32]
    assert len(sizes) == 12 and len(large) == 4
    assert num_params(block) == d2l.num_params(block) == sum(sizes) < sum(large) / 0.9
    block = small()
    assert num_params(block) == 4 * 8 + 8 + 8 + 1
    freeze(block)
    assert num_params(block) == 0


@claim(
    "冻结`spiral`的第一个残差单元，用带权重衰减的Adam训练100步，看每个参数最多动了多少",
    "冻结的4个参数张量一动不动，权重衰减也没有碰它们，`num_params`也不再数它们",
    "前面的第一层却照样在学：梯度仍然穿过冻结的层",
    "冻结的参数不更新，梯度仍然穿过它们",
)
def _(
    chained,
    changed,
    d2l,
    descend,
    freeze,
    labels,
    last_layer,
    losses,
    mean,
    num_params,
    parameters,
    points,
    small,
    spiral,
    tab,
    value,
    X,
):
    assert num_params(spiral) == 4419 - 2 * (32 * 32 + 32)
    units = [isinstance(one, d2l.Residual) for one in chained(spiral)]
    assert units[:4] == [False, False, True, True]
    assert [num_params(one) > 0 for one in chained(spiral)[2:4]] == [False, True]
    assert len(losses) == 100
    block = d2l.spiral_net()
    unit = chained(block)[2]
    freeze(unit)
    frozen = [any(one is mine for mine in parameters(unit)) for one in parameters(block)]
    assert frozen == [False] * 2 + [True] * 4 + [False] * 6
    optimizer = decaying(block, tab)
    task = lambda: d2l.train(block, points, labels, optimizer, 5)
    assert changed(value, parameters(block), task) == [not one for one in frozen]
    block = small()  # no shortcut leads around the frozen layer
    freeze(last_layer(block))
    task = lambda: descend(block, lambda: mean(block(X)), 1, 1.0)
    assert changed(value, parameters(block), task) == [True, True, False, False]


@claim("`grad_req`是`'null'`的参数，MXNet不算也不存它的梯度，`Trainer`跳过它", "mxnet")
@claim("把`grad_req`改回`'write'`就解冻", "mxnet")
def _(changed, descend, freeze, mean, parameters, raises, small, value, X):
    block = small()
    trained = lambda: changed(
        value, parameters(block), lambda: descend(block, lambda: mean(block(X)), 1, 0.1)
    )
    freeze(block[0])
    assert raises(RuntimeError, block[0].weight.grad) and trained()[:2] == [False, False]
    block[0].collect_params().setattr("grad_req", "write")
    assert block[0].weight.grad().shape == (8, 4) and trained()[0]


@claim("反向传播不算冻结的参数的梯度，优化器跳过梯度是`None`的参数", "pytorch")
@claim("冻结之前算过的旧梯度要用`zero_grad`清掉，否则`step`还会照着它再走一步", "pytorch")
@claim("`requires_grad_(True)`解冻", "pytorch")
def _(changed, freeze, parameters, small, torch, value, X):
    block = small()
    for optimizer in (
        torch.optim.SGD(block.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1),
        torch.optim.AdamW(block.parameters(), lr=0.1),
    ):
        block.requires_grad_(True)
        optimizer.zero_grad()
        block(X).sum().backward()
        freeze(block[0])
        assert changed(value, parameters(block), optimizer.step)[0]
        optimizer.zero_grad()
        block(X).sum().backward()
        assert block[0].weight.grad is None
        assert changed(value, parameters(block), optimizer.step)[:2] == [False, False]
    block.requires_grad_(True)
    block(X).sum().backward()
    assert block[0].weight.grad is not None


@claim(
    "冻结的参数从`trainable_weights`里消失，优化器只更新交给它的那些",
    "`GradientTape`照样能算它们的梯度，自己写训练循环时，交给优化器的要是`trainable_weights`，"
    "不是`weights`",
    "把`trainable`改回`True`就解冻",
    "用`compile`和`fit`训练，改了`trainable`要重新`compile`才起作用",
    "tensorflow",
)
def _(changed, freeze, small, tf, value, X):
    block = small()
    freeze(block.layers[0])
    assert [w.path for w in block.trainable_weights] == ["net/out/kernel", "net/out/bias"]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum((block(X) - 1) ** 2)
    grads = tape.gradient(loss, block.weights)
    assert all(grad is not None for grad in grads)
    for weights, wanted in ((block.trainable_weights, False), (block.weights, True)):
        pairs = [
            g for g, w in zip(grads, block.weights, strict=True) if any(w is o for o in weights)
        ]
        step = lambda: tf.keras.optimizers.AdamW(0.1).apply(pairs, weights)
        assert changed(value, block.weights, step)[:1] == [wanted]
    block = small()
    fit = lambda: block.fit(X, tf.ones((2, 1)), verbose=0)
    block.compile("sgd", "mse")
    fit()
    freeze(block.layers[0])
    before = changed(value, block.weights, fit)
    block.compile("sgd", "mse")
    after = changed(value, block.weights, fit)
    assert before[0] and before[2] and not after[0] and after[2]
    block.layers[0].trainable = True
    assert len(block.trainable_weights) == 4


@claim("反向传播不算`stop_gradient`为真的参数的梯度，优化器也跳过它们", "paddle")
@claim("写`p.trainable = False`是同一回事", "把`stop_gradient`改回`False`就解冻", "paddle")
def _(changed, freeze, paddle, parameters, small, value, X):
    block = small()
    freeze(block[0])
    optimizer = paddle.optimizer.AdamW(0.1, parameters=block.parameters(), weight_decay=0.1)

    def step():
        optimizer.clear_grad()
        block(X).sum().backward()
        optimizer.step()

    assert changed(value, parameters(block), step)[:2] == [False, False]
    assert block[0].weight.grad is None and not block[0].weight.trainable
    for p in block[0].parameters():
        p.stop_gradient = False
    assert changed(value, parameters(block), step)[0]
    block[0].weight.trainable = False
    assert block[0].weight.stop_gradient and not changed(value, parameters(block), step)[0]


@claim(
    "数据要穿过四个全连接层，参数却只有三组，每组一个权重、一个偏置",
    "从输入到输出是4、8、8、8、1，中间两层绑定",
    "既然是同一个对象，改动一处，另一处必然跟着变",
    "绑定以后是$4\\times 8+8+8\\times 8+8+8\\times 1+1=121$，不绑定还要再加一个$8\\times 8+8=72$，一共193",
    "前向传播的计算量一点也没有少",
)
def _(equal, fill, chained, Linear, matrix_of, net, parameters, put, shared, untied, value, X):
    layers, count = chained(net), lambda block: sum(value(w).size for w in parameters(block))
    assert sum(isinstance(layer, Linear) for layer in layers) == 4
    assert equal(reduce(lambda H, layer: layer(H), layers, X), net(X))
    assert len(parameters(net)) == 6 and count(net) == 4 * 8 + 8 + 8 * 8 + 8 + 8 + 1
    assert count(net) == 121 and count(untied) == count(net) + 8 * 8 + 8 == 193
    work = lambda block: [
        value(matrix_of(layer)).size for layer in chained(block) if isinstance(layer, Linear)
    ]
    assert work(untied) == work(net) == [4 * 8, 8 * 8, 8 * 8, 8]  # a product for each number
    one, other = (matrix_of(layer) for layer in layers if layer is shared)
    old = value(one)
    fill(one, 7)
    assert (value(other) == 7).all()
    put(other, old)
    assert (value(one) == old).all()


@claim(
    "`nn.Dense(8, params=shared.params)`是另一个层，激活函数可以不同，用的却是`shared`的权重和偏置",
    "mxnet",
)
def _(nn, shared):
    other = nn.Dense(8, params=shared.params)
    assert other is not shared and other.act is None and shared.act
    assert other.weight is shared.weight and other.bias is shared.bias


@claim("`state_dict()`则两处都列出，共用同一块内存", "pytorch")
@claim("`state_dict()`则两处都列出，指向同一个参数", "paddle")
def _(net, shared, tab):
    found = net.state_dict()
    one, other = found["2.weight"], found["4.weight"]
    assert len(found) == 8 and one.data_ptr() == other.data_ptr()
    assert tab == "pytorch" or one is other is shared.weight


@claim(
    "保存时要当心：`save_weights`和`load_weights`没有问题；可是`net.save`存下整个`Sequential`时，"
    "配置里只记了一次`shared`，`tf.keras.models.load_model`照着搭，少了一层，就会报错",
    "把同样的层用`tf.keras.Model(inputs, outputs)`连起来（函数式API），就能存也能读",
    "tensorflow",
)
def _(chain, equal, Linear, net, raises, reloads, scratch, shared, tf, X):
    def tied():
        tie = Linear(8, activation="relu")
        return chain(Linear(8, activation="relu"), tie, tie, Linear(1))

    assert reloads(tied, X)
    load = lambda: tf.keras.models.load_model(f"{scratch}/net.keras")
    config = net.get_config()
    assert [entry["config"]["name"] for entry in config["layers"]].count(shared.name) == 1
    assert len(net.layers) == 4 and len(tf.keras.Sequential.from_config(config).layers) == 3
    net.save(f"{scratch}/net.keras")
    assert raises(ValueError, load)
    inputs = tf.keras.Input((4,))
    block = tf.keras.Model(inputs, reduce(lambda H, layer: layer(H), net.layers, inputs))
    block.save(f"{scratch}/net.keras")
    assert len(load().weights) == 6
    assert equal(load()(X), block(X)) and equal(block(X), net(X))


@claim(
    "`copies`是`shared`的两个互不相干的副本，值完全相同",
    "把权重的梯度各自求和，先是两个副本，最后是`shared`",
    "前两个数之和就是第三个（末位的差别来自舍入）：两处的梯度加在了一起",
    "绑定的层，前向传播用它两次（实线），两处的梯度都流回这里（虚线）",
    "反向传播时，照链式法则，两处的梯度要加在一起",
    "绑定的层只有一份参数，改动一处，处处都变，梯度是各处之和",
)
def _(
    array,
    copies,
    equal,
    fill,
    gradient_of,
    grads,
    matrix_of,
    net,
    parameters,
    put,
    shared,
    tab,
    untied,
    value,
    X,
):
    one, other, both = map(array, grads)
    assert numpy.allclose(one + other, both, atol=1e-5)
    # MXNet's seed happens to give a first layer that lets nothing through
    assert tab == "mxnet" or not numpy.allclose(one, other + both)
    twins = parameters(copies[0]) + parameters(copies[1])
    twins = list(zip(twins, parameters(shared) * 2, strict=True))
    for mine, its in twins:
        assert mine is not its and equal(value(mine), value(its))
    fill(matrix_of(copies[0]), 7)
    assert not any((value(matrix_of(one)) == 7).any() for one in (copies[1], shared))
    assert len(parameters(net)) == 6 and len(parameters(untied)) == 8
    for w in parameters(net):
        fill(w, 0.1)
    before = net(X)
    fill(matrix_of(shared), 0.25)
    assert not equal(net(X), before)
    for mine, its in twins:
        put(mine, value(its))
    assert equal(net(X), untied(X))
    whole = gradient_of(net, matrix_of(shared), X)
    parts = [gradient_of(untied, matrix_of(twin), X) for twin in copies]
    assert all(abs(part).max() > 0.1 for part in parts) and numpy.allclose(whole, sum(parts))


# Trains the network, so the others come first.
@claim(
    "两处不会分开：它们是同一个对象，优化器只更新一份参数，用的是两处梯度之和",
    "每一处的梯度都用来更新同一份参数，等于有了更多的训练信号",
)
@claim("`parameters()`对重复的参数只给出一次，优化器也就只更新一次", "pytorch", "paddle")
@claim(
    "`net.layers`里`shared`仍占两个位置，`summary`也把它列出两次；`net.weights`只算一份，"
    "优化器也就只更新一次",
    "tensorflow",
)
def _(descend, gradient_of, matrix_of, mean, net, parameters, shared, tab, value, X):
    if tab == "tensorflow":
        assert len(net.layers) == 4 and summary(net).count(shared.name + " (Dense)") == 2
    assert len(parameters(net)) == 6
    matrix, one = matrix_of(shared), X[:1]
    old, grad = value(matrix), gradient_of(net, matrix, one)
    descend(net, lambda: mean(net(one)), 1, rate=0.1)
    assert abs(grad).max() > 0 and numpy.allclose(value(matrix), old - 0.1 * grad)


# 练习
@claim(
    "把`raise NotImplementedError`换成你的代码，再运行那个单元格，`d2l.check`会说出第一处不同",
    "`NestMLP`里面套着一个容器和一个层",
    "写`inspect_nest(net)`，依次返回第二个隐藏层的偏置（NumPy数组），以及整个网络的参数量",
    "第二个隐藏层在容器里，先取到容器，再取到层",
    "第二个隐藏层在容器`net.net`里，先取到容器，再取到层",
    "常见的错误是对着一种大小手算，再把结果写死。网络一换大小就错了："
    "`5、7个单元，参数量：应为195，你的是2928`",
)
def _(
    bias_of,
    chained,
    Container,
    d2l,
    inspect_nest,
    inspect_nest_cases,
    layers_of,
    Linear,
    NestMLP,
    num_params,
):
    net = NestMLP(5, 7)
    inner = layers_of(net)
    assert inner[0] is net.net and inner[1] is net.linear and len(inner) == 2
    assert isinstance(net.net, Container) and isinstance(net.linear, Linear)

    def own(net):
        first, second = [layer for layer in chained(net.net) if isinstance(layer, Linear)]
        return bias_of(second), num_params(net)

    says = lambda answer: d2l.check(answer, inspect_nest_cases)
    assert says(inspect_nest) == "还没有写" and says(own) == "正确"
    assert says(lambda net: own(net)[::-1]) != "正确"
    assert says(lambda net: (own(net)[0] + 1, 0)).startswith("64、32个单元，第二个的偏置(0,)：")
    assert says(lambda net: (own(net)[0], 2928)) == "5、7个单元，参数量：应为195，你的是2928"


@claim(
    "正交初始化把权重写成（输出，输入）的矩阵$\\mathbf{W}$，输出不多于输入时，"
    "$\\mathbf{W}\\mathbf{W}^\\top$是单位矩阵",
    "写`orthogonal_layer(num_inputs, num_outputs)`，返回一个正交初始化、偏置为0的全连接层",
    "用MXNet的读者请留意，它的`scale`默认不是1",
    "别忘了偏置：有的框架默认不是0",
    "四个框架都自带正交初始化，区别在于什么时候把它交给层，以及偏置要不要另外设为0",
)
def _(bias_of, d2l, fill, kernel, made, notebook, orthogonal_cases, tab):
    for size in [(20, 8), (10, 4)]:
        for rule, unit in (("orthogonal", True), ("orthogonal by default", tab != "mxnet")):
            W = kernel(made(rule, *size, notebook)).T
            assert numpy.allclose(W @ W.T, numpy.eye(size[1]), atol=1e-5) == unit
            assert (W != 0).all()
    W = kernel(made("orthogonal", 8, 20, notebook)).T  # more outputs than inputs
    assert not numpy.allclose(W @ W.T, numpy.eye(20), atol=0.1)
    assert numpy.allclose(W.T @ W, numpy.eye(8), atol=1e-5)

    def own(num_inputs, num_outputs):
        layer = made("orthogonal", num_inputs, num_outputs, notebook)
        assert (bias_of(layer) != 0).any() == (tab == "pytorch")
        fill(layer.bias, 0)
        return layer

    assert d2l.check(own, orthogonal_cases) == "正确"


WRONG_PRODUCT = "W乘W的转置(0, 0)：应为1.0，你的是"


@claim(
    "常见的错误是用了`scale`的默认值。它约等于1.414，于是$\\mathbf{W}\\mathbf{W}^\\top$的对角线是2："
    "`W乘W的转置(0, 0)：应为1.0，你的是…`",
    mxnet=("orthogonal by default", WRONG_PRODUCT),
)
@claim(
    "常见的错误是忘了偏置，它默认不是0：`偏置(0,)：应为0.0，你的是…`",
    pytorch=("orthogonal", "偏置(0,)：应为0.0，你的是"),
)
@claim(
    "常见的错误是把输入和输出的个数写反：`权重的形状(0,)：应为8，你的是20`",
    tensorflow=("orthogonal", "权重的形状(0,)：应为8，你的是20"),
)
@claim(
    "常见的错误是只造出了初始化方法，没有用到权重上：`W乘W的转置(0, 0)：应为1.0，你的是…`",
    paddle=("default", WRONG_PRODUCT),
)
def _(d2l, given, kernel, made, notebook, orthogonal_cases, tab):
    rule, says = given
    turn = -1 if tab == "tensorflow" else 1
    wrong = lambda *size: made(rule, *size[::turn], notebook)
    assert d2l.check(wrong, orthogonal_cases).startswith(says)
    if tab == "mxnet":
        W = kernel(wrong(10, 4)).T
        assert numpy.allclose(numpy.diag(W @ W.T), 2, rtol=1e-3) and round(2**0.5, 3) == 1.414


@claim(
    "有人想把一个网络的所有参数都乘以`factor`，写成了注释里的样子，运行后网络毫无变化",
    "循环里的等号只是让循环变量的名字指向一个新算出的结果，参数本身没有被碰到，网络当然毫无变化",
    "常见的错误是一层一层地改。绑定的层在网络里出现两次，就被乘了两次：`第0个参数(0, 0)：应为…`。"
    "对整个网络取参数，重复的只给出一次",
)
def _(chained, changed, d2l, parameters, put, scale_cases, small, tensor_of, value):
    def rebound(net, factor):
        for p in parameters(net):
            p = tensor_of(p) * factor
            assert not any(p is one for one in parameters(net))

    def layered(net, factor):
        for layer in chained(net):
            own(layer, factor)

    def own(net, factor):
        for p in parameters(net):
            put(p, value(p) * factor)

    block = small()
    assert changed(value, parameters(block), lambda: rebound(block, -0.5)) == [False] * 4
    assert d2l.check(own, scale_cases) == "正确"
    for wrong in (rebound, layered):
        assert d2l.check(wrong, scale_cases).startswith("第0个参数(0, 0)：应为")


@claim(
    "重新造一个带`shared`的网络，权重用Xavier初始化，用随机梯度下降训练它拟合$y=x_1+x_2+x_3+x_4$："
    "学习率取0.05，训练400步，每步从$U(0, 1)$中新抽64个样本",
    "损失从1以上降到0.01上下或者更低，梯度的最大绝对值虽有起伏，也远小于开始训练的时候，"
    "最后一列始终是`True`",
    "损失如果停在0.3附近（$y$的方差）不再下降",
    "损失若停在0.3附近，那是某一层的ReLU对所有样本都输出0，梯度传不过去，网络只学会了输出$y$的均值",
)
def _(
    array,
    chain,
    chained,
    differentiate,
    equal,
    fill,
    learn_sums,
    made,
    matrix_of,
    notebook,
    parameters,
    relu,
    seed,
    tensor,
    value,
    X,
):
    draws = numpy.random.default_rng(0).uniform(size=(200000, 4))
    assert abs(draws.sum(1).var() - 4 / 12) < 0.01 and round(4 / 12, 1) == 0.3
    inputs, sums = tensor(draws[:1000].tolist()), draws[:1000].sum(1, keepdims=True)

    def network(tie):
        ends = made("xavier", 4, 8, notebook), made("xavier", 8, 1, notebook)
        block = chain(ends[0], relu(), tie, relu(), tie, relu(), ends[1])
        block(X)
        assert len(parameters(block)) == 6
        return block, ends[0]

    def slopes_of(block, *layers):
        """Return the largest gradient of the loss for each layer's weight."""
        direction = tensor((2 * (array(block(inputs)) - sums) / len(sums)).tolist())
        found = differentiate(block, inputs, direction, [matrix_of(one) for one in layers])[2]
        return [abs(one).max() for one in found]

    seed(0)
    tie = made("xavier", 8, 8, notebook)
    block, _ = network(tie)
    before = slopes_of(block, tie)[0]
    losses = learn_sums(block, 400)
    assert losses[0] > 1 and numpy.mean(losses[-20:]) < 0.1, losses
    assert slopes_of(block, tie)[0] < before / 5
    assert equal(*(value(matrix_of(one)) for one in chained(block)[2:5:2]))
    tie = made("xavier", 8, 8, notebook)
    for w in parameters(tie):  # its ReLU lets nothing through
        fill(w, -1)
    block, first = network(tie)
    losses = learn_sums(block, 150)
    assert 0.28 < numpy.mean(losses[-50:]) < 0.39, losses
    assert slopes_of(block, first, tie) == [0, 0]
    assert array(tie(relu()(first(inputs)))).max() <= 0
    assert abs(array(block(inputs)) - sums.mean()).max() < 0.1


@claim("取$y=w^2$，$w=2$时导数是4。在前向传播之后把$w$改成20，再求导")
def _():
    derivative = lambda w, by=1e-3: ((w + by) ** 2 - (w - by) ** 2) / (2 * by)
    assert round(derivative(2.0), 6) == 4 and round(derivative(20.0), 6) == 40


@claim(
    "代价是两处不能各学各的，如果它们本该做不同的事，网络就学不好；两处的输入、输出大小也必须一样",
)
def _(chain, dense, descend, matrix_of, mean, put, raises, ready, tensor, WRONG_SIZE, X):
    x = tensor([[-1.0], [0.0], [1.0], [2.0]])
    for tied in (True, False):
        one, other = dense(1, 1), dense(1, 1)
        block = ready(chain(one, one if tied else other), x)
        put(matrix_of(one), [[0.9]])
        if not tied:
            put(matrix_of(other), [[-0.3]])
        # one of them has to turn the sign, the other must not
        losses = descend(block, lambda block=block: mean((block(x) + x) ** 2), 200, rate=0.05)
        assert losses[-1] > 1 if tied else losses[-1] < 0.01, losses
    tie = dense(4, 8)
    assert raises(WRONG_SIZE, lambda: ready(chain(tie, tie), X))
