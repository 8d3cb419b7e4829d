"""One request to Amazon: token, quota, HTTP, and what follows each attempt."""
