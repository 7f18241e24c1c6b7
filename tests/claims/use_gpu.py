"""What chapter_computation/use-gpu.md claims."""

import gc
import itertools
import os
import pickle
import struct
import sys
import threading
import time
import weakref
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy

from claims import Claims

SECTION = "chapter_computation/use-gpu.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked


def cell_with(cells, words):
    """Return the first cell that has these words."""
    return next(one for one in cells if words in one)


def choice_of_devices(cells, words):
    """Return what chooses devices in the first cell that has these words."""
    return cell_with(cells, words).partition("\n\n")[0]


def best(task, number=5):
    """Return the least of a task's times: another program only adds to a time."""
    times = []
    for _ in range(number):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


# 机器上有什么，设备的名字
unchecked(
    "驱动要先装好，它装在操作系统里。在终端里不带参数地运行`nvidia-smi`，能看到已用的显存和正在使用GPU的进程",
    "needs a GPU and its driver; documented of nvidia-smi",
)
unchecked(
    "环境变量`CUDA_VISIBLE_DEVICES`可以只让程序看见其中几块GPU，看得见的那几块会从0开始重新编号；它要在程序启动之前设好",
    "needs two GPUs and a fresh process; documented in NVIDIA's CUDA programming guide",
)
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
    "MXNet的GPU版按CUDA版本分成不同的包，例如`mxnet-cu112`对应CUDA 11.2，CUDA和cuDNN要自己装好",
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
    "`torch.cuda.device_count`只数`cuda`设备；`torch.accelerator`还认得别家的加速器，例如苹果的`mps`和英特尔的`xpu`",
    "needs other makers' accelerators; documented of torch.accelerator",
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
    "`npx.cpu(0)`和`npx.cpu(1)`是两个不同的上下文，虽然背后是同一个CPU、同一块内存；后面用它们来演示张量在设备之间的移动",
    "`mxnet.runtime.Features().is_enabled('CUDA')`说出装的是不是GPU版",
    "没有GPU时，`npx.num_gpus`返回0",
    "`with npx.cpu(1):`里面新建的张量默认放在`cpu(1)`上",
    "退回CPU时一律返回`npx.cpu()`，也就是`cpu(0)`，不管`i`是多少",
    "MXNet的张量默认放在当前上下文，通常是`cpu(0)`",
    "mxnet",
)
def _(devices, np, npx, raises, try_gpu):
    import ctypes

    import mxnet

    # the library of a GPU build is linked to that of CUDA
    library = Path(mxnet.libinfo.find_lib_path()[0]).read_bytes()
    assert mxnet.runtime.Features().is_enabled("CUDA") == (b"libcudart" in library)
    for number in range(2):  # the numbers lie in the memory of this process
        tensor, place = np.full(4, 7 + number, ctx=npx.cpu(number)), ctypes.c_void_p()
        tensor.wait_to_read()
        mxnet.base._LIB.MXNDArrayGetData(tensor.handle, ctypes.byref(place))
        assert list((ctypes.c_float * 4).from_address(place.value)) == [7 + number] * 4
    assert npx.num_gpus() or devices == [npx.cpu(0), npx.cpu(1)]
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
    "旧代码里常见`X.cuda()`和`net.cuda()`，意思是`to('cuda')`；用CPU版的PyTorch一调用就报错。`X.to(try_gpu())`在哪里都能运行",
    "PyTorch用`torch.device`表示设备",
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
    for one in (torch.ones(1), torch.nn.Linear(1, 1)):
        if cuda:
            where = [
                getattr(moved, "weight", moved).device for moved in (one.cuda(), one.to("cuda"))
            ]
            assert where == [torch.device("cuda:0")] * 2
        else:
            assert raises((RuntimeError, AssertionError), one.cuda)
            assert raises((RuntimeError, AssertionError), lambda: one.to("cuda"))
    assert torch.ones(1).to(try_gpu()).device == try_gpu()
    assert type(x.device) is type(X.device) is torch.device
    assert torch.ones(1).device.type == "cpu"
    assert x.device.type == "cpu" and X.device == try_gpu()
    assert torch.ones(1, device="cpu:1").device == torch.device("cpu")
    if torch.accelerator.device_count() == 0:
        assert devices == [torch.device("cpu")] * 2


@claim(
    "划分必须赶在做任何计算之前",
    "`'/CPU:0'`是`'/device:CPU:0'`的简写",
    "TensorFlow用字符串指称设备，例如`'/CPU:0'`、`'/GPU:1'`",
    "名字写错时不一定报错：默认情况下，`with tf.device('/GPU:5')`里的计算在没有那块GPU时会悄悄落到别的设备上（没有GPU的机器上就是CPU），所以搬动张量之后最好看一眼它的`device`",
    "`tf.test.is_built_with_cuda()`说出装的是不是GPU版",
    "TensorFlow在有GPU时会优先把计算放到GPU上",
    "许多`int32`的张量也会特意留在CPU的内存里",
    "tensorflow",
)
def _(num_gpus, place, raises, tf, uttered):
    assert type(tf.ones(1).device) is str and place("/CPU:1").endswith("/device:CPU:1")
    # the name of a device that is not there is one, too; other words are none
    assert place("/GPU:1") and raises(ValueError, lambda: place("/GPU five"))
    assert uttered(lambda: place("/GPU:5")) == ""
    (only,) = tf.config.list_physical_devices("CPU")
    three = [tf.config.LogicalDeviceConfiguration()] * 3
    assert raises(RuntimeError, lambda: tf.config.set_logical_device_configuration(only, three))
    assert place("/CPU:0") == place("/device:CPU:0")
    assert num_gpus() or place("/GPU:5").endswith("CPU:0")
    assert isinstance(tf.test.is_built_with_cuda(), bool)
    assert tf.test.is_built_with_cuda() or tf.test.is_built_with_rocm() or not num_gpus()
    assert tf.matmul([[1.0]], [[1.0]]).device.endswith("GPU:0" if num_gpus() else "CPU:0")
    assert tf.constant([1, 2, 3]).device.endswith("CPU:0")


