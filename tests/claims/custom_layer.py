"""What chapter_computation/custom-layer.md claims."""

import json
import os
import re
import tempfile
import warnings
import zipfile

import numpy

from claims import Claims

SECTION = "chapter_computation/custom-layer.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked


@claim("层和块是同一个概念")
def _(Base, built, CenteredLayer, chain, equal, moved, notebook, own_class, parameters, X):
    Own = own_class(notebook)
    # one object, as a whole net and as a part of one
    for layer in (CenteredLayer(), built(Own, 5, 100)):
        assert isinstance(layer, Base)
        assert isinstance(chain(layer), Base)
        assert equal(layer(X), chain(layer)(X))
        block = chain(chain(layer), CenteredLayer())
        assert equal(block(X), CenteredLayer()(layer(X)))
        assert len(parameters(block)) == len(parameters(layer))
    assert moved(built(Own, 5, 100), X) == [True, True]


@claim("不带参数的运算，写成普通的函数也能用")
def _(CenteredLayer, equal, mean, X):
    function = lambda X: X - mean(X)
    assert equal(function(X), CenteredLayer()(X))


@claim("框架会像对待自带的层那样，替它求梯度、更新参数、保存和读取")
def _(built, chain, dense, moved, notebook, own_class, reloads, X):
    Own = own_class(notebook)
    for make in (lambda: built(Own, 5, 100), lambda: dense(5, 100)):
        assert moved(chain(make()), X) == [True, True]
        assert reloads(lambda: chain(make()), X)


@claim("程序往往照样运行，只是参数不再更新，或者存下的文件里少了东西")
def _(array, built, chain, cut, notebook, own_class, parameters, plain, X):
    Own = own_class(notebook)
    Cut = cut(Own)
    Plain = plain(Own)
    for wrong in (built(Cut, 5, 3), built(Plain, 5, 3)):
        assert array(wrong(X)).shape == (2, 3)
    assert len(parameters(chain(built(Plain, 5, 3)))) == 1


@claim("其中`numpy`留给练习里的检查")
def _(In):

    start = next(n for n, cell in enumerate(In) if "def check(" in cell)
    uses = [bool(re.search(r"\bnumpy[.]", cell)) for cell in In]
    assert start > 15 and "import numpy" in In[1]
    assert not any(uses[:start]) and uses[start]


# 不带参数的层
@claim("从输入的每个元素里减去全体元素的均值，使输出以0为中心")
def _(array, CenteredLayer, X):
    numbers = array(X)
    wanted = numbers - numbers.mean()
    assert numpy.allclose(array(CenteredLayer()(X)), wanted, atol=1e-6)


@claim("它没有参数，所以连构造函数也不用写")
def _(CenteredLayer, parameters, ready, X):
    assert parameters(ready(CenteredLayer(), X)) == []
    assert "__init__" not in vars(CenteredLayer)


@claim("`Model`多出来的是训练、保存整个模型等方法", "tensorflow")
def _(CenteredLayer, tf):
    assert not issubclass(CenteredLayer, tf.keras.Model)
    for name in ("fit", "save"):
        assert hasattr(tf.keras.Model, name)
        assert not hasattr(tf.keras.layers.Layer, name)


@claim("拿1到5试一试，它们的均值是3")
def _(array, mean, tensor):
    assert float(array(mean(tensor([1, 2, 3, 4, 5])))) == 3


@claim("相邻两数仍然差1，中心移到了0")
def _(array, CenteredLayer, tensor):
    found = array(CenteredLayer()(tensor([1, 2, 3, 4, 5])))
    assert found.tolist() == [-2, -1, 0, 1, 2]


@claim("如果换成整数1到4，均值是2.5，整数类型存不下")
def _(array, cast, integers, mean, tensor):
    exact = float(array(mean(tensor([1, 2, 3, 4]))))
    whole = array(integers([1, 2, 3, 4]))
    stored = array(cast(tensor([exact]), str(whole.dtype)))
    assert whole.dtype.kind == "i" and stored.dtype == whole.dtype
    assert exact == 2.5 and stored.tolist() == [2]


@claim("MXNet求整数的均值时改用`float32`，相减之后也是`float32`", "mxnet")
def _(CenteredLayer, np):
    for kind in ("int32", "int64", "uint8"):
        whole = np.array([1, 2, 3, 4], dtype=kind)
        assert whole.mean().dtype == "float32"
        found = CenteredLayer()(whole)
        assert found.dtype == "float32"
        assert found.tolist() == [-1.5, -0.5, 0.5, 1.5]


@claim("不写`dtype`时，`np.array`把整数列表也做成`float32`的张量", "mxnet")
def _(np):
    assert np.array([1, 2, 3, 4]).dtype == "float32"


@claim("PyTorch不肯给整数求均值，错误信息说，输入必须是浮点数或复数", "pytorch")
def _(CenteredLayer, torch):
    whole = torch.tensor([1, 2, 3, 4])
    assert whole.dtype == torch.int64
    try:
        CenteredLayer()(whole)
    except RuntimeError as error:
        assert "floating point or complex" in str(error)
    else:
        raise AssertionError


@claim("先用`X.float()`转换", "pytorch")
def _(CenteredLayer, torch):
    found = CenteredLayer()(torch.tensor([1, 2, 3, 4]).float())
    assert found.tolist() == [-1.5, -0.5, 0.5, 1.5]


@claim(
    "没有报错，结果却错了：整数的均值仍是整数，2.5被截成2，输出也就不以0为中心",
    "tensorflow",
    "paddle",
)
def _(array, CenteredLayer, integers):
    found = CenteredLayer()(integers([1, 2, 3, 4]))
    assert array(found).tolist() == [-1, 0, 1, 2]
    assert "int" in str(array(found).dtype)


@claim("图片常用的`uint8`更糟，它没有负数，1减2得到255", "tensorflow")
def _(CenteredLayer, tf):
    pixels = tf.constant([1, 2, 3, 4], tf.uint8)
    assert CenteredLayer()(pixels).numpy().tolist() == [255, 0, 1, 2]


