"""What chapter_computation/use-gpu.md claims."""

import inspect
import threading
import time

import numpy

from claims import Claims

SECTION = "chapter_computation/use-gpu.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked


# 机器上有什么，设备的名字
unchecked("看得见的那几块会从0开始重新编号", "needs two GPUs and a fresh process")
unchecked("只装了CPU版的框架，GPU再多，下文得到的数目也是0", "needs a GPU beside a CPU build")
unchecked("当前GPU默认是0号", "needs a GPU")
unchecked(
    "用ROCm版时，AMD的GPU也叫这个名字", "needs an AMD GPU; documented in PyTorch's HIP semantics"
)
unchecked(
    "框架所用CUDA的主版本不能比它高",
    "needs a GPU; documented in NVIDIA's CUDA Compatibility, Minor Version Compatibility",
)
unchecked(
    "`mxnet-cu112`对应CUDA 11.2，CUDA和cuDNN要自己装好",
    "the packages of MXNet 1.9.1 say which CUDA they use",
)
unchecked(
    "用`pip`安装的GPU版自带所需的CUDA库，不必另装CUDA",
    "the GPU build is not installed here; in its wheels",
)
unchecked(
    "从2.11版起，Windows本身不再支持GPU", "needs Windows; documented in TensorFlow's install guide"
)
unchecked(
    "PaddlePaddle的GPU版是另一个包`paddlepaddle-gpu`", "documented on PaddlePaddle's install page"
)
unchecked(
    "TensorFlow默认会占下它看得见的每块GPU的几乎全部显存",
    "needs a GPU; documented in TensorFlow's GPU guide",
)


@claim(
    "不写编号就是0号",
    "没有GPU的机器上也能写出`npx.gpu(1)`，等到真要在上面创建张量时才会报错",
    "`npx.cpu(0)`和`npx.cpu(1)`是两个不同的上下文",
    "没有GPU时，`npx.num_gpus`返回0",
    "`with npx.cpu(1):`里面新建的张量默认放在`cpu(1)`上",
    "退回CPU时一律返回`npx.cpu()`，也就是`cpu(0)`，不管`i`是多少",
    "MXNet的张量默认放在当前上下文，通常是`cpu(0)`",
    "mxnet",
)
def _(np, npx, raises, try_gpu):
    assert npx.cpu() == npx.cpu(0) and npx.gpu() == npx.gpu(0)
    if npx.num_gpus() < 2:
        absent = npx.gpu(1)
        assert raises(RuntimeError, lambda: np.ones(1, ctx=absent))
    assert npx.cpu(0) != npx.cpu(1)
    assert npx.num_gpus() >= 0
    assert [try_gpu(i) for i in (npx.num_gpus(), 77, -1)] == [npx.cpu(0)] * 3
    assert np.ones(1).ctx == npx.current_context() == npx.cpu(0)
    with npx.cpu(1):
        assert np.ones(1).ctx == npx.cpu(1)


@claim(
    "写出`cuda:1`并不要求真的有第二块GPU，真要在上面创建张量时才会报错",
    "`torch.device('cuda')`和`torch.device('cuda:0')`并不相等：前者指“当前那块GPU”，后者指0号GPU",
    "两种数法，一个也没有时都是0",
    "`torch.version.cuda`是框架所用CUDA的版本，`None`表示不是CUDA版",
    "意思是`to('cuda')`；用CPU版的PyTorch一调用就报错",
    "PyTorch的张量默认放在CPU上，有GPU也一样",
    "有加速器时，我们拿CPU上的`x`和它上面的张量相加",
    "一个也没有时两个都是CPU，因为PyTorch只认一个CPU设备",
    "pytorch",
)
def _(devices, raises, torch, try_gpu, X, x):
    absent, cuda = torch.device("cuda:1"), torch.cuda.device_count()
    if cuda < 2:
        assert raises((RuntimeError, AssertionError), lambda: torch.ones(1, device=absent))
    assert torch.device("cuda") != torch.device("cuda:0")
    assert 0 <= cuda <= torch.accelerator.device_count()
    assert cuda == 0 or torch.version.cuda or torch.version.hip
    assert torch.backends.cuda.is_built() == bool(torch.version.cuda or torch.version.hip)
    if cuda:
        assert torch.ones(1).cuda().device == torch.ones(1).to("cuda").device
    else:
        assert raises((RuntimeError, AssertionError), torch.ones(1).cuda)
        assert raises((RuntimeError, AssertionError), lambda: torch.ones(1).to("cuda"))
    assert torch.ones(1).device.type == "cpu"
    assert x.device.type == "cpu" and X.device == try_gpu()
    assert torch.ones(1, device="cpu:1").device == torch.device("cpu")
    if torch.accelerator.device_count() == 0:
        assert devices == [torch.device("cpu")] * 2


