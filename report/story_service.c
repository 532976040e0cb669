/* story_service.c - rows for Services and their endpoints. */
#include "report/story_private.h"

void story_service_created(struct story *s, const struct service *svc)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, "created");
    if (given(svc->spec.cluster_ip))
        strbuf_printf(&b, ", %s%s", strcmp(svc->spec.cluster_ip, "None") == 0 ? "headless" : "cluster IP ",
                      strcmp(svc->spec.cluster_ip, "None") == 0 ? "" : svc->spec.cluster_ip);
    if (svc->spec.ports.count) {
        strbuf_puts(&b, ", ");
        printer_service_ports(&b, svc);
    }
    struct story_row *row = story_add(s, view_object_name(&s->view, &svc->object), story_text(s, &b), TONE_PLAIN);
    row->why = story_why_created(s, &svc->object);
}

static bool is_true(struct opt_bool b) { return b.set && b.value; }

/* An endpoint without a `ready` condition counts as ready (discovery/v1). */
static bool takes_traffic(const struct endpoint *e) { return !e->conditions.ready.set || e->conditions.ready.value; }

static const struct endpoint *find_endpoint(const struct endpoint_slice *slice, const char *address)
{
    if (!slice)
        return NULL;
    for (uint32_t i = 0; i < slice->endpoints.count; i++) {
        const struct endpoint *e = &slice->endpoints.items[i];
        if (e->addresses.count && strcmp(e->addresses.items[0], address) == 0)
            return e;
    }
    return NULL;
}

/* Endpoints that take traffic, over all slices of the Service that `slice` belongs to: named ports that
 * differ from pod to pod make several. */
static uint32_t ready_endpoints(struct story *s, const struct endpoint_slice *slice)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->slices.count; i++) {
        const struct object_view *o = view_object(&s->view, *(const uint32_t *)pool_at(&s->slices, i));
        const struct endpoint_slice *other = (const struct endpoint_slice *)o->latest;
        if (o->gone || !text_same(printer_slice_service(other), printer_slice_service(slice)) ||
            !text_same(other->object.meta.namespace_, slice->object.meta.namespace_))
            continue;
        for (uint32_t k = 0; k < other->endpoints.count; k++)
            n += takes_traffic(&other->endpoints.items[k]);
    }
    return n;
}

static void put_address(struct strbuf *b, const struct endpoint_slice *slice, const struct endpoint *e)
{
    strbuf_puts(b, e->addresses.items[0]);
    if (slice->ports.count && slice->ports.items[0].port.set) {
        strbuf_putc(b, ':');
        strbuf_int(b, slice->ports.items[0].port.value);
    }
}

/* What became of an endpoint; `now` is NULL when it has left the slice. True if it took traffic and
 * does so no more. */
static bool endpoint_lost(struct strbuf *b, const struct endpoint_slice *slice, const struct endpoint *was,
                          const struct endpoint *now)
{
    bool stopped = takes_traffic(was) && !(now && takes_traffic(now));
    bool still_serving = now && is_true(now->conditions.serving);
    if (stopped) {
        story_part(b);
        strbuf_putc(b, '-');
        put_address(b, slice, was);
        if (still_serving && is_true(now->conditions.terminating))
            strbuf_puts(b, " (still serving)");
    } else if (is_true(was->conditions.terminating) && (!now || (is_true(was->conditions.serving) && !still_serving))) {
        story_part(b);
        put_address(b, slice, was);
        strbuf_puts(b, now ? " no longer serving" : " removed");
    }
    return stopped;
}

/* Who came and who went between two versions; either may be NULL. */
void story_endpoints_changed(struct story *s, const struct endpoint_slice *from, const struct endpoint_slice *to)
{
    struct strbuf b = STRBUF_INIT;
    bool lost = false, gained = false;
    for (uint32_t i = 0; from && i < from->endpoints.count; i++) {
        const struct endpoint *e = &from->endpoints.items[i];
        if (e->addresses.count)
            lost |= endpoint_lost(&b, from, e, find_endpoint(to, e->addresses.items[0]));
    }
    for (uint32_t i = 0; to && i < to->endpoints.count; i++) {
        const struct endpoint *e = &to->endpoints.items[i];
        if (!e->addresses.count || !takes_traffic(e))
            continue;
        const struct endpoint *before = find_endpoint(from, e->addresses.items[0]);
        if (before && takes_traffic(before))
            continue;
        story_part(&b);
        strbuf_putc(&b, '+');
        put_address(&b, to, e);
        gained = true;
    }
    if (b.len == 0) {
        strbuf_fini(&b);
        return;
    }
    uint32_t left = ready_endpoints(s, to ? to : from);
    if ((lost || gained) && left)
        strbuf_printf(&b, ", now %" PRIu32, left);
    else if (lost)
        strbuf_puts(&b, ", now none");
    story_add_caused(s, story_text(s, &b), lost ? TONE_WARN : gained ? TONE_GOOD : TONE_PLAIN);
}
