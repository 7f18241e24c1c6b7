"""What chapter_computation/read-write.md claims."""

import contextlib
import glob
import io
import json
import os
import pickle
import pickletools
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path
from unittest import TestCase

import numpy

from claims import Claims

SECTION = "chapter_computation/read-write.md"
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


def the_file(pattern):
    """Return the path of the only file that fits."""
    (path,) = glob.glob(pattern)
    return path


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


# 张量
@claim("已经有了也不报错，所以可以重新运行")
def _(folder, In, notebook):
    (cell,) = [cell for cell in In if cell.startswith("folder = 'read-write'")]
    assert "makedirs" in cell
    before = sorted(os.listdir(folder))
    exec(cell, notebook)
    assert before and sorted(os.listdir(folder)) == before


@claim("内容和类型都没有变", "从名字到张量的字典更稳妥，网络的参数正是这样存的")
def _(array, fetch, folder, notebook, params_file, x):
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


@claim("对文件名的后缀没有要求", "名字由属性名和次序拼成", "mxnet", "pytorch", "paddle")
def _(equal, fetch, params_file, scratch, store, x):
    for path in (f"{scratch}/a.b", f"{scratch}/bare"):
        store([x], path)
        assert os.path.isfile(path) and equal(fetch(path)[0], x)
    assert set(fetch(params_file)) == NAMES


@claim(
    "`npx.save`会抛出`MXNetError`",
    "`npx.load`返回的总是列表或字典",
    "列表里只能放MXNet的张量，放进NumPy数组或别的对象，`npx.save`会抛出`TypeError`",
    "mxnet",
)
def _(fetch, MXNetError, raises, scratch, store, x):
    assert raises(MXNetError, lambda: store(x, "no/x.nd"))
    path = f"{scratch}/x"
    for what, kind in ((x, list), ([x], list), ({"x": x}, dict)):
        store(what, path)
        assert type(fetch(path)) is kind
    for other in (numpy.zeros(3), "text", 1.5):
        assert raises(TypeError, lambda: store([x, other], path))


@claim(
    "`torch.save`会抛出`RuntimeError`",
    "`weights_only=True`从2.6版起是默认值",
    "`torch.save`会把整个大张量的存储都写进文件，只想存那一小块时，先对切片调用`clone()`",
    "pytorch",
)
def _(folder, raises, scratch, torch, x):
    assert raises(RuntimeError, lambda: torch.save(x, "no/x"))
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
    "NumPy没有`bfloat16`，存了再读只剩下没有类型的字节",
    "没有起名的依次叫作`arr_0`、`arr_1`",
    "NumPy会先把两个张量堆成一个数组，整数就变成了浮点数，形状不同时则干脆报错",
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
    "谁先算、谁后算，捷径从哪里接到哪里，都不在里面",
    "改一改前向传播的代码，它们照样装得进去",
    "合得上的那些参数可能已经装进去了，剩下的还是随机的初始值",
    "文件和网络合不上时，可能有一部分已经装了进去",
)
def _(
    A,
    B,
    equal,
    load_weights,
    mlp,
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
    "格式和`npx.save`存的字典一样",
    "名字由属性名和次序拼成，与MXNet的全局序号无关",
    "`load_parameters`会按文件里的形状建好每个参数，值直接取自文件",
    "没有初始化过的网络默认装到CPU，要装到别处就写`load_parameters(params_file, ctx=...)`；"
    "初始化过的，装到它原来所在的设备",
    "形状不同、文件里缺少参数，都会抛出`AssertionError`；文件里有多余的参数，则抛出`ValueError`",
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
    "那里的参数只有形状、不占内存",
    "没有它，数没有地方可装，PyTorch只给出警告，什么也没有装进去",
    "错误信息列出了每个合不上的名字和两边的形状",
    "写`strict=False`，再看返回的`missing_keys`和`unexpected_keys`",
    "pytorch",
)
def _(scratch, save_weights, equal, fetch, message, MLP, mlp, nn, raises, torch, warned, A, B):
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


