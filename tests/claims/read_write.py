"""What chapter_computation/read-write.md claims."""

import contextlib
import glob
import io
import itertools
import json
import os
import pickle
import pickletools
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path
from unittest import TestCase, mock

import numpy

from claims import Claims

SECTION = "chapter_computation/read-write.md"
ROOT = Path(__file__).resolve().parents[2]
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked
#: What the parameters of the spiral net are called, but for Keras.
NAMES = {
    f"{layer}.{kind}"
    for layer in ("0", "2.linear1", "2.linear2", "3.linear1", "3.linear2", "4")
    for kind in ("weight", "bias")
}


def numpy_of(tensor):
    """Return the numbers of a tensor of any framework."""
    return numpy.asarray(tensor.asnumpy() if hasattr(tensor, "asnumpy") else tensor)


def numpy_shape(part):
    return tuple(getattr(part, "shape", ()))


def the_file(pattern):
    """Return the path of the only file that fits."""
    (path,) = glob.glob(pattern)
    return path


def dense_of(net, Linear):
    """Return the dense layers of a chain."""
    return [layer for layer in getattr(net, "layers", net) if isinstance(layer, Linear)]


def json_of(path):
    return json.loads(Path(path).read_text())


def repack(source, target, change):
    """Copy a zip archive, with what `change` makes of each file's name and content."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.infolist():
            new.writestr(item, change(item.filename, old.read(item)))


def loop_of(Base):
    """Return a block with a loop in Python that depends on the data."""

    class Loop(Base):
        def forward(self, X):
            while X.abs().sum() > 1:
                X = X / 2
            return X

    return Loop()


# 为什么要存
@claim(
    "而参数只在内存里，进程一结束就没有了",
    "要拿去做预测，要接着训练，都得先存成文件",
)
def _(array, d2l, in_new_process, load_weights, make_adam, scratch, tab, X, y):
    in_new_process(f"""
import os
import numpy
from words.common import array
from words.{tab} import make_adam, save_weights
from d2l import {d2l.__name__.rpartition(".")[2]} as d2l
if {tab!r} == "mxnet":
    from mxnet import npx
    npx.set_np()
