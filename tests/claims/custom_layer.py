"""What chapter_computation/custom-layer.md claims."""

import json
import os
import zipfile
from fractions import Fraction

import numpy

from claims import Claims

SECTION = "chapter_computation/custom-layer.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked

#: What the layer makes of 1 to 4, with a mean that is cut off to 2 and with the right one.
WHOLE, HALVES = "[-1, 0, 1, 2]", "[-1.5, -0.5, 0.5, 1.5]"


@claim(
    "块大多由现成的层拼成",
    "框架会像对待自带的层那样，替它求梯度、更新参数、保存和读取",
    "自己写的层可以和自带的层连成网络",
    "所以每写一个层，都要检查它是否真的做到了",
    "参数登记好了，放进容器就能保存和读取，读回来的网络给出相同的输出",
)
def _(Base, built, CenteredLayer, chain, dense, equal, layer, moved, reloads, X):
    for one in (CenteredLayer(), layer):
        assert isinstance(one, Base) and isinstance(chain(one), Base)
        block = chain(chain(one), CenteredLayer())
        assert equal(block(X), CenteredLayer()(one(X)))

    own = lambda: built(type(layer), 5, 100)
    for make, num_parameters in (
        (lambda: chain(own()), 2),
        (lambda: chain(dense(5, 100)), 2),
        (lambda: chain(own(), dense(100, 1)), 4),
    ):
        assert moved(make(), X) == [True] * num_parameters
        assert reloads(make, X)


@claim("却没有现成的层，这一节就从张量运算写起，连参数也自己创建")
def _(Base, CenteredLayer, layer, layers_of, norms, notebook, tab):
    for one in (CenteredLayer(), layer, norms[0]):
        assert isinstance(one, Base) and list(layers_of(one)) == []
        assert type(one).__module__ == "__main__"
    ready_made = notebook["tf"].keras.layers if tab == "tensorflow" else notebook["nn"]
    assert not [name for name in dir(ready_made) if "centered" in name.lower()]


# 不带参数的层
@claim(
    "不带参数的运算，写成普通的函数也能用，写成层是为了放进容器，和别的层排在一起",
    "从输入的每个元素里减去全体元素的均值，使输出以0为中心",
    "它没有参数，所以连构造函数也不用写",
    "均值取自整个输入，一个样本的输出会受同批的其他样本影响",
    "不带参数的层只要写前向传播，写好就能放进容器",
)
def _(array, CenteredLayer, chain, dense, mean, parameters, ready, tensor, X):
    layer, numbers = CenteredLayer(), array(X)
    centered = array(layer(X))
    assert (array(X - mean(X)) == centered).all()
    assert numpy.allclose(centered, numbers - numbers.mean(), atol=1e-6)
    assert parameters(ready(layer, X)) == []
    together, alone = (array(layer(tensor(rows))) for rows in ([[1, 2], [10, 20]], [[1, 2]]))
    assert alone.tolist() == [[-0.5, 0.5]] and not numpy.allclose(together[:1], alone)
    methods = [name for name, it in vars(CenteredLayer).items() if callable(it)]
    assert methods in (["forward"], ["call"])
    block = ready(chain(dense(5, 8), layer, dense(8, 2)), X)
    assert array(block(X)).shape == (2, 2)


@claim(
    "这里的基类是`Layer`，不是`Model`。`Model`多出来的是训练、保存整个模型等方法，一个层用不上",
    "tensorflow",
)
def _(CenteredLayer, MyDense, tf):
    for kind in (CenteredLayer, MyDense):
        assert kind.__bases__ == (tf.keras.layers.Layer,)
        assert not issubclass(kind, tf.keras.Model)
    for name in ("fit", "save"):
        assert hasattr(tf.keras.Model, name)
        assert not hasattr(tf.keras.layers.Layer, name)


@claim(
    "拿1到5试一试",
    "前面的1到5特意写成了浮点数。如果换成整数1到4，均值是2.5，整数类型存不下",
)
def _(array, cast, CenteredLayer, integers, mean, tensor):
    numbers = tensor([1, 2, 3, 4, 5])
    assert array(mean(numbers)) == 3
    assert array(CenteredLayer()(numbers)).tolist() == [-2, -1, 0, 1, 2]
    exact, kind = mean(tensor([1, 2, 3, 4])), array(integers([1, 2, 3, 4])).dtype
    assert array(exact) == 2.5 and kind.kind == "i"
    assert array(cast(exact, str(kind))) == 2


@claim(
    "没有报错，结果却错了：整数的均值仍是整数，2.5被截成2，输出也就不以0为中心",
    tensorflow=WHOLE,
    paddle=WHOLE,
)
@claim(
    "不论哪种写法，都要想清楚它接受什么样的输入",
    "同一行公式，换一种输入的类型，各个框架的答案就可能不同",
    mxnet=HALVES,
    pytorch="RuntimeError",
    tensorflow=WHOLE,
    paddle=WHOLE,
)
def _(array, CenteredLayer, given, integers, mean, raises, tensor):
    for way in (CenteredLayer(), lambda X: X - mean(X)):
        answer = lambda X: str(array(way(X)).tolist())
        whole = integers([1, 2, 3, 4])
        if given == "RuntimeError":
            assert raises(RuntimeError, lambda: answer(whole))
        else:
            assert answer(whole) == given
        assert answer(tensor([1, 2, 3, 4])) == HALVES


@claim("先用`X.float()`转换", pytorch="X.float()")
@claim("先用`tf.cast(X, tf.float32)`转换", tensorflow="tf.cast(X, tf.float32)")
@claim("先用`X.astype('float32')`转换", paddle="X.astype('float32')")
def _(array, CenteredLayer, given, integers, notebook):
    X = eval(given, {**notebook, "X": integers([1, 2, 3, 4])})
    assert str(array(CenteredLayer()(X)).tolist()) == HALVES


@claim(
    "MXNet求整数的均值时改用`float32`，相减之后也是`float32`",
    "代码里的`dtype='int32'`不能省，因为不写`dtype`时，`np.array`把整数列表也做成`float32`的张量",
    "mxnet",
)
def _(CenteredLayer, np):
    for kind in ("int32", "int64", "uint8"):
        whole = np.array([1, 2, 3, 4], dtype=kind)
        centered = CenteredLayer()(whole)
        assert whole.mean().dtype == centered.dtype == "float32"
        assert str(centered.tolist()) == HALVES
    assert np.array([1, 2, 3, 4]).dtype == "float32"


@claim("PyTorch不肯给整数求均值，错误信息说，输入必须是浮点数或复数", "pytorch")
def _(CenteredLayer, integers, message):
    said = message(RuntimeError, lambda: CenteredLayer()(integers([1, 2, 3, 4])))
    assert "floating point or complex" in said


@claim(
    "图片常用的`uint8`更糟，它没有负数，1减2得到255",
    "若把层放进`Sequential`再输入整数，容器默认会先把它们转换成`float32`，"
    "所以同一个层有时对、有时错",
    "tensorflow",
)
def _(CenteredLayer, chain, tf):
    answer = lambda layer, kind: layer(tf.constant([[1, 2, 3, 4]], kind)).numpy().tolist()
    assert answer(CenteredLayer(), "uint8") == [[255, 0, 1, 2]]
    assert answer(CenteredLayer(), "int32") == [[-1, 0, 1, 2]]
    assert answer(chain(CenteredLayer()), "int32") == [[-1.5, -0.5, 0.5, 1.5]]
    # by default: a container that is told otherwise leaves them alone
    told = chain(tf.keras.Input((4,), dtype="int32"), CenteredLayer())
    assert answer(told, "int32") == [[-1, 0, 1, 2]]


@claim("换成图片常用的`uint8`，在CPU上会当场报错，因为`mean`不支持它", "paddle")
def _(CenteredLayer, paddle, raises):
    pixels = paddle.to_tensor([1, 2, 3, 4], dtype="uint8")
    assert raises(RuntimeError, pixels.mean)
    assert raises(RuntimeError, lambda: CenteredLayer()(pixels))
    assert str(CenteredLayer()(pixels.astype("float32")).tolist()) == HALVES


@claim(
    "形状不变",
    "把`CenteredLayer`放进容器，接在全连接层的后面，输出的均值就正好是0吗？",
    "均值只是非常接近0，不一定正好是0",
)
def _(array, CenteredLayer, chain, dense, ready, X):
    for width in (1, 7, 128):
        layer = ready(dense(5, width), X)
        before, after = array(layer(X)), array(chain(layer, CenteredLayer())(X))
        assert after.shape == before.shape == (2, width)
        assert abs(after.mean()) < 1e-6 < abs(before.mean())
        turned = ready(chain(CenteredLayer(), dense(5, width)), X)
        assert abs(array(turned(X)).mean()) > 1e-6


