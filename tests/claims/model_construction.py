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
    "三者大小不同，样子却一样：有输入，有输出，有要学的参数",
    "层和块都接收输入、给出输出，都管着自己的参数（也可以一个都没有，例如ReLU）",
    "参数大多放在里面的层身上",
    "框架也不区分这两者，在代码里，它们继承同一个类",
    "层是块，块可以由层和别的块组成，模型是最外面的块",
    "`NestMLP`里面有一个容器和一个层，容器里又有层",
)
def _(array, Base, chimera, Container, dense, Linear, MLP, NestMLP, parameters, ready, relu, X):
    nest, mlp = ready(NestMLP(), X), MLP()
    neuron, layer = dense(20, 1), dense(20, 10)
    for block in (neuron, layer, mlp, nest, nest.net, chimera):
        assert isinstance(block, Base) and len(parameters(ready(block, X))) > 0
    assert array(neuron(X)).shape == (2, 1) and len(parameters(neuron)) == 2
    assert isinstance(relu(), Base) and parameters(ready(relu(), X)) == []
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
@claim("后者会调用前向传播，但不止于此", "mxnet", "pytorch", "paddle")
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


@claim(
    "`**kwargs`把写成“名字=值”的参数收进一个字典，这里原样交给基类",
    mxnet="prefix",
    tensorflow="name",
)
def _(given, MLP):
    assert (lambda **kwargs: kwargs)(one=1, two=2) == {"one": 1, "two": 2}
    assert getattr(MLP(**{given: "mine_"}), given) == "mine_"


@claim(
    "要用`fit`训练、要单独存成文件的模型继承`Model`；只放在别的块里面的块继承`Layer`就够了",
    "后面的`FixedHiddenMLP`、`NestMLP`和`Residual`就是这样写的",
    "tensorflow",
)
def _(chain, FixedHiddenMLP, MLP, NestMLP, reloads, Residual, tf, X):
    for make in (FixedHiddenMLP, NestMLP, lambda: Residual(20)):
        assert not isinstance(make(), tf.keras.Model)
        assert not hasattr(make(), "fit") and not hasattr(make(), "save_weights")
        assert reloads(lambda make=make: chain(make()), X)
    assert hasattr(MLP, "fit") and hasattr(MLP, "save_weights")


@claim("两层各有一个权重和一个偏置，名字就是属性的名字", "pytorch", "paddle")
def _(MLP, names):
    assert names(MLP()) == ["hidden.weight", "hidden.bias", "out.weight", "out.bias"]


@claim(
    "两层各有一个权重和一个偏置。名字里的数字是MXNet的全局序号，重新运行单元格时会变",
    "存下来的文件用的是`hidden.weight`这样不变的名字",
    "mxnet",
)
def _(MLP, names, npx, ready, scratch, X):
    saved = []
    for _ in range(2):
        block = ready(MLP(), X)
        block.save_parameters(f"{scratch}/w")
        saved.append((names(block), set(npx.load(f"{scratch}/w"))))
    (one, kept), (two, again) = saved
    assert len(one) == len(two) == 4 and not set(one) & set(two)
    assert kept == again == {"hidden.weight", "hidden.bias", "out.weight", "out.bias"}


@claim(
    "两层各有一个权重和一个偏置，Keras把权重矩阵叫作`kernel`",
    "名字里的数字是Keras的全局序号，重新运行单元格时会变",
    "tensorflow",
)
def _(MLP, names, ready, X):
    one, two = (names(ready(MLP(), X)) for _ in range(2))
    assert [name.rpartition("/")[2] for name in one] == ["kernel", "bias"] * 2
    assert not set(one) & set(two)


@claim("参数由基类登记，训练和保存时照着登记去取；现成的层知道怎样给自己的参数赋初始值")
def _(array, gradients, MLP, parameters, ready, value, X):
    block = ready(MLP(), X)
    assert len(parameters(block)) == len(gradients(block, X)) == 4
    assert abs(value(parameters(block)[0])).max() > 0 and abs(array(block(X))).max() > 0


