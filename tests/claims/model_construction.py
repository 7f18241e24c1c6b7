"""What chapter_computation/model-construction.md claims."""

import dis
import inspect
import re
import sys
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import numpy

from claims import Claims

SECTION = "chapter_computation/model-construction.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked
CHAPTER = Path(__file__).parents[2] / "chapter_computation"


def cell(notebook, words):
    """Return the source of the first cell that has these words, and its last value."""
    number = next(at for at, source in enumerate(notebook["In"]) if words in source)
    return notebook["In"][number], notebook["Out"].get(number)


def ran_again(notebook, words, **names):
    """Run a cell again, with other values for some names; return all names."""
    here = {**notebook, **names}
    exec(cell(notebook, words)[0], here)
    return here


@claim(
    "ResNet-152 :cite:`He.Zhang.Ren.ea.2016`有152个带权重的层",
    "开头一层，结尾一层，中间是50个构造相似的小单元，每个单元的主干是三个卷积层",
)
def _():
    # The paper's table 1: a convolution, four stages of blocks, a dense layer.
    blocks = 3 * ["1x1, 64", "3x3, 64", "1x1, 256"]
    blocks += 8 * ["1x1, 128", "3x3, 128", "1x1, 512"]
    blocks += 36 * ["1x1, 256", "3x3, 256", "1x1, 1024"]
    blocks += 3 * ["1x1, 512", "3x3, 512", "1x1, 2048"]
    layers = ["7x7, 64", *blocks, "1000-d fc"]
    assert len(layers) == 152 and len(blocks) == 50 * 3


@claim(
    "这一节先用框架自带的容器把层连起来，再写出自己的块、自己的容器，以及容器做不到的前向传播",
    "最后把捷径也加上，搭出一个小网络",
)
def _(Container, notebook):
    names = "d2l net MLP MySequential FixedHiddenMLP Residual spiral_net".split()
    came = [list(notebook).index(name) for name in names]  # in the order of their coming
    assert came == sorted(came)
    assert isinstance(ran_again(notebook, "net = ")["net"], Container)


@claim(
    "它会陪我们走完后面各节",
    "就是本章往后一直要用的网络",
    "往后几节会打开它的参数，给它换初始值，换上自己写的层，再把它训练好",
)
def _():
    contents = re.search(r"```toc\n(.*?)```", (CHAPTER / "index.md").read_text("utf-8"), re.S)
    names = re.findall(r"^[\w-]+$", contents[1], re.M)
    later = names[names.index("model-construction") + 1 : names.index("tools")]
    texts = {name: (CHAPTER / f"{name}.md").read_text("utf-8") for name in later}
    assert len(texts) > 4 and all("spiral_net" in text for text in texts.values())
    done = {
        "spiral = d2l.spiral_net()": "parameters",
        "spiral.apply(init_he)": "parameters",
        "class NormResidual(d2l.Residual)": "custom-layer",
        "losses = d2l.train(net, X, y": "read-write",
    }
    assert all(code in texts[name] for code, name in done.items())
    came = [later.index(name) for name in done.values()]
    assert came == sorted(came)


@claim(
    "三者大小不同，样子却一样：有输入，有输出，有要学的参数",
    "块里可以放层，也可以再放块，而模型不过是最外面的那个块",
    "不同的只是大小：层是不再往里拆的一步计算，块由层和别的块组成，参数大多放在里面的层身上",
    "层和块都接收输入、给出输出，都管着自己的参数（也可以一个都没有，例如ReLU）",
    "框架也不区分这两者，在代码里，它们继承同一个类",
    "层是块，块可以由层和别的块组成，模型是最外面的块",
    "`NestMLP`里面有一个容器和一个层，容器里又有层",
)
def _(
    array,
    Base,
    chimera,
    Container,
    dense,
    layers_of,
    Linear,
    MLP,
    NestMLP,
    parameters,
    ready,
    relu,
    X,
):
    def inside(block):
        return [one for child in layers_of(block) for one in (child, *inside(child))]

    nest, mlp = ready(NestMLP(), X), MLP()
    assert inside(dense(20, 10)) == inside(relu()) == []
    assert set(inside(nest)) == {nest.net, nest.linear, *layers_of(nest.net)}
    assert len(layers_of(nest.net)) == 4
    # the model holds layers and blocks, and nothing of it holds the model
    assert {NestMLP, Linear} <= {type(one) for one in inside(chimera)}
    assert chimera not in inside(chimera)
    own = sum(len(parameters(one)) for one in inside(nest) if not inside(one))
    assert own == len(parameters(nest))
    neuron, layer = dense(20, 1), dense(20, 10)
    for block in (neuron, layer, mlp, nest, nest.net, chimera):
        assert isinstance(block, Base) and len(parameters(ready(block, X))) > 0
    assert array(neuron(X)).shape == (2, 1) and len(parameters(neuron)) == 2
    assert isinstance(relu(), Base) and parameters(ready(relu(), X)) == []
    assert isinstance(nest.net, Container) and isinstance(nest.linear, Linear)
    assert len(parameters(nest)) == 6
    assert array(X).shape == (2, 20) and array(mlp(X)).shape == (2, 10)


@claim("从一个多层感知机开始：隐藏层用ReLU激活，输出层不加激活函数", "输出也是每行对应一个样本")
def _(array, bias_of, dense_layers, kernel, notebook):
    here = ran_again(notebook, "net = ")
    net, X = here["net"], here["X"]
    Y, rows = array(net(X)), array(X)
    hidden, out = dense_layers(net)
    H = rows @ kernel(hidden) + bias_of(hidden)
    assert (H < 0).any()  # so the activation is seen
    expected = numpy.maximum(H, 0) @ kernel(out) + bias_of(out)
    assert numpy.allclose(Y, expected, atol=1e-5) and (Y < 0).any()
    assert len(rows) == len(Y) == 2
    for row in range(2):
        assert numpy.allclose(array(net(X[row : row + 1])), Y[row : row + 1], atol=1e-6)


@claim("`nn.Sequential`按加入的顺序保存一串块，前向传播时让数据依次穿过它们", "mxnet")
@claim("`nn.Sequential`按加入的顺序保存一串模块，前向传播时让数据依次穿过它们", "pytorch")
@claim("`Sequential`按给出的顺序保存一串层，前向传播时让数据依次穿过它们", "tensorflow")
@claim("`nn.Sequential`按加入的顺序保存一串层，前向传播时让数据依次穿过它们", "paddle")
@claim(
    "`Sequential`并不神秘，要紧的只有两件事：把块按顺序登记下来，再让数据按这个顺序穿过它们",
    "下面的`MySequential`用`add`登记，用前向传播串联",
)
def _(array, chain, dense, fill, layers_of, MySequential, parameters, ready, relu, X):
    for kind in (chain, MySequential):
        blocks = [dense(20, 20), relu()]
        block = ready(kind(*blocks), X)
        for one in parameters(block):
            fill(one, -1)
        assert layers_of(block) == blocks and (array(block(X)) == 0).all()
        turned = kind(*reversed(blocks))
        assert layers_of(turned) == blocks[::-1] and (array(turned(X)) < 0).all()
    block = MySequential()
    block.add(dense(20, 3))
    assert len(parameters(ready(block, X))) == 2


@claim("它和`nn.Dense`都是`nn.Block`的子类", "mxnet")
@claim("它和`nn.Linear`都是`nn.Module`的子类", "pytorch")
@claim("它和`nn.Linear`都是`nn.Layer`的子类", "paddle")
@claim("`net[0]`取出其中的第一个块", "mxnet")
@claim("`net[0]`取出其中的第一个模块", "pytorch")
@claim("`net[0]`取出其中的第一层", "paddle")
def _(Base, chain, Container, dense, Linear):
    assert issubclass(Container, Base) and issubclass(Linear, Base)
    first = dense(20, 3)
    assert chain(first, dense(3, 2))[0] is first


