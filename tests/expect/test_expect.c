/* test_expect.c - the worked timelines of the semantics documents: what must happen in a scenario, and when.
 *
 * NAME.expect beside NAME.yaml lists, by hand, what a document says happens (not what podsim printed: that is
 * what the goldens are for). One line is `TIMES OBJECT WHAT`:
 *
 *     versions 1.34 1.35 1.36             # run once with each; default: the scenario's own
 *     scenario ../other.yaml              # whose run it is; default: NAME.yaml
 *     5.2             p/c  exit 0
 *     6               p/c  state Terminated Completed 0
 *     7               p    phase Succeeded
 *     [<=1.35]  1     p    phase Running      # only there; also [1.36], [>=1.35], [1.32-1.34]
 *     10.3,20.3       p/c  probe liveness failure
 *     10.3..30.3/10   p/c  probe liveness     # 10.3 20.3 30.3
 *     then            p/c  state Running      # at the instant of the line above, and not before it
 *     never           p/c  state Waiting CrashLoopBackOff
 *
 * WHAT is the beginning of a fact (facts.h), up to the end of a word. Times are seconds and exact. What is said of a
 * property of an object (its phase, its starts, its events of one reason, its probes of one kind) is all there is, in
 * this order: a fact more is an error, unless the last of the times is `...`.
 *
 * usage: test_expect DIRECTORY...            every *.expect in them (TAP)
 *        test_expect --wrong DIRECTORY...    the same, but none of them must hold: tests this program
 *        test_expect --facts FILE [VERSION]  print the facts of a run, to write expectations from
 */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/cluster.h"
#include "report/facts.h"

enum { LINES_MAX = 3000, NAMES_MAX = 500, VERSIONS_MAX = 20, OPEN_MAX = 100 };

struct expected {
    sim_time at; /* SIM_NEVER: nowhere */
    uint32_t line;
    const char *object, *what;
    bool open;       /* there may be more of its kind */
    bool then;       /* not before the line above */
    uint32_t record; /* where it was met; 0 = it was not */
};

struct expect_file {
    struct arena *arena;
    const char *path;
    const char *scenario; /* or NULL */
    const char *versions[VERSIONS_MAX];
    uint32_t version_count;
    struct expected lines[LINES_MAX];
    uint32_t count;
    uint32_t errors;
    const struct expected *shown; /* the last one whose facts were printed */
};

__attribute__((format(printf, 3, 4))) static void complain(struct expect_file *f, uint32_t line, const char *format,
                                                           ...)
{
    va_list args;
    va_start(args, format);
    printf("# %s:%" PRIu32 ": ", f->path, line);
    vprintf(format, args);
    printf("\n");
    va_end(args);
    f->errors++;
}

/* ---- reading ---- */

static char *read_text(struct arena *a, const char *path, size_t *ret_len)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    size_t cap = 1 << 18;
    char *text = arena_alloc(a, cap + 1);
    *ret_len = fread(text, 1, cap, f);
    fclose(f);
    return text;
}

static int minor_of(const char *version) { return strncmp(version, "1.", 2) == 0 ? atoi(version + 2) : 0; }

/* "[<=1.35]", "[1.32-1.34]" */
static bool tag_holds(const char *tag, int minor)
{
    const char *dash = strchr(tag, '-');
    if (strncmp(tag, "[<=", 3) == 0)
        return minor <= minor_of(tag + 3);
    if (strncmp(tag, "[>=", 3) == 0)
        return minor >= minor_of(tag + 3);
    return minor >= minor_of(tag + 1) && minor <= minor_of(dash ? dash + 1 : tag + 1);
}

static sim_time parse_time(struct expect_file *f, uint32_t line, const char *text)
{
    sim_time t = 0;
    if (strcmp(text, "never") == 0)
        return SIM_NEVER;
    if (sim_parse_duration(text, &t) < 0)
        complain(f, line, "\"%s\" is no time", text);
    return t;
}

static void add_line(struct expect_file *f, struct expected e)
{
    if (f->count < LINES_MAX)
        f->lines[f->count++] = e;
    else
        complain(f, e.line, "too many expectations");
}

/* "10.3..30.3/10" */
static void add_range(struct expect_file *f, char *text, char *dots, struct expected e)
{
    char *slash = strchr(dots, '/');
    *dots = '\0';
    if (!slash) {
        complain(f, e.line, "a range is FIRST..LAST/STEP");
        return;
    }
    *slash = '\0';
    sim_time first = parse_time(f, e.line, text), last = parse_time(f, e.line, dots + 2);
    sim_time step = parse_time(f, e.line, slash + 1);
    if (step <= 0 || (last - first) % step != 0)
        complain(f, e.line, "the range's end is not one of its times");
    for (e.at = first; step > 0 && e.at <= last; e.at += step)
        add_line(f, e);
}