@claim("先用`tf.cast(X, tf.float32)`转换", "tensorflow")
def _(CenteredLayer, tf):
    found = CenteredLayer()(tf.cast(tf.range(1, 5), tf.float32))
    assert found.numpy().tolist() == [-1.5, -0.5, 0.5, 1.5]


@claim("容器默认会先把它们转换成`float32`，所以同一个层有时对、有时错", "tensorflow")
def _(CenteredLayer, chain, tf):
    whole = tf.constant([[1, 2, 3, 4]])
    alone, inside = CenteredLayer(), chain(CenteredLayer())
    assert alone(whole).numpy().tolist() == [[-1, 0, 1, 2]]
    assert inside(whole).numpy().tolist() == [[-1.5, -0.5, 0.5, 1.5]]
    # by default: a container that is told otherwise leaves them alone
    told = chain(tf.keras.Input((4,), dtype="int32"), CenteredLayer())
    assert told(whole).numpy().tolist() == [[-1, 0, 1, 2]]


@claim("换成图片常用的`uint8`则会当场报错，因为`mean`不支持它", "paddle")
def _(CenteredLayer, paddle, raises):
    pixels = paddle.to_tensor([1, 2, 3, 4], dtype="uint8")
    assert raises(RuntimeError, pixels.mean)
    assert raises(RuntimeError, lambda: CenteredLayer()(pixels))
    found = CenteredLayer()(pixels.astype("float32"))
    assert found.tolist() == [-1.5, -0.5, 0.5, 1.5]


@claim("先用`X.astype('float32')`转换", "paddle")
def _(CenteredLayer, paddle):
    whole = paddle.to_tensor([1, 2, 3, 4]).astype("float32")
    assert CenteredLayer()(whole).tolist() == [-1.5, -0.5, 0.5, 1.5]


@claim("同一行公式，换一种输入的类型，各个框架的答案就可能不同", "mxnet")
def _(CenteredLayer, integers):
    found = CenteredLayer()(integers([1, 2, 3, 4]))
    assert found.tolist() == [-1.5, -0.5, 0.5, 1.5]


@also("pytorch")
def _(CenteredLayer, integers, raises):
    whole = integers([1, 2, 3, 4])
    assert raises(RuntimeError, lambda: CenteredLayer()(whole))


@also("tensorflow", "paddle")
def _(array, CenteredLayer, integers):
    found = CenteredLayer()(integers([1, 2, 3, 4]))
    assert array(found).tolist() == [-1, 0, 1, 2]
    assert "int" in str(array(found).dtype)


@claim("形状由全连接层决定，`CenteredLayer`没有改变它")
def _(array, CenteredLayer, chain, dense, ready, tensor, X):
    for shape in ((5,), (2, 5), (2, 3, 4)):
        found = CenteredLayer()(tensor(numpy.ones(shape).tolist()))
        assert array(found).shape == shape
    block = chain(dense(5, 128), CenteredLayer())
    assert array(ready(block, X)(X)).shape == (2, 128)


@claim("输出的均值应当是0，检查它离0够不够近")
def _(array, CenteredLayer, chain, dense, ready, X):
    for width in (1, 7, 128):
        block = chain(dense(5, width), CenteredLayer())
        assert abs(array(ready(block, X)(X)).mean()) < 1e-6
        # it is the layer that does it
        assert abs(array(ready(dense(5, width), X)(X)).mean()) > 1e-6


@claim("1、1、2的均值是三分之四，二进制浮点数写不准这个数，只能取离它最近的一个")
def _(array, mean, tensor):
    from fractions import Fraction

    stored = array(mean(tensor([1, 1, 2]))).item()
    assert Fraction(stored) != Fraction(4, 3)
    step = abs(Fraction(stored) - Fraction(4, 3))
    for direction in (-9, 9):
        other = numpy.nextafter(numpy.float32(stored), numpy.float32(direction))
        assert abs(Fraction(float(other)) - Fraction(4, 3)) > step


@claim("减完再求和，偏差就积累了三份")
def _(array, CenteredLayer, mean, tensor):
    from fractions import Fraction

    stored = Fraction(array(mean(tensor([1, 1, 2]))).item())
    found = array(CenteredLayer()(tensor([1, 1, 2])))
    total = sum(Fraction(x) for x in found.tolist())
    assert total == -3 * (stored - Fraction(4, 3))
    assert array(3 * mean(CenteredLayer()(tensor([1, 1, 2])))) < 0


@claim("得到的是一个很小的负数，并不等于0")
def _(array, CenteredLayer, tensor):
    total = float(array(CenteredLayer()(tensor([1, 1, 2]))).sum())
    assert -1e-6 < total < 0


@claim("误差还与相加的次序有关")
def _(equal, tensor):
    one, tiny = tensor([1.0]), tensor([1e-8])
    left = sum([tiny] * 99, one)
    right = one + sum([tiny] * 99)
    assert not equal(left, right)


unchecked("换一台机器就可能不同", "needs a machine whose processor adds in another order")


@claim("一个样本的输出会受其他样本影响")
def _(array, CenteredLayer, tensor):
    together = array(CenteredLayer()(tensor([[1, 2], [10, 20]])))
    alone = array(CenteredLayer()(tensor([[1, 2]])))
    assert alone.tolist() == [[-0.5, 0.5]]
    assert not numpy.allclose(together[:1], alone)


# 带参数的层
@claim("权重的形状是（输入，输出），偏置的长度是输出的个数")
def _(array, built, notebook, own_class, tensor, value):
    Own = own_class(notebook)
    layer = built(Own, 7, 4)
    assert tuple(layer.weight.shape) == (7, 4)
    assert tuple(layer.bias.shape) == (4,)
    W, b = value(layer.weight), value(layer.bias)
    inputs = numpy.cos(numpy.arange(14)).reshape(2, 7)
    found = array(layer(tensor(inputs.tolist())))
    assert numpy.allclose(found, (inputs @ W + b).clip(0), atol=1e-6)


