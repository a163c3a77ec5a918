"""The standard as data: load one edition from knowledge/, look clauses up, search them, answer questions about them."""
