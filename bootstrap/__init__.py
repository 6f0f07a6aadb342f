"""Makes the ground ready: a virtual environment, the locked requirements, the front-end.

It runs before anything is installed, so every file here needs the standard library alone.
The Makefile calls it; ``python3 -m bootstrap`` lists what it can do.
"""
