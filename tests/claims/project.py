"""What chapter_computation/project.md claims."""

from claims import Claims

SECTION = "chapter_computation/project.md"
CLAIMS = Claims()
claim = CLAIMS.claim


@claim("项目的数据：三条旋臂，每条100个点。")
def _(array, X, y):
    assert array(X).shape == (300, 2)
    assert [(array(y) == arm).sum() for arm in range(3)] == [100] * 3


@claim(
    "宽度取32、128、512和2048",
    "宽度变成4倍，参数量大约变成16倍",
    "宽度从32到2048，参数量增长了几千倍",
)
def _(d2l, X):
    sizes = []
    for width in (32, 128, 512, 2048):
        net = d2l.spiral_net(width)
        net(X)
        sizes.append(d2l.num_params(net))
    assert 2000 < sizes[-1] / sizes[0] < 10000
    assert all(15 < large / small < 16 for small, large in zip(sizes, sizes[1:], strict=False))
