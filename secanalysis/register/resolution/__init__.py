"""From statements to what happened: which statements are of one thing, and which wins.

Nothing is lost in it: each statement keeps its row and gets the number of the thing that it is about,
and every conflict that was settled is listed. All functions take what was known already; they never
look at a day.
"""