@claim("偏置从0开始，权重则从很小的随机数开始")
def _(built, notebook, own_class, value):
    Own = own_class(notebook)
    one, two = built(Own, 50, 40), built(Own, 50, 40)
    assert (value(one.bias) == 0).all()
    W = value(one.weight)
    assert abs(W).max() < 0.1
    assert (W > 0).any() and (W < 0).any()
    assert (value(two.weight) != W).any()


@claim("ReLU的输入就全是0，梯度也全是0，这个层怎么训练都不会变")
def _(built, fill, notebook, own_class, slopes, X):
    Own = own_class(notebook)
    layer = built(Own, 5, 3)
    fill(layer.weight, 0)
    for slope in slopes(layer, X):
        assert (slope == 0).all()


@claim("参数和普通的张量不同，要按框架的规矩创建，并成为层的属性")
def _(built, chain, notebook, own_class, parameters, plain):
    Own = own_class(notebook)
    Plain = plain(Own)
    assert len(parameters(chain(built(Own, 5, 3)))) == 2
    assert len(parameters(chain(built(Plain, 5, 3)))) == 1


@claim("参数在几个设备上各有一份，取和输入同处的那份", "mxnet")
def _(array, autograd, MyDense, npx, X):
    layer = MyDense(3, in_units=5)
    layer.initialize(ctx=[npx.cpu(0), npx.cpu(1)])
    with autograd.record():
        Y = layer(X.copyto(npx.cpu(1)))
    Y.backward()
    assert Y.ctx == npx.cpu(1)
    # it was the copy beside the input that took part
    assert (array(layer.weight.grad(npx.cpu(1))) != 0).any()
    assert (array(layer.weight.grad(npx.cpu(0))) == 0).all()


@claim("`MyDense`和自带的`nn.Dense`一样，参数表里输出的个数在前", "mxnet")
def _(MyDense, nn, X):
    assert MyDense(3, 5).weight.shape == (5, 3)
    layer = nn.Dense(3)
    assert layer(X).shape == (2, 3) if layer.initialize() is None else 0


@claim("默认是-0.07到0.07之间的均匀分布", "mxnet")
def _(built, MyDense, value):
    W = value(built(MyDense, 300, 200).weight)
    assert 0.0699 < abs(W).max() <= 0.07
    assert abs(W.std() - 0.07 / 3**0.5) < 2e-4
    layer = MyDense(3, in_units=5)
    layer.initialize("ones")
    assert (value(layer.weight) == 1).all()


@claim("`bias`写了`init='zeros'`，否则`initialize`也会给它填上随机数", "mxnet")
def _(nn, value):
    class RandomBias(nn.Block):
        def __init__(self):
            super().__init__()
            self.bias = self.params.get("bias", shape=(3,))

    layer = RandomBias()
    layer.initialize()
    assert (value(layer.bias) != 0).all()


@claim("前向传播直接用它也能算，`collect_params`里却没有它", "mxnet")
def _(built, MyDense, plain, X):
    Plain = plain(MyDense)
    layer = built(Plain, 5, 3)
    assert layer(X).shape == (2, 3)
    shapes = [p.shape for p in layer.collect_params().values()]
    assert shapes == [(3,)]


@claim("`data`取出的张量仍由自动微分跟踪，可以放心使用；若再接上`detach()`，梯度就断了", "mxnet")
def _(built, cut, MyDense, slopes, tensor):
    Cut = cut(MyDense)
    inputs = tensor([[9, 8, 7, 6, 5]] * 9)
    assert (slopes(built(MyDense, 5, 30), inputs)[0] != 0).any()
    weight_slope, bias_slope = slopes(built(Cut, 5, 30), inputs)
    assert (weight_slope == 0).all() and (bias_slope != 0).any()


@claim("会发现`weight`没有得到新的梯度，抛出`UserWarning`", "mxnet")
def _(chain, cut, moved, MyDense, nn, raises, X):
    Cut = cut(MyDense)
    block = chain(nn.Dense(5), Cut(30, in_units=5), nn.Dense(1))
    assert raises(UserWarning, lambda: moved(block, X))
    moved(chain(nn.Dense(5), MyDense(30, in_units=5)), X)


@claim("自带的`nn.Dense`则相反，是（输出，输入）", "mxnet")
def _(array, built, MyDense, nn, ready, X):
    builtin = ready(nn.Dense(3, activation="relu"), X)
    assert builtin.weight.shape == (3, 5)
    layer = built(MyDense, 5, 3)
    layer.weight.set_data(builtin.weight.data().T)
    assert numpy.allclose(array(layer(X)), array(builtin(X)), atol=1e-6)


@claim("参数乘以数就不再是参数", "pytorch")
def _(nn, torch):
    product = nn.Parameter(torch.randn(5, 3)) * 0.01
    assert not isinstance(product, nn.Parameter)


@claim("普通的张量即使设了`requires_grad=True`也不会登记", "pytorch")
def _(MyLinear, plain):
    Plain = plain(MyLinear)
    layer = Plain(5, 3)
    assert layer.weight.requires_grad
    assert [name for name, _ in layer.named_parameters()] == ["bias"]
    assert list(layer.state_dict()) == ["bias"]


@claim("同样不行，因为乘法的结果是普通的张量", "pytorch")
def _(MyLinear, nn, torch):
    class Product(MyLinear):
        def __init__(self, in_units, units):
            nn.Module.__init__(self)
            self.weight = nn.Parameter(torch.randn(in_units, units)) * 0.01
            self.bias = nn.Parameter(torch.zeros(units))

    layer = Product(5, 3)
    assert [name for name, _ in layer.named_parameters()] == ["bias"]


@claim("输出一模一样，但`data`取出的张量已经和计算图断开", "pytorch")
def _(equal, F, MyLinear, X):
    class Data(MyLinear):
        def forward(self, X):
            return F.relu(X @ self.weight.data + self.bias.data)

    one, two = MyLinear(5, 3), Data(5, 3)
    two.load_state_dict(one.state_dict())
    assert equal(one(X), two(X))
    assert one(X).requires_grad and not two(X).requires_grad


