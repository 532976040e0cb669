/* bench_startup.c - wall time from exec to exit of `podsim run` on a one-pod scenario, beside the start
 * cost of an empty program in the same run.
 * usage: bench_startup EMPTY PODSIM SCENARIO
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { WARM_UP = 20, RUNS = 500 };

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Spawns argv RUNS times with its output thrown away; prints minimum, median and 90th percentile. */
static int64_t measure(const char *name, char *const argv[])
{
    static int64_t ns[RUNS];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    for (int i = -WARM_UP; i < RUNS; i++) {
        pid_t pid;
        int status = 0;
        int64_t begin = now_ns();
        if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) != 0 || waitpid(pid, &status, 0) != pid ||
            status != 0) {
            fprintf(stderr, "bench_startup: %s failed\n", argv[0]);
            exit(1);
        }
        if (i >= 0)
            ns[i] = now_ns() - begin;
    }
    posix_spawn_file_actions_destroy(&actions);
    qsort(ns, RUNS, sizeof(*ns), compare);
    printf("%-34s min %6.3f ms   median %6.3f ms   p90 %6.3f ms\n", name, (double)ns[0] / 1e6,
           (double)ns[RUNS / 2] / 1e6, (double)ns[RUNS * 9 / 10] / 1e6);
    return ns[RUNS / 2];
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_startup EMPTY PODSIM SCENARIO\n");
        return 2;
    }
    int64_t empty = measure("empty program", (char *[]){argv[1], NULL});
    char verb[] = "run";
    int64_t run = measure("podsim run, one pod", (char *[]){argv[2], verb, argv[3], NULL});
    printf("%-34s %.3f ms (target: under 3 ms from exec to exit)\n", "podsim's own share", (double)(run - empty) / 1e6);
    return 0;
}
