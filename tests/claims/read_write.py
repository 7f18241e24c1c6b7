"""What chapter_computation/read-write.md claims."""

import contextlib
import io
import json
import logging
import os
import pickle
import pickletools
import subprocess
import sys
import tempfile
import textwrap
import warnings
import zipfile
from pathlib import Path

import numpy

from claims import Claims

SECTION = "chapter_computation/read-write.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked


@claim("已经有了也不报错，所以可以重新运行")
def _(folder, In, notebook):
    (cell,) = [cell for cell in In if cell.startswith("folder = 'read-write'")]
    assert "makedirs" in cell
    before = sorted(os.listdir(folder))
    assert before
    exec(cell, notebook)
    assert os.path.isdir(folder) and sorted(os.listdir(folder)) == before


@claim("`npx.save`会抛出`MXNetError`", "mxnet")
def _(MXNetError, npx, raises, x):
    assert raises(MXNetError, lambda: npx.save("no/x.nd", x))


@claim("`torch.save`会抛出`RuntimeError`", "pytorch")
def _(raises, torch, x):
    assert raises(RuntimeError, lambda: torch.save(x, "no/x"))


@claim("NumPy和Keras都不会替你建，保存时会抛出`FileNotFoundError`", "tensorflow")
def _(net, raises, x):
    for task in (lambda: numpy.save("no/x.npy", x), lambda: net.save_weights("no/m.weights.h5")):
        assert raises(FileNotFoundError, task)


@claim(
    "`paddle.save`会自己建好路径里缺少的文件夹，可是后面要用的`save_file`和Python的`open`不会",
    "paddle",
)
def _(paddle, raises, save_file, scratch, x):
    paddle.save(x, f"{scratch}/new/x.pdtensor")
    assert os.path.exists(f"{scratch}/new/x.pdtensor")
    assert raises(Exception, lambda: save_file({"x": x}, f"{scratch}/no/x"))
    assert raises(FileNotFoundError, lambda: Path(f"{scratch}/no/x").write_bytes(b""))


@claim("内容和类型都没有变", mxnet="nd", pytorch="pt", tensorflow="npy", paddle="pdtensor")
def _(array, fetch, folder, given, x):
    back = fetch(f"{folder}/x.{given}")
    for tensor in (x, back[0] if isinstance(back, list) else back):
        assert (array(tensor) == numpy.arange(4)).all()
        assert array(tensor).dtype == "int32"
        assert array(tensor).shape == (4,)


@claim("`npx.load`返回的总是列表或字典", "mxnet")
def _(fetch, scratch, store, x):
    for what, kind in ((x, list), ([x], list), ({"x": x}, dict)):
        store(what, f"{scratch}/x")
        assert type(fetch(f"{scratch}/x")) is kind


@claim("对文件名的后缀没有要求", "mxnet", "pytorch", "paddle")
def _(array, fetch, scratch, store, x):
    for name in ("a.b", "bare"):
        store([x], f"{scratch}/{name}")
        assert os.path.isfile(f"{scratch}/{name}")
        (back,) = fetch(f"{scratch}/{name}")
        assert (array(back) == numpy.arange(4)).all()
        assert array(back).dtype == "int32"


@claim("从2.6版起它就是默认值", "pytorch")
def _(folder, raises, torch):
    assert raises(pickle.UnpicklingError, lambda: torch.load(f"{folder}/gift.pt"))


@claim(
    "`torch.save`会把整个大张量的存储都写进文件，只想存那一小块时，先对切片调用`clone()`", "pytorch"
)
def _(scratch, torch):
    big = torch.zeros(100000)
    torch.save(big[:2], f"{scratch}/view")
    torch.save(big[:2].clone(), f"{scratch}/copy")
    assert os.path.getsize(f"{scratch}/view") > 400000
    assert os.path.getsize(f"{scratch}/copy") < 4000


@claim("后缀是`.npy`，不写也会自动补上", "tensorflow")
def _(scratch, x):
    numpy.save(f"{scratch}/x", x)
    assert os.listdir(scratch) == ["x.npy"]


@claim("TensorFlow的运算都接受NumPy数组", "tensorflow")
def _(folder, tf):
    loaded_x = numpy.load(f"{folder}/x.npy")
    assert isinstance(loaded_x, numpy.ndarray)
    assert (tf.add(loaded_x, 1).numpy() == [1, 2, 3, 4]).all()


@claim("NumPy没有`bfloat16`，存了再读只剩下没有类型的字节", "tensorflow")
def _(scratch, tf):
    numpy.save(f"{scratch}/b.npy", tf.zeros(4, tf.bfloat16))
    assert numpy.load(f"{scratch}/b.npy").dtype.kind == "V"
    numpy.save(f"{scratch}/f.npy", tf.cast(tf.zeros(4, tf.bfloat16), tf.float32))
    assert numpy.load(f"{scratch}/f.npy").dtype == "float32"


@claim("几个张量可以一起存，它们的类型和形状都可以不同")
def _(array, fetch, scratch, store, X, x, y):
    store([x, y, X], f"{scratch}/list")
    back = [array(tensor) for tensor in fetch(f"{scratch}/list")]
    assert [tensor.shape for tensor in back] == [(4,), (4,), (2, 20)]
    assert [str(tensor.dtype) for tensor in back] == ["int32", "float32", "float32"]
    assert (back[2] == array(X)).all()


@claim("两个类型都保住了", mxnet="nd", pytorch="pt", tensorflow="npz", paddle="pdtensor")
def _(array, fetch, folder, given):
    one, two = [array(tensor) for tensor in fetch(f"{folder}/list.{given}")]
    assert (str(one.dtype), str(two.dtype)) == ("int32", "float32")
    assert (one == numpy.arange(4)).all() and (two == 0).all()
    assert one.shape == two.shape == (4,)


@claim("列表里只能放MXNet的张量，放进NumPy数组或别的对象，`npx.save`会抛出`TypeError`", "mxnet")
def _(raises, scratch, store, x):
    for other in (numpy.zeros(3), "text", 1.5):
        assert raises(TypeError, lambda: store([x, other], f"{scratch}/x"))


@claim("除了张量，列表里还可以放数、字符串和别的列表", "pytorch", "paddle")
def _(array, fetch, scratch, store, x, y):
    store([x, 1.5, "text", [y, 2]], f"{scratch}/list")
    back = fetch(f"{scratch}/list")
    assert back[1:3] == [1.5, "text"] and back[3][1] == 2
    assert (array(back[3][0]) == 0).all()


@claim("没有起名的依次叫作`arr_0`、`arr_1`", "tensorflow")
def _(folder):
    with numpy.load(f"{folder}/list.npz") as saved_list:
        assert saved_list.files == ["arr_0", "arr_1"]


@claim("NumPy会先把两个张量堆成一个数组，整数就变成了浮点数；形状不同时则干脆报错", "tensorflow")
def _(raises, scratch, tf, x, y):
    numpy.save(f"{scratch}/l.npy", [x, y])
    stacked = numpy.load(f"{scratch}/l.npy")
    assert stacked.shape == (2, 4) and stacked.dtype.kind == "f"
    assert raises(ValueError, lambda: numpy.save(f"{scratch}/r.npy", [tf.zeros(2), tf.zeros(3)]))


