"""What chapter_computation/use-gpu.md claims."""

import json
import time

from claims import Claims

SECTION = "chapter_computation/use-gpu.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked


# 机器上有什么
@claim("同一份代码在没有GPU、有一块GPU和有多块GPU的机器上都能运行")
def _(devices, full_grad):
    # the last cells ran
    assert full_grad and len(devices) == 2


unchecked("看得见的那几块会从0开始重新编号", "needs two GPUs and a fresh process")

unchecked("只装了CPU版的框架，GPU再多，下文得到的数目也是0", "needs a GPU beside a CPU build")


# 设备的名字
@claim("不写编号就是0号", "mxnet")
def _(npx):
    assert npx.cpu() == npx.cpu(0) and npx.gpu() == npx.gpu(0)


@claim("没有GPU的机器上也能写出`npx.gpu(1)`，等到真要在上面创建张量时才会报错", "mxnet")
def _(np, npx, raises):
    if npx.num_gpus() < 2:
        absent = npx.gpu(1)
        assert raises(RuntimeError, lambda: np.ones(1, ctx=absent))


@claim("`npx.cpu(0)`和`npx.cpu(1)`是两个不同的上下文", "mxnet")
def _(npx):
    assert npx.cpu(0) != npx.cpu(1)


@claim("写出`cuda:1`并不要求真的有第二块GPU，真要在上面创建张量时才会报错", "pytorch")
def _(raises, torch):
    absent = torch.device("cuda:1")
    if torch.cuda.device_count() < 2:
        assert raises((RuntimeError, AssertionError), lambda: torch.ones(1, device=absent))


@claim("`torch.device('cuda')`和`torch.device('cuda:0')`并不相等", "pytorch")
def _(torch):
    assert torch.device("cuda") != torch.device("cuda:0")


unchecked("当前GPU默认是0号", "needs a GPU")


@claim("划分必须赶在做任何计算之前", "tensorflow")
def _(raises, tf):
    (only,) = tf.config.list_physical_devices("CPU")
    three = [tf.config.LogicalDeviceConfiguration()] * 3
    assert raises(RuntimeError, lambda: tf.config.set_logical_device_configuration(only, three))


@claim("`'/CPU:0'`是`'/device:CPU:0'`的简写", "tensorflow")
def _(tf):
    with tf.device("/CPU:0"):
        short = tf.zeros(1).device
    with tf.device("/device:CPU:0"):
        assert tf.zeros(1).device == short


@claim("里的计算在没有那块GPU时会悄悄落到别的设备上（没有GPU的机器上就是CPU）", "tensorflow")
def _(tf):
    if not tf.config.list_physical_devices("GPU"):
        with tf.device("/GPU:5"):
            assert tf.zeros(1).device.endswith("CPU:0")


unchecked(
    "TensorFlow默认会占下它看得见的每块GPU的几乎全部显存",
    "needs a GPU; documented in TensorFlow's GPU guide",
)


@claim("`paddle.CUDAPlace(0)`在CPU版的PaddlePaddle里一写出来就会报错", "paddle")
def _(paddle, raises):
    if not paddle.device.is_compiled_with_cuda():
        assert raises(ValueError, lambda: paddle.CUDAPlace(0))


@claim("但它改变的是整个程序此后的默认设备", "paddle")
def _(paddle):
    before = paddle.device.get_device()
    paddle.device.set_device("cpu")
    assert paddle.device.get_device() == "cpu"
    assert "cpu" in str(paddle.ones([1]).place)
    paddle.device.set_device(before)


@claim("`npx.num_gpus`给出数目，没有GPU时它返回0", "mxnet")
def _(npx):
    assert npx.num_gpus() >= 0


@claim("请看这两种数法各数到几个，一个也没有时都是0", "pytorch")
def _(torch):
    cuda = torch.cuda.device_count()
    assert 0 <= cuda <= torch.accelerator.device_count()
    if not (torch.version.cuda or torch.version.hip):
        assert cuda == 0


@claim("`paddle.device.cuda.device_count`给出数目，CPU版返回0", "paddle")
def _(paddle):
    if not paddle.device.is_compiled_with_cuda():
        assert paddle.device.cuda.device_count() == 0