@claim("文件还记录着每个张量原来在哪个设备上", "pytorch")
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
    "因为Keras的层已经有一个叫`output`的只读属性",
    "文件名必须以`.weights.h5`结尾",
    "文件名写成`spiral.params`或`spiral.h5`都会报错",
    "别的网络要等看见输入才会创建，装之前要先让它算一次",
    "若不先算，`load_weights`会报错，说模型还没有构建",
    "接着的`load_weights`什么也没有装进去，却没有一句提示",
    "用`Input`开头的`Sequential`一造好就有权重",
    "形状不同会报错，文件里缺少参数也会报错；可是文件里多余的整个层，"
    "`load_weights`会不声不响地略过",
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
    path = f"{scratch}/w.weights.h5"
    one, two = [chain(tf.keras.Input((20,)), tf.keras.layers.Dense(3)) for _ in range(2)]
    one.save_weights(path)
    two.load_weights(path)
    assert equal(one(A), two(A))
    dense = lambda *sizes, **options: ready(
        chain(*[tf.keras.layers.Dense(n, **options) for n in sizes]), A
    )
    dense(5, 4).save_weights(path)
    # a surplus parameter of a layer that is there is refused
    for misfit in (dense(5, 3), dense(5, 4, 3), dense(5, 4, use_bias=False)):
        assert raises(ValueError, lambda: misfit.load_weights(path))
    assert warned(lambda: dense(5).load_weights(path)) == []


@claim(
    "`vars/0`是权重，`vars/1`是偏置",
    "前面是层的位置，与层的全局序号无关，换个进程读也对得上",
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
    "两个都空，才算全部装好",
    "名字或形状合不上的参数列在第一个名单里，各给一个警告，跳过不装，别的照装",
    "文件里有多余的参数时连警告也没有",
    "类型不同则抛出`AssertionError`",
    "paddle",
)
def _(caught, d2l, equal, fetch, missing, net, nn, params_file, raises, silent, wide):
    kept = fetch(params_file)
    assert set(d2l.spiral_net().state_dict()) == set(kept) == NAMES
    assert d2l.spiral_net().set_state_dict(kept) == ([], [])
    assert len(caught) == len(missing) == 11 and "4.bias" not in missing
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
    "`pickle`文件能让读取者执行写文件的人指定的函数",
    "文件里的要求没有执行",
    mxnet="gift.params",
    pytorch="gift.pt",
    tensorflow="gift.npy",
    paddle="gift.safetensors",
)
def _(fetch, folder, given, marker, notebook, obeys, Payload, raises, refused):
    texts = [text for _, text, _ in pickletools.genops(pickle.dumps(Payload()))]
    assert [text for text in texts if isinstance(text, str)] == ["os", "makedirs", marker]
    for gift in (Payload(), {"weight": [1, Payload()]}):
        assert obeys(lambda: pickle.loads(pickle.dumps(gift)), marker)
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
    _, adam = pickle.loads(Path(f"{folder}/adam.states").read_bytes())
    assert type(adam).__name__ == "Adam"
    Path(f"{scratch}/gift").write_bytes(pickle.dumps(Payload()))
    assert obeys(lambda: trainer.load_states(f"{scratch}/gift"), marker)


@claim(
    "`torch.load`里面用的就是`pickle`，`weights_only=True`只放行重建张量、字典、数和字符串之类"
    "所需的名字，所以请只存`state_dict()`，不要存整个网络",
    "读这个文件，就得同意使用这些类",
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
    "元素是数的数组用不着`pickle`",
    "`load_model`默认是`safe_mode=True`，遇到这样的`Lambda`层就拒绝",
    "写成`safe_mode=False`，函数会被原样恢复，读取时或者模型一算就执行",
    "tensorflow",
)
def _(fetch, folder, marker, obeys, raises, tf, X):
    assert obeys(lambda: numpy.load(f"{folder}/gift.npy", allow_pickle=True), marker)
    assert not obeys(lambda: numpy.load(f"{folder}/gift.npy"), marker)
    # NumPy reads these without pickle
    named = fetch(f"{folder}/dict.npz")
    for numbers in (fetch(f"{folder}/x.npy"), named["x"]):
        assert numbers.tolist() == [0, 1, 2, 3] and numbers.dtype == "int32"
    assert named["y"].tolist() == [0, 0, 0, 0] and named["y"].dtype == "float32"
    load_gift = lambda **options: tf.keras.models.load_model(f"{folder}/gift.keras", **options)
    assert raises(ValueError, load_gift)
    opened = load_gift(safe_mode=False)
    assert obeys(lambda: opened(X), marker)


