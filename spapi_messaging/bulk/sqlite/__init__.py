"""The file of a journal in SQLite: its table, its witness, its log, and how it is opened and read.

Everything here blocks.
"""
