/* expect_claim.c - when claims were true: each is looked at anew after every write of an object that it is about.
 *
 * One walk over the trace serves all claims. A claim of what happens collects points in time instead
 * (expect_happening.c).
 */
#include <string.h>

#include "report/expect_private.h"

/* ---- the walk ---- */

void walk_init(struct expect_walk *w, const struct run_trace *run, struct arena *a)
{
    *w = (struct expect_walk){.run = run, .arena = a, .next = TRACE_ROOT + 1};
    arena_init(&w->scratch, 0);
}

void walk_fini(struct expect_walk *w) { arena_fini(&w->scratch); }

const struct api_object *walk_version(const struct expect_walk *w, uint32_t ordinal)
{
    return ordinal < w->version_room ? w->versions[ordinal] : NULL;
}

static uint32_t roomier(uint32_t room, uint32_t index)
{
    for (room = room ? room : 64; room <= index;)
        room *= 2;
    return room;
}

static void note_version(struct expect_walk *w, const struct api_object *o)
{
    if (o->ordinal >= w->version_room) {
        uint32_t room = roomier(w->version_room, o->ordinal);
        const struct api_object **versions = arena_array(w->arena, const struct api_object *, room);
        if (w->version_room)
            memcpy(versions, w->versions, w->version_room * sizeof *versions);
        w->versions = versions;
        w->version_room = room;
    }
    w->versions[o->ordinal] = o;
}

/* ---- spans ---- */

static void set_state(bool *state, bool now, struct pool *spans, sim_time at, uint32_t record)
{
    if (now == *state)
        return;
    *state = now;
    if (now) {
        *(struct span *)pool_at(spans, pool_add(spans)) = (struct span){at, SPAN_OPEN, record, 0};
        return;
    }
    struct span *s = pool_at(spans, spans->count - 1);
    s->to = at;
    s->last = record;
}

static bool holds_now(const struct claim *c)
{
    const struct expectation *e = c->said;
    if (e->exists.set && !e->exists.value)
        return c->living == 0;
    if (c->count.text)
        return comparison_holds_int(&c->count, c->holding);
    return c->any ? c->holding > 0 : c->living > 0 && c->holding == c->living;
}

/* Of nothing nothing is broken, unless it is said that there is something. */
static void conclude(struct claim *c, sim_time at, uint32_t record)
{
    bool holds = holds_now(c), says_existence = c->said->exists.set || c->count.text;
    set_state(&c->holds, holds, &c->truth, at, record);
    set_state(&c->broken, !holds && (c->living > 0 || says_existence), &c->broken_spans, at, record);
}

void claim_init(struct claim *c, const struct expectation *e, struct expect_walk *w)
{
    const char *field, *suggestion;
    *c = (struct claim){.said = e, .walk = w, .any = e->never.set, .happens = expectation_happens(e)};
    const char *wrong = expectation_subject(w->arena, e, &c->subject, &field, &suggestion);
    ASSERT(!wrong); /* validation has seen it, and these */
    if ((e->count && comparison_parse(w->arena, e->count, &c->count)) ||
        (e->event && comparison_parse(w->arena, e->event, &c->event)) ||
        (e->message && comparison_parse(w->arena, e->message, &c->message)))
        ASSERT(false);
    w->wants_facts |= e->happens != NULL;
    pool_init(&c->members, w->arena, sizeof(struct member));
    pool_init(&c->slices, w->arena, sizeof(struct member));
    pool_init(&c->truth, w->arena, sizeof(struct span));
    pool_init(&c->broken_spans, w->arena, sizeof(struct span));
    pool_init(&c->happenings, w->arena, sizeof(struct happening));
    tests_make(c);
    if (!c->happens)
        conclude(c, 0, TRACE_ROOT);
}

/* ---- following the trace ---- */

static bool is_named(const struct claim *c, const struct api_object *o)
{
    return o->kind == c->subject.kind && expectation_names(&c->subject, o->meta.namespace_, o->meta.name);
}

static struct member *member_of(const struct claim *c, uint32_t ordinal)
{
    uint32_t slot = ordinal < c->slot_room ? c->slots[ordinal] : 0;
    return slot ? pool_at(&c->members, slot - 1) : NULL;
}

