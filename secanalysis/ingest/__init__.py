"""A document becomes statements: published reports (`report`) and exports of a register (`exports`).

Goes in: one text, PDF, XLSX or CSV file. Comes out: rows for the tables in ``data/raw``, and a list of what wasn't
read. What is read is checked as a whole before anything is written. Imports `statements`, `domain` and `support`.
"""
