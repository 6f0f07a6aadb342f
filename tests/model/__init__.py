"""The real hub, log and consumers under a clock of their own, in weather that a test chooses."""