static struct member *new_member(struct claim *c, uint32_t ordinal)
{
    if (ordinal >= c->slot_room) {
        uint32_t room = roomier(c->slot_room, ordinal);
        uint32_t *slots = arena_array(c->walk->arena, uint32_t, room);
        if (c->slot_room)
            memcpy(slots, c->slots, c->slot_room * sizeof *slots);
        c->slots = slots;
        c->slot_room = room;
    }
    uint32_t index = pool_add(&c->members);
    c->slots[ordinal] = index + 1;
    struct member *m = pool_at(&c->members, index);
    m->ordinal = ordinal;
    return m;
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

static void look_at(struct claim *c, struct member *m)
{
    bool holds = true;
    for (uint32_t i = 0; i < c->tests.count && holds; i++)
        holds = test_holds(c, &c->tests.items[i], m->version);
    c->holding -= m->holds;
    m->holds = holds;
    c->holding += m->holds;
}

static void follow_object(struct claim *c, const struct api_object *o, bool deleted)
{
    struct member *m = member_of(c, o->ordinal);
    if (deleted || !selector_matches(&c->subject.select, &o->meta.labels)) {
        drop_member(c, m);
        return;
    }
    if (!m)
        m = new_member(c, o->ordinal);
    c->living += !m->version;
    m->version = o;
    c->ever = true;
    look_at(c, m);
}

/* A slice changes what is true of its Service. */
static void follow_slice(struct claim *c, const struct api_object *o, bool deleted)
{
    struct member *slice = NULL;
    for (uint32_t i = 0; i < c->slices.count && !slice; i++) {
        struct member *m = pool_at(&c->slices, i);
        slice = m->ordinal == o->ordinal ? m : NULL;
    }
    if (!slice) {
        slice = pool_at(&c->slices, pool_add(&c->slices));
        slice->ordinal = o->ordinal;
    }
    slice->version = deleted ? NULL : o;
    const char *service = str_map_get(&o->meta.labels, "kubernetes.io/service-name");
    for (uint32_t i = 0; i < c->members.count; i++) {
        struct member *m = pool_at(&c->members, i);
        if (m->version && text_is(m->version->meta.name, service) &&
            text_is(m->version->meta.namespace_, o->meta.namespace_))
            look_at(c, m);
    }
}

static void follow_write(struct claim *c, uint32_t index, const struct trace_record *r)
{
    const struct api_object *o = r->data;
    bool deleted = r->flags == WRITE_DELETE;
    if (is_named(c, o))
        follow_object(c, o, deleted);
    else if (c->said->endpoints && o->kind == KIND_ENDPOINTSLICE && text_is(o->meta.namespace_, c->subject.namespace_))
        follow_slice(c, o, deleted);
    else
        return;
    conclude(c, r->at, index);
}

/* Whether there ever was such an object matters to what happens, too. */
static void claim_follow(struct claim *c, uint32_t index, const struct trace_record *r)
{
    if (!c->happens) {
        if (r->kind == TRACE_WRITE)
            follow_write(c, index, r);
        return;
    }
    c->ever |= r->kind == TRACE_WRITE && is_named(c, r->data);
    happening_follow(c, index, r);
}

static void follow_facts(struct claim *claims, uint32_t count, struct expect_walk *w, uint32_t index)
{
    uint32_t before = w->facts.list.facts.count;
    fact_reader_follow(&w->facts, index);
    for (uint32_t f = before; f < w->facts.list.facts.count; f++)
        for (uint32_t i = 0; i < count; i++)
            if (claims[i].said->happens)
                happening_fact(&claims[i], fact_at(&w->facts.list, f));
}

void claims_step(struct claim *claims, uint32_t count, struct expect_walk *w)
{
    const struct trace_record *r = trace_at(w->run->trace, w->next);
    if (w->wants_facts && !w->facts.run)
        fact_reader_init(&w->facts, w->arena, w->run);
    arena_reset(&w->scratch);
    if (r->kind == TRACE_WRITE)
        note_version(w, r->data);
    for (uint32_t i = 0; i < count; i++)
        claim_follow(&claims[i], w->next, r);
    if (w->wants_facts)
        follow_facts(claims, count, w, w->next);
    w->next++;
}

void claims_follow(struct claim *claims, uint32_t count, struct expect_walk *w)
{
    while (w->next < trace_count(w->run->trace))
        claims_step(claims, count, w);
}
