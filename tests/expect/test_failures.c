/* test_failures.c - what failed expectations say: in every NAME.yaml of a directory all of them must fail, with the
 * text of NAME.failures beside it. (TAP)
 *
 * usage: test_failures DIRECTORY [--update]
 *        test_failures --show FILE...      print what came of each expectation
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/cluster.h"
#include "model/scenario.h"
#include "report/expect.h"

enum { NAMES_MAX = 200 };

static char *read_file(const char *path, size_t *ret_len)
{
    FILE *f = fopen(path, "rb");
    size_t cap = 1 << 20;
    char *text = calloc(1, cap + 1);
    *ret_len = f && text ? fread(text, 1, cap, f) : 0;
    if (f)
        fclose(f);
    if (f)
        return text;
    free(text);
    return NULL;
}

static void put_result(struct strbuf *out, const struct check_result *r, bool all)
{
    if (r->outcome == CHECK_PASSED && all)
        strbuf_printf(out, "%" PRIu32 ": passed: %s\n", r->line, r->name);
    else
        strbuf_printf(out, "%" PRIu32 ":%" PRIu32 ": %s%s\n", r->line, r->column,
                      r->outcome == CHECK_PASSED ? "PASSED: " : "", r->message ? r->message : r->name);
    for (const char *p = r->details; p && *p;) {
        size_t n = strcspn(p, "\n");
        strbuf_printf(out, "    %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
}

/* Returns how many passed, -1 when the file is no good. */
static int results(const char *path, const char *name, bool all, struct strbuf *out)
{
    struct arena a;
    struct diag_set d;
    struct scenario s;
    size_t len;
    int passed = -1;
    char *text = read_file(path, &len);
    arena_init(&a, 0);
    diag_init(&d);
    struct scenario_input input = {name, text, len};
    if (text && scenario_load(&a, &d, &input, 1, NULL, NULL, &s) == 0) {
        struct cluster_options options = {.diags = &d, .stop_ctx = expect_stop_new(&a, s.stop_when)};
        options.stop_when = options.stop_ctx ? expect_stop_now : NULL;
        struct cluster *c = cluster_new(&s, &options);
        struct check_results r;
        cluster_run(c);
        expect_stop_free(options.stop_ctx);
        struct run_trace run = cluster_trace(c);
        expect_check(&run, &s.expectations, &a, &r);
        passed = 0;
        for (uint32_t i = 0; i < r.count; i++) {
            put_result(out, &r.items[i], all);
            passed += r.items[i].outcome == CHECK_PASSED;
        }
        cluster_free(c);
    } else {
        diag_print(&d, out, 0);
    }
    diag_fini(&d);
    arena_fini(&a);
    free(text);
    return passed;
}

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static size_t find_names(const char *directory, char **names)
{
    DIR *d = opendir(directory);
    size_t count = 0;
    for (const struct dirent *e; d && (e = readdir(d)) && count < NAMES_MAX;) {
        const char *dot = strrchr(e->d_name, '.');
        if (dot && strcmp(dot, ".yaml") == 0)
            names[count++] = strndup(e->d_name, (size_t)(dot - e->d_name));
    }
    if (d)
        closedir(d);
    qsort(names, count, sizeof *names, compare_names);
    return count;
}

static void show(const char *title, const char *text)
{
    printf("# %s:\n", title);
    while (*text) {
        size_t n = strcspn(text, "\n");
        printf("#   %.*s\n", (int)n, text);
        text += n + (text[n] == '\n');
    }
}

static bool check(const char *directory, const char *name, bool update)
{
    char path[1000], file[300], golden[1000];
    size_t len;
    struct strbuf out = STRBUF_INIT;
    snprintf(path, sizeof path, "%s/%s.yaml", directory, name);
    snprintf(golden, sizeof golden, "%s/%s.failures", directory, name);
    snprintf(file, sizeof file, "%s.yaml", name);
    int passed = results(path, file, false, &out);
    if (update) {
        FILE *f = fopen(golden, "wb");
        if (f) {
            fwrite(strbuf_str(&out), 1, out.len, f);
            fclose(f);
        }
    }
    char *want = read_file(golden, &len);
    bool good = passed == 0 && want && strcmp(want, strbuf_str(&out)) == 0;
    if (!good) {
        show("got", strbuf_str(&out));
        show("want", want ? want : "(no file)\n");
    }
    free(want);
    strbuf_fini(&out);
    return good;
}

static int show_files(char **paths, int count)
{
    for (int i = 0; i < count; i++) {
        struct strbuf out = STRBUF_INIT;
        results(paths[i], paths[i], true, &out);
        printf("%s", strbuf_str(&out));
        strbuf_fini(&out);
    }
    return 0;
}

int main(int argc, char **argv)
{
    char *names[NAMES_MAX];
    int failed = 0;
    if (argc < 2)
        return 2;
    if (strcmp(argv[1], "--show") == 0)
        return show_files(argv + 2, argc - 2);
    size_t count = find_names(argv[1], names);
    printf("1..%zu\n", count);
    for (size_t i = 0; i < count; i++) {
        bool good = check(argv[1], names[i], argc > 2 && strcmp(argv[2], "--update") == 0);
        printf("%s %zu - %s\n", good ? "ok" : "not ok", i + 1, names[i]);
        failed += !good;
        free(names[i]);
    }
    return failed > 0 || count == 0;
}