@claim("暂退法、批量规范化这样的层，在两种模式下算得不一样")
def _(array, tab, tensor):
    from importlib import import_module

    X = tensor([[1.0, 2.0, 3.0, 5.0]] * 4 + [[4.0, 0.0, -1.0, 2.0]])
    if tab == "tensorflow":
        layers = import_module("tensorflow").keras.layers
        kinds = layers.Dropout(0.5), layers.BatchNormalization()
        pairs = [[array(one(X, training=mode)) for mode in (True, False)] for one in kinds]
    elif tab == "mxnet":
        from mxnet import autograd
        from mxnet.gluon import nn

        kinds = nn.Dropout(0.5), nn.BatchNorm()
        pairs = []
        for one in kinds:
            one.initialize()
            with autograd.record():
                trained = array(one(X))
            pairs.append([trained, array(one(X))])
    else:
        nn = import_module({"pytorch": "torch"}.get(tab, tab)).nn
        kinds = nn.Dropout(0.5), getattr(nn, "BatchNorm1d", None) or nn.BatchNorm1D
        kinds = kinds[0], kinds[1](4)
        pairs = []
        for one in kinds:
            trained = array(one(X))
            one.eval()
            pairs.append([trained, array(one(X))])
    for trained, evaluated in pairs:
        assert abs(trained - evaluated).max() > 0.1
    assert (pairs[0][1] == array(X)).all()


@claim("在`autograd.record()`里面运行的前向传播处于训练模式，在外面运行的处于评估模式", "mxnet")
def _(autograd, nn, X):
    class Probe(nn.Block):
        def forward(self, X):
            modes.append(autograd.is_training())
            return X

    modes, block = [], nn.Sequential()
    block.add(Probe())
    with autograd.record():
        block(X)
    block(X)
    assert modes == [True, False]


@claim(
    "把一个块连同它里面所有的块切换到训练模式或评估模式；刚造好的块处于训练模式",
    "pytorch",
    "paddle",
)
def _(chain, dense, MLP):
    block = chain(MLP(), chain(dense(10, 3)))
    inside = [block, block[0], block[0].hidden, block[1], block[1][0]]
    assert all(one.training for one in inside)
    block.eval()
    assert not any(one.training for one in inside)
    block.train()
    assert all(one.training for one in inside)


@claim("不写就是评估模式；Keras会把它一路传给里面的层", "tensorflow")
def _(chain, tf, X):
    class Outer(tf.keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Probe()

        def call(self, X):
            return self.inner(X)

    class Probe(tf.keras.layers.Layer):
        def call(self, X, training=False):
            modes.append(bool(training))
            return X

    modes = []
    for block in (Outer(), chain(Outer())):
        block(X)
        modes.clear()
        block(X, training=True)
        block(X)
        assert modes == [True, False], modes


@claim("先固定随机数的种子，从头再运行一遍，抽到的随机数还是这些")
def _(array, MLP, ready, seed, X):
    drawn = []
    for number in (0, 0, 1):
        seed(number)
        drawn.append(array(ready(MLP(), X)(X)))
    assert (drawn[0] == drawn[1]).all() and (drawn[0] != drawn[2]).any()


@claim("下面的`MLP`和前面的网络做同样的计算")
def _(array, chain, dense, equal, fill, MLP, parameters, ready, relu, value, X):
    mine, own = ready(MLP(), X), ready(chain(dense(20, 256), relu(), dense(256, 10)), X)
    for one in (mine, own):
        for weight, number in zip(parameters(one), (0.25, -1, 0.5, 2), strict=True):
            fill(weight, number)
    assert equal(mine(X), own(X)) and (value(parameters(mine)[0]) == 0.25).all()


@claim("只找属性里的层，不找列表里的", "tensorflow")
def _(MySequential, dense, FixedHiddenMLP, ready, tree, X):
    assert tree(ready(MySequential(dense(20, 3)), X), "net")["children"] == []
    assert len(tree(ready(FixedHiddenMLP(), X), "net")["children"]) == 1


@claim(
    "构造函数里的`*args`把传入的任意多个块收进一个元组",
    "把同样的块交给它，算出的结果和自带的容器相同",
)
def _(chain, dense, equal, MySequential, ready, relu, X):
    assert (lambda *args: args)(1, 2, 3) == (1, 2, 3)
    blocks = dense(20, 256), relu(), dense(256, 10)
    mine, own = ready(MySequential(*blocks), X), chain(*blocks)
    assert equal(mine(X), own(X))


@claim("就能用`net['hidden']`取出这一层", "paddle")
def _(MySequential, nn, raises, X):
    first = nn.Linear(20, 256)
    block = nn.Sequential(("hidden", first))
    assert block["hidden"] is first and "hidden.weight" in block.state_dict()
    assert raises(AssertionError, lambda: MySequential(("hidden", first)))


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
    "位置有三个，参数张量只有两个：`shared`算了两遍，参数只有一份，所以改动一处，另一处也跟着变",
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
    "登记靠的是Python的`__setattr__`：给属性赋值时，Python会调用它",
    "层把数组登记为参数，块把层登记为子块，名字里的点由一层层的递归拼出来",
    "漏写`super().__init__()`，`TinyLinear`赋值时就找不到`_params`",
    "值若是一个列表，它认不出列表里的层",
)
def _(message, Module, TinyLinear, TinyMLP):
    class Deep(Module):
        def __init__(self):
            super().__init__()
            self.mlp, self.number, self.hidden = TinyMLP(), 3, [TinyLinear(2, 3)]

    class NoInit(TinyLinear):
        def __init__(self):
            self.weight = numpy.zeros((2, 3))

    shapes = {name: value.shape for name, value in Deep().named_params()}
    assert shapes == {
        "mlp.hidden.weight": (20, 256),
        "mlp.hidden.bias": (256,),
        "mlp.out.weight": (256, 10),
        "mlp.out.bias": (10,),
    }
    assert "_params" in message(AttributeError, NoInit)
    one = TinyLinear(2, 3)
    one.weight = one.weight + 7
    assert (dict(one.named_params())["weight"] == 7).all()


