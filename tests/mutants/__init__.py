"""Mutation testing of the modules that hold rules: change one thing, and see whether a quick test fails.

`python -m tests.mutants` draws a seeded sample of all possible mutants. One run of the quick tests under coverage tells
which tests reach which line; each mutant runs only those, in a copy of the tree, and stops at the first failure.

Why not a tool that exists: mutmut 3 changes functions only (half of our rules are tables and constants of a module), draws
no sample, and knows which functions a test calls but not which lines; cosmic-ray starts a process for each mutant and runs
every test; mutatest is no longer kept.
"""