@claim(
    "1、1、2的均值是三分之四，二进制浮点数无法精确表示这个数，只能取离它最近的一个",
    "减完再求和，偏差就积累了三份",
    "得到的是一个很小的负数，并不等于0",
    "误差还与相加的次序有关",
    "浮点数有舍入误差",
    "而且要和数本身的大小相比：输入乘以一百万，这个误差也变成大约一百万倍",
)
def _(array, CenteredLayer, equal, mean, tensor):
    exact, numbers = Fraction(4, 3), tensor([1, 1, 2])
    stored = array(mean(numbers)).item()
    bias = Fraction(stored) - exact
    assert bias != 0
    for direction in (-9, 9):
        other = float(numpy.nextafter(numpy.float32(stored), numpy.float32(direction)))
        assert abs(Fraction(other) - exact) > abs(bias)
    centered = CenteredLayer()(numbers)
    total = sum(map(Fraction, array(centered).tolist()))
    assert total == -3 * bias and -1e-6 < total < 0
    large = sum(map(Fraction, array(CenteredLayer()(tensor([1e6, 1e6, 2e6]))).tolist()))
    assert 5e5 < large / total < 2e6
    one, tiny = tensor([1.0]), tensor([1e-8])
    assert not equal(sum([tiny] * 99, one), one + sum([tiny] * 99))
    assert -1e-6 < array(mean(centered)) < 0


unchecked("换一台机器就可能不同", "needs a machine whose processor adds in another order")


# 带参数的层
@claim(
    "权重的形状是（输入，输出），偏置的长度是输出的个数",
    "偏置从0开始，权重则从很小的随机数开始",
    "ReLU的输入就全是0，梯度也全是0，这个层怎么训练都不会变",
)
def _(built, fill, layer, moved, shapes_of, slopes, value, X):
    one, two = built(type(layer), 5, 400), built(type(layer), 5, 400)
    assert shapes_of(one) == [(5, 400), (400,)]
    W = value(one.weight)
    assert (value(one.bias) == 0).all() and abs(W).max() < 0.1
    assert (W > 0).any() and (W < 0).any() and (value(two.weight) != W).any()
    fill(one.weight, 0)
    assert all((slope == 0).all() for slope in slopes(one, X))
    assert moved(one, X) == [False, False]


@claim(
    "程序往往照样运行，只是参数不再更新，或者存下的文件里少了东西",
    "参数和普通的张量不同，要按框架的规矩创建，并成为层的属性",
    "参数要按框架的规矩创建：普通的张量没有登记，训练和保存都轮不到它",
    "输出对了，还不能说明层能训练，要看梯度到不到得了参数",
    "计算图断开，参数就得不到梯度，从输出的数值",
    "参加运算的只是权重的值，梯度到不了权重",
)
def _(array, built, chain, cut, equal, fill, layer, plain, shapes_of, slopes, X):
    block = chain(built(plain(type(layer)), 5, 3))
    assert array(block(X)).shape == (2, 3) and shapes_of(block) == [(3,)]
    own, severed = built(type(layer), 5, 30), built(cut(type(layer)), 5, 30)
    for one in (own, severed):
        fill(one.weight, 0.01), fill(one.bias, 1)
    assert shapes_of(chain(own)) == [(5, 30), (30,)]
    assert equal(own(X), severed(X))
    weight_slope, bias_slope = slopes(severed, X)
    assert weight_slope is None or (weight_slope == 0).all()
    assert (bias_slope != 0).any() and (slopes(own, X)[0] != 0).any()


@claim("参数在几个设备上各有一份，取和输入同处的那份", "mxnet")
def _(array, differentiate, MyDense, npx, X):
    layer = MyDense(3, in_units=5)
    layer.initialize(ctx=[npx.cpu(0), npx.cpu(1)])
    there = X.copyto(npx.cpu(1))
    assert layer(there).ctx == npx.cpu(1)
    differentiate(layer, there, 1, [])
    assert (array(layer.weight.grad(npx.cpu(1))) != 0).any()
    assert (array(layer.weight.grad(npx.cpu(0))) == 0).all()


@claim(
    "`MyDense`和自带的`nn.Dense`一样，参数表里输出的个数在前",
    "`self.params.get`创建参数并登记下来。"
    "`weight`的初始值由`initialize`决定，默认是-0.07到0.07之间的均匀分布",
    "`bias`写了`init='zeros'`，否则也会得到随机数",
    "如果只写`self.weight = np.random.normal(size=(in_units, units))`，"
    "前向传播直接用它也能算，`collect_params`里却没有它，训练和保存都轮不到它",
    "mxnet",
)
def _(
    built, check_uniform, moved, MyDense, names, nn, npx, plain, save_weights, scratch, shapes_of,
    value, X,
):  # fmt: skip
    assert MyDense(3, 5).weight.shape == (5, 3) and nn.Dense(3).weight.shape == (3, -1)
    check_uniform(value(built(MyDense, 300, 200).weight), 0.07)
    layer = MyDense(3, in_units=5)
    layer.initialize("ones")
    assert (value(layer.weight) == 1).all()
    block = nn.Block()
    assert names(block) == []
    bias = block.params.get("bias", shape=(3,))
    assert len(names(block)) == 1
    block.initialize()
    assert (value(bias) != 0).all()
    layer = built(plain(MyDense), 5, 30)
    assert layer(X).shape == (2, 30) and shapes_of(layer) == [(30,)]
    before = layer.weight.asnumpy()
    assert moved(layer, X) == [True] and (layer.weight.asnumpy() == before).all()
    save_weights(layer, f"{scratch}/w")
    assert list(npx.load(f"{scratch}/w")) == ["bias"]


@claim("末尾的`**kwargs`收下`prefix`（名字的前缀）这样的参数，原样交给基类", "mxnet")
def _(MyDense, names, nn):
    assert names(MyDense(3, 5, prefix="mine_")) == ["mine_weight", "mine_bias"]
    assert names(nn.Dense(3, in_units=5, prefix="mine_")) == ["mine_weight", "mine_bias"]


@claim(
    "`data`取出的张量仍由自动微分跟踪，可以放心使用；若再接上`detach()`，梯度就断了",
    "好在`Trainer`的`step`会发现`weight`没有得到新的梯度，抛出`UserWarning`，一个参数也不更新",
    "允许有参数没有新梯度",
    "mxnet",
)
def _(
    chain, changed, cut, dense, differentiate, gluon, MyDense, parameters, raises, ready, value, X
):
    def step(kind, **kwargs):
        block = ready(chain(dense(5, 5), kind(30, in_units=5), dense(30, 1)), X)
        trainer = gluon.Trainer(block.collect_params(), "sgd", {"learning_rate": 0.1})
        differentiate(block, X, 1, [])
        refused = []
        task = lambda: refused.append(raises(UserWarning, lambda: trainer.step(1, **kwargs)))
        return changed(value, parameters(block), task), *refused

    severed = [True, True, False, True, True, True]
    assert step(MyDense) == ([True] * 6, False)
    assert step(cut(MyDense)) == ([False] * 6, True)
    assert step(cut(MyDense), ignore_stale_grad=True) == (severed, False)


@claim(
    "参数乘以数就不再是参数",
    "普通的张量即使设了`requires_grad=True`也不会登记",
    "同样不行，因为乘法的结果是普通的张量",
    "pytorch",
)
def _(MyLinear, names, nn, plain, torch):
    product = nn.Parameter(torch.randn(5, 3)) * 0.01
    assert not isinstance(product, nn.Parameter)
    layer = plain(MyLinear)(5, 3)
    assert layer.weight.requires_grad
    assert names(layer) == list(layer.state_dict()) == ["bias"]
    layer.weight = product
    assert names(layer) == list(layer.state_dict()) == ["bias"]


@claim(
    "有一种常见的写法是`X @ self.weight.data + self.bias.data`，"
    "输出一模一样，但`data`取出的张量已经和计算图断开",
    "单独对这样的层做反向传播会报错；夹在别的层中间时连错也不报："
    "前后的层都在训练，只有它的参数始终不变",
    "pytorch",
)
def _(equal, F, moved, MyLinear, nn, raises, silent, X):
    class Data(MyLinear):
        def forward(self, X):
            return F.relu(X @ self.weight.data + self.bias.data)

    one, two = MyLinear(5, 30), Data(5, 30)
    two.load_state_dict(one.state_dict())
    assert equal(one(X), two(X))
    assert one(X).requires_grad and not two(X).requires_grad
    assert raises(RuntimeError, two(X).sum().backward)
    block = nn.Sequential(nn.Linear(5, 5), two, nn.Linear(30, 1))
    assert silent(lambda: moved(block, X)) == [True, True, False, False, True, True]