@claim("从名字到张量的字典更稳妥，网络的参数正是这样存的", "mxnet")
def _(fetch, folder, mlp_file):
    assert set(fetch(f"{folder}/dict.nd")) == {"x", "y"}
    assert len(fetch(mlp_file)) == 4


@also("pytorch")
def _(fetch, folder, mlp_file):
    assert set(fetch(f"{folder}/dict.pt")) == {"x", "y"}
    assert len(fetch(mlp_file)) == 4


@also("tensorflow")
def _(shapes, xy):
    assert set(xy) == {"x", "y"} and len(shapes) == 4


@also("paddle")
def _(fetch, folder, mlp_file):
    assert set(fetch(f"{folder}/dict.pdtensor")) == {"x", "y"}
    assert len(fetch(mlp_file)) == 4


@claim("名字都在，还是存的时候起的那些，要哪个张量就按名字取")
def _(array, fetch, scratch, store, x, y):
    store({"x": x, "y": y}, f"{scratch}/dict")
    back = fetch(f"{scratch}/dict")
    assert isinstance(back, dict) and set(back) == {"x", "y"}
    assert (array(back["x"]) == numpy.arange(4)).all()


@claim("隐藏单元的个数可以另外指定")
def _(array, MLP, parameters, ready, value, X, Y):
    for num_hiddens in (256, 7):
        sizes = sorted(value(w).size for w in parameters(ready(MLP(num_hiddens), X)))
        assert sizes == sorted([20 * num_hiddens, num_hiddens, 10 * num_hiddens, 10])
    assert len(parameters(ready(MLP(), X))) == 4
    assert array(Y).shape == (2, 10)


@claim("因为Keras的层已经有一个叫`output`的只读属性", "tensorflow")
def _(MLP, raises, tf):
    def assign():
        MLP().output = tf.keras.layers.Dense(10)

    assert raises(AttributeError, assign)


@claim("格式和`npx.save`存的字典一样", "mxnet")
def _(equal, fetch, MLP, mlp_file, scratch, store, X, Y):
    store(fetch(mlp_file), f"{scratch}/again")
    again = MLP()
    again.load_parameters(f"{scratch}/again")
    assert equal(again(X), Y)


@claim("`state_dict()`交出从名字到张量的字典", "pytorch")
def _(net, torch):
    state = net.state_dict()
    assert isinstance(state, dict)
    assert all(torch.is_tensor(w) for w in state.values())


@also("paddle")
def _(net, paddle):
    state = net.state_dict()
    assert isinstance(state, dict)
    assert all(paddle.is_tensor(w) for w in state.values())


@claim("文件名必须以`.weights.h5`结尾，写成`mlp.params`或`mlp.h5`都会报错", "tensorflow")
def _(net, raises, scratch):
    for name in ("mlp.params", "mlp.h5"):
        assert raises(ValueError, lambda: net.save_weights(f"{scratch}/{name}"))


@claim("谁先算、谁后算，中间用什么激活函数，都不在里面")
def _(equal, load_weights, mlp_file, Nearly, net, parameters, ready, value, X, Y):
    other = ready(Nearly(), X)
    load_weights(other, mlp_file)
    assert (value(parameters(other)[0]) == value(parameters(net)[0])).all()
    assert not equal(other(X), Y)


@claim("名字由属性名拼成，与MXNet的全局序号无关", "mxnet")
def _(dense, fetch, MLP, mlp_file, ready, scratch, X):
    dense(2, 2), dense(2, 2)
    other = ready(MLP(), X)
    other.save_parameters(f"{scratch}/other")
    assert (
        set(fetch(f"{scratch}/other"))
        == set(fetch(mlp_file))
        == {"hidden.weight", "hidden.bias", "output.weight", "output.bias"}
    )


@claim("`load_parameters`会按文件里的形状建好每个参数，值直接取自文件", "mxnet")
def _(equal, MLP, mlp_file, net, raises):
    other = MLP()
    assert raises(RuntimeError, other.hidden.weight.data)
    other.load_parameters(mlp_file)
    assert other.hidden.weight.data().shape == (256, 20)
    assert equal(other.hidden.weight.data(), net.hidden.weight.data())


@claim("名字由属性名拼成", "mxnet", "pytorch", "paddle")
def _(fetch, mlp_file):
    assert set(fetch(mlp_file)) == {"hidden.weight", "hidden.bias", "output.weight", "output.bias"}


@claim("那里的参数只有形状、不占内存", "pytorch")
def _(equal, MLP, mlp_file, raises, torch, X, Y):
    with torch.device("meta"):
        empty = MLP()
    assert empty.hidden.weight.shape == (256, 20)
    assert raises(NotImplementedError, lambda: empty.hidden.weight.cpu())
    kept = torch.load(mlp_file, weights_only=True)
    empty.load_state_dict(kept, assign=True)
    assert equal(empty(X), Y)
    assert empty.hidden.weight.requires_grad
    assert empty.hidden.weight.data_ptr() == kept["hidden.weight"].data_ptr()


@claim("没有它，数没有地方可装，PyTorch只给出警告，什么也没有装进去", "pytorch")
def _(MLP, mlp_file, torch):

    with torch.device("meta"):
        empty = MLP()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        empty.load_state_dict(torch.load(mlp_file, weights_only=True))
    assert len(told) == 4
    assert all(w.is_meta for w in empty.parameters())


@claim("`MLP()`会先随机初始化一遍，随后被文件里的数盖掉", "pytorch", "paddle")
def _(equal, MLP, net, save_and_load, scratch, X):
    one, two = MLP(), MLP()
    assert not equal(one.hidden.weight, two.hidden.weight)
    assert not equal(one.hidden.weight, net.hidden.weight)
    save_and_load(net, one, f"{scratch}/w", X)
    assert equal(one.hidden.weight, net.hidden.weight)


@claim("`vars/0`是权重，`vars/1`是偏置", "tensorflow")
def _(h5py, mlp_file, net):
    with h5py.File(mlp_file) as kept:
        for name, layer in (("hidden", net.hidden), ("layers/dense_1", net.out)):
            kernel, bias = kept[f"{name}/vars/0"], kept[f"{name}/vars/1"]
            assert (kernel[:] == layer.kernel.numpy()).all()
            assert (bias[:] == layer.bias.numpy()).all()


