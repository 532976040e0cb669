/* Which rows of the decision tables do the scenarios reach?
 *
 * Runs every *.yaml below the directories given, with the library in this process, and reads the marks
 * (sim/cover.h) and the words of the trace. A table with a row that no scenario reaches fails, unless the
 * row is excused: EXCUSED has lines "table | row | reason". An excuse that is not needed any more fails too, so
 * that the list only shrinks. (TAP)
 *
 * usage: test_cover [--list] EXCUSED DIRECTORY...      --list: which scenario reaches each row first
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/cluster.h"
#include "model/cover_tables.h"
#include "model/printer.h"
#include "report/verify.h"
#include "tests/cover/words.h"
#include "tests/unit/tap.h"
#include "tools/files.h"

enum { TABLES_MAX = 128, ROWS_MAX = 64, EXCUSES_MAX = 256, NAME_MAX_ = 1024 };

struct excuse {
    char *table, *row, *reason;
    bool used;
};

static struct excuse excuses[EXCUSES_MAX];
static uint32_t excuse_count;
static char *reached_by[TABLES_MAX][ROWS_MAX]; /* name of the first scenario */
static uint32_t scenarios;
static bool listing;

static uint32_t table_count(void) { return cover_table_count + WORDS_COUNT; }

static const struct cover_table *table_at(uint32_t i)
{
    return i < cover_table_count ? cover_tables[i] : word_tables[i - cover_table_count];
}

/* ---- running ---- */

static void look(const struct run_trace *t, const char *name)
{
    for (uint32_t i = 1; i < trace_count(t->trace); i++) {
        const struct trace_record *r = trace_at(t->trace, i);
        if (r->kind != TRACE_WRITE)
            continue;
        const struct api_object *o = r->data;
        enum word_table table;
        const char *word = words_mark(o, &table);
        if (word) {
            tap_row("%s", name);
            tap_fail("a word that is in no table of tests/cover/words.c, or that spec.expect refuses", __FILE__,
                     __LINE__);
            printf("#   %s: \"%s\"\n", word_tables[table]->name, word);
        }
        if (o->kind == KIND_POD) {
            struct pod_columns columns;
            printer_pod_columns((const struct pod *)o, t->features, &columns);
        }
    }
}

/* What every run must keep, on this one. */
static void verify(const struct run_trace *t, const char *name)
{
    struct strbuf out = STRBUF_INIT;
    struct verify_result result;
    if (verify_trace(t, &out, &result)) {
        tap_row("%s", name);
        tap_fail("a promise is broken", __FILE__, __LINE__);
        tap_quote("podsim run --verify", strbuf_str(&out));
    }
    strbuf_fini(&out);
}

static void note_marks(const char *name)
{
    for (uint32_t i = 0; i < table_count(); i++) {
        const struct cover_table *t = table_at(i);
        for (uint32_t k = 0; k < t->count; k++) {
            if (t->hit[k] && !reached_by[i][k])
                reached_by[i][k] = strdup(name);
        }
    }
}

static void run_case(struct arena *a, struct diag_set *d, const struct scenario_source *source, const char *path)
{
    struct scenario scenario;
    if (!CHECK_INT(scenario_load_source(a, d, source, &scenario), 0))
        return;
    struct cluster *c = cluster_new(&scenario, &(struct cluster_options){0});
    cluster_run(c);
    struct run_trace t = cluster_trace(c);
    look(&t, path);
    verify(&t, path);
    note_marks(path);
    cluster_free(c);
    scenarios++;
}

/* With each combination of its parameters. */
static void run_scenario(const char *path)
{
    struct arena arena = {0};
    struct diag_set diags;
    struct inputs in = {0};
    struct scenario_outline outline;
    struct strbuf complaint = STRBUF_INIT;
    arena_init(&arena, 0);
    diag_init(&diags);
    tap_row("%s", path);
    if (CHECK_INT(inputs_read(&in, &path, 1, &complaint), 0)) {
        struct scenario_source source = inputs_source(&in);
        bool good = CHECK_INT(scenario_outline(&arena, &diags, &source, &outline), 0);
        bool part = good && !outline.is_scenario && strstr(in.items[0].text, "${{"); /* a scenario includes it */
        for (uint32_t i = 0; good && !part && i < outline.cases.count; i++) {
            source.settings = outline.cases.items[i].settings;
            run_case(&arena, &diags, &source, path);
        }
    }
    strbuf_fini(&complaint);
    inputs_fini(&in);
    diag_fini(&diags);
    arena_fini(&arena);
}

