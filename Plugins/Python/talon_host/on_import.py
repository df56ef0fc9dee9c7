"""Calls a function with a module of the application's when that is imported, without importing it."""

import sys


def call(name, action):
    """`action(module)`, at once if the module is there already; else right after its own code has run, before anyone
    sees it. What the action raises goes to the importer."""
    module = sys.modules.get(name)
    if module is not None:
        action(module)
    else:
        finder.actions[name] = action
        if finder not in sys.meta_path:
            sys.meta_path.insert(0, finder)


class Finder:
    """First on sys.meta_path. Finds nothing itself: it lets the others find the module, and notes the end of its
    loading."""

    def __init__(self):
        self.actions = {}

    def find_spec(self, name, path=None, target=None):
        # Taken out, so that the search among the others, should it come back here, ends.
        action = self.actions.pop(name, None)
        if action is None:
            return None
        spec = self.find_elsewhere(name, path, target)
        if spec is None:
            self.actions[name] = action
        elif hasattr(spec.loader, "exec_module"):
            follow(spec.loader, name, action)
        return spec

    def find_elsewhere(self, name, path, target):
        for finder in list(sys.meta_path):
            find_spec = getattr(finder, "find_spec", None)
            spec = find_spec(name, path, target) if finder is not self and find_spec else None
            if spec is not None:
                return spec
        return None


def follow(loader, name, action):
    """Only this one method of this one loader is replaced: what else looks at the loader finds the original."""
    original = loader.exec_module

    def exec_module(module):
        original(module)
        if module.__name__ == name:  # a loader may have several modules
            action(module)

    loader.exec_module = exec_module


finder = Finder()
