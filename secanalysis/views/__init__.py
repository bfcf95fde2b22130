"""A register as people see it: as at a day, as of a report month, over months, by subject.

Goes in: a register's analysis. Comes out: figures, tables and charts that notebooks show, each with its evidence.
Imports `analysis` and the rooms before it. Nothing is imported here: the command line needs only how numbers are
written, and shouldn't wait for charts.
"""
