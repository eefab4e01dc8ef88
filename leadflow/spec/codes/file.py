"""LF0xx: the file itself. Most come from `leadflow.spec.loader`, before anyone knows what kind of file it is."""

from __future__ import annotations

from leadflow.spec.codes.base import error, warning

CODES = {
    "LF001": error(
        "The file cannot be opened",
        "There is no such file, it is a folder or a device, or the program may not read it.",
    ),
    "LF002": error(
        "The file is too large",
        "A file may have up to 512 KB, about ten thousand lines. A pipeline that large can no longer be read by people; "
        "what several pipelines share goes into a file of its own, and long texts into templates.",
    ),
    "LF003": error(
        "The file is not saved as UTF-8",
        "Files are text in the encoding UTF-8. Older Windows programs save Russian text as Windows-1251 or as UTF-16 "
        "(“Unicode”), and its letters would arrive as gibberish.",
    ),
    "LF004": error(
        "The file holds a hidden character",
        "Some characters cannot be seen: spaces of no width, no-break spaces, marks that turn the direction of writing, "
        "control characters. They come along when text is copied from a web page, a letter or a messenger; two names "
        "that look the same would then be different. A no-break space inside a text is fine, at its edge it is not.",
    ),
    "LF005": error(
        "The file is nested too deeply",
        "Maps and lists may stand 40 levels deep inside each other; a real pipeline needs about ten.",
    ),
    "LF006": error(
        "The file holds too many values",
        "A file may hold up to 50,000 values. A large pipeline has about a thousand.",
    ),
    "LF007": error(
        "The file is empty",
        "There is nothing in the file but comments and empty lines.",
    ),
    "LF008": error(
        "The file is not a map of keys",
        "A file is a map: lines of the form `key: value`, beginning at the left edge. A list or a single text at the top "
        "says nothing about what it is for.",
    ),
    "LF010": error(
        "The line cannot be read",
        "The line is not valid YAML. The message says what was expected; the mistake often stands one line higher.",
    ),
    "LF011": error(
        "The indentation does not fit",
        "Spaces at the beginning of a line say what belongs to what. Keys of one map begin in the same column, what "
        "belongs to a key is indented below it, and the items of a list begin with a hyphen.",
    ),
    "LF012": error(
        "A tab stands where spaces are needed",
        "YAML knows no tabs between a line's beginning and its text: everyone's editor shows them in a different width. "
        "Let the editor insert spaces.",
    ),
    "LF013": error(
        "A colon is missing",
        "A key and its value are separated by a colon and a space: `title: New`. Without the colon, or without the space, "
        "the line is only a piece of text. Inside `{…}` a comma ends an entry, so a text with a comma must stand in quotes.",
    ),
    "LF014": error(
        "A colon inside a text that is not in quotes",
        "A colon followed by a space ends a key. A text that contains one must stand in quotes, or the rest of it would "
        "be taken for another value.",
    ),
    "LF015": error(
        "The quotes do not fit",
        "A quote that is opened must be closed, and nothing may follow the closing one. Inside double quotes a backslash "
        'begins a special character (`\\\\` is a backslash, `\\"` a quote); inside single quotes an apostrophe is doubled.',
    ),
    "LF016": error(
        "The brackets do not fit",
        "Each `{` needs its `}` and each `[` its `]`, in the right order.",
    ),
    "LF017": error(
        "A character that YAML keeps for itself",
        "The characters ``@ ` % & * ! | > , [ ] { } ?`` at the beginning of a value mean something special, and inside "
        "`{…}` and `[…]` a text also ends at a bracket. Such a text must stand in quotes; so must a condition such as "
        '`lead.client in ["a", "b"]` inside braces.',
    ),
    "LF018": error(
        "A comma is missing",
        "Inside `{…}` and `[…]` the entries are separated by commas.",
    ),
    "LF020": error(
        "A template without quotes",
        "A value that begins with `{{` or `{%` must stand in quotes: without them YAML reads the braces as a map, and "
        "the template is lost.",
    ),
    "LF021": warning(
        "A text with a template should stand in quotes",
        "It works, but only just: as soon as somebody adds a colon or a `#` inside the braces, the text is cut or torn "
        "apart. In quotes it stays whole.",
    ),
    "LF022": error(
        "A key is given twice",
        "A map has every key once; of two values one would be lost without a word.",
    ),
    "LF023": error(
        "A key that other programs read as yes or no",
        "The words `on off yes no y n true false` without quotes are no texts for many YAML programs but truth values, "
        "so an editor or a tool may change them behind your back. Choose a clearer word, or put the key in quotes.",
    ),
    "LF024": error(
        "A key is not a word",
        "A key is a word; a number, a date, an empty place, a list or a map cannot be one. A number that really is meant "
        "as a name goes into quotes.",
    ),
    "LF025": error(
        "Anchors and references are not part of the language",
        "`&name` and `*name` copy parts of a YAML file by reference. They make a pipeline hard to read, and a short file "
        "can unfold into gigabytes. Parts that several pipelines need go into a shared file. A text that begins with `&` "
        "or `*` goes into quotes.",
    ),
    "LF026": error(
        "Merge keys are not part of the language",
        "`<<` pulls another map into this one, unseen. Write the keys out, or put what is shared into a shared file.",
    ),
    "LF027": error(
        "Tags are not part of the language",
        "`!name` before a value gives it a type of a programming language. Here a value gets its type from the key it "
        "stands at. A text that begins with `!` goes into quotes.",
    ),
    "LF028": error(
        "More than one document in a file",
        "`---` in the middle of a file begins another document, and `%` at the beginning of a line gives orders to the "
        "YAML reader. A file holds one pipeline; another one goes into a file of its own.",
    ),
}