@claim(
    "`paddle.load`用的就是`pickle`，而且不作任何限制，文件要求什么就做什么",
    "`NumbersOnly`只放行重建NumPy数组所需的几个名字",
    "自己用`paddle.save`存下的参数也能用`load_numbers`读，得到的是NumPy数组，"
    "可以直接交给`set_state_dict`",
    "它只认参数文件，单个张量读不了",
    "paddle",
)
def _(
    d2l, equal, fetch, folder, load_numbers, marker, message, obeys, params_file, raises, scratch, X
):
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
    "它只存名字、形状、类型和数，没有地方写函数",
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


unchecked(
    "管不了参数本身：有人可以把网络训练成平时表现正常，遇到特定的输入才出错",
    "an attack that would have to be trained here to be shown",
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
    "*暂退法*（dropout）训练时随机丢掉一部分单元，评估时全部保留",
    "训练时用这一批数据的均值和方差，评估时用训练中积累的滑动平均",
    "训练以后存进`noisy_file`，滑动平均也在里面",
    "评估模式的两个分数相同，也和存盘之前相同；训练模式的两个不同，因为每次丢掉的单元不一样",
    "用读回来的网络做预测，要在评估模式里",
)
def _(array, load_weights, make_noisy, noisy, noisy_file, notebook, outputs, scores, tab, X):
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
    "`autograd.record()`或`autograd.train_mode()`里面是训练模式，别处都是评估模式（MXNet称为预测模式），"
    "所以装好参数直接调用就对",
    "mxnet",
)
def _(autograd, equal, nn, np):
    drop, X = nn.Dropout(0.5), np.ones((100, 100))
    assert equal(drop(X), X)
    for scope in (autograd.record, autograd.train_mode):
        with scope():
            assert not equal(drop(X), X)


@claim("`training=True`是训练模式；直接调用是评估模式，所以装好参数直接调用就对", "tensorflow")
def _(equal, tf):
    drop, X = tf.keras.layers.Dropout(0.5), tf.ones((100, 100))
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
    "先用Adam训练`num_steps`步",
)
def _(
    checkpoint,
    d2l,
    forgetful,
    gap,
    losses,
    make_adam,
    num_steps,
    rest,
    resumed,
    X,
    y,
):
    assert gap == 0 and resumed == rest and len(losses) == len(rest) == num_steps
    assert losses[0] > 1 and losses[-1] < 0.3 and rest[-1] < 0.001
    assert abs(forgetful[0] - rest[0]) < 1e-6  # the same parameters
    assert max(forgetful[:8]) > 5 * forgetful[0] and max(forgetful) > 0.5
    assert forgetful[-1] > 5 * rest[-1]
    for _ in range(2):
        net = d2l.spiral_net()
        adam = make_adam(net)
        assert d2l.load_checkpoint(checkpoint, net, adam) == num_steps
        assert d2l.train(net, X, y, adam, num_steps) == rest
    other = make_adam(net)
    assert d2l.train(net, X, y, other, 300)[-1] < 0.001


@claim(
    "先写进另一个文件，用`os.fsync`等内容真正写到磁盘上，再用`os.replace`换掉旧文件",
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
    "学习率以新造的`Trainer`为准",
    "随机数发生器的状态，MXNet取不出来",
    "mxnet",
)
def _(checkpoint, d2l, gluon, net, np, npx, resumed_net, scratch, trainer, X, y):
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


@claim("学习率也在优化器的状态里，装进去以后以文件为准", "pytorch")
def _(checkpoint, d2l, torch):
    net = d2l.spiral_net()
    adam = torch.optim.Adam(net.parameters(), lr=0.5)
    d2l.load_checkpoint(checkpoint, net, adam)
    assert adam.param_groups[0]["lr"] == 0.01


