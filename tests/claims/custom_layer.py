"""Claims of chapter_computation/custom-layer.md, checked in every tab."""

from textwrap import dedent

from claims import Claim
from words import TABS, in_words

SECTION = "chapter_computation/custom-layer.md"

# On top of the words of all sections. A fresh layer has its parameters;
# `slopes` are those of the sum of its outputs, None where no gradient came;
# `moved` says for each weight whether training changes it.
OWN_WORDS = {
    "mxnet": """
        from mxnet import gluon
        MyOwn = MyDense
        mean = lambda tensor: tensor.mean()
        tensor = lambda numbers: np.array(numbers, dtype='float32')
        integers = lambda numbers: np.array(numbers, dtype='int32')
        truncated = lambda numbers: tensor(numbers).astype('int32')
        def fresh(in_units, units, kind=MyDense):
            layer = kind(units, in_units=in_units)
            layer.initialize()
            return layer
        def net_of(*layers):
            net = nn.Sequential()
            net.add(*layers)
            return net
        def slopes(layer, inputs):
            with autograd.record():
                Y = layer(inputs)
            Y.backward()
            return [layer.weight.grad().asnumpy(), layer.bias.grad().asnumpy()]
        def moved(block, inputs):
            for weight in weights(block):
                if raises(RuntimeError, weight.list_ctx):
                    weight.initialize()
            block(inputs)
            trainer = gluon.Trainer(block.collect_params(), 'sgd',
                                    {'learning_rate': 0.1})
            before = [value(weight) for weight in weights(block)]
            for _ in range(5):
                with autograd.record():
                    Y = block(inputs)
                Y.backward()
                trainer.step(1)
            return [bool((value(weight) != old).any())
                    for weight, old in zip(weights(block), before)]
    """,
    "pytorch": """
        MyOwn = MyLinear
        mean = lambda tensor: tensor.mean()
        tensor = lambda numbers: torch.tensor(numbers, dtype=torch.float32)
        integers = torch.tensor
        truncated = lambda numbers: tensor(numbers).to(torch.int64)
        def fresh(in_units, units, kind=MyLinear):
            return kind(in_units, units)
        net_of = nn.Sequential
        def slopes(layer, inputs):
            layer.zero_grad()
            layer(inputs).sum().backward()
            return [None if p.grad is None else p.grad.numpy()
                    for p in (layer.weight, layer.bias)]
        def moved(block, inputs):
            step = torch.optim.SGD(block.parameters(), lr=0.1).step
            before = [value(weight) for weight in weights(block)]
            for _ in range(5):
                block.zero_grad()
                block(inputs).sum().backward()
                step()
            return [bool((value(weight) != old).any())
                    for weight, old in zip(weights(block), before)]
    """,
    "tensorflow": """
        MyOwn = MyDense
        mean = tf.reduce_mean
        tensor = lambda numbers: tf.constant(numbers, tf.float32)
        integers = tf.constant
        truncated = lambda numbers: tf.cast(tensor(numbers), tf.int32)
        def fresh(in_units, units, kind=MyDense):
            layer = kind(units)
            layer.build((None, in_units))
            return layer
        net_of = lambda *layers: tf.keras.Sequential(list(layers))
        def slopes(layer, inputs):
            with tf.GradientTape() as tape:
                Y = layer(inputs)
            found = tape.gradient(Y, [layer.weight.value, layer.bias.value])
            return [None if grad is None else grad.numpy() for grad in found]
        def moved(block, inputs):
            block(inputs)
            sgd = tf.keras.optimizers.SGD(0.1)
            before = [value(weight) for weight in weights(block)]
            for _ in range(5):
                with tf.GradientTape() as tape:
                    Y = block(inputs)
                found = tape.gradient(Y, block.trainable_weights)
                sgd.apply_gradients(zip(found, block.trainable_weights))
            return [bool((value(weight) != old).any())
                    for weight, old in zip(weights(block), before)]
    """,
    "paddle": """
        MyOwn = MyLinear
        mean = lambda tensor: tensor.mean()
        tensor = lambda numbers: paddle.to_tensor(numbers, dtype='float32')
        integers = paddle.to_tensor
        truncated = lambda numbers: tensor(numbers).astype('int64')
        def fresh(in_units, units, kind=MyLinear):
            return kind(in_units, units)
        net_of = nn.Sequential
        def slopes(layer, inputs):
            layer.clear_gradients(set_to_zero=False)
            layer(inputs).sum().backward()
            return [None if p.grad is None else p.grad.numpy()
                    for p in (layer.weight, layer.bias)]
        def moved(block, inputs):
            sgd = paddle.optimizer.SGD(0.1, parameters=block.parameters())
            before = [value(weight) for weight in weights(block)]
            for _ in range(5):
                block.clear_gradients()
                block(inputs).sum().backward()
                sgd.step()
            return [bool((value(weight) != old).any())
                    for weight, old in zip(weights(block), before)]
    """,
}

CUT = {
    "mxnet": """
        class Cut(MyDense):
            def forward(self, X):
                weight = self.weight.data(X.ctx).detach()
                return npx.relu(np.dot(X, weight) + self.bias.data(X.ctx))
    """,
    "pytorch": """
        class Cut(MyLinear):
            def forward(self, X):
                return F.relu(X @ self.weight.data + self.bias)
    """,
    "tensorflow": """
        class Cut(MyDense):
            def call(self, X):
                return tf.nn.relu(X @ tf.stop_gradient(self.weight) + self.bias)
    """,
    "paddle": """
        class Cut(MyLinear):
            def forward(self, X):
                return F.relu(X @ self.weight.detach() + self.bias)
    """,
}

PLAIN = {
    "mxnet": """
        class Plain(MyDense):
            def __init__(self, units, in_units):
                nn.Block.__init__(self)
                self.weight = np.random.normal(size=(in_units, units))
                self.bias = self.params.get('bias', shape=(units,), init='zeros')
            def forward(self, X):
                return npx.relu(np.dot(X, self.weight) + self.bias.data())
    """,
    "pytorch": """
        class Plain(MyLinear):
            def __init__(self, in_units, units):
                nn.Module.__init__(self)
                self.weight = torch.randn(in_units, units, requires_grad=True)
                self.bias = nn.Parameter(torch.zeros(units))
    """,
    "tensorflow": """
        class Plain(MyDense):
            def build(self, input_shape):
                shape = input_shape[-1], self.units
                self.weight = tf.Variable(tf.random.normal(shape))
                self.bias = self.add_weight(shape=(self.units,),
                                            initializer='zeros')
    """,
    "paddle": """
        class Plain(MyLinear):
            def __init__(self, in_units, units):
                nn.Layer.__init__(self)
                self.weight = paddle.randn([in_units, units])
                self.bias = self.create_parameter([units], is_bias=True)
    """,
}


def with_own_words(code: str, tab: str) -> str:
    """Return the check with this section's vocabulary too."""
    parts = (OWN_WORDS[tab], CUT[tab], PLAIN[tab], code)
    return in_words("\n".join(dedent(part) for part in parts), tab)


