"""`cfg`: the settings, as hooks see them."""

import json
import os

# Whose text could be taken for a number or a truth, and is none.
TEXTS = frozenset(
    ["user", "group", "proc_name", "default_proc_name", "wsgi_app", "chdir", "redis_url", "redis_username"]
    + ["redis_password", "redis_key_prefix", "instance"]
)
LISTS = frozenset(["bind", "raw_env", "raw_paste_global_conf", "reload_extra_files", "plugins", "plugin_dir"])
# Beside the text of a list, if one of its items has a comma.
LISTS_AS_JSON = "talon.list."
MODES = frozenset(["umask", "control_socket_mode"])


class Config:
    """Attributes by the names of the settings. What only the file knows, such as a dictionary, is as it has it."""

    def __init__(self, texts, module=None):
        self._texts = texts
        self._module = module

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if LISTS_AS_JSON + name in self._texts:
            return json.loads(self._texts[LISTS_AS_JSON + name])
        own = getattr(self._module, name, None)
        if name in self._texts:
            text = self._texts[name]
            return own if callable(own) or isinstance(own, dict) or says(own, text) else typed(name, text)
        if own is not None:
            return own
        if name in LISTS:
            return []
        return None

    @property
    def settings(self):
        return {name: getattr(self, name) for name in self._texts if not name.startswith("talon.")}

    @property
    def worker_class_str(self):
        return self._texts.get("worker_class", "sync")

    @property
    def address(self):
        return [parsed(address) for address in self.bind]

    @property
    def env(self):
        return dict(entry.partition("=")[::2] for entry in self.raw_env)

    @property
    def uid(self):
        return os.geteuid()

    @property
    def gid(self):
        return os.getegid()

    @property
    def is_ssl(self):
        return bool(self._texts.get("certfile") or self._texts.get("keyfile"))

    def summary(self):
        """In one line, what is most asked for."""
        names = ("workers", "bind", "worker_class", "threads", "timeout")
        return " ".join("%s=%s" % (name, self._texts[name]) for name in names if name in self._texts)

    def __str__(self):
        return "\n".join("%-32s = %r" % entry for entry in sorted(self.settings.items()))


def says(value, text):
    """Whether a value of the file is the one in force: then its type is what its author expects."""
    if isinstance(value, (list, tuple)):
        return ",".join(str(item) for item in value) == text
    return value is not None and not isinstance(value, bool) and str(value) == text


def typed(name, text):
    if name in LISTS:
        return [part for part in text.split(",") if part]
    if name in TEXTS:
        return text
    if text in ("true", "false"):
        return text == "true"
    digits = text[1:] if text.startswith("-") else text
    if digits.isascii() and digits.isdigit():
        return int(text, 8) if name in MODES and text.startswith("0") and set(text) <= set("01234567") else int(text)
    return text


def parsed(address):
    """(host, port), or the path of a unix socket."""
    if address.startswith("unix:"):
        return address[len("unix:") :]
    host, _, port = address.rpartition(":")
    return (host.strip("[]"), int(port)) if port.isdigit() else (address, 8000)