@claim(
    "权重的形状是（输入，输出），自带的`nn.Dense`则相反，是（输出，输入），"
    "在两者之间复制权重要先转置",
    mxnet=(3, 5),
)
@claim(
    "权重的形状是（输入，输出），自带的`nn.Linear`则相反，是（输出，输入），"
    "在两者之间复制权重要先转置",
    pytorch=(3, 5),
)
@claim("权重的形状是（输入，输出），和自带的`Dense`相同", tensorflow=(5, 3))
@claim("权重的形状是（输入，输出），和自带的`nn.Linear`相同", paddle=(5, 3))
def _(array, built, dense, given, kernel, layer, matrix_of, put, ready, X):
    builtin, own = ready(dense(5, 3), X), built(type(layer), 5, 3)
    assert tuple(matrix_of(builtin).shape) == given and tuple(own.weight.shape) == (5, 3)
    put(own.weight, kernel(builtin))
    put(builtin.bias, [0.1, 0.2, 0.3]), put(own.bias, [0.1, 0.2, 0.3])
    assert numpy.allclose(array(own(X)), array(builtin(X)).clip(0), atol=1e-6)


@claim(
    "参数放在`build`里，用`add_weight`创建并登记，所以使用者不必写输入的个数",
    "不写，参数要到头一次调用才有",
    "tensorflow",
)
def _(MyDense, X):
    layer = MyDense(3)
    assert layer.units == 3 and not layer.built and not hasattr(layer, "weight")
    assert layer.get_weights() == []
    layer(X)
    assert layer.built and layer.weight.shape == (5, 3)


@claim(
    "`self.weight = tf.Variable(...)`，Keras 3不把它算作权重：`weights`里没有它，`fit`不更新它，"
    "`save_weights`和`.keras`文件也不存它（只有`tf.train.Checkpoint`还认得它）",
    "tensorflow",
)
def _(chain, changed, dense, equal, MyDense, plain, ready, scratch, shapes_of, tf, value, X):
    Plain, path = plain(MyDense), f"{scratch}/it"
    block, clone = (ready(chain(Plain(30), dense(30, 1)), X) for _ in range(2))
    assert shapes_of(block) == [(30,), (30, 1), (1,)]
    block.compile("sgd", "mse")
    fit = lambda: block.fit(X, tf.ones((2, 1)), epochs=3, verbose=0)
    weights = [block.layers[0].weight, *block.weights]
    assert changed(value, weights, fit) == [False, True, True, True]

    block.save_weights(f"{path}.weights.h5")
    clone.load_weights(f"{path}.weights.h5")
    block.save(f"{path}.keras")
    loaded = tf.keras.models.load_model(f"{path}.keras", custom_objects={"Plain": Plain})
    for other in (clone, loaded):
        assert [equal(*pair) for pair in zip(other.weights, block.weights, strict=True)] == [
            True
        ] * 3
        assert not equal(other.layers[0].weight, block.layers[0].weight)
    tf.train.Checkpoint(it=block.layers[0]).write(path)
    tf.train.Checkpoint(it=clone.layers[0]).read(path).assert_consumed()
    assert equal(clone.layers[0].weight, block.layers[0].weight)


@claim(
    "写成`self.weight.numpy()`，输出一模一样，得到的却是NumPy数组，`GradientTape`看不到它，求出的梯度是`None`",
    "换成`fit`，这样的层会当场报错",
    "tensorflow",
)
def _(built, chain, equal, MyDense, raises, slopes, tf, X):
    class Numpy(MyDense):
        def call(self, X):
            return tf.nn.relu(X @ self.weight.numpy() + self.bias)

    one, two = built(MyDense, 5, 30), built(Numpy, 5, 30)
    two.set_weights(one.get_weights())
    assert equal(one(X), two(X)) and isinstance(one.weight.numpy(), numpy.ndarray)
    assert slopes(two, X)[0] is None and slopes(one, X)[0] is not None

    def fit(kind):
        block = chain(kind(3))
        block.compile("sgd", "mse")
        block.fit(X, tf.ones((2, 3)), verbose=0)

    fit(MyDense)
    assert raises(NotImplementedError, lambda: fit(Numpy))


@claim(
    "不写`is_bias=True`，偏置也会得到随机的初始值",
    "如果写的是`self.weight = paddle.randn([in_units, units])`，得到的只是不保存的缓冲（buffer），"
    "`parameters()`和`state_dict()`里都没有它，训练和保存也就轮不到它",
    "paddle",
)
def _(moved, MyLinear, names, nn, plain, value, X):
    create = nn.Layer().create_parameter
    assert (value(create([3])) != 0).all() and (value(create([3], is_bias=True)) == 0).all()
    layer = plain(MyLinear)(5, 30)
    assert [name for name, _ in layer.named_buffers()] == ["weight"]
    assert names(layer) == list(layer.state_dict()) == ["bias"]
    before = value(layer.weight)
    assert moved(layer, X) == [True] and (value(layer.weight) == before).all()


@claim(
    "写成`self.weight.data`，输出一模一样，取出的张量同样已经和计算图断开",
    "paddle",
)
def _(cut, equal, F, moved, MyLinear, nn, silent, slopes, X):
    class Data(MyLinear):
        def forward(self, X):
            return F.relu(X @ self.weight.data + self.bias)

    one = MyLinear(5, 30)
    for kind in (cut(MyLinear), Data):
        two = kind(5, 30)
        two.set_state_dict(one.state_dict())
        assert equal(one(X), two(X))
        weight_slope, bias_slope = slopes(two, X)
        assert weight_slope is None and (bias_slope != 0).any()
        block = nn.Sequential(nn.Linear(5, 5), two, nn.Linear(30, 1))
        assert silent(lambda: moved(block, X)) == [True, True, False, True, True, True]


@claim(
    "造一个5个输入、3个输出的层，列出登记过的参数",
    "两个参数都在。让两个样本通过这个层，看看输出里有没有负数",
    "没有，负的都被ReLU变成了0",
    "求输出之和对权重与偏置的梯度",
    "梯度到了，偏置的还能和上面的输出核对",
    "每个单元得到的数，就是有几个样本让它的输出大于0",
    "一个也没有，这个单元的梯度就全是0",
)
def _(array, built, layer, shapes_of, slopes, value, X):
    assert shapes_of(layer) == [(5, 3), (3,)] and tuple(X.shape) == (2, 5)
    W, b, Y = value(layer.weight), value(layer.bias), array(layer(X))
    assert 0 < abs(W).max() < 0.1 and (b == 0).all()
    linear, active = array(X) @ W + b, Y > 0
    assert (linear < 0).any() and (Y[linear < 0] == 0).all()
    assert numpy.allclose(Y, linear.clip(0), atol=1e-6)
    weight_slope, bias_slope = slopes(layer, X)
    assert weight_slope.shape == W.shape and (weight_slope != 0).any()
    assert numpy.allclose(weight_slope, array(X).T @ active, atol=1e-5)
    assert bias_slope.tolist() == active.sum(axis=0).tolist()
    # rounding to what is printed hides no active unit
    assert ((Y.round(4) > 0) == active).all()
    wide = built(type(layer), 5, 200)
    weight_slope, bias_slope = slopes(wide, X)
    dead = (array(wide(X)) == 0).all(axis=0)
    assert dead.any() and (weight_slope[:, dead] == 0).all()
    assert ((bias_slope == 0) == dead).all() and not dead.all()


@claim("梯度会累加，先清空", pytorch="zero_grad", paddle="clear_gradients")
def _(built, given, MyLinear, value, X):
    layer = built(MyLinear, 5, 200)

    def slope():
        layer(X).sum().backward()
        return value(layer.bias.grad)

    once, twice = slope(), slope()
    getattr(layer, given)()
    assert once.any() and (twice == 2 * once).all() and (slope() == once).all()


@claim("PyTorch什么也不说：优化器跳过没有梯度的参数", "pytorch")
@claim("Paddle什么也不说：优化器跳过没有梯度的参数", "paddle")
@claim("优化器跳过没有梯度的参数，什么也不说", "pytorch", "paddle")
def _(chain, cut, dense, moved, MyLinear, silent, X):
    class CutInput(MyLinear):
        def forward(self, X):
            return super().forward(X.detach())

    block = chain(dense(5, 5), CutInput(5, 30), dense(30, 1))
    assert silent(lambda: moved(block, X)) == [False, False, True, True, True, True]
    block = chain(dense(5, 5), cut(MyLinear)(5, 30), dense(30, 1))
    assert silent(lambda: moved(block, X)) == [True, True, False, True, True, True]