@claim(
    "代码只写了每层有多少个输出，没写有多少个输入：`initialize`先把要求记下，"
    "等到第一次`net(X)`看见输入的形状，权重才真正生成",
    "`nn.Dense`默认把第一维以外的各维展平成一个向量再计算",
    "`X`是二维的，展不展平没有差别；若只想变换最后一维，要写`flatten=False`",
    "mxnet",
)
def _(equal, message, nn, np, raises, ready, X):
    from mxnet.gluon.parameter import DeferredInitializationError

    block = nn.Dense(3)
    assert block.weight.shape == (3, -1) and raises(RuntimeError, lambda: block(X))
    assert "deferred" not in message(RuntimeError, block.weight.data)
    block.initialize()
    assert raises(DeferredInitializationError, block.weight.data)
    block(X)
    assert block.weight.data().shape == (3, 20)
    for kind in ({}, {"flatten": False}):
        both = ready(nn.Dense(3, **kind), X)
        both.weight.set_data(block.weight.data())
        assert X.ndim == 2 and equal(both(X), block(X))
    cube = np.ones((2, 3, 4))
    flat, last = ready(nn.Dense(5), cube), ready(nn.Dense(5, flatten=False), cube)
    assert flat(cube).shape == (2, 5) and last(cube).shape == (2, 3, 5)


@claim(
    "TensorFlow搭建模型用的接口叫Keras，也就是代码里的`tf.keras`",
    "层和模型在Keras里有共同的基类`Layer`：`Dense`是它的子类；`Model`也是`Layer`的子类，"
    "多了训练、保存整个模型等方法，而`Sequential`是一种`Model`",
    "`net.layers[0]`取出其中的第一层，`net[0]`这样的写法不行",
    "代码只写了每层有多少个输出，没写有多少个输入：等到第一次`net(X)`看见输入的形状，权重才会创建",
    "tensorflow",
)
def _(chain, dense, raises, tf, X):
    keras, Layer = tf.keras, tf.keras.layers.Layer
    assert keras.Model is import_module("keras").Model
    assert issubclass(keras.layers.Dense, Layer) and issubclass(keras.Model, Layer)
    assert issubclass(keras.Sequential, keras.Model)
    for name in ("fit", "save"):
        assert hasattr(keras.Model, name) and not hasattr(Layer, name)
    first = dense(20, 3)
    block = chain(first, dense(3, 2))
    assert block.layers[0] is first and raises(TypeError, lambda: block[0])
    assert first.weights == block.weights == []
    block(X)
    assert [weight.shape for weight in block.weights] == [(20, 3), (3,), (3, 2), (2,)]


@claim(
    "`net(X)`看上去只是`net.forward(X)`的简写，其实不是",
    "`net(X)`调用的是`__call__`，它在前向传播前后还会运行钩子（hook），"
    "也就是使用者挂在块上、要求每次调用都执行的函数",
    "下面挂上一个钩子，两种写法各用一次，数一数它运行了几回",
    "钩子只运行了一回：直接调用`forward`绕过了它",
    "所以定义块时写的是`forward`，使用块时写的是`net(X)`",
    "mxnet",
    "pytorch",
    "paddle",
)
@claim("后者会调用前向传播，但不止于此", "mxnet", "pytorch", "paddle")
def _(Base, calls, MLP, notebook, X):
    class Probe(Base):
        def __call__(self, X):
            seen.append("call")
            return super().__call__(X)

        def forward(self, X):
            seen.append("forward")
            return X

    seen, block = [], Probe()
    block.register_forward_pre_hook(lambda *_: seen.append("before"))
    after = getattr(block, "register_forward_hook", None) or block.register_forward_post_hook
    after(lambda *_: seen.append("after"))
    block(X)
    block(X)
    assert seen == ["call", "before", "forward", "after"] * 2
    seen.clear()
    block.forward(X)
    assert seen == ["forward"]
    seen.clear()
    counted = ran_again(notebook, "calls = []", net=block)["calls"]
    assert seen.count("forward") == 2 and counted == [block] and len(calls) == 1
    assert "forward" in vars(MLP) and "__call__" not in vars(MLP)


@also("tensorflow")
@claim(
    "`net(X)`看上去只是`net.call(X)`的简写，其实不是",
    "`net(X)`调用的是`__call__`，它先把输入转换成合适的类型，第一次调用时还要构建模型"
    "（build，按输入的形状生成权重），然后才轮到`call`",
    "下面新建一个模型，两种写法先后各用一次，看它到哪一步才算构建好",
    "只用过`call`时，模型仍不算构建好；用过`net(X)`才算",
    "所以定义块时写的是`call`，使用块时写的是`net(X)`",
    "tensorflow",
)
def _(built_by_call, fresh, MLP, net, tf, X):
    class Probe(tf.keras.layers.Layer):
        def __call__(self, X):
            seen.append("__call__")
            return super().__call__(X)

        def build(self, shape):
            seen.append("build")
            self.weight = self.add_weight(shape=(shape[-1], 3))

        def call(self, X):
            seen.append("call")
            assert tf.is_tensor(X) and X.dtype == "float32"
            return X @ self.weight

    seen, block = [], Probe()
    for _ in range(2):
        block(X.numpy().astype("float64"))
    assert seen == ["__call__", "build", "call", "__call__", "call"]
    assert block.weight.shape == (20, 3)
    block = MLP()
    block.call(X)
    assert (built_by_call, fresh.built, block.built) == (False, True, False)
    assert fresh is not net and "call" in vars(MLP) and "__call__" not in vars(MLP)


@claim(
    "一个块有六项职责：接收输入，给出输出，算出梯度，管好参数，给参数赋初始值，"
    "还要分清自己是在训练还是在评估",
    "写出来的只有两个方法",
    mxnet="mxnet.gluon.nn",
    pytorch="torch.nn",
    tensorflow="keras.layers",
    paddle="paddle.nn",
)
def _(array, chain, dense, equal, given, gradients, MLP, outputs, parameters, ready, value, X):
    block = chain(dense(20, 256), import_module(given).Dropout(0.5), dense(256, 10))
    assert array(ready(block, X)(X)).shape == (2, 10) and array(X).shape == (2, 20)
    grads = gradients(block, X)
    assert len(parameters(block)) == len(grads) == 4 and abs(grads[0]).max() > 0
    assert abs(value(parameters(block)[0])).max() > 0
    assert equal(outputs(block, X, False), outputs(block, X, False))
    assert not equal(outputs(block, X, True), outputs(block, X, False))
    written = [name for name, one in vars(MLP).items() if inspect.isfunction(one)]
    assert written in (["__init__", "forward"], ["__init__", "call"])


@claim(
    "登记用的字典由基类的构造函数建立，所以`super().__init__()`要写在最前面，"
    "否则给`self.hidden`赋值时就会报错",
    mxnet=(AttributeError, "_children"),
    pytorch=(AttributeError, "_modules"),
    paddle=(ValueError, "_sub_layers"),
)
def _(Base, dense, given, layers_of, raises):
    class NoInit(Base):
        def __init__(self):
            self.hidden = dense(20, 3)

    class Late(NoInit):
        def __init__(self):
            super().__init__()
            Base.__init__(self)

    class First(NoInit):
        def __init__(self):
            Base.__init__(self)
            super().__init__()

    error, register = given
    assert register not in vars(Base.__new__(Base)) and vars(Base())[register] == {}
    assert raises(error, NoInit) and raises(error, Late)
    first = First()
    assert layers_of(first) == [first.hidden]


@claim(
    "名字、数据类型等由基类的构造函数准备，所以`super().__init__()`要写在最前面；"
    "漏写时构造不会报错，到第一次调用才报错",
    "tensorflow",
)
def _(dense, raises, tf, X):
    class NoInit(tf.keras.Model):
        def __init__(self):
            for task in (
                lambda: self.name,
                lambda: self.dtype,
                lambda: self.add_weight(shape=(3,)),
            ):
                failed.append(raises((AttributeError, RuntimeError), task))
            self.hidden = dense(20, 3)

        def call(self, X):
            return self.hidden(X)

    class First(NoInit):
        def __init__(self):
            tf.keras.Model.__init__(self)
            super().__init__()

    failed = []
    block = NoInit()
    assert raises(RuntimeError, lambda: block(X))
    assert First()(X).shape == (2, 3) and failed == [True] * 3 + [False] * 3


