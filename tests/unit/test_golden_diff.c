/* test_golden_diff.c - wrong goldens, and exactly what is said about each.
 *
 *     test_golden_diff DIRECTORY [--update]
 *
 * Each file NAME.FORMAT of the directory has parts: `== expected`, `== actual`, and `== told`, which is what
 * golden_tell makes of it: the first line, then everything. After `== expected` on its line may stand settings:
 * `tolerance=100ms`, `ignore=why`; an underscore in them is a blank. The first part, before any `==`, says what the
 * case is about.
 */
#include <dirent.h>
#include <stdlib.h>

#include "model/vocabulary.h"
#include "report/golden_diff_private.h"
#include "tests/unit/tap.h"

enum { CASES_MAX = 200, IGNORE_MAX = 4 };

struct example {
    struct golden_text about, expected, actual, told;
    struct golden_settings settings;
    const char *ignore[IGNORE_MAX];
};

static struct arena arena;

static void read_settings(struct example *x, const char *line)
{
    for (const char *p = line; *p;) {
        p += strspn(p, " ");
        size_t n = strcspn(p, " ");
        char *word = arena_strndup(&arena, p, n);
        for (char *c = word; *c; c++)
            *c = *c == '_' ? ' ' : *c;
        if (strncmp(word, "tolerance=", 10) == 0)
            CHECK_INT(sim_parse_duration(word + 10, &x->settings.tolerance), 0);
        else if (strncmp(word, "ignore=", 7) == 0 && x->settings.ignore.count < IGNORE_MAX)
            x->ignore[x->settings.ignore.count++] = word + 7;
        else if (*word)
            tap_fail(word, "settings", 0);
        p += n;
    }
    x->settings.ignore.items = x->ignore;
}

static void read_example(struct example *x, const char *text)
{
    struct golden_text *part = &x->about;
    part->text = text;
    for (const char *p = text; *p;) {
        const char *end = p + strcspn(p, "\n");
        end += *end == '\n';
        if (strncmp(p, "== ", 3) == 0) {
            part = strncmp(p + 3, "expected", 8) == 0 ? &x->expected
                   : strncmp(p + 3, "actual", 6) == 0 ? &x->actual
                                                      : &x->told;
            if (part == &x->expected)
                read_settings(x, arena_strndup(&arena, p + 11, (size_t)(end - p) - 12));
            part->text = end;
        } else {
            part->length = (size_t)(end - part->text);
        }
        p = end;
    }
}

/* Stands for what the trace knows: a reason for every row. */
static void explain(void *ctx, const struct golden_row *row, struct strbuf *out)
{
    (void)ctx;
    if (strstr(row->what, "restart 2"))
        strbuf_puts(out, "because the back-off is 20s\n");
}

static const char *told_of(enum report_format format, const struct example *x)
{
    struct golden_comparison c;
    struct strbuf out = STRBUF_INIT;
    golden_compare(&arena, format, &x->expected, &x->actual, &x->settings, &c);
    strbuf_puts(&out, c.equal ? "equal: " : "");
    golden_tell_first(&c, &out);
    strbuf_putc(&out, '\n');
    golden_tell(&c, &(struct golden_telling){.explain = explain, .from = "expected", .to = "actual"}, &out);
    const char *told = arena_strdup(&arena, strbuf_str(&out));
    strbuf_fini(&out);
    return told;
}

static char *read_all(const char *path)
{
    FILE *f = fopen(path, "r");
    static char buffer[1 << 20];
    if (!f)
        return NULL;
    buffer[fread(buffer, 1, sizeof buffer - 1, f)] = '\0';
    fclose(f);
    return arena_strdup(&arena, buffer);
}

static void update(const char *path, const char *text, const struct example *x, const char *told)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return;
    fprintf(f, "%.*s== told\n%s", (int)(x->actual.text + x->actual.length - text), text, told);
    fclose(f);
}

static bool check(const char *path, bool updates)
{
    const char *text = read_all(path), *dot = strrchr(path, '.');
    struct example x = {0};
    enum report_format format;
    if (!text || report_format_parse(dot + 1, &format) < 0) {
        tap_fail("is no example", path, 0);
        return false;
    }
    read_example(&x, text);
    const char *told = told_of(format, &x);
    if (updates)
        update(path, text, &x, told);
    return CHECK_STR(told, x.told.text ? arena_strndup(&arena, x.told.text, x.told.length) : NULL) || updates;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* What a scenario may ignore is checked in the model, which knows no reports. */
static bool columns_are_words(void)
{
    bool all = true;
    for (int f = 0; f < REPORT_FORMAT_COUNT; f++) {
        const struct golden_column *columns = golden_columns((enum report_format)f);
        for (uint32_t i = 0; columns && i < GOLDEN_CELLS; i++)
            if (columns[i].name)
                all = CHECK(vocabulary_has(VOCABULARY_GOLDEN_COLUMNS, columns[i].name)) && all;
    }
    return all;
}

static bool is_column(const char *word)
{
    for (int f = 0; f < REPORT_FORMAT_COUNT; f++) {
        const struct golden_column *columns = golden_columns((enum report_format)f);
        for (uint32_t i = 0; columns && i < GOLDEN_CELLS; i++)
            if (columns[i].name && strcmp(columns[i].name, word) == 0)
                return true;
    }
    return false;
}

static bool words_are_columns(void)
{
    bool all = true;
    const char *word;
    for (uint32_t i = 0; (word = vocabulary_word(VOCABULARY_GOLDEN_COLUMNS, i)); i++)
        all = CHECK(is_column(word)) && all;
    return all;
}

static int report(int number, const char *name, bool fine)
{
    printf("%s %d - %s\n", fine ? "ok" : "not ok", number, name);
    return !fine;
}

int main(int argc, char **argv)
{
    static char *names[CASES_MAX];
    int count = 0, failed = 0;
    DIR *dir = argc > 1 ? opendir(argv[1]) : NULL;
    if (!dir)
        return 99;
    arena_init(&arena, 0);
    for (const struct dirent *e; (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.' && count < CASES_MAX)
            names[count++] = arena_strdup(&arena, e->d_name);
    closedir(dir);
    qsort(names, (size_t)count, sizeof *names, by_name);
    printf("1..%d\n", count + 2);
    failed += report(1, "columns are words of the vocabulary", columns_are_words());
    failed += report(2, "and these are columns", words_are_columns());
    for (int i = 0; i < count; i++)
        failed += report(i + 3, names[i], check(arena_printf(&arena, "%s/%s", argv[1], names[i]), argc > 2));
    arena_fini(&arena);
    return failed > 0 || count == 0;
}