@claim("`nn.Parameter`把张量包成参数，赋给属性时，`nn.Module`便登记下来", "pytorch")
@claim("`self.create_parameter`创建参数，赋给属性时，`nn.Layer`便登记下来", "paddle")
def _(Base, names, nn, tab, zeros):
    holder = Base()
    if tab == "pytorch":
        parameter = nn.Parameter(zeros(3))
        assert not isinstance(zeros(3), nn.Parameter) and (parameter == zeros(3)).all()
    else:
        parameter = holder.create_parameter([3])
    assert names(holder) == []
    holder.held = parameter
    assert names(holder) == list(holder.state_dict()) == ["held"]


@claim(
    "普通的张量不登记，优化器和`state_dict()`都看不到它",
    "pytorch",
    "paddle",
)
def _(built, layer, moved, names, plain, value, X):
    one = built(plain(type(layer)), 5, 30)
    assert names(one) == list(one.state_dict()) == ["bias"]
    before = value(one.weight)
    assert moved(one, X) == [True] and (value(one.weight) == before).all()


@claim(
    "有一种写法只差几个字，输出一模一样，梯度却到不了权重",
    "左：损失的梯度到达权重和偏置",
)
def _(array, built, equal, layer, notebook, put, slopes, value, X):
    (Cut,) = (notebook[name] for name in ("CutDense", "CutLinear") if name in notebook)
    one, two = built(type(layer), 5, 30), built(Cut, 5, 30)
    put(two.weight, value(one.weight))
    assert equal(one(X), two(X)) and (array(one(X)) > 0).any()
    assert all((slope != 0).any() for slope in slopes(one, X))
    weight_slope, bias_slope = slopes(two, X)
    assert weight_slope is None or (weight_slope == 0).all()
    assert (bias_slope != 0).any()


@claim(
    "这里求出的梯度是`None`",
    "优化器遇到没有梯度的权重只给一个警告，照样更新其余的，`fit`也是这样",
    "到不了的梯度算作0",
    "tensorflow",
)
def _(
    built, chain, changed, CutDense, dense, moved, parameters, ready, silent, slopes, tf,
    value, warned, X, notebook,
):  # fmt: skip
    assert slopes(built(CutDense, 5, 30), X)[0] is None

    def fit(block):
        block.compile("sgd", "mse")
        task = lambda: block.fit(X, tf.ones((2, 1)), epochs=3, verbose=0)
        return changed(value, parameters(block), task)

    for train in (lambda block: moved(block, X), fit):
        found, block = [], ready(chain(dense(5, 5), CutDense(30), dense(30, 1)), X)
        said = warned(lambda: found.extend(train(block)))
        assert found == [True, True, False, True, True, True]
        assert any("Gradients do not exist" in one for one in said)
    silent(lambda: notebook["follow"](CutDense))


def _descent(points, classes, cut, num_steps=5):
    """Return, computed without a framework, what the plot shows."""
    W1, b1 = numpy.cos(range(16)).reshape(2, 8), numpy.zeros(8)
    W2, b2 = numpy.sin(range(24)).reshape(8, 3), numpy.zeros(3)
    weights, losses, wanted = [], [], numpy.eye(3)[classes]
    for _ in range(num_steps + 1):
        Z = points @ W1 + b1
        H = Z.clip(0)
        scores = numpy.exp(H @ W2 + b2)
        P = scores / scores.sum(1, keepdims=True)
        losses.append(-numpy.log((P * wanted).sum(1)).mean())
        weights.append(W1[0, 0])
        dO = (P - wanted) / len(points)
        dZ = dO @ W2.T * (Z > 0)
        W2, b2 = W2 - 0.5 * H.T @ dO, b2 - 0.5 * dO.sum(0)
        W1, b1 = W1 - 0.5 * (points.T @ dZ) * (not cut), b1 - 0.5 * dZ.sum(0)
    return weights, losses


@claim(
    "从同样的权重出发，在旋臂数据上训练5步，记下一个权重",
    "左：完整的层（intact），权重在移动；断开的层（cut），",
    "权重停在原处。右：两个损失都在下降。",
    "断开的权重停住了，损失却照样下降，因为偏置和后面的层还在学习。"
    "光看损失发现不了这个错误，要逐个看参数训练以后变了没有",
    "从输出的数值和下降的损失上都看不出来，要看参数训练以后变了没有",
)
def _(arms, array, points, runs):
    """All frameworks agree with the same numbers, hence with each other."""
    assert list(runs) == ["intact", "cut"]
    for name, (weights, losses) in runs.items():
        wanted = _descent(array(points).astype(float), array(arms).astype(int), name == "cut")
        assert numpy.allclose(weights, wanted[0], atol=1e-5), (weights, wanted)
        assert numpy.allclose(losses, wanted[1], atol=1e-5), (losses, wanted)
        assert len(weights) == 5 + 1 and (numpy.diff(losses) < 0).all()
    assert len(set(runs["cut"][0])) == 1 and (numpy.diff(runs["intact"][0]) > 0).all()


@claim("小图各展平成64个数，经过8个单元")
def _(array, images, net, shapes_of):
    assert tuple(images.shape) == (2, 8 * 8) and array(net(images)).shape == (2, 1)
    assert [sorted(shape) for shape in shapes_of(net)] == [[8, 64], [8], [1, 8], [1]]
    assert (array(net(images)) != 0).all()


@claim("最后由自带的全连接层得到一个可正可负的数")
def _(array, built, chain, dense, fill, last_layer, layer, Linear, matrix_of, net, ready, X):
    assert type(last_layer(net)) is Linear
    block = ready(chain(built(type(layer), 5, 30), dense(30, 1)), X)
    for sign in (-1, 1):
        fill(matrix_of(last_layer(block)), sign)
        assert (sign * array(block(X)) > 0).any()


@claim(
    "最后一层为什么不用自己写的层？要是最后一层也带ReLU，输出就不会是负数；"
    "初始值稍不凑巧，所有样本的输出就全是0，梯度也全是0"
)
def _(array, built, chain, layer, moved, X):
    dead = 0
    for _ in range(40):
        block = chain(built(type(layer), 5, 8), built(type(layer), 8, 1))
        Y = array(block(X))
        assert (Y >= 0).all()
        if (Y == 0).all():
            dead += 1
            assert moved(block, X) == [False] * 4
    assert 0 < dead < 40, dead


# 像自带的层一样
@claim(
    "自带的层能说出自己的配置，例如有几个输出",
    mxnet="Dense(5 -> 3",
    pytorch="out_features=3",
    tensorflow="'units': 3",
    paddle="out_features=3",
)
def _(dense, given):
    layer = dense(5, 3)
    assert given in repr(layer) + str(getattr(layer, "get_config", dict)())


@claim(
    "自己写的层要做到这一点，靠的是类里的最后那个方法",
    mxnet="__repr__",
    pytorch="extra_repr",
    tensorflow="get_config",
    paddle="extra_repr",
)
def _(built, given, layer):
    Own = type(layer)
    assert [name for name, it in vars(Own).items() if callable(it)][-1] == given
    for units in (7, 9):
        assert str(units) in str(vars(Own)[given](built(Own, 5, units)))


@claim(
    "容器显示自己时会逐个询问里面的块，用的就是`__repr__`",
    "基类自带的`__repr__`只列出子块，而`MyDense`没有子块，不改写它，括号里就什么也没有",
    "mxnet",
)
def _(layer, net, nn):
    assert "(0): MyDense(64 -> 8)" in repr(net)
    assert "(1): Dense(8 -> 1, linear)" in repr(net)
    assert "".join(nn.Block.__repr__(layer).split()) == "MyDense()"
    outer = nn.Block()
    outer.inner = layer
    assert "(inner): MyDense(5 -> 3)" in repr(outer)


@claim(
    "`extra_repr`返回的文字会填进层的名字后面的括号。不写它，这里就只有`MyLinear()`",
    "它只供人阅读，不影响保存和读取",
    "登记过的参数自动进入`state_dict()`，名字前面加上层的序号，例如`0.weight`",
    "pytorch",
    "paddle",
)
def _(Base, layer, MyLinear, net, reloads, X):
    assert repr(layer) == f"MyLinear({layer.extra_repr()})" and "5" in layer.extra_repr()
    Silent = type("MyLinear", (MyLinear,), {"extra_repr": Base.extra_repr})
    assert repr(Silent(5, 3)) == "MyLinear()"
    assert list(layer.state_dict()) == ["weight", "bias"] and "0.weight" in net.state_dict()
    for kind in (Silent, MyLinear):
        assert reloads(lambda: kind(5, 30), X)