@claim("Keras按字母顺序查看属性，每个层只记一次", "tensorflow")
def _(h5py, ready, scratch, tf, X):
    class Early(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.zeta = tf.keras.layers.Dense(3)
            self.alpha = tf.keras.layers.Dense(2)

        def call(self, X):
            return self.alpha(self.zeta(X))

    early = ready(Early(), X)
    early.save_weights(f"{scratch}/e.weights.h5")
    with h5py.File(f"{scratch}/e.weights.h5") as kept:
        assert "alpha/vars/0" in kept and "zeta/vars/0" not in kept
        assert kept["layers/dense/vars/0"].shape == (20, 3)


@claim("两个名字都与层的全局序号无关，换个进程读也对得上", "tensorflow")
def _(h5py, MLP, ready, scratch, X):
    other = ready(MLP(), X)
    assert other.out.name != "dense_1"
    other.save_weights(f"{scratch}/o.weights.h5")
    with h5py.File(f"{scratch}/o.weights.h5") as kept:
        assert "layers/dense_1/vars/0" in kept


@claim("名字由属性名拼成，与PaddlePaddle的全局序号无关", "paddle")
def _(MLP, mlp_file, paddle):
    assert (
        set(MLP().state_dict())
        == set(paddle.load(mlp_file))
        == {"hidden.weight", "hidden.bias", "output.weight", "output.bias"}
    )


@claim("因为权重要等看见输入才会创建", "tensorflow")
def _(MLP):
    assert MLP().weights == []


@claim("还没有用过`clone`，输入的个数就已经从文件里知道了", "mxnet")
def _(MLP, mlp_file):
    other = MLP()
    assert "-1 -> 256" in repr(other), repr(other)
    other.load_parameters(mlp_file)
    assert "20 -> 256" in repr(other)


@claim(
    "没有初始化过的网络默认装到CPU，要装到别处就写`load_parameters(mlp_file, ctx=...)`；"
    "初始化过的，装到它原来所在的设备",
    "mxnet",
)
def _(equal, MLP, mlp_file, net, npx, scratch, X, Y):
    away = MLP()
    away.load_parameters(mlp_file, ctx=npx.cpu(1))
    assert away.hidden.weight.data().ctx == npx.cpu(1)
    away.save_parameters(f"{scratch}/away")
    other = MLP()
    other.load_parameters(f"{scratch}/away")
    assert other.hidden.weight.data().ctx == npx.cpu(0)
    there = MLP()
    there.initialize(ctx=npx.cpu(1))
    there.load_parameters(mlp_file)
    assert there.hidden.weight.list_ctx() == [npx.cpu(1)]
    assert equal(there.hidden.weight.data(), net.hidden.weight.data())
    assert equal(there(X.copyto(npx.cpu(1))), Y)


@claim("返回值说所有的名字都对上了", "pytorch")
def _(MLP, mlp_file, torch):
    told = MLP().load_state_dict(torch.load(mlp_file, weights_only=True))
    assert told.missing_keys == told.unexpected_keys == []


@claim("文件还记录着每个张量原来在哪个设备上", "pytorch")
def _(equal, mlp_file, net, scratch, torch):
    places = []
    torch.load(
        mlp_file,
        weights_only=True,
        map_location=lambda storage, place: places.append(place) or storage,
    )
    assert places == ["cpu"] * 4
    moved = torch.load(mlp_file, map_location="meta", weights_only=True)
    assert all(w.is_meta for w in moved.values())
    # the same file, as if the network had been on the first GPU

    there, swapped = f"{scratch}/there", 0
    with zipfile.ZipFile(mlp_file) as kept, zipfile.ZipFile(there, "w") as pack:
        for item in kept.infolist():
            content = kept.read(item)
            if item.filename.endswith("data.pkl"):
                old = b"X\x03\0\0\0cpu"
                swapped += content.count(old)
                content = content.replace(old, b"X\x06\0\0\0cuda:0")
            pack.writestr(item, content)
    assert swapped
    if not torch.cuda.is_available():
        try:
            torch.load(there, weights_only=True)
        except RuntimeError as error:
            assert "map_location" in str(error), error
        else:
            raise AssertionError("loaded without a GPU")
    read = torch.load(there, map_location="cpu", weights_only=True)
    assert all(w.device.type == "cpu" for w in read.values())
    assert equal(read["hidden.weight"], net.hidden.weight)


@claim("若不先算一次，`load_weights`会报错，说模型还没有构建", "tensorflow")
def _(MLP, mlp_file):
    try:
        MLP().load_weights(mlp_file)
    except ValueError as error:
        assert "not yet been built" in str(error) and "build()" in str(error)
    else:
        raise AssertionError("loaded")


@claim("接着的`load_weights`什么也没有装进去，却没有一句提示", "tensorflow")
def _(equal, MLP, mlp_file, X, Y):

    hollow = MLP()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        hollow.build((None, 20))
        assert len(told) == 1 and hollow.built and hollow.weights == []
        hollow.load_weights(mlp_file)
        assert len(told) == 1
    assert not equal(hollow(X), Y)


@claim("由`Input`开头的`Sequential`一造好就有权重，用不着先算一次", "tensorflow")
def _(equal, scratch, tf, X):
    make = lambda: tf.keras.Sequential([tf.keras.Input((20,)), tf.keras.layers.Dense(3)])
    one, two = make(), make()
    one.save_weights(f"{scratch}/i.weights.h5")
    two.load_weights(f"{scratch}/i.weights.h5")
    assert equal(one(X), two(X))


@claim("两个都空，才算全部装好", "paddle")
def _(MLP, mlp_file, paddle):
    assert MLP().set_state_dict(paddle.load(mlp_file)) == ([], [])


@claim("对同一个输入就应当给出完全相同的输出，一位也不差")
def _(clone, equal, net, X, Y, Y_clone):
    assert equal(Y_clone, Y) and clone is not net
    assert equal(clone(X), net(X))


@claim("`wide`的隐藏单元多了一倍")
def _(parameters, wide):
    assert 512 in {n for w in parameters(wide) for n in w.shape}


@claim(
    "形状不同、文件里缺少参数，都会抛出`AssertionError`；文件里有多余的参数，则抛出`ValueError`",
    "mxnet",
)
def _(equal, MLP, mlp_file, net, nn, raises, refused):
    assert refused
    assert raises(AssertionError, lambda: MLP(5).load_parameters(mlp_file))

    class More(MLP):
        def __init__(self):
            super().__init__()
            self.more = nn.Dense(3)

    more = More()
    more.load_parameters(mlp_file, allow_missing=True)
    assert equal(more.hidden.weight.data(), net.hidden.weight.data())
    assert raises(AssertionError, lambda: More().load_parameters(mlp_file))

    class Less(nn.Block):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Dense(256)

    less = Less()
    assert raises(ValueError, lambda: less.load_parameters(mlp_file))
    less.load_parameters(mlp_file, ignore_extra=True)
    assert equal(less.hidden.weight.data(), net.hidden.weight.data())


@claim("错误信息列出了每个合不上的名字和两边的形状", "pytorch")
def _(MLP, net):
    try:
        MLP(512).load_state_dict(net.state_dict())
    except RuntimeError as error:
        told = str(error)
    else:
        raise AssertionError("loaded")
    for part in ("hidden.weight", "hidden.bias", "output.weight", "[256, 20]", "[512, 20]"):
        assert part in told
    assert "output.bias" not in told


@claim("写`strict=False`，再看返回的`missing_keys`和`unexpected_keys`", "pytorch")
def _(equal, MLP, net, nn, raises):
    fewer = nn.Sequential()
    fewer.add_module("hidden", nn.Linear(20, 256))
    fewer.add_module("more", nn.Linear(20, 2))
    kept = net.state_dict()
    assert raises(RuntimeError, lambda: fewer.load_state_dict(kept))
    told = fewer.load_state_dict(kept, strict=False)
    assert told.missing_keys == ["more.weight", "more.bias"]
    assert told.unexpected_keys == ["output.weight", "output.bias"]
    assert equal(fewer.hidden.weight, net.hidden.weight)
    assert raises(RuntimeError, lambda: MLP(512).load_state_dict(kept, strict=False))


@claim(
    "形状不同会报错，文件里缺少参数也会报错；可是文件里多余的整个层，"
    "`load_weights`会不声不响地略过",
    "tensorflow",
)
def _(raises, ready, scratch, tf, X):

    class Some(tf.keras.Model):
        def __init__(self, *sizes, use_bias=True):
            super().__init__()
            self.blocks = [tf.keras.layers.Dense(n, use_bias=use_bias) for n in sizes]

        def call(self, X):
            for block in self.blocks:
                X = block(X)
            return X

    ready(Some(5, 4), X).save_weights(f"{scratch}/s.weights.h5")
    load_s = lambda net: net.load_weights(f"{scratch}/s.weights.h5")
    assert raises(ValueError, lambda: load_s(ready(Some(5, 3), X)))
    assert raises(ValueError, lambda: load_s(ready(Some(5, 4, 3), X)))
    # a surplus parameter of a layer that is there is refused
    plain = ready(Some(5, 4, use_bias=False), X)
    assert raises(ValueError, lambda: load_s(plain))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        load_s(ready(Some(5), X))
    assert not [w for w in told if issubclass(w.category, UserWarning)]


@claim("名字或形状合不上的参数列在第一个名单里，各给一个警告，跳过不装，别的照装", "paddle")
def _(caught, equal, missing, net, wide):
    assert len(caught) == len(missing) == 3
    assert "output.bias" not in missing
    assert equal(wide.output.bias, net.output.bias)
    assert wide.hidden.weight.shape == [20, 512]


@claim("文件里有多余的参数时连警告也没有", "paddle")
def _(mlp_file, nn, paddle):
    class Less(nn.Layer):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Linear(20, 256)

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        absent, extra = Less().set_state_dict(paddle.load(mlp_file))
    assert told == [] and absent == []
    assert sorted(extra) == ["output.bias", "output.weight"]


@claim("合得上的那些参数可能已经装进去了，剩下的还是随机的初始值")
def _(load_weights, mlp_file, Nearly, net, parameters, raises, ready, tab, value, X):
    other = ready(Nearly(11), X)
    before = [value(w) for w in parameters(other)]
    with contextlib.suppress(AssertionError, RuntimeError, ValueError):
        load_weights(other, mlp_file)
    after = [value(w) for w in parameters(other)]
    assert (value(parameters(other)[0]) == value(parameters(net)[0])).all()
    assert any(
        (one == two).all() and abs(one).sum() > 0 for one, two in zip(before, after, strict=True)
    )
    if tab == "mxnet":  # as the notebook has it: never initialised
        other = Nearly(11)
        assert raises(AssertionError, lambda: load_weights(other, mlp_file))
        assert (value(parameters(other)[0]) == value(parameters(net)[0])).all()
        assert raises(RuntimeError, other.output.weight.data)


@claim("三个字符串依次是模块、函数和传给函数的路径")
def _(marker, Payload):
    texts = [
        text for _, text, _ in pickletools.genops(pickle.dumps(Payload())) if isinstance(text, str)
    ]
    assert texts == ["os", "makedirs", marker]


@claim("谁用`pickle`读它，谁就替写它的人调用这个函数，没有任何提示")
def _(marker, obeys, Payload):
    assert obeys(lambda: pickle.loads(pickle.dumps(Payload())), marker)


@claim("没有地方写函数。`npx.load`看到开头的记号不对就不再读，`load_parameters`也一样", "mxnet")
def _(folder, marker, MXNetError, net, npx, obeys, Payload, raises, scratch):
    assert raises(TypeError, lambda: npx.save(f"{scratch}/p", [Payload()]))
    gift_file = f"{folder}/gift.params"
    try:
        npx.load(gift_file)
    except MXNetError as error:
        assert "Invalid NDArray file format" in str(error)
    else:
        raise AssertionError("read")
    assert not obeys(lambda: npx.load(gift_file), marker)
    assert not obeys(lambda: net.load_parameters(gift_file), marker)
    assert raises(Exception, lambda: net.load_parameters(gift_file))


@claim(
    "文件里的要求没有执行",
    mxnet=("gift.params", "MXNetError"),
    pytorch=("gift.pt", "UnpicklingError"),
    tensorflow=("gift.npy", "ValueError"),
    paddle=("gift.pdparams", "UnpicklingError"),
)
def _(fetch, folder, given, marker, notebook, refused):
    file, kind = given
    assert refused and not os.path.exists(marker)
    try:
        notebook.get("load_numbers", fetch)(f"{folder}/{file}")
    except Exception as error:
        assert type(error).__name__ == kind, error
    else:
        raise AssertionError("read")
    assert not os.path.exists(marker)


@claim("`torch.save`和`torch.load`里面用的就是`pickle`", "pytorch")
def _(folder, marker, obeys, torch):
    assert obeys(lambda: torch.load(f"{folder}/gift.pt", weights_only=False), marker)


@claim("名单够用来重建张量、字典、列表、数和字符串，名单之外的一概拒绝", "pytorch")
def _(fetch, raises, scratch, torch, x):
    torch.save({"a": [x, 1, 1.5, "text"]}, f"{scratch}/plain")
    assert fetch(f"{scratch}/plain")["a"][1:] == [1, 1.5, "text"]
    torch.save(print, f"{scratch}/print")
    assert raises(pickle.UnpicklingError, lambda: fetch(f"{scratch}/print"))


unchecked(
    "2.6版以前默认的是`weights_only=False`，会照单全收", "only one version of PyTorch is installed"
)


@claim("数组的元素若是Python对象，`numpy.save`就会用`pickle`存它们", "tensorflow")
def _(folder, marker, obeys):
    assert obeys(lambda: numpy.load(f"{folder}/gift.npy", allow_pickle=True), marker)
    assert not obeys(lambda: numpy.load(f"{folder}/gift.npy"), marker)


@claim("元素是数的数组用不着`pickle`", "tensorflow")
def _(folder):
    single = numpy.load(f"{folder}/x.npy", allow_pickle=False)
    assert (single == [0, 1, 2, 3]).all()
    for name, files in (("list.npz", ["arr_0", "arr_1"]), ("dict.npz", ["x", "y"])):
        with numpy.load(f"{folder}/{name}", allow_pickle=False) as kept:
            assert kept.files == files
            one, two = [kept[member] for member in kept.files]
        assert (one == [0, 1, 2, 3]).all() and (two == numpy.zeros(4)).all()
        assert one.dtype == "int32" and two.dtype == "float32"


@claim("`.weights.h5`里也只有数", "tensorflow")
def _(h5py, mlp_file):
    kinds = []
    with h5py.File(mlp_file) as kept:
        kept.visititems(
            lambda name, item: (
                kinds.append(item.dtype.kind) if isinstance(item, h5py.Dataset) else None
            )
        )
    assert kinds == ["f"] * 4


@claim("`paddle.load`不作任何限制，文件要求什么就做什么", "paddle")
def _(folder, marker, obeys, paddle):
    assert obeys(lambda: paddle.load(f"{folder}/gift.pdparams"), marker)


@claim("`NumbersOnly`只放行重建NumPy数组所需的几个名字", "paddle")
def _(equal, folder, load_numbers, marker, mlp_file, net, obeys, raises, scratch, X, Y):
    assert not obeys(lambda: load_numbers(f"{folder}/gift.pdparams"), marker)
    for thing in (print, numpy.save, numpy.testing.assert_equal):
        with open(f"{scratch}/thing", "wb") as file:
            pickle.dump(thing, file)
        assert raises(pickle.UnpicklingError, lambda: load_numbers(f"{scratch}/thing"))

    def told(content):
        with open(f"{scratch}/thing", "wb") as file:
            file.write(content)
        try:
            load_numbers(f"{scratch}/thing")
        except pickle.UnpicklingError as error:
            return str(error)
        raise AssertionError("read")

    assert "builtins.eval" in told(pickle.dumps(eval))
    # a module that is not on the list is not even imported
    stray = "numpy.f2py.__main__"
    assert stray not in sys.modules
    assert stray in told(f"c{stray}\ndtype\n.".encode())
    assert stray not in sys.modules
    # numbers and nothing else
    for other in (numpy.array([1], object), numpy.array([None, "a"])):
        assert "w" in told(pickle.dumps({"w": other}, 4))
    assert "w" in told(pickle.dumps({"w": [1, 2]}))
    assert "w" in told(pickle.dumps({"w": "text"}))
    own = load_numbers(mlp_file)
    assert set(own) == {"hidden.weight", "hidden.bias", "output.weight", "output.bias"}
    assert net.set_state_dict(own) == ([], [])
    assert equal(net(X), Y)


@claim(
    "自己用`paddle.save`存下的参数也能用`load_numbers`读，得到的是NumPy数组，"
    "可以直接交给`set_state_dict`",
    "paddle",
)
def _(equal, load_numbers, MLP, mlp_file, X, Y):
    read = load_numbers(mlp_file)
    assert isinstance(read["hidden.weight"], numpy.ndarray)
    other = MLP()
    told = other.set_state_dict(read)
    assert told == ([], [])
    assert equal(other(X), Y)


@claim("优化器的状态由`Trainer`保存（后面要用到），存成的正是`pickle`", "mxnet")
def _(folder, texts):
    assert texts[:2] == ["mxnet.optimizer.optimizer", "Adam"]
    with open(f"{folder}/adam.states", "rb") as file:
        states, adam = pickle.load(file)
    assert type(adam).__name__ == "Adam"


@claim("`load_states`并不检查文件里写的是哪个名字", "mxnet")
def _(marker, obeys, Payload, scratch, trainer):
    with open(f"{scratch}/gift.states", "wb") as file:
        pickle.dump(Payload(), file)
    assert obeys(lambda: trainer.load_states(f"{scratch}/gift.states"), marker)


@claim("读这个文件，就得同意使用`MLP`和`nn.Linear`", "pytorch")
def _(equal, fetch, folder, MLP, nn, raises, torch, X, Y):
    whole = f"{folder}/whole.pt"
    needs = torch.serialization.get_unsafe_globals_in_checkpoint(whole)
    assert set(needs) == {"__main__.MLP", "torch.nn.modules.linear.Linear"}
    assert raises(pickle.UnpicklingError, lambda: fetch(whole))
    with torch.serialization.safe_globals([MLP, nn.Linear]):
        assert equal(fetch(whole)(X), Y)
    assert equal(torch.load(whole, weights_only=False)(X), Y)


@claim("类改了名字或者换了模块就读不出来", "pytorch")
def _(folder, notebook, raises, torch):
    kept = notebook.pop("MLP")
    try:
        assert raises(AttributeError, lambda: torch.load(f"{folder}/whole.pt", weights_only=False))
    finally:
        notebook["MLP"] = kept


@claim("`load_model`默认是`safe_mode=True`，遇到这样的`Lambda`层就拒绝", "tensorflow")
def _(folder, raises, tf):
    gift_file = f"{folder}/gift.keras"
    assert raises(ValueError, lambda: tf.keras.models.load_model(gift_file))


@claim("写成`safe_mode=False`，函数会被原样恢复，读取时或者模型一算就执行", "tensorflow")
def _(folder, marker, obeys, tf, X):
    opened = tf.keras.models.load_model(f"{folder}/gift.keras", safe_mode=False)
    assert obeys(lambda: opened(X), marker)


@claim("读写它的库随PaddlePaddle一起安装", "paddle")
def _():
    from importlib.metadata import requires

    needed = requires("paddlepaddle")
    assert any(line.startswith("safetensors") for line in needed)


@claim("它只存名字、形状、类型和数，没有地方写函数", "paddle")
def _(equal, folder, load_file, marker, MLP, obeys, Payload, raises, save_file, scratch, X, Y):
    safe_file = f"{folder}/mlp.safetensors"
    assert raises(Exception, lambda: save_file({"a": Payload()}, f"{scratch}/p"))
    assert not obeys(lambda: load_file(f"{folder}/gift.pdparams"), marker)
    assert raises(Exception, lambda: load_file(f"{folder}/gift.pdparams"))
    other = MLP()
    assert other.set_state_dict(load_file(safe_file)) == ([], [])
    assert equal(other(X), Y)
    with open(safe_file, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    for name, entry in header.items():
        assert set(entry) == {"dtype", "shape", "data_offsets"}, name


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


@claim("Adam给每个参数记着两份滑动平均，梯度一份，梯度的平方一份", "mxnet")
def _(mlp_file, start):
    again, trainer = start(mlp_file)
    again.hidden.weight.data()
    mean, square = trainer._optimizer.create_state(0, again.hidden.weight.data())
    assert mean.shape == square.shape == (256, 20)
    assert abs(mean.asnumpy()).sum() == 0
    assert abs(square.asnumpy()).sum() == 0


@also("pytorch")
def _(mlp_file, start, torch, train):
    again, adam = start(mlp_file)
    assert adam.state_dict()["state"] == {}
    train(again, adam, 1)
    grad = again.hidden.weight.grad
    state = adam.state[again.hidden.weight]
    assert torch.allclose(state["exp_avg"], 0.1 * grad)
    assert torch.allclose(state["exp_avg_sq"], 0.001 * grad**2)


@also("tensorflow")
def _(mlp_file, start, targets, tf, train, X):
    again, adam = start(mlp_file)
    adam.build(again.trainable_weights)
    kept = [w for w in adam.variables if len(w.shape)]
    assert len(kept) == 2 * 4
    assert all(abs(w.numpy()).sum() == 0 for w in kept)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((again(X) - targets) ** 2)
    grad = tape.gradient(loss, again.hidden.kernel).numpy()
    train(again, adam, 1)
    kept = [w.numpy() for w in adam.variables if tuple(w.shape) == (20, 256)]
    assert numpy.allclose(kept[0], 0.1 * grad, atol=1e-7)
    assert numpy.allclose(kept[1], 0.001 * grad**2, atol=1e-9)


@also("paddle")
def _(mlp_file, paddle, start, targets, train, X):
    with paddle.utils.unique_name.guard():
        again, adam = start(mlp_file)
        loss = ((again(X) - targets) ** 2).mean()
        (grad,) = paddle.grad(loss, [again.hidden.weight])
        train(again, adam, 1)
        state = adam.state_dict()
    mean = state["linear_0.w_0_moment1_0"].numpy()
    square = state["linear_0.w_0_moment2_0"].numpy()
    assert numpy.allclose(mean, 0.1 * grad.numpy(), atol=1e-7)
    assert numpy.allclose(square, 0.001 * grad.numpy() ** 2, atol=1e-9)


@claim("不相同，训练起了作用")
def _(array, targets, wanted, Y):
    error = lambda Y: ((array(Y) - array(targets)) ** 2).mean()
    assert error(wanted) < error(Y)


@claim("后者比前者还大，因为两份滑动平均各和参数一样大", "mxnet")
def _(folder):
    size = lambda name: os.path.getsize(f"{folder}/checkpoint.{name}")
    assert 1.9 < size("states") / size("params") < 2.2


@claim("字典里没有名单之外的名字，仍然可以用`weights_only=True`读", "pytorch")
def _(folder, torch):
    path = f"{folder}/checkpoint.pt"
    assert torch.serialization.get_unsafe_globals_in_checkpoint(path) == []


@claim("一个字典装下了全部东西，走到第几步也记在里面", "pytorch")
def _(fetch, folder, num_steps):
    kept = fetch(f"{folder}/checkpoint.pt")
    assert set(kept) == {"net", "optimizer", "step"}
    assert kept["step"] == num_steps


@also("paddle")
def _(folder, num_steps, paddle):
    kept = paddle.load(f"{folder}/checkpoint.pdparams")
    assert set(kept) == {"net", "optimizer", "step"}
    assert kept["step"] == num_steps


@claim("走了几步也记在优化器里", "tensorflow")
def _(folder, mlp_file, num_steps, start, tf, train):
    again, adam = start(mlp_file)
    train(again, adam, num_steps)
    assert int(adam.iterations) == num_steps
    names = [name for name, _ in tf.train.list_variables(f"{folder}/checkpoint")]
    assert any("optimizer/_iterations" in name for name in names)


@claim("数在`.data`那个文件里，索引在`.index`里，两个都要留着", "tensorflow")
def _(folder, MLP, raises, ready, scratch, tf, X):
    import shutil

    parts = [name for name in os.listdir(folder) if name.startswith("checkpoint.")]
    assert len(parts) == 2
    for part in parts:
        shutil.copy(f"{folder}/{part}", scratch)
        assert raises(
            tf.errors.OpError,
            lambda: (
                tf.train.Checkpoint(net=ready(MLP(), X))
                .read(f"{scratch}/checkpoint")
                .expect_partial()
            ),
        )
        os.remove(f"{scratch}/{part}")


@claim("结果是`True`：有没有中断过，从数值上看不出来")
def _(equal, notebook, resume, wanted):
    assert equal(resume(notebook, True), wanted)


@claim("走的已经是另一条路")
def _(array, notebook, resume, wanted):
    assert abs(array(resume(notebook, False)) - array(wanted)).max() > 1e-3


@claim("这样训练往往也能收敛，所以这种错误不容易发现")
def _(array, notebook, resume, targets, Y):
    error = lambda Y: ((array(Y) - array(targets)) ** 2).mean()
    assert error(resume(notebook, False)) < error(Y)
    assert error(Y) > 0.01 and error(resume(notebook, False, 300)) < 1e-6


@claim(
    "`read`先把文件里的数记下，等变量创建时再填进去。所以`assert_consumed`要放在训练之后",
    "tensorflow",
)
def _(folder, mlp_file, num_steps, raises, start, tf, train):
    again, adam = start(mlp_file)
    tracked = tf.train.Checkpoint(net=again, optimizer=adam)
    status = tracked.read(f"{folder}/checkpoint")
    assert raises(AssertionError, status.assert_consumed)
    train(again, adam, num_steps)
    status.assert_consumed()


@claim("第二个网络轮到了别的序号，第一步便会报错，说找不到状态", "paddle")
def _(folder, mlp_file, paddle, raises, start, train):
    kept = paddle.load(f"{folder}/checkpoint.pdparams")
    again, adam = start(mlp_file)
    again.set_state_dict(kept["net"])
    adam.set_state_dict(kept["optimizer"])
    assert raises(AssertionError, lambda: train(again, adam, 1))


@claim("优化器的状态要到第一步才起名，所以训练也得放在里面", "paddle")
def _(folder, mlp_file, paddle, raises, start, train):
    kept = paddle.load(f"{folder}/checkpoint.pdparams")
    with paddle.utils.unique_name.guard():
        train(*start(mlp_file), 1)  # takes the first numbers
        again, adam = start(mlp_file)
        adam.set_state_dict(kept["optimizer"])
        assert raises(AssertionError, lambda: train(again, adam, 1))
    with paddle.utils.unique_name.guard():
        again, adam = start(mlp_file)
        assert all("moment" not in name for name in adam.state_dict())
        adam.set_state_dict(kept["optimizer"])
        train(again, adam, 1)


@claim("重新启动的程序本来就从0数起，只要造网络的顺序不变，就用不着它", "paddle")
def _(folder, in_new_process):
    code = f"""
    import paddle
    from paddle import nn
    class MLP(nn.Layer):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Linear(20, 256)
            self.output = nn.Linear(256, 10)
    kept = paddle.load({folder!r} + '/checkpoint.pdparams')
    net = MLP()
    adam = paddle.optimizer.Adam(0.01, parameters=net.parameters())
    net.set_state_dict(kept['net'])
    adam.set_state_dict(kept['optimizer'])
    net.output(net.hidden(paddle.ones([2, 20]))).sum().backward()
    adam.step()
    """
    in_new_process(textwrap.dedent(code))


@claim("用到随机数的（例如丢弃法和打乱数据），还要加上随机数发生器的状态", "mxnet")
def _(autograd, equal, nn, np, npx):
    drop = nn.Dropout(0.5)

    def draw():
        with autograd.record():
            return drop(np.ones(1000))

    npx.random.seed(1)
    one, two = draw(), draw()
    npx.random.seed(1)
    assert equal(draw(), one) and not equal(one, two)


@also("pytorch")
def _(equal, F, torch):
    drop = lambda: F.dropout(torch.ones(1000))
    kept = torch.get_rng_state()
    one, two = drop(), drop()
    torch.set_rng_state(kept)
    assert equal(drop(), one) and not equal(one, two)


@also("tensorflow")
def _(equal, tf):
    drop = lambda: tf.nn.dropout(tf.ones(1000), 0.5)
    tf.random.set_seed(1)
    one, two = drop(), drop()
    tf.random.set_seed(1)
    assert equal(drop(), one) and not equal(one, two)


@also("paddle")
def _(equal, F, paddle):
    drop = lambda: F.dropout(paddle.ones([1000]))
    kept = paddle.get_rng_state()
    one, two = drop(), drop()
    paddle.set_rng_state(kept)
    assert equal(drop(), one) and not equal(one, two)


@claim("稳妥的做法是先写进另一个文件，写完再用`os.replace`换过来")
def _(scratch):
    old, new = f"{scratch}/old", f"{scratch}/new"

    def read():
        with open(old) as file:
            return file.read()

    def write(path, stop):  # in a process that may die half-way
        code = (
            f"import os; file = open({path!r}, 'w'); file.write('2');"
            f"file.flush(); {stop} and os._exit(9); file.write('2')"
        )
        done = subprocess.run([sys.executable, "-c", code])
        assert done.returncode == (9 if stop else 0)

    with open(old, "w") as file:
        file.write("11")
    write(new, stop=True)
    assert read() == "11"
    write(new, stop=False)
    os.replace(new, old)
    assert read() == "22" and os.listdir(scratch) == ["old"]
    with open(old, "w") as file:
        file.write("11")
    write(old, stop=True)  # overwritten in place: neither is left
    assert read() == "2"


@claim("MXNet只能导出`HybridBlock`，我们的`MLP`是普通的`Block`", "mxnet")
def _(hybrid, MLP, net, nn):
    assert issubclass(nn.HybridSequential, nn.HybridBlock)
    assert not issubclass(MLP, nn.HybridBlock)
    assert hasattr(hybrid, "export") and not hasattr(net, "export")


@claim("默认形状就此固定", "pytorch")
def _(equal, net, torch, X, Y):
    fixed = torch.export.export(net, (X,)).module()
    assert equal(fixed(X), Y)
    try:
        fixed(X[:1])
    except AssertionError as error:
        assert "Guard failed" in str(error), error
    else:
        raise AssertionError("computed")


@claim("它不保存我们写在`call`里的代码", "tensorflow")
def _(net, scratch):

    net.save(f"{scratch}/net.keras")
    with zipfile.ZipFile(f"{scratch}/net.keras") as pack:
        names = pack.namelist()
        config = pack.read("config.json").decode()
    assert sorted(names) == ["config.json", "metadata.json", "model.weights.h5"]
    assert "relu" not in config.lower()


@claim("`None`表示样本的个数可以变", "paddle")
def _(array, folder, loaded, net, paddle, scratch, X):
    assert array(loaded(X[:1])).shape == (1, 10)
    with open(f"{folder}/export.json") as file:
        graph = json.load(file)["program"]["regions"][0]["blocks"][0]
    (taken,) = [op for op in graph["ops"] if op["#"] == "1.data"]
    (shape,) = [part["AT"]["D"] for part in taken["A"] if part["N"] == "shape"]
    assert shape == [-1, 20], shape
    fixed = paddle.static.InputSpec([2, 20])
    paddle.jit.save(net, f"{scratch}/fixed", input_spec=[fixed])
    with open(f"{scratch}/fixed.json") as file:
        assert "[-1, 20]" not in json.dumps(json.load(file))


@claim("是一段读得懂的文本，列着每个算子和它的输入", "mxnet")
def _(folder, hybrid, scratch):
    with open(f"{folder}/export-symbol.json") as file:
        nodes = json.load(file)["nodes"]
    assert [node["op"] for node in nodes if node["op"] != "null"] == [
        "FullyConnected",
        "Activation",
        "FullyConnected",
    ]
    assert all("inputs" in node for node in nodes)
    assert nodes[0]["name"] == "data"
    hybrid.export(f"{scratch}/late", epoch=7)
    assert "late-0007.params" in os.listdir(scratch)


@claim("后缀请用`.pt2`，用别的会有警告", "pytorch")
def _(program, scratch, torch):

    told = []

    class Ear(logging.Handler):
        def emit(self, record):
            told.append(record.getMessage())

    ear, log = Ear(), logging.getLogger("torch.export.pt2_archive._package")
    log.addHandler(ear)
    torch.export.save(program, f"{scratch}/ok.pt2")
    assert told == []
    torch.export.save(program, f"{scratch}/mlp.other")
    log.removeHandler(ear)
    assert any(".pt2" in line for line in told)


@claim("文件里的计算图由基本的张量运算组成", "pytorch")
def _(folder, torch):
    made = torch.export.load(f"{folder}/export.pt2").graph.nodes
    done = [str(n.target) for n in made if n.op == "call_function"]
    assert done == ["aten.linear.default", "aten.relu.default", "aten.linear.default"]


@claim("后缀请用`.keras`。它其实是一个zip包，里面的`config.json`是读得懂的文本", "tensorflow")
def _(folder, raises, scratch, stack):

    assert raises(ValueError, lambda: stack.save(f"{scratch}/mlp.other"))
    with zipfile.ZipFile(f"{folder}/export.keras") as pack:
        config = json.loads(pack.read("config.json"))
    assert [layer["class_name"] for layer in config["config"]["layers"]] == [
        "InputLayer",
        "Dense",
        "ReLU",
        "Dense",
    ]


@claim("结构在`.json`里，参数在`.pdiparams`里", "paddle")
def _(folder):
    with open(f"{folder}/export.json") as file:
        graph = json.load(file)
    assert "1.matmul" in json.dumps(graph)
    small = os.path.getsize(f"{folder}/export.json")
    large = os.path.getsize(f"{folder}/export.pdiparams")
    assert large > 4 * (20 * 256 + 256 + 256 * 10 + 10) > small


@claim(
    "换一个从没见过它的程序来读，也得到同样的输出",
    "导出的文件连结构一起存，读回来不需要定义网络的类",
)
def _(array, folder, in_new_process, scratch, tab, X, Y):
    numpy.savez(f"{scratch}/saved.npz", X=array(X), Y=array(Y))
    in_new_process(f"""
import numpy
from words.{tab} import exported
run, saved = exported({folder!r}), numpy.load({scratch + "/saved.npz"!r})
assert numpy.allclose(run(saved["X"]), saved["Y"], atol=1e-5)
assert run(saved["X"][:1]).shape == (1, 10)
""")


@claim("样本的个数也可以和导出时不同")
def _(array, loaded, net, X):
    for rows in (X[:1], X):
        assert numpy.allclose(array(loaded(rows)), array(net(rows)), atol=1e-5)


@claim("前向传播里不能有由数据决定的Python循环", "mxnet")
def _(nn, raises, X):
    from mxnet.base import NotImplementedForSymbol

    class Loop(nn.HybridBlock):
        def hybrid_forward(self, F, X):
            while F.np.abs(X).sum() > 1:
                X = X / 2
            return X

    loop = Loop()
    loop.hybridize()
    assert raises(NotImplementedForSymbol, lambda: loop(X))


@claim("导出的图停在导出那一刻的模式（训练或预测）上，读回来不能再用`eval()`切换", "pytorch")
def _(equal, loaded, nn, raises, torch, X):
    assert raises(NotImplementedError, loaded.eval)
    drop = nn.Dropout(0.5)
    export = lambda: torch.export.export(drop, (X,)).module()
    trained = export()
    drop.eval()
    assert not equal(trained(X), X) and equal(export()(X), X)


@claim("由数据决定的Python循环也导出不了", "pytorch")
def _(nn, raises, torch, X):

    from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode

    class Loop(nn.Module):
        def forward(self, X):
            while X.abs().sum() > 1:
                X = X / 2
            return X

    Loop()(X)
    with contextlib.redirect_stdout(io.StringIO()):
        assert raises(GuardOnDataDependentSymNode, lambda: torch.export.export(Loop(), (X,)))


@claim("文件里要是夹带了`pickle`的步骤，它会照做", "pytorch")
def _(folder, marker, obeys, Payload, scratch, torch):

    slipped = io.BytesIO()
    torch.save((Payload(),), slipped)
    with (
        zipfile.ZipFile(f"{folder}/export.pt2") as good,
        zipfile.ZipFile(f"{scratch}/bad.pt2", "w") as bad,
    ):
        for item in good.infolist():
            inside = item.filename.endswith("sample_inputs/model.pt")
            bad.writestr(item, slipped.getvalue() if inside else good.read(item))
    with contextlib.redirect_stderr(io.StringIO()):
        assert obeys(lambda: torch.export.load(f"{scratch}/bad.pt2"), marker)


@claim("只是读的时候要把类交给它：`load_model(..., custom_objects={'MLP': MLP})`", "tensorflow")
def _(equal, MLP, net, raises, scratch, tf, X, Y):
    net.save(f"{scratch}/net.keras")
    assert raises(TypeError, lambda: tf.keras.models.load_model(f"{scratch}/net.keras"))
    again = tf.keras.models.load_model(f"{scratch}/net.keras", custom_objects={"MLP": MLP})
    assert equal(again(X), Y)

    class Sized(MLP):
        def get_config(self):
            return {**super().get_config(), "num_hiddens": self.hidden.units}

    def again_of(kind):
        broad = kind(512)
        before = broad(X)
        broad.save(f"{scratch}/broad.keras")
        read = tf.keras.models.load_model(
            f"{scratch}/broad.keras", custom_objects={kind.__name__: kind}
        )
        return equal(read(X), before) and read.hidden.units

    assert raises(ValueError, lambda: again_of(MLP))
    assert again_of(Sized) == 512


@claim("再用`tf.saved_model.load`读回来，调用`serve`", "tensorflow")
def _(MLP, net, scratch, tf, X, Y):
    net.export(f"{scratch}/net", verbose=False)
    again = tf.saved_model.load(f"{scratch}/net")
    assert not isinstance(again, MLP)
    assert numpy.allclose(again.serve(X), Y, atol=1e-5)


@claim("SavedModel的图里什么运算都可以有，包括写文件", "tensorflow")
def _(scratch, tf, X):
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


@claim("前向传播里由数据决定的`while`也能导出，它会被转换成图里的循环", "paddle")
def _(equal, nn, paddle, scratch, X):
    class Loop(nn.Layer):
        def forward(self, X):
            while X.abs().sum() > 1:
                X = X / 2
            return X

    loop = Loop()
    paddle.jit.save(loop, f"{scratch}/loop", input_spec=[paddle.static.InputSpec([None, 20])])
    again = paddle.jit.load(f"{scratch}/loop")
    for rows in (X, X * 100, X[:1] / 1000):
        assert equal(again(rows), loop(rows))


@claim("类型不同则抛出`AssertionError`", "paddle")
def _(MLP, net, raises):
    narrow = {name: value.astype("float16") for name, value in net.state_dict().items()}
    assert raises(AssertionError, lambda: MLP().set_state_dict(narrow))


@claim("它只认参数文件，单个张量和检查点读不了", "paddle")
def _(folder, load_numbers, mlp_file, raises):
    for name in ("x.pdtensor", "checkpoint.pdparams"):
        assert raises(pickle.UnpicklingError, lambda: load_numbers(f"{folder}/{name}")), name
    assert len(load_numbers(mlp_file)) == 4


@claim("这样的文件本身可以很小")
def _(raises):
    # A header that promises a petabyte, and nothing behind it
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, "small.npy")
        with open(path, "wb") as file:
            numpy.lib.format.write_array_header_1_0(
                file, {"descr": "<f4", "fortran_order": False, "shape": (2**48,)}
            )
        assert os.path.getsize(path) < 200
        assert raises(MemoryError, lambda: numpy.load(path))


@claim("随机数发生器的状态，MXNet取不出来", "mxnet")
def _(np, npx):
    import mxnet

    for module in (npx.random, mxnet.random, np.random):
        assert not [name for name in dir(module) if "state" in name], module


@claim("构造`MLP`时若改了`num_hiddens`，还要写`get_config`把它交出来", "tensorflow")
def _(MLP, raises, tf, X):
    wider = MLP(num_hiddens=512)
    wider(X)
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, "wider.keras")
        wider.save(path)
        assert raises(
            ValueError, lambda: tf.keras.models.load_model(path, custom_objects={"MLP": MLP})
        )


