"""What every room may use and none of it specific to the Code: errors that a user can mend, the project's folders, files
replaced whole, codes in place of words, results kept in memory, a hash of the code.

Goes in: paths, arrays, exceptions. Comes out: the same, handled safely. Imports nothing else of the package.
"""