@claim(
    # that the others take the name of a GPU that is not there, their claims show
    "与别的框架不同，`paddle.CUDAPlace(0)`在CPU版的PaddlePaddle里一写出来就会报错，所以创建它之前要先确认GPU存在",
    "`paddle.device.set_device('cpu')`也能选择设备，但它改变的是整个程序此后的默认设备，所以本节不用它（最后单独启动的进程除外）",
    "PaddlePaddle用`Place`（位置）表示设备：`paddle.CPUPlace()`是CPU，`paddle.CUDAPlace(i)`是第`i`块GPU。另有一套字符串名字，例如`'cpu'`和`'gpu:0'`。下面是CPU的位置，以及框架此刻默认使用的设备",
    "`paddle.device.cuda.device_count`给出数目，CPU版返回0",
    "CPU版就是CPU；GPU版在有GPU的机器上，默认是第一块GPU",
    "一块也没有时两个都是CPU，因为PaddlePaddle的`CPUPlace`没有编号，那时“两个设备”其实是同一个",
    "`paddle.device.synchronize`等一个设备做完；CPU版调用它会报错",
    "`paddle.device.is_compiled_with_cuda()`说出装的是不是GPU版",
    "旧代码里常见`X.cuda()`；用CPU版的PaddlePaddle一调用就报错。`X.to(try_gpu())`在哪里都能运行",
    "paddle",
)
def _(devices, In, message, Out, paddle, place, raises, try_gpu, worker):
    cuda, before = paddle.device.is_compiled_with_cuda(), paddle.device.get_device()
    assert [str(paddle.CPUPlace()), before] in [
        list(map(str, one)) for one in Out.values() if isinstance(one, tuple)
    ]
    own = [one for one in In if ".set_device(" in one]
    assert own and all(one.startswith("worker = ") for one in own) and "set_device" in worker
    assert type(paddle.ones([1]).place).__name__ == "Place"
    for cpu in (paddle.CPUPlace(), "cpu"):
        assert paddle.ones([1], device=cpu).place.is_cpu_place()
    for i in range(paddle.device.cuda.device_count()):
        for gpu in (paddle.CUDAPlace(i), f"gpu:{i}"):
            assert paddle.ones([1], device=gpu).place.gpu_device_id() == i
    told = [
        message(ValueError, lambda: paddle.device.set_device(one)) for one in ("gpu:99", "gpux")
    ]
    assert "must be a string which is like" in told[1] and "must be" not in told[0]
    assert paddle.device.get_device() == before
    assert paddle.ones([1]).to(try_gpu()).place == paddle.ones([1], device=try_gpu()).place
    if not paddle.device.cuda.device_count():
        assert [place(one) for one in devices] == [place(paddle.CPUPlace())] * 2
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


@claim("`pip install 'tensorflow[and-cuda]'`会连同所需的CUDA库一起装好", "tensorflow")
def _():
    needed = [one for name in packages_distributions()["tensorflow"] for one in requires(name)]
    for library in ("cublas", "cuda-runtime", "cudnn"):
        found = [one for one in needed if one.startswith(f"nvidia-{library}-cu")]
        assert found and all('extra == "and-cuda"' in one for one in found)


# 有就用，没有就用CPU
@claim(
    "`try_gpu(i)`返回第`i`块GPU，没有那么多时返回CPU",
    "负的`i`当作不存在，同样得到CPU",
    "`try_all_gpus`返回所有GPU，一块也没有时返回只含CPU的列表",
    "`try_all_gpus`总是返回一个列表，哪怕里面只有CPU",
    "`try_gpu`在没有那块GPU时退回CPU，`try_all_gpus`总是返回一个列表，所以同一份代码有没有GPU都能运行",
    "有了这一节写的`try_gpu`和`try_all_gpus`，同一份代码在没有GPU、有一块GPU和有多块GPU的机器上都能运行",
    "所以`for device in try_all_gpus()`在哪里都能写",
)
def _(CPU, GPU, cpu_place, device_name, num_gpus, place, pretend, try_all_gpus, try_gpu):
    for count in range(4):
        gpus = [GPU.format(number) for number in range(count)]
        with pretend(count):
            assert [device_name(device) for device in try_all_gpus()] == (gpus or [CPU])
            asked = [device_name(try_gpu(number)) for number in range(-1, 5)]
        assert asked == [CPU, *gpus, *[CPU] * (5 - count)]
    assert (place(try_gpu(0)) == cpu_place) == (num_gpus() == 0)
    assert all(place(try_gpu(i)) == cpu_place for i in (num_gpus(), 10**6))
    assert place(try_gpu(-1)) == cpu_place
    places = [str(place(device)) for device in try_all_gpus()]
    assert len(set(places)) == len(places) == max(num_gpus(), 1)
    assert (str(cpu_place) in places) == (num_gpus() == 0)
    assert isinstance(try_all_gpus(), list)


@claim(
    "这里的“GPU”泛指`torch.accelerator`找到的加速器，因此在苹果电脑上得到的会是`mps`设备",
    "所以先数再问",
    "pytorch",
)
def _(pretend, torch, try_all_gpus, try_gpu):
    for kind in ("mps", "xpu", "cuda"):
        with pretend(1, kind):
            assert try_all_gpus() == [try_gpu()] == [torch.device(kind, 0)]
    with pretend(0):  # to ask which accelerator there is would be an error
        assert try_all_gpus() == [try_gpu()] == [torch.device("cpu")]


unchecked(
    "一个加速器也没有时，`current_accelerator`的回答因版本而异，有的版本还会报错",
    "one version is installed; tests/elsewhere calls d2l.torch in 2.6, too",
)


@claim("注意`paddle.CUDAPlace(i)`只在确认有那块GPU之后才会执行", "paddle")
def _(paddle, pretend, try_gpu):
    for count in range(3):
        made = []
        with pretend(count), mock.patch.object(paddle, "CUDAPlace", made.append):
            for number in range(-1, 5):
                try_gpu(number)
        assert made == list(range(count))


@claim("列表`devices`里放前两个加速器，不够就用CPU补足", "pytorch")
@claim("列表`devices`里放前两块GPU，不够就用CPU补足", "paddle")
def _(CPU, GPU, device_name, In, notebook, pretend):
    cell, found = choice_of_devices(In, "devices = [try_gpu(0)"), []
    for count in range(4):
        here = dict(notebook)
        with pretend(count):
            exec(cell, here)
        found.append([device_name(one) for one in here["devices"]])
    one, two = GPU.format(0), GPU.format(1)
    assert found == [[CPU, CPU], [one, CPU], [one, two], [one, two]]


@claim(
    "下文的`try_gpu`返回`tf.device`对象。它可以反复进入，但在`@tf.function`编译的函数里，外面建好的`tf.device`对象不起作用，那里要写`with tf.device('/GPU:0')`这样的字符串",
    "返回的是可以直接写进`with`语句的`tf.device`对象",
    "这种对象打印出来看不出是哪个设备，上面看的是作用域里的张量",
    "tensorflow",
)
def _(place, tf, try_all_gpus, try_gpu):
    outer = tf.device("/CPU:1")
    assert {type(one) for one in (try_gpu(), try_gpu(10), *try_all_gpus())} == {type(outer)}
    assert all(place(outer).endswith("CPU:1") for _ in range(2))
    with try_gpu(10):
        assert tf.zeros(1).device.endswith("CPU:0")
    assert not any(kind in repr(one) for kind in ("CPU", "GPU") for one in (try_gpu(), outer))

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
@claim("写明`ctx`，就直接创建在那里，省一次复制。比较两个张量的`ctx`属性", "mxnet")
@claim("写明`device`，就直接创建在那里，省一次复制。比较两个张量的`device`属性", "pytorch")
@claim("写在设备的作用域里，就直接创建在那里，省一次复制。比较两个张量的`device`属性", "tensorflow")
@claim("写明`device`，就直接创建在那里，省一次复制。比较两个张量的`place`属性", "paddle")
def _(device_of, place, try_gpu, X):
    assert device_of(X) == place(try_gpu())