@claim(
    "`get_config`返回一个字典，`MyDense.from_config`用它造出配置相同的新层",
    "`name`等由基类负责，构造函数便要用`**kwargs`接住，不写`**kwargs`，`from_config`会报错",
    "什么时候可以不写`get_config`？"
    "`Layer`的子类若只有整数、字符串这样的简单参数，Keras能自己记下；遇到别的对象，保存时就会报错",
    "tensorflow",
)
def _(chain, MyDense, raises, ready, scratch, tf, X):
    config = MyDense(3, name="mine").get_config()
    made = MyDense.from_config(config)
    assert isinstance(config, dict) and (made.units, made.name) == (3, "mine")

    class NoKwargs(MyDense):
        def __init__(self, units):
            super().__init__(units)

    config = NoKwargs(3).get_config()
    assert "name" in config and raises(TypeError, lambda: NoKwargs.from_config(config))
    assert "name" in tf.keras.layers.Layer().get_config()

    class Silent(tf.keras.layers.Layer):
        def __init__(self, argument, **kwargs):
            super().__init__(**kwargs)

        def call(self, X):
            return X

    save = lambda argument: ready(chain(Silent(argument)), X).save(f"{scratch}/silent.keras")
    for simple in (3, "relu"):
        assert Silent(simple).get_config()["argument"] == simple
        save(simple)
    assert raises(NotImplementedError, lambda: save(object()))


@claim(
    "构造函数的参数都有默认值时，它不记你传入的值，只报出默认值，读回时大小不对就会报错",
    "tensorflow",
)
def _(raises, ready, scratch, tf, X):
    class Forgetful(tf.keras.Model):
        def __init__(self, units=7, **kwargs):
            super().__init__(**kwargs)
            self.units, self.dense = units, tf.keras.layers.Dense(units)

        def call(self, X):
            return self.dense(X)

    for units in (7, 3):
        assert Forgetful(units).get_config()["units"] == 7
        ready(Forgetful(units), X).save(f"{scratch}/it.keras")
        known = {"Forgetful": Forgetful}
        load = lambda: tf.keras.models.load_model(f"{scratch}/it.keras", custom_objects=known)
        assert raises(ValueError, load) == (units != 7)

    class NoDefault(Forgetful):
        def __init__(self, units):
            super().__init__(units)

    assert raises(NotImplementedError, NoDefault(3).get_config)


@claim("`weights_only=True`使`torch.load`只读数据，不运行文件里的代码", "pytorch")
def _(layer, raises, scratch, torch):
    class Payload:
        def __reduce__(self):
            return os.mkdir, (f"{scratch}/ran",)

    path = f"{scratch}/it"
    torch.save(Payload(), path)
    assert raises(Exception, lambda: torch.load(path, weights_only=True))
    assert not os.path.exists(f"{scratch}/ran")
    torch.load(path, weights_only=False)  # the payload is a real one
    assert os.path.exists(f"{scratch}/ran")
    torch.save(layer.state_dict(), path)
    assert list(torch.load(path, weights_only=True)) == ["weight", "bias"]


@claim("可以，输出和这个层前面的输出相同", "pytorch", "tensorflow", "paddle")
def _(array, clone_layer, equal, layer, X):
    assert clone_layer is not layer and clone_layer.weight is not layer.weight
    assert equal(clone_layer(X), layer(X)) and (array(layer(X)) > 0).any()


@claim(
    "读取没有报错，使用时却抛出了`TypeError`",
    "原因在文件里的名字：单独的层存下的名字是`weight`和`bias`，里面没有点，"
    "`load_parameters`便当作旧格式来读，读出的是旧式的`NDArray`，和`np`的运算配不上",
    "自带的`nn.Dense`单独保存时也是这样",
    "新层若已经初始化，错误会早一步出现在`load_parameters`里",
    "办法是把层放进容器再保存，名字就成了`0.weight`这样带点的；层是别的块的属性时，名字也带点",
    "也可以用`npx.load`读出字典，再对初始化过的层逐个调用`set_data`",
    "mxnet",
)
def _(
    built, chain, dense, equal, initialize, layer, MyDense, net, nn, np, npx, raises, reloads, scratch,
    X,
):  # fmt: skip
    path = f"{scratch}/w"

    def saved(block):
        block.save_parameters(path)
        return npx.load(path)

    lone = (layer, MyDense(3, in_units=5)), (initialize(dense(5, 3)), dense(5, 3))
    for one, clone in lone:
        assert set(saved(one)) == {"weight", "bias"}
        clone.load_parameters(path)
        assert type(clone.weight.data()).__name__ == "NDArray"
        assert raises(TypeError, lambda: np.dot(X, clone.weight.data()))
        assert raises(TypeError, lambda: clone(X))
        assert raises(TypeError, lambda: initialize(type(one)(3, in_units=5)).load_parameters(path))

    assert "0.weight" in saved(net)
    assert reloads(lambda: chain(MyDense(30, in_units=5)), X)
    outer = nn.Block()
    outer.inner = layer
    assert set(saved(outer)) == {"inner.weight", "inner.bias"}

    clone = built(MyDense, 5, 3)
    assert not equal(clone.weight.data(), layer.weight.data())
    for name, numbers in saved(layer).items():
        getattr(clone, name).set_data(numbers)
    assert equal(clone.weight.data(), layer.weight.data()) and equal(clone(X), layer(X))


@claim(
    "可以，输出和这个层前面的输出相同，只是写法不同：层自己没有`save`方法，"
    "负责存取的是`tf.train.Checkpoint`，它顺着登记过的属性找到参数；"
    "`assert_consumed`确认文件里的参数都派上了用场",
    "tensorflow",
)
def _(built, equal, layer, MyDense, net, raises, scratch, tf, X):
    for name in ("save", "save_weights"):
        assert hasattr(net, name) and not hasattr(layer, name)
    clone, path = built(MyDense, 5, 3), f"{scratch}/layer"
    tf.train.Checkpoint(layer=layer).write(path)
    found = [name.split("/.")[0] for name, _ in tf.train.list_variables(path)]
    assert set(found) >= {"layer/weight", "layer/bias"}
    assert raises(AssertionError, tf.train.Checkpoint(other=clone).read(path).assert_consumed)
    assert not equal(clone.weight, layer.weight)
    tf.train.Checkpoint(layer=clone).read(path).assert_consumed()
    assert equal(clone.weight, layer.weight) and equal(clone(X), layer(X))


@claim(
    "用完就删",
    "两张小图的输出应当和前面的数字相同",
)
def _(
    array, built, chain, clone, dense, equal, folder, images, layer, net, parameters, ready, value
):
    assert not os.path.exists(folder)
    assert clone is not net and equal(clone(images), net(images))
    for one, two in zip(parameters(clone), parameters(net), strict=True):
        assert one is not two and (value(one) == value(two)).all()
    # not because all of it is zero, nor because any net says the same
    assert len(parameters(clone)) == 4 and (array(net(images)) != 0).all()
    other = ready(chain(built(type(layer), 64, 8), dense(8, 1)), images)
    assert not equal(other(images), net(images))


@claim(
    "`.keras`文件连结构一起存，读取时不用再写`MyDense(8)`",
    "文件里记的是类的名字和`get_config`的字典，不含类的代码",
    "`register_keras_serializable`把名字登记到Keras，`load_model`才找得到`MyDense`；"
    "没有登记的类要写进参数`custom_objects`，否则读取时报错",
    "在另一个程序里读取，要先运行`MyDense`的定义",
    "tensorflow",
)
def _(CenteredLayer, chain, equal, images, net, raises, ready, scratch, tf, X):
    path, load = f"{scratch}/net.keras", tf.keras.models.load_model
    net.save(path)
    assert [dense.units for dense in load(path).layers] == [8, 1]
    assert equal(load(path)(images), net(images))

    with zipfile.ZipFile(path) as archive:
        names, text = archive.namelist(), archive.read("config.json").decode()
    assert not any(name.endswith((".py", ".pyc")) for name in names) and "relu" not in text
    layers = json.loads(text)["config"]["layers"]
    units = [one["config"]["units"] for one in layers if one["class_name"] == "MyDense"]
    assert units == [8]

    known = tf.keras.utils.get_custom_objects()
    kept = dict(known)
    assert type(net.layers[0]) in kept.values()
    known.clear()
    try:
        assert raises(TypeError, lambda: load(path))
    finally:
        known.update(kept)
    assert equal(load(path)(images), net(images))

    Unknown = type("Unknown", (CenteredLayer,), {})
    block = ready(chain(Unknown()), X)
    block.save(path)
    assert raises(TypeError, lambda: load(path))
    assert equal(load(path, custom_objects={"Unknown": Unknown})(X), block(X))


