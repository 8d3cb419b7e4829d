"""The sandbox's own pages: the inbox, its API and its events."""