@claim("单独对这样的层做反向传播会报错；夹在别的层中间时连错也不报", "pytorch")
def _(F, moved, MyLinear, nn, raises, X):

    class Data(MyLinear):
        def forward(self, X):
            return F.relu(X @ self.weight.data + self.bias.data)

    layer = Data(5, 30)
    assert raises(RuntimeError, lambda: layer(X).sum().backward())
    block = nn.Sequential(nn.Linear(5, 5), layer, nn.Linear(30, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = moved(block, X)
    assert found == [True, True, False, False, True, True], found


@claim("自带的`nn.Linear`则相反，是（输出，输入）", "pytorch")
def _(F, MyLinear, nn, torch, X):
    builtin, layer = nn.Linear(5, 3), MyLinear(5, 3)
    assert builtin.weight.shape == (3, 5)
    with torch.no_grad():
        layer.weight.copy_(builtin.weight.T)
        layer.bias.copy_(builtin.bias)
    assert torch.allclose(layer(X), F.relu(builtin(X)), atol=1e-6)


@claim("构造函数只记下输出的个数。参数放在`build`里创建", "tensorflow")
def _(MyDense, X):
    layer = MyDense(3)
    assert layer.units == 3 and not layer.built
    assert not hasattr(layer, "weight")
    layer(X)
    assert layer.built and layer.weight.shape == (5, 3)


@claim(
    "Keras 3不把它算作权重：`weights`里没有它，`fit`不更新它，"
    "`save_weights`和`.keras`文件也不存它（只有`tf.train.Checkpoint`还认得它）",
    "tensorflow",
)
def _(chain, MyDense, plain, tf, value, X):
    Plain = plain(MyDense)
    make = lambda: chain(Plain(30), tf.keras.layers.Dense(1))
    block, clone = make(), make()
    block(X), clone(X)
    shapes = [tuple(w.shape) for w in block.weights]
    assert shapes == [(30,), (30, 1), (1,)]
    before = block.layers[0].weight.numpy()
    known = [value(weight) for weight in block.weights]
    block.compile("sgd", "mse")
    block.fit(X, tf.ones((2, 1)), epochs=3, verbose=0)
    assert (block.layers[0].weight.numpy() == before).all()
    for weight, old in zip(block.weights, known, strict=True):
        assert (value(weight) != old).any()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "it")
        block.save_weights(path + ".weights.h5")
        clone.load_weights(path + ".weights.h5")
        block.save(path + ".keras")
        loaded = tf.keras.models.load_model(path + ".keras", custom_objects={"Plain": Plain})
        for other in (clone, loaded):
            for one, two in zip(other.weights, block.weights, strict=True):
                assert (value(one) == value(two)).all()
            assert (other.layers[0].weight.numpy() != before).any()
        one, two = block.layers[0], clone.layers[0]
        tf.train.Checkpoint(it=one).write(path)
        tf.train.Checkpoint(it=two).read(path).assert_consumed()
    assert (clone.layers[0].weight.numpy() == before).all()


@claim(
    "输出一模一样，得到的却是NumPy数组，`GradientTape`看不到它，求出的梯度是`None`", "tensorflow"
)
def _(built, equal, MyDense, slopes, tf, X):
    class Numpy(MyDense):
        def call(self, X):
            return tf.nn.relu(X @ self.weight.numpy() + self.bias)

    one, two = built(MyDense, 5, 3), built(Numpy, 5, 3)
    two.set_weights(one.get_weights())
    assert equal(one(X), two(X))
    assert isinstance(one.weight.numpy(), numpy.ndarray)
    assert slopes(two, X)[0] is None
    assert slopes(one, X)[0] is not None


@claim("优化器遇到没有梯度的权重只给一个警告，照样更新其余的", "tensorflow")
def _(built, dense, moved, MyDense, tf, X):

    class Numpy(MyDense):
        def call(self, X):
            return tf.nn.relu(X @ self.weight.numpy() + self.bias)

    layers = dense(5, 5), built(Numpy, 5, 30), dense(30, 1)

    class Net(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.one, self.two, self.three = layers

        def call(self, X):
            return self.three(self.two(self.one(X)))

    layers[0].build((None, 5))
    layers[2].build((None, 30))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = moved(Net(), X)
    assert found == [True, True, False, True, True, True], found
    assert any("Gradients do not exist" in str(w.message) for w in caught)


@claim("换成`fit`，这样的层会当场报错", "tensorflow")
def _(chain, MyDense, raises, tf, X):
    class Numpy(MyDense):
        def call(self, X):
            return tf.nn.relu(X @ self.weight.numpy() + self.bias)

    def fit(kind):
        block = chain(kind(3))
        block.compile("sgd", "mse")
        block.fit(X, tf.ones((2, 3)), verbose=0)

    fit(MyDense)
    assert raises(NotImplementedError, lambda: fit(Numpy))


@claim("权重的形状是（输入，输出），和自带的`Dense`相同", "tensorflow")
def _(array, built, MyDense, tf, X):
    builtin = tf.keras.layers.Dense(3, activation="relu")
    builtin.build((None, 5))
    layer = built(MyDense, 5, 3)
    layer.set_weights(builtin.get_weights())
    assert numpy.allclose(array(layer(X)), array(builtin(X)), atol=1e-6)


@claim("不写`is_bias=True`，偏置也会得到随机的初始值", "paddle")
def _(nn):
    plain = nn.Layer().create_parameter([3])
    zero = nn.Layer().create_parameter([3], is_bias=True)
    assert (plain.numpy() != 0).all() and (zero.numpy() == 0).all()


@claim("得到的只是不保存的缓冲（buffer），`parameters()`和`state_dict()`里都没有它", "paddle")
def _(MyLinear, plain):
    Plain = plain(MyLinear)
    layer = Plain(5, 3)
    assert [name for name, _ in layer.named_buffers()] == ["weight"]
    assert [name for name, _ in layer.named_parameters()] == ["bias"]
    assert list(layer.state_dict()) == ["bias"]


@claim("写成`self.weight.detach()`或`self.weight.data`，输出一模一样", "paddle")
def _(cut, equal, F, MyLinear, slopes, X):
    Cut = cut(MyLinear)

    class Data(MyLinear):
        def forward(self, X):
            return F.relu(X @ self.weight.data + self.bias)

    one = MyLinear(5, 30)
    for kind in (Cut, Data):
        two = kind(5, 30)
        two.set_state_dict(one.state_dict())
        assert equal(one(X), two(X))
        weight_slope, bias_slope = slopes(two, X)
        assert weight_slope is None and (bias_slope != 0).any()


@claim("优化器会跳过没有梯度的参数，什么也不说：前后的层都在训练，只有它始终不变", "paddle")
def _(cut, moved, MyLinear, nn, X):
    Cut = cut(MyLinear)

    block = nn.Sequential(nn.Linear(5, 5), Cut(5, 30), nn.Linear(30, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = moved(block, X)
    assert found == [True, True, False, True, True, True], found


@claim("权重的形状是（输入，输出），和自带的`nn.Linear`相同", "paddle")
def _(F, MyLinear, nn, X):
    builtin, layer = nn.Linear(5, 3), MyLinear(5, 3)
    layer.set_state_dict(builtin.state_dict())
    found, wanted = layer(X).numpy(), F.relu(builtin(X)).numpy()
    assert numpy.allclose(found, wanted, atol=1e-6)


@claim("造一个5个输入、3个输出的层，请框架交出登记过的参数")
def _(layer, parameters):
    shapes = [tuple(weight.shape) for weight in parameters(layer)]
    assert shapes == [(5, 3), (3,)]


@claim("两个参数都在：权重是一些绝对值很小的数，偏置全是0")
def _(layer, value):
    assert 0 < abs(value(layer.weight)).max() < 0.1
    assert (value(layer.bias) == 0).all()


@claim("如果不调用`build`，列表会是空的", "tensorflow")
def _(MyDense):
    assert MyDense(3).get_weights() == []


@claim("没有，负的都被ReLU变成了0")
def _(array, layer, value, X):
    linear_part = array(X) @ value(layer.weight) + value(layer.bias)
    assert (linear_part < 0).any()
    found = array(layer(X))
    assert (found[linear_part < 0] == 0).all()
    assert numpy.allclose(found, linear_part.clip(0), atol=1e-6)


@claim("请看权重的梯度的形状，以及偏置的梯度的值")
def _(array, layer, slopes, X):
    weight_slope, bias_slope = slopes(layer, X)
    assert weight_slope.shape == (5, 3)
    active = (array(layer(X)) > 0).astype("float32")
    wanted = array(X).T @ active
    assert numpy.allclose(weight_slope, wanted, atol=1e-5)
    assert (weight_slope != 0).any()


@claim("梯度会累加，先清空", "pytorch")
def _(built, MyLinear, value, X):
    layer = built(MyLinear, 5, 200)

    def slope(clear):
        if clear:
            layer.zero_grad()
        layer(X).sum().backward()
        return value(layer.bias.grad)

    once, again, twice = slope(True), slope(True), slope(False)
    assert once.any() and (again == once).all()
    assert (twice == 2 * once).all()


@also("paddle")
def _(built, MyLinear, value, X):
    layer = built(MyLinear, 5, 200)

    def slope(clear):
        if clear:
            layer.clear_gradients()
        layer(X).sum().backward()
        return value(layer.bias.grad)

    once, again, twice = slope(True), slope(True), slope(False)
    assert once.any() and (again == once).all()
    assert (twice == 2 * once).all()


@claim("每个单元得到的数，就是有几个样本让它的输出大于0，请和上面的输出对照")
def _(array, layer, slopes, X):
    active = array(layer(X)) > 0
    assert slopes(layer, X)[1].tolist() == active.sum(axis=0).tolist()
    # rounding to what is printed hides no active unit
    assert ((array(layer(X)).round(4) > 0) == active).all()


@claim("如果某个单元对所有样本的输出都是0，它的参数在这一步的梯度就全是0")
def _(array, built, notebook, own_class, slopes, X):
    Own = own_class(notebook)
    layer = built(Own, 5, 200)
    weight_slope, bias_slope = slopes(layer, X)
    dead = (array(layer(X)) == 0).all(axis=0)
    assert dead.any() and not dead.all()
    assert (weight_slope[:, dead] == 0).all()
    assert (bias_slope[dead] == 0).all()
    assert (bias_slope[~dead] > 0).all()


@claim("每张展平成64个数，经过8个单元，最后得到一个可正可负的数")
def _(array, equal, images, net, parameters, tensor):
    squares = array(images).reshape(2, 8, 8)
    flat = tensor([sum(square, []) for square in squares.tolist()])
    assert equal(flat, images) and tuple(flat.shape) == (2, 64)
    assert tuple(array(net(flat)).shape) == (2, 1)
    shapes = [sorted(weight.shape) for weight in parameters(net)]
    assert shapes == [[8, 64], [8], [1, 8], [1]]


@claim("最后一层用自带的、不带激活函数的全连接层")
def _(
    array, built, chain, dense, fill, images, Linear, net, notebook, own_class, parameters, ready, X
):
    Own = own_class(notebook)
    assert (array(net(images)) != 0).all()
    *_, last = net.layers if hasattr(net, "layers") else net
    assert type(last) is Linear
    block = ready(chain(built(Own, 5, 30), dense(30, 1)), X)
    signs = set()
    for number in (-1, 1):
        fill(parameters(block)[-2], number)
        signs |= set(numpy.sign(array(block(X))).ravel().tolist())
    assert signs >= {-1, 1}, signs


@claim("要是最后一层也带ReLU，输出就不会是负数；初始值稍不凑巧，所有样本的输出就全是0，梯度也全是0")
def _(array, built, chain, moved, notebook, own_class, X):
    Own = own_class(notebook)
    dead = 0
    for _ in range(40):
        block = chain(built(Own, 5, 8), built(Own, 8, 1))
        found = array(block(X))
        assert (found >= 0).all()
        if (found == 0).all():
            dead += 1
            assert moved(block, X) == [False] * 4
    assert 0 < dead < 40, dead


@claim("自己写的层和自带的层混在一起，没有什么不便")
def _(built, chain, dense, moved, notebook, own_class, ready, reloads, X):
    Own = own_class(notebook)
    make = lambda: chain(built(Own, 5, 100), dense(100, 1))
    assert moved(make(), X) == [True] * 4
    assert reloads(lambda: ready(make(), X), X)


# 像自带的层一样
@claim("自带的层被问到时能说出自己的配置，例如有几个输出", "mxnet")
def _(nn):
    assert repr(nn.Dense(3, in_units=5)).startswith("Dense(5 -> 3")


@also("pytorch", "paddle")
def _(nn):
    assert "out_features=3" in repr(nn.Linear(5, 3))


@also("tensorflow")
def _(tf):
    assert tf.keras.layers.Dense(3).get_config()["units"] == 3


@claim("容器显示自己时会逐个询问里面的块，用的就是`__repr__`", "mxnet")
def _(net):
    assert "(0): MyDense(64 -> 8)" in repr(net)
    assert "(1): Dense(8 -> 1, linear)" in repr(net)


@claim("基类自带的`__repr__`只列出子块", "mxnet")
def _(MyDense, nn):
    found = nn.Block.__repr__(MyDense(3, in_units=5))
    assert "".join(found.split()) == "MyDense()"

    class Wrapped(nn.Block):
        def __init__(self):
            super().__init__()
            self.inner = MyDense(3, in_units=5)

    assert "(inner): MyDense(5 -> 3)" in repr(Wrapped())


@claim("`extra_repr`返回的文字会填进层的名字后面的括号。不写它，这里就只有`MyLinear()`", "pytorch")
def _(MyLinear, nn):
    layer = MyLinear(5, 3)
    assert repr(layer) == f"MyLinear({layer.extra_repr()})"
    assert "5" in layer.extra_repr()
    named = type("MyLinear", (MyLinear,), {"extra_repr": nn.Module.extra_repr})
    assert repr(named(5, 3)) == "MyLinear()"


@also("paddle")
def _(MyLinear, nn):
    layer = MyLinear(5, 3)
    assert repr(layer) == f"MyLinear({layer.extra_repr()})"
    assert "5" in layer.extra_repr()
    named = type("MyLinear", (MyLinear,), {"extra_repr": nn.Layer.extra_repr})
    assert repr(named(5, 3)) == "MyLinear()"


@claim("它只供人阅读，不影响保存和读取", "pytorch")
def _(MyLinear, nn, reloads, X):
    silent = type("Silent", (MyLinear,), {"extra_repr": nn.Module.extra_repr})
    assert reloads(lambda: silent(5, 3), X)


@also("paddle")
def _(MyLinear, nn, reloads, X):
    silent = type("Silent", (MyLinear,), {"extra_repr": nn.Layer.extra_repr})
    assert reloads(lambda: silent(5, 3), X)


@claim("`get_config`返回一个字典，`MyDense.from_config`用它造出配置相同的新层", "tensorflow")
def _(MyDense):
    config = MyDense(3, name="mine").get_config()
    made = MyDense.from_config(config)
    assert isinstance(config, dict)
    assert made.units == 3 and made.name == "mine"


@claim("不写`**kwargs`，`from_config`会报错", "tensorflow")
def _(raises, tf):
    class NoKwargs(tf.keras.layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = units

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    config = NoKwargs(3).get_config()
    assert "name" in config
    assert raises(TypeError, lambda: NoKwargs.from_config(config))


@claim("Keras能自己记下整数、字符串这样的简单参数；遇到别的对象，保存时就会报错", "tensorflow")
def _(chain, raises, tf, X):
    class Silent(tf.keras.layers.Layer):
        def __init__(self, argument, **kwargs):
            super().__init__(**kwargs)

        def call(self, X):
            return X

    for simple in (3, "relu"):
        assert Silent(simple).get_config()["argument"] == simple

    def save(argument):
        block = chain(Silent(argument))
        block(X)
        with tempfile.TemporaryDirectory() as folder:
            block.save(os.path.join(folder, "silent.keras"))

    save(3)
    assert raises(NotImplementedError, lambda: save(object()))


@claim("文件放在临时文件夹里，用完就删")
def _(folder):

    assert not os.path.exists(folder)


@claim("读取没有报错，使用时却抛出了`TypeError`", "mxnet")
def _(layer, MyDense, raises, save_and_load, X):
    clone = MyDense(3, in_units=5)
    with tempfile.TemporaryDirectory() as folder:
        save_and_load(layer, clone, os.path.join(folder, "w"), X)
    assert raises(TypeError, lambda: clone(X))


@claim("单独的层存下的名字是`weight`和`bias`，里面没有点", "mxnet")
def _(layer, MyDense, npx, save_and_load, X):
    import mxnet

    clone = MyDense(3, in_units=5)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "w")
        save_and_load(layer, clone, path, X)
        assert set(npx.load(path)) == {"weight", "bias"}
    assert type(clone.weight.data()) is mxnet.nd.NDArray


@claim("新层若已经初始化，错误会早一步出现在`load_parameters`里", "mxnet")
def _(built, layer, MyDense, raises):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "w")
        layer.save_parameters(path)
        other = built(MyDense, 5, 3)
        assert raises(TypeError, lambda: other.load_parameters(path))


@claim("自带的`nn.Dense`单独保存时也是这样", "mxnet")
def _(nn, raises, ready, save_and_load, X):
    clone = nn.Dense(3, in_units=5)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "w")
        save_and_load(ready(nn.Dense(3), X), clone, path, X)
    assert raises(TypeError, lambda: clone(X))


@claim("名字就成了`0.weight`这样带点的；层是别的块的属性时，名字也带点", "mxnet")
def _(MyDense, net, nn, npx, ready, reloads, X):
    class Wrapped(nn.Block):
        def __init__(self):
            super().__init__()
            self.inner = MyDense(3, in_units=5)

        def forward(self, X):
            return self.inner(X)

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "w")
        net.save_parameters(path)
        assert "0.weight" in npx.load(path)
        ready(Wrapped(), X).save_parameters(path)
        assert set(npx.load(path)) == {"inner.weight", "inner.bias"}
    assert reloads(Wrapped, X)


@claim(
    "登记过的参数自动进入`state_dict()`。网络也一样，只是名字前面多了层的序号", "pytorch", "paddle"
)
def _(layer, MyLinear, net, reloads, X):
    assert list(layer.state_dict()) == ["weight", "bias"]
    assert "0.weight" in net.state_dict()
    assert reloads(lambda: MyLinear(5, 3), X)


@claim("层自己没有`save`方法，负责存取的是`tf.train.Checkpoint`", "tensorflow")
def _(built, layer, MyDense, net, tf):
    for name in ("save", "save_weights"):
        assert not hasattr(layer, name)
        assert hasattr(net, name)
    clone = built(MyDense, 5, 3)
    assert not (clone.weight.numpy() == layer.weight.numpy()).all()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "layer")
        tf.train.Checkpoint(layer=layer).write(path)
        tf.train.Checkpoint(layer=clone).read(path).assert_consumed()
    assert (clone.weight.numpy() == layer.weight.numpy()).all()