@claim("MXNet的基类也是如此", "mxnet")
@claim("PyTorch的基类也是如此", "pytorch")
@claim("PaddlePaddle的基类也是如此", "paddle")
def _(Base, dense, parameters):
    class Listed(Base):
        def __init__(self):
            super().__init__()
            self.stack = [dense(20, 20)]

    assert parameters(Listed()) == []


@claim("把赋给属性的列表换成会跟踪的列表", "tensorflow")
def _(stack):
    assert type(stack.stack) is not list and isinstance(stack.stack, list)


@claim("它像列表一样取用，又会登记里面的层，但没有前向传播", "pytorch", "paddle")
def _(nn, parameters, raises, X):
    kind = getattr(nn, "ModuleList", None) or nn.LayerList
    layers = [nn.Linear(20, 20) for _ in range(3)]
    made = kind(layers)
    assert made[1] is layers[1] and len(made) == 3 and list(made) == layers
    assert len(parameters(made)) == 6
    assert raises(NotImplementedError, lambda: made(X))


@claim("四层各有权重和偏置，八个参数张量一个不少")
def _(array, fill, parameters, ready, Stack, X):
    block = ready(Stack(4), X)
    assert len(parameters(block)) == 8
    for one in parameters(block):
        fill(one, 0)
    assert (array(block(X)) == array(X)).all()  # only the short cuts are left


@claim(
    "保存块时要带着它，训练时却不能改动它",
    "$\\mathbf{w}$是参数，训练会更新它，$c$则是*常量*，训练时不变",
    "常量也要登记：它随块一起保存，但不参与训练",
)
def _(descend, fill, FixedHiddenMLP, gradients, ready, save_and_load, scratch, value, X):
    block, clone = (ready(FixedHiddenMLP(), X) for _ in range(2))
    before = value(block.rand_weight)
    fill(clone.rand_weight, 5)
    save_and_load(block, clone, f"{scratch}/w", X)
    assert (value(clone.rand_weight) == before).all()
    assert len(gradients(block, X)) == 2
    descend(block, lambda: block(X), 1, rate=1.0)
    assert (value(block.rand_weight) == before).all()


@claim("它和参数一同初始化、保存、读取，也一同搬到别的设备上", "mxnet")
def _(FixedHiddenMLP, ready, X):
    from mxnet import cpu

    block = ready(FixedHiddenMLP(), X)
    block.collect_params().reset_ctx(cpu(1))
    assert block.rand_weight.data().ctx == block.linear.weight.data().ctx == cpu(1)