# 有就用，没有就用CPU
@claim("`try_gpu(i)`返回第`i`块GPU，没有那么多时返回CPU")
def _(cpu_place, num_gpus, place, try_gpu):
    assert (place(try_gpu(0)) == cpu_place) == (num_gpus() == 0)
    assert place(try_gpu(num_gpus())) == cpu_place
    assert place(try_gpu(10**6)) == cpu_place


@claim("`try_all_gpus`返回所有GPU，一块也没有时返回只含CPU的列表")
def _(cpu_place, num_gpus, place, try_all_gpus):
    places = [str(place(device)) for device in try_all_gpus()]
    assert len(set(places)) == len(places) == max(num_gpus(), 1)
    assert (str(cpu_place) in places) == (num_gpus() == 0)


unchecked(
    "因此在苹果电脑上得到的会是`mps`设备",
    "needs a Mac; the library's tests show it with a fake accelerator",
)

unchecked(
    "一个也没有时它的回答因版本而异，有的版本还会报错",
    "one version is installed; tests/elsewhere calls d2l.torch in 2.6, too",
)


@claim("退回CPU时一律返回`npx.cpu()`，也就是`cpu(0)`，不管`i`是多少", "mxnet")
def _(npx, try_gpu):
    absent = [try_gpu(i) for i in (npx.num_gpus(), 77, -1)]
    assert absent == [npx.cpu(0)] * 3


@claim("`try_all_gpus`总是返回一个列表，哪怕里面只有CPU")
def _(try_all_gpus):
    assert isinstance(try_all_gpus(), list) and try_all_gpus()


@claim("负的`i`当作不存在，同样得到CPU")
def _(cpu_place, place, try_gpu):
    assert place(try_gpu(-1)) == cpu_place


@claim("这种对象可以反复进入", "tensorflow")
def _(tf):
    again = tf.device("/CPU:1")
    for _ in range(2):
        with again:
            assert tf.zeros(1).device.endswith("CPU:1")


@claim(
    "外面建好的`tf.device`对象不起作用，那里要写`with tf.device('/GPU:0')`这样的字符串",
    "tensorflow",
)
def _(tf):
    outer = tf.device("/CPU:1")

    @tf.function
    def by_object():
        with outer:
            return tf.ones(2) + 1

    @tf.function
    def by_name():
        with tf.device("/CPU:1"):
            return tf.ones(2) + 1

    def placed(function):
        graph = function.get_concrete_function().graph
        return {op.device for op in graph.get_operations()}

    assert placed(by_object) == {""}
    assert "/device:CPU:1" in placed(by_name)


# 张量在哪个设备上
@claim("MXNet的张量默认放在当前上下文，通常是`cpu(0)`", "mxnet")
def _(np, npx):
    assert np.ones(1).ctx == npx.current_context() == npx.cpu(0)
    with npx.cpu(1):
        assert np.ones(1).ctx == npx.cpu(1)


@claim("PyTorch的张量默认放在CPU上，有GPU也一样", "pytorch")
def _(torch, x):
    assert torch.ones(1).device.type == x.device.type == "cpu"


@claim("TensorFlow在有GPU时会优先把计算放到GPU上", "tensorflow")
def _(tf):
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    assert tf.matmul([[1.0]], [[1.0]]).device.endswith(f"{kind}:0")


@claim("因为许多`int32`的张量会特意留在CPU的内存里", "tensorflow")
def _(tf):
    assert tf.constant([1, 2, 3]).device.endswith("CPU:0")


@claim("CPU版就是CPU；GPU版在有GPU的机器上，默认是第一块GPU", "paddle")
def _(paddle):
    gpus = paddle.device.cuda.device_count()
    assert ("gpu:0" if gpus else "cpu") in str(paddle.ones([1]).place)


@claim("有加速器时，我们拿CPU上的`x`和它上面的张量相加", "pytorch")
def _(try_gpu, X, x):
    assert x.device.type == "cpu" and X.device == try_gpu()