@claim("`assert_consumed`确认文件里的参数都派上了用场", "tensorflow")
def _(built, layer, MyDense, raises, tf):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "layer")
        tf.train.Checkpoint(layer=layer).write(path)
        status = tf.train.Checkpoint(other=built(MyDense, 5, 3)).read(path)
        assert raises(AssertionError, status.assert_consumed)


@claim("它把结构和参数一起存进`.keras`文件，读取时连`MyDense(8)`这样的代码也不用再写", "tensorflow")
def _(net, tf):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "net.keras")
        net.save(path)
        loaded = tf.keras.models.load_model(path)
    assert [dense.units for dense in loaded.layers] == [8, 1]
    for one, two in zip(loaded.weights, net.weights, strict=True):
        assert (one.numpy() == two.numpy()).all()


@claim("读进新网络以后，输出和原来的网络完全相同")
def _(
    array, built, chain, clone, dense, equal, images, net, notebook, own_class, parameters, value
):
    Own = own_class(notebook)
    assert clone is not net
    assert equal(clone(images), net(images))
    assert len(parameters(clone)) == 4
    for one, two in zip(parameters(clone), parameters(net), strict=True):
        assert one is not two
        assert (value(one) == value(two)).all()
    # not because all of it is zero, nor because any net says the same
    assert (array(net(images)) != 0).all()
    block = chain(built(Own, 64, 8), dense(8, 1))
    getattr(block, "initialize", int)()
    assert not equal(block(images), net(images))


