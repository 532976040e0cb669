/* test_conformance.c - every recorded run of a real cluster, replayed: README.md. (TAP)
 *
 * usage: test_conformance RECORDINGS REASONS TABLE [--update] [NAME ...]
 *   RECORDINGS  folder of recordings
 *   REASONS     why recordings differ
 *   TABLE       docs/conformance.md, which must say what this test finds; --update rewrites it
 *   NAME        only these, with every deviation
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/compare.h"
#include "tests/conformance/derive.h"
#include "tests/conformance/draws.h"
#include "tests/conformance/replay.h"

#define TOLERANCE (100 * SIM_MS)
#define RELIST    SIM_SECOND
#define TICK      SIM_SECOND

enum { RECORDINGS_MAX = 512 };

static char *names[RECORDINGS_MAX];
static uint32_t name_count;

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list_recordings(const char *directory)
{
    DIR *d = opendir(directory);
    if (!d)
        sim_die("cannot read the recordings");
    for (struct dirent *e; (e = readdir(d)) != NULL && name_count < RECORDINGS_MAX;)
        if (e->d_name[0] != '.')
            names[name_count++] = strdup(e->d_name);
    closedir(d);
    qsort(names, name_count, sizeof *names, by_name);
}

/* ---- how far apart two times may be ---- */

static sim_time tolerance_played_back(const void *ctx, const struct line *recorded)
{
    (void)ctx;
    (void)recorded;
    return TOLERANCE;
}

/* Was the pod retried, so that the random factor of retries plays a part? */
static bool retried(const struct recording *r, sim_time until)
{
    for (uint32_t i = 0; i < r->lines.count && r->lines.items[i].t <= until; i++) {
        const struct line *l = &r->lines.items[i];
        bool again = strstr(l->what, " Failed (") && strcmp(l->to, "1") != 0;
        if (l->event && (again || strstr(l->what, " BackOff (")))
            return true;
    }
    return false;
}

/* Where in its loop a shell that polls is, when it is told to stop, is as random as a ticker's phase. */
static sim_time poll_allowance(const struct recording *r, const struct line *recorded)
{
    sim_time allowed = 0;
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        for (uint32_t k = 0; strcmp(c->call, "StopContainer") == 0 && c->t <= recorded->t && k < r->loops.count; k++)
            if (strcmp(r->loops.items[k].pod, c->pod) == 0 && strcmp(r->loops.items[k].container, c->container) == 0)
                allowed = r->loops.items[k].poll > allowed ? r->loops.items[k].poll : allowed;
    }
    return allowed;
}

/* Under the plain profile typical the phases are others, the factor J is 1, and calls take what they take on a
 * usual node. Each start or stop of a container can be a relist and a sync tick (a second each) off from
 * where it was, and what calls take (0.4 s for a sandbox, 0.3 s for volumes, 0.1 s for a container or a probe)
 * adds up; a wait of J times w, 1 <= J < 1.5, is w here: at most a third of the recorded time is missing. */
static sim_time tolerance_typical(const void *ctx, const struct line *recorded)
{
    const struct recording *r = ctx;
    sim_time allowed = 3 * SIM_SECOND;
    for (uint32_t i = 0; i < r->calls.count && r->calls.items[i].t <= recorded->t; i++) {
        const char *call = r->calls.items[i].call;
        if (strcmp(call, "CreateContainer") == 0 || strcmp(call, "StopContainer") == 0)
            allowed += RELIST + TICK + 100 * SIM_MS;
    }
    if (retried(r, recorded->t))
        allowed += recorded->t / 3;
    return allowed + poll_allowance(r, recorded);
}

/* ---- one recording ---- */

struct outcome {
    bool failed; /* the scenario could not be run */
    struct comparison played_back, typical;
    uint64_t seed; /* under typical: of other draws that come closer; 0: none, or not needed */
};

static void print_deviations(const struct comparison *c)
{
    for (uint32_t i = 0; i < c->all.count; i++) {
        const struct deviation *d = &c->all.items[i];
        printf("#   %8.3f %s %s: %s\n", (double)d->t / SIM_SECOND, d->object, d->what, d->text);
    }
}

