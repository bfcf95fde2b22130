"""The field's own words and clocks: vocabularies, references, report months, working days, figure keys, figures.

Goes in: words, days and references as sources state them. Comes out: typed values that every other room shares.
Imports `support`.
"""