@claim(
    "划分必须赶在做任何计算之前",
    "`'/CPU:0'`是`'/device:CPU:0'`的简写",
    "默认情况下，`with tf.device('/GPU:5')`里的计算在没有那块GPU时会悄悄落到别的设备上（没有GPU的机器上就是CPU）",
    "它可以反复进入",
    "`tf.test.is_built_with_cuda()`说出装的是不是GPU版",
    "TensorFlow在有GPU时会优先把计算放到GPU上",
    "许多`int32`的张量也会特意留在CPU的内存里",
    "tensorflow",
)
def _(num_gpus, place, raises, tf):
    (only,) = tf.config.list_physical_devices("CPU")
    three = [tf.config.LogicalDeviceConfiguration()] * 3
    assert raises(RuntimeError, lambda: tf.config.set_logical_device_configuration(only, three))
    assert place("/CPU:0") == place("/device:CPU:0")
    assert num_gpus() or place("/GPU:5").endswith("CPU:0")
    assert isinstance(tf.test.is_built_with_cuda(), bool)
    assert tf.test.is_built_with_cuda() or tf.test.is_built_with_rocm() or not num_gpus()
    again = tf.device("/CPU:1")
    assert all(place(again).endswith("CPU:1") for _ in range(2))
    assert tf.matmul([[1.0]], [[1.0]]).device.endswith("GPU:0" if num_gpus() else "CPU:0")
    assert tf.constant([1, 2, 3]).device.endswith("CPU:0")


@claim(
    "`paddle.CUDAPlace(0)`在CPU版的PaddlePaddle里一写出来就会报错，所以创建它之前要先确认GPU存在",
    "但它改变的是整个程序此后的默认设备",
    "`paddle.device.cuda.device_count`给出数目，CPU版返回0",
    "CPU版就是CPU；GPU版在有GPU的机器上，默认是第一块GPU",
    "因为PaddlePaddle的`CPUPlace`没有编号",
    "`paddle.device.synchronize`等一个设备做完；CPU版调用它会报错",
    "`paddle.device.is_compiled_with_cuda()`说出装的是不是GPU版",
    "用CPU版的PaddlePaddle一调用就报错",
    "paddle",
)
def _(paddle, raises):
    cuda, before = paddle.device.is_compiled_with_cuda(), paddle.device.get_device()
    assert cuda or raises(ValueError, lambda: paddle.CUDAPlace(0))
    paddle.device.set_device("cpu")
    assert paddle.device.get_device() == "cpu" and "cpu" in str(paddle.ones([1]).place)
    paddle.device.set_device(before)
    gpus = paddle.device.cuda.device_count()
    assert cuda or gpus == 0
    assert ("gpu:0" if gpus else "cpu") in str(paddle.ones([1]).place)
    assert raises(TypeError, lambda: paddle.CPUPlace(1))
    assert cuda or raises(TypeError, paddle.device.synchronize)
    assert cuda or raises((RuntimeError, ValueError), paddle.ones([1]).cuda)


# 有就用，没有就用CPU
@claim(
    "`try_gpu(i)`返回第`i`块GPU，没有那么多时返回CPU",
    "负的`i`当作不存在，同样得到CPU",
    "`try_all_gpus`返回所有GPU，一块也没有时返回只含CPU的列表",
    "`try_all_gpus`总是返回一个列表，哪怕里面只有CPU",
    "`try_gpu`在没有那块GPU时退回CPU，`try_all_gpus`总是返回一个列表",
)
def _(cpu_place, num_gpus, place, try_all_gpus, try_gpu):
    assert (place(try_gpu(0)) == cpu_place) == (num_gpus() == 0)
    assert all(place(try_gpu(i)) == cpu_place for i in (num_gpus(), 10**6))
    assert place(try_gpu(-1)) == cpu_place
    places = [str(place(device)) for device in try_all_gpus()]
    assert len(set(places)) == len(places) == max(num_gpus(), 1)
    assert (str(cpu_place) in places) == (num_gpus() == 0)
    assert isinstance(try_all_gpus(), list)


