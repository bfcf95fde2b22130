"""Notebooks executed by papermill: which are due, in which process, with what progress and record.

Goes in: ``notebooks`` and ``data/processed``. Comes out: ``runs``, each notebook complete or absent.
Imports `views` (to prepare what notebooks share) and the rooms before it.
"""