@claim("一个也没有时两个都是CPU，因为PyTorch只认一个CPU设备", "pytorch")
def _(devices, torch):
    assert torch.ones(1, device="cpu:1").device == torch.device("cpu")
    if torch.accelerator.device_count() == 0:
        assert devices == [torch.device("cpu")] * 2


@claim("因为PaddlePaddle的`CPUPlace`没有编号", "paddle")
def _(paddle, raises):
    assert raises(TypeError, lambda: paddle.CPUPlace(1))


@claim("随机数直接在那个设备上生成，所以即使种子相同", "mxnet")
def _(devices, np, npx, Y):
    npx.random.seed(0)
    again = np.random.uniform(size=(2, 3), ctx=devices[1])
    assert again.ctx == devices[1] and (again == Y).all()


@also("pytorch")
def _(devices, torch, Y):
    torch.manual_seed(0)
    again = torch.rand(2, 3, device=devices[1])
    assert again.device == devices[1] and again.equal(Y)


@also("tensorflow")
def _(devices, tf, Y):
    tf.random.set_seed(0)
    with tf.device(devices[1]):
        again = tf.random.uniform((2, 3))
    assert again.device.endswith(devices[1])
    assert (again.numpy() == Y.numpy()).all()


@also("paddle")
def _(devices, paddle, Y):
    paddle.seed(0)
    again = paddle.rand([2, 3], device=devices[1])
    assert str(again.place) == str(Y.place)
    assert bool((again == Y).all())


# 复制
@claim("`copyto`把张量复制到指定的上下文，总是分配新的内存", "mxnet")
def _(X):
    fresh = X.copyto(X.ctx)
    fresh[:] = 7
    assert fresh is not X and float(X.max()) == 1


@claim("`Z`在第二个上下文里，内容和`X`一样，但与`X`互不相干", "mxnet")
def _(devices, X, Z):
    assert Z.ctx == devices[1]
    assert Z.asnumpy().tolist() == X.asnumpy().tolist()
    fresh = X.copyto(devices[1])
    fresh += 1
    assert float(X.max()) == 1


@claim("两个设备不同时，`Z`是一份副本，`Z is X`为`False`", "pytorch")
def _(devices, X, Z):
    assert (Z is X) == (devices[0] == devices[1])


@also("paddle")
def _(devices, X, Z):
    assert (Z is X) == (str(devices[0]) == str(devices[1]))


@claim("这时就地修改`Z`，`X`也跟着变", "pytorch")
def _(devices, torch, X, Z):
    if Z is X:
        a = torch.ones(2, device=devices[0])
        b = a.to(devices[1])
        b.add_(1)
        assert float(a.sum()) == 4


@also("paddle")
def _(devices, paddle, X, Z):
    if Z is X:
        a = paddle.ones([2], device=devices[0])
        b = a.to(devices[1])
        b.add_(paddle.ones([2]))
        assert float(a.sum()) == 4


@claim("`Z`在第二个设备上，内容和`X`一样，是另一个张量", "tensorflow")
def _(devices, X, Z):
    assert Z.device.endswith(devices[1]) and Z is not X
    assert (Z.numpy() == X.numpy()).all()


@claim("结果也在那个设备上：计算跟着操作数走，不必另外说明", "mxnet")
def _(devices, Y, Z):
    assert (Y + Z).ctx == Y.ctx == devices[1]


@also("pytorch")
def _(devices, Y, Z):
    assert (Y + Z).device == Y.device == devices[1]


@also("paddle")
def _(Y, Z):
    assert str((Y + Z).place) == str(Y.place)


@claim(
    "没有GPU时，在作用域外面计算`Y + Z`，虽然两个操作数都在`CPU:1`上，加法却会在`CPU:0`上执行",
    "tensorflow",
)
def _(tf, W, Y, Z):
    assert W.device == Y.device
    if not tf.config.list_physical_devices("GPU"):
        assert Y.device.endswith("CPU:1") and Z.device.endswith("CPU:1")
        assert (Y + Z).device.endswith("CPU:0")


@claim("CPU上的张量和GPU上的张量相加会抛出`MXNetError`", "mxnet")
def _(np, npx, raises, x):
    if npx.num_gpus():
        assert raises(RuntimeError, lambda: x + np.ones(3, ctx=npx.gpu()))