unchecked(
    "因此在苹果电脑上得到的会是`mps`设备",
    "needs a Mac; the library's tests show it with a fake accelerator",
)
unchecked(
    "`current_accelerator`的回答因版本而异，有的版本还会报错",
    "one version is installed; tests/elsewhere calls d2l.torch in 2.6, too",
)


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


# 张量在哪个设备上，复制
@claim("随机数直接在那个设备上生成，所以即使种子相同")
def _(device_of, devices, equal, place, seed, uniform, Y):
    seed(0)
    again = uniform((2, 3), devices[1])
    assert device_of(again) == place(devices[1]) and equal(again, Y)


@claim("结果也在那个设备上：计算跟着操作数走，不必另外说明", "mxnet", "pytorch", "paddle")
def _(device_of, devices, place, Y, Z):
    assert device_of(Y + Z) == device_of(Y) == place(devices[1])


@claim(
    "`copyto`把张量复制到指定的上下文，总是分配新的内存",
    "`Z`在第二个上下文里，内容和`X`一样，但与`X`互不相干",
    "CPU上的张量和GPU上的张量相加会抛出`MXNetError`",
    "`cpu(0)`和`cpu(1)`可以混用，结果跟着第一个操作数",
    "`as_in_ctx`只在上下文不同时才复制，否则返回张量本身",
    "最后一个`True`说明`as_in_ctx`没有复制",
    "`asnumpy`把张量取回内存，总是得到一份副本",
    "先取GPU，不够就用`cpu(0)`和`cpu(1)`补足",
    "mxnet",
)
def _(devices, equal, np, npx, raises, X, x, Z):
    assert devices[npx.num_gpus() :] == [npx.cpu(0), npx.cpu(1)][: max(0, 2 - npx.num_gpus())]
    for device in (X.ctx, devices[1]):
        fresh = X.copyto(device)
        fresh += 1
        assert fresh is not X and float(X.max()) == 1
    assert Z.ctx == devices[1] and equal(Z, X)
    if npx.num_gpus():
        assert raises(RuntimeError, lambda: x + np.ones(3, ctx=npx.gpu()))
    a, b = np.ones(2, ctx=npx.cpu(0)), np.ones(2, ctx=npx.cpu(1))
    assert (a + b).ctx == npx.cpu(0) and (b + a).ctx == npx.cpu(1)
    assert a.as_in_ctx(a.ctx) is a and a.copyto(a.ctx) is not a
    assert a.as_in_ctx(b.ctx) is not a
    assert Z.as_in_ctx(devices[1]) is Z
    taken = a.asnumpy()
    taken += 1
    assert float(a.max()) == 1


unchecked(
    "两块GPU之间的混用同样没有这道检查，不要指望它来提醒你",
    "read in MXNet 1.9.1's GetContext, which compares dev_mask only",
)


@claim(
    "它上面的张量只有形状、没有数据，和CPU上的张量相加同样会被拒绝",
    "错误信息说出了起冲突的是哪两个设备",
    "最常见的例外是CPU上没有维度的张量，例如`torch.tensor(2.0)`：它可以和别的设备上的张量相加、相乘",
    "`torch.accelerator.synchronize`等一个设备做完；没有加速器时调用它会报错",
    "`numpy`只认CPU上的张量，所以先`cpu`；带梯度的还要先`detach`，否则会报错",
    "如果张量本来就在CPU上，得到的数组和它共用内存，改一个，另一个也变",
    "pytorch",
)
def _(message, raises, torch, try_all_gpus):
    ghost = torch.ones(2, 3, device="meta")
    assert ghost.shape == (2, 3)
    assert raises(NotImplementedError, lambda: ghost.to("cpu"))
    told = message(RuntimeError, lambda: ghost + torch.ones(2, 3))
    assert "cpu" in told and "meta" in told
    for device in [torch.device("meta"), *try_all_gpus()]:
        assert (torch.ones(2, device=device) * torch.tensor(2.0)).device == device
    if not torch.accelerator.is_available():
        assert raises(RuntimeError, torch.accelerator.synchronize)
    assert raises(TypeError, ghost.numpy)
    leaf = torch.ones(1, requires_grad=True)
    assert raises(RuntimeError, leaf.numpy) and leaf.detach().numpy() == 1
    here = torch.ones(1)
    here.cpu().numpy()[:] = 7
    assert float(here) == 7
    if torch.accelerator.is_available():
        assert raises(TypeError, torch.ones(1, device=try_all_gpus()[0]).numpy)


