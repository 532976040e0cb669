#!/usr/bin/env python3
"""exports.py - what `podsim run -o` prints for other programs is read by a reader of that format. (TAP)

usage: exports.py PODSIM SOURCE_ROOT
"""
import csv
import io
import json
import os
import re
import subprocess
import sys

podsim, root = sys.argv[1:3]
number = 0
failed = False
FILES = ('seeds/service-nginx', 'workloads/rolling-update-3', 'basics/crash-backoff-hour', 'faults/partition',
         'kubelet/oom' if os.path.exists(os.path.join(root, 'scenarios/kubelet/oom.yaml')) else 'basics/init-order')


def check(name, ok, seen=''):
    global number, failed
    number += 1
    failed = failed or not ok
    print('ok' if ok else 'not ok', number, '-', name)
    if not ok:
        print('#', str(seen)[:500])


def run(file, form):
    return subprocess.run([podsim, 'run', '-q', '-o', form, os.path.join(root, 'scenarios', file + '.yaml')],
                          capture_output=True, check=False).stdout.decode()


def rows(file, form, header):
    all_rows = list(csv.reader(io.StringIO(run(file, form), newline='')))
    check(f'{file}: {form} has {len(header)} fields everywhere', all_rows[0] == header and all(len(r) == len(header) for r in all_rows),
          [r for r in all_rows if len(r) != len(header)])
    times = [float(r[0]) for r in all_rows[1:]]
    return all_rows[1:], times


for file in FILES:
    told, times = rows(file, 'csv', ['seconds', 'object', 'what', 'why'])
    check(f'{file}: in order of time', times == sorted(times) and told)
    counted, _ = rows(file, 'csv-series', ['seconds', 'object', 'series', 'value'])

    trace = json.loads(run(file, 'perfetto'))['traceEvents']
    slices = {}
    for e in trace:
        if e['ph'] == 'X':
            slices.setdefault((e['pid'], e['tid']), []).append((e['ts'], e['ts'] + e['dur']))
    named = {(e['pid'], e['tid']) for e in trace if e['name'] == 'thread_name'}
    overlap = [k for k, s in slices.items() if any(a[1] > b[0] for a, b in zip(s, s[1:]))]
    check(f'{file}: slices of a thread do not overlap', slices and not overlap, overlap)
    check(f'{file}: each thread has a name', set(slices) <= named, set(slices) - named)
    check(f'{file}: a counter event for each count', sum(e['ph'] == 'C' for e in trace) == len(counted))

    text = run(file, 'openmetrics')
    samples = re.findall(r'^([a-z_]+)\{object="((?:[^"\\]|\\.)*)"\} (\d+) (\d+\.\d{3})$', text, re.M)
    lines = [line for line in text.splitlines() if not line.startswith('#')]
    check(f'{file}: OpenMetrics has a sample for each count', len(samples) == len(lines) == len(counted), lines)
    check(f'{file}: and ends as it has to', text.endswith('# EOF\n'))
    last = {}
    backwards = []
    for name, thing, _, at in samples:
        backwards += [(name, thing)] if float(at) <= last.get((name, thing), 0) else []
        last[name, thing] = float(at)
    check(f'{file}: times of a series grow', not backwards, backwards)
    try:
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
        check(f"{file}: Prometheus' own parser reads it", sum(len(f.samples) for f in text_string_to_metric_families(text)) == len(samples))
    except ImportError:
        print('# python3-prometheus-client is not installed')

    diagram = run(file, 'mermaid').splitlines()
    task = re.compile(r'^    [a-z -]+ :((done|active|crit), )?\d+, \d+$')
    check(f'{file}: Mermaid has sections and tasks', diagram[0] == 'gantt' and all(
        task.match(line) or re.match(r'^    (title|dateFormat|axisFormat|section) [^;#]*$', line) for line in diagram[1:]),
        [line for line in diagram[1:] if not task.match(line)][:5])
print('1..%d' % number)
sys.exit(failed)