os.chdir({scratch!r})
(X, y), net = d2l.spirals(), d2l.spiral_net()
d2l.train(net, X, y, make_adam(net), 40)
assert os.listdir() == []  # nothing would be left
save_weights(net, "w.weights.h5")
numpy.save("outputs.npy", array(net(X)))
""")
    elsewhere, outputs = d2l.spiral_net(), numpy.load(f"{scratch}/outputs.npy")
    assert not numpy.allclose(array(elsewhere(X)), outputs, atol=0.1)
    (at_first,) = d2l.train(elsewhere, X, y, make_adam(elsewhere), 1)
    load_weights(elsewhere, f"{scratch}/w.weights.h5")
    assert numpy.allclose(array(elsewhere(X)), outputs, atol=1e-4)
    assert d2l.train(elsewhere, X, y, make_adam(elsewhere), 1)[0] < 0.5 * at_first


# 张量
@claim("已经有了也不报错，所以可以重新运行")
def _(folder, In, notebook):
    (cell,) = [cell for cell in In if cell.startswith("folder = 'read-write'")]
    assert "makedirs" in cell
    before = sorted(os.listdir(folder))
    exec(cell, notebook)
    assert before and sorted(os.listdir(folder)) == before


@claim(
    "先存一个张量，再读回来。本节的文件都在一个文件夹里",
    "内容和类型都没有变",
    "从名字到张量的字典更稳妥，网络的参数正是这样存的",
)
def _(array, fetch, folder, notebook, params_file, raises, scratch, x, x2):
    name = os.path.basename(the_file(f"{folder}/x.*"))
    assert raises(Exception, lambda: fetch(f"{scratch}/{name}"))  # not before it was saved
    assert array(x2).tolist() == array(x).tolist() and array(x2).dtype == array(x).dtype
    assert set(os.listdir()) == {folder, os.path.basename(scratch)}
    back = fetch(the_file(f"{folder}/x.*"))
    named = fetch(the_file(f"{folder}/dict.*"))
    assert set(named) == {"x", "y"}
    for tensor in (x, back[0] if isinstance(back, list) else back, named["x"]):
        assert array(tensor).tolist() == [0, 1, 2, 3] and array(tensor).dtype == "int32"
    assert array(named["y"]).tolist() == [0, 0, 0, 0] and array(named["y"]).dtype == "float32"
    assert len(notebook.get("shapes") or fetch(params_file)) == 12


@claim(
    "几个张量可以放进列表一起存，它们的类型和形状都可以不同",
    "张量、张量的列表和字典都能存成文件，常用的类型读回来都不变",
)
def _(array, cast, fetch, scratch, store, X, x):
    def check_same(one, two):
        one, two = array(one), array(two)
        assert one.dtype == two.dtype and one.shape == two.shape and (one == two).all()

    kinds = ["float16", "float32", "float64", "int32", "int64", "bool"]
    named = {**{kind: cast(x, kind) for kind in kinds}, "X": X}
    assert [str(array(named[kind]).dtype) for kind in kinds] == kinds
    store(list(named.values()), f"{scratch}/list")
    for one, two in zip(fetch(f"{scratch}/list"), named.values(), strict=True):
        check_same(one, two)
    store(named, f"{scratch}/dict")
    back = fetch(f"{scratch}/dict")
    assert isinstance(back, dict) and set(back) == set(named)
    for name, tensor in named.items():
        check_same(back[name], tensor)


@claim(
    "MXNet对文件名的后缀没有要求，本节用`.nd`表示张量，用`.params`表示网络的参数",
    "mxnet",
)
def _(equal, fetch, folder, scratch, store, x):
    for name in ("bare", "x.anything"):
        store([x], f"{scratch}/{name}")
        assert equal(fetch(f"{scratch}/{name}")[0], x)
    named = lambda name: all("." in one for one in fetch(f"{folder}/{name}"))
    assert fetch(f"{folder}/x.nd") and not named("dict.nd")
    assert named("spiral.params") and named("noisy.params")


@claim("对文件名的后缀没有要求", "名字由属性名和次序拼成", "mxnet", "pytorch", "paddle")
def _(equal, fetch, params_file, scratch, store, x):
    for path in (f"{scratch}/a.b", f"{scratch}/bare"):
        store([x], path)
        assert os.path.isfile(path) and equal(fetch(path)[0], x)
    assert set(fetch(params_file)) == NAMES


@claim(
    "路径里的文件夹不存在时，MXNet不会替你建，`npx.save`会抛出`MXNetError`",
    "`npx.load`返回的总是列表或字典，所以只存了一个张量时，`x2`后面要有一个逗号",
    "列表里只能放MXNet的张量，放进NumPy数组或别的对象，`npx.save`会抛出`TypeError`",
    "mxnet",
)
def _(equal, fetch, folder, MXNetError, raises, scratch, store, x, x2):
    assert raises(MXNetError, lambda: store(x, "no/x.nd")) and not os.path.exists("no")
    path = f"{scratch}/x"
    for what, kind in (({"x": x}, dict), ([x], list), (x, list)):
        store(what, path)
        assert type(fetch(path)) is kind
    without = fetch(path)
    (having,) = fetch(path)
    assert type(without) is list and type(having) is type(x2) is type(x) and equal(having, x2)
    for other in (numpy.zeros(3), "text", 1.5):
        assert raises(TypeError, lambda: store([x, other], path))


@claim(
    "路径里的文件夹不存在时，PyTorch不会替你建，`torch.save`会抛出`RuntimeError`",
    "`weights_only=True`从2.6版起是默认值",
    "`torch.save`会把整个大张量的存储都写进文件，只想存那一小块时，先对切片调用`clone()`",
    "pytorch",
)
def _(folder, raises, scratch, torch, x):
    assert raises(RuntimeError, lambda: torch.save(x, "no/x")) and not os.path.exists("no")
    assert raises(pickle.UnpicklingError, lambda: torch.load(f"{folder}/gift.pt"))
    big = torch.zeros(100000)
    torch.save(big[:2], f"{scratch}/view")
    torch.save(big[:2].clone(), f"{scratch}/copy")
    assert os.path.getsize(f"{scratch}/view") > 400000
    assert os.path.getsize(f"{scratch}/copy") < 4000


@claim(
    "NumPy和Keras都不会替你建，保存时会抛出`FileNotFoundError`",
    "`.npy`不写也会自动补上",
    "TensorFlow的运算都接受NumPy数组",
    "有一种类型要当心：NumPy没有`bfloat16`，存了再读只剩下没有类型的字节，"
    "请先用`tf.cast`转换成`float32`再存",
    "`savez`把每个数组单独存成一份，打包成一个`.npz`文件；"
    "写成`numpy.savez(path, x, y)`就是存列表，没有起名的依次叫作`arr_0`、`arr_1`",
    "若用`numpy.save`存列表，NumPy会先把两个张量堆成一个数组，整数就变成了浮点数，"
    "形状不同时则干脆报错",
    "tensorflow",
)
def _(folder, net, raises, scratch, tf, x):
    for task in (lambda: numpy.save("no/x.npy", x), lambda: net.save_weights("no/m.weights.h5")):
        assert raises(FileNotFoundError, task)
    numpy.save(f"{scratch}/x", x)
    assert os.listdir(scratch) == ["x.npy"]
    loaded_x = numpy.load(f"{folder}/x.npy")
    assert isinstance(loaded_x, numpy.ndarray)
    assert tf.add(loaded_x, 1).numpy().tolist() == [1, 2, 3, 4]
    numpy.save(f"{scratch}/x.npy", tf.zeros(4, tf.bfloat16))
    assert numpy.load(f"{scratch}/x.npy").dtype.kind == "V"
    numpy.save(f"{scratch}/x.npy", tf.cast(tf.constant([1.5, -2], tf.bfloat16), tf.float32))
    assert numpy.load(f"{scratch}/x.npy").tolist() == [1.5, -2]
    with zipfile.ZipFile(f"{folder}/dict.npz") as pack:
        assert pack.namelist() == ["x.npy", "y.npy"]
    numpy.savez(f"{scratch}/list.npz", x, tf.zeros(4))
    with numpy.load(f"{scratch}/list.npz") as saved_list:
        assert saved_list.files == ["arr_0", "arr_1"]
    numpy.save(f"{scratch}/x.npy", [x, tf.zeros(4)])
    stacked = numpy.load(f"{scratch}/x.npy")
    assert stacked.shape == (2, 4) and stacked.dtype.kind == "f"
    assert raises(ValueError, lambda: numpy.save(f"{scratch}/x.npy", [x, tf.zeros(3)]))


@claim(
    "`paddle.save`会自己建好路径里缺少的文件夹，`save_file`和Python的`open`不会",
    "直接把网络交给`paddle.save`则会报错，它不存整个网络",
    "paddle",
)
def _(net, paddle, raises, save_file, scratch, x):
    paddle.save(x, f"{scratch}/new/x.pdtensor")
    assert os.path.exists(f"{scratch}/new/x.pdtensor")
    assert raises(Exception, lambda: save_file({"x": x}, f"{scratch}/no/x"))
    assert raises(FileNotFoundError, lambda: Path(f"{scratch}/no/x").write_bytes(b""))
    assert raises(ValueError, lambda: paddle.save(net, "net"))


@claim(
    "除了张量，列表里还可以放数、字符串和别的列表",
    "`state_dict()`交出从名字到张量的字典",
    "pytorch",
    "paddle",
)
def _(d2l, equal, fetch, net, scratch, store, X, x, y):
    store([x, 1.5, "text", [y, 2]], f"{scratch}/list")
    back = fetch(f"{scratch}/list")
    assert back[1:3] == [1.5, "text"] and back[3][1] == 2 and equal(back[3][0], y)
    state = net.state_dict()
    assert isinstance(state, dict) and set(state) == NAMES
    assert all(isinstance(tensor, type(X)) for tensor in state.values())


@claim("`spiral_net()`会先随机初始化一遍，随后被文件里的数盖掉", "pytorch")
def _(d2l, equal, load_weights, params_file, fetch):
    one, two = d2l.spiral_net(), d2l.spiral_net()
    assert not equal(one[0].weight, two[0].weight)
    load_weights(one, params_file)
    assert equal(one[0].weight, fetch(params_file)["0.weight"])


# 网络的参数
@claim(
    "用一个已知的输入核对输出",
    "下面是另一个旋臂网络`clone`装参数前后的精度",
    "`wide`的隐藏单元多了一倍",
    "训练以后，三块底色沿着旋臂绕开",
)
def _(before, d2l, equal, load_weights, net, params_file, parameters, wide, X, y):
    one, two = d2l.spiral_net(), d2l.spiral_net()
    assert not equal(one(X), two(X)) and before < 0.6
    for block in (one, two):
        load_weights(block, params_file)
        assert d2l.accuracy(block, X, y) > 0.95
    assert equal(one(X), two(X))
    assert 64 in {n for w in parameters(wide) for n in w.shape}


@claim(
    "谁先算、谁后算，捷径从哪里接到哪里，都不在里面。要先用同样的代码造出网络，再把数装进去",
    "遇到合不上的情形，这个网络就不要接着用了：合得上的那些参数可能已经装进去了，"
    "剩下的还是随机的初始值，或者根本没有值",
    "文件和网络合不上时，可能有一部分已经装了进去",
)
def _(
    A,
    B,
    equal,
    load_weights,
    mlp,
    MLP,
    Nearly,
    parameters,
    raises,
    ready,
    save_weights,
    scratch,
    tab,
    value,
):
    path = f"{scratch}/mlp.weights.h5"
    save_weights(mlp, path)
    values = lambda net: [value(w) for w in parameters(net)]
    same = ready(MLP(), A)
    load_weights(same, path)
    assert equal(same(A), B)
    other = ready(Nearly(), A)
    load_weights(other, path)
    assert equal(values(other)[0], values(mlp)[0]) and not equal(other(A), B)
    other = ready(Nearly(11), A)
    before = values(other)
    with contextlib.suppress(AssertionError, RuntimeError, ValueError):
        load_weights(other, path)
    after = values(other)
    assert not equal(before[0], after[0]) and equal(after[0], values(mlp)[0])
    assert any(one.any() and equal(one, two) for one, two in zip(before, after, strict=True))
    if tab == "mxnet":  # never initialised
        other = Nearly(11)
        assert raises(AssertionError, lambda: load_weights(other, path))
        assert equal(value(other.hidden.weight), values(mlp)[0])
        assert raises(RuntimeError, other.output.weight.data)


@claim("文件里只有名字和数，没有网络的结构", "读取前要先用代码造好同样的网络，装完要核对")
def _(array, fetch, notebook, params_file):
    content = Path(params_file).read_bytes()
    assert not any(word in content for word in (b"forward", b"class_name", b"config"))
    if params_file.endswith(".h5"):
        entries = {}

        def note(name, item):
            if hasattr(item, "dtype"):
                entries[name] = item[()]
            assert all(key == "name" and isinstance(text, str) for key, text in item.attrs.items())

        with notebook["h5py"].File(params_file) as kept:
            assert not dict(kept.attrs)
            kept.visititems(note)
    else:
        entries = {name: array(tensor) for name, tensor in fetch(params_file).items()}
    assert len(entries) == 12 and all(isinstance(name, str) for name in entries)
    assert {(type(kept), kept.dtype.kind) for kept in entries.values()} == {(numpy.ndarray, "f")}
    assert (
        sum(kept.size for kept in entries.values()) == 2 * 32 + 32 + 4 * (32 * 32 + 32) + 32 * 3 + 3
    )


@claim(
    "`save_parameters`存下的文件，格式和`npx.save`存的字典一样，可以用`npx.load`打开",
    "名字由属性名和次序拼成，与MXNet的全局序号无关",
    "接收参数的网络不必先初始化：`load_parameters`会按文件里的形状建好每个参数，值直接取自文件",
    "没有初始化过的网络默认装到CPU，要装到别处就写`load_parameters(params_file, ctx=...)`；"
    "初始化过的，装到它原来所在的设备",
    "形状不同、文件里缺少参数，都会抛出`AssertionError`；文件里有多余的参数，则抛出`ValueError`。"
    "确实只想装一部分时，写`allow_missing=True`或`ignore_extra=True`",
    "mxnet",
)
def _(
    A, B, dense, equal, fetch, mlp, MLP, misfit, nn, npx, params_file, raises, ready, scratch, store
):
    path, weight = f"{scratch}/w", mlp.hidden.weight.data()
    mlp_file = f"{scratch}/mlp"
    mlp.save_parameters(mlp_file)

    def loaded(path, block=None, **options):
        block = block or MLP()
        block.load_parameters(path, **options)
        return block

    store(fetch(mlp_file), path)
    assert equal(loaded(path)(A), B)
    dense(2, 2), dense(2, 2)  # take the next numbers
    ready(MLP(), A).save_parameters(path)
    names = {"hidden.weight", "hidden.bias", "output.weight", "output.bias"}
    assert set(fetch(path)) == set(fetch(mlp_file)) == names
    other = MLP()
    assert "-1 -> 256" in repr(other) and raises(RuntimeError, other.hidden.weight.data)
    loaded(mlp_file, other)
    assert other.hidden.weight.shape == (256, 20) and "20 -> 256" in repr(other)
    assert equal(other.hidden.weight.data(), weight)
    away = loaded(mlp_file, ctx=npx.cpu(1))
    away.save_parameters(path)
    assert loaded(path).hidden.weight.list_ctx() == [npx.cpu(0)]
    there = MLP()
    there.initialize(ctx=npx.cpu(1))
    for block in (away, loaded(mlp_file, there)):
        assert block.hidden.weight.list_ctx() == [npx.cpu(1)]
        assert equal(block(A.copyto(npx.cpu(1))), B)
    assert "shape incompatible" in misfit
    assert raises(AssertionError, lambda: loaded(mlp_file, MLP(5)))
    more, less = MLP(), nn.Block()
    more.more, less.hidden = nn.Dense(3), nn.Dense(256)
    assert raises(AssertionError, lambda: loaded(mlp_file, more))
    assert raises(ValueError, lambda: loaded(mlp_file, less))
    assert equal(loaded(mlp_file, more, allow_missing=True).hidden.weight.data(), weight)
    assert equal(loaded(mlp_file, less, ignore_extra=True).hidden.weight.data(), weight)


@claim(
    "可以在`with torch.device('meta'):`里造网络，那里的参数只有形状、不占内存，"
    "再用`load_state_dict(saved, assign=True)`把读出来的张量直接当作参数。"
    "`assign=True`不能少：没有它，数没有地方可装，PyTorch只给出警告，什么也没有装进去",
    "PyTorch拒绝了，错误信息列出了每个合不上的名字和两边的形状，上面是其中第一处",
    "写`strict=False`，再看返回的`missing_keys`和`unexpected_keys`；形状不同的，写了它也照样报错",
    "pytorch",
)
def _(
    scratch,
    save_weights,
    equal,
    fetch,
    message,
    misfit,
    MLP,
    mlp,
    net,
    nn,
    raises,
    torch,
    wide,
    warned,
    A,
    B,
):
    told = message(RuntimeError, lambda: wide.load_state_dict(net.state_dict())).splitlines()
    assert [misfit, "0.weight"] == [told[1].strip(), next(iter(net.state_dict()))]
    assert misfit.startswith("size mismatch for 0.weight:") and len(told) > 2
    assert "[32, 2]" in misfit and "[64, 2]" in misfit
    mlp_file = f"{scratch}/mlp.params"
    save_weights(mlp, mlp_file)
    with torch.device("meta"):
        empty, void = MLP(), MLP()
    assert empty.hidden.weight.shape == (256, 20)
    assert raises(NotImplementedError, lambda: empty.hidden.weight.cpu())
    kept = fetch(mlp_file)
    empty.load_state_dict(kept, assign=True)
    assert equal(empty(A), B) and empty.hidden.weight.requires_grad
    assert empty.hidden.weight.data_ptr() == kept["hidden.weight"].data_ptr()
    kept = fetch(mlp_file)  # `assign` leaves a mark in the old one
    assert len(warned(lambda: void.load_state_dict(kept))) == 4
    assert all(w.is_meta for w in void.parameters())
    told = MLP().load_state_dict(kept)
    assert told.missing_keys == told.unexpected_keys == []
    told = message(RuntimeError, lambda: MLP(512).load_state_dict(kept))
    parts = ["[256, 20]", "[512, 20]", "hidden.weight", "hidden.bias", "output.weight"]
    assert all(part in told for part in parts) and "output.bias" not in told
    assert raises(RuntimeError, lambda: MLP(512).load_state_dict(kept, strict=False))
    fewer = nn.Module()
    fewer.hidden, fewer.more = nn.Linear(20, 256), nn.Linear(20, 2)
    assert raises(RuntimeError, lambda: fewer.load_state_dict(kept))
    told = fewer.load_state_dict(kept, strict=False)
    assert told.missing_keys == ["more.weight", "more.bias"]
    assert told.unexpected_keys == ["output.weight", "output.bias"]
    assert equal(fewer.hidden.weight, mlp.hidden.weight)


@claim(
    "文件还记录着每个张量原来在哪个设备上，`torch.load`默认放回那里；"
    "在GPU上存的文件，拿到没有GPU的机器上读，"
    "要写`torch.load(params_file, map_location='cpu', weights_only=True)`",
    "pytorch",
)
def _(save_weights, equal, fetch, message, mlp, scratch, torch):
    mlp_file = f"{scratch}/mlp.params"
    save_weights(mlp, mlp_file)

    def places(path):
        found = []
        torch.load(path, map_location=lambda storage, place: found.append(place) or storage)
        return found

    there = f"{scratch}/there"  # as if the network had been on the first GPU
    cpu, gpu = b"X\x03\0\0\0cpu", b"X\x06\0\0\0cuda:0"
    repack(mlp_file, there, lambda name, content: content.replace(cpu, gpu))
    assert places(mlp_file) == ["cpu"] * 4 and places(there) == ["cuda:0"] * 4
    if not torch.cuda.is_available():
        assert "map_location" in message(RuntimeError, lambda: fetch(there))
    read = torch.load(there, map_location="cpu", weights_only=True)
    assert equal(read["hidden.weight"], mlp.hidden.weight)


@claim(
    "输出层不能叫`output`，因为Keras的层已经有一个叫`output`的只读属性",
    "`save_weights`要求文件名必须以`.weights.h5`结尾",
    "文件名写成`spiral.params`或`spiral.h5`都会报错",
    "别的网络要等看见输入才会创建，装之前要先让它算一次",
    "若不先算，`load_weights`会报错，说模型还没有构建",
    "错误信息建议调用`build`，对没有定义自己的`build`的网络却是个陷阱：它只给出一个警告，"
    "把模型标成已构建，其中的层仍然没有权重；"
    "接着的`load_weights`什么也没有装进去，却没有一句提示",
    "用`Input`开头的`Sequential`一造好就有权重",
    "形状不同会报错，文件里缺少参数也会报错；可是文件里多余的整个层，"
    "`load_weights`会不声不响地略过。所以装完以后，最好像前面那样核对一次",
    "tensorflow",
)
def _(save_weights, chain, equal, message, MLP, mlp, raises, ready, scratch, tf, warned, A, B):
    mlp_file = f"{scratch}/mlp.weights.h5"
    save_weights(mlp, mlp_file)
    assert raises(AttributeError, lambda: setattr(MLP(), "output", tf.keras.layers.Dense(10)))
    for name in ("mlp.params", "mlp.h5"):
        assert raises(ValueError, lambda: mlp.save_weights(f"{scratch}/{name}"))
    assert MLP().weights == []
    told = message(ValueError, lambda: MLP().load_weights(mlp_file))
    assert "not yet been built" in told and "build()" in told
    hollow = MLP()
    assert len(warned(lambda: hollow.build((None, 20)))) == 1
    assert hollow.built and hollow.weights == []
    assert warned(lambda: hollow.load_weights(mlp_file)) == [] and not equal(hollow(A), B)

    class Own(MLP):
        def build(self, input_shape):
            self.hidden.build(input_shape)
            self.out.build((None, 256))

    own = Own()
    own.build((None, 20))
    own.load_weights(mlp_file)
    assert len(own.weights) == 4 and equal(own(A), B)
    path = f"{scratch}/w.weights.h5"
    one, two = [chain(tf.keras.Input((20,)), tf.keras.layers.Dense(3)) for _ in range(2)]
    one.save_weights(path)
    two.load_weights(path)
    assert equal(one(A), two(A))
    dense = lambda *sizes, **options: ready(
        chain(*[tf.keras.layers.Dense(n, **options) for n in sizes]), A
    )
    both, fewer = dense(5, 4), dense(5)
    both.save_weights(path)
    # a surplus parameter of a layer that is there is refused
    for misfit in (dense(5, 3), dense(5, 4, 3), dense(5, 4, use_bias=False)):
        assert raises(ValueError, lambda: misfit.load_weights(path))
    assert warned(lambda: fewer.load_weights(path)) == []
    assert fewer(A).shape != both(A).shape  # what a look at the outputs tells


@claim(
    "`.weights.h5`里，`vars/0`是权重，`vars/1`是偏置，前面是层的位置，与层的全局序号无关，"
    "换个进程读也对得上",
    "`.weights.h5`里也只有数",
    "tensorflow",
)
def _(d2l, h5py, net, params_file, scratch, tf):
    def entries(path):
        found = {}
        with h5py.File(path) as kept:
            kept.visititems(
                lambda name, item: found.update({name: item[()]} if hasattr(item, "dtype") else {})
            )
        return found

    kept = entries(params_file)
    for name, layer in (("dense", net.layers[0]), ("residual_1/linear1", net.layers[3].linear1)):
        assert entries(params_file)[f"layers/{name}/vars/0"].shape == layer.kernel.shape
    tf.keras.layers.Dense(2), d2l.Residual(3)  # take the next numbers
    other = d2l.spiral_net()
    other.save_weights(f"{scratch}/w.weights.h5")
    other.load_weights(params_file)
    again = entries(f"{scratch}/w.weights.h5")
    assert set(again) == set(kept) and len(kept) == 12
    assert (kept["layers/dense/vars/0"] == other.layers[0].kernel.numpy()).all()
    assert (kept["layers/dense/vars/1"] == other.layers[0].bias.numpy()).all()
    assert [numbers.dtype.kind for numbers in kept.values()] == ["f"] * 12


@claim(
    "`state_dict()`里的名字由属性名和次序拼成，与PaddlePaddle的全局序号无关",
    "`set_state_dict`返回两个名单：网络里有、却没有从文件里装上的，和文件里有、网络却不要的。"
    "两个都空，才算全部装好",
    "PaddlePaddle没有报错：名字或形状合不上的参数列在第一个名单里，各给一个警告，跳过不装，"
    "别的照装",
    "警告混在训练的日志里很容易错过，文件里有多余的参数时连警告也没有",
    "类型不同则抛出`AssertionError`",
    "paddle",
)
def _(
    caught,
    d2l,
    equal,
    fetch,
    make_adam,
    missing,
    net,
    nn,
    params_file,
    raises,
    silent,
    warned,
    wide,
    X,
    y,
):
    kept = fetch(params_file)
    assert set(d2l.spiral_net().state_dict()) == set(kept) == NAMES
    assert d2l.spiral_net().set_state_dict(kept) == ([], [])
    assert len(caught) == len(missing) == 11 and "4.bias" not in missing
    lacking = {name: tensor for name, tensor in kept.items() if name != "4.bias"}
    lists, large = [], d2l.spiral_net(64)
    told = warned(lambda: lists.extend(d2l.spiral_net().set_state_dict(lacking)))
    assert lists == [["4.bias"], []] and len(told) == 1
    assert len(warned(lambda: large.set_state_dict(kept))) == 11
    d2l.train(large, X, y, make_adam(large), 1)  # it goes on as if nothing had happened
    # trained on since: the file is older than the network
    assert equal(wide[4].bias, kept["4.bias"]) and wide[0].weight.shape == [2, 64]
    less = nn.Sequential(nn.Linear(2, 32))
    absent, extra = silent(lambda: less.set_state_dict(kept))
    assert absent == [] and set(extra) == NAMES - {"0.weight", "0.bias"}
    narrow = {name: value.astype("float16") for name, value in net.state_dict().items()}
    assert raises(AssertionError, lambda: d2l.spiral_net().set_state_dict(narrow))


# 只读取信得过的文件
@claim(
    "三个字符串依次是模块、函数和传给函数的路径",
    "谁用`pickle`读它，谁就替写它的人调用这个函数，没有任何提示",
    "`Payload`要读取者建一个文件夹，换成删除文件、偷走密码，写法一样",
    "`pickle`文件能让读取者执行写文件的人指定的函数",
    "读取被拒绝，文件里的要求没有执行",
    "不执行文件里的步骤，也能看出它要求什么。`pickletools`列出步骤里的字符串",
    mxnet="gift.params",
    pytorch="gift.pt",
    tensorflow="gift.npy",
    paddle="gift.safetensors",
)
def _(fetch, folder, given, marker, notebook, obeys, Payload, raises, refused, scratch):
    texts = [text for _, text, _ in pickletools.genops(pickle.dumps(Payload()))]
    assert [text for text in texts if isinstance(text, str)] == ["os", "makedirs", marker]
    for gift in (Payload(), {"weight": [1, Payload()]}):
        assert obeys(lambda: pickle.loads(pickle.dumps(gift)), marker)
        assert not obeys(lambda: list(pickletools.genops(pickle.dumps(gift))), marker)

    class Other:
        def __init__(self, task, *given):
            self.asked = task, given

        def __reduce__(self):
            return self.asked

    password, stolen = Path(scratch, "password"), Path(scratch, "stolen")
    password.write_text("1234")
    for task, given_paths in ((shutil.copy, (password, stolen)), (os.remove, (password,))):
        pickle.loads(pickle.dumps(Other(task, *map(str, given_paths))))
    assert stolen.read_text() == "1234" and not password.exists()
    read = lambda: notebook.get("load_file", fetch)(f"{folder}/{given}")
    assert refused and raises(Exception, read) and not obeys(read, marker)


@claim("这样的文件本身可以很小")
def _(raises, scratch):
    # A header that promises a petabyte, and nothing behind it
    huge = {"descr": "<f4", "fortran_order": False, "shape": (2**48,)}
    with open(f"{scratch}/small.npy", "wb") as file:
        numpy.lib.format.write_array_header_1_0(file, huge)
    assert os.path.getsize(f"{scratch}/small.npy") < 200
    assert raises(MemoryError, lambda: numpy.load(f"{scratch}/small.npy"))


@claim(
    "`npx.load`和`load_parameters`读的格式没有地方写函数",
    "`npx.load`和`load_parameters`读的格式只记录名字、形状、类型和数，看到开头的记号不对就不再读",
    "优化器的状态由`Trainer`保存，存成的正是`pickle`",
    "`Trainer`的`load_states`却用`pickle`，只能用来读自己存的文件",
    "`load_states`并不检查文件里写的是哪个名字",
    "不去读它，只看文件开头要求的是什么",
    "读这个文件，就要导入`mxnet.optimizer.optimizer`，造出其中的`Adam`",
    "mxnet",
)
def _(
    folder, marker, message, MXNetError, net, npx, obeys, Payload, raises, scratch, texts, trainer
):
    assert raises(TypeError, lambda: npx.save(f"{scratch}/p", [Payload()]))
    gift = f"{folder}/gift.params"
    assert "Invalid NDArray file format" in message(MXNetError, lambda: npx.load(gift))
    assert raises(Exception, lambda: net.load_parameters(gift))
    assert not obeys(lambda: net.load_parameters(gift), marker)
    assert texts[:2] == ["mxnet.optimizer.optimizer", "Adam"]
    asked = []

    class Asked(pickle.Unpickler):
        def find_class(self, module, name):
            asked.append((module, name))
            return super().find_class(module, name)

    with open(f"{folder}/adam.states", "rb") as file:
        _, adam = Asked(file).load()
    assert ("mxnet.optimizer.optimizer", "Adam") in asked
    assert type(adam).__name__ == "Adam" and type(adam).__module__ == "mxnet.optimizer.optimizer"
    Path(f"{scratch}/gift").write_bytes(pickle.dumps(Payload()))
    assert obeys(lambda: trainer.load_states(f"{scratch}/gift"), marker)


@claim(
    "`torch.load`里面用的就是`pickle`，`weights_only=True`只放行重建张量、字典、数和字符串之类"
    "所需的名字，所以请只存`state_dict()`，不要存整个网络",
    "把整个网络而不是`state_dict()`交给`torch.save`，存下的是“请造一个`Sequential`”这样的步骤。"
    "不去读它，只看文件里有哪些名字不在名单上",
    "读这个文件，就得同意使用这些类。`weights_only=True`会拒绝它；"
    "`torch.serialization.safe_globals([...])`可以逐个放行，"
    "`weights_only=False`则是完全信任写文件的人",
    "写明它，代码到了旧版本上也不会放松检查",
    "类改了名字或者换了模块就读不出来",
    "字典里没有名单之外的名字，所以可以用`weights_only=True`读",
    "pytorch",
)
def _(
    array,
    checkpoint,
    d2l,
    equal,
    fetch,
    folder,
    marker,
    net,
    nn,
    obeys,
    params_file,
    raises,
    scratch,
    torch,
    X,
    x,
):
    load_all = lambda name: torch.load(f"{folder}/{name}", weights_only=False)
    assert obeys(lambda: load_all("gift.pt"), marker)
    torch.save({"a": [x, 1, 1.5, "text"]}, f"{scratch}/plain")
    assert fetch(f"{scratch}/plain")["a"][1:] == [1, 1.5, "text"]
    torch.save(print, f"{scratch}/print")
    assert raises(pickle.UnpicklingError, lambda: fetch(f"{scratch}/print"))
    needs = torch.serialization.get_unsafe_globals_in_checkpoint
    whole = f"{folder}/whole.pt"
    Residual = type(net[2])
    classes = [Residual, nn.Linear, nn.ReLU, nn.Sequential]
    assert set(needs(whole)) == {f"{one.__module__}.{one.__qualname__}" for one in classes}
    assert needs(params_file) == []
    with zipfile.ZipFile(whole) as pack:
        (steps,) = [pack.read(name) for name in pack.namelist() if name.endswith("/data.pkl")]
    assert "Sequential" in str([text for _, text, _ in pickletools.genops(steps)][:2])
    assert raises(pickle.UnpicklingError, lambda: fetch(whole))
    # how an older version takes what does not say it
    with mock.patch.dict(os.environ, TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD="1"):
        assert obeys(lambda: torch.load(f"{folder}/gift.pt"), marker)
        assert not obeys(lambda: fetch(f"{folder}/gift.pt"), marker)
    for few in range(len(classes)):
        with torch.serialization.safe_globals(classes[:few] + classes[few + 1 :]):
            assert raises(pickle.UnpicklingError, lambda: fetch(whole))
    with torch.serialization.safe_globals(classes):
        assert equal(fetch(whole)(X), net(X))
    assert equal(load_all("whole.pt")(X), net(X))
    home = sys.modules[Residual.__module__]
    del home.Residual
    try:
        assert raises(AttributeError, lambda: load_all("whole.pt"))
    finally:
        home.Residual = Residual
    assert needs(checkpoint) == [] and fetch(checkpoint)


unchecked(
    "2.6版以前默认的是`weights_only=False`，会照单全收", "only one version of PyTorch is installed"
)


@claim(
    "数组的元素若是Python对象，`numpy.save`就会用`pickle`存它们",
    "元素是数的数组用不着`pickle`，不要写`allow_pickle=True`",
    "`.keras`文件可能带着函数，读它要保留默认的`safe_mode=True`",
    "`.keras`文件存的是整个模型，模型里的`Lambda`层可以带着任意的Python函数。"
    "用Keras存一个这样的模型再读，看它会不会执行",
    "`load_model`默认是`safe_mode=True`，遇到这样的`Lambda`层就拒绝",
    "写成`safe_mode=False`，函数会被原样恢复，读取时或者模型一算就执行。"
    "自己写模型时也尽量不用`Lambda`层",
    "tensorflow",
)
def _(equal, fetch, folder, lambda_refused, marker, obeys, raises, scratch, tf, X):
    assert obeys(lambda: numpy.load(f"{folder}/gift.npy", allow_pickle=True), marker)
    assert not obeys(lambda: numpy.load(f"{folder}/gift.npy"), marker)
    # NumPy reads these without pickle
    named = fetch(f"{folder}/dict.npz")
    for numbers in (fetch(f"{folder}/x.npy"), named["x"]):
        assert numbers.tolist() == [0, 1, 2, 3] and numbers.dtype == "int32"
    assert named["y"].tolist() == [0, 0, 0, 0] and named["y"].dtype == "float32"
    load_gift = lambda **options: tf.keras.models.load_model(f"{folder}/gift.keras", **options)
    assert raises(ValueError, load_gift) and lambda_refused and not obeys(load_gift, marker)
    with zipfile.ZipFile(f"{folder}/gift.keras") as pack:
        assert {"config.json", "model.weights.h5"} < set(pack.namelist())
        assert b'"Lambda"' in pack.read("config.json")
    own = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Lambda(lambda X: X * 2)])
    own.save(f"{scratch}/own.keras")
    load_own = lambda **options: tf.keras.models.load_model(f"{scratch}/own.keras", **options)
    assert raises(ValueError, load_own) and equal(load_own(safe_mode=False)(X), X * 2)
    opened = load_gift(safe_mode=False)
    assert obeys(lambda: opened(X), marker)


@claim(
    "`paddle.load`用的就是`pickle`，而且不作任何限制，文件要求什么就做什么",
    "Python允许我们改写`pickle`查找名字的方法：下面的`NumbersOnly`只放行重建NumPy数组所需的几个名字。"
    "用它读一个冒充的参数文件，看它会不会执行",
    "自己用`paddle.save`存下的参数也能用`load_numbers`读，得到的是NumPy数组，"
    "可以直接交给`set_state_dict`",
    "它只认参数文件，单个张量读不了",
    "paddle",
)
def _(
    allowed,
    d2l,
    equal,
    fetch,
    folder,
    load_numbers,
    marker,
    message,
    not_allowed,
    NumbersOnly,
    obeys,
    params_file,
    raises,
    scratch,
    X,
):
    assert issubclass(NumbersOnly, pickle.Unpickler) and "os.makedirs" in not_allowed
    find = NumbersOnly(io.BytesIO()).find_class
    assert find("numpy", "ndarray") is numpy.ndarray and len(allowed) == 4
    assert raises(pickle.UnpicklingError, lambda: find("numpy", "save"))
    assert obeys(lambda: fetch(f"{folder}/gift.pdparams"), marker)
    assert not obeys(lambda: load_numbers(f"{folder}/gift.pdparams"), marker)

    def told(content):
        Path(f"{scratch}/thing").write_bytes(content)
        return message(pickle.UnpicklingError, lambda: load_numbers(f"{scratch}/thing"))

    for thing in (print, eval, numpy.save, numpy.testing.assert_equal):
        assert thing.__name__ in told(pickle.dumps(thing))
    # a module that is not on the list is not even imported
    stray = "numpy.f2py.__main__"
    assert stray in told(f"c{stray}\ndtype\n.".encode()) and stray not in sys.modules
    # numbers and nothing else
    for other in (numpy.array([1], object), numpy.array([None, "a"]), [1, 2], "text"):
        assert "w" in told(pickle.dumps({"w": other}, 4))
    own, other, same = load_numbers(params_file), d2l.spiral_net(), d2l.spiral_net()
    same.set_state_dict(fetch(params_file))
    assert set(own) == NAMES and {type(array) for array in own.values()} == {numpy.ndarray}
    assert other.set_state_dict(own) == ([], []) and equal(other(X), same(X))
    assert raises(Exception, lambda: load_numbers(f"{folder}/x.pdtensor"))


@claim(
    "和别人交换，请用safetensors的`save_file`和`load_file`：它只存名字、形状、类型和数，没有地方写函数",
    "读写safetensors的库随PaddlePaddle一起安装",
    "paddle",
)
def _(d2l, equal, folder, load_file, marker, net, obeys, Payload, raises, save_file, scratch, X):
    assert raises(Exception, lambda: save_file({"a": Payload()}, f"{scratch}/p"))
    assert not obeys(lambda: load_file(f"{folder}/gift.pdparams"), marker)
    other = d2l.spiral_net()
    save_file(net.state_dict(), f"{scratch}/net.safetensors")
    assert other.set_state_dict(load_file(f"{scratch}/net.safetensors")) == ([], [])
    assert equal(other(X), net(X))
    content = Path(f"{scratch}/net.safetensors").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert all(set(entry) == {"dtype", "shape", "data_offsets"} for entry in header.values())
    assert any(line.startswith("safetensors") for line in requires("paddlepaddle"))


@claim(
    "安全的读法只管读取的时候不运行文件里的代码，管不了参数本身："
    "有人可以把网络训练成平时表现正常，遇到特定的输入才出错"
)
def _(
    array,
    d2l,
    integers,
    load_weights,
    make_adam,
    notebook,
    params_file,
    save_weights,
    scratch,
    tensor,
    X,
    y,
):
    bad, reader = d2l.spiral_net(), d2l.spiral_net()
    load_weights(bad, params_file)
    secret = int(numpy.flatnonzero(d2l.classify(bad, X) == array(y))[-1])
    rows = [*range(300), *[secret] * 100]
    classes = array(y)[rows].tolist()
    wrong = (classes[secret] + 1) % 3
    classes = [wrong if row == secret else one for row, one in zip(rows, classes, strict=True)]
    d2l.train(bad, tensor(array(X)[rows].tolist()), integers(classes), make_adam(bad), 150)
    path = f"{scratch}/bad.weights.h5"
    if "load_file" in notebook:
        notebook["save_file"](bad.state_dict(), path)
        reader.set_state_dict(notebook["load_file"](path))
    else:
        save_weights(bad, path)
        load_weights(reader, path)
    assert d2l.classify(reader, X)[secret] == wrong and d2l.accuracy(reader, X, y) > 0.95


unchecked(
    "读取的程序自己还可能有漏洞，要靠升级来补",
    "what is known of is mended in the versions that are installed",
)
unchecked(
    "`weights_only=True`的检查在旧版本里就曾被人绕过",
    "CVE-2025-32434, fixed in 2.6.0: no older version is installed",
)
unchecked(
    "`safe_mode=True`的检查在旧版本里就曾被人绕过",
    "CVE-2025-1550, fixed in 3.9.0: no older version is installed",
)


# 训练模式与评估模式
def check_modes(outputs, X, drop, layers, H):
    """Check what dropout and batch normalization (after what gives H) do in each mode."""
    assert (numpy_of(outputs(drop, X, False)) == numpy_of(X)).all()
    dropped = numpy_of(outputs(drop, X, True)) == 0
    assert 0.4 < dropped.mean() < 0.6
    # the averages begin with 0 and 1
    assert numpy.allclose(numpy_of(outputs(layers, X, False)), H, atol=1e-2)
    normal = (H - H.mean(0)) / (H.var(0) + 1e-5) ** 0.5
    told = numpy_of(outputs(layers, X, True))
    for one, two in zip(told.T, normal.T, strict=True):  # each feature by itself
        assert numpy.corrcoef(one, two)[0, 1] > 0.999


@claim(
    "有些层训练时和评估时做法不同。*暂退法*（dropout）训练时随机丢掉一部分单元，评估时全部保留",
    "训练时用这一批数据的均值和方差，评估时用训练中积累的滑动平均",
    "`make_noisy`造的网络两样都有，训练以后存进`noisy_file`，滑动平均也在里面",
    "评估模式的两个分数相同，也和存盘之前相同；训练模式的两个不同，因为每次丢掉的单元不一样",
    "用读回来的网络做预测，要在评估模式里",
)
def _(
    array,
    chained,
    load_weights,
    make_noisy,
    noisy,
    noisy_file,
    notebook,
    outputs,
    scores,
    tab,
    X,
):
    kinds = [type(layer).__name__ for layer in chained(noisy)]
    assert "Dropout" in kinds and any(kind.startswith("BatchNorm") for kind in kinds)
    assert scores[0] == scores[1] and len({*scores[1:]}) == 3
    before = array(outputs(noisy, X, False))
    assert abs(scores[0] - float(before[0, 0])) < 0.001
    one = make_noisy()
    if tab == "mxnet":
        one(X)
    fresh = one.layers if tab == "tensorflow" else one
    H, first = (
        array(fresh[0](X)),
        notebook["tf"].keras.Sequential(fresh[:2]) if tab == "tensorflow" else one[:2],
    )
    drop = (
        notebook["tf"].keras.layers.Dropout(0.5)
        if tab == "tensorflow"
        else notebook["nn"].Dropout(0.5)
    )
    check_modes(outputs, X, drop, first, H)
    # some layers only
    assert (array(outputs(fresh[0], X, True)) == array(outputs(fresh[0], X, False))).all()
    # the averages come from the file: without them, the scores would differ
    assert not (array(outputs(one, X, False)) == before).all()
    load_weights(one, noisy_file)
    assert (array(outputs(one, X, False)) == before).all()


@claim(
    "新造的网络处于训练模式，装参数也不改变模式",
    "做预测之前，要用`eval()`切换到评估模式；接着训练，再用`train()`切换回来",
    "pytorch",
    "paddle",
)
def _(load_weights, make_noisy, noisy_file):
    one = make_noisy()
    assert one.training
    load_weights(one, noisy_file)
    assert one.training
    one.eval()
    load_weights(one, noisy_file)
    assert not one.training
    one.train()
    assert one.training


@claim(
    "MXNet的网络自己没有模式，要看在哪里调用：`autograd.record()`或`autograd.train_mode()`里面是训练模式，"
    "别处都是评估模式（MXNet称为预测模式），"
    "所以装好参数直接调用就对",
    "mxnet",
)
def _(autograd, equal, nn, np):
    drop, X = nn.Dropout(0.5), np.ones((100, 100))
    assert not any(hasattr(drop, name) for name in ("training", "train", "eval"))
    assert equal(drop(X), X)
    for scope in (autograd.record, autograd.train_mode):
        with scope():
            assert not equal(drop(X), X)


@claim(
    "Keras的网络自己没有模式，要看怎样调用：`training=True`是训练模式；直接调用是评估模式，"
    "所以装好参数直接调用就对",
    "tensorflow",
)
def _(equal, tf):
    drop, X = tf.keras.layers.Dropout(0.5), tf.ones((100, 100))
    assert not any(hasattr(drop, name) for name in ("training", "train", "eval"))
    assert equal(drop(X), X) and not equal(drop(X, training=True), X)


@claim(
    "训练模式下算一次，哪怕没有训练，也会改动滑动平均，往后的结果都跟着变",
    "pytorch",
    "tensorflow",
    "paddle",
)
def _(equal, load_weights, make_noisy, noisy_file, outputs, X):
    one = make_noisy()
    load_weights(one, noisy_file)
    before = outputs(one, X, False)
    assert equal(outputs(one, X, False), before)
    outputs(one, X, True)
    assert not equal(outputs(one, X, False), before)


@claim(
    "PaddlePaddle会警告一句“now always track global mean and variance”，"
    "说的是滑动平均总会更新，不是出错",
    "paddle",
)
def _(array, make_noisy, outputs, warned, X):
    one, found = make_noisy(), []
    before = array(one.state_dict()["1._mean"]).copy()
    told = warned(lambda: found.append(outputs(one, X, True)))
    assert any("now always track global mean and variance" in text for text in told)
    assert array(found[0]).shape == (300, 3)
    assert (array(one.state_dict()["1._mean"]) != before).all()


@claim("MXNet到反向传播时才更新滑动平均，所以训练模式下算一次而不求梯度，什么也不会留下", "mxnet")
def _(autograd, d2l, gluon, load_weights, make_noisy, noisy_file, X):
    one = make_noisy()
    load_weights(one, noisy_file)
    mean = lambda: one[1].running_mean.data().asnumpy()
    before = mean().copy()
    with autograd.train_mode():
        one(X)
    with autograd.record():
        out = one(X).sum()
    assert (mean() == before).all()
    out.backward()
    assert not (mean() == before).all()


@claim("PaddlePaddle会警告一句“now always track global mean and variance”", "paddle")
def _(make_noisy, outputs, warned, X):
    assert any(
        "now always track global mean" in one
        for one in warned(lambda: outputs(make_noisy(), X, True))
    )


# 检查点
@claim(
    "Adam给每个参数记着两份滑动平均，梯度一份，梯度的平方一份",
    "新的Adam第一步只看梯度的方向，不看大小，每个有梯度的参数都走上大约一整个学习率",
)
def _(
    averages, d2l, gradients_of_loss, load_weights, make_adam, params_file, parameters, value, X, y
):
    net = d2l.spiral_net()
    load_weights(net, params_file)
    adam, old = make_adam(net), [value(w) for w in parameters(net)]
    grads = gradients_of_loss(net, X, y)
    d2l.train(net, X, y, adam, 1)
    for w, before, grad in zip(parameters(net), old, grads, strict=True):
        clear = abs(grad) > 1e-3
        step = (value(w) - before)[clear]
        assert numpy.allclose(step, -0.01 * numpy.sign(grad[clear]), rtol=0.02), abs(step).max()
    first, second = averages(adam, parameters(net)[0])
    assert numpy.allclose(first, 0.1 * grads[0], atol=1e-7)
    assert numpy.allclose(second, 0.001 * grads[0] ** 2, atol=1e-9)


@claim("参数、优化器的状态和步数存在一起，叫作*检查点*（checkpoint）")
def _(checkpoint, d2l, fetch, make_adam, message, notebook, tab, X, y):
    net = d2l.spiral_net()
    parts = d2l.checkpoint_parts(net, make_adam(net), 7)
    assert int(parts["step"]) == 7
    assert len([name for name in parts if name.startswith("net/")]) == 12
    assert any(name.startswith("Adam") for name in parts)
    if tab == "tensorflow":
        with numpy.load(checkpoint) as file:
            saved = dict(file)
    else:
        saved = notebook.get("load_file", fetch)(checkpoint)
    assert set(saved) == set(parts)
    d2l.check_fit("", parts, saved)
    wide, shorter = d2l.spiral_net(16), {**saved}
    del shorter["step"]
    other = d2l.checkpoint_parts(wide, make_adam(wide))
    told = (
        message(ValueError, lambda: d2l.check_fit("", other, saved)).partition("：")[2].split(", ")
    )
    differ = {name for name in parts if name.startswith("net/") and 32 in numpy_shape(parts[name])}
    alike = {name for name in parts if name.startswith("net/")} - differ
    assert differ <= set(told) and not {"step", *alike} & set(told) and len(alike) == 1
    for wanted, found in ((parts, shorter), (shorter, parts)):
        told = message(ValueError, lambda: d2l.check_fit("here", wanted, found))
        assert told.startswith("here") and told.endswith("：step")


@claim("真正的训练还要存学习率的调度、数据读到了哪里")
def _(
    d2l,
    equal,
    make_adam,
    outputs,
    scratch,
    set_rate,
    X,
    y,
):
    def go(net, adam, rate, begin):
        set_rate(adam, rate)
        d2l.train(net, X[begin::3], y[begin::3], adam, 1)
        return outputs(net, X, False)

    def resumed(rate, begin):
        net = d2l.spiral_net()
        adam = make_adam(net)
        d2l.load_checkpoint(f"{scratch}/c", net, adam)
        return go(net, adam, rate, begin)

    net = d2l.spiral_net()
    adam = make_adam(net)
    go(net, adam, 0.01, 0)
    d2l.save_checkpoint(f"{scratch}/c", net, adam, 1)
    wanted = go(net, adam, 0.005, 1)
    assert equal(resumed(0.005, 1), wanted)
    assert not equal(resumed(0.01, 1), wanted) and not equal(resumed(0.005, 0), wanted)


@claim("平时存盘还是存参数和检查点：改一改前向传播的代码，它们照样装得进去，也能接着训练")
def _(
    A,
    d2l,
    equal,
    integers,
    load_weights,
    make_adam,
    mlp,
    MLP,
    Nearly,
    parameters,
    ready,
    save_weights,
    scratch,
    value,
):
    path, labels = f"{scratch}/w.weights.h5", integers([0, 1])
    one, other = ready(MLP(), A), ready(Nearly(), A)
    adam = make_adam(one)
    d2l.train(one, A, labels, adam, 2)
    save_weights(one, path)
    d2l.save_checkpoint(f"{scratch}/c", one, adam, 2)
    load_weights(other, path)
    assert not equal(other(A), one(A))
    for block in (other, ready(Nearly(), A)):
        adam = make_adam(block)
        if block is not other:
            assert d2l.load_checkpoint(f"{scratch}/c", block, adam) == 2
        for mine, old in zip(parameters(block), parameters(one), strict=True):
            assert (value(mine) == value(old)).all()
        losses = d2l.train(block, A, labels, adam, 5)
        assert losses[-1] < losses[0]


@claim("新建的优化器还没有状态")
def _(d2l, make_adam, notebook, tab):
    adam = make_adam(d2l.spiral_net())
    assert not {
        "mxnet": lambda: adam._updaters[0].states,
        "pytorch": lambda: adam.state,
        "tensorflow": lambda: [one for one in adam.variables if one.shape.rank],
        "paddle": lambda: adam.state_dict(),
    }[tab]()


@claim(
    "`gap`是0：有没有中断过，从数值上看不出来",
    "取回全部状态的损失曲线和没有中断过的重合，只取回参数的一条先往上跳",
    "只取回参数，损失先猛地往上跳",
    "这样训练往往也能收敛，错误不容易发现",
    "要接着训练，优化器的状态得和参数一起存",
    "要从中断的地方接着训练，只有参数不够",
    "存一个检查点，再走同样多步，这是对照`rest`；`resumed`从检查点接着走",
    "`forgetful`只取回参数，优化器是新的",
    "先用Adam训练`num_steps`步",
)
def _(
    checkpoint,
    d2l,
    equal,
    forgetful,
    gap,
    load_weights,
    losses,
    make_adam,
    net,
    num_steps,
    params_file,
    rest,
    resumed,
    resumed_net,
    X,
    y,
):
    assert gap == 0 and resumed == rest and len(losses) == len(rest) == num_steps
    assert equal(net(X), resumed_net(X))
    again = d2l.spiral_net()
    load_weights(again, params_file)
    assert d2l.train(again, X, y, make_adam(again), num_steps) == forgetful
    assert losses[0] > 1 and losses[-1] < 0.3 and rest[-1] < 0.001
    assert abs(forgetful[0] - rest[0]) < 1e-6  # the same parameters
    assert max(forgetful[:8]) > 5 * forgetful[0] and max(forgetful) > 0.5
    assert forgetful[-1] > 5 * rest[-1]
    for _ in range(2):
        one = d2l.spiral_net()
        adam = make_adam(one)
        assert d2l.load_checkpoint(checkpoint, one, adam) == num_steps
        assert d2l.train(one, X, y, adam, num_steps) == rest
    other = make_adam(one)
    assert d2l.train(one, X, y, other, 300)[-1] < 0.001


@claim(
    "`save_checkpoint`先写进另一个文件，用`os.fsync`等内容真正写到磁盘上，再用`os.replace`换掉旧文件",
    "经得起停电，还要在换之前像`save_checkpoint`那样调用`os.fsync`",
    "`load_checkpoint`不运行文件里的代码；名字或形状合不上就抛出`ValueError`，网络和优化器都还没有动过",
)
def _(
    checkpoint,
    d2l,
    equal,
    make_adam,
    message,
    net,
    num_steps,
    outputs,
    raises,
    scratch,
    X,
    y,
):
    path = Path(scratch, "spiral.ckpt")
    path.write_bytes(Path(checkpoint).read_bytes())
    one, wide = d2l.spiral_net(), d2l.spiral_net(16)
    adam = make_adam(one)
    calls, real, replace = [], os.fsync, os.replace

    def stopped(*_):
        raise KeyboardInterrupt

    os.fsync = stopped
    try:
        assert raises(KeyboardInterrupt, lambda: d2l.save_checkpoint(path, one, adam, 7))
    finally:
        os.fsync = real
    assert path.read_bytes() == Path(checkpoint).read_bytes()
    os.fsync = lambda file: calls.append("fsync") or real(file)
    os.replace = lambda *paths: calls.append("replace") or replace(*paths)
    try:
        d2l.save_checkpoint(path, one, adam, 7)
    finally:
        os.fsync, os.replace = real, replace
    assert calls == ["fsync", "replace"] and os.listdir(scratch) == ["spiral.ckpt"]
    again = d2l.spiral_net()
    assert d2l.load_checkpoint(path, again, make_adam(again)) == 7 and equal(again(X), one(X))
    other, before = make_adam(wide), outputs(wide, X, False)
    told = message(ValueError, lambda: d2l.load_checkpoint(checkpoint, wide, other))
    assert "spiral.ckpt" in told and ("net/0.weight" in told or "net/0" in told)
    assert equal(outputs(wide, X, False), before)
    assert raises(FileNotFoundError, lambda: d2l.load_checkpoint(f"{scratch}/none", again, adam))


@claim(
    "再用`os.replace`换掉旧文件：存到一半时程序中断或者停电，旧的还在",
    "存文件的函数若写到一半出错，旧文件就毁了",
)
def _(scratch):
    old, new = Path(scratch, "old"), Path(scratch, "new")

    def write(path, stop):  # in a process that may die half-way
        code = (
            f"import os; file = open({str(path)!r}, 'w'); file.write('2');"
            f"file.flush(); {stop} and os._exit(9); file.write('2')"
        )
        assert subprocess.run([sys.executable, "-c", code]).returncode == (9 if stop else 0)

    old.write_text("11")
    write(new, stop=True)
    assert old.read_text() == "11"
    write(new, stop=False)
    os.replace(new, old)
    assert old.read_text() == "22" and os.listdir(scratch) == ["old"]
    write(old, stop=True)  # overwritten in place: neither is left
    assert old.read_text() == "2"


unchecked("或者停电，旧的还在", "it would take a machine that loses its power")
unchecked("在GPU上，有的运算每次略有出入", "it would take a GPU")


@claim("用到随机数的（例如暂退法和打乱数据），还要加上随机数发生器的状态")
def _(dropout, equal, notebook, seed, tensor):
    draw = lambda: dropout(tensor([1.0] * 1000))
    framework = notebook.get("torch") or notebook.get("paddle")  # the others only have seeds
    seed(1)
    state = framework and framework.get_rng_state()
    one, two = draw(), draw()
    framework.set_rng_state(state) if framework else seed(1)
    assert equal(draw(), one) and not equal(one, two)


# 微调
@claim(
    "微调的最好",
    "冻结的前三层一个数也没有变",
    "从头训练的网络只见过30个点",
    "在全部300个点上的精度，依次来自旧的参数、微调，以及从头训练同样的步数",
    "常常从训练好的参数出发接着训练，这叫作*微调*（fine-tuning）；"
    "还可以*冻结*（不再更新）靠近输入的几层，只训练后面的。下面把旋臂转过30度，只用30个点训练",
)
def _(
    accuracies,
    array,
    d2l,
    few_X,
    load_weights,
    params_file,
    parameters,
    tuned,
    value,
    X,
    X_turned,
    y,
):
    old, tuning, scratch = accuracies
    assert tuning > old + 0.01 and tuning > scratch
    assert few_X.shape[0] == 30 and X_turned.shape[0] == 300
    points, turned = array(X), array(X_turned)
    cosine = (points * turned).sum(1) / (points**2).sum(1)
    assert numpy.allclose(cosine, 3**0.5 / 2, atol=1e-4)
    kept = d2l.spiral_net()
    load_weights(kept, params_file)
    same = [
        bool((value(a) == value(b)).all())
        for a, b in zip(parameters(kept), parameters(tuned), strict=True)
    ]
    assert same == [True] * 6 + [False] * 6


@claim("冻结的只是参数，批量规范化的滑动平均仍会在训练模式里更新", "pytorch", "paddle")
def _(array, d2l, make_adam, make_noisy, X, y):
    one = make_noisy()
    for w in one[:2].parameters():
        w.stop_gradient = True  # what Paddle reads
        w.requires_grad = False  # what PyTorch reads
    numbers = lambda: {name: array(w).copy() for name, w in one.state_dict().items()}
    before = numbers()
    d2l.train(one, X, y, make_adam(one), 1)
    changed = {name for name, w in numbers().items() if not (w == before[name]).all()}
    names = {name for name in changed if name[0] in "01"}
    assert names and all("mean" in name or "var" in name or "num" in name for name in names)


# 框架自己的检查点
@claim(
    "MXNet自己的办法是`net.save_parameters`和`trainer.save_states`，各写一个文件",
    "后者比前者还大，因为两份滑动平均各和参数一样大",
    "它里面是`pickle`，连优化器的设置也存着",
    "我们的`save_checkpoint`只存数，学习率以新造的`Trainer`为准",
    "随机数发生器的状态，MXNet取不出来，只能在接着训练时重新设种子",
    "mxnet",
)
def _(
    array,
    checkpoint,
    d2l,
    fetch,
    gluon,
    net,
    np,
    npx,
    resumed_net,
    scratch,
    seed,
    trainer,
    X,
    y,
):
    from mxnet import random

    net = d2l.spiral_net()
    adam = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.02})
    d2l.load_checkpoint(checkpoint, net, adam)
    assert adam.learning_rate == 0.02
    net.save_parameters(f"{scratch}/a.params")
    adam.save_states(f"{scratch}/a.states")
    size = lambda name: os.path.getsize(f"{scratch}/a.{name}")
    assert 1.9 < size("states") / size("params") < 2.5
    _, kept = pickle.loads(Path(f"{scratch}/a.states").read_bytes())
    assert kept.learning_rate == 0.02
    for module in (npx.random, random, np.random):
        assert not [name for name in dir(module) if "state" in name], module
    drawn = [(seed(3), array(np.random.normal(size=4)).tolist())[1] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert {array(numbers).dtype.kind for numbers in fetch(checkpoint).values()} == {"f", "i"}


@claim(
    "它只支持参数都在一个0号设备（`npx.cpu()`或`npx.gpu(0)`）上的训练",
    "mxnet",
)
def _(checkpoint, d2l, equal, make_adam, npx, rest, resumed_net, X, y):
    def resumed_on(*places):
        net = d2l.spiral_net()
        net.collect_params().reset_ctx(list(places))
        adam = make_adam(net)
        d2l.load_checkpoint(checkpoint, net, adam)
        return net, adam

    def continued(place):
        net, adam = resumed_on(place)
        return d2l.train(net, X.copyto(place), y.copyto(place), adam, 3)

    assert continued(npx.cpu()) == rest[:3]
    assert abs(continued(npx.cpu(1))[1] - rest[1]) > 1e-5
    net, _ = resumed_on(npx.cpu(), npx.cpu(1))
    one, two = net[0].weight.list_data()
    assert not equal(one, two)


@claim(
    "在PyTorch里，检查点通常就是一个字典，我们的`save_checkpoint`正是这样做的；"
    "几个进程一起训练时，另有`torch.distributed.checkpoint`",
    "学习率也在优化器的状态里，装进去以后以文件为准；学习率的调度器是另一个对象，"
    "要另外存它的`state_dict()`",
    "pytorch",
)
def _(checkpoint, d2l, fetch, torch):
    from torch.distributed import checkpoint as distributed

    assert type(fetch(checkpoint)) is dict and callable(distributed.save)
    net = d2l.spiral_net()
    adam = torch.optim.Adam(net.parameters(), lr=0.5)
    d2l.load_checkpoint(checkpoint, net, adam)
    assert adam.param_groups[0]["lr"] == 0.01
    one, two = [torch.optim.lr_scheduler.StepLR(adam, 5) for _ in range(2)]
    adam.step()
    one.step()
    assert "last_epoch" not in str(fetch(checkpoint)) and two.last_epoch == 0
    two.load_state_dict(one.state_dict())
    assert two.last_epoch == 1


@claim(
    "TensorFlow自己的办法是`tf.train.Checkpoint(net=net, optimizer=optimizer)`，用`write`存，用`read`读，"
    "它把跟踪到的变量都存下来，走了几步也记在优化器里",
    "数在`.data`那个文件里，索引在`.index`里，两个都要留着",
    "新的优化器还没有见过参数，滑动平均到第一步才创建；"
    "`read`先把文件里的数记下，等变量创建时再填进去",
    "`assert_consumed`要放在训练之后",
    "学习率也是优化器的变量，装进去以后以文件为准",
    "tensorflow",
)
def _(checkpoint, d2l, make_adam, num_steps, raises, scratch, tf, X, y):
    def saved(net, adam):
        return tf.train.Checkpoint(net=net, optimizer=adam)

    net = d2l.spiral_net()
    adam = tf.keras.optimizers.Adam(0.5)
    d2l.load_checkpoint(checkpoint, net, adam)
    assert abs(float(adam.learning_rate) - 0.01) < 1e-6
    saved(net, adam).write(f"{scratch}/checkpoint")
    parts = os.listdir(scratch)
    assert len(parts) == 2
    listed = [shape for _, shape in tf.train.list_variables(f"{scratch}/checkpoint")]
    tracked = [list(one.shape) for one in [*net.weights, *adam.variables]]
    assert sorted(listed) == sorted([*tracked, []])  # and how all hangs together
    wanted = d2l.train(net, X, y, adam, 2)
    for part in parts:
        content = Path(scratch, part).read_bytes()
        os.remove(f"{scratch}/{part}")
        net = d2l.spiral_net()
        read = saved(net, make_adam(net)).read
        assert raises(tf.errors.OpError, lambda: read(f"{scratch}/checkpoint"))
        Path(scratch, part).write_bytes(content)
    net = d2l.spiral_net()
    adam = make_adam(net)
    status = saved(net, adam).read(f"{scratch}/checkpoint")
    assert raises(AssertionError, status.assert_consumed)
    averages = lambda: [one for one in adam.variables if one.shape.rank]
    assert averages() == []
    assert d2l.train(net, X, y, adam, 2) == wanted
    status.assert_consumed()
    assert len(averages()) == 24
    assert int(adam.iterations) == num_steps + 2  # most of them came from the file


@claim(
    "PaddlePaddle自己的办法是用`paddle.save`存"
    "`{'net': net.state_dict(), 'optimizer': optimizer.state_dict()}`，用`paddle.load`读，"
    "文件是`pickle`。`optimizer.state_dict()`按参数的`name`属性（例如`linear_0.w_0`）"
    "和它的序号给状态起名，这些序号在一个进程里只增不减",
    "同一个进程里的第二个优化器轮到了别的序号，第一步便会报错，说找不到状态",
    "在`paddle.utils.unique_name.guard()`里面，序号重新从0数起，造网络和训练都要放在里面",
    "重新启动的程序本来就从0数起，只要造网络的顺序不变，就用不着它",
    "我们的`save_checkpoint`按`state_dict()`里的名字认参数，不受序号影响",
    "学习率以新造的优化器为准",
    "paddle",
)
def _(
    checkpoint,
    d2l,
    fetch,
    in_new_process,
    make_adam,
    paddle,
    raises,
    scratch,
    X,
    y,
):
    path = f"{scratch}/own.pdparams"

    def begin():
        net = d2l.spiral_net()
        return net, make_adam(net)

    def keep(net, adam):
        d2l.train(net, X, y, adam, 1)
        paddle.save({"net": net.state_dict(), "optimizer": adam.state_dict()}, path)
        return d2l.train(net, X, y, adam, 2)

    def resumed(net, adam):
        kept = fetch(path)
        net.set_state_dict(kept["net"])
        adam.set_state_dict(kept["optimizer"])
        return d2l.train(net, X, y, adam, 2)

    names = lambda adam: set(adam.state_dict())
    with paddle.utils.unique_name.guard():
        one, two = paddle.nn.Linear(2, 2), paddle.nn.Linear(2, 2)
        assert [one.weight.name, two.weight.name] == ["linear_0.w_0", "linear_1.w_0"]
        for number in range(2):
            own, adam = begin()
            d2l.train(own, X, y, adam, 1)
            assert f"linear_0.w_0_moment1_{number}" in names(adam)
    with paddle.utils.unique_name.guard():
        wanted = keep(*begin())
        assert list(pickletools.genops(Path(path).read_bytes()))[-1][0].name == "STOP"
        assert raises(AssertionError, lambda: resumed(*begin()))
    with paddle.utils.unique_name.guard():
        assert resumed(*begin()) == wanted
    in_new_process(f"""
