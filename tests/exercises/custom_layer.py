"""Answers to the exercises of chapter_computation/custom-layer.md."""

import numpy

from exercises import Exercises

SECTION = "chapter_computation/custom-layer.md"
EXERCISES = Exercises()
exercise, right, wrong = EXERCISES.exercise, EXERCISES.right, EXERCISES.wrong


exercise("check(CenteredRows, centered_rows_cases)", says="浮点数(0, 0)：应为-1.5")


def centered(Block, cast, mean):
    class CenteredRows(Block):
        def forward(self, X):
            X = cast(X, "float32")
            return X - mean(X)

    return CenteredRows


@right()
def _(*, Block, cast, mean):
    return centered(Block, cast, lambda X: mean(X, axis=-1, keepdims=True))


@wrong()
def _(*, Block, cast, mean):
    return centered(Block, cast, mean)  # still of the whole batch


exercise("check(Quadratic, quadratic_cases)", says="weight的梯度")


def quadratic(Block, einsum, tensor_of):
    class Quadratic(Block):
        def __init__(self, in_units, units):
            super().__init__()
            self.weight = self.create_parameter((in_units, in_units, units))

        def forward(self, X):
            return einsum("bi,ijk,bj->bk", X, tensor_of(self.weight), X)

    return Quadratic


@right()
def _(*, Block, einsum, tensor_of):
    return quadratic(Block, einsum, tensor_of)


@wrong()
def _(*, Block, einsum, tensor, value):
    # right numbers, but the weight is cut off from the graph
    return quadratic(Block, einsum, lambda weight: tensor(value(weight)))


exercise("check(HalfFourier, half_fourier_cases)", says="d=8(0, 1, 1)：应为")


def fourier(sign, Block, einsum, tensor):
    """Return the class, with this sign in the exponent."""

    class HalfFourier(Block):
        def forward(self, X):
            d = X.shape[-1]
            angle = 2 * numpy.pi * numpy.outer(range(d), range(d // 2 + 1)) / d
            waves = numpy.stack([numpy.cos(angle), sign * numpy.sin(angle)], axis=-1)
            return einsum("bj,jkc->bkc", X, tensor(waves))

    return HalfFourier


@right("mxnet")
def _(*, Block, einsum, tensor):
    return fourier(-1, Block, einsum, tensor)


@right("pytorch")
def _(*, nn, torch):
    class HalfFourier(nn.Module):
        def forward(self, X):
            return torch.view_as_real(torch.fft.rfft(X))

    return HalfFourier


@right("tensorflow")
def _(*, tf):
    class HalfFourier(tf.keras.layers.Layer):
        def call(self, X):
            Z = tf.signal.rfft(X)
            return tf.stack([tf.math.real(Z), tf.math.imag(Z)], axis=-1)

    return HalfFourier


@right("paddle")
def _(*, nn, paddle):
    class HalfFourier(nn.Layer):
        def forward(self, X):
            return paddle.as_real(paddle.fft.rfft(X))

    return HalfFourier


@wrong()
def _(*, Block, einsum, tensor):
    return fourier(1, Block, einsum, tensor)


exercise("check(MyDropout, my_dropout_cases)", says="训练时的两种值(1,)：应为1.25")


def dropout(Block, cast, uniform, scale):
    class MyDropout(Block):
        def __init__(self, p):
            super().__init__()
            self.p = p

        def forward(self, X):
            if not self.training:
                return X
            return X * cast(uniform(X.shape) >= self.p, "float32") * scale(self.p)

    return MyDropout


@right()
def _(*, Block, cast, uniform):
    return dropout(Block, cast, uniform, lambda p: 1 / (1 - p))


@wrong()
def _(*, Block, cast, uniform):
    return dropout(Block, cast, uniform, lambda p: 1)
