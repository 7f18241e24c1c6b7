"""What chapter_computation/tools.md claims."""

import os
import time
from importlib import import_module
from pathlib import Path

import numpy

from claims import Claims

SECTION = "chapter_computation/tools.md"
CLAIMS = Claims()
claim, also, unchecked = CLAIMS.claim, CLAIMS.also, CLAIMS.unchecked

#: The sum of all coordinates' absolute values: the same numbers in every framework.
ABSOLUTE = 209.74


def straight_line_accuracy(X, y):
    """Return how many points the best linear function of the coordinates classifies."""
    ones = numpy.concatenate([X, numpy.ones((len(X), 1))], 1)
    weights, *_ = numpy.linalg.lstsq(ones, numpy.eye(3)[y], rcond=None)
    return ((ones @ weights).argmax(1) == y).mean()


@claim(
    "平面上有三条旋臂，每条是一类",
    "它只有两个特征",
    "三类互相缠绕，用直线又分不开",
    "点由固定的种子生成，不用下载，四个框架得到的数值完全相同",
    "`spirals`给出全章的数据，四个框架里数值相同。",
)
def _(array, spirals):
    X, y = map(array, spirals())
    assert X.shape == (300, 2) and X.dtype == "float32"
    assert [(y == arm).sum() for arm in range(3)] == [100] * 3
    assert round(float(abs(X.astype("float64")).sum()), 2) == ABSOLUTE
    assert straight_line_accuracy(X, y) < 0.75
    assert array(spirals(7)[0]).shape == (21, 2)


@claim("三条旋臂从中心向外绕，彼此缠在一起。")
def _(array, X, y):
    X, y = array(X), array(y)
    distance = numpy.linalg.norm(X, axis=1).reshape(3, 100)
    assert (numpy.diff(distance) > 0).all()  # from the middle outwards
    turn = numpy.unwrap(numpy.arctan2(X[:, 1], X[:, 0]).reshape(3, 100))
    assert (turn[:, -1] - turn[:, 0] > numpy.pi).all()  # each by more than a half turn


@claim(
    "所有的图用同一套样式",
    "六种颜色色盲读者也分得清。`STYLE`是样式，`BookFigure`是带中文图注的图，`subplots`造一张图和它的坐标系",
    "图里的文字只用符号和简短的英文，这样任何机器都不缺字体",
)
def _(BookFigure, plot_regions, STYLE, subplots, X, y):
    import matplotlib

    colors = [one["color"] for one in STYLE["axes.prop_cycle"]]
    # Okabe and Ito's palette, made for readers who confuse red and green
    assert set(colors) < {
        "#0072b2",
        "#d55e00",
        "#009e73",
        "#cc79a7",
        "#e69f00",
        "#56b4e9",
        "#f0e442",
    }
    assert len(colors) == 6
    fig, ax = subplots("图注")
    assert isinstance(fig, BookFigure) and fig.axes == [ax] and fig.caption == "图注"
    assert fig._repr_mimebundle_()["text/plain"] == "图注"
    bundle = plot_regions(None, X, y, "说明")._repr_mimebundle_()
    assert matplotlib.rcParams["svg.hashsalt"] == STYLE["svg.hashsalt"]
    assert max(bundle["image/svg+xml"]) < "\u3000" and bundle["text/plain"] == "说明"


@claim("网络还没有的时候传入`None`，只画数据")
@claim("`plot_regions`画出分类器在平面上学到的样子：底色是网络在每个位置给出的类别，点是数据")
def _(array, classify, plot_regions, net, tensor, X, y):
    assert not plot_regions(None, X, y, "").axes[0].images
    (axes,) = plot_regions(net, X, y, "").axes
    (image,) = axes.images
    classes = numpy.asarray(image.get_array())
    assert set(numpy.unique(classes)) == {0, 1, 2}
    left, right, bottom, top = image.get_extent()
    at = numpy.random.default_rng(0).integers(0, 120, (50, 2))  # row and column
    places = [(left + (right - left) * c / 119, bottom + (top - bottom) * r / 119) for r, c in at]
    assert (classify(net, tensor(places)) == classes[at[:, 0], at[:, 1]]).mean() > 0.95
    drawn = numpy.concatenate([line.get_xydata() for line in axes.lines])
    assert {tuple(one) for one in drawn.tolist()} < {tuple(one) for one in array(X).tolist()}


@claim("参数也许还没有创建", "tensorflow")
def _(tf, train, X, y):
    net = tf.keras.models.Sequential([tf.keras.layers.Dense(3)])
    losses = train(net, X, y, tf.keras.optimizers.Adam(0.01), 3)
    assert len(losses) == 3 and losses[2] < losses[0]


@claim("它返回每一步更新之前的损失")
@claim("网络给出的是未归一化的分数，softmax由损失函数来做")
def _(accuracy, array, losses, net, X, y):
    assert len(losses) == 200 and losses[-1] < losses[0]
    scores = array(net(X)).astype("float64")
    assert (scores < 0).any() and not numpy.allclose(scores.sum(1), 1)
    exact = scores - scores.max(1, keepdims=True)
    entropy = numpy.log(numpy.exp(exact).sum(1)) - exact[numpy.arange(300), array(y)]
    assert abs(entropy.mean() - losses[-1]) < 0.1 * losses[0]


@claim("精度先是三分之一上下，训练以后接近1")
@claim("训练以后，三块底色也绕成了旋臂。")
def _(accuracy, before, net, X, y):
    assert 0.15 < before < 0.55
    assert accuracy(net, X, y) > 0.97