@claim(
    "两个设备不同时，`Z`是一份副本，`Z is X`为`False`",
    "这时就地修改`Z`，`X`也跟着变",
    "张量已经在目标设备上时，`to`返回它本身",
    "模型的`to`会把所有参数搬到指定的设备上",
    "返回的就是`net`本身，不必再赋值",
    "`os.fork`把已经导入框架的进程一分为二",
    "收集它们打印的平均梯度，和`full_grad`比较",
    "累加损失之前先`detach()`，否则加起来的张量还连着每一步的计算图",
    "pytorch",
    "paddle",
)
def _(chain, dense, device_of, devices, full_grad, grads, parameters, place, uniform, X, Z):
    assert (Z is X) == (place(devices[0]) == place(devices[1]))
    if Z is X:
        a = uniform((2, 3), devices[0])
        a.to(devices[1]).zero_()
        assert float(a.sum()) == 0
    assert X.to(devices[0]) is X
    fresh = chain(dense(3, 1))
    same = fresh.to(devices[1])
    assert {device_of(one) for one in parameters(fresh)} == {place(devices[1])}
    assert same is fresh
    assert grads == [full_grad] * 2
    loss = fresh(uniform((2, 3), devices[1])).sum()
    assert (loss + loss).grad_fn is not None
    assert (loss.detach() + loss.detach()).grad_fn is None


@claim(
    "`tf.identity`，得到的就是那个设备上的副本",
    "没有GPU时，在作用域外面计算`Y + Z`，虽然两个操作数都在`CPU:1`上，加法却会在`CPU:0`上执行",
    "TensorFlow默认会悄悄地替你复制",
    "把策略改成`explicit`（显式）之后它才会拒绝",
    "先取GPU，不够就用逻辑CPU补足",
    "赋值只是给同一个张量起了第二个名字，即使写在别的设备的作用域里也不会搬动它",
    "`tf.identity`是一次计算，所以总是得到新的张量",
    "`tf.test.experimental.sync_devices`等所有设备做完，在任何机器上都能调用",
    "tensorflow",
)
def _(alias, devices, equal, num_gpus, raises, tf, W, X, Y, Z):
    assert Z.device.endswith(devices[1]) and equal(Z, X) and Z is not X
    assert W.device == Y.device == Z.device
    assert ["GPU" in name for name in devices] == [num_gpus() > 0, num_gpus() > 1]
    if not num_gpus():
        assert Y.device.endswith("CPU:1") and (Y + Z).device.endswith("CPU:0")
    policy = tf.config.experimental
    assert policy.get_device_policy() == "silent"
    assert X.device != Y.device and (X + Y).shape == (2, 3)
    policy.set_device_policy("explicit")
    refused = raises(tf.errors.InvalidArgumentError, lambda: X + Y)
    policy.set_device_policy("silent")
    assert refused
    before = X.device
    with tf.device(devices[1]):
        name = X
    assert name is X and X.device == before and alias is X
    assert tf.identity(X) is not X
    tf.test.experimental.sync_devices()


@claim("`numpy`把张量取回内存，得到一份副本", "tensorflow", "paddle")
def _(devices, equal, uniform):
    there = uniform((2, 3), devices[1])
    taken, before = there.numpy(), there.numpy().copy()
    taken += 1
    assert equal(there, before)


unchecked(
    "PaddlePaddle的多数算子会先选定在哪种设备上计算，再把不在这种设备上的输入自动复制过去",
    "needs a GPU; read in the source of its data_transform",
)