static void add_times(struct expect_file *f, char *times, struct expected e)
{
    size_t n = strlen(times);
    if (n > 4 && strcmp(times + n - 4, ",...") == 0) {
        e.open = true;
        times[n - 4] = '\0';
    }
    for (char *save, *t = strtok_r(times, ",", &save); t; t = strtok_r(NULL, ",", &save)) {
        char *dots = strstr(t, "..");
        if (dots) {
            add_range(f, t, dots, e);
            continue;
        }
        e.at = parse_time(f, e.line, t);
        add_line(f, e);
    }
}

static char *next_word(char **p)
{
    *p += strspn(*p, " \t");
    char *word = *p;
    *p += strcspn(*p, " \t");
    if (**p)
        *(*p)++ = '\0';
    return word;
}

static void read_line(struct expect_file *f, uint32_t number, char *line, int minor)
{
    char *comment = line[0] == '#' ? line : strstr(line, " #");
    if (comment)
        *comment = '\0';
    for (size_t n = strlen(line); n > 0 && line[n - 1] == ' '; n--)
        line[n - 1] = '\0';
    char *word = next_word(&line);
    if (*word == '\0')
        return;
    if (strcmp(word, "versions") == 0) {
        while (*(word = next_word(&line)) && f->version_count < VERSIONS_MAX)
            f->versions[f->version_count++] = word;
        return;
    }
    if (strcmp(word, "scenario") == 0) {
        f->scenario = next_word(&line);
        return;
    }
    if (*word == '[') {
        if (!tag_holds(word, minor))
            return;
        word = next_word(&line);
    }
    struct expected e = {.line = number, .object = next_word(&line)};
    e.what = line + strspn(line, " \t");
    if (*e.what == '\0') {
        complain(f, number, "want TIMES OBJECT WHAT");
    } else if (strcmp(word, "then") == 0 && f->count > 0) {
        e.then = true;
        e.at = f->lines[f->count - 1].at;
        add_line(f, e);
    } else {
        add_times(f, word, e);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct expected *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

/* What the file expects of a run with this minor version; 0 = only the versions are wanted. */
static void read_expectations(struct expect_file *f, struct arena *a, const char *path, int minor)
{
    size_t len = 0;
    *f = (struct expect_file){.arena = a, .path = path};
    char *text = read_text(a, path, &len);
    uint32_t number = 0;
    if (!text) {
        complain(f, 0, "cannot be read");
        return;
    }
    for (char *end; *text; text = end) {
        end = text + strcspn(text, "\n");
        if (*end)
            *end++ = '\0';
        read_line(f, ++number, text, minor);
    }
    qsort(f->lines, f->count, sizeof f->lines[0], by_time);
}

/* ---- matching ---- */

/* `what` is the beginning of the fact, up to the end of a word. */
static bool begins(const char *fact, const char *what)
{
    size_t n = strlen(what);
    return strncmp(fact, what, n) == 0 && strchr(" :(,.", fact[n]); /* or its end */
}

/* How much of a fact says which property it is about: "phase", "event Killing", "probe liveness". */
static size_t property_length(const char *what)
{
    size_t n = strcspn(what, " :");
    if (what[n] == ' ' && (begins(what, "event") || begins(what, "probe") || begins(what, "hook")))
        n += 1 + strcspn(what + n + 1, " :");
    return n;
}

static bool same_property(const char *a, const char *b)
{
    size_t n = property_length(a);
    return n == property_length(b) && strncmp(a, b, n) == 0;
}

static bool about_the_same(const struct expected *a, const struct expected *b)
{
    return strcmp(a->object, b->object) == 0 && same_property(a->what, b->what);
}

static void show_property(const struct fact_list *facts, const struct expected *e)
{
    const sim_time around = 20 * SIM_SECOND;
    uint32_t shown = 0;
    for (uint32_t i = 0; i < facts->facts.count; i++) {
        const struct fact *f = fact_at(facts, i);
        if (strcmp(f->object, e->object) != 0 || !same_property(f->what, e->what) || f->at < e->at - around ||
            shown++ >= 12)
            continue;
        struct strbuf t = STRBUF_INIT;
        strbuf_seconds(&t, f->at, 0);
        printf("#     %-8s %s  %.150s%s\n", strbuf_str(&t), f->object, f->what, f->used ? "" : "   (not expected)");
        strbuf_fini(&t);
    }
    if (shown == 0)
        printf("#     there is none of %s\n", e->object);
}

static void miss(struct expect_file *f, const struct expected *e, const struct fact_list *facts)
{
    struct strbuf t = STRBUF_INIT;
    strbuf_seconds(&t, e->at, 0);
    complain(f, e->line, "does not happen%s: %s %s %s", e->then ? " after the line above" : "", strbuf_str(&t),
             e->object, e->what);
    strbuf_fini(&t);
    if (!f->shown || !about_the_same(f->shown, e))
        show_property(facts, e);
    f->shown = e;
}

static bool is_met(const struct expected *e, const struct fact *f)
{
    return !f->used && f->at == e->at && strcmp(f->object, e->object) == 0 && begins(f->what, e->what);
}

/* Index of the record that meets it, 0 = none does. */
static uint32_t meet(const struct expected *e, const struct fact_list *facts, uint32_t from_record)
{
    for (uint32_t k = 0; k < facts->facts.count; k++) {
        struct fact *fact = fact_at(facts, k);
        if (fact->record < from_record || !is_met(e, fact))
            continue;
        fact->used = true;
        return fact->record;
    }
    return 0;
}

static void match(struct expect_file *f, const struct fact_list *facts)
{
    for (uint32_t i = 0; i < f->count; i++) {
        struct expected *e = &f->lines[i];
        if (e->at == SIM_NEVER)
            continue; /* find_more() */
        uint32_t from = e->then && i > 0 ? f->lines[i - 1].record : 0;
        for (uint32_t k = 0; k < i; k++)
            if (f->lines[k].record > from && about_the_same(&f->lines[k], e))
                from = f->lines[k].record;
        e->record = meet(e, facts, from);
        if (!e->record)
            miss(f, e, facts);
    }
}

/* What an expectation is about and no expectation names must not happen. */
static void find_more(struct expect_file *f, const struct fact_list *facts)
{
    for (uint32_t i = 0; i < facts->facts.count; i++) {
        const struct fact *fact = fact_at(facts, i);
        const struct expected *about = NULL;
        bool open = fact->used;
        for (uint32_t k = 0; !open && k < f->count; k++) {
            const struct expected *e = &f->lines[k];
            if (strcmp(e->object, fact->object) != 0 || !same_property(e->what, fact->what))
                continue;
            open = e->open || (e->at == SIM_NEVER && !begins(fact->what, e->what));
            about = e;
        }
        if (!about || open)
            continue;
        struct strbuf t = STRBUF_INIT;
        strbuf_seconds(&t, fact->at, 0);
        complain(f, about->line, "happens, too: %s %s %s", strbuf_str(&t), fact->object, fact->what);
        strbuf_fini(&t);
    }
}

/* ---- running ---- */

static int read_file(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                     const char **ret_error)
{
    (void)ctx;
    *ret_error = "cannot be read";
    *ret_text = read_text(a, path, ret_len);
    return *ret_text ? 0 : -1;
}

static const char version_key[] = "kubernetesVersion: \"";

/* The scenario's text with another version in it; NULL: it has none. */
static const char *with_version(struct arena *a, const char *text, const char *version)
{
    const char *key = strstr(text, version_key), *quote = key ? strchr(key + sizeof version_key, '"') : NULL;
    if (!quote)
        return NULL;
    return arena_printf(a, "%.*s%s%s", (int)(key - text + (ptrdiff_t)sizeof version_key - 1), text, version, quote);
}

struct run {
    struct arena arena;
    struct diag_set diags;
    struct scenario scenario;
    struct cluster *cluster;
};

static bool run_scenario(struct run *r, const char *yaml, const char *version)
{
    size_t len = 0;
    *r = (struct run){0};
    arena_init(&r->arena, 0);
    diag_init(&r->diags);
    const char *text = read_text(&r->arena, yaml, &len);
    if (text && version)
        text = with_version(&r->arena, text, version);
    if (!text) {
        printf("# %s: %s\n", yaml, version ? "no `kubernetesVersion: \"...\"`" : "cannot be read");
        return false;
    }
    struct scenario_input input = {yaml, text, strlen(text)};
    if (scenario_load(&r->arena, &r->diags, &input, 1, read_file, NULL, &r->scenario) < 0) {
        struct strbuf b = STRBUF_INIT;
        diag_print(&r->diags, &b, 0);
        printf("# %s\n", strbuf_str(&b));
        strbuf_fini(&b);
        return false;
    }
    struct cluster_options options = {.diags = &r->diags};
    r->cluster = cluster_new(&r->scenario, &options);
    cluster_run(r->cluster);
    return true;
}

static void run_end(struct run *r)
{
    if (r->cluster)
        cluster_free(r->cluster);
    diag_fini(&r->diags);
    arena_fini(&r->arena);
}

static bool check(const char *expect, const char *yaml, const char *version)
{
    static struct expect_file f;
    struct run r;
    struct arena a;
    bool good = run_scenario(&r, yaml, version);
    arena_init(&a, 0);
    if (good) {
        struct fact_list facts;
        read_expectations(&f, &a, expect, minor_of(version ? version : r.scenario.kubernetes_version));
        struct run_trace trace = cluster_trace(r.cluster);
        facts_collect(&facts, &a, &trace);
        match(&f, &facts);
        if (f.errors == 0) /* else it has been shown what happened */
            find_more(&f, &facts);
        if (f.count == 0)
            complain(&f, 0, "nothing is expected");
        good = f.errors == 0;
    }
    arena_fini(&a);
    run_end(&r);
    return good;
}

static int show_facts(const char *yaml, const char *version)
{
    struct run r;
    struct fact_list facts;
    if (!run_scenario(&r, yaml, version))
        return 1;
    struct run_trace trace = cluster_trace(r.cluster);
    facts_collect(&facts, &r.arena, &trace);
    for (uint32_t i = 0; i < facts.facts.count; i++) {
        const struct fact *f = fact_at(&facts, i);
        struct strbuf t = STRBUF_INIT;
        strbuf_seconds(&t, f->at, 0);
        printf("%-8s %-10s %s\n", strbuf_str(&t), f->object, f->what);
        strbuf_fini(&t);
    }
    run_end(&r);
    return 0;
}

/* ---- the files ---- */

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static size_t find_names(const char *directory, char **names)
{
    DIR *d = opendir(directory);
    size_t count = 0;
    for (const struct dirent *e; d && (e = readdir(d)) && count < NAMES_MAX;) {
        const char *dot = strrchr(e->d_name, '.');
        if (dot && strcmp(dot, ".expect") == 0)
            names[count++] = strndup(e->d_name, (size_t)(dot - e->d_name));
    }
    if (d)
        closedir(d);
    qsort(names, count, sizeof *names, compare_names);
    return count;
}

struct tally {
    int tests, failed;
    bool wrong; /* what holds has failed */
};

static void check_versions(const char *directory, const char *name, struct tally *t)
{
    static struct expect_file f;
    struct arena a;
    arena_init(&a, 0);
    const char *expect = arena_printf(&a, "%s/%s.expect", directory, name);
    read_expectations(&f, &a, expect, 0);
    const char *yaml =
        f.scenario ? arena_printf(&a, "%s/%s", directory, f.scenario) : arena_printf(&a, "%s/%s.yaml", directory, name);
    uint32_t count = f.version_count ? f.version_count : 1;
    for (uint32_t i = 0; i < count; i++) {
        const char *version = f.version_count ? arena_strdup(&a, f.versions[i]) : NULL;
        bool good = check(expect, yaml, version) != t->wrong;
        printf("%s %d - %s%s%s\n", good ? "ok" : "not ok", ++t->tests, name, version ? " in " : "",
               version ? version : "");
        fflush(stdout);
        t->failed += !good;
    }
    arena_fini(&a);
}

/* The rows of the documents: every one has an expectation, NAME = "t05-...". */
static const struct worked_rows {
    const char *directory; /* the end of its path */
    char letter;
    int count;
    const char *elsewhere; /* rows that stand in the file of another, and rows to come */
} worked_rows[] = {
    {"/kubelet", 't', 65, "t02"}, /* in t01 */
    {"/probes", 'w', 20, ""},
};

static bool has_row(const char *row, char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(names[i], row, strlen(row)) == 0 && names[i][strlen(row)] == '-')
            return true;
    return false;
}

static void check_rows(const char *directory, char *const *names, size_t count, struct tally *t)
{
    size_t n = strlen(directory);
    for (size_t i = 0; i < ARRAY_LEN(worked_rows); i++) {
        const struct worked_rows *w = &worked_rows[i];
        size_t m = strlen(w->directory);
        bool good = true;
        if (n < m || strcmp(directory + n - m, w->directory) != 0)
            continue;
        for (int k = 1; k <= w->count; k++) {
            char row[16];
            snprintf(row, sizeof row, "%c%02d", w->letter, k);
            bool excused = strstr(w->elsewhere, row) != NULL, there = has_row(row, names, count);
            if (there == excused)
                printf("# %s: %s\n", row, there ? "stands here after all" : "has no expectation");
            good &= there != excused;
        }
        printf("%s %d - every worked timeline of %s\n", good ? "ok" : "not ok", ++t->tests, w->directory + 1);
        t->failed += !good;
    }
}

int main(int argc, char **argv)
{
    struct tally t = {0};
    if (argc > 2 && strcmp(argv[1], "--facts") == 0)
        return show_facts(argv[2], argc > 3 ? argv[3] : NULL);
    t.wrong = argc > 1 && strcmp(argv[1], "--wrong") == 0;
    for (int i = 1 + t.wrong; i < argc; i++) {
        char *names[NAMES_MAX];
        size_t count = find_names(argv[i], names);
        check_rows(argv[i], names, count, &t);
        for (size_t k = 0; k < count; k++) {
            check_versions(argv[i], names[k], &t);
            free(names[k]);
        }
    }
    printf("1..%d\n", t.tests);
    return t.failed > 0 || t.tests == 0;
}