@claim("`cpu(0)`和`cpu(1)`可以混用，结果跟着第一个操作数", "mxnet")
def _(np, npx):
    a, b = np.ones(2, ctx=npx.cpu(0)), np.ones(2, ctx=npx.cpu(1))
    assert (a + b).ctx == npx.cpu(0) and (b + a).ctx == npx.cpu(1)


@claim("哪怕只是`cpu(0)`和`cpu(1)`之差，也会抛出`RuntimeError`", "mxnet")
def _(nn, np, npx, raises):
    strict = nn.Dense(1, in_units=3)
    strict.initialize(ctx=npx.cpu(0))
    assert raises(RuntimeError, lambda: strict(np.ones((2, 3), ctx=npx.cpu(1))))


unchecked(
    "两块GPU之间的混用同样没有这道检查",
    "read in MXNet 1.9.1's GetContext, which compares dev_mask only",
)


@claim("它上面的张量只有形状、没有数据，却同样要遵守设备的规矩", "pytorch")
def _(raises, torch):
    ghost = torch.ones(2, 3, device="meta")
    assert ghost.shape == (2, 3)
    assert raises(NotImplementedError, lambda: ghost.to("cpu"))
    assert raises(RuntimeError, lambda: ghost + torch.ones(2, 3))


@claim("错误信息说出了起冲突的是哪两个设备", "pytorch")
def _(torch):
    try:
        torch.ones(2, device="meta") + torch.ones(2)
    except RuntimeError as error:
        assert "cpu" in str(error) and "meta" in str(error)


@claim("最常见的例外是CPU上没有维度的张量", "pytorch")
def _(torch, try_all_gpus):
    for device in [torch.device("meta"), *try_all_gpus()]:
        mixed = torch.ones(2, device=device) * torch.tensor(2.0)
        assert mixed.device == device


@claim("TensorFlow默认会悄悄地替你复制", "tensorflow")
def _(tf, X, Y):
    assert tf.config.experimental.get_device_policy() == "silent"
    assert (X + Y).shape == (2, 3) and X.device != Y.device


@claim("把策略改成`explicit`（显式）之后它才会拒绝", "tensorflow")
def _(raises, tf, X, Y):
    tf.config.experimental.set_device_policy("explicit")
    refused = raises(tf.errors.InvalidArgumentError, lambda: X + Y)
    tf.config.experimental.set_device_policy("silent")
    assert refused


unchecked(
    "PaddlePaddle的多数算子会先选定在哪种设备上计算，再把不在这种设备上的输入自动复制过去",
    "needs a GPU; read in the source of its data_transform",
)


@claim("`as_in_ctx`只在上下文不同时才复制，否则返回张量本身；`copyto`总是复制", "mxnet")
def _(npx, X):
    assert X.as_in_ctx(X.ctx) is X and X.copyto(X.ctx) is not X
    assert X.as_in_ctx(npx.cpu(1)) is not X


@claim("张量已经在目标设备上时，`to`返回它本身，不做无用功", "pytorch")
def _(X):
    assert X.to(X.device) is X
    assert X.to(X.device, copy=True) is not X


@also("paddle")
def _(devices, X):
    assert X.to(devices[0]) is X and X.clone() is not X


@claim("赋值只是给同一个张量起了第二个名字，即使写在别的设备的作用域里也不会搬动它", "tensorflow")
def _(devices, tf, X):
    before = X.device
    with tf.device(devices[1]):
        name = X
    assert name is X and X.device == before


@claim("`tf.identity`是一次计算，所以总是得到新的张量", "tensorflow")
def _(tf, X):
    assert tf.identity(X) is not X


# 搬运为什么慢
@claim("MXNet在CPU上也是异步的，`npx.waitall`等所有设备做完，在任何机器上都能调用", "mxnet")
def _(np, npx):
    big = np.random.uniform(size=(1200, 1200))
    np.dot(big, big).wait_to_read()
    ratios = []
    for _ in range(5):
        npx.waitall()
        start = time.perf_counter()
        np.dot(big, big)
        returned = time.perf_counter() - start
        npx.waitall()
        ratios.append(returned / (time.perf_counter() - start))
    assert min(ratios) < 0.5, ratios