# 层规范化
@claim(
    "本节最后的LayerNorm改成每个样本各减各的均值",
    "把前面两种层合在一起，就是人们真正在用的*层规范化*（layer normalization）",
    "拿两个样本和框架自带的层（后一个）比一比",
    "对每个样本沿最后一维减去均值$\\mu$，除以标准差$\\sigma$",
    "$\\boldsymbol{\\gamma}$从1开始，$\\boldsymbol{\\beta}$从0开始",
    "两者的数字相同；两个样本原来相差约十倍，规范化以后大小相当",
    "层规范化沿最后一维减去均值、除以标准差，再用两个参数调整，不涉及同批的其他样本",
)
def _(array, differentiate, norms, parameters, put, rows, tensor, value):
    own, builtin = norms
    assert (value(own.gamma) == 1).all() and (value(own.beta) == 0).all()
    assert len(parameters(own)) == 2 and rows.shape[0] == 2
    assert type(own).__module__ == "__main__" != type(builtin).__module__
    assert numpy.allclose(array(own(rows)), array(builtin(rows)), atol=1e-5)
    assert (array(own(rows)).round(4) == array(builtin(rows)).round(4)).all()
    small, large = abs(array(rows)).mean(1)
    assert 9 < large / small < 13
    small, large = abs(array(own(rows))).mean(1)
    assert 0.9 < large / small < 1.1
    for one in range(2):  # whatever the others are
        assert numpy.allclose(array(own(rows[one : one + 1])), array(own(rows))[one], atol=1e-6)

    cube = tensor(array(rows).reshape(2, 1, 4) + numpy.sin(range(24)).reshape(2, 3, 4))
    numbers = array(cube).astype(float)
    z = numbers - numbers.mean(-1, keepdims=True)
    z /= numpy.sqrt(numbers.var(-1, keepdims=True) + 1e-5)
    for norm in norms:
        assert numpy.allclose(array(norm(cube)), z, atol=1e-4)

    before = value(own.gamma), value(own.beta)
    gamma, beta = numpy.float32([0.5, 1, 2, -1]), numpy.float32([1, 0, -1, 3])
    put(own.gamma, gamma), put(own.beta, beta)
    x = array(rows).astype(float)
    z = (x - x.mean(1, keepdims=True)) / numpy.sqrt(x.var(1, keepdims=True) + 1e-5)
    assert numpy.allclose(array(own(rows)), gamma * z + beta, atol=1e-5)
    gamma_slope, beta_slope = differentiate(own, rows, 1, [own.gamma, own.beta])[2]
    assert numpy.allclose(gamma_slope, z.sum(0), atol=1e-4) and (beta_slope == 2).all()
    put(own.gamma, before[0]), put(own.beta, before[1])


@claim("Keras的$\\epsilon$默认是0.001，这里改成了和我们一样", "tensorflow")
def _(norms, tf):
    assert tf.keras.layers.LayerNormalization().epsilon == 0.001
    assert norms[1].epsilon == 1e-5


@claim(
    "让输出再经过层规范化",
    "用它代替`d2l.spiral_net`里的残差单元，训练30步",
    "$\\boldsymbol{\\gamma}$离开了1：自己写的层和网络的其余部分一起在学习",
    "用了自己写的LayerNorm的网络，训练30步，把三条旋臂分开了。",
)
def _(
    arms, array, chained, d2l, losses, moved, MyLayerNorm, normed,
    NormResidual, points, shapes_of, tensor, value,
):  # fmt: skip
    units = [one for one in chained(normed) if isinstance(one, NormResidual)]
    plain = [one for one in chained(d2l.spiral_net()) if isinstance(one, d2l.Residual)]
    assert len(units) == len(plain) == 2
    unit = units[0]
    assert isinstance(unit, d2l.Residual) and isinstance(unit.norm, MyLayerNorm)
    H = tensor(numpy.sin(range(64)).reshape(2, 32))
    residual = getattr(d2l.Residual, "call" if hasattr(unit, "call") else "forward")
    assert numpy.allclose(array(unit(H)), array(unit.norm(residual(unit, H))), atol=1e-6)

    assert len(losses) == 30 and losses[-1] < 0.1 * losses[0]
    for one in units:
        assert (value(one.norm.gamma)[:4] != 1).all() and (value(one.norm.beta) != 0).any()
    assert d2l.accuracy(normed, points, arms) > 0.97
    assert len(shapes_of(normed)) == 2 + 2 * (4 + 2) + 2
    assert all(moved(normed, points))


# 练习
def _judged(answers, d2l, cases, number, name, tab, notebook):
    """Return the right answer of an exercise, a wrong one, and what is said of that."""
    right, wrong = answers(SECTION, number, name, tab, notebook)
    assert d2l.check(right, cases) == "正确"
    return right, wrong, d2l.check(wrong, cases)


@claim(
    "“编写”和“改写”的题目附有检查：把`raise NotImplementedError`换成你的代码，运行那个单元格，"
    "`d2l.check`会逐项比较，说出第一处不同"
)
def _(answers, centered_rows_cases, d2l, notebook, tab):
    right = _judged(answers, d2l, centered_rows_cases, 1, "CenteredRows", tab, notebook)[0]
    seen = []

    def counting(answer):
        for case in centered_rows_cases(answer):
            seen.append(case[0])
            yield case

    assert d2l.check(right, counting) == "正确"
    assert seen == ["浮点数", "整数", "一维", "三维"]
    seen.clear()
    late = lambda: lambda X: right()(X) + (len(X.shape) != 2)  # the last two are wrong
    assert d2l.check(late, counting).startswith("一维(0,)：应为-1.5") and len(seen) == 3
    here: dict = {}
    stub = "def stub():\n    raise NotImplementedError"
    exec(stub, centered_rows_cases.__globals__, here)
    assert d2l.check(here["stub"], centered_rows_cases) == "还没有写"


@claim(
    "把`CenteredLayer`改成`CenteredRows`，沿最后一维各减各的均值，"
    "使一个样本的输出与同批的其他样本无关。"
    "要求：输入可以是任意维数，也可以是整数，输出总是浮点数",
    "除了MXNet，整数都要在求均值之前转换，不能等到相减以后",
    "先转换成浮点数，再沿最后一维求均值。保留这一维，均值的形状是`(..., 1)`，"
    "广播以后每一行减去自己的均值，不论`X`有几维都成立",
    "常见的错误是求均值时没有指定沿哪一维，减去的仍是整批的均值。"
    "`check`会说：`浮点数(0, 0)：应为-1.5`",
)
def _(
    answers, array, cast, centered_rows_cases, d2l, integers, mean, notebook, raises, tab, tensor, X
):
    right, wrong, said = _judged(
        answers, d2l, centered_rows_cases, 1, "CenteredRows", tab, notebook
    )
    assert said.startswith("浮点数(0, 0)：应为-1.5")
    numbers = numpy.sin(range(24)).astype("float32")
    for shape in ((24,), (4, 6), (2, 3, 4), (2, 2, 2, 3)):
        Y = numbers.reshape(shape)
        own = Y.mean(-1, keepdims=True)
        assert own.shape == (*shape[:-1], 1)
        assert array(mean(tensor(Y), -1, True)).shape == own.shape
        assert numpy.allclose(array(right()(tensor(Y))), Y - own, atol=1e-6)
        assert numpy.allclose(array(wrong()(tensor(Y))), Y - Y.mean(), atol=1e-6)
        whole = array(right()(integers((Y * 9).astype(int).tolist())))
        assert whole.dtype.kind == "f" and numpy.allclose(whole.mean(-1), 0, atol=1e-5)

    whole = integers([[1, 2, 3, 4]])
    late = lambda: array(cast(whole - mean(whole, -1, True), "float32")).tolist()
    if tab == "pytorch":
        assert raises(RuntimeError, late)
    else:
        assert (late() == [[-1.5, -0.5, 0.5, 1.5]]) == (tab == "mxnet")