@claim("会进入`state_dict()`，也随`to()`一起搬到别的设备上", "pytorch", "paddle")
def _(FixedHiddenMLP, tab):
    block = FixedHiddenMLP()
    assert "rand_weight" in block.state_dict()
    if tab == "pytorch":
        assert block.to("meta").rand_weight.device.type == "meta"
    else:  # without a GPU there is no second device, but `to` takes a type as well
        assert "float64" in str(block.to(dtype="float64").rand_weight.dtype)


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
    "直到$L_1$范数（各元素绝对值之和）不超过1",
    "无穷大减半以后还是无穷大，没有上限，条件就可能一直成立",
    "如果范数是NaN，它与任何数比大小都不成立，循环立即结束",
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


@claim(
    "Python的`while`和`if`必须立刻知道条件是真是假，符号张量给不出，于是报错",
    "`tf.cond`同样代替`if`",
    "tensorflow",
)
def _(array, chain, raises, tf, X):
    class PythonLoop(tf.keras.layers.Layer):
        def call(self, X):
            while tf.reduce_sum(tf.abs(X)) > 1:
                X = X / 2
            return X

    class PythonIf(tf.keras.layers.Layer):
        def call(self, X):
            if tf.reduce_sum(tf.abs(X)) > 1:
                X = X / 2
            return X

    class Cond(tf.keras.layers.Layer):
        def call(self, X):
            return tf.cond(tf.reduce_sum(tf.abs(X)) > 1, lambda: X / 2, lambda: X)

    for kind in (PythonLoop, PythonIf):
        kind()(X)
        inside = chain(kind())
        assert raises(tf.errors.OperatorNotAllowedInGraphError, lambda inside=inside: inside(X))
    for scale, factor in ((1, 0.5), (1e-6, 1)):
        assert numpy.allclose(array(chain(Cond())(X * scale)), array(X) * scale * factor)


@claim(
    "Python会像`item()`那样取出其中的值，判断是真是假，`if`也是这样",
    "张量若有多个元素，就说不清真假，于是报错",
    mxnet=ValueError,
    pytorch=RuntimeError,
    paddle=AssertionError,
)
def _(array, Base, given, raises, X):
    class Halved(Base):
        def forward(self, X):
            if abs(X).sum() > 1:
                X = X / 2
            return X

    assert (abs(X).sum() > 1).item() == bool(abs(X).sum() > 1)
    assert numpy.allclose(array(Halved()(X)), array(X) / 2)
    assert numpy.allclose(array(Halved()(X * 1e-6)), array(X) * 1e-6)
    assert raises(given, lambda: bool(X > 1))


@claim("有限的float32至多减半128次", "tensorflow")
def _():
    largest = float(numpy.finfo("float32").max)
    assert largest / 2**127 > 1 >= largest / 2**128


@claim(
    "循环的次数要有事先知道的上限，`FixedHiddenMLP`里的`maximum_iterations`就是为此写的",
    "tensorflow",
)
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


@claim("不写`X /= 2`：自动微分不许原地改动", "mxnet")
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


@claim(
    "所有的块都是一个样子，所以几行递归就能走遍整个模型",
    "ReLU那几行是0：有的块没有参数",
    "最后一行`FixedHiddenMLP`的参数全在`linear`里，那400个常量不算参数",
)
def _(chimera, count, data, FixedHiddenMLP, outline, parameters, tree, value, X, ready):
    def sizes(node):
        return count(node), [sizes(child) for child in node["children"]]

    leaf = lambda number: (number, [])
    net = (3424, [leaf(1344), leaf(0), leaf(2080), leaf(0)])
    nest = (3952, [net, leaf(528)])
    assert sizes(data) == (4712, [nest, leaf(340), (420, [leaf(420)])])
    assert data["name"] == "chimera"
    assert [child["name"] for child in data["children"]] == ["0", "1", "2"]
    assert [child["name"] for child in data["children"][0]["children"]] == ["net", "linear"]
    first = data["children"][0]["children"][0]["children"][0]
    weight, bias = first["parameters"]
    assert weight["path"] in ("0.net.0.weight", "0.net.0.kernel") and bias["shape"] == [64]
    assert sorted(weight["shape"]) == [20, 64] and bias["path"] == "0.net.0.bias"
    # all that the model has, but for the constant
    whole = sum(value(one).size for one in parameters(chimera))
    assert count(data) in (whole, whole - 400)
    assert len(outline(data)) == 11 and outline(data)[-1].strip() == outline(data)[-1].lstrip()
    block = ready(FixedHiddenMLP(), X)
    assert value(block.rand_weight).size == 400
    assert count(tree(block, "block")) == count(tree(block.linear, "linear")) == 420


