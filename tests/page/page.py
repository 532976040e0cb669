#!/usr/bin/env python3
"""page.py - `podsim run -o html` in a real browser. (TAP)

Each page is opened by a headless Chromium at three widths. check.js, put at its end, uses it as a reader would; axe-core,
where it is installed (tests/page/package.json), looks whether everybody can.

usage: page.py PODSIM SOURCE_ROOT AXE [SCREENSHOTS]
  AXE          axe.min.js; when there is none, that part is left out
  SCREENSHOTS  a directory for pictures of each page, at each width, in both themes
"""
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

podsim, root, axe_path = sys.argv[1:4]
pictures = sys.argv[4] if len(sys.argv) > 4 else None
browser = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
here = os.path.dirname(os.path.abspath(__file__))
number = 0
failed = False

PAGES = {
    'scenarios/seeds/liveness-http.yaml': {'at': 73, 'view': 'liveness-http   1/1     Running   3 (19s ago)   73s'},
    'scenarios/workloads/rolling-update-3.yaml': {'at': 22, 'view': 'deployment/web ready: 3'},
    'scenarios/basics/init-order.yaml': {'at': 2, 'view': 'Init:0/2'},
}
WIDTHS = (390, 820, 1440)


def check(name, ok, seen=''):
    global number, failed
    number += 1
    failed = failed or not ok
    print(('ok' if ok else 'not ok'), number, '-', name)
    for line in str(seen).splitlines() if not ok else []:
        print('#  ', line)


def run(path):
    return subprocess.run([podsim, 'run', '-q', '-o', 'html', os.path.join(root, path)], capture_output=True, check=True).stdout


def chromium(*args):
    # A root in a container has no sandbox to use.
    return subprocess.run([browser, '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
                           '--hide-scrollbars', '--no-first-run', '--force-color-profile=srgb', *args],
                          capture_output=True, timeout=120)


def checked(page, expect):
    axe = open(axe_path, encoding='utf-8').read() if os.path.exists(axe_path) else ''
    script = open(os.path.join(here, 'check.js'), encoding='utf-8').read()
    scripts = ''.join('<script>%s</script>' % s.replace('</script', '<\\/script')
                      for s in (axe, 'const EXPECT = %s;' % json.dumps(expect), script) if s)
    return page.decode().replace('</body>', scripts + '</body>')


def crowd():
    """Fifty pods over ten minutes, some of which crash."""
    pods = []
    for i in range(50):
        command = 'sleep 90; exit 1' if i % 5 == 0 else 'sleep 10000'
        pods.append('apiVersion: v1\nkind: Pod\nmetadata: {name: pod-%d}\nspec:\n  containers:\n'
                    '  - {name: app, image: "busybox:1.36", command: [sh, -c, "%s"]}\n' % (i, command))
    pods.append('apiVersion: podsim.dev/v1\nkind: Scenario\nspec: {duration: 10m}\n')
    return '---\n'.join(pods)


with tempfile.TemporaryDirectory() as work:
    for path in PAGES:
        check('the same bytes: ' + path, run(path) == run(path))
    many = os.path.join(work, 'crowd.yaml')
    with open(many, 'w', encoding='utf-8') as f:
        f.write(crowd())
    size = len(run(many))
    check('fifty pods over ten minutes are less than 300 kB', size < 300_000, size)
    tricky = os.path.join(work, 'tricky.yaml')
    with open(tricky, 'w', encoding='utf-8') as f:
        f.write('apiVersion: podsim.dev/v1\nkind: Scenario\nmetadata: {name: "x"}\nspec: {duration: 5s}\n---\n'
                'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    image: "busybox:1.36"\n'
                '    command: [sh, -c, "echo \'</script><script>alert(1)</script><!--\'; exit 1"]\n')
    check('no text of a run ends the script', run(tricky).count(b'</script>') == 2, run(tricky).count(b'</script>'))
    if os.environ.get('PODSIM_NEED_BROWSER'): # in CI nothing may be left out
        check('a browser is installed', bool(browser))
        check('axe-core is installed', os.path.exists(axe_path))
    if not browser:
        print('# no Chromium is installed: pages are not opened')
        print('1..%d' % number)
        sys.exit(failed)
    if not os.path.exists(axe_path):
        print('# axe-core is not installed: accessibility is not checked')
    for path, expect in PAGES.items():
        for width in WIDTHS:
            page = os.path.join(work, 'page.html')
            with open(page, 'w', encoding='utf-8') as f:
                f.write(checked(run(path), expect))
            done = chromium('--window-size=%d,1000' % width, '--virtual-time-budget=20000', '--dump-dom', 'file://' + page)
            found = re.search(r'CHECKS(.*)SKCEHC', html.unescape(done.stdout.decode(errors='replace')), re.S)
            where = '%s, %d wide: ' % (os.path.basename(path), width)
            if not found:
                check(where + 'the page runs', False, done.stderr.decode(errors='replace')[-2000:])
                continue
            for c in json.loads(found.group(1)):
                check(where + c['name'], c['ok'], c['seen'])
            for theme in ('light', 'dark') if pictures else ():
                with open(page, 'w', encoding='utf-8') as f:
                    f.write(run(path).decode().replace('<html lang="en">', '<html lang="en" data-theme="%s">' % theme))
                name = '%s-%d-%s.png' % (os.path.basename(path)[:-5], width, theme)
                chromium('--window-size=%d,1500' % width, '--screenshot=' + os.path.join(pictures, name),
                         'file://%s#t=%s' % (page, expect['at']))
print('1..%d' % number)
sys.exit(failed)
