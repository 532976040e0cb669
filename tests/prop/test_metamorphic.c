/* Two ways to write down the same world give the same lives of its pods.
 *
 * Compared is what a user sees of each pod: every version's phase, conditions, containers, with times; not
 * addresses and versions, which count what else there is. Random worlds of the swarm, without random latencies except
 * where it says so.
 *
 *   - documents that have nothing to do with each other may be permuted (Services and ConfigMaps before or after pods);
 *   - everything 10,020 s later: all tickers have periods that divide it (that of the node controller is 5.01 s);
 *   - a pod on a node of its own changes nothing for the others.
 */
#include <stdlib.h>
#include <string.h>

#include "model/cluster.h"
#include "tests/prop/gen.h"
#include "tests/unit/tap.h"

enum { DEFAULT_SEEDS = 250 };
static uint64_t seeds = DEFAULT_SEEDS;

static int no_files(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                    const char **ret_error)
{
    (void)ctx, (void)a, (void)path, (void)ret_text, (void)ret_len;
    *ret_error = "no files here";
    return -1;
}

/* ---- what is compared ---- */

static const char *or_none(const char *s) { return s ? s : "-"; }

static void put_time(struct strbuf *b, sim_time t, sim_time shift)
{
    if (t == SIM_NEVER || t < 0)
        strbuf_puts(b, " -");
    else
        strbuf_printf(b, " %" PRId64, t - shift);
}

static void put_state(struct strbuf *b, const struct container_state *s, sim_time shift)
{
    if (s->waiting)
        strbuf_printf(b, " waiting %s", or_none(s->waiting->reason));
    if (s->running)
        strbuf_puts(b, " running"), put_time(b, s->running->started_at, shift);
    if (s->terminated) {
        strbuf_printf(b, " %s %" PRId64, or_none(s->terminated->reason), s->terminated->exit_code);
        put_time(b, s->terminated->started_at, shift);
        put_time(b, s->terminated->finished_at, shift);
    }
}

static void put_container(struct strbuf *b, const struct container_status *s, sim_time shift)
{
    strbuf_printf(b, " [%s %d %d %" PRId64, s->name, s->ready, s->started.value, s->restart_count);
    put_state(b, &s->state, shift);
    put_state(b, &s->last_state, shift);
    strbuf_puts(b, "]");
}

static void put_pod(struct strbuf *b, const struct pod *p, sim_time shift)
{
    const struct pod_status *s = &p->status;
    strbuf_printf(b, "%s %s %s %s", p->object.meta.name, p->object.meta.uid, or_none(s->phase), or_none(s->reason));
    put_time(b, s->start_time, shift);
    put_time(b, p->object.meta.deletion_timestamp, shift);
    for (uint32_t i = 0; i < s->conditions.count; i++) {
        const struct pod_condition *c = &s->conditions.items[i];
        strbuf_printf(b, " %s=%s/%s", c->type, c->status, or_none(c->reason));
        put_time(b, c->last_transition_time, shift);
    }
    for (uint32_t i = 0; i < s->init_container_statuses.count; i++)
        put_container(b, &s->init_container_statuses.items[i], shift);
    for (uint32_t i = 0; i < s->container_statuses.count; i++)
        put_container(b, &s->container_statuses.items[i], shift);
}

static void put_lives(struct strbuf *b, const struct run_trace *t, sim_time shift)
{
    for (uint32_t i = 1; i < trace_count(t->trace); i++) {
        const struct trace_record *r = trace_at(t->trace, i);
        const struct api_object *o = r->kind == TRACE_WRITE ? r->data : NULL;
        if (!o || o->kind != KIND_POD || strcmp(o->meta.name, "zz") == 0)
            continue;
        strbuf_printf(b, "%" PRId64 " %s ", r->at - shift, r->flags == WRITE_DELETE ? "gone" : "is");
        put_pod(b, (const struct pod *)o, shift);
        strbuf_putc(b, '\n');
    }
}

/* ---- running ---- */

