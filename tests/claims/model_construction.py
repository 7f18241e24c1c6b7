"""What chapter_computation/model-construction.md claims."""

import os
import tempfile

import numpy

from claims import Claims

SECTION = "chapter_computation/model-construction.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked


@claim("ResNet-152 :cite:`He.Zhang.Ren.ea.2016`有152个带权重的层")
def _():
    # The four stages of the paper's table 1, three layers per block.
    assert 1 + 3 * (3 + 8 + 36 + 3) + 1 == 152


@claim("中间是50个构造相似的小单元")
def _():
    assert 3 + 8 + 36 + 3 == 50


@claim("同一个概念的三种大小：都接收输入、给出输出，都管着自己的参数")
def _(Base, chimera, dense, MLP, parameters, ready, X):
    for block in (dense(20, 10), MLP(), chimera):
        assert isinstance(block, Base)
        assert len(parameters(ready(block, X))) > 0


@claim("它和`nn.Dense`都是`nn.Block`的子类", "mxnet")
def _(nn):
    assert issubclass(nn.Sequential, nn.Block)
    assert issubclass(nn.Dense, nn.Block)


@claim("等到第一次`net(X)`看见输入的形状，权重才真正生成", "mxnet")
def _(nn, raises, X):
    from mxnet.gluon.parameter import DeferredInitializationError

    block = nn.Dense(3)
    block.initialize()
    assert raises(DeferredInitializationError, block.weight.data)
    block(X)
    assert block.weight.data().shape == (3, 20)


@claim("`nn.Dense`默认把第一维以外的各维展平成一个向量再计算", "mxnet")
def _(nn, np, ready, X):
    ready(nn.Dense(5), X)
    cube = np.ones((2, 3, 4))
    flat, last = nn.Dense(5), nn.Dense(5, flatten=False)
    flat.initialize()
    last.initialize()
    assert flat(cube).shape == (2, 5)
    assert last(cube).shape == (2, 3, 5)


@claim("它和`nn.Linear`都是`nn.Module`的子类", "pytorch")
def _(nn):
    assert issubclass(nn.Sequential, nn.Module)
    assert issubclass(nn.Linear, nn.Module)


@claim("它和`nn.Linear`都是`nn.Layer`的子类", "paddle")
def _(nn):
    assert issubclass(nn.Sequential, nn.Layer)
    assert issubclass(nn.Linear, nn.Layer)


@claim("取出其中的第一个", "mxnet")
def _(dense, nn):
    first = dense(20, 3)
    block = nn.Sequential()
    block.add(first, dense(3, 2))
    assert block[0] is first


@also("pytorch")
def _(dense, nn):
    first = dense(20, 3)
    assert nn.Sequential(first, dense(3, 2))[0] is first


@claim("`net[0]`取出其中的第一层", "paddle")
def _(dense, nn):
    first = dense(20, 3)
    assert nn.Sequential(first, dense(3, 2))[0] is first


@claim("`Dense`是它的子类；`Model`也是`Layer`的子类", "tensorflow")
def _(tf):
    assert issubclass(tf.keras.layers.Dense, tf.keras.layers.Layer)
    assert not issubclass(tf.keras.layers.Dense, tf.keras.Model)
    assert issubclass(tf.keras.Model, tf.keras.layers.Layer)
    assert issubclass(tf.keras.Sequential, tf.keras.Model)
    for name in ("fit", "save"):
        assert hasattr(tf.keras.Model, name)
        assert not hasattr(tf.keras.layers.Layer, name)


@claim("`net.layers[0]`取出其中的第一层，`net[0]`这样的写法不行", "tensorflow")
def _(dense, raises, ready, tf, X):
    first = dense(20, 3)
    block = ready(tf.keras.Sequential([first, dense(3, 2)]), X)
    assert block.layers[0] is first
    assert raises(TypeError, lambda: block[0])


@claim("等到第一次`net(X)`看见输入的形状，权重才会创建", "tensorflow")
def _(dense, tf, X):
    block = tf.keras.Sequential([dense(20, 3)])
    assert block.weights == []
    block(X)
    assert len(block.weights) == 2


@claim("它先把输入转换成合适的类型，第一次调用时还要构建模型", "tensorflow")
def _(dense, X):
    doubles = X.numpy().astype("float64")
    layer = dense(20, 3)
    assert layer(doubles).dtype == "float32"
    assert layer.built


@claim("直接调用`forward`绕过了它", "mxnet", "pytorch", "paddle")
def _(calls):
    assert len(calls) == 1