@claim("例如给参数名加前缀的`prefix`（里面的层要在`name_scope`里造，才用得上它）", mxnet="prefix")
@claim("例如给模型起名的`name`", tensorflow="name")
@claim(
    "`**kwargs`把写成“名字=值”的参数收进一个字典，这里原样交给基类",
    mxnet="prefix",
    tensorflow="name",
)
def _(given, MLP, names, tab):
    assert (lambda **kwargs: kwargs)(one=1, two=2) == {"one": 1, "two": 2}
    block = MLP(**{given: "mine_"})
    assert getattr(block, given) == "mine_"
    if tab == "mxnet":
        nn = import_module("mxnet.gluon.nn")
        with block.name_scope():
            block.more = nn.Dense(3)
        begun = [name.startswith("mine_") for name in names(block)]
        assert begun == [False] * 4 + [True] * 2


@claim(
    "给属性赋值时，`nn.Module`认出`self.hidden`是一个模块，把它登记为子模块，"
    "`parameters()`（列出参数）、`state_dict()`（交出要保存的内容）和`to()`（搬到别的设备）"
    "都靠这份登记找到参数",
    "pytorch",
)
@claim(
    "给属性赋值时，`nn.Layer`认出`self.hidden`是一个层，把它登记为子层，"
    "`parameters()`（列出参数）、`state_dict()`（交出要保存的内容）和`to()`（搬到别的设备）"
    "都靠这份登记找到参数",
    "paddle",
)
def _(Base, dense, layers_of, parameters, tab):
    class Half(Base):
        def __init__(self):
            super().__init__()
            self.hidden, self.secret = dense(20, 3), [dense(20, 3)]

    block = Half()
    hidden, secret = block.hidden, block.secret[0]
    assert layers_of(block) == [hidden]
    assert [id(one) for one in parameters(block)] == [id(hidden.weight), id(hidden.bias)]
    assert list(block.state_dict()) == ["hidden.weight", "hidden.bias"]
    if tab == "pytorch":
        block.to("meta")
        assert hidden.weight.is_meta and not secret.weight.is_meta
    else:  # without a GPU there is no second device, but `to` takes a type as well
        block.to(dtype="float64")
        assert "float64" in str(hidden.weight.dtype) and "float32" in str(secret.weight.dtype)


