"""Tables, workbooks and JSON as columns and rows."""
