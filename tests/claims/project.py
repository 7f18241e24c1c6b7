"""What chapter_computation/project.md claims."""

import numpy

from claims import Claims

SECTION = "chapter_computation/project.md"
CLAIMS = Claims()
claim, unchecked = CLAIMS.claim, CLAIMS.unchecked


def gated(Block, dense, relu, tab, tensor_of):
    """Return the class that the first exercise asks for."""

    class Gated(Block):
        def __init__(self, num_hiddens):
            super().__init__()
            self.linear1 = dense(num_hiddens, num_hiddens)
            self.linear2 = dense(num_hiddens, num_hiddens)
            if tab == "mxnet":
                self.gate = self.params.get("gate", shape=(1,), init="zeros")
            elif tab == "tensorflow":
                self.gate = self.add_weight(shape=(1,), initializer="zeros")
            elif tab == "paddle":
                self.gate = self.create_parameter([1], is_bias=True)
            else:
                self.gate = self.create_parameter(1)
                self.gate.data.zero_()

        def forward(self, X):
            return X + tensor_of(self.gate) * self.linear2(relu()(self.linear1(X)))

    return Gated


def he_init(net, parameters, put, tab, value, end=1):
    """Give a network He's values by its parameters' shapes; `end` -1 is the wrong end."""
    rng = numpy.random.default_rng(0)
    for w in parameters(net):
        shape = value(w).shape
        std = (2 / shape[::end][1 if tab in ("mxnet", "pytorch") else 0]) ** 0.5 if shape[1:] else 0
        put(w, (std * rng.normal(size=shape)).astype("float32"))


@claim("项目的数据：三条旋臂，每条100个点。")
def _(array, X, y):
    assert array(X).shape == (300, 2)
    assert [(array(y) == arm).sum() for arm in range(3)] == [100] * 3


@claim("项目用到的数据和函数都已经存在`d2l`包里。先导入要用的模块")
def _(d2l):
    for name in (
        "spirals plot_regions check num_params Residual spiral_net train save_checkpoint "
        "load_checkpoint try_gpu seconds"
    ).split():
        assert callable(getattr(d2l, name)), name


@claim("前三题有检查，写对了才往下走；后两题没有标准答案", "从第2题起都用这份数据")
def _(gated_cases, he_init_cases, notebook, parts_cases, tab):
    cases = [gated_cases, he_init_cases, parts_cases]
    assert [one for name, one in notebook.items() if name.endswith("_cases")] == cases
    used = [{"X", "make"} & set(one.__code__.co_names) for one in cases]
    assert used == [set(), {"X"}, {"make"}]


@claim(
    "有一种残差单元给主干配了一扇“门”：输出是$\\mathbf{x} + g\\,f(\\mathbf{x})$，$f$是两个全连接层，"
    "中间用ReLU激活，$g$是一个可以训练的数，初始值为0。刚造好时它什么也不做，把输入原样输出；"
    "训练中门才慢慢打开",
    "写`Gated(num_hiddens)`，门的参数叫`gate`，主干的两个层叫`linear1`和`linear2`",
    "门是一个只有一个元素的参数，和别的参数一样登记",
    "门是一个形状为`(1,)`的参数，初始值为0，所以刚造好时输出就是输入。两个全连接层照常登记；"
    "相加之后不再激活，否则负的输入会被截掉，单元就不能“什么也不做”了",
    "常见的错误是照搬`d2l.Residual`，相加之后又经过一次ReLU。`check`会说输出的第一处不同："
    "`刚造好时的输出(`",
)
def _(
    array,
    Block,
    d2l,
    dense,
    descend,
    equal,
    gated_cases,
    mean,
    parameters,
    ready,
    relu,
    tab,
    tensor,
    tensor_of,
    value,
):
    Gated, X = gated(Block, dense, relu, tab, tensor_of), tensor([[1, -2, 3], [-4, 5, -6]])

    class Clipped(Gated):
        def forward(self, X):
            return relu()(super().forward(X))

    assert d2l.check(Gated, gated_cases) == "正确"
    for wrong in (Clipped, d2l.Residual):
        assert d2l.check(wrong, gated_cases).startswith("刚造好时的输出(")
        cut = array(ready(wrong(3), X)(X))
        assert (cut >= 0).all()
    block = ready(Gated(3), X)
    assert value(block.gate).shape == (1,) and value(block.gate) == 0
    assert equal(block(X), X) and len(parameters(block)) == 5
    opened = []
    for _ in range(5):
        descend(block, lambda: mean((block(X) - X - 1) ** 2), 1, rate=0.01)
        opened.append(abs(value(block.gate)).item())
    assert 0 < opened[0] < opened[-1] < 1, opened


@claim(
    "写`he_init(net, X)`，给网络里所有的权重矩阵换上He初始值：均值为0、标准差为$\\sqrt{2/n_\\mathrm{in}}$的"
    "正态分布；其余的参数（偏置和门）都置为0。网络可能还不知道输入的大小，所以先让`X`流过一遍",
    "标准差里的是输入的个数",
    "逐个参数看形状：两维的是权重矩阵，其余是偏置和门。输入的个数在形状的哪一端，由框架的布局决定",
    "常见的错误是把形状的两端看反，用了输出的个数。`check`会说：`第0层标准差约为规定的1倍：应为1`",
)
def _(d2l, he_init_cases, parameters, put, tab, value):
    def answer(end=1, flow=True):
        def own(net, X):
            if flow:
                net(X)
            he_init(net, parameters, put, tab, value, end)

        return own

    def passes(answer):
        try:
            return d2l.check(answer, he_init_cases) == "正确"
        except Exception:  # there is nothing yet that could take the values
            return False

    assert passes(answer()) and passes(answer(flow=False)) == (tab == "paddle")
    says = d2l.check(answer(end=-1), he_init_cases)
    assert says.startswith("第0层标准差约为规定的1倍：应为1，")