@claim(
    "给属性赋值时，Keras认出`self.hidden`是一个层，从此跟踪它，"
    "`weights`、`save_weights`和训练都靠这份登记找到参数",
    "tensorflow",
)
def _(changed, dense, scratch, tf, value, X):
    import h5py

    class Half(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden, secret = dense(20, 3), dense(20, 3)
            self.get_secret = lambda: secret

        def call(self, X):
            return self.hidden(X) + self.get_secret()(X)

    block, shapes = Half(), []
    block(X)
    hidden, secret = block.hidden.weights, block.get_secret().weights
    assert [id(one) for one in block.weights] == [id(one) for one in hidden]
    block.save_weights(f"{scratch}/w.weights.h5")
    with h5py.File(f"{scratch}/w.weights.h5") as saved:
        saved.visititems(lambda _, one: shapes.append(getattr(one, "shape", None)))
    assert [shape for shape in shapes if shape] == [(20, 3), (3,)]
    block.compile("sgd", "mse")
    fit = lambda: block.fit(X, tf.ones((2, 3)), verbose=0)
    assert changed(value, hidden + secret, fit) == [True, True, False, False]


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
    "`net.train()`和`net.eval()`把一个块连同它里面所有的块切换到训练模式或评估模式；"
    "刚造好的块处于训练模式",
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


@claim(
    "写`net(X, training=True)`，就是在训练模式下运行，不写就是评估模式；Keras会把它一路传给里面的层",
    "tensorflow",
)
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


@claim(
    "自带的`nn.Sequential`还认得`(名字, 层)`这样的元组："
    "写成`nn.Sequential(('hidden', nn.Linear(20, 256)))`，就能用`net['hidden']`取出这一层",
    "paddle",
)
def _(MySequential, nn, raises, X):
    first = nn.Linear(20, 256)
    block = nn.Sequential(("hidden", first))
    assert block["hidden"] is first and "hidden.weight" in block.state_dict()
    assert raises(AssertionError, lambda: MySequential(("hidden", first)))
    named = nn.Sequential(("hidden", nn.Linear(20, 256)))
    assert named["hidden"].weight.shape == [20, 256]


@claim("`nn.Linear`在自己的构造函数里就把它们生成好了", "pytorch", "paddle")
@claim("前向传播遍历的是`_modules`而不是`children()`，后者对重复出现的模块只给出一次", "pytorch")
@claim("前向传播遍历的是`_sub_layers`而不是`children()`，后者对重复出现的层只给出一次", "paddle")
def _(Base, MySequential, nn, tab, value, X):
    class Counting(nn.ReLU):
        def forward(self, X):
            runs.append(self)
            return X

    assert abs(value(nn.Linear(20, 20).weight)).sum() > 0
    runs, shared, other = [], Counting(), Counting()
    block = MySequential(shared, other, shared)
    block(X)
    assert runs == [shared, other, shared] and list(block.children()) == [shared, other]
    register = block._modules if tab == "pytorch" else block._sub_layers
    assert list(register.values()) == runs
    register.clear()  # as it goes through these, nothing is left to do
    runs.clear()
    assert block(X) is X and runs == []


@claim(
    "`register_child`把子块登记到`self._children`这个字典里，键是登记时的序号。"
    "如果改用块的名字作键，同一个块放两次就只剩一份；"
    "而自动取的名字带着全局序号，存下来的参数也装不进另一个实例",
    "mxnet",
)
def _(dense, MySequential, nn, raises, reloads, X):
    block, child = nn.Block(), dense(20, 3)
    block.register_child(child)
    assert isinstance(block._children, dict) and dict(block._children) == {"0": child}

    class ByName(MySequential):
        def add(self, block):
            self.register_child(block, block.name)

    shared = dense(20, 20)
    twice = (shared, dense(20, 20), shared)
    assert list(MySequential(*twice)._children) == ["0", "1", "2"]
    assert len(ByName(*twice)._children) == 2
    make = lambda: ByName(dense(20, 20), dense(20, 20))
    assert raises(AssertionError, lambda: reloads(make, X))


@claim(
    "`add_module`把子模块登记到`self._modules`这个字典里，并且检查它确实是模块："
    "传入`F.relu`这样的普通函数，会当场得到`TypeError`",
    pytorch=("add_module", "_modules", TypeError),
)
@claim(
    "`add_sublayer`把子层登记到`self._sub_layers`这个字典里，并且检查它确实是层："
    "传入`F.relu`这样的普通函数会当场报错",
    paddle=("add_sublayer", "_sub_layers", AssertionError),
)
def _(Base, F, given, MySequential, raises, relu):
    name, register, error = given
    block, child = Base(), relu()
    getattr(block, name)("first", child)
    assert isinstance(vars(block)[register], dict) and vars(block)[register] == {"first": child}
    assert raises(error, lambda: getattr(block, name)("second", F.relu))
    assert raises(error, lambda: MySequential(F.relu))


@claim("后来加进列表的层也算在内", "再用`add`加入新的层会报错", "tensorflow")
def _(dense, MySequential, raises, ready, X):
    block = MySequential(dense(20, 3))
    block.add(dense(3, 2))
    assert len(ready(block, X).weights) == 4
    assert raises(ValueError, lambda: block.add(dense(2, 2)))


@claim(
    "每个实例都有自己的一份参数",
    "位置有三个，参数张量只有两个：`shared`算了两遍，参数只有一份，所以改动一处，另一处也跟着变",
    "`MySequential`存下来的参数还能装进另一个构造相同的实例，装好后两者的输出相等",
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


@claim(
    "要放一串层，就用`nn.ModuleList`：它像列表一样取用，又会登记里面的层，但没有前向传播", "pytorch"
)
@claim(
    "要放一串层，就用`nn.LayerList`，相当于PyTorch的`ModuleList`：它像列表一样取用，"
    "又会登记里面的层，但没有前向传播",
    "paddle",
)
def _(nn, parameters, raises, Stack, tab, X):
    kind = nn.ModuleList if tab == "pytorch" else nn.LayerList
    assert isinstance(Stack(2).stack, kind)
    layers = [nn.Linear(20, 20) for _ in range(3)]
    made = kind(layers)
    assert made[1] is layers[1] and len(made) == 3 and list(made) == layers
    assert len(parameters(made)) == 6
    assert raises(NotImplementedError, lambda: made(X))


@claim("下面每一层都带捷径，光靠`nn.Sequential`写不出来", "mxnet", "pytorch", "paddle")
@claim("下面每一层都带捷径，光靠`Sequential`写不出来", "tensorflow")
@claim("四层各有权重和偏置，八个参数张量一个不少")
def _(array, chain, dense_layers, fill, parameters, ready, Stack, X):
    block = ready(Stack(4), X)
    assert len(parameters(block)) == 8
    for one in parameters(block):
        fill(one, 0)
    assert (array(block(X)) == array(X)).all()  # only the short cuts are left
    assert (array(chain(*dense_layers(block))(X)) == 0).all()


@claim(
    "容器只会让数据从头流到尾。如果要用到不参与训练的常量，或者要根据数据决定算几遍，就得自己写前向传播"
)
def _(Base, chain, fill, FixedHiddenMLP, parameters, ready, trained_and_fixed, X):
    class Counting(Base):
        def forward(self, X):
            runs.append(self)
            return X

        call = forward

    class Halving(FixedHiddenMLP):
        def is_large(self, X):
            tests.append(X)
            return super().is_large(X)

    runs, tests, times = [], [], []
    blocks = [Counting() for _ in range(3)]
    net, block = ready(chain(*blocks), X), ready(Halving(), X)
    for one in parameters(block):
        fill(one, 0.1)
    for scale in (1, 1e3):
        runs.clear(), tests.clear()
        net(X * scale), block(X * scale)
        times.append(len(tests))
        assert runs == blocks
    assert times[0] + 5 < times[1] and len(trained_and_fixed(block)[1]) == 1


@claim(
    "`rand_weight`属于块的*状态*，却不是*参数*：保存块时要带着它，训练时却不能改动它",
    "$\\mathbf{x}$是输入，$\\mathbf{w}$是参数，训练会更新它，$c$则是*常量*，训练时不变",
    "下面的`FixedHiddenMLP`是专为讲解编出来的，`rand_weight`在里面起$c$的作用",
    "常量也要登记：它随块一起保存，但不参与训练",
)
def _(
    changed,
    descend,
    fill,
    FixedHiddenMLP,
    gradients,
    ready,
    save_and_load,
    scratch,
    trained_and_fixed,
    value,
    X,
):
    block, clone = (ready(FixedHiddenMLP(), X) for _ in range(2))
    before = value(block.rand_weight)
    fill(clone.rand_weight, 5)
    save_and_load(block, clone, f"{scratch}/w", X)
    assert (value(clone.rand_weight) == before).all()
    assert len(gradients(block, X)) == 2
    trained, (fixed,) = trained_and_fixed(block)
    assert fixed is block.rand_weight and len(trained) == 2
    train = lambda: descend(block, lambda: block(X), 1, rate=1.0)
    assert changed(value, [fixed, trained[1]], train) == [False, True]


@claim(
    "`get_constant`创建一个不求梯度的`Constant`，"
    "它和参数一同初始化、保存、读取，也一同搬到别的设备上",
    "mxnet",
)
def _(FixedHiddenMLP, nn, np, raises, ready, X):
    from mxnet import cpu, gluon

    made = nn.Block().params.get_constant("made", np.ones((2, 2)))
    assert type(made) is gluon.Constant and made.grad_req == "null"
    assert raises(RuntimeError, made.data)
    made.initialize()
    assert raises(RuntimeError, made.grad) and made.data().shape == (2, 2)
    block = ready(FixedHiddenMLP(), X)
    block.collect_params().reset_ctx(cpu(1))
    assert block.rand_weight.data().ctx == block.linear.weight.data().ctx == cpu(1)


@claim(
    "`register_buffer`登记的张量叫作缓冲（buffer），会进入`state_dict()`，"
    "也随`to()`一起搬到别的设备上",
    "pytorch",
    "paddle",
)
def _(Base, FixedHiddenMLP, tab, tensor):
    plain = Base()
    plain.register_buffer("kept", tensor([1]))
    assert list(plain.state_dict()) == [name for name, _ in plain.named_buffers()] == ["kept"]
    block = FixedHiddenMLP()
    assert "rand_weight" in block.state_dict()
    if tab == "pytorch":
        assert block.to("meta").rand_weight.device.type == "meta"
    else:  # without a GPU there is no second device, but `to` takes a type as well
        assert "float64" in str(block.to(dtype="float64").rand_weight.dtype)


@claim(
    "若写成`self.rand_weight = np.random.uniform(size=(20, 20))`，存下来的文件里就没有它，"
    "另一个实例装上参数后，输出也对不上",
    "mxnet",
)
@claim(
    "若写成`self.rand_weight = torch.rand(20, 20)`，`state_dict()`里就没有它，"
    "另一个实例装上参数后，输出也对不上",
    "pytorch",
)
@claim(
    "若写成`self.rand_weight = tf.random.uniform((20, 20))`，存下来的文件里就没有它，"
    "另一个实例装上权重后，输出也对不上",
    "tensorflow",
)
@claim(
    "若写成`self.rand_weight = paddle.rand([20, 20])`，它会成为不保存的缓冲："
    "`state_dict()`里没有它，另一个实例装上参数后，输出也对不上",
    "paddle",
)
@claim("`ForgetfulMLP`把`FixedHiddenMLP`的常量改成了普通属性")
def _(fill, FixedHiddenMLP, ForgetfulMLP, parameters, ready, reloads, tab, X):
    def positive(kind):
        block = ready(kind(), X)
        for one in (block.linear.bias, *parameters(block.linear)):
            fill(one, 0.1)  # so that the ReLU lets something through
        return block

    assert issubclass(ForgetfulMLP, FixedHiddenMLP)
    assert reloads(lambda: positive(FixedHiddenMLP), X)
    assert not reloads(lambda: positive(ForgetfulMLP), X)
    block = positive(ForgetfulMLP)
    assert len(parameters(block)) == 2 and block.rand_weight.shape[0] == 20
    if tab in ("pytorch", "paddle"):
        assert "rand_weight" not in block.state_dict()
    if tab == "paddle":
        assert [name for name, _ in block.named_buffers()] == ["rand_weight"]


@claim(
    "循环把输出反复减半，直到$L_1$范数（各元素绝对值之和）不超过1",
    "`is_large`里的上限不能省：无穷大减半以后还是无穷大，没有上限，条件就可能一直成立",
    "如果范数是NaN，它与任何数比大小都不成立，循环立即结束",
)
def _(array, fill, FixedHiddenMLP, parameters, ready, X):
    block = ready(FixedHiddenMLP(), X)
    for one in parameters(block):
        fill(one, 0.1)
    halved = array(block(X))
    block.is_large = lambda X: type(block).is_large(block, X * float("nan"))
    whole = array(block(X))
    assert 0.5 < halved <= 1 and whole > 1  # all that is summed is positive
    assert float(numpy.log2(whole / halved)).is_integer()
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
    "这里没有用Python的`while`。第一次调用`Sequential`时，"
    "Keras要先用只有形状、没有数值的符号张量走一遍`call`，推断输出的形状；"
    "Python的`while`和`if`必须立刻知道条件是真是假，符号张量给不出，于是报错",
    "`tf.while_loop`把条件和循环体作为函数交给TensorFlow，有了数值再决定循环几次；"
    "`tf.cond`同样代替`if`",
    "tensorflow",
)
def _(array, chain, fill, FixedHiddenMLP, parameters, raises, ready, tf, X):
    class Probe(tf.keras.layers.Layer):
        def call(self, X):
            seen.append(X)
            return X[:, :3]

    seen, net = [], chain(Probe())
    net(X), net(X)
    assert [hasattr(one, "numpy") for one in seen] == [False, True, True]
    assert seen[0].shape == X.shape and net.output_shape == (2, 3)
    block = FixedHiddenMLP()
    chain(block)(X)
    for one in parameters(block):
        fill(one, 0.1)
    traced = tf.function(block)
    for scale in (1e-6, 1, 1e3):
        assert abs(traced(X * scale) - block(X * scale)) < 1e-6 and abs(block(X * scale)) <= 1
    assert traced.experimental_get_tracing_count() == 1
    assert "while" not in inspect.getsource(FixedHiddenMLP.call).replace("tf.while_loop", "")

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
    "`while`的条件是只有一个元素的张量，Python会像`item()`那样取出其中的值，"
    "判断是真是假，`if`也是这样；张量若有多个元素，就说不清真假，于是报错",
    mxnet=ValueError,
    pytorch=RuntimeError,
    paddle=AssertionError,
)
def _(array, Base, FixedHiddenMLP, given, raises, X):
    assert array(FixedHiddenMLP().is_large(X)).shape == ()

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
    "用XLA（把计算图变成机器码的编译器）编译训练过程时，循环的次数要有事先知道的上限，"
    "`FixedHiddenMLP`里的`maximum_iterations`就是为此写的",
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

    @tf.function(jit_compile=True)
    def without_training():
        return tf.while_loop(lambda Y: tf.reduce_sum(Y) > 1, lambda Y: (Y / 2,), (X,))

    assert raises(tf.errors.InvalidArgumentError, without_limit)
    assert tf.reduce_sum(without_training()[0]) <= 1


