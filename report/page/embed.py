#!/usr/bin/env python3
"""embed.py - puts the page's files into C, as arrays of bytes that end in NUL.

usage: embed.py page.html page.css page.js OUTPUT.c
"""
import os
import sys

*inputs, output = sys.argv[1:]
with open(output, 'w', encoding='ascii') as out:
    out.write('/* made by embed.py */\n#include "report/page_data.h"\n')
    for path in inputs:
        name = os.path.basename(path).replace('.', '_')
        with open(path, 'rb') as f:
            data = f.read() + b'\0'
        out.write(f'const char {name}[] = {{\n')
        for i in range(0, len(data), 24):
            out.write(','.join(str(b if b < 128 else b - 256) for b in data[i:i + 24]) + ',\n')
        out.write('};\n')
