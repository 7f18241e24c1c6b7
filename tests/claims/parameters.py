"""Claims of chapter_computation/parameters.md, checked in every tab."""

from textwrap import dedent

import words
from claims import Claim

SECTION = "chapter_computation/parameters.md"

#: `small` is the section's first network under its names; `made` is a layer
#: given to one of the section's initialisers; `kernel` is (in, out).
_HERE = {
    "mxnet": """
        def small():
            net = nn.Sequential(prefix='net_')
            with net.name_scope():
                net.add(nn.Dense(8, activation='relu'), nn.Dense(1))
            return ready(net)
        first = lambda net: net[0]
        last = lambda net: net[1]
        kernel = lambda layer: layer.weight.data().asnumpy().T
        bias_of = lambda layer: layer.bias.data().asnumpy()
        def made(kind, n_in, n_out):
            layer = nn.Dense(n_out, in_units=n_in)
            layer.initialize(*{
                'default': [], 'normal': [init.Normal(sigma=0.01)],
                'constant': [init.Constant(1)], 'xavier': [init.Xavier()],
                'glorot normal': [init.Xavier('gaussian', magnitude=1)],
                'orthogonal': [init.Orthogonal(scale=1)],
                'orthogonal by default': [init.Orthogonal()],
                'custom': [MyInit()]}[kind])
            return layer
        names = lambda net: list(net.collect_params())
        square = lambda value: gluon.Parameter(
            'weight', shape=(1,), init=init.Constant(value))
        seed = npx.random.seed
        put = lambda weight, array: weight.set_data(np.array(array))
        def gradient_of(net, weight):
            with autograd.record():
                Y = net(X).sum()
            Y.backward()
            return weight.grad().asnumpy()
        def train(net, num_steps):
            losses = []
            trainer = gluon.Trainer(net.collect_params(), 'sgd',
                                    {'learning_rate': 0.05})
            for _ in range(num_steps):
                data = np.random.uniform(size=(64, 4))
                with autograd.record():
                    error = net(data) - data.sum(axis=1, keepdims=True)
                    loss = (error ** 2).mean()
                loss.backward()
                trainer.step(1)
                losses.append(loss.item())
            return losses
    """,
    "pytorch": """
        def small():
            return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
        first = lambda net: net[0]
        last = lambda net: net[2]
        kernel = lambda layer: layer.weight.detach().numpy().T
        bias_of = lambda layer: layer.bias.detach().numpy()
        def made(kind, n_in, n_out):
            layer = nn.Linear(n_in, n_out)
            return layer.apply({
                'default': lambda m: None, 'normal': init_normal,
                'constant': init_constant, 'xavier': init_xavier,
                'glorot normal': lambda m: nn.init.xavier_normal_(m.weight),
                'orthogonal': lambda m: nn.init.orthogonal_(m.weight, 1),
                'orthogonal by default':
                    lambda m: nn.init.orthogonal_(m.weight),
                'custom': my_init}[kind])
        names = lambda net: [name for name, _ in net.named_parameters()]
        seed = torch.manual_seed
        def put(weight, array):
            with torch.no_grad():
                weight.copy_(torch.tensor(array))
        def gradient_of(net, weight):
            grad_, = torch.autograd.grad(net(X).sum(), weight)
            return grad_.numpy()
        def train(net, num_steps):
            losses = []
            optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
            for _ in range(num_steps):
                data = torch.rand(64, 4)
                optimizer.zero_grad()
                loss = ((net(data) - data.sum(1, keepdim=True)) ** 2).mean()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            return losses
    """,
    "tensorflow": """
        def small():
            net = tf.keras.Sequential([
                tf.keras.layers.Dense(8, activation='relu', name='hidden'),
                tf.keras.layers.Dense(1, name='out')], name='net')
            return ready(net)
        first = lambda net: net.layers[0]
        last = lambda net: net.layers[-1]
        kernel = lambda layer: layer.kernel.numpy()
        bias_of = lambda layer: layer.bias.numpy()
        def made(kind, n_in, n_out):
            layer = tf.keras.layers.Dense(n_out, **{
                'default': lambda: {},
                'normal': lambda: {'kernel_initializer':
                    tf.keras.initializers.RandomNormal(stddev=0.01)},
                'constant': lambda: {'kernel_initializer':
                    tf.keras.initializers.Constant(1)},
                'xavier': lambda: {'kernel_initializer':
                    tf.keras.initializers.GlorotUniform()},
                'glorot normal': lambda: {'kernel_initializer':
                    tf.keras.initializers.GlorotNormal()},
                'orthogonal': lambda: {'kernel_initializer':
                    tf.keras.initializers.Orthogonal(1)},
                'orthogonal by default': lambda: {'kernel_initializer':
                    tf.keras.initializers.Orthogonal()},
                'custom': lambda: {'kernel_initializer': MyInit()}}[kind]())
            layer.build((None, n_in))
            return layer
        names = lambda net: [w.path for w in net.weights]
        seed = tf.keras.utils.set_random_seed
        put = lambda weight, array: weight.assign(array)
        def gradient_of(net, weight):
            with tf.GradientTape() as tape:
                Y = tf.reduce_sum(net(X))
            return tape.gradient(Y, weight).numpy()
        def train(net, num_steps):
            losses = []
            optimizer = tf.keras.optimizers.SGD(0.05)
            for _ in range(num_steps):
                data = tf.random.uniform((64, 4))
                wanted = tf.reduce_sum(data, axis=1, keepdims=True)
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean((net(data) - wanted) ** 2)
                grads_ = tape.gradient(loss, net.trainable_weights)
                optimizer.apply_gradients(zip(grads_, net.trainable_weights))
                losses.append(float(loss))
            return losses
    """,
    "paddle": """
        def small():
            return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
        first = lambda net: net[0]
        last = lambda net: net[2]
        kernel = lambda layer: layer.weight.numpy()
        bias_of = lambda layer: layer.bias.numpy()
        def made(kind, n_in, n_out):
            layer = nn.Linear(n_in, n_out)
            return layer.apply({
                'default': lambda m: None, 'normal': init_normal,
                'constant': init_constant, 'xavier': init_xavier,
                'glorot normal':
                    lambda m: nn.initializer.XavierNormal()(m.weight),
                'orthogonal':
                    lambda m: nn.initializer.Orthogonal(1.0)(m.weight),
                'orthogonal by default':
                    lambda m: nn.initializer.Orthogonal()(m.weight),
                'custom': my_init}[kind])
        names = lambda net: [name for name, _ in net.named_parameters()]
        seed = paddle.seed
        put = lambda weight, array: weight.set_value(paddle.to_tensor(array))
        def gradient_of(net, weight):
            grad_, = paddle.grad(net(X).sum(), weight)
            return grad_.numpy()
        def square(value):
            return paddle.create_parameter(
                [1], 'float32',
                default_initializer=nn.initializer.Constant(float(value)))
        def train(net, num_steps):
            losses = []
            optimizer = paddle.optimizer.SGD(0.05, net.parameters())
            for _ in range(num_steps):
                data = paddle.rand([64, 4])
                wanted = data.sum(1, keepdim=True)
                loss = ((net(data) - wanted) ** 2).mean()
                loss.backward()
                optimizer.step()
                optimizer.clear_grad()
                losses.append(loss.item())
            return losses
    """,
}

_COMMON = """
import contextlib
import io
import warnings

def uniform(values, bound):
    # fills U(-bound, bound), as far as many draws can tell
    assert 0.99 * bound < abs(values).max() <= bound * 1.0001, abs(values).max()
    assert abs(values.std() - bound / 3 ** 0.5) < 0.01 * bound

def glorot(n_in, n_out):
    return (6 / (n_in + n_out)) ** 0.5

def tied_net(tie):
    # the net of the section, its weights by Xavier
    block = Container()
    for part in (made('xavier', 4, 8), relu(), tie, relu(), tie, relu(),
                 made('xavier', 8, 1)):
        (block.add if hasattr(block, 'add') else block.append)(part)
    block(X)
    return block

def matrix_of(layer):
    return [w for w in weights(layer) if value(w).ndim == 2][0]

def silent(task):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        return task()
"""


def _in_words(code: str, tab: str) -> str:
    """Return the check with the words of all sections and of this one."""
    return words.in_words(dedent(_HERE[tab]) + _COMMON + dedent(code), tab)


def everywhere(code: str) -> dict[str, str]:
    """Return one check for every tab."""
    return {tab: _in_words(code, tab) for tab in words.TABS}