@claim("输出是一个标量，变成Python的数、四舍五入以后再显示")
def _(array, FixedHiddenMLP, notebook, ready, X):
    _, shown = cell(notebook, "net = FixedHiddenMLP()")
    assert array(ready(FixedHiddenMLP(), X)(X)).shape == ()
    assert type(shown) is float and shown == round(shown, 3)


@claim(
    "第一个列表里的会被训练，第二个列表里的不会",
    "这个块能不能训练，还要看梯度能不能穿过循环流回`linear`",
    "梯度不是零：循环没有挡住它，这个块可以训练",
    "前向传播里可以重复使用一个层，也可以按数据决定循环几次，梯度照样能传回来",
)
def _(
    changed,
    constant,
    descend,
    differentiate,
    equal,
    fill,
    FixedHiddenMLP,
    notebook,
    parameters,
    ready,
    trainable,
    trained_and_fixed,
    value,
    X,
):
    assert len(trainable) == 2 and len(constant) == 1 and constant[0].endswith("rand_weight")
    assert cell(notebook, "net.linear.")[1] > 0
    block = ready(FixedHiddenMLP(), X)
    for one in parameters(block):
        fill(one, 0.1)
    trained = trained_and_fixed(block)[0]
    Y, _, grads = differentiate(block, X, 1, trained)
    train = lambda: descend(block, lambda: block(X), 1, rate=0.01)
    assert all(abs(grad).min() > 0 for grad in grads)
    block.is_large = lambda X: type(block).is_large(block, X * float("nan"))
    whole, _, others = differentiate(block, X, 1, trained)
    times = float(whole / Y)
    assert times >= 2  # the loop halved it
    for one, other in zip(grads, others, strict=True):
        assert numpy.allclose(one * times, other, rtol=1e-4)
    del block.is_large
    assert changed(value, trained, train) == [True, True]


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


@claim(
    "`chimera`（希腊神话里狮头、羊身、蛇尾的怪物）把来路不同的块拼在一起："
    "嵌套的`NestMLP`，框架自带的层，还有带循环的`FixedHiddenMLP`。看数据能不能一路走到底",
    "容器并不关心里面的块出自谁手，只要每个块都接收输入、给出输出，前后的形状对得上",
)
def _(
    array,
    chain,
    chained,
    chimera,
    dense,
    FixedHiddenMLP,
    Linear,
    MySequential,
    NestMLP,
    parameters,
    raises,
    ready,
    reloads,
    Residual,
    X,
):
    assert [type(one) for one in chained(chimera)] == [NestMLP, Linear, FixedHiddenMLP]
    assert array(ready(chain(NestMLP(), Residual(16)), X)(X)).shape == (2, 16)
    assert raises(Exception, lambda: ready(chain(NestMLP(), Residual(7)), X))
    assert reloads(lambda: MySequential(NestMLP(), dense(16, 20), FixedHiddenMLP()), X)
    assert len(parameters(chimera)) in (10, 11)
    assert array(chimera(X)).shape == ()


@claim(
    "所有的块都是一个样子，所以几行递归就能走遍整个模型",
    "每行是一个块：名字、类、参数量（标量总数，里面的块也算在内）",
    "ReLU那几行是0：有的块没有参数",
    "最后一行`FixedHiddenMLP`的参数全在`linear`里，那400个常量不算参数",
)
def _(chimera, count, data, FixedHiddenMLP, outline, parameters, tree, value, X, ready):
    def sizes(node):
        return count(node), [sizes(child) for child in node["children"]]

    def nodes(node):
        return [node, *(one for child in node["children"] for one in nodes(child))]

    rows = [re.fullmatch(r" *(\w+): (\w+), (\d+)", line).groups() for line in outline(data)]
    assert rows == [(one["name"], one["kind"], str(count(one))) for one in nodes(data)]
    assert data["kind"] == type(chimera).__name__
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
    "它与前面的块只差一处：主干之外还有一条*捷径*，把输入原样带到末尾，与主干的输出相加",
    "主干要学的，是相加的结果与输入之差，也就是残差",
    "图里的主干是两个全连接层，写成代码，与`MLP`相比只多了加号和最后的ReLU",
    "加号处的梯度还会沿捷径原样流回单元的输入，不经过主干的权重",
    "残差单元把输入加到主干的输出上，梯度沿捷径流回去，不经过主干的权重",
)
def _(
    array,
    bias_of,
    dense_layers,
    differentiate,
    equal,
    fill,
    kernel,
    MLP,
    parameters,
    ready,
    Residual,
    value,
    X,
):
    def trunk(block):
        first, last = dense_layers(block)
        H = numpy.maximum(array(X) @ kernel(first) + bias_of(first), 0)
        return H @ kernel(last) + bias_of(last)

    block, plain = ready(Residual(20), X), ready(MLP(), X)
    assert numpy.allclose(array(plain(X)), trunk(plain), atol=1e-5)
    added = numpy.maximum(trunk(block) + array(X), 0)
    assert numpy.allclose(array(block(X)), added, atol=1e-5)
    fill(parameters(block)[3], 9)  # the last ReLU lets all of it through
    assert numpy.allclose(array(block(X)) - array(X), trunk(block), atol=1e-4)
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


@claim(
    "把单元首尾相连，前面加一层把坐标变宽，后面加一层给出分数",
    "`spiral_net`的输入是平面上的点，输出三列分数，哪一列最大，点就归哪一类",
    "这个网络的参数量是4419",
)
def _(array, chained, d2l, kernel, Linear, net, parameters, points, Residual, spiral_net, value):
    first, _, *units, last = chained(ready_net := spiral_net())
    array(ready_net(points))
    assert [type(one) for one in units] == [Residual] * 2
    assert kernel(first).shape == (2, 32) and kernel(last).shape == (32, 3)
    scores = array(net(points))
    assert array(points).shape == (300, 2)
    assert scores.shape == (300, 3)
    assert (scores.argmax(1) == d2l.classify(net, points)).all()
    assert sum(value(one).size for one in parameters(net)) == 4419


