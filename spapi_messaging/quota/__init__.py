"""Quotas: at most as many requests as the plan allows, first come, first served."""
