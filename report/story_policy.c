/* story_policy.c - PodDisruptionBudgets in the story: what they allow, and whom they keep from being evicted. */
#include "model/api_policy.h"
#include "report/private.h"
#include "report/story_private.h"

static const char *failure_of(const struct pdb *b)
{
    for (uint32_t i = 0; i < b->status.conditions.count; i++)
        if (text_same(b->status.conditions.items[i].reason, "SyncFailed"))
            return b->status.conditions.items[i].message;
    return NULL;
}

/* What may be evicted has changed; numbers that change nothing about that are not told. */
bool story_budget_written(struct story *s, const struct api_object *o)
{
    if (o->kind != KIND_PODDISRUPTIONBUDGET || !o->prev || s->view.record->component == COMP_USER)
        return false;
    const struct pdb *from = (const struct pdb *)o->prev, *to = (const struct pdb *)o;
    const char *failed = failure_of(to);
    struct strbuf b = STRBUF_INIT;
    if (failed && !text_same(failed, failure_of(from)))
        strbuf_printf(&b, "allows nothing: %s", failed);
    else if (!failed && from->status.disruptions_allowed != to->status.disruptions_allowed)
        strbuf_printf(&b, "allows %" PRId64 ": %" PRId64 " healthy, %" PRId64 " needed", to->status.disruptions_allowed,
                      to->status.current_healthy, to->status.desired_healthy);
    if (b.len)
        story_add_following(s, story_text(s, &b), to->status.disruptions_allowed ? TONE_PLAIN : TONE_BAD);
    else
        strbuf_fini(&b);
    return true;
}

/* kubectl drain says that the eviction was refused; here is why. */
void story_tell_eviction(struct story *s)
{
    const struct trace_record *r = s->view.record;
    story_add_caused(s, arena_printf(&s->view.arena, "not evicted: %s", r->text), TONE_BAD);
}
