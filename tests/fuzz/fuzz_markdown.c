/* fuzz_markdown.c - any text as a document: what it shows, and as an output and a change.
 *
 * Findings: a crash, a step or a diagnostic that stands nowhere in the document, a name that leaves its directory, an
 * update that does not show what was seen, a document that reads otherwise when it is read again.
 */
#include "tools/doctest_markdown.h"
#include "tools/doctest_match.h"
#include "tools/doctest_patch.h"

enum { TEXT_MAX = 20000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct arena arena;

static uint32_t line_count(const char *text, size_t len)
{
    uint32_t lines = 1;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    return lines;
}

static void check_step(const struct doctest_step *s, uint32_t lines)
{
    ASSERT(s->at.line >= 1);
    ASSERT(s->at.line <= lines);
    ASSERT(s->at.column >= 1);
    if (s->line)
        ASSERT(s->line + s->line_count <= lines + 1);
    ASSERT(s->kind != DOCTEST_OUTPUT || s->format);
    if (s->name) {
        ASSERT(s->name[0] != '/');
        ASSERT(strncmp(s->name, "../", 3) != 0);
        ASSERT(!strstr(s->name, "/../"));
    }
}

static void read_document(const char *text, size_t len)
{
    struct diag_set d;
    struct doctest_document document;
    struct strbuf out = STRBUF_INIT;
    uint32_t lines = line_count(text, len);
    diag_init(&d);
    uint32_t file = diag_add_file(&d, "x.md", text, len);
    int result =
        doctest_read(&arena, &d, file, text, len, len & 1 ? DOCTEST_ANY_COMMAND : DOCTEST_PODSIM_ONLY, &document);
    ASSERT((result == 0) == (d.error_count == 0));
    for (uint32_t i = 0; i < document.count; i++)
        check_step(&document.steps[i], lines);
    for (uint32_t i = 0; i < d.diags.count; i++) {
        const struct diag *g = pool_at(&d.diags, i);
        ASSERT(g->at.line >= 1);
        ASSERT(g->at.line <= lines);
    }
    diag_print(&d, &out, 0);
    strbuf_fini(&out);
    diag_fini(&d);
}

/* One half is shown, the other is seen. */
static void compare(const char *shown, const char *seen)
{
    struct strbuf diff = STRBUF_INIT, update = STRBUF_INIT, none = STRBUF_INIT, out = STRBUF_INIT;
    uint32_t line;
    if (!doctest_match(shown, seen, 1, &diff, &update)) {
        ASSERT(diff.len > 0);
        ASSERT(doctest_match(strbuf_str(&update), seen, 1, &none, &none));
    }
    if (doctest_patch(&arena, shown, seen, &out, &line) < 0)
        ASSERT(line >= 1);
    strbuf_fini(&diff);
    strbuf_fini(&update);
    strbuf_fini(&none);
    strbuf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > TEXT_MAX)
        return 0;
    arena_init(&arena, 0);
    const char *text = arena_strndup(&arena, (const char *)data, size);
    read_document(text, size);
    compare(arena_strndup(&arena, text, size / 2), arena_strndup(&arena, text + size / 2, size - size / 2));
    arena_fini(&arena);
    return 0;
}