static bool is_yaml(const char *name)
{
    size_t n = strlen(name);
    return n > 5 && strcmp(name + n - 5, ".yaml") == 0;
}

static void run_below(const char *directory)
{
    struct dirent **entries;
    int n = scandir(directory, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[NAME_MAX_];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
        if (entries[i]->d_name[0] == '.' || stat(path, &st) != 0)
            ;
        else if (S_ISDIR(st.st_mode))
            run_below(path);
        else if (is_yaml(path))
            run_scenario(path);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

/* ---- excuses ---- */

static char *trim(char *s)
{
    while (*s == ' ')
        s++;
    char *end = s + strlen(s);
    while (end > s && (end[-1] == ' ' || end[-1] == '\n'))
        *--end = '\0';
    return s;
}

static int read_excuses(const char *path)
{
    FILE *f = fopen(path, "r");
    char line[NAME_MAX_];
    if (!f)
        return -1;
    while (fgets(line, sizeof line, f)) {
        char *row = strchr(line, '|'), *reason = row ? strchr(row + 1, '|') : NULL;
        if (line[0] == '#' || !reason || excuse_count == EXCUSES_MAX)
            continue;
        *row++ = *reason++ = '\0';
        excuses[excuse_count++] = (struct excuse){strdup(trim(line)), strdup(trim(row)), strdup(trim(reason)), false};
    }
    fclose(f);
    return 0;
}

static bool excused(const struct cover_table *t, uint32_t row)
{
    for (uint32_t i = 0; i < excuse_count; i++) {
        if (strcmp(excuses[i].table, t->name) == 0 && strcmp(excuses[i].row, t->rows[row]) == 0)
            return excuses[i].used = true;
    }
    return false;
}

/* ---- the report ---- */

static int report_table(uint32_t i, uint32_t number)
{
    const struct cover_table *t = table_at(i);
    uint32_t reached = 0, missing = 0;
    ASSERT(i < TABLES_MAX && t->count <= ROWS_MAX);
    for (uint32_t k = 0; k < t->count; k++) {
        reached += reached_by[i][k] != NULL;
        bool lacks = !reached_by[i][k] && !excused(t, k);
        missing += lacks;
        if (lacks)
            printf("# no scenario reaches: %s | %s\n", t->name, t->rows[k]);
        else if (listing)
            printf("# %-40s %-60s %s\n", t->name, t->rows[k], reached_by[i][k] ? reached_by[i][k] : "(excused)");
    }
    printf("%s %u - %s: %u of %u rows\n", missing ? "not ok" : "ok", number, t->name, reached, t->count);
    return missing != 0;
}

static int report_excuses(uint32_t number)
{
    uint32_t stale = 0;
    for (uint32_t i = 0; i < excuse_count; i++) {
        if (excuses[i].used)
            continue;
        printf("# not needed any more, remove it: %s | %s\n", excuses[i].table, excuses[i].row);
        stale++;
    }
    printf("%s %u - %u rows are excused\n", stale ? "not ok" : "ok", number, excuse_count);
    return stale != 0;
}

int main(int argc, char **argv)
{
    int at = 1, failed = 0;
    if (at < argc && strcmp(argv[at], "--list") == 0)
        listing = at++;
    if (at + 1 >= argc || read_excuses(argv[at]) != 0)
        return 99;
    cover_reset();
    for (int i = at + 1; i < argc; i++)
        run_below(argv[i]);
    printf("1..%u\n", table_count() + 2);
    for (uint32_t i = 0; i < table_count(); i++)
        failed += report_table(i, i + 1);
    failed += report_excuses(table_count() + 1);
    failed += tap_failures > 0;
    printf("%s %u - %u scenarios keep every promise and say nothing unlisted\n",
           tap_failures || !scenarios ? "not ok" : "ok", table_count() + 2, scenarios);
    return failed > 0 || scenarios == 0;
}
