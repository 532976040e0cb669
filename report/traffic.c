/* traffic.c - requests by client, fate and pod: -o traffic, and -o traffic-csv for charts. See traffic.h. */
#include "report/traffic.h"

#include <stdlib.h>
#include <string.h>

#include "report/private.h"

/* ---- totals ---- */

static struct traffic_client *client_named(struct traffic_totals *t, const char *name)
{
    for (uint32_t i = 0; i < t->clients.count; i++)
        if (strcmp(traffic_client_at(t, i)->name, name) == 0)
            return traffic_client_at(t, i);
    struct traffic_client *c = pool_at(&t->clients, pool_add(&t->clients));
    *c = (struct traffic_client){.name = name, .start = SIM_NEVER, .stop = SIM_NEVER};
    pool_init(&c->parts, &t->arena, sizeof(struct traffic_part));
    pool_init(&c->stretches, &t->arena, sizeof(const struct trace_record *));
    return c;
}

static struct traffic_part *part_of(struct traffic_client *c, const struct trace_traffic *s, enum traffic_fate fate)
{
    for (uint32_t i = 0; i < c->parts.count; i++) {
        struct traffic_part *p = pool_at(&c->parts, i);
        if (p->fate == fate && text_same(p->pod, s->pod) && strcmp(p->seen, s->seen) == 0)
            return p;
    }
    struct traffic_part *p = pool_at(&c->parts, pool_add(&c->parts));
    *p = (struct traffic_part){.pod = s->pod, .fate = fate, .seen = s->seen, .first = SIM_NEVER, .last = SIM_NEVER};
    return p;
}

static void add_stretch(struct traffic_totals *t, const struct trace_record *r)
{
    const struct trace_traffic *s = r->data;
    struct traffic_client *c = client_named(t, r->text);
    struct traffic_part *p = part_of(c, s, (enum traffic_fate)r->aux);
    *(const struct trace_record **)pool_at(&c->stretches, pool_add(&c->stretches)) = r;
    c->to = s->to;
    c->fates[r->aux] += s->count;
    c->retried += s->retried;
    p->count += s->count;
    p->retried += s->retried;
    if (s->count && (p->first == SIM_NEVER || s->first < p->first))
        p->first = s->first;
    if (s->count && (p->last == SIM_NEVER || s->last > p->last))
        p->last = s->last;
}

void traffic_totals_init(struct traffic_totals *t, const struct run_trace *run)
{
    arena_init(&t->arena, 0);
    pool_init(&t->clients, &t->arena, sizeof(struct traffic_client));
    for (uint32_t i = 1; i < trace_count(run->trace); i++) {
        const struct trace_record *r = trace_at(run->trace, i);
        if (r->kind == TRACE_TRAFFIC)
            add_stretch(t, r);
        if (r->kind != TRACE_TRAFFIC_END)
            continue;
        const struct trace_traffic_end *end = r->data;
        struct traffic_client *c = client_named(t, r->text);
        c->to = end->to;
        c->sent = end->sent;
        c->start = end->start;
        c->stop = end->stop;
    }
}

void traffic_totals_fini(struct traffic_totals *t) { arena_fini(&t->arena); }

uint64_t traffic_lost(const struct traffic_client *c)
{
    uint64_t lost = 0;
    for (int f = 0; f < FATE_COUNT; f++)
        lost += fate_is_loss((enum traffic_fate)f) ? c->fates[f] : 0;
    return lost;
}

uint64_t traffic_sent_in(const struct trace_traffic *t, sim_time from, sim_time to)
{
    uint64_t n = 0;
    if (t->count == 0 || t->first >= to || t->last < from)
        return 0;
    if (t->first >= from && t->last < to)
        return t->count;
    for (uint64_t i = 0; i < t->interval_count; i++) {
        sim_time at = (sim_time)(t->first_interval + i) * t->interval;
        if (at >= from && at < to)
            n += t->intervals[i];
    }
    return n;
}

/* ---- a table ---- */

static void put_share(struct strbuf *b, uint64_t part, uint64_t whole)
{
    uint64_t tenths = whole ? (part * 1000 + whole / 2) / whole : 0;
    if (tenths == 0 && part)
        strbuf_puts(b, "<0.1%");
    else if (tenths == 1000 && part != whole)
        strbuf_puts(b, ">99.9%");
    else
        strbuf_printf(b, "%" PRIu64 ".%" PRIu64 "%%", tenths / 10, tenths % 10);
}