@claim("随机数直接在那个设备上生成，所以即使种子相同")
def _(device_of, devices, equal, place, seed, uniform, Y):
    seed(0)
    again = uniform((2, 3), devices[1])
    assert device_of(again) == place(devices[1]) and equal(again, Y)


unchecked("CPU和GPU给出的数也可能不同", "needs a GPU; in PyTorch's notes on reproducibility")


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
    "列表`devices`里放两个上下文：先取GPU，不够就用`cpu(0)`和`cpu(1)`补足",
    "没有GPU时，输出说明`cpu(0)`和`cpu(1)`的混用被放行了；有GPU时你会看到拒绝",
    "mxnet",
)
def _(devices, equal, In, notebook, np, npx, pretend, raises, X, x, Z):
    for count, wanted in enumerate(("cpu(0) cpu(1)", "gpu(0) cpu(0)", "gpu(0) gpu(1)")):
        here = dict(notebook)
        with pretend(count):
            exec(choice_of_devices(In, "devices = (gpus"), here)
        assert " ".join(map(str, here["devices"])) == wanted
    mixed = lambda: X + X.copyto(npx.cpu(1))
    assert raises(RuntimeError, mixed) if npx.num_gpus() else mixed().ctx == npx.cpu(0)
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
    "没有时，请来一个特殊的设备`meta`，它上面的张量只有形状、没有数据，和CPU上的张量相加同样会被拒绝",
    "错误信息说出了起冲突的是哪两个设备",
    "最常见的例外是CPU上没有维度的张量，例如`torch.tensor(2.0)`：它可以和别的设备上的张量相加、相乘",
    "`torch.accelerator.synchronize`等一个设备做完；没有加速器时调用它会报错",
    "`numpy`只认CPU上的张量，所以先`cpu`；带梯度的还要先`detach`，否则会报错",
    "如果张量本来就在CPU上，得到的数组和它共用内存，改一个，另一个也变",
    "pytorch",
)
def _(message, other, raises, torch, try_all_gpus):
    assert other == ("cpu" if torch.accelerator.is_available() else "meta")
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
    "没有GPU的机器上两个设备是同一个，所以是`True`；这时就地修改`Z`，`X`也跟着变",
    "张量已经在目标设备上时，`to`返回它本身",
    "模型的`to`会把所有参数搬到指定的设备上",
    "`os.fork`把已经导入框架的进程一分为二",
    "收集它们打印的平均梯度，和`full_grad`比较",
    "pytorch",
    "paddle",
)
def _(
    chain, dense, device_of, devices, full_grad, grads, num_gpus, parameters, place, uniform, X, Z
):
    assert num_gpus() or Z is X
    assert (Z is X) == (place(devices[0]) == place(devices[1]))
    if Z is X:
        a = uniform((2, 3), devices[0])
        a.to(devices[1]).zero_()
        assert float(a.sum()) == 0
    assert X.to(devices[0]) is X
    fresh = chain(dense(3, 1))
    fresh.to(devices[1])
    assert {device_of(one) for one in parameters(fresh)} == {place(devices[1])}
    assert grads == [full_grad] * 2


@claim(
    "张量已经在目标设备上时，`to`返回它本身，因此写`X = X.to(device)`不必先检查`X`在哪里；总要一份副本，就写`X.to(device, copy=True)`",
    pytorch=lambda X, there: X.to(there, copy=True),
)
@claim(
    "张量已经在目标设备上时，`to`返回它本身，因此写`X = X.to(place)`不必先检查`X`在哪里；总要一份副本，就调用`clone`",
    paddle=lambda X, there: X.to(there).clone(),
)
def _(device_of, devices, given, place, tab, uniform):
    for here, there in itertools.product(devices, [*devices, *["meta"] * (tab == "pytorch")]):
        X = uniform((2, 3), here)
        moved, copied = X.to(there), given(X, there)
        assert device_of(moved) == device_of(copied) == place(there)
        assert (moved is X) == (place(here) == place(there)) and copied is not X


@claim(
    "累加损失之前先`detach()`，否则加起来的张量还连着每一步的计算图，它们占的内存都不能释放",
    pytorch=lambda torch: torch.autograd.graph.saved_tensors_hooks,
    paddle=lambda paddle: paddle.autograd.saved_tensors_hooks,
)
def _(chain, dense, device_of, devices, given, notebook, tab, uniform):
    hooks = given(notebook["torch" if tab == "pytorch" else "paddle"])
    net, X = chain(dense(3, 1)).to(devices[0]), uniform((2, 3), devices[0])

    class Box:
        pass

    def kept(steps, use):
        """Return how many tensors the graphs still hold after some steps."""
        held, total = weakref.WeakSet(), 0

        def pack(tensor):
            box = Box()
            box.tensor = tensor
            held.add(box)
            return box

        with hooks(pack, lambda box: box.tensor):
            for _ in range(steps):
                loss = (net(X) ** 2).sum()
                total = total + use(loss)
        del loss
        gc.collect()
        return len(held), total

    graph = lambda loss: loss
    assert kept(6, graph)[0] == 2 * kept(3, graph)[0] > 0
    assert kept(6, lambda loss: loss.detach())[0] == 0


@claim(
    "和张量不同，它是就地修改：返回的就是`net`本身，不必再赋值。优化器最好在搬好模型之后再创建",
    pytorch=lambda torch: torch.float64,
    paddle=lambda paddle: "float64",
)
def _(array, averages, chain, dense, given, make_adam, notebook, parameters, tab, uniform):
    """Every machine has two kinds of numbers, and `to` treats them like two devices."""
    kind = given(notebook["torch" if tab == "pytorch" else "paddle"])
    X, net = uniform((2, 3)), chain(dense(3, 1))
    moved = X.to(dtype=kind)
    assert moved is not X and array(X).dtype == "float32" and array(moved).dtype == "float64"
    early = make_adam(net)
    net(X).sum().backward()
    early.step()
    assert net.to(dtype=kind) is net
    assert {array(one).dtype.name for one in parameters(net)} == {"float64"}
    # the optimizer's state has stayed behind
    assert {one.dtype.name for one in averages(early, parameters(net)[0])} == {"float32"}
    net.clear_gradients() if tab == "paddle" else net.zero_grad()
    late = make_adam(net)
    net(moved).sum().backward()
    late.step()
    assert {one.dtype.name for one in averages(late, parameters(net)[0])} == {"float64"}


@claim("下面让CPU上的副本和`X`相加；没有GPU时两者都在CPU上，自然没有冲突", "paddle")
def _(array, num_gpus, X):
    copied = X.cpu()
    if not num_gpus():
        assert copied.place.is_cpu_place() and X.place.is_cpu_place()
        assert (array(copied + X) == 2 * array(X)).all()