def everywhere(code: str) -> dict[str, str]:
    """Return one check for every tab."""
    return {tab: with_own_words(code, tab) for tab in TABS}


def only(**checks: str) -> dict[str, str]:
    """Return the checks of a sentence that only the named tabs show."""
    return {tab: with_own_words(code, tab) for tab, code in checks.items()}


TRUNCATED = """
    found = CenteredLayer()(integers([1, 2, 3, 4]))
    assert array(found).tolist() == [-1, 0, 1, 2]
    assert 'int' in str(array(found).dtype)
"""

INTEGERS = {
    "mxnet": """
        found = CenteredLayer()(integers([1, 2, 3, 4]))
        assert found.tolist() == [-1.5, -0.5, 0.5, 1.5]
    """,
    "pytorch": """
        whole = integers([1, 2, 3, 4])
        assert raises(RuntimeError, lambda: CenteredLayer()(whole))
    """,
    "tensorflow": TRUNCATED,
    "paddle": TRUNCATED,
}

CONVERTED = """
    exact = array(CenteredLayer()(tensor([1, 2, 3, 4]))).tolist()
    assert exact == [-1.5, -0.5, 0.5, 1.5]
"""

CLAIMS = [
    Claim(
        "层和块是同一个概念",
        everywhere("""
            # one object, as a whole net and as a part of one
            for layer_ in (CenteredLayer(), fresh(5, 100)):
                assert isinstance(layer_, Base)
                assert isinstance(net_of(layer_), Base)
                assert equal(layer_(X), net_of(layer_)(X))
                block = net_of(net_of(layer_), CenteredLayer())
                assert equal(block(X), CenteredLayer()(layer_(X)))
                assert len(weights(block)) == len(weights(layer_))
            assert moved(fresh(5, 100), X) == [True, True]
        """),
    ),
    Claim(
        "不带参数的运算，写成普通的函数也能用",
        everywhere("""
            function = lambda X: X - mean(X)
            assert equal(function(X), CenteredLayer()(X))
        """),
    ),
    Claim(
        "框架会像对待自带的层那样，替它求梯度、更新参数、保存和读取",
        everywhere("""
            for make in (lambda: fresh(5, 100), lambda: linear(5, 100)):
                assert moved(net_of(make()), X) == [True, True]
                assert survives(lambda: net_of(make()))
        """),
    ),
    Claim(
        "程序往往照样运行，只是参数不再更新，或者存下的文件里少了东西",
        everywhere("""
            for wrong in (fresh(5, 3, Cut), fresh(5, 3, Plain)):
                assert array(wrong(X)).shape == (2, 3)
            assert len(weights(net_of(fresh(5, 3, Plain)))) == 1
        """),
    ),
    Claim(
        "其中`numpy`留给练习里的检查",
        {
            "*": dedent("""
                import re
                start = next(n for n, cell in enumerate(In) if 'def check(' in cell)
                uses = [bool(re.search(r'\\bnumpy[.]', cell)) for cell in In]
                assert start > 15 and 'import numpy' in In[1]
                assert not any(uses[:start]) and uses[start]
            """)
        },
    ),
    # 不带参数的层
    Claim(
        "从输入的每个元素里减去全体元素的均值，使输出以0为中心",
        everywhere("""
            numbers = array(X)
            wanted = numbers - numbers.mean()
            assert numpy.allclose(array(CenteredLayer()(X)), wanted, atol=1e-6)
        """),
    ),
    Claim(
        "它没有参数，所以连构造函数也不用写",
        everywhere("""
            assert weights(ready(CenteredLayer())) == []
            assert '__init__' not in vars(CenteredLayer)
        """),
    ),
    Claim(
        "`Model`多出来的是训练、保存整个模型等方法",
        only(
            tensorflow="""
            assert not issubclass(CenteredLayer, tf.keras.Model)
            for name in ('fit', 'save'):
                assert hasattr(tf.keras.Model, name)
                assert not hasattr(tf.keras.layers.Layer, name)
        """
        ),
    ),
    Claim(
        "拿1到5试一试，它们的均值是3",
        everywhere("assert float(array(mean(tensor([1, 2, 3, 4, 5])))) == 3"),
    ),
    Claim(
        "相邻两数仍然差1，中心移到了0",
        everywhere("""
            found = array(CenteredLayer()(tensor([1, 2, 3, 4, 5])))
            assert found.tolist() == [-2, -1, 0, 1, 2]
        """),
    ),
    Claim(
        "如果换成整数1到4，均值是2.5，整数类型存不下",
        everywhere("""
            exact = float(array(mean(tensor([1, 2, 3, 4]))))
            stored = array(truncated([exact]))
            assert stored.dtype == array(integers([1, 2, 3, 4])).dtype
            assert exact == 2.5 and stored.tolist() == [2]
        """),
    ),
    Claim(
        "MXNet求整数的均值时改用`float32`，相减之后也是`float32`",
        only(
            mxnet="""
            for kind in ('int32', 'int64', 'uint8'):
                whole = np.array([1, 2, 3, 4], dtype=kind)
                assert whole.mean().dtype == 'float32'
                found = CenteredLayer()(whole)
                assert found.dtype == 'float32'
                assert found.tolist() == [-1.5, -0.5, 0.5, 1.5]
        """
        ),
    ),
    Claim(
        "不写`dtype`时，`np.array`把整数列表也做成`float32`的张量",
        only(mxnet="assert np.array([1, 2, 3, 4]).dtype == 'float32'"),
    ),
    Claim(
        "PyTorch不肯给整数求均值，错误信息说，输入必须是浮点数或复数",
        only(
            pytorch="""
            whole = torch.tensor([1, 2, 3, 4])
            assert whole.dtype == torch.int64
            try:
                CenteredLayer()(whole)
            except RuntimeError as error:
                assert 'floating point or complex' in str(error)
            else:
                raise AssertionError
        """
        ),
    ),
    Claim(
        "先用`X.float()`转换",
        only(
            pytorch="""
            found = CenteredLayer()(torch.tensor([1, 2, 3, 4]).float())
            assert found.tolist() == [-1.5, -0.5, 0.5, 1.5]
        """
        ),
    ),
    Claim(
        "没有报错，结果却错了：整数的均值仍是整数，2.5被截成2，输出也就不以0为中心",
        only(tensorflow=TRUNCATED, paddle=TRUNCATED),
    ),
    Claim(
        "图片常用的`uint8`更糟，它没有负数，1减2得到255",
        only(
            tensorflow="""
            pixels = tf.constant([1, 2, 3, 4], tf.uint8)
            assert CenteredLayer()(pixels).numpy().tolist() == [255, 0, 1, 2]
        """
        ),
    ),
    Claim(
        "先用`tf.cast(X, tf.float32)`转换",
        only(
            tensorflow="""
            found = CenteredLayer()(tf.cast(tf.range(1, 5), tf.float32))
            assert found.numpy().tolist() == [-1.5, -0.5, 0.5, 1.5]
        """
        ),
    ),
    Claim(
        "容器默认会先把它们转换成`float32`，所以同一个层有时对、有时错",
        only(
            tensorflow="""
            whole = tf.constant([[1, 2, 3, 4]])
            alone, inside = CenteredLayer(), net_of(CenteredLayer())
            assert alone(whole).numpy().tolist() == [[-1, 0, 1, 2]]
            assert inside(whole).numpy().tolist() == [[-1.5, -0.5, 0.5, 1.5]]
            # by default: a container that is told otherwise leaves them alone
            told = net_of(tf.keras.Input((4,), dtype='int32'), CenteredLayer())
            assert told(whole).numpy().tolist() == [[-1, 0, 1, 2]]
        """
        ),
    ),
    Claim(
        "换成图片常用的`uint8`则会当场报错，因为`mean`不支持它",
        only(
            paddle="""
            pixels = paddle.to_tensor([1, 2, 3, 4], dtype='uint8')
            assert raises(RuntimeError, pixels.mean)
            assert raises(RuntimeError, lambda: CenteredLayer()(pixels))
            found = CenteredLayer()(pixels.astype('float32'))
            assert found.tolist() == [-1.5, -0.5, 0.5, 1.5]
        """
        ),
    ),
    Claim(
        "先用`X.astype('float32')`转换",
        only(
            paddle="""
            whole = paddle.to_tensor([1, 2, 3, 4]).astype('float32')
            assert CenteredLayer()(whole).tolist() == [-1.5, -0.5, 0.5, 1.5]
        """
        ),
    ),
    Claim(
        "同一行公式，换一种输入的类型，各个框架的答案就可能不同",
        only(**INTEGERS),
    ),
    Claim(
        "形状由全连接层决定，`CenteredLayer`没有改变它",
        everywhere("""
            for shape in ((5,), (2, 5), (2, 3, 4)):
                found = CenteredLayer()(tensor(numpy.ones(shape).tolist()))
                assert array(found).shape == shape
            block = net_of(linear(5, 128), CenteredLayer())
            assert array(ready(block)(X)).shape == (2, 128)
        """),
    ),
    Claim(
        "输出的均值应当是0，检查它离0够不够近",
        everywhere("""
            for width in (1, 7, 128):
                block = net_of(linear(5, width), CenteredLayer())
                assert abs(array(ready(block)(X)).mean()) < 1e-6
                # it is the layer that does it
                assert abs(array(ready(linear(5, width))(X)).mean()) > 1e-6
        """),
    ),
    Claim(
        "1、1、2的均值是三分之四，二进制浮点数写不准这个数，只能取离它最近的一个",
        everywhere("""
            from fractions import Fraction
            stored = array(mean(tensor([1, 1, 2]))).item()
            assert Fraction(stored) != Fraction(4, 3)
            step = abs(Fraction(stored) - Fraction(4, 3))
            for direction in (-9, 9):
                other = numpy.nextafter(numpy.float32(stored),
                                        numpy.float32(direction))
                assert abs(Fraction(float(other)) - Fraction(4, 3)) > step
        """),
    ),
    Claim(
        "减完再求和，偏差就积累了三份",
        everywhere("""
            from fractions import Fraction
            stored = Fraction(array(mean(tensor([1, 1, 2]))).item())
            found = array(CenteredLayer()(tensor([1, 1, 2])))
            total = sum(Fraction(x) for x in found.tolist())
            assert total == -3 * (stored - Fraction(4, 3))
            assert array(3 * mean(CenteredLayer()(tensor([1, 1, 2])))) < 0
        """),
    ),
    Claim(
        "得到的是一个很小的负数，并不等于0",
        everywhere("""
            total = float(array(CenteredLayer()(tensor([1, 1, 2]))).sum())
            assert -1e-6 < total < 0
        """),
    ),
    Claim(
        "误差还与相加的次序有关",
        everywhere("""
            one, tiny = tensor([1.0]), tensor([1e-8])
            left = sum([tiny] * 99, one)
            right = one + sum([tiny] * 99)
            assert not equal(left, right)
        """),
    ),
    Claim(
        "换一台机器就可能不同",
        unchecked="needs a machine whose processor adds in another order",
    ),
    Claim(
        "一个样本的输出会受其他样本影响",
        everywhere("""
            together = array(CenteredLayer()(tensor([[1, 2], [10, 20]])))
            alone = array(CenteredLayer()(tensor([[1, 2]])))
            assert alone.tolist() == [[-0.5, 0.5]]
            assert not numpy.allclose(together[:1], alone)
        """),
    ),
    # 带参数的层
    Claim(
        "权重的形状是（输入，输出），偏置的长度是输出的个数",
        everywhere("""
            layer_ = fresh(7, 4)
            assert tuple(layer_.weight.shape) == (7, 4)
            assert tuple(layer_.bias.shape) == (4,)
            W, b = value(layer_.weight), value(layer_.bias)
            inputs = numpy.cos(numpy.arange(14)).reshape(2, 7)
            found = array(layer_(tensor(inputs.tolist())))
            assert numpy.allclose(found, (inputs @ W + b).clip(0), atol=1e-6)
        """),
    ),
    Claim(
        "偏置从0开始，权重则从很小的随机数开始",
        everywhere("""
            one, two = fresh(50, 40), fresh(50, 40)
            assert (value(one.bias) == 0).all()
            W = value(one.weight)
            assert abs(W).max() < 0.1
            assert (W > 0).any() and (W < 0).any()
            assert (W != value(two.weight)).any()
        """),
    ),
    Claim(
        "ReLU的输入就全是0，梯度也全是0，这个层怎么训练都不会变",
        everywhere("""
            layer_ = fresh(5, 3)
            fill(layer_.weight, 0)
            for slope in slopes(layer_, X):
                assert (slope == 0).all()
        """),
    ),
    Claim(
        "参数和普通的张量不同，要按框架的规矩创建，并成为层的属性",
        everywhere("""
            assert len(weights(net_of(fresh(5, 3)))) == 2
            assert len(weights(net_of(fresh(5, 3, Plain)))) == 1
        """),
    ),
    Claim(
        "参数在几个设备上各有一份，取和输入同处的那份",
        only(
            mxnet="""
            layer_ = MyDense(3, in_units=5)
            layer_.initialize(ctx=[npx.cpu(0), npx.cpu(1)])
            with autograd.record():
                Y_ = layer_(X.copyto(npx.cpu(1)))
            Y_.backward()
            assert Y_.ctx == npx.cpu(1)
            # it was the copy beside the input that took part
            assert (array(layer_.weight.grad(npx.cpu(1))) != 0).any()
            assert (array(layer_.weight.grad(npx.cpu(0))) == 0).all()
        """
        ),
    ),
    Claim(
        "`MyDense`和自带的`nn.Dense`一样，参数表里输出的个数在前",
        only(
            mxnet="""
            assert MyDense(3, 5).weight.shape == (5, 3)
            layer_ = nn.Dense(3)
            assert layer_(X).shape == (2, 3) if layer_.initialize() is None else 0
        """
        ),
    ),
    Claim(
        "默认是-0.07到0.07之间的均匀分布",
        only(
            mxnet="""
            W = value(fresh(300, 200).weight)
            assert 0.0699 < abs(W).max() <= 0.07
            assert abs(W.std() - 0.07 / 3 ** 0.5) < 2e-4
            layer_ = MyDense(3, in_units=5)
            layer_.initialize('ones')
            assert (value(layer_.weight) == 1).all()
        """
        ),
    ),
    Claim(
        "`bias`写了`init='zeros'`，否则`initialize`也会给它填上随机数",
        only(
            mxnet="""
            class RandomBias(nn.Block):
                def __init__(self):
                    super().__init__()
                    self.bias = self.params.get('bias', shape=(3,))
            layer_ = RandomBias()
            layer_.initialize()
            assert (value(layer_.bias) != 0).all()
        """
        ),
    ),
    Claim(
        "前向传播直接用它也能算，`collect_params`里却没有它",
        only(
            mxnet="""
            layer_ = fresh(5, 3, Plain)
            assert layer_(X).shape == (2, 3)
            shapes = [p.shape for p in layer_.collect_params().values()]
            assert shapes == [(3,)]
        """
        ),
    ),
    Claim(
        "`data`取出的张量仍由自动微分跟踪，可以放心使用；若再接上`detach()`，梯度就断了",
        only(
            mxnet="""
            inputs = tensor([[9, 8, 7, 6, 5]] * 9)
            assert (slopes(fresh(5, 30), inputs)[0] != 0).any()
            weight_slope, bias_slope = slopes(fresh(5, 30, Cut), inputs)
            assert (weight_slope == 0).all() and (bias_slope != 0).any()
        """
        ),
    ),
    Claim(
        "会发现`weight`没有得到新的梯度，抛出`UserWarning`",
        only(
            mxnet="""
            block = net_of(nn.Dense(5), Cut(30, in_units=5), nn.Dense(1))
            assert raises(UserWarning, lambda: moved(block, X))
            moved(net_of(nn.Dense(5), MyDense(30, in_units=5)), X)
        """
        ),
    ),
    Claim(
        "自带的`nn.Dense`则相反，是（输出，输入）",
        only(
            mxnet="""
            builtin = ready(nn.Dense(3, activation='relu'))
            assert builtin.weight.shape == (3, 5)
            layer_ = fresh(5, 3)
            layer_.weight.set_data(builtin.weight.data().T)
            assert numpy.allclose(array(layer_(X)), array(builtin(X)), atol=1e-6)
        """
        ),
    ),
    Claim(
        "参数乘以数就不再是参数",
        only(
            pytorch="""
            product = nn.Parameter(torch.randn(5, 3)) * 0.01
            assert not isinstance(product, nn.Parameter)
        """
        ),
    ),
    Claim(
        "普通的张量即使设了`requires_grad=True`也不会登记",
        only(
            pytorch="""
            layer_ = Plain(5, 3)
            assert layer_.weight.requires_grad
            assert [name for name, _ in layer_.named_parameters()] == ['bias']
            assert list(layer_.state_dict()) == ['bias']
        """
        ),
    ),
    Claim(
        "同样不行，因为乘法的结果是普通的张量",
        only(
            pytorch="""
            class Product(MyLinear):
                def __init__(self, in_units, units):
                    nn.Module.__init__(self)
                    self.weight = nn.Parameter(torch.randn(in_units, units)) * 0.01
                    self.bias = nn.Parameter(torch.zeros(units))
            layer_ = Product(5, 3)
            assert [name for name, _ in layer_.named_parameters()] == ['bias']
        """
        ),
    ),
    Claim(
        "输出一模一样，但`data`取出的张量已经和计算图断开",
        only(
            pytorch="""
            class Data(MyLinear):
                def forward(self, X):
                    return F.relu(X @ self.weight.data + self.bias.data)
            one, two = MyLinear(5, 3), Data(5, 3)
            two.load_state_dict(one.state_dict())
            assert equal(one(X), two(X))
            assert one(X).requires_grad and not two(X).requires_grad
        """
        ),
    ),
    Claim(
        "单独对这样的层做反向传播会报错；夹在别的层中间时连错也不报",
        only(
            pytorch="""
            import warnings
            class Data(MyLinear):
                def forward(self, X):
                    return F.relu(X @ self.weight.data + self.bias.data)
            layer_ = Data(5, 30)
            assert raises(RuntimeError, lambda: layer_(X).sum().backward())
            block = nn.Sequential(nn.Linear(5, 5), layer_, nn.Linear(30, 1))
            with warnings.catch_warnings():
                warnings.simplefilter('error')
                found = moved(block, X)
            assert found == [True, True, False, False, True, True], found
        """
        ),
    ),
    Claim(
        "自带的`nn.Linear`则相反，是（输出，输入）",
        only(
            pytorch="""
            builtin, layer_ = nn.Linear(5, 3), MyLinear(5, 3)
            assert builtin.weight.shape == (3, 5)
            with torch.no_grad():
                layer_.weight.copy_(builtin.weight.T)
                layer_.bias.copy_(builtin.bias)
            assert torch.allclose(layer_(X), F.relu(builtin(X)), atol=1e-6)
        """
        ),
    ),
    Claim(
        "构造函数只记下输出的个数。参数放在`build`里创建",
        only(
            tensorflow="""
            layer_ = MyDense(3)
            assert layer_.units == 3 and not layer_.built
            assert not hasattr(layer_, 'weight')
            layer_(X)
            assert layer_.built and layer_.weight.shape == (5, 3)
        """
        ),
    ),
    Claim(
        "Keras 3不把它算作权重：`weights`里没有它，`fit`不更新它，"
        "`save_weights`和`.keras`文件也不存它（只有`tf.train.Checkpoint`还认得它）",
        only(
            tensorflow="""
            make = lambda: net_of(Plain(30), tf.keras.layers.Dense(1))
            block, clone_ = make(), make()
            block(X), clone_(X)
            shapes = [tuple(w.shape) for w in block.weights]
            assert shapes == [(30,), (30, 1), (1,)]
            before = block.layers[0].weight.numpy()
            known = [value(weight) for weight in block.weights]
            block.compile('sgd', 'mse')
            block.fit(X, tf.ones((2, 1)), epochs=3, verbose=0)
            assert (block.layers[0].weight.numpy() == before).all()
            for weight, old in zip(block.weights, known):
                assert (value(weight) != old).any()
            with tempfile.TemporaryDirectory() as folder_:
                path_ = os.path.join(folder_, 'it')
                block.save_weights(path_ + '.weights.h5')
                clone_.load_weights(path_ + '.weights.h5')
                block.save(path_ + '.keras')
                loaded = tf.keras.models.load_model(
                    path_ + '.keras', custom_objects={'Plain': Plain})
                for other in (clone_, loaded):
                    for one, two in zip(other.weights, block.weights):
                        assert (value(one) == value(two)).all()
                    assert (other.layers[0].weight.numpy() != before).any()
                one, two = block.layers[0], clone_.layers[0]
                tf.train.Checkpoint(it=one).write(path_)
                tf.train.Checkpoint(it=two).read(path_).assert_consumed()
            assert (clone_.layers[0].weight.numpy() == before).all()
        """
        ),
    ),
    Claim(
        "输出一模一样，得到的却是NumPy数组，`GradientTape`看不到它，求出的梯度是`None`",
        only(
            tensorflow="""
            class Numpy(MyDense):
                def call(self, X):
                    return tf.nn.relu(X @ self.weight.numpy() + self.bias)
            one, two = fresh(5, 3), fresh(5, 3, Numpy)
            two.set_weights(one.get_weights())
            assert equal(one(X), two(X))
            assert isinstance(one.weight.numpy(), numpy.ndarray)
            assert slopes(two, X)[0] is None
            assert slopes(one, X)[0] is not None
        """
        ),
    ),
    Claim(
        "优化器遇到没有梯度的权重只给一个警告，照样更新其余的",
        only(
            tensorflow="""
            import warnings
            class Numpy(MyDense):
                def call(self, X):
                    return tf.nn.relu(X @ self.weight.numpy() + self.bias)
            layers = linear(5, 5), fresh(5, 30, Numpy), linear(30, 1)
            class Net(tf.keras.Model):
                def __init__(self):
                    super().__init__()
                    self.one, self.two, self.three = layers
                def call(self, X):
                    return self.three(self.two(self.one(X)))
            layers[0].build((None, 5))
            layers[2].build((None, 30))
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter('always')
                found = moved(Net(), X)
            assert found == [True, True, False, True, True, True], found
            assert any('Gradients do not exist' in str(w.message) for w in caught)
        """
        ),
    ),
    Claim(
        "换成`fit`，这样的层会当场报错",
        only(
            tensorflow="""
            class Numpy(MyDense):
                def call(self, X):
                    return tf.nn.relu(X @ self.weight.numpy() + self.bias)
            def fit(kind):
                block = net_of(kind(3))
                block.compile('sgd', 'mse')
                block.fit(X, tf.ones((2, 3)), verbose=0)
            fit(MyDense)
            assert raises(NotImplementedError, lambda: fit(Numpy))
        """
        ),
    ),
    Claim(
        "权重的形状是（输入，输出），和自带的`Dense`相同",
        only(
            tensorflow="""
            builtin = tf.keras.layers.Dense(3, activation='relu')
            builtin.build((None, 5))
            layer_ = fresh(5, 3)
            layer_.set_weights(builtin.get_weights())
            assert numpy.allclose(array(layer_(X)), array(builtin(X)), atol=1e-6)
        """
        ),
    ),
    Claim(
        "不写`is_bias=True`，偏置也会得到随机的初始值",
        only(
            paddle="""
            plain = nn.Layer().create_parameter([3])
            zero = nn.Layer().create_parameter([3], is_bias=True)
            assert (plain.numpy() != 0).all() and (zero.numpy() == 0).all()
        """
        ),
    ),
    Claim(
        "得到的只是不保存的缓冲（buffer），`parameters()`和`state_dict()`里都没有它",
        only(
            paddle="""
            layer_ = Plain(5, 3)
            assert [name for name, _ in layer_.named_buffers()] == ['weight']
            assert [name for name, _ in layer_.named_parameters()] == ['bias']
            assert list(layer_.state_dict()) == ['bias']
        """
        ),
    ),
    Claim(
        "写成`self.weight.detach()`或`self.weight.data`，输出一模一样",
        only(
            paddle="""
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
        """
        ),
    ),
    Claim(
        "优化器会跳过没有梯度的参数，什么也不说：前后的层都在训练，只有它始终不变",
        only(
            paddle="""
            import warnings
            block = nn.Sequential(nn.Linear(5, 5), Cut(5, 30), nn.Linear(30, 1))
            with warnings.catch_warnings():
                warnings.simplefilter('error')
                found = moved(block, X)
            assert found == [True, True, False, True, True, True], found
        """
        ),
    ),
    Claim(
        "权重的形状是（输入，输出），和自带的`nn.Linear`相同",
        only(
            paddle="""
            builtin, layer_ = nn.Linear(5, 3), MyLinear(5, 3)
            layer_.set_state_dict(builtin.state_dict())
            found, wanted = layer_(X).numpy(), F.relu(builtin(X)).numpy()
            assert numpy.allclose(found, wanted, atol=1e-6)
        """
        ),
    ),
    Claim(
        "造一个5个输入、3个输出的层，请框架交出登记过的参数",
        everywhere("""
            shapes = [tuple(weight.shape) for weight in weights(layer)]
            assert shapes == [(5, 3), (3,)]
        """),
    ),
    Claim(
        "两个参数都在：权重是一些绝对值很小的数，偏置全是0",
        everywhere("""
            assert 0 < abs(value(layer.weight)).max() < 0.1
            assert (value(layer.bias) == 0).all()
        """),
    ),
    Claim(
        "如果不调用`build`，列表会是空的",
        only(tensorflow="assert MyDense(3).get_weights() == []"),
    ),
    Claim(
        "没有，负的都被ReLU变成了0",
        everywhere("""
            linear_part = array(X) @ value(layer.weight) + value(layer.bias)
            assert (linear_part < 0).any()
            found = array(layer(X))
            assert (found[linear_part < 0] == 0).all()
            assert numpy.allclose(found, linear_part.clip(0), atol=1e-6)
        """),
    ),
    Claim(
        "请看权重的梯度的形状，以及偏置的梯度的值",
        everywhere("""
            weight_slope, bias_slope = slopes(layer, X)
            assert weight_slope.shape == (5, 3)
            active = (array(layer(X)) > 0).astype('float32')
            wanted = array(X).T @ active
            assert numpy.allclose(weight_slope, wanted, atol=1e-5)
            assert (weight_slope != 0).any()
        """),
    ),
    Claim(
        "梯度会累加，先清空",
        only(
            pytorch="""
                layer_ = fresh(5, 200)
                def slope(clear):
                    if clear:
                        layer_.zero_grad()
                    layer_(X).sum().backward()
                    return value(layer_.bias.grad)
                once, again, twice = slope(True), slope(True), slope(False)
                assert once.any() and (again == once).all()
                assert (twice == 2 * once).all()
            """,
            paddle="""
                layer_ = fresh(5, 200)
                def slope(clear):
                    if clear:
                        layer_.clear_gradients()
                    layer_(X).sum().backward()
                    return value(layer_.bias.grad)
                once, again, twice = slope(True), slope(True), slope(False)
                assert once.any() and (again == once).all()
                assert (twice == 2 * once).all()
            """,
        ),
    ),
    Claim(
        "每个单元得到的数，就是有几个样本让它的输出大于0，请和上面的输出对照",
        everywhere("""
            active = array(layer(X)) > 0
            assert slopes(layer, X)[1].tolist() == active.sum(axis=0).tolist()
            # rounding to what is printed hides no active unit
            assert ((array(layer(X)).round(4) > 0) == active).all()
        """),
    ),
    Claim(
        "如果某个单元对所有样本的输出都是0，它的参数在这一步的梯度就全是0",
        everywhere("""
            layer_ = fresh(5, 200)
            weight_slope, bias_slope = slopes(layer_, X)
            dead = (array(layer_(X)) == 0).all(axis=0)
            assert dead.any() and not dead.all()
            assert (weight_slope[:, dead] == 0).all()
            assert (bias_slope[dead] == 0).all()
            assert (bias_slope[~dead] > 0).all()
        """),
    ),
    Claim(
        "每张展平成64个数，经过8个单元，最后得到一个可正可负的数",
        everywhere("""
            squares = array(images).reshape(2, 8, 8)
            flat = tensor([sum(square, []) for square in squares.tolist()])
            assert equal(flat, images) and tuple(flat.shape) == (2, 64)
            assert tuple(array(net(flat)).shape) == (2, 1)
            shapes = [sorted(weight.shape) for weight in weights(net)]
            assert shapes == [[8, 64], [8], [1, 8], [1]]
        """),
    ),
    Claim(
        "最后一层用自带的、不带激活函数的全连接层",
        everywhere("""
            assert (array(net(images)) != 0).all()
            *_, last = net.layers if hasattr(net, 'layers') else net
            assert type(last) is Linear
            block = ready(net_of(fresh(5, 30), linear(30, 1)))
            signs = set()
            for number in (-1, 1):
                fill(weights(block)[-2], number)
                signs |= set(numpy.sign(array(block(X))).ravel().tolist())
            assert signs >= {-1, 1}, signs
        """),
    ),
    Claim(
        "要是最后一层也带ReLU，输出就不会是负数；"
        "初始值稍不凑巧，所有样本的输出就全是0，梯度也全是0",
        everywhere("""
            dead = 0
            for _ in range(40):
                block = net_of(fresh(5, 8), fresh(8, 1))
                found = array(block(X))
                assert (found >= 0).all()
                if (found == 0).all():
                    dead += 1
                    assert moved(block, X) == [False] * 4
            assert 0 < dead < 40, dead
        """),
    ),
    Claim(
        "自己写的层和自带的层混在一起，没有什么不便",
        everywhere("""
            make = lambda: net_of(fresh(5, 100), linear(100, 1))
            assert moved(make(), X) == [True] * 4
            assert survives(lambda: ready(make()))
        """),
    ),
    # 像自带的层一样
    Claim(
        "自带的层被问到时能说出自己的配置，例如有几个输出",
        only(
            mxnet="assert repr(nn.Dense(3, in_units=5)).startswith('Dense(5 -> 3')",
            pytorch="""
                assert 'out_features=3' in repr(nn.Linear(5, 3))
            """,
            tensorflow="assert tf.keras.layers.Dense(3).get_config()['units'] == 3",
            paddle="""
                assert 'out_features=3' in repr(nn.Linear(5, 3))
            """,
        ),
    ),
    Claim(
        "容器显示自己时会逐个询问里面的块，用的就是`__repr__`",
        only(
            mxnet="""
            assert '(0): MyDense(64 -> 8)' in repr(net)
            assert '(1): Dense(8 -> 1, linear)' in repr(net)
        """
        ),
    ),
    Claim(
        "基类自带的`__repr__`只列出子块",
        only(
            mxnet="""
            found = nn.Block.__repr__(MyDense(3, in_units=5))
            assert ''.join(found.split()) == 'MyDense()'
            class Wrapped(nn.Block):
                def __init__(self):
                    super().__init__()
                    self.inner = MyDense(3, in_units=5)
            assert '(inner): MyDense(5 -> 3)' in repr(Wrapped())
        """
        ),
    ),
    Claim(
        "`extra_repr`返回的文字会填进层的名字后面的括号。不写它，这里就只有`MyLinear()`",
        only(
            pytorch="""
                layer_ = MyLinear(5, 3)
                assert repr(layer_) == f'MyLinear({layer_.extra_repr()})'
                assert '5' in layer_.extra_repr()
                named = type('MyLinear', (MyLinear,),
                             {'extra_repr': nn.Module.extra_repr})
                assert repr(named(5, 3)) == 'MyLinear()'
            """,
            paddle="""
                layer_ = MyLinear(5, 3)
                assert repr(layer_) == f'MyLinear({layer_.extra_repr()})'
                assert '5' in layer_.extra_repr()
                named = type('MyLinear', (MyLinear,),
                             {'extra_repr': nn.Layer.extra_repr})
                assert repr(named(5, 3)) == 'MyLinear()'
            """,
        ),
    ),
    Claim(
        "它只供人阅读，不影响保存和读取",
        only(
            pytorch="""
                silent = type('Silent', (MyLinear,),
                              {'extra_repr': nn.Module.extra_repr})
                assert survives(lambda: silent(5, 3))
            """,
            paddle="""
                silent = type('Silent', (MyLinear,),
                              {'extra_repr': nn.Layer.extra_repr})
                assert survives(lambda: silent(5, 3))
            """,
        ),
    ),
    Claim(
        "`get_config`返回一个字典，`MyDense.from_config`用它造出配置相同的新层",
        only(
            tensorflow="""
            config = MyDense(3, name='mine').get_config()
            made = MyDense.from_config(config)
            assert isinstance(config, dict)
            assert made.units == 3 and made.name == 'mine'
        """
        ),
    ),
    Claim(
        "不写`**kwargs`，`from_config`会报错",
        only(
            tensorflow="""
            class NoKwargs(tf.keras.layers.Layer):
                def __init__(self, units):
                    super().__init__()
                    self.units = units
                def get_config(self):
                    return {**super().get_config(), 'units': self.units}
            config = NoKwargs(3).get_config()
            assert 'name' in config
            assert raises(TypeError, lambda: NoKwargs.from_config(config))
        """
        ),
    ),
    Claim(
        "Keras能自己记下整数、字符串这样的简单参数；遇到别的对象，保存时就会报错",
        only(
            tensorflow="""
            class Silent(tf.keras.layers.Layer):
                def __init__(self, argument, **kwargs):
                    super().__init__(**kwargs)
                def call(self, X):
                    return X
            for simple in (3, 'relu'):
                assert Silent(simple).get_config()['argument'] == simple
            def save(argument):
                block = net_of(Silent(argument))
                block(X)
                with tempfile.TemporaryDirectory() as folder_:
                    block.save(os.path.join(folder_, 'silent.keras'))
            save(3)
            assert raises(NotImplementedError, lambda: save(object()))
        """
        ),
    ),
    Claim(
        "文件放在临时文件夹里，用完就删",
        {"*": "import os\nassert not os.path.exists(folder)"},
    ),
    Claim(
        "读取没有报错，使用时却抛出了`TypeError`",
        only(
            mxnet="""
            clone_ = MyDense(3, in_units=5)
            with tempfile.TemporaryDirectory() as folder_:
                save_and_load(layer, clone_, os.path.join(folder_, 'w'))
            assert raises(TypeError, lambda: clone_(X))
        """
        ),
    ),
    Claim(
        "单独的层存下的名字是`weight`和`bias`，里面没有点",
        only(
            mxnet="""
            import mxnet
            clone_ = MyDense(3, in_units=5)
            with tempfile.TemporaryDirectory() as folder_:
                path_ = os.path.join(folder_, 'w')
                save_and_load(layer, clone_, path_)
                assert set(npx.load(path_)) == {'weight', 'bias'}
            assert type(clone_.weight.data()) is mxnet.nd.NDArray
        """
        ),
    ),
    Claim(
        "新层若已经初始化，错误会早一步出现在`load_parameters`里",
        only(
            mxnet="""
            with tempfile.TemporaryDirectory() as folder_:
                path_ = os.path.join(folder_, 'w')
                layer.save_parameters(path_)
                other = fresh(5, 3)
                assert raises(TypeError, lambda: other.load_parameters(path_))
        """
        ),
    ),
    Claim(
        "自带的`nn.Dense`单独保存时也是这样",
        only(
            mxnet="""
            clone_ = nn.Dense(3, in_units=5)
            with tempfile.TemporaryDirectory() as folder_:
                path_ = os.path.join(folder_, 'w')
                save_and_load(ready(nn.Dense(3)), clone_, path_)
            assert raises(TypeError, lambda: clone_(X))
        """
        ),
    ),
    Claim(
        "名字就成了`0.weight`这样带点的；层是别的块的属性时，名字也带点",
        only(
            mxnet="""
            class Wrapped(nn.Block):
                def __init__(self):
                    super().__init__()
                    self.inner = MyDense(3, in_units=5)
                def forward(self, X):
                    return self.inner(X)
            with tempfile.TemporaryDirectory() as folder_:
                path_ = os.path.join(folder_, 'w')
                net.save_parameters(path_)
                assert '0.weight' in npx.load(path_)
                ready(Wrapped()).save_parameters(path_)
                assert set(npx.load(path_)) == {'inner.weight', 'inner.bias'}
            assert survives(Wrapped)
        """
        ),
    ),
    Claim(
        "登记过的参数自动进入`state_dict()`。网络也一样，只是名字前面多了层的序号",
        only(
            pytorch="""
                assert list(layer.state_dict()) == ['weight', 'bias']
                assert '0.weight' in net.state_dict()
                assert survives(lambda: MyLinear(5, 3))
            """,
            paddle="""
                assert list(layer.state_dict()) == ['weight', 'bias']
                assert '0.weight' in net.state_dict()
                assert survives(lambda: MyLinear(5, 3))
            """,
        ),
    ),
    Claim(
        "层自己没有`save`方法，负责存取的是`tf.train.Checkpoint`",
        only(
            tensorflow="""
            for name in ('save', 'save_weights'):
                assert not hasattr(layer, name)
                assert hasattr(net, name)
            clone_ = fresh(5, 3)
            assert not (clone_.weight.numpy() == layer.weight.numpy()).all()
            with tempfile.TemporaryDirectory() as folder_:
                path_ = os.path.join(folder_, 'layer')
                tf.train.Checkpoint(layer=layer).write(path_)
                tf.train.Checkpoint(layer=clone_).read(path_).assert_consumed()
            assert (clone_.weight.numpy() == layer.weight.numpy()).all()
        """
        ),
    ),
    Claim(
        "`assert_consumed`确认文件里的参数都派上了用场",
        only(
            tensorflow="""
            with tempfile.TemporaryDirectory() as folder_:
                path_ = os.path.join(folder_, 'layer')
                tf.train.Checkpoint(layer=layer).write(path_)
                status = tf.train.Checkpoint(other=fresh(5, 3)).read(path_)
                assert raises(AssertionError, status.assert_consumed)
        """
        ),
    ),
    Claim(
        "它把结构和参数一起存进`.keras`文件，读取时连`MyDense(8)`这样的代码也不用再写",
        only(
            tensorflow="""
            with tempfile.TemporaryDirectory() as folder_:
                path_ = os.path.join(folder_, 'net.keras')
                net.save(path_)
                loaded = tf.keras.models.load_model(path_)
            assert [dense.units for dense in loaded.layers] == [8, 1]
            for one, two in zip(loaded.weights, net.weights):
                assert (one.numpy() == two.numpy()).all()
        """
        ),
    ),
    Claim(
        "读进新网络以后，输出和原来的网络完全相同",
        everywhere("""
            assert clone is not net
            assert equal(clone(images), net(images))
            assert len(weights(clone)) == 4
            for one, two in zip(weights(clone), weights(net)):
                assert one is not two
                assert (value(one) == value(two)).all()
            # not because all of it is zero, nor because any net says the same
            assert (array(net(images)) != 0).all()
            block = net_of(fresh(64, 8), linear(8, 1))
            getattr(block, 'initialize', int)()
            assert not equal(block(images), net(images))
        """),
    ),
    Claim(
        "用`npx.load`读出字典，再对初始化过的层逐个调用`set_data`，同样可以",
        only(
            mxnet="""
            other = fresh(5, 3)
            assert not equal(other.weight.data(), layer.weight.data())
            with tempfile.TemporaryDirectory() as folder_:
                path_ = os.path.join(folder_, 'w')
                layer.save_parameters(path_)
                for name, number in npx.load(path_).items():
                    getattr(other, name).set_data(number)
            assert equal(other.weight.data(), layer.weight.data())
            assert equal(other(X), layer(X))
        """
        ),
    ),
    Claim(
        "文件里记的是类的名字和`get_config`的字典，不含类的代码",
        only(
            tensorflow="""
            import json, zipfile
            with tempfile.TemporaryDirectory() as folder_:
                path_ = os.path.join(folder_, 'net.keras')
                net.save(path_)
                with zipfile.ZipFile(path_) as archive:
                    names = archive.namelist()
                    text = archive.read('config.json').decode()
            assert not any(name.endswith(('.py', '.pyc')) for name in names)
            assert 'MyDense' in text and 'relu' not in text
            layers = json.loads(text)['config']['layers']
            assert [dense['config']['units'] for dense in layers
                    if dense['class_name'] == 'MyDense'] == [8]
        """
        ),
    ),
    Claim(
        "没有登记的类要写进参数`custom_objects`，否则读取时报错",
        only(
            tensorflow="""
            class Unknown(CenteredLayer):
                pass
            block = net_of(Unknown())
            block(X)
            load = tf.keras.models.load_model
            with tempfile.TemporaryDirectory() as folder_:
                path_ = os.path.join(folder_, 'net.keras')
                block.save(path_)
                assert raises(TypeError, lambda: load(path_))
                loaded = load(path_, custom_objects={'Unknown': Unknown})
            assert equal(loaded(X), block(X))
        """
        ),
    ),
    Claim(
        "在另一个程序里读取，要先运行`MyDense`的定义",
        only(
            tensorflow="""
            known = tf.keras.utils.get_custom_objects()
            load = tf.keras.models.load_model
            with tempfile.TemporaryDirectory() as folder_:
                path_ = os.path.join(folder_, 'net.keras')
                net.save(path_)
                kept = dict(known)
                known.clear()
                try:
                    assert raises(TypeError, lambda: load(path_))
                finally:
                    known.update(kept)
                assert equal(load(path_)(images), net(images))
        """
        ),
    ),
    # 小结
    Claim(
        "自定义层是一个类，不带参数时只要写前向传播，写好就能放进容器",
        everywhere("""
            methods = [name for name, it in vars(CenteredLayer).items()
                       if callable(it)]
            assert methods in (['forward'], ['call'])
            block = net_of(linear(5, 8), CenteredLayer(), linear(8, 2))
            assert array(ready(block)(X)).shape == (2, 2)
        """),
    ),
    Claim(
        "整数的均值在各个框架里不尽相同，层若需要浮点数，就先转换再计算",
        only(
            **{tab: dedent(code) + dedent(CONVERTED) for tab, code in INTEGERS.items()}
        ),
    ),
    Claim(
        "浮点数有舍入误差，减去均值之后，均值只是非常接近0",
        everywhere("""
            left = array(mean(CenteredLayer()(tensor([1, 1, 2])))).item()
            assert left != 0 and abs(left) < 1e-6
        """),
    ),
    Claim(
        "参数要按框架的规矩创建：普通的张量没有登记，训练和保存都轮不到它",
        everywhere("""
            block = net_of(fresh(5, 3, Plain))
            block(X)
            found = weights(block)
            assert [tuple(weight.shape) for weight in found] == [(3,)]
        """),
    ),
    Claim(
        "切断了计算图的副本让参数得不到梯度，输出的数值上却看不出来",
        everywhere("""
            one, two = fresh(5, 30), fresh(5, 30, Cut)
            for layer_ in (one, two):
                fill(layer_.weight, 0.01)
                fill(layer_.bias, 1)
            assert equal(one(X), two(X))
            weight_slope, bias_slope = slopes(two, X)
            assert weight_slope is None or (weight_slope == 0).all()
            assert (bias_slope != 0).any()
            assert (slopes(one, X)[0] != 0).any()
        """),
    ),
    Claim(
        "参数登记好了，自定义层放进容器就能保存和读取，读回来的网络给出相同的输出",
        everywhere("""
            block = ready(net_of(fresh(5, 30), fresh(30, 2)))
            clone_ = ready(net_of(fresh(5, 30), fresh(30, 2)))
            assert (value(weights(clone_)[0]) != value(weights(block)[0])).any()
            with tempfile.TemporaryDirectory() as folder_:
                save_and_load(block, clone_, os.path.join(folder_, 'w'))
            assert equal(clone_(X), block(X))
            for one, two in zip(weights(clone_), weights(block)):
                assert (value(one) == value(two)).all()
        """),
    ),
    # 练习
    Claim(
        "切断了计算图的权重写作",
        everywhere("""
            weight_slope, bias_slope = slopes(fresh(5, 200, Cut), X)
            assert weight_slope is None or (weight_slope == 0).all()
            assert (bias_slope != 0).any()
        """),
    ),
    Claim(
        "`step`会抛出`UserWarning`，那一步一个参数也不更新；"
        "要接着训练，写`trainer.step(1, ignore_stale_grad=True)`",
        only(
            mxnet="""
            block = ready(net_of(nn.Dense(5), Cut(30, in_units=5), nn.Dense(1)))
            trainer_ = gluon.Trainer(block.collect_params(), 'sgd',
                                     {'learning_rate': 0.1})
            def changed(**kwargs):
                before = [value(weight) for weight in weights(block)]
                with autograd.record():
                    Y = block(X)
                Y.backward()
                step = lambda: trainer_.step(1, **kwargs)
                refused = raises(UserWarning, step)
                return refused, [bool((value(weight) != old).any())
                                 for weight, old in zip(weights(block), before)]
            assert changed() == (True, [False] * 6)
            told = changed(ignore_stale_grad=True)
            assert told == (False, [True, True, False, True, True, True]), told
        """
        ),
    ),
    Claim(
        "实数输入的另一半与这一半共轭",
        everywhere("""
            for d in (8, 5):
                z = numpy.fft.fft(numpy.sin(range(d)))
                half = numpy.fft.rfft(numpy.sin(range(d)))
                assert len(half) == d // 2 + 1
                assert numpy.allclose(z[:len(half)], half)
                for k in range(1, d):
                    assert numpy.allclose(z[d - k], z[k].conj())
                angle = -2j * numpy.pi * numpy.outer(range(d), range(d)) / d
                assert numpy.allclose(numpy.exp(angle) @ numpy.sin(range(d)), z)
        """),
    ),
    Claim(
        "MXNet在CPU上没有快速傅里叶变换",
        only(
            mxnet="""
            import mxnet
            assert not hasattr(np, 'fft')
            legacy = mxnet.nd.ones((2, 8))
            def transform():
                mxnet.nd.contrib.fft(legacy).asnumpy()
            assert raises(mxnet.base.MXNetError, transform)
        """
        ),
    ),
    Claim(
        "里有现成的变换，结果是复数，要拆成实部和虚部",
        only(
            pytorch="assert torch.fft.rfft(X).is_complex()",
            tensorflow="assert tf.signal.rfft(X).dtype.is_complex",
            paddle="assert paddle.fft.rfft(X).is_complex()",
        ),
    ),
    Claim(
        "是不是正在训练，看",
        only(
            mxnet="""
                assert not autograd.is_training()
                with autograd.record():
                    assert autograd.is_training()
            """,
            pytorch="""
                layer_ = MyLinear(5, 3)
                assert layer_.training
                layer_.eval()
                assert not layer_.training
                layer_.train()
                assert layer_.training
            """,
            tensorflow="""
                seen = []
                class Seen(tf.keras.layers.Layer):
                    def call(self, X, training=False):
                        seen.append(training)
                        return X
                block = net_of(Seen())
                block(X)
                seen.clear()
                block(X)
                block(X, training=True)
                assert seen == [False, True], seen
            """,
            paddle="""
                layer_ = MyLinear(5, 3)
                assert layer_.training
                layer_.eval()
                assert not layer_.training
                layer_.train()
                assert layer_.training
            """,
        ),
    ),
]
