"""What became of the signals: lists that come back filled in, their history, and what followed up signals led to.

`words` says what may be filled in. A file that came back is read by `workbook`, `grids`, `days` and `returned`, against
the releases that `issued` finds. `history` decides what a new answer does to the earlier ones, `store` keeps them, and
`intake` does all of that for the files of one command. `overview` counts, `proportion` says how certain a share is, and
`report` puts it in words. Everything here stays confidential.
"""
