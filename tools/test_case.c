/* test_case.c - finding the cases: walk the operands, look into each file.
 *
 * A file is a test when it contains a Scenario, or when what it comes to is written beside it (a golden). Links to
 * directories are followed when named, not on the way, so that no walk is endless.
 */
#include "tools/test_case.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/value.h"
#include "tools/files.h"
#include "tools/golden.h"

struct finder {
    struct test_cases *cases;
    struct strbuf *complaint;
    struct arena scratch; /* of one file */
    parameter_settings settings;
    int result;
};

const char test_case_nothing_to_hold[] = "not a test: it contains no Scenario, and no expected timeline is beside it";

/* ---- lists of texts in an arena ---- */

static void add_text(struct arena *a, str_list *list, const char *text)
{
    if ((list->count & (list->count - 1)) == 0) { /* full: it grows at powers of two */
        const char **items = arena_array(a, const char *, list->count ? 2 * list->count : 1);
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
    }
    list->items[list->count++] = text;
}

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* "./a//b/./c" -> "a/b/c": one file, one name. ".." stays, since links may be on the way. */
static char *tidy_path(struct arena *a, const char *path)
{
    char *out = arena_strdup(a, path), *to = out;
    for (const char *p = path; *p;) {
        bool at_start = p == path || p[-1] == '/';
        if (at_start && p[0] == '.' && p[1] == '/') {
            p += 2;
        } else if (at_start && p != path && *p == '/') {
            p++;
        } else {
            *to++ = *p++;
        }
    }
    if (to > out + 1 && to[-1] == '/')
        to--;
    *to = '\0';
    if (to == out)
        strcpy(out, *path == '/' ? "/" : ".");
    return out;
}

static const char *in_directory(struct arena *a, const char *directory, const char *name)
{
    if (strcmp(directory, ".") == 0)
        return arena_strdup(a, name);
    return arena_printf(a, "%s%s%s", directory, directory[strlen(directory) - 1] == '/' ? "" : "/", name);
}

/* ---- one file ---- */

static struct test_case *add_case(struct test_cases *cases, const char *id, const char *file)
{
    if (cases->count == cases->cap) {
        cases->cap = cases->cap ? 2 * cases->cap : 64;
        cases->items = realloc(cases->items, cases->cap * sizeof *cases->items);
        if (!cases->items)
            sim_die("out of memory");
    }
    struct test_case *c = &cases->items[cases->count++];
    *c = (struct test_case){.id = id, .file = file, .file_label = ""};
    return c;
}

static void add_cases(struct finder *f, const char *file, const struct scenario_outline *o)
{
    struct arena *a = &f->cases->arena;
    str_list tags = {0};
    for (uint32_t i = 0; i < o->tags.count; i++)
        add_text(a, &tags, arena_strdup(a, o->tags.items[i]));
    for (uint32_t i = 0; i < o->cases.count; i++) {
        const struct scenario_case *from = &o->cases.items[i];
        const char *id = *from->label ? arena_printf(a, "%s[%s]", file, from->label) : file;
        struct test_case *c = add_case(f->cases, id, file);
        c->line = o->at.line;
        c->tags = tags;
        c->file_label = arena_strdup(a, from->file_label);
        for (uint32_t k = 0; k < from->settings.count; k++)
            add_text(a, &c->settings,
                     arena_printf(a, "%s=%s", from->settings.items[k].name, from->settings.items[k].value));
    }
}

/* A file as a case of its own. */
static void add_whole(struct finder *f, const char *file, uint32_t line, bool unknown)
{
    struct test_case *c = add_case(f->cases, file, file);
    c->line = line;
    c->unknown = unknown;
}

/* The cases of a file. What is wrong with it is told by whoever runs them. */
static void look_inside(struct finder *f, const char *file, const struct inputs *in, bool named)
{
    struct scenario_source source = inputs_source((struct inputs *)(uintptr_t)in);
    struct scenario_outline o = {0};
    struct diag_set ignored;
    const char *text = in->items[0].text;
    bool may_be = strstr(text, "podsim.dev/") && strstr(text, "Scenario");
    int bad = 0;
    source.settings = f->settings;
    source.loose_settings = true;
    if (may_be) {
        diag_init(&ignored);
        bad = scenario_outline(&f->scratch, &ignored, &source, &o);
        diag_fini(&ignored);
    }
    bool is_test = o.is_scenario || bad || golden_is_beside(file);
    if (is_test && !bad && o.cases.count)
        add_cases(f, file, &o);
    else if (is_test)
        add_whole(f, file, o.at.line, bad < 0);
    else if (named)
        add_case(f->cases, file, file)->wrong = test_case_nothing_to_hold;
}

/* `named` by the user: then it has to be a test. */
static void look_into(struct finder *f, const char *file, bool named)
{
    struct inputs in = {0};
    struct strbuf ignored = STRBUF_INIT;
    arena_reset(&f->scratch);
    if (inputs_read(&in, &file, 1, &ignored) == 0)
        look_inside(f, file, &in, named);
    else
        add_whole(f, file, 0, true); /* whoever runs it says why it cannot be read */
    strbuf_fini(&ignored);
    inputs_fini(&in);
}

