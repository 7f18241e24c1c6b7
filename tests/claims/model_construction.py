"""What chapter_computation/model-construction.md claims."""

import numpy

from claims import Claims

SECTION = "chapter_computation/model-construction.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked


@claim(
    "ResNet-152 :cite:`He.Zhang.Ren.ea.2016`有152个带权重的层",
    "中间是50个构造相似的小单元",
)
def _():
    # The four stages of the paper's table 1, three layers per block.
    assert 1 + 3 * (3 + 8 + 36 + 3) + 1 == 152
    assert 3 + 8 + 36 + 3 == 50


@claim(
    "同一个概念的三种大小：都接收输入、给出输出，都管着自己的参数",
    "层是块，块可以由层和别的块组成，模型是最外面的块",
    "`NestMLP`里面有一个容器和一个层，容器里又有层",
    "输出的形状可以和输入不同，前面的网络就改变了列数",
)
def _(array, Base, chimera, Container, dense, Linear, MLP, NestMLP, parameters, ready, X):
    nest, mlp = ready(NestMLP(), X), MLP()
    for block in (dense(20, 10), mlp, nest, nest.net, chimera):
        assert isinstance(block, Base) and len(parameters(ready(block, X))) > 0
    assert isinstance(nest.net, Container) and isinstance(nest.linear, Linear)
    assert len(parameters(nest)) == 6
    assert array(X).shape == (2, 20) and array(mlp(X)).shape == (2, 10)


@claim("它和`nn.Dense`都是`nn.Block`的子类", "mxnet")
@claim("它和`nn.Linear`都是`nn.Module`的子类", "pytorch")
@claim("它和`nn.Linear`都是`nn.Layer`的子类", "paddle")
@claim("取出其中的第一个", "mxnet", "pytorch")
@claim("`net[0]`取出其中的第一层", "paddle")
def _(Base, chain, Container, dense, Linear):
    assert issubclass(Container, Base) and issubclass(Linear, Base)
    first = dense(20, 3)
    assert chain(first, dense(3, 2))[0] is first


@claim(
    "等到第一次`net(X)`看见输入的形状，权重才真正生成",
    "`nn.Dense`默认把第一维以外的各维展平成一个向量再计算",
    "mxnet",
)
def _(nn, np, raises, ready, X):
    from mxnet.gluon.parameter import DeferredInitializationError

    block = nn.Dense(3)
    block.initialize()
    assert raises(DeferredInitializationError, block.weight.data)
    block(X)
    assert block.weight.data().shape == (3, 20)
    cube = np.ones((2, 3, 4))
    flat, last = ready(nn.Dense(5), cube), ready(nn.Dense(5, flatten=False), cube)
    assert flat(cube).shape == (2, 5) and last(cube).shape == (2, 3, 5)


@claim(
    "`Dense`是它的子类；`Model`也是`Layer`的子类",
    "`net.layers[0]`取出其中的第一层，`net[0]`这样的写法不行",
    "等到第一次`net(X)`看见输入的形状，权重才会创建",
    "它先把输入转换成合适的类型，第一次调用时还要构建模型",
    "tensorflow",
)
def _(chain, dense, raises, tf, X):
    keras, Layer = tf.keras, tf.keras.layers.Layer
    assert issubclass(keras.layers.Dense, Layer) and issubclass(keras.Model, Layer)
    assert issubclass(keras.Sequential, keras.Model)
    for name in ("fit", "save"):
        assert hasattr(keras.Model, name) and not hasattr(Layer, name)
    first = dense(20, 3)
    block = chain(first, dense(3, 2))
    assert block.layers[0] is first and raises(TypeError, lambda: block[0])
    assert block.weights == []
    block(X)
    assert len(block.weights) == 4
    layer = dense(20, 3)
    assert layer(X.numpy().astype("float64")).dtype == "float32" and layer.built


@claim("直接调用`forward`绕过了它", "mxnet", "pytorch", "paddle")
@claim("使用块要写`net(X)`，它比直接调用前向传播多做一些事", "mxnet", "pytorch", "paddle")
def _(calls):
    assert len(calls) == 1


@also("tensorflow")
@claim("只用过`call`时，模型仍不算构建好；用过`net(X)`才算", "tensorflow")
def _(built_by_call, fresh, MLP, X):
    block = MLP()
    block.call(X)
    assert (built_by_call, fresh.built, block.built) == (False, True, False)


