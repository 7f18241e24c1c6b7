"""Answers to the exercises of chapter_computation/parameters.md."""

import numpy

from exercises import Exercises

SECTION = "chapter_computation/parameters.md"
EXERCISES = Exercises()
exercise, right, wrong = EXERCISES.exercise, EXERCISES.right, EXERCISES.wrong


exercise(
    "check(inspect_nest, inspect_nest_cases)", says="5、7个单元，数的个数：应为195，你的是2928"
)


@right()
def _(net, *, bias_of, dense_layers, parameters, value):
    return bias_of(dense_layers(net)[1]), sum(value(one).size for one in parameters(net))


@wrong()
def _(net, *, bias_of, dense_layers):
    return bias_of(dense_layers(net)[1]), 2928  # counted by hand for one size


exercise("check(orthogonal_layer, orthogonal_cases)", says="权重里有没有0：应为False，你的是True")


@right()
def _(num_inputs, num_outputs, *, fill, made, notebook):
    layer = made("orthogonal", num_inputs, num_outputs, notebook)
    fill(layer.bias, 0)
    return layer


@wrong()
def _(num_inputs, num_outputs, *, fill, initialised, matrix_of, put, turned):
    layer = initialised(num_inputs, num_outputs)
    # W Wᵀ = I, but not the asked initialiser
    put(matrix_of(layer), turned(layer, numpy.eye(num_inputs, num_outputs, dtype="float32")))
    fill(layer.bias, 0)
    return layer


exercise("check(scale, scale_cases)", says="第2个参数(0, 0)：应为")


@right()
def _(net, factor, *, parameters, put, value):
    for one in parameters(net):
        put(one, value(one) * factor)


@wrong()
def _(net, factor, *, first_layer, parameters, put, value):
    for one in parameters(first_layer(net)):
        put(one, value(one) * factor)