static uint64_t all_of(const struct traffic_client *c)
{
    return traffic_lost(c) + c->fates[FATE_SERVED] + c->fates[FATE_UNFINISHED];
}

static void put_client(struct strbuf *out, const struct traffic_client *c)
{
    uint64_t all = all_of(c), lost = traffic_lost(c);
    strbuf_printf(out, "%s -> %s: %" PRIu64 " request%s", c->name, c->to, all, all == 1 ? "" : "s");
    if (c->start != SIM_NEVER) {
        strbuf_puts(out, " from ");
        strbuf_seconds(out, c->start, 3);
        strbuf_puts(out, "s to ");
        strbuf_seconds(out, c->stop, 3);
        strbuf_puts(out, "s");
    }
    strbuf_printf(out, ", %" PRIu64 " served, %" PRIu64 " lost", c->fates[FATE_SERVED], lost);
    if (lost) {
        strbuf_puts(out, " (");
        put_share(out, lost, all);
        strbuf_puts(out, ")");
    }
    if (c->retried)
        strbuf_printf(out, ", %" PRIu64 " tr%s made again", c->retried, c->retried == 1 ? "y" : "ies");
    strbuf_puts(out, "\n");
    for (int f = 1; f < FATE_COUNT; f++)
        if (c->fates[f])
            strbuf_printf(out, "  %" PRIu64 " %s: %s\n", c->fates[f], traffic_fates[f].name, traffic_fates[f].doc);
}

static void cell(struct table *t, struct strbuf *b)
{
    table_cell(t, strbuf_str(b));
    strbuf_reset(b);
}

static void time_cell(struct table *t, struct strbuf *b, sim_time at)
{
    if (at == SIM_NEVER)
        strbuf_puts(b, "-");
    else {
        strbuf_seconds(b, at, 3);
        strbuf_puts(b, "s");
    }
    cell(t, b);
}

static void put_row(struct table *t, struct strbuf *b, const struct traffic_client *c, const struct traffic_part *p)
{
    table_cell(t, c->name);
    table_cell(t, traffic_fates[p->fate].name);
    table_cell(t, p->pod ? p->pod : "-");
    table_cell(t, p->seen);
    strbuf_printf(b, "%" PRIu64, p->count);
    cell(t, b);
    put_share(b, p->count, all_of(c));
    cell(t, b);
    strbuf_printf(b, "%" PRIu64, p->retried);
    cell(t, b);
    time_cell(t, b, p->first);
    time_cell(t, b, p->last);
    table_end_row(t);
}

static void put_table(struct traffic_totals *totals, struct strbuf *out, bool header)
{
    static const char *const titles[] = {"CLIENT", "FATE",    "POD",   "SEEN", "REQUESTS",
                                         "SHARE",  "RETRIED", "FIRST", "LAST"};
    struct table t = TABLE_INIT;
    struct strbuf b = STRBUF_INIT;
    for (size_t i = 0; header && i < ARRAY_LEN(titles); i++)
        table_cell(&t, titles[i]);
    if (header)
        table_end_row(&t);
    for (uint32_t i = 0; i < totals->clients.count; i++) {
        const struct traffic_client *c = traffic_client_at(totals, i);
        for (int f = 0; f < FATE_COUNT; f++)
            for (uint32_t k = 0; k < c->parts.count; k++) {
                const struct traffic_part *p = pool_at(&c->parts, k);
                if ((int)p->fate == f && p->count + p->retried)
                    put_row(&t, &b, c, p);
            }
    }
    table_print(&t, out);
    strbuf_fini(&b);
    table_fini(&t);
}

void report_traffic(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct traffic_totals t;
    traffic_totals_init(&t, run);
    for (uint32_t i = 0; i < t.clients.count; i++)
        put_client(out, traffic_client_at(&t, i));
    if (t.clients.count) {
        strbuf_puts(out, "\n");
        put_table(&t, out, o->header);
    } else {
        strbuf_puts(out,
                    "no requests: the scenario has no traffic section (podsim explain-field Scenario.spec.traffic)\n");
    }
    traffic_totals_fini(&t);
}

/* ---- chart data ---- */

