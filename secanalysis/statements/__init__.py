"""Tables of statements: declared once, read from CSV, validated, corrected, stored as parquet.

Goes in: ``data/raw``. Comes out: ``data/processed``, or every fault of every table in words.
Imports `domain` and `support`.
"""
