"""The verdicts of the chaos suite: one function each, from a run to what is wrong in it."""