@claim(
    "张量已经在那里时，得到的可能就是它自己",
    mxnet=lambda Z: (Z.as_in_ctx(Z.ctx), Z.copyto(Z.ctx)),
    pytorch=lambda Z: (Z.to(Z.device), Z.to(Z.device, copy=True)),
    paddle=lambda Z: (Z.to(Z.place), Z.clone()),
)
def _(given, Z):
    alias, copied = given(Z)
    assert alias is Z and copied is not Z


@also("tensorflow")
def _(alias, devices, tf, X):
    with tf.device(devices[0]):
        copied = tf.identity(X)
    assert alias is X and copied is not X


@claim(
    "不同设备上的张量一起计算，有的框架拒绝，有的悄悄复制",
    "mxnet",
    elsewhere="Paddle without a GPU has one device",
)
def _(net, np, npx, raises):
    assert raises(RuntimeError, lambda: net(np.ones((2, 2), ctx=npx.cpu(1))))


@also("pytorch")
def _(raises, torch):
    assert raises(RuntimeError, lambda: torch.ones(2) + torch.ones(2, device="meta"))


@also("tensorflow")
def _(X, Y):
    assert X.device != Y.device and (X + Y).shape == (2, 3)


# 搬运为什么慢
unchecked(
    "在 :numref:`fig_bandwidth`里，从寄存器到另一台机器相差上千倍",
    "NVIDIA's H100 data sheet and white paper (HBM3 3.35 TB/s, NVLink 900 GB/s both ways), "
    "PCIe 5.0 x16 64 GB/s one way, 400 Gb/s; caches as in published microbenchmarks",
)
unchecked("GPU上的计算是*异步*的，有些复制也是", "needs a GPU; the frameworks' CUDA notes say so")


@claim(
    "一次搬完快得多",
    "数据总量相同，一次搬完比分许多次搬快",
    "`stay`什么也没有搬，却已经比`once`久",
    "由它切成的1000个小矩阵`pieces`",
)
def _(array, block, devices, many, notebook, num_gpus, once, pieces, stay, tab):
    copy = {
        "mxnet": lambda: block.copyto(devices[1]),
        "pytorch": lambda: block.to(devices[1], copy=True),
    }.get(tab, lambda: notebook["copy_to"](block, devices[1]))
    # Another program may have been in the way of the one time that the cell measured
    once = min(once, *(notebook["d2l"].seconds(copy) for _ in range(5)))
    assert many > 5 * once, (many, once)
    assert len(pieces) == 1000
    assert sum(array(piece).size for piece in pieces) == array(block).size
    assert num_gpus() or stay > once, (stay, once)


@claim("目标却是它们本来就在的设备，什么也不用搬", mxnet="ctx", pytorch="device", paddle="place")
def _(devices, given, pieces, raises):
    piece = pieces[0]
    move = piece.as_in_ctx if given == "ctx" else piece.to
    assert move(devices[0]) is piece


@also("tensorflow")
def _(copy_to, devices, pieces):
    # a new object around the same memory
    same = copy_to(pieces[0], devices[0])
    assert same.device == pieces[0].device
    at = [numpy.asarray(memoryview(one)).ctypes.data for one in (same, pieces[0])]
    assert at[0] == at[1] or "CPU" not in same.device


@claim("先空跑一次，再取几次的中位数")
def _(d2l):
    pauses = iter([0.2, 0.001, 0.001, 0.2, 0.001, 0.001])
    assert 0.001 <= d2l.seconds(lambda: time.sleep(next(pauses))) < 0.1


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


# 模型在哪个设备上
@claim("参数、输入和计算要在同一个设备上")
def _(device_of, net, parameters, place, points, tensor_of, try_gpu):
    there = place(try_gpu())
    assert {device_of(tensor_of(one)) for one in parameters(net)} == {there}
    assert device_of(net(points)) == there
    assert points.shape == (300, 2)


