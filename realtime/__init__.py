"""Delivery: events and updates from a transaction to the right people's sockets."""
