"""A Django app for chaos runs: kinds of jobs that tell of themselves, and bugs to be found."""
