/* swarm.c - random pods, lived through; the smallest scenario of each failure is printed.
 *
 * A child process goes from seed to seed, so that a crash or a hang costs one seed, not the run. What fails is
 * shrunk and printed as a scenario with the command that shows it again.
 *
 * usage: swarm [--pods N] [--first SEED]            N random pods in scenarios from SEED on (TAP)
 *        swarm --clusters ...                       worlds of controllers instead: gen_cluster.c; goes with all others
 *        swarm --list [--pods N] [--first SEED]     all that fail, in a line each, not shrunk
 *        swarm --cover [--pods N] [--first SEED]    rows of decision tables that none of them reaches
 *        swarm --print SEED                              the scenario of a seed
 *        swarm --shrink FILE                             a smaller one that fails in the same way
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/cover_tables.h"
#include "report/verify.h"
#include "tests/prop/gen.h"
#include "tests/prop/prop.h"
#include "tests/prop/shrink.h"

/* Of so many scenarios one is run again and from a snapshot, another with every tick of its probes. */
enum { AGAIN_EVERY = 8, FAILURES_MAX = 3, SHRINK_BUDGET = 3000, HANG_SECONDS = 30 };

/* Which worlds: gen_scenario() or gen_cluster(). */
static uint32_t (*generate)(uint64_t seed, struct strbuf *out) = gen_scenario;

struct progress { /* shared with the child */
    uint64_t seed;
    uint64_t pods;
    struct prop_result result;
};

static struct prop_options options_of(uint64_t seed)
{
    return (struct prop_options){.tie_seed = seed % 3 ? 0 : seed,
                                 .again = seed % AGAIN_EVERY == 0,
                                 .ticks = seed % AGAIN_EVERY == 4,
                                 .self_check = seed % AGAIN_EVERY < 4};
}

/* ---- one failure ---- */

struct wanted {
    struct prop_options options;
    const struct prop_result *failure;
};

static bool fails_alike(void *ctx, const char *text, size_t len)
{
    const struct wanted *w = ctx;
    struct prop_result r;
    prop_run_apart(text, len, &w->options, &r);
    return prop_same_failure(&r, w->failure);
}

