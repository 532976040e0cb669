/* causes.c - follows the causes of records from row to row. */
#include "report/causes.h"

/* The plain next step of what came before is no news. */
static bool says_something(const struct story_row *r)
{
    return r->why || r->tone == TONE_WARN || r->tone == TONE_BAD || r->tone == TONE_ACTION;
}

/* The row that tells of record `record`; NULL = none does. Rows are few beside records, and causes few beside rows. */
static const struct story_row *row_of(const struct story *s, uint32_t record)
{
    for (uint32_t i = 0; i < s->rows.count; i++) {
        const struct story_row *r = pool_at(&s->rows, i);
        if (r->record == record)
            return r;
    }
    return NULL;
}

static void put_row(const struct story_row *r, struct strbuf *out)
{
    strbuf_printf(out, "because %s%s%s at ", r->object ? r->object : "", r->object ? " " : "", r->what);
    strbuf_seconds(out, r->at, 0);
    strbuf_puts(out, " s");
    if (r->why)
        strbuf_printf(out, " (%s)", r->why);
    strbuf_putc(out, '\n');
}

void story_causes(struct story *s, const struct story_row *row, uint32_t steps, struct strbuf *out)
{
    const struct trace *trace = s->view.run->trace;
    if (row->why)
        strbuf_printf(out, "because %s\n", row->why);
    uint32_t patience = 256; /* what is further away is no cause that helps anybody */
    for (uint32_t record = trace_at(trace, row->record)->cause; record != TRACE_ROOT && steps && patience--;
         record = trace_at(trace, record)->cause) {
        const struct story_row *r = row_of(s, record);
        if (!r || r == row || !says_something(r))
            continue;
        put_row(r, out);
        steps--;
    }
}

/* As it is printed: maybe cut. */
static bool shows(const char *printed, const char *text)
{
    size_t n = strlen(printed);
    if (strcmp(printed, text) == 0)
        return true;
    return n > 3 && strcmp(printed + n - 3, "...") == 0 && strncmp(printed, text, n - 3) == 0;
}

const struct story_row *story_find(const struct story *s, sim_time at, const char *object, const char *what)
{
    const struct story_row *same_object = NULL;
    for (uint32_t i = 0; i < s->rows.count; i++) {
        const struct story_row *r = pool_at(&s->rows, i);
        if (r->at / SIM_MS != at / SIM_MS || !shows(object, r->object ? r->object : ""))
            continue;
        if (shows(what, r->what))
            return r;
        same_object = r;
    }
    return same_object;
}