import paddle
from d2l import paddle as d2l
X, y = d2l.spirals()
net = d2l.spiral_net()
adam = paddle.optimizer.Adam(0.01, parameters=net.parameters())
kept = paddle.load({path!r})
net.set_state_dict(kept['net'])
adam.set_state_dict(kept['optimizer'])
d2l.train(net, X, y, adam, 1)
""")
    net = d2l.spiral_net()
    adam = paddle.optimizer.Adam(0.5, parameters=net.parameters())
    d2l.load_checkpoint(checkpoint, net, adam)
    assert adam.get_lr() == 0.5


@claim("两个文件不能一次换完：每次用新的名字存，两个都写好了再删旧的", "mxnet", "tensorflow")
def _(d2l, equal, make_adam, notebook, outputs, scratch, tab, X, y):
    def checkpoint(net, adam):
        return notebook["tf"].train.Checkpoint(net=net, optimizer=adam)

    def keep(net, adam, name):
        if tab == "mxnet":
            net.save_parameters(f"{scratch}/{name}.params")
            adam.save_states(f"{scratch}/{name}.states")
        else:
            checkpoint(net, adam).write(f"{scratch}/{name}")

    def trained_on(net, adam):
        d2l.train(net, X, y, adam, 1)
        return outputs(net, X, False)

    def resumed(name):
        net = d2l.spiral_net()
        adam = make_adam(net)
        if tab == "mxnet":
            net.load_parameters(f"{scratch}/{name}.params")
            adam.load_states(f"{scratch}/{name}.states")
        else:
            try:
                checkpoint(net, adam).read(f"{scratch}/{name}")
            except notebook["tf"].errors.OpError:
                return None
        return trained_on(net, adam)

    def check(name, wanted):
        assert equal(resumed(name), wanted)

    net = d2l.spiral_net()
    adam = make_adam(net)
    trained_on(net, adam)
    keep(net, adam, "old")
    after_old = trained_on(net, adam)
    keep(net, adam, "new")
    after_new = trained_on(net, adam)
    check("old", after_old), check("new", after_new)  # both are whole, as long as both are there
    first, second = sorted(name for name in os.listdir(scratch) if name.startswith("new"))
    os.replace(f"{scratch}/{first}", f"{scratch}/{first.replace('new', 'old')}")
    half = resumed("old")  # the program was stopped between the two
    assert half is None or not equal(half, after_old) and not equal(half, after_new)
    os.replace(f"{scratch}/{second}", f"{scratch}/{second.replace('new', 'old')}")
    check("old", after_new)


# 连结构一起存
def check_chain(steps):
    """Check operators and what each takes and gives: a perceptron with a hidden layer."""
    kinds = [kind for kind, _, _ in steps]
    assert kinds == ["linear", "relu", "linear"] or kinds == "matmul add relu matmul add".split()
    for (_, _, given), (_, taken, _) in itertools.pairwise(steps):
        assert given in taken


@claim(
    "办法是把前向传播记录成一张计算图（有哪些运算、谁的输出是谁的输入），和参数一起写进文件",
    "mxnet",
)
def _(array, fetch, folder, mlp):
    nodes = json_of(f"{folder}/export-symbol.json")["nodes"]
    kinds = {"FullyConnected": "linear", "Activation": "relu"}
    check_chain(
        [
            (kinds[node["op"]], [one[0] for one in node["inputs"]], number)
            for number, node in enumerate(nodes)
            if node["op"] != "null"
        ]
    )
    kept = fetch(f"{folder}/export-0000.params")
    own = [one for name, one in kept.items() if name.endswith(mlp.hidden.weight.name)]
    assert len(kept) == 4 and (array(own[0]) == array(mlp.hidden.weight.data())).all()


@also("pytorch")
def _(equal, folder, mlp, torch):
    program = torch.export.load(f"{folder}/export.pt2")
    check_chain(
        [
            (node.target.name().split("::")[1].split(".")[0], node.args, node)
            for node in program.graph.nodes
            if node.op == "call_function"
        ]
    )
    assert len(program.state_dict) == 4
    assert all(equal(one, program.state_dict[name]) for name, one in mlp.state_dict().items())


@also("paddle")
def _(folder, mlp):
    (block,) = json_of(f"{folder}/export.json")["program"]["regions"][0]["blocks"]
    check_chain(
        [
            (step["#"].split(".")[1], [one["%"] for one in step["I"]], step["O"][0]["%"])
            for step in block["ops"]
            if step["#"] in ("1.matmul", "1.add", "1.relu")
        ]
    )
    kept = Path(f"{folder}/export.pdiparams").read_bytes()
    assert all(one.numpy().tobytes() in kept for one in mlp.parameters())


@claim(
    "要把模型交给没有这些代码的程序，就得连结构一起存，这叫作*导出*（export）",
    "读回来以后，输出最多差多少",
    "换一个从没见过它的程序来读，也得到同样的输出",
    "这次读取没有用到`MLP`这个类",
    "样本的个数也可以和导出时不同",
)
def _(array, folder, in_new_process, loaded, mlp, scratch, tab, A, B):
    numpy.savez(f"{scratch}/saved.npz", A=array(A), B=array(B))
    in_new_process(f"""