@claim(
    "计时有三件事容易做错：第一次运行常常更慢，要先空跑一次",
    "要重复几次取中位数",
    "要等它们算完才能停表",
    "`seconds`三件都做",
)
def _(seconds):
    took = iter([0.2, 0.0, 0.0, 0.05, 0.0, 0.0])
    begun = time.perf_counter()
    assert seconds(lambda: time.sleep(next(took))) < 0.02
    assert time.perf_counter() - begun > 0.2 and next(took, None) is None


@claim(
    "都用`check`来检查。`cases`接过你的答案，逐项给出三样东西：检查的是什么，你的结果，应有的结果。"
    "`check`说出第一处不同；还没有写、忘了写`return`，也各有一句话",
    "`subplots`和`plot_regions`画图，`train`和`accuracy`训练和评估，`seconds`计时，"
    "`save_checkpoint`和`load_checkpoint`存取检查点，`check`检查练习。",
)
def _(check, double_cases, forgetful):
    here: dict = {}
    exec("def lacking(x):\n    raise NotImplementedError", double_cases.__globals__, here)
    assert list(double_cases(lambda x: x + 2)) == [("2的两倍", 4, 4), ("3的两倍", 5, 6)]
    assert check(lambda x: x * 2, double_cases) == "正确"
    assert check(lambda x: x + 2, double_cases) == "3的两倍：应为6，你的是5"
    assert check(here["lacking"], double_cases) == "还没有写"
    assert "return" in check(forgetful, double_cases)


@claim(
    "一份看得见的数据、一种画图的样式、一个训练循环、一块秒表、存取检查点的函数，还有检查练习的函数",
    "集中写在这里，标上`#@save`存进`d2l`包，各节导入以后直接用",
    "它们都存在`d2l`包里，写上`from d2l import ...`就能用；单独下载的笔记本里已经带着。",
)
def _(notebook, tab):
    library = import_module(f"d2l.{'torch' if tab == 'pytorch' else tab}")
    assert notebook["STYLE"] == library.STYLE
    names = "spirals subplots plot_regions train accuracy seconds save_checkpoint"
    for name in f"{names} load_checkpoint check".split():
        saved, own = getattr(library, name), notebook[name]
        assert callable(saved) and saved.__doc__.startswith(own.__doc__), name
        assert "(sec_tools)" in saved.__doc__, name


@claim(
    "检查点是训练到一半的全部状态：网络的参数、优化器的状态和步数",
    "`checkpoint_parts`列出检查点里的每一样东西，名字由网络和优化器的结构决定",
    "`check_fit`逐个核对名字和形状",
    "`save_checkpoint`存，`load_checkpoint`读。存的时候先写进另一个文件，写完整了才换掉旧文件；读的时候先核对，再装",
)
def _(
    chain,
    check_fit,
    checkpoint_parts,
    dense,
    equal,
    load_checkpoint,
    make_adam,
    net,
    raises,
    ready,
    save_checkpoint,
    scratch,
    train,
    X,
    y,
):
    adam = make_adam(net)
    parts = checkpoint_parts(net, adam, 5)
    assert {name.partition("/")[0] for name in parts} == {"step", "net", "Adam"}
    assert set(parts) == set(checkpoint_parts(net, make_adam(net)))
    assert check_fit("a.ckpt", parts, dict(parts)) is None
    assert raises(ValueError, lambda: check_fit("a.ckpt", parts, {**parts, "more": 1}))
    path = Path(scratch, "a.ckpt")
    save_checkpoint(path, net, adam, 5)
    kept, real = path.read_bytes(), os.fsync
    train(net, X, y, adam, 1)

    def stopped(*_):
        raise KeyboardInterrupt

    os.fsync = stopped
    try:
        assert raises(KeyboardInterrupt, lambda: save_checkpoint(path, net, adam, 6))
    finally:
        os.fsync = real
    assert path.read_bytes() == kept
    other = ready(chain(dense(2, 3)), X)
    before = other(X)
    assert raises(ValueError, lambda: load_checkpoint(path, other, make_adam(other)))
    assert equal(other(X), before)
    assert load_checkpoint(path, net, make_adam(net)) == 5


@claim(
    "名字由网络和优化器的结构决定",
    "mxnet",
    elsewhere="only MXNet's own names sort otherwise; the claim above is for all",
)
def _(chain, dense, load_checkpoint, make_adam, ready, save_checkpoint, scratch, train, X, y):
    from mxnet.name import NameManager

    def made(number):
        with NameManager():  # counts layers from 0
            for _ in range(number):
                dense(1, 1)
            net = ready(chain(dense(2, 3), dense(3, 3), dense(3, 3)), X)
        return net, make_adam(net)

    # dense0, dense1, dense2 of the one are dense8, dense9, dense10 of the other, which
    # MXNet sorts otherwise
    path, (net, adam) = Path(scratch, "b.ckpt"), made(0)
    train(net, X, y, adam, 3)
    save_checkpoint(path, net, adam, 3)
    rest = train(net, X, y, adam, 5)
    net, adam = made(8)
    assert [one.name for one in adam._params][0].startswith("dense10")
    assert load_checkpoint(path, net, adam) == 3
    assert train(net, X, y, adam, 5) == rest


@claim(
    "底色是网络在每个位置给出的类别",
    mxnet="mxnet.gluon.nn",
    pytorch="torch.nn",
    tensorflow="keras.layers",
    paddle="paddle.nn",
)
def _(chain, classify, given, net, X):
    """It is asked for classes in evaluation mode, which nothing shows by its output."""
    forgetful = chain(import_module(given).Dropout(0.5), net)
    assert (classify(forgetful, X) == classify(net, X)).all()