@claim("没有加速器时调用它会报错，所以写成循环，有几个等几个", "pytorch")
def _(raises, synchronize, torch):
    if not torch.accelerator.is_available():
        assert raises(RuntimeError, torch.accelerator.synchronize)
    synchronize()


@claim("`tf.test.experimental.sync_devices`等所有设备做完，在任何机器上都能调用", "tensorflow")
def _(synchronize):
    synchronize()


@claim("CPU版调用它会报错，所以写成循环，有几块GPU等几块", "paddle")
def _(paddle, raises, synchronize):
    if not paddle.device.is_compiled_with_cuda():
        assert raises(TypeError, paddle.device.synchronize)
    synchronize()


@claim("一次搬完更快，而且快得不止一点")
def _(many, once):
    assert many > 5 * once, (many, once)


# 模型在哪个设备上
@claim("权重要等第一次调用才真正生成，也会生成在那里", "mxnet")
def _(nn, np, npx):
    fresh = nn.Dense(1)
    fresh.initialize(ctx=npx.cpu(1))
    fresh(np.ones((2, 3), ctx=npx.cpu(1)))
    assert fresh.weight.list_ctx() == [npx.cpu(1)]


@claim("模型的`to`会把所有参数搬到指定的设备上", "pytorch")
def _(devices, nn):
    net = nn.Sequential(nn.Linear(3, 1)).to(devices[1])
    assert {p.device for p in net.parameters()} == {devices[1]}


@also("paddle")
def _(devices, nn, Y):
    net = nn.Sequential(nn.Linear(3, 1))
    net.to(devices[1])
    assert {str(p.place) for p in net.parameters()} == {str(Y.place)}


@claim("所以构建要发生在作用域里面", "tensorflow")
def _(devices, tf, X):
    with tf.device(devices[1]):
        inside = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
    assert inside.weights[0].value.device.endswith(devices[1])
    with tf.device(devices[1]):
        late = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    assert late.weights == []
    late(X)
    assert not late.weights[0].value.device.endswith("CPU:1")


@claim("已经初始化的模型要换设备，用`net.collect_params().reset_ctx`，不必重新初始化", "mxnet")
def _(nn, npx):
    moved = nn.Sequential()
    moved.add(nn.Dense(1, in_units=3))
    moved.initialize(ctx=npx.cpu(0))
    before = moved[0].weight.data().asnumpy().tolist()
    moved.collect_params().reset_ctx(npx.cpu(1))
    assert moved[0].weight.list_ctx() == [npx.cpu(1)]
    assert moved[0].weight.data().asnumpy().tolist() == before


@claim("它返回的就是`net`本身，不必再赋值", "pytorch", "paddle")
def _(net, try_gpu):
    assert net.to(try_gpu()) is net


@claim("Keras的权重自己没有`device`属性，要看的是它包着的变量`value`", "tensorflow")
def _(net):
    assert not hasattr(net.weights[0], "device")
    assert net.weights[0].value.device


@claim(
    "没有GPU时，把参数和输入都放在`CPU:1`上，却在作用域外面调用`net`，计算还是会在`CPU:0`上进行",
    "tensorflow",
)
def _(tf, Y):
    if not tf.config.list_physical_devices("GPU"):
        with tf.device("/CPU:1"):
            there = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
            assert there(Y).device.endswith("CPU:1")
        assert there(Y).device.endswith("CPU:0")


# 多个设备
@claim("数据都是小整数，浮点计算没有误差")
def _(full_grad):
    assert all(value == int(value) for value in full_grad)


@claim("有两块GPU就用两块GPU，否则用两个CPU上下文", "mxnet")
def _(replicas):
    assert len(set(map(str, replicas))) == 2


@claim("在它的作用域里创建的变量，每个设备上都有一份", "tensorflow")
def _(w):
    assert len({copy.device for copy in w.values}) == 2


@claim("收集它们打印的平均梯度，和标准答案比较", "pytorch", "paddle")
def _(full_grad, results):
    means = [json.loads(out.splitlines()[-1]) for out, _ in results]
    assert means == [full_grad, full_grad]


