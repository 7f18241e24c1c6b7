"""What chapter_computation/read-write.md claims."""

import contextlib
import glob
import io
import json
import os
import pickle
import pickletools
import shutil
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
#: What the parameters of an `MLP` are called, but for Keras.
NAMES = {"hidden.weight", "hidden.bias", "output.weight", "output.bias"}


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


@claim("内容和类型都没有变", "两个类型都保住了", "从名字到张量的字典更稳妥，网络的参数正是这样存的")
def _(array, fetch, folder, mlp_file, notebook, x):
    back = fetch(the_file(f"{folder}/x.*"))
    one, two = fetch(the_file(f"{folder}/list.*"))
    for tensor in (x, back[0] if isinstance(back, list) else back, one):
        assert array(tensor).tolist() == [0, 1, 2, 3] and array(tensor).dtype == "int32"
    assert array(two).tolist() == [0, 0, 0, 0] and array(two).dtype == "float32"
    assert set(fetch(the_file(f"{folder}/dict.*"))) == {"x", "y"}
    assert len(notebook.get("shapes") or fetch(mlp_file)) == 4


@claim(
    "几个张量可以一起存，它们的类型和形状都可以不同",
    "名字都在，还是存的时候起的那些，要哪个张量就按名字取",
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


@claim("对文件名的后缀没有要求", "名字由属性名拼成", "mxnet", "pytorch", "paddle")
def _(equal, fetch, mlp_file, scratch, store, x):
    for path in (f"{scratch}/a.b", f"{scratch}/bare"):
        store([x], path)
        assert os.path.isfile(path) and equal(fetch(path)[0], x)
    assert set(fetch(mlp_file)) == NAMES


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
    "从2.6版起它就是默认值",
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
    "后缀是`.npy`，不写也会自动补上",
    "TensorFlow的运算都接受NumPy数组",
    "NumPy没有`bfloat16`，存了再读只剩下没有类型的字节",
    "没有起名的依次叫作`arr_0`、`arr_1`",
    "NumPy会先把两个张量堆成一个数组，整数就变成了浮点数；形状不同时则干脆报错",
    "tensorflow",
)
def _(folder, net, raises, scratch, tf, x, y):
    for task in (lambda: numpy.save("no/x.npy", x), lambda: net.save_weights("no/m.weights.h5")):
        assert raises(FileNotFoundError, task)
    numpy.save(f"{scratch}/x", x)
    assert os.listdir(scratch) == ["x.npy"]
    loaded_x = numpy.load(f"{folder}/x.npy")
    assert isinstance(loaded_x, numpy.ndarray)
    assert tf.add(loaded_x, 1).numpy().tolist() == [1, 2, 3, 4]
    numpy.save(f"{scratch}/x.npy", tf.zeros(4, tf.bfloat16))
    assert numpy.load(f"{scratch}/x.npy").dtype.kind == "V"
    with numpy.load(f"{folder}/list.npz") as saved_list:
        assert saved_list.files == ["arr_0", "arr_1"]
    numpy.save(f"{scratch}/x.npy", [x, y])
    stacked = numpy.load(f"{scratch}/x.npy")
    assert stacked.shape == (2, 4) and stacked.dtype.kind == "f"
    assert raises(ValueError, lambda: numpy.save(f"{scratch}/x.npy", [y, tf.zeros(3)]))


@claim(
    "`paddle.save`会自己建好路径里缺少的文件夹，可是后面要用的`save_file`和Python的`open`不会",
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
    "`MLP()`会先随机初始化一遍，随后被文件里的数盖掉",
    "一个字典装下了全部东西，走到第几步也记在里面",
    "pytorch",
    "paddle",
)
def _(equal, fetch, folder, MLP, net, num_steps, save_and_load, scratch, store, X, x, y):
    store([x, 1.5, "text", [y, 2]], f"{scratch}/list")
    back = fetch(f"{scratch}/list")
    assert back[1:3] == [1.5, "text"] and back[3][1] == 2 and equal(back[3][0], y)
    state = net.state_dict()
    assert isinstance(state, dict) and set(state) == NAMES
    assert all(isinstance(tensor, type(X)) for tensor in state.values())
    one, two = MLP(), MLP()
    assert not equal(one.hidden.weight, two.hidden.weight)
    assert not equal(one.hidden.weight, net.hidden.weight)
    save_and_load(net, one, f"{scratch}/w", X)
    assert equal(one.hidden.weight, net.hidden.weight)
    kept = fetch(the_file(f"{folder}/checkpoint.*"))
    assert set(kept) == {"net", "optimizer", "step"} and kept["step"] == num_steps


