/* kubectl_job.c - lines that take simulated time: steps that look at the cluster until they are satisfied. */
#include <string.h>

#include "model/classes.h"
#include "model/kubectl_private.h"

enum { JOB_LOOK, JOB_DEADLINE }; /* indices of CLASS_ACTION */

static struct sim_timer *job_timer(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)local, (void)class;
    struct kubectl_job *j = ctx;
    return index == JOB_LOOK ? &j->look : &j->deadline;
}

static void finish(struct kubectl_job *j, const char *said)
{
    j->over = true;
    sim_cancel(j->run.sim, CLASS_ACTION, j->object, JOB_LOOK);
    sim_cancel(j->run.sim, CLASS_ACTION, j->object, JOB_DEADLINE);
    if (j->watching)
        store_unwatch(j->run.store, j->watch);
    cluster_action_done(j->run.cluster, j->run.record, j->run.code, said);
}

static void take_step(struct kubectl_job *j, const struct watch_event *event)
{
    struct strbuf out = STRBUF_INIT;
    if (j->over)
        return;
    j->run.out = &out;
    if (j->step(j, event))
        finish(j, strbuf_str(&out));
    else if (out.len)
        cluster_action_said(j->run.cluster, j->run.record, strbuf_str(&out));
    j->run.out = NULL;
    strbuf_fini(&out);
}

static void job_fire(void *ctx, uint32_t local, uint32_t class, uint32_t index)
{
    (void)local, (void)class;
    struct kubectl_job *j = ctx;
    j->timed_out = j->timed_out || index == JOB_DEADLINE;
    take_step(j, NULL);
}

static void job_watch(void *ctx, const struct watch_event *event) { take_step(ctx, event); }

void kubectl_job_at(struct kubectl_job *j, sim_time at) { sim_arm(j->run.sim, at, CLASS_ACTION, j->object, JOB_LOOK); }

void kubectl_run_on(struct kubectl_run *r, uint32_t kinds, kubectl_step *step, void *data)
{
    struct kubectl_job *j = arena_new(r->arena, struct kubectl_job);
    *j = (struct kubectl_job){.run = *r, .step = step, .data = data};
    uint32_t handler = sim_handler_add(r->sim, &(struct sim_handler){"kubectl", j, job_timer, job_fire});
    j->object = sim_object_new(r->sim, handler, 0);
    if (step(j, NULL)) {
        r->code = j->run.code;
        sim_cancel(r->sim, CLASS_ACTION, j->object, JOB_LOOK);
        return;
    }
    j->run.out = NULL;
    if (kinds) {
        j->watch = store_watch(r->store, kinds, NULL, job_watch, j);
        j->watching = true;
    }
    if (r->command->timeout != SIM_NEVER)
        sim_arm(r->sim, sim_time_add(sim_now(r->sim), r->command->timeout), CLASS_ACTION, j->object, JOB_DEADLINE);
    r->code = KUBECTL_RUNS_ON;
}
