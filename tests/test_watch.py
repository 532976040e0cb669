"""podsim test --watch: what a change is about is run again; keys on a terminal. (TAP)

usage: test_watch.py PODSIM
"""
import os
import pty
import select
import signal
import sys
import tempfile
import time

PODSIM = os.path.abspath(sys.argv[1])
SCENARIO = """apiVersion: podsim.dev/v1
kind: Scenario
spec:
  duration: 30s
  %s
  expect:
  - {pod: web, phase: %s}
"""
POD = """apiVersion: v1
kind: Pod
metadata: {name: %s}
spec: {containers: [{name: web, image: nginx}]}
"""
count = 0
failed = False


def check(name, fact, shown=""):
    global count, failed
    count += 1
    failed = failed or not fact
    print("%sok %d - %s" % ("" if fact else "not ", count, name))
    if not fact:
        for line in shown.splitlines():
            print("# " + line)


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


class Watch:
    """A podsim test --watch on a terminal of its own."""

    def __init__(self, how):
        env = dict(os.environ, PODSIM_WATCH=how, NO_COLOR="1", XDG_CACHE_HOME=os.getcwd() + "/.cache")
        for name in ("CI", "GITHUB_ACTIONS"):
            env.pop(name, None)
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(PODSIM, [PODSIM, "test", "--watch", "--no-times", "."], env)

    def until(self, text, seconds=20):
        """What it prints, until `text` comes; what is printed after that is kept for the next time."""
        end = time.monotonic() + seconds
        while text not in self.seen and time.monotonic() < end:
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.fd, 65536).decode()
                except OSError:
                    break
        at = self.seen.find(text)
        at = len(self.seen) if at < 0 else at + len(text)
        said, self.seen = self.seen[:at], self.seen[at:]
        return said

    def round(self):
        return self.until("quit\r\n")

    def key(self, key):
        os.write(self.fd, key.encode())

    def exit_code(self):
        self.until("never comes", 1)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def watch(how):
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        os.mkdir("parts")
        write("good.yaml", SCENARIO % ("", "Running") + "---\n" + POD % "web")
        write("bad.yaml", SCENARIO % ("", "Failed") + "---\n" + POD % "web")
        write("with.yaml", SCENARIO % ("include: [parts]", "Running"))
        write("parts/pod.yaml", POD % "web")
        w = Watch(how)
        said = w.round()
        check((how or "inotify") + ": first, all are run", "2 passed, 1 failed" in said, said)

        write("good.yaml", SCENARIO % ("seed: 3", "Running") + "---\n" + POD % "web")
        said = w.round()
        check((how or "inotify") + ": a scenario that changes", "changed: good.yaml" in said, said)
        check((how or "inotify") + ": is run, and no other", "\n1 passed\r" in said and "good.yaml  " in said, said)

        write("parts/pod.yaml", "# changed\n" + POD % "web")
        said = w.round()
        check((how or "inotify") + ": who includes what changes is run", "\n1 passed\r" in said and "with.yaml  " in said, said)

        write("parts/more.yaml", POD % "more")
        said = w.round()
        check((how or "inotify") + ": so is who may include what is new", "\n1 passed\r" in said and "with.yaml  " in said, said)

        write("README", "of no interest")
        os.mkdir("new")
        time.sleep(0.2)
        write("new/case.yaml", SCENARIO % ("", "Running") + "---\n" + POD % "web")
        said = w.until("new/case.yaml  ")
        check((how or "inotify") + ": a new case in a new directory is run", "new/case.yaml  " in said, said)
        w.round()

        write("good.timeline", "wrong\n")
        said = w.round()
        check((how or "inotify") + ": an expected timeline that changes", "good.yaml  " in said and "0 passed, 1 failed" in said, said)

        w.key("u")
        said = w.round()
        check((how or "inotify") + ": u rewrites those of what failed", "1 passed, 1 failed" in said, said)
        check((how or "inotify") + ": and no other", "with.yaml" not in said, said)

        w.key("f")
        said = w.round()
        check((how or "inotify") + ": f runs what failed", "0 passed, 1 failed" in said and "bad.yaml  " in said, said)

        w.key("x")
        w.key("a")
        said = w.round()
        check((how or "inotify") + ": a runs all", "3 passed, 1 failed" in said, said)

        w.key("q")
        check((how or "inotify") + ": q ends with the code of the last run", w.exit_code() == 1)

        w = Watch(how)
        w.round()
        os.kill(w.pid, signal.SIGINT)
        check((how or "inotify") + ": an interrupt ends it", w.exit_code() == 130)
        os.chdir("/")


for how in ("", "poll"):
    watch(how)
print("1..%d" % count)
sys.exit(failed)
