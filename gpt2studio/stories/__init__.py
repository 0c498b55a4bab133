"""Texts, their history and their branches: folds over a journal that only grows.

A story is a directory. `journal.jsonl` is the story: one record a line (`records`), appended and never changed; every
other file can be made again from it. `story.txt` is the current text for people and other programs, `about.json` a
line for lists, `snapshot-*.json` a state to open from quickly, `lock` is held by the window that writes, and
`journal.damaged-*` is what could not be read. `story.Story` is the way in; `shelf.StoryShelf` lists them.
"""
