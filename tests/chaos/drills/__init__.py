"""Two runs of one fault each, at a size that others have published figures for, or ask for."""
