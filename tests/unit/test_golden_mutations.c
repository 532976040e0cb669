/* test_golden_mutations.c - every expected timeline of the gallery, changed in ways whose one true description is
 * known.
 *
 *     test_golden_mutations DIRECTORY
 *
 * A row that is taken out is missing, one that is put in is not expected, rows that are moved are moved; each is one
 * thing to tell, at its line, and nothing else is.
 */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "report/golden_diff.h"
#include "tests/unit/tap.h"

enum { LINES_MAX = 20000, ROWS_TRIED = 12 };

static struct arena arena;
static uint32_t files, mutations;

struct lines {
    const char *items[LINES_MAX]; /* without newlines */
    uint32_t count;
};

static void split(char *text, struct lines *ret)
{
    ret->count = 0;
    for (char *p = text; *p && ret->count < LINES_MAX;) {
        ret->items[ret->count++] = p;
        p += strcspn(p, "\n");
        if (*p)
            *p++ = '\0';
    }
}

/* Does the line begin with a time? Those below a row, headers and the footer do not. */
static bool has_time(const char *line, sim_time *ret_at)
{
    char text[24] = "";
    const char *p = line + strspn(line, " ");
    size_t n = strcspn(p, " ");
    if (p - line >= 10 || n < 6 || n >= sizeof text || p[n - 1] != 's')
        return false;
    memcpy(text, p, n);
    return sim_parse_duration(text, ret_at) == 0;
}

/* A row of one line. */
static bool is_row(const struct lines *l, uint32_t i)
{
    sim_time at;
    return i < l->count && has_time(l->items[i], &at) &&
           (i + 1 == l->count || has_time(l->items[i + 1], &at) || strncmp(l->items[i + 1], "end: ", 5) == 0);
}

static struct golden_text join(const struct lines *l, uint32_t without, uint32_t shifted, sim_time shift)
{
    struct strbuf b = STRBUF_INIT, time = STRBUF_INIT;
    for (uint32_t i = 0; i < l->count; i++) {
        const char *line = l->items[i];
        sim_time at;
        if (i == without)
            continue;
        if (i >= shifted && has_time(line, &at)) {
            strbuf_reset(&time);
            strbuf_seconds(&time, at + shift, 3);
            strbuf_fill(&b, ' ', time.len < 9 ? 9 - time.len : 0);
            strbuf_printf(&b, "%s%s", strbuf_str(&time), strchr(line, 's'));
        } else {
            strbuf_puts(&b, line);
        }
        strbuf_putc(&b, '\n');
    }
    struct golden_text text = {arena_strdup(&arena, strbuf_str(&b)), b.len};
    strbuf_fini(&b);
    strbuf_fini(&time);
    return text;
}

/* What is told by itself. */
static uint32_t leaders(const struct golden_comparison *c, const struct golden_difference **ret_first)
{
    uint32_t count = 0;
    for (uint32_t i = c->count; i-- > 0;) {
        if (c->items[i].leader)
            continue;
        *ret_first = &c->items[i];
        count++;
    }
    return count;
}

static bool compare(enum report_format format, const struct golden_text *a, const struct golden_text *b,
                    enum golden_difference_kind kind, const struct golden_difference **ret)
{
    struct golden_comparison c;
    golden_compare(&arena, format, a, b, &(struct golden_settings){0}, &c);
    mutations++;
    if (CHECK(!c.equal) && CHECK_INT(leaders(&c, ret), 1) && CHECK_INT((*ret)->kind, kind))
        return true;
    struct strbuf told = STRBUF_INIT;
    golden_tell(&c, &(struct golden_telling){0}, &told);
    CHECK_STR(strbuf_str(&told), "one thing");
    strbuf_fini(&told);
    return false;
}

static void take_out(enum report_format format, const struct lines *l, const struct golden_text *whole, uint32_t i)
{
    struct golden_text less = join(l, i, UINT32_MAX, 0);
    const struct golden_difference *d;
    if (compare(format, whole, &less, GOLDEN_MISSING, &d))
        CHECK(strstr(l->items[i], d->expected->cells[2]) || format != REPORT_TIMELINE);
    if (compare(format, &less, whole, GOLDEN_EXTRA, &d))
        CHECK_INT(d->followers, 0);
}

/* All rows from i on, by a time that occurs nowhere else. */
static void move(enum report_format format, const struct lines *l, const struct golden_text *whole, uint32_t i)
{
    const sim_time shift = 7 * SIM_SECOND + 123 * SIM_MS;
    struct golden_text later = join(l, UINT32_MAX, i, shift);
    const struct golden_difference *d;
    if (!compare(format, whole, &later, GOLDEN_MOVED, &d))
        return;
    CHECK_INT(d->shift, shift);
    CHECK_INT(d->expected->line, i + 1);
    uint32_t rows = 0;
    sim_time at;
    for (uint32_t k = i; k < l->count; k++)
        rows += has_time(l->items[k], &at);
    CHECK_INT(d->followers + 1, rows);
}

static void check_file(const char *path, enum report_format format)
{
    static char buffer[1 << 22];
    static struct lines l;
    FILE *f = fopen(path, "r");
    if (!f)
        return;
    buffer[fread(buffer, 1, sizeof buffer - 1, f)] = '\0';
    fclose(f);
    split(buffer, &l);
    struct golden_text whole = join(&l, UINT32_MAX, UINT32_MAX, 0);
    uint32_t step = l.count / ROWS_TRIED + 1;
    files++;
    tap_row("%s", path);
    for (uint32_t i = 0; i < l.count; i += step) {
        if (!is_row(&l, i))
            continue;
        tap_row("%s:%u", path, (unsigned)i + 1);
        take_out(format, &l, &whole, i);
        move(format, &l, &whole, i);
    }
    arena_reset(&arena);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void walk(const char *directory)
{
    char *names[2000];
    size_t count = 0;
    DIR *dir = opendir(directory);
    for (const struct dirent *e; dir && (e = readdir(dir)) != NULL && count < ARRAY_LEN(names);)
        if (e->d_name[0] != '.')
            names[count++] = strdup(e->d_name);
    if (dir)
        closedir(dir);
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        char path[1024];
        enum report_format format;
        struct stat st;
        const char *dot = strrchr(names[i], '.');
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
            walk(path);
        else if (dot && report_format_parse(dot + 1, &format) == 0 &&
                 (format == REPORT_TIMELINE || format == REPORT_GET_PODS || format == REPORT_EVENTS ||
                  format == REPORT_LOGS))
            check_file(path, format);
        free(names[i]);
    }
}

static const char *root;

static void each_change_is_told_as_what_it_is(void)
{
    walk(root);
    CHECK(files > 400);
    CHECK(mutations > 5000);
}

int main(int argc, char **argv)
{
    static const struct tap_test tests[] = {TAP_TEST(each_change_is_told_as_what_it_is)};
    if (argc != 2)
        return 99;
    root = argv[1];
    arena_init(&arena, 0);
    int failed = tap_run(tests, ARRAY_LEN(tests));
    printf("# %u files, %u mutations\n", (unsigned)files, (unsigned)mutations);
    arena_fini(&arena);
    return failed;
}