@claim("用`npx.load`读出字典，再对初始化过的层逐个调用`set_data`，同样可以", "mxnet")
def _(built, equal, layer, MyDense, npx, X):
    other = built(MyDense, 5, 3)
    assert not equal(other.weight.data(), layer.weight.data())
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "w")
        layer.save_parameters(path)
        for name, number in npx.load(path).items():
            getattr(other, name).set_data(number)
    assert equal(other.weight.data(), layer.weight.data())
    assert equal(other(X), layer(X))


@claim("文件里记的是类的名字和`get_config`的字典，不含类的代码", "tensorflow")
def _(net):

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "net.keras")
        net.save(path)
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            text = archive.read("config.json").decode()
    assert not any(name.endswith((".py", ".pyc")) for name in names)
    assert "MyDense" in text and "relu" not in text
    layers = json.loads(text)["config"]["layers"]
    assert [dense["config"]["units"] for dense in layers if dense["class_name"] == "MyDense"] == [8]


@claim("没有登记的类要写进参数`custom_objects`，否则读取时报错", "tensorflow")
def _(CenteredLayer, chain, equal, raises, tf, X):
    class Unknown(CenteredLayer):
        pass

    block = chain(Unknown())
    block(X)
    load = tf.keras.models.load_model
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "net.keras")
        block.save(path)
        assert raises(TypeError, lambda: load(path))
        loaded = load(path, custom_objects={"Unknown": Unknown})
    assert equal(loaded(X), block(X))