@claim(
    "模型太小，时间花在调用上，GPU帮不上忙",
    "窄的模型远在虚线之上",
)
def _(milliseconds, num_gpus, sizes, widths):
    assert len(milliseconds) == (2 if num_gpus() else 1)
    for times in milliseconds.values():
        assert len(times) == len(widths) and min(times) > 0
        line = [times[-1] * size / sizes[-1] for size in sizes]
        assert times[0] > 5 * line[0], (times, line)


unchecked(
    "换成GPU也省不掉，甚至更慢", "needs a GPU; the overhead of a call is Python's and the driver's"
)


@claim(
    "参数默认是float32，每个数占4字节；梯度和参数一样大；Adam还为每个参数记两个平均",
    "用Adam训练所有参数，显存至少要放得下四份参数；只做预测，参数只占一份",
    "用Adam训练所有参数，显存里除了中间结果，还有四份参数那么多的数",
    pytorch=lambda net: __import__("torch").optim.Adam(net.parameters()),
    paddle=lambda net: __import__("paddle").optimizer.Adam(parameters=net.parameters()),
    tensorflow=lambda net: __import__("tensorflow").keras.optimizers.Adam(),
    mxnet=lambda net: __import__("mxnet").gluon.Trainer(net.collect_params(), "adam"),
)
def _(array, averages, d2l, given, gradients, parameters, tensor_of):
    net, (X, y) = d2l.spiral_net(), d2l.spirals()
    optimizer = given(net)
    d2l.train(net, X, y, optimizer, 1)
    kept = [array(tensor_of(one)) for one in parameters(net)]
    assert {one.dtype for one in kept} == {numpy.dtype("float32")}
    assert sum(one.nbytes for one in kept) == 4 * d2l.num_params(net)
    assert [one.nbytes for one in gradients(net, X)] == [one.nbytes for one in kept]
    # no other parameter has the shape of the first
    two = averages(optimizer, parameters(net)[0])
    assert [one.nbytes for one in two] == [kept[0].nbytes] * 2


unchecked(
    "近年的GPU做这两种数的矩阵乘法也快得多", "needs a GPU; tensor cores, in NVIDIA's data sheets"
)


unchecked(
    "float16和bfloat16每个数只占2字节", "the definition of IEEE 754's binary16 and of bfloat16"
)


@claim("float16能表示的最小的数不够小，小的梯度会变成零")
def _(array, cast, tensor):
    assert array(cast(tensor([1e-8]), "float16")) == 0 < array(tensor([1e-8]))


@claim(
    "bfloat16的范围和float32一样宽，一般不需要这一步，代价是有效数字更少",
    "pytorch",
    "tensorflow",
    "paddle",
    elsewhere="the format is the same in every framework",
)
def _(array, cast, tensor):
    low, high, near = array(cast(cast(tensor([1e-38, 3e38, 1.001]), "bfloat16"), "float32"))
    assert low > 0 and numpy.isfinite(high) and near == 1


@claim(
    "把前向传播和损失写在`with torch.autocast(device.type, dtype=torch.bfloat16):`里即可",
    "用float16时再加上`torch.amp.GradScaler`",
    "pytorch",
)
def _(device, net, points, torch):
    with torch.autocast(device.type, dtype=torch.bfloat16):
        assert net(points).dtype == torch.bfloat16
    assert {one.dtype for one in net.parameters()} == {torch.float32}
    assert torch.amp.GradScaler


@claim(
    "之后创建的层，计算用bfloat16，权重仍然是float32",
    "换成`'mixed_float16'`时，`compile`会自动给优化器加上放大损失的步骤",
    "tensorflow",
)
def _(d2l, points, tf):
    mixed = tf.keras.mixed_precision
    try:
        mixed.set_global_policy("mixed_bfloat16")
        half = d2l.spiral_net()
        assert half(points).dtype == tf.bfloat16
        assert {weight.dtype for weight in half.weights} == {"float32"}
        mixed.set_global_policy("mixed_float16")
        half = d2l.spiral_net()
        half.compile("adam", "mse")
        assert isinstance(half.optimizer, mixed.LossScaleOptimizer)
    finally:
        mixed.set_global_policy("float32")


@claim("用float16时再加上`paddle.amp.GradScaler`", "paddle")
def _(net, paddle, points):
    with paddle.amp.auto_cast(dtype="bfloat16"):
        net(points)
    assert {one.dtype for one in net.parameters()} == {paddle.float32}
    assert paddle.amp.GradScaler