def only(**checks: str) -> dict[str, str]:
    """Return the checks of a sentence that only the named tabs show."""
    return {tab: _in_words(code, tab) for tab, code in checks.items()}


def in_tabs(tabs: str, code: str) -> dict[str, str]:
    """Return one check for the named tabs."""
    return {tab: _in_words(code, tab) for tab in tabs.split()}


CLAIMS = [
    Claim(
        "输入有4个特征，一个隐藏层，一个输出",
        everywhere("""
            block = small()
            assert tuple(array(X).shape) == (2, 4)
            assert tuple(array(block(X)).shape) == (2, 1)
            assert kernel(first(block)).shape == (4, 8)
            assert kernel(last(block)).shape == (8, 1)
        """),
    ),
    Claim(
        "`prefix`和`name_scope`只管起名字，不影响计算",
        only(
            mxnet="""
            plain, named = nn.Sequential(), small()
            plain.add(nn.Dense(8, activation='relu'), nn.Dense(1))
            ready(plain)
            for to, of in zip(weights(plain), weights(named)):
                to.set_data(of.data())
            assert equal(plain(X), named(X))
        """
        ),
    ),
    Claim(
        "重新运行一遍单元格，`dense0`就成了`dense2`",
        only(
            mxnet="""
            def unnamed():
                block = nn.Sequential()
                block.add(nn.Dense(8, activation='relu'), nn.Dense(1))
                return int(block[0].name.removeprefix('dense'))
            assert unnamed() + 2 == unnamed()
        """
        ),
    ),
    Claim(
        "编号在`net`内部从0数起",
        only(
            mxnet="""
            for _ in range(2):
                assert [block.name for block in small()] == [
                    'net_dense0', 'net_dense1']
        """
        ),
    ),
    Claim(
        "权重要等第一次前向传播看见输入的形状才生成",
        only(
            mxnet="""
            from mxnet.gluon.parameter import DeferredInitializationError
            block = nn.Dense(8)
            block.initialize()
            assert raises(DeferredInitializationError, block.weight.data)
            block(X)
            assert block.weight.data().shape == (8, 4)
        """
        ),
    ),
    Claim(
        "`name`只管起名字，不影响计算",
        only(
            tensorflow="""
            plain, named = tf.keras.Sequential([
                tf.keras.layers.Dense(8, activation='relu'),
                tf.keras.layers.Dense(1)]), small()
            ready(plain).set_weights(named.get_weights())
            assert equal(plain(X), named(X))
        """
        ),
    ),
    Claim(
        "重新运行一遍单元格，`dense`就成了`dense_2`",
        only(
            tensorflow="""
            def unnamed():
                block = tf.keras.Sequential([
                    tf.keras.layers.Dense(8), tf.keras.layers.Dense(1)])
                return int(block.layers[0].name.removeprefix('dense_') or 0)
            tf.keras.layers.Dense(1)
            assert unnamed() + 2 == unnamed()
        """
        ),
    ),
    Claim(
        "权重要等第一次调用看见输入的形状才创建",
        only(
            tensorflow="""
            block = tf.keras.Sequential([tf.keras.layers.Dense(8)])
            assert block.weights == []
            block(X)
            assert len(block.weights) == 2
        """
        ),
    ),
    Claim(
        "这个全连接层有两个参数：一个权重矩阵，一个偏置",
        everywhere("""
            layer_ = ready(linear(4, 3))
            shapes = [tuple(value(w).shape) for w in weights(layer_)]
            assert sorted(map(len, shapes)) == [1, 2]
        """),
    ),
    Claim(
        "激活函数写在`nn.Dense`里面，不另占位置，所以输出层是`net[1]`",
        only(
            mxnet="""
            block = small()
            assert len(block) == 2
            assert block[1].weight.shape == (1, 8)
        """
        ),
    ),
    Claim(
        "字典的键是参数的全名，值是`data()`取出的数组",
        only(
            mxnet="""
            block = small()
            name = 'net_dense1_bias'
            block[1].bias.set_data(np.array([5]))
            assert block[1].params[name].data().item() == 5
        """
        ),
    ),
    Claim(
        "占了`net[1]`的位置，所以输出层是`net[2]`",
        in_tabs(
            "pytorch paddle",
            """
            block = small()
            assert isinstance(block[1], nn.ReLU) and isinstance(block[1], Base)
            assert isinstance(block[2], nn.Linear) and len(block) == 3
            """,
        ),
    ),
    Claim(
        "激活函数写在`Dense`里面，不另占位置，所以输出层是`net.layers[1]`，"
        "写`net[1]`会报错",
        only(
            tensorflow="""
            block = small()
            assert len(block.layers) == 2
            assert block.layers[1].kernel.shape == (8, 1)
            assert raises(TypeError, lambda: block[1])
        """
        ),
    ),
    Claim(
        "把权重矩阵叫作`kernel`，把一层的全部参数叫作`weights`，偏置也算在内",
        only(
            tensorflow="""
            layer_ = small().layers[1]
            assert [w.name for w in layer_.weights] == ['kernel', 'bias']
            assert layer_.weights[1] is layer_.bias
        """
        ),
    ),
    Claim(
        "`Parameter`本身不是数组，它管理着数组",
        only(
            mxnet="""
            p = small()[1].bias
            assert type(p).__name__ == 'Parameter'
            assert not isinstance(p, np.ndarray)
            assert isinstance(p.data(), np.ndarray)
            assert raises(TypeError, lambda: p + 1)
        """
        ),
    ),
    Claim(
        "它还记着形状、初始化方法和所在的设备",
        only(
            mxnet="""
            p = small()[1].bias
            assert p.shape == (1,) and p.init == 'zeros'
            assert p.list_ctx() == [p.data().ctx]
        """
        ),
    ),
    Claim(
        "`initialize`给值分配内存时，给梯度也分配了一份",
        only(
            mxnet="""
            layer_ = nn.Dense(3, in_units=4)
            assert raises(RuntimeError, layer_.weight.grad)
            layer_.initialize()
            assert (layer_.weight.grad() == 0).all()
        """
        ),
    ),
    Claim(
        "`Parameter`是张量的子类，多了一重身份：把它赋给模块的属性，模块就会登记它",
        only(
            pytorch="""
            assert issubclass(nn.Parameter, torch.Tensor)
            block = nn.Module()
            block.mine, block.plain = nn.Parameter(torch.ones(2)), torch.ones(2)
            assert names(block) == ['mine']
        """
        ),
    ),
    Claim(
        "`detach()`取出不带梯度信息的值，与参数共用内存",
        only(
            pytorch="""
            p = small()[2].bias
            plain = p.detach()
            assert not plain.requires_grad
            plain.fill_(5)
            assert p.item() == 5
        """
        ),
    ),
    Claim(
        "反向传播还没有做过，所以梯度是`None`",
        in_tabs(
            "pytorch paddle",
            """
            block = small()
            assert all(p.grad is None for p in weights(block))
            block(X).sum().backward()
            assert all(p.grad is not None for p in weights(block))
            """,
        ),
    ),
    Claim(
        "Keras的`Variable`本身不是张量，它装着一份可以改写的值："
        "`numpy()`取出值的副本，`b.value`是它背后的`tf.Variable`",
        only(
            tensorflow="""
            p = small().layers[1].bias
            assert type(p).__name__ == 'Variable'
            assert not isinstance(p, tf.Tensor)
            assert isinstance(p.value, tf.Variable)
            taken = p.numpy()
            p.assign([5])
            assert taken[0] == 0 and p.value.numpy()[0] == 5
        """
        ),
    ),
    Claim(
        "它身上没有梯度",
        only(
            tensorflow="""
            block = small()
            with tf.GradientTape() as tape:
                Y = tf.reduce_sum(block(X))
            grad_ = tape.gradient(Y, block.layers[1].bias)
            assert not hasattr(block.layers[1].bias, 'grad')
            assert grad_.numpy() == 2
        """
        ),
    ),
    Claim(
        "`EagerParamBase`是张量的子类，多了一重身份：把它赋给层的属性，层就会登记它",
        only(
            paddle="""
            p = small()[2].bias
            assert type(p).__name__ == 'EagerParamBase'
            assert isinstance(p, paddle.Tensor)
            block = nn.Layer()
            block.mine, block.plain = square(1), paddle.ones([2])
            assert names(block) == ['mine']
        """
        ),
    ),
    Claim(
        "`numpy()`取出值的副本。",
        only(
            paddle="""
            p = small()[2].bias
            taken = p.numpy()
            p.set_value(paddle.to_tensor([5.0]))
            assert taken[0] == 0 and p.item() == 5
        """
        ),
    ),
    Claim(
        "框架能把整个网络的参数一次列出来，连名字带形状",
        only(
            mxnet="""
                found = [(name, p.shape)
                         for name, p in small().collect_params().items()]
                assert found == [
                    ('net_dense0_weight', (8, 4)), ('net_dense0_bias', (8,)),
                    ('net_dense1_weight', (1, 8)), ('net_dense1_bias', (1,))]
            """,
            pytorch="""
                found = [(name, tuple(p.shape))
                         for name, p in small().named_parameters()]
                assert found == [('0.weight', (8, 4)), ('0.bias', (8,)),
                                 ('2.weight', (1, 8)), ('2.bias', (1,))]
            """,
            tensorflow="""
                found = [(w.path, tuple(w.shape)) for w in small().weights]
                assert found == [
                    ('net/hidden/kernel', (4, 8)), ('net/hidden/bias', (8,)),
                    ('net/out/kernel', (8, 1)), ('net/out/bias', (1,))]
            """,
            paddle="""
                found = [(name, tuple(p.shape))
                         for name, p in small().named_parameters()]
                assert found == [('0.weight', (4, 8)), ('0.bias', (8,)),
                                 ('2.weight', (8, 1)), ('2.bias', (1,))]
            """,
        ),
    ),
    Claim(
        "这两个数在隐藏层权重的形状里都能找到，只是各框架的次序不同",
        {
            tab: _in_words(
                f"assert value(matrix_of(first(small()))).shape == {shape}", tab
            )
            for tab, shape in {
                "mxnet": (8, 4),
                "pytorch": (8, 4),
                "tensorflow": (4, 8),
                "paddle": (4, 8),
            }.items()
        },
    ),
    Claim(
        "MXNet的权重是（输出，输入）",
        only(
            mxnet="""
            layer_ = nn.Dense(3, in_units=4)
            layer_.initialize()
            assert layer_.weight.shape == (3, 4)
            W_, b_ = layer_.weight.data(), layer_.bias.data()
            assert np.allclose(layer_(X), np.dot(X, W_.T) + b_)
        """
        ),
    ),
    Claim(
        "PyTorch的权重是（输出，输入）",
        only(
            pytorch="""
            layer_ = nn.Linear(4, 3)
            assert layer_.weight.shape == (3, 4)
            assert torch.allclose(layer_(X), X @ layer_.weight.T + layer_.bias)
        """
        ),
    ),
    Claim(
        "TensorFlow的权重是（输入，输出）",
        only(
            tensorflow="""
            layer_ = tf.keras.layers.Dense(3)
            layer_(X)
            assert layer_.kernel.shape == (4, 3)
            assert numpy.allclose(layer_(X), X @ layer_.kernel + layer_.bias)
        """
        ),
    ),
    Claim(
        "PaddlePaddle的权重是（输入，输出）",
        only(
            paddle="""
            layer_ = nn.Linear(4, 3)
            assert list(layer_.weight.shape) == [4, 3]
            assert paddle.allclose(layer_(X), X @ layer_.weight + layer_.bias)
        """
        ),
    ),
    Claim(
        "是同一个对象。",
        only(
            mxnet="""
                block = small()
                found = block.collect_params()['net_dense1_bias']
                assert found is block[1].bias
            """,
            pytorch="""
                block = small()
                assert block.get_parameter('2.bias') is block[2].bias
            """,
            tensorflow="""
                block = small()
                found = {w.path: w for w in block.weights}['net/out/bias']
                assert found is block.layers[1].bias
            """,
            paddle="""
                block = small()
                assert dict(block.named_parameters())['2.bias'] is block[2].bias
            """,
        ),
    ),
    Claim(
        "它只看层在网络里的位置，与前缀和全局序号都无关",
        only(
            mxnet="""
            def saved(block):
                with tempfile.TemporaryDirectory() as folder:
                    path = os.path.join(folder, 'w')
                    block.save_parameters(path)
                    return set(npx.load(path))
            plain = nn.Sequential()
            plain.add(nn.Dense(8, activation='relu'), nn.Dense(1))
            assert saved(ready(plain)) == saved(small()) == {
                '0.weight', '0.bias', '1.weight', '1.bias'}
        """
        ),
    ),
    Claim(
        "`net.collect_params('.*bias')`只列出偏置",
        only(
            mxnet="""
            found = list(small().collect_params('.*bias'))
            assert found == ['net_dense0_bias', 'net_dense1_bias']
        """
        ),
    ),
    Claim(
        "名字由层在网络里的位置拼成，重新运行也不变",
        in_tabs(
            "pytorch paddle",
            """
            assert names(small()) == names(small()) == [
                '0.weight', '0.bias', '2.weight', '2.bias']
            """,
        ),
    ),
    Claim(
        "它给出的是一个脱离了自动微分的张量，与参数共用内存，却不是参数本身",
        only(
            pytorch="""
            block = small()
            found = block.state_dict()['2.bias']
            assert found is not block[2].bias and not found.requires_grad
            found.fill_(5)
            assert block[2].bias.item() == 5
        """
        ),
    ),
    Claim(
        "网络和层的名字是我们起的，重新运行也不变",
        only(
            tensorflow="""
            assert names(small()) == names(small()) == [
                'net/hidden/kernel', 'net/hidden/bias',
                'net/out/kernel', 'net/out/bias']
        """
        ),
    ),
    Claim(
        "`w.name`只有最后一截",
        only(
            tensorflow="""
            assert [w.name for w in small().weights] == ['kernel', 'bias'] * 2
        """
        ),
    ),
    Claim(
        "层也可以按名字取：`net.get_layer('out').bias`",
        only(
            tensorflow="""
            block = small()
            assert block.get_layer('out').bias is block.layers[1].bias
        """
        ),
    ),
    Claim(
        "里面的数字是全局序号，重新运行就会变",
        only(
            paddle="""
            one, two = small()[2].bias.name, small()[2].bias.name
            assert one != two and one.startswith('linear_') and one.endswith('.b_0')
        """
        ),
    ),
    Claim(
        "`block1`是两个全连接层，`block2`把四个`block1`连起来",
        everywhere("""
            assert len(weights(ready(block1()))) == 4
            assert len(weights(ready(block2()))) == 16
            assert len(weights(rgnet)) == 18
        """),
    ),
    Claim(
        "缩进一级，就是往里套一层",
        {
            **in_tabs(
                "mxnet pytorch paddle",
                """
                lines = repr(rgnet).splitlines()
                depth = lambda line: len(line) - len(line.lstrip())
                at = next(i for i, line in enumerate(lines) if 'block1' in line)
                assert depth(lines[1]) == 2 and depth(lines[at]) == 4
                assert depth(lines[at + 1]) == 6
                """,
            ),
            **only(
                tensorflow="""
                lines = []
                rgnet.summary(line_length=60, expand_nested=True,
                              print_fn=lines.append)
                rows = [r.strip('│') for r in lines[0].splitlines()]
                depth = lambda word: next(len(r) - len(r.lstrip())
                                          for r in rows if word in r)
                assert depth('blocks (') < depth('└ block1') < depth('└ hidden')
            """
            ),
        },
    ),
    Claim(
        "`add`加入的子块按序号取名，`register_child`加入的用我们给的名字",
        only(
            mxnet="""
            assert list(block1()._children) == ['0', '1']
            assert list(block2()._children) == [f'block{i}' for i in range(4)]
            assert '(block1): Sequential' in repr(rgnet)
        """
        ),
    ),
    Claim(
        "第二个参数是打印和保存时用的名字",
        only(
            mxnet="""
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, 'w')
                rgnet.save_parameters(path)
                assert '0.block1.0.bias' in npx.load(path)
        """
        ),
    ),
    Claim(
        "直接传给`nn.Sequential`的按序号取名",
        in_tabs(
            "pytorch paddle",
            """
            children = lambda block: [name for name, _ in block.named_children()]
            assert children(block1()) == ['0', '1', '2', '3']
            assert children(block2()) == [f'block{i}' for i in range(4)]
            assert '(block1): Sequential' in repr(rgnet)
            """,
        ),
    ),
    Claim(
        "否则`summary`把`blocks`当作一层，只给它一行",
        only(
            tensorflow="""
            lines = []
            rgnet.summary(print_fn=lines.append)
            assert 'blocks' in lines[0] and 'block1' not in lines[0]
        """
        ),
    ),
    Claim(
        "`print_fn=print`让它只输出文字，不上颜色",
        only(
            tensorflow="""
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                rgnet.summary(expand_nested=True, print_fn=print)
            assert 'block1' in said.getvalue()
            assert chr(27) not in said.getvalue()
        """
        ),
    ),
    Claim(
        "名字里有`block1`，正是第二个子块",
        {
            **in_tabs(
                "mxnet pytorch paddle",
                """
                inside = lambda block, p: any(w is p for w in weights(block))
                wanted = rgnet[0][1][0].bias
                found = [inside(rgnet[0][i], wanted) for i in range(4)]
                assert found == [False, True, False, False]
                assert tuple(wanted.shape) == (8,)
                found, = [n for n, p in zip(names(rgnet), weights(rgnet))
                          if p is wanted]
                assert 'block1' in found
                """,
            ),
            **only(
                tensorflow="""
                wanted = rgnet.layers[0].layers[1].layers[0].bias
                inside = [any(w is wanted for w in child.weights)
                          for child in rgnet.layers[0].layers]
                assert inside == [False, True, False, False]
                assert wanted.path == 'rgnet/blocks/block1/hidden/bias'
            """
            ),
        },
    ),
    Claim(
        "这个名字是各级前缀连起来的，前缀靠`name_scope`一级一级地往下传",
        only(
            mxnet="""
            assert rgnet[0][1][0].bias.name == 'rgnet_blocks_block1_dense0_bias'
            outer = nn.Sequential(prefix='outer_')
            outer.add(nn.Dense(3))  # outside of the scope
            assert not outer[0].name.startswith('outer_')
        """
        ),
    ),
    Claim(
        "所以写`rgnet[0].block1[0].bias`也行",
        in_tabs(
            "pytorch paddle",
            "assert rgnet[0].block1[0].bias is rgnet[0][1][0].bias",
        ),
    ),
    Claim(
        "`rgnet.get_layer('blocks').get_layer('block1')`就是第二个子块",
        only(
            tensorflow="""
            found = rgnet.get_layer('blocks').get_layer('block1')
            assert found is rgnet.layers[0].layers[1]
        """
        ),
    ),
    Claim(
        "列出每个参数的最小值和最大值",
        everywhere("""
            block = small()
            for i, w in enumerate(weights(block)):
                fill(w, i)
            assert list(ranges(block).values()) == [(i, i) for i in range(4)]
            assert list(ranges(block)) == names(block)
        """),
    ),
    Claim(
        "MXNet的默认规则最简单",
        only(
            mxnet="""
            for sizes_ in [(400, 200), (50, 3000)]:
                uniform(kernel(made('default', *sizes_)), 0.07)
                assert (bias_of(made('default', *sizes_)) == 0).all()
        """
        ),
    ),
    Claim(
        "`nn.Linear`的权重和偏置都从",
        only(
            pytorch="""
            for n_in, n_out in [(400, 10), (400, 5000), (100, 5000)]:
                uniform(kernel(made('default', n_in, n_out)), n_in ** -0.5)
            uniform(bias_of(made('default', 100, 50000)), 0.1)
        """
        ),
    ),
    Claim(
        "输出的个数不起作用，偏置也不是0",
        only(
            pytorch="""
            assert (bias_of(made('default', 4, 8)) != 0).all()
            wide, narrow = (abs(kernel(made('default', 400, n))).max()
                            for n in (5000, 500))
            assert abs(wide - narrow) < 1e-4
        """
        ),
    ),
    Claim(
        "默认用Xavier初始化 :cite:`Glorot.Bengio.2010`",
        in_tabs(
            "tensorflow paddle",
            """
            for sizes_ in [(400, 200), (300, 500)]:
                uniform(kernel(made('default', *sizes_)), glorot(*sizes_))
                assert (bias_of(made('default', *sizes_)) == 0).all()
            """,
        ),
    ),
    Claim(
        "同样是全连接层，各框架默认的初始化规则不尽相同",
        {
            tab: _in_words(
                f"""
                layer_ = made('default', 400, 200)
                uniform(kernel(layer_), {bound})
                assert (bias_of(layer_) == 0).all() == {no_bias}
                """,
                tab,
            )
            for tab, (bound, no_bias) in {
                "mxnet": (0.07, True),
                "pytorch": (0.05, False),
                "tensorflow": (0.1, True),
                "paddle": (0.1, True),
            }.items()
        },
    ),
    Claim(
        "每一对里的两个数都相等，规则没有说错",
        everywhere("""
            for size in sizes:
                assert round(largest(*size), 3) == round(bound(*size), 3)
        """),
    ),
    Claim(
        "三层大小不同，边界却是同一个",
        only(
            mxnet="""
            assert len(set(sizes)) == 3
            assert len({round(largest(*size), 3) for size in sizes}) == 1
        """
        ),
    ),
    Claim(
        "信号每穿过一层都要缩小许多，传到末尾几乎是0",
        only(
            mxnet="""
            H, largest_ = X, [float(np.abs(X).max())]
            for i in range(4):
                for layer_ in rgnet[0][i]:
                    H = layer_(H)
                    largest_.append(float(np.abs(H).max()))
            assert all(b < a / 2 for a, b in zip(largest_, largest_[1:]))
            assert float(np.abs(rgnet(X)).max()) < 1e-6
        """
        ),
    ),
    Claim(
        "第一层和第三层输入一样多，输出相差很多，边界却相等；第二层输入少，边界就宽",
        only(
            pytorch="""
            one, two, three = (round(largest(*size), 3) for size in sizes)
            assert one == three < two
            assert sizes[0][0] == sizes[2][0] > sizes[1][0]
            assert sizes[2][1] > 2 * sizes[0][1]
        """
        ),
    ),
    Claim(
        "和不变，边界就相等；第三层的和大，边界就窄",
        in_tabs(
            "tensorflow paddle",
            """
            one, two, three = (round(largest(*size), 3) for size in sizes)
            assert one == two > three
            assert sizes[0] == sizes[1][::-1] and sum(sizes[2]) > sum(sizes[0])
            """,
        ),
    ),
    Claim(
        "均值为0、标准差为0.01的正态分布中抽取，偏置设为0",
        everywhere("""
            layer_ = made('normal', 1000, 300)
            assert abs(kernel(layer_).mean()) < 1e-4
            assert abs(kernel(layer_).std() - 0.01) < 1e-4
            assert abs(kernel(layer_)).max() > 0.04  # not uniform
            assert (bias_of(layer_) == 0).all()
        """),
    ),
    Claim(
        "权重缩到了0附近，偏置都是0",
        everywhere("""
            layer_ = made('normal', 4, 8)
            assert 0 < abs(kernel(layer_)).max() < 0.07
            assert (bias_of(layer_) == 0).all()
        """),
    ),
    Claim(
        "不写它，MXNet只给出警告，参数原封不动",
        only(
            mxnet="""
            block = small()
            before_ = kernel(block[0])
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter('always')
                block.initialize(init.Constant(3))
            assert said and (kernel(block[0]) == before_).all()
            block.initialize(init.Constant(3), force_reinit=True)
            assert (kernel(block[0]) == 3).all()
        """
        ),
    ),
    Claim(
        "`nn.Dense`创建偏置时指定了全零的初始化方法，所以偏置不受影响",
        only(
            mxnet="""
            layer_ = nn.Dense(3, in_units=4)
            assert layer_.bias.init == 'zeros' and layer_.weight.init is None
            layer_.initialize(init.Constant(42))
            assert (bias_of(layer_) == 0).all() and (kernel(layer_) == 42).all()
        """
        ),
    ),
    Claim(
        "（最后也包括`net`自己）调用一次`init_normal`",
        in_tabs(
            "pytorch paddle",
            """
            block, seen = rgnet, []
            block.apply(seen.append)
            assert seen[-1] is block
            assert len({id(m) for m in seen}) == len(seen) == 23
            """,
        ),
    ),
    Claim(
        "名字以下划线结尾的初始化函数就地改写张量，而且不让自动微分记录",
        only(
            pytorch="""
            layer_ = nn.Linear(4, 8)
            weight_, place = layer_.weight, layer_.weight.data_ptr()
            nn.init.normal_(layer_.weight)
            assert layer_.weight is weight_ and weight_.data_ptr() == place
            assert weight_.is_leaf and weight_.requires_grad
        """
        ),
    ),
    Claim(
        "`kernel_initializer`给哪一层，才对哪一层起作用，漏掉的层还用默认的规则",
        only(
            tensorflow="""
            block = ready(tf.keras.Sequential([
                tf.keras.layers.Dense(
                    300, kernel_initializer=tf.keras.initializers.Constant(1)),
                tf.keras.layers.Dense(500)]))
            assert (kernel(block.layers[0]) == 1).all()
            uniform(kernel(block.layers[1]), glorot(300, 500))
        """
        ),
    ),
    Claim(
        "Keras自带的随机初始化方法，不写`seed`时也会在创建的那一刻定下种子",
        only(
            tensorflow="""
            for name in ('RandomNormal RandomUniform TruncatedNormal Orthogonal '
                         'GlorotNormal GlorotUniform HeNormal HeUniform '
                         'LecunNormal LecunUniform VarianceScaling').split():
                draw = getattr(tf.keras.initializers, name)
                one, other = draw(), draw()
                assert numpy.array_equal(one((4, 8)), one((4, 8))), name
                assert not numpy.array_equal(one((4, 8)), other((4, 8))), name
        """
        ),
    ),
    Claim(
        "把同一个实例交给两个形状相同的层，它们会得到一模一样的权重",
        only(
            tensorflow="""
            def pair(one, two):
                layers = [tf.keras.layers.Dense(8, kernel_initializer=i)
                          for i in (one, two)]
                return [kernel(ready(layer_)) for layer_ in layers]
            new = lambda: tf.keras.initializers.RandomNormal(stddev=0.01)
            shared_ = new()
            one, two = pair(shared_, shared_)
            assert (one == two).all()
            one, two = pair(new(), new())
            assert (one != two).any()
        """
        ),
    ),
    Claim(
        "漏掉这一步不会报错，参数却原封不动",
        only(
            paddle="""
            layer_ = nn.Linear(4, 8)
            before_ = layer_.weight.numpy()
            nn.initializer.Normal(mean=0.0, std=0.01)
            assert (layer_.weight.numpy() == before_).all()
            nn.initializer.Normal(mean=0.0, std=0.01)(layer_.weight)
            assert (layer_.weight.numpy() != before_).any()
        """
        ),
    ),
    Claim(
        "`nn.Linear(4, 8, weight_attr=nn.initializer.Normal(0.0, 0.01))`",
        only(
            paddle="""
            layer_ = nn.Linear(
                400, 800, weight_attr=nn.initializer.Normal(0.0, 0.01))
            assert abs(kernel(layer_).std() - 0.01) < 1e-4
        """
        ),
    ),
    Claim(
        "权重的最小值和最大值都是1，偏置仍是0",
        everywhere("""
            layer_ = made('constant', 40, 80)
            assert (kernel(layer_) == 1).all() and (bias_of(layer_) == 0).all()
        """),
    ),
    Claim(
        "同一层的隐藏单元一模一样，得到的梯度也一模一样，怎么训练都分不开",
        everywhere("""
            block = small()
            for w in weights(block):
                fill(w, 0.1)
            train(block, 30)
            columns = kernel(first(block))
            assert (columns == columns[:, :1]).all()
            assert (columns != 0.1).any()
            other = small()
            train(other, 30)
            columns = kernel(first(other))
            assert (columns != columns[:, :1]).any()
        """),
    ),
    Claim(
        "也叫Glorot初始化。它有均匀分布和正态分布两种",
        everywhere("""
            uniform(kernel(made('xavier', 500, 300)), glorot(500, 300))
            normal_ = kernel(made('glorot normal', 500, 300))
            assert abs(normal_.std() / (2 / 800) ** 0.5 - 1) < 0.02
            assert abs(normal_).max() > 1.05 * glorot(500, 300)  # not uniform
        """),
    ),
    Claim(
        "让信号在前向传播和反向传播中都不至于一层比一层大，或者一层比一层小",
        everywhere("""
            def keeps(draw):
                # through layers 200 -> 400 -> 200 ..., and back again
                Ws = [draw(*[(200, 400), (400, 200)][i % 2]) for i in range(10)]
                for path in (Ws, [W.T for W in reversed(Ws)]):
                    spreads = [1.0]
                    H = numpy.random.default_rng(0).normal(
                        size=(500, path[0].shape[0]))
                    for W in path:
                        H = H @ W
                        spreads.append(H.std())
                    steps = [b / a for a, b in zip(spreads, spreads[1:])]
                    if not (0.75 < min(steps) and max(steps) < 1.25
                            and 0.5 < spreads[-1] < 2):
                        return False
                return True
            rng = numpy.random.default_rng(1)
            assert keeps(lambda *size: kernel(made('xavier', *size)))
            assert not keeps(lambda *size: kernel(made('normal', *size)))
            # the number of inputs or of outputs alone will not do
            assert not keeps(lambda a, b: rng.normal(size=(a, b)) / a ** 0.5)
            assert not keeps(lambda a, b: rng.normal(size=(a, b)) / b ** 0.5)
        """),
    ),
    Claim(
        "输入和输出越多，每个权重就该越小",
        everywhere("""
            spread = lambda *size: kernel(made('xavier', *size)).std()
            for sizes_ in ([(200, n) for n in (100, 300, 900)],
                           [(n, 200) for n in (100, 300, 900)]):
                few, more, most = (spread(*size) for size in sizes_)
                assert few > 1.2 * more > 1.4 * most
        """),
    ),
    Claim(
        "权重都没有越过它",
        everywhere("""
            assert abs(glorot(4, 8) - 0.707) < 1e-3
            for _ in range(100):
                assert abs(kernel(made('xavier', 4, 8))).max() <= glorot(4, 8)
        """),
    ),
    Claim(
        "输出层的权重全是42，两层的偏置都还是0",
        only(
            mxnet="""
                block = small()
                block[1].initialize(init=init.Constant(42), force_reinit=True)
                assert list(ranges(block).values())[2:] == [(42, 42), (0, 0)]
            """,
            pytorch="""
                block = small().apply(init_constant)
                block[2].apply(init_42)
                assert list(ranges(block).values()) == [
                    (1, 1), (0, 0), (42, 42), (0, 0)]
            """,
            tensorflow="""
                block = make_net(tf.keras.initializers.GlorotUniform(),
                                 tf.keras.initializers.Constant(42))
                assert list(ranges(block).values())[2:] == [(42, 42), (0, 0)]
            """,
            paddle="""
                block = small().apply(init_constant)
                block[2].apply(init_42)
                assert list(ranges(block).values()) == [
                    (1, 1), (0, 0), (42, 42), (0, 0)]
            """,
        ),
    ),
    Claim(
        "`initialize`可以对整个网络、一个块或者一个参数调用",
        only(
            mxnet="""
            block = small()
            block.initialize(init.Constant(1), force_reinit=True)
            block[1].initialize(init.Constant(2), force_reinit=True)
            assert [v[0] for v in ranges(block).values()] == [1, 0, 2, 0]
            block[0].weight.initialize(init.Constant(3), force_reinit=True)
            assert [v[0] for v in ranges(block).values()] == [3, 0, 2, 0]
        """
        ),
    ),
    Claim(
        "`apply`可以对整个网络调用，也可以只对其中一个",
        in_tabs(
            "pytorch paddle",
            """
            block = small()
            old = kernel(last(block)).copy()
            first(block).apply(init_constant)
            assert (kernel(first(block)) == 1).all()
            assert (kernel(last(block)) == old).all()
            block.apply(init_constant)
            assert (kernel(last(block)) == 1).all()
            """,
        ),
    ),
    Claim(
        "`net.layers[0].kernel.assign(tf.keras.initializers.GlorotUniform()((4, 8)))`",
        only(
            tensorflow="""
            block = small()
            before_ = kernel(block.layers[0])
            new = tf.keras.initializers.GlorotUniform()((4, 8))
            block.layers[0].kernel.assign(new)
            assert (kernel(block.layers[0]) == new.numpy()).all()
            assert (kernel(block.layers[0]) != before_).any()
        """
        ),
    ),
    Claim(
        "得到的正是这个分布",
        everywhere("""
            w_ = kernel(made('custom', 1000, 300))
            for part in (w_[w_ > 0], -w_[w_ < 0]):
                assert abs(part.size / w_.size - 0.25) < 0.01
                assert 5 <= part.min() < 5.01 and 9.99 < part.max() <= 10
                assert abs(part.mean() - 7.5) < 0.03  # U(5, 10)
                assert abs(part.std() - 5 / 12 ** 0.5) < 0.03
            assert abs((w_ == 0).mean() - 0.5) < 0.01
        """),
    ),
    Claim(
        "要么是0，要么绝对值在5和10之间，没有别的",
        everywhere("""
            w_ = abs(kernel(made('custom', 40, 80)))
            assert ((w_ == 0) | ((w_ >= 5) & (w_ <= 10))).all()
            assert (w_ == 0).any() and (w_ > 0).any()
        """),
    ),
    Claim(
        "Gluon对每个用到它的参数都调用`_init_weight`，不管参数叫什么名字",
        only(
            mxnet="""
            seen = []
            class Noting(init.Initializer):
                def _init_weight(self, name, data):
                    seen.append(str(name))
                    data[:] = 3
                def _init_bias(self, name, data):
                    assert False, 'not called'
                _init_gamma = _init_bias
            for name in ('a_weight', 'a_bias', 'a_scale', 'a_gamma'):
                p = gluon.Parameter(name, shape=(2,))
                p.initialize(Noting())
                assert seen.pop() == name and (p.data() == 3).all()
        """
        ),
    ),
    Claim(
        "`nn.Dense`的偏置有自己的初始化方法，用不到它",
        only(
            mxnet="""
            for kwargs, wanted in (({}, 0), ({'bias_initializer': None}, 3)):
                block = nn.Dense(3, in_units=4, **kwargs)
                class Threes(init.Initializer):
                    def _init_weight(self, name, data):
                        data[:] = 3
                block.initialize(Threes())
                assert (kernel(block) == 3).all()
                assert (bias_of(block) == wanted).all()
        """
        ),
    ),
    Claim(
        "MXNet随后把里面的值复制到参数里；返回值不起作用",
        only(
            mxnet="""
            class Keeping(init.Initializer):
                def _init_weight(self, name, data):
                    data[:] = 3
                    self.data = data
                    return data + 5  # is not used
            keeping, p = Keeping(), gluon.Parameter('weight', shape=(2,))
            p.initialize(keeping)
            keeping.data[:] = 9
            assert p.data().tolist() == [3, 3]
        """
        ),
    ),
    Claim(
        "0前面的负号是负数乘以0留下的，-0和0相等",
        everywhere("""
            w_ = kernel(made('custom', 100, 100))
            negative = numpy.signbit(w_) & (w_ == 0)
            assert negative.any() and not negative.all()
            assert -1.0 * 0 == 0
        """),
    ),
    Claim(
        "`no_grad`里的乘法就地改写参数，自动微分不记录它",
        in_tabs(
            "pytorch paddle",
            """
            layer_ = nn.Linear(4, 8)
            weight_ = layer_.weight
            layer_.apply(my_init)
            assert layer_.weight is weight_ and weight_.is_leaf
            layer_(X).sum().backward()
            assert weight_.grad is not None
            """,
        ),
    ),
    Claim(
        "初始化方法是一个可以调用的对象，接受形状和类型，返回抽好的值",
        only(
            tensorflow="""
            drawn = MyInit()((30, 40), dtype='float64')
            assert drawn.shape == (30, 40) and drawn.dtype == tf.float64
        """
        ),
    ),
    Claim(
        "层若用别的精度，Keras会把相应的类型传给`dtype`",
        only(
            tensorflow="""
            for dtype in ('float16', 'float32', 'float64'):
                layer_ = tf.keras.layers.Dense(
                    8, kernel_initializer=MyInit(), dtype=dtype)
                layer_.build((None, 4))
                assert layer_.kernel.dtype == dtype
            assert MyInit()((2, 2)).dtype == tf.float32
            class Fixed(tf.keras.initializers.Initializer):
                def __call__(self, shape, dtype=None):
                    data = tf.random.uniform(shape, -10, 10, dtype)
                    return data * tf.cast(tf.abs(data) >= 5, 'float32')
            layer_ = tf.keras.layers.Dense(
                8, kernel_initializer=Fixed(), dtype='float64')
            assert raises(tf.errors.InvalidArgumentError,
                          lambda: layer_.build((None, 4)))
        """
        ),
    ),
    Claim(
        "PaddlePaddle不肯把浮点数和布尔值相乘",
        only(
            paddle="""
            data = paddle.ones([3])
            assert raises(TypeError, lambda: data * (data > 0))
        """
        ),
    ),
    Claim(
        "三个比例和公式一致",
        everywhere("""
            w_ = kernel(made('custom', 1000, 100))
            found = [round(float(part.mean()), 2)
                     for part in (w_ <= -5, w_ == 0, w_ >= 5)]
            assert max(abs(a - b) for a, b in zip(found, [0.25, 0.5, 0.25])) < 0.011
        """),
    ),
    Claim(
        "第一个元素变成了42，其余的都加上了1",
        everywhere("""
            row, old = value(weight)[0], numpy.array([float(x) for x in before])
            assert row[0] == 42 and len(row) == len(old)
            assert numpy.allclose(row[1:], old[1:] + 1)
        """),
    ),
    Claim(
        "`set_data`把数组里的值复制进参数",
        only(
            mxnet="""
            p = small()[1].bias
            given = np.array([5])
            p.set_data(given)
            given[:] = 6
            assert p.data().item() == 5
        """
        ),
    ),
    Claim(
        "写`weight.data()[:] += 1`也可以，只要不在`autograd.record()`里面",
        only(
            mxnet="""
            p = small()[1].bias
            p.data()[:] += 1
            assert p.data().item() == 1
            def inside():
                with autograd.record():
                    p.data()[:] += 1
            assert raises(MXNetError, inside)
        """
        ),
    ),
    Claim(
        "不写它，就地改写一个要求梯度的参数会报错",
        only(
            pytorch="""
            def unguarded():
                small()[0].weight.add_(1)
            assert raises(RuntimeError, unguarded)
            def element():
                small()[0].weight[0, 0] = 42
            assert raises(RuntimeError, element)
        """
        ),
    ),
    Claim(
        "整个换掉，用变量的`assign`；只改一个元素，就从`value`",
        only(
            tensorflow="""
            p = small().layers[0].kernel
            p.assign(tf.ones((4, 8)))
            p.value[0, 0].assign(42)
            assert p.numpy()[0, 0] == 42 and p.numpy().sum() == 42 + 31
        """
        ),
    ),
    Claim(
        "`weight += 1`只是让名字`weight`指向一个新张量，层里的参数没有变",
        only(
            tensorflow="""
                layer_ = small().layers[0]
                p, before_ = layer_.kernel, kernel(layer_)
                p += 1
                assert p is not layer_.kernel
                assert (kernel(layer_) == before_).all()
            """,
            paddle="""
                layer_ = small()[0]
                p, before_ = layer_.weight, kernel(layer_)
                with paddle.no_grad():
                    p += 1
                assert p is not layer_.weight
                assert (kernel(layer_) == before_).all()
                p = layer_.weight
                with paddle.no_grad():
                    p[:] = p + 1
                assert p is layer_.weight
                assert numpy.allclose(kernel(layer_), before_ + 1)
            """,
        ),
    ),
    Claim(
        "`net.get_weights()`给出的是副本，改了副本，还要用`net.set_weights`写回去",
        only(
            tensorflow="""
            block = small()
            taken = block.get_weights()
            taken[1][:] = 7
            assert (bias_of(block.layers[0]) == 0).all()
            block.set_weights(taken)
            assert (bias_of(block.layers[0]) == 7).all()
        """
        ),
    ),
    Claim(
        "得到的是按新值算出的结果，不是4，而且没有任何警告",
        only(
            mxnet="""
                def wrong():
                    p = square(2)
                    p.initialize()
                    with autograd.record():
                        y_ = p.data() ** 2
                    p.set_data(np.array([20]))
                    y_.backward()
                    return p.grad().item()
                assert silent(wrong) == 40
            """,
            pytorch="""
                def wrong():
                    p = nn.Parameter(torch.tensor(2.0))
                    y_ = p ** 2
                    p.data.fill_(20)
                    y_.backward()
                    return p.grad.item()
                assert silent(wrong) == 40
            """,
            paddle="""
                def wrong():
                    p = square(2)
                    y_ = p ** 2
                    p.set_value(paddle.to_tensor([20.0]))
                    y_.backward()
                    return p.grad.item()
                assert silent(wrong) == 40
            """,
        ),
    ),
    Claim(
        "`GradientTape`记下了前向传播时读到的值，后来再改变量，不影响这一次的梯度",
        only(
            tensorflow="""
            for change in (lambda p: p.assign([20, 20]),
                           lambda p: p.value[0].assign(20)):
                p = tf.keras.Variable([2.0, 2.0])
                with tf.GradientTape() as tape:
                    y_ = p ** 2
                    change(p)
                assert tape.gradient(y_, p).numpy().tolist() == [4, 4]
                assert p.numpy()[0] == 20
        """
        ),
    ),
    Claim(
        "在`record`里面改，MXNet会报错，可是报错的时候新值已经写进去了",
        only(
            mxnet="""
            p = square(2)
            p.initialize()
            def inside():
                with autograd.record():
                    y_ = p.data() ** 2
                    p.set_data(np.array([20]))
            assert raises(MXNetError, inside)
            assert p.data().item() == 20
        """
        ),
    ),
    Claim(
        "换成`torch.no_grad()`，同样的错误就会被发现",
        only(
            pytorch="""
            p = nn.Parameter(torch.tensor(2.0))
            y_ = p ** 2
            with torch.no_grad():
                p.fill_(20)
            assert raises(RuntimeError, y_.backward)
        """
        ),
    ),
    Claim(
        "至于像改数组那样直接给元素赋值，Keras干脆不允许",
        only(
            tensorflow="""
            def element():
                small().layers[0].kernel[0, 0] = 42
            assert raises(TypeError, element)
        """
        ),
    ),
    Claim(
        "`set_value`改写参数，却瞒过了自动微分的检查，"
        "`copy_`和`nn.initializer.Constant`也一样",
        only(
            paddle="""
            twenty = paddle.to_tensor([20.0])
            for change in (lambda p: p.set_value(twenty),
                           lambda p: p.copy_(twenty, True),
                           lambda p: nn.initializer.Constant(20.0)(p)):
                p = square(2)
                y_ = p ** 2
                with paddle.no_grad():
                    change(p)
                y_.backward()
                assert p.item() == 20 and p.grad.item() == 40
        """
        ),
    ),
    Claim(
        "在`paddle.no_grad()`里用下标或`fill_`改写，同样的错误会在反向传播时报出来",
        only(
            paddle="""
            for change in (lambda p: p.__setitem__(0, 20), lambda p: p.fill_(20)):
                p = square(2)
                y_ = p ** 2
                with paddle.no_grad():
                    change(p)
                assert p.item() == 20 and raises(RuntimeError, y_.backward)
        """
        ),
    ),
    Claim(
        "忘了写`no_grad`，改写的那一刻就会报错",
        only(
            paddle="""
            def element():
                small()[0].weight[0, 0] = 42
            assert raises(ValueError, element)
            assert raises(ValueError, lambda: small()[0].weight.fill_(42))
        """
        ),
    ),
    Claim(
        "数据要穿过四个全连接层，参数却只有三层的份，每层一个权重、一个偏置",
        everywhere("""
            assert len(weights(net)) == 6
            sizes_ = sum(value(w).size for w in weights(net))
            assert sizes_ == 4 * 8 + 8 + 8 * 8 + 8 + 8 + 1
            H = X
            for block in getattr(net, 'layers', net):
                H = block(H)
            assert equal(H, net(X))
        """),
    ),
    Claim(
        "既然是同一个对象，改动一处，另一处必然跟着变",
        everywhere("""
            layers = list(getattr(net, 'layers', net))
            one, other = [i for i, layer_ in enumerate(layers) if layer_ is shared]
            old = value(matrix_of(layers[one]))
            fill(matrix_of(layers[one]), 7)
            assert (kernel(layers[other]) == 7).all()
            put(matrix_of(layers[other]), old)
            assert (value(matrix_of(layers[one])) == old).all()
        """),
    ),
    Claim(
        "`copies`是`shared`的两个互不相干的副本，值完全相同",
        everywhere("""
            for twin in copies:
                assert twin is not shared
                for mine, its in zip(weights(twin), weights(shared)):
                    assert mine is not its and (value(mine) == value(its)).all()
            one, two = copies
            old = value(matrix_of(one))
            fill(matrix_of(one), 7)
            for layer_ in (two, shared):
                assert (value(matrix_of(layer_)) == old).all()
            put(matrix_of(one), old)
        """),
    ),
    Claim(
        "`nn.Dense(8, params=shared.params)`是另一个层，激活函数可以不同，"
        "用的却是`shared`的权重和偏置",
        only(
            mxnet="""
            other = nn.Dense(8, params=shared.params)
            assert other is not shared and other.act is None and shared.act
            assert other.weight is shared.weight and other.bias is shared.bias
        """
        ),
    ),
    Claim(
        "`parameters()`对重复的参数只给出一次，优化器也就只更新一次",
        only(
            pytorch="""
                assert len(list(net.parameters())) == 6
                old = shared.weight.detach().clone()
                optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
                optimizer.zero_grad()
                net(X).sum().backward()
                wanted = old - 0.1 * shared.weight.grad
                assert shared.weight.grad.abs().max() > 0
                optimizer.step()
                assert torch.allclose(shared.weight, wanted)
            """,
            paddle="""
                assert len(net.parameters()) == 6
                old = shared.weight.numpy()
                optimizer = paddle.optimizer.SGD(0.1, net.parameters())
                optimizer.clear_grad()
                net(X).sum().backward()
                wanted = old - 0.1 * shared.weight.grad.numpy()
                optimizer.step()
                assert (wanted != old).any()
                assert numpy.allclose(shared.weight.numpy(), wanted)
            """,
        ),
    ),
    Claim(
        "`state_dict()`则两处都列出，共用同一块内存",
        only(
            pytorch="""
            found = net.state_dict()
            assert len(found) == 8
            assert found['2.weight'].data_ptr() == found['4.weight'].data_ptr()
        """
        ),
    ),
    Claim(
        "`state_dict()`则两处都列出，指向同一个参数",
        only(
            paddle="""
            found = net.state_dict()
            assert len(found) == 8
            assert found['2.weight'] is found['4.weight'] is shared.weight
        """
        ),
    ),
    Claim(
        "`net.layers`里`shared`仍占两个位置，`summary`也把它列出两次；"
        "`net.weights`只算一份，优化器也就只更新一次",
        only(
            tensorflow="""
            assert len(net.layers) == 4 and len(net.weights) == 6
            lines = []
            net.summary(print_fn=lines.append)
            assert lines[0].count(shared.name + ' (Dense)') == 2
            with tf.GradientTape() as tape:
                Y_ = tf.reduce_sum(net(X))
            grads_ = tape.gradient(Y_, net.trainable_weights)
            old, place = shared.kernel.numpy(), 2
            assert net.trainable_weights[place] is shared.kernel
            tf.keras.optimizers.SGD(0.1).apply_gradients(
                zip(grads_, net.trainable_weights))
            wanted = old - 0.1 * grads_[place].numpy()
            assert (wanted != old).any()
            assert numpy.allclose(shared.kernel.numpy(), wanted)
        """
        ),
    ),
    Claim(
        "`save_weights`和`load_weights`没有问题",
        only(
            tensorflow="""
            def tied():
                tie = tf.keras.layers.Dense(8, activation='relu')
                return tf.keras.Sequential([
                    tf.keras.layers.Dense(8, activation='relu'), tie, tie,
                    tf.keras.layers.Dense(1)])
            assert survives(tied)
        """
        ),
    ),
    Claim(
        "配置里只记了一次`shared`，`tf.keras.models.load_model`照着搭，"
        "少了一层，就会报错",
        only(
            tensorflow="""
            found = [entry['config']['name']
                     for entry in net.get_config()['layers']]
            assert found.count(shared.name) == 1
            assert len(net.layers) == 4
            assert len(tf.keras.Sequential.from_config(net.get_config()).layers) == 3
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, 'net.keras')
                net.save(path)
                assert raises(
                    ValueError, lambda: tf.keras.models.load_model(path))
        """
        ),
    ),
    Claim(
        "把同样的层用`tf.keras.Model(inputs, outputs)`连起来（函数式API），"
        "就能存也能读",
        only(
            tensorflow="""
            inputs = tf.keras.Input((4,))
            outputs = net.layers[3](shared(shared(net.layers[0](inputs))))
            block = tf.keras.Model(inputs, outputs)
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, 'net.keras')
                block.save(path)
                loaded = tf.keras.models.load_model(path)
            assert len(loaded.weights) == 6
            assert equal(loaded(X), block(X)) and equal(block(X), net(X))
        """
        ),
    ),
    Claim(
        "第二个说明两处的梯度确实加在了一起",
        only(
            mxnet="""
                layer_ = nn.Dense(4, in_units=4)
                layer_.initialize(init.Normal(1))
                twins = [nn.Dense(4, in_units=4) for _ in range(2)]
                for twin in twins:
                    twin.initialize()
                    twin.weight.set_data(layer_.weight.data())
                with autograd.record():
                    Y = layer_(layer_(X)).sum(), twins[1](twins[0](X)).sum()
                autograd.backward(Y)
                parts = [twin.weight.grad().asnumpy() for twin in twins]
                whole = layer_.weight.grad().asnumpy()
                assert all(abs(part).max() > 0 for part in parts)
                assert numpy.allclose(whole, sum(parts))
            """,
            pytorch="""
                layer_ = nn.Linear(4, 4)
                twins = [copy.deepcopy(layer_) for _ in range(2)]
                layer_(layer_(X)).sum().backward()
                twins[1](twins[0](X)).sum().backward()
                parts = [twin.weight.grad for twin in twins]
                assert all(part.abs().max() > 0 for part in parts)
                assert torch.allclose(layer_.weight.grad, sum(parts))
            """,
            tensorflow="""
                layer_ = ready(tf.keras.layers.Dense(4))
                twins = [ready(tf.keras.layers.Dense(4)) for _ in range(2)]
                for twin in twins:
                    twin.set_weights(layer_.get_weights())
                with tf.GradientTape(persistent=True) as tape:
                    Y = tf.reduce_sum(layer_(layer_(X)))
                    Y_twins = tf.reduce_sum(twins[1](twins[0](X)))
                parts = tape.gradient(Y_twins, [twin.kernel for twin in twins])
                assert all(abs(part.numpy()).max() > 0 for part in parts)
                assert numpy.allclose(tape.gradient(Y, layer_.kernel), sum(parts))
            """,
            paddle="""
                layer_ = nn.Linear(4, 4)
                twins = [copy.deepcopy(layer_) for _ in range(2)]
                layer_(layer_(X)).sum().backward()
                twins[1](twins[0](X)).sum().backward()
                parts = [twin.weight.grad.numpy() for twin in twins]
                assert all(abs(part).max() > 0 for part in parts)
                assert numpy.allclose(layer_.weight.grad.numpy(), sum(parts))
            """,
        ),
    ),
    # 小结
    Claim(
        "参数可以从层里取，也可以按名字取，取到的是同一个对象",
        everywhere("""
            block = small()
            by_layer = weights(last(block))
            assert len(by_layer) == 2
            found = dict(zip(names(block), weights(block)))
            place = names(block)[-1]
            assert place.endswith('bias') and found[place] is by_layer[1]
        """),
    ),
    Claim(
        "块套得再深，参数也能一级一级地取到",
        everywhere("""
            step = lambda block, i: getattr(block, 'layers', block)[i]
            for i in range(4):
                inner = step(step(step(rgnet, 0), i), 0)
                held = [j for j, w in enumerate(weights(rgnet))
                        if any(w is mine for mine in weights(inner))]
                assert [f'block{i}' in names(rgnet)[j] for j in held] == [True] * 2
        """),
    ),
    Claim(
        "各框架的默认初始化不尽相同，权重的形状也有（输出，输入）和（输入，输出）两种",
        {
            **only(
                mxnet="""
                uniform(kernel(made('default', 400, 200)), 0.07)
                assert nn.Dense(3, in_units=4).weight.shape == (3, 4)
            """,
                pytorch="""
                uniform(kernel(made('default', 400, 200)), 0.05)
                assert nn.Linear(4, 3).weight.shape == (3, 4)
            """,
            ),
            **in_tabs(
                "tensorflow paddle",
                """
                uniform(kernel(made('default', 400, 200)), 0.1)
                weight_, bias_ = weights(ready(linear(4, 3)))
                assert tuple(value(weight_).shape) == (4, 3)
                """,
            ),
        },
    ),
    Claim(
        "初始化方法可以用自带的，也可以自己写，还可以逐层指定",
        {
            tab: _in_words(
                make
                + """
own, ready_made = abs(kernel(first(block))), abs(kernel(last(block)))
assert ((own == 0) | ((5 <= own) & (own <= 10))).all() and own.max() > 0
assert 0 < ready_made.max() < 0.07
""",
                tab,
            )
            for tab, make in {
                "mxnet": (
                    "block = small()\n"
                    "block[0].initialize(MyInit(), force_reinit=True)\n"
                    "block[1].initialize(init.Normal(0.01), force_reinit=True)\n"
                ),
                "tensorflow": (
                    "block = make_net(MyInit(), tf.keras.initializers."
                    "RandomNormal(stddev=0.01))\n"
                ),
            }.items()
        }
        | in_tabs(
            "pytorch paddle",
            """
            block = small()
            first(block).apply(my_init)
            last(block).apply(init_normal)
            own, ready_made = abs(kernel(first(block))), abs(kernel(last(block)))
            assert ((own == 0) | ((5 <= own) & (own <= 10))).all() and own.max() > 0
            assert 0 < ready_made.max() < 0.07
            """,
        ),
    ),
    Claim(
        "直接改写参数，要避开从前向传播开始到反向传播结束的这一段",
        only(
            mxnet="""
                p = square(2)
                p.initialize()
                for number in (20, 5):
                    p.set_data(np.array([number]))
                    with autograd.record():
                        y_ = p.data() ** 2
                    y_.backward()
                    assert p.grad().item() == 2 * number
            """,
            pytorch="""
                p = nn.Parameter(torch.tensor(2.0))
                for number in (20, 5):
                    with torch.no_grad():
                        p.fill_(number)
                    grad_, = torch.autograd.grad(p ** 2, p)
                    assert grad_.item() == 2 * number
            """,
            tensorflow="""
                p = tf.keras.Variable(2.0)
                for number in (20, 5):
                    p.assign(number)
                    with tf.GradientTape() as tape:
                        y_ = p ** 2
                    assert float(tape.gradient(y_, p)) == 2 * number
            """,
            paddle="""
                p = square(2)
                for number in (20, 5):
                    with paddle.no_grad():
                        p[0] = number
                    grad_, = paddle.grad(p ** 2, p)
                    assert grad_.item() == 2 * number
            """,
        ),
    ),
    Claim(
        "绑定的层只有一份参数，改动一处，处处都变，梯度是各处之和",
        everywhere("""
            assert len(weights(net)) == 6 and len(weights(untied)) == 8
            matrix = matrix_of(shared)
            assert any(matrix is w for w in weights(net))
            for w in weights(net):
                fill(w, 0.1)
            old = array(net(X)).copy()
            fill(matrix, 0.25)
            assert (array(net(X)) != old).any()
            for twin in copies:
                for mine, its in zip(weights(twin), weights(shared)):
                    put(mine, value(its))
            assert equal(net(X), untied(X))
            whole = gradient_of(net, matrix)
            parts = [gradient_of(untied, matrix_of(twin)) for twin in copies]
            assert all(abs(part).max() > 0.1 for part in parts)
            assert numpy.allclose(whole, sum(parts))
        """),
    ),
    # 练习
    Claim(
        "用MXNet的读者请留意，它的`scale`默认不是1",
        everywhere("""
            for size in [(20, 8), (10, 4)]:
                W = kernel(made('orthogonal', *size)).T
                assert numpy.allclose(W @ W.T, numpy.eye(size[1]), atol=1e-5)
                assert (W != 0).all()
                W = kernel(made('orthogonal by default', *size)).T
                assert numpy.allclose(
                    W @ W.T, numpy.eye(size[1]), atol=1e-5) == ('npx' not in dir())
        """),
    ),
    Claim(
        "学习率取0.05，训练400步，每步从$U(0, 1)$中新抽64个样本",
        everywhere("""
            seed(0)
            tie = made('xavier', 8, 8)
            block = tied_net(tie)
            losses = train(block, 400)
            assert len(weights(block)) == 6
            assert losses[0] > 1 and numpy.mean(losses[-20:]) < 0.1, losses
        """),
    ),
    Claim(
        "损失如果停在0.3附近（$y$的方差）不再下降",
        everywhere("""
            data = numpy.random.default_rng(0).uniform(size=(100000, 4))
            assert abs(data.sum(axis=1).var() - 1 / 3) < 0.01
            tie = made('xavier', 8, 8)
            block = tied_net(tie)
            for w in weights(tie):  # its ReLU lets nothing through
                fill(w, -1)
            losses = train(block, 150)
            assert 0.28 < numpy.mean(losses[-50:]) < 0.39, losses
        """),
    ),
    Claim(
        "从输入到输出是4、8、8、8、1，中间两层绑定",
        everywhere("""
            count = lambda block: sum(value(w).size for w in weights(block))
            assert count(net) == 121 and count(untied) == 193
        """),
    ),
]