@claim(
    "走了几步也记在优化器里",
    "数在`.data`那个文件里，索引在`.index`里，两个都要留着",
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
    assert d2l.train(net, X, y, adam, 2) == wanted
    status.assert_consumed()
    assert int(adam.iterations) == num_steps + 2  # most of them came from the file


@claim(
    "同一个进程里的第二个优化器轮到了别的序号，第一步便会报错，说找不到状态",
    "序号重新从0数起，造网络和训练都要放在里面",
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

    with paddle.utils.unique_name.guard():
        wanted = keep(*begin())
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


# 连结构一起存
@claim(
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


@claim(
    "MXNet只能导出`HybridBlock`，我们的`MLP`是普通的`Block`",
    "是一段读得懂的文本，列着每个算子和它的输入",
    "前向传播里不能有由数据决定的Python循环",
    "mxnet",
)
def _(folder, hybrid, MLP, mlp, nn, raises, A):
    from mxnet.base import NotImplementedForSymbol

    assert issubclass(nn.HybridSequential, nn.HybridBlock) and hasattr(hybrid, "export")
    assert not issubclass(MLP, nn.HybridBlock) and not hasattr(mlp, "export")
    nodes = json_of(f"{folder}/export-symbol.json")["nodes"]
    done = [node["op"] for node in nodes if node["op"] != "null"]
    assert done == ["FullyConnected", "Activation", "FullyConnected"]
    assert all("inputs" in node for node in nodes) and nodes[0]["name"] == "data"

    class Loop(nn.HybridBlock):
        def hybrid_forward(self, F, A):
            while F.np.abs(A).sum() > 1:
                A = A / 2
            return A

    loop = Loop()
    loop.hybridize()
    assert raises(NotImplementedForSymbol, lambda: loop(A))


@claim(
    "默认形状就此固定",
    "后缀请用`.pt2`，用别的会有警告",
    "文件里的计算图由基本的张量运算组成",
    "导出的图停在导出那一刻的模式（训练或评估）上，读回来不能再用`eval()`切换",
    "pytorch",
)
def _(equal, folder, loaded, message, mlp, nn, program, raises, scratch, torch, A, B):
    export = lambda mlp: torch.export.export(mlp, (A,)).module()
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
    "它不保存我们写在`call`里的代码",
    "后缀请用`.keras`。它其实是一个zip包，里面的`config.json`是读得懂的文本",
    "只是读的时候要把类交给它：`load_model(..., custom_objects={'MLP': MLP})`",
    "构造`MLP`时若改了`num_hiddens`，还要写`get_config`把它交出来",
    "再用`tf.saved_model.load`读回来，调用`serve`",
    "SavedModel的图里什么运算都可以有，包括写文件",
    "tensorflow",
)
def _(equal, folder, MLP, mlp, raises, ready, scratch, stack, tf, A, B):
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


@claim(
    "`None`表示样本的个数可以变",
    "结构在`.json`里，参数在`.pdiparams`里",
    "前向传播里由数据决定的`while`也能导出，它会被转换成图里的循环",
    "转换出来的代码，PaddlePaddle另存了一份在用户目录的`.cache/paddle`里",
    "如果第一次计算时看到`New Executor is Running`之类的字样",
    "paddle",
)
def _(equal, folder, loaded, mlp, nn, paddle, scratch, A):
    def saved(mlp, name, rows):
        spec = paddle.static.InputSpec([rows, 20])
        paddle.jit.save(mlp, f"{scratch}/{name}", input_spec=[spec])
        return json.dumps(json_of(f"{scratch}/{name}.json"))

    graph = json.dumps(json_of(f"{folder}/export.json"))
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


@claim("`A`是它的输入，`B`是它的输出，留作对照")
def _(A, B, equal, mlp):
    assert equal(mlp(A), B)


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


@claim("PaddlePaddle对文件名的后缀没有要求", "paddle")
def _(equal, paddle, scratch):
    for name in ("x", "x.anything"):
        paddle.save(paddle.ones([3]), f"{scratch}/{name}")
        assert equal(paddle.load(f"{scratch}/{name}"), paddle.ones([3]))
