"""The code that a command runs, as far as its words tell: files, modules and shell scripts."""

import ast
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from snaketune.base.identity import file_digest
from snaketune.usercode.imports import imports
from snaketune.usercode.modules import Search, is_installed
from snaketune.usercode.sources import Code, code_of, code_of_file

_SHELLS = {"sh", "bash", "dash", "ksh", "zsh"}
_SHELL_SUFFIXES = {".sh", ".bash"}
_OPERATORS = ";()<>|&\n"


def code_in(command: str) -> Code:
    """The code that a command names; its fingerprints are by the words that name it.

    Words that are files count, those after `cd` as seen from there, and those in shell scripts
    that are scripts; so do the modules of the user after `-m`, and those that `python -c` imports.
    Where nothing else does, a program that an editable package has installed counts. What belongs
    to Python, to an installed package or to the system does not.
    """
    code = Code()
    _Words(Path(), code).read(command)
    for program in {words[0] for words in _commands(command) if words and not code.prints}:
        _add(code, program, _installed_program(program))
    return code


def _add(code: Code, name: str, found: Code | None) -> bool:
    """Add what was found under a name, if it is any; returns whether it is."""
    if found:
        code.prints[name] = found.fingerprint
        code.missing += found.missing
    return bool(found)


class _Words:
    """Reads the words of commands that are run in the folder `here`, perhaps by a `script`."""

    def __init__(self, here: Path, code: Code, script: Path | None = None) -> None:
        self._here, self._code, self._script = here, code, script
        self._python_path: list[Path] = []

    def read(self, command: str) -> None:
        """Add the code that the command names."""
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

    def _command(self, words: list[str]) -> None:
        programs = {os.path.basename(word) for word in words}
        for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
            if word.startswith("PYTHONPATH="):
                entries = word.partition("=")[2].split(":")
                self._python_path = [(self._here / entry).resolve() for entry in entries if entry]
            elif word == "-m":
                _ = self._module(f"{after}.__main__") or self._module(after)
            elif before == "-c" and programs & _SHELLS:
                self._inner(self._script).read(word)
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
        if name in self._code.prints:
            return
        if path.suffix == ".py":
            _add(self._code, name, code_of_file(path, self._python_path))
        else:
            self._code.prints[name] = file_digest(path)
        if before in _SHELLS or path.suffix in _SHELL_SUFFIXES:
            self._inner(path).read(path.read_text(encoding="utf-8", errors="replace"))

    def _inner(self, script: Path | None) -> "_Words":
        """For the commands in a script, or in a word."""
        inner = _Words(self._here, self._code, script)
        inner._python_path = list(self._python_path)
        return inner

    def _module(self, name: str) -> bool:
        """Note the module of the user of this name; returns whether there is one."""
        code = _module_code(name, [self._here.resolve(), *self._python_path])
        return _add(self._code, f"-m {name}", code)

    def _source(self, text: str) -> None:
        """Note the modules that Python source on the command line imports."""
        try:
            found = list(imports(ast.parse(text), ""))
        except (SyntaxError, ValueError):
            return
        for each in found:
            if not self._module(each.name) and each.optional:
                self._module(each.name.rpartition(".")[0])


def _module_code(name: str, folders: list[Path]) -> Code | None:
    """The code of a module of the user that a program runs."""
    modules, complete = Search(folders, script=True).find(name)
    if not complete or not modules or modules[-1].file is None:
        return None
    main = modules[-1]
    return code_of(main, Search(folders, main, script=True))


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


def _installed_program(name: str) -> Code | None:
    """The code of the user's module behind a program that a package has installed."""
    from importlib import metadata  # as long to import as all else here, and rarely needed

    entries = metadata.entry_points(group="console_scripts", name=name)
    codes = (_module_code(entry.module, []) for entry in entries)
    return next(filter(None, codes), None)
