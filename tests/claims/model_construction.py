"""Claims of chapter_computation/model-construction.md, checked in every tab."""

from claims import Claim
from words import everywhere, only

SECTION = "chapter_computation/model-construction.md"


CLAIMS = [
    Claim(
        "ResNet-152 :cite:`He.Zhang.Ren.ea.2016`有152个带权重的层",
        # The four stages of the paper's table 1, three layers per block.
        {"*": "assert 1 + 3 * (3 + 8 + 36 + 3) + 1 == 152"},
    ),
    Claim("中间是50个构造相似的小单元", {"*": "assert 3 + 8 + 36 + 3 == 50"}),
    Claim(
        "同一个概念的三种大小：都接收输入、给出输出，都管着自己的参数",
        everywhere("""
            for block in (linear(20, 10), MLP(), chimera):
                assert isinstance(block, Base)
                assert len(weights(ready(block))) > 0
        """),
    ),
    Claim(
        "它和`nn.Dense`都是`nn.Block`的子类",
        only(
            mxnet="""
            assert issubclass(nn.Sequential, nn.Block)
            assert issubclass(nn.Dense, nn.Block)
        """
        ),
    ),
    Claim(
        "等到第一次`net(X)`看见输入的形状，权重才真正生成",
        only(
            mxnet="""
            from mxnet.gluon.parameter import DeferredInitializationError
            block = nn.Dense(3)
            block.initialize()
            assert raises(DeferredInitializationError, block.weight.data)
            block(X)
            assert block.weight.data().shape == (3, 20)
        """
        ),
    ),
    Claim(
        "`nn.Dense`默认把第一维以外的各维展平成一个向量再计算",
        only(
            mxnet="""
            block = ready(nn.Dense(5))
            cube = np.ones((2, 3, 4))
            flat, last = nn.Dense(5), nn.Dense(5, flatten=False)
            flat.initialize()
            last.initialize()
            assert flat(cube).shape == (2, 5)
            assert last(cube).shape == (2, 3, 5)
        """
        ),
    ),
    Claim(
        "它和`nn.Linear`都是`nn.Module`的子类",
        only(
            pytorch="""
            assert issubclass(nn.Sequential, nn.Module)
            assert issubclass(nn.Linear, nn.Module)
        """
        ),
    ),
    Claim(
        "它和`nn.Linear`都是`nn.Layer`的子类",
        only(
            paddle="""
            assert issubclass(nn.Sequential, nn.Layer)
            assert issubclass(nn.Linear, nn.Layer)
        """
        ),
    ),
    Claim(
        "取出其中的第一个",
        only(
            mxnet="""
                first = linear(20, 3)
                block = nn.Sequential()
                block.add(first, linear(3, 2))
                assert block[0] is first
            """,
            pytorch="""
                first = linear(20, 3)
                assert nn.Sequential(first, linear(3, 2))[0] is first
            """,
        ),
    ),
    Claim(
        "`net[0]`取出其中的第一层",
        only(
            paddle="""
            first = linear(20, 3)
            assert nn.Sequential(first, linear(3, 2))[0] is first
        """
        ),
    ),
    Claim(
        "`Dense`是它的子类；`Model`也是`Layer`的子类",
        only(
            tensorflow="""
            assert issubclass(tf.keras.layers.Dense, tf.keras.layers.Layer)
            assert not issubclass(tf.keras.layers.Dense, tf.keras.Model)
            assert issubclass(tf.keras.Model, tf.keras.layers.Layer)
            assert issubclass(tf.keras.Sequential, tf.keras.Model)
            for name in ('fit', 'save'):
                assert hasattr(tf.keras.Model, name)
                assert not hasattr(tf.keras.layers.Layer, name)
        """
        ),
    ),
    Claim(
        "`net.layers[0]`取出其中的第一层，`net[0]`这样的写法不行",
        only(
            tensorflow="""
            first = linear(20, 3)
            block = ready(tf.keras.Sequential([first, linear(3, 2)]))
            assert block.layers[0] is first
            assert raises(TypeError, lambda: block[0])
        """
        ),
    ),
    Claim(
        "等到第一次`net(X)`看见输入的形状，权重才会创建",
        only(
            tensorflow="""
            block = tf.keras.Sequential([linear(20, 3)])
            assert block.weights == []
            block(X)
            assert len(block.weights) == 2
        """
        ),
    ),
    Claim(
        "它先把输入转换成合适的类型，第一次调用时还要构建模型",
        only(
            tensorflow="""
            doubles = X.numpy().astype('float64')
            layer_ = linear(20, 3)
            assert layer_(doubles).dtype == 'float32'
            assert layer_.built
        """
        ),
    ),
    Claim(
        "直接调用`forward`绕过了它",
        only(**dict.fromkeys(("mxnet", "pytorch", "paddle"), "assert len(calls) == 1")),
    ),
    Claim(
        "只用过`call`时，模型仍不算构建好；用过`net(X)`才算",
        only(
            tensorflow="""
            assert (built_by_call, fresh.built) == (False, True)
            block = MLP()
            block.call(X)
            assert not block.built
        """
        ),
    ),
    Claim(
        "输出的形状可以和输入不同，前面的网络就改变了列数",
        everywhere("""
            assert tuple(array(X).shape) == (2, 20)
            assert tuple(array(ready(MLP())(X)).shape) == (2, 10)
        """),
    ),
    Claim(
        "否则给`self.hidden`赋值时就会报错",
        only(
            mxnet="""
                class NoInit(nn.Block):
                    def __init__(self):
                        self.hidden = nn.Dense(3)
                assert raises(AttributeError, NoInit)
            """,
            pytorch="""
                class NoInit(nn.Module):
                    def __init__(self):
                        self.hidden = nn.Linear(20, 3)
                assert raises(AttributeError, NoInit)
            """,
            paddle="""
                class NoInit(nn.Layer):
                    def __init__(self):
                        self.hidden = nn.Linear(20, 3)
                assert raises(ValueError, NoInit)
            """,
        ),
    ),
    Claim(
        "漏写时构造不会报错，到第一次调用才报错",
        only(
            tensorflow="""
            class NoInit(tf.keras.Model):
                def __init__(self):
                    self.hidden = tf.keras.layers.Dense(3)
                def call(self, X):
                    return self.hidden(X)
            block = NoInit()
            assert raises(RuntimeError, lambda: block(X))
        """
        ),
    ),
    Claim(
        "`**kwargs`原样交给基类",
        only(
            mxnet="""
                block = MLP(prefix='mine_')
                assert block.prefix == 'mine_'
            """,
            tensorflow="assert MLP(name='mine').name == 'mine'",
        ),
    ),
    Claim(
        "`nn.Linear`在自己的构造函数里就把它们生成好了",
        only(
            **dict.fromkeys(
                ("pytorch", "paddle"),
                "assert abs(value(nn.Linear(20, 3).weight)).sum() > 0",
            )
        ),
    ),
    Claim(
        "每个实例都有自己的一份参数",
        everywhere("""
            one, two = ready(MLP()), ready(MLP())
            before = value(weights(two)[0])
            fill(weights(one)[0], 7)
            assert (value(weights(two)[0]) == before).all()
        """),
    ),
    Claim(
        "键是登记时的序号",
        only(
            mxnet="""
            shared_ = nn.Dense(20)
            block = MySequential(shared_, nn.Dense(20), shared_)
            assert list(block._children) == ['0', '1', '2']
        """
        ),
    ),
    Claim(
        "如果改用块的名字作键，同一个块放两次就只剩一份",
        only(
            mxnet="""
            class ByName(MySequential):
                def add(self, block):
                    self.register_child(block, block.name)
            shared_ = nn.Dense(20)
            assert len(ByName(shared_, nn.Dense(20), shared_)._children) == 2
            make = lambda: ByName(nn.Dense(20), nn.Dense(20))
            assert raises(AssertionError, lambda: survives(make))
        """
        ),
    ),
    Claim(
        "传入`F.relu`这样的普通函数，会当场得到`TypeError`",
        only(pytorch="assert raises(TypeError, lambda: MySequential(F.relu))"),
    ),
    Claim(
        "传入`F.relu`这样的普通函数会当场报错",
        only(paddle="assert raises(AssertionError, lambda: MySequential(F.relu))"),
    ),
    Claim(
        "只给出一次",
        only(
            **dict.fromkeys(
                ("pytorch", "paddle"),
                """
                shared_ = nn.Linear(20, 20)
                block = MySequential(shared_, nn.ReLU(), shared_)
                assert len(list(block.children())) == 2
                """,
            )
        ),
    ),
    Claim(
        "后来加进列表的层也算在内",
        only(
            tensorflow="""
            block = MySequential(linear(20, 3))
            block.add(linear(3, 2))
            assert len(ready(block).weights) == 4
        """
        ),
    ),
    Claim(
        "再用`add`加入新的层会报错",
        only(
            tensorflow="""
            block = ready(MySequential(linear(20, 3)))
            assert raises(ValueError, lambda: block.add(linear(3, 2)))
        """
        ),
    ),
    Claim(
        "两处是同一个层，参数只有一份，所以改动一处，另一处也跟着变",
        everywhere("""
            shared_ = linear(20, 20)
            block = ready(MySequential(shared_, relu(), shared_))
            assert len(weights(block)) == 2
            for weight in weights(block):
                fill(weight, 0)
            fill(weights(shared_)[1], 1)  # bias
            fill(weights(shared_)[0], 1)
            # ones in, twice through a layer of ones: 21, then 421
            ones = X * 0 + 1
            assert (array(block(ones)) == 421).all()
        """),
    ),
    Claim(
        "`MySequential`存下来的参数还能装进另一个构造相同的实例",
        everywhere("""
            def twice():
                shared_ = linear(20, 20)
                return MySequential(shared_, relu(), shared_)
            assert survives(twice)
            assert survives(lambda: MySequential(linear(20, 5), linear(5, 2)))
        """),
    ),
    Claim(
        "保存块、把块搬到别的设备上时要带着它，训练时却不能改动它",
        {
            **everywhere("""
                assert survives(FixedHiddenMLP)
                assert len(grads(ready(FixedHiddenMLP()))) == 2
            """),
            **only(
                mxnet="""
                    from mxnet import gluon
                    block = ready(FixedHiddenMLP())
                    before = value(block.rand_weight)
                    trainer = gluon.Trainer(block.collect_params(), 'sgd',
                                            {'learning_rate': 1})
                    grads(block)
                    trainer.step(1)
                    assert (value(block.rand_weight) == before).all()
                    block.collect_params().reset_ctx(npx.cpu(1))
                    assert block.rand_weight.data().ctx == npx.cpu(1)
                    assert survives(FixedHiddenMLP)
                """,
                pytorch="""
                    block = FixedHiddenMLP()
                    before = value(block.rand_weight)
                    grads(block)
                    torch.optim.SGD(block.parameters(), lr=1).step()
                    assert (value(block.rand_weight) == before).all()
                    assert block.to('meta').rand_weight.device.type == 'meta'
                    assert survives(FixedHiddenMLP)
                """,
            ),
        },
    ),
    Claim(
        "存下来的文件里就没有它，另一个实例装上参数后，输出也对不上",
        only(
            mxnet="""
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
                assert not survives(Forgetful)
            """
        ),
    ),
    Claim(
        "`state_dict()`里就没有它，另一个实例装上参数后，输出也对不上",
        only(
            pytorch="""
                class Forgetful(FixedHiddenMLP):
                    def __init__(self):
                        super().__init__()
                        del self.rand_weight
                        self.rand_weight = torch.rand(20, 20)
                assert 'rand_weight' not in Forgetful().state_dict()
                assert not survives(Forgetful)
            """
        ),
    ),
    Claim(
        "存下来的文件里就没有它，另一个实例装上权重后，输出也对不上",
        only(
            tensorflow="""
                class Forgetful(FixedHiddenMLP):
                    def __init__(self):
                        tf.keras.Model.__init__(self)
                        self.rand_weight = tf.random.uniform((20, 20))
                        self.linear = tf.keras.layers.Dense(20)
                assert not survives(Forgetful)
            """
        ),
    ),
    Claim(
        "它会成为不保存的缓冲",
        only(
            paddle="""
                class Forgetful(FixedHiddenMLP):
                    def __init__(self):
                        nn.Layer.__init__(self)
                        self.rand_weight = paddle.rand([20, 20])
                        self.linear = nn.Linear(20, 20)
                names = [name for name, _ in Forgetful().named_buffers()]
                assert names == ['rand_weight']
                assert 'rand_weight' not in Forgetful().state_dict()
                # a fresh ReLU layer may be dead, and dead ones agree
                assert not all(survives(Forgetful) for _ in range(10))
            """
        ),
    ),
    Claim(
        "直到各元素绝对值之和不超过1",
        everywhere("""
            for scale in (1, 1e3, 1e30):
                assert abs(array(ready(FixedHiddenMLP())(X * scale))) <= 1.0001
        """),
    ),
    Claim(
        "没有上限，循环就可能永远停不下来",
        everywhere("assert float('inf') / 2 == float('inf')"),
    ),
    Claim(
        "如果绝对值之和是NaN，它与任何数比大小都不成立，循环也立即结束",
        everywhere("""
            block = ready(FixedHiddenMLP())
            for number in ('inf', 'nan', '-inf'):
                bad = X * 0 + float(number)
                assert not bool(array(block.is_large(bad)))
            block(X * float('nan'))
            for weight in weights(block):
                fill(weight, 1)
            fill(block.rand_weight, 1)
            out = array(block(X * 0 + float('inf')))
            assert not numpy.isfinite(out), out
        """),
    ),
    Claim(
        "Python的`while`必须立刻知道条件是真是假，符号张量给不出，于是报错",
        only(
            tensorflow="""
            class PythonLoop(tf.keras.Model):
                def call(self, X):
                    while tf.reduce_sum(tf.abs(X)) > 1:
                        X = X / 2
                    return X
            PythonLoop()(X)
            inside = tf.keras.Sequential([PythonLoop()])
            assert raises(tf.errors.OperatorNotAllowedInGraphError,
                          lambda: inside(X))
        """
        ),
    ),
    Claim(
        "XLA求梯度时要知道上限",
        only(
            tensorflow="""
            block = tf.keras.Sequential([linear(20, 20), FixedHiddenMLP()])
            block.compile('sgd', 'mse', jit_compile=True)
            block.fit(X, tf.zeros((2,)), verbose=0)
            @tf.function(jit_compile=True)
            def without_limit():
                with tf.GradientTape() as tape:
                    tape.watch(X)
                    Y, = tf.while_loop(lambda Y: tf.reduce_sum(Y) > 1,
                                       lambda Y: (Y / 2,), (X,))
                return tape.gradient(Y, X)
            assert raises(tf.errors.InvalidArgumentError, without_limit)
        """
        ),
    ),
    Claim(
        "第一个列表里的会被训练，第二个列表里的不会",
        everywhere("""
            assert len(trainable) == 2 and len(constant) == 1
            assert constant[0].endswith('rand_weight')
        """),
    ),
    Claim(
        "存下来的文件用的是`linear.weight`这样不变的名字",
        only(
            mxnet="""
            block = ready(FixedHiddenMLP())
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, 'w')
                block.save_parameters(path)
                names = set(npx.load(path))
            assert names == {'linear.weight', 'linear.bias', 'rand_weight'}
        """
        ),
    ),
    Claim(
        "不写`X /= 2`：自动微分不许原地改动",
        only(
            mxnet="""
            from mxnet.base import MXNetError
            def in_place():
                block = ready(nn.Dense(3))
                with autograd.record():
                    Y = block(X)
                    Y /= 2
            assert raises(MXNetError, in_place)
        """
        ),
    ),
    Claim(
        "`NestMLP`里面有一个容器和一个层，容器里又有层",
        everywhere("""
            block = ready(NestMLP())
            assert isinstance(block.net, Container)
            assert isinstance(block.linear, Linear)
            assert len(weights(block)) == 6
        """),
    ),
    Claim(
        "容器并不关心里面的块出自谁手",
        everywhere("""
            assert survives(lambda: MySequential(
                NestMLP(), linear(16, 20), FixedHiddenMLP()))
            assert len(weights(chimera)) in (10, 11)
            assert array(chimera(X)).shape == ()
        """),
    ),
    Claim(
        "确认两者算的是同一件事",
        everywhere("assert abs(one_by_one() - all_at_once()).max() < 1e-2"),
    ),
    Claim(
        "以后就不再运行这段Python代码了",
        only(
            mxnet="""
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
        """
        ),
    ),
    Claim(
        "`FixedHiddenMLP`那样的`while`会报错",
        only(
            mxnet="""
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
        """
        ),
    ),
    Claim(
        "图会在那里断开，判断条件仍由Python执行，结果不受影响",
        only(
            pytorch="""
            import torch._dynamo
            block = FixedHiddenMLP()
            # where the count of breaks differs between Pythons, one graph never does
            whole = dict(backend='eager', fullgraph=True)
            assert raises(torch._dynamo.exc.Unsupported,
                          lambda: torch.compile(block, **whole)(X))
            plain = MLP()
            assert torch.allclose(torch.compile(plain, **whole)(X), plain(X))
            # this backend stops after the capture and needs no C++ compiler
            compiled = torch.compile(block, backend='eager')
            assert torch.allclose(compiled(X), block(X))
        """
        ),
    ),
    Claim(
        "在CPU上要用到C++编译器",
        unchecked="the test machine need not have a compiler, nor lack one",
    ),
    Claim(
        "以后输入的形状和类型不变，就不再运行这段Python代码",
        only(
            tensorflow="""
            runs = []
            class Counting(MLP):
                def call(self, X):
                    runs.append(1)
                    return super().call(X)
            block = ready(Counting())
            runs.clear()
            compiled = tf.function(block)
            for _ in range(3):
                compiled(X)
            assert len(runs) == 1
            compiled(X[:1])
            assert len(runs) == 2
        """
        ),
    ),
    Claim(
        "`compile`之后的`fit`和`predict`默认也是这样做的",
        only(
            tensorflow="""
            runs = []
            class Counting(MLP):
                def call(self, X):
                    runs.append(1)
                    return super().call(X)
            block = ready(Counting())
            block.compile('sgd', 'mse')
            for task in (lambda: block.fit(X, tf.zeros((2, 10)), verbose=0),
                         lambda: block.predict(X, verbose=0)):
                task()
                runs.clear()
                task()
                assert runs == []
        """
        ),
    ),
    Claim(
        "转换成一张静态图，以后就不再运行这段Python代码",
        only(
            paddle="""
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
        """
        ),
    ),
    Claim(
        "`FixedHiddenMLP`里由数据决定的`while`会被转换成图里的循环",
        only(
            paddle="""
            block = FixedHiddenMLP()
            expected = block(X).item()
            static = paddle.jit.to_static(block, full_graph=True)
            assert abs(static(X).item() - expected) < 1e-5
            graph = static.forward.concrete_program.main_program.global_block()
            assert 'pd_op.while' in [op.name() for op in graph.ops]
        """
        ),
    ),
    # 小结
    Claim(
        "层是块，块可以由层和别的块组成，模型是最外面的块",
        everywhere("""
            for block in (linear(20, 10), NestMLP(), NestMLP().net, chimera):
                assert isinstance(block, Base)
        """),
    ),
    Claim(
        "使用块要写`net(X)`，它比直接调用前向传播多做一些事",
        {
            "*": "assert len(calls) == 1",
            "tensorflow": "assert (built_by_call, fresh.built) == (False, True)",
        },
    ),
    Claim(
        "框架只认登记过的子块：登记过的，参数才取得到、存得下",
        everywhere("""
            class Hidden(MySequential):
                def add(self, block):
                    hidden = getattr(self, 'get_blocks', list)() + [block]
                    self.get_blocks = lambda: hidden
            def forward(self, X):
                for block in self.get_blocks():
                    X = block(X)
                return X
            Hidden.forward = Hidden.call = forward
            block = Hidden(linear(20, 3), linear(3, 2))
            for child in block.get_blocks():
                getattr(child, 'initialize', int)()
            assert block(X).shape[-1] == 2
            assert weights(block) == []
            seen = ready(MySequential(linear(20, 3), linear(3, 2)))
            assert len(weights(seen)) == 4
        """),
    ),
    Claim(
        "常量也要登记：它随块一起保存，但不参与训练",
        everywhere("""
            block = ready(FixedHiddenMLP())
            clone = ready(FixedHiddenMLP())
            fill(clone.rand_weight, 5)
            with tempfile.TemporaryDirectory() as folder:
                save_and_load(block, clone, os.path.join(folder, 'w'))
            assert (value(clone.rand_weight) == value(block.rand_weight)).all()
            assert len(grads(block)) == 2
        """),
    ),
    Claim(
        "前向传播里可以重复使用一个层，也可以按数据决定循环几次，梯度照样能传回来",
        everywhere("""
            sums = [sum(abs(g).sum() for g in grads(ready(FixedHiddenMLP())))
                    for _ in range(5)]
            assert max(sums) > 0, sums
        """),
    ),
    Claim(
        "把许多小计算合成一个大计算可以省下它",
        everywhere("assert best_seconds(one_by_one) > best_seconds(all_at_once)"),
    ),
]
