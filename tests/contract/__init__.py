"""What a socket is sent, word for word, and what a page then shows: for both languages' tests."""
