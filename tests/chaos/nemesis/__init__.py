"""Who breaks things: which faults, when and where (a seed's plan), how, and what proves the hit."""
