"""Answers to the exercises of chapter_computation/model-construction.md."""

from exercises import Exercises

SECTION = "chapter_computation/model-construction.md"
EXERCISES = Exercises()
exercise, right, wrong = EXERCISES.exercise, EXERCISES.right, EXERCISES.wrong


exercise("check(Parallel, parallel_cases)", says="3列拼3列")


def parallel(Block, join):
    class Parallel(Block):
        def __init__(self, net1, net2):
            super().__init__()
            self.net1, self.net2 = net1, net2

        def forward(self, X):
            return join(self.net1(X), self.net2(X))

    return Parallel


@right()
def _(*, Block, concatenate):
    return parallel(Block, lambda one, two: concatenate([one, two], axis=-1))


@wrong()
def _(*, Block, concatenate):
    return parallel(Block, lambda one, two: concatenate([one, two], axis=1))


@wrong("mxnet")
def _(*, Block, concatenate):
    return parallel(Block, lambda one, two: concatenate([two, one], axis=-1))


exercise("check(make_chain, make_chain_cases)", says="时造出的实例的个数：应为")


@right()
def _(make_block, n, *, MySequential):
    return MySequential(*[make_block() for _ in range(n)])


@wrong()
def _(make_block, n, *, MySequential):
    return MySequential(*[make_block()] * n)


@wrong("pytorch")
def _(make_block, n, *, MySequential):
    return MySequential(make_block(), make_block(), make_block())  # always three


exercise("check(survives, survives_cases)", says="改坏的版本：应为False，你的是True")


@right()
def _(make_block, *, X, reloads):
    return reloads(make_block, X)


@wrong()
def _(make_block):
    return True  # compares an instance with itself