@claim(
    "主干之外还有一条*捷径*，把输入原样带到末尾，与主干的输出相加",
    "加号处的梯度还会沿捷径原样流回单元的输入，不经过主干的权重",
    "残差单元把输入加到主干的输出上，梯度沿捷径流回去，不经过主干的权重",
)
def _(array, differentiate, equal, fill, MLP, parameters, ready, Residual, value, X):
    block, plain = ready(Residual(20), X), ready(MLP(), X)
    for one in (*parameters(block), *parameters(plain)):
        fill(one, 0)
    ones = numpy.ones((2, 20), "float32")
    Y, dX, _ = differentiate(block, X, ones[0, 0], [])
    assert equal(Y, X) and (dX == ones)[array(X) > 0].all()  # X is positive
    _, dX, _ = differentiate(plain, X, ones[0, 0], [])
    assert (dX == 0).all()
    fill(parameters(block)[3], 2)
    assert equal(block(X), X + 2)
    assert [value(one).shape for one in parameters(block)] == [(20, 20), (20,)] * 2


@claim("相加要求两边形状相同，所以单元的输入和输出一样宽")
def _(array, raises, ready, Residual, X):
    assert array(ready(Residual(20), X)(X)).shape == (2, 20)
    assert raises(Exception, lambda: ready(Residual(7), X))


@claim("哪一列最大，点就归哪一类", "这个网络的参数量是4419")
def _(array, d2l, net, parameters, points, value):
    scores = array(net(points))
    assert scores.shape == (300, 3)
    assert (scores.argmax(1) == d2l.classify(net, points)).all()
    assert sum(value(one).size for one in parameters(net)) == 4419


@claim("底色是没有训练的网络给出的类别，与旋臂对不上")
def _(d2l, labels, net, points):
    assert d2l.accuracy(net, points, labels) < 0.7


@claim(
    "这里写明了每层的输入数，参数才能在`initialize`时当场生成",
    "让参数的名字从`spiral_`开始编号，重新运行也不变",
    "mxnet",
)
def _(names, nn, np, raises, spiral_net, value):
    from mxnet.gluon.parameter import DeferredInitializationError

    net, later = spiral_net(), nn.Dense(3)
    later.initialize()
    assert value(net[0].weight).shape == (32, 2)
    assert raises(DeferredInitializationError, later.weight.data)
    assert names(net) == names(spiral_net())
    assert all(name.startswith("spiral_") for name in names(net))


@claim("参数当场生成，不必等到第一次调用", "参数的路径重新运行也不变", "tensorflow")
def _(names, spiral_net):
    assert len(names(spiral_net())) == 12 and names(spiral_net()) == names(spiral_net())


@claim(
    "优化器用全局的名字区分参数，例如`linear_0.w_0`，编号会一直增长",
    "让编号在这几行里从头开始，重新运行也不变",
    "paddle",
)
def _(nn, paddle, spiral_net):
    one, two = (nn.Linear(2, 3).weight.name for _ in range(2))
    numbers = [int(name.split("_")[1].split(".")[0]) for name in (one, two)]
    assert numbers[1] == numbers[0] + 1
    first, again = ([p.name for p in spiral_net().parameters()] for _ in range(2))
    assert first == again and first[0] == "linear_0.w_0"
    optimizer = paddle.optimizer.Adam(parameters=spiral_net().parameters())
    net = spiral_net()
    optimizer = paddle.optimizer.Adam(parameters=net.parameters())
    net(paddle.ones([1, 2])).sum().backward()
    optimizer.step()
    assert any(key.startswith("linear_0.w_0") for key in optimizer.state_dict())


@claim("两者算的是同一件事，除了舍入，结果相同")
def _(all_at_once, array, layer_and_rows, one_by_one):
    for width in (16, 1024):
        layer, rows = layer_and_rows(width, 8)
        apart, together = (array(run(layer, rows)) for run in (one_by_one, all_at_once))
        assert apart.shape == together.shape == (8, width)
        assert abs(apart - together).max() < 1e-3 and abs(together).max() > 0.01