static void comment(const char *text)
{
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n");
        printf("#   %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
}

static void print_shrunk(const struct strbuf *text, const struct prop_options *o, const struct prop_result *failure)
{
    struct strbuf small = STRBUF_INIT;
    struct wanted w = {*o, failure};
    w.options.again = failure->outcome == PROP_REPEAT || failure->outcome == PROP_SNAPSHOT;
    w.options.ticks = failure->outcome == PROP_TICKS;
    uint32_t asked = shrink(strbuf_str(text), text->len, fails_alike, &w, SHRINK_BUDGET, &small);
    struct prop_result last;
    prop_run_apart(strbuf_str(&small), small.len, &w.options, &last);
    printf("# shrunk in %u steps; it still %s:\n", asked, prop_outcomes[last.outcome]);
    comment(last.why);
    printf("# see it: podsim run --verify -o wide%s", o->tie_seed ? " --tie-order " : "");
    if (o->tie_seed)
        printf("%llu", (unsigned long long)o->tie_seed);
    printf(" - <<'END'\n%sEND\n", strbuf_str(&small));
    strbuf_fini(&small);
}

static void report_failure(uint64_t seed, const struct prop_result *failure)
{
    struct strbuf text = STRBUF_INIT;
    struct prop_options o = options_of(seed);
    generate(seed, &text);
    printf("# seed %llu %s (swarm%s --print %llu):\n", (unsigned long long)seed, prop_outcomes[failure->outcome],
           generate == gen_cluster ? " --clusters" : "", (unsigned long long)seed);
    comment(failure->why);
    if (failure->outcome == PROP_INVALID)
        printf("%s", strbuf_str(&text));
    else
        print_shrunk(&text, &o, failure);
    fflush(stdout);
    strbuf_fini(&text);
}

static void list_failure(uint64_t seed, const struct prop_result *failure)
{
    printf("# %llu %s", (unsigned long long)seed, prop_outcomes[failure->outcome]);
    for (int i = 0; i < VERIFY_RULE_COUNT; i++)
        if (failure->rules >> i & 1)
            printf(" %s", verify_rule_names[i]);
    if (failure->outcome == PROP_CRASHED)
        printf(" %.*s", (int)strcspn(failure->why, "\n"), failure->why);
    printf("\n");
}

/* ---- the swarm ---- */

/* Until `pods` pods have lived, or one fails. */
static void child_run(struct progress *p, uint64_t pods)
{
    struct strbuf text = STRBUF_INIT;
    while (p->pods < pods) {
        (void)alarm(HANG_SECONDS);
        strbuf_reset(&text);
        uint32_t count = generate(p->seed, &text);
        struct prop_options o = options_of(p->seed);
        prop_run(strbuf_str(&text), text.len, &o, &p->result);
        if (p->result.outcome != PROP_HELD)
            _exit(0);
        p->seed++;
        p->pods += count;
    }
    _exit(0);
}

/* The child is gone: the seed again, in a process of its own, for what it said. */
static void how_it_died(struct progress *p)
{
    struct strbuf text = STRBUF_INIT;
    struct prop_options o = options_of(p->seed);
    generate(p->seed, &text);
    prop_run_apart(strbuf_str(&text), text.len, &o, &p->result);
    strbuf_fini(&text);
}

static int swarm(uint64_t first, uint64_t pods, bool list)
{
    struct progress *p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint32_t failures = 0;
    ASSERT(p != MAP_FAILED);
    p->seed = first;
    while (p->pods < pods && (list || failures < FAILURES_MAX)) {
        p->result = (struct prop_result){.outcome = PROP_CRASHED};
        fflush(NULL);
        pid_t child = fork();
        ASSERT(child >= 0);
        if (child == 0)
            child_run(p, pods);
        int status = 0;
        waitpid(child, &status, 0);
        bool died = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
        if (died)
            how_it_died(p);
        if (p->result.outcome == PROP_HELD)
            break;
        failures++;
        if (list)
            list_failure(p->seed, &p->result);
        else
            report_failure(p->seed, &p->result);
        p->seed++;
    }
    printf("%s 1 - %llu random pods keep every promise (seeds %llu to %llu)\n1..1\n", failures ? "not ok" : "ok",
           (unsigned long long)p->pods, (unsigned long long)first, (unsigned long long)p->seed - 1);
    return failures > 0;
}

/* What the generator does not think of. */
static int cover(uint64_t first, uint64_t pods)
{
    struct strbuf text = STRBUF_INIT;
    struct prop_result r;
    uint32_t reached = 0, rows = 0;
    cover_reset();
    for (uint64_t seed = first, lived = 0; lived < pods; seed++) {
        strbuf_reset(&text);
        lived += generate(seed, &text);
        prop_run(strbuf_str(&text), text.len, &(struct prop_options){0}, &r);
    }
    for (uint32_t i = 0; i < cover_table_count; i++) {
        const struct cover_table *t = cover_tables[i];
        for (uint32_t k = 0; k < t->count; k++, rows++) {
            reached += t->hit[k];
            if (!t->hit[k])
                printf("# not reached: %s | %s\n", t->name, t->rows[k]);
        }
    }
    printf("# %u of %u rows\n", reached, rows);
    strbuf_fini(&text);
    return 0;
}

static int shrink_file(const char *path)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    struct strbuf text = STRBUF_INIT;
    char buffer[4096];
    if (!f)
        return 99;
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, f)) > 0;)
        strbuf_add(&text, buffer, n);
    struct prop_options o = {.again = true, .ticks = true, .self_check = true};
    struct prop_result r;
    prop_run_apart(strbuf_str(&text), text.len, &o, &r);
    printf("# %s %s:\n", path, prop_outcomes[r.outcome]);
    comment(r.why);
    if (r.outcome != PROP_HELD && r.outcome != PROP_INVALID)
        print_shrunk(&text, &o, &r);
    strbuf_fini(&text);
    return r.outcome != PROP_HELD;
}

int main(int argc, char **argv)
{
    uint64_t pods = 10000, first = 1;
    bool list = false, covers = false;
    for (int i = 1; i < argc; i++)
        generate = strcmp(argv[i], "--clusters") == 0 ? gen_cluster : generate;
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--pods") == 0 && more) {
            pods = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--first") == 0 && more) {
            first = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--clusters") == 0) {
            continue;
        } else if (strcmp(argv[i], "--list") == 0) {
            list = true;
        } else if (strcmp(argv[i], "--cover") == 0) {
            covers = true;
        } else if (strcmp(argv[i], "--print") == 0 && more) {
            struct strbuf text = STRBUF_INIT;
            generate(strtoull(argv[++i], NULL, 10), &text);
            printf("%s", strbuf_str(&text));
            return 0;
        } else if (strcmp(argv[i], "--shrink") == 0 && more) {
            return shrink_file(argv[++i]);
        } else {
            return 99;
        }
    }
    return covers ? cover(first, pods) : swarm(first, pods, list);
}
