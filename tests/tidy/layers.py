#!/usr/bin/env python3
"""Holds the picture of the layers against what CMake links and what the rules let a file include.

    layers.py ROOT LINKS   LINKS: a file with a line "layer: library ..." for each library
"""

import os
import re
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

from rules import ARROWS, reachable


def links_of(path):
    """What CMake links: {layer: {layer, ...}}, direct links only."""
    links = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            layer, _, libraries = line.partition(":")
            links[layer] = set(libraries.split())
    return links


def picture_of(page):
    """The arrows of the page's Mermaid graph, in the same form."""
    graph = re.search(r"```mermaid\ngraph TD\n(.*?)```", page, re.DOTALL)
    arrows = {}
    for above, below in re.findall(r"(\w+) --> (\w+)", graph.group(1) if graph else ""):
        arrows.setdefault(above, set()).add(below)
        arrows.setdefault(below, set())
    return arrows


def below(arrows, layer):
    found = set()
    for one in arrows[layer]:
        found |= {one} | below(arrows, one)
    return found


def library_of(folder, libraries):
    """A folder within a folder is part of its library, unless it is one: a/b is then a_b."""
    own = folder.replace("/", "_")
    return own if own in libraries else folder.split("/")[0]


def included(layer, libraries):
    """The layers that files of a layer, those of its inner folders included, may include."""
    inner = [one for one in ARROWS if library_of(one, libraries) == layer]
    return {library_of(one, libraries) for each in inner for one in reachable(each)} - {layer}


def complaints(links, picture, rules):
    """What is different, in sentences; nothing when all agree."""
    for layer in sorted(set(links) | set(picture)):
        linked, drawn = links.get(layer), picture.get(layer)
        if linked != drawn:
            yield f"{layer}: CMake links {linked}, docs/architecture.md shows {drawn}"
    for layer in sorted(links):
        beneath = below(links, layer)
        if layer not in rules:
            yield f"{layer}: not in the arrows of tests/tidy/rules.py"
        elif rules[layer] != beneath:
            yield f"{layer}: links {sorted(beneath)}, may include {sorted(rules[layer])}"


def self_test():
    """Each kind of difference is found."""
    good = {"a": {"b"}, "b": set()}
    assert not list(complaints(good, good, good))
    assert list(complaints(good, {"a": set(), "b": set()}, good))
    assert list(complaints(good, {**good, "c": {"a"}}, good))
    assert list(complaints(good, good, {"a": set(), "b": set()}))
    assert list(complaints(good, good, {"a": {"b"}}))
    assert library_of("a/b", {"a"}) == "a" and library_of("a/b", {"a", "a_b"}) == "a_b"
    assert picture_of("x\n```mermaid\ngraph TD\n  a --> b\n```\n") == good


def main(root, links_file):
    self_test()
    with open(os.path.join(root, "docs", "architecture.md"), encoding="utf-8") as file:
        picture = picture_of(file.read())
    links = links_of(links_file)
    rules = {layer: included(layer, links) for layer in {library_of(one, links) for one in ARROWS}}
    found = list(complaints(links, picture, rules))
    for complaint in found:
        print(complaint)
    return 1 if found or not picture else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
