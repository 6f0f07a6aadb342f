"""A Django app as a team would write it: jobs and receivers for the tests' installations."""