@claim("转换出来的代码，PaddlePaddle另存了一份在用户目录的`.cache/paddle`里", "paddle")
def _():
    kept = os.path.expanduser("~/.cache/paddle/to_static_tmp")
    names = os.listdir(os.path.join(kept, str(os.getpid())))
    assert any(name.startswith("MLP_forward") for name in names), names


@claim("直接把网络交给`paddle.save`则会报错，它不存整个网络", "paddle")
def _(net, paddle, raises):
    assert raises(ValueError, lambda: paddle.save(net, "net"))


@claim("如果第一次计算时看到`New Executor is Running`之类的字样", "paddle")
def _(folder):
    env = {name: text for name, text in os.environ.items() if name != "GLOG_minloglevel"}
    code = 'import paddle as p; p.jit.load("export")(p.ones([1, 20]))'
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "New Executor is Running" in done.stderr


@claim("改一改前向传播的代码，它们照样装得进去")
def _(load_weights, mlp_file, Nearly, net, parameters, ready, value, X):
    other = ready(Nearly(), X)
    load_weights(other, mlp_file)
    assert (value(parameters(other)[0]) == value(parameters(net)[0])).all()


# 小结
@claim("张量、张量的列表和字典都能存成文件，常用的类型读回来都不变")
def _(array, cast, fetch, scratch, store, x):
    kinds = ["float16", "float32", "float64", "int32", "int64", "bool"]
    for what in ([cast(x, kind) for kind in kinds], {kind: cast(x, kind) for kind in kinds}):
        store(what, f"{scratch}/kinds")
        back = fetch(f"{scratch}/kinds")
        if isinstance(what, dict):
            back = [back[kind] for kind in kinds]
        assert [str(array(t).dtype) for t in back] == kinds
        assert all(
            (array(t) == numpy.arange(4).astype(kind)).all()
            for t, kind in zip(back, kinds, strict=True)
        )