@claim(
    "`tf.identity`，得到的就是那个设备上的副本",
    "加法也写在作用域里面，因为TensorFlow看的是作用域，不是操作数：没有GPU时，在作用域外面计算`Y + Z`，虽然两个操作数都在`CPU:1`上，加法却会在`CPU:0`上执行",
    "TensorFlow默认会悄悄地替你复制",
    "把策略改成`explicit`（显式）之后它才会拒绝",
    "先取GPU，不够就用逻辑CPU补足",
    "留意最后一项：赋值搬动它了吗",
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
    "不同设备上的张量一起计算，有的框架拒绝，有的悄悄复制；参数、输入和计算要在同一个设备上",
    "如果不先复制，有的框架报错，有的悄悄替你复制",
    "mxnet",
    elsewhere="Paddle without a GPU has one device",
)
def _(device, net, np, npx, raises):
    elsewhere = np.ones((2, 2), ctx=npx.cpu(1))
    assert raises(RuntimeError, lambda: net(elsewhere))
    assert net(elsewhere.as_in_ctx(device)).shape == (2, 3)


@also("pytorch")
def _(raises, torch):
    one, two = torch.ones(2), torch.ones(2, device="meta")
    assert raises(RuntimeError, lambda: one + two)
    assert (one.to("meta") + two).device == two.device


@also("tensorflow")
@claim(
    "自动复制很方便，也很容易让人在训练循环里来回搬数据而不自知",
    "tensorflow",
    elsewhere="Paddle without a GPU has one device",
)
def _(uttered, X, Y):
    assert X.device != Y.device and uttered(lambda: X + Y) == ""
    assert (X + Y).shape == (2, 3)


# 搬运为什么慢
unchecked(
    "在 :numref:`fig_bandwidth`里，从寄存器到另一台机器相差上千倍",
    "NVIDIA's H100 data sheet and white paper (HBM3 3.35 TB/s, NVLink 900 GB/s both ways), "
    "PCIe 5.0 x16 64 GB/s one way, 400 Gb/s; caches as in published microbenchmarks",
)
unchecked(
    "每次搬运都要先准备、后等待，数据再少也省不掉",
    "needs a GPU; NVIDIA's CUDA best practices guide says it of small transfers",
)
unchecked("GPU上的计算是*异步*的，有些复制也是", "needs a GPU; the frameworks' CUDA notes say so")


@claim(
    "一次搬完快得多",
    "数据总量相同，一次搬完比分许多次搬快",
    "由它切成的1000个小矩阵`pieces`",
    "`tiny`每次只搬`many`的十六分之一，用时却差不多",
    "每次复制都要从头调用和准备一遍，一个小矩阵的64字节本身几乎不花时间",
    "每次调用都有固定的开销",
)
def _(array, block, d2l, devices, dots, many, once, pieces, tab, tiny):
    def copy(one):
        if tab == "tensorflow":
            return __import__("tensorflow").identity(one)
        if tab == "paddle":
            return one.clone().to(devices[1])
        return one.copyto(devices[1]) if tab == "mxnet" else one.to(devices[1], copy=True)

    def taken(tensors, repeats=1):
        there = __import__("contextlib").nullcontext()
        if tab == "tensorflow":
            there = __import__("tensorflow").device(devices[1])
        with there:
            return d2l.seconds(lambda: [copy(one) for one in tensors], repeats)

    assert len(pieces) == len(dots) == 1000
    assert {(array(one).size, array(one).nbytes) for one in pieces} == {(16, 64)}
    assert {array(one).size for one in dots} == {1}
    assert sum(array(piece).size for piece in pieces) == array(block).size
    # Another program may have been in the way of a time: the least of many is what counts
    once = min(once, *(taken([block]) for _ in range(5)))
    assert many > 5 * once, (many, once)
    for _ in range(10):
        if many / 3 < tiny < 3 * many:
            break
        many, tiny = min(many, taken(pieces)), min(tiny, taken(dots))
    assert many / 3 < tiny < 3 * many, (many, tiny)


@claim(
    "`d2l.seconds`（ :numref:`sec_tools`）替我们等",
    mxnet="mxnet.npx.waitall",
    pytorch="torch.accelerator.synchronize",
    tensorflow="tensorflow.test.experimental.sync_devices",
    paddle="paddle.device.synchronize",
)
def _(d2l, given, pretend):
    seen = []

    def wait(*_):
        seen.append("wait")
        time.sleep(0.02)

    with pretend(1), mock.patch(given, wait):
        took = d2l.seconds(lambda: seen.append("run"), 3)
    assert seen == ["run", "wait"] * 4 and took >= 0.02


@claim(
    "用它量三件事：把`block`一次复制到第二个设备（`once`）；把由它切成的1000个小矩阵`pieces`逐个复制过去（`many`）；从每个小矩阵里只取一个数，再逐个复制（`tiny`）"
)
def _(array, device_of, devices, In, notebook, place):
    cell, here = cell_with(In, "once = d2l.seconds"), dict(notebook)
    here["d2l"] = SimpleNamespace(seconds=lambda task: task())
    exec(cell.rsplit("\n", 1)[0], here)  # all but the line that shows the times
    one, pieces = here["once"], here["pieces"]
    assert device_of(one) == place(devices[1]) and one is not here["block"]
    assert (array(one) == array(here["block"])).all()
    for name, there in (("many", devices[1]), ("tiny", devices[1])):
        assert len(here[name]) == len(pieces) == 1000
        assert {str(device_of(piece)) for piece in here[name]} == {str(place(there))}
    assert {str(device_of(piece)) for piece in pieces} == {str(place(devices[0]))}
    assert not any(one is two for one, two in zip(here["many"], pieces, strict=True))


@claim("先空跑一次，再取几次的中位数")
def _(d2l):
    pauses = iter([0.2, 0.001, 0.001, 0.2, 0.001, 0.001])
    assert 0.001 <= d2l.seconds(lambda: time.sleep(next(pauses))) < 0.1


@claim(
    "MXNet在CPU上也是异步的，`npx.waitall`等所有设备做完，在任何机器上都能调用",
    "所以停表之前必须等设备做完",
    "不等就停表，量到的只是下单的时间",
    "mxnet",
    elsewhere="the others are asynchronous on a GPU only",
)
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
@claim(
    "参数、输入和计算要在同一个设备上",
    "要让模型在GPU上计算，先得把它的参数放到GPU上，输入也送到那里",
)
def _(device_of, net, parameters, place, points, tensor_of, try_gpu):
    there = place(try_gpu())
    assert device_of(points) == there
    assert {device_of(tensor_of(one)) for one in parameters(net)} == {there}
    assert device_of(net(points)) == there
    assert points.shape == (300, 2)


@claim(
    "参数和输入都在同一个设备上，模型的全部计算也就在那里进行，中间没有搬运",
    mxnet=lambda net, X, npx: (net.collect_params().reset_ctx(npx.cpu(1)), X.as_in_ctx(npx.cpu(1))),
    pytorch=lambda net, X, torch: (net.to("meta"), X.to("meta")),
    paddle=lambda net, X, paddle: (net.to("cpu"), X.to("cpu")),
)
def _(chained, d2l, device_of, given, notebook, parameters, points, tab):
    net = d2l.spiral_net()
    _, X = given(net, points, notebook[{"mxnet": "npx", "pytorch": "torch"}.get(tab, tab)])
    there = device_of(X)
    assert {str(device_of(one)) for one in parameters(net)} == {str(there)}
    for layer in chained(net):
        X = layer(X)
        assert device_of(X) == there


