"""Asyncio client for Amazon's Selling Partner Messaging API."""