static void print_tickers(const struct recording *r, const struct playback *p)
{
    const char *node = p->node ? p->node : "";
    for (uint32_t i = 0; i < p->relist_count; i++)
        printf("# relist %s %.3f\n", node, (double)(p->relists[i] - replay_start(r)) / SIM_SECOND);
    if (p->sync_tick_phase != SIM_NEVER)
        printf("# tick %s %.3f\n", node, (double)(p->sync_tick_phase - replay_start(r)) / SIM_SECOND);
}

static void print_run(const struct recording *r, const struct playback *p, const struct lines *run,
                      const struct outcome *o)
{
    for (uint32_t i = 0; p && i < p->node_count; i++)
        print_tickers(r, &p->nodes[i]);
    if (p && p->node_count == 0)
        print_tickers(r, p);
    for (uint32_t i = 0; i < run->count; i++)
        printf("# + %8.3f %s %s = %s\n", (double)run->items[i].t / SIM_SECOND, run->items[i].object, run->items[i].what,
               run->items[i].to ? run->items[i].to : "(none)");
    print_deviations(p ? &o->played_back : &o->typical);
}

static void replay_one(struct arena *a, const char *directory, const char *name, bool verbose, struct outcome *ret)
{
    struct recording *r = arena_new(a, struct recording);
    struct lines run, plain;
    struct playback playback, placing;
    const char *error;
    if (recording_read(a, directory, name, r) != 0)
        exit(1);
    derive_playback(a, r, replay_start(r), &playback);
    derive_placing(a, r, &placing);
    if (verbose)
        printf("# %s\n", replay_scenario(a, r, true, 0));
    ret->failed = replay(a, r, &playback, 0, &run, &error) != 0 || replay(a, r, &placing, 0, &plain, &error) != 0;
    if (ret->failed) {
        printf("# %s: %s\n", name, error);
        return;
    }
    compare_lines(a, &r->lines, &run, r->end, tolerance_played_back, r, &ret->played_back);
    compare_lines(a, &r->lines, &plain, r->end, tolerance_typical, r, &ret->typical);
    if (ret->typical.deviating)
        ret->seed = draws_closest(a, r, &playback, tolerance_typical, &plain, &ret->typical);
    if (verbose) {
        print_run(r, NULL, &plain, ret);
        print_run(r, &playback, &run, ret);
    }
}

/* ---- the table ---- */

static const char head[] =
    "# Conformance\n\n"
    "Each row is one recorded run of a real cluster (tests/conformance/README.md says how they were made and how\n"
    "they are compared), replayed by podsim: *played back* with that run's ticker phases, call latencies and retry\n"
    "factors, every time within 0.1 s; *typical* with the plain default profile, every time within what those\n"
    "phases and factors can explain. Where they also decide what happens and in which order, *matches with draw N*\n"
    "says that the profile's own do not lead there and those of seed N do. A difference names the number of fields\n"
    "and Events that deviate (with the draw that comes closest) and the first of them. `meson test conformance` checks "
    "that this page says what is\n"
    "found; with `--update` the test program writes it.\n\n";