@claim("加大批量也是同样的道理", "加大批量，让每一单更大")
def _(array, net, points):
    batch, singles = points[:100], [points[row : row + 1] for row in range(100)]
    apart = best(lambda: [array(net(point)) for point in singles], 1)
    assert apart > 5 * best(lambda: array(net(batch)))


unchecked(
    "够宽以后用时才随参数量增长，GPU的长处这时才显出来",
    "needs a GPU; without one, how wide depends on the machine and on what else runs there",
)


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


@claim("张量占着显存，直到没有什么再引用它；变量、列表、等着求梯度的计算都算引用")
def _(array, mean, num_gpus, recorded, tensor):
    """A CPU's memory is taken in the same way, and seen from outside."""
    import psutil

    if num_gpus():
        return  # some frameworks take that of the GPU
    numbers, others = numpy.ones((3200, 3200), "float32"), []
    resident = lambda: psutil.Process().memory_info().rss

    def grows(before):
        """Make one more tensor; tell whether the process has grown by it."""
        others.append(tensor(numbers))
        array(others[-1])
        return resident() - before > numbers.nbytes / 2

    def frees(code):
        """Tell whether there is room for one more after some code."""
        while not grows(resident()):  # what the framework keeps for later, goes first
            assert len(others) < 30
        before = resident()
        exec(code, here)
        return not grows(before)

    here = {"square": lambda X: mean(X * X), "recorded": recorded}
    here["X"] = tensor(numbers)
    exec("row = [X]\nwaiting = recorded(square, X)", here)
    assert not frees("del X")
    assert not frees("row.clear()")
    assert frees("del waiting")
    here["X"] = tensor(numbers)
    assert frees("del X")


@claim("此外还有前向传播为求梯度留下的中间结果，它们随批量变大，所以显存不够时先减小批量")
def _(array, chain, mean, num_gpus, recorded, relu, tensor):
    import psutil

    if num_gpus():
        return
    net = chain(*(relu() for _ in range(4)))
    resident = lambda: psutil.Process().memory_info().rss

    def grown(rows):
        """Tell how many times its inputs the process grows while a gradient may come."""
        X = tensor(numpy.ones((rows, 100), "float32"))
        array(X)
        before = resident()
        waiting = recorded(lambda X: mean(net(X)), X)
        return waiting and (resident() - before) / (400 * rows)

    # no sizes that something else has had
    assert all(3 < one < 7 for one in map(grown, (90_001, 180_003)))


unchecked(
    "近年的GPU做这两种数的矩阵乘法也快得多", "needs a GPU; tensor cores, in NVIDIA's data sheets"
)


unchecked(
    "float16和bfloat16每个数只占2字节", "the definition of IEEE 754's binary16 and of bfloat16"
)


@claim(
    "float16能表示的最小的数不够小，小的梯度会变成零，所以要先把损失乘上一个大数，更新之前再除回来"
)
def _(array, cast, tensor):
    small, large = tensor([1e-8]), 2.0**16
    assert array(cast(small, "float16")) == 0 < array(small)
    back = array(cast(small * large, "float16")).astype("float32") / large
    assert abs(back / array(small) - 1) < 0.01


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
    "`tf.keras.mixed_precision.set_global_policy('mixed_bfloat16')`之后创建的层，计算用bfloat16，权重仍然是float32",
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


@claim(
    "把前向传播和损失写在`with paddle.amp.auto_cast(dtype='bfloat16'):`里，参数仍然是float32；用float16时再加上`paddle.amp.GradScaler`",
    "paddle",
)
def _(net, num_gpus, paddle, points):
    with paddle.amp.auto_cast(dtype="bfloat16"):
        kind = net(points).dtype
    assert kind == (paddle.bfloat16 if num_gpus() else paddle.float32)
    assert {one.dtype for one in net.parameters()} == {paddle.float32}
    assert paddle.amp.GradScaler


@claim(
    "MXNet的`mxnet.contrib.amp`只改写旧的`nd`和`symbol`接口，对本书用的`np`数组不起作用",
    "mxnet",
)
def _(in_new_process):
    in_new_process(
        "import mxnet\n"
        "from mxnet import np, npx\n"
        "from mxnet.gluon import nn\n"
        "def kind(ones):\n"
        "    net = nn.Dense(1, in_units=3)\n"
        "    net.initialize()\n"
        "    return net(ones((2, 3))).dtype\n"
        "old = lambda: mxnet.nd.FullyConnected(mxnet.nd.ones((2, 3)), mxnet.nd.ones((1, 3)),\n"
        "                                      num_hidden=1, no_bias=True).dtype\n"
        "new = mxnet.base.mx_real_t\n"
        "assert kind(mxnet.nd.ones) == old() == new\n"
        "symbol = mxnet.sym.FullyConnected\n"
        "from mxnet.contrib import amp\n"
        "amp.init('bfloat16')\n"
        "assert kind(mxnet.nd.ones) != new and old() != new\n"
        "assert mxnet.sym.FullyConnected is not symbol\n"
        "npx.set_np()\n"
        "assert kind(np.ones) == new\n"
    )


@claim(
    "`net.cast('float16')`把参数换成16位；创建`Trainer`时在优化器的参数里写上`'multi_precision': True`，它就另存一份float32的参数，每次先更新这一份，再转成16位",
    "float16的全连接层在CPU上会报错",
    "mxnet",
)
def _(autograd, d2l, gluon, np, npx, parameters, raises):
    net = d2l.spiral_net()
    net.cast("float16")
    assert {one.data().dtype for one in parameters(net)} == {numpy.dtype("float16")}
    elsewhere = np.ones((1, 2), dtype="float16", ctx=npx.cpu())
    assert raises(RuntimeError, lambda: net(elsewhere).asnumpy())
    kept = {}
    for both in (True, False):
        weight = gluon.Parameter("weight", shape=(1,), dtype="float16")
        weight.initialize("ones")
        options = {"learning_rate": 1e-4, "multi_precision": both}
        trainer = gluon.Trainer([weight], "sgd", options, update_on_kvstore=False)
        for _ in range(20):
            with autograd.record():
                loss = weight.data().sum()
            loss.backward()
            trainer.step(1)
        kept[both] = weight.data().asnumpy(), trainer._updaters[0].states[0]
    (half, (_, full)), (lost, _) = kept[True], kept[False]
    assert full.dtype == numpy.float32 and abs(float(full.asnumpy()) - 0.998) < 1e-5
    assert half.dtype == "float16" and half == full.asnumpy().astype("float16") and lost == 1


# GPU等Python
@claim(
    "通常的CPython有*全局解释器锁*（GIL）：同一时刻只有一个线程在执行Python代码，多开几个线程不会让下单更快"
)
def _():
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return  # no usual CPython
    order, before = [], sys.getswitchinterval()

    def work(name):
        for _ in range(100_000):
            order.append(name)

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    sys.setswitchinterval(1000)  # none is made to let another run
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert order == ["a"] * 100_000 + ["b"] * 100_000