@claim("在另一个程序里读取，要先运行`MyDense`的定义", "tensorflow")
def _(equal, images, net, raises, tf):
    known = tf.keras.utils.get_custom_objects()
    load = tf.keras.models.load_model
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "net.keras")
        net.save(path)
        kept = dict(known)
        known.clear()
        try:
            assert raises(TypeError, lambda: load(path))
        finally:
            known.update(kept)
        assert equal(load(path)(images), net(images))


# 小结
@claim("自定义层是一个类，不带参数时只要写前向传播，写好就能放进容器")
def _(array, CenteredLayer, chain, dense, ready, X):
    methods = [name for name, it in vars(CenteredLayer).items() if callable(it)]
    assert methods in (["forward"], ["call"])
    block = chain(dense(5, 8), CenteredLayer(), dense(8, 2))
    assert array(ready(block, X)(X)).shape == (2, 2)


@claim("整数的均值在各个框架里不尽相同，层若需要浮点数，就先转换再计算", "mxnet")
def _(array, CenteredLayer, integers, tensor):
    found = CenteredLayer()(integers([1, 2, 3, 4]))
    assert found.tolist() == [-1.5, -0.5, 0.5, 1.5]

    exact = array(CenteredLayer()(tensor([1, 2, 3, 4]))).tolist()
    assert exact == [-1.5, -0.5, 0.5, 1.5]


@also("pytorch")
def _(array, CenteredLayer, integers, raises, tensor):
    whole = integers([1, 2, 3, 4])
    assert raises(RuntimeError, lambda: CenteredLayer()(whole))

    exact = array(CenteredLayer()(tensor([1, 2, 3, 4]))).tolist()
    assert exact == [-1.5, -0.5, 0.5, 1.5]


