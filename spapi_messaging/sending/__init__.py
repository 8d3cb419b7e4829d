"""One message to one order: made, its files uploaded, sent at most once."""