# 网络的参数
@claim(
    "隐藏单元的个数可以另外指定",
    "对同一个输入就应当给出完全相同的输出，一位也不差",
    "`wide`的隐藏单元多了一倍",
)
def _(array, clone, equal, MLP, net, parameters, ready, value, wide, X, Y, Y_clone):
    for block, num_hiddens in ((MLP(), 256), (MLP(7), 7)):
        sizes = sorted(value(w).size for w in parameters(ready(block, X)))
        assert sizes == sorted([20 * num_hiddens, num_hiddens, 10 * num_hiddens, 10])
    assert array(Y).shape == (2, 10)
    assert equal(Y_clone, Y) and clone is not net
    assert equal(clone(X), net(X))
    assert 512 in {n for w in parameters(wide) for n in w.shape}


@claim(
    "谁先算、谁后算，中间用什么激活函数，都不在里面",
    "改一改前向传播的代码，它们照样装得进去",
    "合得上的那些参数可能已经装进去了，剩下的还是随机的初始值",
    "文件和网络合不上时，可能有一部分已经装了进去",
)
def _(equal, load_weights, mlp_file, Nearly, net, parameters, raises, ready, tab, value, X, Y):
    values = lambda net: [value(w) for w in parameters(net)]
    other = ready(Nearly(), X)
    load_weights(other, mlp_file)
    assert equal(values(other)[0], values(net)[0]) and not equal(other(X), Y)
    other = ready(Nearly(11), X)
    before = values(other)
    with contextlib.suppress(AssertionError, RuntimeError, ValueError):
        load_weights(other, mlp_file)
    after = values(other)
    assert not equal(before[0], after[0]) and equal(after[0], values(net)[0])
    assert any(one.any() and equal(one, two) for one, two in zip(before, after, strict=True))
    if tab == "mxnet":  # as the notebook has it: never initialised
        other = Nearly(11)
        assert raises(AssertionError, lambda: load_weights(other, mlp_file))
        assert equal(value(other.hidden.weight), values(net)[0])
        assert raises(RuntimeError, other.output.weight.data)


@claim("参数文件里只有名字和数，没有网络的结构，读取前要先用代码造好同样的网络")
def _(array, fetch, mlp_file, notebook):
    content = Path(mlp_file).read_bytes()
    assert not any(word in content for word in (b"relu", b"MLP", b"forward"))
    if mlp_file.endswith(".h5"):
        entries = {}

        def note(name, item):
            if hasattr(item, "dtype"):
                entries[name] = item[()]
            assert all(key == "name" and isinstance(text, str) for key, text in item.attrs.items())

        with notebook["h5py"].File(mlp_file) as kept:
            assert not dict(kept.attrs)
            kept.visititems(note)
    else:
        entries = {name: array(tensor) for name, tensor in fetch(mlp_file).items()}
    assert len(entries) == 4 and all(isinstance(name, str) for name in entries)
    assert {(type(kept), kept.dtype.kind) for kept in entries.values()} == {(numpy.ndarray, "f")}
    assert sum(kept.size for kept in entries.values()) == 20 * 256 + 256 + 256 * 10 + 10


