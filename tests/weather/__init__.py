"""A channel layer in bad weather, which everything that is promised must survive."""
