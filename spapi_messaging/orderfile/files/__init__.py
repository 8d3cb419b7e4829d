"""Files that belong to orders, told by their names."""