@claim(
    "否则给`self.hidden`赋值时就会报错",
    mxnet=AttributeError,
    pytorch=AttributeError,
    paddle=ValueError,
)
def _(Base, dense, given, raises):
    class NoInit(Base):
        def __init__(self):
            self.hidden = dense(20, 3)

    assert raises(given, NoInit)


@claim("漏写时构造不会报错，到第一次调用才报错", "tensorflow")
def _(dense, raises, tf, X):
    class NoInit(tf.keras.Model):
        def __init__(self):
            self.hidden = dense(20, 3)

        def call(self, X):
            return self.hidden(X)

    block = NoInit()
    assert raises(RuntimeError, lambda: block(X))


@claim("`**kwargs`原样交给基类", mxnet="prefix", tensorflow="name")
def _(given, MLP):
    assert getattr(MLP(**{given: "mine_"}), given) == "mine_"


@claim("`nn.Linear`在自己的构造函数里就把它们生成好了", "只给出一次", "pytorch", "paddle")
def _(MySequential, nn, value):
    shared = nn.Linear(20, 20)
    assert abs(value(shared.weight)).sum() > 0
    assert len(list(MySequential(shared, nn.ReLU(), shared).children())) == 2


@claim("键是登记时的序号", "如果改用块的名字作键，同一个块放两次就只剩一份", "mxnet")
def _(dense, MySequential, raises, reloads, X):
    class ByName(MySequential):
        def add(self, block):
            self.register_child(block, block.name)

    shared = dense(20, 20)
    twice = (shared, dense(20, 20), shared)
    assert list(MySequential(*twice)._children) == ["0", "1", "2"]
    assert len(ByName(*twice)._children) == 2
    make = lambda: ByName(dense(20, 20), dense(20, 20))
    assert raises(AssertionError, lambda: reloads(make, X))


@claim("传入`F.relu`这样的普通函数，会当场得到`TypeError`", pytorch=TypeError)
@claim("传入`F.relu`这样的普通函数会当场报错", paddle=AssertionError)
def _(F, given, MySequential, raises):
    assert raises(given, lambda: MySequential(F.relu))


@claim("后来加进列表的层也算在内", "再用`add`加入新的层会报错", "tensorflow")
def _(dense, MySequential, raises, ready, X):
    block = MySequential(dense(20, 3))
    block.add(dense(3, 2))
    assert len(ready(block, X).weights) == 4
    assert raises(ValueError, lambda: block.add(dense(2, 2)))


@claim(
    "每个实例都有自己的一份参数",
    "两处是同一个层，参数只有一份，所以改动一处，另一处也跟着变",
    "`MySequential`存下来的参数还能装进另一个构造相同的实例",
)
def _(array, dense, fill, MLP, MySequential, parameters, ready, relu, reloads, value, X):
    one, two = (parameters(ready(MLP(), X))[0] for _ in range(2))
    before = value(two)
    fill(one, 7)
    assert (value(two) == before).all()

    def twice():
        shared = dense(20, 20)
        return MySequential(shared, relu(), shared)

    block = ready(twice(), X)
    assert len(parameters(block)) == 2
    for weight in parameters(block):
        fill(weight, 1)
    # ones in, twice through a layer of ones: 21, then 421
    assert (array(block(X * 0 + 1)) == 421).all()
    assert reloads(twice, X)
    assert reloads(lambda: MySequential(dense(20, 5), dense(5, 2)), X)


@claim(
    "保存块、把块搬到别的设备上时要带着它，训练时却不能改动它",
    "常量也要登记：它随块一起保存，但不参与训练",
)
def _(descend, fill, FixedHiddenMLP, gradients, ready, save_and_load, scratch, tab, value, X):
    block, clone = (ready(FixedHiddenMLP(), X) for _ in range(2))
    before = value(block.rand_weight)
    fill(clone.rand_weight, 5)
    save_and_load(block, clone, f"{scratch}/w", X)
    assert (value(clone.rand_weight) == before).all()
    assert len(gradients(block, X)) == 2
    descend(block, lambda: block(X), 1, rate=1.0)
    assert (value(block.rand_weight) == before).all()
    if tab == "mxnet":
        from mxnet import cpu

        block.collect_params().reset_ctx(cpu(1))
        assert block.rand_weight.data().ctx == cpu(1)
    elif tab == "pytorch":
        assert block.to("meta").rand_weight.device.type == "meta"