@claim("`amp.init_trainer`和`amp.scale_loss`负责放大损失", "mxnet")
def _():
    from mxnet.contrib import amp

    assert amp.init and amp.init_trainer and amp.scale_loss


unchecked(
    "`amp.init()`要在创建模型之前调用",
    "it changes the operators of the process; documented in MXNet's AMP tutorial",
)


# GPU等Python
unchecked(
    "同一时刻只有一个线程在执行Python代码", "the definition of CPython's global interpreter lock"
)


@claim(
    "的`num_workers`就是用来读数据的进程数",
    mxnet=lambda: __import__("mxnet").gluon.data.DataLoader,
    pytorch=lambda: __import__("torch").utils.data.DataLoader,
    paddle=lambda: __import__("paddle").io.DataLoader,
)
def _(given):
    assert "num_workers" in inspect.signature(given()).parameters
    assert "process" in given().__doc__


@claim("`tf.data`的流水线在C++的线程里运行，`prefetch`让它提前准备好下一个批量", "tensorflow")
def _(tf):
    seen = []

    def note(one):
        seen.append((int(one), threading.get_ident()))
        return one

    numbers = tf.data.Dataset.range(4).map(lambda one: tf.py_function(note, [one], tf.int64))
    first = iter(numbers.prefetch(1))
    next(first)
    for _ in range(100):
        time.sleep(0.05)
        if len(seen) > 1:
            break
    assert len(seen) > 1 and threading.get_ident() not in dict(map(reversed, seen))


# 模型在哪个设备上
@claim(
    "还没有初始化的模型，写`net.initialize(ctx=device)`，参数就生成在那里",
    "换设备用`net.collect_params().reset_ctx`，不必重新初始化",
    "哪怕只是`cpu(0)`和`cpu(1)`之差，也会抛出`RuntimeError`",
    "mxnet",
)
def _(equal, nn, np, npx, raises, value):
    fresh, there = nn.Dense(1), np.ones((2, 3), ctx=npx.cpu(1))
    fresh.initialize(ctx=npx.cpu(1))
    fresh(there)
    assert fresh.weight.list_ctx() == [npx.cpu(1)]
    before = value(fresh.weight)
    fresh.collect_params().reset_ctx(npx.cpu(0))
    assert fresh.weight.list_ctx() == [npx.cpu(0)] and equal(fresh.weight.data(), before)
    assert raises(RuntimeError, lambda: fresh(there))


@claim(
    "所以构建要发生在作用域里面",
    "Keras的权重自己没有`device`属性，要看的是它包着的变量`value`",
    "调用`net`也要写在作用域里面，道理和加法一样",
    "在它的作用域里创建的变量，每个设备上都有一份",
    "在策略的作用域里创建并编译Keras模型，`fit`会完成这些事",
    "tensorflow",
)
def _(batch, chain, devices, net, num_gpus, strategy, tf, w, X, Y):
    linear = lambda: chain(tf.keras.Input((3,)), tf.keras.layers.Dense(1))
    with tf.device(devices[1]):
        inside, late = linear(), chain(tf.keras.layers.Dense(1))
    assert inside.weights[0].value.device.endswith(devices[1])
    assert late.weights == []
    late(X)
    assert not late.weights[0].value.device.endswith("CPU:1")
    assert not hasattr(net.weights[0], "device") and net.weights[0].value.device
    if not num_gpus():
        with tf.device("/CPU:1"):
            assert inside(Y).device.endswith("CPU:1")
        assert inside(Y).device.endswith("CPU:0")
    assert len({copy.device for copy in w.values}) == 2
    with strategy.scope():
        fitted = linear()
        fitted.compile(tf.keras.optimizers.SGD(0.001), "mse")
    before = fitted.get_weights()[0].copy()
    fitted.fit(batch, tf.zeros((4, 1)), batch_size=4, verbose=0)
    one, two = [copy.numpy() for copy in fitted.weights[0].value.values]
    assert (one == two).all() and (one != before).any()


