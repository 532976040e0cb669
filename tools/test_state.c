/* test_state.c - the file of the cases that have failed. */
#include "tools/test_state.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/files.h"
#include "tools/replace_file.h"

static const char *state_path(struct arena *a, const char *directory)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    unsigned long long hash = text_hash64(TEXT_HASH64, directory);
    if (cache && *cache == '/') /* "All paths set in these environment variables must be absolute." */
        return arena_printf(a, "%s/podsim/failed-%016llx", cache, hash);
    return home && *home == '/' ? arena_printf(a, "%s/.cache/podsim/failed-%016llx", home, hash) : NULL;
}

/* The name of a case wherever podsim runs. */
static const char *full_id(struct arena *a, const struct test_state *s, const char *id)
{
    return *id == '/' ? id : arena_printf(a, "%s/%s", s->directory, id);
}

static void add(struct arena *a, str_list *list, uint32_t cap, const char *id)
{
    if (!list->items)
        list->items = arena_array(a, const char *, cap);
    ASSERT(list->count < cap);
    list->items[list->count++] = id;
}

static bool contains(const str_list *list, const char *id)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], id) == 0)
            return true;
    return false;
}

/* A case per line; the first line is for people. */
static void parse(struct test_state *s, const char *text)
{
    uint32_t lines = 1;
    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (*text == '/')
            add(&s->arena, &s->failed, lines, arena_strndup(&s->arena, text, n));
        text += n + (text[n] == '\n');
    }
}

void test_state_load(struct test_state *s, bool on)
{
    char here[PATH_MAX];
    struct inputs in = {0};
    struct strbuf ignored = STRBUF_INIT;
    *s = (struct test_state){0};
    arena_init(&s->arena, 0);
    if (!on || !getcwd(here, sizeof here))
        return;
    s->directory = arena_strdup(&s->arena, strcmp(here, "/") == 0 ? "" : here);
    s->path = state_path(&s->arena, here);
    if (s->path && inputs_read(&in, &s->path, 1, &ignored) == 0)
        parse(s, in.items[0].text);
    inputs_fini(&in);
    strbuf_fini(&ignored);
}

bool test_state_failed(const struct test_state *s, const struct test_case *c)
{
    struct strbuf id = STRBUF_INIT;
    strbuf_printf(&id, "%s%s%s",
                  *c->id == '/'  ? ""
                  : s->directory ? s->directory
                                 : "",
                  *c->id == '/' ? "" : "/", c->id);
    bool failed = s->failed.count && contains(&s->failed, strbuf_str(&id));
    strbuf_fini(&id);
    return failed;
}

/* Is the file of a case still there? A name may have brackets of its own. */
static bool is_there(const char *id)
{
    const char *bracket = strrchr(id, '[');
    struct strbuf file = STRBUF_INIT;
    if (access(id, F_OK) == 0)
        return true;
    strbuf_add(&file, id, bracket ? (size_t)(bracket - id) : 0);
    bool there = access(strbuf_str(&file), F_OK) == 0;
    strbuf_fini(&file);
    return there;
}

static void make_directories(const char *path)
{
    struct strbuf part = STRBUF_INIT;
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        strbuf_reset(&part);
        strbuf_add(&part, path, (size_t)(slash - path));
        mkdir(strbuf_str(&part), 0777);
    }
    strbuf_fini(&part);
}

void test_state_save(struct test_state *s, const struct test_result *results, uint32_t count)
{
    uint32_t cap = s->failed.count + count + 1, known = 0;
    str_list failed = {0}, ran = {0};
    if (!s->path)
        return;
    for (uint32_t i = 0; i < count; i++) {
        const char *id = full_id(&s->arena, s, results[i].id);
        if (results[i].outcome != TEST_SKIPPED)
            add(&s->arena, &ran, cap, id);
        if (!test_is_fine(&results[i])) {
            add(&s->arena, &failed, cap, id);
            known += contains(&s->failed, id);
        }
    }
    for (uint32_t i = 0; i < s->failed.count; i++) {
        if (contains(&ran, s->failed.items[i]) || !is_there(s->failed.items[i]))
            continue;
        add(&s->arena, &failed, cap, s->failed.items[i]);
        known++;
    }
    bool changed = known != s->failed.count || failed.count != known;
    s->failed = failed;
    if (!changed)
        return;
    struct strbuf text = STRBUF_INIT, ignored = STRBUF_INIT;
    strbuf_puts(&text, "# cases that have failed, for podsim test --last-failed; may be deleted\n");
    for (uint32_t i = 0; i < failed.count; i++)
        strbuf_printf(&text, "%s\n", failed.items[i]);
    make_directories(s->path);
    replace_file(s->path, text.data, text.len, &ignored);
    strbuf_fini(&text);
    strbuf_fini(&ignored);
}

void test_state_fini(struct test_state *s) { arena_fini(&s->arena); }
