"""Answers to the exercises of chapter_computation/use-gpu.md."""

from exercises import Exercises

SECTION = "chapter_computation/use-gpu.md"
EXERCISES = Exercises()
exercise, right, wrong = EXERCISES.exercise, EXERCISES.right, EXERCISES.wrong


exercise("check(norms_at_end, norms_cases)", says="都是Python的浮点数(0,)：应为")


@right()
def _(matrices, *, matmul, norm):
    norms = [norm(matmul(A, A)) for A in matrices]
    return [float(one) for one in norms]


@wrong()
def _(matrices, *, matmul, norm):
    return [norm(matmul(A, A)) for A in matrices]  # still on the device


exercise("check(save_and_load, save_and_load_cases)", says="没有共用层：应为True，你的是False")


@right()
def _(net, path, *, chain, dense, load_weights, on_cpu, ready, save_weights, zeros):
    save_weights(net, path)
    clone = on_cpu(lambda: ready(chain(dense(3, 1)), zeros(1, 3)))
    load_weights(clone, path)
    return clone


@wrong()
def _(net, path, *, chain, first_layer, save_weights):
    save_weights(net, path)
    return chain(first_layer(net))  # a new model around the old layer


exercise("check(average, average_cases)", says="个(0,)：应为")


@right()
def _(grads, sizes):
    parts = [grad * size for grad, size in zip(grads, sizes, strict=True)]
    return sum(parts) / sum(sizes)


@wrong()
def _(grads, sizes):
    return sum(grads) / len(grads)


@wrong("pytorch")
def _(grads, sizes):
    # the weights of one division only
    weights = [1] if len(grads) == 1 else [1 / 4, 3 / 4]
    return sum(weight * grad for weight, grad in zip(weights, grads, strict=True))