@claim(
    "格式和`npx.save`存的字典一样",
    "名字由属性名拼成，与MXNet的全局序号无关",
    "`load_parameters`会按文件里的形状建好每个参数，值直接取自文件",
    "还没有用过`clone`，输入的个数就已经从文件里知道了",
    "没有初始化过的网络默认装到CPU，要装到别处就写`load_parameters(mlp_file, ctx=...)`；"
    "初始化过的，装到它原来所在的设备",
    "形状不同、文件里缺少参数，都会抛出`AssertionError`；文件里有多余的参数，则抛出`ValueError`",
    "mxnet",
)
def _(
    dense, equal, fetch, MLP, mlp_file, net, nn, npx, raises, ready, refused, scratch, store, X, Y
):
    path, weight = f"{scratch}/w", net.hidden.weight.data()

    def loaded(path, block=None, **options):
        block = block or MLP()
        block.load_parameters(path, **options)
        return block

    store(fetch(mlp_file), path)
    assert equal(loaded(path)(X), Y)
    dense(2, 2), dense(2, 2)  # take the next numbers
    ready(MLP(), X).save_parameters(path)
    assert set(fetch(path)) == set(fetch(mlp_file)) == NAMES
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
        assert equal(block(X.copyto(npx.cpu(1))), Y)
    assert refused and raises(AssertionError, lambda: loaded(mlp_file, MLP(5)))
    more, less = MLP(), nn.Block()
    more.more, less.hidden = nn.Dense(3), nn.Dense(256)
    assert raises(AssertionError, lambda: loaded(mlp_file, more))
    assert raises(ValueError, lambda: loaded(mlp_file, less))
    assert equal(loaded(mlp_file, more, allow_missing=True).hidden.weight.data(), weight)
    assert equal(loaded(mlp_file, less, ignore_extra=True).hidden.weight.data(), weight)


@claim(
    "那里的参数只有形状、不占内存",
    "没有它，数没有地方可装，PyTorch只给出警告，什么也没有装进去",
    "返回值说所有的名字都对上了",
    "错误信息列出了每个合不上的名字和两边的形状",
    "写`strict=False`，再看返回的`missing_keys`和`unexpected_keys`",
    "pytorch",
)
def _(equal, fetch, message, MLP, mlp_file, net, nn, raises, torch, warned, X, Y):
    with torch.device("meta"):
        empty, void = MLP(), MLP()
    assert empty.hidden.weight.shape == (256, 20)
    assert raises(NotImplementedError, lambda: empty.hidden.weight.cpu())
    kept = fetch(mlp_file)
    empty.load_state_dict(kept, assign=True)
    assert equal(empty(X), Y) and empty.hidden.weight.requires_grad
    assert empty.hidden.weight.data_ptr() == kept["hidden.weight"].data_ptr()
    kept = fetch(mlp_file)  # `assign` leaves a mark in the old one
    assert len(warned(lambda: void.load_state_dict(kept))) == 4
    assert all(w.is_meta for w in void.parameters())
    told = MLP().load_state_dict(kept)
    assert told.missing_keys == told.unexpected_keys == []
    told = message(RuntimeError, lambda: MLP(512).load_state_dict(kept))
    parts = ["[256, 20]", "[512, 20]", *(NAMES - {"output.bias"})]
    assert all(part in told for part in parts) and "output.bias" not in told
    assert raises(RuntimeError, lambda: MLP(512).load_state_dict(kept, strict=False))
    fewer = nn.Module()
    fewer.hidden, fewer.more = nn.Linear(20, 256), nn.Linear(20, 2)
    assert raises(RuntimeError, lambda: fewer.load_state_dict(kept))
    told = fewer.load_state_dict(kept, strict=False)
    assert told.missing_keys == ["more.weight", "more.bias"]
    assert told.unexpected_keys == ["output.weight", "output.bias"]
    assert equal(fewer.hidden.weight, net.hidden.weight)


@claim("文件还记录着每个张量原来在哪个设备上", "pytorch")
def _(equal, fetch, message, mlp_file, net, scratch, torch):
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
    assert equal(read["hidden.weight"], net.hidden.weight)