@claim(
    "实现`Quadratic(in_units, units)`，它的输出是输入两两相乘再加权求和："
    "$y_k = \\sum_{i,j} W_{ijk} x_i x_j$。要求：参数叫作`weight`，"
    "形状为`(in_units, in_units, units)`，初始值是随机数；一次处理一批样本；梯度到得了`weight`",
    "公式里的下标可以直接交给`einsum`：再添一个下标表示第几个样本，出现在两个输入和输出里",
    "`einsum`的下标就是公式里的下标，再添一个`b`表示第几个样本："
    "`bi`和`bj`是同一批输入，`ijk`是权重，结果留下`bk`。重复而没有留下的$i$和$j$被求和",
    "常见的错误是前向传播用了断开计算图的权重。输出完全正确，所以前几项都通过，"
    "要到核对梯度时才发现。`check`会说：`梯度到达weight：应为True，你的是False`",
)
def _(
    answers, array, d2l, differentiate, einsum, notebook, parameters, put, quadratic_cases, ready, tab,
    tensor, value, X,
):  # fmt: skip
    right, wrong, said = _judged(answers, d2l, quadratic_cases, 3, "Quadratic", tab, notebook)
    assert said == "梯度到达weight：应为True，你的是False"
    W = numpy.cos(range(50)).reshape(5, 5, 2).astype("float32")
    x = array(X)
    wanted = [
        [sum(W[i, j, k] * row[i] * row[j] for i in range(5) for j in range(5)) for k in range(2)]
        for row in x
    ]
    own, severed = (ready(kind(5, 2), X) for kind in (right, wrong))
    assert tuple(own.weight.shape) == (5, 5, 2) and len(parameters(own)) == 1
    assert len(set(value(own.weight).ravel())) == 50
    for layer in (own, severed):
        put(layer.weight, W)
        assert numpy.allclose(array(layer(X)), wanted, atol=1e-4)
    assert numpy.allclose(array(einsum("bi,ijk,bj->bk", X, tensor(W), X)), wanted, atol=1e-4)
    slope, none = (differentiate(one, X, 1, [one.weight])[2][0] for one in (own, severed))
    assert numpy.allclose(slope[..., 0], x.T @ x, atol=1e-4) and (none is None or not none.any())


