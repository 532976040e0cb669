/* test_bad_input.c - every file of tests/bad/ must give exactly the diagnostics beside it.
 * usage: test_bad_input DIRECTORY [--update]
 */
#include "model/scenario.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 500 };

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

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
    snprintf(expected_path, sizeof expected_path, "%s/%.*s.expected", directory,
             (int)(strrchr(name, '.') - name), name);
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
        if (ends_with(e->d_name, ".yaml") || ends_with(e->d_name, ".json"))
            names[count++] = strdup(e->d_name);
    closedir(directory);
    qsort(names, count, sizeof *names, compare_names);

    printf("1..%zu\n", count + 1);
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        bool good = check_file(argv[1], names[i], update);
        printf("%s %zu - %s\n", good ? "ok" : "not ok", i + 1, names[i]);
        failed += !good;
        free(names[i]);
    }
    printf("%s %zu - there are at least 45 of them\n", count >= 45 ? "ok" : "not ok", count + 1);
    return failed > 0 || count < 45;
}
