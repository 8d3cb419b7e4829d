"""What is said to buyers: message types, texts, attachments, and the limits of each."""