@claim("它要分的数据是平面上的三条旋臂，由`d2l.spirals`生成")
@claim("底色是没有训练的网络给出的类别，与旋臂对不上")
def _(array, d2l, equal, labels, net, points):
    assert all(map(equal, d2l.spirals(), (points, labels)))
    for arm in range(3):
        x, y = array(points)[array(labels) == arm].T
        turn = numpy.unwrap(numpy.arctan2(y, x))
        assert (numpy.diff(numpy.hypot(x, y)) > 0).all() and turn[-1] - turn[0] > numpy.pi
    assert d2l.accuracy(net, points, labels) < 0.7


@claim(
    "这里写明了每层的输入数，参数才能在`initialize`时当场生成",
    "`prefix`和`name_scope`让参数的名字从`spiral_`开始编号，重新运行也不变",
    "mxnet",
)
def _(names, nn, raises, spiral_net, value):
    from mxnet.gluon.parameter import DeferredInitializationError

    net, later = spiral_net(), nn.Dense(3)
    later.initialize()
    assert value(net[0].weight).shape == (32, 2)
    assert raises(DeferredInitializationError, later.weight.data)
    assert names(net) == names(spiral_net())
    assert all(name.startswith("spiral_") for name in names(net))
    for prefix, scope, wanted in (("mine_", False, 0), ("mine_", True, 2), (None, True, 0)):
        block = nn.Sequential(prefix=prefix)
        if scope:
            with block.name_scope():
                block.add(nn.Dense(3))
        else:
            block.add(nn.Dense(3))
        assert sum(name.startswith("mine_") for name in names(block)) == wanted


@claim(
    "`Input`写明了输入有两列，参数当场生成，不必等到第一次调用",
    "给每层起了名，参数的路径重新运行也不变",
    "tensorflow",
)
def _(chain, dense, names, spiral_net):
    assert spiral_net().input_shape == (None, 2) and chain(dense(2, 3)).weights == []
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


@claim(
    "用Python写块很方便，但每一步运算都要先经过解释器：查找属性、调用函数、挑选算子，"
    "然后才轮到真正的计算"
)
def _(all_at_once, integers, layer_and_rows, tensor):
    forward = lambda self, X: self.hidden(X)
    steps = [one.opname for one in dis.get_instructions(forward)]
    looked_up = next(at for at, one in enumerate(steps) if re.search("ATTR|METHOD", one))
    assert looked_up < next(at for at, one in enumerate(steps) if one.startswith("CALL"))
    layer, rows = layer_and_rows(16, 1)
    all_at_once(layer, rows)
    events = []
    sys.setprofile(lambda frame, event, what: events.append(event))
    all_at_once(layer, rows)
    sys.setprofile(None)
    # functions in Python, and only inside of them what computes
    assert events.count("call") > 2 and "c_call" in events[events.index("call") :]
    # the same line takes another operator for other types
    doubled = [str((one + one).dtype) for one in (tensor([1]), integers([1]))]
    assert "float" in doubled[0] and "int" in doubled[1]


@claim(
    "拿一个宽度为$w$的全连接层处理同一批数据，`one_by_one`一行一行地算，`all_at_once`一次算完",
    "一处是固定开销：`one_by_one`每行付一次，`all_at_once`只付一次",
)
def _(all_at_once, array, kernel, layer_and_rows, one_by_one, ready):
    def counted(rows):
        calls.append(array(rows).shape)
        return layer(rows)

    calls, (layer, rows) = [], layer_and_rows(16, 8)
    assert kernel(ready(layer, rows)).shape == (16, 16)
    one_by_one(counted, rows)
    assert calls == [(1, 16)] * 8
    calls.clear()
    all_at_once(counted, rows)
    assert calls == [(8, 16)]


@claim("两者算的是同一件事，除了舍入，结果相同")
def _(all_at_once, array, layer_and_rows, one_by_one):
    for width in (16, 128, 1024):
        layer, rows = layer_and_rows(width, 8)
        apart, together = (array(run(layer, rows)) for run in (one_by_one, all_at_once))
        assert apart.shape == together.shape == (8, width)
        assert abs(apart - together).max() < 1e-3 and abs(together).max() > 0.01


@claim(
    "同样的计算，行数越多，逐行做比一次做完慢得越多",
    "比值先随行数增大",
    "从左到右，层越来越宽；两轴都是对数刻度",
    "左图的层窄，计算本身几乎不花时间，逐行的用时差不多全是开销",
    "右图的层宽，把左图那么多的开销扣掉，逐行计算仍然慢得多",
    "运算经过Python有固定的开销，大的矩阵乘法又更能发挥硬件，所以能一次算完的，不要逐个去算",
)
def _(all_at_once, d2l, layer_and_rows, nums_rows, one_by_one, times, widths):
    assert (widths, nums_rows) == ((16, 128, 1024), (1, 4, 16, 64)) and list(times) == [*widths]
    for apart, together in times.values():  # what is drawn
        assert len(apart) == len(together) == 4 and min(*apart, *together) > 0

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
unchecked(
    "在GPU上，第一处更要紧。GPU算得快，运算又小的话，Python来不及交给它下一个，它就只好空等",
    "the test machine has no GPU that could wait",
)


@claim(
    "编译先把前向传播记录成一张计算图（有哪些运算、谁的输出是谁的输入），以后直接执行这张图",
    "mxnet",
)
def _(equal, nn, X):
    import json

    class Halved(nn.HybridBlock):
        def hybrid_forward(self, F, X):
            runs.append(X)
            return F.npx.relu(X / 2)

    runs, block = [], Halved()
    block.hybridize()
    assert equal(block(X), X / 2) and equal(block(X), X / 2) and len(runs) == 1
    nodes = json.loads(block._cached_graph[1].tojson())["nodes"]
    assert [node["op"] for node in nodes] == ["null", "_npi_true_divide_scalar", "_npx_relu"]
    assert [[at for at, *_ in node["inputs"]] for node in nodes] == [[], [0], [1]]


@also("pytorch")
def _(equal, MLP, torch, X):
    def backend(graph, inputs):
        graphs.append(graph.graph)
        return lambda *given: runs.append(1) or graph(*given)

    plain, graphs, runs = MLP(), [], []
    compiled = torch.compile(plain, backend=backend)
    assert equal(compiled(X), plain(X)) and equal(compiled(X), plain(X))
    assert len(graphs) == 1 and len(runs) == 2
    first, relu, last = [one for one in graphs[0].nodes if one.op == "call_function"]
    assert (relu.args[0], last.args[0]) == (first, relu)


@also("tensorflow")
def _(MLP, ready, tf, X):
    graph = tf.function(ready(MLP(), X)).get_concrete_function(X).graph
    kinds = ["MatMul", "BiasAdd", "Relu", "MatMul", "BiasAdd"]
    steps = [one for one in graph.get_operations() if one.type in kinds]
    assert [one.type for one in steps] == kinds
    assert all(later.inputs[0].op is one for one, later in pairwise(steps))


@also("paddle")
def _(MLP, paddle, X):
    static = paddle.jit.to_static(MLP(), full_graph=True)
    static(X)
    kinds = ["pd_op.matmul", "pd_op.add", "pd_op.relu", "pd_op.matmul", "pd_op.add"]
    graph = static.forward.concrete_program.main_program.global_block()
    steps = [one for one in graph.ops if one.name() in kinds]
    assert [one.name() for one in steps] == kinds
    for one, later in pairwise(steps):
        assert later.operands_source()[0].get_defining_op() == one


