#include "tests/prop/prop.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/cluster.h"
#include "report/verify.h"

const char *const prop_outcomes[PROP_OUTCOME_COUNT] = {
    [PROP_HELD] = "holds",
    [PROP_INVALID] = "is not a valid scenario",
    [PROP_BROKEN] = "breaks a promise",
    [PROP_LIMIT] = "reaches a limit",
    [PROP_REPEAT] = "differs when run again",
    [PROP_SNAPSHOT] = "differs when run on from a snapshot",
    [PROP_TICKS] = "differs when every probe tick is an event",
    [PROP_CRASHED] = "crashes",
    [PROP_HUNG] = "hangs",
};

enum { HANG_SECONDS = 20 };

static int no_files(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                    const char **ret_error)
{
    (void)ctx, (void)a, (void)path, (void)ret_text, (void)ret_len;
    *ret_error = "no files here";
    return -1;
}

static void fail(struct prop_result *r, enum prop_outcome outcome, const char *why)
{
    r->outcome = outcome;
    snprintf(r->why, sizeof r->why, "%s", why);
}

static struct cluster *new_cluster(const struct scenario *s, const struct prop_options *o, enum probe_ticks ticks)
{
    return cluster_new(
        s, &(struct cluster_options){.tie_order = {o->tie_seed}, .ticks = ticks, .self_check = o->self_check});
}

static uint64_t digest_again(const struct scenario *s, const struct prop_options *o, bool from_snapshot,
                             enum probe_ticks ticks)
{
    struct cluster *c = new_cluster(s, o, ticks);
    if (from_snapshot) {
        struct arena_image image;
        sim_run(cluster_sim(c), 30 * SIM_SECOND);
        sim_save(cluster_sim(c), &image);
        sim_run(cluster_sim(c), 60 * SIM_SECOND); /* a future that is forgotten */
        sim_restore(cluster_sim(c), &image);
        arena_image_fini(&image);
    }
    cluster_run(c);
    uint64_t digest = cluster_digest(c);
    cluster_free(c);
    return digest;
}

static void run_loaded(const struct scenario *s, const struct prop_options *o, struct prop_result *r)
{
    struct cluster *c = new_cluster(s, o, TICKS_THAT_MATTER);
    struct strbuf why = STRBUF_INIT;
    struct verify_result verdict;
    bool limit = cluster_run(c) == RUN_LIMIT;
    struct run_trace t = cluster_trace(c);
    if (limit)
        fail(r, PROP_LIMIT, cluster_limit_text(c));
    else if (verify_trace(&t, &why, &verdict))
        fail(r, PROP_BROKEN, strbuf_str(&why)), r->rules = verdict.rules;
    uint64_t digest = o->again || o->ticks ? cluster_digest(c) : 0;
    cluster_free(c);
    strbuf_fini(&why);
    if (r->outcome != PROP_HELD)
        return;
    if (o->again && digest_again(s, o, false, TICKS_THAT_MATTER) != digest)
        fail(r, PROP_REPEAT, "the second run has another digest");
    else if (o->again && digest_again(s, o, true, TICKS_THAT_MATTER) != digest)
        fail(r, PROP_SNAPSHOT, "the run from a snapshot at 30 s has another digest");
    else if (o->ticks && digest_again(s, o, false, TICKS_ALL) != digest)
        fail(r, PROP_TICKS, "the run with --no-fast-forward has another digest");
}

void prop_run(const char *text, size_t len, const struct prop_options *o, struct prop_result *r)
{
    struct arena arena = {0};
    struct diag_set diags;
    struct scenario scenario;
    struct scenario_input input = {"scenario.yaml", text, len};
    *r = (struct prop_result){.outcome = PROP_HELD};
    arena_init(&arena, 0);
    diag_init(&diags);
    if (scenario_load(&arena, &diags, &input, 1, no_files, NULL, &scenario) == 0) {
        run_loaded(&scenario, o, r);
    } else {
        struct strbuf why = STRBUF_INIT;
        diag_print(&diags, &why, 10);
        fail(r, PROP_INVALID, strbuf_str(&why));
        strbuf_fini(&why);
    }
    diag_fini(&diags);
    arena_fini(&arena);
}

/* What the child says on its way out: the failed assertion. */
static void read_last_words(int fd, char *why)
{
    size_t n = 0;
    for (ssize_t got; n < PROP_WHY_MAX - 1 && (got = read(fd, why + n, PROP_WHY_MAX - 1 - n)) > 0;)
        n += (size_t)got;
    why[n] = '\0';
}

void prop_run_apart(const char *text, size_t len, const struct prop_options *o, struct prop_result *ret_result)
{
    struct prop_result *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int words[2];
    ASSERT(shared != MAP_FAILED);
    ASSERT(pipe(words) == 0);
    shared->outcome = PROP_CRASHED;
    fflush(NULL);
    pid_t child = fork();
    ASSERT(child >= 0);
    if (child == 0) {
        (void)alarm(HANG_SECONDS);
        dup2(words[1], STDERR_FILENO);
        struct prop_result r;
        prop_run(text, len, o, &r);
        *shared = r;
        _exit(0);
    }
    close(words[1]);
    char last_words[PROP_WHY_MAX];
    read_last_words(words[0], last_words);
    close(words[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (shared->outcome == PROP_CRASHED)
        fail(shared, PROP_CRASHED, last_words);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        fail(shared, PROP_HUNG, "no end after 20 s of real time");
    *ret_result = *shared;
    munmap(shared, sizeof *shared);
}

static bool same_line(const char *a, const char *b)
{
    size_t n = strcspn(a, "\n");
    return n == strcspn(b, "\n") && strncmp(a, b, n) == 0;
}

bool prop_same_failure(const struct prop_result *a, const struct prop_result *b)
{
    if (a->outcome != b->outcome)
        return false;
    return a->outcome == PROP_BROKEN ? (a->rules & b->rules) : a->outcome != PROP_CRASHED || same_line(a->why, b->why);
}