@claim("参数文件里只有名字和数，没有网络的结构，读取前要先用代码造好同样的网络")
def _(array, fetch, mlp_file, notebook):
    with open(mlp_file, "rb") as file:
        content = file.read()
    for word in (b"relu", b"MLP", b"forward"):
        assert word not in content
    if mlp_file.endswith(".h5"):
        entries, groups, h5py = {}, [], notebook["h5py"]

        def note(name, item):
            if isinstance(item, h5py.Dataset):
                entries[name] = item[()]
            else:
                groups.append(name)
            assert all(key == "name" and isinstance(text, str) for key, text in item.attrs.items())

        with h5py.File(mlp_file) as kept:
            assert not dict(kept.attrs)
            kept.visititems(note)
        assert all(
            any(name.startswith(group) for name in entries) or group == "vars" for group in groups
        ), groups
    else:
        entries = {name: array(tensor) for name, tensor in fetch(mlp_file).items()}
    assert len(entries) == 4
    assert all(isinstance(name, str) for name in entries)
    assert {type(kept) for kept in entries.values()} == {numpy.ndarray}
    assert {kept.dtype.kind for kept in entries.values()} == {"f"}
    assert sum(kept.size for kept in entries.values()) == (20 * 256 + 256 + 256 * 10 + 10)


@claim("文件和网络合不上时，可能有一部分已经装了进去")
def _(load_weights, mlp_file, Nearly, net, parameters, ready, value, X):
    other = ready(Nearly(11), X)
    assert not (value(parameters(other)[0]) == value(parameters(net)[0])).all()
    with contextlib.suppress(AssertionError, RuntimeError, ValueError):
        load_weights(other, mlp_file)
    assert (value(parameters(other)[0]) == value(parameters(net)[0])).all()


@claim("`pickle`文件能让读取者执行写文件的人指定的函数")
def _(marker, obeys, Payload, scratch):
    with open(f"{scratch}/p", "wb") as file:
        pickle.dump({"weight": [1, Payload()]}, file)

    def read():
        with open(f"{scratch}/p", "rb") as file:
            pickle.load(file)

    assert obeys(read, marker)


@claim("都取回来，本节的结果就和没有中断过完全相同")
def _(equal, notebook, resume, wanted):
    for _ in range(3):
        assert equal(resume(notebook, True), wanted) and not equal(resume(notebook, False), wanted)
