"""The code that a command runs, as far as its words tell: files, modules and shell scripts."""

import ast
import os
import re
import shlex
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from snaketune.usercode.imports import imports
from snaketune.usercode.modules import Search, is_installed
from snaketune.usercode.sources import code_of, fingerprint

_SHELLS = {"sh", "bash", "dash", "ksh", "zsh"}
_SHELL_SUFFIXES = {".sh", ".bash"}
_OPERATORS = ";()<>|&\n"


def code_in(command: str) -> dict[str, str]:
    """The fingerprints of the code that a command names, by the words that name it.

    Words that are files count, those after `cd` as seen from there, and those in shell scripts
    that are scripts; so do the modules of the user after `-m`, and those that `python -c` imports.
    Where nothing else does, a program that an editable package has installed counts. What belongs
    to Python, to an installed package or to the system does not.
    """
    found = _Words(Path()).read(command)
    for program in {words[0] for words in _commands(command) if words} if not found else ():
        found |= _installed_program(program)
    return found


class _Words:
    """Reads the words of commands that are run in the folder `here`."""

    def __init__(self, here: Path, script: Path | None = None) -> None:
        self._here, self._script = here, script
        self._found: dict[str, str] = {}

    def read(self, command: str) -> dict[str, str]:
        """The fingerprints of the code that the command names."""
        outer: list[Path] = []
        for words in _commands(command):
            match words:
                case ["("]:
                    outer.append(self._here)
                case [")"]:
                    self._here = outer.pop() if outer else self._here
                case ["cd", folder]:
                    self._here = self._here / folder if "$" not in folder else self._here
                case _:
                    self._command(words)
        return self._found

    def _command(self, words: list[str]) -> None:
        programs = {os.path.basename(word) for word in words}
        for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
            if word == "-m":
                _ = self._module(f"{after}.__main__") or self._module(after)
            elif before == "-c" and programs & _SHELLS:
                self._found |= _Words(self._here, self._script).read(word)
            elif before == "-c" and any(program.startswith("python") for program in programs):
                self._source(word)
            else:
                self._file(word, before)

    def _file(self, word: str, before: str) -> None:
        """Note the file that a word, or the value of an option such as `--x=word`, names."""
        for name in filter(None, (word, word.partition("=")[2])):
            for folder in (self._here, *([self._script.parent] if self._script else [])):
                path = folder / os.path.expanduser(name)
                # Not `is_file`, which raises where a word is longer than names may be.
                if os.path.isfile(path) and self._is_code(path):
                    self._note((folder / name).as_posix(), path, os.path.basename(before))
                    return

    def _is_code(self, path: Path) -> bool:
        if self._script is None:
            return not path.is_absolute() or not _is_program(path)
        return path.suffix in (".py", *_SHELL_SUFFIXES) and not _is_program(path)

    def _note(self, name: str, path: Path, before: str) -> None:
        if name in self._found:
            return
        self._found[name] = fingerprint(path)
        if before in _SHELLS or path.suffix in _SHELL_SUFFIXES:
            inner = _Words(self._here, path)
            inner._found = self._found  # so that scripts may call one another
            inner.read(path.read_text(encoding="utf-8", errors="replace"))

    def _module(self, name: str) -> bool:
        """Note the module of the user of this name; returns whether there is one."""
        if code := _module_code(name, [self._here.resolve()]):
            self._found[f"-m {name}"] = code
        return bool(code)

    def _source(self, text: str) -> None:
        """Note the modules that Python source on the command line imports."""
        try:
            found = list(imports(ast.parse(text), ""))
        except (SyntaxError, ValueError):
            return
        for each in found:
            if not self._module(each.name) and each.optional:
                self._module(each.name.rpartition(".")[0])


def _module_code(name: str, folders: list[Path]) -> str | None:
    """The fingerprint of a module of the user that is run or called by a program."""
    modules, complete = Search(folders, script=True).find(name)
    if not complete or not modules or modules[-1].file is None:
        return None
    main = modules[-1]
    return code_of(main, Search(folders, main, script=True)).fingerprint


def _commands(text: str) -> Iterator[list[str]]:
    """The simple commands in a text, as words without quotes; "(" and ")" by themselves.

    Files that output goes to are left out.
    """
    words: list[str] = []
    writes = False
    for word in _split(text):
        if not word or set(word) - set(_OPERATORS):
            if not writes:
                words.append(word)
            writes = False
            continue
        writes = ">" in word
        if not set(word) & set("<>"):
            yield words
            yield from ([bracket] for bracket in word if bracket in "()")
            words = []
    yield words


def _split(text: str) -> list[str]:
    """The words and operators of a text; of one that can't be read, what may be the name of a file.

    A template has been read before; a script may have an apostrophe in a comment, for example.
    """
    lines = [line for line in text.replace("\\\n", " ").split("\n") if not line.startswith("#")]
    lexer = shlex.shlex("\n".join(lines), posix=True, punctuation_chars=_OPERATORS)
    lexer.whitespace, lexer.commenters, lexer.whitespace_split = " \t\r", "", True
    try:
        return list(lexer)
    except ValueError:
        return re.findall(r"[\w./~-]+|\n", text)


def _is_program(path: Path) -> bool:
    """Whether a file is a program of the system, or of an environment."""
    path = Path(os.path.abspath(path))
    folder = path.parent
    if is_installed(path):
        return True
    if folder.name not in ("bin", "sbin"):
        return False
    return not path.is_relative_to(Path.cwd()) or (folder.parent / "pyvenv.cfg").is_file()


def _installed_program(name: str) -> dict[str, str]:
    """The fingerprint of the user's module behind a program that a package has installed."""
    entries = metadata.entry_points(group="console_scripts", name=name)
    codes = (_module_code(entry.module, []) for entry in entries)
    return next(({name: code} for code in codes if code), {})
