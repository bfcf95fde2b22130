"""A made-up register: complete histories in all tables, marked SYNTHETIC, with their known truth.

Goes in: a seed and a size. Comes out: tables of statements, and the truth behind them, kept apart.
Imports `statements`, `domain` and `support`.
"""