@claim(
    "写`train_in_parts(make, path, stops)`，模拟一次断断续续的训练。`make()`返回新造的网络和优化器；"
    "`stops`是一列步数，例如`[30, 70, 100]`，表示训练到第30步时停下、存盘，到第70步再停，到第100步结束。"
    "每次停下以后都当作断电：重新调用`make()`，从`path`读回检查点再继续。返回全部100步的损失。"
    "要求：与一口气训练100步的损失相同",
    "`d2l.save_checkpoint`和`d2l.load_checkpoint`已经会存会读；后者返回存盘时的步数。"
    "第一次没有检查点可读，要从第0步开始",
    "每一段都是同样的四步：新造网络和优化器，有检查点就读回来，训练到这一段的终点，存盘。"
    "步数由检查点记着，不必另外传递",
    "常见的错误是忘了减去已经训练过的步数，每一段都从头数起。"
    "`check`会说：`停在[5, 20, 30]时的步数：应为30，你的是55`",
)
def _(d2l, make, parts_cases, raises, scratch, X, y):
    begins = []

    def train_in_parts(make, path, stops, forgetful=False):
        losses = []
        for stop in stops:
            net, optimizer = make()
            begin = d2l.load_checkpoint(path, net, optimizer) if losses else 0
            begins.append(begin)
            losses += d2l.train(net, X, y, optimizer, stop if forgetful else stop - begin)
            d2l.save_checkpoint(path, net, optimizer, stop)
        return losses

    assert d2l.check(train_in_parts, parts_cases) == "正确" and begins == [0, 5, 20]
    wrong = d2l.check(lambda *given: train_in_parts(*given, forgetful=True), parts_cases)
    assert wrong == "停在[5, 20, 30]时的步数：应为30，你的是55"
    net, optimizer = make()
    assert raises(Exception, lambda: d2l.load_checkpoint(f"{scratch}/none", net, optimizer))
    whole, begins[:] = d2l.train(net, X, y, optimizer, 100), []
    losses = train_in_parts(make, f"{scratch}/checkpoint", [30, 70, 100])
    assert begins == [0, 30, 70] and len(losses) == 100
    assert numpy.allclose(losses, whole, rtol=0.01, atol=1e-3)
    assert make()[0] is not net and make()[1] is not optimizer


@claim(
    "把`d2l.spiral_net(num_hiddens)`和数据搬到`d2l.try_gpu()`上，宽度取32、128、512和2048，"
    "用`d2l.seconds`量每一步训练的用时，与CPU上的放在同一张图里（没有GPU就只画CPU）",
    "宽度变成4倍，参数量大约变成16倍",
    "宽度从32到2048，参数量增长了几千倍",
)
def _(cpu_place, d2l, gradients_of_loss, num_gpus, place, X, y):
    assert num_gpus() or place(d2l.try_gpu()) == cpu_place
    sizes = []
    for width in (32, 128, 512, 2048):
        net = d2l.spiral_net(width)
        net(X)
        sizes.append(d2l.num_params(net))
        if width == 32:
            assert d2l.seconds(lambda net=net: gradients_of_loss(net, X, y)) > 0
    assert 2000 < sizes[-1] / sizes[0] < 10000
    assert all(15 < large / small < 16 for small, large in zip(sizes, sizes[1:], strict=False))


unchecked(
    "GPU上平的一段通常更长，因为一次调用的开销更大，而计算快得多",
    "needs a GPU; the overhead of a call is Python's and the driver's",
)


@claim(
    "例如在旋臂数据上，单元不多时两种都能学会，差别主要在前几十步；单元多了，又用He初始值，"
    "没有门的开头的损失可能大到几十以上，门从0开始的则从1到2之间起步",
    "写一种新的残差单元，把它叠成网络，给它合适的初始值，在旋臂数据上训练",
)
def _(
    Block,
    chain,
    d2l,
    dense,
    make_adam,
    parameters,
    put,
    ready,
    relu,
    tab,
    tensor_of,
    value,
    X,
    y,
):
    Gated = gated(Block, dense, relu, tab, tensor_of)

    def losses_with(kind, num_units, num_steps):
        units = [kind(32) for _ in range(num_units)]
        net = ready(chain(dense(2, 32), relu(), *units, dense(32, 3)), X)
        he_init(net, parameters, put, tab, value)
        losses = d2l.train(net, X, y, make_adam(net), num_steps)
        return losses, d2l.accuracy(net, X, y)

    (plain, one), (gates, other) = (losses_with(kind, 2, 150) for kind in (d2l.Residual, Gated))
    assert min(one, other) > 0.95
    apart = numpy.abs(numpy.subtract(plain, gates))
    assert apart[:50].mean() > 2 * apart[-50:].mean()
    assert losses_with(d2l.Residual, 16, 1)[0][0] > 30
    assert 1 < losses_with(Gated, 16, 1)[0][0] < 2