static bool seen_before(const struct finder *f, const char *file)
{
    for (uint32_t i = 0; i < f->cases->files.count; i++)
        if (strcmp(f->cases->files.items[i], file) == 0)
            return true;
    return false;
}

/* ---- operands ---- */

static void walk(struct finder *f, const char *directory, str_list *found);

static void visit(struct finder *f, const char *path, unsigned char type, str_list *found)
{
    struct stat st;
    if (type == DT_UNKNOWN && lstat(path, &st) == 0)
        type = S_ISDIR(st.st_mode) ? DT_DIR : DT_REG;
    if (type == DT_DIR)
        walk(f, path, found);
    else if (file_is_manifest(path))
        add_text(&f->cases->arena, found, path);
}

static void walk(struct finder *f, const char *directory, str_list *found)
{
    DIR *dir = opendir(directory);
    if (!dir) {
        strbuf_printf(f->complaint, "podsim: cannot read %s: %s\n", directory, strerror(errno));
        f->result = -1;
        return;
    }
    add_text(&f->cases->arena, &f->cases->directories, directory);
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.')
            visit(f, in_directory(&f->cases->arena, directory, e->d_name), e->d_type, found);
    closedir(dir);
}

static void take_file(struct finder *f, const char *file, bool named, bool check_seen)
{
    if (check_seen && seen_before(f, file))
        return;
    add_text(&f->cases->arena, &f->cases->files, file);
    look_into(f, file, named);
}

static void take_path(struct finder *f, const char *given, bool named)
{
    struct stat st;
    const char *path = tidy_path(&f->cases->arena, given);
    bool others = f->cases->files.count > 0;
    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
        take_file(f, path, named, others);
        return;
    }
    str_list found = {0};
    walk(f, path, &found);
    if (found.count)
        qsort(found.items, found.count, sizeof *found.items, by_text);
    for (uint32_t i = 0; i < found.count; i++)
        take_file(f, found.items[i], false, others);
}

static void take_pattern(struct finder *f, const char *pattern)
{
    glob_t matches = {0};
    if (glob(pattern, 0, NULL, &matches) != 0) {
        strbuf_printf(f->complaint, "podsim: no file matches \"%s\"\n", pattern);
        f->result = -1;
        return;
    }
    for (size_t i = 0; i < matches.gl_pathc; i++)
        take_path(f, arena_strdup(&f->cases->arena, matches.gl_pathv[i]), false);
    globfree(&matches);
}

/* "web.yaml[grace=5]": the one case of all those of the file. */
static bool take_id(struct finder *f, const char *id)
{
    const char *bracket = strchr(id, '[');
    if (!bracket || id[strlen(id) - 1] != ']')
        return false;
    struct arena *a = &f->cases->arena;
    const char *file = arena_strndup(a, id, (size_t)(bracket - id));
    if (access(file, F_OK) != 0)
        return false;
    file = tidy_path(a, file);
    const char *wanted = arena_printf(a, "%s%s", file, bracket);
    uint32_t first = f->cases->count, kept = first;
    add_text(a, &f->cases->files, file);
    look_into(f, file, true);
    for (uint32_t i = first; i < f->cases->count; i++)
        if (strcmp(f->cases->items[i].id, wanted) == 0)
            f->cases->items[kept++] = f->cases->items[i];
    f->cases->count = kept;
    if (kept == first) {
        strbuf_printf(f->complaint, "podsim: %s has no case %s; \"podsim test --list %s\" shows them\n", file, bracket,
                      file);
        f->result = -1;
    }
    return true;
}

static void take_operand(struct finder *f, const char *operand)
{
    if (strcmp(operand, "-") == 0) /* standard input */
        take_file(f, operand, true, true);
    else if (access(operand, F_OK) == 0)
        take_path(f, operand, true);
    else if (take_id(f, operand))
        return;
    else if (strpbrk(operand, "*?["))
        take_pattern(f, operand);
    else {
        strbuf_printf(f->complaint, "podsim: cannot read %s: %s\n", operand, strerror(ENOENT));
        f->result = -1;
    }
}

int test_cases_find(struct test_cases *cases, const struct text_list *operands, parameter_settings settings,
                    struct strbuf *complaint)
{
    *cases = (struct test_cases){0};
    struct finder f = {.cases = cases, .complaint = complaint, .settings = settings};
    arena_init(&cases->arena, 0);
    arena_init(&f.scratch, 0);
    for (uint32_t i = 0; i < operands->count; i++)
        take_operand(&f, operands->items[i]);
    arena_fini(&f.scratch);
    return f.result;
}

void test_cases_fini(struct test_cases *cases)
{
    free(cases->items);
    arena_fini(&cases->arena);
    *cases = (struct test_cases){0};
}