@also("tensorflow", "paddle")
def _(array, CenteredLayer, integers, tensor):
    found = CenteredLayer()(integers([1, 2, 3, 4]))
    assert array(found).tolist() == [-1, 0, 1, 2]
    assert "int" in str(array(found).dtype)

    exact = array(CenteredLayer()(tensor([1, 2, 3, 4]))).tolist()
    assert exact == [-1.5, -0.5, 0.5, 1.5]


@claim("浮点数有舍入误差，减去均值之后，均值只是非常接近0")
def _(array, CenteredLayer, mean, tensor):
    left = array(mean(CenteredLayer()(tensor([1, 1, 2])))).item()
    assert left != 0 and abs(left) < 1e-6


@claim("参数要按框架的规矩创建：普通的张量没有登记，训练和保存都轮不到它")
def _(built, chain, notebook, own_class, parameters, plain, X):
    Own = own_class(notebook)
    Plain = plain(Own)
    block = chain(built(Plain, 5, 3))
    block(X)
    found = parameters(block)
    assert [tuple(weight.shape) for weight in found] == [(3,)]


@claim("切断了计算图的副本让参数得不到梯度，输出的数值上却看不出来")
def _(built, cut, equal, fill, notebook, own_class, slopes, X):
    Own = own_class(notebook)
    Cut = cut(Own)
    one, two = built(Own, 5, 30), built(Cut, 5, 30)
    for layer in (one, two):
        fill(layer.weight, 0.01)
        fill(layer.bias, 1)
    assert equal(one(X), two(X))
    weight_slope, bias_slope = slopes(two, X)
    assert weight_slope is None or (weight_slope == 0).all()
    assert (bias_slope != 0).any()
    assert (slopes(one, X)[0] != 0).any()


@claim("参数登记好了，自定义层放进容器就能保存和读取，读回来的网络给出相同的输出")
def _(built, chain, equal, notebook, own_class, parameters, ready, save_and_load, value, X):
    Own = own_class(notebook)
    block = ready(chain(built(Own, 5, 30), built(Own, 30, 2)), X)
    clone = ready(chain(built(Own, 5, 30), built(Own, 30, 2)), X)
    assert (value(parameters(clone)[0]) != value(parameters(block)[0])).any()
    with tempfile.TemporaryDirectory() as folder:
        save_and_load(block, clone, os.path.join(folder, "w"), X)
    assert equal(clone(X), block(X))
    for one, two in zip(parameters(clone), parameters(block), strict=True):
        assert (value(one) == value(two)).all()


# 练习
@claim("切断了计算图的权重写作")
def _(built, cut, notebook, own_class, slopes, X):
    Own = own_class(notebook)
    Cut = cut(Own)
    weight_slope, bias_slope = slopes(built(Cut, 5, 200), X)
    assert weight_slope is None or (weight_slope == 0).all()
    assert (bias_slope != 0).any()


@claim(
    "`step`会抛出`UserWarning`，那一步一个参数也不更新；要接着训练，"
    "写`trainer.step(1, ignore_stale_grad=True)`",
    "mxnet",
)
def _(autograd, chain, cut, gluon, MyDense, nn, parameters, raises, ready, value, X):
    Cut = cut(MyDense)
    block = ready(chain(nn.Dense(5), Cut(30, in_units=5), nn.Dense(1)), X)
    trainer = gluon.Trainer(block.collect_params(), "sgd", {"learning_rate": 0.1})

    def changed(**kwargs):
        before = [value(weight) for weight in parameters(block)]
        with autograd.record():
            Y = block(X)
        Y.backward()
        step = lambda: trainer.step(1, **kwargs)
        refused = raises(UserWarning, step)
        return refused, [
            bool((value(weight) != old).any())
            for weight, old in zip(parameters(block), before, strict=True)
        ]

    assert changed() == (True, [False] * 6)
    told = changed(ignore_stale_grad=True)
    assert told == (False, [True, True, False, True, True, True]), told


@claim("实数输入的另一半与这一半共轭")
def _():
    for d in (8, 5):
        z = numpy.fft.fft(numpy.sin(range(d)))
        half = numpy.fft.rfft(numpy.sin(range(d)))
        assert len(half) == d // 2 + 1
        assert numpy.allclose(z[: len(half)], half)
        for k in range(1, d):
            assert numpy.allclose(z[d - k], z[k].conj())
        angle = -2j * numpy.pi * numpy.outer(range(d), range(d)) / d
        assert numpy.allclose(numpy.exp(angle) @ numpy.sin(range(d)), z)


@claim("MXNet在CPU上没有快速傅里叶变换", "mxnet")
def _(np, raises):
    import mxnet

    assert not hasattr(np, "fft")
    legacy = mxnet.nd.ones((2, 8))

    def transform():
        mxnet.nd.contrib.fft(legacy).asnumpy()

    assert raises(mxnet.base.MXNetError, transform)


@claim("里有现成的变换，结果是复数，要拆成实部和虚部", "pytorch")
def _(torch, X):
    assert torch.fft.rfft(X).is_complex()


@also("tensorflow")
def _(tf, X):
    assert tf.signal.rfft(X).dtype.is_complex


@also("paddle")
def _(paddle, X):
    assert paddle.fft.rfft(X).is_complex()


@claim("是不是正在训练，看", "mxnet")
def _(autograd):
    assert not autograd.is_training()
    with autograd.record():
        assert autograd.is_training()


@also("pytorch", "paddle")
def _(MyLinear):
    layer = MyLinear(5, 3)
    assert layer.training
    layer.eval()
    assert not layer.training
    layer.train()
    assert layer.training


@also("tensorflow")
def _(chain, tf, X):
    seen = []

    class Seen(tf.keras.layers.Layer):
        def call(self, X, training=False):
            seen.append(training)
            return X

    block = chain(Seen())
    block(X)
    seen.clear()
    block(X)
    block(X, training=True)
    assert seen == [False, True], seen