unchecked(
    "可是每个任务都很小时，设备做完了，Python还没来得及下下一单，`nvidia-smi`里的利用率就上不去",
    "needs a GPU; documented in the frameworks' guides to profiling",
)

#: Which processes read, with as many as were asked for; what follows it has a loader.
READERS = """
import os, time
from words.common import array
class Numbers(Base):
    def __len__(self):
        return 8
    def __getitem__(self, index):
        time.sleep(0.02)
        return numpy.array([os.getpid()])
def readers(count):
    loader = DataLoader(Numbers(), batch_size=1, num_workers=count)
    return {int(array(one[0] if isinstance(one, list) else one).ravel()[0]) for one in loader}
assert readers(0) == {os.getpid()}
found = readers(2)
assert len(found) == 2 and os.getpid() not in found
"""


@claim(
    "`gluon.data.DataLoader`的`num_workers`就是用来读数据的进程数",
    mxnet="import numpy\nfrom mxnet.gluon.data import DataLoader, Dataset as Base",
)
@claim(
    "`torch.utils.data.DataLoader`的`num_workers`就是用来读数据的进程数",
    pytorch="import numpy\nfrom torch.utils.data import DataLoader, Dataset as Base",
)
@claim(
    "`paddle.io.DataLoader`的`num_workers`就是用来读数据的进程数",
    paddle="import numpy\nfrom paddle.io import DataLoader, Dataset as Base",
)
def _(given, in_new_process):
    in_new_process(f"{given}\n{READERS}")


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
    "`spiral_net`已经初始化好了，换设备用`net.collect_params().reset_ctx`，不必重新初始化",
    "模型参数的检查则严格得多：把另一个上下文里的输入交给模型，哪怕只是`cpu(0)`和`cpu(1)`之差，也会抛出`RuntimeError`",
    "mxnet",
)
def _(d2l, equal, nn, np, npx, raises, value):
    assert all(one.data().size for one in d2l.spiral_net().collect_params().values())
    fresh, there = nn.Dense(1), np.ones((2, 3), ctx=npx.cpu(1))
    fresh.initialize(ctx=npx.cpu(1))
    fresh(there)
    assert fresh.weight.list_ctx() == [npx.cpu(1)]
    before = value(fresh.weight)
    fresh.collect_params().reset_ctx(npx.cpu(0))
    assert fresh.weight.list_ctx() == [npx.cpu(0)] and equal(fresh.weight.data(), before)
    assert raises(RuntimeError, lambda: fresh(there))


@claim(
    "所以构建要发生在作用域里面；`spiral_net`写明了输入的大小，一写出来就构建好了",
    "Keras的权重自己没有`device`属性，要看的是它包着的变量`value`",
    "调用`net`也要写在作用域里面，道理和加法一样",
    "在它的作用域里创建的变量，每个设备上都有一份",
    "实际训练不必自己写`step`：在策略的作用域里创建并编译Keras模型，`fit`会完成这些事",
    "tensorflow",
)
def _(batch, chain, d2l, devices, net, num_gpus, strategy, tf, w, X, Y):
    linear = lambda: chain(tf.keras.Input((3,)), tf.keras.layers.Dense(1))
    with tf.device(devices[1]):
        inside, late = linear(), chain(tf.keras.layers.Dense(1))
    assert inside.weights[0].value.device.endswith(devices[1])
    assert late.weights == [] and len(d2l.spiral_net().weights) == 12
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
    "每个设备上放一份相同的模型，把一个批量的样本平分给它们，各自算出梯度，再用梯度的平均更新每一份模型",
    "依次是整个批量的梯度、前后两半各自的梯度、两者的平均",
    "批量规范化让样本互相影响，每个设备只看得见自己那一份的均值和方差；暂退法是随机的。它们也能数据并行，只是结果不再和整个批量的分毫不差",
    "损失是样本的平均；每份的样本一样多；模型里没有哪一层让同一批量的样本互相影响，也没有哪一层是随机的",
)
def _(array, batch, devices, dropout, full_grad, grad_of, grads, half_grads, mean, Out, seed):
    halves = [batch[:2], batch[2:]]
    assert full_grad == grad_of(batch) and half_grads == [grad_of(part) for part in halves]
    average = numpy.mean(half_grads, axis=0).tolist()
    shown = [one for one in Out.values() if type(one) is tuple and type(one[0]) is list]
    assert (full_grad, half_grads, average) in shown
    updated = [1 - 0.1 * array(grad).ravel() for grad in grads]
    assert numpy.allclose(updated, 1 - 0.1 * numpy.array(full_grad))
    seed(0)
    parts = [grad_of(dropout(part)) for part in halves]
    assert numpy.mean(parts, axis=0).tolist() != grad_of(dropout(batch))
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
    "`split_and_load`按样本平分批量，送到各个上下文；`initialize`在每个上下文里各放一份参数；`Trainer`负责汇总梯度",
    "接着调用`trainer.update`就能更新参数；平时只需`trainer.step`，它把汇总和更新一起做了",
    "mxnet",
)
def _(autograd, batch, full_grad, gluon, half_grads, linear, nn, parts, replicas, trainer):
    assert len(set(map(str, replicas))) == 2
    assert [part.ctx for part in gluon.utils.split_and_load(batch, replicas)] == replicas
    assert [part.asnumpy().tolist() for part in parts] == batch.asnumpy().reshape(2, 2, 3).tolist()
    fresh = nn.Dense(1, use_bias=False, in_units=3)
    fresh.initialize("ones", ctx=replicas)
    assert fresh.weight.list_ctx() == replicas
    assert [w.asnumpy().tolist() for w in fresh.weight.list_data()] == [[[1, 1, 1]]] * 2
    ways = [
        gluon.Trainer(
            fresh.collect_params(), "sgd", {"learning_rate": 0.1}, update_on_kvstore=False
        )
    ]
    with autograd.record():
        losses = [(fresh(part) ** 2).mean() for part in parts]
    autograd.backward(losses)
    own = lambda: [grad.asnumpy().ravel().tolist() for grad in fresh.weight.list_grad()]
    assert own() == half_grads
    ways[0].allreduce_grads()
    assert own() == [[2 * one for one in full_grad]] * 2
    ways[0].update(2)
    for w in fresh.weight.list_data():
        assert abs(1 - w.asnumpy() - 0.1 * numpy.array(full_grad)).max() < 1e-3
    with autograd.record():
        losses = [(linear(part) ** 2).mean() for part in parts]
    autograd.backward(losses)
    trainer.step(2)
    one, two = [w.asnumpy().ravel() for w in linear.weight.list_data()]
    assert (one == two).all()
    assert abs(1 - one - 0.1 * numpy.array(full_grad)).max() < 1e-3


unchecked(
    "它也能跨越多台机器，那时背后是参数服务器",
    "needs several machines; documented in MXNet's guide to distributed training",
)


#: What two processes run in the place of the notebook's program; its beginning is the same.
EXPOSED = """
own = w.grad.flatten().tolist()
dist.all_reduce(w.grad)
found = [os.getpid(), dist.get_rank(), own, w.grad.flatten().tolist(), dist.get_backend().lower()]
sys.stdout.write(json.dumps(found) + '\\n')
"""


