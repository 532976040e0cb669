/* bench_suite.c - `podsim test -j 2` on 1,000 small scenarios, each with a pod, two expectations and an expected
 * timeline, beside the floor: reading the same files in one process, and an empty program started as often. usage:
 * bench_suite EMPTY PODSIM
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { SCENARIOS = 1000, ROUNDS = 5 };

static char directory[] = "/tmp/podsim-suite-XXXXXX";

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Runs argv in the directory, its output thrown away. */
static void run(char *const argv[])
{
    pid_t pid;
    int status = 0;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) != 0 || waitpid(pid, &status, 0) != pid)
        fail(argv[0]);
    posix_spawn_file_actions_destroy(&actions);
    if (status != 0) {
        fprintf(stderr, "bench_suite: %s failed\n", argv[0]);
        exit(1);
    }
}

static const char *path_of(int i, const char *suffix)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/case-%03d.%s", directory, i, suffix);
    return path;
}

/* No two are the same: the pods live for another time each. */
static void make_scenario(int i)
{
    FILE *f = fopen(path_of(i, "yaml"), "w");
    if (!f)
        fail(path_of(i, "yaml"));
    fprintf(f,
            "apiVersion: v1\n"
            "kind: Pod\n"
            "metadata: {name: web-%d}\n"
            "spec:\n"
            "  restartPolicy: Never\n"
            "  containers:\n"
            "  - name: app\n"
            "    image: busybox:1.36\n"
            "    command: [sleep, \"%d\"]\n"
            "---\n"
            "apiVersion: podsim.dev/v1\n"
            "kind: Scenario\n"
            "metadata: {name: case-%d}\n"
            "spec:\n"
            "  expect:\n"
            "  - {at: 5s, pod: web-%d, phase: Running}\n"
            "  - {pod: web-%d, phase: Succeeded}\n",
            i, 10 + i % 90, i, i, i);
    if (fclose(f) != 0)
        fail(path_of(i, "yaml"));
}

static void remove_all(void)
{
    for (int i = 0; i < SCENARIOS; i++) {
        unlink(path_of(i, "yaml"));
        unlink(path_of(i, "timeline"));
    }
    rmdir(directory);
}

static int64_t read_file(const char *path)
{
    static char bytes[1 << 16];
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    if (n < 0)
        fail(path);
    close(fd);
    return n;
}

static void read_everything(void)
{
    int64_t bytes = 0;
    for (int i = 0; i < SCENARIOS; i++) {
        bytes += read_file(path_of(i, "yaml"));
        bytes += read_file(path_of(i, "timeline"));
    }
    if (bytes == 0)
        exit(1);
}

static char *empty, *podsim;

static void start_empty(void)
{
    for (int i = 0; i < SCENARIOS; i++)
        run((char *[]){empty, NULL});
}

static void test_all(void)
{
    static char verb[] = "test", jobs[] = "-j2", quiet[] = "-q";
    run((char *[]){podsim, verb, jobs, quiet, directory, NULL});
}

/* The best of some rounds. */
static int64_t measure(const char *name, void (*what)(void))
{
    int64_t best = INT64_MAX;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t begin = now_ns();
        what();
        int64_t took = now_ns() - begin;
        best = took < best ? took : best;
    }
    printf("%-52s %8.1f ms  %7.1f us each\n", name, (double)best / 1e6, (double)best / 1e3 / SCENARIOS);
    return best;
}

int main(int argc, char **argv)
{
    static char verb[] = "test", create[] = "--create=timeline", quiet[] = "-q", no_ci[] = "--ci=false";
    if (argc != 3) {
        fprintf(stderr, "usage: bench_suite EMPTY PODSIM\n");
        return 2;
    }
    empty = realpath(argv[1], NULL);
    podsim = realpath(argv[2], NULL);
    if (!empty || !podsim || !mkdtemp(directory))
        fail(directory);
    for (int i = 0; i < SCENARIOS; i++)
        make_scenario(i);
    run((char *[]){podsim, verb, create, quiet, no_ci, directory, NULL});

    int64_t files = measure("reading the 2,000 files", read_everything);
    int64_t processes = measure("an empty program, 1,000 times", start_empty);
    int64_t suite = measure("podsim test -j2, 1,000 scenarios, 3,000 checks", test_all);
    printf("%.1f times the files, %.2f times the programs (target: under 2 s in a release build)\n",
           (double)suite / (double)files, (double)suite / (double)processes);
    remove_all();
    free(empty);
    free(podsim);
    return suite >= INT64_C(2000000000);
}