@claim("存下来的文件里就没有它，另一个实例装上参数后，输出也对不上", "mxnet")
@claim("`state_dict()`里就没有它，另一个实例装上参数后，输出也对不上", "pytorch")
@claim("存下来的文件里就没有它，另一个实例装上权重后，输出也对不上", "tensorflow")
@claim("它会成为不保存的缓冲", "paddle")
def _(dense, FixedHiddenMLP, reloads, tab, tensor, X):
    class Forgetful(FixedHiddenMLP.__base__):
        def __init__(self):
            super().__init__()
            self.rand_weight = tensor(numpy.random.uniform(size=20))
            self.linear = dense(20, 20)

        def forward(self, X):
            return self.linear(X) * self.rand_weight

        call = forward

    assert not reloads(Forgetful, X)
    if tab in ("pytorch", "paddle"):
        assert "rand_weight" not in Forgetful().state_dict()
    if tab == "paddle":
        assert [name for name, _ in Forgetful().named_buffers()] == ["rand_weight"]


@claim(
    "直到各元素绝对值之和不超过1",
    "没有上限，循环就可能永远停不下来",
    "如果绝对值之和是NaN，它与任何数比大小都不成立，循环也立即结束",
)
def _(array, fill, FixedHiddenMLP, parameters, ready, X):
    for scale in (1, 1e3, 1e30):
        assert abs(array(ready(FixedHiddenMLP(), X)(X * scale))) <= 1.0001
    infinite = float("inf")
    assert infinite / 2 == infinite
    block = ready(FixedHiddenMLP(), X)
    assert array(block.is_large(X * 0 + 1.01 / 40))  # 40 numbers
    for number in (0.99 / 40, infinite, float("nan"), -infinite):
        assert not array(block.is_large(X * 0 + number))
    block(X * float("nan"))
    for weight in (*parameters(block), block.rand_weight):
        fill(weight, 1)
    out = array(block(X * 0 + infinite))
    assert not numpy.isfinite(out), out


@claim("Python的`while`必须立刻知道条件是真是假，符号张量给不出，于是报错", "tensorflow")
def _(chain, raises, tf, X):
    class PythonLoop(tf.keras.Model):
        def call(self, X):
            while tf.reduce_sum(tf.abs(X)) > 1:
                X = X / 2
            return X

    PythonLoop()(X)
    inside = chain(PythonLoop())
    assert raises(tf.errors.OperatorNotAllowedInGraphError, lambda: inside(X))


@claim("XLA求梯度时要知道上限", "tensorflow")
def _(chain, dense, FixedHiddenMLP, raises, tf, X):
    block = chain(dense(20, 20), FixedHiddenMLP())
    block.compile("sgd", "mse", jit_compile=True)
    block.fit(X, tf.zeros((2,)), verbose=0)

    @tf.function(jit_compile=True)
    def without_limit():
        with tf.GradientTape() as tape:
            tape.watch(X)
            (Y,) = tf.while_loop(lambda Y: tf.reduce_sum(Y) > 1, lambda Y: (Y / 2,), (X,))
        return tape.gradient(Y, X)

    assert raises(tf.errors.InvalidArgumentError, without_limit)


@claim(
    "第一个列表里的会被训练，第二个列表里的不会",
    "前向传播里可以重复使用一个层，也可以按数据决定循环几次，梯度照样能传回来",
)
def _(constant, FixedHiddenMLP, gradients, ready, trainable, X):
    assert len(trainable) == 2 and len(constant) == 1 and constant[0].endswith("rand_weight")
    sums = [sum(abs(g).sum() for g in gradients(ready(FixedHiddenMLP(), X), X)) for _ in range(5)]
    assert max(sums) > 0, sums


@claim(
    "存下来的文件用的是`linear.weight`这样不变的名字",
    "不写`X /= 2`：自动微分不许原地改动",
    "mxnet",
)
def _(autograd, FixedHiddenMLP, nn, npx, raises, ready, scratch, X):
    from mxnet.base import MXNetError

    ready(FixedHiddenMLP(), X).save_parameters(f"{scratch}/w")
    assert set(npx.load(f"{scratch}/w")) == {"linear.weight", "linear.bias", "rand_weight"}

    def in_place():
        Y = block(X)
        Y /= 2

    block = ready(nn.Dense(3), X)
    in_place()
    with autograd.record():
        assert raises(MXNetError, in_place)


