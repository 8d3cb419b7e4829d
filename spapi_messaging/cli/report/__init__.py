"""A journal as one page to look at."""
