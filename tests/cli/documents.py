"""JSON documents with a value replaced."""

import copy

STATUSES = (0, 2, 3, 10, 11, 12)  # what a document can lead to, whatever it holds


def collect(value, at, pointers, leaf=lambda value: not isinstance(value, (dict, list))):
    if leaf(value):
        pointers.append(at)
    if isinstance(value, (dict, list)):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, below in pairs:
            collect(below, at + (key,), pointers, leaf)


def replaced(document, pointer, value):
    changed = copy.deepcopy(document)
    if not pointer:
        return value
    place = changed
    for key in pointer[:-1]:
        place = place[key]
    place[pointer[-1]] = value
    return changed
