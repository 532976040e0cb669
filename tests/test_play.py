#!/usr/bin/env python3
"""test_play.py - podsim play at a terminal of its own: keys, and what is on the screen. (TAP)

usage: test_play.py PODSIM SOURCE_ROOT
"""
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios

podsim, root = sys.argv[1:3]
number = 0
failed = False


def check(name, ok, seen=''):
    global number, failed
    number += 1
    failed = failed or not ok
    print('ok' if ok else 'not ok', number, '-', name)
    if not ok:
        print('\n'.join('# ' + line for line in repr(seen)[-1500:].split('\\n')))


class Terminal:
    def __init__(self, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ['LANG'] = 'C.UTF-8'
            os.execv(podsim, [podsim, 'play', '--color', 'never', *args])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack('HHHH', 30, 100, 0, 0))
        self.text = ''

    def read(self, wait):
        """What comes until nothing has come for `wait` seconds."""
        while select.select([self.fd], [], [], wait)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.text += data.decode(errors='replace')
        return True

    def until(self, pattern, seconds=60):
        """Reads until the newest picture has the pattern."""
        for _ in range(seconds * 10):
            alive = self.read(0.1)
            if re.search(pattern, self.frame()):
                return True
            if not alive:
                return False
        return False

    def frame(self):
        return self.text.rsplit('\033[H', 1)[-1]

    def press(self, key):
        self.text = ''
        os.write(self.fd, key.encode())


t = Terminal(os.path.join(root, 'scenarios/seeds/liveness-http.yaml'))
check('it begins', t.until(r'liveness-http.yaml +\d'), t.text)
check('on another screen', '\033[?1049h' in t.text, t.text)
t.press(' ')
check('a blank pauses', t.until('paused'), t.text)
t.press('0')
check('0 is the beginning', t.until(r'  0\.000 s of 180\.000 s'), t.text)
check('nothing has happened yet', 'Running' not in t.frame() and 'pod/liveness-http' in t.frame(), t.frame())
t.press('\033[C')
check('an arrow goes to the next event', t.until(r' 0\.025 s of'), t.text)
t.press('\033[D')
check('and back', t.until(r' 0\.000 s of'), t.text)
t.press('\033[A')
check('up is ten seconds', t.until(r' 10\.000 s of'), t.text)
check('kubectl shows that instant', re.search(r'liveness-http +1/1 +Running +0 +10s', t.frame()), t.frame())
t.press('+')
check('+ is faster', t.until(r' 20 x'), t.text)
t.press('-')
check('- is slower', t.until(r' 10 x'), t.text)
t.press('G')
check('G is the end', t.until(r'180\.000 s of 180\.000 s'), t.text)
check('the chart is whole', '×' in t.frame() and 'probe failed' in t.frame(), t.frame())
t.press('r')
check('r reverses', t.until(r'-10 x'), t.text)
t.press(' ')
check('and time runs backwards', t.until(r' 17\d\.\d+ s of'), t.text)
t.press('q')
t.read(1)
code = os.waitstatus_to_exitcode(os.waitpid(t.pid, 0)[1])
check('q quits', code == 0, code)
check('the screen is given back', t.text.rstrip().endswith('\033[?25h\033[?1049l'), t.text[-40:])

t = Terminal(os.path.join(root, 'scenarios/seeds/liveness-http.yaml'))
t.until('liveness-http.yaml')
t.press('\003')
t.read(1)
code = os.waitstatus_to_exitcode(os.waitpid(t.pid, 0)[1])
check('an interrupt ends it', code == 130, code)
check('and the screen is given back', '\033[?1049l' in t.text, t.text[-40:])

t = Terminal(os.path.join(root, 'no-such.yaml'))
t.read(2)
code = os.waitstatus_to_exitcode(os.waitpid(t.pid, 0)[1])
check('a file that is not there is said plainly', code == 3 and 'cannot read' in t.text and '\033[?1049h' not in t.text, t.text)
print('1..%d' % number)
sys.exit(failed)
