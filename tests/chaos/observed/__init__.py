"""A Django app with one kind of job, which keeps a ledger, for the observers to be tried on."""
