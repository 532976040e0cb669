/* A runtime that hangs from 30 s on, and answers again at different points of what waits for it: when does the node
 * say what, and when is the pod that exited meanwhile started again? Reference phases: checks at 5 k, relists at k,
 * the node's status at 10 k + 4, housekeeping at even k + 0.5. */
#include <stdio.h>

#include "tests/unit/cluster_world.h"

#define EXITS_AT_35 "  containers: [{name: c, image: 'busybox:1.36', command: [sh, -c, sleep 34.7; exit 1]}]\n"

static const char *put_time(struct arena *a, const char *text, sim_time t)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_seconds(&b, t, 1);
    text = arena_printf(a, "%s%s%s", text, *text ? " " : "", strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* When the kubelet changed its Ready condition; the message of each change that left it False. */
static const char *node_changes(struct world *w, const char **ret_messages)
{
    const char *text = "", *messages = "";
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct trace_record *r = trace_at(w->trace.trace, i);
        if (r->kind != TRACE_WRITE || ((const struct api_object *)r->data)->kind != KIND_NODE ||
            r->component != COMP_KUBELET)
            continue;
        const struct node *n = r->data;
        for (uint32_t k = 0; k < n->status.conditions.count; k++) {
            const struct node_condition *c = &n->status.conditions.items[k];
            if (!text_is(c->type, "Ready"))
                continue;
            text = put_time(&w->arena, text, r->at);
            if (text_is(c->status, "False"))
                messages = arena_printf(&w->arena, "%s%s%s", messages, *messages ? "; " : "", c->message);
        }
    }
    *ret_messages = messages;
    return text;
}

static const char *second_start(struct world *w)
{
    const char *text = "";
    uint32_t n = 0;
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct trace_record *r = trace_at(w->trace.trace, i);
        if (r->kind == TRACE_CONTAINER_STARTED && ++n == 2)
            text = put_time(&w->arena, text, r->at);
    }
    return text;
}

#define DOWN "container runtime is down"
#define LATE(ago)                                                                                                      \
    "[container runtime is down, PLEG is not healthy: pleg was last seen active " ago " ago; threshold is 3m0s]"

static void what_waits_goes_on_when_its_call_has_an_answer(void)
{
    static const struct {
        const char *name, *resume, *started, *node, *messages;
    } rows[] = {
        {"nothing expires: at once", "105s", "105.0", "", ""},
        {"just before the housekeeping expires", "149s", "149.0", "", ""},
        {"the loop looks at 150.6, 150.8, 151.2, 152.0; no relist is under way before that", "151.5s", "152.0", "", ""},
        {"the loop looks at 153.6", "152.5s", "153.6", "", ""},
        {"the runtime is checked at 160, the loop looks at 161.8, the status is computed at 164", "157s", "161.8",
         "154.0 164.0", DOWN},
        {"a check, a relist, a status are under way: only the loop sleeps", "170s", "171.8", "154.0 170.0", DOWN},
        {"one more status meanwhile: it waits for 120 s, every 130 s", "300s", "301.8", "154.0 284.0 300.0",
         DOWN "; " LATE("4m14s")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        char head[300];
        const char *messages;
        tap_row("%s", rows[i].name);
        snprintf(head, sizeof head,
                 "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  images: [{name: 'busybox:1.36', present: true}]\n"
                 "  actions: [{at: 30s, fault: runtime hang}, {at: %s, fault: runtime resume}]\n",
                 rows[i].resume);
        run(&w, head, EXITS_AT_35, "1.36", 310);
        CHECK_STR(second_start(&w), rows[i].started);
        CHECK_STR(node_changes(&w, &messages), rows[i].node);
        CHECK_STR(messages, rows[i].messages);
        end(&w);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {TAP_TEST(what_waits_goes_on_when_its_call_has_an_answer)};
    return tap_run(tests, ARRAY_LEN(tests));
}
