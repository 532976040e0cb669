#!/usr/bin/env python3
"""images.py - turns images.yaml into C: the text of each entry, and an index of their names.

An entry is read by podsim when something asks for it. That has to be quick, so its text is there twice: as it is
written, to be shown, and without comments and with what is in its files ("content: |") taken out, to be read.
Of YAML this knows only lines: "- name: NAME" begins an entry, "  aliases: [NAME, ...]" are its other names. That all
of this agrees with what the YAML says is checked by tests/unit/test_images.c.

usage: images.py images.yaml images_data.c
"""
import re
import sys

NAME = re.compile(r'^- name: "?([^"\s]+)"?$')
CONTENT = re.compile(r'^ +(- )?content: \|$')
ALIASES = re.compile(r'^  aliases: \[(.*)\]$')


def entries(lines):
    """Lists of lines, one per entry; comments between entries belong to neither."""
    found = []
    for line in lines:
        if line.startswith('- '):
            found.append([])
        if found:
            found[-1].append(line)
    for entry in found:
        while entry and (not entry[-1].strip() or entry[-1].startswith('#')):
            entry.pop()
    return found


def names(entry):
    first = NAME.match(entry[0])
    if not first:
        sys.exit('images.py: want "- name: NAME", got: ' + entry[0])
    result = [first.group(1)]
    for line in entry:
        aliases = ALIASES.match(line)
        if aliases:
            result += [a.strip().strip('"') for a in aliases.group(1).split(',')]
    return result


def indent(line):
    return len(line) - len(line.lstrip(' '))


def split(entry, contents):
    """The lines to be read; what files contain goes to contents."""
    lines, i = [], 0
    while i < len(entry):
        line = entry[i]
        i += 1
        if CONTENT.match(line):
            block = []
            while i < len(entry) and (not entry[i].strip() or indent(entry[i]) > indent(line)):
                block.append(entry[i])
                i += 1
            while block and not block[-1].strip():
                block.pop()
            margin = indent(next(b for b in block if b.strip()))
            line = line[:-1] + '"\\x01%d"' % len(contents)
            contents.append('\n'.join(b[margin:] for b in block) + '\n')
        if line.strip() and not line.lstrip().startswith('#'):
            lines.append(line)
    return lines


def blob(name, text):
    """As numbers: a string may not be so long in C11."""
    out = ['const char %s[] = {' % name]
    for i in range(0, len(text), 24):
        out.append('    ' + ', '.join(str(b if b < 128 else b - 256) for b in text[i:i + 24]) + ',')
    return out + ['    0,', '};']


def main():
    with open(sys.argv[1], encoding='utf-8') as f:
        found = entries(f.read().split('\n'))
    index, texts, contents, starts = {}, [], [], []
    shown, read, held = b'', b'', b''
    for number, entry in enumerate(found):
        for name in names(entry):
            if name in index:
                sys.exit('images.py: "%s" is there twice' % name)
            index[name] = number
        text = ('\n'.join(entry) + '\n').encode('utf-8')
        short = ('\n'.join(split(entry, contents)) + '\n').encode('utf-8')
        texts.append((len(shown), len(text), len(read), len(short)))
        shown += text
        read += short
    for content in contents:
        starts.append(len(held))
        held += content.encode('utf-8') + b'\0'
    out = ['/* Made by images.py from images.yaml. */', '#include "model/image_doc.h"', '']
    out.append('const struct built_in_name built_in_names[] = {')
    out += ['    {"%s", %d},' % (name, index[name]) for name in sorted(index, key=lambda n: n.encode('utf-8'))]
    out += ['};', 'const uint32_t built_in_name_count = %d;' % len(index)]
    out.append('const struct built_in_text built_in_texts[] = {')
    out += ['    {%d, %d, %d, %d},' % t for t in texts]
    out += ['};', 'const uint32_t built_in_text_count = %d;' % len(texts)]
    out.append('const uint32_t built_in_content_starts[] = {%s};' % ', '.join(map(str, starts)))
    out += blob('built_in_shown', shown) + blob('built_in_read', read) + blob('built_in_contents', held)
    with open(sys.argv[2], 'w', encoding='utf-8') as f:
        f.write('\n'.join(out) + '\n')


main()