@claim("容器并不关心里面的块出自谁手")
def _(array, chimera, dense, FixedHiddenMLP, MySequential, NestMLP, parameters, reloads, X):
    assert reloads(lambda: MySequential(NestMLP(), dense(16, 20), FixedHiddenMLP()), X)
    assert len(parameters(chimera)) in (10, 11)
    assert array(chimera(X)).shape == ()


@claim("确认两者算的是同一件事", "把许多小计算合成一个大计算可以省下它")
def _(all_at_once, best_seconds, one_by_one):
    assert abs(one_by_one() - all_at_once()).max() < 1e-2
    assert best_seconds(one_by_one) > best_seconds(all_at_once)


@claim("以后就不再运行这段Python代码了", "`FixedHiddenMLP`那样的`while`会报错", "mxnet")
def _(nn, raises, X):
    from mxnet.base import NotImplementedForSymbol

    class Halved(nn.HybridBlock):
        def hybrid_forward(self, F, X):
            runs.append(1)
            return X / 2

    class Loop(nn.HybridBlock):
        def hybrid_forward(self, F, X):
            while F.np.abs(X).sum() > 1:
                X = X / 2
            return X

    runs, block, loop = [], Halved(), Loop()
    block.hybridize()
    for _ in range(3):
        block(X)
    assert len(runs) == 1
    loop(X)
    loop.hybridize()
    assert raises(NotImplementedForSymbol, lambda: loop(X))


@claim("图会在那里断开，判断条件仍由Python执行，结果不受影响", "pytorch")
def _(FixedHiddenMLP, MLP, raises, X):
    import torch._dynamo

    block, plain = FixedHiddenMLP(), MLP()
    # where the count of breaks differs between Pythons, one graph never does
    whole = dict(backend="eager", fullgraph=True)
    assert raises(torch._dynamo.exc.Unsupported, lambda: torch.compile(block, **whole)(X))
    assert torch.allclose(torch.compile(plain, **whole)(X), plain(X))
    # this backend stops after the capture and needs no C++ compiler
    assert torch.allclose(torch.compile(block, backend="eager")(X), block(X))


unchecked("在CPU上要用到C++编译器", "the test machine need not have a compiler, nor lack one")


@claim(
    "以后输入的形状和类型不变，就不再运行这段Python代码",
    "`compile`之后的`fit`和`predict`默认也是这样做的",
    "tensorflow",
)
def _(MLP, ready, tf, X):
    class Counting(MLP):
        def call(self, X):
            runs.append(1)
            return super().call(X)

    def num_runs(task):
        runs.clear()
        task()
        return len(runs)

    runs, block = [], Counting()
    compiled = tf.function(ready(block, X))
    assert [num_runs(lambda: compiled(X)) for _ in range(3)] == [1, 0, 0]
    assert num_runs(lambda: compiled(X[:1])) == 1
    block.compile("sgd", "mse")
    fit = lambda: block.fit(X, tf.zeros((2, 10)), verbose=0)
    for task in (fit, lambda: block.predict(X, verbose=0)):
        task()
        assert num_runs(task) == 0


@claim(
    "转换成一张静态图，以后就不再运行这段Python代码",
    "`FixedHiddenMLP`里由数据决定的`while`会被转换成图里的循环",
    "paddle",
)
def _(FixedHiddenMLP, nn, paddle, X):
    class Counting(nn.Layer):
        def forward(self, X):
            runs.append(1)
            return X / 2

    runs, static = [], paddle.jit.to_static(Counting(), full_graph=True)
    static(X)
    first = len(runs)
    static(X)
    assert len(runs) == first
    block = FixedHiddenMLP()
    expected = block(X).item()
    static = paddle.jit.to_static(block, full_graph=True)
    assert abs(static(X).item() - expected) < 1e-5
    graph = static.forward.concrete_program.main_program.global_block()
    assert "pd_op.while" in [op.name() for op in graph.ops]


# 小结
@claim("框架只认登记过的子块：登记过的，参数才取得到、存得下")
def _(dense, initialize, MySequential, parameters, ready, X):
    class Hidden(MySequential):
        def add(self, block):
            hidden = getattr(self, "get_blocks", list)() + [initialize(block)]
            self.get_blocks = lambda: hidden

        def forward(self, X):
            for block in self.get_blocks():
                X = block(X)
            return X

        call = forward

    block = Hidden(dense(20, 3), dense(3, 2))
    assert block(X).shape[-1] == 2 and parameters(block) == []
    assert len(parameters(ready(MySequential(dense(20, 3), dense(3, 2)), X))) == 4