static bool lives_of(uint64_t seed, const struct gen_variant *v, struct strbuf *text, struct strbuf *lives)
{
    struct arena arena = {0};
    struct diag_set diags;
    struct scenario scenario;
    gen_scenario_variant(seed, v, text);
    struct scenario_input input = {"world.yaml", strbuf_str(text), text->len};
    arena_init(&arena, 0);
    diag_init(&diags);
    bool good = CHECK_INT(scenario_load(&arena, &diags, &input, 1, no_files, NULL, &scenario), 0);
    if (good) {
        struct cluster *c = cluster_new(&scenario, &(struct cluster_options){0});
        good = CHECK(cluster_run(c) != RUN_LIMIT);
        struct run_trace t = cluster_trace(c);
        put_lives(lives, &t, v->shift_s * SIM_SECOND);
        cluster_free(c);
    }
    diag_fini(&diags);
    arena_fini(&arena);
    return good;
}

/* Lines of one instant may stand in another order: pods are written one by one. */
static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static uint32_t sort_lines(struct strbuf *b, char ***ret_lines)
{
    uint32_t n = 0;
    char **lines = malloc((b->len + 1) * sizeof *lines);
    for (char *p = b->data; p && *p;) {
        char *end = strchr(p, '\n');
        *end = '\0';
        lines[n++] = p;
        p = end + 1;
    }
    qsort(lines, n, sizeof *lines, by_text);
    *ret_lines = lines;
    return n;
}

static bool same_lives(struct strbuf *a, struct strbuf *b)
{
    char **x, **y;
    uint32_t n = sort_lines(a, &x), m = sort_lines(b, &y);
    bool same = CHECK_UINT(n, m);
    CHECK(n > 0);
    for (uint32_t i = 0; i < n && i < m; i++) {
        if (!CHECK_STR(x[i], y[i])) {
            same = false;
            break;
        }
    }
    free(x);
    free(y);
    return same;
}

static void compare(const struct gen_variant *one, const struct gen_variant *other)
{
    for (uint64_t seed = 1, failed = 0; seed <= seeds && failed < 3; seed++) {
        struct strbuf text[2] = {STRBUF_INIT, STRBUF_INIT}, lives[2] = {STRBUF_INIT, STRBUF_INIT};
        tap_row("seed %" PRIu64, seed);
        bool same = lives_of(seed, one, &text[0], &lives[0]) && lives_of(seed, other, &text[1], &lives[1]) &&
                    same_lives(&lives[0], &lives[1]);
        for (int i = 0; i < 2 && !same; i++)
            tap_quote(i ? "and the other" : "one", strbuf_str(&text[i]));
        failed += !same;
        for (int i = 0; i < 2; i++) {
            strbuf_fini(&text[i]);
            strbuf_fini(&lives[i]);
        }
    }
}

static void independent_documents_may_be_permuted(void)
{
    compare(&(struct gen_variant){.steady = true}, &(struct gen_variant){.steady = true, .others_first = true});
}

static void what_begins_later_is_the_same_later(void)
{
    compare(&(struct gen_variant){.steady = true, .all_later = true},
            &(struct gen_variant){.steady = true, .all_later = true, .shift_s = 10020});
}

static void a_pod_on_a_node_of_its_own_changes_nothing(void)
{
    compare(&(struct gen_variant){.steady = true}, &(struct gen_variant){.steady = true, .bystander = true});
}

/* What is drawn for one pod does not depend on what else there is: rng.h. */
static void not_even_where_latencies_are_drawn(void)
{
    compare(&(struct gen_variant){.steady = true, .jittered = true},
            &(struct gen_variant){.steady = true, .jittered = true, .bystander = true});
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seeds = strtoull(argv[1], NULL, 10);
    static const struct tap_test tests[] = {
        TAP_TEST(independent_documents_may_be_permuted),
        TAP_TEST(what_begins_later_is_the_same_later),
        TAP_TEST(a_pod_on_a_node_of_its_own_changes_nothing),
        TAP_TEST(not_even_where_latencies_are_drawn),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
