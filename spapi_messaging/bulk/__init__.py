"""Bulk runs: many messages to many orders, at the quota, with an outcome for each."""