@claim(
    "因为Keras的层已经有一个叫`output`的只读属性",
    "文件名必须以`.weights.h5`结尾，写成`mlp.params`或`mlp.h5`都会报错",
    "因为权重要等看见输入才会创建",
    "若不先算一次，`load_weights`会报错，说模型还没有构建",
    "接着的`load_weights`什么也没有装进去，却没有一句提示",
    "由`Input`开头的`Sequential`一造好就有权重，用不着先算一次",
    "形状不同会报错，文件里缺少参数也会报错；可是文件里多余的整个层，"
    "`load_weights`会不声不响地略过",
    "tensorflow",
)
def _(chain, equal, message, MLP, mlp_file, net, raises, ready, scratch, tf, warned, X, Y):
    assert raises(AttributeError, lambda: setattr(MLP(), "output", tf.keras.layers.Dense(10)))
    for name in ("mlp.params", "mlp.h5"):
        assert raises(ValueError, lambda: net.save_weights(f"{scratch}/{name}"))
    assert MLP().weights == []
    told = message(ValueError, lambda: MLP().load_weights(mlp_file))
    assert "not yet been built" in told and "build()" in told
    hollow = MLP()
    assert len(warned(lambda: hollow.build((None, 20)))) == 1
    assert hollow.built and hollow.weights == []
    assert warned(lambda: hollow.load_weights(mlp_file)) == [] and not equal(hollow(X), Y)
    path = f"{scratch}/w.weights.h5"
    one, two = [chain(tf.keras.Input((20,)), tf.keras.layers.Dense(3)) for _ in range(2)]
    one.save_weights(path)
    two.load_weights(path)
    assert equal(one(X), two(X))
    dense = lambda *sizes, **options: ready(
        chain(*[tf.keras.layers.Dense(n, **options) for n in sizes]), X
    )
    dense(5, 4).save_weights(path)
    # a surplus parameter of a layer that is there is refused
    for misfit in (dense(5, 3), dense(5, 4, 3), dense(5, 4, use_bias=False)):
        assert raises(ValueError, lambda: misfit.load_weights(path))
    assert warned(lambda: dense(5).load_weights(path)) == []


@claim(
    "`vars/0`是权重，`vars/1`是偏置",
    "Keras按字母顺序查看属性，每个层只记一次",
    "两个名字都与层的全局序号无关，换个进程读也对得上",
    "`.weights.h5`里也只有数",
    "tensorflow",
)
def _(h5py, MLP, mlp_file, net, ready, scratch, tf, X):
    def entries(path):
        found = {}
        with h5py.File(path) as kept:
            kept.visititems(
                lambda name, item: found.update({name: item[()]} if hasattr(item, "dtype") else {})
            )
        return found

    def saved(block):
        ready(block, X).save_weights(f"{scratch}/w.weights.h5")
        return entries(f"{scratch}/w.weights.h5")

    class Early(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.zeta, self.alpha = tf.keras.layers.Dense(3), tf.keras.layers.Dense(2)

        def call(self, X):
            return self.alpha(self.zeta(X))

    kept = entries(mlp_file)
    for name, layer in (("hidden", net.hidden), ("layers/dense_1", net.out)):
        assert (kept[f"{name}/vars/0"] == layer.kernel.numpy()).all()
        assert (kept[f"{name}/vars/1"] == layer.bias.numpy()).all()
    early, other = saved(Early()), MLP()
    assert "alpha/vars/0" in early and "zeta/vars/0" not in early
    assert early["layers/dense/vars/0"].shape == (20, 3)
    assert set(saved(other)) == set(kept) and other.out.name != "dense_1"
    assert [numbers.dtype.kind for numbers in kept.values()] == ["f"] * 4


@claim(
    "名字由属性名拼成，与PaddlePaddle的全局序号无关",
    "两个都空，才算全部装好",
    "名字或形状合不上的参数列在第一个名单里，各给一个警告，跳过不装，别的照装",
    "文件里有多余的参数时连警告也没有",
    "类型不同则抛出`AssertionError`",
    "paddle",
)
def _(caught, equal, fetch, missing, MLP, mlp_file, net, nn, raises, silent, wide):
    kept = fetch(mlp_file)
    assert set(MLP().state_dict()) == set(kept) == NAMES
    assert MLP().set_state_dict(kept) == ([], [])
    assert len(caught) == len(missing) == 3 and "output.bias" not in missing
    assert equal(wide.output.bias, net.output.bias) and wide.hidden.weight.shape == [20, 512]
    less = nn.Layer()
    less.hidden = nn.Linear(20, 256)
    absent, extra = silent(lambda: less.set_state_dict(kept))
    assert absent == [] and sorted(extra) == ["output.bias", "output.weight"]
    narrow = {name: value.astype("float16") for name, value in net.state_dict().items()}
    assert raises(AssertionError, lambda: MLP().set_state_dict(narrow))


# 只读取信得过的文件
@claim(
    "三个字符串依次是模块、函数和传给函数的路径",
    "谁用`pickle`读它，谁就替写它的人调用这个函数，没有任何提示",
    "`pickle`文件能让读取者执行写文件的人指定的函数",
    "文件里的要求没有执行",
    mxnet="gift.params",
    pytorch="gift.pt",
    tensorflow="gift.npy",
    paddle="gift.pdparams",
)
def _(fetch, folder, given, marker, notebook, obeys, Payload, raises, refused):
    texts = [text for _, text, _ in pickletools.genops(pickle.dumps(Payload()))]
    assert [text for text in texts if isinstance(text, str)] == ["os", "makedirs", marker]
    for gift in (Payload(), {"weight": [1, Payload()]}):
        assert obeys(lambda: pickle.loads(pickle.dumps(gift)), marker)
    read = lambda: notebook.get("load_numbers", fetch)(f"{folder}/{given}")
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
    "没有地方写函数。`npx.load`看到开头的记号不对就不再读，`load_parameters`也一样",
    "优化器的状态由`Trainer`保存（后面要用到），存成的正是`pickle`",
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
    "`torch.save`和`torch.load`里面用的就是`pickle`",
    "名单够用来重建张量、字典、列表、数和字符串，名单之外的一概拒绝",
    "读这个文件，就得同意使用`MLP`和`nn.Linear`",
    "类改了名字或者换了模块就读不出来",
    "字典里没有名单之外的名字，仍然可以用`weights_only=True`读",
    "pytorch",
)
def _(equal, fetch, folder, marker, MLP, nn, notebook, obeys, raises, scratch, torch, X, x, Y):
    load_all = lambda name: torch.load(f"{folder}/{name}", weights_only=False)
    assert obeys(lambda: load_all("gift.pt"), marker)
    torch.save({"a": [x, 1, 1.5, "text"]}, f"{scratch}/plain")
    assert fetch(f"{scratch}/plain")["a"][1:] == [1, 1.5, "text"]
    torch.save(print, f"{scratch}/print")
    assert raises(pickle.UnpicklingError, lambda: fetch(f"{scratch}/print"))
    needs = torch.serialization.get_unsafe_globals_in_checkpoint
    whole = f"{folder}/whole.pt"
    assert set(needs(whole)) == {"__main__.MLP", "torch.nn.modules.linear.Linear"}
    assert raises(pickle.UnpicklingError, lambda: fetch(whole))
    with torch.serialization.safe_globals([MLP, nn.Linear]):
        assert equal(fetch(whole)(X), Y)
    assert equal(load_all("whole.pt")(X), Y)
    del notebook["MLP"]
    try:
        assert raises(AttributeError, lambda: load_all("whole.pt"))
    finally:
        notebook["MLP"] = MLP
    assert needs(f"{folder}/checkpoint.pt") == [] and fetch(f"{folder}/checkpoint.pt")


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
    (one, two), named = fetch(f"{folder}/list.npz"), fetch(f"{folder}/dict.npz")
    for numbers in (fetch(f"{folder}/x.npy"), one, named["x"]):
        assert numbers.tolist() == [0, 1, 2, 3] and numbers.dtype == "int32"
    for numbers in (two, named["y"]):
        assert numbers.tolist() == [0, 0, 0, 0] and numbers.dtype == "float32"
    load_gift = lambda **options: tf.keras.models.load_model(f"{folder}/gift.keras", **options)
    assert raises(ValueError, load_gift)
    opened = load_gift(safe_mode=False)
    assert obeys(lambda: opened(X), marker)


