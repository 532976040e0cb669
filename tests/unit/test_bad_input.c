/* test_bad_input.c - every file of tests/bad/ must give exactly the diagnostics beside it.
 * usage: test_bad_input DIRECTORY [--update]
 *
 * NAME.yaml and NAME.json have theirs in NAME.expected. NAME.cases is a table: a template, and cases that are put after
 * it, each with what it must give:
 *
 *     === template
 *     apiVersion: podsim.dev/v1
 *     === a negative time
 *     spec: {duration: -1s}
 *     >>>
 *     x.yaml:2:18: error ...
 */
#include "model/scenario.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 500 };

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

/* The file's content, malloc'ed; NULL when it cannot be read. */
static char *read_file(const char *path, size_t *ret_len)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    size_t cap = 1 << 20;
    char *text = calloc(1, cap + 1);
    *ret_len = text ? fread(text, 1, cap, f) : 0;
    fclose(f);
    return text;
}

/* Reads the document as podsim does; the diagnostics are left in `out`. Returns the number of errors. */
static uint32_t diagnose(const char *name, const char *text, size_t len, struct strbuf *out)
{
    struct arena arena;
    struct diag_set diags;
    struct pool objects;
    struct document_list docs;
    arena_init(&arena, 0);
    diag_init(&diags);
    pool_init(&objects, &arena, sizeof(struct api_object *));
    if (strstr(text, "kind: Scenario")) { /* with all that it means: actions, faults, nodes */
        struct scenario scenario;
        const struct scenario_input input = {name, text, len};
        scenario_load(&arena, &diags, &input, 1, NULL, NULL, &scenario);
    } else {
        value_parse(&arena, &diags, name, text, len, &docs);
        for (uint32_t i = 0; i < docs.count; i++)
            api_read_document(&arena, &diags, &docs.items[i], &objects);
    }
    diag_print(&diags, out, 0);
    uint32_t errors = diags.error_count;
    diag_fini(&diags);
    arena_fini(&arena);
    return errors;
}

static void write_file(const char *path, const struct strbuf *b)
{
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(strbuf_str(b), 1, b->len, f) != b->len)
        printf("# cannot write %s\n", path);
    if (f)
        fclose(f);
}

static void show(const char *title, const char *text)
{
    printf("# %s:\n#   ", title);
    for (; *text; text++) {
        putchar(*text);
        if (*text == '\n' && text[1])
            printf("#   ");
    }
}

static bool check_file(const char *directory, const char *name, bool update)
{
    char path[1000], expected_path[1000];
    size_t len = 0, expected_len = 0;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    snprintf(expected_path, sizeof expected_path, "%s/%.*s.expected", directory, (int)(strrchr(name, '.') - name),
             name);
    char *text = read_file(path, &len);
    struct strbuf out = STRBUF_INIT;
    uint32_t errors = text ? diagnose(name, text, len, &out) : 0;
    if (update)
        write_file(expected_path, &out);
    char *expected = read_file(expected_path, &expected_len);
    bool good = errors > 0 && expected && strcmp(strbuf_str(&out), expected) == 0;
    if (!good) {
        printf("# %s: %" PRIu32 " errors\n", name, errors);
        show("got", strbuf_str(&out));
        show("want", expected ? expected : "(no .expected file)\n");
    }
    free(expected);
    free(text);
    strbuf_fini(&out);
    return good;
}

/* ---- tables ---- */

static const char CASE_MARK[] = "=== ", WANT_MARK[] = ">>>\n";
enum { CASE_MARK_LEN = sizeof CASE_MARK - 1, WANT_MARK_LEN = sizeof WANT_MARK - 1 };

/* The next line that begins with `mark`, or the end. */
static const char *find_mark(const char *text, const char *mark)
{
    while (*text && strncmp(text, mark, strlen(mark)) != 0) {
        const char *end = strchr(text, '\n');
        text = end ? end + 1 : text + strlen(text);
    }
    return text;
}

struct tally {
    int tests, failed;
};

static void result(struct tally *t, bool good, const char *file, const char *name, size_t len)
{
    t->failed += !good;
    printf("%s %d - %s%s%.*s\n", good ? "ok" : "not ok", ++t->tests, file, len ? ": " : "", (int)len, name);
}

/* One case, from its mark to the next one's; adds it to `table` with what it gives. */
static void check_case(struct tally *t, const char *file, const struct strbuf *template_, const char *from,
                       const char *to, struct strbuf *table)
{
    const char *name = from + CASE_MARK_LEN, *text = strchr(name, '\n') + 1, *want = find_mark(text, WANT_MARK);
    struct strbuf input = STRBUF_INIT, out = STRBUF_INIT;
    size_t text_len = (size_t)((want < to ? want : to) - text);
    strbuf_add(&input, template_->data, template_->len);
    strbuf_add(&input, text, text_len);
    uint32_t errors = diagnose("x.yaml", input.data, input.len, &out);
    const char *wanted = want < to ? want + WANT_MARK_LEN : to;
    bool good = errors && want < to && out.len == (size_t)(to - wanted) && memcmp(out.data, wanted, out.len) == 0;
    if (!good) {
        show("got", strbuf_str(&out));
        printf("# want:\n# %.*s\n", (int)strcspn(wanted, "\n"), wanted);
    }
    result(t, good, file, name, strcspn(name, "\n"));
    strbuf_add(table, from, (size_t)(text - from) + text_len);
    strbuf_puts(table, WANT_MARK);
    strbuf_puts(table, strbuf_str(&out));
    strbuf_fini(&input);
    strbuf_fini(&out);
}

static void check_table(struct tally *t, const char *directory, const char *name, bool update)
{
    char path[1000];
    size_t len = 0;
    struct strbuf template_ = STRBUF_INIT, table = STRBUF_INIT;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    char *text = read_file(path, &len);
    const char *at = find_mark(text ? text : "", CASE_MARK), *first = at;
    if (strncmp(at, "=== template\n", 13) == 0) {
        at = find_mark(at + CASE_MARK_LEN, CASE_MARK);
        strbuf_add(&template_, first + 13, (size_t)(at - first) - 13);
    }
    strbuf_add(&table, text ? text : "", (size_t)(at - (text ? text : at)));
    while (*at) {
        const char *to = find_mark(at + CASE_MARK_LEN, CASE_MARK);
        check_case(t, name, &template_, at, to, &table);
        at = to;
    }
    if (update)
        write_file(path, &table);
    strbuf_fini(&template_);
    strbuf_fini(&table);
    free(text);
}

enum { CASES_MIN = 150 };

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    bool update = argc > 2 && strcmp(argv[2], "--update") == 0;
    DIR *directory = opendir(argv[1]);
    if (!directory)
        return 2;
    char *names[NAMES_MAX];
    size_t count = 0;
    for (const struct dirent *e; (e = readdir(directory)) && count < NAMES_MAX;)
        if (ends_with(e->d_name, ".yaml") || ends_with(e->d_name, ".json") || ends_with(e->d_name, ".cases"))
            names[count++] = strdup(e->d_name);
    closedir(directory);
    qsort(names, count, sizeof *names, compare_names);

    struct tally t = {0, 0};
    for (size_t i = 0; i < count; i++) {
        if (ends_with(names[i], ".cases"))
            check_table(&t, argv[1], names[i], update);
        else
            result(&t, check_file(argv[1], names[i], update), names[i], "", 0);
        free(names[i]);
    }
    int cases = t.tests;
    result(&t, cases >= CASES_MIN, "there are at least 150 of them", "", 0);
    printf("1..%d\n", t.tests);
    return t.failed > 0;
}
