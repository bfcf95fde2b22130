"""Executed notebooks become the site that people read and fetch.

Goes in: ``runs``. Comes out: ``site``: pages, figures, tables, workbooks, feed. Computes no figure.
Imports `running` (which months are executed), `views` (how values are written) and the rooms before them.
"""