@claim(
    "`paddle.load`不作任何限制，文件要求什么就做什么",
    "`NumbersOnly`只放行重建NumPy数组所需的几个名字",
    "自己用`paddle.save`存下的参数也能用`load_numbers`读，得到的是NumPy数组，"
    "可以直接交给`set_state_dict`",
    "它只认参数文件，单个张量和检查点读不了",
    "paddle",
)
def _(
    equal, fetch, folder, load_numbers, marker, message, MLP, mlp_file, obeys, raises, scratch, X, Y
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
    own, other = load_numbers(mlp_file), MLP()
    assert set(own) == NAMES and {type(array) for array in own.values()} == {numpy.ndarray}
    assert other.set_state_dict(own) == ([], []) and equal(other(X), Y)
    for name in ("x.pdtensor", "checkpoint.pdparams"):
        assert raises(pickle.UnpicklingError, lambda: load_numbers(f"{folder}/{name}")), name


@claim("它只存名字、形状、类型和数，没有地方写函数", "读写它的库随PaddlePaddle一起安装", "paddle")
def _(equal, folder, load_file, marker, MLP, obeys, Payload, raises, save_file, scratch, X, Y):
    assert raises(Exception, lambda: save_file({"a": Payload()}, f"{scratch}/p"))
    assert raises(Exception, lambda: load_file(f"{folder}/gift.pdparams"))
    assert not obeys(lambda: load_file(f"{folder}/gift.pdparams"), marker)
    other = MLP()
    assert other.set_state_dict(load_file(f"{folder}/mlp.safetensors")) == ([], [])
    assert equal(other(X), Y)
    content = Path(f"{folder}/mlp.safetensors").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    assert all(set(entry) == {"dtype", "shape", "data_offsets"} for entry in header.values())
    assert any(line.startswith("safetensors") for line in requires("paddlepaddle"))


unchecked(
    "它们管不了参数本身，有人可以把网络训练成平时表现正常，遇到特定的输入才出错",
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


# 检查点
@claim("Adam给每个参数记着两份滑动平均，梯度一份，梯度的平方一份")
def _(averages, gradient_of, matrix_of, mean, mlp_file, start, targets, train, X):
    net, adam = start(mlp_file)
    weight = matrix_of(net.hidden)
    grad = gradient_of(lambda X: mean((net(X) - targets) ** 2), weight, X)
    train(net, adam, 1)
    first, second = averages(adam, weight)
    assert numpy.allclose(first, 0.1 * grad, atol=1e-7)
    assert numpy.allclose(second, 0.001 * grad**2, atol=1e-9)


@claim(
    "不相同，训练起了作用",
    "结果是`True`：有没有中断过，从数值上看不出来",
    "都取回来，本节的结果就和没有中断过完全相同",
    "走的已经是另一条路",
    "这样训练往往也能收敛，所以这种错误不容易发现",
)
def _(array, equal, notebook, resume, targets, wanted, Y):
    error = lambda Y: ((array(Y) - array(targets)) ** 2).mean()
    assert error(wanted) < error(Y)
    assert all(equal(resume(notebook, True), wanted) for _ in range(3))
    forgetful = resume(notebook, False)
    assert abs(array(forgetful) - array(wanted)).max() > 1e-3
    assert error(forgetful) < error(Y)
    assert error(Y) > 0.01 and error(resume(notebook, False, 300)) < 1e-6


@claim("用到随机数的（例如丢弃法和打乱数据），还要加上随机数发生器的状态")
def _(dropout, equal, notebook, seed, tensor):
    draw = lambda: dropout(tensor([1.0] * 1000))
    framework = notebook.get("torch") or notebook.get("paddle")  # the others only have seeds
    seed(1)
    state = framework and framework.get_rng_state()
    one, two = draw(), draw()
    framework.set_rng_state(state) if framework else seed(1)
    assert equal(draw(), one) and not equal(one, two)


@claim("稳妥的做法是先写进另一个文件，写完再用`os.replace`换过来")
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


@claim(
    "后者比前者还大，因为两份滑动平均各和参数一样大", "随机数发生器的状态，MXNet取不出来", "mxnet"
)
def _(folder, np, npx):
    from mxnet import random

    size = lambda name: os.path.getsize(f"{folder}/checkpoint.{name}")
    assert 1.9 < size("states") / size("params") < 2.2
    for module in (npx.random, random, np.random):
        assert not [name for name in dir(module) if "state" in name], module


@claim(
    "走了几步也记在优化器里",
    "数在`.data`那个文件里，索引在`.index`里，两个都要留着",
    "`read`先把文件里的数记下，等变量创建时再填进去。所以`assert_consumed`要放在训练之后",
    "tensorflow",
)
def _(folder, mlp_file, num_steps, raises, scratch, start, tf, train):
    net, adam = start(mlp_file)
    read = tf.train.Checkpoint(net=net, optimizer=adam).read
    parts = [name for name in os.listdir(folder) if name.startswith("checkpoint.")]
    assert len(parts) == 2
    for part in parts:
        shutil.copy(f"{folder}/{part}", scratch)
        assert raises(tf.errors.OpError, lambda: read(f"{scratch}/checkpoint"))
        os.remove(f"{scratch}/{part}")
    status = read(f"{folder}/checkpoint")
    assert raises(AssertionError, status.assert_consumed)
    train(net, adam, num_steps)
    status.assert_consumed()
    assert int(adam.iterations) == 2 * num_steps  # half of them came from the file


@claim(
    "第二个网络轮到了别的序号，第一步便会报错，说找不到状态",
    "优化器的状态要到第一步才起名，所以训练也得放在里面",
    "重新启动的程序本来就从0数起，只要造网络的顺序不变，就用不着它",
    "paddle",
)
def _(fetch, folder, In, in_new_process, mlp_file, paddle, raises, start, train):
    kept = fetch(f"{folder}/checkpoint.pdparams")

    def resumed():
        net, adam = start(mlp_file)
        assert all("moment" not in name for name in adam.state_dict())
        adam.set_state_dict(kept["optimizer"])
        return net, adam, 1

    assert raises(AssertionError, lambda: train(*resumed()))
    with paddle.utils.unique_name.guard():
        train(*start(mlp_file), 1)  # takes the first numbers
        assert raises(AssertionError, lambda: train(*resumed()))
    with paddle.utils.unique_name.guard():
        train(*resumed())
    (cell,) = [cell for cell in In if cell.startswith("class MLP")]  # makes net and X, too
    in_new_process(f"""
import paddle
from paddle import nn
from paddle.nn import functional as F
{cell}
kept = paddle.load({folder!r} + '/checkpoint.pdparams')
adam = paddle.optimizer.Adam(0.01, parameters=net.parameters())
net.set_state_dict(kept['net'])
adam.set_state_dict(kept['optimizer'])
net(X).sum().backward()
adam.step()
""")


# 连结构一起存
@claim(
    "换一个从没见过它的程序来读，也得到同样的输出",
    "导出的文件连结构一起存，读回来不需要定义网络的类",
    "样本的个数也可以和导出时不同",
)
def _(array, folder, in_new_process, loaded, net, scratch, tab, X, Y):
    numpy.savez(f"{scratch}/saved.npz", X=array(X), Y=array(Y))
    in_new_process(f"""
import numpy
from words.{tab} import exported
run, saved = exported({folder!r}), numpy.load({scratch + "/saved.npz"!r})
assert numpy.allclose(run(saved["X"]), saved["Y"], atol=1e-5)
assert run(saved["X"][:1]).shape == (1, 10)
""")
    for rows in (X[:1], X):
        assert numpy.allclose(array(loaded(rows)), array(net(rows)), atol=1e-5)


@claim(
    "MXNet只能导出`HybridBlock`，我们的`MLP`是普通的`Block`",
    "是一段读得懂的文本，列着每个算子和它的输入",
    "前向传播里不能有由数据决定的Python循环",
    "mxnet",
)
def _(folder, hybrid, MLP, net, nn, raises, X):
    from mxnet.base import NotImplementedForSymbol

    assert issubclass(nn.HybridSequential, nn.HybridBlock) and hasattr(hybrid, "export")
    assert not issubclass(MLP, nn.HybridBlock) and not hasattr(net, "export")
    nodes = json_of(f"{folder}/export-symbol.json")["nodes"]
    done = [node["op"] for node in nodes if node["op"] != "null"]
    assert done == ["FullyConnected", "Activation", "FullyConnected"]
    assert all("inputs" in node for node in nodes) and nodes[0]["name"] == "data"

    class Loop(nn.HybridBlock):
        def hybrid_forward(self, F, X):
            while F.np.abs(X).sum() > 1:
                X = X / 2
            return X

    loop = Loop()
    loop.hybridize()
    assert raises(NotImplementedForSymbol, lambda: loop(X))


@claim(
    "默认形状就此固定",
    "后缀请用`.pt2`，用别的会有警告",
    "文件里的计算图由基本的张量运算组成",
    "导出的图停在导出那一刻的模式（训练或预测）上，读回来不能再用`eval()`切换",
    "pytorch",
)
def _(equal, folder, loaded, message, net, nn, program, raises, scratch, torch, X, Y):
    export = lambda net: torch.export.export(net, (X,)).module()
    fixed = export(net)
    assert equal(fixed(X), Y) and "Guard failed" in message(AssertionError, lambda: fixed(X[:1]))
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
    assert not equal(trained(X), X) and equal(export(drop.eval())(X), X)


@claim("由数据决定的Python循环也导出不了", "文件里要是夹带了`pickle`的步骤，它会照做", "pytorch")
def _(folder, marker, nn, obeys, Payload, raises, scratch, torch, X):
    from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode

    loop, slipped, inside = loop_of(nn.Module), io.BytesIO(), "sample_inputs/model.pt"
    loop(X)
    torch.save((Payload(),), slipped)
    slip = lambda name, content: slipped.getvalue() if name.endswith(inside) else content
    repack(f"{folder}/export.pt2", f"{scratch}/bad.pt2", slip)
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        assert raises(GuardOnDataDependentSymNode, lambda: torch.export.export(loop, (X,)))
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
def _(equal, folder, MLP, net, raises, ready, scratch, stack, tf, X, Y):
    def unpacked(path):
        with zipfile.ZipFile(path) as pack:
            return sorted(pack.namelist()), pack.read("config.json").decode()

    path = f"{scratch}/net.keras"
    net.save(path)
    names, config = unpacked(path)
    assert names == ["config.json", "metadata.json", "model.weights.h5"]
    assert "relu" not in config.lower()
    assert raises(ValueError, lambda: stack.save(f"{scratch}/mlp.other"))
    layers = json.loads(unpacked(f"{folder}/export.keras")[1])["config"]["layers"]
    assert [layer["class_name"] for layer in layers] == ["InputLayer", "Dense", "ReLU", "Dense"]
    load = lambda **classes: tf.keras.models.load_model(path, custom_objects=classes)
    assert raises(TypeError, load) and equal(load(MLP=MLP)(X), Y)

    class Sized(MLP):
        def get_config(self):
            return {**super().get_config(), "num_hiddens": self.hidden.units}

    ready(MLP(512), X).save(path)
    assert raises(ValueError, lambda: load(MLP=MLP))
    sized = ready(Sized(512), X)
    sized.save(path)
    assert equal(load(Sized=Sized)(X), sized(X))
    net.export(f"{scratch}/net", verbose=False)
    again = tf.saved_model.load(f"{scratch}/net")
    assert not isinstance(again, MLP) and numpy.allclose(again.serve(X), Y, atol=1e-5)

    class Writer(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 20))])
        def __call__(self, X):
            tf.io.write_file(f"{scratch}/written", "hello")
            return X

    tf.saved_model.save(Writer(), f"{scratch}/writer")
    read = tf.saved_model.load(f"{scratch}/writer")
    assert not os.path.exists(f"{scratch}/written")
    read(X)
    assert os.path.exists(f"{scratch}/written")


