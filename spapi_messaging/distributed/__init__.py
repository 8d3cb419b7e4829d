"""Campaigns on several machines: Procrastinate and PostgreSQL (extra ``distributed``)."""
