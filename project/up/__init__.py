"""The whole platform on one machine: what ``manage.py up`` starts, watches and stops."""