@claim("只用过`call`时，模型仍不算构建好；用过`net(X)`才算", "tensorflow")
def _(built_by_call, fresh, MLP, X):
    assert (built_by_call, fresh.built) == (False, True)
    block = MLP()
    block.call(X)
    assert not block.built


@claim("输出的形状可以和输入不同，前面的网络就改变了列数")
def _(array, MLP, ready, X):
    assert tuple(array(X).shape) == (2, 20)
    assert tuple(array(ready(MLP(), X)(X)).shape) == (2, 10)


@claim("否则给`self.hidden`赋值时就会报错", "mxnet")
def _(nn, raises):
    class NoInit(nn.Block):
        def __init__(self):
            self.hidden = nn.Dense(3)

    assert raises(AttributeError, NoInit)


@also("pytorch")
def _(nn, raises):
    class NoInit(nn.Module):
        def __init__(self):
            self.hidden = nn.Linear(20, 3)

    assert raises(AttributeError, NoInit)


@also("paddle")
def _(nn, raises):
    class NoInit(nn.Layer):
        def __init__(self):
            self.hidden = nn.Linear(20, 3)

    assert raises(ValueError, NoInit)


@claim("漏写时构造不会报错，到第一次调用才报错", "tensorflow")
def _(raises, tf, X):
    class NoInit(tf.keras.Model):
        def __init__(self):
            self.hidden = tf.keras.layers.Dense(3)

        def call(self, X):
            return self.hidden(X)

    block = NoInit()
    assert raises(RuntimeError, lambda: block(X))


@claim("`**kwargs`原样交给基类", "mxnet")
def _(MLP):
    block = MLP(prefix="mine_")
    assert block.prefix == "mine_"


@also("tensorflow")
def _(MLP):
    assert MLP(name="mine").name == "mine"


@claim("`nn.Linear`在自己的构造函数里就把它们生成好了", "pytorch", "paddle")
def _(nn, value):
    assert abs(value(nn.Linear(20, 3).weight)).sum() > 0


@claim("每个实例都有自己的一份参数")
def _(fill, MLP, parameters, ready, value, X):
    one, two = ready(MLP(), X), ready(MLP(), X)
    before = value(parameters(two)[0])
    fill(parameters(one)[0], 7)
    assert (value(parameters(two)[0]) == before).all()


@claim("键是登记时的序号", "mxnet")
def _(MySequential, nn):
    shared = nn.Dense(20)
    block = MySequential(shared, nn.Dense(20), shared)
    assert list(block._children) == ["0", "1", "2"]


@claim("如果改用块的名字作键，同一个块放两次就只剩一份", "mxnet")
def _(MySequential, nn, raises, reloads, X):
    class ByName(MySequential):
        def add(self, block):
            self.register_child(block, block.name)

    shared = nn.Dense(20)
    assert len(ByName(shared, nn.Dense(20), shared)._children) == 2
    make = lambda: ByName(nn.Dense(20), nn.Dense(20))
    assert raises(AssertionError, lambda: reloads(make, X))


@claim("传入`F.relu`这样的普通函数，会当场得到`TypeError`", "pytorch")
def _(F, MySequential, raises):
    assert raises(TypeError, lambda: MySequential(F.relu))


@claim("传入`F.relu`这样的普通函数会当场报错", "paddle")
def _(F, MySequential, raises):
    assert raises(AssertionError, lambda: MySequential(F.relu))


@claim("只给出一次", "pytorch", "paddle")
def _(MySequential, nn):
    shared = nn.Linear(20, 20)
    block = MySequential(shared, nn.ReLU(), shared)
    assert len(list(block.children())) == 2


@claim("后来加进列表的层也算在内", "tensorflow")
def _(dense, MySequential, ready, X):
    block = MySequential(dense(20, 3))
    block.add(dense(3, 2))
    assert len(ready(block, X).weights) == 4


@claim("再用`add`加入新的层会报错", "tensorflow")
def _(dense, MySequential, raises, ready, X):
    block = ready(MySequential(dense(20, 3)), X)
    assert raises(ValueError, lambda: block.add(dense(3, 2)))


@claim("两处是同一个层，参数只有一份，所以改动一处，另一处也跟着变")
def _(array, dense, fill, MySequential, parameters, ready, relu, X):
    shared = dense(20, 20)
    block = ready(MySequential(shared, relu(), shared), X)
    assert len(parameters(block)) == 2
    for weight in parameters(block):
        fill(weight, 0)
    fill(parameters(shared)[1], 1)  # bias
    fill(parameters(shared)[0], 1)
    # ones in, twice through a layer of ones: 21, then 421
    ones = X * 0 + 1
    assert (array(block(ones)) == 421).all()