@claim(
    "`None`表示样本的个数可以变",
    "结构在`.json`里，参数在`.pdiparams`里",
    "前向传播里由数据决定的`while`也能导出，它会被转换成图里的循环",
    "转换出来的代码，PaddlePaddle另存了一份在用户目录的`.cache/paddle`里",
    "如果第一次计算时看到`New Executor is Running`之类的字样",
    "paddle",
)
def _(equal, folder, loaded, net, nn, paddle, scratch, X):
    def saved(net, name, rows):
        spec = paddle.static.InputSpec([rows, 20])
        paddle.jit.save(net, f"{scratch}/{name}", input_spec=[spec])
        return json.dumps(json_of(f"{scratch}/{name}.json"))

    graph = json.dumps(json_of(f"{folder}/export.json"))
    assert loaded(X[:1]).shape == [1, 10] and "[-1, 20]" in graph
    assert "[-1, 20]" not in saved(net, "fixed", 2)
    small, large = [os.path.getsize(f"{folder}/export.{end}") for end in ("json", "pdiparams")]
    assert "1.matmul" in graph and large > 4 * (20 * 256 + 256 + 256 * 10 + 10) > small
    loop = loop_of(nn.Layer)
    saved(loop, "loop", None)
    again = paddle.jit.load(f"{scratch}/loop")
    assert all(equal(again(rows), loop(rows)) for rows in (X, X * 100, X[:1] / 1000))
    made = os.listdir(os.path.expanduser(f"~/.cache/paddle/to_static_tmp/{os.getpid()}"))
    assert any(name.startswith("MLP_forward") for name in made), made
    env = {name: text for name, text in os.environ.items() if name != "GLOG_minloglevel"}
    run = [sys.executable, "-c", 'import paddle as p; p.jit.load("export")(p.ones([1, 20]))']
    done = subprocess.run(run, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0 and "New Executor is Running" in done.stderr, done.stderr