@claim("平时只需`trainer.step`，它把汇总和更新一起做了", "mxnet")
def _(autograd, full_grad, linear, parts, trainer):
    import numpy as onp

    with autograd.record():
        losses = [(linear(part) ** 2).mean() for part in parts]
    autograd.backward(losses)
    trainer.step(2)
    after = [w.asnumpy().ravel() for w in linear.weight.list_data()]
    assert (after[0] == after[1]).all()
    step = 1 - after[0]
    assert abs(step - 0.1 * onp.array(full_grad)).max() < 1e-3


@claim("在策略的作用域里创建并编译Keras模型，`fit`会完成这些事", "tensorflow")
def _(batch, strategy, tf):
    with strategy.scope():
        fitted = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
        fitted.compile(tf.keras.optimizers.SGD(0.001), "mse")
    before = fitted.get_weights()[0].copy()
    fitted.fit(batch, tf.zeros((4, 1)), batch_size=4, verbose=0)
    copies = fitted.weights[0].value.values
    assert len(copies) == 2
    assert (copies[0].numpy() == copies[1].numpy()).all()
    assert (fitted.get_weights()[0] != before).any()


unchecked(
    "上面的`step`不用改；但Keras 3的`fit`还不能和它配合",
    "needs two workers; run by hand on one machine: step agrees with full_grad in both, fit raises",
)


# 小结
@claim("`try_gpu`在没有那块GPU时退回CPU，`try_all_gpus`总是返回一个列表")
def _(cpu_place, num_gpus, place, try_all_gpus, try_gpu):
    assert place(try_gpu(num_gpus())) == cpu_place
    assert isinstance(try_all_gpus(), list)


@claim(
    "不同设备上的张量一起计算，有的框架拒绝，有的悄悄复制",
    "mxnet",
    elsewhere="Paddle without a GPU has one device",
)
def _(net, np, npx, raises):
    assert raises(RuntimeError, lambda: net(np.ones((2, 3), ctx=npx.cpu(1))))


@also("pytorch")
def _(raises, torch):
    assert raises(RuntimeError, lambda: torch.ones(2) + torch.ones(2, device="meta"))


@also("tensorflow")
def _(X, Y):
    assert X.device != Y.device and (X + Y).shape == (2, 3)


@claim("张量已经在那里时，得到的可能就是它自己，要副本就得明确地要", "mxnet")
def _(Z):
    assert Z.as_in_ctx(Z.ctx) is Z and Z.copyto(Z.ctx) is not Z


@also("pytorch")
def _(Z):
    assert Z.to(Z.device) is Z
    assert Z.to(Z.device, copy=True) is not Z


@also("tensorflow")
def _(alias, copied, Z):
    assert alias is Z and copied is not Z


@also("paddle")
def _(devices, Z):
    assert Z.to(devices[1]) is Z and Z.clone() is not Z


@claim("数据总量相同，一次搬完比分许多次搬快")
def _(many, once, pieces):
    assert many > once and len(pieces) > 1


@claim("模型的参数放在哪个设备上由你指定；把输入也送到那里，计算也在那里进行", "mxnet")
def _(net, try_gpu, X):
    assert net[0].weight.list_ctx() == [try_gpu()] == [X.ctx]


@also("pytorch")
def _(net, try_gpu, X):
    assert net[0].weight.device == try_gpu() == net(X).device


@also("tensorflow")
def _(net, X):
    assert net.weights[0].value.device == X.device


@also("paddle")
def _(net, X):
    assert str(net[0].weight.place) == str(net(X).place)


@claim("样本平分给各个设备，各设备梯度的平均等于整个批量的梯度", "mxnet")
def _(full_grad, grads):
    assert len(grads) == 2 and grads == [full_grad] * 2


@also("pytorch", "paddle")
def _(full_grad, results):
    assert [json.loads(out.splitlines()[-1]) for out, _ in results] == [full_grad] * 2


@also("tensorflow")
def _(full_grad, grads):
    assert [g.numpy().flatten().tolist() for g in grads] == [full_grad] * 2