# 多个设备
@claim(
    "同一份代码在没有GPU、有一块GPU和有多块GPU的机器上都能运行",
    "平均和整个批量的梯度分毫不差",
    "两份梯度都和整个批量的梯度相等",
    "数据并行把样本平分给各个设备，用各处梯度的平均更新每一份模型",
    "损失是样本的平均；每份的样本一样多；模型里没有哪一层让同一批量的样本互相影响，也没有哪一层是随机的",
)
def _(array, batch, devices, full_grad, grad_of, grads, half_grads, mean):
    assert full_grad and len(devices) == 2
    assert numpy.mean(half_grads, axis=0).tolist() == full_grad
    # two of the conditions: as many samples in each part, and no centring of the batch
    parts = [grad_of(batch[:1]), grad_of(batch[1:])]
    assert numpy.mean(parts, axis=0).tolist() != full_grad
    centred = lambda part: grad_of(part - mean(part, 0, True))
    parts = [centred(batch[:2]), centred(batch[2:])]
    assert numpy.mean(parts, axis=0).tolist() != centred(batch)
    assert [array(grad).ravel().tolist() for grad in grads] == [full_grad] * 2


@claim(
    "有两块GPU就用两块GPU，否则用两个CPU上下文",
    "平时只需`trainer.step`，它把汇总和更新一起做了",
    "mxnet",
)
def _(autograd, full_grad, linear, parts, replicas, trainer):
    assert len(set(map(str, replicas))) == 2
    with autograd.record():
        losses = [(linear(part) ** 2).mean() for part in parts]
    autograd.backward(losses)
    trainer.step(2)
    one, two = [w.asnumpy().ravel() for w in linear.weight.list_data()]
    assert (one == two).all()
    assert abs(1 - one - 0.1 * numpy.array(full_grad)).max() < 1e-3


unchecked(
    "上面的`step`不用改；但Keras 3的`fit`还不能和它配合",
    "needs two workers; run by hand on one machine: step agrees with full_grad in both, fit raises",
)


@claim("张量X从设备0复制到设备1，得到Z；Y和Z在同一个设备上，可以直接相加")
def _(array, device_of, devices, place, X, Y, Z):
    assert device_of(X) == place(devices[0])
    assert device_of(Y) == device_of(Z) == place(devices[1])
    assert (array(Y + Z) == array(Y) + array(Z)).all()


@claim("float16和bfloat16每个数只占2字节", "*混合精度*训练让矩阵乘法用16位")
def _():
    assert numpy.dtype("float16").itemsize == 2 and 8 * 2 == 16


@claim("矩阵的边长从10变成500，运算量是原来的125000倍")
def _():
    multiplications = lambda side: side**3  # one for each entry, row and column
    assert multiplications(500) == 125000 * multiplications(10)


@claim(
    "四个样本的第一个特征减去均值以后是$-4.5, -1.5, 1.5, 4.5$，每一半却都是$-1.5, 1.5$，别的特征也一样",
    "梯度因此从67.5变成13.5",
    "整个批量里减的是四个样本的均值，每一半里减的是那两个样本的均值",
)
def _(array, batch, grad_of, tensor):
    rows = array(batch)
    centered = lambda part: part - part.mean(0)
    halves = [centered(rows[:2]), centered(rows[2:])]
    for feature in range(3):
        assert centered(rows)[:, feature].tolist() == [-4.5, -1.5, 1.5, 4.5]
        assert [half[:, feature].tolist() for half in halves] == [[-1.5, 1.5]] * 2
    assert set(grad_of(tensor(centered(rows)))) == {67.5}
    assert {*grad_of(tensor(halves[0])), *grad_of(tensor(halves[1]))} == {13.5}


@claim("我们把CPU划分成两个*逻辑设备*，没有GPU也能看到张量在设备之间移动", "tensorflow")
@claim("在第二个设备上创建随机矩阵`Y`")
@claim(
    "`to`返回内容相同、位于指定设备上的张量。最后两项看它是不是原来那个张量", "pytorch", "paddle"
)
def _(array, device_of, devices, place, tab, X, Y, Z):
    assert device_of(Y) == place(devices[1]) and array(Y).std() > 0
    assert (array(Z) == array(X)).all() and device_of(Z) == place(devices[1])
    if tab == "tensorflow":
        assert device_of(X) != device_of(Y)
