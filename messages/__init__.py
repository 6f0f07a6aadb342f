"""The catalogues of sentences: found in the sources, translated in ``.po``, compiled to ``.mo``.

A developer's tool; nothing of it runs in production, and nothing there imports it.
"""