@claim("`MySequential`存下来的参数还能装进另一个构造相同的实例")
def _(dense, MySequential, reloads, relu, X):
    def twice():
        shared = dense(20, 20)
        return MySequential(shared, relu(), shared)

    assert reloads(twice, X)
    assert reloads(lambda: MySequential(dense(20, 5), dense(5, 2)), X)


@claim("保存块、把块搬到别的设备上时要带着它，训练时却不能改动它", "mxnet")
def _(FixedHiddenMLP, gradients, npx, ready, reloads, value, X):
    from mxnet import gluon

    block = ready(FixedHiddenMLP(), X)
    before = value(block.rand_weight)
    trainer = gluon.Trainer(block.collect_params(), "sgd", {"learning_rate": 1})
    gradients(block, X)
    trainer.step(1)
    assert (value(block.rand_weight) == before).all()
    block.collect_params().reset_ctx(npx.cpu(1))
    assert block.rand_weight.data().ctx == npx.cpu(1)
    assert reloads(FixedHiddenMLP, X)


@also("pytorch")
def _(FixedHiddenMLP, gradients, reloads, torch, value, X):
    block = FixedHiddenMLP()
    before = value(block.rand_weight)
    gradients(block, X)
    torch.optim.SGD(block.parameters(), lr=1).step()
    assert (value(block.rand_weight) == before).all()
    assert block.to("meta").rand_weight.device.type == "meta"
    assert reloads(FixedHiddenMLP, X)


@also("tensorflow", "paddle")
def _(FixedHiddenMLP, gradients, ready, reloads, X):
    assert reloads(FixedHiddenMLP, X)
    assert len(gradients(ready(FixedHiddenMLP(), X), X)) == 2


@claim("存下来的文件里就没有它，另一个实例装上参数后，输出也对不上", "mxnet")
def _(FixedHiddenMLP, nn, np, npx, reloads, X):
    class Forgetful(FixedHiddenMLP):
        def __init__(self):
            nn.Block.__init__(self)
            self.rand_weight = np.random.uniform(size=(20, 20))
            self.linear = nn.Dense(20)

        def forward(self, X):
            X = npx.relu(np.dot(self.linear(X), self.rand_weight) + 1)
            X = self.linear(X)
            while self.is_large(X):
                X = X / 2
            return X.sum()

    assert not reloads(Forgetful, X)


@claim("`state_dict()`里就没有它，另一个实例装上参数后，输出也对不上", "pytorch")
def _(FixedHiddenMLP, reloads, torch, X):
    class Forgetful(FixedHiddenMLP):
        def __init__(self):
            super().__init__()
            del self.rand_weight
            self.rand_weight = torch.rand(20, 20)

    assert "rand_weight" not in Forgetful().state_dict()
    assert not reloads(Forgetful, X)


@claim("存下来的文件里就没有它，另一个实例装上权重后，输出也对不上", "tensorflow")
def _(FixedHiddenMLP, reloads, tf, X):
    class Forgetful(FixedHiddenMLP):
        def __init__(self):
            tf.keras.Model.__init__(self)
            self.rand_weight = tf.random.uniform((20, 20))
            self.linear = tf.keras.layers.Dense(20)

    assert not reloads(Forgetful, X)


@claim("它会成为不保存的缓冲", "paddle")
def _(FixedHiddenMLP, nn, paddle, reloads, X):
    class Forgetful(FixedHiddenMLP):
        def __init__(self):
            nn.Layer.__init__(self)
            self.rand_weight = paddle.rand([20, 20])
            self.linear = nn.Linear(20, 20)

    names = [name for name, _ in Forgetful().named_buffers()]
    assert names == ["rand_weight"]
    assert "rand_weight" not in Forgetful().state_dict()
    # a fresh ReLU layer may be dead, and dead ones agree
    assert not all(reloads(Forgetful, X) for _ in range(10))


@claim("直到各元素绝对值之和不超过1")
def _(array, FixedHiddenMLP, ready, X):
    for scale in (1, 1e3, 1e30):
        assert abs(array(ready(FixedHiddenMLP(), X)(X * scale))) <= 1.0001


@claim("没有上限，循环就可能永远停不下来")
def _():
    assert float("inf") / 2 == float("inf")


@claim("如果绝对值之和是NaN，它与任何数比大小都不成立，循环也立即结束")
def _(array, fill, FixedHiddenMLP, parameters, ready, X):
    block = ready(FixedHiddenMLP(), X)
    for number in ("inf", "nan", "-inf"):
        bad = X * 0 + float(number)
        assert not bool(array(block.is_large(bad)))
    block(X * float("nan"))
    for weight in parameters(block):
        fill(weight, 1)
    fill(block.rand_weight, 1)
    out = array(block(X * 0 + float("inf")))
    assert not numpy.isfinite(out), out


