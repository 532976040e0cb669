/* test_wire.c - one walk over the fields for both ways: what is written is what is read. */
#include "tools/test_wire.h"

struct wire {
    struct strbuf *out;  /* packing */
    struct arena *arena; /* unpacking */
    const char *at, *end;
};

static void pass_bytes(struct wire *w, void *field, size_t n)
{
    if (w->out) {
        strbuf_add(w->out, field, n);
        return;
    }
    ASSERT((size_t)(w->end - w->at) >= n);
    memcpy(field, w->at, n);
    w->at += n;
}

/* NULL is not "". */
static void pass_text(struct wire *w, const char **text)
{
    const uint32_t NONE = UINT32_MAX;
    uint32_t n = w->out && *text ? (uint32_t)strlen(*text) : NONE;
    pass_bytes(w, &n, sizeof n);
    if (w->out) {
        if (n != NONE)
            strbuf_add(w->out, *text, n);
        return;
    }
    *text = NULL;
    if (n == NONE)
        return;
    ASSERT((size_t)(w->end - w->at) >= n);
    *text = arena_strndup(w->arena, w->at, n);
    w->at += n;
}

static void pass_texts(struct wire *w, str_list *list)
{
    pass_bytes(w, &list->count, sizeof list->count);
    if (!w->out)
        list->items = arena_array(w->arena, const char *, list->count + 1);
    for (uint32_t i = 0; i < list->count; i++)
        pass_text(w, &list->items[i]);
}

static void pass_check(struct wire *w, struct check_result *c)
{
    pass_text(w, &c->name);
    pass_bytes(w, &c->outcome, sizeof c->outcome);
    pass_text(w, &c->file);
    pass_bytes(w, &c->line, sizeof c->line);
    pass_bytes(w, &c->column, sizeof c->column);
    pass_bytes(w, &c->until, sizeof c->until);
    pass_text(w, &c->message);
    pass_text(w, &c->details);
}

static void pass_checks(struct wire *w, struct check_results *checks)
{
    pass_bytes(w, &checks->count, sizeof checks->count);
    if (!w->out)
        checks->items = arena_array(w->arena, struct check_result, checks->count + 1);
    for (uint32_t i = 0; i < checks->count; i++)
        pass_check(w, &checks->items[i]);
}

static void pass_result(struct wire *w, struct test_result *r)
{
    const char **texts[] = {&r->id,
                            &r->file,
                            &r->name,
                            &r->reason,
                            &r->diagnostics,
                            &r->error_file,
                            &r->look,
                            &r->reproduce,
                            &r->kubernetes_version,
                            &r->diagnostics_json};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        pass_text(w, texts[i]);
    pass_bytes(w, &r->line, sizeof r->line);
    pass_bytes(w, &r->outcome, sizeof r->outcome);
    pass_checks(w, &r->checks);
    pass_bytes(w, &r->error_line, sizeof r->error_line);
    pass_bytes(w, &r->error_column, sizeof r->error_column);
    pass_bytes(w, &r->ran, sizeof r->ran);
    pass_bytes(w, &r->end, sizeof r->end);
    pass_bytes(w, &r->events, sizeof r->events);
    pass_bytes(w, &r->digest, sizeof r->digest);
    pass_bytes(w, &r->seed, sizeof r->seed);
    pass_texts(w, &r->files);
    pass_texts(w, &r->tags);
}

void test_result_pack(const struct test_result *r, struct strbuf *out)
{
    struct test_result copy = *r; /* packing changes nothing, but does not promise it */
    struct wire w = {.out = out};
    pass_result(&w, &copy);
}

void test_result_unpack(struct arena *a, const char *bytes, size_t n, struct test_result *ret_result)
{
    struct wire w = {.arena = a, .at = bytes, .end = bytes + n};
    *ret_result = (struct test_result){0};
    pass_result(&w, ret_result);
    ASSERT(w.at == w.end);
}