/* The intervals of a client: one row for each pod that had requests in it. */
struct csv_row {
    uint64_t interval;
    uint32_t pod; /* index in the order of appearance */
    uint64_t fates[FATE_COUNT];
};

struct csv {
    struct arena arena;
    struct pool pods; /* const char *; NULL = none */
    struct pool rows; /* struct csv_row */
    uint32_t *at;     /* 1 + index of a row, by interval * pods + pod */
    uint64_t first, count;
};

static uint32_t pod_index(struct csv *c, const char *pod)
{
    for (uint32_t i = 0; i < c->pods.count; i++)
        if (text_same(*(const char **)pool_at(&c->pods, i), pod))
            return i;
    uint32_t i = pool_add(&c->pods);
    *(const char **)pool_at(&c->pods, i) = pod;
    return i;
}

static const struct trace_record *stretch_at(const struct traffic_client *c, uint32_t i)
{
    return *(const struct trace_record **)pool_at(&c->stretches, i);
}

static void csv_add(struct csv *c, const struct trace_record *r)
{
    const struct trace_traffic *s = r->data;
    uint32_t pod = pod_index(c, s->pod);
    for (uint64_t i = 0; i < s->interval_count; i++) {
        uint32_t *at = &c->at[(s->first_interval + i - c->first) * c->pods.count + pod];
        if (!s->intervals[i])
            continue;
        if (!*at) {
            *at = pool_add(&c->rows) + 1;
            struct csv_row *row = pool_at(&c->rows, *at - 1);
            row->interval = s->first_interval + i;
            row->pod = pod;
        }
        ((struct csv_row *)pool_at(&c->rows, *at - 1))->fates[r->aux] += s->intervals[i];
    }
}

static void csv_put(const struct csv *c, const struct traffic_client *client, sim_time interval, struct strbuf *out)
{
    for (uint64_t i = 0; i < c->count * c->pods.count; i++) {
        if (!c->at[i])
            continue;
        const struct csv_row *row = pool_at(&c->rows, c->at[i] - 1);
        const char *pod = *(const char **)pool_at(&c->pods, row->pod);
        uint64_t all = 0;
        for (int f = 0; f < FATE_COUNT; f++)
            all += row->fates[f];
        strbuf_seconds(out, (sim_time)row->interval * interval, 0);
        strbuf_printf(out, ",%s,%s,%" PRIu64, client->name, pod ? pod : "", all);
        for (int f = 0; f < FATE_COUNT; f++)
            strbuf_printf(out, ",%" PRIu64, row->fates[f]);
        strbuf_puts(out, "\n");
    }
}

static void csv_client(const struct traffic_client *client, struct strbuf *out)
{
    struct csv c = {.first = UINT64_MAX};
    uint64_t end = 0;
    sim_time interval = SIM_SECOND;
    arena_init(&c.arena, 0);
    pool_init(&c.pods, &c.arena, sizeof(const char *));
    pool_init(&c.rows, &c.arena, sizeof(struct csv_row));
    for (uint32_t i = 0; i < client->stretches.count; i++) {
        const struct trace_traffic *s = stretch_at(client, i)->data;
        pod_index(&c, s->pod);
        interval = s->interval;
        if (s->interval_count && s->first_interval < c.first)
            c.first = s->first_interval;
        if (s->interval_count && s->first_interval + s->interval_count > end)
            end = s->first_interval + s->interval_count;
    }
    c.count = end > c.first ? end - c.first : 0;
    c.at = arena_array(&c.arena, uint32_t, c.count * c.pods.count + 1);
    for (uint32_t i = 0; i < client->stretches.count; i++)
        csv_add(&c, stretch_at(client, i));
    csv_put(&c, client, interval, out);
    arena_fini(&c.arena);
}

void report_traffic_csv(const struct run_trace *run, const struct report_options *o, struct strbuf *out)
{
    struct traffic_totals t;
    traffic_totals_init(&t, run);
    if (o->header) {
        strbuf_puts(out, "time,client,pod,requests");
        for (int f = 0; f < FATE_COUNT; f++)
            strbuf_printf(out, ",%s", traffic_fates[f].name);
        strbuf_puts(out, "\n");
    }
    for (uint32_t i = 0; i < t.clients.count; i++)
        csv_client(traffic_client_at(&t, i), out);
    traffic_totals_fini(&t);
}