@claim("Python的`while`必须立刻知道条件是真是假，符号张量给不出，于是报错", "tensorflow")
def _(raises, tf, X):
    class PythonLoop(tf.keras.Model):
        def call(self, X):
            while tf.reduce_sum(tf.abs(X)) > 1:
                X = X / 2
            return X

    PythonLoop()(X)
    inside = tf.keras.Sequential([PythonLoop()])
    assert raises(tf.errors.OperatorNotAllowedInGraphError, lambda: inside(X))


@claim("XLA求梯度时要知道上限", "tensorflow")
def _(dense, FixedHiddenMLP, raises, tf, X):
    block = tf.keras.Sequential([dense(20, 20), FixedHiddenMLP()])
    block.compile("sgd", "mse", jit_compile=True)
    block.fit(X, tf.zeros((2,)), verbose=0)

    @tf.function(jit_compile=True)
    def without_limit():
        with tf.GradientTape() as tape:
            tape.watch(X)
            (Y,) = tf.while_loop(lambda Y: tf.reduce_sum(Y) > 1, lambda Y: (Y / 2,), (X,))
        return tape.gradient(Y, X)

    assert raises(tf.errors.InvalidArgumentError, without_limit)


@claim("第一个列表里的会被训练，第二个列表里的不会")
def _(constant, trainable):
    assert len(trainable) == 2 and len(constant) == 1
    assert constant[0].endswith("rand_weight")


@claim("存下来的文件用的是`linear.weight`这样不变的名字", "mxnet")
def _(FixedHiddenMLP, npx, ready, X):
    block = ready(FixedHiddenMLP(), X)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "w")
        block.save_parameters(path)
        names = set(npx.load(path))
    assert names == {"linear.weight", "linear.bias", "rand_weight"}


@claim("不写`X /= 2`：自动微分不许原地改动", "mxnet")
def _(autograd, nn, raises, ready, X):
    from mxnet.base import MXNetError

    def in_place():
        block = ready(nn.Dense(3), X)
        with autograd.record():
            Y = block(X)
            Y /= 2

    assert raises(MXNetError, in_place)


@claim("`NestMLP`里面有一个容器和一个层，容器里又有层")
def _(Container, Linear, NestMLP, parameters, ready, X):
    block = ready(NestMLP(), X)
    assert isinstance(block.net, Container)
    assert isinstance(block.linear, Linear)
    assert len(parameters(block)) == 6


@claim("容器并不关心里面的块出自谁手")
def _(array, chimera, dense, FixedHiddenMLP, MySequential, NestMLP, parameters, reloads, X):
    assert reloads(lambda: MySequential(NestMLP(), dense(16, 20), FixedHiddenMLP()), X)
    assert len(parameters(chimera)) in (10, 11)
    assert array(chimera(X)).shape == ()


@claim("确认两者算的是同一件事")
def _(all_at_once, one_by_one):
    assert abs(one_by_one() - all_at_once()).max() < 1e-2


@claim("以后就不再运行这段Python代码了", "mxnet")
def _(nn, X):
    runs = []

    class Hybrid(nn.HybridBlock):
        def __init__(self):
            super().__init__()
            self.out = nn.Dense(3)

        def hybrid_forward(self, F, X):
            runs.append(1)
            return F.npx.relu(self.out(X))

    block = Hybrid()
    block.initialize()
    block.hybridize()
    for _ in range(3):
        block(X)
    assert len(runs) == 1


@claim("`FixedHiddenMLP`那样的`while`会报错", "mxnet")
def _(nn, raises, X):
    from mxnet.base import NotImplementedForSymbol

    class Loop(nn.HybridBlock):
        def hybrid_forward(self, F, X):
            while F.np.abs(X).sum() > 1:
                X = X / 2
            return X

    block = Loop()
    block(X)
    block.hybridize()
    assert raises(NotImplementedForSymbol, lambda: block(X))


@claim("图会在那里断开，判断条件仍由Python执行，结果不受影响", "pytorch")
def _(FixedHiddenMLP, MLP, raises, X):
    import torch._dynamo

    block = FixedHiddenMLP()
    # where the count of breaks differs between Pythons, one graph never does
    whole = dict(backend="eager", fullgraph=True)
    assert raises(torch._dynamo.exc.Unsupported, lambda: torch.compile(block, **whole)(X))
    plain = MLP()
    assert torch.allclose(torch.compile(plain, **whole)(X), plain(X))
    # this backend stops after the capture and needs no C++ compiler
    compiled = torch.compile(block, backend="eager")
    assert torch.allclose(compiled(X), block(X))


