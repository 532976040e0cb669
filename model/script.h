/* script.h - a container's behaviour (behaviour.h) while it runs; private to the runtime.
 *
 *   script.c               which behaviour, its log lines, memory and CPU, answers of exec
 *   programs_behaviour.c   the program that stands in for the container's own
 */
#ifndef MODEL_SCRIPT_H
#define MODEL_SCRIPT_H

#include "model/process.h"

struct script_line {
    sim_time printed; /* the last one that is in the log, since the start; SIM_NEVER = none yet */
    uint64_t count;   /* of those */
    bool full;        /* the log had no room for the next */
};

struct script {
    struct behaviour say; /* of this run */
    struct behaviour_key key;
    struct script_line *lines; /* one per entry of say.log */
    bool owes;                 /* lines that come again and again: they are no events */
    bool endless;              /* some of them without `until`: while it runs, the run is not quiet */
    bool ended;
    struct memory_line cpu;
};

/* What is said about the container, before it starts; sets ct->script. True: it replaces the container's program. */
bool script_begin(struct cri *c, struct vcontainer *ct);
/* It runs. */
void script_started(struct cri *c, struct vcontainer *ct);
void script_end(struct cri *c, struct vcontainer *ct);

/* SCRIPT_TIMER: prints the lines that come once and are due. */
void script_fire(struct cri *c, struct vcontainer *ct);
/* Lines that are owed are in the logs. */
void script_settle(struct cri *c, struct vsandbox *s);
bool script_prints(const struct vcontainer *ct);

/* The answer to a command now, NULL = it is really run. *ret_lasts_until: how long it would be so. */
const struct behaviour_exec *script_exec(struct cri *c, const struct vcontainer *ct, const str_list *argv,
                                         sim_time *ret_lasts_until);

/* Does it hold now, t after the container's start? *lasts_until is lowered to how long that is sure, since the start.
 */
bool script_holds(struct cri *c, const struct vcontainer *ct, const struct behaviour_span *s, sim_time t,
                  sim_time *lasts_until);
bool script_condition(struct cri *c, const struct vcontainer *ct, const char *text);
/* Since the start of the container -> of the run. */
static inline sim_time script_time(const struct vcontainer *ct, sim_time t)
{
    return sim_time_add(ct->pub.started_at, t);
}

extern const struct program program_scripted, program_scripted_exec;

#endif
