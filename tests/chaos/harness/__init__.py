"""The stage of a chaos run: the real platform as processes, its stores, its audience."""