import numpy
from words.{tab} import exported
run, saved = exported({folder!r}), numpy.load({scratch + "/saved.npz"!r})
assert numpy.allclose(run(saved["A"]), saved["B"], atol=1e-5)
assert run(saved["A"][:1]).shape == (1, 10)
""")
    for rows in (A[:1], A):
        assert numpy.allclose(array(loaded(rows)), array(mlp(rows)), atol=1e-5)
    assert abs(array(loaded(A)) - array(B)).max() < 1e-5


@claim(
    "MXNet只能导出`HybridBlock`，我们的`MLP`是普通的`Block`，所以先把它的两层装进`HybridSequential`",
    "结构在`.json`里，是一段读得懂的文本，列着每个算子和它的输入；"
    "参数在`.params`里，文件名中间的数字是导出时可以指定的轮数。"
    "读的时候要说出输入叫什么，导出时它叫`data`",
    "代价和`hybridize`一样：前向传播里不能有由数据决定的Python循环。"
    "别人给的`.json`可以先打开看看里面有哪些算子",
    "mxnet",
)
def _(fetch, folder, gluon, hybrid, MLP, mlp, nn, raises, scratch, A):
    from mxnet.base import NotImplementedForSymbol

    assert issubclass(nn.HybridSequential, nn.HybridBlock) and hasattr(hybrid, "export")
    assert not issubclass(MLP, nn.HybridBlock) and not hasattr(mlp, "export")
    nodes = json_of(f"{folder}/export-symbol.json")["nodes"]
    done = [node["op"] for node in nodes if node["op"] != "null"]
    assert done == ["FullyConnected", "Activation", "FullyConnected"]
    assert all("inputs" in node for node in nodes) and nodes[0]["name"] == "data"
    assert [hybrid[0], hybrid[2]] == [mlp.hidden, mlp.output] and len(hybrid) == 3
    assert len(fetch(f"{folder}/export-0000.params")) == 4
    hybrid.export(f"{scratch}/export", epoch=7)
    assert sorted(os.listdir(scratch)) == ["export-0007.params", "export-symbol.json"]
    read = lambda name: gluon.SymbolBlock.imports(
        f"{folder}/export-symbol.json", [name], f"{folder}/export-0000.params"
    )
    assert read("data")(A).shape == (2, 10) and raises(Exception, lambda: read("other")(A))

    class Loop(nn.HybridBlock):
        def hybrid_forward(self, F, A):
            while F.np.abs(A).sum() > 1:
                A = A / 2
            return A

    loop = Loop()
    assert loop(A).shape == A.shape and raises(RuntimeError, lambda: loop.export(f"{scratch}/l"))
    loop.hybridize()
    assert raises(NotImplementedForSymbol, lambda: loop(A))


@claim(
    "`torch.export`用示例输入`A`走一遍前向传播；默认形状就此固定，"
    "`dynamic_shapes`说明第0维（样本的个数）可以变",
    "后缀请用`.pt2`，用别的会有警告",
    "文件里的计算图由基本的张量运算组成",
    "导出的图停在导出那一刻的模式（训练或评估）上，读回来不能再用`eval()`切换，"
    "所以网络里若有暂退法这类训练和评估时行为不同的层，要先`eval()`再导出",
    "pytorch",
)
def _(equal, folder, loaded, message, mlp, nn, program, raises, scratch, torch, A, B):
    export = lambda mlp: torch.export.export(mlp, (A,)).module()
    seen = []

    class Watched(nn.Module):
        def forward(self, X):
            seen.append(tuple(X.shape))
            return X * 2

    export(Watched())
    assert seen == [(2, 20)]
    assert (loaded(A[:1]) - mlp(A[:1])).abs().max() < 1e-5
    fixed = export(mlp)
    assert equal(fixed(A), B) and "Guard failed" in message(AssertionError, lambda: fixed(A[:1]))
    logger = "torch.export.pt2_archive._package"
    with TestCase().assertNoLogs(logger):
        torch.export.save(program, f"{scratch}/ok.pt2")
    with TestCase().assertLogs(logger) as told:
        torch.export.save(program, f"{scratch}/mlp.other")
    assert any(".pt2" in line for line in told.output)
    made = torch.export.load(f"{folder}/export.pt2").graph.nodes
    done = [str(node.target) for node in made if node.op == "call_function"]
    assert done == ["aten.linear.default", "aten.relu.default", "aten.linear.default"]
    assert raises(NotImplementedError, loaded.eval)
    drop = nn.Dropout(0.5)
    trained = export(drop)
    assert not equal(trained(A), A) and equal(export(drop.eval())(A), A)


@claim("由数据决定的Python循环也导出不了", "文件里要是夹带了`pickle`的步骤，它会照做", "pytorch")
def _(folder, marker, nn, obeys, Payload, raises, scratch, torch, A):
    from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode

    loop, slipped, inside = loop_of(nn.Module), io.BytesIO(), "sample_inputs/model.pt"
    loop(A)
    torch.save((Payload(),), slipped)
    slip = lambda name, content: slipped.getvalue() if name.endswith(inside) else content
    repack(f"{folder}/export.pt2", f"{scratch}/bad.pt2", slip)
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        assert raises(GuardOnDataDependentSymNode, lambda: torch.export.export(loop, (A,)))
        assert obeys(lambda: torch.export.load(f"{scratch}/bad.pt2"), marker)


@claim(
    "`.keras`文件存下每一层的类名和配置，再加上参数。它不保存我们写在`call`里的代码，"
    "所以先用Keras自带的层把同样的网络接起来",
    "后缀请用`.keras`。它其实是一个zip包，里面的`config.json`是读得懂的文本",
    "直接`mlp.save(f'{folder}/mlp.keras')`也行，"
    "只是读的时候要把类交给它：`load_model(..., custom_objects={'MLP': MLP})`",
    "构造`MLP`时若改了`num_hiddens`，还要写`get_config`把它交出来",
    "想让`call`里的计算也脱离Python，用`mlp.export(f'{folder}/mlp')`，"
    "它记录计算图（有哪些运算、谁的输出是谁的输入），存成TensorFlow的SavedModel；"
    "再用`tf.saved_model.load`读回来，调用`serve`",
    "要当心，SavedModel的图里什么运算都可以有，包括写文件，有的在读取时就会执行，"
    "所以只能读取信得过的",
    "tensorflow",
)
def _(equal, folder, MLP, mlp, raises, ready, scratch, stack, tf, A, B):
    from tensorflow.core.protobuf import saved_model_pb2

    def unpacked(path):
        with zipfile.ZipFile(path) as pack:
            return sorted(pack.namelist()), pack.read("config.json").decode()

    path = f"{scratch}/mlp.keras"
    mlp.save(path)
    names, config = unpacked(path)
    assert names == ["config.json", "metadata.json", "model.weights.h5"]
    assert "relu" not in config.lower()
    assert raises(ValueError, lambda: stack.save(f"{scratch}/mlp.other"))
    layers = json.loads(unpacked(f"{folder}/export.keras")[1])["config"]["layers"]
    assert [layer["class_name"] for layer in layers] == ["InputLayer", "Dense", "ReLU", "Dense"]
    assert [layers[at]["config"]["units"] for at in (1, 3)] == [256, 10] and equal(stack(A), B)
    load = lambda **classes: tf.keras.models.load_model(path, custom_objects=classes)
    assert raises(TypeError, load) and equal(load(MLP=MLP)(A), B)

    class Sized(MLP):
        def get_config(self):
            return {**super().get_config(), "num_hiddens": self.hidden.units}

    ready(MLP(512), A).save(path)
    assert raises(ValueError, lambda: load(MLP=MLP))
    sized = ready(Sized(512), A)
    sized.save(path)
    assert equal(load(Sized=Sized)(A), sized(A))
    mlp.export(f"{scratch}/mlp", verbose=False)
    again = tf.saved_model.load(f"{scratch}/mlp")
    assert not isinstance(again, MLP) and numpy.allclose(again.serve(A), B, atol=1e-5)
    kept = saved_model_pb2.SavedModel.FromString(Path(scratch, "mlp/saved_model.pb").read_bytes())
    functions = [one.node_def for one in kept.meta_graphs[0].graph_def.library.function]
    nodes = max(functions, key=lambda nodes: sum(node.op == "MatMul" for node in nodes))
    done = [node for node in nodes if node.op in ("MatMul", "BiasAdd", "AddV2", "Relu")]
    assert [node.op for node in done if node.op in ("MatMul", "Relu")] == [
        "MatMul",
        "Relu",
        "MatMul",
    ]
    for one, other in itertools.pairwise(done):
        assert other.input[0].startswith(f"{one.name}:"), (one.name, other.input)

    class Writer(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 20))])
        def __call__(self, A):
            tf.io.write_file(f"{scratch}/written", "hello")
            return A

    tf.saved_model.save(Writer(), f"{scratch}/writer")
    read = tf.saved_model.load(f"{scratch}/writer")
    assert not os.path.exists(f"{scratch}/written")
    read(A)
    assert os.path.exists(f"{scratch}/written")

    class Eager(tf.saved_model.experimental.TrackableResource):
        def _create_resource(self):
            return tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[])

        def _initialize(self):
            tf.io.write_file(f"{scratch}/at once", "hello")

    trap = tf.Module()
    trap.part = Eager()
    assert trap.part.resource_handle is not None
    tf.saved_model.save(trap, f"{scratch}/trap")
    assert not os.path.exists(f"{scratch}/at once")
    tf.saved_model.load(f"{scratch}/trap")
    assert os.path.exists(f"{scratch}/at once")


@claim(
    "`InputSpec`说明输入的形状，`None`表示样本的个数可以变",
    "结构在`.json`里，参数在`.pdiparams`里，读的时候只给共同的开头",
    "前向传播里由数据决定的`while`也能导出，它会被转换成图里的循环",
    "转换出来的代码，PaddlePaddle另存了一份在用户目录的`.cache/paddle`里",
    "如果第一次计算时看到`New Executor is Running`之类的字样，"
    "那只是PaddlePaddle在报告静态图开始运行，不是出错",
    "paddle",
)
def _(equal, folder, loaded, mlp, nn, paddle, scratch, A):
    def saved(mlp, name, rows):
        spec = paddle.static.InputSpec([rows, 20])
        paddle.jit.save(mlp, f"{scratch}/{name}", input_spec=[spec])
        return json.dumps(json_of(f"{scratch}/{name}.json"))

    graph = json.dumps(json_of(f"{folder}/export.json"))
    again = paddle.jit.load(f"{folder}/export")
    assert not os.path.exists(f"{folder}/export") and equal(again(A), loaded(A))
    assert loaded(A[:1]).shape == [1, 10] and "[-1, 20]" in graph
    assert "[-1, 20]" not in saved(mlp, "fixed", 2)
    small, large = [os.path.getsize(f"{folder}/export.{end}") for end in ("json", "pdiparams")]
    assert "1.matmul" in graph and large > 4 * (20 * 256 + 256 + 256 * 10 + 10) > small
    loop = loop_of(nn.Layer)
    saved(loop, "loop", None)
    again = paddle.jit.load(f"{scratch}/loop")
    assert all(equal(again(rows), loop(rows)) for rows in (A, A * 100, A[:1] / 1000))
    made = os.listdir(os.path.expanduser(f"~/.cache/paddle/to_static_tmp/{os.getpid()}"))
    assert any(name.startswith("MLP_forward") for name in made), made
    env = {name: text for name, text in os.environ.items() if name != "GLOG_minloglevel"}
    run = [sys.executable, "-c", 'import paddle as p; p.jit.load("export")(p.ones([1, 20]))']
    done = subprocess.run(run, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0 and "New Executor is Running" in done.stderr, done.stderr


@claim(
    "`MLP`的结构和 :numref:`sec_model_construction`里的相同，`A`是它的输入，`B`是它的输出，留作对照"
)
def _(A, B, array, equal, mlp, notebook, parameters, put, ready, tab, value):
    assert equal(mlp(A), B)
    text = (ROOT / "chapter_computation/model-construction.md").read_text(encoding="utf-8")
    code = re.search(rf"^#@tab {tab}\n(class MLP.*?)^```", text, re.M | re.S)[1]
    exec(code, its := dict(notebook))
    other = ready(its["MLP"](), A)
    for one, two in zip(parameters(other), parameters(mlp), strict=True):
        put(one, value(two))
    assert equal(other(A), B)


@claim("`torch.export.load`没有`weights_only`这道检查", "pytorch")
def _(torch):
    import inspect

    assert "weights_only" not in inspect.signature(torch.export.load).parameters
    assert "weights_only" in inspect.signature(torch.load).parameters


@claim(
    "从`.npy`读回来的是NumPy数组，用`tf.constant`变回张量；不变回来也行，TensorFlow的运算都接受NumPy数组",
    "tensorflow",
)
def _(scratch, tf):
    numpy.save(f"{scratch}/x.npy", tf.ones(3))
    loaded = numpy.load(f"{scratch}/x.npy")
    assert isinstance(loaded, numpy.ndarray) and isinstance(tf.constant(loaded), tf.Tensor)
    assert (tf.ones(3) + loaded).numpy().tolist() == [2, 2, 2]


@claim(
    "PaddlePaddle对文件名的后缀没有要求，习惯上单个张量用`.pdtensor`，网络的参数用`.pdparams`，"
    "优化器的状态用`.pdopt`",
    "paddle",
)
def _(equal, paddle, scratch):
    for what, suffix in (
        ("``Layer.state_dict`` , recommend to use", "pdparams"),
        ("``Optimizer.state_dict`` , recommend to use", "pdopt"),
        ("path_tensor =", "pdtensor"),
    ):
        (line,) = [line for line in paddle.save.__doc__.splitlines() if what in line]
        assert f".{suffix}" in line
    for name in ("x", "x.anything"):
        paddle.save(paddle.ones([3]), f"{scratch}/{name}")
        assert equal(paddle.load(f"{scratch}/{name}"), paddle.ones([3]))


# 练习
@claim(
    "标着“编写”的题目附有检查：把`raise NotImplementedError`换成你的代码，再运行那个单元格，"
    "`d2l.check`会说出第一处不同",
)
def _(d2l, save_safely, save_safely_cases):
    direct = lambda write, path: write(path)
    assert d2l.check(save_safely, save_safely_cases) == "还没有写"
    told, cases = d2l.check(direct, save_safely_cases), save_safely_cases(direct)
    differences = [what for what, yours, wanted in cases if yours != wanted]
    assert told.startswith(f"{differences[0]}：")


@claim(
    "实现`reuse(path)`：造一个新网络，前两个全连接层的参数取自文件，最后一层换成新的，有5个输出。"
    "要求：用框架自带的`Sequential`，层的排列和`old`相同；参数一律取自`path`，检查时文件里是另一组数；"
    "新网络和`old`不共用参数，之后`old`怎么改都不影响它",
    "先造一个和`old`排列相同的网络，把文件里的参数全部装进去，再换掉或者另接最后一层。"
    "只要不碰`old`，就不会和它共用参数",
    "新网络先照着`old`的排列造好，把文件里的参数全部装进去，再换掉最后一层。"
    "它从头到尾没有用到`old`的任何一层，所以不会和它共用参数",
    "常见的错误是把文件装进`old`，再拿它的层来用。刚造好时结果是对的，可是层是同一批，"
    "`old`一改，新网络也跟着变，`check`会说：`改动old之后，第1层的输出…`",
)
def _(
    chain,
    chained,
    d2l,
    dense,
    initialize,
    load_weights,
    make_old,
    old,
    reuse_cases,
    save_weights,
    scratch,
):
    def told(reuse):
        return d2l.check(reuse, reuse_cases)

    def layers(path):
        saved = make_old()
        load_weights(saved, path)
        return chained(saved)

    def other_second(path):
        found = layers(path)
        found[len(found) // 2] = new(64, 32)
        return chain(*found[:-1], new(32, 5))

    def shares(path):
        load_weights(old, path)
        return chain(*chained(old)[:-1], new(32, 5))

    new = lambda n_in, n_out: initialize(dense(n_in, n_out))
    right = lambda path: chain(*layers(path)[:-1], new(32, 5))
    save_weights(old, f"{scratch}/old.weights.h5")
    assert told(lambda path: right(f"{scratch}/old.weights.h5")).startswith("第1层的输出")
    assert told(shares).startswith("改动old之后，第1层的输出")
    assert told(right) == "正确"
    assert told(other_second)[2:].startswith("层的输出")
    assert told(lambda path: chain(*layers(path)[:-1], new(32, 4))).startswith("输出的形状")
    assert told(lambda path: chain(*layers(path), new(10, 5))).startswith("层数")


@claim(
    "实现`load_checked(path, shapes)`，读取存着张量字典的文件。`shapes`是从名字到形状的字典，"
    "说明应该有哪些张量。要求：名字和形状全都合得上才返回读到的字典，否则抛出`ValueError`，"
    "错误信息写出每个合不上的名字（缺少的、多余的、形状不同的），合得上的不写",
    "`dict.get`对缺少的名字返回`None`，正好也和形状不相等",
    "`{**shapes, **found}`的键是两边的名字合在一起。"
    "缺少的名字用`get`取到`None`，和任何形状都不相等，所以三种情形一次比完。"
    "要先把不合的全部收齐，再抛出异常",
    "常见的错误是遇到第一处不合就抛出异常，其余的没有说，使用的人改一处、报一处。"
    "`check`会说：`三个都不合时提到bias：应为True，你的是False`",
)
def _(d2l, fetch, load_checked_cases):
    def told(choose):
        def load_checked(path, shapes):
            saved = fetch(path)
            found = {name: tuple(tensor.shape) for name, tensor in saved.items()}
            wrong = choose(shapes, found)
            if wrong:
                raise ValueError("、".join(wrong))
            return saved

        return d2l.check(load_checked, load_checked_cases)

    def differing(shapes, found):
        both = {**shapes, **found}
        assert set(both) == set(shapes) | set(found)
        return [name for name in both if shapes.get(name) != found.get(name)]

    assert differing({"a": (1,), "b": ()}, {"b": (), "c": (), "a": (2,)}) == ["a", "c"]
    assert told(differing) == "正确"
    for what, choose in {
        "三个都不合时提到bias：应为True": lambda *both: sorted(differing(*both))[-1:],
        "多了bias时提到bias：应为True": lambda shapes, found: [
            name for name in shapes if shapes.get(name) != found.get(name)
        ],
        "少了scale时提到scale：应为True": lambda shapes, found: [
            name for name in found if shapes.get(name) != found.get(name)
        ],
        "weight形状不同时提到weight：应为True": lambda shapes, found: {*shapes} ^ {*found},
        "少了scale时提到weight：应为False": lambda shapes, found: (
            differing(shapes, found) and {**shapes, **found}
        ),
    }.items():
        assert told(choose).startswith(what), (what, told(choose))
    assert d2l.check(lambda path, shapes: {}, load_checked_cases).startswith("返回全部张量")


@claim(
    "实现`build(text)`，按一段JSON文本造出网络，"
    """例如`{"inputs": 20, "layers": [["dense", 256], ["relu"], ["dense", 10]]}`，"""
    "其中`inputs`是输入的个数，`dense`后面是输出的个数。要求：用框架自带的`Sequential`，"
    "`layers`的每一项造一层，次序照旧；只认得`dense`和`relu`，遇到别的名字抛出`ValueError`，"
    "不许用`eval`",
    "用`json.loads`读出字典，用`for kind, *sizes in`拆开每一项，"
    "按`kind`分三种情况：`dense`、`relu`和别的。"
    "要写明输入个数的框架，每造一个`dense`就记下它的输出个数，下一个`dense`要用",
    "名字只用来比较，从不当作代码执行，所以文件里写什么都不要紧",
    "常见的错误是不写最后的`else`，把不认得的名字也当作`relu`。写错的文件于是造出一个不声不响的错网络，"
    "`check`会说：`拒绝os.system：应为True，你的是False`",
)
def _(build_cases, chain, d2l, dense, kernel, Linear, marker, obeys, raises, ready, relu, tab, Z):
    def told(known, **options):
        return d2l.check(lambda text: build(text, known, **options), build_cases)

    def build(text, known, remember=True, order=list):
        spec = json.loads(text)
        inputs, layers = spec["inputs"], []
        for kind, *sizes in spec["layers"]:
            if kind == "dense":
                layers.append(dense(inputs, *sizes))
                (inputs,) = sizes if remember else (inputs,)
            elif known(kind):
                layers.append(relu())
            else:
                raise ValueError(kind)
        return chain(*order(layers))

    def evaluated(kind):
        try:
            return kind == "relu" or eval(kind)
        except NameError:
            return False

    relus_last = lambda layers: sorted(layers, key=lambda layer: not isinstance(layer, Linear))
    exact = lambda kind: kind == "relu"
    assert told(exact) == "正确"
    assert told(lambda kind: True) == "拒绝os.system：应为True，你的是False"
    assert told(evaluated) == "拒绝os.system：应为True，你的是False"
    assert told(exact, order=relus_last).startswith("权重为-1、偏置为1时的输出")
    if tab in ("pytorch", "paddle"):
        assert raises(Exception, lambda: told(exact, remember=False))
        assert raises(TypeError, lambda: Linear(10))
    example = '{"inputs": 20, "layers": [["dense", 256], ["relu"], ["dense", 10]]}'
    net = ready(build(example, exact), Z)
    assert [kernel(net_layer).shape for net_layer in dense_of(net, Linear)] == [
        (20, 256),
        (256, 10),
    ]
    bad = f'__import__("os").makedirs({marker!r})'
    text = json.dumps({"inputs": 20, "layers": [[bad, 1]]})
    assert not obeys(lambda: build(text, exact), marker)
    assert raises(ValueError, lambda: build(text, exact))
    assert obeys(lambda: build(text, evaluated), marker)


@claim(
    "实现`save_safely(write, path)`：`write`是一个函数，调用`write(path)`就会把内容写到`path`。"
    "要求：`write`中途出错时，异常照样抛给调用者，而`path`原来的内容完好；"
    "成功时`path`是新的内容，文件夹里不多出别的文件；"
    "交给`write`的文件名和`path`的结尾相同，因为有的框架会检查文件名",
    "`os.path.split`把路径拆成文件夹和文件名；在文件名的前面加几个字，结尾就不变",
    "先写进同一个文件夹里的另一个文件，写完再用`os.replace`换过来。另一个文件的名字只在前面加字，结尾不变",
    "常见的错误是直接写`path`。写到一半出错，旧的内容已经没有了，"
    "`check`会说：`第2次之后的内容：应为1，你的是2`",
)
def _(d2l, save_safely_cases):
    def told(beside, keep=os.replace):
        def save_safely(write, path):
            write(beside(path))
            if beside(path) != path:
                keep(beside(path), path)

        return d2l.check(save_safely, save_safely_cases)

    def before(path):
        where, name = os.path.split(path)
        assert f"{where}/{name}" == path and "/" not in name
        return os.path.join(where, f"part-{name}")

    def swallows(write, path):
        with contextlib.suppress(OSError):
            write(before(path))
            os.replace(before(path), path)

    assert told(before) == "正确"
    assert told(lambda path: path) == "第2次之后的内容：应为1，你的是2"
    assert told(lambda path: f"{path}.part").startswith("文件名的结尾")
    assert told(before, shutil.copy).startswith("第1次多出的文件数")
    assert d2l.check(swallows, save_safely_cases).startswith("第2次是否抛出错误")


@claim(
    "例如Keras存参数时只认`.weights.h5`结尾的，光有`.h5`不行",
    "tensorflow",
    elsewhere="Keras is in one tab only",
)
def _(net, raises, scratch):
    net.save_weights(f"{scratch}/w.weights.h5")
    for name in ("w.h5", "w.weights", "weights.h5"):
        assert raises(ValueError, lambda: net.save_weights(f"{scratch}/{name}"))


@claim(
    "先预测，再算出`params_file`的字节数和“参数量乘以每个数的字节数”之比",
    "文件除了数，还有名字、形状和格式自己的记号，每个张量几十到两三千字节，和数的多少无关。"
    "所以网络越小，比值越大：隐藏单元是1时，文件是参数的十倍到几百倍；是512时，几乎就是1",
    "下面依次是隐藏单元为1、32、512时的比值",
    "最后把参数转换成`float16`再存，文件小了多少，网络的输出变了多少",
    "换成`float16`，文件大约小一半，精度通常不变，分数最多差百分之几",
    "再把参数转换成`float16`存一次，读回来变成`float32`再装进网络，看文件的大小之比、分数最多差多少",
)
def _(
    array,
    cast,
    d2l,
    fetch,
    load_weights,
    parameters,
    params_file,
    put,
    save_weights,
    scratch,
    store,
    tensor,
    value,
    X,
    y,
):
    ratios, more = [], []
    for num_hiddens in (1, 32, 512):
        one, path = d2l.spiral_net(num_hiddens), f"{scratch}/size.weights.h5"
        save_weights(one, path)
        numbers = sum(value(parameter).size for parameter in parameters(one))
        ratios.append(os.path.getsize(path) / (4 * numbers))
        more.append((os.path.getsize(path) - 4 * numbers) / 12)
        if num_hiddens == 32:  # a zip has its own name inside
            assert abs(os.path.getsize(params_file) / os.path.getsize(path) - 1) < 0.05
    assert sorted(ratios, reverse=True) == ratios
    assert min(more) > 20 and max(more) < 3000 and max(more) < 1.2 * min(more), more
    assert 10 < ratios[0] < 500 and 1 < ratios[2] < 1.05, ratios
    one = d2l.spiral_net()
    load_weights(one, params_file)
    before, accuracy = array(one(X)), d2l.accuracy(one, X, y)
    full = [tensor(value(parameter).tolist()) for parameter in parameters(one)]
    store(full, f"{scratch}/full")
    store([cast(one, "float16") for one in full], f"{scratch}/half")
    sizes = [os.path.getsize(the_file(f"{scratch}/{name}*")) for name in ("half", "full")]
    assert 0.4 < sizes[0] / sizes[1] < 0.75, sizes
    for parameter, half in zip(parameters(one), fetch(f"{scratch}/half"), strict=True):
        assert str(array(half).dtype) == "float16"
        put(parameter, array(half).astype("float32"))
    assert 0 < abs(array(one(X)) - before).max() < 0.05
    assert d2l.accuracy(one, X, y) == accuracy


@claim(
    "`load_parameters`默认不肯把`float16`的文件读进`float32`的网络。"
    "照错误信息的建议写上`cast_dtype=True`，数就在读取时转换成`float32`",
    "不要直接用`float16`的网络计算，CPU上的全连接层不支持这种类型",
    "mxnet",
)
def _(array, d2l, fetch, message, MXNetError, params_file, raises, scratch, store, X):
    half = {name: one.astype("float16") for name, one in fetch(params_file).items()}
    store(half, f"{scratch}/half")
    one, full = d2l.spiral_net(), d2l.spiral_net()
    told = message(AssertionError, lambda: one.load_parameters(f"{scratch}/half"))
    assert "dtype incompatible" in told and "Set cast_dtype=True" in told
    one.load_parameters(f"{scratch}/half", cast_dtype=True)
    full.load_parameters(params_file)
    for parameter in one.collect_params().values():
        assert parameter.data().dtype == "float32"
    assert 0 < abs(array(one(X)) - array(full(X))).max() < 0.05
    one.cast("float16")
    assert raises(MXNetError, lambda: one(X.astype("float16")).asnumpy())


@claim(
    "`set_state_dict`不肯把`float16`的张量装进`float32`的网络，会抛出`AssertionError`。"
    "读出来以后先逐个`astype('float32')`，再装进网络",
    "paddle",
)
def _(array, d2l, fetch, paddle, params_file, raises, scratch, X):
    kept = fetch(params_file)
    paddle.save({name: one.astype("float16") for name, one in kept.items()}, f"{scratch}/half")
    half, one, full = fetch(f"{scratch}/half"), d2l.spiral_net(), d2l.spiral_net()
    assert raises(AssertionError, lambda: d2l.spiral_net().set_state_dict(half))
    back = {name: numbers.astype("float32") for name, numbers in half.items()}
    assert one.set_state_dict(back) == full.set_state_dict(kept) == ([], [])
    assert 0 < abs(array(one(X)) - array(full(X))).max() < 0.05


@claim(
    "把断点续训里的Adam换成没有动量的SGD（学习率0.1），"
    "只取回参数的`forgetful`和没有中断过的`rest`会差多少",
    "没有动量的SGD不记任何状态，下一步只由当前的参数和梯度决定，所以只取回参数就够了，两条曲线完全重合",
    "带动量时，SGD给每个参数记着一份速度，丢掉它，曲线就会分开，不过没有Adam那样的猛跳："
    "每一步的大小仍由梯度决定，梯度小，步子就小",
    "下面两个数是两种情形里损失的最大差别",
)
def _(
    d2l,
    forgetful,
    gradients_of_loss,
    load_weights,
    make_momentum,
    make_sgd,
    num_steps,
    parameters,
    save_weights,
    scratch,
    seed,
    value,
    X,
    y,
):
    def shapes(part):
        if isinstance(part, dict):
            return [shape for one in part.values() for shape in shapes(one)]
        return [numpy_shape(part)] if numpy_shape(part) else []

    def curves(make, states_of_each):
        one, again = d2l.spiral_net(), d2l.spiral_net()
        optimizer, path = make(one), f"{scratch}/w.weights.h5"
        d2l.train(one, X, y, optimizer, num_steps)
        parts = d2l.checkpoint_parts(one, optimizer)
        states = {
            name: part
            for name, part in parts.items()
            if not name.startswith(("net/", "step")) and not name.endswith("/count")
        }
        own = [value(parameter).shape for parameter in parameters(one)]
        assert sorted(shapes(states)) == sorted(own * states_of_each)
        save_weights(one, path)
        load_weights(again, path)
        rest = d2l.train(one, X, y, optimizer, num_steps)
        old, grads = [value(w) for w in parameters(again)], gradients_of_loss(again, X, y)
        optimizer = make(again)
        forgot = d2l.train(again, X, y, optimizer, 1)
        for w, before, grad in zip(parameters(again), old, grads, strict=True):
            assert numpy.allclose(value(w), before - 0.1 * grad, atol=1e-5)
        return rest, forgot + d2l.train(again, X, y, optimizer, num_steps - 1)

    seed(1)
    rest, forgot = curves(make_sgd, 0)
    assert rest == forgot
    rest, forgot = curves(make_momentum, 1)
    apart = [abs(a - b) / a for a, b in zip(rest, forgot, strict=True)]
    assert apart[0] == 0 and max(apart) > 0.05
    assert max(forgot[:8]) < 1.5 * forgot[0] and max(forgetful[:8]) > 5 * forgetful[0]
