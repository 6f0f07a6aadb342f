"""A site whose users and sessions are models of its own."""