@claim(
    "同样的计算，行数越多，逐行做比一次做完慢得越多",
    "左图的层窄，计算本身几乎不花时间，逐行的用时差不多全是开销",
    "右图的层宽，把左图那么多的开销扣掉，逐行计算仍然慢得多",
    "运算经过Python有固定的开销，大的矩阵乘法又更能发挥硬件，所以能一次算完的，不要逐个去算",
)
def _(all_at_once, d2l, layer_and_rows, nums_rows, one_by_one, times, widths):
    assert (widths, nums_rows) == ((16, 1024), (1, 4, 16, 64))
    assert all(len(line) == 4 for lines in times.values() for line in lines)

    sizes = [
        (run, width, n) for run in (one_by_one, all_at_once) for width in widths for n in (1, 64)
    ]
    tried = {size: (size[0], *layer_and_rows(*size[1:])) for size in sizes}
    least = dict.fromkeys(sizes, float("inf"))

    def is_seen():
        """Other programs only ever add to a time: the least of many is what counts."""
        for size, (run, layer, rows) in tried.items():
            taken = min(d2l.seconds(lambda: run(layer, rows), 1) for _ in range(3))
            least[size] = min(least[size], taken)
        one, all_ = (
            {size[1:]: t for size, t in least.items() if size[0] is run}
            for run in (one_by_one, all_at_once)
        )
        slower = [[one[width, n] / all_[width, n] for n in (1, 64)] for width in widths]
        call = all_[16, 1]
        return (
            all(many > 1.3 * few and many > 1.5 for few, many in slower)
            and all_[16, 64] < 64 * call / 4  # 64 calls, and the work of one
            and 64 * (all_[1024, 1] - call) > 1.2 * all_[1024, 64]
        )

    assert any(is_seen() for _ in range(30)), least


@claim("通常的Python同一时刻只让一个线程执行Python代码")
def _():
    import sys

    assert getattr(sys, "_is_gil_enabled", lambda: True)()


unchecked(
    "一次只算一行时，权重矩阵的每个数从内存取来只用一次",
    "what a processor fetches is not seen from Python; that it is slower, is checked",
)
unchecked("它就只好空等", "the test machine has no GPU that could wait")


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


@claim(
    "写成`nn.Sequential(('hidden', nn.Linear(20, 256)))`，就能用`net['hidden']`取出这一层", "paddle"
)
def _(nn):
    named = nn.Sequential(("hidden", nn.Linear(20, 256)))
    assert named["hidden"].weight.shape == [20, 256]


@claim("最后一项职责是分清训练模式与评估模式：暂退法、批量规范化这样的层，在两种模式下算得不一样")
def _(array, dropout, tensor):
    ones = tensor([[1.0] * 100])
    assert set(array(dropout(ones)).flat) != {1.0}


@claim(
    "`add_weight`加上`trainable=False`得到一个不训练的权重，它和其他权重一同保存和读取",
    "tensorflow",
)
def _(scratch, tf):
    class Kept(tf.keras.layers.Layer):
        def __init__(self, number):
            super().__init__()
            start = tf.keras.initializers.Constant(number)
            self.kept = self.add_weight(shape=(2,), initializer=start, trainable=False)

        def call(self, X):
            return X + self.kept

    one, other = (tf.keras.Sequential([Kept(number)]) for number in (3, 4))
    one(tf.zeros((1, 2))), other(tf.zeros((1, 2)))
    assert one.trainable_weights == [] and len(one.weights) == 1
    one.save_weights(f"{scratch}/w.weights.h5")
    other.load_weights(f"{scratch}/w.weights.h5")
    assert other.layers[0].kept.numpy().tolist() == [3, 3]


@claim(
    "把它登记为子块，`initialize`、`collect_params`和`save_parameters`都靠这份登记找到参数", "mxnet"
)
def _(names, nn, npx, scratch, X):
    class Hidden(nn.Block):
        def __init__(self):
            super().__init__()
            self.hidden, self.secret = nn.Dense(3), [nn.Dense(3)]

        def forward(self, X):
            return self.hidden(X)

    block = Hidden()
    block.initialize()
    block(X)
    assert list(block._children) == ["hidden"] and len(names(block)) == 2
    block.save_parameters(f"{scratch}/w")
    assert set(npx.load(f"{scratch}/w")) == {"hidden.weight", "hidden.bias"}
