/* expect_claim.c - when a claim was true: it is looked at anew after each write of an object that it is about.
 *
 * STATUS, READY and RESTARTS are the columns of kubectl get (model/printer.h).
 */
#include <stdio.h>
#include <string.h>

#include "model/printer.h"
#include "report/expect_private.h"

static void compile(struct arena *a, const struct value *v, struct comparison *ret)
{
    if (v && comparison_parse(a, v, ret) != NULL)
        ASSERT(!"a comparison that validation has seen");
}

static bool about_existence(const struct expectation *e) { return e->exists.set; }

/* ---- spans ---- */

static void begin_span(struct pool *spans, sim_time at, uint32_t record)
{
    *(struct span *)pool_at(spans, pool_add(spans)) = (struct span){.from = at, .to = SIM_NEVER, .first = record};
}

static void end_span(struct pool *spans, sim_time at, uint32_t record)
{
    struct span *s = pool_at(spans, spans->count - 1);
    s->to = at;
    s->last = record;
}

static void set_state(bool *state, bool now, struct pool *spans, sim_time at, uint32_t record)
{
    if (now == *state)
        return;
    *state = now;
    if (now)
        begin_span(spans, at, record);
    else
        end_span(spans, at, record);
}

static void conclude(struct claim *c, sim_time at, uint32_t record)
{
    const struct expectation *e = c->said;
    bool holds = e->never.set ? c->holding > 0 : c->living > 0 && c->holding == c->living;
    if (e->exists.set && !e->exists.value)
        holds = c->living == 0;
    set_state(&c->holds, holds, &c->truth, at, record);
    set_state(&c->broken, !holds && (c->living > 0 || about_existence(e)), &c->broken_spans, at, record);
}

void claim_init(struct claim *c, const struct expectation *e, const struct run_trace *run, struct arena *a,
                struct arena *scratch)
{
    *c = (struct claim){.said = e, .kind = KIND_POD, .features = run->features, .arena = a, .scratch = scratch};
    compile(a, e->phase, &c->phase);
    compile(a, e->status, &c->status);
    compile(a, e->ready, &c->ready);
    compile(a, e->restarts, &c->restarts);
    pool_init(&c->members, a, sizeof(struct member));
    pool_init(&c->truth, a, sizeof(struct span));
    pool_init(&c->broken_spans, a, sizeof(struct span));
    conclude(c, 0, TRACE_ROOT);
}

/* ---- what holds of one version ---- */

static bool columns_hold(const struct claim *c, const struct pod *p)
{
    struct pod_columns now;
    char ready[24];
    printer_pod_columns(p, c->features, &now);
    snprintf(ready, sizeof ready, "%" PRIu32 "/%" PRIu32, now.ready, now.total);
    return (!c->status.text || comparison_holds(&c->status, c->scratch, now.status)) &&
           (!c->ready.text || comparison_holds(&c->ready, c->scratch, ready)) &&
           (!c->restarts.text || comparison_holds_int(&c->restarts, now.restarts));
}

static bool pod_holds(const struct claim *c, const struct pod *p)
{
    if (c->phase.text && !comparison_holds(&c->phase, c->scratch, p->status.phase))
        return false;
    return (!c->status.text && !c->ready.text && !c->restarts.text) || columns_hold(c, p);
}

/* ---- following the trace ---- */

static bool is_about(const struct claim *c, const struct api_object *o)
{
    const struct expectation *e = c->said;
    return o->kind == c->kind && text_is(o->meta.name, e->pod) &&
           text_is(o->meta.namespace_, e->namespace_ ? e->namespace_ : "default");
}

static struct member *member_of(struct claim *c, uint32_t ordinal)
{
    for (uint32_t i = c->members.count; i > 0; i--) {
        struct member *m = pool_at(&c->members, i - 1);
        if (m->ordinal == ordinal)
            return m;
    }
    return NULL;
}

static void drop_member(struct claim *c, struct member *m)
{
    if (!m || !m->version)
        return;
    c->living--;
    c->holding -= m->holds;
    m->version = NULL;
    m->holds = false;
}

static void look_at(struct claim *c, const struct api_object *o)
{
    struct member *m = member_of(c, o->ordinal);
    if (!m) {
        m = pool_at(&c->members, pool_add(&c->members));
        m->ordinal = o->ordinal;
    }
    c->living += !m->version;
    c->holding -= m->holds;
    m->version = o;
    m->holds = pod_holds(c, (const struct pod *)o);
    c->holding += m->holds;
    c->ever = true;
}

void claim_follow(struct claim *c, uint32_t index, const struct trace_record *r)
{
    const struct api_object *o = r->data;
    if (r->kind != TRACE_WRITE || !is_about(c, o))
        return;
    if (r->flags == WRITE_DELETE)
        drop_member(c, member_of(c, o->ordinal));
    else
        look_at(c, o);
    conclude(c, r->at, index);
}
