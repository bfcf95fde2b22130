"""Kernels for notebooks, forked from a process that has done the imports, or started in the ordinary way."""
