"""What a text to a buyer may contain: warnings, never errors."""
