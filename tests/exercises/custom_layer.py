"""Answers to the exercises of chapter_computation/custom-layer.md."""

from exercises import Exercise

SECTION = "chapter_computation/custom-layer.md"


EXERCISES: list[Exercise] = [
    Exercise(
        "check(CenteredRows, centered_rows_cases)",
        right={
            "mxnet": """
class CenteredRows(nn.Block):
    def forward(self, X):
        X = X.astype('float32')
        return X - X.mean(axis=-1, keepdims=True)
""",
            "pytorch": """
class CenteredRows(nn.Module):
    def forward(self, X):
        X = X.float()
        return X - X.mean(dim=-1, keepdim=True)
""",
            "tensorflow": """
class CenteredRows(tf.keras.layers.Layer):
    def call(self, X):
        X = tf.cast(X, tf.float32)
        return X - tf.reduce_mean(X, axis=-1, keepdims=True)
""",
            "paddle": """
class CenteredRows(nn.Layer):
    def forward(self, X):
        X = X.astype('float32')
        return X - X.mean(axis=-1, keepdim=True)
""",
        },
        # still the mean of the whole batch
        wrong={
            "mxnet": """
class CenteredRows(nn.Block):
    def forward(self, X):
        return X - X.mean()
""",
            "pytorch": """
class CenteredRows(nn.Module):
    def forward(self, X):
        return X.float() - X.float().mean()
""",
            "tensorflow": """
class CenteredRows(tf.keras.layers.Layer):
    def call(self, X):
        X = tf.cast(X, tf.float32)
        return X - tf.reduce_mean(X)
""",
            "paddle": """
class CenteredRows(nn.Layer):
    def forward(self, X):
        return X.astype('float32') - X.astype('float32').mean()
""",
        },
        says="浮点数(0, 0)：应为-1.5",
    ),
    Exercise(
        "check(Quadratic, quadratic_cases)",
        right={
            "mxnet": """
class Quadratic(nn.Block):
    def __init__(self, in_units, units):
        super().__init__()
        shape = (in_units, in_units, units)
        self.weight = self.params.get('weight', shape=shape)

    def forward(self, X):
        return np.einsum('bi,ijk,bj->bk', X, self.weight.data(X.ctx), X)
""",
            "pytorch": """
class Quadratic(nn.Module):
    def __init__(self, in_units, units):
        super().__init__()
        shape = in_units, in_units, units
        self.weight = nn.Parameter(torch.randn(shape) * 0.01)

    def forward(self, X):
        return torch.einsum('bi,ijk,bj->bk', X, self.weight, X)
""",
            "tensorflow": """
class Quadratic(tf.keras.layers.Layer):
    def __init__(self, in_units, units):
        super().__init__()
        shape = in_units, in_units, units
        self.weight = self.add_weight(shape=shape, name='weight')

    def call(self, X):
        return tf.einsum('bi,ijk,bj->bk', X, self.weight, X)
""",
            "paddle": """
class Quadratic(nn.Layer):
    def __init__(self, in_units, units):
        super().__init__()
        self.weight = self.create_parameter([in_units, in_units, units])

    def forward(self, X):
        return paddle.einsum('bi,ijk,bj->bk', X, self.weight, X)
""",
        },
        # right numbers, but the weight is cut off from the graph
        wrong={
            "mxnet": """
class Quadratic(nn.Block):
    def __init__(self, in_units, units):
        super().__init__()
        shape = (in_units, in_units, units)
        self.weight = self.params.get('weight', shape=shape)

    def forward(self, X):
        W = self.weight.data(X.ctx).detach()
        return np.einsum('bi,ijk,bj->bk', X, W, X)
""",
            "pytorch": """
class Quadratic(nn.Module):
    def __init__(self, in_units, units):
        super().__init__()
        shape = in_units, in_units, units
        self.weight = nn.Parameter(torch.randn(shape) * 0.01)

    def forward(self, X):
        return torch.einsum('bi,ijk,bj->bk', X, self.weight.data, X)
""",
            "tensorflow": """
class Quadratic(tf.keras.layers.Layer):
    def __init__(self, in_units, units):
        super().__init__()
        shape = in_units, in_units, units
        self.weight = self.add_weight(shape=shape, name='weight')

    def call(self, X):
        return tf.einsum('bi,ijk,bj->bk', X, self.weight.numpy(), X)
""",
            "paddle": """
class Quadratic(nn.Layer):
    def __init__(self, in_units, units):
        super().__init__()
        self.weight = self.create_parameter([in_units, in_units, units])

    def forward(self, X):
        return paddle.einsum('bi,ijk,bj->bk', X, self.weight.detach(), X)
""",
        },
        says="weight的梯度",
    ),
    Exercise(
        "check(HalfFourier, half_fourier_cases)",
        right={
            "mxnet": """
class HalfFourier(nn.Block):
    def forward(self, X):
        d = X.shape[-1]
        j, k = np.arange(d), np.arange(d // 2 + 1)
        angle = 2 * np.pi * j.reshape(-1, 1) * k / d
        real, imag = np.dot(X, np.cos(angle)), -np.dot(X, np.sin(angle))
        return np.stack([real, imag], axis=-1)
""",
            "pytorch": """
class HalfFourier(nn.Module):
    def forward(self, X):
        return torch.view_as_real(torch.fft.rfft(X))
""",
            "tensorflow": """
class HalfFourier(tf.keras.layers.Layer):
    def call(self, X):
        Z = tf.signal.rfft(X)
        return tf.stack([tf.math.real(Z), tf.math.imag(Z)], axis=-1)
""",
            "paddle": """
class HalfFourier(nn.Layer):
    def forward(self, X):
        return paddle.as_real(paddle.fft.rfft(X))
""",
        },
        # the sign of the exponent turned round
        wrong={
            "mxnet": """
class HalfFourier(nn.Block):
    def forward(self, X):
        d = X.shape[-1]
        j, k = np.arange(d), np.arange(d // 2 + 1)
        angle = 2 * np.pi * j.reshape(-1, 1) * k / d
        real, imag = np.dot(X, np.cos(angle)), np.dot(X, np.sin(angle))
        return np.stack([real, imag], axis=-1)
""",
            "pytorch": """
class HalfFourier(nn.Module):
    def forward(self, X):
        return torch.view_as_real(torch.fft.rfft(X).conj().resolve_conj())
""",
            "tensorflow": """
class HalfFourier(tf.keras.layers.Layer):
    def call(self, X):
        Z = tf.signal.rfft(X)
        return tf.stack([tf.math.real(Z), -tf.math.imag(Z)], axis=-1)
""",
            "paddle": """
class HalfFourier(nn.Layer):
    def forward(self, X):
        return paddle.as_real(paddle.fft.rfft(X).conj())
""",
        },
        says="d=8(0, 1, 1)：应为",
    ),
    Exercise(
        "check(MyDropout, my_dropout_cases)",
        right={
            "mxnet": """
class MyDropout(nn.Block):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, X):
        if not autograd.is_training():
            return X
        keep = np.random.uniform(size=X.shape, ctx=X.ctx) >= self.p
        return X * keep / (1 - self.p)
""",
            "pytorch": """
class MyDropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        keep = torch.rand_like(X) >= self.p
        return X * keep / (1 - self.p)
""",
            "tensorflow": """
class MyDropout(tf.keras.layers.Layer):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def call(self, X, training=False):
        if not training:
            return X
        keep = tf.random.uniform(tf.shape(X)) >= self.p
        return X * tf.cast(keep, X.dtype) / (1 - self.p)
""",
            "paddle": """
class MyDropout(nn.Layer):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        keep = (paddle.rand(X.shape) >= self.p).astype(X.dtype)
        return X * keep / (1 - self.p)
""",
        },
        # what survives is not scaled
        wrong={
            "mxnet": """
class MyDropout(nn.Block):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, X):
        if not autograd.is_training():
            return X
        return X * (np.random.uniform(size=X.shape) >= self.p)
""",
            "pytorch": """
class MyDropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        return X * (torch.rand_like(X) >= self.p)
""",
            "tensorflow": """
class MyDropout(tf.keras.layers.Layer):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def call(self, X, training=False):
        if not training:
            return X
        keep = tf.random.uniform(tf.shape(X)) >= self.p
        return X * tf.cast(keep, X.dtype)
""",
            "paddle": """
class MyDropout(nn.Layer):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        return X * (paddle.rand(X.shape) >= self.p).astype(X.dtype)
""",
        },
        says="训练时的两种值(1,)：应为1.25",
    ),
]
