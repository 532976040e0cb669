/* derive_lags.c - which exits fell between the list and the inspection of one relist.
 *
 * A relist lists all containers, then inspects the pods of which the list shows something new. What ends in between is
 * known to have ended, but the event that says so comes with the next relist. Both show: that it is known, by what
 * the next sync does about it (it starts the next instance or says BackOff); that it is said, by the removal of
 * the instance before it, or by another such sync a relist later, for no other reason.
 */
#include "tests/conformance/derive.h"

#define LAG_LONGEST (100 * SIM_MS)  /* from the list to the sync */
#define RELISTS     (1200 * SIM_MS) /* two of them are not farther apart */

static bool of_instance(const struct recorded_call *c, const char *call, const struct recorded_call *exit,
                        uint32_t attempt)
{
    return is(c->call, call) && is(c->pod, exit->pod) && is(c->container, exit->container) && c->attempt == attempt;
}

static bool says_back_off(const struct line *l, const struct recorded_call *exit)
{
    const char *field = l->event ? strstr(l->what, "ontainers{") : NULL;
    size_t n = strlen(exit->container);
    return field && strstr(l->what, " BackOff (") && is(l->object + 4, exit->pod) &&
           strncmp(field + 10, exit->container, n) == 0 && field[10 + n] == '}';
}

static sim_time next_back_off(const struct recording *r, const struct recorded_call *exit, sim_time after)
{
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (r->lines.items[i].t > after && says_back_off(&r->lines.items[i], exit))
            return r->lines.items[i].t;
    return SIM_NEVER;
}

/* When the sync came that knew of it; SIM_NEVER. */
static sim_time known(const struct recording *r, const struct recorded_call *exit)
{
    sim_time first = next_back_off(r, exit, exit->t);
    for (uint32_t i = 0; i < r->calls.count; i++)
        if (of_instance(&r->calls.items[i], "CreateContainer", exit, exit->attempt + 1) &&
            (first == SIM_NEVER || r->calls.items[i].t < first))
            first = r->calls.items[i].t;
    return first;
}

/* Whatever else may have brought a sync between the two. */
static bool something_else(const struct recording *r, const struct recorded_call *exit, sim_time from, sim_time until)
{
    for (uint32_t i = 0; i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        bool change = is(c->call, "exit") || is(c->call, "StartContainer") || is(c->call, "RunPodSandbox") ||
                      is(c->call, "StopContainer") || is(c->call, "ExecSync");
        if (change && c != exit && is(c->pod, exit->pod) && c->t + c->took > from && c->t < until)
            return true;
    }
    return false;
}

/* Of init containers each sync removes the dead itself: kuberuntime_manager.go pruneInitContainersBeforeStart. */
static bool is_init(const struct recording *r, const struct recorded_call *exit)
{
    for (uint32_t i = 0; i < r->lines.count; i++)
        if (strstr(r->lines.items[i].what, "initContainers{") && says_back_off(&r->lines.items[i], exit))
            return true;
    return false;
}

/* When the relist came that told of it; SIM_NEVER: nothing shows it. */
static sim_time told(const struct recording *r, const struct recorded_call *exit, sim_time known_at, sim_time tick)
{
    bool removes = exit->attempt > 0 && !is_init(r, exit);
    for (uint32_t i = 0; removes && i < r->calls.count; i++) {
        const struct recorded_call *c = &r->calls.items[i];
        if (of_instance(c, "RemoveContainer", exit, exit->attempt - 1) && c->t > exit->t)
            return c->t;
    }
    sim_time again = next_back_off(r, exit, known_at);
    if (again == SIM_NEVER)
        return SIM_NEVER;
    bool ticks = tick != SIM_NEVER && again - tick - sim_time_floor(again - tick, SIM_SECOND) < 60 * SIM_MS;
    if (again - known_at > RELISTS || ticks || something_else(r, exit, exit->t, again))
        return SIM_NEVER;
    return again;
}

bool fell_into_relist(const struct recording *r, const struct recorded_call *exit, sim_time tick)
{
    sim_time known_at = known(r, exit);
    if (known_at == SIM_NEVER || known_at - exit->t > LAG_LONGEST)
        return false;
    sim_time told_at = told(r, exit, known_at, tick);
    return told_at != SIM_NEVER && told_at - known_at > RELISTS / 2 && told_at - known_at < RELISTS;
}