@claim(
    "在MXNet里，要把基类换成`nn.HybridBlock`，前向传播改写成`hybrid_forward`，再调用`net.hybridize()`",
    "第一次调用时，MXNet用符号走一遍`hybrid_forward`，记下整张图，以后就不再运行这段Python代码了",
    "代价是其中不能有由数据决定的Python循环：`FixedHiddenMLP`那样的`while`会报错",
    "mxnet",
)
def _(nn, raises, X):
    from mxnet import sym
    from mxnet.base import NotImplementedForSymbol

    class Halved(nn.HybridBlock):
        def hybrid_forward(self, F, X):
            runs.append(X)
            return X / 2

    class Plain(nn.Block):
        def forward(self, X):
            runs.append(X)
            return X / 2

    class Loop(nn.HybridBlock):
        def hybrid_forward(self, F, X):
            while F.np.abs(X).sum() > 1:
                X = X / 2
            return X

    runs, block, plain, loop = [], Halved(), Plain(), Loop()
    block(X), block(X)
    assert len(runs) == 2
    runs.clear()
    block.hybridize()
    assert runs == []
    for _ in range(3):
        block(X)
    assert len(runs) == 1 and isinstance(runs[0], sym.Symbol)
    plain.hybridize()
    plain(X), plain(X)
    assert len(runs) == 3
    loop(X)
    loop.hybridize()
    assert raises(NotImplementedForSymbol, lambda: loop(X))


@claim(
    "在PyTorch里，`torch.compile(net)`返回编译后的模块。"
    "第一次调用时，它把前向传播中的张量运算收进一张图",
    "图会在那里断开，判断条件仍由Python执行，结果不受影响",
    "pytorch",
)
def _(FixedHiddenMLP, MLP, nn, raises, X):
    import torch._dynamo

    def backend(graph, inputs):
        graphs.append(graph.graph)
        return graph

    torch._dynamo.reset()  # a second try would take the graphs of the first
    block, plain, graphs = FixedHiddenMLP(), MLP(), []
    compiled = torch.compile(plain, backend=backend)
    assert isinstance(compiled, nn.Module) and graphs == []
    compiled(X)
    assert len(graphs) == 1
    # where the count of breaks differs between Pythons, one graph never does
    whole = dict(backend="eager", fullgraph=True)
    assert raises(torch._dynamo.exc.Unsupported, lambda: torch.compile(block, **whole)(X))
    assert torch.allclose(torch.compile(plain, **whole)(X), plain(X))
    # this backend stops after the capture and needs no C++ compiler
    assert torch.allclose(torch.compile(block, backend="eager")(X), block(X))


unchecked(
    "默认的后端再把图变成融合后的代码（在CPU上要用到C++编译器）",
    "the test machine need not have a compiler, nor lack one",
)


@claim(
    "在TensorFlow里，`tf.function(net)`返回编译后的函数。第一次调用时，它走一遍`call`，记下整张图；"
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
    "在PaddlePaddle里，`paddle.jit.to_static(net, full_graph=True)`把前向传播转换成一张静态图，"
    "以后就不再运行这段Python代码",
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
@claim(
    "登记尤其不能马虎，因为框架取参数、存参数时只认登记过的块",
    "框架只认登记过的子块：登记过的，参数才取得到、存得下",
    "下面的`HiddenSequential`照题目的要求改写，数出来的参数张量是0个，而登记过的`MySequential`有4个",
    "前向传播照常能算，所以毛病不会自己暴露出来，直到训练时优化器没有参数可更新，"
    "或者存下来的文件里什么也没有",
)
@claim("藏在`lambda`后面的层就找不到了", "tensorflow")
def _(
    changed,
    chain,
    dense,
    descend,
    equal,
    initialize,
    mean,
    MySequential,
    parameters,
    ready,
    reloads,
    silent,
    value,
    X,
):
    class Hidden(MySequential):
        def add(self, block):
            hidden = getattr(self, "get_blocks", list)() + [initialize(block)]
            self.get_blocks = lambda: hidden

        def forward(self, X):
            for block in self.get_blocks():
                X = block(X)
            return X

        call = forward

    def train():
        with suppress(TypeError, ValueError, IndexError):  # what some optimizers say to nothing
            descend(block, lambda: mean(block(X)), 1, 0.1)

    blocks = [dense(20, 3), dense(3, 2)]
    block = Hidden(*blocks)
    Y = silent(lambda: block(X))
    assert Y.shape[-1] == 2 and parameters(block) == []
    hidden = [one for layer in blocks for one in parameters(layer)]
    assert len(hidden) == 4 and changed(value, hidden, train) == [False] * 4
    make = lambda kind: lambda: kind(dense(20, 3), dense(3, 2))
    assert not reloads(make(Hidden), X) and reloads(make(MySequential), X)
    assert len(parameters(ready(make(MySequential)(), X))) == 4
    assert equal(Y, chain(*blocks)(X))


@claim("最后一项职责是分清训练模式与评估模式：暂退法、批量规范化这样的层，在两种模式下算得不一样")
def _(array, dropout, tensor):
    ones = tensor([[1.0] * 100])
    assert set(array(dropout(ones)).flat) != {1.0}


@claim("# 常量：保存时跟着块走，训练时不变", "tensorflow")
def _(FixedHiddenMLP, tf):
    assert not hasattr(FixedHiddenMLP(), "to") and not hasattr(tf.keras.Model, "to")


@claim("# 常量：保存和搬动时跟着块走，训练时不变", mxnet="reset_ctx", pytorch="to", paddle="to")
def _(FixedHiddenMLP, given):
    block = FixedHiddenMLP()
    assert hasattr(block.collect_params() if given == "reset_ctx" else block, given)


@claim(
    "MXNet和TensorFlow里写`use_bias=False`，PyTorch里写`bias=False`，PaddlePaddle里写`bias_attr=False`",
    mxnet={"use_bias": False},
    tensorflow={"use_bias": False},
    pytorch={"bias": False},
    paddle={"bias_attr": False},
)
def _(given, Linear, parameters, ready, tab, X):
    sizes = (3,) if tab in ("mxnet", "tensorflow") else (20, 3)
    assert len(parameters(ready(Linear(*sizes, **given), X))) == 1


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
    "给属性赋值时，`nn.Block`认出`self.hidden`是一个块，把它登记为子块，"
    "`initialize`、`collect_params`和`save_parameters`都靠这份登记找到参数",
    "mxnet",
)
def _(names, nn, npx, raises, scratch, X):
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
    assert raises(RuntimeError, lambda: block.secret[0](X))  # nobody initialised it
    block.save_parameters(f"{scratch}/w")
    assert set(npx.load(f"{scratch}/w")) == {"hidden.weight", "hidden.bias"}


# 练习
@claim("把`raise NotImplementedError`换成你的代码，再运行那个单元格，`d2l.check`会说出第一处不同")
def _(d2l):
    def cases(double):
        yield "1的两倍", double(1), 2
        yield "2的两倍", double(2), 4
        yield "3的两倍", double(3), 6

    def lacking(x):
        raise NotImplementedError

    assert d2l.check(lacking, cases) == "还没有写"
    assert d2l.check(lambda x: x * 2, cases) == "正确"
    assert d2l.check(lambda x: x**2 if x > 1 else 2, cases) == "3的两倍：应为6，你的是9"
    assert d2l.check(lambda x: x + 5, cases) == "1的两倍：应为2，你的是6"


@claim("除了TensorFlow，框架都找不到：普通的列表不会被登记")
def _(Base, dense, parameters, ready, tab, X):
    class Listed(Base):
        def __init__(self):
            super().__init__()
            self.stack = [dense(20, 3)]

        def forward(self, X):
            return X

        call = forward

    block = Listed()
    if tab == "tensorflow":
        block.stack[0](X)
    assert len(parameters(ready(block, X))) == (2 if tab == "tensorflow" else 0)


