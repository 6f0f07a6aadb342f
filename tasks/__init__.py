"""Work: jobs that somebody waits for. It may call realtime; never the reverse."""