unchecked("在CPU上要用到C++编译器", "the test machine need not have a compiler, nor lack one")


@claim("以后输入的形状和类型不变，就不再运行这段Python代码", "tensorflow")
def _(MLP, ready, tf, X):
    runs = []

    class Counting(MLP):
        def call(self, X):
            runs.append(1)
            return super().call(X)

    block = ready(Counting(), X)
    runs.clear()
    compiled = tf.function(block)
    for _ in range(3):
        compiled(X)
    assert len(runs) == 1
    compiled(X[:1])
    assert len(runs) == 2


@claim("`compile`之后的`fit`和`predict`默认也是这样做的", "tensorflow")
def _(MLP, ready, tf, X):
    runs = []

    class Counting(MLP):
        def call(self, X):
            runs.append(1)
            return super().call(X)

    block = ready(Counting(), X)
    block.compile("sgd", "mse")
    for task in (
        lambda: block.fit(X, tf.zeros((2, 10)), verbose=0),
        lambda: block.predict(X, verbose=0),
    ):
        task()
        runs.clear()
        task()
        assert runs == []


@claim("转换成一张静态图，以后就不再运行这段Python代码", "paddle")
def _(nn, paddle, X):
    runs = []

    class Counting(nn.Layer):
        def __init__(self):
            super().__init__()
            self.out = nn.Linear(20, 3)

        def forward(self, X):
            runs.append(1)
            return self.out(X)

    static = paddle.jit.to_static(Counting(), full_graph=True)
    static(X)
    first = len(runs)
    static(X)
    assert len(runs) == first


@claim("`FixedHiddenMLP`里由数据决定的`while`会被转换成图里的循环", "paddle")
def _(FixedHiddenMLP, paddle, X):
    block = FixedHiddenMLP()
    expected = block(X).item()
    static = paddle.jit.to_static(block, full_graph=True)
    assert abs(static(X).item() - expected) < 1e-5
    graph = static.forward.concrete_program.main_program.global_block()
    assert "pd_op.while" in [op.name() for op in graph.ops]


# 小结
@claim("层是块，块可以由层和别的块组成，模型是最外面的块")
def _(Base, chimera, dense, NestMLP):
    for block in (dense(20, 10), NestMLP(), NestMLP().net, chimera):
        assert isinstance(block, Base)


@claim("使用块要写`net(X)`，它比直接调用前向传播多做一些事", "mxnet", "pytorch", "paddle")
def _(calls):
    assert len(calls) == 1


@also("tensorflow")
def _(built_by_call, fresh):
    assert (built_by_call, fresh.built) == (False, True)


@claim("框架只认登记过的子块：登记过的，参数才取得到、存得下")
def _(dense, MySequential, parameters, ready, X):
    class Hidden(MySequential):
        def add(self, block):
            hidden = getattr(self, "get_blocks", list)() + [block]
            self.get_blocks = lambda: hidden

    def forward(self, X):
        for block in self.get_blocks():
            X = block(X)
        return X

    Hidden.forward = Hidden.call = forward
    block = Hidden(dense(20, 3), dense(3, 2))
    for child in block.get_blocks():
        getattr(child, "initialize", int)()
    assert block(X).shape[-1] == 2
    assert parameters(block) == []
    seen = ready(MySequential(dense(20, 3), dense(3, 2)), X)
    assert len(parameters(seen)) == 4


@claim("常量也要登记：它随块一起保存，但不参与训练")
def _(fill, FixedHiddenMLP, gradients, ready, save_and_load, value, X):
    block = ready(FixedHiddenMLP(), X)
    clone = ready(FixedHiddenMLP(), X)
    fill(clone.rand_weight, 5)
    with tempfile.TemporaryDirectory() as folder:
        save_and_load(block, clone, os.path.join(folder, "w"), X)
    assert (value(clone.rand_weight) == value(block.rand_weight)).all()
    assert len(gradients(block, X)) == 2


@claim("前向传播里可以重复使用一个层，也可以按数据决定循环几次，梯度照样能传回来")
def _(FixedHiddenMLP, gradients, ready, X):
    sums = [sum(abs(g).sum() for g in gradients(ready(FixedHiddenMLP(), X), X)) for _ in range(5)]
    assert max(sums) > 0, sums


@claim("把许多小计算合成一个大计算可以省下它")
def _(all_at_once, best_seconds, one_by_one):
    assert best_seconds(one_by_one) > best_seconds(all_at_once)