@claim("Keras跟踪列表，却看不进一个函数的内部，所以藏在`lambda`后面的层就找不到了", "tensorflow")
def _(dense, tf, X):
    class Layers(tf.keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.seen, unseen = [dense(20, 3)], dense(20, 3)
            self.get_unseen = lambda: unseen

        def call(self, X):
            return self.seen[0](X) + self.get_unseen()(X)

    block = Layers()
    block(X)
    assert [id(one) for one in block.weights] == [id(one) for one in block.seen[0].weights]
    assert len(block.get_unseen().weights) == 2


@claim("MXNet至少给一次警告：调用`collect_params`时它发现列表里有没登记的块", "mxnet")
def _(nn, silent, warned):
    class Listed(nn.Block):
        def __init__(self):
            super().__init__()
            self.stack = [nn.Dense(3)]

    block = silent(Listed)
    assert "unregistered" in " ".join(warned(block.collect_params))


@claim(
    "实现`Parallel(net1, net2)`，把两个网络对同一输入的输出沿最后一维拼接起来",
    "拼接的函数有一个参数指定沿哪一维，最后一维可以写成-1",
    "拼接沿最后一维，写成-1，对几维的输入都成立",
    "常见的错误是沿第二维拼接。输入是二维时，第二维恰好就是最后一维，看不出错；"
    "检查用的是三维的输入，会说`3列拼3列：形状应为(2, 4, 6)，你的是(2, 8, 3)`",
)
def _(array, Base, concatenate, d2l, dense, equal, parallel_cases, ready, relu, tensor, X):
    def along(axis):
        class Parallel(Base):
            def __init__(self, net1, net2):
                super().__init__()
                self.net1, self.net2 = net1, net2

            def forward(self, X):
                return concatenate([self.net1(X), self.net2(X)], axis)

            call = forward

        return Parallel

    said = "3列拼3列：形状应为(2, 4, 6)，你的是(2, 8, 3)"
    assert d2l.check(along(-1), parallel_cases) == "正确"
    assert d2l.check(along(1), parallel_cases) == said
    nets = dense(20, 3), dense(20, 4)
    last, second = (ready(along(axis)(*nets), X) for axis in (-1, 1))
    assert equal(last(X), second(X)) and array(last(X)).shape == (2, 7)
    both = along(-1)(relu(), relu())
    for rest in ((), (3,), (3, 4), (3, 4, 5)):
        assert array(both(tensor(numpy.ones((*rest, 2))))).shape == (*rest, 4)


@claim(
    "实现`make_chain(make_block, n)`，调用`n`次工厂函数`make_block`，返回由`n`个独立实例连成的网络",
    "列表推导式每一轮都重新调用`make_block`，所以得到`n`个独立的实例，"
    "再用星号拆开，交给`MySequential`登记",
    "`[block] * n`不满足要求：它只把同一个实例的引用抄了`n`遍，`n`个位置共用一份参数，"
    "改动一处，处处都变。检查会说`n=3时造出的实例的个数：应为3，你的是1`",
)
def _(d2l, dense, fill, layers_of, make_chain_cases, MySequential, parameters, ready, value, X):
    apart = lambda make_block, n: MySequential(*[make_block() for _ in range(n)])
    copied = lambda make_block, n: MySequential(*[make_block()] * n)
    said = "n=3时造出的实例的个数：应为3，你的是1"
    assert d2l.check(apart, make_chain_cases) == "正确"
    assert d2l.check(copied, make_chain_cases) == said
    for make_chain, wanted in ((apart, 3), (copied, 1)):
        made = []
        make_block = lambda made=made: made.append(dense(20, 20)) or made[-1]
        block = ready(make_chain(make_block, 3), X)
        assert len(made) == wanted and len(parameters(block)) == 2 * wanted
        fill(parameters(made[0])[0], 7)
        same = [(value(parameters(one)[0]) == 7).all() for one in made]
        assert same == [True, False, False][:wanted] and set(layers_of(block)) == set(made)


@claim(
    "写一个函数`survives(make_block)`来发现这个毛病：用`make_block`造一个实例，保存它的参数，"
    "装进另一个新造的实例，返回两者对`X`的输出是否相等。"
    "要求：对`ForgetfulMLP`返回`False`，对本节的版本返回`True`",
    "要两个实例：一个保存，一个读取",
    "造两个实例，保存一个，装进另一个，再比较输出",
    "常见的错误是只造一个实例，把存下的参数装回它自己：输出当然相等，什么也没有检查。"
    "检查会说`改坏的版本：应为False，你的是True`",
)
def _(d2l, ready, same_after, save_and_load, survives_cases, X):
    def survives(make_block):
        old, new = (ready(make_block(), X) for _ in range(2))
        return same_after(save_and_load, old, new, X)

    def always_survives(make_block):
        block = ready(make_block(), X)
        return same_after(save_and_load, block, block, X)

    said = "改坏的版本：应为False，你的是True"
    assert d2l.check(survives, survives_cases) == "正确"
    assert d2l.check(always_survives, survives_cases) == said


@claim(
    "如果框架要等第一次调用才生成参数，读取之前先让另一个实例也算一次`X`。"
    "TensorFlow的`Layer`没有`save_weights`，先把它放进`Sequential`",
    "tensorflow",
    elsewhere="it speaks of TensorFlow, and where parameters are there at once, of nothing",
)
def _(chain, equal, FixedHiddenMLP, raises, scratch, tf, X):
    assert not hasattr(tf.keras.layers.Layer, "save_weights")
    old, new = chain(FixedHiddenMLP()), chain(FixedHiddenMLP())
    old(X)
    old.save_weights(f"{scratch}/w.weights.h5")
    load = lambda: new.load_weights(f"{scratch}/w.weights.h5")
    assert raises(ValueError, load)
    new(X)
    load()
    assert equal(old(X), new(X))


@claim(
    "`Residual`要求输入和输出一样宽",
    "实现`WideResidual(num_inputs, num_outputs)`：主干是两个全连接层，"
    "宽度从`num_inputs`变到`num_outputs`再保持不变，中间用ReLU激活；"
    "捷径也乘一个矩阵，把宽度变成`num_outputs`，不加偏置；相加之后再经过ReLU",
    "三个层依次叫`linear1`、`linear2`和`shortcut`",
    "主干改变了宽度，捷径也得改变，两边才能相加",
    "捷径上的矩阵不加偏置，因为主干的第二层已经有偏置，相加以后两个偏置分不出彼此",
    "偏置的初始值可能是零，输出就看不出差别，参数量却多了：检查会说`参数量：应为343，你的是350`",
    mxnet="use_bias",
    pytorch="bias",
    tensorflow="use_bias",
    paddle="bias_attr",
)
def _(
    array,
    Base,
    chain,
    d2l,
    dense,
    fill,
    given,
    Linear,
    parameters,
    raises,
    ready,
    relu,
    Residual,
    tab,
    value,
    wide_residual_cases,
    X,
):
    def make(n_in, n_out, bias):
        if bias:
            return dense(n_in, n_out)
        sizes = (n_in, n_out) if tab in ("pytorch", "paddle") else (n_out,)
        more = {"in_units": n_in} if tab == "mxnet" else {}
        return Linear(*sizes, **{given: False}, **more)

    def wide(bias):
        class WideResidual(Base):
            def __init__(self, n_in, n_out):
                super().__init__()
                self.linear1, self.linear2 = dense(n_in, n_out), dense(n_out, n_out)
                self.shortcut, self.relu = make(n_in, n_out, bias), relu()

            def forward(self, X):
                H = self.linear2(self.relu(self.linear1(X)))
                return self.relu(H + self.shortcut(X))

            call = forward

        return WideResidual

    assert raises(Exception, lambda: ready(Residual(7), X))
    assert raises(Exception, lambda: ready(dense(20, 7), X)(X) + X)
    assert d2l.check(wide(False), wide_residual_cases) == "正确"
    said = "参数量：应为343，你的是350"
    assert d2l.check(wide(True), wide_residual_cases) == said
    block = ready(wide(True)(20, 7), X)
    fill(block.shortcut.bias, 0)
    before = [array(block(X))]
    for shift in (0.25, 1):
        fill(block.linear2.bias, shift)
        fill(block.shortcut.bias, 1 - shift)
        before.append(array(block(X)))
    assert numpy.allclose(before[1], before[2], atol=1e-6)
    assert not numpy.allclose(before[0], before[1], atol=1e-3)


for told in (
    "后来不再增大",
    "分母起初几乎不变，因为行数少的时候，时间主要花在固定开销和取权重上，多算几行不用多花多少；"
    "行数多到处理器满负荷以后，分母也与行数成正比，"
    "比值就停在“一行单独算的用时”与“成批时平均一行的用时”之比上",
):
    unchecked(told, "other programs disturb a processor that is full too much to time it")