static const char *cell(struct arena *a, const struct comparison *c, uint64_t draw)
{
    if (!c->deviating)
        return draw ? arena_printf(a, "matches with draw %" PRIu64, draw) : "matches";
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "%" PRIu32 " deviate", c->deviating);
    if (draw)
        strbuf_printf(&b, " with draw %" PRIu64, draw);
    strbuf_puts(&b, "; at ");
    strbuf_seconds(&b, c->first.t, 3);
    const char *text = arena_printf(a, "%s %s: %s", c->first.object, c->first.what, c->first.text);
    strbuf_puts(&b, " `");
    for (const char *s = text; *s; s++)
        strbuf_putc(&b, *s == '\n' ? ' ' : *s == '|' ? '/' : *s == '`' ? '\'' : *s);
    strbuf_puts(&b, "`");
    text = arena_strdup(a, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* The reason given for a recording in the file of reasons: a line "name: why". NULL: none. */
static const char *reason_of(struct arena *a, const char *reasons, const char *name)
{
    size_t n = strlen(name);
    for (const char *s = reasons; s; s = strchr(s, '\n') ? strchr(s, '\n') + 1 : NULL)
        if (strncmp(s, name, n) == 0 && strncmp(s + n, ": ", 2) == 0)
            return arena_strndup(a, s + n + 2, strcspn(s + n + 2, "\n"));
    return NULL;
}

static const char *row_of(struct arena *a, const char *name, const struct outcome *o, const char *why)
{
    if (o->failed)
        return arena_printf(a, "| `%s` | | cannot be run | | %s |\n", name, why ? why : "");
    return arena_printf(a, "| `%s` | %" PRIu32 " | %s | %s | %s |\n", name, o->played_back.lines,
                        cell(a, &o->played_back, 0), cell(a, &o->typical, o->seed), why ? why : "");
}

static void replay_all(const char *directory, const char *reasons, const char *table, struct strbuf *ret_page)
{
    uint32_t same = 0, same_typical = 0, same_drawn = 0;
    struct strbuf rows = STRBUF_INIT;
    printf("1..%" PRIu32 "\n", name_count + 1);
    for (uint32_t i = 0; i < name_count; i++) {
        struct arena a;
        struct outcome o = {0};
        arena_init(&a, 0);
        replay_one(&a, directory, names[i], false, &o);
        const char *row = row_of(&a, names[i], &o, reason_of(&a, reasons, names[i]));
        bool listed = table && strstr(table, row);
        same += !o.failed && !o.played_back.deviating;
        same_typical += !o.failed && !o.typical.deviating && !o.seed;
        same_drawn += !o.failed && !o.typical.deviating && o.seed;
        strbuf_puts(&rows, row);
        printf("%sok %" PRIu32 " - %s %s\n", listed ? "" : "not ", i + 1, names[i],
               o.failed || o.played_back.deviating || o.typical.deviating ? "differs as listed" : "matches");
        if (!listed)
            printf("# found: %s# to accept it: %s\n", row, "the same command with --update");
        arena_fini(&a);
    }
    strbuf_puts(ret_page, head);
    strbuf_printf(ret_page,
                  "%" PRIu32 " recordings; %" PRIu32 " match when played back, %" PRIu32 " under typical, %" PRIu32
                  " more with other draws.\n\n"
                  "| recording | lines | played back | typical | why |\n|---|---|---|---|---|\n",
                  name_count, same, same_typical, same_drawn);
    strbuf_puts(ret_page, strbuf_str(&rows));
    strbuf_fini(&rows);
}

int main(int argc, char **argv)
{
    bool update = argc == 5 && strcmp(argv[4], "--update") == 0;
    struct arena a;
    size_t len;
    if (argc < 4)
        return 99;
    arena_init(&a, 0);
    const char *reasons = read_text(&a, argv[2], &len), *table = read_text(&a, argv[3], &len);
    for (int i = 4; i < argc && !update; i++) {
        struct outcome o = {0};
        replay_one(&a, argv[1], argv[i], true, &o);
        printf("# %s", row_of(&a, argv[i], &o, NULL));
    }
    if (argc > 4 && !update)
        return 0;
    list_recordings(argv[1]);
    struct strbuf page = STRBUF_INIT;
    replay_all(argv[1], reasons ? reasons : "", table, &page);
    bool current = table && strcmp(table, strbuf_str(&page)) == 0;
    printf("%sok %" PRIu32 " - the table is current\n", current ? "" : "not ", name_count + 1);
    if (update && !current) {
        FILE *f = fopen(argv[3], "wb");
        if (!f)
            sim_die("cannot write the table");
        fputs(strbuf_str(&page), f);
        fclose(f);
    }
    strbuf_fini(&page);
    arena_fini(&a);
    return current || update ? 0 : 1;
}