@claim(
    "实现`HalfFourier`，返回每一行的傅里叶系数的前一半："
    "$z_k = \\sum_{j=0}^{d-1} x_j e^{-2\\pi \\mathrm{i} jk/d}$，"
    "其中$k$从0到$\\lfloor d/2 \\rfloor$。实数输入的另一半与这一半共轭，不用再算。"
    "要求：输出的形状是`(n, d // 2 + 1, 2)`，最后一维依次是实部和虚部；$d$可以是奇数",
    "$e^{-\\mathrm{i}\\theta} = \\cos\\theta - \\mathrm{i}\\sin\\theta$，虚部带负号。"
    "实数输入专用的变换名字里有个r，它只算前一半",
    "常见的错误是把指数的符号写反，虚部全都反号。$k = 0$的虚部本来是0，看不出来，"
    "从$k = 1$起才不同。`check`会说：`d=8(0, 1, 1)：应为`",
)
def _(answers, array, d2l, half_fourier_cases, notebook, tab, tensor):
    right, wrong, said = _judged(answers, d2l, half_fourier_cases, 4, "HalfFourier", tab, notebook)
    assert said.startswith("d=8(0, 1, 1)：应为")
    for d in (8, 5):
        x = numpy.sin(range(3 * d)).reshape(3, d)
        k, j = numpy.arange(d)[:, None], numpy.arange(d)
        whole = x @ numpy.exp(-2j * numpy.pi * j * k / d).T
        half = whole[:, : d // 2 + 1]
        assert numpy.allclose(
            half.imag, -x @ numpy.sin(2 * numpy.pi * j * k / d).T[:, : d // 2 + 1]
        )
        for transform, length in ((numpy.fft.fft, d), (numpy.fft.rfft, d // 2 + 1)):
            assert numpy.allclose(transform(x), whole[:, :length])
        assert numpy.allclose(whole[:, :0:-1], whole[:, 1:].conj())
        rest = half[:, 1 : (d + 1) // 2].conj()[:, ::-1]  # nothing more is computed
        assert numpy.allclose(numpy.concatenate([half, rest], 1), whole)
        found, other = (array(kind()(tensor(x))) for kind in (right, wrong))
        assert found.shape == other.shape == (3, d // 2 + 1, 2)
        assert numpy.allclose(found[..., 0] + 1j * found[..., 1], half, atol=1e-4)
        assert numpy.allclose(other, found * [1, -1], atol=1e-4)
        assert numpy.allclose(found[:, 0, 1], 0, atol=1e-5) and (abs(found[:, 1, 1]) > 1e-3).all()


@claim(
    "$jk$组成一个$d \\times (\\lfloor d/2 \\rfloor + 1)$的矩阵，取余弦和正弦以后，"
    "两次矩阵乘法就得到所有的系数",
    "mxnet",
)
def _(array, np, X):
    jk = numpy.outer(range(5), range(5 // 2 + 1)) * 2 * numpy.pi / 5
    assert jk.shape == (5, 5 // 2 + 1)
    half = numpy.fft.rfft(array(X))
    for part, matrix in ((half.real, numpy.cos(jk)), (half.imag, -numpy.sin(jk))):
        assert numpy.allclose(array(np.dot(X, np.array(matrix, dtype="float32"))), part, atol=1e-4)


@claim(
    "`rfft`正好只算这一半；`view_as_real`把复数看成最后多出来的一维，依次是实部和虚部，不复制数据",
    pytorch=("torch.fft", "torch.view_as_real(Z)"),
)
@claim(
    "`rfft`正好只算这一半；再把实部和虚部叠在新的最后一维上",
    tensorflow=("tf.signal", "tf.stack([tf.math.real(Z), tf.math.imag(Z)], -1)"),
)
@claim(
    "`rfft`正好只算这一半；`as_real`把复数变成最后多出来的一维，依次是实部和虚部",
    paddle=("paddle.fft", "paddle.as_real(Z)"),
)
def _(array, given, notebook, tab, X):
    module, parts = given
    rfft = eval(f"{module}.rfft", notebook)
    Z = rfft(X)
    half = numpy.fft.fft(array(X))[:, : 5 // 2 + 1]
    assert numpy.allclose(array(Z), half, atol=1e-4)
    found = eval(parts, {**notebook, "Z": Z})
    assert tuple(found.shape) == (2, 3, 2)
    assert numpy.allclose(array(found), numpy.stack([half.real, half.imag], -1), atol=1e-4)
    assert tab != "pytorch" or found.data_ptr() == Z.data_ptr()


@claim(
    "实现暂退法的层`MyDropout(p)`。训练时每个元素以概率`p`变成0，其余的除以`1 - p`；"
    "预测时原样输出。要求：训练时每次调用都重新抽取",
    "抽一个与`X`形状相同、在0和1之间均匀分布的张量，和`p`比较，就得到由0和1组成的掩码",
    "掩码在前向传播里抽取，每次调用都是新的。"
    "除以`1 - p`是为了让期望不变：一个元素以概率$1 - p$变成$x / (1 - p)$，期望仍是$x$，"
    "所以预测时什么也不用做",
    "常见的错误是忘了除以`1 - p`，训练时的输出平均偏小，预测时却恢复原样。"
    "`check`会说：`训练时的两种值(1,)：应为1.25`",
)
def _(
    answers, array, d2l, initialize, my_dropout_cases, notebook, outputs, seed, tab, tensor, uniform
):
    seed(0)
    right, wrong, said = _judged(answers, d2l, my_dropout_cases, 5, "MyDropout", tab, notebook)
    assert said.startswith("训练时的两种值(1,)：应为1.25")
    X = tensor(numpy.full((100, 100), 3.0))
    own, forgetful = (initialize(kind(0.25)) for kind in (right, wrong))
    Y, again = (array(outputs(own, X, True)) for _ in range(2))
    assert set(Y.ravel()) == {0, 4} and (again != Y).any()
    assert abs((Y == 0).mean() - 0.25) < 0.03 and abs(Y.mean() - 3) < 0.1
    assert array(outputs(forgetful, X, True)).mean() < 2.5
    for layer in (own, forgetful):
        assert (array(outputs(layer, X, False)) == 3).all()
    U = array(uniform((100, 100)))
    assert 0 <= U.min() < 0.01 and 0.99 < U.max() < 1 and abs(U.mean() - 0.5) < 0.03
    mask = (U >= 0.25) * 1.0
    assert set(mask.ravel()) == {0, 1} and abs((mask == 0).mean() - 0.25) < 0.03


@claim(
    "实现`RMSNorm(num_features)`",
    "它不减均值，也没有$\\boldsymbol{\\beta}$，只除以均方根，"
    "$y_i = \\gamma_i x_i / \\sqrt{\\frac{1}{d} \\sum_j x_j^2 + \\epsilon}$，"
    "其中$\\epsilon$取`1e-5`。要求：唯一的参数叫作`gamma`，从1开始；梯度到得了它",
    "从`MyLayerNorm`里去掉一个参数和一次减法。均方根沿最后一维求，并保留那一维",
    "和`MyLayerNorm`相比，少了一次减法和一个参数。输入的均值恰好是0时，均方根就是标准差，"
    "$\\boldsymbol{\\beta}$若也还是0，两者就没有区别",
    "常见的错误是照搬`MyLayerNorm`，仍然减去了均值。`check`会说：`输出(0, 0)：应为0.707`",
)
def _(
    answers, array, d2l, differentiate, norms, notebook, parameters, put, ready, rms_norm_cases, rows,
    tab, tensor, value,
):  # fmt: skip
    right, wrong, said = _judged(answers, d2l, rms_norm_cases, 6, "RMSNorm", tab, notebook)
    assert said.startswith("输出(0, 0)：应为0.707")
    own, copied = (ready(kind(4), rows) for kind in (right, wrong))
    assert len(parameters(own)) == 1 and (value(own.gamma) == 1).all()
    tiny = tensor(array(rows) * 1e-3)  # so small that epsilon counts
    for X in (rows, tiny):
        x = array(X).astype(float)
        z = x / numpy.sqrt((x**2).mean(-1, keepdims=True) + 1e-5)
        assert numpy.allclose(array(own(X)), z, atol=1e-4)
    z = x = array(rows).astype(float)
    z = x / numpy.sqrt((x**2).mean(-1, keepdims=True) + 1e-5)
    put(own.gamma, numpy.float32([1, 2, 3, -1]))
    assert numpy.allclose(array(own(rows)), z * [1, 2, 3, -1], atol=1e-4)
    assert numpy.allclose(differentiate(own, rows, 1, [own.gamma])[2][0], z.sum(0), atol=1e-4)
    put(own.gamma, numpy.float32([1, 1, 1, 1]))
    assert (value(norms[0].beta) == 0).all() and (value(norms[0].gamma) == 1).all()
    centered = tensor(array(rows) - array(rows).mean(-1, keepdims=True))
    assert numpy.allclose(array(own(centered)), array(norms[0](centered)), atol=1e-4)
    assert not numpy.allclose(array(own(rows)), array(norms[0](rows)), atol=1e-1)
    assert numpy.allclose(array(copied(rows)), array(norms[0](rows)), atol=1e-4)


@claim("MXNet在CPU上没有快速傅里叶变换", "mxnet")
def _(np, raises):
    from mxnet import base, nd

    assert not hasattr(np, "fft")
    assert raises(base.MXNetError, lambda: nd.contrib.fft(nd.ones((2, 8))).asnumpy())


@claim(
    "里有现成的变换，结果是复数，要拆成实部和虚部",
    pytorch="torch.fft.rfft",
    tensorflow="tf.signal.rfft",
    paddle="paddle.fft.rfft",
)
def _(array, given, notebook, X):
    assert array(eval(given, notebook)(X)).dtype.kind == "c"


@claim("是不是正在训练，看`autograd.is_training()`", "mxnet")
def _(autograd):
    assert not autograd.is_training()
    with autograd.record():
        assert autograd.is_training()


@claim("是不是正在训练，看`self.training`，它由`train()`和`eval()`切换", "pytorch", "paddle")
def _(MyLinear):
    layer = MyLinear(5, 3)
    assert layer.training
    for mode, training in ((layer.eval, False), (layer.train, True)):
        mode()
        assert layer.training == training


@claim("是不是正在训练，看传给`call`的`training`", "tensorflow")
def _(chain, ready, tf, X):
    seen = []

    class Seen(tf.keras.layers.Layer):
        def call(self, X, training=False):
            seen.append(training)
            return X

    block = ready(chain(Seen()), X)
    seen.clear()
    block(X), block(X, training=True)
    assert seen == [False, True]


@claim("断开的输入写作`X.detach()`", mxnet="X.detach()", pytorch="X.detach()", paddle="X.detach()")
@claim("断开的输入写作`tf.stop_gradient(X)`", tensorflow="tf.stop_gradient(X)")
@claim(
    "改为断开输入：写一个本节全连接层的子类，前向传播先把`X`从计算图上断开，"
    "再照常使用权重和偏置。把它夹在两个自带的全连接层中间，拿输出之和作损失，训练5步。"
    "哪些参数会变，框架会不会提醒你？",
    "断开的是输入，所以梯度到不了输入*前面*的层：第一个全连接层的权重和偏置不变，"
    "中间的层和后面的层照常训练。和正文对照：断开权重，只有权重自己不动；断开输入，前面的一切都不动",
    "下面的代码把训练前后的参数逐个比较，`True`表示变了，"
    "次序是第一层、中间层、最后一层，各有权重和偏置",
    mxnet="X.detach()",
    pytorch="X.detach()",
    tensorflow="tf.stop_gradient(X)",
    paddle="X.detach()",
)
def _(
    chain, changed, cut, dense, given, layer, moved, notebook, parameters, ready, shapes_of, tab, value,
    X,
):  # fmt: skip
    """Prove what the solution says: the layer learns, what is before it does not."""
    Own = type(layer)
    name = "call" if "call" in vars(Own) else "forward"

    def run(self, X):
        return getattr(Own, name)(self, eval(given, {**notebook, "X": X}))

    Severed = type("Severed", (Own,), {name: run})
    sizes = {"mxnet": {"units": 30, "in_units": 5}, "tensorflow": {"units": 30}}
    sizes = sizes.get(tab, {"in_units": 5, "units": 30})
    before = [False, False] + [True] * 4
    weight = [True, True, False, True, True, True]
    for kind, wanted in ((Severed, before), (cut(Own), weight)):
        block = ready(chain(dense(5, 5), kind(**sizes), dense(30, 1)), X)
        shapes = [sorted(shape) for shape in shapes_of(block)]
        assert shapes == [[5, 5], [5], [5, 30], [30], [1, 30], [1]]
        if tab == "mxnet":
            _stale(block, changed, parameters, value, X, notebook, wanted)
        else:
            assert moved(block, X) == wanted


def _stale(block, changed, parameters, value, X, notebook, wanted):
    """MXNet's trainer refuses, unless it is told to go on."""
    gluon, autograd = notebook["gluon"], notebook["autograd"]

    def step(**kwargs):
        trainer = gluon.Trainer(block.collect_params(), "sgd", {"learning_rate": 0.1})
        with autograd.record():
            Y = block(X).sum()
        Y.backward()
        refused = []

        def task():
            try:
                trainer.step(1, **kwargs)
            except UserWarning:
                refused.append(True)

        return changed(value, parameters(block), task), bool(refused)

    assert step() == ([False] * 6, True)
    assert step(ignore_stale_grad=True) == (wanted, False)


@claim(
    "`step`会抛出`UserWarning`，那一步一个参数也不更新；"
    "要接着训练，写`trainer.step(1, ignore_stale_grad=True)`",
    "不写`ignore_stale_grad=True`，第一次`step`就抛出`UserWarning`，一个参数也不更新",
    "mxnet",
)
def _(chain, changed, dense, MyDense, notebook, parameters, ready, value, X):
    class Severed(MyDense):
        def forward(self, X):
            return super().forward(X.detach())

    block = ready(chain(dense(5, 5), Severed(30, in_units=5), dense(30, 1)), X)
    _stale(block, changed, parameters, value, X, notebook, [False, False] + [True] * 4)


@claim(
    "梯度是`None`。直接交给优化器，它给出警告，照样更新其余的参数",
    "所以没有警告",
    "tensorflow",
)
def _(chain, changed, dense, MyDense, parameters, ready, silent, tf, value, warned, X):
    class Severed(MyDense):
        def call(self, X):
            return super().call(tf.stop_gradient(X))

    block = ready(chain(dense(5, 5), Severed(30), dense(30, 1)), X)
    optimizer = tf.keras.optimizers.SGD(0.1)

    def step(**kwargs):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(block(X))
        weights = [weight.value for weight in block.trainable_weights]
        grads = tape.gradient(loss, weights, **kwargs)
        found = [grad is None for grad in grads]
        optimizer.apply(grads, block.trainable_weights)
        return found

    found, said = [], []
    task = lambda: said.extend(warned(lambda: found.extend(step())))
    others = [False, False] + [True] * 4
    assert changed(value, parameters(block), task) == others
    assert found == [True, True] + [False] * 4 and any("Gradients do not exist" in s for s in said)
    assert not any(silent(lambda: step(unconnected_gradients="zero")))


unchecked("许多大语言模型用它代替层规范化", "a fact about published models")


@claim("输出大于0时ReLU的导数是1，否则是0")
@claim("假如权重也从0开始，ReLU的输入就全是0，梯度也全是0，这个层怎么训练都不会变")
def _(array, chain, differentiate, fill, layer, relu, slopes, tensor, X):
    numbers = tensor([[-2.0, 0.0, 3.0]])
    assert differentiate(relu(), numbers, 1, [])[1].tolist() == [[0, 0, 1]]
    fill(layer.weight, 0)
    assert (array(layer(X)) == 0).all()
    assert all((one == 0).all() for one in slopes(layer, X))


@claim(
    "`nn.Parameter(torch.randn(in_units, units)) * 0.01`同样不行，因为乘法的结果是普通的张量",
    "pytorch",
)
def _(names, nn, torch):
    class Wrong(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(5, 3)) * 0.01

    assert names(Wrong()) == [] and type(Wrong().weight) is torch.Tensor
