"""Orders from the files that people have: tables, workbooks and JSON as rows."""
