"""What became of the signals: lists that come back filled in, their history, and what followed up signals led to.

`words` says what may be filled in, `workbook` and `returned` read a file that came back, `issued` finds the release it
belongs to, `history` decides what a new answer does to the earlier ones, `store` keeps them, `intake` does all of that
for the files of one command, `overview` counts, and `report` says so. Everything here stays confidential.
"""
