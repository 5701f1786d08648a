"""A ledger without shapes meets drawings without values: joined by the number both write, each in its own way.

When two spellings are one number is told in `numbers`, who goes with whom in `pairing`, what a person settles in
`settling`; `joining` does it for files, `accounting` tells of every row and every shape, in the words of `outcomes`.
"""
