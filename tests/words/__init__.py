"""One vocabulary for four frameworks, so that a test is written once.

Each framework has a module here, and all of them the same names. A kernel imports its
own: nothing here needs pytest, bookkit or another folder of tests.
"""