def two_processes(cells, notebook, worker):
    """Return what two processes tell that run a program as the notebook does."""
    here = {**notebook, "worker": worker}
    exec(cell_with(cells, "job = subprocess.run"), here)
    return here["grads"]


@claim(
    "各进程运行同一份程序，用自己的编号`rank`决定处理哪一份样本。下面的`worker`就是这份程序，`all_reduce`把各进程的梯度加起来，再把和发给每个进程。两个进程用通信库`gloo`在CPU上通信，所以不需要GPU",
    "最后除以进程数，就是平均",
    "pytorch",
    "paddle",
)
def _(full_grad, half_grads, In, notebook, worker):
    program = worker[: worker.rindex(".backward()") + len(".backward()")] + EXPOSED
    found = sorted(two_processes(In, notebook, program), key=lambda one: one[1])
    pids, ranks, own, sums, libraries = zip(*found, strict=True)
    assert ranks == (0, 1) and len({os.getpid(), *pids}) == 3 and set(libraries) == {"gloo"}
    assert list(own) == half_grads
    assert list(sums) == [[2 * one for one in full_grad]] * 2
    assert worker.rindex("all_reduce") < worker.rindex(" / 2)")


unchecked(
    "实际训练不必自己写`all_reduce`：用`paddle.DataParallel`包住模型，它会在反向传播时汇总梯度",
    "documented of paddle.DataParallel",
)


unchecked(
    "实际训练不必自己写`all_reduce`：用`DistributedDataParallel` :cite:`Li.Zhao.Varma.ea.2020`包住模型，它在反向传播还没结束时就开始汇总已经算好的梯度，让通信和计算同时进行",
    "the paper that is cited says so, and PyTorch's notes on DDP",
)


@claim(
    "每个设备上都有一份`w`。`strategy.run`让每个设备用自己那一半样本运行`step`，`all_reduce`把各设备的梯度取平均，再发给每个设备",
    "tensorflow",
)
def _(batch, full_grad, grads, half_grads, strategy, tf, w, parts):
    each = lambda task: strategy.experimental_local_results(strategy.run(task, args=(parts,)))
    assert len({one.device for one in w.values}) == 2

    def own(part):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((part @ w) ** 2)
        return tape.gradient(loss, w)

    seen = each(tf.function(lambda part: tf.identity(part)))
    assert [part.numpy().tolist() for part in seen] == batch.numpy().reshape(2, 2, 3).tolist()
    assert [grad.numpy().ravel().tolist() for grad in each(tf.function(own))] == half_grads
    assert [grad.numpy().ravel().tolist() for grad in grads] == [full_grad] * 2


unchecked(
    "多台机器用`MultiWorkerMirroredStrategy`，上面的`step`不用改；但Keras 3的`fit`还不能和它配合，训练循环要自己写",
    "needs two workers; run by hand on one machine: step agrees with full_grad in both, fit raises",
)


@claim(
    "张量X从设备0复制到设备1，得到Z；Y和Z在同一个设备上，可以直接相加",
    "`X`在第一个设备上，`Y`在第二个设备上，怎样计算`X + Y`？稳妥的办法是先把`X`复制到`Y`那里",
    "现在两个操作数都在第二个设备上",
)
def _(array, device_of, devices, place, X, Y, Z):
    assert device_of(X) == place(devices[0])
    assert device_of(Y) == device_of(Z) == place(devices[1])
    assert (array(Y + Z) == array(X) + array(Y)).all()


@claim("float16和bfloat16每个数只占2字节", "*混合精度*训练让矩阵乘法用16位")
def _():
    assert numpy.dtype("float16").itemsize == 2 and 8 * 2 == 16


# 练习和解答
@claim(
    "矩阵的边长从10变成500，运算量是原来的125000倍，用时却远没有增加这么多：两个小矩阵相乘只有两千来次运算，时间几乎全花在调用上"
)
def _(d2l, matmul, uniform):
    multiplications = lambda side: side**3  # one for each entry, row and column
    assert multiplications(500) == 125000 * multiplications(10)
    assert 1900 <= 2 * multiplications(10) - 10**2 < 2100  # and one addition less

    def took(side):
        A = uniform((side, side))
        return min(d2l.seconds(lambda: [matmul(A, A) for _ in range(5)]) for _ in range(5))

    assert took(500) < 125000 / 4 * took(10)
    assert took(10) < 4 * took(2)


@claim(
    "标着“编写”的题目附有检查：把`raise NotImplementedError`换成你的代码再运行，`d2l.check`会说出第一处不同，全对了就是`'正确'`",
    "简单平均让第一份的1个样本和第二份的3个样本各占一半，第一份里的那个样本就被看重了三倍",
    "如果第一份只有1个样本、第二份有3个样本，两个梯度的简单平均还等于`full_grad`吗",
    "整个批量只有一份时它碰巧是对的，`check`在第二项才发现：`1个加3个(0,)：应为216.0，你的是144.0`",
)
def _(answers, average, average_cases, batch, d2l, full_grad, grad_of, notebook):
    right, wrong = answers(SECTION, 4, "average", "all", notebook)
    told = [d2l.check(one, average_cases) for one in (average, right, wrong)]
    assert told == ["还没有写", "正确", "1个加3个(0,)：应为216.0，你的是144.0"]
    cases = [(numpy.array(yours), wanted) for _, yours, wanted in average_cases(wrong)]
    assert [(yours == wanted).all() for yours, wanted in cases] == [True, False, False]
    each = [numpy.array(grad_of(batch[row : row + 1])) for row in range(4)]
    parts = [grad_of(batch[:1]), grad_of(batch[1:])]
    simple = numpy.mean(parts, axis=0)
    assert simple.tolist() != full_grad
    assert numpy.allclose(simple, (3 * each[0] + each[1] + each[2] + each[3]) / 6)


@claim(
    "实现`norms_at_end(matrices)`，对列表里的每个方阵`A`计算`A`乘`A`，返回一个列表，依次是各个乘积的Frobenius范数（各元素平方和的平方根），用Python的浮点数表示。要求：范数先留在设备上，全部算完才一次取回",
    "第一遍只算，列表里放的是设备上的张量；第二遍才把它们变成Python的数",
    "第一遍只下单：每个范数都还是设备上的张量。最后把它们叠成一个张量，一次取回，只等一次",
    "`check`会说：`都是Python的浮点数(0,)：应为1，你的是False`",
)
def _(answers, array, d2l, device_of, devices, norms_cases, notebook, place, tab, tensor):
    right, wrong, *_ = answers(SECTION, 2, "norms_at_end", tab, notebook)

    def spelled_out(matrices):
        squares = [(array(A) @ array(A)) ** 2 for A in matrices]
        return [float(numpy.sqrt(one.sum())) for one in squares]

    def two_passes(matrices):
        norms = wrong(matrices)  # what the mistake forgets is the second pass
        assert {str(device_of(one)) for one in norms} == {str(place(devices[0]))}
        return [float(one) for one in norms]

    for answer in (right, spelled_out, two_passes):
        assert d2l.check(answer, norms_cases) == "正确"
    assert d2l.check(wrong, norms_cases) == "都是Python的浮点数(0,)：应为1，你的是False"
    backwards = lambda matrices: right(matrices)[::-1]
    assert d2l.check(backwards, norms_cases).startswith("范数")


