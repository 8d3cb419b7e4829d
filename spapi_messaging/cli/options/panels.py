"""The groups in which a command's help lists its options."""

FILE = "The file"
MESSAGE = "The message"
REHEARSAL = "Try it first"
ONCE = "What was sent before"
PACE = "How fast"
ACCOUNT = "The account"
OUTPUT = "The output"