@claim("只有MXNet在CPU上也异步", "在CPU上同步执行的框架里没有可以省下的等待，两者相差不大")
def _(answers, array, matmul, notebook, num_gpus, tab, uniform):
    if num_gpus():
        return  # what it says is about a CPU
    big, shares = uniform((800, 800)), []
    array(matmul(big, big))
    for _ in range(5):
        start = time.perf_counter()
        product = matmul(big, big)
        returned = time.perf_counter() - start
        array(product)
        shares.append(returned / (time.perf_counter() - start))
    if tab == "mxnet":
        assert min(shares) < 0.5, shares
    else:
        assert max(shares) > 0.8, shares
        (at_end,) = answers(SECTION, 2, "at_end", tab, notebook)
        (one_by_one,) = answers(SECTION, 2, "one_by_one", tab, notebook)
        assert 0.4 < best(at_end) / best(one_by_one) < 2.5


@claim(
    "两个设备其实是同一个CPU时，两份任务抢的是同样几个核心，比值接近1",
    "pytorch",
    "tensorflow",
    "paddle",
    elsewhere="the sentence goes on with MXNet, where it can be more",
)
def _(answers, notebook, num_gpus, tab):
    if not num_gpus():
        (in_turn,) = answers(SECTION, 5, "in_turn", tab, notebook)
        (together,) = answers(SECTION, 5, "together", tab, notebook)
        assert 0.5 < best(in_turn) / best(together) < 2


unchecked("一次乘法没有占满各个核心时，比值会大于1", "needs cores that nothing else uses")
unchecked(
    "有两块GPU时，两块能同时计算，先都交出去再一起等，用时接近只用一块的一半，比值接近2",
    "needs two GPUs",
)


@claim(
    "实现`save_and_load(net, path)`，把旋臂模型`net`的参数存入文件，再用`d2l.spiral_net`新建一个同样的模型，放在CPU上，读入这些参数后返回它",
    "新模型和`net`不能共用任何一层",
    "常见的错误是用旧的层拼一个“新”模型：它和`net`用的是同一套参数，输出当然一样，文件却白存了。`check`会说：`没有共用层：应为True，你的是False`",
)
def _(answers, d2l, equal, net, notebook, parameters, points, save_and_load_cases, scratch, tab):
    right, wrong = answers(SECTION, 3, "save_and_load", tab, notebook)
    assert d2l.check(right, save_and_load_cases) == "正确"
    assert d2l.check(wrong, save_and_load_cases) == "没有共用层：应为True，你的是False"
    path = f"{scratch}/net.weights.h5"
    shared = wrong(net, path)
    assert equal(shared(points), net(points)) and os.path.getsize(path)
    assert all(one is two for one, two in zip(parameters(shared), parameters(net), strict=True))
    assert not any(one is two for one in parameters(right(net, path)) for two in parameters(net))
    assert d2l.check(lambda net, path: net, save_and_load_cases) != "正确"


@claim(
    "保证参数在CPU上的是`clone = d2l.spiral_net()`那一行：新模型的参数一创建就在CPU上，读入时只把文件里的数填进去，不管存的时候在哪里。`ctx=npx.cpu()`把这一点写明：参数若在别处，`load_parameters`会报错",
    "mxnet",
)
@claim(
    "有的框架在文件里记着参数原来在哪块GPU上，读取时要说明放到哪里；有的读取时只把数填进新模型，新模型的参数在哪里，数就到哪里",
    "mxnet",
)
def _(d2l, equal, net, npx, num_gpus, raises, scratch):
    path, clone = f"{scratch}/net.params", d2l.spiral_net()
    net.save_parameters(path)
    # the kind of a tensor's device, its number and the type of its numbers
    on_cpu, on_gpu = (struct.pack("<iii", kind, 0, 0) for kind in (1, 2))
    written = Path(path).read_bytes()
    assert num_gpus() or written.count(on_cpu, 24) == 12
    Path(path).write_bytes(written[:24] + written[24:].replace(on_cpu, on_gpu))
    for place in (npx.cpu(0), npx.cpu(1)):
        clone.collect_params().reset_ctx(place)
        clone.load_parameters(path)
        assert {str(one.list_ctx()) for one in clone.collect_params().values()} == {str([place])}
        assert equal(clone[0].weight.data(), net[0].weight.data())
    assert raises(AssertionError, lambda: clone.load_parameters(path, ctx=npx.cpu()))
    assert d2l.spiral_net()[0].weight.list_ctx() == [npx.cpu()]


@also("tensorflow")
def _(d2l, devices, equal, scratch, tf):
    with tf.device(devices[1]):
        net = d2l.spiral_net()
    net.save_weights(f"{scratch}/net.weights.h5")
    with tf.device("/CPU:0"):
        clone = d2l.spiral_net()
    clone.load_weights(f"{scratch}/net.weights.h5")
    for one, two in zip(net.weights, clone.weights, strict=True):
        assert one.value.device.endswith(devices[1]) and two.value.device.endswith("CPU:0")
        assert equal(one, two)


@also("paddle")
def _(d2l, equal, net, paddle, scratch):
    paddle.save(net.state_dict(), f"{scratch}/net")
    clone = d2l.spiral_net()
    clone.to(paddle.CPUPlace())
    clone.set_state_dict(paddle.load(f"{scratch}/net"))
    written = pickle.loads(Path(f"{scratch}/net").read_bytes())
    for name, one in clone.state_dict().items():
        assert one.place.is_cpu_place() and equal(one, net.state_dict()[name])
        assert type(written[name]) is numpy.ndarray


@also("pytorch")
@claim(
    "保证换了机器也能读的是`map_location='cpu'`：不写它，`torch.load`会设法把每个张量放回存的时候所在的那块GPU，没有GPU就报错",
    "pytorch",
)
def _(net, raises, scratch, torch):
    path = f"{scratch}/net.pt"
    with mock.patch("torch.serialization.location_tag", lambda storage: "cuda:0"):
        torch.save(net.state_dict(), path)
    load = lambda **where: torch.load(path, weights_only=True, **where)
    if torch.cuda.device_count():
        assert {one.device for one in load().values()} == {torch.device("cuda:0")}
    else:
        assert raises(RuntimeError, load)
    kept = load(map_location="cpu")
    assert {one.device for one in kept.values()} == {torch.device("cpu")} and len(kept) == 12


@claim(
    "四个样本的第一个特征减去均值以后是$-4.5, -1.5, 1.5, 4.5$，每一半却都是$-1.5, 1.5$，别的特征也一样",
    "梯度因此从67.5变成13.5",
    "减去均值让同一批的样本互相影响：整个批量里减的是四个样本的均值，每一半里减的是那两个样本的均值，两边算的根本不是同一个函数",
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
